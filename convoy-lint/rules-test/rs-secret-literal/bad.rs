// bad
const KEY: &str = "AKIAIOSFODNN7EXAMPLF";
