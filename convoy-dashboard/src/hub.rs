//! What changes in the state directory, told to all who look: one inotify
//! instance, nothing watched that nobody looks at, and a slow sweep behind it,
//! which also stands in for notifications that the kernel does not grant.
//!
//! A state is read and told of under the lock: so the last one told is the last
//! one there was, however many look at once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use base::error::chain;
use base::ids::{ConvoyId, Role};
use base::inotify::{BLIND_SWEEP, Interest, Notice, Watch, WatchDescriptor};
use base::poll::wait_readable;
use base::{Error, files};
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home, attempt_of_log};
use tokio::sync::{broadcast, watch};

use crate::summary::{Summary, detail};
use crate::tail::Tail;

/// A log is read at once when it was quiet, and then at most this often.
const COALESCE: Duration = Duration::from_millis(6);
/// Everything is looked at again this often.
const SWEEP: Duration = Duration::from_secs(60);
/// That an agent prints is told to the list at most this often.
const ACTIVITY: Duration = Duration::from_secs(5);

/// Something in the list changed.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Convoy(Arc<Summary>),
    Gone(ConvoyId),
    /// An agent prints.
    Activity(ConvoyId, Role),
    /// Some changes were lost: read the list again.
    Everything,
}

#[derive(Debug)]
pub(crate) struct Hub {
    home: Home,
    watch: Watch,
    inner: Mutex<Inner>,
    changes: broadcast::Sender<Change>,
    /// Counts changes of the list.
    generation: AtomicU64,
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

/// A convoy somebody looks at.
#[derive(Debug)]
pub(crate) struct Convoy {
    hub: Weak<Hub>,
    pub(crate) dir: ConvoyDir,
    descriptor: Mutex<Option<WatchDescriptor>>,
    tails: Mutex<HashMap<(Role, u32), Weak<Tail>>>,
    told: Mutex<Instant>,
    /// Held from the reading of a state to its telling.
    telling: Mutex<()>,
    state: watch::Sender<Seen>,
    /// Counts everything that may be of interest to a watcher.
    pulse: watch::Sender<u64>,
}

/// The state as the page gets it.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    There(Arc<Shot>),
    Gone,
    /// It is there and cannot be read now, for this reason.
    Unreadable(Arc<str>),
}

/// A state at one moment.
#[derive(Debug)]
pub(crate) struct Shot {
    /// The message that tells of it.
    pub(crate) message: String,
    pub(crate) ended: bool,
    /// Role and current attempt of each agent, in order.
    pub(crate) agents: Vec<(Role, u32)>,
}

impl Hub {
    /// Watches, then reads the list: nothing is missed in between.
    pub(crate) fn new(home: Home) -> base::Result<Arc<Self>> {
        files::create_private_dir(&home.convoys())?;
        let hub = Hub {
            home,
            watch: Watch::new(),
            inner: Mutex::default(),
            changes: broadcast::channel(256).0,
            generation: AtomicU64::new(0),
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

    /// All convoys, in no order, and the generation of the list.
    pub(crate) fn list(&self) -> (Vec<Arc<Summary>>, u64) {
        let inner = self.lock();
        let all = inner.list.values().map(|known| Arc::clone(&known.summary));
        (all.collect(), self.generation.load(Ordering::Relaxed))
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
            let fds: Vec<_> = self.watch.fd().into_iter().collect();
            wait_readable(&fds, Some(pace.saturating_sub(swept.elapsed())));
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
            let mut descriptor = convoy.descriptor();
            // A convoy without a directory (of the previous system) has no logs either.
            if descriptor.is_none() && !matches!(convoy.dir.dir().try_exists(), Ok(false)) {
                *descriptor = self.watch_dir(convoy);
                blind |= descriptor.is_none();
                news |= descriptor.is_some();
            }
        }
        (blind, news)
    }

    fn watch_dir(&self, convoy: &Convoy) -> Option<WatchDescriptor> {
        let descriptor = self.watch.add(&convoy.dir.dir(), Interest::Writes)?;
        self.lock().dirs.insert(descriptor, convoy.dir.id().clone());
        Some(descriptor)
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
            convoy.tails().values().filter_map(Weak::upgrade).for_each(|tail| tail.written.notify_one());
        }
    }

