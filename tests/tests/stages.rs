//! Agents that come into being while a convoy runs: one for each item of what an earlier
//! agent, or the merge of the reviews, left.

use std::fs;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use protocol::expansion::Expansion;
use protocol::outcome::{AgentStatus, Reason};
use protocol::plan::Plan;
use protocol::state::{ConvoyStatus, State};
use serde_json::{Value, json};

/// An agent whose command is a shell script, which has `$1`: its role.
fn scripted(sandbox: &Sandbox, name: &str, script: &str) {
    let file = sandbox.path(&format!("{name}.sh"));
    fs::write(&file, format!("{script}\n")).unwrap();
    let text = format!(
        "---\nname: {name}\ndescription: d\nrunner: command\ncommand: [sh, \"{}\", \"{{role}}\"]\n---\nDo it for {{{{item}}}}.\n",
        file.display()
    );
    fs::write(sandbox.home().user_agents().join(format!("{name}.md")), text).unwrap();
}

/// Writes this as its report.
fn writes(sandbox: &Sandbox, name: &str, report: &str) {
    let source = sandbox.path(&format!("{name}.report"));
    fs::write(&source, report).unwrap();
    scripted(sandbox, name, &format!("cat '{}' > \"$CONVOY_OUTPUT_FILE\"", source.display()));
}

const STAGE: &str = r#""role": "each", "subagent": "each", "forEach": {"from": "list", "path": "items""#;

/// `list` leaves this, `each` is for its items, `last` comes behind.
fn listing(launcher: Launcher, report: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::new(launcher);
    writes(&sandbox, "list", report);
    scripted(&sandbox, "each", "grep -A9 'Do it for' \"$CONVOY_PROMPT_FILE\" > \"$CONVOY_OUTPUT_FILE\"");
    writes(&sandbox, "last", "# Last\n\nAll is done.\n");
    template(&sandbox, more);
    sandbox
}

