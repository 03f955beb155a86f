//! What the command prints: kept in the log, shown in the pane.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use shared::IoContext;

/// A log holds at most this much; the rest is only shown.
const MAX_LOG: u64 = 256 << 20;
/// How long a pane that takes nothing is waited for, per piece of output.
const PANE_PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A file for output that may stop being writable (disk full) without
/// stopping the attempt.
#[derive(Debug)]
pub(crate) struct Sink {
    file: File,
    written: u64,
    full: bool,
}

impl Sink {
    pub(crate) fn create(path: &Path) -> shared::Result<Self> {
        let file =
            OpenOptions::new().append(true).create(true).mode(0o600).open(path).context("create", path)?;
        Ok(Sink { file, written: 0, full: false })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if self.full {
            return;
        }
        self.written += bytes.len() as u64;
        if self.written > MAX_LOG {
            self.full = true;
            let _ = self.file.write_all(b"\n[convoy: the log is full, the rest is not kept]\n");
            return;
        }
        // The log is for people: a full disk must not end the agent.
        let _ = self.file.write_all(bytes);
    }
}

/// The pane, if there is one.
#[derive(Debug)]
pub(crate) struct Pane {
    open: bool,
}

impl Pane {
    /// The descriptor is made non-blocking: a stuck terminal must not stop the attempt.
    pub(crate) fn open(in_session: bool) -> Self {
        let open = in_session
            && rustix::fs::fcntl_getfl(io::stdout())
                .and_then(|flags| rustix::fs::fcntl_setfl(io::stdout(), flags | OFlags::NONBLOCK))
                .is_ok();
        Pane { open }
    }

    pub(crate) fn close(&mut self) {
        self.open = false;
    }

    pub(crate) fn show(&mut self, mut bytes: &[u8]) {
        while self.open && !bytes.is_empty() {
            match rustix::io::write(io::stdout(), bytes) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(rustix::io::Errno::AGAIN) => {
                    let stdout = io::stdout();
                    let mut fds = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::OUT)];
                    if poll(&mut fds, Some(&PANE_PATIENCE)).unwrap_or(0) == 0 {
                        return;
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => self.open = false,
            }
        }
    }
}

/// Turns line ends into what a terminal in raw mode would need; tmux panes are
/// in cooked mode, so this is only a message of our own on a line of its own.
pub(crate) fn notice(text: &str) -> Vec<u8> {
    format!("\n[convoy: {text}]\n").into_bytes()
}
