fn f(x: bool) -> u8 {
    // bad
    if x { work(1) } else { work(1) }
}
