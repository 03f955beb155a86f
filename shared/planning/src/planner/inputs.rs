//! What of a request and its files goes into the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::text;
use protocol::plan::{Inputs, Issue, LastLook};

use super::{Prepared, Request};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::file_selection::{Selected, Selection};

/// Reviewers that are given a list of files need one. A change that leaves none, for
/// instance of deletions alone, is one that they cannot read.
pub(super) fn check_has_input(prepared: &Prepared) -> Result<(), Diagnostic> {
    let takes_files = |word: &String| word.contains("{files_from}");
    let reviewer = prepared.plan.agents.iter().find(|agent| agent.invocation.argv.iter().any(takes_files));
    let Some(agent) = reviewer.filter(|_| prepared.files.is_empty()) else { return Ok(()) };
    let (role, runner) = (&agent.role, &agent.invocation.runner);
    let not_files = &prepared.plan.inputs.not_files;
    if let Some(first) = not_files.first() {
        let more =
            if not_files.len() > 1 { format!(" and {} more", not_files.len() - 1) } else { String::new() };
        let message = format!(
            "no verdict: what has changed is deleted or no regular file ({}{more}), and '{role}' with runner '{runner}' reads files only",
            text::path(first.as_path())
        );
        let hint = "an AI reviewer is given the change itself: --runner claude";
        return Err(Diagnostic::new(message).hint(hint).kind(DiagnosticKind::Unread));
    }
    Err(Diagnostic::new(format!("no files: '{role}' with runner '{runner}' reviews files"))
        .hint("say which: --files 'src/**/*.ts', or --diff"))
}

/// What is told of other linters is told to somebody.
pub(super) fn check_is_joined(prepared: &Prepared) -> Result<(), Diagnostic> {
    let takes = |word: &String| word.contains("{joined}");
    let is_taken = prepared.plan.agents.iter().any(|agent| agent.invocation.argv.iter().any(takes));
    let Some(first) = prepared.plan.inputs.joined.first().filter(|_| !is_taken) else { return Ok(()) };
    let message = format!("{first}: no agent here hears other linters");
    Err(Diagnostic::new(message).hint("the static reviewers do: --runner security=builtin, for one of them"))
}

pub(super) fn inputs(
    request: &Request,
    selected: &Selected,
    params: BTreeMap<String, serde_json::Value>,
) -> Inputs {
    Inputs {
        file_patterns: shown_patterns(&request.selection),
        diff_base: selected.base.as_ref().map(|base| base.shown.clone()),
        base_commit: selected.base.as_ref().and_then(|base| base.commit().map(str::to_owned)),
        file_count: selected.files.len() as u64,
        not_files: selected.not_files.iter().map(|path| EncodedPath::from(path.as_path())).collect(),
        issues: request.issues.iter().map(|issue| issue.id.clone()).collect(),
        issue_texts: request
            .issues
            .iter()
            .filter(|issue| **issue != Issue::named(&issue.id))
            .map(|issue| (issue.id.clone(), issue.clone()))
            .collect(),
        pr_url: request.pr_url.clone(),
        pr_text: selected.pr_text.clone(),
        no_requirements: None,
        diff: selected.diff.as_deref().map(bounded_diff),
        last_look: request.selection.since.as_ref().map(|since| LastLook {
            convoy: since.convoy.clone(),
            unchanged: selected.seen.len() as u64,
            files: selected.seen.iter().map(|one| one.file.clone()).collect(),
        }),
        guidelines: None,
        joined: request.joined.words(),
        params,
        switches: BTreeSet::new(),
    }
}

/// Is there a text that says what the change is to do? An error says why there is none.
pub(super) fn asked(request: &Request, selected: &Selected) -> Result<(), String> {
    let has_text = |issue: &Issue| !issue.title.trim().is_empty() || !issue.body.trim().is_empty();
    let pull_request = selected.pr_text.as_ref();
    let is_told = pull_request.is_some_and(|one| !one.title.trim().is_empty() || !one.body.trim().is_empty());
    if is_told || request.issues.iter().any(has_text) {
        return Ok(());
    }
    Err(match (request.issues.first(), &request.pr_url) {
        (Some(issue), _) => format!("of issue {} only the id is known", text::visible(&issue.id)),
        (None, Some(_)) => "the text of the pull request is not known".to_owned(),
        (None, None) => "no text of an issue or pull request was given".to_owned(),
    })
}

/// Patterns as they are typed; what is excluded with a `!` in front.
fn shown_patterns(selection: &Selection) -> Vec<String> {
    let shown = |pattern: &OsString| text::path(Path::new(pattern));
    let excluded = selection.excludes.iter().map(|pattern| format!("!{}", shown(pattern)));
    selection.patterns.iter().map(shown).chain(excluded).collect()
}

/// A diff is part of every prompt: what is longer is cut, aloud.
fn bounded_diff(diff: &str) -> String {
    const LONGEST: usize = 48 * 1024;
    if diff.len() <= LONGEST {
        return diff.to_owned();
    }
    let mut end = LONGEST;
    while !diff.is_char_boundary(end) {
        end -= 1;
    }
    let end = diff[..end].rfind('\n').map_or(end, |line| line + 1);
    let left = diff[end..].lines().count();
    format!("{}… {left} more lines are left out; the files themselves have everything\n", &diff[..end])
}
