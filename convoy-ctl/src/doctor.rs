//! `doctor`: checks this machine and says how to fix what is missing.

mod check;
mod clis;
mod executor;
mod probe;
mod state;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::ids::Name;
use base::style::{Mark, Style, pad};
use base::{program, subprocess, text};
use protocol::layout::{self, Home};
use scheduler::tmux::Tmux;

use check::{Check, Verdict, check};
use state::{checkouts, convoys, settings, state_directory};

/// Without these a review does not work.
const NEEDED: [&str; 8] = [
    "convoy-start",
    "convoy-watch",
    "convoy-agent",
    "convoy-merge",
    "convoy-lint",
    "convoy-inspect",
    "convoy-review",
    "convoy-comment",
];

/// These work by themselves: one that is not there is not missed, unless something asks for it.
const OTHERS: [&str; 3] = ["convoy-notify", "convoy-dashboard", "convoy-mcp"];

pub(crate) fn doctor(
    environment: &Environment,
    json: bool,
    live: bool,
    executor: Option<&Name>,
    fix: bool,
) -> Result<Exit> {
    let mut checks = Vec::new();
    tools(environment, &mut checks);
    programs(environment, &mut checks);
    state_directory(environment, &mut checks);
    settings(environment, &mut checks);
    convoys(environment, &mut checks);
    checkouts(environment, &mut checks, fix);
    clis::look(environment, &mut checks);
    if live {
        clis::live(environment, &mut checks)?;
    }
    if let Some(executor) = executor {
        executor::try_out(environment, executor, &mut checks)?;
    }
    let wrong = checks.iter().any(|check| check.verdict == Verdict::Wrong);
    if json {
        program::print(&format!("{}\n", serde_json::to_string_pretty(&checks)?))?;
    } else {
        program::print(&render(&checks, &Style::of_stdout(environment)))?;
    }
    Ok(if wrong { Exit::No } else { Exit::Done })
}

fn render(checks: &[Check], style: &Style) -> String {
    let mut out = String::new();
    for check in checks {
        let mark = match check.verdict {
            Verdict::Fine => Mark::Completed,
            Verdict::Note => Mark::Pending,
            Verdict::Wrong => Mark::Failed,
        };
        let _ = writeln!(out, "{} {}  {}", style.mark(mark), pad(&check.what, 14), check.found);
        if let Some(mend) = &check.mend {
            let _ = writeln!(out, "{}{}", " ".repeat(style.glyph_width() + 17), style.command(mend));
        }
    }
    out
}

/// What a program says of its version, within five seconds.
fn version(environment: &Environment, program: &Path, argument: &str) -> Option<String> {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).current_dir("/").env_clear();
    for name in ["PATH", "HOME"] {
        if let Some(value) = environment.var(name) {
            command.env(name, value);
        }
    }
    let ended = subprocess::output(command, Duration::from_secs(5)).ok()?;
    // A version is a line; whatever prints more tells none.
    let said = ended.stdout.whole().ok()?;
    let line = String::from_utf8_lossy(&said).lines().next()?.trim().to_owned();
    ended.status.filter(std::process::ExitStatus::success).map(|_| text::visible(&line))
}

/// Where a program is; that it could not be looked for is a check of its own.
fn tool(environment: &Environment, checks: &mut Vec<Check>, name: &str) -> Option<PathBuf> {
    environment.find_program(name).unwrap_or_else(|error| {
        checks.push(check(name, Verdict::Wrong, base::error::chain(&error), None));
        None
    })
}

fn tools(environment: &Environment, checks: &mut Vec<Check>) {
    let tmux = tool(environment, checks, "tmux");
    let answers = tmux.as_ref().is_none_or(|program| {
        let socket = layout::socket_path(&Home::of(environment), environment);
        Tmux::new(program, socket).check(&Home::of(environment)).is_ok()
    });
    let tmux = tmux.and_then(|path| version(environment, &path, "-V"));
    checks.push(match tmux {
        Some(_) if !answers => check(
            "tmux",
            Verdict::Note,
            "the server of this state directory does not answer: agents run without terminals to attach to",
            Some("end its process: agents that run go on, and the next start has another server"),
        ),
        Some(version) => check("tmux", Verdict::Fine, version, None),
        None => check(
            "tmux",
            Verdict::Note,
            "not found: agents run without terminals to attach to",
            Some("apt-get install tmux, dnf install tmux, brew install tmux"),
        ),
    });
    let git = tool(environment, checks, "git").and_then(|path| version(environment, &path, "--version"));
    checks.push(match git {
        Some(version) => check("git", Verdict::Fine, version, None),
        None => check("git", Verdict::Note, "not found: --diff needs it", Some("apt-get install git")),
    });
}

fn programs(environment: &Environment, checks: &mut Vec<Check>) {
    let before = checks.len();
    for name in NEEDED {
        match environment::sibling(environment, name) {
            Ok(path) => checks.extend(other_version(environment, name, &path)),
            Err(error) => checks.push(not_installed(name, base::error::chain(&error))),
        }
    }
    for name in OTHERS {
        match environment::find_sibling(environment, name) {
            Ok(Some(path)) => checks.extend(other_version(environment, name, &path)),
            Ok(None) => {}
            Err(error) => checks.push(check(name, Verdict::Wrong, base::error::chain(&error), None)),
        }
    }
    if checks.len() == before {
        let own = env!("CARGO_PKG_VERSION");
        checks.push(check("programs", Verdict::Fine, format!("all of version {own}"), None));
    }
}

/// A program that is not of this version; it could not be counted on.
fn other_version(environment: &Environment, name: &str, path: &Path) -> Option<Check> {
    let said = version(environment, path, "--version");
    if said.as_deref().is_some_and(|said| said.ends_with(env!("CARGO_PKG_VERSION"))) {
        return None;
    }
    Some(not_installed(name, said.unwrap_or_else(|| "does not tell its version".to_owned())))
}

fn not_installed(name: &str, found: String) -> Check {
    check(name, Verdict::Wrong, found, Some("install all programs of one version: make install"))
}
