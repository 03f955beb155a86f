//! What a review is told as, by the programs: one finding with its code, formats for
//! other programs, and which review an F-number is of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
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

/// What the scripted reviewers report: 28 places of 16 causes, and by whom.
struct Planted {
    reviewer: usize,
    cause: usize,
    place: String,
    severity: &'static str,
}

const REVIEWERS: [&str; 3] = ["correctness", "security", "performance"];
const CAUSES: usize = 16;

/// A noun for each cause: no two are about the same thing.
const SUBJECTS: [&str; CAUSES] = [
    "query", "cookie", "buffer", "socket", "lock", "cache", "header", "parser", "timer", "cursor",
    "password", "thread", "redirect", "counter", "template", "upload",
];

fn planted() -> Vec<Planted> {
    let one = |n: usize| {
        let cause = n % CAUSES;
        let severity = match cause {
            0 | 1 => "critical",
            2..=6 => "high",
            7..=11 => "medium",
            _ => "low",
        };
        let place = format!("src/part{}/file{n}.ts:{}", n % 3, 10 + 7 * n);
        // One who found a thing finds it everywhere.
        Planted { reviewer: cause % REVIEWERS.len(), cause, place, severity }
    };
    (0..28).map(one).collect()
}

fn problem(cause: usize) -> String {
    format!("The {} is used after it was given back by its owner.", SUBJECTS[cause])
}

fn impact(cause: usize) -> String {
    format!("Whoever waits for the {} gets what belongs to somebody else.", SUBJECTS[cause])
}

fn fix(cause: usize) -> String {
    format!("Take a {} of your own and close it at the end of the function.", SUBJECTS[cause])
}

/// A review as an AI writes one.
fn written(reviewer: usize) -> String {
    let own: Vec<Planted> = planted().into_iter().filter(|one| one.reviewer == reviewer).collect();
    let mut text = format!("# {} Review\n\n", REVIEWERS[reviewer]);
    for (n, one) in own.iter().enumerate() {
        let Planted { cause, place, severity, .. } = one;
        let title = format!("The {} is not the caller's", SUBJECTS[*cause]);
        let _ = write!(
            text,
            "### {}. [{place}] {title}\n**Severity:** {severity}\n**Confidence:** 85\n**Category:** ownership (CWE-{})\n\
             **Problem:** {}\n**Impact:** {}\n**Fix:** {}\n\n",
            n + 1,
            400 + cause,
            problem(*cause),
            impact(*cause),
            fix(*cause)
        );
    }
    let _ = write!(text, "**Reviewed:** 28 files\n**Total:** {} findings\n", own.len());
    text
}

/// A convoy of three scripted reviewers over real files; its report, as it is printed.
fn reviewed_by_three() -> (Sandbox, String) {
    let sandbox = Sandbox::new(Launcher::Process);
    for one in planted() {
        let (file, _) = one.place.rsplit_once(':').unwrap();
        let path = sandbox.project().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines: Vec<String> = (1..=260).map(|n| format!("  call_{n}(\"{file}\", {n});\n")).collect();
        fs::write(path, lines.concat()).unwrap();
    }
    let mut agents = Vec::new();
    for (n, name) in REVIEWERS.iter().enumerate() {
        sandbox.agent(name, &[&format!("text:{}", written(n))]);
        agents.push(format!("\"role\": \"{name}\", \"subagent\": \"{name}\", \"report\": \"findings\""));
    }
    agents.push(format!(
        "\"role\": \"synthesis\", \"subagent\": \"code-review-synthesis\", \"runner\": \"builtin\", \
         \"report\": \"synthesis\", \"require\": \"any\", \"dependsOn\": {REVIEWERS:?}"
    ));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("three", &agents, "");
    let id = sandbox.start("three", &["--files", "src"]);
    sandbox.until_ended(&id);
    let report = sandbox.ok("convoy-ctl", &["output", id.as_str()]);
    (sandbox, report)
}

/// The lines that stand open: all that is not within `<details>`, its title included.
fn open(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut out = Vec::new();
    for line in text.lines() {
        if depth == 0 {
            out.push(line);
        }
        depth += i32::from(line.starts_with("<details>")) - i32::from(line == "</details>");
    }
    assert_eq!(depth, 0, "every fold is closed");
    out
}

/// Lines outside of fences.
fn prose(text: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    let mut out = Vec::new();
    for line in text.lines() {
        let mark = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if mark.len() >= 3 => fence = Some(mark),
            None => out.push(line),
        }
    }
    out
}

#[test]
fn a_review_of_28_findings_is_a_screen_that_says_each_thing_once_and_loses_nothing() {
    let (sandbox, report) = reviewed_by_three();
    let causes = report.matches("\n### ").count();
    assert_eq!(causes, CAUSES, "{report}");
    assert!(open(&report).len() <= 60, "{} lines stand open:\n{report}", open(&report).len());
    let lines = report.lines().count();
    assert!(lines <= 45 + 12 * causes, "{lines} lines:\n{report}");
    // Nothing is said twice, and nothing is wider than a reader takes.
    let mut seen = BTreeSet::new();
    for line in prose(&report) {
        assert!(line.chars().count() <= 200 || line.contains("]("), "{line}");
        let sentences = line.split(". ").map(|words| words.trim().trim_end_matches('.'));
        for sentence in sentences.filter(|words| words.split(' ').count() >= 5) {
            assert!(
                seen.insert(sentence.to_owned()) || sentence.starts_with('|'),
                "twice: {sentence}\n{report}"
            );
        }
    }
    // Nothing is lost: every field of every finding is in it.
    for one in planted() {
        for words in
            [problem(one.cause), impact(one.cause), fix(one.cause), format!("CWE-{}", 400 + one.cause)]
        {
            assert!(report.contains(&words), "{words} is lost:\n{report}");
        }
        assert!(report.contains(&one.place), "{} is lost:\n{report}", one.place);
    }
    // Each cause has the code of one of its places; the others are named.
    for cause in 0..CAUSES {
        let is_shown = |one: &Planted| {
            let (file, line) = one.place.rsplit_once(':').unwrap();
            one.cause == cause && report.contains(&format!("> {line}    call_{line}(\"{file}\""))
        };
        let shown = planted().iter().filter(|one| is_shown(one)).count();
        assert_eq!(shown, 1, "code of cause {cause}:\n{report}");
    }
    // And it is all in the data that it links to.
    let name = report.split("- All of it as data: [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let data = fs::read_to_string(sandbox.project().join(".claude/reviews").join(name)).unwrap();
    let data: Value = serde_json::from_str(&data).unwrap();
    let mut places = BTreeMap::new();
    for finding in data["findings"].as_array().unwrap() {
        let location = &finding["locations"][0];
        let place = format!("{}:{}", location["file"].as_str().unwrap(), location["lineStart"]);
        places.insert(place, finding["severity"].as_str().unwrap().to_owned());
    }
    let wanted: BTreeMap<String, String> =
        planted().into_iter().map(|one| (one.place, one.severity.to_owned())).collect();
    assert_eq!(places, wanted);
}
