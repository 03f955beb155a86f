fn f(x: u8) -> u8 {
    if x == 1 {
        1
        // bad
    } else if x == 1 {
        2
    } else {
        3
    }
}
