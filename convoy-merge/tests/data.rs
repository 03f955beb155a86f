//! Findings that come as data: nothing of them is guessed, lost or shown otherwise
//! than it is, their places are held against the tree, and one verdict follows.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

#[path = "../../shared/findings/tests/schema/mod.rs"]
mod schema;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use base::encoded_path::EncodedPath;
use findings::sealed;
use findings::{Basis, Document, Finding, Location, NotRead, Scope, Severity};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Every kind of name that a file may have.
fn names() -> Vec<EncodedPath> {
    let names: [&[u8]; 14] = [
        b"old api/a.ts",
        b"new api/a.ts",
        b"api/a.ts",
        b"a.ts",
        b"src/it's \"x\".ts",
        b"a,b;c.ts",
        b"app/[id]/(shop)/page.tsx",
        b"#1?.ts",
        b"new\nline.ts",
        b"half\xff\xfe.ts",
        b"C:/x.ts",
        b"-n.ts",
        b"a  b|`*c*`<b>.ts",
        b"weird:3.ts",
    ];
    names.iter().map(|name| EncodedPath::from(OsString::from_vec(name.to_vec()))).collect()
}

fn path(name: &str) -> EncodedPath {
    EncodedPath::from(Path::new(name))
}

fn at(file: &EncodedPath, line: u32) -> Location {
    Location { file: file.clone(), line: Some(line), end_line: None, column: None, symbol: None, quote: None }
}

fn finding(severity: Severity, place: Location) -> Finding {
    Finding {
        title: "SQL is built from the request".to_owned(),
        severity,
        category: Some("injection".to_owned()),
        cwe: vec![89],
        locations: vec![place],
        problem: Some("The name goes into the statement.".to_owned()),
        fix: Some("Bind the value.".to_owned()),
        ..Finding::default()
    }
}

/// A whole answer: these files were read, these were not.
fn document(reviewer: &str, read: &[EncodedPath], not_read: &[EncodedPath], found: Vec<Finding>) -> Document {
    let unread = |file: &EncodedPath| NotRead { file: file.clone(), why: "no known language".to_owned() };
    let scope = Scope {
        given: read.iter().chain(not_read).cloned().collect(),
        read: read.to_vec(),
        not_read: not_read.iter().map(unread).collect(),
        basis: Basis::Opened,
    };
    Document::new(reviewer, scope, found)
}

struct Sandbox(TempDir);

