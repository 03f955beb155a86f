//! What the command prints: kept in the log, shown in the pane; and kept whole
//! where it may become the report. Two things: people read a log, which may lose
//! something and says so where that stood; of a capture nothing may be missing.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::IoContext;
use jiff::Timestamp;
use protocol::publish::MAX_REPORT;
use protocol::redact::{Filter, Secrets};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

/// A log holds at most this much; the rest is only shown.
const MAX_LOG: u64 = 256 << 20;
/// The times of a log are noted at most this often.
const NOTED: Duration = Duration::from_secs(1);
/// How long a pane that takes nothing is waited for, per piece of output.
const PANE_PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How a log says that something is missing: bytes, and why.
type Gap = fn(u64, &str) -> Vec<u8>;

/// A file for people: it may stop being writable (disk full) without stopping
/// the attempt.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    filter: Filter,
    gap: Gap,
    written: u64,
    times: Option<Times>,
    /// Bytes that are missing here, and why.
    lost: Option<(u64, String)>,
    full: bool,
}

impl Log {
    /// What the command prints, as text.
    pub(crate) fn of_text(path: &Path, secrets: Secrets) -> base::Result<Self> {
        Self::create(path, secrets, |lost, why| notice(&format!("{lost} bytes are missing here: {why}")))
    }

    /// Notes beside it when it is written to.
    #[must_use]
    pub(crate) fn with_times(mut self, path: &Path) -> Self {
        self.times = Times::create(path);
        self
    }

    /// Its events, a line of JSON each.
    pub(crate) fn of_events(path: &Path, secrets: Secrets) -> base::Result<Self> {
        Self::create(path, secrets, |lost, why| {
            let line = serde_json::json!({ "type": "convoy", "lost": lost, "why": why });
            format!("\n{line}\n").into_bytes()
        })
    }

    fn create(path: &Path, secrets: Secrets, gap: Gap) -> base::Result<Self> {
        let file =
            OpenOptions::new().append(true).create(true).mode(0o600).open(path).context("create", path)?;
        Ok(Log { file, filter: Filter::new(secrets), gap, written: 0, times: None, lost: None, full: false })
    }

    /// Takes a piece; gives what may be shown of all so far.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Vec<u8> {
        let clean = self.filter.feed(bytes);
        self.keep(&clean);
        clean
    }

    /// Nothing more comes; the rest of what may be shown.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let rest = self.filter.finish();
        self.keep(&rest);
        self.tell_gap();
        rest
    }

    fn keep(&mut self, bytes: &[u8]) {
        if !self.full && self.written + bytes.len() as u64 > MAX_LOG {
            self.full = true;
            let _ = self.put(b"\n[convoy: the log is full, the rest is not kept]\n");
        }
        if self.full || bytes.is_empty() || !self.tell_gap() {
            self.miss(bytes.len(), None);
            return;
        }
        let before = self.written;
        if let Err((left, error)) = self.put(bytes) {
            self.miss(left, Some(&error));
        }
        if self.written > before && self.times.as_mut().is_some_and(|times| times.note(before).is_err()) {
            self.times = None;
        }
    }

    fn miss(&mut self, bytes: usize, error: Option<&io::Error>) {
        if bytes == 0 || self.full {
            return;
        }
        let (lost, _) = self.lost.get_or_insert_with(|| {
            (0, error.map_or_else(|| "it could not be written".to_owned(), base::error::reason))
        });
        *lost += bytes as u64;
    }

    /// True: nothing is missing that is not told.
    fn tell_gap(&mut self) -> bool {
        let Some((lost, why)) = &self.lost else { return true };
        let note = (self.gap)(*lost, why);
        if self.put(&note).is_ok() {
            self.lost = None;
        }
        self.lost.is_none()
    }

    /// An error tells how many bytes are left.
    fn put(&mut self, mut bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err((bytes.len(), io::ErrorKind::WriteZero.into())),
                Ok(n) => {
                    self.written += n as u64;
                    bytes = bytes.get(n..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((bytes.len(), error)),
            }
        }
        Ok(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.finish();
    }
}

/// When a log was written to, for people who look at it. What cannot be noted is left
/// out: from there on a log has no times.
#[derive(Debug)]
struct Times {
    file: File,
    last: Option<Instant>,
}

impl Times {
    fn create(path: &Path) -> Option<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).ok()?;
        Some(Times { file, last: None })
    }

    /// What begins at this offset is written now.
    fn note(&mut self, offset: u64) -> io::Result<()> {
        if self.last.is_some_and(|last| last.elapsed() < NOTED) {
            return Ok(());
        }
        self.last = Some(Instant::now());
        let line = format!("{} {offset}\n", Timestamp::now().as_millisecond());
        // In one piece: nobody reads the half of a line.
        let written = self.file.write(line.as_bytes())?;
        if written == line.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }
}

