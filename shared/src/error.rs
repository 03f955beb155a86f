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
    #[error("schema version {0} is newer than this program knows ({known})", known = crate::state::SCHEMA_VERSION)]
    Newer(u64),
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
                "end it with convoy-ctl stop {0}, remove it with convoy-ctl rm {0}; it can only be started anew",
                id.short()
            )),
            Error::OutOfSight { id, .. } | Error::Elsewhere { id, .. } => Some(format!(
                "resume it where it was started; if that place is no more: convoy-ctl stop --force {}",
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
                Some("make room; convoy-ctl prune removes old convoys".to_owned())
            }
            _ => None,
        }
    }
}

/// An error with its causes, joined by `: `.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
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
