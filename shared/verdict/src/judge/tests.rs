use std::path::Path;

use findings::Scope;
use findings::merged::{Finding, Input};
use findings::verdict::Verdict;
use protocol::outcome::AgentStatus;

use super::*;
use crate::markers;

fn scope(read: &[&str]) -> Scope {
    let files = || read.iter().map(|file| Path::new(file).into());
    Scope { given: files().collect(), read: files().collect(), ..Scope::default() }
}

fn reviewed(role: &str, read: &[&str]) -> Reviewed {
    Reviewed {
        role: role.parse().unwrap(),
        group: role.parse().unwrap(),
        status: AgentStatus::Completed,
        static_only: false,
        missing: None,
        scope: Some(scope(read)),
        claimed: None,
        denied: Vec::new(),
    }
}

fn merged(severities: &[Severity]) -> Merged {
    let finding = |severity: &Severity| Finding { severity: *severity, ..Finding::default() };
    let input = || Input { recognised: "findings".to_owned(), complete: true };
    Merged {
        inputs: vec![input(), input()],
        findings: severities.iter().map(finding).collect(),
        ..Merged::default()
    }
}

/// Two complete reviews by an AI that found these.
fn evidence(severities: &[Severity]) -> Evidence {
    Evidence {
        gate: Severity::High,
        gate_on: GateOn::All,
        obstacles: Vec::new(),
        files: 3,
        reviewers: vec![reviewed("security", &["a", "b", "c"]), reviewed("performance", &["a", "b", "c"])],
        merged: Ok(merged(severities)),
        synthesis: Synthesis::Script { text: "# R".to_owned() },
    }
}

fn ai(text: &str) -> Synthesis {
    Synthesis::Ai { text: text.to_owned(), markers: markers::read(text) }
}

#[test]
fn approved_needs_every_review_and_nothing_at_the_gate() {
    let clean = judge(evidence(&[Severity::Medium]));
    assert_eq!((clean.verdict, clean.blocking), (Verdict::Approved, 0));
    assert_eq!(clean.line(), "APPROVED: no finding is open at or above the gate (high)");
    let high = judge(evidence(&[Severity::High]));
    assert_eq!((high.verdict, high.blocking), (Verdict::ChangesRequested, 1));
    let mut lower = evidence(&[Severity::Medium]);
    lower.gate = Severity::Medium;
    assert_eq!(judge(lower).verdict, Verdict::ChangesRequested);
}

/// Every way in which a review can be lacking, on an otherwise clean one.
#[test]
fn what_is_missing_is_never_approved() {
    type Spoil = fn(&mut Evidence);
    let all_missing: Spoil = |e| e.reviewers.iter_mut().for_each(|one| one.missing = Some("x".to_owned()));
    let unreadable: Spoil = |e| e.merged.as_mut().unwrap().inputs[0].recognised = "unreadable".to_owned();
    let ways: [(Spoil, &str); 11] = [
        (
            |e| e.reviewers[0].missing = Some("it failed".to_owned()),
            "the security review is missing: it failed",
        ),
        (all_missing, "the security and performance reviews are missing: x"),
        (|e| e.merged = Err("it failed".to_owned()), "the reviews could not be merged: it failed"),
        (|e| e.merged.as_mut().unwrap().inputs[0].complete = false, "only 1 of 2 reports"),
        (unreadable, "only 1 of 2 reports"),
        (|e| e.merged.as_mut().unwrap().inputs.truncate(1), "only 1 of 2 reports"),
        (|e| e.reviewers.clear(), "there is no reviewer"),
        (|e| e.obstacles.push("timed out".to_owned()), "timed out"),
        (|e| e.reviewers[1].scope = Some(scope(&[])), "the performance reviewer read none"),
        (|e| e.reviewers[1].claimed = Some(0), "the performance review is missing: read none"),
        (|e| e.reviewers[0].denied = vec!["Read a".to_owned()], "the security reviewer was denied Read a"),
    ];
    for (spoil, why) in ways {
        let mut spoilt = evidence(&[]);
        spoilt.synthesis = ai("REVIEW_RESULT: APPROVED");
        spoil(&mut spoilt);
        let judged = judge(spoilt);
        assert_eq!(judged.verdict, Verdict::Commented, "{why}");
        assert!(judged.line().starts_with(&format!("no verdict: {why}")), "{why}: {}", judged.line());
    }
}

#[test]
fn what_was_found_is_told_though_a_review_is_missing() {
    let mut partial = evidence(&[Severity::Critical]);
    partial.reviewers[1].missing = Some("x".to_owned());
    let judged = judge(partial);
    assert_eq!((judged.verdict, judged.blocking), (Verdict::Commented, 1));
}

