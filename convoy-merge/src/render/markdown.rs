//! The report for people, in the shape of the code-review synthesis: one screen stands
//! open, the rest is folded, and nothing is said twice.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use findings::Severity;
use findings::second_look::SecondLook;
use sha2::{Digest, Sha256};

use super::cause::{Cause, group};
use super::finding::{Said, Shape, Told, heading, tell};
use super::statistics::{folded, result, section};
use super::summary;
use crate::contain::{line, place};
use crate::merged::{Merged, stands};
use crate::meta::Meta;
use crate::model::{Finding, Location};
use crate::verdict;

/// So many lines stand open, if findings that are at the gate are as short as that.
const OPEN: usize = 60;
/// The whole has at most so many lines and so many more for each cause, where the
/// reviewers' own words leave room: then less of the code is shown.
const FRAME: usize = 45;
const PER_CAUSE: usize = 12;
/// The shapes that a cause may have, the first that fits.
const SHAPES: [Shape; 4] = [
    Shape { code: 7, airy: true },
    Shape { code: 5, airy: true },
    Shape { code: 3, airy: true },
    Shape { code: 3, airy: false },
];
/// Lines that a folded section has besides what is in it.
const FOLD: usize = 4;

/// A section of causes.
struct Section {
    title: &'static str,
    /// May some of it stand open?
    urgent: bool,
    told: Vec<Told>,
}

impl Section {
    fn findings(&self) -> usize {
        self.told.iter().map(|told| told.findings).sum()
    }
}

/// The report; of at most so many bytes, if a size is given.
pub(super) fn report(merged: &Merged, meta: &Meta, size: Option<usize>) -> String {
    let page = Page::new(merged, meta);
    let whole = page.text(page.causes());
    let Some(size) = size.filter(|size| whole.len() > *size) else { return whole };
    // The most causes that fit; the least severe are the last.
    let (mut fits, mut too_many) = (0, page.causes());
    while too_many - fits > 1 {
        let middle = fits.midpoint(too_many);
        if page.text(middle).len() <= size { fits = middle } else { too_many = middle }
    }
    page.text(fits)
}

/// Everything of a report, before it is known how much of it stands open.
struct Page {
    title: String,
    head: Vec<String>,
    /// By severity, the gravest first.
    sections: Vec<Section>,
    /// What the gate does not look at, or what does not stand; folded together with …
    aside: Vec<Section>,
    /// … lists, by their titles.
    lists: Vec<(&'static str, Vec<String>)>,
    actions: Vec<String>,
    tail: Vec<String>,
}

impl Page {
    fn new(merged: &Merged, meta: &Meta) -> Self {
        let decision = verdict::of(merged, meta);
        let mut title = vec![format!(
            "# {}",
            meta.title.as_deref().map_or_else(|| "Code Review - Complete Analysis".to_string(), line)
        )];
        if meta.static_only {
            title.extend(["", "Static rules only: no AI has reviewed this.", ""].map(str::to_string));
        }
        let mut number = 0;
        let mut said = Said::default();
        let mut at_gate: Vec<(Cause<'_>, String)> = Vec::new();
        let mut sections = Vec::new();
        for (title, severity) in SEVERITIES {
            let of_it = |f: &&Finding| f.severity == severity && merged.gate.looks_at(f);
            let mut told = Vec::new();
            for cause in group(merged.standing().filter(of_it)) {
                number += 1;
                told.push(tell(&cause, number, &mut said));
                let heading = heading(&cause, number);
                at_gate.push((cause, heading));
            }
            sections.push(Section { title, urgent: severity >= Severity::High, told });
        }
        let mut asides = Vec::new();
        for (title, list) in aside(merged) {
            let mut told = Vec::new();
            for cause in group(list) {
                number += 1;
                told.push(tell(&cause, number, &mut said));
            }
            asides.push(Section { title, urgent: false, told });
        }
        sections.retain(|section| !section.told.is_empty());
        asides.retain(|section| !section.told.is_empty());
        let mut head = vec!["## Executive Summary".to_string()];
        head.extend(summary::lines(merged, meta, &decision));
        head.extend(summary::top(&at_gate));
        let mut tail = section(merged, meta);
        tail.push(String::new());
        tail.extend(result(merged, meta, &decision));
        let actions = summary::actions(&at_gate, merged, &decision);
        let mut page = Page {
            title: title.join("\n"),
            head,
            sections,
            aside: asides,
            lists: lists(merged),
            actions,
            tail,
        };
        // Where much has to stand open, less is said of what to do first.
        while page.fixed() > OPEN && page.actions.len() > 3 {
            page.actions.pop();
        }
        page
    }

    fn causes(&self) -> usize {
        self.told().count()
    }

    /// The report with so many causes, in the first shape that is short enough.
    fn text(&self, causes: usize) -> String {
        let most = FRAME + PER_CAUSE * causes;
        let mut lines = Vec::new();
        for shape in SHAPES {
            lines = self.lines(causes, shape);
            if lines.iter().map(|line| line.matches('\n').count() + 1).sum::<usize>() < most {
                break;
            }
        }
        let mut whole = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum::<usize>() + SEAL);
        for line in lines {
            whole.push_str(&line);
            whole.push('\n');
        }
        seal(whole)
    }

