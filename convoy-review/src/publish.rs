//! The result on a pull request, by `convoy-comment`. What becomes of it changes nothing
//! of the verdict: what could not be published is told, and the exit code is that of an
//! output that could not be written.

use std::io::{Write, stderr};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program;
use findings::verdict::Verdict;
use planning::project_git::ProjectGit;
use protocol::plan::Plan;
use serde_json::{Value, json};
use verdict::Judgement;

use crate::cli::Review;
use crate::pipeline;

/// Can the pull request be found and read? If not, it is said, and this is the exit code:
/// known before a review costs anything.
pub(crate) fn not_ready(environment: &Environment, review: &Review) -> Result<Option<Exit>> {
    let status =
        command(environment, review)?.arg("--ready").status().context("cannot run convoy-comment")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok((!status.success()).then(|| code.map_or(Exit::Unwritten, Exit::Passed)))
}

/// Publishes what a review came to; false: not all of it.
pub(crate) fn judged(
    environment: &Environment,
    review: &Review,
    plan: &Plan,
    id: &ConvoyId,
    judged: &Judgement,
    notes: &str,
) -> Result<bool> {
    let mut document = match pipeline::findings(environment, id, "json")? {
        Ok(text) => serde_json::from_str(&text).context("convoy-merge printed no JSON")?,
        // The obstacles say why there are none.
        Err(_) => without_findings(),
    };
    document["verdict"] = json!({
        "verdict": judged.verdict,
        "gate": judged.evidence.gate,
        "gateOn": judged.evidence.gate_on,
        "blocking": judged.blocking,
        "obstacles": judged.obstacles,
    });
    document["notes"] = json!(notes);
    let commit = match &plan.checkout {
        Some(checkout) => Some(checkout.commit.clone()),
        None => checked_out(environment, plan.project.as_path()),
    };
    publish(environment, review, &document, commit.as_deref())
}

/// The same where git shows no change: that is no approval.
pub(crate) fn nothing(environment: &Environment, review: &Review, why: &str) -> Result<bool> {
    let mut document = without_findings();
    document["verdict"] = json!({
        "verdict": Verdict::Commented, "gate": "high", "gateOn": "new", "blocking": 0, "obstacles": [why],
    });
    publish(environment, review, &document, None)
}

fn without_findings() -> Value {
    json!({ "schemaVersion": 1, "findings": [] })
}

/// The commit whose files lie in the project. Where git cannot tell it, nothing is
/// compared with the pull request.
fn checked_out(environment: &Environment, project: &Path) -> Option<String> {
    match ProjectGit::open(environment, project).and_then(|git| git.map_or(Ok(None), |git| git.head())) {
        Ok(commit) => commit,
        Err(problem) => {
            program::tell(&format!("convoy-review: --comment: {problem}"));
            None
        }
    }
}

fn publish(
    environment: &Environment,
    review: &Review,
    document: &Value,
    commit: Option<&str>,
) -> Result<bool> {
    let mut command = command(environment, review)?;
    command.stdin(Stdio::piped());
    if let Some(commit) = commit {
        command.arg(format!("--commit={commit}"));
    }
    let mut child = command.spawn().context("cannot run convoy-comment")?;
    let text = serde_json::to_vec(document)?;
    // Where it does not read it all, it says why.
    let handed = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(&text));
    let status = child.wait().context("cannot wait for convoy-comment")?;
    Ok(handed.is_ok() && status.success())
}

/// With its output where people read: ours is the result.
fn command(environment: &Environment, review: &Review) -> Result<Command> {
    let mut command = pipeline::program(environment, "convoy-comment")?;
    let screen = stderr().as_fd().try_clone_to_owned().context("cannot use standard error")?;
    command.stdout(screen);
    if let Some(url) = &review.pr_url {
        command.arg(format!("--pr-url={url}"));
    }
    if let Some(directory) = &review.project_path {
        command.current_dir(directory);
    }
    Ok(command)
}
