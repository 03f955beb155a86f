//! Where an agent's command runs, if that is not simply beside its supervisor: an
//! executor, resolved for one agent.

use std::collections::BTreeMap;

use base::encoded_path::EncodedPath;
use base::ids::Name;
use serde::{Deserialize, Serialize};

use super::Origin;

/// An executor for one agent. The words may hold the placeholders of
/// [`crate::far::PLACEHOLDERS`], which are filled in for the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    pub executor: Name,
    pub executor_origin: Origin,
    /// The placing command, absolute.
    pub program: EncodedPath,
    /// Its words; the shim's follow.
    pub words: Vec<PlaceWords>,
    pub proof: Proof,
    /// The placing command hands its words to a shell: none may mean anything there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shell: bool,
    /// Variables that the placing command is given besides the basic ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_env: Vec<String>,
    /// Variables that the far side itself sets and the command is to see; a `*` ends
    /// a beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep_env: Vec<String>,
    /// The variable that has the far side's own name for where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Prints a line `NAME|STATE|WHY|NODE` for each that waits or runs. Where there is
    /// one, an attempt may wait in a queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<String>,
    /// States of that list in which nothing runs yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
    /// States in which the engine is done with it, which proves nothing of its node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<String>,
    /// Reasons to wait that no time ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
    /// Begins a command where the attempt ran; the shim's words follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<String>,
    /// Ends the attempt, with TERM first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancel: Vec<String>,
    /// What it was given to ask for, by name: `cpus`, `memory`, `time`, `host`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

/// How it is proved that nothing of an attempt runs any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// All of it descends from the supervisor: its process tree is empty.
    Tree,
    /// The shim's record, or an answer that says so.
    Record,
}

/// Words of the placing command that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceWords {
    pub words: Vec<String>,
    /// Only for such agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<PlaceWhen>,
    /// Once for each of these paths, `{path}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<PlaceEach>,
}

/// When words of a placing command are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceWhen {
    /// Its runner needs no network.
    Offline,
    /// It needs one.
    Online,
}

/// What words are repeated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceEach {
    /// The project, its repository, and published reports.
    Project,
    /// What of that nobody is to see: the state directory, where it is in there.
    Hide,
    /// What the attempt reads besides: program, prompt, login.
    Read,
    /// What it writes: its own directories.
    Write,
}

impl Placement {
    /// May an attempt wait in a queue before it begins?
    pub fn queues(&self) -> bool {
        !self.list.is_empty()
    }

    /// Does nothing of it descend from its supervisor?
    pub fn is_far(&self) -> bool {
        self.proof == Proof::Record
    }
}