    fn lines(&self, causes: usize, shape: Shape) -> Vec<String> {
        let mut out = vec![self.title.clone()];
        let left_out: usize = self.told().skip(causes).map(|told| told.findings).sum();
        if left_out > 0 {
            let noun = if left_out == 1 { "finding is" } else { "findings are" };
            out.push(format!(
                "\nCut to the size that is allowed here: {left_out} {noun} left out, the least severe; the JSON has all."
            ));
        }
        out.extend_from_slice(&self.head);
        let mut room = OPEN.saturating_sub(self.fixed());
        let mut left = causes;
        for section in &self.sections {
            let told = &section.told[..section.told.len().min(left)];
            left -= told.len();
            if told.is_empty() {
                continue;
            }
            out.push(format!("## {}", section.title));
            let mut open = 0;
            for one in told.iter().take_while(|_| section.urgent) {
                let lines = one.lines(shape);
                if lines.len() > room {
                    room = 0;
                    break;
                }
                room -= lines.len();
                open += 1;
                out.extend(lines);
            }
            let rest = &told[open..];
            if rest.is_empty() {
                // It needs no fold.
                room += FOLD - 1;
                continue;
            }
            let inside: Vec<String> = rest.iter().flat_map(|one| one.lines(shape)).collect();
            let title = counted(rest.iter().map(|one| one.findings).sum(), rest.len());
            out.extend(folded(&title, inside));
            out.push(String::new());
        }
        out.extend(self.asides(left, shape));
        out.extend_from_slice(&self.actions);
        out.extend_from_slice(&self.tail);
        out
    }

    /// All that is beside the point, in one fold, with so many causes.
    fn asides(&self, causes: usize, shape: Shape) -> Vec<String> {
        let mut left = causes;
        let (mut inside, mut titles) = (Vec::new(), Vec::new());
        for section in &self.aside {
            let told = &section.told[..section.told.len().min(left)];
            left -= told.len();
            if !told.is_empty() {
                inside.push(format!("## {}", section.title));
                inside.extend(told.iter().flat_map(|one| one.lines(shape)));
                titles.push(format!("{}: {}", section.title, section.findings()));
            }
        }
        for (title, lines) in &self.lists {
            inside.push(format!("## {title}"));
            inside.extend_from_slice(lines);
            titles.push(format!("{title}: {}", lines.len()));
        }
        if inside.is_empty() {
            return inside;
        }
        let mut out = folded(&titles.join("; "), inside);
        out.push(String::new());
        out
    }

    fn told(&self) -> impl Iterator<Item = &Told> {
        self.sections.iter().chain(&self.aside).flat_map(|section| &section.told)
    }

