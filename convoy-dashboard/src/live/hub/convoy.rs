//! A convoy that somebody looks at: its state and the logs of its agents, told to
//! all of them. The hub's thread writes it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use base::Error;
use base::error::chain;
use base::ids::Role;
use base::inotify::WatchDescriptor;
use jiff::Timestamp;
use protocol::layout::{ConvoyDir, Home};
use tokio::sync::watch;

use super::Hub;
use crate::live::summary::{detail, size_and_time};
use crate::live::tail::Tail;

/// A log is read at once when it was quiet, and then at most this often.
const COALESCE: Duration = Duration::from_millis(6);
/// Which agents print is looked at, and told, at most this often.
const ACTIVITY: Duration = Duration::from_secs(5);

/// When each agent that runs printed last.
pub(crate) type Activity = BTreeMap<Role, Timestamp>;

#[derive(Debug)]
pub(crate) struct Convoy {
    hub: Weak<Hub>,
    pub(crate) dir: ConvoyDir,
    descriptor: Mutex<Option<WatchDescriptor>>,
    tails: Mutex<HashMap<(Role, u32), Weak<Tail>>>,
    /// When it was looked last which agents print.
    looked: Mutex<Instant>,
    activity: watch::Sender<Arc<Activity>>,
    state: watch::Sender<Seen>,
    /// Counts everything that may be of interest to a watcher.
    pulse: watch::Sender<u64>,
}

/// The state as the page gets it.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// It is about to be read.
    Unread,
    There(Arc<Snapshot>),
    Gone,
    /// It is there and cannot be read now, for this reason.
    Unreadable(Arc<str>),
}

/// A state at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The message that tells of it.
    pub(crate) message: String,
    pub(crate) ended: bool,
    /// Role and current attempt of each agent, in order.
    pub(crate) agents: Vec<(Role, u32)>,
    /// Those of them that run.
    running: Vec<(Role, u32)>,
}

impl Convoy {
    pub(super) fn new(hub: &Arc<Hub>, dir: ConvoyDir) -> Self {
        Convoy {
            hub: Arc::downgrade(hub),
            dir,
            descriptor: Mutex::default(),
            tails: Mutex::default(),
            looked: Mutex::new(Instant::now()),
            activity: watch::channel(Arc::default()).0,
            state: watch::channel(Seen::Unread).0,
            pulse: watch::channel(0).0,
        }
    }

    fn descriptor(&self) -> MutexGuard<'_, Option<WatchDescriptor>> {
        self.descriptor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_descriptor(&self, descriptor: WatchDescriptor) {
        *self.descriptor() = Some(descriptor);
    }

    pub(super) fn is_watched(&self) -> bool {
        self.descriptor().is_some()
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

    pub(super) fn is_read(&self) -> bool {
        !matches!(*self.state.borrow(), Seen::Unread)
    }

    fn beat(&self) {
        self.pulse.send_modify(|pulse| *pulse += 1);
    }

    pub(super) fn read_state(&self, home: &Home) {
        let seen = match detail(home, self.dir.id()) {
            Ok(json) => Seen::There(Arc::new(Snapshot::of(&json))),
            Err(Error::NoConvoy(_)) => Seen::Gone,
            Err(error) => Seen::Unreadable(chain(&error).into()),
        };
        self.state.send_replace(seen);
        self.beat();
    }

    /// An agent printed.
    pub(super) fn take_output(&self, role: &Role, attempt: u32) {
        let tail = self.tails().get(&(role.clone(), attempt)).and_then(Weak::upgrade);
        if let Some(tail) = tail {
            tail.written.notify_one();
        }
    }

    /// When each agent that runs printed last, if that is another answer than the
    /// last one and it is time to look again.
    pub(super) fn look_for_activity(&self) -> Option<Arc<Activity>> {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.elapsed() < ACTIVITY {
            return None;
        }
        *looked = Instant::now();
        drop(looked);
        let Seen::There(snapshot) = self.state.borrow().clone() else { return None };
        let printed = snapshot.running.iter().filter_map(|(role, attempt)| {
            let (_, at) = size_and_time(&self.dir.attempt(role, *attempt).log())?;
            Some((role.clone(), at))
        });
        let activity = Arc::new(printed.collect::<Activity>());
        let is_news = *self.activity.borrow() != activity;
        is_news.then(|| {
            self.activity.send_replace(Arc::clone(&activity));
            self.beat();
            activity
        })
    }

    pub(crate) fn activity(&self) -> watch::Receiver<Arc<Activity>> {
        self.activity.subscribe()
    }

    /// Every log that is followed may have grown.
    pub(super) fn look_at_logs(&self) {
        self.tails().values().filter_map(Weak::upgrade).for_each(|tail| tail.written.notify_one());
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

impl Drop for Convoy {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            let descriptor = self.descriptor().take();
            hub.close(self.dir.id(), descriptor);
        }
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

impl Snapshot {
    fn of(json: &serde_json::Value) -> Self {
        let agents = || json["agents"].as_array().into_iter().flatten();
        let named = |agent: &serde_json::Value| {
            let attempt = agent["attempt"].as_u64().unwrap_or(0);
            Some((agent["role"].as_str()?.parse().ok()?, attempt as u32))
        };
        Snapshot {
            message: serde_json::json!({ "t": "state", "state": json }).to_string(),
            ended: json["status"] != "running",
            agents: agents().filter_map(named).collect(),
            running: agents().filter(|agent| agent["status"] == "running").filter_map(named).collect(),
        }
    }
}
