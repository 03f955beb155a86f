//! The loop of a scheduler: subscribe, drain, then read (P11).
//!
//! Woken by the claims, records and journal lines in `convoys/<id>/` (inotify),
//! by the end of supervisors (pidfd), and by time. A slow sweep behind it
//! repairs what was missed, and stands in for notifications that the kernel
//! does not grant; nothing is polled faster than that.

use std::time::{Duration, Instant};

use base::error::{Error, Result, chain};
use base::inotify::{BLIND_SWEEP, Interest, Notice, Watch, WatchDescriptor};
use base::lock::Lock;
use base::poll::wait_readable;
use base::process::ProcessId;
use protocol::layout;
use protocol::watch_lock::{self, Stay};

use crate::scheduler::Scheduler;

/// Everything is looked at again this often.
const SWEEP: Duration = Duration::from_secs(60);
/// What was written is brought to the disk after so long without news, or
/// after so long at all.
const QUIET: Duration = Duration::from_millis(25);
const LONGEST_UNSYNCED: Duration = Duration::from_secs(1);
/// After an error (disk full, a state that cannot be read): from, up to.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A lock that is let go is free a moment after its file is closed.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Why [`run`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Every scheduler is done.
    Done,
    TimedOut,
}

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
    scheduler: Scheduler,
    hold: Hold,
    /// While standing by: the lock may be free.
    look: bool,
    descriptor: Option<WatchDescriptor>,
    lock_descriptor: Option<WatchDescriptor>,
    /// Not to be worked on before, and the pause after the next error.
    retry: Option<(Instant, Duration)>,
    /// The error that keeps it from going on, in words.
    trouble: Option<String>,
    /// Its errors are for the caller to tell.
    silent: bool,
    done: bool,
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

    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// What keeps it from going on, if something does.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// Lets schedulers work until `is_done` says so of each of them, or the time is
/// over. Errors of one scheduler are told and tried again; the others go on.
pub fn run(tasks: &mut [Task], is_done: &dyn Fn(&Scheduler) -> bool, until: Option<Instant>) -> Result<Left> {
    let watch = Watch::new();
    for one in tasks.iter_mut() {
        // P11: subscribed before the first reading.
        one.subscribe(&watch);
        one.scheduler.note_all();
    }
    let left = run_until(tasks, &watch, is_done, until);
    tasks.iter_mut().try_for_each(|one| one.scheduler.sync())?;
    Ok(left)
}

fn run_until(
    tasks: &mut [Task],
    watch: &Watch,
    is_done: &dyn Fn(&Scheduler) -> bool,
    until: Option<Instant>,
) -> Left {
    let mut sweep_at = next_sweep(tasks);
    loop {
        // One time for what follows: what is not yet due for the one is a
        // reason to wake for the other.
        let now = Instant::now();
        for one in tasks.iter_mut() {
            one.work(is_done, watch, now);
        }
        if tasks.iter().all(|one| one.done) {
            return Left::Done;
        }
        if until.is_some_and(|until| until <= now) {
            return Left::TimedOut;
        }
        let wakes = tasks.iter().filter(|one| !one.done).filter_map(|one| one.wake(now));
        let next = wakes.chain(until).fold(sweep_at, Instant::min);
        let woken = wait(tasks, watch, next.saturating_duration_since(Instant::now()), now);
        note(tasks, watch, &woken);
        if Instant::now() >= sweep_at {
            for one in tasks.iter_mut().filter(|one| !one.done) {
                one.subscribe(watch);
                one.look = true;
                one.scheduler.note_all();
            }
            sweep_at = next_sweep(tasks);
        }
    }
}

fn next_sweep(tasks: &[Task]) -> Instant {
    let blind = tasks.iter().any(|one| !one.done && one.is_blind());
    Instant::now() + if blind { BLIND_SWEEP } else { SWEEP }
}

