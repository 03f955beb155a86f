//! `convoys/<id>/watch.lock`: which scheduler is at work on a convoy (P6).
//!
//! The lock saves work and carries no safety. Its holder writes into the file
//! who it is and whether it stays, since a held lock alone does not say that
//! anybody will still be there in a moment: the holder may be a single round,
//! stopped, or dying. Then the next watcher must not leave quietly, but stand
//! by, or take the convoy from one that is stopped.

use std::fs;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use base::error::{Error, IoContext, Result};
use base::files;
use base::ids::ConvoyId;
use base::lock::{self, Lock};
use base::poll::pause;
use base::process::ProcessId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::layout::ConvoyDir;
use crate::state::ConvoyStatus;

/// Whether a scheduler stays until the convoy has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stay {
    UntilTheEnd,
    /// It launches what is ready, or takes one round, and leaves.
    Briefly,
}

/// Who watches a convoy after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// A watcher of its own, detached from the caller.
    Detach,
    /// The systemd user unit.
    Systemd,
    /// Nobody: cron does.
    None,
}

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    process: ProcessId,
    stay: Stay,
}

/// Who is at work on a convoy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watcher {
    Nobody,
    /// This process holds the lock and does nothing (SIGSTOP, Ctrl-Z).
    Stopped(i32),
    /// Somebody who will not be there for long, or who has not said so.
    Briefly,
    /// This process, until the convoy has ended.
    UntilTheEnd(i32),
}

impl Watcher {
    /// Is somebody at work at all?
    pub fn works(self) -> bool {
        matches!(self, Watcher::Briefly | Watcher::UntilTheEnd(_))
    }

    /// For people: why nothing goes on with this convoy.
    pub fn trouble(self, id: &ConvoyId) -> Option<String> {
        match self {
            Watcher::Nobody => Some(format!("no watcher of {id} is running")),
            Watcher::Stopped(pid) => Some(format!("the watcher of {id} is stopped (process {pid})")),
            Watcher::Briefly | Watcher::UntilTheEnd(_) => None,
        }
    }
}

/// A watcher that was just left has taken the convoy up after this.
const TAKE_OVER_S: i64 = 3;
/// Somebody who only asks holds the lock for an instant, and who dies soon is gone:
/// a taker looks again so often before it believes that the convoy is taken.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(3);

/// Takes the convoy if no scheduler is at work on it. [`Error::NoConvoy`]: it was removed.
pub fn try_take(dir: &ConvoyDir, stay: Stay) -> Result<Option<Lock>> {
    try_take_there(dir, stay).map_err(|error| match error {
        Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
            Error::NoConvoy(dir.id().to_string())
        }
        error => error,
    })
}

fn try_take_there(dir: &ConvoyDir, stay: Stay) -> Result<Option<Lock>> {
    for _ in 0..LOOKS {
        if let Some(lock) = lock::try_lock(&dir.watch_lock())? {
            sign(&lock, stay);
            return Ok(Some(lock));
        }
        match living_holder(dir) {
            Some(holder) if holder.process.is_stopped() => return take_from_stopped(dir, stay),
            Some(_) => return Ok(None),
            None => pause(PAUSE),
        }
    }
    Ok(None)
}

/// A holder that is stopped keeps its lock, on a file that has lost its name.
/// Should it go on, two are at work: that is safe.
fn take_from_stopped(dir: &ConvoyDir, stay: Stay) -> Result<Option<Lock>> {
    // One taker at a time, so that none takes it from another. Not waited for:
    // the stopped one itself may have it.
    let Some(_held) = lock::try_lock(&dir.lock())? else { return Ok(None) };
    let path = dir.watch_lock();
    if matches!(watcher(dir)?, Watcher::Stopped(_)) {
        fs::remove_file(&path).context("remove", &path)?;
    }
    let lock = lock::try_lock(&path)?;
    if let Some(lock) = &lock {
        sign(lock, stay);
    }
    Ok(lock)
}

/// Takes the convoy as soon as the scheduler at work on it leaves, if that is
/// within `limit`: one that saw the convoy end needs a moment to go.
pub fn take_within(dir: &ConvoyDir, stay: Stay, limit: Duration) -> Result<Option<Lock>> {
    let deadline = Instant::now() + limit;
    loop {
        let taken = try_take(dir, stay)?;
        if taken.is_some() || Instant::now() >= deadline {
            return Ok(taken);
        }
        pause(PAUSE);
    }
}

/// Who is at work on the convoy now.
pub fn watcher(dir: &ConvoyDir) -> Result<Watcher> {
    if !lock::is_locked(&dir.watch_lock())? {
        return Ok(Watcher::Nobody);
    }
    Ok(match living_holder(dir) {
        Some(Holder { process, .. }) if process.is_stopped() => Watcher::Stopped(process.pid),
        Some(Holder { process, stay: Stay::UntilTheEnd }) => Watcher::UntilTheEnd(process.pid),
        Some(Holder { stay: Stay::Briefly, .. }) | None => Watcher::Briefly,
    })
}

