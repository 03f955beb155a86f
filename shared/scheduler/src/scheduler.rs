//! A scheduler at work on one convoy: reads facts, steps, stores, acts.
//!
//! Any number of schedulers, in any programs, may work on one convoy at once:
//! safety rests on the state lock (P1) and the claims (P4), not on this.

mod effects;
mod far_side;
mod news;
mod parking;
mod place;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use base::clock::Clock;
use base::crash::{self, Point};
use base::environment::{self, Environment};
use base::error::{Error, Result};
use base::host::{Here, Sight};
use base::ids::{ConvoyId, Role};
use base::process::{Handle, ProcessId};
use protocol::agent::Phase;
use protocol::claim::{self, AttemptFact, Owner};
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::Plan;
use protocol::state::State;
use protocol::store::Store;

use crate::graph::Graph;
use crate::lost_plan::plan_to_end;
use crate::merge_run::MergeRun;
use crate::step::{Effect, ExpansionFact, Observations, step};

use far_side::Prover;
use news::{Claims, News, gather};
use parking::Parked;
pub use place::check;
use place::{check_place, promise_end};

/// A launch that failed, a reaping that did not finish, a supervisor that
/// cannot be watched: again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// Supervisors that cannot be watched are looked at so often.
const UNWATCHED: Duration = Duration::from_secs(2);

/// The programs a scheduler starts.
#[derive(Debug, Clone)]
pub struct Programs {
    pub supervisor: PathBuf,
    pub merge: PathBuf,
    /// Runs the user's hooks; it is needed where there are some only.
    pub hooks: Option<PathBuf>,
}

impl Programs {
    /// Beside this program, or on PATH.
    pub fn find(environment: &Environment) -> Result<Self> {
        Ok(Programs {
            supervisor: environment::sibling(environment, "convoy-agent")?,
            merge: environment::sibling(environment, "convoy-merge")?,
            hooks: environment::find_sibling(environment, "convoy-notify")?,
        })
    }
}

/// One attempt: index of the agent in the plan, number of the attempt.
type Attempt = (usize, u32);

/// Launches of one attempt by this process.
#[derive(Debug, Clone, Copy)]
struct Tries {
    /// When the last one was over.
    last: Instant,
    how: How,
    failures: u32,
}

/// What was done to launch an attempt. A claim answers it, or nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// A parked supervisor was woken.
    Woken,
    Started,
    /// It may not have been started.
    Failed,
}

/// What a scheduler is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Run,
    /// To end what runs: needs no plan. With `force` what cannot be seen from
    /// here is taken for gone when its claim is free.
    Stop {
        force: bool,
    },
}

/// A supervisor that holds its claim.
#[derive(Debug)]
struct Supervisor {
    process: ProcessId,
    /// `None`: it cannot be watched.
    handle: Option<Handle>,
}

/// A scheduler of one convoy.
#[derive(Debug)]
pub struct Scheduler {
    home: Home,
    clock: Clock,
    here: Here,
    purpose: Purpose,
    programs: Programs,
    plan: Graph,
    store: Store,
    news: News,
    claims: Claims,
    /// Until then whoever was woken is making the files of its attempt.
    beginning: Option<Instant>,
    /// Something other than attempts may have changed (the state file, time).
    due: bool,
    /// What this process did to launch what nobody has claimed yet.
    tries: HashMap<Attempt, Tries>,
    supervisors: HashMap<Attempt, Supervisor>,
    terminated: HashSet<Attempt>,
    emptied: HashSet<Attempt>,
    provers: HashMap<Attempt, Prover>,
    /// Programs that nobody waits for.
    helpers: Vec<Child>,
    merge: Option<MergeRun>,
    /// What came of an expansion, until it is stored or made again.
    expanded: Option<(usize, ExpansionFact)>,
    parked: Parked,
    wake: Option<Instant>,
    /// The tmux server was let go ([`Scheduler::finish`]).
    released: bool,
    /// The user's hooks were started for this end ([`Scheduler::start_hooks`]).
    announced: bool,
    /// Processes of dead supervisors that would not die.
    unkillable: Vec<ProcessId>,
    /// Attempts taken for gone without proof (`force`).
    assumed: Vec<Role>,
}

