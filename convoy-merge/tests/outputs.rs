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

const FORMATS: [Format; 11] = [
    Format::Md,
    Format::Json,
    Format::Sarif,
    Format::Rdjson,
    Format::Rdjsonl,
    Format::Gitlab,
    Format::Checkstyle,
    Format::Junit,
    Format::Github,
    Format::Csv,
    Format::Html,
];

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
    "codeFlows",
];

/// Findings with everything that a format may stumble over: odd paths, no place, line 0,
/// a flow, a decision, an earlier review.
fn odd() -> Merged {
    let at = |file: &str, line: Option<u32>| Location {
        line_start: line,
        line_end: line,
        exact: true,
        ..Location::file(file)
    };
    let mut list: Vec<Finding> = Vec::new();
    for (n, place) in [
        at("old api/it's \"x\".ts", Some(3)),
        at("a,b;c:d.ts", Some(1)),
        at("#1?%25.ts", Some(9)),
        at("app/[id]/<p>&.tsx", None),
        at("@scope/=x.ts", Some(0)),
        at("new\nline.ts", Some(2)),
        at("", Some(2)),
        Location {
            placed: Some(convoy_merge::model::Placed::Unplaced),
            placed_why: Some("there is no such file".to_string()),
            ..at("gone.ts", Some(7))
        },
    ]
    .into_iter()
    .enumerate()
    {
        list.push(Finding {
            id: format!("F{}", n + 1),
            fingerprint: format!("{n:032x}"),
            title: format!("Defect {n}: <b> & 100%, \"so\""),
            severity: Severity::ALL[n % 6],
            category: Some("injection (CWE-89)".to_string()),
            locations: vec![place],
            reviewers: vec!["security".to_string()],
            members: vec![Member {
                title: "t".to_string(),
                body: "**Problem:** a, b\n**Fix:** Mend: it.".to_string(),
                ..Member::default()
            }],
            ..Finding::default()
        });
    }
    list.push(Finding {
        id: "F9".to_string(),
        fingerprint: "f9".to_string(),
        title: "All of it".to_string(),
        severity: Severity::High,
        ..Finding::default()
    });
    let step =
        |line| findings::Step { file: "src/a.ts".to_string().into(), line, text: "x = input()".to_string() };
    list[0].facts.trace = vec![step(1), step(2)];
    list[0].facts.rule = Some("sql-built".to_string());
    list[0].facts.fix = Some("Bind it.".to_string());
    list[0].facts.suggestion = Some("bind()".to_string());
    list[1].suppressed = Some("accepted: known".to_string());
    list[2].history = Some("known".to_string());
    let carried = vec![Finding {
        id: "F10".to_string(),
        fingerprint: "f10".to_string(),
        title: "Of last week".to_string(),
        severity: Severity::Low,
        history: Some("carried".to_string()),
        ..Finding::default()
    }];
    Merged { findings: list, carried, ..Merged::default() }
}

#[test]
fn sarif_fits_the_schema_of_oasis() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).expect("schema")).expect("json");
    for merged in [reviews(), merged(&[("evil.md", HOSTILE)]), merged(&[("none.md", "")]), odd()] {
        let log = json(&merged, Format::Sarif);
        let mut wrong = Vec::new();
        fits(&log, &schema, &schema, "$", &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    // The check itself can fail.
    let mut broken = json(&odd(), Format::Sarif);
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    broken["runs"][0]["results"][0]["more"] = 1.into();
    let mut wrong = Vec::new();
    fits(&broken, &schema, &schema, "$", &mut wrong);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}

/// What our own reader of other tools' reports makes of a format: severity, place.
fn read_back(merged: &Merged, format: Format, name: &str) -> Vec<(String, Option<u32>)> {
    let found = extract(&render(merged, &Meta::default(), format), name);
    let place = |member: &Member| {
        let first = member.locations.first();
        (first.map_or_else(String::new, |at| at.file.clone()), first.and_then(|at| at.line_start))
    };
    let mut all: Vec<_> = found.members.iter().map(place).collect();
    all.sort();
    all
}

#[test]
fn a_sarif_alert_says_what_where_and_what_to_do() {
    let log = json(&odd(), Format::Sarif);
    let run = &log["runs"][0];
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object());
    assert_eq!(run["automationDetails"]["id"], "convoy/code-review/");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 10, "carried ones too");
    let first = &results[0];
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    let steps = first["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    assert_eq!(steps.len(), 3, "two steps and where it does harm");
    assert_eq!(steps[2]["location"]["physicalLocation"]["region"]["startLine"], 3);
    assert_eq!(results[1]["suppressions"][0]["status"], "accepted");
    assert_eq!(results[2]["baselineState"], "unchanged");
    assert!(results[4]["locations"][0]["physicalLocation"].get("region").is_none(), "line 0 is no line");
    assert!(results[6].get("locations").is_none() && results[8].get("locations").is_none());
    let rule = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .find(|rule| rule["id"] == "sql-built");
    let rule = rule.expect("its rule");
    assert_eq!(rule["help"]["text"], "Bind it.");
    assert_eq!(rule["fullDescription"]["text"], "a, b");
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[key]["text"].as_str().is_some_and(|text| !text.is_empty()), "{key} of {rule}");
        }
    }
}

