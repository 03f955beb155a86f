//! Programs that are killed in the midst of their work, and what must be true
//! when the convoy has been taken up again (P10).

use std::process::{Command, Stdio};

use shared::ids::ConvoyId;
use shared::state::ConvoyStatus;

use crate::sandbox::{Launcher, Sandbox};
use crate::{ledger, wait};

/// Which program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Start,
    Watch,
    Agent,
    Stop,
}

/// A convoy for a victim to work on: a review and a synthesis, or for a stop an
/// agent that hangs.
pub fn sandbox() -> Sandbox {
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

/// An unclaimed attempt of role `a`, for a supervisor of our own to claim.
fn unclaimed(sandbox: &Sandbox) -> (ConvoyId, [String; 8]) {
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.ok("convoy-watch", &[id.as_str()]);
    // The next attempt is intended and nobody launches it.
    let mut store = shared::store::Store::new(sandbox.dir_of(&id));
    let mut held = store.hold().unwrap();
    let now = shared::now::Clock::open().unwrap().now().unwrap();
    let roles = held.state().unwrap().agents.iter().map(|agent| agent.role.clone()).collect();
    let mut state = shared::reopen::reopen(held.state().unwrap(), &roles, &now, &shared::host::name());
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

/// Runs the victim's part of a convoy's life; `command` makes the command of a
/// program and its arguments. The convoy, if it had begun before, and whether
/// the victim died of a kill.
pub fn run(
    sandbox: &Sandbox,
    victim: Victim,
    command: impl Fn(&str, &[&str]) -> Command,
) -> (Option<ConvoyId>, bool) {
    let killed = |program: &str, arguments: &[&str]| {
        use std::os::unix::process::ExitStatusExt;
        let mut command = command(program, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().signal() == Some(9)
    };
    match victim {
        Victim::Start => (None, killed("convoy-start", &["t", "--watch", "none"])),
        Victim::Watch => {
            let id = sandbox.start("t", &["--watch", "none"]);
            let died = killed("convoy-watch", &[id.as_str()]);
            (Some(id), died)
        }
        Victim::Agent => {
            let (id, words) = unclaimed(sandbox);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let died = killed("convoy-agent", &words);
            (Some(id), died)
        }
        Victim::Stop => {
            let id = sandbox.start("h", &["--watch", "none"]);
            sandbox.until_started(1);
            let died = killed("convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"]);
            (Some(id), died)
        }
    }
}

/// Takes the convoy up and insists on the same end, on nothing twice and nothing
/// left. `what` was done to the victim.
pub fn assert_made_good(sandbox: &Sandbox, victim: Victim, id: Option<ConvoyId>, what: &str) {
    let ids = id.map_or_else(|| shared::catalog::all_ids(&sandbox.home()).unwrap(), |id| vec![id]);
    assert!(ids.len() <= 1, "{ids:?}");
    for id in &ids {
        let state = sandbox.state(id);
        if victim == Victim::Stop && state.stopping.is_none() && !state.ended() {
            // Killed before it said so, a stop is no stop: asked again.
            sandbox.ok("convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"]);
        }
        wait::until(
            &format!("{victim:?} {what} is made good"),
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
        assert_eq!(state.status, wanted, "{victim:?} {what}: {state:?}");
        for report in state.agents.iter().filter_map(|agent| agent.output_file.as_ref()) {
            assert!(report.as_path().is_file(), "{report:?}");
        }
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "{victim:?} {what}");
}
