//! Carrying out what `step` says: launching, ending and reaping attempts, merging,
//! and letting go of what an ended convoy no longer needs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::crash::{self, Point};
use base::error::{Error, IoContext, Result};
use base::host::Sight;
use base::lock;
use base::process::{ProcessId, Remains};
use protocol::claim::{self, AttemptFact, Tree};
use protocol::hooks;
use protocol::layout::AttemptFiles;
use protocol::plan::{Launcher, Plan};
use protocol::state::MergeStatus;
use rustix::process::Signal;

use super::{AGAIN, Attempt, How, Purpose, Scheduler, Tries};
use crate::expansion;
use crate::graph::Graph;
use crate::launch::{self, Launch};
use crate::merge_run::{self, MergeRun};
use crate::step::{Effect, ExpansionFact, RELAUNCH_MS};

/// How long one reaping of a dead supervisor's tree may take before others get their turn.
const REAP_LIMIT: Duration = Duration::from_secs(5);
/// After so many failures tmux is given up for this launch, and the supervisor
/// started without a terminal. A server that does not answer is given up at once.
const TMUX_TRIES: u32 = 2;
/// A parked supervisor that was woken claims its attempt within this time, or another
/// one is started beside it.
const ANSWER: Duration = Duration::from_millis(300);

/// Meanwhile it makes a dozen files: looked at one by one, they would keep a processor from
/// its command.
const BEGINS: Duration = Duration::from_millis(1);

impl Tries {
    /// Is the last one to be waited for?
    fn is_on_its_way(&self) -> bool {
        let patience = match self.how {
            How::Woken => ANSWER,
            How::Started => Duration::from_millis(RELAUNCH_MS),
            How::Failed => return false,
        };
        self.last.elapsed() < patience
    }
}

impl Scheduler {
    pub(super) fn perform(&mut self, effect: &Effect) -> Result<()> {
        match *effect {
            // Together, before all else ([`Scheduler::launch`]).
            Effect::Launch { .. } => {}
            Effect::CancelLaunch { agent, attempt } => {
                if let Some(files) = self.files((agent, attempt)) {
                    claim::void(&files)?;
                    self.note((agent, attempt));
                }
            }
            Effect::Terminate { agent, attempt } => {
                let key = (agent, attempt);
                if let Some(process) = self.supervisors.get(&key).map(|one| one.process)
                    && !self.terminated.contains(&key)
                {
                    // A stopped process acts on nothing but CONT.
                    signal(process, &[Signal::TERM, Signal::CONT])?;
                    self.terminated.insert(key);
                }
            }
            Effect::Kill { agent, attempt } => self.kill((agent, attempt))?,
            Effect::Reap { agent, attempt } => self.reap((agent, attempt))?,
            Effect::Merge { k } => self.start_merge(k)?,
            Effect::Expand { expansion } => self.expand(expansion)?,
        }
        Ok(())
    }

    fn files(&self, (agent, attempt): Attempt) -> Option<AttemptFiles> {
        Some(self.dir().attempt(&self.plan.agents.get(agent)?.role, attempt))
    }

    /// Has supervisors begin these attempts: one that is parked for its agent is
    /// woken, the others are started, in one call of tmux. Who was woken and does not
    /// answer soon is not waited for.
    pub(super) fn launch(&mut self, keys: &[Attempt]) {
        let mut rest = Vec::new();
        for &key in keys {
            match self.tries.get(&key).copied() {
                Some(tries) if tries.is_on_its_way() => {}
                None if self.unpark(key) => {
                    let now = Instant::now();
                    self.tries.insert(key, Tries { last: now, how: How::Woken, failures: 0 });
                    self.beginning = Some(now + BEGINS);
                    self.wake_after(ANSWER);
                    crash::at(Point::Awakened);
                }
                _ => rest.push(key),
            }
        }
        for (key, result) in self.start(&rest) {
            let failures = self.tries.get(&key).map_or(0, |tries| tries.failures);
            let (how, failures) =
                if result.is_ok() { (How::Started, failures) } else { (How::Failed, failures + 1) };
            self.tries.insert(key, Tries { last: Instant::now(), how, failures });
            match result {
                Ok(()) => crash::at(Point::Launched),
                Err(error) => {
                    base::program::tell(&format!("convoy: {error}; trying again"));
                    self.note_all_later();
                }
            }
        }
    }

    /// Who was woken and has not claimed is passed over when it should have.
    pub(super) fn await_answers(&mut self) {
        let woken = self.tries.values().filter(|tries| tries.how == How::Woken);
        let answers = woken.map(|tries| tries.last + ANSWER).filter(|at| *at > Instant::now());
        if let Some(first) = answers.min() {
            self.wake_at(first);
        }
    }

