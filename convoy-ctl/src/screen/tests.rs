//! The screens as people see them: at 80 and at 40 columns, with colour, and
//! where the locale has ASCII only.

use std::collections::BTreeMap;

use base::called::Caller;
use base::style::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use protocol::plan::Plan;
use protocol::state::State;
use serde_json::{Value, json};

use super::list::{self, Entry};
use super::status::{Picture, render};

const PLAIN: Style = Style {
    width: 80,
    whole: false,
    colour: false,
    ascii: false,
    user_home: None,
    zone: TimeZone::UTC,
    caller: Caller::Pan,
};

fn looks() -> [(&'static str, Style); 4] {
    let home = Style { user_home: Some("/home/ann".into()), ..PLAIN };
    [
        ("80", home.clone()),
        ("40", Style { width: 40, ..home.clone() }),
        ("colour", Style { colour: true, ..home.clone() }),
        ("ascii", Style { ascii: true, ..home }),
    ]
}

fn at(clock: &str) -> Timestamp {
    format!("2026-11-22T{clock}Z").parse().unwrap()
}

fn plan() -> Plan {
    let agent = |role: &str, model: &str, report: &str, depends_on: Value| {
        json!({
            "role": role, "subagent": format!("code-review-{role}"), "dependsOn": depends_on,
            "require": if report == "synthesis" { "any" } else { "all" }, "parallel": true,
            "report": report, "timeoutMs": 1_800_000,
            "invocation": {
                "runner": "claude", "runnerOrigin": "builtIn", "model": model, "program": "/usr/bin/claude",
                "argv": [], "prompt": "stdin", "stream": "claude-stream-json",
                "reportFrom": "final-message", "unconfined": false,
            },
        })
    };
    let reviewers = json!(["correctness", "security", "performance"]);
    serde_json::from_value(json!({
        "schemaVersion": 1, "id": "convoy-code-review-k7q2m9", "template": "code-review",
        "templateOrigin": "builtIn", "stamp": "20261122-140312", "project": "/home/ann/src/shop",
        "outputDir": "/home/ann/src/shop/.claude/reviews",
        "inputs": { "filePatterns": ["src/**/*.ts"], "fileCount": 42 },
        "launcher": { "kind": "tmux", "program": "/usr/bin/tmux", "socket": "/home/ann/.panopticon/tmux.sock" },
        "graceMs": 5000, "convoyTimeoutMs": 7_200_000, "budgetUsd": 5.0, "prompts": {},
        "agents": [
            agent("correctness", "haiku", "findings", json!([])),
            agent("security", "sonnet", "findings", json!([])),
            agent("performance", "haiku", "findings", json!([])),
            agent("synthesis", "sonnet", "synthesis", reviewers),
        ],
    }))
    .unwrap()
}

fn agent(role: &str, model: &str, status: &str, more: Value) -> Value {
    let mut agent = json!({
        "role": role, "subagent": format!("code-review-{role}"), "runner": "claude", "model": model,
        "tmuxSession": format!("convoy-code-review-k7q2m9-{role}"), "status": status, "attempt": 1,
    });
    let Value::Object(more) = more else { panic!("an object") };
    agent.as_object_mut().unwrap().extend(more);
    agent
}

fn completed(role: &str, model: &str, end: &str, findings: Value, cost: f64) -> Value {
    let file = format!("/home/ann/src/shop/.claude/reviews/20261122-140312-k7q2m9-{role}.md");
    let mut evidence = json!({ "size": 9, "sha256": "00", "device": 1, "inode": 1, "source": "file" });
    if !findings.is_null() {
        evidence["findings"] = findings;
        evidence["complete"] = true.into();
    }
    let usage = json!({ "inputTokens": 1, "outputTokens": 1, "costUsd": cost });
    let more = json!({
        "startedAt": at("14:03:12"), "completedAt": at(end), "outputFile": file, "evidence": evidence, "usage": usage,
    });
    agent(role, model, "completed", more)
}

fn state(status: &str, more: Value, agents: &[Value]) -> State {
    let mut state = json!({
        "schemaVersion": 1, "id": "convoy-code-review-k7q2m9", "template": "code-review", "status": status,
        "startedAt": at("14:03:12"), "outputDir": "/home/ann/src/shop/.claude/reviews",
        "context": { "projectPath": "/home/ann/src/shop" }, "host": "here", "revision": 1,
        "clock": { "at": { "boot": "5bd3709a-ffb8-4db8-b35c-c2d13c5030e2", "ms": 1 }, "elapsedMs": 0 },
        "agents": agents,
    });
    let Value::Object(more) = more else { panic!("an object") };
    state.as_object_mut().unwrap().extend(more);
    serde_json::from_value(state).unwrap()
}

fn running() -> State {
    state(
        "running",
        json!({}),
        &[
            completed("correctness", "haiku", "14:05:16", json!({ "high": 3, "low": 1 }), 0.21),
            agent(
                "security",
                "sonnet",
                "running",
                json!({ "startedAt": at("14:03:12"), "stage": "claimed" }),
            ),
            {
                let mut again = completed("performance", "haiku", "14:05:00", json!({ "medium": 1 }), 0.40);
                again["attempt"] = 2.into();
                again
            },
            agent("synthesis", "sonnet", "pending", json!({ "attempt": 0 })),
        ],
    )
}

fn partial() -> State {
    let security = json!({
        "startedAt": at("14:03:12"), "completedAt": at("14:08:12"), "reason": "timeout",
        "detail": "timed out after 5m, no report",
    });
    state(
        "partial",
        json!({ "completedAt": at("14:09:52") }),
        &[
            completed("correctness", "haiku", "14:05:22", json!({ "high": 4 }), 0.2),
            agent("security", "sonnet", "failed", security),
            completed("performance", "haiku", "14:05:03", json!({}), 0.2),
            completed("synthesis", "sonnet", "14:04:42", Value::Null, 0.18),
        ],
    )
}

/// Everything that is rare: a limit, a failed launch, hostile words, a stop.
fn troubled() -> State {
    let limited = json!({ "notBefore": at("15:00:00") });
    let failed = json!({
        "attempt": 0, "reason": "dependencies", "detail": "security\u{1b}[31m did not complete",
    });
    let pending = json!({ "attempt": 1, "backoffUntil": { "boot": "5bd3709a-ffb8-4db8-b35c-c2d13c5030e2", "ms": 1 }, "reason": "exit-code", "detail": "exit code 3" });
    state(
        "running",
        json!({ "stopping": { "since": { "boot": "5bd3709a-ffb8-4db8-b35c-c2d13c5030e2", "ms": 1 }, "graceMs": 5000 } }),
        &[
            agent("correctness", "haiku", "pending", limited),
            agent("security", "sonnet", "pending", pending),
            agent("performance", "haiku", "running", json!({ "startedAt": at("14:03:12"), "attempt": 3 })),
            agent("synthesis", "sonnet", "failed", failed),
        ],
    )
}

fn pictures(state: &State, unwatched: bool) -> String {
    let plan = plan();
    let line = "reading src/auth/session.ts, which goes on for longer than any screen is wide, and on";
    let lines = ["security", "performance"].map(|role| (role.parse().unwrap(), line.to_owned()));
    let mut out = String::new();
    for (name, style) in looks() {
        let picture = Picture {
            state,
            plan: Some(&plan),
            now: at("14:06:24"),
            last_lines: BTreeMap::from(lines.clone()),
            places: BTreeMap::new(),
            unwatched: unwatched.then_some(protocol::watch_lock::Watcher::Nobody),
            used: protocol::budget::total(state),
            troubles: Vec::new(),
        };
        let text = render(&picture, &style);
        assert!(style.colour || !text.contains('\u{1b}'), "control characters are shown, not sent: {text:?}");
        assert!(!style.ascii || text.is_ascii(), "{text}");
        if !style.colour {
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            // Commands and paths to copy are never cut.
            assert!(widest <= style.width.max(80), "{widest} columns:\n{text}");
        }
        out.extend(["== ", name, "\n", &text.replace('\u{1b}', "␛"), "\n"]);
    }
    out
}

#[test]
fn a_running_convoy() {
    insta::assert_snapshot!(pictures(&running(), false));
}

#[test]
fn a_convoy_that_ended_in_part() {
    insta::assert_snapshot!(pictures(&partial(), false));
}

#[test]
fn a_convoy_in_trouble() {
    insta::assert_snapshot!(pictures(&troubled(), true));
}

#[test]
fn the_list() {
    let mut stopped = partial();
    stopped.status = protocol::state::ConvoyStatus::Failed;
    stopped.reason = Some(protocol::outcome::Reason::Stopped);
    stopped.started_at = "2026-11-20T08:00:00Z".parse().unwrap();
    let mut merged = partial();
    merged.merge = serde_json::from_value(json!({
        "k": 1, "of": {}, "status": "done",
        "counts": { "critical": 1, "high": 2, "medium": 4, "low": 5 },
    }))
    .unwrap();
    let mut torn = Entry::of(&running());
    torn.what = list::What::Unusable("its state cannot be read: torn".to_owned());
    let mut limited = troubled();
    limited.stopping = None;
    let mut entries: Vec<Entry> = [&running(), &limited, &merged, &stopped].map(Entry::of).to_vec();
    entries.push(torn);
    let mut out = String::new();
    for (name, style) in looks() {
        let text = list::render(&entries, 212, false, at("14:06:24"), &style);
        if !style.colour {
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= style.width.max(60), "{widest} columns:\n{text}");
        }
        out.extend(["== ", name, "\n", &text.replace('\u{1b}', "␛"), "\n"]);
    }
    insta::assert_snapshot!(out);
}
