//! `show`: one finding, with its code as it stands now.

use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use base::encoded_path::EncodedPath;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use base::{IoContext, files, text};
use decisions::{Location, store};
use protocol::layout::Home;
use protocol::plan::Plan;
use protocol::state::MergeStatus;
use protocol::store::read_state;
use serde_json::Value;

use crate::result;

/// Prints a finding of a review: of the one that is named, else of the newest here. An
/// F-number is that review's alone: of another one it would be another finding.
pub(crate) fn show(
    environment: &Environment,
    finding: &str,
    run: Option<ConvoyId>,
    json: bool,
) -> Result<Exit> {
    if !is_number(finding) {
        let message = format!("'{}' is no number of a finding", text::visible(finding));
        return Err(Failure::new(Exit::Usage, message).hint("F1, F2, … as the report has them").into());
    }
    let id = match run {
        Some(id) => id,
        None => newest(environment)?,
    };
    let dir = Home::of(environment).convoy(&id);
    let state = read_state(&dir)?;
    let Some(merge) = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done) else {
        let hint = if state.ended() { "output" } else { "wait" };
        let failure = Failure::new(Exit::No, format!("{id} has no merged findings"));
        return Err(failure.hint(format!("pan convoy {hint} {}", id.short())).into());
    };
    let path = dir.merge_findings(merge.k);
    let wanted = finding.to_uppercase();
    if json {
        let bytes = IoContext::context(files::read(&path), "read", &path)?;
        let all: Value =
            serde_json::from_slice(&bytes).with_context(|| format!("cannot read {}", text::path(&path)))?;
        let lists =
            ["findings", "settled", "carried", "closed"].iter().filter_map(|key| all[*key].as_array());
        let found = lists.flatten().find(|one| one["id"] == wanted.as_str());
        let found = found.ok_or_else(|| missing(&id, &wanted))?;
        program::print(&format!("{}\n", serde_json::to_string_pretty(found)?))?;
        return Ok(Exit::Done);
    }
    let project = Plan::read(&dir).map(|plan| plan.project.as_path().to_path_buf());
    let project = project.unwrap_or_else(|_| state.context.project_path.as_path().to_path_buf());
    let told = told(environment, &path, &wanted, &project)?.ok_or_else(|| missing(&id, &wanted))?;
    if std::io::stdout().is_terminal() {
        result::show_markdown(environment, &told, &project)?;
    } else {
        program::print(&told)?;
    }
    Ok(Exit::Done)
}

fn is_number(name: &str) -> bool {
    name.strip_prefix(['F', 'f'])
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The review that the project's F-numbers are of.
fn newest(environment: &Environment) -> Result<ConvoyId> {
    let location = Location::of(environment, Path::new(".")).map_err(Failure::from)?;
    let home = Home::of(environment);
    // What has ended meanwhile counts as well.
    store::take_up(&home, &location).map_err(Failure::from)?;
    let book = store::read(&home, &location).map_err(Failure::from)?;
    let newest = book.newest().map(|run| run.convoy.clone());
    let none = || {
        Failure::new(Exit::NotFound, "no review of this project is remembered yet")
            .hint("name the review: pan show F1 --run ID")
    };
    Ok(newest.ok_or_else(none)?)
}

fn missing(id: &ConvoyId, finding: &str) -> Failure {
    Failure::new(Exit::NotFound, format!("{id} has no finding {finding}"))
        .hint(format!("pan convoy findings {}", id.short()))
}

/// The finding as Markdown; `None`: there is none of this number.
fn told(environment: &Environment, findings: &Path, id: &str, project: &Path) -> Result<Option<String>> {
    let mut command = Command::new(environment::sibling(environment, "convoy-merge")?);
    command.args(["--show", id, "--findings"]).arg(findings);
    command.arg("--root").arg(String::from(EncodedPath::from(project)));
    let output = anyhow::Context::context(command.output(), "cannot run convoy-merge")?;
    match output.status.code() {
        Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
        Some(code) if code == i32::from(Exit::NotFound.code()) => Ok(None),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("it said nothing");
            Err(Failure::new(Exit::No, format!("convoy-merge: {}", text::visible(said))).into())
        }
    }
}
