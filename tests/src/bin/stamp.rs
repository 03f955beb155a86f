//! The agent of the benchmarks: notes when its first instruction ran and when
//! it was about to end, and leaves a report. `stamp FILE [MILLISECONDS [ORDER]]`; by an
//! order its report is a review with a finding (`review`), or it fails (`fail`), also only
//! at its first attempt (`fail-first`).

use std::fs::OpenOptions;
use std::io::Write;
use std::process::ExitCode;

use nix::time::{ClockId, clock_gettime};

fn now_ns() -> i64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("the monotonic clock");
    time.tv_sec() * 1_000_000_000 + time.tv_nsec()
}

const REVIEW: &str = "### 1. [src/a.ts:4] It is wrong\n**Severity:** high\n**Confidence:** 90\n**Problem:** The value is never checked.\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n";

fn main() -> ExitCode {
    let begun = now_ns();
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().expect("usage: stamp FILE [MILLISECONDS]");
    let pause = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(0);
    let order = arguments.next().unwrap_or_default();
    let fails =
        order == "fail" || order == "fail-first" && environment("CONVOY_ATTEMPT").is_some_and(|n| n == "1");
    if let Some(output) = environment("CONVOY_OUTPUT_FILE") {
        let report = if order == "review" { REVIEW } else { "# Done\n" };
        std::fs::write(output, report).expect("write the report");
    }
    if pause > 0 {
        // Sleeping is the work of this agent.
        base::poll::wait_readable(&[], Some(std::time::Duration::from_millis(pause)));
    }
    let role = environment("PANOPTICON_CONVOY_ROLE").unwrap_or_default().to_string_lossy().into_owned();
    let mut log = OpenOptions::new().append(true).create(true).open(file).expect("open the ledger");
    log.write_all(format!("{role} {begun} {}\n", now_ns()).as_bytes()).expect("write the ledger");
    if fails { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

#[expect(clippy::disallowed_methods, reason = "a test program, given its orders in the environment")]
fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
