//! Notifications of the file system, and what stands in for them (P11).
//!
//! inotify only makes things quick. The kernel may grant none (a user's
//! instances or watches are used up, descriptors are): then whoever waits looks
//! again at the pace of [`BLIND_SWEEP`], and asks for notifications each time.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};

pub use nix::sys::inotify::WatchDescriptor;

use crate::poll::{pause, wait_readable};

/// How often those look who are not notified.
pub const BLIND_SWEEP: Duration = Duration::from_secs(1);

/// What to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Names that appear in a directory, and files in it that were written and closed.
    Files,
    /// Names that appear in a directory and names that go.
    Names,
    /// Every write to a file, or to the files in a directory.
    Writes,
    /// That somebody who could write to the file has closed it.
    Closed,
}

impl Interest {
    fn flags(self) -> AddWatchFlags {
        match self {
            Interest::Files => {
                AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CLOSE_WRITE
            }
            Interest::Names => {
                AddWatchFlags::IN_CREATE
                    | AddWatchFlags::IN_MOVED_TO
                    | AddWatchFlags::IN_DELETE
                    | AddWatchFlags::IN_MOVED_FROM
            }
            Interest::Writes => AddWatchFlags::IN_MODIFY,
            Interest::Closed => AddWatchFlags::IN_CLOSE_WRITE,
        }
    }
}

/// What happened to a watched file, or in a watched directory.
#[derive(Debug)]
pub enum Notice {
    File(WatchDescriptor, String),
    /// Some notices were lost.
    Overflow,
}

/// Notifications of one place or several, as far as the kernel grants them.
#[derive(Debug, Default)]
pub struct Watch {
    inotify: OnceLock<Inotify>,
}

impl Watch {
    /// Nothing is watched yet.
    pub fn new() -> Self {
        Watch::default()
    }

    fn inotify(&self) -> Option<&Inotify> {
        if self.inotify.get().is_none()
            && let Ok(inotify) = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)
        {
            // Another thread's is as good.
            let _ = self.inotify.set(inotify);
        }
        self.inotify.get()
    }

    /// Begins to watch. `None`, whatever the reason: of this place nothing will
    /// be told, so look at it every [`BLIND_SWEEP`], and ask again.
    pub fn add(&self, path: &Path, interest: Interest) -> Option<WatchDescriptor> {
        self.inotify()?.add_watch(path, interest.flags()).ok()
    }

    /// Ends what [`Watch::add`] began; what is gone already is no error.
    pub fn remove(&self, descriptor: WatchDescriptor) {
        if let Some(inotify) = self.inotify.get() {
            // It goes by itself with what it watched.
            let _ = inotify.rm_watch(descriptor);
        }
    }

    /// Ends without the caller waiting for it: the kernel closes one only when nobody
    /// reads the list of what is watched any more, which takes it 13 ms (Linux 6.18).
    pub fn end(mut self) {
        let inotify = self.inotify.take();
        // Without a thread it is closed here.
        let _ = std::thread::Builder::new().spawn(move || drop(inotify));
    }

    /// Readable when there are notices; `None`: there will be none.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.get().map(AsFd::as_fd)
    }

    /// Takes all that is there.
    pub fn drain(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        let Some(inotify) = self.inotify.get() else { return notices };
        loop {
            match inotify.read_events() {
                Ok(events) if events.is_empty() => return notices,
                Ok(events) => notices.extend(events.into_iter().map(notice)),
                Err(Errno::EAGAIN) => return notices,
                Err(Errno::EINTR) => {}
                Err(_) => {
                    // They stay unread, and the descriptor readable: not a reason to spin.
                    pause(BLIND_SWEEP);
                    notices.push(Notice::Overflow);
                    return notices;
                }
            }
        }
    }
}

fn notice(event: InotifyEvent) -> Notice {
    if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
        return Notice::Overflow;
    }
    let name = event.name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Notice::File(event.wd, name)
}

/// Waits for a change in the directory of one convoy, and of files beside it.
#[derive(Debug)]
pub struct ConvoyWatch {
    watch: Watch,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    path: PathBuf,
    interest: Interest,
    descriptor: Option<WatchDescriptor>,
}

impl ConvoyWatch {
    pub fn new(dir: PathBuf) -> Self {
        let mut watch = ConvoyWatch { watch: Watch::new(), places: Vec::new() };
        watch.also(dir, Interest::Files);
        watch
    }

    /// From now on of this one, too.
    pub fn also(&mut self, path: PathBuf, interest: Interest) {
        let descriptor = self.watch.add(&path, interest);
        self.places.push(Place { path, interest, descriptor });
    }

    /// Waits for the next change, at most this long, and drains: read after it.
    pub fn wait(&mut self, limit: Duration) {
        let mut limit = limit;
        for place in self.places.iter_mut().filter(|place| place.descriptor.is_none()) {
            place.descriptor = self.watch.add(&place.path, place.interest);
            // Now that it is watched, what happened before has to be read.
            limit = if place.descriptor.is_some() { Duration::ZERO } else { limit.min(BLIND_SWEEP) };
        }
        let fds: Vec<_> = self.watch.fd().into_iter().collect();
        wait_readable(&fds, Some(limit));
        self.watch.drain();
    }
}
