//! `output` and `findings`: what a convoy produced.

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::Failure;
use base::style::Style;
use base::{IoContext, files, text};
use protocol::agent::Agent;
use protocol::layout::Home;
use protocol::plan::{Plan, ReportKind};
use protocol::state::{MergeStatus, State};
use protocol::store::read_state;
use terminal::link::Links;
use terminal::{markdown, pager};

use crate::logs::{agent, print_file};

/// Prints the final report, or one agent's.
pub(crate) fn output(environment: &Environment, id: &ConvoyId, role: Option<&str>) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let report = match role {
        Some(role) => {
            let agent = agent(&state, role)?;
            report_of(environment, &state, agent)?.ok_or_else(|| no_report(&state, Some(agent)))?
        }
        None => final_report(environment, &state)?,
    };
    print_report(environment, &report, state.context.project_path.as_path())?;
    Ok(Exit::Done)
}

/// A report of Markdown, rendered where a person reads it and byte for byte elsewhere.
fn print_report(environment: &Environment, report: &Path, project: &Path) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return print_file(report);
    }
    let bytes = IoContext::context(files::read(report), "read", report)?;
    show_markdown(environment, &String::from_utf8_lossy(&bytes), project)
}

/// Markdown on a terminal, by the pager where it is long.
pub(crate) fn show_markdown(environment: &Environment, markdown: &str, project: &Path) -> Result<()> {
    let style = Style::of_stdout(environment);
    let links = Links::to(environment, &style, project);
    Ok(pager::show(environment, &markdown::render(markdown, &style, &links))?)
}

/// The published report, or the attempt's own should that be gone.
fn report_of(environment: &Environment, state: &State, agent: &Agent) -> base::Result<Option<PathBuf>> {
    let Some(published) = &agent.output_file() else { return Ok(None) };
    let own = Home::of(environment).convoy(&state.id).attempt(&agent.role, agent.attempt).report();
    for path in [published.as_path().to_path_buf(), own] {
        let found = IoContext::context(files::find(&path), "look at", &path)?;
        if found.is_some_and(|found| found.is_file()) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The synthesis; without one the merged reviews; of a single agent its report.
fn final_report(environment: &Environment, state: &State) -> Result<PathBuf> {
    let dir = Home::of(environment).convoy(&state.id);
    let plan = Plan::read(&dir)?;
    let synthesis = plan.agents.iter().find(|agent| agent.report == ReportKind::Synthesis);
    let synthesis = synthesis.and_then(|plan| state.agent(&plan.role));
    if let Some(agent) = synthesis
        && let Some(report) = report_of(environment, state, agent)?
    {
        return Ok(report);
    }
    if let Some(merge) = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done) {
        base::program::tell("no synthesis: these are the merged reviews");
        return Ok(dir.merge_report(merge.k));
    }
    match state.agents.as_slice() {
        [only] => report_of(environment, state, only)?.ok_or_else(|| no_report(state, Some(only)).into()),
        _ => Err(no_report(state, None).into()),
    }
}

fn no_report(state: &State, agent: Option<&Agent>) -> Failure {
    let failure = match agent {
        Some(agent) => {
            let why = agent.why();
            let why = why.map(|why| format!(": {}", text::visible(&why))).unwrap_or_default();
            Failure::new(Exit::No, format!("{} has no report{why}", agent.role))
        }
        None => Failure::new(Exit::No, format!("{} has no final report", state.id)),
    };
    let with: Vec<&str> = state
        .agents
        .iter()
        .filter(|agent| agent.output_file().is_some())
        .map(|agent| agent.role.as_str())
        .collect();
    match (with.as_slice(), state.ended()) {
        ([], true) => failure.hint(format!("why: pan convoy status {}", state.id.short())),
        ([], false) => failure.hint(format!("wait for it: pan convoy wait {}", state.id.short())),
        (with, _) => failure.hint(format!("there are reports of {}", with.join(", "))),
    }
}

/// Prints the merged findings; `convoy-merge` writes the formats.
pub(crate) fn findings(environment: &Environment, id: &ConvoyId, format: &str) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let Some(merge) = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done) else {
        let failure = Failure::new(Exit::No, format!("{id} has no merged findings"));
        let hint = if state.ended() {
            format!("what it has instead: pan convoy output {}", id.short())
        } else {
            format!("wait for them: pan convoy wait {}", id.short())
        };
        return Err(failure.hint(hint).into());
    };
    match format {
        "json" => print_file(&dir.merge_findings(merge.k))?,
        "md" => {
            print_report(environment, &dir.merge_report(merge.k), state.context.project_path.as_path())?;
        }
        _ => {
            let program = environment::sibling(environment, "convoy-merge")?;
            let error = Command::new(program)
                .arg("--meta")
                .arg(dir.merge_meta(merge.k))
                .args(["--format", format])
                .exec();
            return Err(anyhow::Error::new(error).context("cannot run convoy-merge"));
        }
    }
    Ok(Exit::Done)
}
