//! The far side of an attempt that is placed elsewhere: what it is given, who runs it
//! there, how it ended.
//!
//! The supervisor writes an order, the placing command starts a shim, and the shim that
//! first links `<run>.begun` runs it (as P4): so a job that an engine starts twice, or
//! long after it was given up, runs nothing. The shim's record is the only end; an order
//! that was made void never ran (P5).

mod ask;

use std::fs::File;
use std::io;

use base::clock::{BootId, Moment};
use base::encoded_path::EncodedPath;
use base::error::{Error, IoContext, Result};
use base::files::{self, Sync, Temporary};
use base::host::PidNamespace;
use base::ids::{ConvoyId, Role};
use base::lock::{self, Lock};
use base::process::ProcessId;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::layout::{self, AttemptFiles, ConvoyDir, FarFiles};

pub use ask::{Answer, Asker, Life, answer_here, ask, end_here, variables};

/// What may stand in the words of an executor, beside the names of its values.
pub const PLACEHOLDERS: [&str; 6] = ["name", "path", "node", "home", "project", "cwd"];
/// The values an agent may ask an executor for, and those of `config.toml`.
pub const VALUES: [&str; 4] = ["cpus", "memory", "time", "host"];

/// What the shim is to run. Holds the command's environment and its login, and so keys:
/// 0600, and removed by the shim before it runs anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub token: String,
    pub program: EncodedPath,
    pub argv: Vec<EncodedPath>,
    /// Names and values.
    pub env: Vec<(EncodedPath, EncodedPath)>,
    /// Of the environment that it finds there.
    pub keep_env: Vec<String>,
    /// The variable there that has the name of where it is.
    pub node: Option<String>,
    pub cwd: EncodedPath,
    /// Its standard input; `None`: nothing.
    pub stdin: Option<EncodedPath>,
    /// TERM → this many milliseconds → KILL.
    pub grace_ms: u64,
    /// Files that it is to have as a copy of its own, where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<PrivateCopy>,
}

/// A file of the user's, as it was when the order was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateCopy {
    pub path: EncodedPath,
    #[serde(with = "in_base64")]
    pub bytes: Vec<u8>,
}

mod in_base64 {
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
enum Claim {
    Owner(FarOwner),
    Void,
}

/// The shim that runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FarOwner {
    pub token: String,
    pub process: ProcessId,
    pub pid_namespace: PidNamespace,
    pub boot: BootId,
    /// The machine's own name.
    pub host: String,
    /// The engine's name for it; else the same.
    pub node: String,
    pub at: Timestamp,
}

/// How it ended, after nothing of its process tree was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FarRecord {
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// It was told to end (TERM, or its supervisor was lost) while the command ran.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// Why the command could not be started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
}

/// What the files say of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Far {
    /// No shim has it yet.
    Open,
    /// It never ran, and never will.
    Void,
    Begun(FarOwner),
    Ended(FarRecord),
    /// Somebody proved that nothing of it is left, and no record.
    Gone,
}

/// Where an attempt is, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Shown {
    /// The engine has not begun it, and why.
    Pending {
        why: String,
    },
    /// Its engine, asked at this moment, has no such job.
    Unlisted {
        asked: Moment,
    },
    Running {
        node: String,
    },
    /// Nobody knows whether anything of it runs, and why.
    Lost {
        why: String,
    },
}

/// The name of a run at an engine: unique, and the only key to it. Ids of jobs are
/// given to others after a crash.
pub fn name(convoy: &ConvoyId, role: &Role, attempt: u32, run: u32) -> String {
    match run {
        0 | 1 => format!("cv-{convoy}-{role}-{attempt}"),
        _ => format!("cv-{convoy}-{role}-{attempt}-{run}"),
    }
}

/// Writes an order for a shim to find.
pub fn give(files: &FarFiles, run: u32, order: &Order) -> Result<()> {
    let path = files.order(run);
    if !files.dir().is_dir() {
        files::create_private_dir(files.dir())?;
    }
    let bytes = serde_json::to_vec(order).map_err(io::Error::from).context("encode", &path)?;
    files::replace(&path, files.dir(), &bytes, Sync::Later).map(drop)
}

/// Brings to the disk by what an attempt is known again after a power loss, which what
/// runs elsewhere outlives: its claim, and that it was placed (P1).
pub fn sync(attempt: &AttemptFiles, run: u32) -> Result<()> {
    let files = attempt.far();
    for path in [attempt.started(), files.order(run)] {
        File::open(&path).and_then(|file| file.sync_all()).context("sync", &path)?;
    }
    files::sync_dir(files.dir())?;
    files::sync_dir(attempt.dir())
}

/// The order of a run; `None`: it is taken, or was never given.
pub fn order(files: &FarFiles, run: u32) -> Result<Option<Order>> {
    read_json(&files.order(run))
}

