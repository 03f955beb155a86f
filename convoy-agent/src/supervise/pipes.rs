//! What a command writes: read from its pipes, shown, and kept without secrets.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use base::pieces;
use base::poll::wait_readable;
use base::spawn::Spawned;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use protocol::redact::Filter;

use super::{Authority, Supervision};
use crate::stream::Told;

/// Of standard error, this much is kept for the verdict.
const KEPT_STDERR: usize = 8192;

/// Both of its outputs, until their ends.
pub(super) struct Pipes {
    stdout: Option<File>,
    stderr: Option<File>,
}

impl Pipes {
    pub(super) fn of(spawned: &mut Spawned) -> io::Result<Self> {
        Ok(Pipes { stdout: pipe(spawned.stdout.take())?, stderr: pipe(spawned.stderr.take())? })
    }
}

impl<A: Authority> Supervision<'_, A> {
    /// Waits for output, signals or time. True: the command said something.
    pub(super) fn wait(&mut self, pipes: &mut Pipes, until: Instant) -> bool {
        let (out, err) = {
            let limit = until.saturating_duration_since(Instant::now());
            let mut fds = vec![self.signals.as_fd()];
            fds.extend(pipes.stdout.as_ref().map(File::as_fd));
            fds.extend(pipes.stderr.as_ref().map(File::as_fd));
            let ready = wait_readable(&fds, Some(limit));
            let mut ready = ready[1..].iter().copied();
            let mut of = |pipe: &Option<File>| pipe.is_some() && ready.next() == Some(true);
            (of(&pipes.stdout), of(&pipes.stderr))
        };
        let mut heard = false;
        if out {
            heard |= self.pump(&mut pipes.stdout, Self::take_stdout);
        }
        if err {
            // What an event stream is silent on is no sign of life on standard error.
            heard |= self.pump(&mut pipes.stderr, Self::take_stderr) && self.stream.is_none();
        }
        heard
    }

    /// Reads what a pipe holds now; at its end it is closed.
    fn pump(&mut self, pipe: &mut Option<File>, take: fn(&mut Self, &[u8])) -> bool {
        let Some(file) = pipe else { return false };
        match pieces::read_one(file) {
            Ok(piece) if piece.is_empty() => *pipe = None,
            Ok(piece) => {
                self.received = Instant::now();
                take(self, &piece);
                return true;
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => {
                *pipe = None;
                if let Some(capture) = &mut self.capture {
                    capture.fail(&error);
                }
            }
        }
        false
    }

    /// What is left in the pipes when nobody writes to them any more.
    pub(super) fn drain(&mut self, pipes: &mut Pipes) {
        while self.pump(&mut pipes.stdout, Self::take_stdout) {}
        while self.pump(&mut pipes.stderr, Self::take_stderr) {}
        let held = self.clean.each_mut().map(Filter::finish);
        self.use_stdout(&held[0]);
        self.use_stderr(&held[1]);
        if let Some(stream) = &mut self.stream {
            let told = stream.finish();
            self.follow(&told);
        }
        let rest = self.log.finish();
        self.pane.show(&rest);
        if let Some(events) = &mut self.events {
            events.finish();
        }
    }

    fn take_stdout(&mut self, bytes: &[u8]) {
        match &mut self.stream {
            Some(stream) => {
                let told = stream.feed(bytes);
                self.follow(&told);
            }
            None => {
                let bytes = self.clean[0].feed(bytes);
                self.use_stdout(&bytes);
            }
        }
    }

    fn take_stderr(&mut self, bytes: &[u8]) {
        let bytes = self.clean[1].feed(bytes);
        self.use_stderr(&bytes);
    }

    fn use_stdout(&mut self, bytes: &[u8]) {
        if let Some(capture) = &mut self.capture {
            capture.write(bytes);
        }
        self.say(bytes);
    }

    fn follow(&mut self, told: &Told) {
        if let Some(events) = &mut self.events {
            events.write(&told.raw);
        }
        self.say(told.shown.as_bytes());
    }

    fn use_stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(bytes);
        let over = self.stderr.len().saturating_sub(KEPT_STDERR);
        self.stderr.drain(..over);
        self.say(bytes);
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let shown = self.log.write(bytes);
            self.pane.show(&shown);
        }
    }
}

fn pipe(end: Option<File>) -> io::Result<Option<File>> {
    let Some(file) = end else { return Ok(None) };
    let flags = OFlag::from_bits_retain(fcntl(&file, FcntlArg::F_GETFL)?);
    fcntl(&file, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(Some(file))
}
