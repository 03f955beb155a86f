//! The first screen of the report: what came of it in five lines, what is most urgent,
//! and what is left to do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::encoded_path::EncodedPath;
use base::style::{count, elapsed};
use findings::Severity;
use findings::changed::GateOn;
use findings::verdict::{Decision, Verdict};

use super::cause::Cause;
use super::finding::anchor;
use super::lines::wrapped;
use crate::contain::{cell, line, place, short};
use crate::merged::Merged;
use crate::meta::{Meta, Reviewer};
use crate::model::{Counts, Finding, Location, ReadFrom, Recognised};
use crate::scope;

/// At most so many rows of what is most urgent, and of what is to be done.
const TOP: usize = 5;
/// Characters of a title in a table.
const TITLE: usize = 48;
/// Characters of a path in a table.
const PLACE: usize = 60;

/// What came of it, a line each: verdict, findings, what was read, by whom, at what price.
pub(super) fn lines(merged: &Merged, meta: &Meta, decision: &Decision) -> Vec<String> {
    let mut out = vec![verdict(merged, decision), findings(merged), read(merged, meta)];
    out.extend(reviewers(merged, meta));
    out.extend(price(meta));
    out.iter().filter(|text| !text.is_empty()).flat_map(|text| wrapped(&format!("- {text}"))).collect()
}

fn verdict(merged: &Merged, decision: &Decision) -> String {
    let level = merged.gate.level.name();
    let gate = match merged.gate.on {
        GateOn::New => format!("gate: {level}, new findings"),
        GateOn::All => format!("gate: {level}"),
    };
    let blocking = match decision.blocking {
        0 => "nothing stands in the way".to_string(),
        n => format!(
            "{} in the way",
            if n == 1 { "1 finding stands".to_string() } else { format!("{n} findings stand") }
        ),
    };
    match decision.verdict {
        Verdict::Approved => format!("**Approved** ({gate}): {blocking}"),
        Verdict::ChangesRequested => format!("**Changes requested** ({gate}): {blocking}"),
        Verdict::Commented => {
            let why: Vec<String> = decision.obstacles.iter().map(|why| line(why)).collect();
            let found = if decision.blocking > 0 { format!("; {blocking}") } else { String::new() };
            format!("**No verdict** ({gate}): {}{found}", why.join("; "))
        }
    }
}

/// `28 findings, 2 critical, …; 5 new, 20 known, 3 fixed`
fn findings(merged: &Merged) -> String {
    let counts = merged.counts();
    let total = counts.total() as u64;
    let mut text = if total == 0 {
        "**No findings**".to_string()
    } else {
        format!("**{}:** {}", count(total, "finding"), graves(counts))
    };
    let of = |list: &[Finding], words: &[&str]| {
        let is =
            |finding: &&Finding| finding.history.as_deref().is_some_and(|history| words.contains(&history));
        list.iter().filter(is).count()
    };
    let standing = |words: &[&str]| {
        merged
            .standing()
            .filter(|one| one.history.as_deref().is_some_and(|history| words.contains(&history)))
            .count()
    };
    if merged.findings.iter().chain(&merged.carried).chain(&merged.closed).any(|one| one.history.is_some()) {
        let carried = merged.carried.iter().filter(|one| crate::merged::stands(one)).count();
        let known = standing(&["known"]) + carried;
        let _ = write!(text, "; {} new, {known} known", standing(&["new"]));
        if carried > 0 {
            let _ = write!(text, " ({carried} of them carried forward)");
        }
        let _ = write!(text, ", {} fixed", of(&merged.closed, &["fixed"]));
        let gone = of(&merged.closed, &["gone"]);
        if gone > 0 {
            let _ = write!(text, ", {gone} gone");
        }
    } else if merged.findings.iter().any(|one| one.baseline.is_some()) {
        let is =
            |state: &str| merged.findings.iter().filter(|one| one.baseline.as_deref() == Some(state)).count();
        let _ = write!(text, "; {} new, {} known, {} gone", is("new"), is("unchanged"), is("gone"));
    }
    if merged.standing().any(|one| one.new.is_some()) {
        let old = merged.standing().filter(|one| one.new == Some(false)).count();
        let _ = write!(text, "; {} of this change, {old} from before", counts.total() - old);
    }
    text
}

