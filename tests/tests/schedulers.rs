//! Any number of schedulers on one convoy (P4, P6).

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, wait};
use shared::state::ConvoyStatus;

fn fan(sandbox: &Sandbox, count: usize) {
    sandbox.agent("one", &["sleep:5", "report"]);
    let mut agents: Vec<String> =
        (0..count).map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\"")).collect();
    let all: Vec<String> = (0..count).map(|n| format!("\"a{n}\"")).collect();
    agents.push(format!("\"role\": \"last\", \"subagent\": \"one\", \"dependsOn\": [{}]", all.join(", ")));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 3");
}

#[test]
fn ten_watchers_are_as_good_as_one() {
    for launcher in [Launcher::Process, Launcher::Tmux] {
        let sandbox = Sandbox::new(launcher);
        fan(&sandbox, 12);
        let id = sandbox.start("t", &["--watch", "none"]);
        let mut watchers: Vec<_> =
            (0..10).map(|_| sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap()).collect();
        // Some of them in the same moment on the same state, without any lock of theirs.
        for _ in 0..5 {
            sandbox.ok("convoy-watch", &["--once", id.as_str()]);
        }
        for watcher in &mut watchers {
            assert!(watcher.wait().unwrap().success());
        }
        assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
        ledger::assert_no_attempt_twice(&sandbox.ledger());
        assert_eq!(ledger::read(&sandbox.ledger()).len(), 13);
    }
}

#[test]
fn a_standby_takes_over() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.agent("next", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"slow\", \"subagent\": \"slow\"",
            "\"role\": \"next\", \"subagent\": \"next\", \"dependsOn\": [\"slow\"]",
        ],
        "",
    );
    let id = sandbox.start("t", &["--watch", "none"]);
    let lock = sandbox.dir_of(&id).watch_lock();
    let mut first = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    wait::until("the first watches", String::new, || shared::lock::is_locked(&lock).unwrap().then_some(()));
    let mut second = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    std::fs::write(go, "").unwrap();
    assert!(second.wait().unwrap().success());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_hundred_starts_at_once() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let starts: Vec<_> = (0..100)
        .map(|_| {
            sandbox
                .command("convoy-start")
                .arg("t")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut ids = BTreeSet::new();
    for start in starts {
        let out = start.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        assert!(ids.insert(String::from_utf8(out.stdout).unwrap().trim().to_owned()), "no id twice");
    }
    for id in &ids {
        let id = id.parse().unwrap();
        assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 100);
}

/// Busy loops. They are gone when this is dropped, and by themselves after 20
/// seconds of processor time should the test be killed.
struct Load(Vec<Child>);

impl Load {
    fn of(loops: usize) -> Self {
        let busy = || {
            let mut command = Command::new("sh");
            command.args(["-c", "ulimit -t 20; while :; do :; done"]).stdin(Stdio::null());
            command.spawn().unwrap()
        };
        Load((0..loops).map(|_| busy()).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for one in &mut self.0 {
            let _ = one.kill();
            let _ = one.wait();
        }
    }
}

#[test]
fn fifty_convoys_under_one_watcher_and_load() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["sleep:20", "report"]);
    sandbox.agent("two", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"one\", \"subagent\": \"one\"",
            "\"role\": \"two\", \"subagent\": \"two\", \"dependsOn\": [\"one\"]",
        ],
        "",
    );
    let load = Load::of(20);
    let ids: Vec<_> = (0..50).map(|_| sandbox.start("t", &["--watch", "none"])).collect();
    let out = sandbox.run("convoy-watch", &["--all"]);
    assert!(out.status.success(), "{}", shown(&out));
    drop(load);
    for id in &ids {
        let state = sandbox.state(id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
        assert!(state.agents.iter().all(|agent| agent.attempt == 1), "no false death: {state:?}");
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_thousand_agents_in_one_template() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    let names: Vec<String> = (0..999).map(|n| format!("\"a{n}\"")).collect();
    let mut agents: Vec<String> =
        names.iter().map(|name| format!("\"role\": {name}, \"subagent\": \"one\"")).collect();
    // Listed first, run last.
    let all = names.join(", ");
    agents.insert(0, format!("\"role\": \"last\", \"subagent\": \"one\", \"dependsOn\": [{all}]"));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 16");
    let id = sandbox.start("t", &[]);
    // Each part in the time that a whole convoy has elsewhere.
    for part in 1..=10 {
        sandbox.until_started(100 * part);
    }
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    let started = ledger::read(&sandbox.ledger());
    assert_eq!(started.len(), 1000);
    assert!(started.last().is_some_and(|line| line.role == "last"), "{:?}", started.last());
}

#[test]
fn two_claims_have_one_winner() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["sleep:30", "report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let id = sandbox.start("t", &[]);
    // Late launches of the same attempt, many at once.
    let home = sandbox.home();
    let root = home.root().to_str().unwrap();
    let late = ["--home", root, "--convoy", id.as_str(), "--role", "one", "--attempt", "1"];
    let mut children: Vec<_> =
        (0..8).map(|_| sandbox.command("convoy-agent").args(late).spawn().unwrap()).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "who does not win ends quietly");
    }
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 1);
}

#[test]
fn a_round_for_cron_is_silent_and_short() {
    let sandbox = Sandbox::new(Launcher::Process);
    fan(&sandbox, 3);
    let id = sandbox.start("t", &["--watch", "none"]);
    wait::until("cron has brought it to its end", String::new, || {
        let out = sandbox.run("convoy-watch", &["--all", "--once"]);
        assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{}", shown(&out));
        wait::pause(Duration::from_millis(20));
        sandbox.state(&id).ended().then_some(())
    });
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
}
