//! What the page works with, against the real program and real convoys: decisions,
//! attempts, search in logs, the overview, and many convoys deleted at once.

#![allow(clippy::expect_used, clippy::panic, reason = "a test tells by panicking")]

mod common;

use common::{Dashboard, running_convoy, sandbox};
use convoy_tests::sandbox::Sandbox;
use serde_json::{Value, json};

/// A review that has ended, with one finding.
fn review(sandbox: &Sandbox) -> String {
    sandbox.agent("finds", &["review:a"]);
    sandbox.template("review", &[r#""role": "one", "subagent": "finds", "report": "findings""#], "");
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    id.to_string()
}

fn detail(answer: &common::Answer) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_decision_is_saved_once_and_told_to_the_command_line() {
    let sandbox = sandbox();
    let id = review(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let decide = |body: Value| dashboard.post(&format!("/api/convoys/{id}/decide"), &body);
    let decisions = || dashboard.get(&format!("/api/convoys/{id}/decisions")).json()["decisions"].clone();
    let found = dashboard.get(&format!("/api/convoys/{id}/findings")).json();
    let key = found["findings"][0]["key"].as_str().expect("a key").to_owned();
    assert_eq!(decisions(), json!({}));
    let dismiss = json!({ "decision": "dismiss", "findings": [{ "id": "F1" }], "reason": "a test needs it" });
    let saved = decide(dismiss.clone());
    assert_eq!(saved.status, 200, "{}", saved.body);
    let decision = saved.json()["decisions"][&key].clone();
    assert_eq!((&decision["kind"], &decision["reason"]), (&json!("dismissed"), &json!("a test needs it")));
    assert_eq!(decision["open"], false);
    assert_eq!(decisions()[&key], decision);
    let listed = sandbox.ok("convoy-ctl", &["decisions", "list", "--all"]);
    assert!(listed.contains("dismissed: a test needs it"), "{listed}");
    let again = decide(dismiss);
    assert_eq!(again.status, 409, "sent twice");
    assert!(detail(&again).contains("decided already: dismissed: a test needs it"), "{}", again.body);
    let other = json!({ "decision": "accept", "findings": [{ "id": "F1", "seen": decision["at"] }], "reason": "later" });
    assert_eq!(decide(other.clone()).status, 200, "of what was seen");
    assert_eq!(decide(other).status, 409, "what was seen is no more");
    assert_eq!(decisions()[&key]["kind"], "accepted");
    let seen = decisions()[&key]["at"].clone();
    assert_eq!(decide(json!({ "decision": "reopen", "findings": [{ "id": "F1" }] })).status, 409);
    assert_eq!(
        decide(json!({ "decision": "reopen", "findings": [{ "id": "F1", "seen": seen }] })).status,
        200
    );
    assert_eq!(decisions(), json!({}));
}

#[test]
fn where_one_decision_cannot_be_none_is_made() {
    let sandbox = sandbox();
    let id = review(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let path = format!("/api/convoys/{id}/decide");
    let decisions = || dashboard.get(&format!("/api/convoys/{id}/decisions"));
    let two = json!({ "decision": "accept", "findings": [{ "id": "F1" }, { "id": "F99" }], "reason": "x" });
    let missing = dashboard.post(&path, &two);
    assert_eq!(missing.status, 404);
    assert!(detail(&missing).contains("no finding F99"), "{}", missing.body);
    let stale = json!({ "decision": "accept", "findings": [{ "id": "F1", "seen": "2026-01-01T00:00:00Z" }], "reason": "x" });
    assert_eq!(dashboard.post(&path, &stale).status, 409);
    for bad in [json!({ "seen": "yesterday" }), json!({ "seen": "--all" })] {
        let one = json!({ "id": "F1", "seen": bad["seen"] });
        let body = json!({ "decision": "accept", "findings": [one], "reason": "x" });
        assert_eq!(dashboard.post(&path, &body).status, 422, "{bad}");
    }
    let over =
        json!({ "decision": "accept", "findings": [{ "id": "F1" }], "reason": "x", "until": "2020-01-01" });
    assert_eq!(dashboard.post(&path, &over).status, 422);
    assert_eq!(decisions().json()["decisions"], json!({}));
    // Of a newer build: what is there is neither read nor written over.
    let projects = sandbox.home().projects();
    let mut files =
        std::fs::read_dir(&projects).expect("projects").map(|entry| entry.expect("an entry").path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "json")).expect("a file");
    let newer = json!({ "version": 99 }).to_string();
    std::fs::write(&file, &newer).expect("write");
    let body = json!({ "decision": "accept", "findings": [{ "id": "F1" }], "reason": "x" });
    for answer in [dashboard.post(&path, &body), decisions()] {
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(detail(&answer).contains("of version 99"), "{}", answer.body);
    }
    assert_eq!(std::fs::read_to_string(&file).expect("read"), newer);
    std::fs::remove_dir_all(sandbox.project()).expect("remove");
    let gone = decisions();
    assert_eq!(gone.status, 409);
    assert!(detail(&gone).contains("not at"), "{}", gone.body);
}

#[test]
fn each_attempt_is_told_with_its_prompt_and_its_end() {
    let sandbox = sandbox();
    sandbox.agent("fails", &["print:hello", "exit:3"]);
    sandbox.template("fail", &[r#""role": "one", "subagent": "fails", "retries": 1"#], "");
    let id = sandbox.start("fail", &[]);
    sandbox.until_ended(&id);
    let dashboard = Dashboard::start(&sandbox);
    let told = dashboard.get(&format!("/api/convoys/{id}/attempts/one")).json();
    let attempts = told["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 2, "{told}");
    assert_eq!(attempts[0]["attempt"], 2, "the newest first");
    for one in attempts {
        assert_eq!((&one["exitCode"], &one["runner"]), (&json!(3), &json!("command")), "{one}");
        assert!(one["ending"].as_str().expect("an ending").contains("exit code 3"), "{one}");
        assert!(one["command"].as_str().expect("a command").contains("fake-agent"), "{one}");
        assert!(one["place"].as_str().expect("a place").contains("process"), "{one}");
    }
    let prompt = dashboard.get(&format!("/api/convoys/{id}/prompts/one?attempt=1"));
    let own = sandbox.dir_of(&id).attempt(&"one".parse().expect("a role"), 1).prompt();
    assert_eq!(prompt.status, 200);
    assert_eq!(prompt.body, std::fs::read_to_string(own).expect("read"));
    for (path, status) in [("prompts/one?attempt=9", 404), ("attempts/nobody", 404), ("attempts/..", 400)] {
        assert_eq!(dashboard.get(&format!("/api/convoys/{id}/{path}")).status, status, "{path}");
    }
    assert_eq!(told["problem"], json!(null));
    // That the plan is torn is no "no runner".
    std::fs::write(sandbox.dir_of(&id).plan(), "{").expect("write");
    let told = dashboard.get(&format!("/api/convoys/{id}/attempts/one")).json();
    assert!(told["problem"].as_str().expect("a problem").contains("plan"), "{told}");
    assert_eq!(told["attempts"][0]["runner"], json!(null));
    assert!(told["attempts"][0]["ending"].as_str().expect("an ending").contains("exit code 3"), "{told}");
}

#[test]
fn a_log_is_searched_from_its_end() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    sandbox.ok("convoy-ctl", &["stop", &id]);
    let log = sandbox.dir_of(&id.parse().expect("an id")).attempt(&"one".parse().expect("a role"), 1).log();
    let lines: Vec<String> = (0..300).map(|n| format!("\u{1b}[32mline {n}\u{1b}[0m of Things\n")).collect();
    std::fs::write(&log, lines.concat()).expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let ask = |words: &str| dashboard.get(&format!("/api/convoys/{id}/logs/one/search?{words}"));
    let first = ask("q=THINGS").json();
    let matches = first["matches"].as_array().expect("matches");
    assert_eq!((matches.len(), &matches[0]["line"]), (100, &json!("line 299 of Things")));
    let next = ask(&format!("q=things&before={}", first["next"])).json();
    assert_eq!(next["matches"][0]["line"], "line 199 of Things");
    let one = ask("q=line%207%20").json();
    let at = lines[..7].iter().map(String::len).sum::<usize>();
    assert_eq!(one["matches"], json!([{ "at": at, "line": "line 7 of Things" }]));
    assert_eq!(one["next"], Value::Null);
    assert_eq!(ask("q=").status, 400);
    assert_eq!(ask("").status, 400);
    assert_eq!(ask("q=a&attempt=9").status, 404);
}

#[test]
fn the_overview_counts_days_and_filters_choose_among_them() {
    let sandbox = sandbox();
    sandbox.agent("writes", &["report"]);
    sandbox.agent("fails", &["print:error: no such port", "exit:3"]);
    sandbox.template("write", &[r#""role": "writer", "subagent": "writes""#], "");
    sandbox.template("fail", &[r#""role": "failing", "subagent": "fails""#], "");
    let ids = ["write", "write", "fail"].map(|name| {
        let id = sandbox.start(name, &[]);
        sandbox.until_ended(&id);
        id.to_string()
    });
    let dashboard = Dashboard::start(&sandbox);
    let told = dashboard.get("/api/overview?offset=120").json();
    let days = told["days"].as_array().expect("days");
    assert_eq!(days.len(), 14);
    let sum = |key: &str| days.iter().map(|day| day[key].as_u64().expect("a count")).sum::<u64>();
    assert_eq!((sum("started"), sum("completed"), sum("failed")), (3, 2, 1));
    assert_eq!(days.last().expect("today")["costUsd"], Value::Null, "nobody told a cost: that is no zero");
    assert_eq!(told["templates"], json!([{ "name": "write", "count": 2 }, { "name": "fail", "count": 1 }]));
    assert_eq!(told["attention"], 1);
    assert_eq!(dashboard.get("/api/overview?offset=99999").status, 400);
    let count = |words: &str| {
        let answer = dashboard.get(&format!("/api/convoys?{words}"));
        assert_eq!(answer.status, 200, "{words}: {}", answer.body);
        answer.json()["convoys"].as_array().expect("convoys").len()
    };
    let project = told["projects"][0]["name"].as_str().expect("a project").replace('/', "%2F");
    assert_eq!(count(&format!("project={project}")), 3);
    assert_eq!(count("project=%2Fnowhere"), 0);
    assert_eq!(count("q=exit%20code%203"), 1, "what failed is found by its words");
    assert_eq!((count("since=2020-01-01T00:00:00Z"), count("until=2020-01-01T00:00:00Z")), (3, 0));
    assert_eq!(dashboard.get("/api/convoys?since=monday").status, 400);
    let running = running_convoy(&sandbox);
    let body = json!({ "ids": [ids[0], running, "convoy-none-222222"] });
    let deleted = dashboard.post("/api/convoys/delete", &body).json();
    assert_eq!(deleted["deleted"], json!([ids[0]]));
    let failed = deleted["failed"].as_array().expect("failed");
    assert_eq!(failed.len(), 2, "{deleted}");
    assert!(failed.iter().all(|one| !one["why"].as_str().expect("why").is_empty()));
    assert!(!sandbox.home().convoys().join(format!("{}.json", ids[0])).exists());
    for bad in [json!({ "ids": [] }), json!({ "ids": ["latest", "../x"] }), json!({ "ids": "all" })] {
        assert!(matches!(dashboard.post("/api/convoys/delete", &bad).status, 400 | 422), "{bad}");
    }
    // A beginning names nothing, nor does a word.
    let short = json!({ "ids": [ids[1][..ids[1].len() - 1], "latest"] });
    let answer = dashboard.post("/api/convoys/delete", &short).json();
    assert_eq!((&answer["deleted"], answer["failed"].as_array().map(Vec::len)), (&json!([]), Some(2)));
    sandbox.ok("convoy-ctl", &["stop", &running]);
}
