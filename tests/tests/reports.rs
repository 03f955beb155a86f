//! What a review is told as, by the programs: one finding with its code, formats for
//! other programs, and which review an F-number is of.

use std::fs;
use std::process::Output;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::Value;

const NAN: &str = "export function f(a: number) {\n  if (a == NaN) return 1;\n  return 0;\n}\n";

/// A project with one defect that the rules find, on line 2.
fn project() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(sandbox.project().join("src/n.ts"), NAN).unwrap();
    sandbox
}

fn review(sandbox: &Sandbox, more: &[&str]) -> Output {
    let words = [&["--files", "src", "--runner", "builtin"], more].concat();
    sandbox.run("convoy-review", &words)
}

fn says(out: &Output, code: i32, stdout: &str, stderr: &str) {
    let (told, said) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let is_so = out.status.code() == Some(code) && told.contains(stdout) && said.contains(stderr);
    assert!(is_so, "{code}, {stdout:?}, {stderr:?}: {}", shown(out));
}

#[test]
fn a_finding_is_shown_with_its_code_and_is_the_newest_reviews() {
    let sandbox = project();
    let show = |words: &[&str]| sandbox.run("convoy-ctl", &[&["show"], words].concat());
    says(&show(&["F1"]), 4, "", "no review of this project");
    let first = review(&sandbox, &["--json"]);
    let first: Value = serde_json::from_slice(&first.stdout).unwrap_or_else(|_| panic!("{}", shown(&first)));
    let first = first["convoyId"].as_str().unwrap().to_owned();
    says(&show(&["f1"]), 0, "### 1. [src/n.ts:2] A value is compared with NaN", "");
    says(&show(&["F1"]), 0, "\n> 2    if (a == NaN) return 1;\n", "");
    says(&show(&["F9"]), 4, "", "has no finding F9");
    says(&show(&["3"]), 2, "", "no number of a finding");
    // Another file, named before it: the number is another finding's from now on.
    fs::write(sandbox.project().join("src/a.ts"), format!("// a\n{NAN}")).unwrap();
    assert_eq!(review(&sandbox, &[]).status.code(), Some(1));
    says(&show(&["F1"]), 0, "### 1. [src/a.ts:3]", "");
    says(&show(&["F1", "--run", &first]), 0, "### 1. [src/n.ts:2]", "");
    let json = show(&["F2", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap_or_else(|_| panic!("{}", shown(&json)));
    assert_eq!((&json["id"], &json["locations"][0]["file"]), (&"F2".into(), &"src/n.ts".into()));
}

#[test]
fn a_review_is_printed_in_the_format_that_is_asked_for() {
    let sandbox = project();
    for (format, told) in [
        ("md", "# Code Review - Complete Analysis"),
        ("sarif", "\"ruleId\": \"js-nan-compare\""),
        ("gitlab", "\"check_name\": \"convoy/js-nan-compare\""),
        ("checkstyle", "<error line=\"2\""),
        ("junit", "<failure "),
        ("github", "::error file=src/n.ts,line=2"),
        ("csv", "\"F1\",\"high\""),
        ("html", "<!doctype html>"),
        ("rdjson", "\"diagnostics\""),
        ("rdjsonl", "\"path\":\"src/n.ts\""),
    ] {
        let out = review(&sandbox, &["--format", format]);
        says(&out, 1, told, "");
        assert!(!String::from_utf8_lossy(&out.stdout).contains("REVIEWER"), "the page is not in it");
    }
    says(&review(&sandbox, &["--format", "csv", "--json"]), 2, "", "--json");
    says(&review(&sandbox, &["--format", "none"]), 2, "", "possible values");
}

#[test]
fn the_report_tells_the_time_and_where_its_data_is() {
    let sandbox = project();
    review(&sandbox, &[]);
    let report = sandbox.ok("convoy-ctl", &["output"]);
    let name = report.split("- All of it as data: [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let reports = sandbox.project().join(".claude/reviews");
    assert!(reports.join(name).is_file(), "{name} in {report}");
    assert!(report.contains("\n- **Cost and time:** no cost, "), "{report}");
    assert!(report.contains("**Dismiss:** `pan findings dismiss F1 --reason WHY`"), "{report}");
    // Whoever merges the published report again gets what was in it.
    let path = fs::read_dir(&reports).unwrap().map(|entry| entry.unwrap().path());
    let path = path.into_iter().find(|path| path.to_string_lossy().ends_with("-synthesis.md")).unwrap();
    let json = sandbox.run("convoy-merge", &[path.to_str().unwrap(), "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap_or_else(|_| panic!("{}", shown(&json)));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["findings"][0]["rule"], "js-nan-compare");
}
