//! The check on a commit: what came of the review, for the list below a pull request
//! and for rules that protect a branch. Pure.

use std::fmt::Write as _;

use base::style::count;
use base::text::visible;
use base::workflow_command;
use findings::Severity;
use findings::verdict::Verdict;
use serde_json::{Value, json};

use crate::body;
use crate::document::{Document, Told};
use crate::finding;

/// Annotations that one request may hold.
pub(crate) const AT_ONCE: usize = 50;
/// Annotations of a check: more are of no use to anybody.
const MOST: usize = 500;
/// Characters, of 64 KB for a message and 255 for a title.
const MESSAGE: usize = 4_000;
const TITLE: usize = 200;

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    pub(crate) title: String,
    /// Markdown.
    pub(crate) summary: String,
    pub(crate) notes: Vec<Note>,
}

/// A finding at its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    path: String,
    from: u32,
    to: u32,
    level: &'static str,
    title: String,
    message: String,
}

impl Check {
    pub(crate) fn of(document: &Document, name: &str) -> Self {
        let all: Vec<Note> = document.open().filter(|told| !told.is_old()).filter_map(Note::of).collect();
        let judged = &document.verdict;
        let reason: String = body::reason(judged).chars().take(MESSAGE).collect();
        let mut summary =
            format!("{}\n\n**{}**\n", base::markdown::line(&reason), body::counts(document.open()));
        if all.len() > MOST {
            let _ = writeln!(summary, "\n{} more have no annotation here.", all.len() - MOST);
        }
        Check {
            name: name.to_owned(),
            verdict: judged.verdict,
            title: format!("{}: {}", body::verdict(judged), body::counts(document.open())),
            summary,
            notes: all.into_iter().take(MOST).collect(),
        }
    }

    /// Never a success without a verdict.
    pub(crate) fn conclusion(&self) -> &'static str {
        match self.verdict {
            Verdict::Approved => "success",
            Verdict::ChangesRequested => "failure",
            Verdict::Commented => "neutral",
        }
    }

    /// Title, summary, and as many annotations as one request may hold, in as many parts
    /// as that takes; at least one.
    pub(crate) fn outputs(&self) -> Vec<Value> {
        let mut parts: Vec<&[Note]> = self.notes.chunks(AT_ONCE).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let output = |notes: &[Note]| {
            let notes: Vec<Value> = notes.iter().map(Note::value).collect();
            json!({ "title": self.title, "summary": self.summary, "annotations": notes })
        };
        parts.into_iter().map(output).collect()
    }
}

impl Note {
    fn of(told: &Told) -> Option<Self> {
        let (path, from, to) = told.lines()?;
        let finding = &told.finding;
        let level = match finding.severity {
            Severity::Blocker | Severity::Critical | Severity::High => "failure",
            Severity::Medium | Severity::Unrated => "warning",
            Severity::Low => "notice",
        };
        let title = format!("{}: {}", finding.severity.name(), visible(&finding.title));
        let words: String = told.words().chars().take(MESSAGE).collect();
        let message = words.lines().map(visible).collect::<Vec<_>>().join("\n");
        Some(Note {
            path: path.to_owned(),
            from,
            to,
            level,
            message: if message.trim().is_empty() { title.clone() } else { message },
            title: title.chars().take(TITLE).collect(),
        })
    }

    fn value(&self) -> Value {
        json!({
            "path": self.path, "start_line": self.from, "end_line": self.to,
            "annotation_level": self.level, "title": self.title, "message": self.message,
        })
    }
}

/// All open findings of the change as lines that a runner of GitHub Actions shows beside
/// the code, where nothing can be written to the pull request, and the verdict.
pub(crate) fn workflow_commands(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for told in document.open().filter(|told| !told.is_old()) {
        let finding = &told.finding;
        let command = match finding.severity {
            Severity::Blocker | Severity::Critical | Severity::High => "error",
            Severity::Medium | Severity::Unrated => "warning",
            Severity::Low => "notice",
        };
        let title = format!("{}: {}", finding.severity.name(), visible(&finding.title));
        let place = told.lines().map(|(path, from, to)| (path, from.to_string(), to.to_string()));
        let mut properties: Vec<(&str, &str)> = Vec::new();
        if let Some((path, from, to)) = &place {
            properties.extend([("file", *path), ("line", from.as_str()), ("endLine", to.as_str())]);
        }
        properties.push(("title", &title));
        let words: String = told.words().chars().take(MESSAGE).collect();
        let text = format!("{words}\n({})", finding::shown_place(told));
        lines.push(workflow_command::render(command, &properties, text.trim_start()));
    }
    let judged = &document.verdict;
    let command = if judged.verdict == Verdict::Approved { "notice" } else { "error" };
    let command = if judged.verdict == Verdict::Commented { "warning" } else { command };
    let text = format!("{} ({})", body::reason(judged), count(lines.len() as u64, "finding"));
    let title = format!("Code review: {}", body::verdict(judged));
    lines.push(workflow_command::render(command, &[("title", &title)], &text));
    lines
}
