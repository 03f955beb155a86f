//! Waiting for what may change a convoy (P11): subscribe, drain, then read.
//!
//! Woken by the claims, records and journal lines in `convoys/<id>/` (inotify),
//! by the end of supervisors (pidfd), by signals and by time. A slow sweep
//! behind it repairs what was missed; nothing is polled.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::engine::Engine;
use crate::error::{Error, IoContext, Result};
use crate::layout::{self, ConvoyDir};
use crate::process::ProcessId;

/// Everything is looked at again this often.
const SWEEP: Duration = Duration::from_secs(60);
/// The same where the kernel gives no notifications (too many watches).
const BLIND_SWEEP: Duration = Duration::from_secs(2);
/// What was written is brought to the disk after so long without news, or
/// after so long at all.
const QUIET: Duration = Duration::from_millis(25);
const LONGEST_UNSYNCED: Duration = Duration::from_secs(1);
/// After an error (disk full, a state that cannot be read): from, up to.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Notifications of one directory or several.
#[derive(Debug)]
pub struct Watch {
    inotify: Inotify,
}

/// What happened in a watched directory.
#[derive(Debug)]
pub enum Notice {
    File(WatchDescriptor, String),
    /// Some notices were lost.
    Overflow,
}

impl Watch {
    pub fn new() -> std::io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        Ok(Watch { inotify })
    }

    /// Notices names that appear in `path` and files that were written and closed.
    pub fn add(&self, path: &Path) -> std::io::Result<WatchDescriptor> {
        let interest = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CLOSE_WRITE;
        Ok(self.inotify.add_watch(path, interest)?)
    }

    /// Notices names that appear in `path` and names that go.
    pub fn add_names(&self, path: &Path) -> std::io::Result<WatchDescriptor> {
        let interest = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM;
        Ok(self.inotify.add_watch(path, interest)?)
    }

    /// Notices every write to a file, or to the files in a directory.
    pub fn add_file(&self, path: &Path) -> std::io::Result<WatchDescriptor> {
        Ok(self.inotify.add_watch(path, AddWatchFlags::IN_MODIFY)?)
    }

    pub fn remove(&self, descriptor: WatchDescriptor) {
        let _ = self.inotify.rm_watch(descriptor);
    }

    /// Takes all that is there.
    pub fn drain(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Ok(events) = self.inotify.read_events() {
            if events.is_empty() {
                break;
            }
            notices.extend(events.into_iter().map(notice));
        }
        notices
    }
}

fn notice(event: InotifyEvent) -> Notice {
    if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
        return Notice::Overflow;
    }
    let name = event.name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Notice::File(event.wd, name)
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

/// Waits until one of the descriptors is readable; true for each that is.
pub fn wait_readable(fds: &[BorrowedFd<'_>], timeout: Option<Duration>) -> Vec<bool> {
    let timeout = timeout
        .map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
    let mut poll_fds: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    // An interrupted wait is a short one.
    let _ = poll(&mut poll_fds, timeout.as_ref());
    poll_fds.iter().map(|fd| !fd.revents().is_empty()).collect()
}

/// Waits for a change in the directory of one convoy.
#[derive(Debug)]
pub struct ConvoyWatch {
    watch: Watch,
}

impl ConvoyWatch {
    pub fn new(dir: &ConvoyDir) -> Result<Self> {
        let path = dir.dir();
        let watch = Watch::new().context("watch", &path)?;
        watch.add(&path).context("watch", &path)?;
        Ok(ConvoyWatch { watch })
    }

    /// Waits for the next change, at most this long, and drains: read after it.
    pub fn wait(&self, limit: Duration) {
        wait_readable(&[self.watch.as_fd()], Some(limit));
        self.watch.drain();
    }
}

impl AsFd for ConvoyWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watch.as_fd()
    }
}

/// Why [`attend`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Every engine is done.
    Done,
    TimedOut,
    /// The extra descriptor became readable.
    Interrupted,
}

/// One engine being attended.
struct Attended<'a> {
    engine: &'a mut Engine,
    descriptor: Option<WatchDescriptor>,
    /// After an error: not before, and the pause after the next one.
    retry: Option<(Instant, Duration)>,
    done: bool,
}

/// Lets engines work until `is_done` says so of each of them, the time is over,
/// or `interrupt` is readable. Errors of one engine are told and tried again;
/// the others go on.
pub fn attend(
    engines: &mut [Engine],
    is_done: &dyn Fn(&Engine) -> bool,
    until: Option<Instant>,
    interrupt: Option<&OwnedFd>,
) -> Result<Left> {
    let watch = Watch::new().context("watch", Path::new("inotify"))?;
    let mut attended: Vec<Attended<'_>> = engines
        .iter_mut()
        .map(|engine| {
            // P11: subscribed before the first reading.
            let descriptor = watch.add(&engine.dir().dir()).ok();
            engine.note_all();
            Attended { engine, descriptor, retry: None, done: false }
        })
        .collect();
    let left = attend_until(&mut attended, &watch, is_done, until, interrupt);
    attended.iter_mut().try_for_each(|one| one.engine.sync())?;
    Ok(left)
}

