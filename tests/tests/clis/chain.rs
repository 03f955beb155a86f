//! A chain of real CLIs: the limit of one login is the other one's turn.

use convoy_tests::clis::{Desk, installed};
use convoy_tests::model::{Act, Script};
use convoy_tests::sandbox::shown;
use protocol::outcome::{AgentStatus, Reason};

use crate::{ended, limited_for, single};

fn has_both() -> bool {
    installed(&["claude", "codex"]).len() == 2
}

#[test]
fn a_limit_of_hours_hands_the_review_on_to_codex() {
    if !has_both() {
        return;
    }
    let mut desk = Desk::new(Script::new().attempt("security", 1, limited_for("claude", 5 * 3600)));
    desk.subscription = true;
    let id = single(&desk, "claude,codex", "");
    let state = ended(&desk, &id);
    let agent = &state.agents[0];
    assert_eq!(agent.status(), AgentStatus::Completed, "{}", desk.log(&id, "security", agent.attempt));
    assert_eq!((agent.runner.as_str(), agent.attempt, agent.failures), ("codex", 2, 0));
    assert_eq!(agent.handovers.len(), 1);
    assert_eq!(agent.handovers[0].reason, Some(Reason::RateLimit));
    assert!(agent.handovers[0].until.is_some());
    let second = desk.model.seen_of("security").into_iter().find(|seen| seen.attempt == 2);
    let body = second.expect("a request of the second attempt").body;
    assert!(!body.contains("You were interrupted"), "it begins from nothing: {body}");
    let said = shown(&desk.run("convoy-ctl", &["status", id.short()]));
    assert!(said.contains("in place of claude, limited until"), "{said}");
}

#[test]
fn used_up_credit_hands_the_review_on_to_claude() {
    if !has_both() {
        return;
    }
    let quota = Act::Status {
        status: 429,
        headers: Vec::new(),
        kind: "insufficient_quota",
        message: "You exceeded your current quota, please check your plan and billing details.".to_owned(),
    };
    let desk = Desk::new(Script::new().attempt("security", 1, quota));
    let id = single(&desk, "codex,claude", ", \"retries\": 2");
    let state = ended(&desk, &id);
    let agent = &state.agents[0];
    assert_eq!(agent.status(), AgentStatus::Completed, "{}", desk.log(&id, "security", agent.attempt));
    assert_eq!(
        (agent.runner.as_str(), agent.attempt, agent.failures),
        ("claude", 2, 0),
        "{}",
        desk.log(&id, "security", 1)
    );
    assert_eq!(agent.handovers[0].reason, Some(Reason::Credit));
}
