//! Named moments at which a test can have a program killed: the ones between
//! which the protocol must hold (the crash table of `docs/protocol.md`).
//!
//! `CONVOY_CRASH=NAME` or `NAME:N` in a program's environment kills that program
//! with SIGKILL at the first or N-th time it gets there. It does not reach the
//! programs that one starts (P12). Debug builds only: a release has no such points.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A moment. What has happened by then, and what has not yet:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The directory of a convoy is made; nothing is in it.
    DirectoryMade,
    /// All of a convoy is written but its state file.
    Uncommitted,
    /// Its state file has its name; nobody launches or watches.
    Committed,
    /// A watcher is left (or none was asked for); the first launches are not made.
    WatcherLeft,
    /// A new state has its name; the journal and those who wait do not know.
    StateReplaced,
    /// The state is on the disk; `synced.json` is an older one.
    StateSynced,
    /// A step is stored; its effects are not begun.
    StepStored,
    /// A supervisor was launched; nobody has looked for its claim.
    Launched,
    /// A parked supervisor was woken; nobody has looked for its claim.
    Awakened,
    /// Supervisors that are to be parked are being started; nobody else knows.
    Parking,
    /// A merge program runs; nobody else knows of it.
    MergeBegun,
    /// The merged reports are published; the fact is not there.
    MergePublished,
    /// One of the two files of a merge has its name.
    MergeHalfLinked,
    /// Items of a stage are chosen; their agents are nowhere.
    ExpansionChosen,
    /// The agents of a stage have their file; no state has them.
    Expanded,
    /// The convoy has ended; its tmux server was not released.
    EndStored,
    /// A supervisor can be woken; it has not looked whose turn it is.
    Parked,
    /// Its turn came, or will not come; it waits no more and has claimed nothing.
    Unparked,
    /// The supervisor runs and has claimed nothing.
    Unclaimed,
    /// The attempt is claimed; there is no room for its record yet.
    Claimed,
    /// The command was started; the claim does not name it.
    Spawned,
    /// The claim names the command, which runs.
    CommandNoted,
    /// The command's process tree is empty; nothing is judged.
    TreeEmpty,
    /// The report is published; there is no record.
    Published,
    /// The record has its name; the claim is still held.
    Recorded,
    /// `stopping` is stored; nothing is ended.
    StopMarked,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 26] = [
        Point::DirectoryMade,
        Point::Uncommitted,
        Point::Committed,
        Point::WatcherLeft,
        Point::StateReplaced,
        Point::StateSynced,
        Point::StepStored,
        Point::Launched,
        Point::Awakened,
        Point::Parking,
        Point::MergeBegun,
        Point::MergePublished,
        Point::MergeHalfLinked,
        Point::ExpansionChosen,
        Point::Expanded,
        Point::EndStored,
        Point::Parked,
        Point::Unparked,
        Point::Unclaimed,
        Point::Claimed,
        Point::Spawned,
        Point::CommandNoted,
        Point::TreeEmpty,
        Point::Published,
        Point::Recorded,
        Point::StopMarked,
    ];

    /// Its name in `CONVOY_CRASH`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// Are there crash points in this build?
pub const ENABLED: bool = cfg!(debug_assertions);

/// The program has got here. It goes no further if a test wants that.
pub fn at(point: Point) {
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    if !ENABLED {
        return;
    }
    let Some((name, times)) = WANTED.get_or_init(wanted) else { return };
    if *name == point.name() && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *times {
        let _ = kill(Pid::this(), Signal::SIGKILL);
    }
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, also where no environment is at hand")]
fn wanted() -> Option<(String, u32)> {
    let text = std::env::var_os("CONVOY_CRASH")?.into_string().ok()?;
    match text.split_once(':') {
        Some((name, times)) => Some((name.to_owned(), times.parse().ok()?)),
        None => Some((text, 1)),
    }
}
