//! The sweep over system calls: each program is killed with SIGKILL at each
//! occurrence of each system call it makes, and the convoy still comes to its
//! end (P10). strace injects the kill, and must itself report that death.
//!
//! By default a sample (`sample.rs`).

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use convoy_tests::victim::{self, Victim};
use convoy_tests::{programs, sample, trace};

/// Kill points looked at of each program when not all are.
const SAMPLE: usize = 24;
/// Sweeps of this test.
const SWEEPS: u32 = 9;

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
    if !trace::may_trace() {
        programs::skipped(&format!(
            "the sweep over system calls of {victim:?}: strace is missing, or this machine forbids ptrace"
        ));
        return;
    }
    let all: Vec<(String, usize)> = count(victim)
        .into_iter()
        .flat_map(|(call, n)| (1..=n).map(move |when| (call.clone(), when)))
        .collect();
    assert!(all.len() > 50, "{victim:?} makes system calls: {}", all.len());
    let count = all.len();
    let (points, until) = sample::of(all, SAMPLE, SWEEPS);
    let (next, done, died) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while until.is_none_or(|until| Instant::now() < until)
                    && let Some((call, when)) = points.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    done.fetch_add(1, Ordering::Relaxed);
                    match std::panic::catch_unwind(|| survives(victim, call, *when)) {
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
    println!("{victim:?}: {done} of {count} kill points, {died} died of the kill");
    assert!(failed.is_empty(), "{victim:?} killed at {failed:?}");
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
