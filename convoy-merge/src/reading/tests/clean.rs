//! What is no clean report though it says that nothing was found.

use crate::extract::extract;
use crate::model::Recognised;

fn is_clean(text: &str) -> bool {
    let read = extract(text, "review.md");
    read.complete && read.recognised == Recognised::Clean
}

#[test]
fn a_title_of_the_whole_makes_nothing_below_it_what_was_looked_for() {
    for title in ["Code Review", "Review", "Security review", "Audit", "Assessment"] {
        let below =
            |text: &str| is_clean(&format!("# {title}\n\n{text}\n\n## Verdict\n\nNo issues found.\n"));
        assert!(below("The error handling is consistent."), "{title}");
        assert!(below("## What I looked for\n\n- SQL injection\n- races"), "{title}");
        for text in [
            "- SQL injection in the login form\n- race in close",
            "## Performance\n\nNot reviewed.",
            "## Login\n\nPlaintext passwords.",
            "## Parser\n\nTBD",
        ] {
            assert!(!below(text), "{title}: {text}");
        }
    }
}

#[test]
fn none_of_the_highest_levels_says_nothing_of_the_others() {
    let levels = |names: &[&str]| {
        let sections: Vec<String> = names.iter().map(|name| format!("## {name}\n\nNone\n")).collect();
        is_clean(&sections.join("\n"))
    };
    assert!(levels(&["Critical", "High", "Medium", "Low"]));
    assert!(!levels(&["Critical", "High"]));
    assert!(!levels(&["Blockers"]));
    assert!(is_clean("## Critical\n\nNone\n\n## Verdict\n\nNo issues found.\n"));
}

#[test]
fn a_piece_of_the_change_by_its_number_is_a_part() {
    assert!(is_clean("No issues found in commit 4/4.\n"));
    for text in ["Review of commit 1/4: no issues.\n", "Patch 2/5: LGTM\n", "No issues found in part 1/3.\n"]
    {
        assert!(!is_clean(text), "{text}");
    }
}

#[test]
fn what_is_still_to_come_is_told() {
    for text in [
        "## Findings\n\nN/A\n",
        "No issues found.\n\nRemaining work: review of the parser.\n",
        "0 issues (timeout)\n",
        "Review finished with errors. No issues found.\n",
        "✅ Naming\n⬜ Concurrency\n\nNo issues found.\n",
        "| Area | Result |\n|---|---|\n| Security | ✅ |\n| Tests | ❓ |\n\nNo findings.\n",
        "| Area | Result |\n|---|---|\n| Security | ✅ |\n| Tests | ⏳ |\n\nNo findings.\n",
    ] {
        assert!(!is_clean(text), "{text}");
    }
}

#[test]
fn an_answer_to_what_was_looked_for_is_a_denial_or_none() {
    let looked = |items: &str| is_clean(&format!("## What I looked for\n\n{items}\n\nNo issues found.\n"));
    assert!(looked("- races: none\n- leaks: ok\n- injection: not found\n- errors: handled"));
    assert!(looked("- security: input validation, SQL\n- races"));
    for items in
        ["- races: one in `close`\n- leaks", "- races (found in `close`)", "- leaks: the socket leaks"]
    {
        assert!(!looked(items), "{items}");
    }
    let table = |answer: &str| {
        is_clean(&format!("| Check | Result |\n|---|---|\n| races | {answer} |\n\nNo issues found.\n"))
    };
    assert!(table("none") && table("0") && !table("found") && !table("1"));
}

#[test]
fn of_what_stands_among_the_sentences_of_static_rules_nothing_is_taken_on_trust() {
    let told = |more: &str| {
        is_clean(&format!(
            "# Code Review\n\nStatic rules only: 9 rules over 2 files (2 Python). Not walked: .git/. {more}That no rule fired does not mean the code is free of defects.\n\nNo findings.\n\n**Reviewed:** 2 files\n**Total:** 0 findings\n"
        ))
    };
    assert!(told("") && told("ruff 0.17.6 read 2 files: 0 findings. "));
    for more in [
        "ruff 0.17.6 read 1 file: 0 findings; not read by it: b.py (does not parse). ",
        "ruff 0.17.6 read 2 files: 3 findings. ",
        "The login takes any password. ",
    ] {
        assert!(!told(more), "{more}");
    }
}
