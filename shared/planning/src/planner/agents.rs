//! The agents of a plan: which runner, which model, which command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::ids::{AgentName, Name, Role};
use protocol::plan::{AgentPlan, Fallback, FanOut, Gate, Invocation, Origin, Stream};

use crate::agent_file::{AgentFile, DEFAULT_TOOLS};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::prices::Prices;
use crate::prompt_scope::{self, Scope};
use crate::runner::{self, Choice, Probe, Runner};
use crate::template::{ForEach, Template, TemplateAgent, When};

use super::definition_cache::DefinitionCache;
use super::{Machine, Request, RunnerUse, Why};

mod budget;
mod choice;
mod invocation;
mod left_out;
mod placement;
mod verify;

use budget::refuse_unheld_budget;
use invocation::request;

const DEFAULT_TIMEOUT_MS: u64 = 30 * 60_000;
const DEFAULT_STALL_MS: u64 = 10 * 60_000;
const DEFAULT_FALLBACK_AFTER_MS: u64 = 30 * 60_000;

pub(super) struct Inputs<'a> {
    pub(super) template: &'a Template,
    pub(super) request: &'a Request,
    pub(super) config: &'a Config,
    pub(super) definitions: &'a DefinitionCache<'a>,
    pub(super) machine: &'a Machine<'a>,
    pub(super) project: &'a Path,
    pub(super) read_dir: &'a Path,
    pub(super) output_dir: &'a Path,
    pub(super) prices: &'a Prices,
    /// What stands in the way of an approval.
    pub(super) gate: Gate,
    pub(super) params: &'a BTreeMap<String, serde_json::Value>,
    /// Is it known what the change was to do? An error says why not.
    pub(super) asked: Result<(), String>,
}

#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) agents: Vec<AgentPlan>,
    pub(super) prompts: BTreeMap<AgentName, String>,
    pub(super) runners: Vec<RunnerUse>,
    pub(super) notes: Vec<String>,
    /// Why nobody holds the change against what was asked for, where somebody could.
    pub(super) no_requirements: Option<String>,
    pub(super) problems: Vec<Diagnostic>,
}

pub(super) fn plan(inputs: &Inputs<'_>) -> Planned {
    let mut planner = Planner::new(inputs);
    let (verifiers, others): (Vec<_>, Vec<_>) =
        inputs.template.agents.iter().partition(|agent| agent.settings.when == Some(When::Verify));
    let mut there = planner.wanted(others);
    planner.add(&there);
    if !verifiers.is_empty() && planner.verifies() {
        planner.add(&verifiers);
        there.extend(verifiers);
    }
    let is_there = |role: &Role| there.iter().any(|agent| agent.role == *role);
    for agent in &mut planner.out.agents {
        agent.depends_on.retain(|role| is_there(role));
    }
    planner.check_models();
    planner.note_default_tools();
    let in_files = inputs.definitions.take_problems();
    planner.out.problems.extend(in_files);
    planner.out
}

/// What keeps the agents from being started, on whatever machine.
pub(super) fn check(inputs: &Inputs<'_>) -> Vec<Diagnostic> {
    let mut planner = Planner::new(inputs);
    for agent in &inputs.template.agents {
        if let Err(problem) = planner.check(agent) {
            planner.tell(problem);
        }
    }
    planner.out.problems.extend(inputs.definitions.take_problems());
    planner.out.problems
}

struct Planner<'a> {
    inputs: &'a Inputs<'a>,
    /// The runner this machine offers, looked for once and only if it matters.
    found: Option<(Name, Why)>,
    facts: BTreeMap<Name, Probe>,
    /// Whether a sandbox works here, asked once and only if it matters.
    sandbox: Option<bool>,
    /// Agents that only read because their files name no tools.
    readers: BTreeSet<AgentName>,
    out: Planned,
}

impl<'a> Planner<'a> {
    fn new(inputs: &'a Inputs<'a>) -> Self {
        Planner {
            inputs,
            found: None,
            facts: BTreeMap::new(),
            sandbox: None,
            readers: BTreeSet::new(),
            out: Planned::default(),
        }
    }

    /// Many agents may have the same problem; it is told once.
    fn tell(&mut self, problem: Diagnostic) {
        if !self.out.problems.contains(&problem) {
            self.out.problems.push(problem);
        }
    }

    fn add(&mut self, agents: &[&TemplateAgent]) {
        for agent in agents {
            match self.agent(agent) {
                Ok(agent) => self.out.agents.push(agent),
                Err(problem) => self.tell(problem),
            }
        }
    }

