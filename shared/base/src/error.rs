//! Errors of the library. I/O errors carry the verb and the path.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use nix::errno::Errno;

use crate::exit::Exit;
use crate::ids::{ConvoyId, Role};

/// What can go wrong with the state directory.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {verb} {}", crate::text::path(.path))]
    Io { verb: &'static str, path: PathBuf, source: io::Error },
    /// A file that a user named to be written.
    #[error("cannot {verb} {}", crate::text::path(.path))]
    Unwritten { verb: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot read state of '{id}'")]
    State { id: String, source: StateProblem },
    #[error("cannot read {}", crate::text::path(.path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("no convoy '{0}'")]
    NoConvoy(String),
    #[error("'{prefix}' is the beginning of {count} convoys", count = .candidates.len())]
    Ambiguous { prefix: String, candidates: Vec<String> },
    #[error("convoy '{id}' is {doing}")]
    Busy { id: String, doing: Doing },
    /// Anything else that cannot be as it is.
    #[error("{what}")]
    Invalid { what: String, hint: Option<String> },
    /// Missing or torn; the state is not.
    #[error("the plan of '{id}' is lost")]
    Plan { id: ConvoyId, source: io::Error },
    /// Attempts whose supervisors are gone, and whose processes may run where
    /// this program cannot look.
    #[error(
        "'{id}': the supervisor of {roles} is gone, and whether its processes are cannot be seen from here",
        roles = .roles.join(", ")
    )]
    OutOfSight { id: ConvoyId, roles: Vec<String> },
    /// An attempt that was placed elsewhere, and what is known of it there.
    #[error("the task of {role} of '{id}' may still run: {why}")]
    MayRun { id: ConvoyId, role: Role, why: String },
    #[error("no convoy can be kept in {}: {what}", crate::text::path(.path))]
    FileSystem { path: PathBuf, what: &'static str },
    #[error("the state directory {} is {owner}'s", crate::text::path(.path))]
    NotOurs { path: PathBuf, owner: String },
    #[error("convoy '{id}' runs on host '{host}', this is '{here}': schedule it there")]
    Elsewhere { id: ConvoyId, host: String, here: String },
    #[error("cannot {verb}: {message}")]
    Launch { verb: &'static str, message: String },
    #[error("cannot {verb}: the tmux server does not answer")]
    Silent { verb: &'static str },
}

/// What a convoy is at, where it would have to be at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Running,
    Stopping,
    Watched,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doing::Running => "still running",
            Doing::Stopping => "being stopped",
            Doing::Watched => "being watched",
        })
    }
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateProblem {
    #[error(transparent)]
    Io(io::Error),
    #[error("{path} is not a convoy state: {source}")]
    Torn { path: String, source: serde_json::Error },
    #[error("schema version {version} is newer than this program knows ({known})")]
    Newer { version: u64, known: u64 },
    #[error("it was written by the previous system; it can be listed, not changed")]
    Legacy,
}

impl Error {
    /// The exit code a program ends with because of this error.
    pub fn exit(&self) -> Exit {
        match self {
            Error::Io { .. } | Error::Launch { .. } | Error::Silent { .. } => Exit::No,
            Error::Unwritten { .. } => Exit::Unwritten,
            Error::State { .. } | Error::Unreadable { .. } | Error::Plan { .. } => Exit::State,
            Error::NoConvoy(_) => Exit::NotFound,
            Error::Ambiguous { .. }
            | Error::Invalid { .. }
            | Error::OutOfSight { .. }
            | Error::FileSystem { .. }
            | Error::NotOurs { .. }
            | Error::Elsewhere { .. } => Exit::Usage,
            Error::Busy { .. } | Error::MayRun { .. } => Exit::Busy,
        }
    }

