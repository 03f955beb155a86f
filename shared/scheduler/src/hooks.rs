//! Starting the program that runs the user's hooks (`convoy-notify`): it stays behind
//! by itself, and nobody waits for what it runs.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base::environment::{self, Environment, scrub};
use base::error::{Error, IoContext, Result};
use base::process::DETACHED_MARK;
use protocol::layout::ConvoyDir;

/// Where that program is.
pub fn program(environment: &Environment) -> Result<PathBuf> {
    environment::sibling(environment, "convoy-notify")
}

/// Starts it for a convoy that has ended. What it says goes into the log of the watcher.
pub fn start(dir: &ConvoyDir, program: &std::path::Path) -> Result<()> {
    let home = dir.home();
    let log = dir.watch_log();
    let stderr = OpenOptions::new().append(true).create(true).mode(0o600).open(&log).context("open", &log)?;
    let mut command = Command::new(program);
    command
        .args(["--detach", dir.id().as_str()])
        .env("PANOPTICON_HOME", home.root())
        .env(DETACHED_MARK, home.root())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr);
    scrub(&mut command);
    // It leaves another one behind and ends at once: no child is left to wait for.
    let status = command.status().context("start", program)?;
    if status.success() {
        return Ok(());
    }
    let what = format!("the hooks of {} were not started: convoy-notify: {status}", dir.id());
    Err(Error::invalid(what, format!("pan convoy resume {}", dir.id().short())))
}
