//! What `convoy-start`, `retry` and `synthesize` do after the state says
//! "running": launch what is ready at once, and start a background watcher (P6).

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::crash::{self, Point};
use base::environment::{self, Environment, scrub};
use base::error::{IoContext, Result};
use base::ids::ConvoyId;
use base::process::DETACHED_MARK;
use base::subprocess;
use protocol::layout::Home;
use protocol::watch_lock::{self, Stay, Watch};

use crate::event_loop::{self, Task};
use crate::scheduler::{Programs, Purpose, Scheduler};

/// Launches are waited for at most this long; the watcher sees to the rest.
const BURST: Duration = Duration::from_secs(1);

/// Launches what is ready and starts a background watcher. Returns a warning if the kind
/// of watcher that was asked for could not be had and another one serves.
pub fn launch_and_watch(environment: &Environment, id: &ConvoyId, watch: Watch) -> Result<Option<String>> {
    let dir = Home::of(environment).convoy(id);
    // Held while the first launches are on their way: the watcher waits for it
    // instead of launching them again (harmless, but work).
    let ours = watch_lock::try_take(&dir, Stay::Briefly)?;
    let warning = start_watcher(environment, id, watch)?;
    crash::at(Point::WatcherLeft);
    if let Some(lock) = ours {
        let scheduler =
            Scheduler::open(&Home::of(environment), id, &Programs::find(environment)?, Purpose::Run)?;
        let mut tasks = [Task::holding(scheduler, lock, Stay::Briefly)];
        event_loop::run_briefly(&mut tasks, &|scheduler| !scheduler.awaits_claims(), BURST)?;
    }
    Ok(warning)
}

/// Starts a background watcher of a convoy.
pub fn start_watcher(environment: &Environment, id: &ConvoyId, watch: Watch) -> Result<Option<String>> {
    match watch {
        Watch::None => Ok(None),
        Watch::Detach => detach(environment, id).map(|()| None),
        Watch::Systemd => match systemd(environment, id) {
            Ok(()) => Ok(None),
            Err(message) => {
                detach(environment, id)?;
                Ok(Some(format!("systemd: {message}; a detached watcher serves instead")))
            }
        },
    }
}

fn detach(environment: &Environment, id: &ConvoyId) -> Result<()> {
    let program = environment::sibling(environment, "convoy-watch")?;
    let log = Home::of(environment).convoy(id).watch_log();
    let stderr = OpenOptions::new().append(true).create(true).mode(0o600).open(&log).context("open", &log)?;
    let mut command = Command::new(&program);
    command
        .args(["--detached", id.as_str()])
        .env("PANOPTICON_HOME", environment.home.as_path())
        .env(DETACHED_MARK, environment.home.as_path())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr);
    scrub(&mut command);
    command.spawn().context("start", &program)?;
    Ok(())
}

fn systemd(environment: &Environment, id: &ConvoyId) -> std::result::Result<(), String> {
    let program = environment::sibling(environment, "convoy-watch").map_err(|error| error.to_string())?;
    let mut home = std::ffi::OsString::from("--setenv=PANOPTICON_HOME=");
    home.push(environment.home.as_path());
    let mut command = Command::new("systemd-run");
    command
        .args([
            "--user",
            "--quiet",
            "--collect",
            "--property=KillMode=process",
            "--property=Restart=on-failure",
        ])
        .arg(format!("--unit=convoy-watch-{}-{}", id.short(), std::process::id()))
        .arg(home)
        .arg("--")
        .arg(program)
        .arg(id.as_str())
        .stdin(Stdio::null());
    scrub(&mut command);
    let ended =
        subprocess::output(command, Duration::from_secs(10)).map_err(|error| base::error::reason(&error))?;
    if ended.status.is_some_and(|status| status.success()) {
        return Ok(());
    }
    Err(base::text::visible(String::from_utf8_lossy(&ended.stderr).trim()))
}