impl Scheduler {
    /// Reads the plan of a convoy. Its state is read at every turn.
    pub fn open(home: &Home, id: &ConvoyId, programs: &Programs, purpose: Purpose) -> Result<Self> {
        let dir = home.convoy(id);
        let mut store = Store::new(dir.clone());
        let state = store.read()?;
        let here = Here::look()?;
        if purpose != (Purpose::Stop { force: true }) {
            check_place(&dir, state, &here, purpose)?;
        }
        let plan = Graph::of(plan_for(purpose, &dir, state)?);
        Ok(Scheduler {
            home: home.clone(),
            clock: Clock::open()?,
            here,
            purpose,
            programs: programs.clone(),
            plan,
            store,
            news: News::All,
            claims: Claims::default(),
            beginning: None,
            due: true,
            tries: HashMap::new(),
            supervisors: HashMap::new(),
            terminated: HashSet::new(),
            emptied: HashSet::new(),
            provers: HashMap::new(),
            helpers: Vec::new(),
            merge: None,
            expanded: None,
            parked: Parked::default(),
            wake: None,
            released: false,
            announced: false,
            unkillable: Vec::new(),
            assumed: Vec::new(),
        })
    }

    /// The files of its convoy.
    pub fn dir(&self) -> &ConvoyDir {
        self.store.dir()
    }

    /// The state as last read or written.
    pub fn state(&self) -> Option<&State> {
        self.store.last()
    }

    /// Has the convoy ended, as far as this scheduler has seen?
    pub fn ended(&self) -> bool {
        self.state().is_some_and(State::ended)
    }

    /// Is an attempt intended that nobody claimed yet?
    pub(crate) fn awaits_claims(&self) -> bool {
        self.state().is_some_and(|state| state.agents.iter().any(|agent| agent.phase == Phase::Launched))
    }

    /// Has everything that can be done now been done? (Nothing awaits its
    /// claim, its merge, or the end of a tree that must be empty.)
    pub fn is_quiet(&self) -> bool {
        let reaping = |state: &State| state.agents.iter().any(|agent| agent.phase == Phase::Reaping);
        !self.awaits_claims() && self.merge.is_none() && !self.state().is_some_and(reaping)
    }

    /// When time alone may change something.
    pub(crate) fn wake(&self) -> Option<Instant> {
        self.wake.into_iter().chain(self.claims.due()).min()
    }

    /// Until when the files of attempts that begin are not to be looked at one by one.
    pub(crate) fn beginning(&self) -> Option<Instant> {
        self.beginning
    }

    /// Processes that a stop could not end.
    pub fn unkillable(&self) -> &[ProcessId] {
        &self.unkillable
    }

    /// Agents whose processes were taken for gone, and not proved to be.
    pub fn assumed(&self) -> &[Role] {
        &self.assumed
    }

    /// Agents of whose processes nothing can be proved from here.
    pub fn out_of_sight(&self) -> Result<Vec<Role>> {
        self.state().map_or(Ok(Vec::new()), |state| claim::out_of_sight(self.dir(), state, &self.here))
    }

    /// Descriptors that become readable when an attempt or a merge ends.
    pub(crate) fn handles(&self) -> impl Iterator<Item = &Handle> {
        let watched = self.supervisors.values().filter_map(|supervisor| supervisor.handle.as_ref());
        watched.chain(self.merge.as_ref().and_then(MergeRun::handle)).chain(self.parked.handle())
    }

    /// Turns until there is nothing to do now.
    pub(crate) fn settle(&mut self) -> Result<()> {
        while std::mem::take(&mut self.due) {
            if let Err(error) = self.turn() {
                self.due = false;
                self.note_all_later();
                return Err(error);
            }
        }
        if self.ended() {
            self.finish();
            self.sync()?;
            self.start_hooks();
            return Ok(());
        }
        (self.released, self.announced) = (false, false);
        Ok(())
    }

    /// Does the convoy run again, though this scheduler saw it end? Reads the state.
    pub(crate) fn is_reopened(&mut self) -> bool {
        // What cannot be read now is for the next one who is asked to watch.
        self.store.read().is_ok_and(|state| !state.ended())
    }