#[test]
fn where_the_gate_looks_at_the_change_old_findings_do_not_block() {
    let with = |on, new: Option<bool>| {
        let mut evidence = evidence(&[Severity::High]);
        evidence.gate_on = on;
        evidence.merged.as_mut().unwrap().findings[0].new = new;
        let judged = judge(evidence);
        (judged.verdict, judged.blocking, judged.old)
    };
    assert_eq!(with(GateOn::New, Some(false)), (Verdict::Approved, 0, 1));
    assert_eq!(with(GateOn::New, Some(true)), (Verdict::ChangesRequested, 1, 0));
    assert_eq!(with(GateOn::New, None), (Verdict::ChangesRequested, 1, 0), "what cannot be told is new");
    assert_eq!(with(GateOn::All, Some(false)), (Verdict::ChangesRequested, 1, 0));
}

#[test]
fn what_is_carried_from_earlier_runs_is_open_and_what_was_decided_is_not() {
    let mut carried = evidence(&[]);
    let finding = Finding { severity: Severity::High, ..Finding::default() };
    carried.merged.as_mut().unwrap().carried = vec![finding];
    assert_eq!(judge(carried).verdict, Verdict::ChangesRequested);
    let mut decided = evidence(&[Severity::High]);
    decided.merged.as_mut().unwrap().findings[0].suppressed = Some("false positive".to_owned());
    assert_eq!(judge(decided).verdict, Verdict::Approved);
}

#[test]
fn a_synthesis_can_cost_an_approval_and_never_give_one() {
    let stands = "and 1 finding is open at or above the gate (high)";
    for (severities, text, want) in [
        (
            &[Severity::High][..],
            "REVIEW_RESULT: APPROVED",
            format!("no verdict: the synthesis says APPROVED, {stands}"),
        ),
        (
            &[Severity::High],
            "REVIEW_RESULT: fine",
            format!("no verdict: the synthesis says 'fine', {stands}"),
        ),
        (
            &[Severity::High],
            "REVIEW_RESULT: CHANGES_REQUESTED",
            "CHANGES_REQUESTED: 1 finding is open at or above the gate (high)".to_owned(),
        ),
        (
            &[],
            "REVIEW_RESULT: CHANGES_REQUESTED",
            "CHANGES_REQUESTED: the synthesis says CHANGES_REQUESTED".to_owned(),
        ),
        (&[], "REVIEW_RESULT: COMMENTED", "no verdict: the synthesis says COMMENTED".to_owned()),
        (&[], "REVIEW_RESULT: LGTM", "no verdict: the synthesis says 'LGTM'".to_owned()),
        (&[], "no such line", "APPROVED: no finding is open at or above the gate (high)".to_owned()),
    ] {
        let mut evidence = evidence(severities);
        evidence.synthesis = ai(text);
        assert_eq!(judge(evidence).line(), want, "{text}");
    }
}

#[test]
fn a_synthesis_whose_counts_cannot_be_true_contradicts() {
    let approved = "REVIEW_RESULT: APPROVED\n";
    for (severities, count, want) in [
        (&[][..], "SECURITY_ISSUES: 0", "APPROVED: no finding"),
        (&[], "SECURITY_ISSUES: 2", "no verdict: the synthesis tells of 2 issues, and no reviewer of any"),
        (&[], "PERFORMANCE_ISSUES: 1", "no verdict: the synthesis tells of 1 issue, and no reviewer of any"),
        (&[Severity::Low], "SECURITY_ISSUES: 2", "APPROVED: no finding"),
        (
            &[],
            "FILES_REVIEWED: 0",
            "no verdict: the synthesis says that no file was reviewed, and 3 files were read",
        ),
        (&[], "FILES_REVIEWED: 2", "APPROVED: no finding"),
    ] {
        let mut evidence = evidence(severities);
        evidence.synthesis = ai(&format!("{approved}{count}"));
        let line = judge(evidence).line();
        assert!(line.starts_with(want), "{count}: {line}");
    }
}

#[test]
fn read_is_what_every_reviewer_has_read() {
    let count = |reviewers: &[Reviewed]| crate::reviewer::count_read(reviewers);
    let mut two = [reviewed("a", &["x", "y"]), reviewed("b", &["y", "z"])];
    assert_eq!(count(&two), Some(1));
    two[1].missing = Some("it failed".to_owned());
    assert_eq!(count(&two), Some(2), "of those on whom one can rely");
    let mut parts = [reviewed("a-1", &["x", "y"]), reviewed("a-2", &["z"])];
    for one in &mut parts {
        one.group = "a".parse().unwrap();
    }
    assert_eq!(count(&parts), Some(3), "two with a part each");
    for one in &mut parts {
        (one.scope, one.claimed) = (None, Some(2));
    }
    assert_eq!(count(&parts), Some(4));
    for one in &mut parts {
        one.claimed = None;
    }
    assert_eq!(count(&parts), None);
}
