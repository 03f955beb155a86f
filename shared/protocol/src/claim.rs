//! Claims: who may run an attempt, and whether it still does (P4, P5).
//!
//! `<role>.<n>.started` is made whole under a temporary name, locked, and
//! linked to its name: the link is the claim. Its maker is either the one
//! `convoy-agent` that runs the attempt, which keeps the lock until it exits,
//! or a program that ended the attempt before it began (`void`).

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use base::clock::Moment;
use base::error::{Error, IoContext, Result};
use base::files::{self, Temporary};
use base::host::{Here, PidNamespace, Sight};
use base::ids::Role;
use base::lock::{self, Lock};
use base::process::ProcessId;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::layout::{AttemptFiles, ConvoyDir};
use crate::record::ExitRecord;
use crate::state::State;

/// What a claim says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Claim {
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
    /// Which processes `process` and `command` are told apart from, with the boot
    /// of `at`. Missing in claims of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<PidNamespace>,
    /// In the environment of everything this attempt starts; of no other attempt.
    pub token: String,
    /// The tmux session and pane, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pane: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
    /// The session of the command it runs; a line of its own in the claim,
    /// added when the command is started.
    #[serde(skip)]
    pub command: Option<ProcessId>,
    /// When the far side began it, in a line of its own as well.
    #[serde(skip)]
    pub begun: Option<Moment>,
}

impl Owner {
    /// How its processes look from here; `host` is the convoy's.
    pub fn sight(&self, here: &Here, host: &str) -> Sight {
        here.sight(&self.at.boot, self.pid_namespace, host)
    }
}

/// A line of a claim after the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum More {
    Command(ProcessId),
    Begun(Moment),
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
    let mut temporary = Temporary::private(dir, "claim")?;
    let bytes = encode(&Claim::Owner(owner.clone())).context("encode", temporary.path())?;
    temporary.write(&bytes)?;
    let (file, draft) = temporary.into_parts();
    let lock = lock::lock_new(file, draft.path())?;
    Ok(files::link_new(draft.path(), &path)?.then_some(lock))
}

/// Notes in the claim which command the supervisor started, so that its
/// session can be found should the supervisor be killed.
pub fn note_command(files: &AttemptFiles, command: ProcessId) -> Result<()> {
    note(files, &More::Command(command))
}

/// Notes in the claim when the far side began its command.
pub fn note_begun(files: &AttemptFiles, at: Moment) -> Result<()> {
    note(files, &More::Begun(at))
}

fn note(files: &AttemptFiles, more: &More) -> Result<()> {
    let path = files.started();
    let mut line = serde_json::to_vec(more).map_err(std::io::Error::from).context("encode", &path)?;
    line.push(b'\n');
    OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(&line))
        .context("append to", &path)
}

/// Understands a claim; a torn line after the first is none. Of each the first counts.
fn parse(bytes: &[u8]) -> serde_json::Result<Claim> {
    let mut lines = bytes.split(|&c| c == b'\n');
    let mut claim = serde_json::from_slice(lines.next().unwrap_or_default())?;
    if let Claim::Owner(owner) = &mut claim {
        for more in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            match more {
                More::Command(command) => drop(owner.command.get_or_insert(command)),
                More::Begun(at) => drop(owner.begun.get_or_insert(at)),
            }
        }
    }
    Ok(claim)
}

/// Tries to end an attempt before it begins. False: somebody claimed it already.
pub fn void(files: &AttemptFiles) -> Result<bool> {
    let bytes = encode(&Claim::Void { by: std::process::id() }).context("encode", &files.started())?;
    files::publish_new(&files.started(), files.dir(), &bytes)
}

fn encode(claim: &Claim) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(claim)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads what is known of an attempt. `tree` is what the caller has proved of
/// its processes, should the supervisor turn out to be gone.
pub fn read_attempt(files: &AttemptFiles, tree: Tree) -> Result<AttemptFact> {
    let path = files.started();
    let (file, bytes) = match files::open_and_read(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(AttemptFact::Unclaimed);
        }
        Err(error) => return Err(error).context("read claim", &path),
    };
    let claim = parse(&bytes).map_err(|source| Error::Io {
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
    Ok(if held { AttemptFact::Held(owner) } else { AttemptFact::Gone { owner, tree } })
}

/// The running agents whose supervisors are gone, and whose processes cannot be
/// seen from here: nobody here can prove that nothing of them is left (P5).
pub fn out_of_sight(dir: &ConvoyDir, state: &State, here: &Here) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    for agent in state.agents.iter().filter(|agent| agent.is_running()) {
        let fact = read_attempt(&dir.attempt(&agent.role, agent.attempt), Tree::Unknown)?;
        if let AttemptFact::Gone { owner, .. } = fact
            && owner.sight(here, &state.host) == Sight::Hidden
        {
            roles.push(agent.role.clone());
        }
    }
    Ok(roles)
}

/// Do claims hold on the file system of this directory? A claim is a locked file
/// that is given a second name (`link`): where that is another file to the
/// kernel, who lives looks dead. Leaves nothing.
pub fn check_file_system(dir: &Path) -> Result<()> {
    let mut first = Temporary::private(dir, "probe")?;
    let second = first.path().with_extension("second");
    let found = probe(dir, &mut first, &second);
    // Not there, if the probe did not come so far.
    let _ = std::fs::remove_file(second);
    found
}

fn probe(dir: &Path, first: &mut Temporary, second: &Path) -> Result<()> {
    let unfit = |what| Err(Error::FileSystem { path: dir.to_path_buf(), what });
    let refused = |error: &Error| match error {
        Error::Io { source, .. } => matches!(
            Errno::from_io_error(source),
            Some(Errno::PERM | Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK | Errno::MLINK | Errno::INVAL)
        ),
        _ => false,
    };
    let file = first.file().try_clone().context("open", first.path())?;
    let locked = match lock::lock_new(file, first.path()) {
        Err(error) if refused(&error) => return unfit("files cannot be locked there (flock)"),
        locked => locked?,
    };
    match files::link_new(first.path(), second) {
        Err(error) if refused(&error) => return unfit("files cannot have a second name there (link)"),
        linked => linked?,
    };
    let named = File::open(second).context("open", second)?;
    let holds = lock::is_held(&named, second)?;
    drop(locked);
    if holds { Ok(()) } else { unfit("a second name of a file (link) does not share its lock there") }
}
