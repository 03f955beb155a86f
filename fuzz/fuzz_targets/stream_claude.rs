#![no_main]

#[path = "../../tests/tests/any_bytes/readers.rs"]
#[allow(dead_code)]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::stream(protocol::plan::Stream::ClaudeStreamJson, bytes));
