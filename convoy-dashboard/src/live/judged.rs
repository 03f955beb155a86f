//! What a review has come to, as the page shows it. What the verdict is, the crate
//! `verdict` says.

use base::text;
use findings::NotRead;
use findings::merged::Merged;
use findings::second_look::Standing;
use protocol::layout::ConvoyDir;
use protocol::plan::Plan;
use protocol::state::State;
use serde_json::{Value, json};
use verdict::{Judgement, Reviewed, reviewer};

/// Files that were not read are named up to here; all of them are counted.
const NAMED: usize = 200;

/// The verdict of a review that has ended, and what was read for it; `None`: it is
/// no review, or goes on.
pub(crate) fn of(dir: &ConvoyDir, plan: &Plan, state: &State) -> Option<Value> {
    state.ended().then(|| verdict::of_convoy(dir, plan, state))?.map(|judged| shown(&judged))
}

fn shown(judged: &Judgement) -> Value {
    let evidence = &judged.evidence;
    json!({
        "verdict": judged.verdict,
        "line": judged.line(),
        "obstacles": judged.obstacles,
        "blocking": judged.blocking,
        "old": judged.old,
        "gate": evidence.gate,
        "gateOn": evidence.gate_on,
        "given": evidence.files,
        "read": reviewer::count_read(&evidence.reviewers).map(|read| read.min(evidence.files)),
        "reviewers": evidence.reviewers.iter().map(one).collect::<Vec<Value>>(),
        "secondLook": judged.evidence.merged.as_ref().ok().and_then(second_look),
    })
}

/// How many findings verifiers have brought to each standing; `None`: nobody looked again.
fn second_look(merged: &Merged) -> Option<Value> {
    let looks = || merged.findings.iter().filter_map(|finding| finding.second_look.as_ref());
    looks().next()?;
    let count = |standing| looks().filter(|look| look.verdict == standing).count();
    let all = [Standing::Confirmed, Standing::Refuted, Standing::Unsure, Standing::Unverified];
    Some(all.into_iter().map(|standing| (standing.name().to_owned(), json!(count(standing)))).collect())
}

fn one(reviewed: &Reviewed) -> Value {
    let scope = reviewed.scope.as_ref();
    let not_read = scope.map_or(&[][..], |scope| &scope.not_read);
    let named =
        |not: &NotRead| json!({ "file": text::path(not.file.as_path()), "why": text::visible(&not.why) });
    json!({
        "role": reviewed.role,
        "missing": reviewed.missing,
        "read": scope.map(|scope| scope.read.len() as u64).or(reviewed.claimed),
        "given": scope.map(|scope| scope.given.len()),
        "basis": scope.map(|scope| scope.basis),
        "notRead": not_read.iter().take(NAMED).map(named).collect::<Vec<Value>>(),
        "notReadMore": not_read.len().saturating_sub(NAMED),
        "denied": reviewed.denied.iter().map(|what| text::visible(what)).collect::<Vec<String>>(),
    })
}
