fn f(a: &A, b: &A) -> bool {
    a.width == b.width && a.x != a.x
}
