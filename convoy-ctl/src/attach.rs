//! `attach`: an agent's terminal, for looking on; with `--write` also for typing.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use protocol::agent::session_name;
use protocol::layout::Home;
use protocol::outcome::AgentStatus;
use protocol::plan::{Launcher, Plan};
use protocol::store::read_state;
use scheduler::tmux::Tmux;

use crate::logs;

/// What terminals are taken for that tmux does not know: nearly all of them draw so.
const FALLBACKS: [&str; 3] = ["xterm-256color", "screen-256color", "screen"];
/// What a terminal within tmux is.
const NESTED: &str = "screen-256color";

/// Opens an agent's terminal; where there is none (any more), its log.
pub(crate) fn attach(environment: &Environment, id: &ConvoyId, role: &str, write: bool) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let agent = logs::agent(&state, role)?;
    let plan = Plan::read(&dir)?;
    let log = || format!("read its log: pan convoy logs -f {} {role}", id.short());
    // One that is pending may have a session that waits for its turn.
    let next = session_name(id, &agent.role, agent.attempt + 1);
    let session = if agent.is_pending() { &next } else { &agent.tmux_session };
    let instead = match (&plan.launcher, agent.status()) {
        (_, AgentStatus::Completed | AgentStatus::Failed) => "it has ended",
        (Launcher::Process, AgentStatus::Pending) => "it has not started",
        (Launcher::Process, AgentStatus::Running) => "it runs without a terminal",
        (Launcher::Tmux { .. }, AgentStatus::Pending) if !std::io::stdin().is_terminal() => {
            "it has not started"
        }
        (Launcher::Tmux { program, socket }, status) => {
            if !std::io::stdin().is_terminal() {
                return Err(Failure::new(Exit::Usage, "attach needs a terminal").hint(log()).into());
            }
            let tmux = Tmux::new(program.as_path(), socket.as_path());
            match tmux.has_session(&Home::of(environment), session) {
                Ok(true) => {
                    let screen = Screen { environment, tmux, session, role, write };
                    return screen.open().map_err(|failure| failure.hint(log()).into());
                }
                Ok(false) if status == AgentStatus::Pending => "it has not started",
                Ok(false) => "its terminal is gone",
                Err(_) => "the tmux server does not answer",
            }
        }
    };
    program::tell(&format!("{role}: {instead}; this is its log"));
    logs::logs(environment, id, role, None, !agent.ended())
}

/// A session that is there, and how it is to be looked at.
struct Screen<'a> {
    environment: &'a Environment,
    tmux: Tmux,
    session: &'a str,
    role: &'a str,
    write: bool,
}

impl Screen<'_> {
    fn open(&self) -> Result<Exit, Failure> {
        let own_tmux = self.environment.var("TMUX").filter(|value| !value.is_empty());
        if own_tmux.is_some_and(|value| self.tmux.is_at(socket_in(value))) {
            return exit_of(&run(&mut command(&self.tmux.switch_argv(self.session)))?);
        }
        let term = self.environment.var("TERM").unwrap_or_default().to_string_lossy().into_owned();
        if matches!(term.as_str(), "" | "dumb" | "unknown") {
            let message = format!("this terminal (TERM={term}) cannot show another one");
            return Err(
                Failure::new(Exit::Usage, message).hint("set TERM to what it is: TERM=xterm-256color")
            );
        }
        let is_nested = |term: &str| term.starts_with("screen") || term.starts_with("tmux");
        let term = if own_tmux.is_some() && !is_nested(&term) { NESTED.to_owned() } else { term };
        let keys = keys(is_nested(&term), self.write);
        program::tell(&format!("{}: {keys}", self.role));
        let mut ended = self.show_on(&term)?;
        for fallback in FALLBACKS.into_iter().filter(|fallback| *fallback != term) {
            if !is_unknown_terminal(&ended) {
                break;
            }
            ended = self.show_on(fallback)?;
            // Afterwards: tmux throws away what the terminal has not read when it takes it.
            let term = base::text::visible(&term);
            program::tell(&format!("tmux does not know the terminal {term}: it was taken for {fallback}"));
        }
        exit_of(&ended)
    }

    /// Shows the session until the user leaves it or it ends.
    fn show_on(&self, term: &str) -> Result<Output, Failure> {
        let mut command = command(&self.tmux.attach_argv(self.session, self.write));
        run(command.env_remove("TMUX").env("TERM", term))
    }
}

/// How it is left, and what typing does. In a tmux of the user's own the prefix is for that
/// one; twice it is for this. The session's last line has the keys as well.
fn keys(nested: bool, write: bool) -> String {
    let keys = if nested { "Ctrl-b Ctrl-b d" } else { "Ctrl-b d" };
    let typed = if write {
        "what you type reaches the agent, and Ctrl-C ends it"
    } else {
        "what you type does not reach the agent (--write lets it)"
    };
    format!("leave it with {keys}; {typed}")
}

fn command(argv: &[OsString]) -> Command {
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]);
    command
}

/// Runs tmux on this terminal; only what it complains of is kept.
fn run(command: &mut Command) -> Result<Output, Failure> {
    let child = command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::piped()).spawn();
    child
        .and_then(Child::wait_with_output)
        .map_err(|error| Failure::of_io(Exit::No, "cannot run tmux", &error))
}

/// The first part of `TMUX`: the socket of the server somebody is in.
fn socket_in(value: &OsStr) -> &Path {
    let bytes = value.as_bytes();
    let end = bytes.iter().position(|&byte| byte == b',').unwrap_or(bytes.len());
    Path::new(OsStr::from_bytes(&bytes[..end]))
}

fn is_unknown_terminal(ended: &Output) -> bool {
    !ended.status.success() && String::from_utf8_lossy(&ended.stderr).contains("terminal")
}

fn exit_of(ended: &Output) -> Result<Exit, Failure> {
    if ended.status.success() {
        return Ok(Exit::Done);
    }
    let said = base::text::visible(String::from_utf8_lossy(&ended.stderr).trim());
    let why = if said.is_empty() { ended.status.to_string() } else { said };
    Err(Failure::new(Exit::No, format!("tmux: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_is_told_how_to_leave_and_what_typing_does() {
        assert_eq!(
            keys(true, false),
            "leave it with Ctrl-b Ctrl-b d; what you type does not reach the agent (--write lets it)"
        );
        assert_eq!(
            keys(false, true),
            "leave it with Ctrl-b d; what you type reaches the agent, and Ctrl-C ends it"
        );
    }
}
