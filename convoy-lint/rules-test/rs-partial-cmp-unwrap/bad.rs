fn f(values: &mut [f64]) {
    // bad
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
}
