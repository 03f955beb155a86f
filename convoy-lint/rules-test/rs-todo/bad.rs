fn f() {
    // bad
    todo!("later")
}