    /// What cannot be, and what to do about it.
    pub fn invalid(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Invalid { what: what.into(), hint: Some(hint.into()) }
    }

    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Io { source, .. } | Error::Unwritten { source, .. } | Error::Unreadable { source, .. } => {
                advice(source).map(str::to_owned)
            }
            Error::State { id, source } => source.hint(id),
            Error::NoConvoy(_) => Some("pan convoy list --all-projects shows all convoys".to_owned()),
            Error::Ambiguous { candidates, .. } => {
                Some(format!("type more of the one that is meant: {}", candidates.join(", ")))
            }
            Error::Busy { id, doing: Doing::Running } => {
                Some(format!("wait for its end: pan convoy wait {id}; or end it: pan convoy stop {id}"))
            }
            Error::Busy { id, doing: Doing::Stopping } => {
                Some(format!("wait for its end: pan convoy wait {id}"))
            }
            Error::Busy { doing: Doing::Watched, .. } => {
                Some("try again when its watcher has ended".to_owned())
            }
            Error::Invalid { hint, .. } => hint.clone(),
            Error::Plan { id, .. } => Some(format!(
                "end it: pan convoy stop {0}; remove it: pan convoy rm {0}; then start it again",
                id.short()
            )),
            Error::OutOfSight { id, .. } | Error::Elsewhere { id, .. } => Some(format!(
                "resume it where it was started; if that place is gone: pan convoy stop --force {}",
                id.short()
            )),
            Error::MayRun { id, role, .. } => Some(format!(
                "to end it there: pan convoy rm --force {0}; if that node is dead: pan convoy fence {0} {role}",
                id.short()
            )),
            Error::FileSystem { .. } => Some(
                "set PANOPTICON_HOME to a directory of a local file system (ext4, xfs, btrfs, tmpfs)"
                    .to_owned(),
            ),
            Error::NotOurs { owner, .. } => {
                Some(format!("run it as {owner}, or set PANOPTICON_HOME to a directory of your own"))
            }
            Error::Launch { .. } | Error::Silent { .. } => {
                Some("pan doctor looks for what is wrong".to_owned())
            }
        }
    }
}

impl StateProblem {
    fn hint(&self, id: &str) -> Option<String> {
        match self {
            StateProblem::Io(source) => advice(source).map(str::to_owned),
            StateProblem::Torn { .. } => Some(format!(
                "nothing goes on with it: put a copy back that is whole, or remove it: pan convoy rm {id}"
            )),
            StateProblem::Newer { .. } => {
                Some("use the version of convoy that wrote it, or a newer one".to_owned())
            }
            StateProblem::Legacy => Some("start it again: pan convoy start TEMPLATE".to_owned()),
        }
    }
}

/// What a user can do about an I/O error, by its kind.
pub fn advice(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as Kind;
    Some(match error.kind() {
        _ if is_full(error) => "make room; pan convoy prune removes old convoys",
        Kind::NotFound => "check that it is there; a relative path begins in the current directory",
        Kind::NotADirectory => "check the path: a part of it is a file",
        Kind::IsADirectory => "name a file",
        Kind::PermissionDenied => "check its owner and permissions: ls -ld PATH",
        Kind::ReadOnlyFilesystem => "choose a place that can be written to",
        Kind::InvalidFilename => "choose a shorter name",
        Kind::AddrNotAvailable => "choose an address of this machine: ip address",
        Kind::AddrInUse => "choose another port or path, or end what uses it",
        _ => return None,
    })
}

/// Is there no room on the disk, or none left to this user?
pub fn is_full(error: &io::Error) -> bool {
    is_one_of(error, &[Errno::ENOSPC, Errno::EDQUOT])
}

/// Was something refused that the machine may grant in a moment: a process,
/// memory, a descriptor, room on the disk?
pub fn is_shortage(error: &io::Error) -> bool {
    is_full(error) || is_one_of(error, &[Errno::EAGAIN, Errno::ENOMEM, Errno::EMFILE, Errno::ENFILE])
}

/// Is it an error of the moment (something is used up, or broke just now) rather
/// than of what was asked?
pub fn may_pass(error: &io::Error) -> bool {
    is_shortage(error) || is_one_of(error, &[Errno::EIO, Errno::EINTR, Errno::ESTALE, Errno::ENOLCK])
}

fn is_one_of(error: &io::Error, errnos: &[Errno]) -> bool {
    error.raw_os_error().is_some_and(|code| errnos.contains(&Errno::from_raw(code)))
}

/// An error with its causes, joined by `: `.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = plain(&error.to_string());
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = plain(&next.to_string());
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}

