//! Prose to findings: what the rules found becomes records, and the report as a whole
//! is judged: whether it is a review, whether it is whole, whether it is clean.

mod body;
mod closing;
mod contradiction;
mod counts;
mod explain;
mod kind;
mod places;
mod record;
mod repeats;
mod reviewer;
mod sentences;
mod unit;
mod unread;
mod verdict;
mod walk;

use crate::formats;
use crate::model::Extraction;
use crate::model::Recognised;
use crate::rules::Rules;
use crate::signs::marks::Marks;
use crate::syntax::outline::{self, Section};
use crate::syntax::tree;

pub(crate) use explain::explain;
#[cfg(test)]
pub(crate) use explain::rows_of;
pub(crate) use reviewer::reviewer_of;

/// Reads a report in prose.
pub(crate) fn read(text: &str, rules: Rules) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let blocks = tree::parse(text);
    let root = outline::build(text, &blocks);
    out.title = document_title(text, &root);
    if kind::is_other(text, &root) {
        out.notes.push("reads like instructions, a plan or release notes, not like a review".to_string());
        return out;
    }
    let marks = Marks::of(text);
    let mut found = walk::walk(text, &marks, &root, rules);
    let document = verdict::Document::new(text, &marks, &root, tree::code(&blocks));
    let likely = found.units.is_empty() && document.says_clean() != verdict::Clean::Stated;
    let weak = std::mem::take(&mut found.likely);
    let strong = std::mem::take(&mut found.units);
    let mut units = if likely {
        unit::disjoint(weak)
    } else {
        unit::with_alike(strong, weak, root.children.is_empty(), is_notes(&root))
    };
    closing::end_at_total(text, &mut units);
    out.members = units.iter().map(|unit| record::member(text, unit)).collect();
    let repeated: Vec<_> = found.repeated.iter().map(|unit| record::member(text, unit)).collect();
    repeats::complete_by(&mut out.members, &repeated);
    let dropped = kind::demand_evidence(text, &root, likely, &mut out.members, &mut units);
    found.left.extend(dropped);
    repeats::remove(&mut out.members, &units, &mut out.notes);
    if out.members.is_empty() {
        out.members = formats::embedded::members(text, &blocks);
    }
    if out.members.is_empty() {
        out.members = formats::grid::members(text);
    }
    if out.members.is_empty() {
        out.members = formats::embedded::of_front_matter(text);
    }
    document.judge(&found, &mut out);
    out
}

/// Is it a text without headings but that of the whole?
fn is_notes(root: &Section<'_>) -> bool {
    match &root.children[..] {
        [] => true,
        [only] => only.level == 1 && only.children.is_empty(),
        _ => false,
    }
}

/// The first top heading.
pub(crate) fn document_title(text: &str, root: &Section<'_>) -> Option<String> {
    let first = root.children.first()?;
    let early = text[..first.range.start].trim().len() < 2000;
    (first.level <= 2 && early).then(|| first.title.trim().to_string()).filter(|t| !t.is_empty())
}

/// The state of a report, for people.
pub(crate) fn state(out: &Extraction) -> String {
    let whole = if out.complete || out.recognised == Recognised::Unreadable { "" } else { ", incomplete" };
    format!("{}{whole}", out.recognised.name())
}

#[cfg(test)]
mod tests {
    /// Place, severity and title of each finding of a report.
    fn told(text: &str) -> Vec<String> {
        let found = crate::extract::extract(text, "review.md");
        let place = |m: &crate::model::Member| {
            m.locations.first().map(crate::model::Location::display).unwrap_or_default()
        };
        found.members.iter().map(|m| format!("{} {} {}", place(m), m.severity.name(), m.title)).collect()
    }

    #[test]
    fn a_summary_tells_how_bad_is_what_the_details_tell() {
        let text = "# Audit\n\n## Summary of findings\n\n| ID | Title | Risk | Retest |\n|---|---|---|---|\n| OV-1 | Heat is never limited | High (7.4) | Fixed |\n| OV-2 | Banner names the version | Low | Not fixed |\n\n## Details\n\n### OV-1 Heat is never limited\n\n`src/oven.rb:22` sets what it is given.\n\n### OV-2 Banner names the version\n\n`src/hob.rb:9` prints it.\n";
        assert_eq!(
            told(text),
            ["src/oven.rb:22 high Heat is never limited", "src/hob.rb:9 low Banner names the version"]
        );
        let found = crate::extract::extract(text, "review.md");
        assert_eq!(found.members[0].status, Some(crate::model::Status::Resolved));
    }

