//! The loop of a scheduler: subscribe, drain, then read (P11).
//!
//! Woken by the claims, records and journal lines in `convoys/<id>/` (inotify),
//! by the end of supervisors (pidfd), and by time. A slow sweep behind it
//! repairs what was missed, and stands in for notifications that the kernel
//! does not grant. Only who stays for a moment looks oftener ([`run_briefly`]).

mod task;

use std::time::{Duration, Instant};

use base::error::Result;
use base::inotify::{BLIND_SWEEP, Notice, Watch, WatchDescriptor};
use base::poll::wait_readable;
use base::process::ProcessId;

use crate::scheduler::Scheduler;

pub use task::Task;

/// Everything is looked at again this often.
const SWEEP: Duration = Duration::from_secs(60);
/// The first look of [`run_briefly`] after the one at its beginning.
const FIRST_LOOK: Duration = Duration::from_millis(2);
/// What was written is brought to the disk after so long without news, or
/// after so long at all.
const QUIET: Duration = Duration::from_millis(25);
const LONGEST_UNSYNCED: Duration = Duration::from_secs(1);

/// Why [`run`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Every scheduler is done.
    Done,
    TimedOut,
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
    let left = run_until(tasks, &watch, is_done, until, Looks::Swept);
    watch.end();
    tasks.iter_mut().try_for_each(|one| one.scheduler.sync())?;
    Ok(left)
}

/// As [`run`], for a moment: looks by itself, at once and then ever less often, in place
/// of notifications. What it waits for has mostly happened before the kernel would have
/// ended a subscription (13 ms, Linux 6.18).
pub fn run_briefly(
    tasks: &mut [Task],
    is_done: &dyn Fn(&Scheduler) -> bool,
    limit: Duration,
) -> Result<Left> {
    for one in tasks.iter_mut() {
        one.scheduler.note_all();
    }
    let looks = Looks::Alone(FIRST_LOOK);
    let left = run_until(tasks, &Watch::new(), is_done, Some(Instant::now() + limit), looks);
    tasks.iter_mut().try_for_each(|one| one.scheduler.sync())?;
    Ok(left)
}

/// When everything is looked at again.
enum Looks {
    /// Behind notifications.
    Swept,
    /// In place of them, after this time.
    Alone(Duration),
}

impl Looks {
    fn next(&mut self, tasks: &[Task]) -> Instant {
        let now = Instant::now();
        match self {
            Looks::Swept if tasks.iter().any(|one| !one.done && one.is_blind()) => now + BLIND_SWEEP,
            Looks::Swept => now + SWEEP,
            Looks::Alone(pause) => {
                let at = now + *pause;
                *pause = (*pause * 3 / 2).min(BLIND_SWEEP);
                at
            }
        }
    }
}

fn run_until(
    tasks: &mut [Task],
    watch: &Watch,
    is_done: &dyn Fn(&Scheduler) -> bool,
    until: Option<Instant>,
    mut looks: Looks,
) -> Left {
    let mut sweep_at = looks.next(tasks);
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
                if matches!(looks, Looks::Swept) {
                    one.subscribe(watch);
                }
                one.look = true;
                one.scheduler.note_all();
            }
            sweep_at = looks.next(tasks);
        }
    }
}

struct Woken {
    /// Nothing happened for so long that what was written is to be brought to the disk.
    is_quiet: bool,
    ended: Vec<ProcessId>,
}

fn wait(tasks: &[Task], watch: &Watch, limit: Duration, now: Instant) -> Woken {
    let at_work = || tasks.iter().filter(|one| one.is_at_work());
    // An end that is not looked at yet stays readable: it would cut every pause short.
    let looking = || at_work().filter(|one| !one.is_pausing(now));
    let handles: Vec<_> = looking().flat_map(|one| one.scheduler.handles()).collect();
    let mut fds: Vec<_> = handles.iter().map(|handle| std::os::fd::AsFd::as_fd(*handle)).collect();
    let unsynced = looking().any(|one| one.scheduler.unsynced_since().is_some());
    let limit = if unsynced { limit.min(QUIET) } else { limit };
    let beginning = looking().filter_map(|one| one.scheduler.beginning()).max();
    let first = beginning.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
    let mut ready = Vec::new();
    if !first.is_zero() {
        ready = wait_readable(&fds, Some(first.min(limit)));
    }
    if !ready.contains(&true) {
        fds.extend(watch.fd());
        ready = wait_readable(&fds, Some(limit.saturating_sub(first)));
    }
    // What cut the pause short may be about to bring news.
    let is_quiet = unsynced && !ready.contains(&true) && limit == QUIET;
    let ended =
        handles.iter().zip(&ready).filter(|(_, ready)| **ready).map(|(handle, _)| handle.id()).collect();
    Woken { is_quiet, ended }
}

fn note(tasks: &mut [Task], watch: &Watch, woken: &Woken) {
    for one in tasks.iter_mut().filter(|one| one.is_at_work()) {
        let overdue = one.scheduler.unsynced_since().is_some_and(|since| since.elapsed() > LONGEST_UNSYNCED);
        if woken.is_quiet || overdue {
            one.sync();
        }
        one.scheduler.note_time(Instant::now());
        for process in &woken.ended {
            one.scheduler.note_end(*process);
        }
    }
    let mut changed = vec![false; tasks.len()];
    for notice in watch.drain() {
        match notice {
            Notice::Overflow => {
                for one in tasks.iter_mut() {
                    one.look = true;
                    one.scheduler.note_all();
                }
            }
            Notice::File(descriptor, name) => {
                let of = |known: Option<WatchDescriptor>| known == Some(descriptor);
                if let Some(at) = tasks.iter().position(|one| of(one.descriptor)) {
                    changed[at] |= tasks[at].note_name(&name);
                } else if let Some(one) = tasks.iter_mut().find(|one| of(one.lock_descriptor)) {
                    one.look = true;
                }
            }
        }
    }
    // Once, however many names there were.
    for (one, _) in tasks.iter_mut().zip(changed).filter(|(_, changed)| *changed) {
        one.scheduler.note_change();
    }
}
