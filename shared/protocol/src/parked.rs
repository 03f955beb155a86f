//! Parked supervisors: `convoy-agent` processes that wait, each in its session, for
//! their agent's turn. They save the time that opening a session takes, and nothing
//! else: who waits has claimed nothing, so nothing depends on whether it is there,
//! is woken once, twice or never, or has gone meanwhile (P3, P4).
//!
//! Who waits holds the pipe `convoys/<id>/parked/<role>` open and owns it
//! ([`lock::try_own`]). What is written to the pipe wakes it and says nothing: who
//! is woken reads the state.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::clock::BootId;
use base::error::{Error, IoContext, Result, StateProblem};
use base::files;
use base::ids::Role;
use base::lock::{self, FileOwner};
use base::process::{Handle, ProcessId};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use rustix::process::Signal;

use crate::agent::Phase;
use crate::excerpt::Excerpt;
use crate::layout::ConvoyDir;

/// The place of one parked supervisor, its own for as long as this lives.
#[derive(Debug)]
pub struct Place {
    pipe: File,
    path: PathBuf,
}

impl Place {
    /// Takes the place of a role; `None`: another supervisor waits there.
    pub fn take(dir: &ConvoyDir, role: &Role) -> Result<Option<Place>> {
        let path = dir.parked(role);
        // Not with its parents: a convoy that was removed does not come back by this.
        match DirBuilder::new().mode(0o700).create(dir.parked_dir()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).context("create directory", &dir.parked_dir());
            }
            _ => {}
        }
        loop {
            match mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(io::Error::from(error)).context("create", &path),
            }
            // For writing as well: so it never looks closed.
            let pipe = match open(&path, true) {
                Ok(pipe) => pipe,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).context("open", &path),
            };
            if !lock::try_own(&pipe).context("lock", &path)? {
                return Ok(None);
            }
            let place = Place { pipe, path: path.clone() };
            // Else who was here before removed it meanwhile.
            if place.is_of_its_name() {
                return Ok(Some(place));
            }
        }
    }

    fn is_of_its_name(&self) -> bool {
        files::has_name(&self.pipe, &self.path)
    }

    /// Takes all wake-ups that are there.
    pub fn drain(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.pipe).read(&mut bytes), Ok(n) if n > 0) {}
    }
}

impl AsFd for Place {
    /// Readable when somebody woke it.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_of_its_name() {
            // One that stays is taken by the next who waits, or removed at the end.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path, read: bool) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW;
    let file = OpenOptions::new().read(read).write(true).custom_flags(flags.bits()).open(path)?;
    let found = file.metadata()?;
    if found.file_type().is_fifo() && found.uid() == nix::unistd::geteuid().as_raw() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no pipe of this user"))
    }
}

/// Wakes whoever waits for this role's turn. False: nobody does, or nobody who
/// could be woken, whatever the reason; then launch it.
pub fn wake(dir: &ConvoyDir, role: &Role) -> bool {
    // Nobody reads: it cannot be opened for writing.
    let Ok(mut pipe) = open(&dir.parked(role), false) else { return false };
    match pipe.write_all(b"\n") {
        Ok(()) => true,
        // Full of wake-ups.
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// Does somebody wait for this role's turn?
pub fn is_waiting(dir: &ConvoyDir, role: &Role) -> bool {
    open(&dir.parked(role), false).is_ok()
}

/// What a parked supervisor is to do, by the state of its convoy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    NotYet,
    /// This attempt is intended, and not known to be claimed.
    Attempt(u32),
    /// Never, or somebody else's by now; or a newer program than this one has it.
    Over,
}

/// Whose turn is it? `is_wanted`: the roles of the agents that the answer's state is to
/// have, its own beside them. An error: the state cannot be read.
pub fn turn(
    dir: &ConvoyDir,
    role: &Role,
    boot: &BootId,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<(Turn, Option<Excerpt>)> {
    let state = match Excerpt::read(dir, &|other| other == role.as_str() || is_wanted(other)) {
        Ok(state) => state,
        // Removed, or a newer program than this one has it.
        Err(Error::NoConvoy(_) | Error::State { source: StateProblem::Newer { .. }, .. }) => {
            return Ok((Turn::Over, None));
        }
        Err(error) => return Err(error),
    };
    Ok((turn_in(&state, role, boot), Some(state)))
}

/// Only an attempt that the state intends is anybody's to claim (P3), and only in the boot
/// in which it was intended: of an earlier one, power loss may have taken the claim.
fn turn_in(state: &Excerpt, role: &Role, boot: &BootId) -> Turn {
    let Some(agent) = state.agent(role).filter(|_| state.goes_on) else { return Turn::Over };
    let is_of_this_boot = agent.intent.as_ref().is_some_and(|intent| intent.boot == *boot);
    match agent.phase {
        Phase::Launched if is_of_this_boot => Turn::Attempt(agent.attempt),
        Phase::Pending(_) | Phase::Launched => Turn::NotYet,
        Phase::Claimed | Phase::Reaping | Phase::Completed(_) | Phase::Failed(_) => Turn::Over,
    }
}

/// Ends all that wait in a convoy that has ended: woken, they leave by themselves;
/// who has not after `limit` is killed. It has claimed nothing.
pub fn end_all(dir: &ConvoyDir, limit: Duration) -> Result<()> {
    let mut waiting = Vec::new();
    for name in files::names(&dir.parked_dir())? {
        let Some(role) = name.to_str().and_then(|name| name.parse::<Role>().ok()) else { continue };
        let path = dir.parked(&role);
        let pipe = match open(&path, true) {
            Ok(pipe) => pipe,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).context("open", &path),
        };
        // Opened before it is asked for: so it is the one that owns this pipe.
        let owner = owner_of(&pipe).context("look at", &path)?;
        wake(dir, &role);
        waiting.push((pipe, path, owner));
    }
    let deadline = Instant::now() + limit;
    for (pipe, path, owner) in waiting {
        if let Some(owner) = owner
            && !owner.wait(deadline.saturating_duration_since(Instant::now()))
            && let Some(same) = owner_of(&pipe).context("look at", &path)?
            && same.id() == owner.id()
        {
            owner.id().signal(&[Signal::KILL]).context("end", &path)?;
            owner.wait(limit);
        }
        if lock::owner(&pipe).context("look at", &path)? == FileOwner::None {
            files::remove_if_there(&path)?;
        }
    }
    // Not empty, or never there: then it stays as it is.
    let _ = fs::remove_dir(dir.parked_dir());
    Ok(())
}

/// `None`: nobody, or nobody that can be seen from here.
fn owner_of(pipe: &File) -> io::Result<Option<Handle>> {
    let FileOwner::Process(pid) = lock::owner(pipe)? else { return Ok(None) };
    ProcessId::of(pid)?.map_or(Ok(None), ProcessId::open)
}

#[cfg(test)]
mod tests;
