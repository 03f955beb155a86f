//! A finding as tools show it that know a file, a line and a text, and no more.

use findings::Severity;

use super::cause::without_code;
use crate::contain::clean;
use crate::merged::Merged;
use crate::model::{Finding, Location};

/// Longer texts are cut in messages; the JSON output has them whole.
const MOST_TEXT: usize = 4_000;
/// What stands in the place of a file where a finding is about the project.
pub(super) const PROJECT: &str = "(project)";

/// A finding that is open, in parts; nothing in them is a control character but line breaks.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) severity: Severity,
    pub(super) title: String,
    /// The reviewers' words below the title; may be empty.
    pub(super) body: String,
    /// Relative to the project, each byte visible, or [`PROJECT`].
    pub(super) path: String,
    /// Only where there is one to go to.
    pub(super) line: Option<u32>,
    pub(super) end_line: Option<u32>,
    pub(super) column: Option<u32>,
    /// `path:3-9` and what is wrong with it, for people.
    pub(super) place: String,
    /// The rule of a program, else the first words of the category.
    pub(super) rule: String,
    pub(super) category: String,
    pub(super) cwe: Vec<u32>,
    pub(super) reviewers: Vec<String>,
    pub(super) fingerprint: String,
}

impl Shown {
    /// Title, reason and fix.
    pub(super) fn text(&self) -> String {
        let mut out = self.title.clone();
        if self.line.is_none() && self.place != self.path {
            out = format!("{out} ({})", self.place);
        }
        if self.body.is_empty() { out } else { format!("{out}\n\n{}", self.body) }
    }

    /// The same on one line.
    pub(super) fn flat(&self) -> String {
        self.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// All that is open, the gravest first: what was found, then what earlier reviews left.
pub(super) fn shown(merged: &Merged) -> impl Iterator<Item = Shown> {
    merged.open().map(one)
}

fn one(finding: &Finding) -> Shown {
    let first = finding.locations.first();
    let placed = first.filter(|place| !place.is_unplaced() && place.line_start.is_some_and(|line| line > 0));
    let line = placed.and_then(|place| place.line_start);
    let category = finding.category.as_deref().unwrap_or("review");
    Shown {
        id: finding.id.clone(),
        severity: finding.severity,
        title: flat(&finding.title),
        body: body(finding),
        path: first.map_or_else(|| PROJECT.to_string(), path),
        line,
        end_line: placed.and_then(|place| place.line_end).zip(line).map(|(end, line)| end.max(line)),
        column: placed.and_then(|place| place.column).filter(|column| *column > 0),
        place: first.map_or_else(|| "project".to_string(), where_it_is),
        rule: flat(
            finding.facts.rule.as_deref().unwrap_or(category.split(" (CWE").next().unwrap_or(category)),
        ),
        category: flat(category),
        cwe: finding.facts.cwe.clone(),
        reviewers: finding.reviewers.iter().map(|name| flat(name)).collect(),
        fingerprint: finding.fingerprint.clone(),
    }
}

/// The path without its lines: as it is, unless that would act or is no text.
pub(super) fn path(place: &Location) -> String {
    let exact = exact_path(place);
    if exact == clean(&exact) && !exact.contains(['\n', '\t']) { exact } else { base::text::visible(&exact) }
}

/// The same where every character may stand, as in JSON.
pub(super) fn exact_path(place: &Location) -> String {
    let encoded = place.path();
    let path = encoded.as_path();
    let shown = path.to_str().map_or_else(|| base::text::path(path), str::to_string);
    let shown = shown.strip_prefix("./").map_or(shown.as_str(), |rest| rest);
    if shown.is_empty() { PROJECT.to_string() } else { shown.to_string() }
}

fn where_it_is(place: &Location) -> String {
    let shown = clean(&place.display());
    match place.placed_why.as_deref().filter(|_| place.is_unplaced()) {
        Some(why) => format!("unplaced: {shown}, {}", flat(why)),
        None if shown.is_empty() => "project".to_string(),
        None => shown,
    }
}

fn flat(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the member that speaks for all, without Markdown's emphasis.
fn body(finding: &Finding) -> String {
    let speaks =
        finding.members.iter().find(|member| member.title == finding.title && !member.body.is_empty());
    let Some(member) = speaks.or(finding.members.first()) else { return String::new() };
    let body = without_code(&member.body);
    let short = crate::text::cut(&body, MOST_TEXT);
    let sign = if short.len() < body.len() { " …" } else { "" };
    format!("{}{sign}", clean(short).replace("**", "").trim())
}
