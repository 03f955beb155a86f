//! Signals as descriptors: nothing runs in a handler.

use std::os::fd::{AsFd, BorrowedFd};

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A child changed.
    Child,
    /// End (TERM, QUIT).
    End,
    /// The terminal is gone, or somebody closed the session.
    HangUp,
    /// Ctrl-C in the session.
    Interrupt,
}

/// The signals of this process, blocked and readable.
#[derive(Debug)]
pub(crate) struct Signals {
    fd: SignalFd,
}

impl Signals {
    /// Must be called before anything that a signal could interrupt. Children
    /// inherit it; the agent's own command starts with an empty mask (`command`).
    pub(crate) fn block() -> Result<Self> {
        let mut set = SigSet::empty();
        for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGQUIT, Signal::SIGHUP, Signal::SIGINT] {
            set.add(signal);
        }
        set.thread_block().context("cannot block signals")?;
        let fd = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
            .context("cannot read signals")?;
        Ok(Signals { fd })
    }

    /// Takes all that arrived.
    pub(crate) fn take(&self) -> Vec<Asked> {
        let mut asked = Vec::new();
        while let Ok(Some(info)) = self.fd.read_signal() {
            asked.push(match Signal::try_from(info.ssi_signo as i32) {
                Ok(Signal::SIGCHLD) => Asked::Child,
                Ok(Signal::SIGHUP) => Asked::HangUp,
                Ok(Signal::SIGINT) => Asked::Interrupt,
                _ => Asked::End,
            });
        }
        asked
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