/// Standard output that may become the report: whole, or why it is not.
#[derive(Debug)]
pub(crate) struct Capture {
    path: PathBuf,
    file: File,
    filter: Filter,
    written: u64,
    failed: Option<String>,
}

impl Capture {
    pub(crate) fn create(path: &Path, secrets: Secrets) -> base::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .context("create", path)?;
        Ok(Capture { path: path.to_path_buf(), file, filter: Filter::new(secrets), written: 0, failed: None })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let clean = self.filter.feed(bytes);
        self.keep(&clean);
    }

    /// Something of it is missing.
    pub(crate) fn fail(&mut self, why: &impl std::fmt::Display) {
        self.failed.get_or_insert_with(|| base::error::reason(&why));
    }

    /// All of it, when nothing more comes.
    pub(crate) fn finish(mut self) -> Result<File, String> {
        let rest = self.filter.finish();
        self.keep(&rest);
        if let Some(why) = self.failed {
            return Err(why);
        }
        let file = File::open(&self.path).map_err(|error| base::error::reason(&error))?;
        let kept = file.metadata().map_err(|error| base::error::reason(&error))?.len();
        if kept == self.written {
            Ok(file)
        } else {
            Err(format!("{kept} of {} bytes are there", self.written))
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.written += bytes.len() as u64;
        if self.written > MAX_REPORT {
            self.fail(&format!("it is larger than {} MB", MAX_REPORT >> 20));
        } else if let Err(error) = self.file.write_all(bytes) {
            self.fail(&error);
        }
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

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn full() -> File {
        OpenOptions::new().write(true).open("/dev/full").unwrap()
    }

    #[test]
    fn a_log_says_what_it_lost_where_that_stood() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = Log::of_text(&path, Secrets::default()).unwrap();
        log.write(b"one\n");
        let good = std::mem::replace(&mut log.file, full());
        log.write(b"two\n");
        log.write(b"three\n");
        log.file = good;
        log.write(b"four\n");
        drop(log);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "one\n\n[convoy: 10 bytes are missing here: no space left on device]\nfour\n");
        let mut log = Log::of_events(&dir.path().join("events"), Secrets::default()).unwrap();
        let good = std::mem::replace(&mut log.file, full());
        log.write(b"{}\n");
        log.file = good;
        log.finish();
        let text = std::fs::read_to_string(dir.path().join("events")).unwrap();
        let note: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&note["type"], &note["lost"]), (&"convoy".into(), &3.into()));
    }

    #[test]
    fn the_times_of_a_log_are_noted_and_may_be_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("times");
        let mut log = Log::of_text(&dir.path().join("log"), Secrets::default()).unwrap().with_times(&path);
        let told = |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap();
            let offsets = text.lines().map(|line| line.split_once(' ').unwrap().1.parse().unwrap());
            offsets.collect::<Vec<u64>>()
        };
        log.write(b"one\n");
        log.write(b"two\n");
        assert_eq!(told(&path), [0], "not each of a second");
        log.times.as_mut().unwrap().last = Instant::now().checked_sub(NOTED);
        log.write(b"three\n");
        assert_eq!(told(&path), [0, 8]);
        log.times = Some(Times { file: full(), last: None });
        log.write(b"four\n");
        assert!(log.times.is_none());
        drop(log);
        assert_eq!(std::fs::read_to_string(dir.path().join("log")).unwrap(), "one\ntwo\nthree\nfour\n");
    }

    #[test]
    fn a_capture_is_whole_or_says_why_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stdout");
        let capture = |pieces: &[&[u8]], hole: Option<usize>| {
            let mut capture = Capture::create(&path, Secrets::default()).unwrap();
            for (n, piece) in pieces.iter().enumerate() {
                if hole == Some(n) {
                    let good = std::mem::replace(&mut capture.file, full());
                    capture.write(piece);
                    capture.file = good;
                } else {
                    capture.write(piece);
                }
            }
            let mut text = String::new();
            capture.finish().map(|mut file| file.read_to_string(&mut text).map(|_| text).unwrap())
        };
        assert_eq!(capture(&[b"one ", b"two"], None), Ok("one two".to_owned()));
        for hole in [0, 1, 2] {
            let why = capture(&[b"one ", b"two ", b"three"], Some(hole)).unwrap_err();
            assert!(why.contains("no space left"), "{why}");
        }
        assert_eq!(capture(&[b"again"], None), Ok("again".to_owned()), "of this run alone");
        let torn = Capture::create(&path, Secrets::default()).unwrap();
        let mut torn = torn;
        torn.write(b"whole");
        torn.file.set_len(2).unwrap();
        assert_eq!(torn.finish().unwrap_err(), "2 of 5 bytes are there");
    }
}
