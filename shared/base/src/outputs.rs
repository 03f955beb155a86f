//! Files a user names: `-o`, `--also`, `--sarif`, `--summary`.
//!
//! A regular file is replaced at once and keeps its permissions, a new one gets
//! those of the umask; a reader sees the old one or the new one. Everything else
//! that has the name stays what it is and is written into: devices, pipes (which
//! wait for their reader, as for any program), and what a link leads to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::error::{Error, IoContext, Result};
use crate::files::{self, Temporary};

/// So many links on the way to a file are followed, as the kernel does.
const MOST_LINKS: usize = 40;

/// What a name leads to.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// Nothing is there yet. The path is without links at its end.
    Free(PathBuf),
    /// A regular file, by its own path.
    Regular(PathBuf),
    /// An open descriptor of this process, by the name it has in `/proc`.
    Descriptor(u32),
    /// Anything else.
    Other,
}

/// Writes a file the user named, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |out| out.write_all(bytes))
}

/// The same for what is made while it is written.
pub fn write_with(path: &Path, put: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_to(path, put).map_err(unwritten)
}

/// It is not one of ours: its error has an exit code of its own.
fn unwritten(error: Error) -> Error {
    match error {
        Error::Io { verb, path, source } => Error::Unwritten { verb, path, source },
        error => error,
    }
}

fn write_to(path: &Path, put: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    match target(path).context("write", path)? {
        Target::Free(real) => replace(&real, None, put),
        Target::Regular(real) => {
            let old = fs::metadata(&real).context("look at", &real)?;
            replace(&real, Some(&old), put)
        }
        Target::Descriptor(number) => to_descriptor(number, put).map_err(reader_left).context("write", path),
        Target::Other => {
            let open = OpenOptions::new().write(true).open(path);
            open.and_then(|mut file| put(&mut file)).map_err(reader_left).context("write", path)
        }
    }
}

/// Appends to a file the user named; what has other authors is not replaced. A
/// regular file that cannot take all of it is left as it was.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    append_to(path, bytes).map_err(unwritten)
}

fn append_to(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path).context("open", path)?;
    let before = file.metadata().context("look at", path)?;
    file.write_all(bytes).map_err(reader_left).context("append to", path).inspect_err(|_| {
        if before.is_file() {
            // The first error is the one to tell.
            let _ = file.set_len(before.len());
        }
    })
}

/// Removes what an earlier run wrote, so that nobody takes it for what this one
/// writes. Only a regular file is that.
pub fn retract(path: &Path) -> Result<()> {
    match target(path).context("look at", path)? {
        Target::Regular(real) => fs::remove_file(&real).context("remove", &real),
        Target::Free(_) | Target::Descriptor(_) | Target::Other => Ok(()),
    }
}

fn replace(
    path: &Path,
    old: Option<&fs::Metadata>,
    put: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let (dir, name) = (directory(path), path.file_name().unwrap_or_default().to_string_lossy());
    files::tidy(dir, &name);
    // Of a temporary nobody has heard: what is told is of the file that was named.
    let named = |error| match error {
        Error::Io { source, .. } => Error::Io { verb: "write", path: path.to_path_buf(), source },
        error => error,
    };
    let mut temporary = Temporary::open(dir, &name, 0o666).map_err(named)?;
    put(temporary.file()).context("write", path)?;
    if let Some(old) = old {
        let file = temporary.file();
        let new = file.metadata().context("look at", path)?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            match std::os::unix::fs::fchown(&*file, Some(old.uid()), Some(old.gid())) {
                // Who may not give files away owns what it writes.
                Err(error) if error.raw_os_error() == Some(Errno::EPERM as i32) => {}
                given => given.context("keep the owner of", path)?,
            }
        }
        let mode = fs::Permissions::from_mode(old.mode() & 0o777);
        file.set_permissions(mode).context("keep the permissions of", path)?;
    }
    // Some file systems tell only now that there is no room.
    temporary.file().sync_all().context("write", path)?;
    temporary.rename(path)
}

/// The directory a file is in.
pub fn directory(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn target(path: &Path) -> io::Result<Target> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if let Some(number) = descriptor(&path) {
            return Ok(Target::Descriptor(number));
        }
        let found = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Target::Free(path)),
            found => found?,
        };
        if found.is_file() {
            return Ok(Target::Regular(path));
        }
        if !found.is_symlink() {
            return Ok(Target::Other);
        }
        path = directory(&path).join(fs::read_link(&path)?);
    }
    Err(Errno::ELOOP.into())
}

/// Descriptors have names whose links lead nowhere: opened anew, a file would be
/// written from its beginning, over what was redirected there before.
fn descriptor(path: &Path) -> Option<u32> {
    let number = |dir| path.strip_prefix(dir).ok()?.to_str()?.parse().ok();
    ["/proc/self/fd", "/dev/fd"].into_iter().find_map(number)
}

fn to_descriptor(number: u32, put: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = match number {
        1 => File::from(io::stdout().as_fd().try_clone_to_owned()?),
        2 => File::from(io::stderr().as_fd().try_clone_to_owned()?),
        number => OpenOptions::new().append(true).open(format!("/proc/self/fd/{number}"))?,
    };
    put(&mut file)
}

/// Of standard output that is the reader's choice; a file was to be written.
fn reader_left(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => io::Error::other("its reader went away"),
        _ => error,
    }
}

#[cfg(test)]
mod tests;
