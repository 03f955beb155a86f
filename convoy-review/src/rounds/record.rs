//! What a review in rounds has come to, on the disk before it is relied on: whoever looks
//! after its driver was killed finds what stands.

use std::io;

use anyhow::{Context, Result};
use base::encoded_path::EncodedPath;
use base::files::{self, Sync};
use base::ids::ConvoyId;
use base::lock::{self, Lock};
use findings::verdict::Verdict;
use jiff::Timestamp;
use protocol::layout::{Home, RoundsDir};
use protocol::outcome::Usage;
use serde::{Deserialize, Serialize};

/// The version this build writes. A newer one is left alone.
const VERSION: u64 = 1;

/// `rounds/<id>/rounds.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) schema_version: u64,
    /// Its first convoy.
    pub(crate) id: ConvoyId,
    pub(crate) started_at: Timestamp,
    pub(crate) project: EncodedPath,
    /// What all work trees of its repository share.
    pub(crate) repository: EncodedPath,
    pub(crate) branch: String,
    /// The commit that was reviewed first, which the branch began at.
    pub(crate) from: String,
    /// The commit that was reviewed last.
    pub(crate) reviewed: String,
    pub(crate) rounds: Vec<Round>,
    /// Why it stopped; absent: it did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<String>,
}

/// One review, and what was done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Round {
    pub(crate) convoy_id: ConvoyId,
    pub(crate) commit: String,
    pub(crate) review_result: Verdict,
    /// Open findings at the gate.
    pub(crate) blocking: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<Fix>,
}

/// One run of the command that fixes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fix {
    /// The convoy that ran it; absent: it did not come to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) convoy_id: Option<ConvoyId>,
    /// What it left; absent: nothing that could be committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// Files that are not as they were.
    #[serde(default)]
    pub(crate) files: u64,
    /// What it says that it has spent; absent: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
    /// Why its result was not reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
}

impl Record {
    pub(crate) fn new(id: ConvoyId, project: EncodedPath, repository: EncodedPath, from: String) -> Self {
        let branch = branch_of(&id);
        Record {
            schema_version: VERSION,
            started_at: Timestamp::now(),
            project,
            repository,
            branch,
            reviewed: from.clone(),
            from,
            rounds: Vec::new(),
            stopped: None,
            id,
        }
    }

    pub(crate) fn write(&self, dir: &RoundsDir) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(self).context("cannot encode what rounds have come to")?;
        files::replace(&dir.record(), &dir.dir(), &bytes, Sync::Now)?;
        Ok(())
    }
}

/// `convoy/k7q2m9/fix`
pub(crate) fn branch_of(id: &ConvoyId) -> String {
    format!("convoy/{}/fix", id.short())
}

/// Makes the place of a review in rounds, and holds it.
pub(crate) fn hold(home: &Home, id: &ConvoyId) -> Result<(RoundsDir, Lock)> {
    let dir = home.rounds_of(id);
    files::create_private_dir(&home.rounds())?;
    files::create_private_dir(&dir.dir())?;
    let lock = lock::lock(&dir.lock())?;
    Ok((dir, lock))
}

/// Rounds whose driver is gone; held.
pub(crate) struct Left {
    pub(crate) record: Record,
    pub(crate) dir: RoundsDir,
    _lock: Lock,
}

/// Those of this repository whose drivers are gone, the oldest first; each is held, so that
/// one other program at most looks after it. What cannot be read is left out, and told.
pub(crate) fn left(home: &Home, repository: &EncodedPath) -> Result<(Vec<Left>, Vec<String>)> {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let names = match files::find(&home.rounds()) {
        Ok(Some(_)) => files::names(&home.rounds())?,
        Ok(None) => Vec::new(),
        Err(error) => return Err(error).context("cannot look at the rounds"),
    };
    for id in names.iter().filter_map(|name| name.to_str()?.parse::<ConvoyId>().ok()) {
        let dir = home.rounds_of(&id);
        let Some(lock) = lock::try_lock(&dir.lock())? else { continue };
        let read = files::read_if_there(&dir.record()).map_err(|error| base::error::chain(&error));
        let read = read.and_then(|bytes| {
            let read = |bytes: Vec<u8>| serde_json::from_slice::<Record>(&bytes).map_err(io::Error::from);
            bytes.map(read).transpose().map_err(|error| base::error::reason(&error))
        });
        match read {
            Ok(Some(record)) if record.schema_version <= VERSION && record.repository == *repository => {
                found.push(Left { record, dir, _lock: lock });
            }
            Ok(_) => {}
            Err(why) => unread.push(format!("{}: {why}", base::text::path(&dir.record()))),
        }
    }
    found.sort_by_key(|left| left.record.started_at);
    Ok((found, unread))
}
