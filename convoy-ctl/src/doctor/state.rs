//! The state directory, the disk it is on, and what is in it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use base::environment::{self, Environment};
use base::{StateProblem, text};
use nix::sys::statfs::statfs;
use nix::sys::statvfs::statvfs;
use planning::config::{Config, Hooks};
use protocol::layout::Home;
use protocol::store::read_state;
use protocol::{checkout, convoys, watch_lock};

use super::check::{Check, Verdict, check};
use crate::remove::left_overs;

/// Less room than this is a warning.
const LITTLE_ROOM: u64 = 200 << 20;

/// File systems of other machines: locks and notifications are not to be relied on.
const NETWORK: [i64; 4] = [0x6969, 0x517b, 0xff53_4d42, 0x6573_5546];

pub(super) fn state_directory(environment: &Environment, checks: &mut Vec<Check>) {
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
    room(root, checks);
    file_system(root, checks);
    match Config::read(&Home::of(environment)) {
        Ok(config) => hooks(environment, &config.hooks, checks),
        Err(problems) => {
            for problem in problems {
                checks.push(check(
                    "config.toml",
                    Verdict::Wrong,
                    problem.to_string(),
                    problem.hint.as_deref(),
                ));
            }
        }
    }
}

/// What is run when a convoy ends, and whether it is there.
fn hooks(environment: &Environment, hooks: &Hooks, checks: &mut Vec<Check>) {
    if !hooks.any() {
        return;
    }
    let mut troubles = Vec::new();
    match environment::find_sibling(environment, "convoy-notify") {
        Ok(Some(_)) => {}
        Ok(None) => troubles.push(("there is no convoy-notify to run them".to_owned(), Some("make install"))),
        Err(error) => troubles.push((base::error::chain(&error), None)),
    }
    if let Some(program) = hooks.on_end.as_ref().and_then(|words| words.first()) {
        let shown = text::visible(program);
        match environment.find_program(program) {
            Ok(Some(_)) => {}
            Ok(None) => troubles.push((
                format!("on_end: {shown} is not there, or cannot be run"),
                Some("name a program on PATH or by an absolute path, in [hooks] of config.toml"),
            )),
            Err(error) => troubles.push((format!("on_end: {}", base::error::chain(&error)), None)),
        }
    }
    if troubles.is_empty() {
        let asked = [
            ("on_end", hooks.on_end.is_some()),
            ("notify", hooks.notify),
            ("webhook", hooks.webhook.is_some()),
        ];
        let names: Vec<&str> = asked.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
        checks.push(check("hooks", Verdict::Fine, names.join(", "), None));
    }
    for (found, mend) in troubles {
        checks.push(check("hooks", Verdict::Wrong, found, mend));
    }
}

fn room(root: &Path, checks: &mut Vec<Check>) {
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
                format!("how much is free is unknown: {error}", error = base::error::reason(&error)),
                None,
            ));
        }
    }
}

fn file_system(root: &Path, checks: &mut Vec<Check>) {
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
                format!("is unknown: {error}", error = base::error::reason(&error)),
                None,
            ));
        }
    }
}

/// The user's settings of the project they stand in, if it is one that has some.
pub(super) fn settings(environment: &Environment, checks: &mut Vec<Check>) {
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

pub(super) fn convoys(environment: &Environment, checks: &mut Vec<Check>) {
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
pub(super) fn checkouts(environment: &Environment, checks: &mut Vec<Check>, fix: bool) {
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