impl Sandbox {
    fn new() -> Self {
        let dir = TempDir::new().expect("a directory");
        fs::create_dir(dir.path().join("p")).expect("a project");
        Sandbox(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn document(&self, name: &str, document: &Document) {
        self.write(name, serde_json::to_vec(document).expect("JSON"));
    }

    fn merge(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::cargo_bin("convoy-merge").expect("the program");
        command.args(arguments).current_dir(self.0.path()).env_clear().write_stdin(input.as_bytes());
        command.env("PANOPTICON_HOME", self.path("home")).timeout(std::time::Duration::from_secs(120));
        command.output().expect("an output")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.merge(&[arguments, &["--format", "json"]].concat(), "");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// The exit code of a gate, and what it says.
    fn gate(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.merge(&[&["--gate", "high"], arguments].concat(), "");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn files(merged: &Value) -> Vec<String> {
    let mut files: Vec<String> = list(merged, "findings")
        .iter()
        .map(|finding| finding["locations"][0]["file"].as_str().expect("a file").to_owned())
        .collect();
    files.sort();
    files
}

#[test]
fn every_legal_name_survives_every_format() {
    let sandbox = Sandbox::new();
    let found = names().iter().map(|file| finding(Severity::Critical, at(file, 1))).collect();
    let whole = document("security", &names(), &[], found);
    sandbox.document("d.json", &whole);
    let mut want: Vec<String> = names().into_iter().map(String::from).collect();
    want.sort();
    let merged = sandbox.json(&["d.json"]);
    assert_eq!(files(&merged), want, "none is lost, none is another");
    assert_eq!(merged["duplicatesRemoved"], 0);
    // Through a pipe, behind a report in which no place could be read.
    let piped = sealed::seal("# Security Review\n\n**Total:** 14 findings\n", &whole).expect("sealed");
    let output = sandbox.merge(&["-", "--format", "json"], &piped);
    let output: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(files(&output), want);
    assert_eq!(output["inputs"][0]["readFrom"], "data");
    // And once more through our own JSON.
    sandbox.write("again.json", output.to_string());
    assert_eq!(files(&sandbox.json(&["again.json"])), want);
    let sarif = sandbox.merge(&["d.json", "--format", "sarif"], "").stdout;
    let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
    let mut uris: Vec<&str> = list(&sarif["runs"][0], "results")
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        .filter_map(Value::as_str)
        .collect();
    uris.sort_unstable();
    for uri in [
        "old%20api/a.ts",
        "half%FF%FE.ts",
        "new%0Aline.ts",
        "C%3A/x.ts",
        "%231%3F.ts",
        "app/%5Bid%5D/(shop)/page.tsx",
    ] {
        assert!(uris.contains(&uri), "{uri} in {uris:?}");
    }
    let report = String::from_utf8(sandbox.merge(&["d.json"], "").stdout).expect("text");
    for place in
        [" old api/a.ts:1 ", " half\\xff\\xfe.ts:1 ", " -n.ts:1 ", " a  b\\|\\`\\*c\\*\\`\\<b>.ts:1 "]
    {
        assert!(report.contains(place), "{place} in {report}");
    }
    // And from the report, but for what is no text.
    sandbox.write("report.md", report);
    let again = sandbox.json(&["report.md"]);
    let shown = |file: &String| {
        let visible = base::text::path(EncodedPath::from(file.clone()).as_path());
        if visible == *file { file.clone() } else { visible }
    };
    let mut want: Vec<String> = want.iter().map(shown).collect();
    want.sort();
    assert_eq!(files(&again), want);
}

#[test]
fn a_merge_of_data_fits_the_published_schema() {
    let sandbox = Sandbox::new();
    sandbox.write("p/a.ts", "one\ntwo\n");
    let place = Location { quote: Some("two()".to_owned()), column: Some(1), ..at(&path("a.ts"), 9) };
    let mut one = finding(Severity::High, place);
    (one.rule, one.domain) = (Some("r".to_owned()), Some("security".to_owned()));
    one.suggestion = Some("two".to_owned());
    sandbox.document("d.json", &document("security", &[path("a.ts")], &[path("b.md")], vec![one]));
    sandbox.write("changed.json", r#"[{"file":"a.ts","ranges":[[2,2]]}]"#);
    let merged = sandbox.json(&["d.json", "--root", "p", "--changed", "changed.json"]);
    assert_eq!(merged["findings"][0]["new"], true, "what is not there may be new");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.schema.json");
    let mut rules: Value =
        serde_json::from_str(&fs::read_to_string(page).expect("the schema")).expect("JSON");
    // Here every key that is written must be a documented one.
    for name in ["finding", "member", "location", "input", "scope", "verdict"] {
        rules["$defs"][name]["additionalProperties"] = json!(false);
    }
    rules["additionalProperties"] = json!(false);
    let mut wrong = Vec::new();
    schema::fits(&merged, &rules, &rules, "$", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_report_that_was_changed_on_its_way_is_read_as_prose_and_says_so() {
    let sandbox = Sandbox::new();
    let whole =
        document("security", &[path("a.ts")], &[], vec![finding(Severity::Low, at(&path("a.ts"), 1))]);
    let report = "# Security Review\n\n### 1. [a.ts:1] SQL is built from the request\n**Severity:** low\n\
                  **Problem:** It is.\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n";
    let sealed = sealed::seal(report, &whole).expect("sealed");
    let edited = sealed.replace("**Severity:** low", "**Severity:** critical");
    let output = sandbox.merge(&["-", "--format", "json"], &edited);
    let merged: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(merged["findings"][0]["severity"], "critical");
    assert_eq!(merged["inputs"][0]["readFrom"], "prose");
    let notes = merged["inputs"][0]["notes"].to_string();
    assert!(notes.contains("changed on its way"), "{notes}");
    assert_eq!(merged["inputs"][0]["bytes"], merged["inputs"][0]["accounted"]);
}

#[test]
fn what_is_found_by_two_is_one_and_what_one_lists_twice_is_two() {
    let sandbox = Sandbox::new();
    let place = || at(&path("a.ts"), 4);
    sandbox.document(
        "a.json",
        &document("security", &[path("a.ts")], &[], vec![finding(Severity::High, place())]),
    );
    sandbox
        .document("b.json", &document("style", &[path("a.ts")], &[], vec![finding(Severity::Low, place())]));
    let both = sandbox.json(&["a.json", "b.json"]);
    assert_eq!(list(&both, "findings").len(), 1);
    assert_eq!(both["findings"][0]["reviewers"], json!(["security", "style"]));
    let many = (1..=40).map(|line| finding(Severity::High, at(&path("a.ts"), line))).collect();
    sandbox.document("many.json", &document("security", &[path("a.ts")], &[], many));
    let many = sandbox.json(&["many.json"]);
    assert_eq!((list(&many, "findings").len(), &many["counts"]["high"]), (40, &json!(40)));
    assert_eq!(many["verdict"]["blocking"], 40);
}

#[test]
fn the_verdict_is_earned_and_is_the_same_everywhere() {
    let sandbox = Sandbox::new();
    let (a, b) = (path("a.ts"), path("b.md"));
    let one = |severity| vec![finding(severity, at(&a, 1))];
    let read = |found| document("security", std::slice::from_ref(&a), std::slice::from_ref(&b), found);
    let mut short = read(one(Severity::Low));
    short.total = 3;
    let mut torn_scope = read(Vec::new());
    torn_scope.scope.given.push(path("c.ts"));
    let nothing = document("security", &[], &[a.clone(), b.clone()], Vec::new());
    for (document, code, verdict, told) in [
        (read(Vec::new()), 0, "APPROVED", ""),
        (read(one(Severity::Medium)), 0, "APPROVED", ""),
        (read(one(Severity::High)), 1, "CHANGES_REQUESTED", "1 finding at or above high"),
        (nothing, 3, "COMMENTED", "read none of the files"),
        (short, 3, "COMMENTED", "it says 3 findings and holds 1"),
        (torn_scope, 3, "COMMENTED", "c.ts was given and is neither"),
    ] {
        sandbox.document("d.json", &document);
        let (exit, said) = sandbox.gate(&["d.json"]);
        assert!(exit == Some(code) && said.contains(told), "{exit:?} {said}: {document:?}");
        assert_eq!(sandbox.json(&["d.json"])["verdict"]["verdict"], verdict);
        let report = String::from_utf8(sandbox.merge(&["d.json"], "").stdout).expect("text");
        assert!(report.contains(&format!("\nREVIEW_RESULT: {verdict}  \n")), "{report}");
        let sarif = sandbox.merge(&["d.json", "--format", "sarif"], "").stdout;
        let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
        let run = &sarif["runs"][0];
        assert_eq!(run["properties"]["verdict"], verdict);
        assert_eq!(run["invocations"][0]["executionSuccessful"], code != 3);
    }
}

#[test]
fn a_document_that_does_not_hold_is_told_kept_and_never_a_pass() {
    let sandbox = Sandbox::new();
    let good = document("security", &[path("a.ts")], &[], vec![finding(Severity::Low, at(&path("a.ts"), 1))]);
    let text = serde_json::to_string(&good).expect("JSON");
    let rated = |severity: &str| text.replace("\"severity\":\"low\"", severity);
    for (broken, kept, told) in [
        (rated("\"severity\":\"awful\""), 1, "/findings/0/severity: expected blocker"),
        (text.replace("\"version\":1", "\"version\":2"), 1, "use a newer convoy"),
        (text[..text.len() - 12].to_owned(), 1, "it is cut off"),
        (text[..text.find("\"problem\"").expect("a key")].to_owned(), 0, "it is cut off"),
        (text.replace("\"scope\":{", "\"scope\":7,\"x\":{"), 1, "/scope: expected an object"),
    ] {
        sandbox.write("d.json", &broken);
        let merged = sandbox.json(&["d.json"]);
        assert_eq!(list(&merged, "findings").len(), kept, "{broken}");
        assert_eq!(merged["inputs"][0]["complete"], false);
        assert_eq!(merged["inputs"][0]["bytes"], merged["inputs"][0]["accounted"], "no byte is lost");
        let (exit, said) = sandbox.gate(&["d.json"]);
        assert!(exit == Some(3) && said.contains(told), "{exit:?} {said}");
    }
}

#[test]
fn what_was_read_and_what_was_not_is_in_every_output() {
    let sandbox = Sandbox::new();
    let read: Vec<EncodedPath> = (0..4).map(|n| path(&format!("a{n}.ts"))).collect();
    let unread: Vec<EncodedPath> = (0..6).map(|n| path(&format!("t{n}.md"))).collect();
    for name in ["security", "performance"] {
        sandbox.document(&format!("{name}.json"), &document(name, &read, &unread, Vec::new()));
    }
    let inputs = ["security.json", "performance.json"];
    let merged = sandbox.json(&inputs);
    let scope = &merged["inputs"][0]["scope"];
    assert_eq!(
        (list(scope, "given").len(), list(scope, "read").len(), list(scope, "notRead").len()),
        (10, 4, 6)
    );
    assert_eq!(
        (&merged["inputs"][0]["filesRead"], &merged["inputs"][0]["filesGiven"]),
        (&json!(4), &json!(10))
    );
    let report = String::from_utf8(sandbox.merge(&inputs, "").stdout).expect("text");
    for words in [
        "- **Read:** 4 of 10 files; not read: 6 no known language\n",
        "| security | nothing found | – | 4 of 10 | 0 |\n",
        "\n- Not read by performance, security: 6 files: no known language: t0.md, t1.md,",
        "- Files reviewed: 4 of 10 · Issues found: 0 · ",
        "\nFILES_REVIEWED: 4  \n",
    ] {
        assert!(report.contains(words), "{words} in {report}");
    }
    let sarif = sandbox.merge(&[&inputs[..], &["--format", "sarif"]].concat(), "").stdout;
    let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
    let run = &sarif["runs"][0];
    assert_eq!((&run["properties"]["filesRead"], &run["properties"]["filesGiven"]), (&json!(4), &json!(10)));
    let notes = list(&run["invocations"][0], "toolExecutionNotifications");
    assert_eq!(notes.len(), 6);
    assert_eq!(notes[0]["message"]["text"], "not read by performance, security: no known language");
    assert_eq!(notes[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "t0.md");
}

#[test]
fn prose_that_says_how_much_was_read_is_believed_no_more_than_that() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "none.md",
        "# Security Review\n\nNo findings.\n\n**Reviewed:** 0 files\n**Total:** 0 findings\n",
    );
    sandbox.write(
        "some.md",
        "# Security Review\n\nNo findings.\n\n**Reviewed:** 3 files\n**Total:** 0 findings\n",
    );
    let (exit, said) = sandbox.gate(&["none.md"]);
    assert_eq!(exit, Some(3), "{said}");
    assert_eq!(sandbox.gate(&["some.md"]).0, Some(0));
    let some = sandbox.json(&["some.md"]);
    assert_eq!(
        (&some["inputs"][0]["readFrom"], &some["inputs"][0]["filesRead"]),
        (&json!("prose"), &json!(3))
    );
}

#[test]
fn places_are_held_against_the_project() {
    let sandbox = Sandbox::new();
    sandbox.write("p/src/a.ts", "one\n  if (a == NaN) return 1;\nthree\n");
    sandbox.write("secret.ts", "x\n");
    std::os::unix::fs::symlink("../secret.ts", sandbox.path("p/out.ts")).expect("a link");
    let quoted = Location { quote: Some("if (a == NaN)".to_owned()), ..at(&path("src/a.ts"), 3) };
    let mut found = Vec::new();
    for (title, place) in [
        ("beyond", at(&path("src/a.ts"), 14_342)),
        ("nowhere", at(&path("src/b.ts"), 5)),
        ("outside", at(&path("out.ts"), 1)),
        ("moved", quoted),
        ("there", at(&path("src/a.ts"), 1)),
    ] {
        found.push(Finding { title: title.to_owned(), ..finding(Severity::High, place) });
    }
    sandbox.document("d.json", &document("security", &[path("src/a.ts")], &[], found));
    let merged = sandbox.json(&["d.json", "--root", "p"]);
    let sarif = sandbox.merge(&["d.json", "--root", "p", "--format", "sarif"], "").stdout;
    let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
    let report = String::from_utf8(sandbox.merge(&["d.json", "--root", "p"], "").stdout).expect("text");
    for (title, placed, why, region) in [
        ("beyond", "unplaced", "line 14342 of a file of 3 lines", None),
        ("nowhere", "unplaced", "there is no such file", None),
        ("outside", "unplaced", "it is outside the project", None),
        ("moved", "moved", "moved from line 3 to the code it quotes", Some(2)),
        ("there", "there", "", Some(1)),
    ] {
        let one = list(&merged, "findings").iter().find(|one| one["title"] == title).expect("kept");
        let place = &one["locations"][0];
        assert_eq!(place["placed"], placed, "{title}");
        assert_eq!(place["placedWhy"].as_str().unwrap_or_default(), why, "{title}");
        let result = list(&sarif["runs"][0], "results")
            .iter()
            .find(|one| one["message"]["text"].as_str().is_some_and(|text| text.starts_with(title)))
            .expect("kept");
        let line = &result["locations"][0]["physicalLocation"]["region"]["startLine"];
        assert_eq!(line.as_u64(), region, "{title}");
        assert!(why.is_empty() || report.contains(why), "{why} in {report}");
    }
    assert!(report.contains("| src/a.ts:14342 (unplaced) |"), "{report}");
    // Without a project nothing is claimed about places.
    assert_eq!(sandbox.json(&["d.json"])["findings"][0]["locations"][0].get("placed"), None);
}

#[test]
fn an_alert_names_the_rule_says_what_to_do_and_tells_nothing_of_this_machine() {
    let sandbox = Sandbox::new();
    sandbox.write("p/a.ts", "one\n");
    let mut security = finding(Severity::High, at(&path("a.ts"), 1));
    security.rule = Some("ts-sql-built".to_owned());
    security.domain = Some("security".to_owned());
    let mut other = finding(Severity::High, at(&path("a.ts"), 1));
    other.title = "A value is compared with NaN".to_owned();
    other.rule = Some("js-nan-compare".to_owned());
    other.domain = Some("correctness".to_owned());
    other.problem = Some(format!("See {}/a.ts.", sandbox.path("p").display()));
    let whole = document("convoy-lint", &[path("a.ts")], &[], vec![security, other]);
    sandbox.document("state/d.json", &whole);
    let meta = json!({ "project": sandbox.path("p"), "reviewers": [
        { "role": "lint", "state": "completed", "path": sandbox.path("state/r.md"), "findings": sandbox.path("state/d.json") },
    ] });
    sandbox.write("meta.json", meta.to_string());
    let text = sandbox.merge(&["--meta", "meta.json", "--format", "sarif"], "").stdout;
    let text = String::from_utf8(text).expect("text");
    let here = sandbox.0.path().to_string_lossy().into_owned();
    assert!(!text.contains(&here), "{text}");
    let sarif: Value = serde_json::from_str(&text).expect("JSON");
    let run = &sarif["runs"][0];
    for (id, security) in [("ts-sql-built", true), ("js-nan-compare", false)] {
        let rule =
            list(&run["tool"]["driver"], "rules").iter().find(|rule| rule["id"] == id).expect("the rule");
        assert_eq!(rule["properties"].get("security-severity").is_some(), security, "{rule}");
        assert_eq!(rule["help"]["text"], "Bind the value.");
        let result = list(run, "results").iter().find(|result| result["ruleId"] == id).expect("its result");
        let told = result["message"]["text"].as_str().unwrap_or_default();
        assert!(told.contains("Bind the value."), "{told}");
    }
}

#[test]
fn the_gate_may_look_at_what_is_new_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("p/a.ts", "one\ntwo\nthree\n");
    sandbox.write("p/new.ts", "one\n");
    let mut other = finding(Severity::High, at(&path("a.ts"), 1));
    other.title = "The lock is never released".to_owned();
    (other.category, other.cwe) = (Some("race".to_owned()), vec![667]);
    other.problem = Some("Nobody releases the lock when the queue is empty.".to_owned());
    let old = vec![other];
    sandbox.document("old.json", &document("security", &[path("a.ts")], &[], old));
    let new =
        vec![finding(Severity::High, at(&path("a.ts"), 3)), finding(Severity::High, at(&path("new.ts"), 1))];
    sandbox.document("new.json", &document("security", &[path("a.ts"), path("new.ts")], &[], new));
    sandbox.write(
        "changed.json",
        r#"[{"file":"a.ts","ranges":[[3,3]]},{"file":"new.ts","ranges":[[1,4294967295]]}]"#,
    );
    let on_new = ["--root", "p", "--changed", "changed.json", "--gate-on", "new"];
    assert_eq!(sandbox.gate(&[&on_new[..], &["old.json"]].concat()).0, Some(0));
    assert_eq!(sandbox.gate(&["old.json"]).0, Some(1), "without a change all counts");
    let (exit, said) = sandbox.gate(&[&on_new[..], &["new.json", "old.json"]].concat());
    assert!(exit == Some(1) && said.contains("2 new findings at or above high"), "{exit:?} {said}");
    let merged = sandbox.json(&[&on_new[..], &["new.json", "old.json"]].concat());
    let new: Vec<&Value> = list(&merged, "findings").iter().map(|finding| &finding["new"]).collect();
    assert_eq!(new.iter().filter(|new| **new == &json!(true)).count(), 2, "{new:?}");
    let report = sandbox.merge(&[&on_new[..], &["new.json", "old.json"]].concat(), "").stdout;
    let report = String::from_utf8(report).expect("text");
    let aside = "\n<details><summary>Not of This Change: 1</summary>\n\n## Not of This Change\n### ";
    assert!(report.contains(aside), "{report}");
    let (exit, said) = sandbox.gate(&["--gate-on", "new", "old.json"]);
    assert!(exit == Some(2) && said.contains("hint: "), "{said}");
}

/// Who looked at the base knows better than the lines; a file that says so itself does not.
#[test]
fn what_a_reviewer_of_the_convoy_says_of_the_base_counts_and_what_a_file_says_does_not() {
    let sandbox = Sandbox::new();
    sandbox.write("p/a.ts", "one\ntwo\nthree\n");
    sandbox.write("changed.json", r#"[{"file":"a.ts","ranges":[[2,2]]}]"#);
    let on_new = ["--root", "p", "--changed", "changed.json", "--gate-on", "new"];
    for (line, told, vouched, alone) in [
        (2, Some(false), Some(0), Some(1)),
        (2, None, Some(1), Some(1)),
        (1, Some(true), Some(1), Some(1)),
        (1, None, Some(0), Some(0)),
    ] {
        let found = Finding { new: told, ..finding(Severity::High, at(&path("a.ts"), line)) };
        sandbox.document("d.json", &document("security", &[path("a.ts")], &[], vec![found]));
        let mut one = json!({ "role": "security", "state": "completed" });
        one["findings"] = json!("d.json");
        sandbox.write("meta.json", json!({ "reviewers": [one] }).to_string());
        let all = format!("line {line}, {told:?}");
        assert_eq!(sandbox.gate(&[&on_new[..], &["--meta", "meta.json"]].concat()).0, vouched, "{all}");
        assert_eq!(sandbox.gate(&[&on_new[..], &["d.json"]].concat()).0, alone, "{all}");
        // Nor does our own output that somebody hands in again.
        sandbox.merge(&["--meta", "meta.json", "--format", "json", "-o", "m.json"], "");
        assert_eq!(sandbox.gate(&[&on_new[..], &["m.json"]].concat()).0, alone, "{all}, again");
    }
}

/// Nobody who found nothing has anything to tell of the code.
#[test]
fn notes_beside_an_empty_list_are_assurances_or_it_is_no_pass() {
    let sandbox = Sandbox::new();
    let scope = Scope { basis: Basis::Claimed, ..document("r", &[path("a.ts")], &[], Vec::new()).scope };
    for (note, want) in [
        ("I reviewed all files and found no issues.", Some(0)),
        (" ", Some(0)),
        ("The token is logged.", Some(3)),
        ("The password is compared without constant time.", Some(3)),
        ("All good, except that f never closes the file.", Some(3)),
    ] {
        let notes = vec![note.to_owned()];
        let claimed = Document { notes: notes.clone(), ..Document::new("r", scope.clone(), Vec::new()) };
        sandbox.document("d.json", &claimed);
        let (exit, said) = sandbox.gate(&["d.json"]);
        assert_eq!(exit, want, "{note}: {said}");
        assert!(exit == Some(0) || said.contains(note), "{said}");
        // Beside findings they are a part of what is told, and a program tells of itself.
        let low = vec![finding(Severity::Low, at(&path("a.ts"), 1))];
        let told = Document { notes: notes.clone(), ..Document::new("r", scope.clone(), low) };
        sandbox.document("d.json", &told);
        assert_eq!(sandbox.gate(&["d.json"]).0, Some(0), "{note}");
        sandbox.document("d.json", &Document { notes, ..document("r", &[path("a.ts")], &[], Vec::new()) });
        assert_eq!(sandbox.gate(&["d.json"]).0, Some(0), "{note}");
    }
}

#[test]
fn a_merge_without_a_verdict_gives_none_when_it_is_read_again() {
    let sandbox = Sandbox::new();
    let good = document("security", &[path("a.ts")], &[], Vec::new());
    sandbox.document("d.json", &good);
    let reviewer = |role: &str, state: &str| json!({ "role": role, "state": state, "reason": "no key" });
    let mut security = reviewer("security", "completed");
    security["findings"] = json!("d.json");
    for (spoilt, told) in [
        (vec![security.clone(), reviewer("style", "failed")], "the style review is missing: no key"),
        (
            vec![{
                let mut one = security.clone();
                one["denied"] = json!(["Read b.ts"]);
                one
            }],
            "denied Read b.ts",
        ),
        (vec![reviewer("style", "failed")], "the style review is missing: no key"),
    ] {
        sandbox.write("meta.json", json!({ "reviewers": spoilt }).to_string());
        for (format, name) in [("json", "m.json"), ("md", "m.md")] {
            let (exit, said) = sandbox.gate(&["--meta", "meta.json", "--format", format, "-o", name]);
            assert!(exit == Some(3) && said.contains(told), "{exit:?} {said}");
            let (again, said) = sandbox.gate(&[name]);
            assert_eq!(again, Some(3), "{format}: {said}");
        }
        sandbox.merge(&["m.json", "--format", "json", "-o", "m2.json"], "");
        sandbox.merge(&["m2.json", "--format", "json", "-o", "m3.json"], "");
        let read = |name: &str| fs::read_to_string(sandbox.path(name)).expect("a file");
        assert_eq!(read("m2.json"), read("m3.json"), "once said is said");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_neither_a_pass_nor_a_finding() {
    let sandbox = Sandbox::new();
    sandbox.document("d.json", &document("security", &[path("a.ts")], &[], Vec::new()));
    for output in [["-o", "gone/r.md"], ["-o", "/dev/full"], ["--also", "sarif=gone/s.sarif"]] {
        let (exit, said) = sandbox.gate(&[&output[..], &["d.json"]].concat());
        assert!(exit == Some(5) && !said.is_empty(), "{output:?}: {exit:?} {said}");
    }
}