fn template(sandbox: &Sandbox, more: &str) {
    let stage = format!("{STAGE}{more}}}");
    let last = r#""role": "last", "subagent": "last", "dependsOn": ["each"]"#;
    sandbox.template("t", &[r#""role": "list", "subagent": "list""#, &stage, last], "");
}

fn run(sandbox: &Sandbox) -> (ConvoyId, State) {
    let id = sandbox.start("t", &[]);
    let state = sandbox.until_ended(&id);
    (id, state)
}

fn roles(state: &State) -> Vec<&str> {
    state.agents.iter().map(|agent| agent.role.as_str()).collect()
}

fn detail(state: &State, role: &str) -> String {
    let agent = state.agents.iter().find(|agent| agent.role.as_str() == role).unwrap();
    agent.why().or_else(|| agent.detail().map(str::to_owned)).unwrap_or_default()
}

#[test]
fn each_item_of_a_report_gets_an_agent() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        let report = r#"{"items": [{"name": "one", "size": 3}, {"name": "two", "size": 1}, {"name": "three", "size": 9}]}"#;
        let sandbox = listing(launcher, report, r#", "where": {"size": ">=3"}"#);
        let (id, state) = run(&sandbox);
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:#?}");
        assert_eq!(roles(&state), ["list", "each", "last", "each-1", "each-2"]);
        assert_eq!(detail(&state, "each"), "2 of 2 agents completed");
        let told = sandbox.ok("convoy-ctl", &["output", id.as_str(), "each-2"]);
        assert!(told.contains("\"three\"") && !told.contains("\"one\""), "{told}");
        // The plan stays as it was made; what came is beside it.
        let made: Value = serde_json::from_slice(&fs::read(sandbox.dir_of(&id).plan()).unwrap()).unwrap();
        assert_eq!(made["agents"].as_array().unwrap().len(), 3);
        let plan = Plan::read(&sandbox.dir_of(&id)).unwrap();
        assert_eq!(plan.agents.len(), 5);
        let role = "each".parse().unwrap();
        let expansion = Expansion::read(&sandbox.dir_of(&id), &role, 1).unwrap().unwrap();
        assert_eq!(expansion.of.into_iter().collect::<Vec<_>>(), [("list".parse().unwrap(), 1)]);
        assert!(expansion.agents.iter().all(|part| part.items.iter().all(|item| item.hash.len() == 16)));
        let graph = sandbox.ok("convoy-ctl", &["graph", id.as_str()]);
        assert!(graph.contains("an agent for each item of list with size >=3, at most 20"), "{graph}");
        assert!(graph.contains("each-2   of each"), "{graph}");
        let status = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
        assert!(status.contains("2 of 2 agents completed"), "{status}");
        let events = sandbox.ok("convoy-ctl", &["events", id.as_str()]);
        assert!(events.contains("has its agents"), "{events}");
    }
}

#[test]
fn several_items_share_an_agent_and_no_more_than_may_be_come() {
    let items: Vec<Value> = (0..7).map(|n| json!({ "n": n })).collect();
    let report = json!({ "items": items }).to_string();
    let sandbox = listing(Launcher::Process, &report, r#", "max": 2, "chunk": 2"#);
    let (id, state) = run(&sandbox);
    assert_eq!(roles(&state), ["list", "each", "last", "each-1", "each-2"]);
    assert_eq!(detail(&state, "each"), "2 of 2 agents completed; 3 of 7 items are left out: 'max' is 2");
    let told = sandbox.ok("convoy-ctl", &["output", id.as_str(), "each-2"]);
    assert!(told.contains("\"n\": 2") && told.contains("\"n\": 3") && !told.contains("\"n\": 4"), "{told}");
}

#[test]
fn no_item_is_an_end_and_no_failure() {
    for (report, more, note) in [
        (r#"{"items": []}"#, "", "'list' left no item"),
        (
            r#"{"items": [{"size": 1}]}"#,
            r#", "where": {"size": ">=3"}"#,
            "none of 1 items of 'list' fits: size >=3",
        ),
    ] {
        let sandbox = listing(Launcher::Process, report, more);
        let (_, state) = run(&sandbox);
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:#?}");
        assert_eq!(roles(&state), ["list", "each", "last"]);
        assert_eq!(detail(&state, "each"), note);
    }
}

#[test]
fn items_that_cannot_be_had_are_told_with_their_place() {
    for (report, want) in [
        ("# No JSON\n", "'list': "),
        ("# No JSON\n", "it is no JSON: expected value at line 1 column 1"),
        (r#"{"list": []}"#, "nothing is at 'items' (there are: list)"),
        (r#"{"items": {}}"#, "what is at 'items' is no list"),
    ] {
        let sandbox = listing(Launcher::Process, report, "");
        let (id, state) = run(&sandbox);
        assert_eq!(state.status, ConvoyStatus::Partial, "{state:#?}");
        let each = sandbox.agent_state(&id, "each");
        assert_eq!((each.status(), each.reason()), (AgentStatus::Failed, Some(Reason::Items)));
        assert!(detail(&state, "each").contains(want), "{want}: {}", detail(&state, "each"));
        assert_eq!(sandbox.agent_state(&id, "last").reason(), Some(Reason::Dependencies));
    }
}

#[test]
fn a_retry_renumbers_nobody_and_adds_what_is_new() {
    let sandbox = listing(Launcher::Process, r#"{"items": [{"n": "a"}, {"n": "b"}]}"#, r#", "max": 3"#);
    let (id, state) = run(&sandbox);
    assert_eq!(roles(&state), ["list", "each", "last", "each-1", "each-2"]);
    fs::write(sandbox.path("list.report"), r#"{"items": [{"n": "c"}, {"n": "b"}, {"n": "d"}]}"#).unwrap();
    sandbox.ok("convoy-ctl", &["retry", id.as_str(), "list"]);
    let state = sandbox.until(&id, "it has ended again", |state| state.ended() && state.agents.len() > 5);
    assert_eq!(roles(&state), ["list", "each", "last", "each-1", "each-2", "each-3"]);
    let told = sandbox.ok("convoy-ctl", &["output", id.as_str(), "each-3"]);
    assert!(told.contains("\"c\""), "{told}");
    assert_eq!(sandbox.agent_state(&id, "each-1").attempt, 1, "what was done is not done again");
    assert_eq!(detail(&state, "each"), "3 of 3 agents completed; 1 of 3 items are left out: 'max' is 3");
    // The same again brings nothing new.
    sandbox.ok("convoy-ctl", &["retry", id.as_str(), "list"]);
    let state = sandbox.until(&id, "it has ended once more", |state| {
        state.ended() && state.agents.iter().any(|agent| agent.role.as_str() == "list" && agent.attempt == 3)
    });
    assert_eq!(state.agents.len(), 6);
}

#[test]
fn an_agent_of_a_stage_is_retried_alone_and_what_is_behind_it_follows() {
    let sandbox = listing(Launcher::Process, r#"{"items": ["a", "b"]}"#, "");
    scripted(
        &sandbox,
        "each",
        "test -e \"$CONVOY_PROJECT/ok\" || test \"$1\" = each-1 || exit 3; echo done > \"$CONVOY_OUTPUT_FILE\"",
    );
    let (id, state) = run(&sandbox);
    assert_eq!(state.status, ConvoyStatus::Partial);
    assert_eq!(detail(&state, "each"), "1 of 2 agents completed");
    fs::write(sandbox.project().join("ok"), "").unwrap();
    sandbox.ok("convoy-ctl", &["retry", id.as_str()]);
    let state = sandbox.until(&id, "it has ended well", |state| state.status == ConvoyStatus::Completed);
    assert_eq!(detail(&state, "each"), "2 of 2 agents completed");
    let attempts = |role: &str| sandbox.agent_state(&id, role).attempt;
    assert_eq!((attempts("list"), attempts("each-1"), attempts("each-2"), attempts("last")), (1, 1, 2, 2));
}

#[test]
fn one_can_be_stopped_in_the_middle_of_a_stage() {
    let sandbox = listing(Launcher::Process, r#"{"items": ["a", "b", "c"]}"#, "");
    scripted(&sandbox, "each", "sleep 600");
    let id = sandbox.start("t", &[]);
    sandbox.until(&id, "one of them runs", |state| {
        state.agents.iter().skip(3).any(|agent| agent.claimed.is_some())
    });
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    let state = sandbox.state(&id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)));
    assert_eq!(roles(&state).len(), 6);
    assert!(sandbox.commands().is_empty());
}

#[test]
fn a_lost_expansion_is_a_lost_plan() {
    let sandbox = listing(Launcher::Process, r#"{"items": ["a"]}"#, "");
    let (id, _) = run(&sandbox);
    fs::remove_file(sandbox.dir_of(&id).expansion(&"each".parse().unwrap(), 1)).unwrap();
    fs::write(sandbox.dir_of(&id).expansion(&"each".parse().unwrap(), 1), "{").unwrap();
    let out = sandbox.run("convoy-ctl", &["retry", id.as_str(), "list"]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    sandbox.ok("convoy-ctl", &["rm", id.as_str()]);
}

#[test]
fn a_template_that_cannot_be_is_told_where() {
    let sandbox = listing(Launcher::Process, "{}", "");
    let check = |agents: &[&str]| {
        sandbox.template("wrong", agents, "");
        let file = sandbox.home().user_templates().join("wrong.json");
        let out = sandbox.run("convoy-ctl", &["templates", "check", file.to_str().unwrap()]);
        assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    let list = r#""role": "list", "subagent": "list""#;
    let review = r#""role": "list", "subagent": "list", "report": "findings""#;
    let stage =
        |each: &str, more: &str| format!(r#""role": "each", "subagent": "each", "forEach": {each}{more}"#);
    for (agents, want) in [
        (vec![r#""role": "merge", "subagent": "list""#.to_owned()], "'merge' is reserved"),
        (vec![list.to_owned(), stage(r#"{"from": "lst"}"#, "")], "unknown dependency 'lst'"),
        (vec![stage(r#"{"from": "each"}"#, "")], "dependency cycle: each → each"),
        (
            vec![
                r#""role": "list", "subagent": "list", "dependsOn": ["each"]"#.to_owned(),
                stage(r#"{"from": "list"}"#, ""),
            ],
            "dependency cycle: ",
        ),
        (
            vec![review.to_owned(), stage(r#"{"from": "merge"}"#, r#", "report": "findings""#)],
            "dependency cycle: each → merge → each",
        ),
        (vec![list.to_owned(), stage(r#"{"from": "merge"}"#, "")], "nothing is merged here"),
        (
            vec![list.to_owned(), stage(r#"{"from": "list", "max": 1001}"#, "")],
            "1001 agents are more than 1000",
        ),
        (vec![list.to_owned(), stage(r#"{"from": "list", "max": 0}"#, "")], "'max'"),
        (
            vec![list.to_owned(), stage(r#"{"from": "list", "most": 3}"#, "")],
            "'most': is none of from, path, where, max, chunk",
        ),
        (
            vec![list.to_owned(), stage(r#"{"from": "list", "path": "a..b"}"#, "")],
            "keys with dots between them",
        ),
        (vec![list.to_owned(), stage(r#"{"from": "list", "where": {"a": ">=soon"}}"#, "")], "has no order"),
        (
            vec![list.to_owned(), stage(r#"{"from": "list", "where": "gate"}"#, "")],
            "is for the merged findings",
        ),
        (
            vec![list.to_owned(), stage(r#"{"from": "list"}"#, r#", "report": "synthesis""#)],
            "cannot write the final report",
        ),
    ] {
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        let told = check(&agents);
        assert!(told.contains(want) && told.contains("wrong.json:"), "{want:?} is not in {told}");
    }
}

#[test]
fn a_dry_run_shows_what_may_come() {
    let sandbox = listing(Launcher::Process, "{}", r#", "where": {"size": ">=3"}"#);
    let shown = sandbox.ok("convoy-start", &["t", "--dry-run"]);
    assert!(shown.contains("an agent for each item of list with size >=3, at most 20"), "{shown}");
    assert!(shown.contains("each (up to 20)"), "{shown}");
}
