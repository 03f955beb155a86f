//! Writing files so that nobody ever sees half of one.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::OFlag;

use crate::error::{IoContext, Result};

/// A name for a temporary file nobody else uses, beside `path` or in `dir`.
pub fn temporary_in(dir: &Path, what: &str) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    dir.join(format!(".{what}.{}-{n}.tmp", std::process::id()))
}

/// Creates a new private file for writing.
pub fn create_new(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).context("create", path)
}

/// Makes a private directory (0700), and its parents.
pub fn create_private_dir(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).context("create directory", path)
}

/// A directory whose name others could have taken: it must be ours and private.
pub fn check_private_dir(path: &Path) -> Result<()> {
    let found = fs::symlink_metadata(path).context("look at", path)?;
    if found.is_dir() && found.uid() == nix::unistd::getuid().as_raw() && found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    let error = io::Error::new(io::ErrorKind::PermissionDenied, "it is not a private directory of this user");
    Err(error).context("use", path)
}

fn fill(temporary: &Path, bytes: &[u8], sync: Sync) -> Result<File> {
    let mut file = create_new(temporary)?;
    file.write_all(bytes).context("write", temporary)?;
    if sync == Sync::Now {
        file.sync_all().context("sync", temporary)?;
    }
    Ok(file)
}

/// When a file's bytes must be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    Now,
    /// Surviving the death of processes is enough; the caller syncs in batches.
    Later,
}

/// Replaces `path` by a file with these bytes, through a temporary in `via`
/// (same file system). Returns the open new file.
pub fn replace(path: &Path, via: &Path, bytes: &[u8], sync: Sync) -> Result<File> {
    let temporary = temporary_in(via, "replace");
    let done = fill(&temporary, bytes, sync)
        .and_then(|file| fs::rename(&temporary, path).context("replace", path).map(|()| file));
    if done.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    done
}

/// Gives a finished file its final name, unless the name is taken. True if it was free.
pub fn link_new(temporary: &Path, path: &Path) -> Result<bool> {
    match fs::hard_link(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).context("create", path),
    }
}

/// Creates `path` with these bytes if nothing has that name. True if it was free.
pub fn publish_new(path: &Path, via: &Path, bytes: &[u8]) -> Result<bool> {
    let temporary = temporary_in(via, "publish");
    let done = fill(&temporary, bytes, Sync::Later).and_then(|_| link_new(&temporary, path));
    let _ = fs::remove_file(&temporary);
    done
}

/// Appends whole lines in one write. A line torn by a crash is closed first, so
/// that it spoils no other.
pub fn append_lines(path: &Path, mut lines: Vec<u8>) -> Result<()> {
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .context("open", path)?;
    if file.seek(SeekFrom::End(-1)).is_ok() {
        let mut last = [0];
        if file.read(&mut last).context("read", path)? == 1 && last[0] != b'\n' {
            lines.insert(0, b'\n');
        }
    }
    file.write_all(&lines).context("append to", path)
}

/// Makes names created or replaced in a directory survive power loss.
pub fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|dir| dir.sync_all()).context("sync", path)
}

/// Opens a regular file that came from outside: never follows a link at the
/// end of the path, never hangs on a FIFO.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}

/// What a name stands for, links followed; `None` if it stands for nothing.
pub fn find(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The names in a directory, in no particular order; none where it is not there.
pub fn names(dir: &Path) -> Result<Vec<OsString>> {
    match fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| Ok(entry.context("list", dir)?.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).context("list", dir),
    }
}

/// Removes a file, if there is one of that name.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("remove", path),
        _ => Ok(()),
    }
}

/// Is it an error of the moment (something is used up, or broke just now) rather
/// than of what was asked?
pub fn may_pass(error: &io::Error) -> bool {
    let passing = [
        Errno::EIO,
        Errno::ENOSPC,
        Errno::EDQUOT,
        Errno::EMFILE,
        Errno::ENFILE,
        Errno::ENOMEM,
        Errno::EAGAIN,
        Errno::EINTR,
        Errno::ESTALE,
        Errno::ENOLCK,
    ];
    error.raw_os_error().is_some_and(|code| passing.contains(&Errno::from_raw(code)))
}

/// Reads a file, or `None` if there is none of that name.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("read", path),
    }
}
