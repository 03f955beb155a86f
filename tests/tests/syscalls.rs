//! The sweep over system calls: each program is killed with SIGKILL at each
//! occurrence of each system call it makes, and the convoy still comes to its
//! end (P10). strace injects the kill, and must itself report that death.
//!
//! By default a sample; `CONVOY_FULL=1` walks through all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::{ledger, programs, wait};
use shared::ids::ConvoyId;
use shared::state::ConvoyStatus;

/// Kill points looked at of each program when not all are.
const SAMPLE: usize = 24;

/// Which program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Start,
    Watch,
    Agent,
    Stop,
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("a", &["review:a"]);
    sandbox.agent("sum", &["report"]);
    sandbox.agent("hang", &["hang"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\"], \"report\": \"synthesis\"",
        ],
        "",
    );
    sandbox.template("h", &["\"role\": \"hang\", \"subagent\": \"hang\""], "");
    sandbox
}

/// strace in front of a program, with these of its own arguments.
fn traced(sandbox: &Sandbox, options: &[&str], program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("strace");
    sandbox.surround(&mut command);
    command.args(["-qq", "-o"]).arg(sandbox.path("trace")).args(options).arg(programs::dir().join(program));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// An unclaimed attempt of role `a`, for a supervisor of our own to claim.
fn unclaimed(sandbox: &Sandbox) -> (ConvoyId, [String; 8]) {
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.ok("convoy-watch", &[id.as_str()]);
    // The next attempt is intended and nobody launches it.
    let mut store = shared::store::Store::new(sandbox.dir_of(&id));
    let mut held = store.hold().unwrap();
    let now = shared::now::Clock::open().unwrap().now().unwrap();
    let roles = held.state().unwrap().agents.iter().map(|agent| agent.role.clone()).collect();
    let mut state = shared::reopen::reopen(held.state().unwrap(), &roles, &now);
    let agent = &mut state.agents[0];
    agent.attempt += 1;
    agent.status = shared::state::AgentStatus::Running;
    agent.stage = Some(shared::state::Stage::Launched);
    agent.intent = Some(now.moment.clone());
    let attempt = agent.attempt.to_string();
    held.replace(state, now.wall).unwrap();
    let root = sandbox.home().root().to_str().unwrap().to_owned();
    let words = ["--home", &root, "--convoy", id.as_str(), "--role", "a", "--attempt", &attempt];
    (id.clone(), words.map(str::to_owned))
}

/// Runs the victim's part of a convoy's life under strace. The convoy, if it
/// had begun before, and whether strace died of the kill.
fn run_victim(sandbox: &Sandbox, victim: Victim, options: &[&str]) -> (Option<ConvoyId>, bool) {
    let killed = |mut command: Command| {
        use std::os::unix::process::ExitStatusExt;
        command.status().unwrap().signal() == Some(9)
    };
    match victim {
        Victim::Start => (None, killed(traced(sandbox, options, "convoy-start", &["t", "--watch", "none"]))),
        Victim::Watch => {
            let id = sandbox.start("t", &["--watch", "none"]);
            let died = killed(traced(sandbox, options, "convoy-watch", &[id.as_str()]));
            (Some(id), died)
        }
        Victim::Agent => {
            let (id, words) = unclaimed(sandbox);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let died = killed(traced(sandbox, options, "convoy-agent", &words));
            (Some(id), died)
        }
        Victim::Stop => {
            let id = sandbox.start("h", &["--watch", "none"]);
            sandbox.until_started(1);
            let died =
                killed(traced(sandbox, options, "convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"]));
            (Some(id), died)
        }
    }
}

/// Every system call the victim makes in an undisturbed run: name and how often.
fn count(victim: Victim) -> BTreeMap<String, usize> {
    let sandbox = sandbox();
    run_victim(&sandbox, victim, &[]);
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(sandbox.path("trace")).unwrap().lines() {
        if let Some((name, _)) = line.split_once('(')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Killed there, then taken up: the same end, nothing twice.
fn survives(victim: Victim, call: &str, when: usize) -> bool {
    let sandbox = sandbox();
    let inject = format!("inject={call}:signal=KILL:when={when}");
    let (id, died) = run_victim(&sandbox, victim, &["-e", &inject]);
    let ids = id.map_or_else(|| shared::catalog::all_ids(&sandbox.home()).unwrap(), |id| vec![id]);
    assert!(ids.len() <= 1, "{ids:?}");
    for id in &ids {
        let state = sandbox.state(id);
        if victim == Victim::Stop && state.stopping.is_none() && !state.ended() {
            // Killed before it said so, a stop is no stop: asked again.
            sandbox.ok("convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"]);
        }
        wait::until(
            &format!("{victim:?} killed at {call} {when} is made good"),
            || format!("{:?}", sandbox.state(id)),
            || {
                sandbox.ok("convoy-watch", &["--all", "--once"]);
                sandbox.state(id).ended().then_some(())
            },
        );
        let state = sandbox.state(id);
        let wanted = match victim {
            Victim::Stop => ConvoyStatus::Failed,
            Victim::Start | Victim::Watch | Victim::Agent => ConvoyStatus::Completed,
        };
        assert_eq!(state.status, wanted, "{victim:?} killed at {call} {when}: {state:?}");
        for report in state.agents.iter().filter_map(|agent| agent.output_file.as_ref()) {
            assert!(report.as_path().is_file(), "{report:?}");
        }
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "{victim:?} killed at {call} {when}");
    died
}

fn sweep(victim: Victim) {
    if !may_trace() {
        println!(
            "skipped: the sweep over system calls of {victim:?}: strace is missing, or this machine forbids ptrace"
        );
        return;
    }
    let all: Vec<(String, usize)> = count(victim)
        .into_iter()
        .flat_map(|(call, n)| (1..=n).map(move |when| (call.clone(), when)))
        .collect();
    assert!(all.len() > 50, "{victim:?} makes system calls: {}", all.len());
    let step = if programs::full() { 1 } else { (all.len() / SAMPLE).max(1) };
    // Another part of all points in each program, none always left out.
    let points: Vec<_> = all.iter().skip(step / 2).step_by(step).collect();
    let (next, died) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((call, when)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
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
    let died = died.into_inner();
    println!("{victim:?}: {} of {} kill points, {died} died of the kill", points.len(), all.len());
    assert!(failed.is_empty(), "{victim:?} killed at {failed:?}");
    // How often a call is made varies a little from run to run; most must hit.
    assert!(died * 2 > points.len(), "{died} of {} kills hit", points.len());
}

/// Is there a strace, and may it trace?
fn may_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().is_ok_and(|status| status.success()) && Path::new("/proc/self/exe").exists()
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
fn agent_at_every_system_call() {
    sweep(Victim::Agent);
}

#[test]
fn stop_at_every_system_call() {
    sweep(Victim::Stop);
}
