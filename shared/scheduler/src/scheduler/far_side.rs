//! The far side of an attempt whose supervisor is gone: what it left elsewhere is
//! asked for, until it is proved that nothing of it runs.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base::error::{IoContext, Result};
use base::ids::Role;
use protocol::far::{self, Far, Shown};
use protocol::layout::AttemptFiles;

use super::{AGAIN, Attempt, Scheduler};

/// Between two questions about one attempt.
const ASK: Duration = Duration::from_secs(3);

/// A program that asks, which may take its time.
#[derive(Debug)]
pub(super) struct Prover {
    child: Child,
    since: Instant,
}

impl Scheduler {
    /// Is it proved that nothing of it runs on its far side? Its local tree is empty. If
    /// not, somebody asks (P5): nobody begins after it until there is an answer.
    pub(super) fn far_is_over(&mut self, key: Attempt, files: &AttemptFiles) -> Result<bool> {
        let far_files = files.far();
        let Some(run) = far::last_run(&far_files)? else { return Ok(true) };
        let agent = self.state().and_then(|state| state.agents.get(key.0));
        let is_over = match far::read(&far_files, run)? {
            Far::Void | Far::Ended(_) | Far::Gone => true,
            Far::Open | Far::Begun(_) => agent.is_some_and(|agent| agent.is_fenced()),
        };
        let placement = self.plan.agents.get(key.0).and_then(|agent| agent.placement.as_ref());
        // All that descended from its supervisor is over with the local tree.
        let is_here = placement.is_some_and(|placement| !placement.is_far());
        if is_over || is_here {
            // No key stays behind with it.
            base::files::remove_if_there(&far_files.order(run))?;
            if let Some(Prover { child, .. }) = self.provers.remove(&key) {
                self.helpers.push(child);
            }
            if !is_here && placement.is_some_and(|placement| !placement.cancel.is_empty()) {
                self.release(key)?;
            }
            return Ok(true);
        }
        if placement.is_none() {
            far::show(&far_files, &Shown::Lost { why: "its plan is lost".to_owned() });
            return Ok(false);
        }
        self.ask(key)?;
        self.wake_after(AGAIN);
        Ok(false)
    }

    fn ask(&mut self, key: Attempt) -> Result<()> {
        if let Some(prover) = self.provers.get_mut(&key) {
            let program = &self.programs.supervisor;
            let runs = prover.child.try_wait().context("wait for", program)?.is_none();
            if runs || prover.since.elapsed() < ASK {
                return Ok(());
            }
        }
        if let Some(child) = self.far("prove", key)? {
            self.provers.insert(key, Prover { child, since: Instant::now() });
        }
        Ok(())
    }

    /// What placed it died before it could give back what the engine keeps for it: a job
    /// without a task. Nobody waits for it.
    fn release(&mut self, key: Attempt) -> Result<()> {
        self.helpers.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        let child = self.far("release", key)?;
        self.helpers.extend(child);
        Ok(())
    }

    /// `convoy-agent far VERB` of an attempt.
    fn far(&self, verb: &str, key: Attempt) -> Result<Option<Child>> {
        let Some(agent) = self.plan.agents.get(key.0) else { return Ok(None) };
        let mut command = Command::new(&self.programs.supervisor);
        command
            .args(["far", verb, "--home"])
            .arg(self.home.root())
            .args(["--convoy", self.plan.id.as_str(), "--role", agent.role.as_str()])
            .args(["--attempt", &key.1.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().map(Some).context("run", &self.programs.supervisor)
    }

    /// Agents of which nobody can tell whether their tasks still run, and why.
    pub fn unproved(&self) -> Vec<(Role, String)> {
        let agents = self.state().into_iter().flat_map(|state| &state.agents);
        let lost = agents.filter(|agent| agent.is_running()).filter_map(|agent| {
            let files = self.dir().attempt(&agent.role, agent.attempt).far();
            match far::shown(&files) {
                Ok(Some(Shown::Lost { why })) => Some((agent.role.clone(), why)),
                _ => None,
            }
        });
        lost.collect()
    }
}
