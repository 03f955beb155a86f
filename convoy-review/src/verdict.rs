//! The verdict. Pure: everything it needs is handed in.
//!
//! It fails closed: APPROVED needs every review, whole, and nothing at or above
//! the gate. What an AI synthesis says can only make it stricter.

use std::collections::BTreeMap;

use base::ids::{ConvoyId, Role};
use base::time_text;

use crate::findings::{Merged, Severity};
use crate::markers::{Markers, Stated};
use crate::result::{Missing, Outcome, Report, ReviewResult};

/// What is known at the end.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) convoy: ConvoyId,
    pub(crate) gate: Severity,
    /// The time that was given, if it ran out.
    pub(crate) timed_out: Option<u64>,
    /// Files under review.
    pub(crate) files: u64,
    pub(crate) reports: Vec<Report>,
    pub(crate) missing: Vec<Missing>,
    /// The merged findings, or why there are none.
    pub(crate) merged: Result<Merged, String>,
    pub(crate) synthesis: Synthesis,
}

/// The final report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Synthesis {
    /// The template has none, or it is the script-side merge itself.
    Script {
        text: String,
    },
    Ai {
        text: String,
        markers: Markers,
    },
    /// It was to be written and was not, for this reason.
    Failed {
        text: String,
        why: String,
    },
}

impl Synthesis {
    fn text(&self) -> &str {
        match self {
            Synthesis::Script { text } | Synthesis::Ai { text, .. } | Synthesis::Failed { text, .. } => text,
        }
    }
}

/// Judges.
pub(crate) fn judge(evidence: Evidence) -> Outcome {
    let static_only = !evidence.reports.is_empty() && evidence.reports.iter().all(|one| one.static_only);
    let mut notes = Notes::default();
    if static_only {
        notes.add("static rules only: no AI has reviewed this");
    }
    let incomplete = obstacles(&evidence);
    let merged = evidence.merged.clone().unwrap_or_default();
    let blocking = merged.at_or_above(evidence.gate);
    let by_findings = match () {
        // What is not known cannot be judged; what was found is in the notes.
        () if !incomplete.is_empty() => ReviewResult::Commented,
        () if blocking > 0 => ReviewResult::ChangesRequested,
        () => ReviewResult::Approved,
    };
    let gate = evidence.gate.name();
    match blocking {
        0 if incomplete.is_empty() => notes.add(&format!("nothing stands at or above the gate ({gate})")),
        0 => {}
        1 => notes.add(&format!("1 finding stands at or above the gate ({gate})")),
        n => notes.add(&format!("{n} findings stand at or above the gate ({gate})")),
    }
    for (n, obstacle) in incomplete.iter().enumerate() {
        let begin = if n == 0 { "no verdict: " } else { "" };
        notes.add(&format!("{begin}{obstacle}"));
    }
    let mut outcome = Outcome {
        schema_version: 1,
        success: incomplete.is_empty(),
        review_result: by_findings,
        gate: evidence.gate,
        static_only,
        timed_out: evidence.timed_out.is_some(),
        files_reviewed: files_reviewed(&evidence, &mut notes),
        security_issues: merged.about("security"),
        performance_issues: merged.about("performance"),
        notes: String::new(),
        output: evidence.synthesis.text().to_owned(),
        convoy_id: evidence.convoy,
        counts: merged.counts.clone(),
        reports: evidence.reports,
        missing: evidence.missing,
    };
    match &evidence.synthesis {
        Synthesis::Script { .. } => {}
        Synthesis::Ai { markers, .. } => heed(&mut outcome, markers, &mut notes),
        Synthesis::Failed { why, .. } => {
            notes.add(&format!("there is no synthesis ({why}): the verdict is from the findings alone"));
        }
    }
    outcome.notes = notes.text();
    outcome
}

