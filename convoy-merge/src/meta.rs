//! What the convoy runtime knows about a merge: `--meta FILE`, and where
//! `--convoy ID` finds that file.

use std::path::PathBuf;

use base::path_text::PathText;
use base::{IoContext, files};
use findings::changed::{Changed, Changes};
use protocol::layout::Home;
use protocol::plan::Gate;
use protocol::{catalog, store};
use serde::Deserialize;

/// The file the runtime writes beside a convoy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    pub title: Option<String>,
    pub project: Option<String>,
    pub files_reviewed: Option<u64>,
    pub static_only: bool,
    pub gate: Gate,
    /// A JSON list of `findings::changed::Changed`: the lines of the change under review.
    pub changed: Option<PathText>,
    pub reviewers: Vec<Reviewer>,
}

/// One reviewer of the convoy, whatever became of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reviewer {
    pub role: String,
    pub reviewer: Option<String>,
    pub state: String,
    pub runner: Option<String>,
    pub model: Option<String>,
    pub reason: Option<String>,
    pub path: Option<String>,
}

impl Reviewer {
    /// The name findings are credited to.
    pub fn name(&self) -> &str {
        self.reviewer.as_deref().unwrap_or(&self.role)
    }

    pub fn completed(&self) -> bool {
        self.state == "completed"
    }
}

impl Meta {
    /// The lines of the change, where there is a base; an error names file and reason.
    pub fn changes(&self) -> Result<Option<Changes>, (PathBuf, String)> {
        let Some(path) = self.changed.as_ref().map(PathText::as_path) else { return Ok(None) };
        let told = |why: String| (path.to_path_buf(), why);
        let bytes = std::fs::read(path).map_err(|error| told(crate::input::plain(&error)))?;
        let changed: Vec<Changed> =
            serde_json::from_slice(&bytes).map_err(|error| told(error.to_string()))?;
        Ok(Some(Changes::new(changed)))
    }

    /// The reviewer whose report lies at `path`.
    pub fn reviewer_of(&self, path: &str) -> Option<&Reviewer> {
        self.reviewers.iter().find(|r| r.path.as_deref() == Some(path))
    }
}

/// The meta file of a convoy's newest merge, if it has come to one. `id`: full,
/// or a unique beginning of its last part.
pub fn of_convoy(home: &Home, id: &str) -> base::Result<Option<PathBuf>> {
    let dir = home.convoy(&catalog::resolve(home, id)?);
    let merge = store::read_state(&dir)?.merge;
    let Some(path) = merge.map(|merge| dir.merge_meta(merge.k)) else { return Ok(None) };
    let found = files::find(&path).context("look at", &path)?;
    Ok(found.is_some_and(|found| found.is_file()).then_some(path))
}
