//! From a judgement to the result that is told: counts, and sentences. Pure; what
//! the verdict is, the crate `verdict` says.

use base::ids::Role;
use base::text;
use findings::merged::Merged;
use findings::requirement::Looked;
use findings::second_look::Standing;
use protocol::agent::Agent;
use protocol::plan::{Lens, Plan};
use protocol::state::State;
use verdict::{Judgement, Markers, Reviewed, Synthesis, reviewer};

use crate::result::{Missing, Outcome, Report};

/// Makes the result.
pub(crate) fn of(judged: &Judgement, plan: &Plan, state: &State, timed_out: bool) -> Outcome {
    let evidence = &judged.evidence;
    let reviewers = &evidence.reviewers;
    let static_only = !reviewers.is_empty() && reviewers.iter().all(|one| one.static_only);
    let mut notes = Notes::default();
    if static_only {
        notes.add("static rules only: no AI has reviewed this");
    }
    tell_gate(judged, &mut notes);
    for (n, obstacle) in judged.obstacles.iter().enumerate() {
        let begin = if n == 0 { "no verdict: " } else { "" };
        notes.add(&format!("{begin}{obstacle}"));
    }
    let merged = judged.merged();
    let standing = || merged.open();
    let count = |new: bool| standing().filter(|finding| (finding.new != Some(false)) == new).count() as u64;
    let has_base = merged.findings.iter().chain(&merged.carried).any(|finding| finding.new.is_some());
    let mut outcome = Outcome {
        schema_version: 1,
        success: judged.obstacles.is_empty(),
        review_result: judged.verdict,
        gate: evidence.gate,
        gate_on: evidence.gate_on,
        static_only,
        timed_out,
        files_reviewed: files_reviewed(reviewers, evidence.files, &mut notes),
        files_given: evidence.files,
        security_issues: about(&merged, "security"),
        performance_issues: about(&merged, "performance"),
        notes: String::new(),
        output: evidence.synthesis.text().to_owned(),
        convoy_id: state.id.clone(),
        counts: merged.counts.clone(),
        new_findings: has_base.then(|| count(true)),
        old_findings: has_base.then(|| count(false)),
        reports: reviewers.iter().map(|one| report(one, state)).collect(),
        missing: reviewers.iter().filter_map(missing).collect(),
        requirements: requirements(judged, plan),
    };
    if let Some(looked) = &outcome.requirements {
        notes.add(&looked.sentence());
    }
    tell_unverified(&merged, &mut notes);
    match &evidence.synthesis {
        Synthesis::Script { .. } => {}
        Synthesis::Ai { markers, .. } => heed(&mut outcome, judged, markers, &mut notes),
        Synthesis::Failed { why, .. } => {
            notes.add(&format!("there is no synthesis ({why}): the verdict is from the findings alone"));
        }
    }
    outcome.notes = notes.text();
    outcome
}

fn tell_gate(judged: &Judgement, notes: &mut Notes) {
    if judged.blocking > 0 || judged.obstacles.is_empty() {
        notes.add(&judged.standing());
    }
    match judged.old {
        0 => {}
        1 => notes.add("1 at or above it was there before this change"),
        n => notes.add(&format!("{n} at or above it were there before this change")),
    }
}

/// What was to be looked at again and was not, and why.
fn tell_unverified(merged: &Merged, notes: &mut Notes) {
    let looks = merged.open().filter_map(|finding| finding.second_look.as_ref());
    let unverified: Vec<_> = looks.filter(|look| look.verdict == Standing::Unverified).collect();
    let Some(first) = unverified.first() else { return };
    let why = text::visible(first.why.as_deref().unwrap_or("no verifier was given it"));
    let others =
        if unverified.iter().any(|one| one.why != first.why) { "; or for other reasons" } else { "" };
    let what = match unverified.len() {
        1 => "1 finding counts that was".to_owned(),
        n => format!("{n} findings count that were"),
    };
    notes.add(&format!("{what} not looked at again: {why}{others}"));
}

