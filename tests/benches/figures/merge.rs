//! `convoy-merge` on many findings and on much text: the ratios tell whether time
//! grows with the size, whatever the machine.

use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;
use std::time::Instant;

use crate::bench::{Bench, ms, report};

const WORDS: &[&str] = &[
    "lock", "parse", "queue", "token", "session", "cache", "buffer", "index", "socket", "thread", "config",
    "user", "order", "price", "file", "path", "header", "body", "retry", "timeout", "pool", "batch",
    "cursor", "schema",
];

/// The same numbers on every machine (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}

/// A review in the documented format.
fn review(findings: usize) -> String {
    let mut numbers = Numbers(7);
    let mut text = "# Security Review\n\n".to_string();
    for n in 1..=findings {
        let (file, line) = (numbers.below(findings / 10 + 1), 1 + numbers.below(900));
        let severity = ["critical", "high", "medium", "low"][numbers.below(4)];
        let (title, name, problem) =
            (numbers.words(6), numbers.words(2).replace(' ', "_"), numbers.words(25));
        let _ = writeln!(
            text,
            "### {n}. [src/m{file}.rs:{line}] {title}\n**Severity:** {severity}\n**Problem:** `{name}` {problem}.\n"
        );
    }
    let _ = writeln!(text, "**Total:** {findings} findings");
    text
}

/// Prose, lists and code without findings.
fn prose(bytes: usize) -> String {
    let mut numbers = Numbers(11);
    let mut text = "# Notes on the code\n\n".to_string();
    while text.len() < bytes {
        let _ = writeln!(
            text,
            "## {}\n\n{}.\n\n- {}\n- `{}`: {}\n\n```\n# {}\n```\n",
            numbers.words(3),
            numbers.words(60),
            numbers.words(8),
            numbers.words(1),
            numbers.words(12),
            numbers.words(5)
        );
    }
    text
}

pub(crate) fn merge() {
    let bench = Bench::new();
    let write = |name: &str, text: &str| fs::write(bench.path(name), text).expect("write a review");
    write("small.md", &review(10_000));
    write("large.md", &review(100_000));
    write("small.txt", &prose(2_000_000));
    write("large.txt", &prose(20_000_000));
    let run = |name: &str| {
        let begun = Instant::now();
        let mut merge = bench.command("convoy-merge");
        merge.arg(bench.path(name)).args(["--format", "json"]).stdout(Stdio::null());
        assert!(merge.status().expect("convoy-merge").success());
        ms(begun.elapsed())
    };
    let sort = |name: &str| {
        let begun = Instant::now();
        let mut sort = std::process::Command::new("sort");
        assert!(sort.arg(bench.path(name)).stdout(Stdio::null()).status().expect("sort").success());
        ms(begun.elapsed())
    };
    run("small.md");
    let memory = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
        .map_or(0, |usage| usage.max_rss() / 1024);
    let (mut small, mut large, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        floor.push(sort("small.md"));
        small.push(run("small.md"));
        large.push(run("large.md"));
    }
    report("merge: 10,000 findings against sort(1)", &small, &floor, "<= 2 s");
    report("merge: 100,000 findings against 10,000", &large, &small, "<= 15");
    println!("merge: most memory of 10,000 findings: {memory} MB, goal <= 300 MB");
    let (text, more) = (vec![run("small.txt")], vec![run("large.txt")]);
    report("merge: 20 MB of Markdown against 2 MB", &more, &text, "<= 15");
}
