//! One scheduler in the loop: what it waits for, and how it goes on after an error.

use std::time::{Duration, Instant};

use base::error::{Error, Result, chain};
use base::inotify::{Interest, Watch, WatchDescriptor};
use base::lock::Lock;
use protocol::layout;
use protocol::watch_lock::{self, Stay};

use crate::scheduler::Scheduler;

/// After an error (disk full, a state that cannot be read): from, up to.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A lock that is let go is free a moment after its file is closed.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What one has to do with the convoy's `watch.lock` (P6).
#[derive(Debug)]
enum Hold {
    /// Works whoever else does.
    None,
    Held(Lock, Stay),
    /// Another scheduler is at work: it does nothing until that one leaves.
    Awaited,
}

/// One scheduler in the loop, and what the loop keeps of it.
#[derive(Debug)]
pub struct Task {
    pub(super) scheduler: Scheduler,
    hold: Hold,
    /// While standing by: the lock may be free.
    pub(super) look: bool,
    pub(super) descriptor: Option<WatchDescriptor>,
    pub(super) lock_descriptor: Option<WatchDescriptor>,
    /// Not to be worked on before, and the pause after the next error.
    retry: Option<(Instant, Duration)>,
    /// The error that keeps it from going on, in words.
    trouble: Option<String>,
    /// Its errors are for the caller to tell.
    silent: bool,
    pub(super) done: bool,
}

impl Task {
    fn with(scheduler: Scheduler, hold: Hold) -> Self {
        let (descriptor, lock_descriptor) = (None, None);
        Task {
            scheduler,
            hold,
            look: true,
            descriptor,
            lock_descriptor,
            retry: None,
            trouble: None,
            silent: false,
            done: false,
        }
    }

    /// Works beside whatever schedulers there are.
    pub fn beside(scheduler: Scheduler) -> Self {
        Self::with(scheduler, Hold::None)
    }

    /// Works with the convoy's lock, and gives it back as soon as it is done.
    pub fn holding(scheduler: Scheduler, lock: Lock, stay: Stay) -> Self {
        Self::with(scheduler, Hold::Held(lock, stay))
    }

    /// Takes the convoy up when the scheduler at work on it leaves, and then
    /// stays until it has ended.
    pub fn standing_by(scheduler: Scheduler) -> Self {
        Self::with(scheduler, Hold::Awaited)
    }

    /// Tells nobody of errors: [`Task::trouble`] does.
    #[must_use]
    pub fn silent(self) -> Self {
        Task { silent: true, ..self }
    }

    /// Who runs the convoy.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// What keeps it from going on, if something does.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

impl Task {
    /// Whoever stands by is told of one file only: it sleeps while others work.
    pub(super) fn subscribe(&mut self, watch: &Watch) {
        let dir = self.scheduler.dir();
        if matches!(self.hold, Hold::Awaited) {
            // The same again, unless the lock's file is another one by now.
            self.lock_descriptor = watch.add(&dir.watch_lock(), Interest::Closed);
        } else if self.descriptor.is_none() {
            self.descriptor = watch.add(&dir.dir(), Interest::Files);
        }
    }

    pub(super) fn is_blind(&self) -> bool {
        match self.hold {
            Hold::Awaited => self.lock_descriptor.is_none(),
            Hold::None | Hold::Held(..) => self.descriptor.is_none(),
        }
    }

    pub(super) fn is_at_work(&self) -> bool {
        !self.done && !matches!(self.hold, Hold::Awaited)
    }

    pub(super) fn wake(&self, now: Instant) -> Option<Instant> {
        match (self.retry, &self.hold) {
            (Some((at, _)), _) if now < at => Some(at),
            (_, Hold::Awaited) => self.look.then_some(now),
            (_, Hold::None | Hold::Held(..)) => self.scheduler.wake(),
        }
    }

    pub(super) fn is_pausing(&self, now: Instant) -> bool {
        self.retry.is_some_and(|(at, _)| now < at)
    }

