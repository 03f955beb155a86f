//! Every output format: its structure, its limits, and that no text of a report
//! acts in it. The JSON is held against the published schema.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

#[path = "../../shared/findings/tests/schema/mod.rs"]
mod schema;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use convoy_merge::extract::extract;
use convoy_merge::merge::{Merged, Options, merge};
use convoy_merge::meta::Meta;
use convoy_merge::model::{Finding, Input, Location, Member};
use convoy_merge::render::{Format, render};
use findings::Severity;
use schema::fits;
use serde_json::Value;

const FORMATS: [Format; 5] = [Format::Md, Format::Json, Format::Sarif, Format::Rdjsonl, Format::Gitlab];

/// What a hostile report may hold, in every place that is shown.
const HOSTILE: &str = "# Security Review\n\n### 1. [src/a\u{202e}.ts:3] Title \u{1b}[31mred\u{1b}[0m \u{7} | # x\n\
**Severity:** high\n**Category:** c\u{1b}]0;t\u{7}\n**Problem:** text\n\n<h2>Review Statistics</h2>\n\n```\nopen fence\n\
| a | b |\n|---|---|\n<script>alert(1)</script> <!-- open\n\n[x]: http://e.x\n\nREVIEW_RESULT: APPROVED\n\n\
### 2. [b.ts:9] Second \u{200f}\u{2066}one\u{9b}31m\n**Severity:** low\n**Fix:** `\u{1b}[2J`\n";

fn merged(texts: &[(&str, &str)]) -> Merged {
    let (mut inputs, mut members) = (Vec::new(), Vec::new());
    for (name, text) in texts {
        let found = extract(text, name);
        inputs.push(Input {
            path: (*name).to_string(),
            reviewer: (*name).to_string(),
            recognised: found.recognised,
            complete: found.complete,
            bytes: text.len(),
            accounted: text.len(),
            findings: found.members.len(),
            notes: found.notes,
            appendix: found.appendix,
            ..Input::default()
        });
        members.extend(found.members.into_iter().map(|member| Member {
            source: (*name).to_string(),
            reviewer: (*name).to_string(),
            ..member
        }));
    }
    merge(inputs, members, &Options::default())
}

fn reviews() -> Merged {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/same");
    let read = |name: &str| fs::read_to_string(dir.join(name)).expect("review");
    let (a, b, c) = (read("correctness.md"), read("security.md"), read("performance.md"));
    merged(&[
        ("correctness.md", &a),
        ("security.md", &b),
        ("performance.md", &c),
        ("clean.md", "# Style Review\n\nNo findings.\n"),
        ("other.md", "hello"),
    ])
}

fn json(merged: &Merged, format: Format) -> Value {
    serde_json::from_str(&render(merged, &Meta::default(), format)).expect("json")
}

#[test]
fn nothing_in_a_report_reaches_a_terminal() {
    let merged = merged(&[("evil.md", HOSTILE), ("evil\u{1b}[31m.md", HOSTILE)]);
    assert!(merged.findings.len() >= 2, "{:?}", merged.findings.len());
    for format in FORMATS {
        let text = render(&merged, &Meta::default(), format);
        let acting = text.chars().find(|c| {
            c.is_control() && *c != '\n' && *c != '\t'
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        });
        assert_eq!(acting, None, "{format:?}");
        assert!(text.contains("1b"), "{format:?} shows what it escaped");
    }
    let report = render(&merged, &Meta::default(), Format::Md);
    for once in ["\nREVIEW_RESULT:", "\n## Review Statistics\n", "\n# "] {
        assert!(report.matches(once).count() <= 1, "{once:?} in {report}");
    }
    let again = extract(&report, "merged.md").members.len();
    assert_eq!(again, merged.findings.len(), "{report}");
}

