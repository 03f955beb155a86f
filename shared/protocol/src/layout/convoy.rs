//! The files of one convoy.

use std::path::{Path, PathBuf};

use base::ids::{ConvoyId, Role};

use super::{AttemptFiles, Home};

/// What a piece of room is for; each is used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Stop,
    End,
}

/// The files of one convoy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvoyDir {
    convoys: PathBuf,
    id: ConvoyId,
}

impl ConvoyDir {
    pub(super) fn new(convoys: PathBuf, id: ConvoyId) -> Self {
        ConvoyDir { convoys, id }
    }

    /// Whose files they are.
    pub fn id(&self) -> &ConvoyId {
        &self.id
    }

    /// The state directory it is in.
    pub fn home(&self) -> Home {
        Home::new(self.convoys.parent().unwrap_or(&self.convoys))
    }

    /// `convoys/`, the directory the state file is in.
    pub fn parent(&self) -> &Path {
        &self.convoys
    }

    /// `convoys/<id>/`
    pub fn dir(&self) -> PathBuf {
        self.convoys.join(self.id.as_str())
    }

    /// The state; whoever writes it holds [`ConvoyDir::lock`].
    pub fn state(&self) -> PathBuf {
        self.convoys.join(format!("{}.json", self.id))
    }

    /// Its directory while that is being removed.
    pub fn removed(&self) -> PathBuf {
        self.convoys.join(format!("{}.removed", self.id))
    }

    /// Held by whoever changes the state.
    pub fn lock(&self) -> PathBuf {
        self.convoys.join(format!("{}.lock", self.id))
    }

    fn file(&self, name: &str) -> PathBuf {
        let mut path = self.dir();
        path.push(name);
        path
    }

    /// Held by its watcher as long as that lives.
    pub fn watch_lock(&self) -> PathBuf {
        self.file("watch.lock")
    }

    /// What a background watcher says.
    pub fn watch_log(&self) -> PathBuf {
        self.file("watch.log")
    }

    /// The plan; written once, at the start.
    pub fn plan(&self) -> PathBuf {
        self.file("plan.json")
    }

    /// The journal: one line per change of the state.
    pub fn events(&self) -> PathBuf {
        self.file("events.jsonl")
    }

    /// The last state that is known to be on the disk.
    pub fn synced(&self) -> PathBuf {
        self.file("synced.json")
    }

    /// Room for a state that must not be lost on a full disk.
    pub fn room(&self, purpose: Purpose) -> PathBuf {
        self.file(match purpose {
            Purpose::Stop => "stop.room",
            Purpose::End => "end.room",
        })
    }

    /// A torn state that was set aside.
    pub fn torn(&self) -> PathBuf {
        self.convoys.join(format!("{}.json.torn", self.id))
    }

    /// The state of a convoy that is being removed.
    pub fn removed_state(&self) -> PathBuf {
        self.file("removed.json")
    }

    /// There where something is to be run at the end ([`crate::hooks`]), and what became of it.
    pub(crate) fn hooks(&self) -> PathBuf {
        self.file("hooks.json")
    }

    /// Locked by whoever runs that.
    pub(crate) fn hooks_lock(&self) -> PathBuf {
        self.file("hooks.lock")
    }

    /// NUL-separated `KEY=VALUE`, 0600.
    pub fn env(&self) -> PathBuf {
        self.file("env")
    }

    /// NUL-separated paths of the files under review, relative to the project.
    pub fn files(&self) -> PathBuf {
        self.file("files")
    }

    /// Where there is a base: the lines that differ from it (`findings::changed::Changed`).
    pub fn changed(&self) -> PathBuf {
        self.file("changed.json")
    }

    /// What was known of the project's findings at the start of a review.
    pub fn known(&self) -> PathBuf {
        self.file("known.json")
    }

    /// What was under review at its start, file by file, and by whom.
    pub fn contents(&self) -> PathBuf {
        self.file("contents.json")
    }

    /// What the static reviewers are told of other linters, where they are told anything.
    pub fn joined(&self) -> PathBuf {
        self.file("joined.json")
    }

    /// What `convoy-merge` is told beside the reports: roles, runners, who is missing.
    pub fn merge_meta(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.meta.json"))
    }

    /// The merged report for people, of the k-th merge.
    pub fn merge_report(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.md"))
    }

    /// The merged findings as JSON, of the k-th merge.
    pub fn merge_findings(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.json"))
    }

    /// Locked as long as a merge program works on the k-th merge, and who that is.
    pub fn merge_lock(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.lock"))
    }

    /// What the merge program writes: whole, and not yet published.
    pub fn merge_draft_report(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.draft.md"))
    }

    /// The findings beside that draft.
    pub fn merge_draft_findings(&self, k: u32) -> PathBuf {
        self.file(&format!("merge.{k}.draft.json"))
    }

    /// The n-th time that agents of a stage came into being, counted from 1.
    pub fn expansion(&self, role: &Role, n: usize) -> PathBuf {
        match n {
            0 | 1 => self.file(&format!("expansion.{role}.json")),
            n => self.file(&format!("expansion.{role}.{n}.json")),
        }
    }

    /// The own configuration directory of a role's CLI, for all of its attempts.
    pub fn cli_config(&self, role: &Role) -> PathBuf {
        self.file(&format!("{role}.config"))
    }

    /// Where a role's CLI starts that does not start in the project: one for all
    /// of its attempts, because CLIs keep their conversations by directory.
    pub fn cli_cwd(&self, role: &Role) -> PathBuf {
        self.cli_config(role).join("cwd")
    }

    /// What a CLI that starts in a directory of its own is told to use for
    /// temporary files; emptied before a command is run, gone after it.
    pub fn cli_tmp(&self, role: &Role) -> PathBuf {
        self.cli_config(role).join("tmp")
    }

    /// The pipes of parked supervisors. Not in the convoy's own directory: who
    /// watches that need not know of them.
    pub(crate) fn parked_dir(&self) -> PathBuf {
        self.file("parked")
    }

    /// By which the supervisor that waits for this role's turn is woken.
    pub(crate) fn parked(&self, role: &Role) -> PathBuf {
        self.parked_dir().join(role.as_str())
    }

    /// The files of one attempt of a role, counted from 1.
    pub fn attempt(&self, role: &Role, attempt: u32) -> AttemptFiles {
        AttemptFiles { dir: self.dir(), stem: format!("{role}.{attempt}") }
    }
}
