//! Errors of the library. I/O errors carry the verb and the path.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::ids::ConvoyId;

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
    #[error("convoy '{id}' is {what}")]
    Busy { id: String, what: &'static str },
    #[error("{0}")]
    Invalid(String),
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
            | Error::Invalid(_)
            | Error::OutOfSight { .. }
            | Error::FileSystem { .. }
            | Error::NotOurs { .. }
            | Error::Elsewhere { .. } => Exit::Usage,
            Error::Busy { .. } => Exit::Busy,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Plan { id, .. } => Some(format!(
                "end it: pan convoy stop {0}; remove it: pan convoy rm {0}; then start it again",
                id.short()
            )),
            Error::OutOfSight { id, .. } | Error::Elsewhere { id, .. } => Some(format!(
                "resume it where it was started; if that place is gone: pan convoy stop --force {}",
                id.short()
            )),
            Error::FileSystem { .. } => Some(
                "set PANOPTICON_HOME to a directory of a local file system (ext4, xfs, btrfs, tmpfs)"
                    .to_owned(),
            ),
            Error::NotOurs { owner, .. } => {
                Some(format!("run it as {owner}, or set PANOPTICON_HOME to a directory of your own"))
            }
            Error::Io { source, .. } if crate::files::is_full(source) => {
                Some("make room; pan convoy prune removes old convoys".to_owned())
            }
            _ => None,
        }
    }
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
    fn a_chain_says_each_cause_once() {
        let error =
            Error::State { id: "x".to_owned(), source: StateProblem::Io(io::Error::from_raw_os_error(13)) };
        assert_eq!(chain(&error), "cannot read state of 'x': permission denied");
    }
}
