//! `runners`: which there are, and which of them can work on this machine.

use std::fmt::Write as _;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::{self, Failure};
use base::style::{Mark, Style, pad};
use base::text;
use planning::diagnostic;
use planning::library::{Kind, Library};
use planning::planner::Machine;
use planning::runner::{self, Program, Runner};
use protocol::layout::Home;
use protocol::plan::{Cwd, Origin};
use serde::Serialize;

use crate::cli::RunnersVerb;
use crate::definitions;

/// What `--json` prints of a runner.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: Name,
    origin: Origin,
    ready: bool,
    /// One line: version, what is missing.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    /// Where its command starts; not known of a file that cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<Cwd>,
    /// What it cannot confine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_confined: Vec<String>,
}

pub(crate) fn run(environment: &Environment, what: Option<RunnersVerb>, json: bool) -> Result<Exit> {
    match what {
        None => definitions::list(
            environment,
            Kind::Runner,
            json,
            |name, origin| look_at(environment, name, origin),
            render,
        ),
        Some(RunnersVerb::Show { name }) => {
            let found = Library::new(&Home::of(environment)).find(Kind::Runner, &name);
            let (source, _) = found.map_err(|problem| diagnostic::failure(&[problem], ""))?;
            program::print(&source.text)?;
            Ok(Exit::Done)
        }
        Some(RunnersVerb::Check { name }) => {
            read(environment, &name)?;
            program::print(&format!("{name}: good\n"))?;
            Ok(Exit::Done)
        }
    }
}

fn read(environment: &Environment, name: &Name) -> Result<Runner, Failure> {
    let found = Library::new(&Home::of(environment)).find(Kind::Runner, name);
    let (source, _) = found.map_err(|problem| diagnostic::failure(&[problem], ""))?;
    runner::read(&source).map_err(|problems| diagnostic::failure(&problems, "it cannot be used"))
}

fn look_at(environment: &Environment, name: Name, origin: Origin) -> Listed {
    let (mut cwd, mut not_confined) = (None, Vec::new());
    let (ready, state, mend) = match read(environment, &name) {
        Err(failure) => {
            let first = failure.message.lines().next().unwrap_or_default().to_owned();
            (false, first, Some(format!("pan convoy runners check {name}")))
        }
        Ok(runner) => {
            let state = state_of(&Machine::new(environment), &runner);
            if runner.unconfined {
                not_confined.push("runs unconfined".to_owned());
            }
            cwd = Some(runner.cwd);
            not_confined.extend(runner.not_confined);
            state
        }
    };
    Listed { name, origin, ready, state, mend, cwd, not_confined }
}

/// Can it work, in one line, and what to do if not.
fn state_of(machine: &Machine<'_>, runner: &Runner) -> (bool, String, Option<String>) {
    if !matches!(runner.program, Program::OnPath(_)) {
        return (true, runner.description.clone(), None);
    }
    let program = match machine.program(runner) {
        Ok(Some(program)) => program,
        Ok(None) => return (false, "not installed".to_owned(), runner.install.clone()),
        Err(error) => return (false, base::error::chain(&error), None),
    };
    let version = match machine.version(runner, &program) {
        Ok(version) => version,
        Err(error) => return (false, base::error::chain(&error), None),
    };
    let version = version.map_or_else(|| "installed".to_owned(), |version| version.to_string());
    let Some(login) = &runner.login else { return (true, version, None) };
    match machine.looks_logged_in(login) {
        Ok(true) => (true, version, None),
        Ok(false) => (false, format!("{version}, does not look logged in"), Some(login.hint.clone())),
        Err(error) => (false, format!("{version}; {}", base::error::chain(&error)), None),
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
        for what in &one.not_confined {
            let _ = writeln!(out, "{under}{}", style.dim(&text::visible(what)));
        }
    }
    out
}
