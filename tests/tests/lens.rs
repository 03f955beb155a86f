//! A change is held against what was asked for: what is missed is a sentence that stands
//! in the text, which is looked for there; nobody says that it was looked at who has not.

use std::fs;

use base::ids::ConvoyId;
use convoy_tests::repository::Repository;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, print};
use serde_json::{Value, json};

const ISSUE: &str = r#"{"number": 12, "title": "Uploads get lost", "body": "An upload that fails\nis tried again. It says so in the log."}"#;

struct Stage<'s> {
    sandbox: &'s Sandbox,
    project: Repository<'s>,
}

fn finding(title: &str, sentence: Option<&str>, severity: &str) -> Value {
    json!({ "title": title, "severity": severity, "confidence": 90, "category": "missing", "cwe": [], "locations": [],
        "problem": "It is not there.", "impact": null, "fix": null, "suggestion": null, "requirement": sentence })
}

/// Opens the file of the change, and hands these findings in.
fn says(findings: &[Value]) -> String {
    let call = json!({ "type": "assistant", "message": { "id": "m", "content": [
        { "type": "tool_use", "id": "t", "name": "Read", "input": { "file_path": "src/up.py" } }] } });
    let result = json!({ "type": "user", "message": { "content": [
        { "type": "tool_result", "tool_use_id": "t", "content": "1\tdef", "is_error": false }] } });
    let answer = json!({ "findings": findings, "read": ["src/up.py"], "notRead": [], "notes": [], "total": findings.len() });
    let words = format!("```json\n{answer}\n```");
    let said = json!({ "type": "assistant", "message": { "id": "n", "content": [{ "type": "text", "text": words }] } });
    print(&[begun("s"), call.to_string(), result.to_string(), said.to_string(), done(&words)])
}

impl<'s> Stage<'s> {
    /// A branch with one changed file, and an AI whose reviewer of the requirements finds this.
    fn new(sandbox: &'s Sandbox, found: &[Value]) -> Self {
        let project = Repository::new(sandbox);
        project.git(&["checkout", "-q", "-b", "work"]);
        project.write("src/up.py", "def upload():\n    return 1\n");
        project.commit("work");
        let stage = Stage { sandbox, project };
        stage.finds(found);
        stage
    }

    fn finds(&self, found: &[Value]) {
        let (of_lens, of_others) = (says(found), says(&[]));
        self.sandbox.scripted(
            "m",
            &format!("case $PANOPTICON_CONVOY_ROLE in\nsynthesis) exit 9;;\nrequirements)\n{of_lens};;\n*)\n{of_others};;\nesac"),
        );
    }

    fn review(&self, more: &[&str]) -> (Value, Option<i32>) {
        let words = [&["--runner", "m", "--verify", "never", "--json"], more].concat();
        let out = self.project.run("convoy-review", &words);
        let result = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
        (result, out.status.code())
    }

