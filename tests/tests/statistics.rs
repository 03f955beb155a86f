//! What people and verifiers made of findings, by who made them: `convoy-ctl decisions stats`.

use std::fs;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, print};
use serde_json::{Value, json};

const NAMES: [&str; 7] = ["anchor", "basket", "candle", "dagger", "engine", "falcon", "garden"];

fn title(name: &str) -> String {
    format!("The {name} of the order is never checked")
}

/// `logic` finds six defects, `other` one of them as well and one more, which a verifier
/// refutes.
fn reviewed() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    for name in NAMES {
        let code = format!("if ({name} == null) return;\nship({name});\n");
        fs::write(sandbox.project().join(format!("src/{name}.ts")), code).unwrap();
    }
    let finding = |name: &&str| {
        json!({ "title": title(name), "severity": "high", "confidence": 90, "category": "logic", "cwe": [],
            "locations": [{ "file": format!("src/{name}.ts"), "line": 2, "endLine": null, "symbol": null, "quote": null }],
            "problem": format!("{name} may be null."), "impact": null, "fix": null, "suggestion": null })
    };
    let says = |answer: &Value| print(&[begun("s"), done(&format!("```json\n{answer}\n```"))]);
    let review = |names: &[&str]| {
        let findings: Vec<Value> = names.iter().map(finding).collect();
        says(
            &json!({ "total": findings.len(), "findings": findings, "read": [], "notRead": [], "notes": [] }),
        )
    };
    let look = |verdict: &str, quote: Value| {
        says(&json!({ "looks": [{ "finding": 1, "verdict": verdict, "origin": "introduced", "file": null,
            "line": null, "quote": quote, "reason": "garden is compared with null before.", "severity": "high" }],
            "total": 1 }))
    };
    sandbox.scripted(
        "m",
        &format!(
            "case $PANOPTICON_CONVOY_ROLE in\nlogic) {};;\nother) {};;\nverify*)\nif grep -q 'Finding 1: {}' \"$CONVOY_PROMPT_FILE\"\nthen {}\nelse {}\nfi;;\nesac\n",
            review(&NAMES[..6]),
            review(&[NAMES[0], NAMES[6]]),
            title(NAMES[6]),
            look("refuted", json!("if (garden == null) return;")),
            look("confirmed", json!(null)),
        ),
    );
    fs::write(
        sandbox.home().user_agents().join("reviewer.md"),
        "---\nname: reviewer\ndescription: d\nmodel: sonnet\n---\nLook.\n",
    )
    .unwrap();
    let agent = |role: &str| format!(r#""role": "{role}", "subagent": "reviewer", "report": "findings""#);
    let verify = r#""role": "verify", "subagent": "code-review-verifier", "when": "verify", "report": "verification", "require": "any", "forEach": {"from": "merge", "where": "gate"}"#;
    sandbox.template("code-review", &[&agent("logic"), &agent("other"), verify], "");
    let out = sandbox.run("convoy-review", &["--files", "src", "--runner", "m", "--json"]);
    assert!(matches!(out.status.code(), Some(1 | 3)), "{}", shown(&out));
    sandbox
}

fn stats(sandbox: &Sandbox, more: &[&str]) -> Value {
    let out = sandbox.ok("convoy-ctl", &[&["decisions", "stats", "--json"], more].concat());
    serde_json::from_str(&out).unwrap()
}

fn row<'a>(stats: &'a Value, table: &str, name: Option<&str>) -> &'a Value {
    let rows = stats[table].as_array().unwrap();
    rows.iter().find(|row| row["name"].as_str() == name).unwrap_or_else(|| panic!("{name:?}: {stats:#}"))
}

/// Dismisses the findings about these.
fn dismiss(sandbox: &Sandbox, names: &[&str]) {
    let listed: Value =
        serde_json::from_str(&sandbox.ok("convoy-ctl", &["decisions", "list", "--json"])).unwrap();
    for name in names {
        let entry = listed.as_array().unwrap().iter().find(|entry| entry["title"] == title(name).as_str());
        let key = entry.unwrap_or_else(|| panic!("{name}: {listed:#}"))["key"].as_str().unwrap();
        sandbox.ok("convoy-ctl", &["decisions", "dismiss", key, "--reason", "it is checked"]);
    }
}

