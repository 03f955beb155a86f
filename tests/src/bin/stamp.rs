//! The agent of the benchmarks: notes when its first instruction ran and when
//! it was about to end, and leaves a report. `stamp FILE [MILLISECONDS]`.

use std::fs::OpenOptions;
use std::io::Write;

use nix::time::{ClockId, clock_gettime};

fn now_ns() -> i64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("the monotonic clock");
    time.tv_sec() * 1_000_000_000 + time.tv_nsec()
}

fn main() {
    let begun = now_ns();
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().expect("usage: stamp FILE [MILLISECONDS]");
    if let Some(output) = environment("CONVOY_OUTPUT_FILE") {
        std::fs::write(output, "# Done\n").expect("write the report");
    }
    if let Some(pause) = arguments.next().and_then(|text| text.to_str()?.parse().ok()) {
        let pause = std::time::Duration::from_millis(pause);
        // Sleeping is the work of this agent.
        base::poll::wait_readable(&[], Some(pause));
    }
    let role = environment("PANOPTICON_CONVOY_ROLE").unwrap_or_default().to_string_lossy().into_owned();
    let mut log = OpenOptions::new().append(true).create(true).open(file).expect("open the ledger");
    log.write_all(format!("{role} {begun} {}\n", now_ns()).as_bytes()).expect("write the ledger");
}

#[expect(clippy::disallowed_methods, reason = "a test program, given its orders in the environment")]
fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
