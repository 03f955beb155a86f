fn f(values: &mut [f64]) {
    values.sort_by(|a, b| a.total_cmp(b));
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Equal));
}