/// What stands in the way of any approval.
fn obstacles(evidence: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(limit) = evidence.timed_out {
        out.push(format!("timed out after {}; the convoy was stopped", time_text::shown(limit)));
    }
    if evidence.reports.is_empty() {
        out.push("the template has no reviewer".to_owned());
    }
    out.extend(missing_reviews(&evidence.missing));
    match &evidence.merged {
        Err(why) => out.push(format!("the reviews could not be merged: {why}")),
        Ok(merged) => {
            let known = |input: &&crate::findings::Input| {
                input.complete && matches!(input.recognised.as_str(), "findings" | "clean")
            };
            let read = merged.inputs.iter().filter(known).count();
            let completed = evidence.reports.len() - evidence.missing.len().min(evidence.reports.len());
            if read < completed {
                out.push(format!("only {read} of {completed} reports could be read whole"));
            }
        }
    }
    out
}

/// Each reason once, with all it is true of.
fn missing_reviews(missing: &[Missing]) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in missing {
        match by_reason.iter_mut().find(|(why, _)| *why == one.why) {
            Some((_, roles)) => roles.push(one.role.as_str()),
            None => by_reason.push((&one.why, vec![one.role.as_str()])),
        }
    }
    let sentence = |(why, roles): (&str, Vec<&str>)| match roles.as_slice() {
        [one] => format!("the {one} review is missing: {why}"),
        [rest @ .., last] => format!("the {} and {last} reviews are missing: {why}", rest.join(", ")),
        [] => String::new(),
    };
    by_reason.into_iter().map(sentence).collect()
}

/// The fewest that a reviewer says it has read.
fn files_reviewed(evidence: &Evidence, notes: &mut Notes) -> u64 {
    let missing = |report: &&Report| evidence.missing.iter().any(|one| one.role == report.role);
    let relied_on: Vec<&Report> = evidence.reports.iter().filter(|report| !missing(report)).collect();
    if relied_on.is_empty() {
        return 0;
    }
    // Reviewers with a part of the files each have read the sum of them.
    let mut groups: BTreeMap<&Role, u64> = BTreeMap::new();
    for report in &relied_on {
        if let Some(files) = report.files_reviewed {
            *groups.entry(&report.group).or_default() += files;
        }
    }
    let stated = groups.into_values().min();
    let read = stated.map_or(evidence.files, |stated| stated.min(evidence.files));
    if read < evidence.files {
        notes.add(&format!(
            "{read} of {} files were read by all; the reports name the others",
            evidence.files
        ));
    }
    read
}

/// Takes the markers of an AI synthesis into account: the stricter counts.
fn heed(outcome: &mut Outcome, markers: &Markers, notes: &mut Notes) {
    match &markers.result {
        None => notes.add("the synthesis has no REVIEW_RESULT line: the verdict is from the findings alone"),
        Some(stated) => {
            let said = match stated {
                Stated::Result(result) => result.word().to_owned(),
                Stated::Unreadable(word) => format!("'{}'", base::text::visible(word)),
            };
            let (ours, theirs) = (outcome.review_result, stated.as_result());
            if ours != theirs || matches!(stated, Stated::Unreadable(_)) {
                outcome.review_result = ours.max(theirs);
                notes.add(&format!(
                    "the synthesis says {said}, the findings {}: the stricter counts",
                    ours.word()
                ));
            }
        }
    }
    let mut compare = |name: &str, ours: &mut u64, said: Option<u64>, stricter: fn(u64, u64) -> u64| {
        if let Some(said) = said.filter(|said| said != ours) {
            notes.add(&format!("{name}: the synthesis says {said}, the reports {ours}; the stricter counts"));
            *ours = stricter(*ours, said);
        }
    };
    compare("files reviewed", &mut outcome.files_reviewed, markers.files_reviewed, u64::min);
    compare("security issues", &mut outcome.security_issues, markers.security_issues, u64::max);
    compare("performance issues", &mut outcome.performance_issues, markers.performance_issues, u64::max);
    if let Some(text) = &markers.notes {
        notes.add(&format!("the synthesis notes: {}", base::text::visible(text)));
    }
}