    /// Brings what was written to the disk. Done when there is nothing to
    /// launch: it must not stand between an end and the next launch (P1).
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.store.sync()
    }

    /// Since when something written is not known to be on the disk.
    pub(crate) fn unsynced_since(&self) -> Option<Instant> {
        self.store.unsynced_since()
    }

    fn note_all_later(&mut self) {
        self.news = News::All;
        self.wake_after(AGAIN);
    }

    fn wake_after(&mut self, pause: Duration) {
        self.wake_at(Instant::now() + pause);
    }

    fn wake_at(&mut self, at: Instant) {
        self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
    }

    /// One turn: read, step and store in one hold of the lock; then act.
    fn turn(&mut self) -> Result<()> {
        // Held until its outcome is stored: so nobody else counts it.
        let over = self.merge.as_mut().map_or(Ok(None), MergeRun::outcome);
        // A merge that cannot be looked at keeps nobody else from going on.
        let (over, looked) = match over {
            Ok(over) => (over, Ok(())),
            Err(error) => (None, Err(error)),
        };
        let merge = over.map(|fact| (self.merge.as_ref().map_or(0, MergeRun::k), fact));
        let run = if merge.is_some() { self.merge.take() } else { None };
        let dir = self.dir().clone();
        let news = self.take_news();
        let mut held = self.store.hold()?;
        let Some(state) = held.state() else { return Ok(()) };
        // Agents that came into being: somebody else made them, or this scheduler just now.
        let news = if state.agents.len() > self.plan.agents.len() {
            self.plan = Graph::of(plan_for(self.purpose, &dir, state)?);
            News::All
        } else {
            news
        };
        let attempts = gather(&news, state, &self.plan, &self.home, &self.emptied)?;
        let expansion = self.expanded.take();
        let observed = Observations { attempts, merge, expansion, tries: tried(&self.tries) };
        let now = self.clock.now()?;
        let stepped = step(state, &self.plan, &observed, &now);
        let ended_now = stepped.state.ended() && !state.ended();
        if ended_now {
            promise_end(&dir, &stepped.state)?;
        }
        let mut done = Ok(());
        if stepped.state != *state {
            done = held.replace(stepped.state, now.wall);
            // What was just begun or re-opened may be decided again at once.
            self.due = done.is_ok();
        }
        drop(held);
        drop(run);
        let stored = done.is_ok();
        self.parked.look_again();
        if self.due {
            crash::at(Point::StepStored);
        }
        self.wake = stepped.wake_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
        for (index, attempt, fact) in observed.attempts {
            if let AttemptFact::Held(owner) = &fact {
                self.follow((index, attempt), owner);
            }
            if fact != AttemptFact::Unclaimed {
                self.tries.remove(&(index, attempt));
            }
        }
        self.await_answers();
        if self.merge.as_ref().is_some_and(|run| run.handle().is_none()) {
            self.wake_after(AGAIN);
        }
        // P3: nothing is begun that is not stored. What ends something needs no
        // room on the disk. One that fails keeps no other from being done.
        let launches = stepped.effects.iter().filter_map(Effect::launch).filter(|_| stored);
        self.launch(&launches.collect::<Vec<_>>());
        let others = stepped.effects.iter().filter(|effect| effect.launch().is_none());
        for effect in others.filter(|effect| stored || !effect.begins()) {
            done = done.and(self.perform(effect));
        }
        if ended_now && stored {
            crash::at(Point::EndStored);
        }
        done.and(looked)
    }

    /// Watches a supervisor that holds its claim. One that cannot be watched (out
    /// of sight, no descriptor left, gone a moment ago) is looked at again in a
    /// while, not at once.
    fn follow(&mut self, attempt: Attempt, owner: &Owner) {
        if self.supervisors.get(&attempt).is_some_and(|known| known.handle.is_some()) {
            return;
        }
        if self.sight(owner) != Sight::Clear {
            return self.wake_after(UNWATCHED);
        }
        let handle = match owner.process.open() {
            Ok(Some(handle)) => Some(handle),
            Ok(None) => return self.wake_after(AGAIN),
            // What it cannot be watched for says nothing of whether it lives.
            Err(_) => {
                self.wake_after(UNWATCHED);
                None
            }
        };
        self.supervisors.insert(attempt, Supervisor { process: owner.process, handle });
    }

    /// How a claim's processes look from here.
    fn sight(&self, owner: &Owner) -> Sight {
        owner.sight(&self.here, self.state().map_or("", |state| &state.host))
    }
}

/// The plan of what a scheduler is for, with every agent of this state.
fn plan_for(purpose: Purpose, dir: &ConvoyDir, state: &State) -> Result<Plan> {
    match purpose {
        // A stop that was begun needs no plan to be finished.
        Purpose::Run if state.stopping.is_none() => {
            let plan = Plan::read(dir)?;
            if plan.agents.len() < state.agents.len() {
                let source = std::io::Error::new(
                    std::io::ErrorKind::NotFound,
                    "agents that came into being are not in it: an expansion is gone",
                );
                return Err(Error::Plan { id: dir.id().clone(), source });
            }
            Ok(plan)
        }
        Purpose::Run | Purpose::Stop { .. } => plan_to_end(dir, state),
    }
}

/// Milliseconds since each attempt was last tried to be launched.
fn tried(tries: &HashMap<Attempt, Tries>) -> Vec<(usize, u32, u64)> {
    let ms = |tries: &Tries| u64::try_from(tries.last.elapsed().as_millis()).unwrap_or(u64::MAX);
    tries.iter().map(|((agent, attempt), tries)| (*agent, *attempt, ms(tries))).collect()
}
