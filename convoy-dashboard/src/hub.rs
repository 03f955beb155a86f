//! What changes in the state directory, told to all who look: one inotify
//! instance, nothing polled, nothing watched that nobody looks at.

use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use nix::sys::inotify::WatchDescriptor;
use shared::attend::{Notice, Watch, wait_readable};
use shared::ids::{ConvoyId, Role};
use shared::layout::{ConvoyDir, Home, attempt_of_log};
use shared::{IoContext, catalog, files};
use tokio::sync::{broadcast, watch};

use crate::summary::{Summary, detail};
use crate::tail::Tail;

/// A log is read at once when it was quiet, and then at most this often.
const COALESCE: Duration = Duration::from_millis(6);
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
    names: WatchDescriptor,
    inner: Mutex<Inner>,
    changes: broadcast::Sender<Change>,
    /// Counts changes of the list.
    generation: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    list: HashMap<ConvoyId, Arc<Summary>>,
    open: HashMap<ConvoyId, Weak<Convoy>>,
    dirs: HashMap<WatchDescriptor, ConvoyId>,
}

/// A convoy somebody looks at.
#[derive(Debug)]
pub(crate) struct Convoy {
    hub: Weak<Hub>,
    pub(crate) dir: ConvoyDir,
    descriptor: Option<WatchDescriptor>,
    tails: Mutex<HashMap<(Role, u32), Weak<Tail>>>,
    told: Mutex<Instant>,
    /// The state as the page gets it; `None` when the convoy is gone.
    state: watch::Sender<Option<Arc<Shot>>>,
    /// Counts everything that may be of interest to a watcher.
    pulse: watch::Sender<u64>,
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
    pub(crate) fn new(home: Home) -> shared::Result<Arc<Self>> {
        let convoys = home.convoys();
        files::create_private_dir(&convoys)?;
        let watch = Watch::new().context("watch", &convoys)?;
        let names = watch.add_names(&convoys).context("watch", &convoys)?;
        let hub = Hub {
            home,
            watch,
            names,
            inner: Mutex::default(),
            changes: broadcast::channel(256).0,
            generation: AtomicU64::new(0),
        };
        hub.read_all()?;
        Ok(Arc::new(hub))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_all(&self) -> shared::Result<()> {
        let ids = catalog::all_ids(&self.home)?;
        let list =
            ids.into_iter().filter_map(|id| Some((id.clone(), Arc::new(Summary::read(&self.home, &id)?))));
        let list: HashMap<_, _> = list.collect();
        self.lock().list = list;
        self.generation.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// All convoys, in no order, and the generation of the list.
    pub(crate) fn list(&self) -> (Vec<Arc<Summary>>, u64) {
        let inner = self.lock();
        (inner.list.values().cloned().collect(), self.generation.load(Ordering::Relaxed))
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Hands on what the kernel tells; never returns. For a thread of its own.
    pub(crate) fn run(&self) {
        loop {
            wait_readable(&[self.watch.as_fd()], None);
            for notice in self.watch.drain() {
                self.take(notice);
            }
        }
    }

    fn take(&self, notice: Notice) {
        match notice {
            Notice::Overflow => self.take_everything(),
            Notice::File(descriptor, name) if descriptor == self.names => {
                if let Some(id) = Home::id_of_state_file(&name) {
                    self.take_state(&id);
                }
            }
            Notice::File(descriptor, name) => {
                let inner = self.lock();
                let convoy = inner.dirs.get(&descriptor).and_then(|id| inner.open.get(id)?.upgrade());
                drop(inner);
                if let (Some(convoy), Some((role, attempt))) = (convoy, attempt_of_log(&name)) {
                    self.take_output(&convoy, role, attempt);
                }
            }
        }
    }

    fn take_state(&self, id: &ConvoyId) {
        let found = Summary::read(&self.home, id).map(Arc::new);
        let mut inner = self.lock();
        let change = match found {
            Some(summary) => {
                inner.list.insert(id.clone(), Arc::clone(&summary));
                Change::Convoy(summary)
            }
            None => {
                inner.list.remove(id);
                Change::Gone(id.clone())
            }
        };
        let open = inner.open.get(id).and_then(Weak::upgrade);
        drop(inner);
        self.generation.fetch_add(1, Ordering::Relaxed);
        // Nobody may be looking.
        let _ = self.changes.send(change);
        if let Some(convoy) = open {
            convoy.read_state();
        }
    }

    /// Looks whether a watcher came or went: the one thing no file tells of.
    pub(crate) fn look_again(&self, id: &ConvoyId) {
        let known = self.lock().list.get(id).cloned();
        if known.is_some_and(|known| known.is_stale(&self.home.convoy(id))) {
            self.take_state(id);
        }
    }

    fn take_everything(&self) {
        // A list that cannot be read now is read at the next change.
        let _ = self.read_all();
        let _ = self.changes.send(Change::Everything);
        let open: Vec<_> = self.lock().open.values().filter_map(Weak::upgrade).collect();
        for convoy in open {
            convoy.read_state();
            convoy.tails().values().filter_map(Weak::upgrade).for_each(|tail| tail.written.notify_one());
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
        let dir = self.home.convoy(id);
        // A convoy without a directory (of the previous system) has no logs either.
        let descriptor = self.watch.add_file(&dir.dir()).ok();
        let convoy = Arc::new(Convoy {
            hub: Arc::downgrade(self),
            dir,
            descriptor,
            tails: Mutex::default(),
            told: Mutex::new(Instant::now()),
            state: watch::channel(None).0,
            pulse: watch::channel(0).0,
        });
        inner.open.insert(id.clone(), Arc::downgrade(&convoy));
        if let Some(descriptor) = descriptor {
            inner.dirs.insert(descriptor, id.clone());
        }
        drop(inner);
        convoy.read_state();
        convoy
    }
}

impl Drop for Convoy {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let mut inner = hub.lock();
        // Somebody may have opened it again, with the same descriptor.
        if inner.open.get(self.dir.id()).is_some_and(|open| open.strong_count() == 0) {
            inner.open.remove(self.dir.id());
            if let Some(descriptor) = self.descriptor {
                inner.dirs.remove(&descriptor);
                hub.watch.remove(descriptor);
            }
        }
    }
}

impl Convoy {
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

    pub(crate) fn state(&self) -> watch::Receiver<Option<Arc<Shot>>> {
        self.state.subscribe()
    }

    fn beat(&self) {
        self.pulse.send_modify(|pulse| *pulse += 1);
    }

    fn read_state(&self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let shot = detail(&hub.home, self.dir.id()).ok().map(|json| Arc::new(Shot::of(&json)));
        self.state.send_replace(shot);
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