struct Woken {
    /// Nothing happened; only time passed.
    quiet: bool,
    ended: Vec<ProcessId>,
}

fn wait(tasks: &[Task], watch: &Watch, limit: Duration, now: Instant) -> Woken {
    let at_work = || tasks.iter().filter(|one| one.is_at_work());
    // An end that is not looked at yet stays readable: it would cut every pause short.
    let looking = || at_work().filter(|one| !one.is_pausing(now));
    let handles: Vec<_> = looking().flat_map(|one| one.scheduler.handles()).collect();
    let mut fds: Vec<_> = handles.iter().map(|handle| std::os::fd::AsFd::as_fd(*handle)).collect();
    fds.extend(watch.fd());
    let unsynced = looking().any(|one| one.scheduler.unsynced_since().is_some());
    let ready = wait_readable(&fds, Some(if unsynced { limit.min(QUIET) } else { limit }));
    let ended =
        handles.iter().zip(&ready).filter(|(_, ready)| **ready).map(|(handle, _)| handle.id()).collect();
    Woken { quiet: !ready.contains(&true), ended }
}

fn note(tasks: &mut [Task], watch: &Watch, woken: &Woken) {
    for one in tasks.iter_mut().filter(|one| one.is_at_work()) {
        let overdue = one.scheduler.unsynced_since().is_some_and(|since| since.elapsed() > LONGEST_UNSYNCED);
        if woken.quiet || overdue {
            one.sync();
        }
        one.scheduler.note_time(Instant::now());
        for process in &woken.ended {
            one.scheduler.note_end(*process);
        }
    }
    for notice in watch.drain() {
        match notice {
            Notice::Overflow => {
                for one in tasks.iter_mut() {
                    one.look = true;
                    one.scheduler.note_all();
                }
            }
            Notice::File(descriptor, name) => {
                if let Some(one) = tasks.iter_mut().find(|one| one.descriptor == Some(descriptor)) {
                    one.note_name(&name);
                } else if let Some(one) = tasks.iter_mut().find(|one| one.lock_descriptor == Some(descriptor))
                {
                    one.look = true;
                }
            }
        }
    }
}

impl Task {
    /// Whoever stands by is told of one file only: it sleeps while others work.
    fn subscribe(&mut self, watch: &Watch) {
        let dir = self.scheduler.dir();
        if matches!(self.hold, Hold::Awaited) {
            // The same again, unless the lock's file is another one by now.
            self.lock_descriptor = watch.add(&dir.watch_lock(), Interest::Closed);
        } else if self.descriptor.is_none() {
            self.descriptor = watch.add(&dir.dir(), Interest::Files);
        }
    }

    fn is_blind(&self) -> bool {
        match self.hold {
            Hold::Awaited => self.lock_descriptor.is_none(),
            Hold::None | Hold::Held(..) => self.descriptor.is_none(),
        }
    }

    fn is_at_work(&self) -> bool {
        !self.done && !matches!(self.hold, Hold::Awaited)
    }

    fn wake(&self, now: Instant) -> Option<Instant> {
        match (self.retry, &self.hold) {
            (Some((at, _)), _) if now < at => Some(at),
            (_, Hold::Awaited) => self.look.then_some(now),
            (_, Hold::None | Hold::Held(..)) => self.scheduler.wake(),
        }
    }

    fn is_pausing(&self, now: Instant) -> bool {
        self.retry.is_some_and(|(at, _)| now < at)
    }

    fn note_name(&mut self, name: &str) {
        match layout::attempt_of_file(name) {
            Some((role, attempt)) => self.scheduler.note_file(&role, attempt),
            None if layout::is_of_merge(name) => self.scheduler.note_merge(),
            None => self.scheduler.note_change(),
        }
    }

    fn sync(&mut self) {
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

    fn work(&mut self, is_done: &dyn Fn(&Scheduler) -> bool, watch: &Watch, now: Instant) {
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
