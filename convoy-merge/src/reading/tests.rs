//! What is read of a report in prose.

mod clean;
mod places;
mod severities;

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

/// The notes that tell what was not read.
fn left(text: &str) -> String {
    crate::extract::extract(text, "review.md").notes.join("; ")
}

#[test]
fn what_is_rated_or_placed_beside_findings_and_is_none_is_told() {
    let text = "# Review\n\n## Findings\n\n- **High** `src/oven.rs:3` Lid is never shut\n\n## More\n\nMedium: the timer has no end.\n";
    let found = crate::extract::extract(text, "review.md");
    assert_eq!(found.members.len(), 1);
    assert!(!found.complete);
    assert!(
        left(text).contains("1 could be findings and could not be read as such: line 9"),
        "{}",
        left(text)
    );
    let whole = text.replace("Medium: the timer has no end.", "The timer was looked at as well.");
    assert!(crate::extract::extract(&whole, "review.md").complete);
}

#[test]
fn a_severity_alone_rates_what_stands_below_it_in_its_paragraph() {
    for mark in ["**", ""] {
        let text = format!(
            "I read it.\n\n{mark}Blocker{mark}\n`src/till.php` l. 52 : the sum comes from the client.\n\n{mark}Minor{mark}\n`src/till.twig:3`: label is fixed.\n\nThe rest is good.\n"
        );
        assert_eq!(
            told(&text),
            ["src/till.php:52 blocker the sum comes from the client", "src/till.twig:3 low label is fixed"]
        );
    }
    let list = "**Low**\n`src/a.rs:3` - old name\n`src/b.rs:9` - no comment\n";
    assert_eq!(told(list), ["src/a.rs:3 low old name", "src/b.rs:9 low no comment"]);
    let frame = "> [!TIP]\n> Reply to any comment.\n\n- **High** `src/a.rs:3` Lock is never freed\n";
    assert_eq!(told(frame), ["src/a.rs:3 high Lock is never freed"]);
}

#[test]
fn the_one_line_below_a_file_is_of_it() {
    let text = "FILE: src/pool.go\n  LINE 33 [HIGH] rows are never closed\n  LINE 71 [LOW] message has no id\n\nFILE: src/main.go\n  LINE 12 [MEDIUM] server has no time limit\n\n3 findings\n";
    assert_eq!(
        told(text),
        [
            "src/pool.go:33 high rows are never closed",
            "src/pool.go:71 low message has no id",
            "src/main.go:12 medium server has no time limit"
        ]
    );
}

#[test]
fn paragraphs_with_a_tag_at_their_end_are_findings_each() {
    let text = "### src/pay.rs\n> 118 | let total = price;\n\nMoney as `f32` loses cents. It should be a number of them. (severity: high)\n\n> 140 | let _ = charge();\n\nThe result is dropped; a card that was refused looks paid. (severity: critical)\n";
    assert_eq!(
        told(text),
        ["src/pay.rs high Money as `f32` loses cents", "src/pay.rs critical The result is dropped"]
    );
}

#[test]
fn behind_a_finding_a_paragraph_with_a_line_and_a_level_is_another() {
    let text = "I have read it all.\n\nFirst, in `src/lru.go` around line 54, `Get` moves an element while others read, which corrupts the list. I would call this critical.\n\nSecond, `src/lru.go:101` — the callback is called with the lock held. High.\n\nLastly, and this is minor, the comment on `New` (src/lru.go, line 20) names a parameter that is gone.\n";
    let found = told(text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[2].starts_with("src/lru.go:20 low"), "{found:?}");
}

#[test]
fn the_same_file_is_the_one_that_was_named_last() {
    let text = "- `src/users.ts` L45: the query is put together from text (blocker)\n- same file, L88-92: the `await` is missing. Major.\n- In the same file (line 99) the body is never closed. Medium.\n";
    let found = told(text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[1].starts_with("src/users.ts:88-92 high the `await` is missing"), "{found:?}");
    assert!(found[2].starts_with("src/users.ts:99 medium"), "{found:?}");
    assert_eq!(
        told(
            "**High** - `src/a.go:12` body is never closed.\n\n**Low** - ibid., line 90: the context is old.\n"
        ),
        ["src/a.go:12 high `src/a.go:12` body is never closed", "src/a.go:90 low the context is old"]
    );
}

#[test]
fn lines_behind_a_function_are_of_the_place() {
    for place in ["src/fs.c, function save(), ll. 210-222", "src/fs.c, save(), L210-222"] {
        let text = format!("## Race between check and use\n\nSeverity ....: High\nWhere .......: {place}\n");
        let found = crate::extract::extract(&text, "review.md");
        assert!(found.members[0].locations[0].display().starts_with("src/fs.c:210-222"), "{place}");
    }
}

#[test]
fn a_label_that_rates_begins_a_line_of_a_list() {
    let text = "nit (non-blocking): src/a.js:10 rename `tmp`\nissue (blocking): src/a.js:42 the rejection is not handled\nsuggestion: src/b.js:7-9 make this a function\npraise: src/c.js:1 good tests\ntodo: src/c.js:33 handle the error\n";
    let found = told(text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[2].starts_with("src/b.js:7-9 low"), "{found:?}");
    assert!(left(text).contains("line 5"), "{}", left(text));
}

#[test]
fn a_tag_in_brackets_belongs_to_the_line_it_ends() {
    let text = "Observations:\n(1) src/s3.go:55 → the error of Close() is ignored; uploads may be cut. [Impact: High / Likelihood: Medium]\n(2) src/s3.go:71 → the name of the bucket is logged. [Impact: Low / Likelihood: High]\n(3) src/root.go:10 → typo in a help text.\n";
    let found = told(text);
    assert!(found[0].starts_with("src/s3.go:55 high"), "{found:?}");
    assert!(found[1].starts_with("src/s3.go:71 low"), "{found:?}");
    assert!(!found.iter().any(|one| one.contains("Likelihood")), "{found:?}");
}

#[test]
fn a_reviewer_who_speaks_is_no_name() {
    let text = "On `lib/parse.ts` line 12\nReviewer: the answer is read before it has come.\nSeverity: minor\n\nOn `lib/io.ts` line 3\nReviewer: ana, bo\nSeverity: major\n";
    let found = crate::extract::extract(text, "review.md").members;
    assert_eq!(found[0].title, "the answer is read before it has come");
    assert_eq!((found[0].reviewer.as_str(), found[1].reviewer.as_str()), ("", "ana, bo"));
}

#[test]
fn what_the_documented_format_names_as_not_reviewed_is_told() {
    let text = "# Code Review\n\nNo findings.\n\n**Reviewed:** 2 files\n**Not reviewed:** src/old.ts (unreadable)\n**Total:** 0 findings\n";
    let found = crate::extract::extract(text, "review.md");
    assert!(found.complete && found.members.is_empty(), "{}", left(text));
    assert_eq!(left(text), "not reviewed: src/old.ts (unreadable)");
    let free = "No issues found.\n\n**Not reviewed:** src/old.ts\n";
    assert!(!crate::extract::extract(free, "review.md").complete, "{}", left(free));
}
