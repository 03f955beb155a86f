//! The built-in templates with no AI at all, and what an AI of theirs is given.

use std::fs;
use std::process::Command;

use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::wait;
use protocol::state::ConvoyStatus;

const ISSUES: &str = r#"[
  {"number": 12, "title": "Login crashes with an empty password", "body": "Traceback in login.py. Steps: 1. leave it empty. It should say so."},
  {"number": 14, "title": "Crash at login when the password is empty", "body": ""},
  {"number": 15, "title": "Typo in the README", "labels": [{"name": "docs"}]}
]"#;

fn git(sandbox: &Sandbox, author: &str, words: &[&str]) {
    let mut command = Command::new("git");
    sandbox.surround(&mut command);
    let identity = [format!("user.name={author}"), "user.email=e@x".to_owned()];
    command.args(["-c", &identity[0], "-c", &identity[1], "-c", "init.defaultBranch=main"]).args(words);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A small project with a history of two people.
fn project(launcher: Launcher) -> Sandbox {
    let sandbox = Sandbox::new(launcher);
    let write = |name: &str, text: &str| fs::write(sandbox.project().join(name), text).unwrap();
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    write("src/login.py", "def login(user, password):\n    return check(user, password)\n");
    write("src/main.py", "from login import login\n");
    write("package.json", "{\"scripts\": {\"test\": \"jest\"}}");
    fs::create_dir_all(sandbox.project().join("tests")).unwrap();
    write("tests/test_login.py", "def test_login():\n    assert True\n");
    git(&sandbox, "ann", &["init", "-q"]);
    git(&sandbox, "ann", &["add", "."]);
    git(&sandbox, "ann", &["commit", "-qm", "one"]);
    for n in 0..3 {
        write(
            "src/login.py",
            &format!("def login(user, password):\n    # {n}\n    return check(user, password)\n"),
        );
        git(&sandbox, "bob", &["commit", "-qam", "more"]);
    }
    sandbox
}

/// Starts a template, waits for its end and gives its final report.
fn report(sandbox: &Sandbox, template: &str, more: &[&str]) -> String {
    let id = sandbox.start(template, more);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed, "{state:#?}");
    sandbox.ok("convoy-ctl", &["output", id.as_str()])
}

#[test]
fn planning_is_an_inventory_where_there_is_no_ai() {
    let sandbox = project(Launcher::Process);
    fs::write(sandbox.path("issues.json"), ISSUES).unwrap();
    let issues = sandbox.path("issues.json");
    let report = report(&sandbox, "planning", &["--issues-file", issues.to_str().unwrap()]);
    for part in [
        "Static rules only: no AI has planned this.",
        "## Issue 12: Login crashes with an empty password",
        "- `src/login.py`: ",
        "Who knows these files best: bob",
        "| Python | 3 | 6 | 2 |",
        "- `src/main.py`: program",
        "1 test file with 2 lines",
        "- run them: `npm test (jest)`",
        "| `src/login.py` | 4 | 3 | bob |",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}

#[test]
fn triage_has_an_agent_an_issue_and_one_table() {
    let sandbox = project(Launcher::Process);
    fs::write(sandbox.path("issues.json"), ISSUES).unwrap();
    let issues = sandbox.path("issues.json");
    let id = sandbox.start("triage", &["--issues-file", issues.to_str().unwrap()]);
    let state = sandbox.until_ended(&id);
    let roles: Vec<&str> = state.agents.iter().map(|agent| agent.role.as_str()).collect();
    assert_eq!(roles, ["issue-1", "issue-2", "issue-3", "summary"]);
    assert_eq!(protocol::plan::Plan::read(&sandbox.dir_of(&id)).unwrap().max_parallel, Some(5));
    let one = sandbox.ok("convoy-ctl", &["output", id.as_str(), "issue-1"]);
    assert!(one.contains("# Triage of 12:") && one.contains("**Where:** `src/login.py`"), "{one}");
    let table = sandbox.ok("convoy-ctl", &["output", id.as_str()]);
    for row in [
        "| 12 | Login crashes with an empty password | bug | high | small | 14 | bob |",
        "| 15 | Typo in the README | docs | low | small | none | none |",
    ] {
        assert!(table.contains(row), "{row} is not in\n{table}");
    }
    assert!(table.contains("3 issues: 2 high, 1 low"), "{table}");
}

#[test]
fn one_triager_that_fails_is_named_in_the_summary() {
    let sandbox = project(Launcher::Process);
    // The user's own agent for the issues; the summary is still the built-in one.
    sandbox.agent("mine", &["exit:1"]);
    sandbox.template(
        "triage",
        &[
            "\"role\": \"issue\", \"subagent\": \"mine\", \"forEach\": \"issues\"",
            "\"role\": \"other\", \"subagent\": \"triage-agent\", \"runner\": \"builtin\", \"forEach\": [\"8\"]",
            "\"role\": \"summary\", \"subagent\": \"triage-agent\", \"runner\": \"builtin\", \"dependsOn\": [\"issue\", \"other\"], \"require\": \"any\", \"report\": \"synthesis\"",
        ],
        "",
    );
    let id = sandbox.start("triage", &["--issue", "7"]);
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Partial);
    let table = sandbox.ok("convoy-ctl", &["output", id.as_str()]);
    assert!(table.contains("## Not judged") && table.contains("- 7: "), "{table}");
    assert!(table.lines().any(|line| line.starts_with("| 8 |")), "{table}");
}

