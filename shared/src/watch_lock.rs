//! `convoys/<id>/watch.lock`: which scheduler is at work on a convoy (P6).
//!
//! The lock saves work and carries no safety. Its holder writes into the file
//! who it is and whether it stays, since a held lock alone does not say that
//! anybody will still be there in a moment: the holder may be a single round,
//! or dying. Then the next watcher must not leave quietly, but stand by.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attend::wait_readable;
use crate::error::Result;
use crate::files;
use crate::layout::ConvoyDir;
use crate::lock::{self, Lock};
use crate::process::ProcessId;
use crate::state::ConvoyStatus;

/// Whether a scheduler stays until the convoy has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stay {
    UntilTheEnd,
    /// It launches what is ready, or takes one round, and leaves.
    Briefly,
}

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    process: ProcessId,
    stay: Stay,
}

/// A watcher that was just left has taken the convoy up after this.
const TAKE_OVER_S: i64 = 3;
/// Somebody who only asks holds the lock for an instant, and who dies soon is gone:
/// a taker looks again so often before it believes that the convoy is taken.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(3);

/// Takes the convoy if no scheduler is at work on it.
pub fn try_take(dir: &ConvoyDir, stay: Stay) -> Result<Option<Lock>> {
    for _ in 0..LOOKS {
        if let Some(lock) = lock::try_lock(&dir.watch_lock())? {
            sign(&lock, stay);
            return Ok(Some(lock));
        }
        if living_holder(dir).is_some() {
            break;
        }
        wait_readable(&[], Some(PAUSE));
    }
    Ok(None)
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
        wait_readable(&[], Some(PAUSE));
    }
}

/// Waits until no other scheduler is at work on the convoy, and takes it.
pub fn take(dir: &ConvoyDir, stay: Stay) -> Result<Lock> {
    let lock = lock::lock(&dir.watch_lock())?;
    sign(&lock, stay);
    Ok(lock)
}

/// Is a scheduler at work on the convoy?
pub fn is_taken(dir: &ConvoyDir) -> Result<bool> {
    lock::is_locked(&dir.watch_lock())
}

/// Does nobody see to a convoy of this status that should have somebody by now?
/// What cannot be looked at is not said to be so.
pub fn is_deserted(dir: &ConvoyDir, status: ConvoyStatus, started: Timestamp, now: Timestamp) -> bool {
    let settled = now.duration_since(started).as_secs() > TAKE_OVER_S;
    status == ConvoyStatus::Running && settled && matches!(is_taken(dir), Ok(false))
}

/// Is a scheduler at work on the convoy that will see it to its end?
pub fn is_watched(dir: &ConvoyDir) -> Result<bool> {
    Ok(is_taken(dir)? && living_holder(dir).is_some_and(|holder| holder.stay == Stay::UntilTheEnd))
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

    #[test]
    fn one_that_leaves_soon_does_not_count_as_watching() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        assert!(!is_taken(&dir).unwrap());
        let round = try_take(&dir, Stay::Briefly).unwrap().unwrap();
        assert_eq!((is_taken(&dir).unwrap(), is_watched(&dir).unwrap()), (true, false));
        assert!(try_take(&dir, Stay::UntilTheEnd).unwrap().is_none());
        drop(round);
        let stays = try_take(&dir, Stay::UntilTheEnd).unwrap().unwrap();
        assert!(is_watched(&dir).unwrap());
        drop(stays);
        assert!(!is_watched(&dir).unwrap(), "the name in the file outlives the lock");
    }

    #[test]
    fn a_held_lock_whose_holder_is_gone_is_not_watched() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        let mut child = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
        let process = ProcessId::of(child.id() as i32).unwrap().unwrap();
        // As if a child between fork and exec still had the descriptor.
        let lock = lock::lock(&dir.watch_lock()).unwrap();
        lock.write(&serde_json::to_vec(&Holder { process, stay: Stay::UntilTheEnd }).unwrap()).unwrap();
        assert!(is_watched(&dir).unwrap());
        child.kill().unwrap();
        assert!(!is_watched(&dir).unwrap(), "from the kill on, also while it is dying");
        child.wait().unwrap();
        assert!(!is_watched(&dir).unwrap());
    }

    #[test]
    fn who_only_asks_keeps_nobody_from_taking() {
        let root = tempfile::tempdir().unwrap();
        let dir = convoy(root.path());
        drop(take(&dir, Stay::UntilTheEnd).unwrap());
        std::thread::scope(|scope| {
            let (stop, stopped) = std::sync::mpsc::channel::<()>();
            let path = &dir;
            scope.spawn(move || {
                while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                    is_taken(path).unwrap();
                }
            });
            for _ in 0..200 {
                // This very process is alive, and signed last.
                fs::write(dir.watch_lock(), "").unwrap();
                assert!(try_take(&dir, Stay::Briefly).unwrap().is_some());
            }
            drop(stop);
        });
    }
}
