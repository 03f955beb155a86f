fn make() {
    // bad
    let token: u64 = StdRng::seed_from_u64(42).gen();
}