#[test]
fn what_was_dismissed_is_counted_with_who_made_it() {
    let sandbox = reviewed();
    let before = stats(&sandbox, &[]);
    assert_eq!((&before["total"]["found"], &before["total"]["open"]), (&json!(7), &json!(6)), "{before:#}");
    assert_eq!(row(&before, "reviewers", Some("other"))["refuted"], 1, "{before:#}");
    assert_eq!(row(&before, "reviewers", Some("logic"))["confirmed"], 6);
    dismiss(&sandbox, &NAMES[..5]);
    let after = stats(&sandbox, &[]);
    let logic = row(&after, "reviewers", Some("logic"));
    assert_eq!((&logic["found"], &logic["dismissed"], &logic["share"]), (&json!(6), &json!(5), &json!(1.0)));
    let other = row(&after, "reviewers", Some("other"));
    assert_eq!(
        (&other["found"], &other["dismissed"], &other["share"]),
        (&json!(2), &json!(1), &Value::Null),
        "too few to say"
    );
    assert_eq!(row(&after, "runners", Some("m"))["dismissed"], 5);
    assert_eq!(row(&after, "models", Some("m sonnet"))["found"], 7);
    let text = sandbox.ok("convoy-ctl", &["decisions", "stats"]);
    assert!(text.contains("100%") && text.contains("too few to say"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // What is taken back is no longer dismissed, and is known to have been.
    let key = listed_key(&sandbox, NAMES[0]);
    sandbox.ok("convoy-ctl", &["decisions", "reopen", &key]);
    let again = stats(&sandbox, &[]);
    assert_eq!((&again["total"]["dismissed"], &again["total"]["reopened"]), (&json!(4), &json!(1)));
}

fn listed_key(sandbox: &Sandbox, name: &str) -> String {
    let listed: Value =
        serde_json::from_str(&sandbox.ok("convoy-ctl", &["decisions", "list", "--all", "--json"])).unwrap();
    let entry = listed.as_array().unwrap().iter().find(|entry| entry["title"] == title(name).as_str());
    entry.unwrap()["key"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_decided_before_it_was_recorded_is_read_on() {
    let sandbox = reviewed();
    dismiss(&sandbox, &NAMES[..1]);
    let book = fs::read_dir(sandbox.home().projects())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .unwrap();
    let mut stored: Value = serde_json::from_slice(&fs::read(&book).unwrap()).unwrap();
    for entry in stored["entries"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().retain(|key, _| key != "authors" && key != "judged");
    }
    for run in stored["runs"].as_array_mut().unwrap() {
        run.as_object_mut().unwrap().remove("looked");
    }
    fs::write(&book, stored.to_string()).unwrap();
    let told = stats(&sandbox, &[]);
    assert_eq!(row(&told, "reviewers", Some("logic"))["dismissed"], 1, "{told:#}");
    assert_eq!(row(&told, "runners", None)["found"], 6);
    assert!(sandbox.ok("convoy-ctl", &["decisions", "stats"]).contains("not recorded"));
    // Of all projects; one whose file is torn is told, and the others are counted.
    fs::write(sandbox.home().projects().join("0123456789abcdef.json"), "{").unwrap();
    let out = sandbox.run("convoy-ctl", &["decisions", "stats", "--all-projects", "--json"]);
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    assert_eq!(
        (&told["total"]["found"], told["unread"].as_array().unwrap().len()),
        (&json!(6), 1),
        "{told:#}"
    );
    let project = sandbox.project().canonicalize().unwrap();
    assert_eq!(row(&told, "projects", project.to_str())["dismissed"], 1);
}

#[test]
fn where_nothing_is_known_that_is_said() {
    let sandbox = Sandbox::new(Launcher::Process);
    let out = sandbox.run("convoy-ctl", &["decisions", "stats"]);
    assert!(out.status.success() && out.stdout.is_empty(), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("nothing is remembered"), "{}", shown(&out));
    assert_eq!(stats(&sandbox, &[])["total"]["found"], 0);
}
