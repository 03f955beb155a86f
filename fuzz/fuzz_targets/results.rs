#![no_main]

#[path = "../../tests/tests/any_bytes/readers.rs"]
#[expect(dead_code, reason = "each target drives one of them")]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::results(bytes));
