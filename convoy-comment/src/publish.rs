//! Doing what is planned, step by step. A step that fails is told, and the others are
//! done all the same: what has no comment on its lines then is in the one comment.

use serde::Serialize;

use crate::api::Problem;
use crate::body;
use crate::check::Check;
use crate::document::Document;
use crate::plan::{Plan, Present, Wanted};
use crate::service::Pull;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Done {
    pub(crate) pull_request: String,
    /// `created`, `updated`; absent: neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<&'static str>,
    /// Comments on lines that were made, and those that the service would not have.
    pub(crate) on_lines: usize,
    pub(crate) refused: usize,
    pub(crate) resolved: usize,
    /// The conclusion of the check; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<&'static str>,
    /// What could not be published.
    pub(crate) problems: Vec<String>,
    /// What else to know.
    pub(crate) notes: Vec<String>,
}

/// Writing to this pull request is not allowed; nothing was written.
#[derive(Debug)]
pub(crate) struct Forbidden(pub(crate) Problem);

/// `check`: `None` where none is wanted.
pub(crate) fn publish(
    pull: &Pull<'_, '_>,
    document: &Document,
    present: &Present,
    wanted: &Wanted,
    mut plan: Plan<'_>,
    check: Option<&Check>,
) -> Result<Done, Forbidden> {
    let mut done = Done { pull_request: pull.target.url(), ..Done::default() };
    if !plan.inline.is_empty() {
        let (refused, problem) = pull.comment(present, &plan.inline);
        done.on_lines = plan.inline.len() - refused.len();
        done.refused = refused.len();
        plan.refuse(&refused);
        match problem {
            Some(problem) if problem.is_forbidden() && done.on_lines == 0 => return Err(Forbidden(problem)),
            Some(problem) => done.fail("comments on lines", &problem),
            None => {}
        }
    }
    // Before the threads: whoever ends this here leaves a summary that is true.
    let at = (present.head.as_str(), wanted.name.as_str(), wanted.commit.as_deref());
    let text = body::summary(document, &plan, pull.target, at);
    if present.summaries.first().is_none_or(|comment| comment.body.trim_end() != text.trim_end()) {
        match pull.summarize(plan.update.as_deref(), &text) {
            Ok(()) => done.comment = Some(if plan.update.is_some() { "updated" } else { "created" }),
            Err(problem) if problem.is_forbidden() && done.on_lines == 0 => return Err(Forbidden(problem)),
            Err(problem) => done.fail("the comment", &problem),
        }
    }
    for id in &plan.remove {
        if let Err(problem) = pull.remove(id) {
            done.fail("the removal of a comment that is there twice", &problem);
        }
    }
    for thread in &plan.resolve {
        match pull.resolve(thread) {
            Ok(()) => done.resolved += 1,
            Err(problem) => {
                done.fail("a conversation whose finding is gone", &problem);
                break;
            }
        }
    }
    if let Some(check) = check {
        let commit = wanted.commit.as_deref().filter(|_| plan.stale).unwrap_or(&present.head);
        match pull.judge(commit, check) {
            Ok(()) => done.check = Some(check.conclusion()),
            // GitHub has checks only of apps: the login of a person makes none.
            Err(problem) if problem.is_forbidden() => done.notes.push(format!(
                "no check: {problem}; in GitHub Actions its token can, with the permission checks: write"
            )),
            Err(problem) => done.fail("the check", &problem),
        }
    }
    Ok(done)
}

impl Done {
    fn fail(&mut self, what: &str, problem: &Problem) {
        self.problems.push(format!("{what}: {problem}"));
    }

    /// In one line.
    pub(crate) fn told(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.comment.map(|what| format!("comment {what}")));
        if self.on_lines > 0 {
            parts.push(format!("{} on lines", self.on_lines));
        }
        if self.refused > 0 {
            parts.push(format!("{} not accepted on lines and in the comment", self.refused));
        }
        if self.resolved > 0 {
            parts.push(format!("{} resolved", self.resolved));
        }
        parts.extend(self.check.map(|conclusion| format!("check {conclusion}")));
        let parts = if parts.is_empty() { "nothing to change".to_owned() } else { parts.join(", ") };
        format!("{}: {parts}", self.pull_request)
    }
}
