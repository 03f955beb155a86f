//! Claims: who may run an attempt, and whether it still does (P4, P5).
//!
//! `<role>.<n>.started` is made whole under a temporary name, locked, and
//! linked to its name: the link is the claim. Its maker is either the one
//! `convoy-agent` that runs the attempt, which keeps the lock until it exits,
//! or a program that ended the attempt before it began (`void`).

use std::fs::{self, File};
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use crate::error::{Error, IoContext, Result};
use crate::files;
use crate::layout::AttemptFiles;
use crate::lock::{self, Lock};
use crate::process::ProcessId;
use crate::record::ExitRecord;
use crate::state::Moment;

/// What a claim says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Claim {
    /// A supervisor runs the attempt.
    Owner(Owner),
    /// The attempt ended before it began.
    Void { by: u32 },
}

/// The supervisor that won the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    pub process: ProcessId,
    pub at: Moment,
    /// In the environment of everything this attempt starts; of no other attempt.
    pub token: String,
    /// The tmux pane, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pane: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
}

/// What is known of one attempt, read in the order claim, lock, record (P2).
#[derive(Debug, Clone, PartialEq)]
pub enum AttemptFact {
    /// Nobody claimed it yet.
    Unclaimed,
    Void,
    /// Its supervisor lives.
    Held(Owner),
    /// It ended, and this is how.
    Ended(Box<ExitRecord>, Owner),
    /// Its supervisor is gone without a record; are its processes?
    Gone {
        owner: Owner,
        tree: Tree,
    },
}

/// Whether anything of a dead supervisor's process tree is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    Unknown,
    Empty,
}

/// Tries to become the owner of an attempt. `None`: somebody else won; run nothing.
pub fn take(files: &AttemptFiles, owner: &Owner) -> Result<Option<Lock>> {
    let path = files.started();
    let dir = files.dir();
    let temporary = files::temporary_in(dir, "claim");
    let mut file = files::create_new(&temporary)?;
    let won = write_claim(&mut file, &Claim::Owner(owner.clone()))
        .context("write", &temporary)
        .and_then(|()| lock::lock_new(file, &temporary))
        .and_then(|lock| Ok(files::link_new(&temporary, &path)?.then_some(lock)));
    let _ = fs::remove_file(&temporary);
    won
}

/// Tries to end an attempt before it begins. False: somebody claimed it already.
pub fn void(files: &AttemptFiles) -> Result<bool> {
    let bytes = encode(&Claim::Void {
        by: std::process::id(),
    })
    .context("encode", &files.started())?;
    files::publish_new(&files.started(), files.dir(), &bytes)
}

fn encode(claim: &Claim) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(claim)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn write_claim(file: &mut File, claim: &Claim) -> std::io::Result<()> {
    file.write_all(&encode(claim)?)
}

/// Reads what is known of an attempt. `tree` is what the caller has proved of
/// its processes, should the supervisor turn out to be gone.
pub fn read_attempt(files: &AttemptFiles, tree: Tree) -> Result<AttemptFact> {
    let path = files.started();
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(AttemptFact::Unclaimed);
        }
        Err(error) => return Err(error).context("read claim", &path),
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).context("read claim", &path)?;
    let claim: Claim = serde_json::from_slice(&bytes).map_err(|source| Error::Io {
        verb: "understand claim",
        path: path.clone(),
        source: source.into(),
    })?;
    let owner = match claim {
        Claim::Void { .. } => return Ok(AttemptFact::Void),
        Claim::Owner(owner) => owner,
    };
    // The lock before the record: an owner that was alive at the first look may
    // write its record and exit before the second, which is then found.
    let held = lock::is_held(&file, &path)?;
    if let Some(record) = ExitRecord::read(files)? {
        return Ok(AttemptFact::Ended(Box::new(record), owner));
    }
    Ok(if held {
        AttemptFact::Held(owner)
    } else {
        AttemptFact::Gone { owner, tree }
    })
}
