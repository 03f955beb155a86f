//! `doctor`: checks this machine and says how to fix what is missing.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::style::{Mark, Style, pad};
use base::{StateProblem, program, subprocess, text};
use nix::sys::statfs::statfs;
use nix::sys::statvfs::statvfs;
use planning::config::Config;
use protocol::checkout;
use protocol::layout::{self, Home};
use protocol::store::read_state;
use protocol::{convoys, watch_lock};
use scheduler::tmux::Tmux;
use serde::Serialize;

use crate::clis;
use crate::remove::left_overs;

const PROGRAMS: [&str; 6] =
    ["convoy-start", "convoy-watch", "convoy-agent", "convoy-merge", "convoy-lint", "convoy-review"];
/// Less room than this is a warning.
const LITTLE_ROOM: u64 = 200 << 20;
/// File systems of other machines: locks and notifications are not to be relied on.
const NETWORK: [i64; 4] = [0x6969, 0x517b, 0xff53_4d42, 0x6573_5546];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    Fine,
    /// Worth knowing; nothing is broken.
    Note,
    Wrong,
}

#[derive(Debug, Serialize)]
pub(crate) struct Check {
    what: String,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    /// The same, by the name that readers of an earlier version know.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

pub(crate) fn check(what: &str, verdict: Verdict, found: impl Into<String>, mend: Option<&str>) -> Check {
    Check {
        what: what.to_owned(),
        verdict,
        found: found.into(),
        fix: mend.map(str::to_owned),
        mend: mend.map(str::to_owned),
    }
}

pub(crate) fn doctor(environment: &Environment, json: bool, live: bool, fix: bool) -> Result<Exit> {
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
    let own = env!("CARGO_PKG_VERSION");
    for name in PROGRAMS {
        let found = environment::sibling(environment, name);
        let said = found.as_deref().ok().and_then(|path| version(environment, path, "--version"));
        let same = said.as_deref().is_some_and(|said| said.ends_with(own));
        if !same {
            let found = match found {
                Ok(_) => said.unwrap_or_else(|| "does not tell its version".to_owned()),
                Err(error) => base::error::chain(&error),
            };
            checks.push(check(
                name,
                Verdict::Wrong,
                found,
                Some("install all programs of one version: make install"),
            ));
        }
    }
    if !checks.iter().any(|check| PROGRAMS.contains(&check.what.as_str())) {
        checks.push(check("programs", Verdict::Fine, format!("all of version {own}"), None));
    }
}

fn state_directory(environment: &Environment, checks: &mut Vec<Check>) {
    let root = environment.home.as_path();
    let shown = text::path(root);
    match fs::metadata(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            checks.push(check(
                "state",
                Verdict::Note,
                format!("{shown}: will be made at the first start"),
                None,
            ));
            return;
        }
        Err(error) => {
            checks.push(check(
                "state",
                Verdict::Wrong,
                format!("{shown}: {error}", error = base::error::reason(&error)),
                None,
            ));
            return;
        }
        Ok(found) if found.uid() != nix::unistd::getuid().as_raw() => {
            let mend = "it must be your own: set PANOPTICON_HOME to another place";
            checks.push(check("state", Verdict::Wrong, format!("{shown} is another user's"), Some(mend)));
        }
        Ok(found) if found.mode() & 0o077 != 0 => {
            let mend = format!("chmod 700 {shown}");
            checks.push(check("state", Verdict::Wrong, format!("{shown} is open to others"), Some(&mend)));
        }
        Ok(_) => checks.push(check("state", Verdict::Fine, shown.clone(), None)),
    }
    if nix::unistd::access(root, nix::unistd::AccessFlags::W_OK).is_err() {
        checks.push(check("state", Verdict::Wrong, format!("{shown} cannot be written"), None));
    }
    match statvfs(root) {
        Ok(space) => {
            let free = space.blocks_available() * space.fragment_size();
            if free < LITTLE_ROOM {
                let mend = "make room; pan convoy prune removes old convoys";
                checks.push(check("room", Verdict::Wrong, format!("{} MB free", free >> 20), Some(mend)));
            }
        }
        Err(error) => {
            checks.push(check(
                "room",
                Verdict::Wrong,
                format!("how much is free cannot be told: {error}", error = base::error::reason(&error)),
                None,
            ));
        }
    }
    match statfs(root) {
        Ok(kind) if NETWORK.contains(&kind.filesystem_type().0) => {
            let mend = "set PANOPTICON_HOME to a local directory: locks are not to be relied on here";
            let found = "the state is on a network file system";
            checks.push(check("file system", Verdict::Wrong, found, Some(mend)));
        }
        Ok(_) => {}
        Err(error) => {
            checks.push(check(
                "file system",
                Verdict::Wrong,
                format!("cannot be told: {error}", error = base::error::reason(&error)),
                None,
            ));
        }
    }
    for problem in Config::read(&Home::of(environment)).err().into_iter().flatten() {
        checks.push(check("config.toml", Verdict::Wrong, problem.to_string(), problem.hint.as_deref()));
    }
}