    /// Lines that stand open in any case.
    fn fixed(&self) -> usize {
        let mut inside = false;
        let open = |line: &&String| {
            let shown = !inside || *line == "</details>";
            inside = (inside || line.starts_with("<details>")) && *line != "</details>";
            shown
        };
        let tail = self.tail.iter().filter(open).count();
        let title = self.title.lines().count();
        let aside = if self.aside.is_empty() && self.lists.is_empty() { 0 } else { FOLD - 1 };
        // One more for the mark behind the report.
        title + self.head.len() + self.actions.len() + tail + FOLD * self.sections.len() + aside + 1
    }
}

pub(super) const SEVERITIES: [(&str, Severity); 6] = [
    ("Blocker Issues", Severity::Blocker),
    ("Critical Issues", Severity::Critical),
    ("High-Priority Issues", Severity::High),
    ("Medium Issues", Severity::Medium),
    ("Unrated Issues", Severity::Unrated),
    ("Low Issues", Severity::Low),
];

/// What the gate does not look at, or what does not stand.
pub(super) fn aside(merged: &Merged) -> [(&'static str, Vec<&Finding>); 7] {
    let of = |is: &dyn Fn(&Finding) -> bool| -> Vec<&Finding> {
        merged.findings.iter().filter(|finding| is(finding)).collect()
    };
    let gone = |f: &Finding| f.baseline.as_deref() == Some("gone");
    [
        ("Not of This Change", merged.standing().filter(|f| !merged.gate.looks_at(f)).collect()),
        (CARRIED, merged.carried.iter().filter(|f| stands(f)).collect()),
        (SETTLED, of(&|f| f.status.is_settled() && !f.withdrawn && !gone(f))),
        (WITHDRAWN, of(&|f| f.withdrawn && !gone(f))),
        ("Suppressed", {
            let decided = |f: &&Finding| f.suppressed.is_some();
            let mut list =
                of(&|f| f.suppressed.is_some() && !f.withdrawn && !f.status.is_settled() && !gone(f));
            list.extend(merged.carried.iter().filter(decided));
            list
        }),
        (REFUTED, {
            let alone = |f: &&Finding| {
                let besides = f.suppressed.is_some() || f.withdrawn || f.status.is_settled() || gone(f);
                !besides && f.second_look.as_ref().is_some_and(SecondLook::is_refuted)
            };
            merged.findings.iter().chain(&merged.carried).filter(alone).collect()
        }),
        (GONE, of(&gone)),
    ]
}

/// Sections whose findings are not as the others when the report is read again.
pub(crate) const CARRIED: &str = "Carried Forward From Earlier Reviews";
pub(crate) const SETTLED: &str = "Settled";
pub(crate) const WITHDRAWN: &str = "Withdrawn by Their Reviewers";
pub(crate) const REFUTED: &str = "Refuted by a Second Look";
pub(crate) const GONE: &str = "Gone Since the Baseline";

/// What earlier reviews found and is no more, and what belongs together.
fn lists(merged: &Merged) -> Vec<(&'static str, Vec<String>)> {
    let of = |history: &str| -> Vec<String> {
        let list = merged.closed.iter().filter(|one| one.history.as_deref() == Some(history));
        list.map(closed).collect()
    };
    let all =
        [("Fixed Since", of("fixed")), ("Gone Since", of("gone")), ("Related Findings", related(merged))];
    all.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

fn closed(finding: &Finding) -> String {
    let since = finding.since.as_deref().map_or_else(String::new, |since| format!(", since {}", line(since)));
    let what = finding.suppressed.as_deref().map_or_else(String::new, |why| format!(": {}", line(why)));
    let place = finding.locations.first().map_or_else(|| "project".to_string(), |at: &Location| place(at));
    format!("- {} {} in {place} ({}{since}){what}", finding.id, line(&finding.title), finding.severity.name())
}

/// Findings that somebody has a reason to look at together; that they are near each
/// other in a file is none.
fn related(merged: &Merged) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut number_of: HashMap<&str, usize> = HashMap::new();
    for finding in merged.standing() {
        for other in finding.related.iter().filter(|other| !other.reason.starts_with("near ")) {
            let at = *number_of.entry(&other.reason).or_insert_with(|| {
                by_reason.push((&other.reason, Vec::new()));
                by_reason.len() - 1
            });
            by_reason[at].1.extend([finding.id.as_str(), other.id.as_str()]);
        }
    }
    let told = |(reason, mut ids): (&str, Vec<&str>)| {
        ids.sort_by_key(|id| (id.trim_start_matches('F').parse().unwrap_or(usize::MAX), *id));
        ids.dedup();
        format!("- {}: {}", ids.join(", "), line(reason))
    };
    by_reason.into_iter().map(told).collect()
}

/// `3 findings`, `40 findings, 2 causes`
fn counted(findings: usize, causes: usize) -> String {
    let noun = |n: usize, one: &str| base::style::count(n as u64, one);
    if findings == causes {
        noun(findings, "finding")
    } else {
        format!("{}, {}", noun(findings, "finding"), noun(causes, "cause"))
    }
}

const MARK: &str = "<!-- convoy-merge report, version 2, sha256 ";
const END: &str = " -->\n";
/// So long is the mark, with its hash.
const SEAL: usize = MARK.len() + 64 + END.len();

/// The report with its own mark behind it, by which it is known to be as we wrote it.
fn seal(mut text: String) -> String {
    let sum = HEXLOWER.encode(&Sha256::digest(&text));
    for part in [MARK, &sum, END] {
        text.push_str(part);
    }
    text
}

/// The text of a report of ours that is whole and unchanged.
pub(crate) fn unsealed(text: &str) -> Option<&str> {
    let (report, sum) = text.strip_suffix(END)?.rsplit_once(MARK)?;
    (HEXLOWER.encode(&Sha256::digest(report)) == sum).then_some(report)
}

/// Is this text a report of ours, whole and unchanged?
pub(crate) fn is_own(text: &str) -> bool {
    unsealed(text).is_some()
}
