//! Errors of the library. I/O errors carry the verb and the path.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;

/// What can go wrong with the state directory.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {verb} {}", crate::text::path(.path))]
    Io { verb: &'static str, path: PathBuf, source: io::Error },
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
            Error::State { .. } | Error::Unreadable { .. } => Exit::State,
            Error::NoConvoy(_) => Exit::NotFound,
            Error::Ambiguous { .. } | Error::Invalid(_) => Exit::Usage,
            Error::Busy { .. } => Exit::Busy,
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
