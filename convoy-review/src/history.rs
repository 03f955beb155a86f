//! The history of reviews: `reviews.jsonl`, one line each, only ever appended to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::style::{Mark, Style, pad, pad_left};
use base::{files, program, text};
use jiff::Timestamp;
use protocol::layout::Home;
use protocol::plan::Plan;
use serde::{Deserialize, Serialize};

use crate::result::Outcome;
use findings::Severity;
use findings::verdict::Verdict;

/// One review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) schema_version: u64,
    /// Its end.
    pub(crate) at: Timestamp,
    pub(crate) convoy_id: ConvoyId,
    pub(crate) project: EncodedPath,
    pub(crate) review_result: Verdict,
    pub(crate) success: bool,
    #[serde(default)]
    pub(crate) timed_out: bool,
    #[serde(default)]
    pub(crate) static_only: bool,
    pub(crate) gate: Severity,
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) files_reviewed: u64,
    /// By role.
    pub(crate) runners: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    pub(crate) seconds: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pr_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) issues: Vec<String>,
}

impl Entry {
    pub(crate) fn of(outcome: &Outcome, plan: &Plan, branch: Option<String>, seconds: u64) -> Self {
        let runners = outcome.reports.iter().map(|one| (one.role.to_string(), one.runner.to_string()));
        Entry {
            schema_version: 1,
            at: Timestamp::now(),
            convoy_id: outcome.convoy_id.clone(),
            project: plan.project.clone(),
            review_result: outcome.review_result,
            success: outcome.success,
            timed_out: outcome.timed_out,
            static_only: outcome.static_only,
            gate: outcome.gate,
            counts: outcome.counts.clone(),
            files_reviewed: outcome.files_reviewed,
            runners: runners.collect(),
            missing: outcome.missing.iter().map(|one| one.role.to_string()).collect(),
            seconds,
            branch,
            pr_url: plan.inputs.pr_url.clone(),
            issues: plan.inputs.issues.clone(),
        }
    }
}

pub(crate) fn append(environment: &Environment, entry: &Entry) -> base::Result<()> {
    let path = Home::of(environment).reviews();
    let mut line = serde_json::to_vec(entry).map_err(|error| base::Error::Io {
        verb: "encode a line for",
        path: path.clone(),
        source: error.into(),
    })?;
    line.push(b'\n');
    files::append_lines(&path, line)
}

/// Prints the history, newest first; no limit: all of it.
pub(crate) fn show(environment: &Environment, limit: Option<usize>, json: bool) -> Result<Exit> {
    let bytes = files::read_if_there(&Home::of(environment).reviews())?.unwrap_or_default();
    let (mut entries, unreadable) = read(&String::from_utf8_lossy(&bytes));
    if unreadable > 0 {
        let lines = if unreadable == 1 { "1 line" } else { &format!("{unreadable} lines") };
        program::tell(&format!("convoy-review: {lines} of the history cannot be read and are left out"));
    }
    entries.reverse();
    let all = entries.len();
    entries.truncate(limit.unwrap_or(all));
    let out = if json {
        format!("{}\n", serde_json::to_string_pretty(&entries)?)
    } else {
        render(&entries, all, &Style::of_stdout(environment), Timestamp::now())
    };
    program::print(&out)?;
    Ok(Exit::Done)
}

/// The lines that can be read, and how many cannot.
fn read(text: &str) -> (Vec<Entry>, usize) {
    let mut unreadable = 0;
    let mut entries = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<Entry>(line) {
            Ok(entry) if entry.schema_version == 1 => entries.push(entry),
            Ok(_) | Err(_) => unreadable += 1,
        }
    }
    (entries, unreadable)
}

