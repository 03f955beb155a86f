//! Locks: flock on files, through fs2; and fcntl where it must be known who
//! holds one. No other module locks.
//!
//! A lock lives as long as its holder's process; a killed holder leaves none
//! behind. Descriptors are close-on-exec, so a started program never inherits one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::Stdio;

use fs2::FileExt;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use crate::error::{IoContext, Result};
use crate::files;

/// A held lock; released when dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// A child has it, too, and goes on holding it.
    left: bool,
}

impl Lock {
    /// Replaces what the locked file holds, in place: a word for people and for
    /// those who find it locked.
    pub fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all_at(bytes, 0)
    }

    /// For a child that is to hold the lock as well, for as long as it lives.
    pub fn to_hand_on(&self) -> std::io::Result<Stdio> {
        Ok(self.file.try_clone()?.into())
    }

    /// Lets go of it here and leaves it to the child it was handed to.
    pub fn leave_to_heirs(mut self) {
        self.left = true;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Unlocking, not only closing: a child between fork and exec still has
        // a copy of the descriptor, and would hold the lock a moment longer.
        if !self.left {
            let _ = FileExt::unlock(&self.file);
        }
    }
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .context("open lock", path)
}

/// Is the locked file still the one of this name? (It may have been removed
/// while we waited for it.)
fn is_current(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    ours.dev() == named.dev() && ours.ino() == named.ino()
}

/// Waits for the lock, however long it takes.
pub fn lock(path: &Path) -> Result<Lock> {
    loop {
        let file = open(path)?;
        FileExt::lock_exclusive(&file).context("lock", path)?;
        let lock = Lock { file, left: false };
        if is_current(&lock.file, path) {
            return Ok(lock);
        }
    }
}

/// Takes the lock if nobody holds it.
pub fn try_lock(path: &Path) -> Result<Option<Lock>> {
    loop {
        let file = open(path)?;
        match FileExt::try_lock_exclusive(&file) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
                return Ok(None);
            }
            Err(error) => return Err(error).context("lock", path),
        }
        let lock = Lock { file, left: false };
        if is_current(&lock.file, path) {
            return Ok(Some(lock));
        }
    }
}

/// Locks a file that is open already (a claim before it gets its name).
pub fn lock_new(file: File, path: &Path) -> Result<Lock> {
    FileExt::try_lock_exclusive(&file).context("lock", path)?;
    Ok(Lock { file, left: false })
}

/// Does somebody hold the exclusive lock of this open file? Asks with a shared
/// lock, so that two who ask do not see each other.
pub fn is_held(file: &File, path: &Path) -> Result<bool> {
    match FileExt::try_lock_shared(file) {
        Ok(()) => {
            FileExt::unlock(file).context("unlock", path)?;
            Ok(false)
        }
        Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => Ok(true),
        Err(error) => Err(error).context("probe lock", path),
    }
}

/// Does somebody hold the exclusive lock of this file? A missing file is not held.
pub fn is_locked(path: &Path) -> Result<bool> {
    match files::open(path) {
        Ok(file) => is_held(&file, path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context("open lock", path),
    }
}

/// Puts this process down as the owner of an open file (fcntl), unless another
/// process is: then false. Ends with the process, or when it closes the file.
pub fn try_own(file: &File) -> std::io::Result<bool> {
    match fcntl(file, FcntlArg::F_SETLK(&whole_file())) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Which other process owns this open file.
pub fn owner(file: &File) -> std::io::Result<FileOwner> {
    let mut found = whole_file();
    fcntl(file, FcntlArg::F_GETLK(&mut found))?;
    Ok(match (i32::from(found.l_type), found.l_pid) {
        (libc::F_UNLCK, _) => FileOwner::None,
        (_, pid) if pid > 0 => FileOwner::Process(pid),
        _ => FileOwner::OutOfSight,
    })
}

/// Who owns a file, by [`owner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOwner {
    None,
    Process(i32),
    /// Of a pid namespace beside this one.
    OutOfSight,
}

fn whole_file() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}
