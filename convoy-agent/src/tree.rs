//! The attempt's process tree. This process is its subreaper: whatever the
//! command starts, forks or detaches stays a descendant, and is gone for
//! certain when `waitpid` knows no child any more (P5).

use std::time::Duration;

use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rustix::process::Signal;
use shared::process::{self, Handle};

/// The descendants of this process that belong to one attempt.
#[derive(Debug)]
pub(crate) struct Tree {
    token: String,
    leader: Option<Pid>,
    /// How the command itself ended.
    leader_end: Option<WaitStatus>,
}

impl Tree {
    pub(crate) fn new(token: &str) -> Self {
        Tree { token: token.to_owned(), leader: None, leader_end: None }
    }

    pub(crate) fn set_leader(&mut self, pid: u32) {
        self.leader = Some(Pid::from_raw(pid as i32));
    }

    pub(crate) fn leader_end(&self) -> Option<WaitStatus> {
        self.leader_end
    }

    /// Takes in the ended; true when nothing of the tree is left.
    pub(crate) fn reap(&mut self) -> bool {
        loop {
            match waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {
                    // Detached parts of convoy (a tmux server first started from
                    // inside an agent) are children too, but not of this attempt.
                    return self.leader_end.is_some() && self.living().is_empty();
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

    fn living(&self) -> Vec<process::ProcessId> {
        process::descendants(std::process::id() as i32, &self.token)
    }

    /// Signals every living descendant.
    pub(crate) fn signal(&self, signal: Signal) {
        let handles: Vec<Handle> = self.living().into_iter().filter_map(process::ProcessId::open).collect();
        for handle in &handles {
            handle.signal(signal);
        }
        if signal == Signal::TERM {
            // A stopped process acts on TERM only when it goes on.
            for handle in &handles {
                handle.signal(Signal::CONT);
            }
        }
    }

    /// Kills every living descendant and waits a moment for them to go. What
    /// forks in between is met by the next call.
    pub(crate) fn kill(&self) {
        process::kill_all(&self.living());
    }
}

/// Between two rounds of killing.
pub(crate) const KILL_ROUND: Duration = Duration::from_millis(20);