    /// A name is new or was written to. True: the state may be another one.
    pub(super) fn note_name(&mut self, name: &str) -> bool {
        match layout::attempt_of_file(name) {
            Some((role, attempt)) => self.scheduler.note_file(&role, attempt, name),
            None if layout::is_of_merge(name) => self.scheduler.note_merge(),
            None => return true,
        }
        false
    }

    pub(super) fn sync(&mut self) {
        if self.is_pausing(Instant::now()) || self.scheduler.unsynced_since().is_none() {
            return;
        }
        match self.scheduler.sync() {
            Ok(()) => self.go_on(),
            Err(error) => self.try_later(&error),
        }
    }

    fn go_on(&mut self) {
        (self.retry, self.trouble) = (None, None);
    }

    /// Tells of an error, once as long as it is the same, and lets some time pass,
    /// the longer the oftener.
    fn try_later(&mut self, error: &Error) {
        let trouble = Some(format!("{}: {}", self.scheduler.dir().id(), chain(error)));
        if self.trouble != trouble {
            self.trouble = trouble;
            if let Some(words) = self.trouble.as_ref().filter(|_| !self.silent) {
                base::program::tell(&format!("convoy: {words}; trying again"));
            }
        }
        let pause = self.retry.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.retry = Some((Instant::now() + pause, pause));
    }

    pub(super) fn work(&mut self, is_done: &dyn Fn(&Scheduler) -> bool, watch: &Watch, now: Instant) {
        if self.done || self.is_pausing(now) {
            return;
        }
        match self.take_up(watch).and_then(|ours| if ours { self.scheduler.settle() } else { Ok(()) }) {
            Ok(()) if !self.is_at_work() => return,
            Ok(()) if self.scheduler.unsynced_since().is_none() => self.go_on(),
            Ok(()) => {}
            // Removed by `rm`: nothing is left to do.
            Err(Error::NoConvoy(_)) => return self.finish(watch),
            Err(error) => {
                self.try_later(&error);
                self.look = true;
                self.scheduler.note_all();
                return;
            }
        }
        if is_done(&self.scheduler) {
            self.leave(watch);
        } else if matches!(self.hold, Hold::Held(_, Stay::UntilTheEnd)) {
            // Who leaves soon could wake nobody.
            self.scheduler.park();
        }
    }

    /// Does it work on the convoy, by now? Who stands by looks whether it may.
    fn take_up(&mut self, watch: &Watch) -> Result<bool> {
        if !matches!(self.hold, Hold::Awaited) {
            return Ok(true);
        }
        if !std::mem::take(&mut self.look) {
            return Ok(false);
        }
        let dir = self.scheduler.dir();
        // Asked first: a try opens the file for writing, which wakes the others
        // who stand by, and they would wake this one.
        if watch_lock::has_living_holder(dir) && watch_lock::watcher(dir)?.works() {
            return Ok(false);
        }
        let Some(lock) = watch_lock::try_take(dir, Stay::UntilTheEnd)? else {
            self.look = true;
            self.retry = Some((Instant::now() + LOOK_AGAIN, FIRST_PAUSE));
            return Ok(false);
        };
        self.hold = Hold::Held(lock, Stay::UntilTheEnd);
        if let Some(descriptor) = self.lock_descriptor.take() {
            watch.remove(descriptor);
        }
        self.subscribe(watch);
        self.scheduler.note_all();
        Ok(true)
    }

    /// Gives the convoy back. Somebody may have opened it again just before and
    /// left it to the holder of the lock: so the state is read after that.
    fn leave(&mut self, watch: &Watch) {
        if let Err(error) = self.scheduler.sync() {
            return self.try_later(&error);
        }
        if let Hold::Held(lock, stay) = std::mem::replace(&mut self.hold, Hold::None) {
            drop(lock);
            if stay == Stay::UntilTheEnd && self.scheduler.is_reopened() {
                self.hold = Hold::Awaited;
                self.subscribe(watch);
                self.look = true;
                return;
            }
        }
        self.finish(watch);
    }

    fn finish(&mut self, watch: &Watch) {
        self.done = true;
        self.hold = Hold::None;
        for descriptor in [self.descriptor.take(), self.lock_descriptor.take()].into_iter().flatten() {
            watch.remove(descriptor);
        }
    }
}