    /// Starts supervisors; how it went with each.
    fn start(&self, keys: &[Attempt]) -> Vec<(Attempt, Result<()>)> {
        let has_failed = |key: &Attempt| self.tries.get(key).is_some_and(|one| one.failures >= TMUX_TRIES);
        let (without, within): (Vec<Attempt>, Vec<Attempt>) = keys.iter().partition(|key| has_failed(key));
        let orders = |keys: &[Attempt]| -> Vec<Launch<'_>> {
            keys.iter().filter_map(|key| self.order(*key, None)).collect()
        };
        let mut results = launch::launch(&self.plan.launcher, &orders(&within));
        for (key, result) in within.iter().zip(&mut results) {
            if matches!(result, Err(Error::Silent { .. })) {
                *result = launch::launch(&Launcher::Process, &orders(&[*key])).pop().unwrap_or(Ok(()));
            }
        }
        results.extend(launch::launch(&Launcher::Process, &orders(&without)));
        within.into_iter().chain(without).zip(results).collect()
    }

    /// How the supervisor of an attempt is started; `wait_for`: how it is parked.
    pub(super) fn order(&self, (agent, attempt): Attempt, wait_for: Option<String>) -> Option<Launch<'_>> {
        Some(Launch {
            home: &self.home,
            id: &self.plan.id,
            role: &self.plan.agents.get(agent)?.role,
            attempt,
            wait_for,
            supervisor: &self.programs.supervisor,
        })
    }

    /// The supervisor's last chance is over. Its claim is looked at first: a
    /// process that does not hold it is not ours to kill.
    fn kill(&mut self, key: Attempt) -> Result<()> {
        let Some(files) = self.files(key) else { return Ok(()) };
        if let Some(supervisor) = self.supervisors.get(&key)
            && lock::is_locked(&files.started())?
        {
            signal(supervisor.process, &[Signal::KILL])?;
        }
        Ok(())
    }

    fn reap(&mut self, key: Attempt) -> Result<()> {
        let Some(files) = self.files(key) else { return Ok(()) };
        let AttemptFact::Gone { owner, .. } = claim::read_attempt(&files, Tree::Unknown)? else {
            self.note(key);
            return Ok(());
        };
        let remains = Remains { token: &owner.token, session: owner.command };
        let left = match self.sight(&owner) {
            Sight::Clear => remains.reap(REAP_LIMIT).context("look for processes in", Path::new("/proc"))?,
            Sight::Over => Vec::new(),
            Sight::Hidden if self.purpose == (Purpose::Stop { force: true }) => {
                self.assumed.extend(self.plan.agents.get(key.0).map(|agent| agent.role.clone()));
                Vec::new()
            }
            // Nothing is proved: it stays as it is.
            Sight::Hidden => {
                self.note_all_later();
                return Ok(());
            }
        };
        if left.is_empty() && self.far_is_over(key, &files)? {
            self.emptied.insert(key);
            self.note(key);
        } else {
            self.note_all_later();
        }
        self.unkillable = left;
        Ok(())
    }

    fn start_merge(&mut self, k: u32) -> Result<()> {
        if self.merge.as_ref().is_some_and(|run| run.k() == k) {
            return Ok(());
        }
        let Some(state) = self.store.last() else { return Ok(()) };
        let run = MergeRun::begin(self.store.dir(), &self.plan, state, &self.programs.merge)?;
        self.due |= run.is_over();
        if run.handle().is_none() {
            self.wake_after(AGAIN);
        }
        self.merge = Some(run);
        Ok(())
    }

    /// Makes the agents of a stage, or finds them made. It takes milliseconds.
    fn expand(&mut self, index: usize) -> Result<()> {
        let Some(state) = self.store.last() else { return Ok(()) };
        let dir = self.store.dir();
        let fact = expansion::make(dir, &self.plan, state, index)?;
        if matches!(fact, ExpansionFact::Made { .. }) {
            self.plan = Graph::of(Plan::read(dir)?);
        }
        self.expanded = Some((index, fact));
        self.due = true;
        Ok(())
    }

    /// The convoy has ended: neither the tmux server, nor a merge that nobody waits
    /// for, nor who is parked is needed any more. Every scheduler says so, whoever brought the end
    /// about: a launch of this one may have started a server after another had
    /// let it go.
    pub(super) fn finish(&mut self) {
        if std::mem::replace(&mut self.released, true) {
            return;
        }
        if let Some(run) = self.merge.take() {
            run.cancel();
        }
        self.end_parked();
        if let Some(merge) = self.state().and_then(|state| state.merge.as_ref())
            && merge.status == MergeStatus::Due
        {
            merge_run::end(self.dir(), merge.k);
        }
        protocol::publish::tidy(&self.plan);
        if self.plan.checkout.is_some() {
            // What cannot be removed now is removed by a later round.
            let _ = protocol::checkout::release(&self.home, self.dir().id());
        }
        if let Launcher::Tmux { program, socket } = &self.plan.launcher {
            crate::tmux::Tmux::new(program.as_path(), socket.as_path()).release(&self.home);
        }
    }

    /// Has the user's hooks run, if they are due: after the end is on the disk, and
    /// with no say in it. What cannot be started stays due, for whoever looks next.
    pub(super) fn start_hooks(&mut self) {
        if std::mem::replace(&mut self.announced, true)
            || !self.state().is_some_and(|state| hooks::are_due(self.dir(), state))
        {
            return;
        }
        let started = match &self.programs.hooks {
            Some(program) => crate::hooks::start(self.dir(), program),
            None => Err(Error::invalid("there is no convoy-notify to run the hooks", "make install")),
        };
        if let Err(error) = started {
            base::program::tell(&format!("convoy: {}: {error}", self.dir().id()));
        }
    }
}

fn signal(process: ProcessId, signals: &[Signal]) -> Result<()> {
    let path = PathBuf::from(format!("/proc/{}", process.pid));
    process.signal(signals).context("signal", &path)
}