    fn agent(&mut self, agent: &TemplateAgent) -> Result<AgentPlan, Diagnostic> {
        let files = self.inputs.definitions;
        let file = files.agent(&agent.subagent)?;
        let (file, file_origin) = file.as_ref();
        self.note_file(agent, file);
        let chosen = self.choose(agent, file)?;
        let (names, why) = self.chosen_to_verify(agent, chosen)?;
        let names = Self::without_rules(agent, names);
        let mut chain = Vec::new();
        for (place, name) in names.iter().enumerate() {
            chain.push(self.invocation(agent, file, name, why, place)?);
        }
        let is_ai = chain.iter().any(|(_, runner)| runner.0.ai);
        // The most patient one of a chain.
        let stall = chain.iter().filter_map(|(_, runner)| runner.0.stall_timeout_ms).max();
        let mut chain = chain.into_iter().map(|(invocation, _)| invocation);
        let invocation = chain.next().ok_or_else(|| Diagnostic::new("no runner is named"))?;
        let to: Vec<Invocation> = chain.collect();
        let others = self.others(agent, &invocation.runner, why);
        let fan_out = self.fan_out(agent, others);
        let settings = &agent.settings;
        let config = &self.inputs.template.config;
        if is_ai && settings.tools.is_none() && file.tools.is_none() {
            self.readers.insert(agent.subagent.clone());
        }
        if !file.prompt.is_empty() {
            self.out.prompts.entry(agent.subagent.clone()).or_insert_with(|| file.prompt.clone());
        }
        let asked = self.inputs.request.agent_timeout_ms;
        let timeout = asked.or(settings.timeout_ms).or(file.timeout_ms).or(config.timeout_ms);
        let after = settings.fallback_after_ms.or(config.fallback_after_ms);
        let has_events = std::iter::once(&invocation).chain(&to).any(|one| one.stream != Stream::Plain);
        let placement = self.placement(agent)?;
        Ok(AgentPlan {
            role: agent.role.clone(),
            subagent: agent.subagent.clone(),
            subagent_origin: *file_origin,
            depends_on: agent.depends_on.clone(),
            require: agent.require,
            parallel: settings.parallel,
            report: settings.report,
            lens: settings.lens,
            // Programs of ours have shapes of their own.
            shape: settings.shape.clone().filter(|_| is_ai),
            task: settings.prompt.clone(),
            item: agent.item.clone(),
            group: agent.group.clone(),
            fan_out,
            items: Vec::new(),
            files: agent.files,
            timeout_ms: timeout.unwrap_or(DEFAULT_TIMEOUT_MS),
            // Only a stream of events can stall in a way that is seen.
            stall_timeout_ms: has_events
                .then(|| settings.stall_timeout_ms.or(stall).unwrap_or(DEFAULT_STALL_MS)),
            retries: settings.retries,
            budget_usd: settings.budget_usd,
            budget_tokens: settings.budget_tokens,
            invocation,
            fallback: (!to.is_empty())
                .then(|| Fallback { after_ms: after.unwrap_or(DEFAULT_FALLBACK_AFTER_MS), to }),
            placement,
        })
    }

    /// The agents that it stands for, once there are items for them.
    fn fan_out(&self, agent: &TemplateAgent, others: Vec<Invocation>) -> Option<FanOut> {
        let Some(ForEach::Output(output)) = &agent.for_each else { return None };
        let within_budget = self.is_within_budget(agent);
        Some(FanOut { others, within_budget, ..output.planned(&self.inputs.gate) })
    }

    /// With the file that names the runner, where it is the user's settings.
    fn placed(&self, problem: Diagnostic, why: Why) -> Diagnostic {
        match &self.inputs.request.settings {
            Some(own) if why == Why::Settings => {
                let hint = problem.hint.clone().unwrap_or_else(|| "pan init --runner RUNNER".to_owned());
                problem.in_file(&own.file).kind(DiagnosticKind::Usage).hint(hint)
            }
            _ => problem,
        }
    }

    /// What is odd about an agent file, in one line.
    fn note_file(&mut self, agent: &TemplateAgent, file: &AgentFile) {
        let params = self.inputs.template.params.keys().cloned().collect();
        let scope = Scope { params, item: agent.item.is_some() || agent.for_each.is_some() };
        let slips = prompt_scope::slips(&file.prompt, &scope);
        let notes: Vec<String> = file.notes.iter().cloned().chain(slips).collect();
        if !notes.is_empty() {
            self.note(vec![format!("agent file '{}': {}", agent.subagent, notes.join("; "))]);
        }
    }

    /// What is wrong with an agent on whatever machine it is started.
    fn check(&self, agent: &TemplateAgent) -> Result<(), Diagnostic> {
        let file = self.inputs.definitions.agent(&agent.subagent)?;
        let Some((choice, _)) = self.asked(agent, &file.0) else { return Ok(()) };
        for name in choice.names() {
            let runner = self.inputs.definitions.runner(name)?;
            let Choice::Chain(_) = &choice else { continue };
            let (runner, origin) = runner.as_ref();
            let (model, tools) = (self.model(agent, &file.0), file.0.wanted_tools());
            let request = request(self.inputs, agent, &file.0, runner, &model, &tools);
            // As if it were installed here.
            let program = runner::program_name(name, runner, &request)?.to_owned();
            let installed = Probe { programs: [(program, "/".into())].into(), version: None };
            let (invocation, _) =
                runner::resolve(name, *origin, runner, &request, &installed, self.inputs.prices)?;
            refuse_unheld_budget(agent, name, runner, &invocation)?;
        }
        Ok(())
    }

    /// Elsewhere an agent file without tools gives all of them.
    fn note_default_tools(&mut self) {
        if self.readers.is_empty() {
            return;
        }
        let names: Vec<String> = self.readers.iter().map(|name| format!("'{name}'")).collect();
        let (names, name) = (names.join(", "), if names.len() == 1 { "names" } else { "name" });
        self.note(vec![format!("{names} {name} no tools, and may only read ({})", DEFAULT_TOOLS.join(", "))]);
    }

    fn note(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.out.notes.contains(&note) {
                self.out.notes.push(note);
            }
        }
    }

    fn note_runner(
        &mut self,
        name: &Name,
        origin: Origin,
        runner: &Runner,
        facts: &Probe,
        why: Why,
    ) -> Result<(), Diagnostic> {
        if self.out.runners.iter().any(|known| known.name == *name) {
            return Ok(());
        }
        let version = facts.version.map(|version| version.to_string());
        if let Some(login) = &runner.login
            && !self.inputs.machine.looks_logged_in(login)?
        {
            self.note(vec![format!("runner '{name}' does not look logged in: {}", login.hint)]);
        }
        self.out.runners.push(RunnerUse { name: name.clone(), origin, version, why });
        Ok(())
    }
}
