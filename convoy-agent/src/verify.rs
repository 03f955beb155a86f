//! A second look at findings: what a verifier handed in, checked, and what of it counts.
//!
//! An answer that does not hold is none: its findings stay as they were. A refutation is
//! held against the files of the project while they are what was reviewed.

use std::fmt::Write as _;
use std::path::{Component, Path};

use base::encoded_path::EncodedPath;
use base::text;
use findings::second_look::{self, Conclusion, Look, Looks, Said};
use protocol::outcome::{Evidence, EvidenceSource, Reason};
use protocol::plan::{AgentPlan, Plan};
use serde_json::Value;

use crate::answer;
use crate::callers::{self, Place};
use crate::ended_run::Run;
use crate::report::{Rejected, rejected};
use crate::scope::Given;
use crate::stream::StreamSummary;

/// So many lines before and behind a place are shown, and of so many places.
const AROUND: usize = 25;
const MOST_PLACES: usize = 4;
/// A file that is longer is not looked into.
const LONGEST_FILE: u64 = 8 << 20;

/// What it says of each finding, from where it may have said it: the CLI's own answer, a
/// file, the last words. An error: what is wrong, a clause each; empty if there is nothing.
pub(crate) fn handed_in(agent: &AgentPlan, run: &Run) -> Result<Vec<Said>, Vec<String>> {
    let mut wrong = Vec::new();
    for value in candidates(run) {
        match second_look::read(&value, agent.items.len()) {
            Ok(said) => return Ok(said),
            Err(mistakes) if wrong.is_empty() => wrong = mistakes.iter().map(ToString::to_string).collect(),
            Err(_) => {}
        }
    }
    Err(wrong)
}

fn candidates(run: &Run) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let summary = run.summary();
    all.extend(summary.and_then(StreamSummary::answer).cloned());
    for name in [answer::FILE, "report.md"] {
        let Ok(Some(bytes)) = run.out().read(name, run.secrets()) else { continue };
        all.extend(answer::object_in(&String::from_utf8_lossy(&bytes), second_look::is_meant));
    }
    let said = summary.into_iter().flat_map(|summary| summary.said().rev());
    all.extend(said.filter_map(|words| answer::object_in(words, second_look::is_meant)));
    all.extend(summary.and_then(StreamSummary::tried).cloned());
    all
}

/// What is to be told a verifier whose answer cannot be taken.
pub(crate) fn to_mend(agent: &AgentPlan, run: &Run) -> Option<Vec<String>> {
    agent.invocation.answer?;
    let mistakes = handed_in(agent, run).err()?;
    Some(if mistakes.is_empty() { vec!["there is no answer".to_owned()] } else { mistakes })
}

/// Its looks, each with what of it counts.
pub(crate) fn looks(agent: &AgentPlan, tree: &Path, given: &Given, said: Vec<Said>) -> Looks {
    let lines_of = |file: &str| lines_of(tree, file);
    let look = |said: Said| {
        let item = agent.items.get(said.finding.checked_sub(1)?)?;
        let finding = second_look::finding_of(&item.value);
        let file = said.file.as_ref().map(|file| String::from(EncodedPath::from(given.relative(file))));
        let said = Said { file, ..said };
        let (verdict, doubt) = second_look::guard(&said, finding, lines_of);
        Some(Look {
            mark: finding["mark"].as_str().unwrap_or(&item.hash).to_owned(),
            by: agent.role.to_string(),
            runner: agent.invocation.runner.to_string(),
            model: agent.invocation.model.clone(),
            verdict,
            doubt,
            origin: said.origin,
            file: said.file,
            line: said.line,
            quote: said.quote,
            reason: said.reason,
            rates: said.severity,
            severity: serde_json::from_value(finding["severity"].clone()).unwrap_or_default(),
            finding: finding.clone(),
        })
    };
    Looks::new(said.into_iter().filter_map(look).collect())
}

