//! Why what is remembered of a project cannot be had.

use std::fmt;
use std::path::PathBuf;

use base::exit::Exit;
use base::program::Failure;
use base::text;

use crate::book::VERSION;

/// Why the decisions of a project cannot be had. Never the same as "none".
#[derive(Debug)]
pub enum Problem {
    /// What is there cannot be understood.
    Torn {
        path: PathBuf,
        why: String,
    },
    /// A newer build wrote it.
    Newer {
        path: PathBuf,
        version: u64,
    },
    Other(base::Error),
    Project(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Torn { path, why } => {
                write!(f, "cannot read the decisions of this project in {}: {why}", text::path(path))
            }
            Problem::Newer { path, version } => write!(
                f,
                "the decisions of this project in {} are of version {version}, this program knows up to {VERSION}",
                text::path(path)
            ),
            Problem::Other(error) => f.write_str(&base::error::chain(error)),
            Problem::Project(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Problem {}

impl From<base::Error> for Problem {
    fn from(error: base::Error) -> Self {
        Problem::Other(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let shown = problem.to_string();
        match problem {
            Problem::Torn { path, .. } => {
                let failure = Failure::new(Exit::State, shown);
                let path = text::path(&path);
                failure.hint(format!(
                    "put a copy back that is whole, or start again without what was decided: mv {path} {path}.torn"
                ))
            }
            Problem::Newer { .. } => {
                Failure::new(Exit::State, shown).hint("use the newer convoy that wrote it")
            }
            // Whole, with the hint that it has.
            Problem::Other(error) => error.into(),
            Problem::Project(_) => Failure::new(Exit::Usage, shown),
        }
    }
}
