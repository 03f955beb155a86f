fn make(seed: u64) {
    let sample: u64 = StdRng::seed_from_u64(42).gen();
    let token: u64 = StdRng::seed_from_u64(seed).gen();
}
