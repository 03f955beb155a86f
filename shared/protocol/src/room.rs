//! Room on the disk for the two states that must not be lost for want of it:
//! that a convoy is being stopped, and that it has ended. An agent that fills the
//! disk can be stopped, and the end is told.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use base::error::{IoContext, Result};
use base::files::{self, Sync};

use crate::layout::{ConvoyDir, Purpose};
use crate::state::State;

/// A state grows by what becomes of its agents: so much each, and so much at all.
const AGENT: usize = 1 << 10;
const CONVOY: usize = 4 << 10;

/// What room a change of the state may use.
pub(crate) fn purpose_of(old: Option<&State>, new: &State) -> Option<Purpose> {
    match new.stopping {
        _ if new.ended() => Some(Purpose::End),
        Some(_) if old.is_none_or(|old| old.stopping.is_none()) => Some(Purpose::Stop),
        Some(_) | None => None,
    }
}

/// And so much each for agents that are not in it yet.
const NEW_AGENT: usize = 2 << 10;

/// Sets room aside for a convoy whose state takes `size` bytes now, and which may come
/// to have so many more agents.
pub fn set_aside(dir: &ConvoyDir, state: &State, more: usize, size: usize) -> Result<()> {
    let blanks = vec![b' '; size + AGENT * state.agents.len() + NEW_AGENT * more + CONVOY];
    for purpose in [Purpose::Stop, Purpose::End] {
        // Written, not fallocated: some file systems only promise on write.
        files::replace(&dir.room(purpose), &dir.dir(), &blanks, Sync::Later)?;
    }
    Ok(())
}

/// Makes the room the state file, with these bytes. False: there is none, or not
/// enough. Under the state lock.
pub(crate) fn spend(dir: &ConvoyDir, purpose: Purpose, bytes: &[u8], sync: Sync) -> Result<Option<fs::File>> {
    let path = dir.room(purpose);
    let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("open", &path),
    };
    let room = file.metadata().context("look at", &path)?.len();
    let Some(blank) = usize::try_from(room).ok().and_then(|room| room.checked_sub(bytes.len())) else {
        return Ok(None);
    };
    // Trailing blanks are legal JSON, and give no room back.
    let text = [bytes, &vec![b' '; blank]].concat();
    file.write_all(&text).context("write", &path)?;
    if sync == Sync::Now {
        file.sync_all().context("sync", &path)?;
    }
    fs::rename(&path, dir.state()).context("replace", &dir.state())?;
    Ok(Some(file))
}

/// Gives the room of an ended convoy back.
pub(crate) fn release(dir: &ConvoyDir) {
    for purpose in [Purpose::Stop, Purpose::End] {
        // What stays goes with the convoy.
        let _ = fs::remove_file(dir.room(purpose));
    }
}
