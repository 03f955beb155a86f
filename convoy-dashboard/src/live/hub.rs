//! What changes in the state directory, told to all who look: one inotify
//! instance, nothing watched that nobody looks at, and a slow sweep behind it,
//! which also stands in for notifications that the kernel does not grant.
//!
//! One thread reads states and tells of them ([`Hub::run`]): so the last one told is
//! the last one there was, however many look at once, and nobody who serves a
//! client waits for a disk. Others ask it to look ([`Bell`]).

pub(crate) mod convoy;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use base::error::{IoContext, chain};
use base::files;
use base::ids::{ConvoyId, Role};
use base::inotify::{BLIND_SWEEP, Interest, Notice, Watch, WatchDescriptor};
use base::poll::wait_readable;
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home, attempt_of_log};
use tokio::sync::broadcast;

use super::bell::Bell;
use super::summary::Summary;
use convoy::{Activity, Convoy};

/// Everything is looked at again this often.
const SWEEP: Duration = Duration::from_secs(60);

/// Something in the list changed.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Convoy(Arc<Summary>),
    Gone(ConvoyId),
    /// When its agents printed last.
    Activity(ConvoyId, Arc<Activity>),
    /// Some changes were lost: read the list again.
    Everything,
}

#[derive(Debug)]
pub(crate) struct Hub {
    home: Home,
    watch: Watch,
    bell: Bell,
    inner: Mutex<Inner>,
    changes: broadcast::Sender<Change>,
}

#[derive(Debug, Default)]
struct Inner {
    list: HashMap<ConvoyId, Known>,
    /// Why the list cannot be read, if so.
    unreadable: Option<String>,
    open: HashMap<ConvoyId, Weak<Convoy>>,
    names: Option<WatchDescriptor>,
    dirs: HashMap<WatchDescriptor, ConvoyId>,
}

/// A convoy of the list, and which version of its state file that is of: of none,
/// if that could not be read, so that it is tried again.
#[derive(Debug)]
struct Known {
    version: Version,
    summary: Arc<Summary>,
}

/// Inode, time of change, size: a state is replaced as a whole.
type Version = Option<(u64, i64, i64, u64)>;

fn version(dir: &ConvoyDir) -> Version {
    let found = fs::metadata(dir.state()).ok()?;
    Some((found.ino(), found.ctime(), found.ctime_nsec(), found.len()))
}