#[test]
fn sarif_drops_what_does_not_stand_and_then_the_least_severe() {
    let finding = |n: usize| Finding {
        title: format!("Defect {n}"),
        fingerprint: n.to_string(),
        severity: if n < 20_000 { Severity::Low } else { Severity::High },
        suppressed: (n == 24_999).then(|| "known".to_string()),
        ..Finding::default()
    };
    let carried = vec![Finding {
        title: "Of last week".to_string(),
        severity: Severity::Blocker,
        ..Finding::default()
    }];
    let many = Merged { findings: (0..25_002).map(finding).collect(), carried, ..Merged::default() };
    let log = json(&many, Format::Sarif);
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    let count = |level: &str| results.iter().filter(|one| one["level"] == level).count();
    assert_eq!((results.len(), count("error"), count("note")), (25_000, 5_002, 19_998));
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notes");
    let said = notes.iter().filter_map(|note| note["message"]["text"].as_str());
    assert!(
        said.into_iter().any(|text| text.starts_with("3 results are left out, the least severe")),
        "{notes:?}"
    );
}

#[test]
fn what_is_written_is_read_back_with_the_same_counts_and_places() {
    let merged = odd();
    let path = |file: &str| if file.is_empty() { "(project)".to_string() } else { file.to_string() };
    let line = |at: &Location| at.line_start.filter(|line| *line > 0 && !at.is_unplaced());
    let mut want: Vec<(String, Option<u32>)> = merged
        .open()
        .map(|f| f.locations.first().map_or_else(|| (path(""), None), |at| (path(&at.file), line(at))))
        .collect();
    want.sort();
    for (format, name) in [(Format::Rdjson, "x.json"), (Format::Rdjsonl, "x.jsonl")] {
        // Our own reader takes a path to end with its line.
        let one_line = |list: &[(String, Option<u32>)]| -> Vec<(String, Option<u32>)> {
            list.iter().filter(|(file, _)| !file.ends_with("line.ts")).cloned().collect()
        };
        let got = read_back(&merged, format, name);
        assert_eq!((got.len(), one_line(&got)), (want.len(), one_line(&want)), "{format:?}");
    }
    // A table and XML show what is no plain text of a path by its escapes.
    let shown = |(file, line): &(String, Option<u32>)| (file.replace('\n', "\\n"), *line);
    let visible: Vec<(String, Option<u32>)> = want.iter().map(shown).collect();
    for (format, name, other) in [(Format::Checkstyle, "x.xml", 1), (Format::Github, "x.log", 4)] {
        let got = read_back(&merged, format, name);
        assert_eq!(got.len(), visible.len(), "{format:?}: {got:?}");
        assert_eq!(
            got.iter().filter(|one| visible.contains(one)).count(),
            visible.len() - other,
            "{format:?}: {got:?}"
        );
    }
    let junit = render(&merged, &Meta::default(), Format::Junit);
    assert_eq!(junit.matches("<failure ").count(), want.len());
    assert!(junit.contains("tests=\"10\" failures=\"9\" errors=\"1\""), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), 10);
    let table = render(&merged, &Meta::default(), Format::Csv);
    assert!(
        table.contains("\"./@scope/=x.ts\"") && table.contains("\"old api/it's \"\"x\"\".ts\",\"3\""),
        "{table}"
    );
    let lines = render(&merged, &Meta::default(), Format::Github);
    assert!(
        lines.contains("::error file=old api/it's \"x\".ts,line=3,endLine=3,title=F1 blocker%3A Defect 0%3A"),
        "{lines}"
    );
    assert!(lines.contains("file=a%2Cb;c%3Ad.ts") == (merged.findings[1].suppressed.is_none()), "{lines}");
}

#[test]
fn ten_thousand_findings_are_valid_in_every_format() {
    let finding = |n: u32| Finding {
        id: format!("F{}", n + 1),
        fingerprint: format!("{n:032x}"),
        title: format!("Defect {n} is there"),
        severity: Severity::ALL[n as usize % 6],
        locations: vec![Location {
            line_start: Some(n % 500),
            line_end: Some(n % 500),
            ..Location::file(format!("src/f{}.ts", n % 90))
        }],
        members: vec![Member { body: format!("**Problem:** {n}\n**Fix:** Mend it."), ..Member::default() }],
        ..Finding::default()
    };
    let many = Merged { findings: (0..10_000).map(finding).collect(), ..Merged::default() };
    for format in FORMATS {
        let text = render(&many, &Meta::default(), format);
        let count = match format {
            Format::Md => extract(&text, "x.md").members.len(),
            Format::Json => json(&many, format)["findings"].as_array().map_or(0, Vec::len),
            Format::Sarif => json(&many, format)["runs"][0]["results"].as_array().map_or(0, Vec::len),
            Format::Gitlab => json(&many, format).as_array().map_or(0, Vec::len),
            Format::Rdjson => json(&many, format)["diagnostics"].as_array().map_or(0, Vec::len),
            Format::Rdjsonl | Format::Github => text.lines().count(),
            Format::Checkstyle => text.matches("<error ").count(),
            Format::Junit => text.matches("<failure ").count(),
            Format::Csv => text.matches("\n\"F").count(),
            Format::Html => text.matches("<details").count(),
        };
        assert_eq!(count, 10_000, "{format:?}");
    }
}

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