/// The user's settings of the project they stand in, if it is one that has some.
fn settings(environment: &Environment, checks: &mut Vec<Check>) {
    let Ok(location) = decisions::Location::of(environment, Path::new(".")) else { return };
    let home = Home::of(environment);
    match decisions::settings::read(&home, &location) {
        Ok(None) => {}
        Ok(Some(own)) => checks.push(check("settings", Verdict::Fine, own.file, None)),
        Err(problems) => {
            for problem in problems {
                let mend = problem.hint.clone().unwrap_or_else(|| "fix it there".to_owned());
                checks.push(check("settings", Verdict::Wrong, problem.to_string(), Some(&mend)));
            }
        }
    }
}

fn convoys(environment: &Environment, checks: &mut Vec<Check>) {
    let home = &Home::of(environment);
    let listed = convoys::all_ids(home).and_then(|ids| Ok((ids, left_overs(home)?)));
    let (mut ids, left) = match listed {
        Ok(listed) => listed,
        Err(error) => {
            let mend = "make it readable, or set PANOPTICON_HOME to a directory of your own";
            checks.push(check("convoys", Verdict::Wrong, base::error::chain(&error), Some(mend)));
            return;
        }
    };
    ids.sort();
    let (mut running, mut ended) = (0, 0);
    for id in ids {
        let dir = home.convoy(&id);
        match read_state(&dir) {
            Ok(state) if state.ended() => ended += 1,
            Ok(_) => {
                running += 1;
                let trouble = match watch_lock::watcher(&dir) {
                    Ok(watcher) => watcher.trouble(&id),
                    Err(error) => Some(base::error::chain(&error)),
                };
                if let Some(trouble) = trouble {
                    let mend = format!("pan convoy resume {}", id.short());
                    checks.push(check("convoy", Verdict::Wrong, trouble, Some(&mend)));
                }
            }
            Err(base::Error::State { source: StateProblem::Legacy, .. }) => {
                let found = format!("{id} is of the previous system: listed, never changed");
                checks.push(check("convoy", Verdict::Note, found, None));
            }
            Err(error) => {
                let mend = dir.synced().exists().then(|| format!("pan convoy resume {}", id.short()));
                let found = base::error::chain(&error);
                checks.push(check("convoy", Verdict::Wrong, found, mend.as_deref()));
            }
        }
    }
    checks.push(check("convoys", Verdict::Fine, format!("{running} running, {ended} ended"), None));
    if !left.is_empty() {
        let found = format!("{} left-over directories", left.len());
        checks.push(check("convoys", Verdict::Note, found, Some("pan convoy prune removes them")));
    }
}

/// Commits that are still checked out for convoys which have ended.
fn checkouts(environment: &Environment, checks: &mut Vec<Check>, fix: bool) {
    let home = &Home::of(environment);
    let found = if fix { checkout::sweep(home) } else { checkout::left(home) };
    match found {
        Ok(ids) if ids.is_empty() => {}
        Ok(ids) => {
            let what =
                if ids.len() == 1 { "1 checkout".to_owned() } else { format!("{} checkouts", ids.len()) };
            checks.push(if fix {
                check("checkouts", Verdict::Fine, format!("{what} of ended convoys removed"), None)
            } else {
                let mend = "pan convoy doctor --fix removes them, and so does the next round of cron";
                check("checkouts", Verdict::Note, format!("{what} of ended convoys left over"), Some(mend))
            });
        }
        Err(error) => {
            checks.push(check("checkouts", Verdict::Wrong, base::error::chain(&error), None));
        }
    }
}
