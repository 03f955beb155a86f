//! Starting supervisors: one small interface, so that agents can be placed
//! elsewhere than in tmux sessions of this machine later.
//!
//! A launch is never evidence of anything: whether an attempt began is known
//! from its claim alone (P4), so a launch may be repeated or come too late.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::scrub;
use base::error::{Error, Result};
use base::ids::{ConvoyId, Role};
use base::process::DETACHED_MARK;
use base::subprocess::{self, Ended};
use protocol::agent::session_name;
use protocol::layout::Home;
use protocol::plan::Launcher;

use crate::tmux::Tmux;

/// Everything needed to start the supervisor of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Launch<'a> {
    pub home: &'a Home,
    pub id: &'a ConvoyId,
    pub role: &'a Role,
    pub attempt: u32,
    /// The `convoy-agent` program.
    pub supervisor: &'a PathBuf,
}

impl Launch<'_> {
    /// A label for people; what identifies an attempt is its claim.
    fn session(&self) -> String {
        session_name(self.id, self.role, self.attempt)
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
            "--attempt".into(),
            self.attempt.to_string().into(),
        ];
        if let Some(session) = session {
            argv.extend(["--session".into(), session.into()]);
        }
        argv
    }
}

/// Starts the supervisor of an attempt. An error means that it may not have
/// been started.
pub(crate) fn launch(launcher: &Launcher, launch: &Launch) -> Result<()> {
    match launcher {
        Launcher::Process => launch_process(launch),
        Launcher::Tmux { program, socket } => {
            let tmux = Tmux::new(program.as_path(), socket.as_path());
            let name = launch.session();
            let first = tmux.new_session(launch.home, &name, &launch.argv(Some(&name)));
            let Err(Error::Launch { message, .. }) = &first else { return first };
            if !message.contains("duplicate session") {
                return first;
            }
            // Another launch of this attempt, or another role whose name meets
            // this one: not evidence, so launch under a name of our own.
            let name = format!("{name}-by-{}", std::process::id());
            tmux.new_session(launch.home, &name, &launch.argv(Some(&name)))
        }
    }
}

/// Starts the supervisor detached, without a terminal.
pub(crate) fn launch_process(launch: &Launch) -> Result<()> {
    let argv = launch.argv(None);
    let mut command = Command::new(launch.supervisor);
    command.args(&argv[1..]).arg("--detach").stdin(Stdio::null()).current_dir("/");
    scrub(&mut command);
    command.env(DETACHED_MARK, launch.home.root());
    let failed = |message: String| Err(Error::Launch { verb: "start convoy-agent", message });
    match subprocess::output(command, Duration::from_secs(10)) {
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
