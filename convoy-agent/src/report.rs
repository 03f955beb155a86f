//! The attempt's own report: a regular file in the directory that was made for
//! the attempt, and nothing that only looks like it. Its command may have put
//! anything there, so it is opened in the directory itself, which is held from
//! the attempt's beginning on, and never by its path.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io::{self, Read, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base::files::Temporary;
use base::{IoContext, Result};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;
use protocol::outcome::Reason;
use protocol::publish::MAX_REPORT;
use protocol::redact::Secrets;

/// Why there is no completed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) reason: Reason,
    pub(crate) detail: Option<String>,
}

pub(crate) fn rejected(reason: Reason, detail: Option<String>) -> Rejected {
    Rejected { reason, detail }
}

/// `<role>.<n>.out/`, from the attempt's beginning to its end.
#[derive(Debug)]
pub(crate) struct OutDir {
    dir: File,
    path: PathBuf,
    report: PathBuf,
}

impl OutDir {
    /// Makes it. One that is there already is somebody else's.
    pub(crate) fn make(path: &Path, report: &Path) -> Result<Self> {
        DirBuilder::new().mode(0o700).create(path).context("create directory", path)?;
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let dir = open(path, flags, Mode::empty()).map(File::from).context("open", path)?;
        Ok(OutDir { dir, path: path.to_path_buf(), report: report.to_path_buf() })
    }

    /// The report as its command left it; `None` if it wrote none.
    pub(crate) fn open_report(&self) -> std::result::Result<Option<File>, Rejected> {
        Ok(self.open(self.report.file_name().unwrap_or_default())?.map(|(file, _)| file))
    }

    /// What its command wrote under this name, without secrets; `None`: nothing.
    pub(crate) fn read(
        &self,
        name: &str,
        secrets: &Secrets,
    ) -> std::result::Result<Option<Vec<u8>>, Rejected> {
        let Some(mut file) = self.settled(OsStr::new(name), secrets)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let unreadable = |error: io::Error| rejected(Reason::BadReport, Some(base::error::reason(&error)));
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(Some(bytes))
    }

    /// A file of ours for these words, where its command can reach none.
    pub(crate) fn draft(&self, words: &str) -> Result<Temporary> {
        let mut draft = Temporary::private(self.path.parent().unwrap_or(&self.path), "words")?;
        draft.file().write_all(words.as_bytes()).context("write", draft.path())?;
        Ok(draft)
    }

    fn open(&self, name: &OsStr) -> std::result::Result<Option<(File, Metadata)>, Rejected> {
        self.check_place()?;
        let bad = |why: String| rejected(Reason::BadReport, Some(why));
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&self.dir, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP) => return Err(bad("it is a symbolic link".to_owned())),
            Err(error) => return Err(bad(io::Error::from(error).to_string())),
        };
        let found = file.metadata().map_err(|error| bad(base::error::reason(&error)))?;
        let why = if !found.is_file() {
            "not a regular file".to_owned()
        } else if found.nlink() != 1 {
            "it is another file's second name".to_owned()
        } else if found.uid() != nix::unistd::geteuid().as_raw() {
            "it is another user's".to_owned()
        } else if found.len() > MAX_REPORT {
            format!("it is larger than {} MB", MAX_REPORT >> 20)
        } else {
            return Ok(Some((file, found)));
        };
        Err(bad(why))
    }

    /// Takes what was said instead of written as the report.
    pub(crate) fn write_report(
        &self,
        from: impl Read,
        secrets: &Secrets,
    ) -> std::result::Result<(), Rejected> {
        self.check_place()?;
        self.replace(&self.report, from, secrets).map_err(|error| not_whole(&base::error::chain(&error)))
    }

    /// The report as it may be kept: without secrets, for nobody else; `None`: there is none.
    pub(crate) fn settled_report(&self, secrets: &Secrets) -> std::result::Result<Option<File>, Rejected> {
        self.settled(self.report.file_name().unwrap_or_default(), secrets)
    }

    /// The same of any file that its command wrote under this name.
    fn settled(&self, name: &OsStr, secrets: &Secrets) -> std::result::Result<Option<File>, Rejected> {
        let Some((mut file, found)) = self.open(name)? else { return Ok(None) };
        let unreadable = |error: io::Error| rejected(Reason::BadReport, Some(base::error::reason(&error)));
        if found.mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600)).map_err(unreadable)?;
        }
        if secrets.is_empty() {
            return Ok(Some(file));
        }
        let holds_one = secrets.copy(&file, io::sink()).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        if !holds_one {
            return Ok(Some(file));
        }
        let why = |error: base::Error| {
            let why = base::error::chain(&error);
            rejected(Reason::BadReport, Some(format!("a secret could not be taken out of it: {why}")))
        };
        self.replace(&self.path.join(name), file, secrets).map_err(why)?;
        Ok(self.open(name)?.map(|(file, _)| file))
    }

    fn replace(&self, path: &Path, from: impl Read, secrets: &Secrets) -> Result<()> {
        // Not in a directory that its command knows.
        let mut temporary = Temporary::private(self.path.parent().unwrap_or(&self.path), "report")?;
        secrets.copy(from, temporary.file()).context("write", path)?;
        temporary.rename(path)
    }

    /// Is it still the directory of its name?
    fn check_place(&self) -> std::result::Result<(), Rejected> {
        let same = self.dir.metadata().and_then(|ours| {
            let named = std::fs::symlink_metadata(&self.path)?;
            Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
        });
        let why = match same {
            Ok(true) => return Ok(()),
            Ok(false) => "its directory was replaced by another one".to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "its directory was removed".to_owned(),
            Err(error) => base::error::reason(&error),
        };
        Err(rejected(Reason::BadReport, Some(why)))
    }
}

/// A report that was printed or said, and of which something is missing.
pub(crate) fn not_whole(why: &str) -> Rejected {
    rejected(Reason::BadReport, Some(format!("it could not be kept whole: {why}")))
}

#[cfg(test)]
mod tests;