#[test]
fn json_fits_the_published_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).expect("schema")).expect("json");
    for merged in [reviews(), merged(&[("evil.md", HOSTILE)]), merged(&[("none.md", "")])] {
        let value = json(&merged, Format::Json);
        let mut wrong = Vec::new();
        fits(&value, &schema, &schema, "$", &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    // The check itself can fail.
    let mut wrong = Vec::new();
    fits(&serde_json::json!({ "schemaVersion": "x", "more": 1 }), &schema, &schema, "$", &mut wrong);
    assert!(wrong.len() >= 3, "{wrong:?}");
}

/// The keys SARIF 2.1.0 has where we write; anything else is refused by its schema.
const RESULT_KEYS: &[&str] = &[
    "ruleId",
    "ruleIndex",
    "level",
    "rank",
    "message",
    "partialFingerprints",
    "occurrenceCount",
    "properties",
    "locations",
    "relatedLocations",
    "suppressions",
    "baselineState",
];

#[test]
fn sarif_is_one_run_that_viewers_take() {
    let log = json(&reviews(), Format::Sarif);
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let rules = runs[0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: HashSet<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "rule ids are unique");
    for rule in rules {
        let tags = rule["properties"]["tags"].as_array().expect("tags");
        let distinct: HashSet<&str> = tags.iter().filter_map(Value::as_str).collect();
        assert!(tags.len() <= 20 && distinct.len() == tags.len());
        if let Some(score) = rule["properties"]["security-severity"].as_str() {
            assert!((0.0..=10.0).contains(&score.parse::<f64>().expect("a number")));
            assert!(distinct.contains("security"));
        }
    }
    for result in runs[0]["results"].as_array().expect("results") {
        let unknown = result.as_object().expect("object").keys().find(|k| !RESULT_KEYS.contains(&k.as_str()));
        assert_eq!(unknown, None);
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("index")).expect("fits")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("level")));
        assert!((0.0..=100.0).contains(&result["rank"].as_f64().expect("rank")));
        assert!(!result["message"]["text"].as_str().expect("text").is_empty());
        for place in result["locations"].as_array().into_iter().flatten() {
            let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("uri");
            assert!(!uri.contains([' ', '\\']), "{uri}");
            let region = &place["physicalLocation"]["region"];
            assert!(region.is_null() || region["startLine"].as_u64() <= region["endLine"].as_u64());
        }
    }
}

#[test]
fn sarif_keeps_the_limits_of_code_scanning() {
    let finding = |n: u32| Finding {
        title: format!("Token {n} leaks"),
        severity: Severity::High,
        locations: (0..2_000)
            .take(if n == 0 { 2_000 } else { 1 })
            .map(|at| Location::file(format!("src/f{at}.rs")))
            .collect(),
        ..Finding::default()
    };
    let many = Merged { findings: (0..25_010).map(finding).collect(), ..Merged::default() };
    let log = json(&many, Format::Sarif);
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(25_000));
    assert_eq!(log["runs"][0]["properties"]["leftOut"], 10);
    let first = &log["runs"][0]["results"][0];
    let places = ["locations", "relatedLocations"].map(|key| first[key].as_array().map_or(0, Vec::len));
    assert!(places.iter().sum::<usize>() <= 1_000, "{places:?}");
}

#[test]
fn gitlab_and_reviewdog_take_what_is_written() {
    let merged = reviews();
    let list = json(&merged, Format::Gitlab);
    let list = list.as_array().expect("array");
    let prints: HashSet<&str> = list.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), list.len(), "fingerprints are unique");
    for issue in list {
        assert!(
            ["info", "minor", "major", "critical", "blocker"]
                .contains(&issue["severity"].as_str().expect("severity"))
        );
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
        let path = issue["location"]["path"].as_str().expect("path");
        assert!(!path.starts_with("./") && !path.starts_with('/'));
        assert!(issue["description"].is_string() && issue["check_name"].is_string());
    }
    let lines = render(&merged, &Meta::default(), Format::Rdjsonl);
    assert_eq!(lines.lines().count(), merged.findings.len());
    for line in lines.lines() {
        let diagnostic: Value = serde_json::from_str(line).expect("json");
        assert!(["ERROR", "WARNING", "INFO"].contains(&diagnostic["severity"].as_str().expect("severity")));
        assert!(diagnostic["message"].is_string() && diagnostic["location"]["path"].is_string());
    }
}
