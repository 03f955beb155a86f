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
use protocol::plan::Launcher;
use protocol::state::MergeStatus;
use rustix::process::Signal;

use super::{AGAIN, Attempt, Purpose, Scheduler, Tries};
use crate::launch::{self, Launch};
use crate::merge_run::{self, MergeRun};
use crate::step::{Effect, RELAUNCH_MS};

/// How long one reaping of a dead supervisor's tree may take before others get their turn.
const REAP_LIMIT: Duration = Duration::from_secs(5);
/// After so many failures tmux is given up for this launch, and the supervisor
/// started without a terminal. A server that does not answer is given up at once.
const TMUX_TRIES: u32 = 2;

impl Scheduler {
    pub(super) fn perform(&mut self, effect: &Effect) -> Result<()> {
        match *effect {
            Effect::Launch { agent, attempt } => self.launch((agent, attempt)),
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
        }
        Ok(())
    }

    fn files(&self, (agent, attempt): Attempt) -> Option<AttemptFiles> {
        Some(self.dir().attempt(&self.plan.agents.get(agent)?.role, attempt))
    }

    fn launch(&mut self, key: Attempt) {
        let before = self.tries.get(&key).copied();
        if before.is_some_and(|tries| tries.well && tries.last.elapsed() < Duration::from_millis(RELAUNCH_MS))
        {
            return;
        }
        let Some(agent) = self.plan.agents.get(key.0) else { return };
        let order = Launch {
            home: &self.home,
            id: &self.plan.id,
            role: &agent.role,
            attempt: key.1,
            supervisor: &self.programs.supervisor,
        };
        let failures = before.map_or(0, |tries| tries.failures);
        let launcher = if failures < TMUX_TRIES { &self.plan.launcher } else { &Launcher::Process };
        let result = match launch::launch(launcher, &order) {
            Err(Error::Silent { .. }) => launch::launch(&Launcher::Process, &order),
            result => result,
        };
        let well = result.is_ok();
        let failures = failures + u32::from(!well);
        self.tries.insert(key, Tries { last: Instant::now(), well, failures });
        match result {
            Ok(()) => crash::at(Point::Launched),
            Err(error) => {
                base::program::tell(&format!("convoy: {error}; trying again"));
                self.note_all_later();
            }
        }
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
        if left.is_empty() {
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

    /// The convoy has ended: neither the tmux server nor a merge that nobody waits
    /// for is needed any more. Every scheduler says so, whoever brought the end
    /// about: a launch of this one may have started a server after another had
    /// let it go.
    pub(super) fn finish(&mut self) {
        if std::mem::replace(&mut self.released, true) {
            return;
        }
        if let Some(run) = self.merge.take() {
            run.cancel();
        }
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
