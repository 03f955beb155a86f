//! A project that goes while its convoy runs: nothing brings it back, and
//! nobody completes by looking at something else of its name.

use std::fs;
use std::path::Path;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

/// Agent `a` writes its report as soon as `go` is there, then `b` writes its own.
fn two(output_dir: &str) -> (Sandbox, ConvoyId) {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("a", &[&format!("until:{}", go.display()), "report"]);
    sandbox.agent("b", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"retries\": 3",
            "\"role\": \"b\", \"subagent\": \"b\", \"dependsOn\": [\"a\"]",
        ],
        &format!("\"outputDir\": {}", serde_json::to_string(output_dir).unwrap()),
    );
    fs::write(sandbox.project().join("main.c"), "").unwrap();
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    (sandbox, id)
}

fn goes_on(sandbox: &Sandbox, id: &ConvoyId) {
    fs::write(sandbox.path("go"), "").unwrap();
    sandbox.until_ended(id);
}

fn reason_of(sandbox: &Sandbox, id: &ConvoyId, role: &str) -> Option<Reason> {
    let agent = sandbox.agent_state(id, role);
    assert_ne!(agent.status(), AgentStatus::Completed, "{agent:?}");
    agent.reason()
}

#[test]
fn one_that_was_removed_stays_removed() {
    let (sandbox, id) = two("deep/out");
    fs::remove_dir_all(sandbox.project()).unwrap();
    goes_on(&sandbox, &id);
    assert!(!sandbox.project().exists());
    assert_eq!(reason_of(&sandbox, &id, "a"), Some(Reason::ProjectGone));
    assert_eq!(sandbox.agent_state(&id, "a").attempt, 1, "another attempt would not change it");
    assert_eq!(reason_of(&sandbox, &id, "b"), Some(Reason::Dependencies));
}

#[test]
fn another_directory_of_its_name_is_not_the_project() {
    let (sandbox, id) = two("out");
    fs::rename(sandbox.project(), sandbox.path("moved")).unwrap();
    fs::create_dir(sandbox.project()).unwrap();
    goes_on(&sandbox, &id);
    assert_eq!(fs::read_dir(sandbox.project()).unwrap().count(), 0, "nothing is published into it");
    assert_eq!(reason_of(&sandbox, &id, "a"), Some(Reason::ProjectGone));
}

#[test]
fn who_begins_later_does_not_look_at_what_came_instead() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("a", &[&format!("until:{}", go.display()), "report"]);
    sandbox.agent("b", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\"",
            "\"role\": \"b\", \"subagent\": \"b\", \"dependsOn\": [\"a\"]",
        ],
        "\"outputDir\": \"out\"",
    );
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    // Not before: who starts it looks after it until it returns.
    fs::write(&go, "").unwrap();
    let exit = sandbox.dir_of(&id).attempt(&"a".parse().unwrap(), 1).exit();
    convoy_tests::wait::until("a has ended", String::new, || exit.exists().then_some(()));
    fs::rename(sandbox.project(), sandbox.path("moved")).unwrap();
    fs::create_dir(sandbox.project()).unwrap();
    let mut watch = sandbox.command("convoy-watch");
    watch.current_dir("/").arg(id.as_str()).status().unwrap();
    assert_eq!(sandbox.agent_state(&id, "a").status(), AgentStatus::Completed);
    assert_eq!(reason_of(&sandbox, &id, "b"), Some(Reason::ProjectGone));
    assert_eq!(fs::read_dir(sandbox.project()).unwrap().count(), 0);
}

#[test]
fn what_an_output_directory_elsewhere_was_in_does_not_come_back() {
    let shelf = tempfile::tempdir().unwrap();
    let within = shelf.path().join("reports");
    fs::create_dir(&within).unwrap();
    let (sandbox, id) = two(within.join("out").to_str().unwrap());
    fs::remove_dir_all(&within).unwrap();
    goes_on(&sandbox, &id);
    assert!(!within.exists());
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!(reason_of(&sandbox, &id, "a"), Some(Reason::Publish));
    assert!(agent.detail().is_some_and(|detail| detail.contains("out")), "{agent:?}");
}

#[test]
fn an_output_directory_that_was_tidied_away_is_made_again() {
    let (sandbox, id) = two("made/for/reports");
    let out = sandbox.project().join("made");
    fs::create_dir_all(out.join("for/reports")).unwrap();
    fs::remove_dir_all(&out).unwrap();
    goes_on(&sandbox, &id);
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    let report = sandbox.agent_state(&id, "b").output_file().unwrap().clone();
    assert!(report.as_path().is_file() && report.as_path().starts_with(Path::new(&out)));
}
