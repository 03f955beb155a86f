//! What holds for every input: no panic, no byte lost, no order that matters.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

use convoy_merge::extract::{Extraction, extract};
use convoy_merge::merge::{Options, merge};
use convoy_merge::meta::Meta;
use convoy_merge::model::{Location, Member};
use convoy_merge::render::{Format, render};
use findings::Severity;
use proptest::prelude::*;

/// Every byte is in exactly one finding or in the appendix.
fn accounts_for_all(text: &str, found: &Extraction) {
    let mut ranges: Vec<[usize; 2]> = found
        .members
        .iter()
        .map(|m| m.byte_range)
        .chain(found.appendix.iter().map(|k| k.byte_range))
        .collect();
    ranges.sort_unstable();
    let mut at = 0;
    for [from, to] in ranges {
        assert_eq!(from, at, "a gap or an overlap");
        assert!(to > from);
        at = to;
    }
    assert_eq!(at, text.len());
    for member in &found.members {
        assert_eq!(member.text, text[member.byte_range[0]..member.byte_range[1]]);
        assert!(!member.title.is_empty());
    }
}

/// Pieces that reviews are made of, to be put together at random.
const PIECES: &[&str] = &[
    "# Security Review\n\n",
    "## Findings\n\n",
    "## 🔴 Critical\n\n",
    "### 1. [src/a.ts:1-3] A thing is wrong\n",
    "**Severity:** high\n",
    "**Total:** 2 findings\n",
    "- **High** — `b.rs:9`: text\n",
    "1. LOW x.py:3 - y\n",
    "   - File: `c.go:12`\n",
    "| # | Severity | Finding | Location |\n|---|---|---|---|\n",
    "| 1 | High | Broken | `d.c:4` |\n",
    "```\n",
    "````md\n",
    "> ",
    "\n\n",
    "None.\n",
    "**Title** — `e.ts:5`\n",
    "<details><summary>x.ts (1)</summary>\n\n",
    "</details>\n",
    "~~~\n",
    "[P1] Guard — /w/a.ts:3-4\n",
    "é日本🔴\u{202e}",
    "\r\n",
    "---\n",
    "***\n",
    "`",
    "**",
    "[",
    "](",
    "{\"findings\":[{\"title\":\"x\",\"severity\":\"high\",\"file\":\"a.ts\"}]}",
    "\t",
    "    ",
    "file:///x/y.py#L3-L5 ",
    "CVSS 9.8/10 ",
    "Same as #1. ",
];

fn review() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![8 => prop::sample::select(PIECES).prop_map(str::to_string), 1 => "\\PC{0,12}"],
        0..60,
    )
    .prop_map(|parts| parts.concat())
}

fn member() -> impl Strategy<Value = Member> {
    let words = prop::sample::select(vec![
        "lock", "cache", "token", "retry", "index", "query", "buffer", "path", "leak", "race",
    ]);
    (prop::collection::vec(words, 1..6), 0..4usize, prop::option::of(1..60u32), 0..6usize, 0..3usize)
        .prop_map(|(words, file, line, severity, source)| Member {
            source: format!("{source}.md"),
            reviewer: format!("r{source}"),
            title: words.join(" "),
            body: format!("The {} is wrong", words.join(" ")),
            severity: Severity::ALL[severity],
            locations: vec![Location {
                file: format!("src/f{file}.rs"),
                line_start: line,
                line_end: line,
                ..Location::default()
            }],
            ..Member::default()
        })
}

/// The written formats, for mutation.
fn formats() -> &'static [String] {
    static TEXTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    TEXTS.get_or_init(|| {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
        let mut paths: Vec<_> =
            std::fs::read_dir(dir).expect("formats").map(|entry| entry.expect("entry").path()).collect();
        paths.sort();
        paths.retain(|path| path.extension().is_none_or(|end| end != "expect"));
        paths.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect()
    })
}

