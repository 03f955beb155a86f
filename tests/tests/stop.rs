//! When `stop` returns, none of the convoy's processes is left, and nobody
//! else's was touched (P7).

use std::process::{Command, Stdio};

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

const WORST: [&str; 4] = ["ignore", "orphan:ignore+hang", "daemon:ignore+hang", "hang"];

fn running(launcher: Launcher, orders: &[&str]) -> (Sandbox, base::ids::ConvoyId) {
    let sandbox = Sandbox::new(launcher);
    sandbox.agent("one", orders);
    sandbox.agent("after", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"one\", \"subagent\": \"one\"",
            "\"role\": \"after\", \"subagent\": \"after\", \"dependsOn\": [\"one\"]",
        ],
        "",
    );
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    (sandbox, id)
}

/// Waits until all that WORST starts is there: the command and its two children.
fn until_worst(sandbox: &Sandbox) {
    wait::until(
        "the agent has its children",
        || format!("{:?}", sandbox.commands()),
        || (sandbox.commands().len() == 3).then_some(()),
    );
}

#[test]
fn nothing_survives_a_stop() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        let (sandbox, id) = running(launcher, &WORST);
        until_worst(&sandbox);
        let out = sandbox.run("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
        assert!(out.status.success(), "{}", shown(&out));
        assert_eq!(sandbox.commands(), Vec::<i32>::new(), "{launcher:?}");
        let state = sandbox.state(&id);
        assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)));
        assert!(
            state.agents.iter().all(|agent| agent.reason() == Some(Reason::Stopped)),
            "{:?}",
            state.agents
        );
        assert_eq!(ledger::read(&sandbox.ledger()).len(), 1, "nothing more was started");
    }
}

#[test]
fn a_dead_supervisor_leaves_nothing_either() {
    let (sandbox, id) = running(Launcher::Process, &["ignore", "orphan:ignore+hang", "hang"]);
    wait::until(
        "the agent has its child",
        || format!("{:?}", sandbox.commands()),
        || (sandbox.commands().len() == 2).then_some(()),
    );
    sandbox.kill_all("convoy-watch");
    // And the one that waits for the next agent's turn.
    assert!(sandbox.kill_all("convoy-agent") >= 1);
    let out = sandbox.run("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
    assert!(out.status.success(), "{}", shown(&out));
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Failed);
}

