//! Starting supervisors: one small interface, so that agents can be placed
//! elsewhere than in tmux sessions of this machine later.
//!
//! A launch is never evidence of anything: whether an attempt began is known
//! from its claim alone (P4), so a launch may be repeated or come too late.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base::environment::scrub;
use base::error::{Error, IoContext, Result};
use base::ids::{ConvoyId, Role};
use base::process::{DETACHED_MARK, Handle, watch_child};
use base::subprocess::{self, Ended};
use protocol::agent::session_name;
use protocol::layout::Home;
use protocol::plan::Launcher;

use crate::tmux::{LIMIT, Session, Tmux};

/// Everything needed to start the supervisor of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Launch<'a> {
    pub home: &'a Home,
    pub id: &'a ConvoyId,
    pub role: &'a Role,
    pub attempt: u32,
    /// It is to be parked: to wait for its agent's turn. For what, in words.
    pub wait_for: Option<String>,
    /// The `convoy-agent` program.
    pub supervisor: &'a PathBuf,
}

impl Launch<'_> {
    /// A label for people; what identifies an attempt is its claim.
    fn session(&self) -> String {
        session_name(self.id, self.role, self.attempt)
    }

    fn in_session(&self, name: String) -> Session {
        Session { argv: self.argv(Some(&name)), name }
    }

    fn argv(&self, session: Option<&str>) -> Vec<OsString> {
        let mut argv: Vec<OsString> = vec![
            self.supervisor.clone().into(),
            "--home".into(),
            self.home.root().into(),
            "--convoy".into(),
            self.id.as_str().into(),
            "--role".into(),
            self.role.as_str().into(),
        ];
        argv.extend(match &self.wait_for {
            None => ["--attempt".into(), self.attempt.to_string().into()],
            Some(words) => ["--wait-for".into(), words.into()],
        });
        if let Some(session) = session {
            argv.extend(["--session".into(), session.into()]);
        }
        argv
    }
}

/// Starts the supervisors of attempts: how it went with each. An error means that
/// it may not have been started.
pub(crate) fn launch(launcher: &Launcher, orders: &[Launch]) -> Vec<Result<()>> {
    match launcher {
        Launcher::Process => orders.iter().map(launch_process).collect(),
        Launcher::Tmux { program, socket } => {
            launch_in_sessions(&Tmux::new(program.as_path(), socket.as_path()), orders)
        }
    }
}

/// As many in one call as fit.
fn launch_in_sessions(tmux: &Tmux, orders: &[Launch]) -> Vec<Result<()>> {
    let sessions: Vec<Session> = orders.iter().map(|order| order.in_session(order.session())).collect();
    let mut results: Vec<Result<()>> = Vec::with_capacity(orders.len());
    while let Some(order) = orders.get(results.len()) {
        let rest = &sessions[results.len()..];
        let together = &rest[..Tmux::fitting(rest)];
        let (opened, outcome) = tmux.open(order.home, together);
        let opened = if outcome.is_ok() { together.len() } else { opened.min(together.len()) };
        results.extend(together[..opened].iter().map(|_| Ok(())));
        if let (true, Some(next), Err(error)) = (opened < together.len(), orders.get(results.len()), outcome)
        {
            results.push(under_another_name(tmux, next, error));
        }
    }
    results
}

/// A name that is taken is that of another launch of the attempt, or of a parked
/// supervisor that did not answer, or of another role whose name meets this one:
/// not evidence of anything, so the session gets a name of our own.
fn under_another_name(tmux: &Tmux, order: &Launch, error: Error) -> Result<()> {
    match error {
        Error::Launch { message, .. } if message.contains("duplicate session") => {
            let name = format!("{}-by-{}", order.session(), std::process::id());
            tmux.open(order.home, &[order.in_session(name)]).1
        }
        error => Err(error),
    }
}

/// Supervisors on their way to where they wait, by a program that is not waited for.
#[derive(Debug)]
pub(crate) struct Parking {
    child: Child,
    handle: Handle,
    since: Instant,
}

impl Parking {
    /// Starts it for the first of these, or as many as go together: how many.
    pub(crate) fn begin(launcher: &Launcher, orders: &[Launch]) -> Result<(usize, Parking)> {
        let Some(first) = orders.first() else {
            return Err(Error::Launch { verb: "park supervisors", message: "there are none".to_owned() });
        };
        let (count, mut child) = match launcher {
            Launcher::Process => (1, detached(first).spawn().context("start", first.supervisor)?),
            Launcher::Tmux { program, socket } => {
                let sessions: Vec<Session> =
                    orders.iter().map(|order| order.in_session(order.session())).collect();
                let count = Tmux::fitting(&sessions);
                let tmux = Tmux::new(program.as_path(), socket.as_path());
                (count, tmux.begin_opening(first.home, &sessions[..count])?)
            }
        };
        match watch_child(&child) {
            Ok(handle) => Ok((count, Parking { child, handle, since: Instant::now() })),
            Err(error) => {
                end(&mut child);
                Err(error).context("watch", first.supervisor)
            }
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn is_overdue(&self) -> bool {
        self.since.elapsed() > LIMIT
    }

    /// Once it has ended: did it do well?
    pub(crate) fn went_well(mut self) -> bool {
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Parking {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child that may have ended.
fn end(child: &mut Child) {
    // What cannot be killed has ended.
    let _ = child.kill();
    let _ = child.wait();
}

/// `convoy-agent` that goes on in the background, without a terminal.
fn detached(launch: &Launch) -> Command {
    let argv = launch.argv(None);
    let mut command = Command::new(launch.supervisor);
    command.args(&argv[1..]).arg("--detach").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    scrub(&mut command);
    command.env(DETACHED_MARK, launch.home.root());
    command
}

/// Starts the supervisor detached, and waits until it is.
fn launch_process(launch: &Launch) -> Result<()> {
    let failed = |message: String| Err(Error::Launch { verb: "start convoy-agent", message });
    match subprocess::output(detached(launch), Duration::from_secs(10)) {
        Ok(Ended { status: Some(status), .. }) if status.success() => Ok(()),
        Ok(Ended { status, stderr, .. }) => {
            let said = String::from_utf8_lossy(&stderr);
            failed(
                status
                    .map_or("no answer".to_owned(), |s| format!("{s}: {}", base::text::visible(said.trim()))),
            )
        }
        Err(error) => failed(base::error::reason(&error)),
    }
}
