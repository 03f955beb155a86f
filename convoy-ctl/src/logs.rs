//! `logs`: what an agent printed.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::files;
use base::ids::ConvoyId;
use base::inotify::{ConvoyWatch, Interest};
use base::program::Failure;
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::state::State;
use protocol::store::read_state;

/// Behind the notifications.
const SWEEP: Duration = Duration::from_secs(30);

/// An agent of a convoy, by what was typed.
pub(crate) fn agent<'a>(state: &'a State, role: &str) -> Result<&'a Agent> {
    let found = state.agents.iter().find(|agent| agent.role.as_str() == role);
    found.map(AsRef::as_ref).ok_or_else(|| {
        let roles: Vec<&str> = state.agents.iter().map(|agent| agent.role.as_str()).collect();
        let message = format!("{} has no agent '{}'", state.id, base::text::visible(role));
        Failure::new(Exit::NotFound, message).hint(format!("it has {}", roles.join(", "))).into()
    })
}

/// Prints an agent's log; with `follow` until its attempt has ended.
pub(crate) fn logs(
    environment: &Environment,
    id: &ConvoyId,
    role: &str,
    attempt: Option<u32>,
    follow: bool,
) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let agent = agent(&state, role)?;
    let attempt = attempt.unwrap_or(agent.attempt);
    if attempt == 0 && !follow {
        let message = format!("{role} has not started");
        return Err(Failure::new(Exit::No, message)
            .hint(format!("follow it: pan convoy logs -f {} {role}", id.short()))
            .into());
    }
    if follow {
        return follow_log(&dir, role, Some(attempt).filter(|n| *n > 0));
    }
    let path = dir.attempt(&agent.role, attempt).log();
    let mut file = match files::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let failure = Failure::new(Exit::No, format!("attempt {attempt} of {role} has no log"));
            return Err(failure.hint(format!("its attempts: pan convoy status {}", id.short())).into());
        }
        file => base::IoContext::context(file, "read", &path)?,
    };
    if file.metadata().is_ok_and(|found| found.len() == 0) {
        base::program::tell(&format!("convoy-ctl: {role} printed nothing"));
    }
    copy_new(&mut file)?;
    Ok(Exit::Done)
}

/// Prints what is new in an open file.
fn copy_new(file: &mut File) -> Result<()> {
    let mut out = std::io::stdout().lock();
    std::io::copy(file, &mut out)?;
    std::io::Write::flush(&mut out)?;
    Ok(())
}

fn follow_log(dir: &ConvoyDir, role: &str, attempt: Option<u32>) -> Result<Exit> {
    let mut watch = ConvoyWatch::new(dir.dir());
    // Until the agent begins there is nothing to follow.
    let attempt = loop {
        let state = read_state(dir)?;
        let agent = agent(&state, role)?;
        match attempt.unwrap_or(agent.attempt) {
            0 if !state.ended() => watch.wait(SWEEP),
            0 => return Ok(Exit::Done),
            n => break n,
        }
    };
    let role = role.parse()?;
    let path = dir.attempt(&role, attempt).log();
    let mut open: Option<File> = None;
    loop {
        // Ended is read before the file: what it printed last is not missed.
        let over = attempt_over(dir, &role, attempt)?;
        if open.is_none() {
            match files::open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                file => {
                    open = Some(base::IoContext::context(file, "read", &path)?);
                    watch.also(path.clone(), Interest::Writes);
                }
            }
        }
        if let Some(file) = &mut open {
            copy_new(file)?;
        }
        if over {
            return Ok(Exit::Done);
        }
        watch.wait(SWEEP);
    }
}

fn attempt_over(dir: &ConvoyDir, role: &base::ids::Role, attempt: u32) -> Result<bool> {
    let state = read_state(dir)?;
    let agent = state.agent(role).context("the agent is gone")?;
    Ok(agent.attempt != attempt || !agent.is_running())
}

/// A file, printed byte for byte.
pub(crate) fn print_file(path: &Path) -> Result<()> {
    let bytes = files::read(path).with_context(|| format!("cannot read {}", base::text::path(path)))?;
    let mut out = std::io::stdout().lock();
    std::io::Write::write_all(&mut out, &bytes)?;
    std::io::Write::flush(&mut out)?;
    Ok(())
}