#[test]
fn nobody_else_is_touched() {
    let (sandbox, id) = running(Launcher::Tmux, &["hang"]);
    let (other, other_id) = running(Launcher::Tmux, &["hang"]);
    // A stranger of the same name, and one with another attempt's marks.
    let fake = convoy_tests::programs::dir().join("fake-agent");
    let mut stranger = Command::new(fake)
        .arg(other.ledger())
        .args(["child", "hang"])
        .env("CONVOY_TOKEN", "not-this-one")
        .env("PANOPTICON_CONVOY_ID", id.as_str())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    sandbox.ok("convoy-ctl", &["stop", id.short()]);
    assert!(matches!(stranger.try_wait(), Ok(None)), "the stranger lives");
    assert_eq!(other.agent_state(&other_id, "one").status(), AgentStatus::Running);
    assert!(!other.pids_of("convoy-agent").is_empty());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_convoy_started_from_inside_an_agent_is_its_own() {
    // The inner convoy's tmux server and watcher descend from the outer agent.
    let outer = Sandbox::new(Launcher::Tmux);
    let inner = Sandbox::new(Launcher::Tmux);
    inner.agent("one", &["hang"]);
    inner.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let script = outer.path("nested.sh");
    let start = convoy_tests::programs::dir().join("convoy-start");
    let text = format!(
        "#!/bin/sh\nPANOPTICON_HOME='{}' '{}' t >/dev/null 2>&1\ntouch '{}'\nexec sleep 1000\n",
        inner.home().root().display(),
        start.display(),
        outer.path("nested").display()
    );
    std::fs::write(&script, text).unwrap();
    let agent = format!(
        "---\nname: nest\ndescription: nests\nrunner: command\ncommand: [/bin/sh, {:?}]\n---\nNest.\n",
        script.display().to_string()
    );
    std::fs::write(outer.home().user_agents().join("nest.md"), agent).unwrap();
    outer.template("t", &["\"role\": \"nest\", \"subagent\": \"nest\""], "");
    let id = outer.start("t", &[]);
    wait::until("the inner convoy has started", String::new, || outer.path("nested").exists().then_some(()));
    inner.until_started(1);
    outer.ok("convoy-ctl", &["stop", id.short()]);
    let inner_id = protocol::convoys::all_ids(&inner.home()).unwrap().remove(0);
    assert_eq!(inner.agent_state(&inner_id, "one").status(), AgentStatus::Running);
    assert_eq!(inner.commands().len(), 1, "the inner agent lives");
    assert_eq!(inner.pids_of("convoy-agent").len(), 1);
    inner.ok("convoy-ctl", &["stop", inner_id.short()]);
    assert_eq!(inner.commands(), Vec::<i32>::new());
}

#[test]
fn stopping_again_is_quiet_and_stopping_is_not_undone() {
    let (sandbox, id) = running(Launcher::Process, &["ignore", "hang"]);
    let mut first =
        sandbox.command("convoy-ctl").args(["stop", id.short(), "--grace", "1s"]).spawn().unwrap();
    sandbox.until(&id, "the convoy is stopping", |state| state.stopping.is_some() || state.ended());
    let out = sandbox.run("convoy-ctl", &["retry", id.short(), "one"]);
    assert_eq!(out.status.code(), Some(75), "retry is refused while stopping: {}", shown(&out));
    let out = sandbox.run("convoy-ctl", &["stop", id.short(), "--grace", "1s"]);
    assert!(out.status.success(), "two stoppers: {}", shown(&out));
    assert!(first.wait().unwrap().success());
    let out = sandbox.run("convoy-ctl", &["stop", id.short()]);
    assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{}", shown(&out));
}

#[test]
fn stop_against_a_phase_change() {
    // Stopped at whatever moment the first agent's end, or the start of the
    // second, happens to be.
    for round in 0..12_u64 {
        let sandbox = Sandbox::new(if round % 2 == 0 { Launcher::Tmux } else { Launcher::Process });
        sandbox.agent("one", &["report"]);
        sandbox.agent("two", &["hang"]);
        sandbox.template(
            "t",
            &[
                "\"role\": \"one\", \"subagent\": \"one\"",
                "\"role\": \"two\", \"subagent\": \"two\", \"dependsOn\": [\"one\"]",
            ],
            "",
        );
        let id = sandbox.start("t", &["--watch", "detach"]);
        wait::pause(std::time::Duration::from_micros(1500 * round));
        sandbox.ok("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
        let state = sandbox.state(&id);
        assert_eq!(state.status, ConvoyStatus::Failed);
        assert_eq!(sandbox.commands(), Vec::<i32>::new());
        let revision = state.revision;
        wait::until(
            "watcher and supervisors are gone",
            || format!("{:?}", sandbox.processes()),
            || {
                (sandbox.pids_of("convoy-watch").is_empty() && sandbox.pids_of("convoy-agent").is_empty())
                    .then_some(())
            },
        );
        assert_eq!(sandbox.state(&id).revision, revision, "nothing revived it");
        ledger::assert_no_attempt_twice(&sandbox.ledger());
    }
}

#[test]
fn a_frozen_supervisor_is_ended_too() {
    let (sandbox, id) = running(Launcher::Process, &["hang"]);
    for supervisor in sandbox.pids_of("convoy-agent") {
        kill(Pid::from_raw(supervisor), Signal::SIGSTOP).unwrap();
    }
    sandbox.ok("convoy-ctl", &["stop", id.short(), "--grace", "200ms"]);
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn a_stop_in_the_midst_of_launches_leaves_no_tmux_server() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    sandbox.agent("first", &["report"]);
    sandbox.agent("one", &["hang"]);
    let mut agents = vec!["\"role\": \"first\", \"subagent\": \"first\"".to_owned()];
    agents.extend(
        (0..80).map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\", \"dependsOn\": [\"first\"]")),
    );
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(2);
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    let servers = || sandbox.pids_of("tmux");
    wait::until(
        "the tmux server has gone",
        || format!("{:?}", servers()),
        || servers().is_empty().then_some(()),
    );
}