fn render(entries: &[Entry], all: usize, style: &Style, now: Timestamp) -> String {
    if entries.is_empty() {
        return format!("{}\n", style.command("no reviews yet: pan review --diff"));
    }
    let mut out = String::new();
    let gap = " ".repeat(style.glyph_width());
    let head = format!("{gap} CONVOY  RESULT             {}  WHEN        PROJECT", pad("FINDINGS", 20));
    let _ = writeln!(out, "{}", style.dim(&style.cut(&head, style.width)));
    for entry in entries {
        let mark = match (entry.timed_out, entry.review_result) {
            (true, _) => Mark::Parked,
            (false, Verdict::Approved) => Mark::Completed,
            (false, Verdict::Commented) => Mark::Partial,
            (false, Verdict::ChangesRequested) => Mark::Failed,
        };
        let result = if entry.timed_out { "timed out" } else { words(entry.review_result) };
        let mut what = project(entry);
        if entry.static_only {
            what.push_str(", static rules only");
        }
        let line = format!(
            " {}  {}  {}  {}  {what}",
            pad(entry.convoy_id.short(), 6),
            pad(result, 17),
            pad(&style.cut(&graves(&entry.counts), 20), 20),
            pad_left(&style.when(entry.at, now), 10),
        );
        let room = style.width.saturating_sub(style.glyph_width());
        let _ = writeln!(out, "{}{}", style.mark(mark), style.cut(&line, room));
    }
    if entries.len() < all {
        let _ = writeln!(
            out,
            "\n{} of {all} reviews; all of them: {}",
            entries.len(),
            style.command("pan review history --all")
        );
    }
    out
}

/// The result in words.
pub(crate) fn words(result: Verdict) -> &'static str {
    match result {
        Verdict::Approved => "approved",
        Verdict::Commented => "no verdict",
        Verdict::ChangesRequested => "changes requested",
    }
}

fn project(entry: &Entry) -> String {
    let name = entry.project.as_path().file_name();
    let name = name.map(|name| text::path(std::path::Path::new(name))).unwrap_or_default();
    match (&entry.pr_url, &entry.branch) {
        (Some(url), _) => format!("{name} {}", text::visible(url.rsplit('/').next().unwrap_or(url))),
        (None, Some(branch)) => format!("{name} {}", text::visible(branch)),
        (None, None) => name,
    }
}

/// `1 critical, 2 high`: the two gravest kinds.
pub(crate) fn graves(counts: &BTreeMap<String, u64>) -> String {
    let named = Severity::ALL.into_iter().filter_map(|severity| {
        let count = counts.get(severity.name()).copied().filter(|count| *count > 0)?;
        Some(format!("{count} {}", severity.name()))
    });
    let named: Vec<String> = named.take(2).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"schemaVersion":1,"at":"2026-11-22T14:00:00Z","convoyId":"convoy-code-review-k7q2m9","project":"/home/u/shop","reviewResult":"CHANGES_REQUESTED","success":true,"gate":"high","counts":{"critical":1,"high":2,"low":4},"filesReviewed":3,"runners":{"security":"claude"},"seconds":12,"branch":"fix"}"#;

    #[test]
    fn torn_and_newer_lines_are_left_out_and_counted() {
        let text = format!(
            "{LINE}\n{}\n\n{}\n",
            &LINE[..40],
            LINE.replace("\"schemaVersion\":1", "\"schemaVersion\":2")
        );
        let (entries, unreadable) = read(&text);
        assert_eq!((entries.len(), unreadable), (1, 2));
    }

    #[test]
    fn the_list_fits_its_screen() {
        let (entries, _) = read(LINE);
        let now = "2026-11-22T14:03:00Z".parse().unwrap();
        let screen = render(&entries, 3, &Style::plain(80), now);
        let want = "  CONVOY  RESULT             FINDINGS              WHEN        PROJECT\n\
                    ✗ k7q2m9  changes requested  1 critical, 2 high     3 min ago  shop fix\n\
                    \n\
                    1 of 3 reviews; all of them: pan review history --all\n";
        assert_eq!(screen, want, "{screen}");
        for width in [40, 80] {
            let screen = render(&entries, 1, &Style::plain(width), now);
            assert!(screen.lines().all(|line| base::style::width(line) <= width), "{screen}");
        }
    }
}
