fn f(a: &A) -> bool {
    // bad
    a.width == a.width
}