/// Only of a regular file of the project: what a name leads to elsewhere shows nothing of it.
fn lines_of(tree: &Path, file: &str) -> Result<Vec<String>, String> {
    let relative = EncodedPath::from(file.to_owned());
    if !relative.as_path().components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("{} is not of the project", text::path(relative.as_path())));
    }
    let path = &tree.join(relative.as_path());
    let told = |error: std::io::Error| format!("{}: {}", text::path(path), base::error::reason(&error));
    let found = std::fs::symlink_metadata(path).map_err(told)?;
    if !found.is_file() || found.len() > LONGEST_FILE {
        return Err(format!("{} is no regular file, or too large", text::path(path)));
    }
    let bytes = std::fs::read(path).map_err(told)?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// The code around the places of its findings as it is now, with line numbers, and where
/// else the function of the first one is named.
pub(crate) fn code_around(agent: &AgentPlan, plan: &Plan) -> String {
    let tree = plan.tree();
    let mut out = String::new();
    for (n, item) in agent.items.iter().enumerate() {
        let mut named = String::new();
        let places = second_look::finding_of(&item.value)["locations"].as_array();
        for place in places.into_iter().flatten().take(MOST_PLACES) {
            let (Some(file), Some(first)) = (place["file"].as_str(), place["lineStart"].as_u64()) else {
                continue;
            };
            let last = place["lineEnd"].as_u64().unwrap_or(first).clamp(first, first + AROUND as u64);
            // What cannot be shown, it can still be told to read.
            let Ok(lines) = lines_of(tree, file) else { continue };
            let at = usize::try_from(first).unwrap_or(usize::MAX).saturating_sub(1);
            let last = usize::try_from(last).unwrap_or(usize::MAX).saturating_add(AROUND).min(lines.len());
            let from = at.saturating_sub(AROUND).min(last);
            let relative = EncodedPath::from(file.to_owned());
            let shown = text::path(relative.as_path());
            if named.is_empty() {
                let (below, file) = (plan.read_dir(), relative.as_path());
                named = callers::told(Place { tree, below, file, lines: &lines, at, shown: (from, last) });
            }
            let code: Vec<String> =
                (from..last).map(|at| format!("{:>5} {}", at + 1, text::visible(&lines[at]))).collect();
            let longest =
                code.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            let _ = writeln!(out, "\nFinding {}, {shown}:\n\n{fence}\n{}\n{fence}", n + 1, code.join("\n"));
        }
        if !named.is_empty() {
            let _ = write!(out, "\n{named}");
        }
    }
    if out.is_empty() { out } else { format!("\n## The code around, as it is now\n{out}") }
}

/// The report for people.
pub(crate) fn view(looks: &Looks) -> String {
    let mut out = "# Second look\n\n".to_owned();
    for look in &looks.looks {
        let word = match look.verdict {
            Conclusion::Confirmed => "confirmed",
            Conclusion::Refuted => "refuted",
            Conclusion::Unsure => "unsure",
        };
        let title = look.finding["title"].as_str().unwrap_or_default();
        let _ = writeln!(out, "### {}\n\n**Verdict:** {word}", text::visible(title));
        if let Some(doubt) = &look.doubt {
            let _ = writeln!(out, "**Not counted as refuted:** {}", text::visible(doubt));
        }
        let _ = writeln!(out, "**Reason:** {}", text::visible(&look.reason));
        if let Some(quote) = &look.quote {
            let place =
                look.file.as_ref().map_or_else(String::new, |file| format!(" ({})", text::visible(file)));
            let _ = writeln!(out, "**Quoted{place}:** {}", text::visible(quote));
        }
        out.push('\n');
    }
    out
}

/// No answer, or one that cannot be used.
pub(crate) fn unusable(mistakes: &[String], evidence: &Evidence) -> Rejected {
    let said = mistakes.first().map(|first| format!("its answer cannot be used: {}", text::visible(first)));
    let source = match evidence.source {
        EvidenceSource::File => "its report",
        EvidenceSource::FinalMessage => "its last message",
        EvidenceSource::Stdout => "what it printed",
    };
    let detail = said.unwrap_or_else(|| format!("{source} has no verdict on the finding"));
    rejected(Reason::Unrecognised, Some(detail))
}