/// Tries to become the one shim that runs it. `None`: it is void, or another's. The
/// lock says that the shim lives, where the file system can lock.
pub fn take(files: &FarFiles, run: u32, owner: &FarOwner) -> Result<Option<(File, Option<Lock>)>> {
    let path = files.claim(run);
    let mut temporary = Temporary::private(files.dir(), "begun")?;
    let bytes = serde_json::to_vec(&Claim::Owner(owner.clone())).map_err(io::Error::from);
    temporary.write(&bytes.context("encode", &path)?)?;
    let file = temporary.file().try_clone().context("open", &path)?;
    let lock = lock::lock_new(file.try_clone().context("open", &path)?, temporary.path()).ok();
    Ok(files::link_new(temporary.path(), &path)?.then_some((file, lock)))
}

/// Sees to it that no shim runs it any more. False: one has it, or had it.
pub fn void(files: &FarFiles, run: u32) -> Result<bool> {
    let path = files.claim(run);
    let bytes = serde_json::to_vec(&Claim::Void).map_err(io::Error::from).context("encode", &path)?;
    let won = files::publish_new(&path, files.dir(), &bytes)?;
    if won || read(files, run)? == Far::Void {
        files::remove_if_there(&files.order(run))?;
        return Ok(true);
    }
    Ok(false)
}

pub fn read(files: &FarFiles, run: u32) -> Result<Far> {
    let claim: Option<Claim> = read_json(&files.claim(run))?;
    Ok(match claim {
        None => Far::Open,
        Some(Claim::Void) => Far::Void,
        Some(Claim::Owner(owner)) => match read_json::<FarRecord>(&files.record(run))? {
            Some(record) if record.token == owner.token => Far::Ended(record),
            Some(_) | None if files.gone(run).exists() => Far::Gone,
            Some(_) | None => Far::Begun(owner),
        },
    })
}

/// The shim that runs it, or ran it.
pub fn owner(files: &FarFiles, run: u32) -> Result<Option<FarOwner>> {
    Ok(match read_json(&files.claim(run))? {
        Some(Claim::Owner(owner)) => Some(owner),
        Some(Claim::Void) | None => None,
    })
}

/// Notes the proof that nothing of it is left, or a person's word for it.
pub fn note_gone(files: &FarFiles, run: u32) -> Result<()> {
    files::publish_new(&files.gone(run), files.dir(), b"\n").map(drop)
}

/// The last run of an attempt's command; `None`: none was placed.
pub fn last_run(files: &FarFiles) -> Result<Option<u32>> {
    match files::find(files.dir()) {
        Ok(None) => return Ok(None),
        Ok(Some(_)) => {}
        Err(error) => return Err(error).context("look at", files.dir()),
    }
    let names = files::names(files.dir())?;
    Ok(names.iter().filter_map(|name| FarFiles::run_of(name.to_str()?)).max())
}

/// The run of an attempt's command that is not proved over; `None`: nothing of it runs.
pub fn open_run(files: &FarFiles) -> Result<Option<u32>> {
    let Some(run) = last_run(files)? else { return Ok(None) };
    Ok(match read(files, run)? {
        Far::Void | Far::Ended(_) | Far::Gone => None,
        Far::Open | Far::Begun(_) => Some(run),
    })
}

/// The attempts of a convoy that were placed elsewhere, whatever its state says.
pub fn attempts(dir: &ConvoyDir) -> Result<Vec<(Role, u32)>> {
    let names = files::names(&dir.dir())?;
    Ok(names.iter().filter_map(|name| layout::attempt_of_far(name.to_str()?)).collect())
}

/// Where it is, for people; `None`: nobody said.
pub fn shown(files: &FarFiles) -> Result<Option<Shown>> {
    read_json(&files.shown())
}

/// Says where it is. For people only: that it cannot be written changes nothing.
pub fn show(files: &FarFiles, shown: &Shown) {
    let known = self::shown(files).ok().flatten();
    if known.as_ref() != Some(shown)
        && let Ok(bytes) = serde_json::to_vec(shown)
    {
        let _ = files::replace(&files.shown(), files.dir(), &bytes, Sync::Later);
    }
}

impl Shown {
    /// Where it is, for people.
    pub fn words(&self) -> String {
        match self {
            Shown::Pending { why } if why.is_empty() => "pending".to_owned(),
            Shown::Pending { why } => format!("pending ({why})"),
            Shown::Unlisted { .. } => "pending (its engine has no such job yet)".to_owned(),
            Shown::Running { node } => format!("on {node}"),
            Shown::Lost { why } => format!("lost: {why}, its task may still run"),
        }
    }
}

fn read_json<T: DeserializeOwned>(path: &std::path::Path) -> Result<Option<T>> {
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|source| Error::Io {
        verb: "understand",
        path: path.to_path_buf(),
        source: source.into(),
    })
}

#[cfg(test)]
mod tests;