/// Whether the change was held against what was asked for; `None`: the template has
/// nobody for it.
fn requirements(judged: &Judgement, plan: &Plan) -> Option<Looked> {
    if let Some(why) = &plan.inputs.no_requirements {
        return Some(Looked::not(text::visible(why)));
    }
    let by: Vec<_> = plan.agents.iter().filter(|agent| agent.lens == Some(Lens::Requirements)).collect();
    let first = by.first()?;
    let reviewers = &judged.evidence.reviewers;
    let is_there = |role: &Role| reviewers.iter().any(|one| one.role == *role && missing(one).is_none());
    if judged.evidence.merged.is_err() || !by.iter().all(|agent| is_there(&agent.role)) {
        return Some(Looked::not(format!("the {} review is missing", first.role)));
    }
    let merged = judged.merged();
    let open = merged.open().filter(|finding| finding.new != Some(false));
    let of = plan.inputs.asked().into_iter().map(|one| text::visible(&one.of)).collect();
    Some(Looked::at(of, open.filter_map(|finding| finding.requirement.as_ref())))
}

fn missing(reviewed: &Reviewed) -> Option<Missing> {
    let nothing = reviewed.claimed == Some(0)
        || reviewed.scope.as_ref().is_some_and(|scope| scope.read.is_empty() && !scope.given.is_empty());
    let denied = reviewed.denied.first().map(|what| format!("was denied {}", text::visible(what)));
    let why = reviewed.missing.clone().or(denied);
    let why = why.or_else(|| nothing.then(|| why_nothing(reviewed)))?;
    Some(Missing { role: reviewed.role.clone(), why })
}

/// `read none of the files (NOTES.md: no language known)`
fn why_nothing(reviewed: &Reviewed) -> String {
    let plain = "read none of the files".to_owned();
    let Some(scope) = &reviewed.scope else { return plain };
    let Some(first) = scope.not_read.first() else { return plain };
    let more = scope.not_read.len() - 1;
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{plain} ({}: {}{more})", text::path(first.file.as_path()), text::visible(&first.why))
}

fn report(reviewed: &Reviewed, state: &State) -> Report {
    let agent = state.agent(&reviewed.role);
    let evidence = agent.and_then(Agent::evidence);
    let scope = reviewed.scope.as_ref();
    let count = |files: usize| files as u64;
    Report {
        role: reviewed.role.clone(),
        status: reviewed.status,
        runner: agent.map_or_else(|| state.template.clone(), |agent| agent.runner.clone()),
        handovers: agent.map(|agent| agent.handovers.clone()).unwrap_or_default(),
        model: agent.and_then(|agent| agent.model.clone()).filter(|_| !reviewed.static_only),
        static_only: reviewed.static_only,
        path: agent.and_then(Agent::output_file).cloned(),
        read_from: evidence.and_then(|evidence| evidence.read_from),
        findings: evidence.and_then(|evidence| evidence.findings.clone()),
        files_reviewed: scope.map(|scope| count(scope.read.len())).or(reviewed.claimed),
        files_given: scope.map(|scope| count(scope.given.len())),
        basis: scope.map(|scope| scope.basis),
        not_read: scope.map(|scope| scope.not_read.clone()).unwrap_or_default(),
        denied: reviewed.denied.clone(),
    }
}

/// The files that all have read.
fn files_reviewed(reviewers: &[Reviewed], files: u64, notes: &mut Notes) -> u64 {
    if reviewers.iter().all(|one| one.missing.is_some()) {
        return 0;
    }
    let Some(read) = reviewer::count_read(reviewers) else {
        notes.add("what was read is not known: no reviewer tells it");
        return files;
    };
    let read = read.min(files);
    if read < files {
        notes.add(&format!("{read} of {files} files were read by all; the reports name the others"));
    }
    read
}

/// Findings of a reviewer that stand, or of its kind by category.
fn about(merged: &Merged, kind: &str) -> u64 {
    let of_kind = |finding: &&findings::merged::Finding| {
        finding.reviewers.iter().any(|reviewer| reviewer == kind)
            || finding.category.as_deref().is_some_and(|text| text.to_lowercase().contains(kind))
    };
    merged.findings.iter().filter(|finding| finding.stands()).filter(of_kind).count() as u64
}

/// Tells where the markers of an AI synthesis differ: the stricter counts. One that is
/// milder than the findings is among the obstacles already.
fn heed(outcome: &mut Outcome, judged: &Judgement, markers: &Markers, notes: &mut Notes) {
    match &markers.result {
        None => notes.add("the synthesis has no REVIEW_RESULT line: the verdict is from the findings alone"),
        Some(stated) if judged.is_stricter() => notes.add(&format!(
            "the synthesis says {}, the findings APPROVED: the stricter counts",
            verdict::said(stated)
        )),
        Some(_) => {}
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
        notes.add(&format!("the synthesis notes: {}", text::visible(text)));
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
