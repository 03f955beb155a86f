fn f(x: u8) -> u8 {
    if x == 1 {
        1
    } else if x == 2 {
        2
    } else if next() {
        3
    } else if next() {
        4
    } else {
        5
    }
}
