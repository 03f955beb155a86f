//! Writing the files of the state directory so that nobody ever sees half of
//! one. What a user names is written by [`crate::outputs`].

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag};
use nix::unistd::linkat;

use crate::error::{IoContext, Result};
use crate::pieces;
use crate::process::ProcessId;

/// A file that nobody knows of yet: it gets its name when it is whole. Without
/// one it is gone when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    file: File,
    draft: Draft,
}

/// What such a file is called until it gets its name. That is gone when this is dropped.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    /// It has its name: there is nothing to remove.
    is_named: bool,
}

/// Which file a temporary is made for: what its name begins with, after the dot.
fn temporary_name(what: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!(".{what}.{}-{n}.tmp", std::process::id())
}

impl Temporary {
    /// A private one (0600).
    pub fn private(dir: &Path, what: &str) -> Result<Self> {
        Self::open(dir, what, 0o600)
    }

    /// With these permissions, as far as the umask allows them.
    pub fn open(dir: &Path, what: &str, mode: u32) -> Result<Self> {
        loop {
            let path = dir.join(temporary_name(what));
            match OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(&path) {
                Ok(file) => return Ok(Temporary { file, draft: Draft { path, is_named: false } }),
                // Left by a killed program whose process number came around.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).context("create", &path),
            }
        }
    }

    /// The open file, for writing.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where it is until it gets its name.
    pub fn path(&self) -> &Path {
        self.draft.path()
    }

    /// The open file, and what it is called until it gets its name.
    pub fn into_parts(self) -> (File, Draft) {
        (self.file, self.draft)
    }

    /// Writes these bytes behind what is there.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).context("write", self.draft.path())
    }

    fn write_and_sync(&mut self, bytes: &[u8], sync: Sync) -> Result<()> {
        self.write(bytes)?;
        if sync == Sync::Now {
            self.file.sync_all().context("sync", self.draft.path())?;
        }
        Ok(())
    }

    /// Gives it its name, instead of what has that name. An error leaves both as
    /// they are, and may be followed by another try.
    pub fn rename(&mut self, path: &Path) -> Result<()> {
        self.draft.rename(path)
    }
}

impl Draft {
    /// Where the file is until it gets its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn rename(&mut self, path: &Path) -> Result<()> {
        fs::rename(&self.path, path).context("replace", path)?;
        self.is_named = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_named {
            // A name that cannot be removed now is taken for one that was left by a
            // killed program.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the temporary files for `what` that programs which were killed left in
/// a directory. Only tidiness depends on it: what cannot be read or removed stays.
pub fn tidy(dir: &Path, what: &str) {
    let is_left = |name: &str| {
        let owner = name.strip_prefix('.')?.strip_prefix(what)?.strip_suffix(".tmp")?;
        let pid = owner.rsplit('.').next()?.split_once('-')?.0.parse().ok()?;
        Some(matches!(ProcessId::of(pid), Ok(None)))
    };
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.filter_map(io::Result::ok) {
        if entry.file_name().to_str().and_then(is_left) == Some(true) {
            let _ = fs::remove_file(entry.path());
        }
    }
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

/// When a file's bytes must be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    Now,
    /// Surviving the death of processes is enough; the caller syncs in batches.
    Later,
}

/// Replaces `path` by a private file with these bytes, through a temporary in
/// `via` (same file system). Returns the open new file.
pub fn replace(path: &Path, via: &Path, bytes: &[u8], sync: Sync) -> Result<File> {
    let mut temporary = Temporary::private(via, "replace")?;
    temporary.write_and_sync(bytes, sync)?;
    let (file, mut draft) = temporary.into_parts();
    draft.rename(path)?;
    Ok(file)
}

/// Gives a finished file its final name, unless the name is taken. True if it was free.
pub fn link_new(temporary: &Path, path: &Path) -> Result<bool> {
    match fs::hard_link(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).context("create", path),
    }
}

/// Gives an open file `path` as a second name, instead of what has that name.
/// A file that has no name any more gets none.
pub fn replace_by_link(file: &File, path: &Path, via: &Path) -> Result<()> {
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    loop {
        let temporary = via.join(temporary_name("link"));
        match linkat(AT_FDCWD, source.as_str(), AT_FDCWD, &temporary, AtFlags::AT_SYMLINK_FOLLOW) {
            Ok(()) => {
                return fs::rename(&temporary, path).context("replace", path).inspect_err(|_| {
                    // The first error is the one to tell.
                    let _ = fs::remove_file(&temporary);
                });
            }
            Err(Errno::EEXIST) => {}
            Err(Errno::ENOENT) => return Ok(()),
            Err(error) => return Err(error).context("link", path),
        }
    }
}

/// Creates `path` with these bytes if nothing has that name. True if it was free.
pub fn publish_new(path: &Path, via: &Path, bytes: &[u8]) -> Result<bool> {
    let mut temporary = Temporary::private(via, "publish")?;
    temporary.write(bytes)?;
    link_new(temporary.path(), path)
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

/// Opens a file for reading, links followed. A pipe is refused: it may never be
/// written to, and whoever opens it would wait for that.
pub fn open(path: &Path) -> io::Result<File> {
    Ok(look(path)?.0)
}

fn look(path: &Path) -> io::Result<(File, Metadata)> {
    let file = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let found = file.metadata()?;
    if found.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe"));
    }
    Ok((file, found))
}

/// Is this open file still the one of that name? While it is open no other file can be
/// taken for it. False also where that cannot be seen.
pub fn has_name(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (ours.dev(), ours.ino()) == (named.dev(), named.ino())
}

/// All of a file, as [`open`] opens it.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    open_and_read(path).map(|(_, bytes)| bytes)
}

/// The same, and the file.
pub fn open_and_read(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let (file, found) = look(path)?;
    let bytes = pieces::read_sized(&file, found.len())?;
    Ok((file, bytes))
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

/// Of [`open_regular`]: is there nothing of that name, or something else than a
/// regular file (a link, a pipe), where one of ours would be regular?
pub fn is_none_of_ours(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput)
        || error.raw_os_error() == Some(Errno::ELOOP as i32)
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

/// Where a relative path leads to from `dir`, itself relative, without a look at the disk;
/// `None`: out of what both are relative to, or it is absolute.
pub fn joined(dir: &Path, relative: &Path) -> Option<PathBuf> {
    let mut out = dir.to_path_buf();
    for part in relative.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

/// The names in a directory, in no particular order; none where it is not there.
pub fn names(dir: &Path) -> Result<Vec<OsString>> {
    match fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| Ok(entry.context("list", dir)?.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).context("list", dir),
    }
}

/// The last bytes of a file, at most so many; `None` where it is not there.
pub fn read_end(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("read", path),
    };
    let size = file.metadata().context("look at", path)?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(most))).context("read", path)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).context("read", path)?;
    Ok(Some(bytes))
}

/// Removes a file, if there is one of that name.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("remove", path),
        _ => Ok(()),
    }
}

/// Reads a file, or `None` if there is none of that name.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("read", path),
    }
}