/// `1 blocker (MUST FIX), 2 critical, 3 high`
pub(super) fn graves(counts: Counts) -> String {
    let blockers = match counts.blocker {
        0 => None,
        1 => Some("1 blocker (MUST FIX)".to_string()),
        n => Some(format!("{n} blockers (MUST FIX)")),
    };
    let others = [
        (counts.critical, "critical"),
        (counts.high, "high"),
        (counts.medium, "medium"),
        (counts.low, "low"),
        (counts.unrated, "unrated"),
    ];
    let others = others.into_iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}"));
    blockers.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

/// `read 3 of 4 files; not read: 1 binary`
fn read(merged: &Merged, meta: &Meta) -> String {
    let words = scope::all(&merged.inputs, meta).words();
    if words.is_empty() {
        return String::new();
    }
    let mut why: BTreeMap<&EncodedPath, &str> = BTreeMap::new();
    for one in merged.inputs.iter().filter_map(|input| input.scope.as_ref()).flat_map(|scope| &scope.not_read)
    {
        why.entry(&one.file).or_insert(&one.why);
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in why.values() {
        *reasons.entry(reason).or_default() += 1;
    }
    let mut told: Vec<(usize, &str)> = reasons.into_iter().map(|(why, n)| (n, why)).collect();
    told.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let more = told.len().saturating_sub(3);
    let mut parts: Vec<String> =
        told.iter().take(3).map(|(n, why)| format!("{n} {}", line(&short(why, 60)))).collect();
    if more > 0 {
        parts.push(format!("{more} more reasons below"));
    }
    let missing = if parts.is_empty() { String::new() } else { format!("; not read: {}", parts.join(", ")) };
    let words = words
        .strip_prefix("read ")
        .map_or_else(|| format!("**Files:** {words}"), |words| format!("**Read:** {words}"));
    words + &missing
}

/// Who reviewed, and with what.
fn reviewers(merged: &Merged, meta: &Meta) -> Option<String> {
    let planned = meta.reviewers.iter().map(|reviewer| {
        let by = runner(reviewer);
        match (reviewer.completed(), by.is_empty()) {
            (true, true) => line(reviewer.name()),
            (true, false) => format!("{} ({by})", line(reviewer.name())),
            (false, true) => format!("{} (missing)", line(reviewer.name())),
            (false, false) => format!("{} (missing; {by})", line(reviewer.name())),
        }
    });
    let others = merged.inputs.iter().filter(|input| meta.reviewer_of(&input.path).is_none()).map(|input| {
        let how = match input.recognised {
            Recognised::Empty => " (empty)",
            Recognised::Unreadable => " (not recognised)",
            _ if !input.complete => " (incomplete)",
            _ if input.read_from == Some(ReadFrom::Prose) => " (read from prose)",
            Recognised::Findings | Recognised::Clean => "",
        };
        format!("{}{how}", line(&input.reviewer))
    });
    let names: Vec<String> = planned.chain(others).collect();
    let shown = 12;
    let more = names.len().saturating_sub(shown);
    let mut text = names.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    (!names.is_empty()).then(|| format!("**Reviewed by:** {text}"))
}

/// `claude sonnet`, `codex, in place of claude, whose credit is used up`
pub(super) fn runner(reviewer: &Reviewer) -> String {
    let words = [reviewer.runner.as_deref(), reviewer.model.as_deref()];
    let words = words.into_iter().flatten().map(line).collect::<Vec<_>>().join(" ");
    [Some(words), reviewer.in_place_of.as_deref().map(line)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// What it cost and how long it took, where that is known.
fn price(meta: &Meta) -> Option<String> {
    let costs: Vec<f64> = meta.reviewers.iter().filter_map(|reviewer| reviewer.cost_usd).collect();
    let unknown = meta.reviewers.len() - costs.len();
    let cost = match (costs.is_empty(), meta.static_only) {
        (_, true) => Some("no cost".to_string()),
        (true, false) => None,
        (false, false) if unknown > 0 => Some(format!(
            "${:.2} and what {} not told",
            costs.iter().sum::<f64>(),
            if unknown == 1 { "one reviewer has" } else { "the others have" }
        )),
        (false, false) => Some(format!("${:.2}", costs.iter().sum::<f64>())),
    };
    let time = meta.seconds.map(|seconds| elapsed(i64::try_from(seconds).unwrap_or(i64::MAX)));
    let parts: Vec<String> = cost.into_iter().chain(time).collect();
    (!parts.is_empty()).then(|| format!("**Cost and time:** {}", parts.join(", ")))
}

/// A table of what is most urgent, with links to the headings.
pub(super) fn top(causes: &[(Cause<'_>, String)]) -> Vec<String> {
    let urgent: Vec<&(Cause<'_>, String)> =
        causes.iter().filter(|(cause, _)| cause.main().severity >= Severity::High).take(TOP).collect();
    if urgent.is_empty() {
        return Vec::new();
    }
    let mut out = vec![
        "## Top Priority".to_string(),
        "| Finding | Severity | What | Where | Found by |".to_string(),
        "| --- | --- | --- | --- | --- |".to_string(),
    ];
    for (cause, heading) in urgent {
        let finding = cause.main();
        let many = match cause.findings().len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        out.push(format!(
            "| [{}](#{}) | {} | {} | {}{many} | {} |",
            finding.id,
            anchor(heading),
            finding.severity.name(),
            cell(&short(&finding.title, TITLE)),
            where_it_is(finding),
            cell(&short(&finding.reviewers.join(", "), 40)),
        ));
    }
    out
}

/// The main place, shortened from the left, and that it is none if so.
fn where_it_is(finding: &Finding) -> String {
    let Some(location) = finding.locations.first() else { return "project".to_string() };
    let shown = location.display();
    let long = shown.chars().count().saturating_sub(PLACE);
    let text = if long == 0 {
        place(location)
    } else {
        let kept: String = location.file.chars().skip(long).collect();
        format!("…{}", place(&Location { file: kept, ..location.clone() }))
    };
    text + if location.is_unplaced() { " (unplaced)" } else { "" }
}

/// How much is left, and the first of it.
pub(super) fn actions(causes: &[(Cause<'_>, String)], merged: &Merged, decision: &Decision) -> Vec<String> {
    if causes.is_empty() {
        return Vec::new();
    }
    let mut counts = Counts::default();
    let all = || causes.iter().flat_map(|(cause, _)| cause.findings());
    all().for_each(|finding| counts.add(finding.severity));
    let open = counts.total();
    let level = merged.gate.level.name();
    let what = if causes.len() == open {
        String::new()
    } else {
        format!(" of {}", count(causes.len() as u64, "cause"))
    };
    let mut out = vec![
        "## Action Items".to_string(),
        format!("{open} to do{what}, {} at or above {level}.", decision.blocking),
    ];
    for (cause, _) in causes.iter().take(TOP) {
        let finding = cause.main();
        let about = finding.facts.rule.as_deref().or(finding.category.as_deref()).unwrap_or("see above");
        let about = line(&short(about.split(" (CWE").next().unwrap_or(about), 40));
        let ids = cause.ids();
        let ids = if ids.chars().count() <= 40 {
            ids
        } else {
            format!("{} and {} more", finding.id, cause.findings().len() - 1)
        };
        out.push(format!("- [ ] {ids}: {about} in {}", where_it_is(finding)));
    }
    out
}