#[test]
fn the_monitor_sees_others_and_not_itself() {
    let sandbox = project(Launcher::Tmux);
    sandbox.agent("hanging", &["print:still at it\n", "hang"]);
    sandbox.template("t", &["\"role\": \"worker\", \"subagent\": \"hanging\""], "");
    let other = sandbox.start("t", &[]);
    sandbox.until_started(1);
    sandbox.kill_all("convoy-watch");
    let monitor = sandbox.start("health-monitor", &[]);
    sandbox.until_ended(&monitor);
    let report = sandbox.ok("convoy-ctl", &["output", monitor.as_str()]);
    assert!(report.contains(&format!("## {other}")), "{report}");
    assert!(report.contains("its supervisor is alive; its session is there"), "{report}");
    assert!(report.contains("still at it"), "{report}");
    assert!(!report.contains(monitor.as_str()), "it does not count itself\n{report}");
    // Its supervisor killed: dead, which nobody else would tell.
    sandbox.kill_all("convoy-agent");
    // A killed process holds its lock a moment longer.
    let look = || -> serde_json::Value {
        let out = sandbox.run("convoy-ctl", &["health", "--json"]);
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let dead = wait::until(
        "the dead one is seen",
        || format!("{:#}", look()),
        || {
            let json = look();
            json["troubles"].as_array().unwrap().iter().find(|trouble| trouble["kind"] == "dead").cloned()
        },
    );
    assert_eq!(sandbox.run("convoy-ctl", &["health"]).status.code(), Some(1));
    assert_eq!((&dead["role"], &dead["convoy"]), (&"worker".into(), &other.as_str().into()));
}

#[test]
fn an_ai_monitor_is_given_the_facts_beside_its_prompt() {
    let sandbox = project(Launcher::Process);
    sandbox.agent("hanging", &["print:still at it\n", "hang"]);
    sandbox.template("t", &["\"role\": \"worker\", \"subagent\": \"hanging\""], "");
    let other = sandbox.start("t", &[]);
    sandbox.until_started(1);
    sandbox.agent("health-monitor", &["report"]);
    let id = sandbox.start("health-monitor", &[]);
    sandbox.until_ended(&id);
    let files = sandbox.dir_of(&id).attempt(&"monitor".parse().unwrap(), 1);
    let facts = fs::read_to_string(files.facts()).unwrap();
    assert!(facts.contains(other.as_str()) && !facts.contains(id.as_str()), "{facts}");
    let prompt = fs::read_to_string(files.prompt()).unwrap();
    assert!(prompt.contains("## The facts\n\nStates, "), "{prompt}");
    assert!(prompt.trim_end().ends_with(files.facts().to_str().unwrap()), "{prompt}");
}

#[test]
fn each_agent_is_handed_its_part_of_the_files() {
    let sandbox = project(Launcher::Process);
    sandbox.template(
        "parts",
        &[
            "\"role\": \"part\", \"subagent\": \"code-review-security\", \"runner\": \"builtin\", \"forEach\": {\"files\": 2}, \"report\": \"findings\"",
            "\"role\": \"all\", \"subagent\": \"code-review-synthesis\", \"runner\": \"builtin\", \"dependsOn\": [\"part\"], \"report\": \"synthesis\"",
        ],
        "",
    );
    let id = sandbox.start("parts", &["--files", "."]);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    let list = |role: &str| {
        let files = sandbox.dir_of(&id).attempt(&role.parse().unwrap(), 1).files();
        String::from_utf8(fs::read(files).unwrap()).unwrap()
    };
    assert_eq!(list("part-1"), "package.json\0src/login.py\0");
    assert_eq!(list("part-2"), "src/main.py\0tests/test_login.py\0");
    assert!(sandbox.ok("convoy-ctl", &["output", id.as_str(), "part-2"]).contains("**Total:** 0 findings"));
}
