//! Reviewers that are asked for their findings as data, on the real CLIs: models that
//! obey, that do not, and that do so by half. Nothing they found may be lost, nothing
//! may be invented, and it is said how it was read.

use std::collections::BTreeSet;

use convoy_tests::clis::{ALL, Desk, installed};
use convoy_tests::model::{Act, HandIn, Script};
use convoy_tests::sandbox::shown;
use protocol::outcome::{AgentStatus, Evidence, ReadFrom};
use serde_json::{Value, json};

use super::{ended, single};

const TITLES: [&str; 3] =
    ["The last element is left out", "SQL is built from the request", "One query for each row"];

/// An answer with the first of the defects.
pub(super) fn object(count: usize) -> Value {
    let finding = |n: usize| {
        json!({
            "title": TITLES[n], "severity": "high", "confidence": 90, "category": "logic", "cwe": [],
            "locations": [{ "file": "src/app.ts", "line": 1 + 10 * n, "endLine": null, "symbol": null, "quote": null }],
            "problem": "As the title says.", "impact": null, "fix": null, "suggestion": null
        })
    };
    json!({
        "findings": (0..count).map(finding).collect::<Vec<_>>(),
        "read": ["src/app.ts"], "notRead": [], "notes": [], "total": count
    })
}

/// The same in words.
fn words(count: usize) -> String {
    let finding = |n: usize| {
        format!(
            "### {}. [src/app.ts:{}] {}\n**Severity:** high\n**Confidence:** 90\n**Problem:** As the title says.\n\n",
            n + 1,
            1 + 10 * n,
            TITLES[n]
        )
    };
    let all: String = (0..count).map(finding).collect();
    let plural = if count == 1 { "" } else { "s" };
    format!("# Security Review\n\n{all}**Reviewed:** 1 file\n**Total:** {count} finding{plural}\n")
}

fn spoilt(count: usize, spoil: impl FnOnce(&mut Value)) -> Value {
    let mut value = object(count);
    spoil(&mut value);
    value
}

/// One reviewer that hands this in: its proof, and the titles that came out of the merge.
fn reviewed(cli: &str, first: HandIn, then: HandIn) -> (Evidence, BTreeSet<String>, String) {
    let desk = Desk::new(Script::new().role("security", Act::HandIn { first, then }));
    let id = single(&desk, cli, "");
    let state = ended(&desk, &id);
    let agent = &state.agents[0];
    let all = format!(
        "{cli}: {:?} {:?}\n{}",
        agent.reason(),
        agent.detail(),
        desk.log(&id, "security", agent.attempt)
    );
    assert_eq!(agent.status(), AgentStatus::Completed, "{all}");
    let out = desk.run("convoy-ctl", &["findings", id.short(), "--format", "json"]);
    let merged: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    let findings = merged["findings"].as_array().expect("findings");
    let titles =
        findings.iter().map(|finding| finding["title"].as_str().expect("a title").to_owned()).collect();
    (agent.evidence().cloned().expect("a proof"), titles, all)
}

fn titles(count: usize) -> BTreeSet<String> {
    TITLES[..count].iter().map(|&title| title.to_owned()).collect()
}

#[test]
fn an_answer_as_data_is_the_report() {
    for cli in installed(&ALL) {
        for count in [2, 0] {
            let no = HandIn::Words("It was asked twice.".to_owned());
            let (evidence, found, all) = reviewed(cli, HandIn::Object(object(count)), no);
            assert_eq!((found, evidence.read_from), (titles(count), Some(ReadFrom::Data)), "{all}");
            assert_eq!((evidence.read, evidence.given), (Some(1), Some(1)), "{all}");
            assert_eq!(evidence.denied, [""; 0], "{all}");
        }
    }
}

#[test]
fn an_answer_that_cannot_be_used_is_mended_in_the_same_conversation() {
    for cli in installed(&ALL) {
        for first in [
            HandIn::Words("I have reviewed it; my answer follows.".to_owned()),
            HandIn::Object(spoilt(2, |value| value["total"] = json!(3))),
            HandIn::Both(words(2).replace("**Total:** 2 findings", ""), object(1)),
        ] {
            let (evidence, found, all) = reviewed(cli, first, HandIn::Object(object(2)));
            assert_eq!((found, evidence.read_from), (titles(2), Some(ReadFrom::Data)), "{all}");
            assert_eq!(evidence.read, Some(1), "what was read before counts: {all}");
        }
    }
}

#[test]
fn what_was_found_is_not_lost_where_the_answer_stays_unusable() {
    for cli in installed(&ALL) {
        let total = || HandIn::Object(spoilt(2, |value| value["total"] = json!(3)));
        let level =
            || HandIn::Object(spoilt(2, |value| value["findings"][1]["severity"] = json!("moderate")));
        for (first, then, count) in [
            (HandIn::Words(words(3)), HandIn::Words("It was asked twice.".to_owned()), 3),
            (HandIn::Object(spoilt(3, |value| value["total"] = json!(4))), HandIn::Object(object(2)), 3),
            (total(), total(), 2),
            (level(), level(), 2),
            (total(), HandIn::Words("I gave it already.".to_owned()), 2),
        ] {
            let (evidence, found, all) = reviewed(cli, first, then);
            assert_eq!((found, evidence.read_from), (titles(count), Some(ReadFrom::Prose)), "{all}");
        }
    }
}
