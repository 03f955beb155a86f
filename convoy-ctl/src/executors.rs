//! `executors`: where agents can run, and which of these can be used from here.

use std::fmt::Write as _;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::Failure;
use base::style::{Mark, Style, pad};
use base::text;
use planning::diagnostic;
use planning::executor::{self, Executor, SANDBOX};
use planning::library::Kind;
use planning::planner::Machine;
use protocol::plan::{Origin, Proof};
use serde::Serialize;

use crate::cli::ExecutorsVerb;
use crate::definitions;

/// What `--json` prints of an executor.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: Name,
    origin: Origin,
    ready: bool,
    /// One line: what it is, or what is missing.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    /// How an end is proved; not known of a file that cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<String>,
}

pub(crate) fn run(environment: &Environment, what: Option<ExecutorsVerb>, json: bool) -> Result<Exit> {
    match what {
        None => definitions::list(
            environment,
            Kind::Executor,
            json,
            |name, origin| look_at(environment, name, origin),
            render,
        ),
        Some(ExecutorsVerb::Show { name }) => definitions::show(environment, Kind::Executor, &name),
        Some(ExecutorsVerb::Check { name }) => definitions::check(&name, read(environment, &name)),
    }
}

pub(crate) fn read(environment: &Environment, name: &Name) -> Result<Executor, Failure> {
    let source = definitions::source(environment, Kind::Executor, name)?;
    executor::read(&source).map_err(|problems| diagnostic::failure(&problems, "it cannot be used"))
}

fn look_at(environment: &Environment, name: Name, origin: Origin) -> Listed {
    let executor = match read(environment, &name) {
        Ok(executor) => executor,
        Err(failure) => {
            let state = failure.message.lines().next().unwrap_or_default().to_owned();
            let mend = Some(format!("pan convoy executors check {name}"));
            return Listed { name, origin, ready: false, state, mend, proof: None, needs: Vec::new() };
        }
    };
    let missing = missing(environment, &name, &executor);
    let state = missing.clone().unwrap_or_else(|| executor.description.clone());
    let mend = missing.as_ref().and(executor.install.clone());
    let (proof, needs) = (Some(executor.proof), executor.needs);
    Listed { name, origin, ready: missing.is_none(), state, mend, proof, needs }
}

/// What it cannot be used without, as far as this machine tells.
pub(crate) fn missing(environment: &Environment, name: &Name, executor: &Executor) -> Option<String> {
    let program = executor.program.as_ref()?;
    let machine = Machine::new(environment);
    let found = match machine.on_path(program) {
        Ok(found) => found,
        Err(error) => return Some(base::error::chain(&error)),
    };
    let Some(path) = found else { return Some(format!("{program} is not installed")) };
    if name.as_str() != SANDBOX {
        return None;
    }
    match machine.refuses_sandbox(&path) {
        Ok(refused) => refused.map(|why| format!("it does not work here: {why}")),
        Err(error) => Some(base::error::chain(&error)),
    }
}

fn render(listed: &[Listed], style: &Style) -> String {
    let names = listed.iter().map(|one| one.name.as_str().len()).max().unwrap_or(0).max(8);
    let mut out = String::new();
    for one in listed {
        let mark = style.mark(if one.ready { Mark::Completed } else { Mark::Pending });
        let user = if one.origin == Origin::User { " (user)" } else { "" };
        let line = format!("{}  {}{user}", pad(one.name.as_str(), names), text::visible(&one.state));
        let room = style.width.saturating_sub(style.glyph_width() + 1);
        let _ = writeln!(out, "{mark} {}", style.cut(&line, room));
        let under = " ".repeat(style.glyph_width() + 1 + names + 2);
        if let Some(mend) = &one.mend {
            let _ = writeln!(out, "{under}{}", style.command(&text::visible(mend)));
        }
        for need in &one.needs {
            let _ = writeln!(out, "{under}{}", style.dim(&format!("needs {}", text::visible(need))));
        }
    }
    out
}
