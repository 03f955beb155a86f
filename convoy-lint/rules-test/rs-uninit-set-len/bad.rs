fn f(n: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(n);
    // bad
    unsafe { data.set_len(n) };
    data
}
