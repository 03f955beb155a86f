//! The files of one attempt of one agent.

use std::path::{Path, PathBuf};

/// The files of one attempt of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFiles {
    pub(super) dir: PathBuf,
    pub(super) stem: String,
}

/// The far side's files of one attempt: for each run of its command, counted from 1,
/// an order, a claim and a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarFiles {
    dir: PathBuf,
}

impl FarFiles {
    /// Those in this directory: the far side is told nothing else.
    pub fn at(dir: PathBuf) -> Self {
        FarFiles { dir }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the shim is to run; with the command's environment, so gone when it begins.
    pub fn order(&self, run: u32) -> PathBuf {
        self.dir.join(format!("{run}.order"))
    }

    /// Made by the shim that runs it, or by who made it void.
    pub fn claim(&self, run: u32) -> PathBuf {
        self.dir.join(format!("{run}.begun"))
    }

    /// How it ended, by the shim.
    pub fn record(&self, run: u32) -> PathBuf {
        self.dir.join(format!("{run}.ended"))
    }

    /// There when it is proved that nothing of it is left, and no record.
    pub(crate) fn gone(&self, run: u32) -> PathBuf {
        self.dir.join(format!("{run}.gone"))
    }

    /// What is known of where it is, for people.
    pub(crate) fn shown(&self) -> PathBuf {
        self.dir.join("place.json")
    }

    /// The run a file in there is of.
    pub(crate) fn run_of(name: &str) -> Option<u32> {
        let (run, what) = name.split_once('.')?;
        matches!(what, "order" | "begun" | "ended").then(|| run.parse().ok())?
    }
}

impl AttemptFiles {
    /// Where this attempt and its far side meet.
    pub fn far(&self) -> FarFiles {
        FarFiles { dir: self.file("far") }
    }

    /// `convoys/<id>/`
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn file(&self, extension: &str) -> PathBuf {
        self.dir.join(format!("{}.{extension}", self.stem))
    }

    /// The claim: linked once, by whoever runs the attempt (P4).
    pub fn started(&self) -> PathBuf {
        self.file("started")
    }

    /// The record: linked once, when nothing of the attempt runs.
    pub fn exit(&self) -> PathBuf {
        self.file("exit")
    }

    /// The prompt as it was given.
    pub fn prompt(&self) -> PathBuf {
        self.file("prompt.md")
    }

    /// What the command printed, without secrets.
    pub fn log(&self) -> PathBuf {
        self.file("log")
    }

    /// When what of the log was written, for people: lines `MILLISECONDS-SINCE-1970 OFFSET`.
    pub fn times(&self) -> PathBuf {
        self.file("times")
    }

    /// The CLI's raw event stream.
    pub fn stream(&self) -> PathBuf {
        self.file("jsonl")
    }

    /// What the command printed, where that may become its report.
    pub fn stdout(&self) -> PathBuf {
        self.file("stdout")
    }

    /// Tokens and cost of an attempt that runs, for others to add up.
    pub fn usage(&self) -> PathBuf {
        self.file("usage")
    }

    /// NUL-separated paths, where this agent has only a part of the convoy's files.
    pub fn files(&self) -> PathBuf {
        self.file("files")
    }

    /// The directory that the command may write into.
    pub fn out_dir(&self) -> PathBuf {
        self.file("out")
    }

    /// What an agent is given to judge besides the project, where it may read it.
    pub fn facts(&self) -> PathBuf {
        self.out_dir().join("facts.md")
    }

    /// The report, in that directory.
    pub fn report(&self) -> PathBuf {
        self.out_dir().join("report.md")
    }

    /// The schema its findings are asked for by, for CLIs that want a file.
    pub fn schema(&self) -> PathBuf {
        self.file("schema.json")
    }

    /// The findings as the reviewer itself wrote them, if it can.
    pub fn answer(&self) -> PathBuf {
        self.out_dir().join("findings.json")
    }

    /// The findings as they were judged (`findings::Document`): checked, with the
    /// scope that was proved. Only of a review that was read as data.
    pub fn findings(&self) -> PathBuf {
        self.file("findings.json")
    }

    /// What a verifier made of its findings (`findings::second_look::Looks`): checked, and
    /// with what of it counts.
    pub fn verification(&self) -> PathBuf {
        self.file("verification.json")
    }

    /// What the reviewer read (`findings::Scope`), however its report was read.
    pub fn scope(&self) -> PathBuf {
        self.file("scope.json")
    }
}