impl Hub {
    /// Watches, then reads the list: nothing is missed in between.
    pub(crate) fn new(home: Home) -> base::Result<Arc<Self>> {
        files::create_private_dir(&home.convoys())?;
        let hub = Hub {
            home,
            watch: Watch::new(),
            bell: Bell::new().context("make a socket for", Path::new("changes"))?,
            inner: Mutex::default(),
            changes: broadcast::channel(256).0,
        };
        hub.subscribe();
        let mut inner = hub.lock();
        for id in convoys::all_ids(&hub.home)? {
            hub.read(&mut inner, &id);
        }
        drop(inner);
        Ok(Arc::new(hub))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one convoy of the list; `None` when it is no more.
    fn read(&self, inner: &mut Inner, id: &ConvoyId) -> Option<Arc<Summary>> {
        // The version first: what is newer by the time of reading is read again.
        let version = version(&self.home.convoy(id));
        match Summary::read(&self.home, id).map(Arc::new) {
            Some(summary) => {
                let version = if summary.is_unusable { None } else { version };
                inner.list.insert(id.clone(), Known { version, summary: Arc::clone(&summary) });
                Some(summary)
            }
            None => {
                inner.list.remove(id);
                None
            }
        }
    }

    /// All convoys, in no order.
    pub(crate) fn list(&self) -> Vec<Arc<Summary>> {
        let inner = self.lock();
        inner.list.values().map(|known| Arc::clone(&known.summary)).collect()
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Why the list is not to be had now, if so.
    pub(crate) fn unreadable(&self) -> Option<String> {
        self.lock().unreadable.clone()
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Hands on what the kernel tells; never returns. For a thread of its own.
    pub(crate) fn run(&self) {
        let mut swept = Instant::now();
        loop {
            let (blind, news) = self.subscribe();
            let pace = if blind { BLIND_SWEEP } else { SWEEP };
            if news || swept.elapsed() >= pace {
                self.sweep();
                swept = Instant::now();
            }
            let fds: Vec<_> = self.watch.fd().into_iter().chain([self.bell.fd()]).collect();
            wait_readable(&fds, Some(pace.saturating_sub(swept.elapsed())));
            for id in self.bell.take() {
                self.look(&id);
            }
            for notice in self.watch.drain() {
                self.take(notice);
            }
        }
    }

    /// Asks for the notifications that are missing. Are some still, and are
    /// there new ones? Those are of what happens from now on.
    fn subscribe(&self) -> (bool, bool) {
        let mut inner = self.lock();
        let (mut blind, mut news) = (false, false);
        if inner.names.is_none() {
            inner.names = self.watch.add(&self.home.convoys(), Interest::Names);
            blind |= inner.names.is_none();
            news |= inner.names.is_some();
        }
        let open = open_ones(&inner);
        drop(inner);
        for convoy in &open {
            // A convoy without a directory (of the previous system) has no logs either.
            if !convoy.is_watched() && !matches!(convoy.dir.dir().try_exists(), Ok(false)) {
                let watched = self.watch_dir(convoy);
                blind |= !watched;
                news |= watched;
            }
        }
        (blind, news)
    }

    /// Is it watched from now on?
    fn watch_dir(&self, convoy: &Convoy) -> bool {
        let Some(descriptor) = self.watch.add(&convoy.dir.dir(), Interest::Writes) else { return false };
        self.lock().dirs.insert(descriptor, convoy.dir.id().clone());
        convoy.set_descriptor(descriptor);
        true
    }

    /// Looks whether anything changed that was not told of.
    fn sweep(&self) {
        let mut inner = self.lock();
        let ids = match convoys::all_ids(&self.home) {
            Ok(ids) => ids,
            Err(error) => {
                let why = Some(chain(&error));
                let changed = std::mem::replace(&mut inner.unreadable, why.clone()) != why;
                drop(inner);
                if changed {
                    self.tell(Change::Everything);
                }
                return;
            }
        };
        if inner.unreadable.take().is_some() {
            self.tell(Change::Everything);
        }
        let ids: HashSet<ConvoyId> = ids.into_iter().collect();
        let gone = inner.list.keys().filter(|id| !ids.contains(*id));
        let is_new = |id: &&ConvoyId| {
            inner.list.get(*id).is_none_or(|known| known.version != version(&self.home.convoy(id)))
        };
        let changed: Vec<ConvoyId> = ids.iter().filter(is_new).chain(gone).cloned().collect();
        let open = open_ones(&inner);
        drop(inner);
        for id in &changed {
            self.take_state(id);
        }
        for convoy in open {
            convoy.look_at_logs();
        }
    }

    /// The list is another one now.
    fn tell(&self, change: Change) {
        // Nobody may be looking.
        let _ = self.changes.send(change);
    }

    fn take(&self, notice: Notice) {
        match notice {
            Notice::Overflow => self.sweep(),
            Notice::File(descriptor, name) => {
                let inner = self.lock();
                if inner.names == Some(descriptor) {
                    drop(inner);
                    if let Some(id) = Home::id_of_state_file(&name) {
                        self.take_state(&id);
                    }
                    return;
                }
                let convoy = inner.dirs.get(&descriptor).and_then(|id| inner.open.get(id)?.upgrade());
                drop(inner);
                if let (Some(convoy), Some((role, attempt))) = (convoy, attempt_of_log(&name)) {
                    self.take_output(&convoy, &role, attempt);
                }
            }
        }
    }

    fn take_state(&self, id: &ConvoyId) {
        let mut inner = self.lock();
        let before = inner.list.get(id).map(|known| Arc::clone(&known.summary));
        let now = self.read(&mut inner, id);
        // One that cannot be read is read again and again: it is told of once.
        let is_news = match (&before, &now) {
            (Some(before), Some(now)) => !before.is_unusable || before.json != now.json,
            _ => true,
        };
        if is_news {
            // In the order of reading.
            self.tell(now.map_or_else(|| Change::Gone(id.clone()), Change::Convoy));
        }
        let open = inner.open.get(id).and_then(Weak::upgrade);
        drop(inner);
        if let Some(convoy) = open {
            convoy.read_state(&self.home);
        }
    }

    /// Asks for a look whether a watcher came or went: the one thing no file tells of.
    pub(crate) fn look_again(&self, id: &ConvoyId) {
        self.bell.ask(id);
    }

    /// Looks at what somebody has asked for: who has just begun to look at a convoy
    /// waits for its first state.
    fn look(&self, id: &ConvoyId) {
        let inner = self.lock();
        let known = inner.list.get(id).map(|known| Arc::clone(&known.summary));
        let open = inner.open.get(id).and_then(Weak::upgrade);
        drop(inner);
        if let Some(convoy) = &open {
            self.tell_activity(convoy);
        }
        let unread = open.filter(|convoy| !convoy.is_read());
        // Watched before it is read: nothing is missed in between.
        if let Some(convoy) = &unread {
            self.watch_dir(convoy);
        }
        if known.is_some_and(|known| known.is_stale(&self.home.convoy(id))) {
            self.take_state(id);
        } else if let Some(convoy) = unread {
            convoy.read_state(&self.home);
        }
    }

    fn take_output(&self, convoy: &Convoy, role: &Role, attempt: u32) {
        convoy.take_output(role, attempt);
        self.tell_activity(convoy);
    }

    /// By what the logs say, not by what the kernel told: nothing is missed where it
    /// tells nothing.
    fn tell_activity(&self, convoy: &Convoy) {
        if let Some(activity) = convoy.look_for_activity() {
            // Nobody may be looking.
            let _ = self.changes.send(Change::Activity(convoy.dir.id().clone(), activity));
        }
    }

    /// Begins to watch a convoy; it is watched as long as somebody holds it.
    pub(crate) fn open(self: &Arc<Self>, id: &ConvoyId) -> Arc<Convoy> {
        let mut inner = self.lock();
        if let Some(convoy) = inner.open.get(id).and_then(Weak::upgrade) {
            return convoy;
        }
        let convoy = Arc::new(Convoy::new(self, self.home.convoy(id)));
        inner.open.insert(id.clone(), Arc::downgrade(&convoy));
        drop(inner);
        self.bell.ask(id);
        convoy
    }

    /// Nobody looks at this one any more.
    pub(super) fn close(&self, id: &ConvoyId, descriptor: Option<WatchDescriptor>) {
        let mut inner = self.lock();
        // Somebody may have opened it again, with the same descriptor.
        if inner.open.get(id).is_some_and(|open| open.strong_count() == 0) {
            inner.open.remove(id);
            if let Some(descriptor) = descriptor {
                inner.dirs.remove(&descriptor);
                self.watch.remove(descriptor);
            }
        }
    }
}

/// To be let go of when the lock is: whoever drops the last hold on one takes it.
fn open_ones(inner: &Inner) -> Vec<Arc<Convoy>> {
    inner.open.values().filter_map(Weak::upgrade).collect()
}