/// Sentences.
#[derive(Debug, Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, sentence: &str) {
        self.0.push(sentence.trim_end_matches('.').to_owned());
    }

    fn text(&self) -> String {
        self.0.iter().map(|sentence| format!("{sentence}.")).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Finding, Input};
    use crate::markers;
    use base::exit::Exit;
    use protocol::state::AgentStatus;

    fn report(role: &str, files: Option<u64>) -> Report {
        Report {
            role: role.parse().unwrap(),
            status: AgentStatus::Completed,
            runner: "claude".parse().unwrap(),
            model: Some("haiku".to_owned()),
            static_only: false,
            path: None,
            findings: None,
            files_reviewed: files,
            group: role.parse().unwrap(),
        }
    }

    fn merged(severities: &[Severity]) -> Merged {
        let finding = |(n, severity): (usize, &Severity)| Finding {
            id: format!("F{}", n + 1),
            title: "t".to_owned(),
            severity: *severity,
            category: None,
            locations: Vec::new(),
            reviewers: vec!["security".to_owned()],
            withdrawn: false,
            status: String::new(),
        };
        let input = || Input { path: "r".to_owned(), recognised: "findings".to_owned(), complete: true };
        Merged {
            schema_version: 1,
            inputs: vec![input(), input()],
            findings: severities.iter().enumerate().map(finding).collect(),
            counts: std::collections::BTreeMap::new(),
        }
    }

    /// Two complete reviews by an AI that found these.
    fn evidence(severities: &[Severity]) -> Evidence {
        Evidence {
            convoy: "convoy-code-review-k7q2m9".parse().unwrap(),
            gate: Severity::High,
            timed_out: None,
            files: 3,
            reports: vec![report("security", Some(3)), report("performance", Some(3))],
            missing: Vec::new(),
            merged: Ok(merged(severities)),
            synthesis: Synthesis::Script { text: "# R".to_owned() },
        }
    }

    fn ai(text: &str) -> Synthesis {
        Synthesis::Ai { text: text.to_owned(), markers: markers::read(text) }
    }

    fn missing(role: &str) -> Missing {
        Missing { role: role.parse().unwrap(), why: "timed out after 5m".to_owned() }
    }

    #[test]
    fn approved_needs_every_review_and_nothing_at_the_gate() {
        let clean = judge(evidence(&[Severity::Medium]));
        assert_eq!(
            (clean.review_result, clean.success, clean.exit()),
            (ReviewResult::Approved, true, Exit::Done)
        );
        let high = judge(evidence(&[Severity::High]));
        assert_eq!(
            (high.review_result, high.success, high.exit()),
            (ReviewResult::ChangesRequested, true, Exit::No)
        );
        let mut lower = evidence(&[Severity::Medium]);
        lower.gate = Severity::Medium;
        assert_eq!(judge(lower).review_result, ReviewResult::ChangesRequested);
    }

    /// Every way in which a review can be lacking, on an otherwise clean one.
    #[test]
    fn what_is_missing_is_never_approved() {
        type Spoil = fn(&mut Evidence);
        let ways: [(&str, Spoil); 8] = [
            ("a reviewer failed", |e| e.missing = vec![missing("security")]),
            ("all reviewers failed", |e| e.missing = vec![missing("security"), missing("performance")]),
            ("there is no merge", |e| e.merged = Err("it failed".to_owned())),
            ("a report was not read whole", |e| e.merged.as_mut().unwrap().inputs[0].complete = false),
            ("a report was not recognised", |e| {
                e.merged.as_mut().unwrap().inputs[0].recognised = "unreadable".to_owned();
            }),
            ("a report is not in the merge", |e| e.merged.as_mut().unwrap().inputs.truncate(1)),
            ("there is no reviewer", |e| e.reports.clear()),
            ("the time ran out", |e| e.timed_out = Some(60_000)),
        ];
        for (what, spoil) in ways {
            let mut spoilt = evidence(&[]);
            spoilt.synthesis = ai("REVIEW_RESULT: APPROVED");
            spoil(&mut spoilt);
            let outcome = judge(spoilt);
            assert_eq!((outcome.review_result, outcome.success), (ReviewResult::Commented, false), "{what}");
            assert_ne!(outcome.exit(), Exit::Done, "{what}");
        }
    }

    #[test]
    fn what_was_found_is_told_though_a_review_is_missing() {
        let mut partial = evidence(&[Severity::Critical]);
        partial.missing = vec![missing("performance")];
        let outcome = judge(partial);
        assert_eq!((outcome.review_result, outcome.success), (ReviewResult::Commented, false));
        assert!(outcome.notes.contains("1 finding stands at or above the gate (high)"), "{}", outcome.notes);
        assert!(outcome.notes.contains("the performance review is missing: timed out after 5m."));
    }

    #[test]
    fn reviews_that_are_missing_for_the_same_reason_are_told_together() {
        let mut none = evidence(&[]);
        none.missing = vec![missing("security"), missing("performance")];
        let want = "no verdict: the security and performance reviews are missing: timed out after 5m.";
        assert_eq!(judge(none).notes, want);
    }

    #[test]
    fn time_that_ran_out_has_its_own_exit_code() {
        let mut late = evidence(&[Severity::High]);
        late.timed_out = Some(1_200_000);
        let outcome = judge(late);
        assert_eq!((outcome.exit(), outcome.timed_out), (Exit::TimedOut, true));
        assert!(outcome.notes.contains("timed out after 20m"), "{}", outcome.notes);
    }

    #[test]
    fn of_findings_and_synthesis_the_stricter_counts_and_it_says_so() {
        let mut milder = evidence(&[Severity::High]);
        milder.synthesis = ai("REVIEW_RESULT: APPROVED");
        let outcome = judge(milder);
        assert_eq!(outcome.review_result, ReviewResult::ChangesRequested);
        let say = "the synthesis says APPROVED, the findings CHANGES_REQUESTED: the stricter counts.";
        assert!(outcome.notes.contains(say), "{}", outcome.notes);

        let mut stricter = evidence(&[]);
        stricter.synthesis = ai(
            "REVIEW_RESULT: CHANGES_REQUESTED\nFILES_REVIEWED: 2\nSECURITY_ISSUES: 4\nPERFORMANCE_ISSUES: 0",
        );
        let outcome = judge(stricter);
        assert_eq!(outcome.review_result, ReviewResult::ChangesRequested);
        assert_eq!((outcome.files_reviewed, outcome.security_issues), (2, 4));
        assert!(outcome.notes.contains("security issues: the synthesis says 4, the reports 0"));

        let mut odd = evidence(&[]);
        odd.synthesis = ai("REVIEW_RESULT: LGTM");
        assert_eq!(judge(odd).review_result, ReviewResult::Commented);
    }

    #[test]
    fn agreement_is_not_worth_a_note() {
        let mut same = evidence(&[]);
        same.synthesis = ai("REVIEW_RESULT: APPROVED\nFILES_REVIEWED: 3\nSECURITY_ISSUES: 0");
        assert_eq!(judge(same).notes, "nothing stands at or above the gate (high).");
    }

    #[test]
    fn static_rules_are_said_first() {
        let mut rules = evidence(&[]);
        rules.reports.iter_mut().for_each(|report| report.static_only = true);
        let outcome = judge(rules);
        assert!(outcome.static_only && outcome.notes.starts_with("static rules only"), "{}", outcome.notes);
    }

    #[test]
    fn the_fewest_files_count() {
        let mut fewer = evidence(&[]);
        fewer.reports[1].files_reviewed = Some(1);
        let outcome = judge(fewer);
        assert_eq!(outcome.files_reviewed, 1);
        assert!(outcome.notes.contains("1 of 3 files were read by all"), "{}", outcome.notes);
        let mut parts = evidence(&[]);
        for (report, files) in parts.reports.iter_mut().zip([2, 1]) {
            report.group = "part".parse().unwrap();
            report.files_reviewed = Some(files);
        }
        assert_eq!(judge(parts).files_reviewed, 3, "two with a part each");
    }
}
