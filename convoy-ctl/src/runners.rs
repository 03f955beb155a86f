//! `runners`: which there are, and which of them can work on this machine.

mod usage;

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::{Context as _, Result};
use base::called::as_typed;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::{self, Failure};
use base::style::{Mark, Style, pad};
use base::{files, text};
use planning::diagnostic;
use planning::library::{Kind, Library};
use planning::planner::Machine;
use planning::runner::{self, Program, Runner, SCHEMA};
use protocol::layout::Home;
use protocol::plan::{Cwd, Origin};
use serde::Serialize;

pub(crate) use usage::run as usage;

use crate::cli::RunnersVerb;
use crate::definitions;

/// What editors of TOML look for in the first line.
const SCHEMA_LINE: &str = "#:schema ../runner.schema.json";

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
        Some(RunnersVerb::Show { name }) => definitions::show(environment, Kind::Runner, &name),
        Some(RunnersVerb::New { name, from }) => new(environment, &name, &from),
        Some(RunnersVerb::Schema) => {
            program::print(SCHEMA)?;
            Ok(Exit::Done)
        }
        Some(RunnersVerb::Check { name }) => definitions::check(&name, read(environment, &name)),
    }
}

fn read(environment: &Environment, name: &Name) -> Result<Runner, Failure> {
    let source = definitions::source(environment, Kind::Runner, name)?;
    runner::read(&source).map_err(|problems| diagnostic::failure(&problems, "it cannot be used"))
}

/// A copy of a runner, to be changed; its text with all comments.
fn new(environment: &Environment, name: &Name, from: &Name) -> Result<Exit> {
    let home = Home::of(environment);
    let library = Library::new(&home);
    let (source, _) = library
        .find(Kind::Runner, from)
        .map_err(|problem| diagnostic::failure(&[problem], "nothing was written"))?;
    let path = home.user_runner(name);
    files::create_private_dir(&home.user_runners())?;
    // Beside the runners, so that an editor completes their keys.
    files::replace(&home.runner_schema(), environment.home.as_path(), SCHEMA.as_bytes(), files::Sync::Later)?;
    let text = match source.text.strip_prefix(SCHEMA_LINE) {
        Some(_) => source.text,
        None => format!("{SCHEMA_LINE}\n{}", source.text),
    };
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::new(Exit::Usage, format!("{} is there already", text::path(&path))).into());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot create {}", text::path(&path))),
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", text::path(&path)))?;
    if library.find_built_in(Kind::Runner, name.as_str()).is_some() {
        program::tell(&format!(
            "from now on it stands for the built-in '{name}'; without this file that one is back"
        ));
    }
    program::tell(&as_typed(&format!("edit it, then: pan convoy runners check {name}")));
    program::print(&format!("{}\n", text::path(&path)))?;
    Ok(Exit::Done)
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
