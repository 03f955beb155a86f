//! The files of a review in rounds: `rounds/<id of its first convoy>/`.

use std::path::PathBuf;

use base::ids::ConvoyId;

use super::Home;

/// The directory of one review in rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundsDir {
    dir: PathBuf,
}

impl Home {
    /// Reviews in rounds.
    pub fn rounds(&self) -> PathBuf {
        self.root().join("rounds")
    }

    /// That of the rounds that began with this convoy.
    pub fn rounds_of(&self, id: &ConvoyId) -> RoundsDir {
        RoundsDir { dir: self.rounds().join(id.as_str()) }
    }
}

impl RoundsDir {
    /// The directory itself.
    pub fn dir(&self) -> PathBuf {
        self.dir.clone()
    }

    /// What it has come to; replaced whole, by its driver alone.
    pub fn record(&self) -> PathBuf {
        self.dir.join("rounds.json")
    }

    /// Locked by its driver as long as it runs.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    /// The work tree of its branch.
    pub fn tree(&self) -> PathBuf {
        self.dir.join("tree")
    }

    /// The command that fixes, and the variables that it is given.
    pub fn command(&self) -> PathBuf {
        self.dir.join("command.json")
    }

    /// The issues as they were at the first review.
    pub fn issues(&self) -> PathBuf {
        self.dir.join("issues.json")
    }

    /// The template of the convoy that runs it.
    pub fn template(&self) -> PathBuf {
        self.dir.join("fix.json")
    }

    /// What was said when that convoy was started.
    pub fn start_log(&self) -> PathBuf {
        self.dir.join("start.log")
    }

    /// Where that convoy's reports go.
    pub fn reports(&self) -> PathBuf {
        self.dir.join("reports")
    }
}
