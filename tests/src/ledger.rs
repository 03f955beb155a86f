//! What agents did, in their own hand: `fake-agent` appends a line to the
//! ledger at each start. So "no command ran twice for one attempt" is proved by
//! what ran, not by what the programs say ran.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One start of an agent's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub convoy: String,
    pub role: String,
    pub attempt: u32,
    pub pid: i32,
}

/// Where an agent notes that an earlier attempt of its role still ran when it started.
pub fn overlaps(ledger: &Path) -> PathBuf {
    ledger.with_extension("overlaps")
}

/// All starts, in order.
pub fn read(path: &Path) -> Vec<Start> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let parse = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [convoy, role, attempt, pid] = words.as_slice() else {
            panic!("a torn line in the ledger: {line:?}")
        };
        Start {
            convoy: (*convoy).to_owned(),
            role: (*role).to_owned(),
            attempt: attempt.parse().expect("an attempt"),
            pid: pid.parse().expect("a pid"),
        }
    };
    text.lines().map(parse).collect()
}

/// Panics if any attempt's command was started more than once.
pub fn assert_no_attempt_twice(path: &Path) {
    let mut starts: BTreeMap<(String, String, u32), Vec<i32>> = BTreeMap::new();
    for start in read(path) {
        starts.entry((start.convoy, start.role, start.attempt)).or_default().push(start.pid);
    }
    let twice: Vec<_> = starts.into_iter().filter(|(_, pids)| pids.len() > 1).collect();
    assert!(twice.is_empty(), "commands that ran twice for one attempt: {twice:?}");
}