/// An error for people who read it in a line of ours: what the system said in
/// lower case, without its number.
pub fn reason(error: &(impl std::fmt::Display + ?Sized)) -> String {
    plain(&error.to_string())
}

/// The words of an error, without the system's number at their end: a `strerror`
/// text, which goes on a line in lower case.
pub(crate) fn plain(text: &str) -> String {
    let Some((before, number)) = text.rsplit_once(" (os error ") else { return text.to_owned() };
    if number.strip_suffix(')').is_none_or(|number| number.parse::<i32>().is_err()) {
        return text.to_owned();
    }
    // What is before the system's own words is ours.
    let (ours, system) = match before.rsplit_once(": ") {
        Some((ours, system)) => (format!("{ours}: "), system),
        None => (String::new(), before),
    };
    // `I/O error`, `RPC …` are written so.
    let is_word = system.chars().nth(1).is_some_and(char::is_lowercase);
    let mut rest = system.chars();
    match rest.next().filter(|_| is_word) {
        Some(first) => format!("{ours}{}{}", first.to_lowercase(), rest.as_str()),
        None => format!("{ours}{system}"),
    }
}

/// What may fail with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Adds verb and path to an I/O error.
pub trait IoContext<T> {
    fn context(self, verb: &'static str, path: &Path) -> Result<T>;
}

impl<T, E: Into<io::Error>> IoContext<T> for std::result::Result<T, E> {
    fn context(self, verb: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { verb, path: path.to_path_buf(), source: source.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_quoted_without_its_number() {
        for (number, want) in [(2, "no such file or directory"), (28, "no space left on device")] {
            assert_eq!(reason(&io::Error::from_raw_os_error(number)), want);
        }
        assert_eq!(plain("Input/output error (os error 5)"), "input/output error");
        assert_eq!(
            plain("cannot open x: Permission denied (os error 13)"),
            "cannot open x: permission denied"
        );
        for text in ["it is a pipe", "Quoted (os error of a friend)", "RPC"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_a_user_can_do_is_said() {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let (id, path) = (|| "x".to_owned(), || PathBuf::from("/x"));
        let whole: ConvoyId = "convoy-x-abc234".parse().unwrap();
        let busy = |doing| Error::Busy { id: id(), doing };
        let state = |source| Error::State { id: id(), source };
        let torn = serde_json::from_str::<u8>("x").unwrap_err();
        for error in [
            Error::Io { verb: "read", path: path(), source: gone() },
            Error::Unwritten { verb: "write", path: path(), source: gone() },
            Error::Unreadable { path: path(), source: gone() },
            Error::NoConvoy(id()),
            Error::Ambiguous { prefix: id(), candidates: vec!["convoy-x-abc234".to_owned()] },
            busy(Doing::Running),
            busy(Doing::Stopping),
            busy(Doing::Watched),
            Error::invalid("x", "y"),
            Error::Plan { id: whole.clone(), source: gone() },
            Error::OutOfSight { id: whole.clone(), roles: vec![id()] },
            Error::MayRun { id: whole.clone(), role: "r".parse().unwrap(), why: id() },
            Error::FileSystem { path: path(), what: "x" },
            Error::NotOurs { path: path(), owner: id() },
            Error::Elsewhere { id: whole, host: id(), here: id() },
            Error::Launch { verb: "x", message: id() },
            Error::Silent { verb: "x" },
            state(StateProblem::Io(gone())),
            state(StateProblem::Torn { path: id(), source: torn }),
            state(StateProblem::Newer { version: 9, known: 1 }),
            state(StateProblem::Legacy),
        ] {
            assert!(error.hint().is_some(), "{error}");
        }
        for kind in [28, 122, 2, 20, 21, 13, 30, 36, 98, 99] {
            assert!(advice(&io::Error::from_raw_os_error(kind)).is_some(), "{kind}");
        }
        assert_eq!(advice(&io::Error::other("x")), None);
    }

    #[test]
    fn a_chain_says_each_cause_once() {
        let error =
            Error::State { id: "x".to_owned(), source: StateProblem::Io(io::Error::from_raw_os_error(13)) };
        assert_eq!(chain(&error), "cannot read state of 'x': permission denied");
    }
}
