//! A claimed attempt, and what it knows: its plan, its state, whether it is still wanted.

use std::collections::HashSet;
use std::fmt;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::clock::BootId;
use base::environment::Environment;
use base::files;
use base::lock::Lock;
use base::poll::wait_readable;
use base::process::Handle;
use protocol::agent::Handover;
use protocol::excerpt::Excerpt;
use protocol::layout::{AttemptFiles, ConvoyDir, Home};
use protocol::plan::{AgentPlan, Ahead, Plan};

use crate::cli::Arguments;
use crate::signals::{Asked, Signals};

/// Between two tries to write where there is no room.
const AGAIN: Duration = Duration::from_secs(1);

/// A claimed attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) home: Home,
    pub(crate) dir: ConvoyDir,
    pub(crate) number: u32,
    pub(crate) files: AttemptFiles,
    /// What concerns it of the state as it was read last, until it is used ([`Attempt::state`]).
    pub(crate) known: Option<Excerpt>,
    /// The plan, if it was read before its turn.
    pub(crate) ahead: Option<Ahead>,
    pub(crate) token: String,
    pub(crate) boot: BootId,
    pub(crate) arguments: &'a Arguments,
    pub(crate) environment: Environment,
    pub(crate) signals: Signals,
    pub(crate) server: Option<Handle>,
    /// Held until the process ends: "this attempt is alive".
    #[expect(dead_code, reason = "held, not used")]
    pub(crate) claim: Lock,
    /// How often its command was placed elsewhere.
    pub(crate) runs: u32,
}

impl Attempt<'_> {
    pub(crate) fn is_removed(&self) -> bool {
        is_removed(&self.files)
    }

    /// Waits a moment; true if somebody wants this process to end, or has removed
    /// the claim: nobody waits for its record then.
    pub(crate) fn asked_to_end(&self) -> bool {
        wait_readable(&[self.signals.as_fd()], Some(AGAIN));
        self.signals.take().contains(&Asked::End) || is_removed(&self.files)
    }

    pub(crate) fn plan(&mut self) -> Result<(Plan, AgentPlan)> {
        let ahead = self.ahead.take().and_then(|ahead| ahead.take(&self.dir));
        let mut plan = ahead.map_or_else(|| Plan::read(&self.dir), Ok)?;
        plan.keep_what_concerns(&self.arguments.role);
        let place = self.handover(&plan)?.map_or(0, |handover| handover.place);
        let mut agent = plan
            .agent(&self.arguments.role)
            .with_context(|| format!("the plan has no agent '{}'", self.arguments.role))?
            .run_by(place);
        let state = self.state(&plan)?;
        if let Some(own) = state.agent(&self.arguments.role) {
            agent.timeout_ms = own.time_limit_ms(&agent);
        }
        self.known = Some(state);
        Ok((plan, agent))
    }

    /// The state of the agents of this plan, read once for all that an attempt begins with:
    /// what is in it of this attempt and of what its agent depends on does not change any more.
    pub(crate) fn state(&mut self, plan: &Plan) -> base::Result<Excerpt> {
        let read = || {
            let roles = roles(plan);
            Excerpt::read(&self.dir, &|role| roles.contains(role))
        };
        self.known.take().map_or_else(read, Ok)
    }

    /// How its runner came to have this attempt; `None`: it is the agent's first one.
    pub(crate) fn handover(&mut self, plan: &Plan) -> base::Result<Option<Handover>> {
        let state = self.state(plan)?;
        let agent = state.agent(&self.arguments.role);
        let handover = agent.and_then(|agent| agent.handover_of(self.number)).cloned();
        self.known = Some(state);
        Ok(handover)
    }

    /// Why there is nothing to look at any more.
    pub(crate) fn project_gone(&self, plan: &Plan) -> base::Result<Option<ProjectGone>> {
        let Some(site) = &plan.site else { return Ok(None) };
        if let Some(gone) = site.missing(plan.project.as_path(), &self.boot)? {
            return Ok(Some(ProjectGone(gone)));
        }
        let Some(checkout) = &plan.checkout else { return Ok(None) };
        let tree = checkout.tree.as_path();
        let found = base::IoContext::context(files::find(tree), "look at", tree)?;
        let gone = || ProjectGone(format!("the checkout of {} is gone", checkout.shown));
        Ok(found.is_none_or(|found| !found.is_dir()).then(gone))
    }
}

/// The project the convoy was started on is not there; in words.
#[derive(Debug)]
pub(crate) struct ProjectGone(pub(crate) String);

impl fmt::Display for ProjectGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProjectGone {}

/// A claim that cannot be looked at is not said to be gone.
pub(crate) fn is_removed(files: &AttemptFiles) -> bool {
    matches!(files::find(&files.started()), Ok(None))
}

/// The roles of the agents of a plan.
pub(crate) fn roles(plan: &Plan) -> HashSet<&str> {
    plan.agents.iter().map(|agent| agent.role.as_str()).collect()
}