    #[test]
    fn a_title_below_a_level_is_no_praise() {
        let text = "# Review\n\n## Issues\n\n### High\n\n**1. Batch is acknowledged before the commit** (`src/apply.go:118`)\n\nA crash loses it.\n\n**2. Sum is taken twice** (`src/plan.go:57`)\n\nIt is.\n";
        assert_eq!(
            told(text),
            [
                "src/apply.go:118 high Batch is acknowledged before the commit",
                "src/plan.go:57 high Sum is taken twice"
            ]
        );
    }

    #[test]
    fn what_has_a_part_for_praise_is_a_report() {
        let text = "## Review: oven\n\n### Strengths\n\n- Small commits\n\n### Issues found\n\nNone.\n\n### Recommendation\n\nApprove.\n";
        assert_eq!(told(text), [""; 0]);
    }

    #[test]
    fn the_place_may_stand_above_the_level() {
        let text = "`src/oven.jl` (44)\n\n![critical](x.svg)\n\n`heat / time` is asked for a cold oven, too.\n\n`src/hob.jl` (70-73)\n\n![low](x.svg)\n\n`using Plots` is not needed.\n";
        let found = told(text);
        assert!(found[0].starts_with("src/oven.jl:44 critical"), "{found:?}");
        assert!(found[1].starts_with("src/hob.jl:70-73 low"), "{found:?}");
    }

    #[test]
    fn what_is_quoted_is_the_place_of_the_answer() {
        let text = "Hi!\n\n> `if age >= 5 or age <= 11:` — src/rules.py, line 27\n\nWith `or` that is always so.\n\n> `now()` — src/plan.py, line 90\n\nThis has no time zone.\n\nThe rest is great.\n";
        let found = told(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("src/rules.py:27 unrated With `or`"), "{found:?}");
        assert!(found[1].starts_with("src/plan.py:90 unrated This has no time zone"), "{found:?}");
    }

    #[test]
    fn a_place_at_the_end_is_of_all_that_was_said_since_the_last() {
        let text = "Dear Ann,\n\nThe timer goes on while the valve is shut. When it opens the field is flooded at once. (src/timer.c:310)\n\nThe sensor is read once and never again. In practice the limit does nothing. (src/sensor.c:45)\n\nBest, Bo\n";
        let found = told(text);
        assert!(found[0].ends_with("The timer goes on while the valve is shut"), "{found:?}");
        assert!(found[1].ends_with("The sensor is read once and never again"), "{found:?}");
    }

    #[test]
    fn what_was_asked_and_what_is_wrong_are_one_title() {
        let table = "# Review\n\n| Criterion | Verdict | Comment |\n|---|---|---|\n| Names | ✅ | clear |\n| Errors handled | ❌ | `fetch()` in `src/feed.dart:52` ignores a bad answer |\n| Tests | ✅ | good |\n";
        assert_eq!(told(table).len(), 1, "{:?}", told(table));
        assert!(
            told(table)[0].starts_with("src/feed.dart:52 unrated Errors handled: `fetch()`"),
            "{:?}",
            told(table)
        );
        let form = "### Checklist\n\n- [x] No secrets\n- [ ] Errors are told: `sync/push.ts:77` catches all and returns true\n- [x] Docs\n";
        assert_eq!(
            told(form),
            ["sync/push.ts:77 unrated Errors are told: `sync/push.ts:77` catches all and returns true"]
        );
    }

    #[test]
    fn a_tag_at_its_end_and_words_before_a_colon_rate_a_paragraph() {
        let text = "I read all of it.\n\nThe summary is sent with the full name in the URL. Every proxy will log it. `net/summary.c`, `build()`. [moderate]\n\nAnd a trifle, if you have time: both icons are the same file.\n";
        let found = told(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("net/summary.c medium"), "{found:?}");
        assert!(found[1].ends_with("low both icons are the same file"), "{found:?}");
    }

    #[test]
    fn what_passed_is_no_finding_and_beside_ok_stands_why() {
        let row = |said: &str| {
            format!(
                "# Review\n\n| File | Checked for | Result |\n|---|---|---|\n| `src/a.zig` | plain text, leaks on error | ok |\n| `src/b.zig` | {said} | ok |\n\nAll files were read. Nothing to report.\n"
            )
        };
        let read = |text: &str| {
            let found = crate::extract::extract(text, "review.md");
            (found.members.len(), found.recognised == crate::model::Recognised::Clean && found.complete)
        };
        assert_eq!(read(&row("cipher list")), (0, true));
        let open = "| `src/b.zig` | cipher list | the timer is never stopped |";
        assert!(!read(&row("cipher list").replace("| `src/b.zig` | cipher list | ok |", open)).1);
    }
}
