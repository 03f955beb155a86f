fn f(x: bool) -> u8 {
    if x { work(1) } else { work(2) }
}
