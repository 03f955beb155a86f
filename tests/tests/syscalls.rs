//! The sweep over system calls: each program is killed with SIGKILL at each
//! occurrence of each system call it makes, and the convoy still comes to its
//! end (P10). strace injects the kill, and must itself report that death.
//!
//! By default a sample (`sample.rs`).

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use convoy_tests::fixing::{CLEAN, Stage, mends};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::victim::{self, Victim};
use convoy_tests::{programs, sample, trace, wait};
use serde_json::Value;

/// Kill points looked at of each program when not all are; of rounds, which take longer.
const SAMPLE: usize = 24;
const SAMPLE_OF_ROUNDS: usize = 12;
/// Sweeps of this test.
const SWEEPS: u32 = 12;

/// Every system call the victim makes in an undisturbed run: name and how often.
fn count(victim: Victim) -> BTreeMap<String, usize> {
    let sandbox = victim::sandbox();
    let part = victim::part(&sandbox, victim);
    quietly(&mut trace::traced(&sandbox, &[], part.program, &part.arguments));
    let mut counts = BTreeMap::new();
    for call in trace::calls(&sandbox) {
        *counts.entry(call.name).or_default() += 1;
    }
    counts
}

fn quietly(command: &mut Command) -> ExitStatus {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// Killed there, then taken up: the same end, nothing twice. Did the kill hit?
fn survives(victim: Victim, call: &str, when: usize) -> bool {
    let sandbox = victim::sandbox();
    let part = victim::part(&sandbox, victim);
    let inject = format!("inject={call}:signal=KILL:when={when}");
    let status = quietly(&mut trace::traced(&sandbox, &["-e", &inject], part.program, &part.arguments));
    victim::assert_made_good(&sandbox, victim, part.id.as_ref(), &format!("killed at {call} {when}"));
    status.signal() == Some(9)
}

fn sweep(victim: Victim) {
    let points = || {
        let all = count(victim).into_iter();
        all.flat_map(|(call, n)| (1..=n).map(move |when| (call.clone(), when))).collect()
    };
    sweep_over(&format!("{victim:?}"), SAMPLE, points, |call, when| survives(victim, call, when));
}

/// Goes through kill points: the n-th call of this name.
fn sweep_over(
    victim: &str,
    small: usize,
    points: impl FnOnce() -> Vec<(String, usize)>,
    survives: impl Fn(&str, usize) -> bool + Sync,
) {
    if !trace::may_trace() {
        programs::skipped(&format!(
            "the sweep over system calls of {victim}: strace is missing, or this machine forbids ptrace"
        ));
        return;
    }
    let all = points();
    assert!(all.len() > 50, "{victim} makes system calls: {}", all.len());
    let count = all.len();
    let (points, until) = sample::of(all, small, SWEEPS);
    let (next, done, died) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while until.is_none_or(|until| Instant::now() < until)
                    && let Some((call, when)) = points.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    done.fetch_add(1, Ordering::Relaxed);
                    match catch_unwind(AssertUnwindSafe(|| survives(call, *when))) {
                        Ok(killed) => {
                            died.fetch_add(usize::from(killed), Ordering::Relaxed);
                        }
                        Err(_) => failed.lock().unwrap().push(format!("{call} {when}")),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let (done, died) = (done.into_inner(), died.into_inner());
    println!("{victim}: {done} of {count} kill points, {died} died of the kill");
    assert!(failed.is_empty(), "{victim} killed at {failed:?}");
    // How often a call is made varies a little from run to run; most must hit.
    assert!(died * 2 > done, "{died} of {done} kills hit");
}

#[test]
fn start_at_every_system_call() {
    sweep(Victim::Start);
}

#[test]
fn watch_at_every_system_call() {
    sweep(Victim::Watch);
}

#[test]
fn staged_at_every_system_call() {
    sweep(Victim::Staged);
}

#[test]
fn looked_at_at_every_system_call() {
    sweep(Victim::LookedAt);
}

#[test]
fn verifier_at_every_system_call() {
    sweep(Victim::Verifier);
}

#[test]
fn waking_at_every_system_call() {
    sweep(Victim::Waking);
}

#[test]
fn parked_at_every_system_call() {
    sweep(Victim::Parked);
}

#[test]
fn stop_with_one_parked_at_every_system_call() {
    sweep(Victim::StopParked);
}

#[test]
fn agent_at_every_system_call() {
    sweep(Victim::Agent);
}

#[test]
fn stop_at_every_system_call() {
    sweep(Victim::Stop);
}

#[test]
fn notify_at_every_system_call() {
    sweep(Victim::Notify);
}

/// A branch of rounds that somebody else has.
const OTHER: &str = "convoy/aaaaaa/fix";

/// Two rounds, the first of which finds what the command mends.
struct Fixing<'s> {
    stage: Stage<'s>,
    before: BTreeMap<PathBuf, Vec<u8>>,
    words: Vec<String>,
}

impl<'s> Fixing<'s> {
    fn new(sandbox: &'s Sandbox) -> Self {
        let stage = Stage::new(sandbox);
        stage.project.git(&["branch", OTHER, "main"]);
        let command = stage.command(&mends()).to_string_lossy().into_owned();
        let words = ["--runner", "builtin", "--json", "--rounds", "2", "--fix-with", &command];
        Fixing { before: stage.hashes(), words: words.map(str::to_owned).into(), stage }
    }

    fn traced(&self, options: &[&str]) -> ExitStatus {
        quietly(&mut trace::traced(self.stage.sandbox, options, "convoy-review", &self.words))
    }

    /// What runs goes on to its end, whoever had started it.
    fn come_to_rest(&self, what: &str) {
        let sandbox = self.stage.sandbox;
        let picture = || format!("{:?}", sandbox.described_processes());
        wait::until(&format!("all has ended, {what}"), picture, || {
            sandbox.ok("convoy-watch", &["--all", "--once"]);
            let ids = protocol::convoys::all_ids(&sandbox.home()).unwrap();
            let ended = ids.iter().all(|id| sandbox.state(id).ended());
            (ended && sandbox.processes().is_empty()).then_some(())
        });
    }

    /// Nothing is touched that is not of these rounds.
    fn is_untouched(&self, what: &str) {
        self.stage.is_untouched(&self.before, what);
        let project = &self.stage.project;
        assert_eq!(project.read(&["rev-parse", OTHER]), project.read(&["rev-parse", "main"]), "{what}");
    }

    /// Is the defect mended in this commit?
    fn is_mended(&self, commit: &str) -> bool {
        format!("{}\n", self.stage.project.read(&["show", &format!("{commit}:src/bad.py")])) == CLEAN
    }

    /// What rounds left says what is so; whether they came to their end.
    fn is_true(&self, what: &str) -> Option<Value> {
        let all = std::fs::read_dir(self.stage.sandbox.home().rounds()).into_iter().flatten();
        let all: Vec<PathBuf> = all.map(|entry| entry.unwrap().path().join("rounds.json")).collect();
        let file = all.into_iter().find(|file| file.exists())?;
        let record: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let rounds = record["rounds"].as_array().unwrap();
        for round in rounds {
            let clean = round["reviewResult"] == "APPROVED";
            assert_eq!(self.is_mended(round["commit"].as_str().unwrap()), clean, "{what}: {record:#}");
        }
        let last = rounds.last().unwrap();
        assert_eq!(last["commit"], record["reviewed"], "{what}: {record:#}");
        let passes = record["stopped"] == "the gate passes";
        assert!(!passes || last["reviewResult"] == "APPROVED", "{what}: {record:#}");
        let (from, branch) = (record["from"].as_str().unwrap(), record["branch"].as_str().unwrap());
        if self.stage.branches().iter().any(|name| name == branch) {
            self.stage.project.git(&["merge-base", "--is-ancestor", from, branch]);
        }
        Some(record)
    }

    /// The same again comes to its end, and tells what the ones before have left.
    fn again(&self, left: Option<&Value>, what: &str) {
        let project = &self.stage.project;
        let tip = |branch: &str| project.try_git(&["rev-parse", "--verify", "--quiet", branch]).stdout;
        let old = left.map(|record| record["branch"].as_str().unwrap().to_owned());
        let before = old.as_deref().map(tip);
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let out = project.run("convoy-review", &words);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{what}: {}", shown(&out));
        let came: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(came["reviewResult"], "APPROVED", "{what}");
        assert!(self.is_mended(came["rounds"]["branch"].as_str().unwrap()), "{what}: {came:#}");
        if let (Some(record), Some(old), Some(before)) = (left, old, before) {
            let is_open = record["stopped"].is_null();
            let words = "did not come to their end";
            assert_eq!(told.contains(words), is_open, "{what}: {record:#}{told}");
            // What was committed stays, and is told; a branch without a commit of its own goes.
            let (from, now) = (record["from"].as_str().unwrap(), tip(&old));
            if !before.is_empty() && before.trim_ascii_end() != from.as_bytes() {
                assert_eq!(now, before, "{what}");
                assert!(!is_open || told.contains(&old), "{what}: {told}");
            }
        }
        for tree in project.worktrees() {
            assert!(told.contains(&tree), "{what}: {tree} is left and not told of: {told}");
        }
    }
}

/// Calls by which something changes, or a program is started or has ended.
fn changes(call: &trace::Call) -> bool {
    const CHANGING: [&str; 13] = [
        "write",
        "rename",
        "mkdir",
        "unlink",
        "unlinkat",
        "linkat",
        "fsync",
        "flock",
        "ftruncate",
        "clone3",
        "wait4",
        "kill",
        "fchmod",
    ];
    CHANGING.contains(&call.name.as_str()) || call.line.contains("O_CREAT")
}

/// Rounds whose driver is killed wherever anything may have changed.
#[test]
fn rounds_at_every_system_call_that_changes_anything() {
    let points = || {
        let sandbox = Sandbox::new(Launcher::Process);
        let fixing = Fixing::new(&sandbox);
        fixing.traced(&[]);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let number = |call: trace::Call| {
            let count = counts.entry(call.name.clone()).or_default();
            *count += 1;
            changes(&call).then_some((call.name, *count))
        };
        trace::calls(&sandbox).into_iter().filter_map(number).collect()
    };
    sweep_over("Rounds", SAMPLE_OF_ROUNDS, points, |call, when| {
        let sandbox = Sandbox::new(Launcher::Process);
        let fixing = Fixing::new(&sandbox);
        let what = format!("killed at {call} {when}");
        let status = fixing.traced(&["-e", &format!("inject={call}:signal=KILL:when={when}")]);
        fixing.come_to_rest(&what);
        fixing.is_untouched(&what);
        let left = fixing.is_true(&what);
        fixing.again(left.as_ref(), &what);
        fixing.is_untouched(&what);
        status.signal() == Some(9)
    });
}