fn attend_until(
    attended: &mut [Attended<'_>],
    watch: &Watch,
    is_done: &dyn Fn(&Engine) -> bool,
    until: Option<Instant>,
    interrupt: Option<&OwnedFd>,
) -> Left {
    let mut sweep_at = next_sweep(attended);
    loop {
        for one in attended.iter_mut() {
            one.work(is_done, watch);
        }
        if attended.iter().all(|one| one.done) {
            return Left::Done;
        }
        let now = Instant::now();
        if until.is_some_and(|until| until <= now) {
            return Left::TimedOut;
        }
        let wakes = attended.iter().filter(|one| !one.done).filter_map(Attended::wake);
        let next = wakes.chain(until).fold(sweep_at, Instant::min);
        let woken = wait(attended, watch, interrupt, next.saturating_duration_since(now));
        if woken.interrupted {
            return Left::Interrupted;
        }
        note(attended, watch, &woken);
        if Instant::now() >= sweep_at {
            for one in attended.iter_mut() {
                one.engine.note_all();
            }
            sweep_at = next_sweep(attended);
        }
    }
}

fn next_sweep(attended: &[Attended<'_>]) -> Instant {
    let blind = attended.iter().any(|one| one.descriptor.is_none());
    Instant::now() + if blind { BLIND_SWEEP } else { SWEEP }
}

struct Woken {
    interrupted: bool,
    /// Nothing happened; only time passed.
    quiet: bool,
    ended: Vec<ProcessId>,
}

fn wait(attended: &[Attended<'_>], watch: &Watch, interrupt: Option<&OwnedFd>, limit: Duration) -> Woken {
    let handles: Vec<_> =
        attended.iter().filter(|one| !one.done).flat_map(|one| one.engine.handles()).collect();
    let mut fds = vec![watch.as_fd()];
    fds.extend(handles.iter().map(|handle| handle.as_fd()));
    fds.extend(interrupt.map(OwnedFd::as_fd));
    let unsynced = attended.iter().any(|one| one.engine.unsynced_since().is_some());
    let ready = wait_readable(&fds, Some(if unsynced { limit.min(QUIET) } else { limit }));
    let quiet = !ready.contains(&true);
    let ended =
        handles.iter().zip(&ready[1..]).filter(|(_, ready)| **ready).map(|(handle, _)| handle.id()).collect();
    Woken { interrupted: interrupt.is_some() && ready.last() == Some(&true), quiet, ended }
}

fn note(attended: &mut [Attended<'_>], watch: &Watch, woken: &Woken) {
    for one in attended.iter_mut() {
        let overdue = one.engine.unsynced_since().is_some_and(|since| since.elapsed() > LONGEST_UNSYNCED);
        if woken.quiet || overdue {
            one.sync();
        }
        one.engine.note_time(Instant::now());
        for process in &woken.ended {
            one.engine.note_end(*process);
        }
    }
    for notice in watch.drain() {
        match notice {
            Notice::Overflow => attended.iter_mut().for_each(|one| one.engine.note_all()),
            Notice::File(descriptor, name) => {
                let Some(one) = attended.iter_mut().find(|one| one.descriptor == Some(descriptor)) else {
                    continue;
                };
                match layout::attempt_of_file(&name) {
                    Some((role, attempt)) => one.engine.note_file(&role, attempt),
                    None => one.engine.note_change(),
                }
            }
        }
    }
}

impl Attended<'_> {
    fn wake(&self) -> Option<Instant> {
        self.retry.map(|(at, _)| at).or(self.engine.wake())
    }

    fn sync(&mut self) {
        // The next state written is synced in its place.
        if let Err(error) = self.engine.sync() {
            self.tell(&error);
        }
    }

    fn tell(&self, error: &Error) {
        crate::frame::tell(&format!("convoy: {}: {}; trying again", self.engine.dir().id(), chain(error)));
    }

    fn work(&mut self, is_done: &dyn Fn(&Engine) -> bool, watch: &Watch) {
        if self.done || self.retry.is_some_and(|(at, _)| Instant::now() < at) {
            return;
        }
        match self.engine.settle() {
            Ok(()) => self.retry = None,
            // Removed by `rm`: nothing is left to do.
            Err(Error::NoConvoy(_)) => self.done = true,
            Err(error) => {
                let pause = self.retry.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
                self.tell(&error);
                self.retry = Some((Instant::now() + pause, pause));
                self.engine.note_all();
                return;
            }
        }
        if is_done(self.engine) {
            self.done = true;
            if let Some(descriptor) = self.descriptor.take() {
                watch.remove(descriptor);
            }
        }
    }
}

/// An error with its causes, joined by `: `.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}