/// A review with lines lost, doubled, moved and cut, and pieces put in.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..5u8, prop::sample::select(PIECES));
    (any::<prop::sample::Index>(), prop::collection::vec(change, 1..6)).prop_map(|(text, changes)| {
        let mut lines: Vec<String> =
            formats()[text.index(formats().len())].split_inclusive('\n').map(str::to_string).collect();
        for (at, kind, piece) in changes {
            let at = at.index(lines.len().max(1)).min(lines.len().saturating_sub(1));
            match kind {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(at, lines.get(at).cloned().unwrap_or_default()),
                2 => lines.insert(at, piece.to_string()),
                3 if !lines.is_empty() => {
                    let line = &lines[at];
                    lines[at] = line.chars().take(line.chars().count() / 2).collect();
                }
                _ => {
                    let half = lines.len() / 2;
                    lines.rotate_left(half);
                }
            }
        }
        lines.concat()
    })
}

proptest! {
    // PROPTEST_CASES=50000 looks longer.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_neither_panic_nor_get_lost(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        accounts_for_all(&text, &extract(&text, "x.md"));
    }

    #[test]
    fn pieces_of_reviews_neither_panic_nor_get_lost(text in review()) {
        let found = extract(&text, "x.md");
        accounts_for_all(&text, &found);
        let merged = merge(Vec::new(), found.members, &Options::default());
        for format in <Format as clap::ValueEnum>::value_variants() {
            let out = render(&merged, &Meta::default(), *format);
            let acts = out.chars().any(|c| c == '\u{202e}' || c.is_control() && c != '\n' && c != '\t');
            prop_assert!(!acts);
        }
    }

    #[test]
    fn mutated_reviews_neither_panic_nor_get_lost_and_are_read_again_as_they_are(text in mutated()) {
        let found = extract(&text, "x.md");
        accounts_for_all(&text, &found);
        prop_assert!(found.complete || !found.notes.is_empty(), "incomplete, and nobody is told why");
        let merged = merge(Vec::new(), found.members, &Options::default());
        let json = render(&merged, &Meta::default(), Format::Json);
        let again = merge(Vec::new(), extract(&json, "x.json").members, &Options::default());
        prop_assert_eq!(&merged.findings, &again.findings);
    }

    #[test]
    fn rendered_reports_hold_their_structure(text in review()) {
        let merged = merge(Vec::new(), extract(&text, "x.md").members, &Options::default());
        let out = render(&merged, &Meta::default(), Format::Md);
        let headings = pulldown_cmark::Parser::new_ext(&out, pulldown_cmark::Options::ENABLE_TABLES)
            .filter(|e| matches!(e, pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level: pulldown_cmark::HeadingLevel::H3, .. })))
            .count();
        let again = extract(&out, "again.md");
        accounts_for_all(&out, &again);
        let of = |severity: Severity, location: &[Location]| (severity, location.len());
        let mut want: Vec<_> = merged.findings.iter().map(|f| of(f.severity, &f.locations)).collect();
        let mut got: Vec<_> = again.members.iter().map(|m| of(m.severity, &m.locations)).collect();
        want.sort_unstable();
        got.sort_unstable();
        prop_assert_eq!(want, got, "{}", out);
        prop_assert!(headings <= merged.findings.len() && (headings > 0) != merged.findings.is_empty(), "{}", out);
        prop_assert_eq!(out.lines().filter(|l| l.starts_with("REVIEW_RESULT:")).count(), 1);
    }

    #[test]
    fn order_never_matters_and_nothing_is_lost(members in prop::collection::vec(member(), 0..40), seed in any::<u64>()) {
        let mut numbered = members;
        for (n, m) in numbered.iter_mut().enumerate() {
            m.byte_range = [n * 10, n * 10 + 9];
        }
        let once = merge(Vec::new(), numbered.clone(), &Options::default());
        let mut shuffled = numbered.clone();
        let len = shuffled.len().max(1);
        for n in 0..shuffled.len() {
            shuffled.swap(n, (seed as usize).wrapping_mul(n + 7) % len);
        }
        let twice = merge(Vec::new(), shuffled, &Options::default());
        prop_assert_eq!(&once.findings, &twice.findings);
        prop_assert_eq!(once.findings.iter().map(|f| f.members.len()).sum::<usize>(), numbered.len());
        for finding in &once.findings {
            prop_assert!(finding.members.iter().all(|m| m.severity <= finding.severity));
        }
        let again = merge(Vec::new(), once.findings.iter().flat_map(|f| f.members.clone()).collect(), &Options::default());
        prop_assert_eq!(once.findings, again.findings);
    }
}
