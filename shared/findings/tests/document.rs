//! The document as others see it: every one survives writing and reading, the
//! published schema says what is written, and each rule of reading is broken once.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

mod schema;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use base::encoded_path::EncodedPath;
use findings::sealed::{self, Seal};
use findings::{
    Basis, Document, Finding, Location, NotRead, ReadError, Scope, Severity, Step, read, salvage,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Every name a file may have: bytes without NUL and without an empty part.
fn any_path() -> impl Strategy<Value = EncodedPath> {
    let part = vec(any::<u8>().prop_filter("a part of a path", |byte| !matches!(byte, 0 | b'/')), 1..12);
    vec(part, 1..4).prop_map(|parts| EncodedPath::from(OsString::from_vec(parts.join(&b'/'))))
}

fn any_location() -> impl Strategy<Value = Location> {
    let line = option::of((1..u32::MAX, 0..9u32, option::of(1..u32::MAX)));
    (any_path(), line, option::of(any::<String>()), option::of(any::<String>())).prop_map(
        |(file, line, symbol, quote)| Location {
            file,
            line: line.map(|(line, _, _)| line),
            end_line: line.map(|(line, more, _)| line.saturating_add(more)),
            column: line.and_then(|(_, _, column)| column),
            symbol,
            quote,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    (any_path(), 1..u32::MAX, any::<String>()).prop_map(|(file, line, text)| Step { file, line, text })
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let text = || option::of(any::<String>());
    (
        "[^\\s].{0,40}",
        proptest::sample::select(Severity::ALL.to_vec()),
        option::of(0..=100u8),
        vec(any::<u32>(), 0..3),
        vec(any_location(), 0..3),
        (text(), text(), text()),
        (text(), text(), text(), text(), option::of(any::<bool>()), vec(any_step(), 0..3)),
    )
        .prop_map(|(title, severity, confidence, cwe, locations, texts, more)| Finding {
            title,
            severity,
            confidence,
            domain: texts.0,
            category: texts.1,
            rule: texts.2,
            cwe,
            locations,
            problem: more.0,
            impact: more.1,
            fix: more.2,
            suggestion: more.3,
            new: more.4,
            requirement: None,
            trace: more.5,
        })
}

fn any_document() -> impl Strategy<Value = Document> {
    let basis = proptest::sample::select(vec![Basis::Opened, Basis::ToolCalls, Basis::Claimed]);
    let unread = vec((any_path(), any::<String>()), 0..3);
    (
        any::<String>(),
        vec(any_path(), 0..3),
        unread,
        basis,
        vec(any_finding(), 0..4),
        vec(any::<String>(), 0..2),
    )
        .prop_map(|(reviewer, read, unread, basis, findings, notes)| {
            let not_read: Vec<NotRead> =
                unread.into_iter().map(|(file, why)| NotRead { file, why }).collect();
            let given = read.iter().cloned().chain(not_read.iter().map(|one| one.file.clone())).collect();
            Document { notes, ..Document::new(reviewer, Scope { given, read, not_read, basis }, findings) }
        })
}

proptest! {
    #[test]
    fn every_document_survives_writing_and_reading(document in any_document()) {
        let json = serde_json::to_vec_pretty(&document).expect("json");
        prop_assert_eq!(read(&json), Ok(document.clone()));
        let text = String::from_utf8(json).expect("text");
        let salvaged = salvage(&text).expect("a document");
        prop_assert_eq!((&salvaged.document, &salvaged.error), (&document, &None));
        for (range, finding) in salvaged.ranges.iter().zip(&document.findings) {
            let one: Finding = serde_json::from_str(&text[range.clone()]).expect("a finding");
            prop_assert_eq!(&one, finding);
        }
    }

    #[test]
    fn what_is_written_fits_the_published_schema(document in any_document()) {
        let rules = published();
        let mut wrong = Vec::new();
        schema::fits(&serde_json::to_value(&document).expect("json"), &rules, &rules, "$", &mut wrong);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Cut off anywhere, it never passes for whole, and no finding that is whole is lost.
    #[test]
    fn what_is_cut_off_keeps_what_is_whole(document in any_document(), part in 0.0..1.0f64) {
        let text = serde_json::to_string(&document).expect("json");
        let ranges = salvage(&text).expect("a document").ranges;
        let mut at = (text.len() as f64 * part) as usize;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        prop_assert!(read(&text.as_bytes()[..at]).is_err());
        let whole = ranges.iter().filter(|range| range.end <= at).count();
        match salvage(&text[..at]) {
            Some(salvaged) => {
                prop_assert!(salvaged.error.is_some());
                prop_assert_eq!(&salvaged.document.findings[..], &document.findings[..whole]);
            }
            None => prop_assert_eq!(whole, 0),
        }
    }

    #[test]
    fn a_sealed_report_gives_its_document_back(document in any_document(), report in "(.|\n){0,60}\n") {
        let text = sealed::seal(&report, &document).expect("sealed");
        prop_assert!(text.starts_with(&report));
        prop_assert!(!text[report.len()..text.len() - 1].contains('\n'), "one line");
        let Seal::Whole(range) = sealed::open(&text) else { panic!("{text}") };
        prop_assert_eq!(read(text[range].as_bytes()), Ok(document));
    }

    /// A byte more, less or other anywhere: the data is not taken.
    #[test]
    fn a_report_that_was_changed_is_prose(document in any_document(), at in 0..400usize, put in "[a-z<\n]") {
        let text = sealed::seal("# Review\n\n**Total:** 1 finding\n", &document).expect("sealed");
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let (before, behind) = text.split_at(at);
        let taken = |text: &str| matches!(sealed::open(text), Seal::Whole(_));
        let more = [before, &put, behind].concat();
        prop_assert!(!taken(&more), "{}", more);
        if let Some(c) = behind.chars().next() {
            let less = [before, &behind[c.len_utf8()..]].concat();
            prop_assert!(!taken(&less), "{}", less);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(.|\n){0,80}") {
        let _ = (read(text.as_bytes()), salvage(&text), sealed::open(&text));
    }
}

fn published() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/findings-document.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("schema")).expect("json")
}

/// A document in which nothing is wrong.
fn good() -> Value {
    json!({
        "format": "convoy-findings", "version": 1, "reviewer": "security",
        "scope": { "given": ["a.ts", "b.md"], "read": ["a.ts"], "basis": "opened",
                   "notRead": [{ "file": "b.md", "why": "no known language" }] },
        "findings": [{
            "title": "SQL is built from the request", "severity": "High", "confidence": 90, "cwe": [89],
            "category": null, "rule": "py-sql", "later": true,
            "locations": [{ "file": "a.ts", "line": 4, "endLine": 5, "column": 1, "quote": "q(x)" }],
        }],
        "total": 1, "later": {},
    })
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let document = read(good().to_string().as_bytes()).expect("good");
    assert_eq!(document.findings[0].severity, Severity::High);
    for (at, value) in [
        ("/version", json!(0)),
        ("/version", json!("1")),
        ("/reviewer", json!(7)),
        ("/total", json!(-1)),
        ("/findings", json!({})),
        ("/scope", json!([])),
        ("/scope/given", json!(["a.ts", ""])),
        ("/scope/read", json!("a.ts")),
        ("/scope/notRead", json!([{ "file": "b.md" }])),
        ("/scope/basis", json!("guessed")),
        ("/notes", json!("all of it")),
        ("/findings/0/title", json!(" ")),
        ("/findings/0/severity", json!("awful")),
        ("/findings/0/confidence", json!(101)),
        ("/findings/0/rule", json!(3)),
        ("/findings/0/category", json!(["sql"])),
        ("/findings/0/cwe", json!(["CWE-89"])),
        ("/findings/0/locations", json!("a.ts:4")),
        ("/findings/0/locations/0/file", json!("")),
        ("/findings/0/locations/0/line", json!(0)),
        ("/findings/0/locations/0/column", json!(1.5)),
        ("/findings/0/locations/0/endLine", json!(3)),
        ("/findings/0/locations/0/quote", json!(3)),
    ] {
        let mut bad = good();
        match bad.pointer_mut(at) {
            Some(place) => *place = value,
            None => bad["notes"] = value,
        }
        let text = bad.to_string();
        let Err(ReadError::Mistakes(mistakes)) = read(text.as_bytes()) else {
            panic!("{at} is taken: {text}")
        };
        let told: Vec<&str> = mistakes.iter().map(|mistake| mistake.at.as_str()).collect();
        assert_eq!(told, [at], "{mistakes:?}");
        let salvaged = salvage(&text).expect("a document all the same");
        assert!(salvaged.error.is_some(), "{at}");
        let kept = usize::from(at != "/findings");
        assert_eq!(salvaged.document.findings.len(), kept, "{at}: a finding is kept though it is not whole");
    }
}

#[test]
fn many_mistakes_are_told_at_once() {
    let mut bad = good();
    bad["reviewer"] = Value::Null;
    bad["findings"] = json!([{ "title": "", "severity": 4, "locations": [{}] }]);
    let Err(ReadError::Mistakes(mistakes)) = read(bad.to_string().as_bytes()) else { panic!("taken") };
    assert_eq!(mistakes.len(), 4, "{mistakes:?}");
}

#[test]
fn other_files_and_newer_versions_are_told_apart() {
    for text in ["", "# Review", "[]", "{}", "{\"format\":\"sarif\"}"] {
        assert!(matches!(read(text.as_bytes()), Err(ReadError::Other(_))), "{text}");
        assert_eq!(salvage(text), None, "{text}");
    }
    let mut newer = good();
    newer["version"] = json!(2);
    newer["scope"]["basis"] = json!("telepathy");
    let error = read(newer.to_string().as_bytes()).expect_err("newer");
    assert_eq!(error, ReadError::Newer(2));
    assert!(error.to_string().contains("use a newer convoy"), "{error}");
    let salvaged = salvage(&newer.to_string()).expect("a document");
    assert_eq!((salvaged.document.findings.len(), salvaged.error), (1, Some(error)));
}

#[test]
fn of_a_finding_that_is_not_whole_the_rest_is_kept() {
    let mut bad = good();
    bad["findings"][0]["severity"] = json!("awful");
    bad["findings"][0]["locations"] =
        json!([{ "file": "a.ts", "line": -4 }, 7, { "file": "b.ts", "line": 2 }]);
    bad["findings"][0]["fix"] = json!("Bind it.");
    let finding = salvage(&bad.to_string()).expect("a document").document.findings.remove(0);
    let places: Vec<_> = finding.locations.iter().map(|place| (place.file.as_path(), place.line)).collect();
    assert_eq!(places, [(Path::new("a.ts"), None), (Path::new("b.ts"), Some(2))]);
    assert_eq!((finding.severity, finding.fix.as_deref()), (Severity::Unrated, Some("Bind it.")));
    assert_eq!((finding.rule.as_deref(), finding.cwe), (Some("py-sql"), vec![89]));
}

#[test]
fn a_scope_must_add_up() {
    let scope = |given: &[&str], read: &[&str], not_read: &[&str]| {
        let files = |names: &[&str]| names.iter().map(|name| EncodedPath::from(Path::new(name))).collect();
        let unread =
            |name: &&str| NotRead { file: EncodedPath::from(Path::new(name)), why: "binary".to_owned() };
        Scope {
            given: files(given),
            read: files(read),
            not_read: not_read.iter().map(unread).collect(),
            basis: Basis::Opened,
        }
    };
    assert_eq!(scope(&["a", "b"], &["a"], &["b"]).contradiction(), None);
    assert_eq!(scope(&[], &[], &[]).contradiction(), None);
    for (given, read, not_read, word) in [
        (&["a", "b"][..], &["a"][..], &[][..], "b was given and is neither"),
        (&["a"], &["a"], &["a"], "a is among the files read and"),
        (&["a"], &["a", "c"], &[], "c was not given"),
        (&["a"], &["a"], &["d"], "d was not given"),
    ] {
        let told = scope(given, read, not_read).contradiction();
        assert!(told.as_deref().is_some_and(|told| told.contains(word)), "{told:?}");
    }
}
