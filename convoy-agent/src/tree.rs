//! The attempt's process tree. This process is its subreaper: whatever the
//! command starts, forks or detaches stays a descendant, and is gone for
//! certain when `waitpid` knows no child any more (P5).
//!
//! A [`Tree`] owns the command from its start on, and the room for the record:
//! what is not ended cannot be recorded, whatever fails in between.

use std::io;
use std::process::Command;
use std::time::Duration;

use base::poll::wait_readable;
use base::process::{self, ProcessId};
use base::spawn::{Spawn, Spawned};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use protocol::record::{ExitRecord, Reserved};

/// Between two rounds of killing.
pub(crate) const KILL_ROUND: Duration = Duration::from_millis(20);

/// The descendants of this process that belong to one attempt. Dropped, it ends them.
#[derive(Debug)]
pub(crate) struct Tree {
    token: String,
    /// Taken by [`Tree::end`].
    room: Option<Reserved>,
    leader: Option<Pid>,
    /// How the command itself ended.
    leader_end: Option<WaitStatus>,
}

/// Proof that nothing of an attempt runs; the only way to its record.
#[derive(Debug)]
pub(crate) struct EmptyTree {
    room: Option<Reserved>,
}

impl EmptyTree {
    /// Writes the record. May be called again after an error.
    pub(crate) fn record(&mut self, record: &ExitRecord) -> base::Result<()> {
        self.room.as_mut().map_or(Ok(()), |room| room.publish(record))
    }
}

impl Tree {
    pub(crate) fn new(token: &str, room: Reserved) -> Self {
        let mut tree = Tree::far(token);
        tree.room = Some(room);
        tree
    }

    /// The tree of a shim, which keeps a record of its own.
    pub(crate) fn far(token: &str) -> Self {
        Tree { token: token.to_owned(), room: None, leader: None, leader_end: None }
    }

    /// Has a program of ours begin beside the command; it is waited for like all else.
    pub(crate) fn spawn_beside(command: &mut Command) {
        // That it did not begin is seen by what it does not do.
        drop(command.spawn());
    }

    /// Starts the command: from here on it is the tree's to end.
    pub(crate) fn spawn(&mut self, command: Spawn) -> io::Result<Spawned> {
        let spawned = command.spawn()?;
        self.leader = Some(spawned.pid);
        self.leader_end = None;
        Ok(spawned)
    }

    /// Was no command started yet?
    pub(crate) fn is_untouched(&self) -> bool {
        self.leader.is_none()
    }

    pub(crate) fn leader_end(&self) -> Option<WaitStatus> {
        self.leader_end
    }

    /// Takes in the ended; true when nothing of the tree is left.
    pub(crate) fn reap(&mut self) -> bool {
        let mut again = true;
        loop {
            match waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {
                    if self.leader_runs() {
                        return false;
                    }
                    // The last one of a sandbox ends a moment after its first.
                    match process::ending_child() {
                        Some(process::Ending::Exiting) => return false,
                        Some(process::Ending::Zombie) if again => {
                            again = false;
                            continue;
                        }
                        Some(process::Ending::Zombie) | None => {}
                    }
                    // Detached parts of convoy (a tmux server first started from
                    // inside an agent) are children too, but not of this attempt.
                    // What cannot be looked at is not said to be gone.
                    return self.living().is_ok_and(|living| living.is_empty());
                }
                Ok(status) => {
                    if status.pid() == self.leader
                        && matches!(status, WaitStatus::Exited(..) | WaitStatus::Signaled(..))
                    {
                        self.leader_end = Some(status);
                    }
                }
                Err(Errno::EINTR) => {}
                // ECHILD: nobody is left.
                Err(_) => return true,
            }
        }
    }

    fn leader_runs(&self) -> bool {
        self.leader.is_some() && self.leader_end.is_none()
    }

    fn living(&self) -> io::Result<Vec<ProcessId>> {
        process::descendants(std::process::id() as i32, &self.token)
    }

    /// Asks every living descendant to end.
    pub(crate) fn terminate(&self) {
        // A stopped process acts on TERM only when it goes on.
        let signals = [rustix::process::Signal::TERM, rustix::process::Signal::CONT];
        let done = self.living().and_then(|living| process::signal_all(&living, &signals));
        if done.is_err() {
            self.signal_group(Signal::SIGTERM);
            self.signal_group(Signal::SIGCONT);
        }
    }

    /// Kills every living descendant and waits a moment for them to go. What
    /// forks in between is met by the next call.
    pub(crate) fn kill(&self) {
        if self.living().and_then(|living| process::kill_all(&living)).is_err() {
            self.signal_group(Signal::SIGKILL);
        }
    }

    /// For want of a descriptor to look with: the command and its group, whose
    /// number is its own as long as it was not waited for.
    fn signal_group(&self, signal: Signal) {
        if let Some(leader) = self.leader.filter(|_| self.leader_runs()) {
            // A group that has gone is what is wanted.
            let _ = killpg(leader, signal);
        }
    }

    /// Ends what is left, however long that takes.
    pub(crate) fn end(mut self) -> EmptyTree {
        self.empty();
        EmptyTree { room: self.room.take() }
    }

    fn empty(&mut self) {
        while !self.reap() {
            self.kill();
            wait_readable(&[], Some(KILL_ROUND));
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.empty();
    }
}