    /// The list is another one now.
    fn tell(&self, change: Change) {
        self.generation.fetch_add(1, Ordering::Relaxed);
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
                    self.take_output(&convoy, role, attempt);
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
            convoy.read_state();
        }
    }

    /// Looks whether a watcher came or went: the one thing no file tells of.
    pub(crate) fn look_again(&self, id: &ConvoyId) {
        let known = self.lock().list.get(id).map(|known| Arc::clone(&known.summary));
        if known.is_some_and(|known| known.is_stale(&self.home.convoy(id))) {
            self.take_state(id);
        }
    }

    fn take_output(&self, convoy: &Convoy, role: Role, attempt: u32) {
        let tail = convoy.tails().get(&(role.clone(), attempt)).and_then(Weak::upgrade);
        if let Some(tail) = tail {
            tail.written.notify_one();
        }
        let mut told = convoy.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= ACTIVITY {
            *told = Instant::now();
            let _ = self.changes.send(Change::Activity(convoy.dir.id().clone(), role));
        }
    }

    /// Begins to watch a convoy; it is watched as long as somebody holds it.
    pub(crate) fn open(self: &Arc<Self>, id: &ConvoyId) -> Arc<Convoy> {
        let mut inner = self.lock();
        if let Some(convoy) = inner.open.get(id).and_then(Weak::upgrade) {
            return convoy;
        }
        let convoy = Arc::new(Convoy {
            hub: Arc::downgrade(self),
            dir: self.home.convoy(id),
            descriptor: Mutex::default(),
            tails: Mutex::default(),
            told: Mutex::new(Instant::now()),
            telling: Mutex::default(),
            state: watch::channel(Seen::Gone).0,
            pulse: watch::channel(0).0,
        });
        inner.open.insert(id.clone(), Arc::downgrade(&convoy));
        drop(inner);
        let descriptor = self.watch_dir(&convoy);
        *convoy.descriptor() = descriptor;
        convoy.read_state();
        convoy
    }
}

/// To be let go of when the lock is: whoever drops the last hold on one takes it.
fn open_ones(inner: &Inner) -> Vec<Arc<Convoy>> {
    inner.open.values().filter_map(Weak::upgrade).collect()
}

impl Drop for Convoy {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let mut inner = hub.lock();
        // Somebody may have opened it again, with the same descriptor.
        if inner.open.get(self.dir.id()).is_some_and(|open| open.strong_count() == 0) {
            inner.open.remove(self.dir.id());
            if let Some(descriptor) = self.descriptor().take() {
                inner.dirs.remove(&descriptor);
                hub.watch.remove(descriptor);
            }
        }
    }
}

impl Convoy {
    fn descriptor(&self) -> MutexGuard<'_, Option<WatchDescriptor>> {
        self.descriptor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tails(&self) -> MutexGuard<'_, HashMap<(Role, u32), Weak<Tail>>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Hub::look_again`], for the watchers of this one.
    pub(crate) fn look_again(&self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.look_again(self.dir.id());
        }
    }

    pub(crate) fn pulse(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    pub(crate) fn state(&self) -> watch::Receiver<Seen> {
        self.state.subscribe()
    }

    fn beat(&self) {
        self.pulse.send_modify(|pulse| *pulse += 1);
    }

    fn read_state(&self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let _telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = match detail(&hub.home, self.dir.id()) {
            Ok(json) => Seen::There(Arc::new(Shot::of(&json))),
            Err(Error::NoConvoy(_)) => Seen::Gone,
            Err(error) => Seen::Unreadable(chain(&error).into()),
        };
        self.state.send_replace(seen);
        self.beat();
    }

    /// The log of an attempt, followed as long as somebody holds it.
    pub(crate) fn tail(self: &Arc<Self>, agent: u16, role: &Role, attempt: u32) -> Arc<Tail> {
        let mut tails = self.tails();
        tails.retain(|_, tail| tail.strong_count() > 0);
        let key = (role.clone(), attempt);
        if let Some(tail) = tails.get(&key).and_then(Weak::upgrade) {
            return tail;
        }
        let tail = Arc::new(Tail::new(self.dir.attempt(role, attempt).log(), agent, attempt));
        tails.insert(key, Arc::downgrade(&tail));
        tokio::spawn(follow(Arc::downgrade(self), Arc::downgrade(&tail)));
        // Between its first look and its name being known here it may have grown.
        tail.written.notify_one();
        tail
    }
}

/// Reads what a log gains and tells its watchers, until there are none.
async fn follow(convoy: Weak<Convoy>, tail: Weak<Tail>) {
    let mut last = Instant::now();
    loop {
        let Some(held) = tail.upgrade() else { return };
        // The last watcher's going does not notify: look now and then.
        let written = tokio::time::timeout(Duration::from_secs(30), held.written.notified()).await;
        if written.is_err() {
            continue;
        }
        drop(held);
        tokio::time::sleep(COALESCE.saturating_sub(last.elapsed())).await;
        last = Instant::now();
        let (Some(convoy), Some(tail)) = (convoy.upgrade(), tail.upgrade()) else { return };
        if tail.refresh() {
            convoy.beat();
        }
    }
}

impl Shot {
    fn of(json: &serde_json::Value) -> Self {
        let agents = json["agents"].as_array().into_iter().flatten();
        Shot {
            message: serde_json::json!({ "t": "state", "state": json }).to_string(),
            ended: json["status"] != "running",
            agents: agents
                .filter_map(|agent| {
                    let attempt = agent["attempt"].as_u64().unwrap_or(0);
                    Some((agent["role"].as_str()?.parse().ok()?, attempt as u32))
                })
                .collect(),
        }
    }
}
