//! The end of one attempt's log, for all who watch it.
//!
//! The file is the history; this keeps the newest of it as finished frames, so
//! that many watchers share the bytes. Whoever is further behind reads the
//! file. So there is no queue per watcher, and a slow one costs nothing.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::Notify;

/// Bytes kept as frames.
const KEPT: usize = 256 << 10;
/// Bytes of a log in one frame, at most.
pub(crate) const PIECE: usize = 32 << 10;
/// Kind, agent, attempt, offset.
pub(crate) const HEADER: usize = 1 + 2 + 4 + 8;
const KIND_OUTPUT: u8 = 1;

/// One attempt's log.
#[derive(Debug)]
pub(crate) struct Tail {
    path: PathBuf,
    agent: u16,
    attempt: u32,
    log: Mutex<Log>,
    /// The file was written to.
    pub(crate) written: Notify,
}

#[derive(Debug, Default)]
struct Log {
    file: Option<File>,
    /// Why there is none, if not because nothing was written yet.
    trouble: Option<String>,
    /// Up to here it was read.
    end: u64,
    /// Grows when the file got shorter: offsets before mean nothing then.
    epoch: u64,
    frames: VecDeque<(u64, Bytes)>,
    kept: usize,
}

/// How far a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) end: u64,
    pub(crate) epoch: u64,
}

impl Tail {
    pub(crate) fn new(path: PathBuf, agent: u16, attempt: u32) -> Self {
        let tail = Tail { path, agent, attempt, log: Mutex::default(), written: Notify::new() };
        // What is there already is read from the file by whoever wants it.
        let mut log = tail.lock();
        log.open(&tail.path);
        log.end = log.length();
        drop(log);
        tail
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the log cannot be read, if so.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    pub(crate) fn extent(&self) -> Extent {
        let log = self.lock();
        Extent { end: log.end, epoch: log.epoch }
    }

    /// Takes in what was appended. True if there was something.
    pub(crate) fn refresh(&self) -> bool {
        let mut log = self.lock();
        log.open(&self.path);
        let length = log.length();
        if length < log.end {
            *log = Log { file: log.file.take(), epoch: log.epoch + 1, ..Log::default() };
        }
        let before = (log.end, log.epoch);
        while log.end < length {
            let wanted = PIECE.min((length - log.end) as usize);
            let Some(frame) = log.piece(self.agent, self.attempt, log.end, wanted) else { break };
            log.keep(frame);
        }
        before != (log.end, log.epoch) || length == 0
    }

    /// The frame that begins at this offset; `None` when there is nothing more.
    pub(crate) fn frame(&self, from: u64) -> Option<Bytes> {
        let log = self.lock();
        if from >= log.end {
            return None;
        }
        let at = log.frames.partition_point(|(start, _)| *start < from);
        match log.frames.get(at) {
            Some((start, frame)) if *start == from => Some(frame.clone()),
            // Not beyond what is in a frame of its own: so the offsets meet again.
            next => {
                let until = next.map_or(log.end, |(start, _)| *start);
                log.piece(self.agent, self.attempt, from, PIECE.min((until - from) as usize))
            }
        }
    }

    /// The beginning of the first line at or after an offset.
    pub(crate) fn line_start(&self, from: u64) -> u64 {
        if from == 0 {
            return 0;
        }
        let mut bytes = vec![0; PIECE];
        let log = self.lock();
        let n = log.file.as_ref().and_then(|file| file.read_at(&mut bytes, from - 1).ok()).unwrap_or(0);
        let found = bytes.get(..n).unwrap_or_default().iter().position(|byte| *byte == b'\n');
        found.map_or(from, |at| from + at as u64).min(log.end)
    }
}

impl Log {
    fn open(&mut self, path: &Path) {
        if self.file.is_none() {
            (self.file, self.trouble) = match base::files::open_regular(path) {
                Ok(file) => (Some(file), None),
                Err(error) if error.kind() == io::ErrorKind::NotFound => (None, None),
                Err(error) => (
                    None,
                    Some(format!(
                        "cannot read {}: {error}",
                        base::text::path(path),
                        error = base::error::reason(&error)
                    )),
                ),
            };
        }
    }

    fn length(&self) -> u64 {
        self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |found| found.len())
    }

    /// Reads a frame from the file.
    fn piece(&self, agent: u16, attempt: u32, from: u64, wanted: usize) -> Option<Bytes> {
        let mut frame = Vec::with_capacity(HEADER + wanted);
        frame.push(KIND_OUTPUT);
        frame.extend_from_slice(&agent.to_be_bytes());
        frame.extend_from_slice(&attempt.to_be_bytes());
        frame.extend_from_slice(&from.to_be_bytes());
        frame.resize(HEADER + wanted, 0);
        let file = self.file.as_ref()?;
        let n = loop {
            match file.read_at(frame.get_mut(HEADER..)?, from) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.ok()?,
            }
        };
        frame.truncate(HEADER + n);
        (n > 0).then(|| Bytes::from(frame))
    }

    fn keep(&mut self, frame: Bytes) {
        let start = self.end;
        self.end += (frame.len() - HEADER) as u64;
        self.kept += frame.len();
        self.frames.push_back((start, frame));
        while self.kept > KEPT {
            let Some((_, old)) = self.frames.pop_front() else { break };
            self.kept -= old.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn all_from(tail: &Tail, mut from: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(frame) = tail.frame(from) {
            assert_eq!(&frame[..7], &[1, 0, 3, 0, 0, 0, 2]);
            assert_eq!(u64::from_be_bytes(frame[7..15].try_into().unwrap()), from);
            from += (frame.len() - HEADER) as u64;
            bytes.extend_from_slice(&frame[HEADER..]);
        }
        assert_eq!(from, tail.extent().end);
        bytes
    }

    #[test]
    fn a_log_may_come_late_and_get_shorter() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.2.log");
        let tail = Tail::new(path.clone(), 3, 2);
        tail.refresh();
        assert_eq!(tail.extent(), Extent { end: 0, epoch: 0 });
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert!(tail.refresh());
        assert_eq!(all_from(&tail, 0), b"one\ntwo\n");
        assert_eq!(
            [tail.line_start(0), tail.line_start(1), tail.line_start(4), tail.line_start(5)],
            [0, 4, 4, 8]
        );
        std::fs::File::options().write(true).open(&path).unwrap().set_len(2).unwrap();
        assert!(tail.refresh());
        assert_eq!(tail.extent(), Extent { end: 2, epoch: 1 });
        assert_eq!(all_from(&tail, 0), b"on");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Wherever a watcher begins and however the log grows, it gets exactly the file.
        #[test]
        fn every_watcher_gets_the_file(sizes in prop::collection::vec(0_usize..90_000, 1..12), part in 0.0..1.0_f64, before in any::<bool>()) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a.2.log");
            let mut file = std::fs::File::create(&path).unwrap();
            let mut expected = Vec::new();
            if before {
                file.write_all(b"before").unwrap();
                expected.extend_from_slice(b"before");
            }
            let tail = Tail::new(path, 3, 2);
            for (n, size) in sizes.iter().enumerate() {
                let bytes: Vec<u8> = (0..*size).map(|i| (i * 7 + n) as u8).collect();
                file.write_all(&bytes).unwrap();
                expected.extend_from_slice(&bytes);
                tail.refresh();
                let from = (expected.len() as f64 * part) as usize;
                prop_assert_eq!(&all_from(&tail, from as u64)[..], &expected[from..]);
            }
        }
    }
}