    fn issue(&self) -> String {
        let file = self.sandbox.path("issue.json");
        fs::write(&file, ISSUE).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn merged(&self, result: &Value) -> Value {
        let id: ConvoyId = result["convoyId"].as_str().unwrap().parse().unwrap();
        let k = self.sandbox.state(&id).merge.unwrap().k;
        serde_json::from_slice(&fs::read(self.sandbox.dir_of(&id).merge_findings(k)).unwrap()).unwrap()
    }
}

fn roles(result: &Value) -> Vec<&str> {
    result["reports"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect()
}

#[test]
fn what_is_missed_is_a_sentence_that_stands_in_the_issue() {
    let sandbox = Sandbox::new(Launcher::Process);
    let found = [
        finding("A failed upload is lost", Some("An upload that fails is tried again."), "high"),
        finding("There is no cache", Some("Uploads are cached."), "high"),
        finding("There is no switch", None, "low"),
    ];
    let stage = Stage::new(&sandbox, &found);
    let sarif = sandbox.path("out.sarif");
    let (result, code) = stage.review(&["--issues-file", &stage.issue(), "--sarif", sarif.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{result:#}");
    let looked = &result["requirements"];
    assert_eq!(
        (&looked["lookedAt"], &looked["of"], &looked["missed"], &looked["unproved"]),
        (&json!(true), &json!(["issue 12"]), &json!(1), &json!(2)),
        "{result:#}"
    );
    let notes = result["notes"].as_str().unwrap();
    let sentence = "the change was held against issue 12: 1 requirement is missed, and 2 findings name sentences that do not stand there.";
    assert!(notes.contains(sentence), "{notes}");
    // What does not stand there is no requirement missed, and is lost neither: it stays open.
    assert_eq!(result["counts"]["high"], 2, "{result:#}");
    let merged = stage.merged(&result);
    let of = |title: &str| {
        let all = merged["findings"].as_array().unwrap();
        all.iter().find(|one| one["title"] == title).unwrap_or_else(|| panic!("{title}: {merged:#}")).clone()
    };
    assert_eq!(of("A failed upload is lost")["requirement"]["of"], "issue 12");
    assert_eq!(of("There is no cache")["requirement"]["stands"], false);
    assert_eq!(of("There is no cache")["locations"], json!([]));
    assert_eq!(of("There is no switch")["requirement"], json!({ "stands": false }));

    // The report, SARIF and the page of the result say so without a place.
    let report = result["output"].as_str().unwrap();
    for words in [
        "[project] A failed upload is lost",
        "(issue 12)",
        "not counted as missed",
        "The change was held against issue 12",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let sarif: Value = serde_json::from_slice(&fs::read(sarif).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let missed: Vec<bool> =
        results.iter().map(|one| one["properties"]["requirement"]["missed"].as_bool().unwrap()).collect();
    assert_eq!(missed.iter().filter(|missed| **missed).count(), 1, "{results:#?}");
    assert!(results.iter().all(|one| one["locations"].is_null()), "{results:#?}");
    let list = stage.project.run("pan", &["findings"]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("A failed upload is lost"), "{}", shown(&list));
}

#[test]
fn without_a_text_nobody_looks_and_nobody_says_so() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox, &[]);
    let issue = stage.issue();
    for (words, why) in [
        (vec![], "no text of an issue or pull request was given"),
        (vec!["--issue", "12"], "of issue 12 only the id is known"),
        (
            vec!["--pr-url", "https://git.example.com/o/r/pull/7", "--diff"],
            "the text of the pull request is not known",
        ),
        (vec!["--issues-file", &issue, "--param", "requirements=false"], "--param requirements=false"),
    ] {
        let (result, code) = stage.review(&words);
        assert_eq!(code, Some(0), "{words:?}: {result:#}");
        assert_eq!(roles(&result), ["correctness", "security", "performance"], "{words:?}");
        assert_eq!(
            (&result["requirements"]["lookedAt"], &result["requirements"]["why"]),
            (&json!(false), &json!(why)),
            "{words:?}"
        );
        let notes = result["notes"].as_str().unwrap();
        assert!(notes.contains(&format!("requirements were not looked at: {why}.")), "{notes}");
    }
    // Rules cannot read it, and are not taken for somebody who could.
    let out = stage.project.run("convoy-review", &["--runner", "builtin", "--json", "--issues-file", &issue]);
    let result: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    assert_eq!((roles(&result).len(), &result["requirements"]["why"]), (3, &json!("no AI reviews")));
    let words = ["--runner", "builtin", "--runner", "requirements=builtin", "--issues-file", &issue];
    let out = stage.project.run("convoy-review", &words);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("rules cannot do that"), "{}", shown(&out));
}

#[test]
fn a_dry_run_shows_who_looks_and_what_it_is_told() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox, &[]);
    let words = ["code-review", "--diff", "--runner", "m", "--dry-run", "--json", "--issues-file"];
    let out = stage.project.run("convoy-start", &[&words[..], &[&stage.issue()]].concat());
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let plan: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    let agents =
        plan["agents"].as_array().or(plan["plan"]["agents"].as_array()).unwrap_or_else(|| panic!("{text}"));
    let lens = agents.iter().find(|one| one["role"] == "requirements").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(lens["lens"], "requirements");
    let out = stage.project.run(
        "convoy-start",
        &["code-review", "--diff", "--runner", "m", "--dry-run", "--issues-file", &stage.issue()],
    );
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains("requirements") && text.contains("An upload that fails"), "{text}");
}

#[test]
fn a_review_of_the_requirements_that_failed_is_no_verdict() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox, &[]);
    sandbox.scripted(
        "m",
        &format!(
            "case $PANOPTICON_CONVOY_ROLE in\nsynthesis|requirements) exit 9;;\n*)\n{};;\nesac",
            says(&[])
        ),
    );
    let (result, code) = stage.review(&["--issues-file", &stage.issue()]);
    assert_eq!((code, &result["reviewResult"]), (Some(3), &json!("COMMENTED")), "{result:#}");
    assert_eq!(result["requirements"]["lookedAt"], false);
}

/// What is missing has no place: it is met when its reviewer has looked at something else
/// than then and does not miss it, and not because it forgot.
#[test]
fn a_requirement_is_met_by_a_change_and_not_by_forgetting() {
    let sandbox = Sandbox::new(Launcher::Process);
    let missed = finding("A failed upload is lost", Some("An upload that fails is tried again."), "high");
    let stage = Stage::new(&sandbox, &[missed]);
    let issue = stage.issue();
    assert_eq!(stage.review(&["--issues-file", &issue]).1, Some(1));
    // The same files again, and the reviewer forgets it.
    stage.finds(&[]);
    let (result, code) = stage.review(&["--issues-file", &issue]);
    assert_eq!((code, &result["requirements"]["missed"]), (Some(1), &json!(1)), "{result:#}");
    // Of another issue it is no matter.
    let other = sandbox.path("other.json");
    fs::write(&other, r#"{"number": 13, "title": "Say hello", "body": "It says hello."}"#).unwrap();
    let (result, code) = stage.review(&["--issues-file", other.to_str().unwrap()]);
    assert_eq!((code, &result["requirements"]["missed"]), (Some(0), &json!(0)), "{result:#}");
    // Something has changed, and it looked again.
    stage.project.write("src/up.py", "def upload():\n    return retry(3)\n");
    let (result, code) = stage.review(&["--issues-file", &issue]);
    assert_eq!((code, &result["requirements"]["missed"]), (Some(0), &json!(0)), "{result:#}");
}

#[test]
fn the_text_may_come_from_standard_input() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox, &[]);
    let mut command = sandbox.command("convoy-review");
    command.args(["--runner", "m", "--verify", "never", "--json", "--issues-file", "-"]);
    command.current_dir(stage.project.path()).stdin(fs::File::open(stage.issue()).unwrap());
    let out = command.output().unwrap();
    let result: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    assert_eq!(
        (out.status.code(), &result["requirements"]["lookedAt"]),
        (Some(0), &json!(true)),
        "{result:#}"
    );
}
