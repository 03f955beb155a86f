//! Kill any program at any moment: the convoy comes to the same end, no command
//! runs twice for one attempt, nothing is lost, live agents are adopted (P10).

use std::time::Duration;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::outcome::AgentStatus;
use protocol::state::ConvoyStatus;

/// Two reviewers, a synthesis behind them.
fn review(launcher: Launcher) -> Sandbox {
    let sandbox = Sandbox::new(launcher);
    sandbox.agent("a", &["sleep:40", "review:a"]);
    sandbox.agent("b", &["sleep:20", "clean"]);
    sandbox.agent("sum", &["sleep:10", "report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"b\", \"subagent\": \"b\", \"report\": \"findings\"",
            "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\", \"b\"], \"report\": \"synthesis\"",
        ],
        "",
    );
    sandbox
}

/// Takes the convoy up, as cron would, until it has ended.
fn recover(sandbox: &Sandbox, id: &ConvoyId) {
    wait::until(
        "the convoy has ended",
        || format!("{:?}", sandbox.state(id)),
        || {
            sandbox.ok("convoy-watch", &["--all", "--once"]);
            sandbox.state(id).ended().then_some(())
        },
    );
}

/// The end an undisturbed run has.
fn assert_same_end(sandbox: &Sandbox, id: &ConvoyId) {
    let state = sandbox.state(id);
    assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
    for agent in &state.agents {
        let published = agent.output_file().expect("a published report");
        assert!(published.as_path().is_file(), "{}", agent.role);
    }
    assert!(state.merge.is_some_and(|merge| merge.of.len() == 2), "merged");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn programs_killed_at_any_moment() {
    // Each kind of program, at moments spread over the run.
    let kinds: [&[&str]; 4] =
        [&["convoy-watch"], &["convoy-agent"], &["convoy-watch", "convoy-agent"], &["convoy-merge"]];
    for (n, programs) in kinds.iter().cycle().take(24).enumerate() {
        let sandbox = review(if n % 2 == 0 { Launcher::Process } else { Launcher::Tmux });
        let id = sandbox.start("t", &[]);
        wait::pause(Duration::from_millis(5 * n as u64));
        for program in *programs {
            sandbox.kill_all(program);
        }
        recover(&sandbox, &id);
        assert_same_end(&sandbox, &id);
    }
}

#[test]
fn everything_killed_at_once() {
    for n in 0..10 {
        let sandbox = review(Launcher::Tmux);
        let id = sandbox.start("t", &[]);
        wait::pause(Duration::from_millis(8 * n));
        for program in ["convoy-watch", "convoy-agent", "convoy-merge", "tmux", "fake-agent"] {
            sandbox.kill_all(program);
        }
        let out = sandbox.run("convoy-ctl", &["resume", "--all"]);
        assert!(out.status.success(), "{}", shown(&out));
        sandbox.until_ended(&id);
        // Killing the command itself is the agent's own failure; all else is not.
        let state = sandbox.state(&id);
        let signalled =
            state.agents.iter().any(|agent| agent.reason() == Some(protocol::outcome::Reason::Signal));
        if !signalled {
            assert_same_end(&sandbox, &id);
        }
        ledger::assert_no_attempt_twice(&sandbox.ledger());
        assert_eq!(sandbox.commands(), Vec::<i32>::new());
    }
}

#[test]
fn start_killed_leaves_a_convoy_or_none() {
    for n in 0..20 {
        let sandbox = review(Launcher::Process);
        let mut start =
            sandbox.command("convoy-start").arg("t").stderr(std::process::Stdio::null()).spawn().unwrap();
        wait::pause(Duration::from_micros(700 * n));
        let _ = start.kill();
        start.wait().unwrap();
        let ids = protocol::convoys::all_ids(&sandbox.home()).unwrap();
        assert!(ids.len() <= 1);
        if let Some(id) = ids.first() {
            recover(&sandbox, id);
            assert_same_end(&sandbox, id);
        }
    }
}

#[test]
fn live_agents_are_adopted() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("t", &["\"role\": \"slow\", \"subagent\": \"slow\""], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    sandbox
        .until(&id, "it is seen running", |state| state.agents[0].phase == protocol::agent::Phase::Claimed);
    wait::until("the watcher is killed", String::new, || {
        (sandbox.kill_all("convoy-watch") > 0).then_some(())
    });
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    assert_eq!(sandbox.agent_state(&id, "slow").status(), AgentStatus::Running);
    std::fs::write(go, "").unwrap();
    recover(&sandbox, &id);
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 1, "it was not started again");
    assert_eq!(sandbox.agent_state(&id, "slow").attempt, 1);
}

#[test]
fn agents_carry_on_without_their_tmux_server() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let go = sandbox.path("go");
    sandbox.agent("slow", &["print:before\n", &format!("until:{}", go.display()), "print:after\n", "report"]);
    sandbox.template("t", &["\"role\": \"slow\", \"subagent\": \"slow\""], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    assert!(sandbox.kill_all("tmux") > 0);
    std::fs::write(go, "").unwrap();
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
    assert_eq!(state.agents[0].attempt, 1);
    assert!(sandbox.ok("convoy-ctl", &["logs", id.short(), "slow"]).contains("after"));
}

#[test]
fn a_session_a_person_closes_is_an_end() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    sandbox.agent("slow", &["hang"]);
    sandbox.template("t", &["\"role\": \"slow\", \"subagent\": \"slow\", \"retries\": 3"], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    let socket = sandbox.home().tmux_socket();
    let session = sandbox.agent_state(&id, "slow").tmux_session;
    let killed = std::process::Command::new("tmux")
        .arg("-S")
        .arg(socket)
        .args(["kill-session", "-t", &format!("={session}")])
        .status()
        .unwrap();
    assert!(killed.success());
    let state = sandbox.until_ended(&id);
    assert_eq!(state.agents[0].reason(), Some(protocol::outcome::Reason::SessionClosed));
    assert_eq!(state.agents[0].attempt, 1, "and is not retried");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn a_supervisor_told_to_end_by_a_shutdown_is_taken_up_again() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("t", &["\"role\": \"slow\", \"subagent\": \"slow\""], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    for pid in sandbox.pids_of("convoy-agent") {
        kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
    }
    sandbox.until_started(2);
    std::fs::write(go, "").unwrap();
    let state = sandbox.until_ended(&id);
    assert_eq!((state.status, state.agents[0].attempt), (ConvoyStatus::Completed, 2), "{state:?}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_torn_state_is_taken_up_from_the_last_whole_one() {
    let sandbox = review(Launcher::Process);
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let path = sandbox.dir_of(&id).state();
    let whole = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let out = sandbox.run("convoy-ctl", &["status", id.short()]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    let out = sandbox.run("convoy-ctl", &["resume", id.short()]);
    assert!(out.status.success(), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("torn"), "aloud: {}", shown(&out));
    sandbox.until_ended(&id);
    assert_same_end(&sandbox, &id);
}
