fn f(n: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(n);
    fill(&mut data);
    unsafe { data.set_len(n) };
    let mut small = SmallVec::with_capacity(n);
    unsafe { small.set_len(n) };
    data
}