/// Is the lock held by a process that lives and goes on? Without one, whoever
/// holds it is about to let go.
pub fn has_living_holder(dir: &ConvoyDir) -> bool {
    living_holder(dir).is_some_and(|holder| !holder.process.is_stopped())
}

/// If nobody sees to a convoy of this status that should have somebody by now:
/// how that is. What cannot be looked at is not said to be so.
pub fn deserted(
    dir: &ConvoyDir,
    status: ConvoyStatus,
    started: Timestamp,
    now: Timestamp,
) -> Option<Watcher> {
    let settled = now.duration_since(started).as_secs() > TAKE_OVER_S;
    if status != ConvoyStatus::Running || !settled {
        return None;
    }
    watcher(dir).ok().filter(|watcher| !watcher.works())
}

/// An unsigned lock (full disk) counts as one that is held briefly.
fn sign(lock: &Lock, stay: Stay) {
    let Ok(process) = ProcessId::current() else { return };
    if let Ok(text) = serde_json::to_vec(&Holder { process, stay }) {
        let _ = lock.write(&text);
    }
}

/// The last one that signed, unless it has ended or is about to.
fn living_holder(dir: &ConvoyDir) -> Option<Holder> {
    let bytes = files::read_if_there(&dir.watch_lock()).ok()??;
    let holder: Holder = serde_json::from_slice(&bytes).ok()?;
    holder.process.is_living().then_some(holder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::layout::Home;

    fn convoy(root: &std::path::Path) -> ConvoyDir {
        let dir = Home::new(root).convoy(&"convoy-t-abcdef".parse().unwrap());
        fs::create_dir_all(dir.dir()).unwrap();
        dir
    }

    fn staying() -> Watcher {
        Watcher::UntilTheEnd(std::process::id() as i32)
    }

    #[test]
    fn one_that_leaves_soon_does_not_count_as_watching() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        assert_eq!(watcher(&dir).unwrap(), Watcher::Nobody);
        let round = try_take(&dir, Stay::Briefly).unwrap().unwrap();
        assert_eq!(watcher(&dir).unwrap(), Watcher::Briefly);
        assert!(try_take(&dir, Stay::UntilTheEnd).unwrap().is_none());
        drop(round);
        let stays = try_take(&dir, Stay::UntilTheEnd).unwrap().unwrap();
        assert_eq!(watcher(&dir).unwrap(), staying());
        drop(stays);
        assert_eq!(watcher(&dir).unwrap(), Watcher::Nobody, "the name in the file outlives the lock");
    }

    #[test]
    fn a_convoy_that_was_removed_cannot_be_taken() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        fs::remove_dir_all(dir.dir()).unwrap();
        assert!(matches!(try_take(&dir, Stay::UntilTheEnd), Err(Error::NoConvoy(_))));
    }

    /// A process that holds nothing; the lock is held for it here, as if a child
    /// between fork and exec still had its descriptor.
    fn held_by_a_child(dir: &ConvoyDir) -> (std::process::Child, Lock) {
        let child = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
        let process = ProcessId::of(child.id() as i32).unwrap().unwrap();
        let lock = lock::lock(&dir.watch_lock()).unwrap();
        lock.write(&serde_json::to_vec(&Holder { process, stay: Stay::UntilTheEnd }).unwrap()).unwrap();
        (child, lock)
    }

    #[test]
    fn a_held_lock_whose_holder_is_gone_is_not_watched() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        let (mut child, _lock) = held_by_a_child(&dir);
        assert_eq!(watcher(&dir).unwrap(), Watcher::UntilTheEnd(child.id() as i32));
        child.kill().unwrap();
        assert_eq!(watcher(&dir).unwrap(), Watcher::Briefly, "from the kill on, also while it is dying");
        child.wait().unwrap();
        assert_eq!(watcher(&dir).unwrap(), Watcher::Briefly);
    }

    #[test]
    fn a_convoy_is_taken_from_a_holder_that_is_stopped_and_from_no_other() {
        use nix::sys::signal::{Signal, kill};
        use nix::sys::wait::{WaitPidFlag, waitpid};
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        let (mut child, _lock) = held_by_a_child(&dir);
        assert!(try_take(&dir, Stay::UntilTheEnd).unwrap().is_none());
        let pid = nix::unistd::Pid::from_raw(child.id() as i32);
        kill(pid, Signal::SIGSTOP).unwrap();
        waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert_eq!(watcher(&dir).unwrap(), Watcher::Stopped(pid.as_raw()));
        assert!(watcher(&dir).unwrap().trouble(dir.id()).unwrap().contains(&pid.to_string()));
        // Somebody is just writing the state: not now.
        let writing = lock::lock(&dir.lock()).unwrap();
        assert!(try_take(&dir, Stay::UntilTheEnd).unwrap().is_none());
        drop(writing);
        let taken = try_take(&dir, Stay::UntilTheEnd).unwrap().unwrap();
        assert_eq!(watcher(&dir).unwrap(), staying());
        assert!(try_take(&dir, Stay::UntilTheEnd).unwrap().is_none(), "it is taken once");
        drop(taken);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
