//! Whether what reviewers find is verified, and by whom.

use base::ids::Name;
use protocol::plan::{AgentPlan, Invocation, ReportKind};

use super::{Inputs, Planner};
use crate::diagnostic::Diagnostic;
use crate::planner::Why;
use crate::planner::candidates::{self, Wanted};
use crate::runner::BUILTIN;
use crate::settings::Verify;
use crate::template::{ForEach, TemplateAgent, When};

impl Planner<'_> {
    /// Is there to be a second look at findings?
    pub(super) fn verifies(&self) -> bool {
        let is_ai = |agent: &AgentPlan| agent.report == ReportKind::Findings && !agent.invocation.static_only;
        match self.asked_to_verify() {
            Verify::Always => true,
            Verify::Never => false,
            Verify::Auto => self.out.agents.iter().any(is_ai),
        }
    }

    /// Where nobody said that it is to be in any case, it is asked first whether the money
    /// will do.
    pub(super) fn is_within_budget(&self, agent: &TemplateAgent) -> bool {
        let config = &self.inputs.template.config;
        agent.settings.when == Some(When::Verify)
            && self.asked_to_verify() == Verify::Auto
            && (config.budget_usd.is_some() || config.budget_tokens.is_some())
    }

    fn asked_to_verify(&self) -> Verify {
        let Inputs { request, config, .. } = self.inputs;
        let own = request.settings.as_ref().and_then(|own| own.settings.verify);
        request.verify.or(own).or(config.verify).unwrap_or_default()
    }

    /// A verifier is an AI, also where reviewers are rules.
    pub(super) fn chosen_to_verify(
        &self,
        agent: &TemplateAgent,
        (names, why): (Vec<Name>, Why),
    ) -> Result<(Vec<Name>, Why), Diagnostic> {
        let is_for_it = self.inputs.request.runners.is_for(agent);
        let is_rules = names.iter().any(|name| name.as_str() == BUILTIN);
        if agent.settings.when != Some(When::Verify) || !is_rules {
            return Ok((names, why));
        }
        let (definitions, machine) = (self.inputs.definitions, self.inputs.machine);
        match candidates::first_usable(definitions, machine, Wanted::AnyBut(&names))? {
            Some(name) if !is_for_it => Ok((vec![name], Why::Found)),
            found => {
                let why =
                    if found.is_some() { "rules cannot do that" } else { "no AI is installed and logged in" };
                let problem = Diagnostic::new(format!("'{}' is to verify findings, and {why}", agent.role));
                Err(problem.hint("--verify never leaves it out; pan doctor tells what is missing"))
            }
        }
    }

    /// Whom a stage may have besides, for findings of the runner it has first: the runners
    /// of the reviewers, and where nobody named one, another AI of this machine. What
    /// cannot be had is no problem: then the first one has all.
    pub(super) fn others(&mut self, agent: &TemplateAgent, first: &Name, why: Why) -> Vec<Invocation> {
        let is_stage = matches!(agent.for_each, Some(ForEach::Output(_)));
        let is_named = self.inputs.request.runners.is_for(agent) || agent.settings.runner.is_some();
        if !is_stage || is_named || agent.settings.when != Some(When::Verify) {
            return Vec::new();
        }
        let reviewers = self.out.agents.iter().filter(|one| one.report == ReportKind::Findings);
        let reviewers = reviewers.filter(|one| !one.invocation.static_only);
        let mut names: Vec<Name> = reviewers.map(|one| one.invocation.runner.clone()).collect();
        if why == Why::Found {
            let (definitions, machine) = (self.inputs.definitions, self.inputs.machine);
            let but = std::slice::from_ref(first);
            names.extend(candidates::first_usable(definitions, machine, Wanted::AnyBut(but)).ok().flatten());
        }
        let mut others: Vec<Invocation> = Vec::new();
        for name in names {
            if name == *first || others.iter().any(|known| known.runner == name) {
                continue;
            }
            let Ok(file) = self.inputs.definitions.agent(&agent.subagent) else { continue };
            others.extend(
                self.invocation(agent, &file.0, &name, why, 1).ok().map(|(invocation, _)| invocation),
            );
        }
        others
    }
}
