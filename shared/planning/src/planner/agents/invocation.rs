//! How the runner at one place of an agent's chain runs it.

use std::rc::Rc;

use base::ids::Name;
use protocol::plan::{Invocation, Origin, ReportKind};

use super::budget::{refuse_unheld_budget, unknown_cost};
use super::{Inputs, Planner};
use crate::agent_file::AgentFile;
use crate::diagnostic::Diagnostic;
use crate::planner::Why;
use crate::runner::{self, AgentRequest, COMMAND, Probe, Runner};
use crate::template::TemplateAgent;

/// What an agent wants of its runner.
pub(super) fn request<'w>(
    inputs: &'w Inputs<'_>,
    agent: &'w TemplateAgent,
    file: &'w AgentFile,
    runner: &Runner,
    model: &'w str,
    tools: &'w [String],
) -> AgentRequest<'w> {
    let settings = &agent.settings;
    let outside = !inputs.output_dir.starts_with(inputs.read_dir);
    AgentRequest {
        subagent: &agent.subagent,
        model: Some(model),
        tools: settings.tools.as_deref().unwrap_or(tools),
        withheld: if settings.tools.is_none() { &file.disallowed_tools } else { &[] },
        command: settings.command.as_deref().or(file.command.as_deref()),
        env: &settings.env,
        budget_usd: smaller(settings.budget_usd, inputs.template.config.budget_usd),
        data: matches!(settings.report, ReportKind::Findings | ReportKind::Verification),
        reports_outside: outside && !agent.depends_on.is_empty(),
        skip_permissions: inputs.request.skip_permissions && runner.ai,
    }
}

impl Planner<'_> {
    /// How the runner at this place of an agent's chain runs it.
    pub(super) fn invocation(
        &mut self,
        agent: &TemplateAgent,
        file: &AgentFile,
        name: &Name,
        why: Why,
        place: usize,
    ) -> Result<(Invocation, Rc<(Runner, Origin)>), Diagnostic> {
        let found = self.inputs.definitions.runner(name).map_err(|problem| self.placed(problem, why))?;
        let (runner, origin) = found.as_ref();
        let (model, tools) = (self.model(agent, file), file.wanted_tools());
        let mut request = request(self.inputs, agent, file, runner, &model, &tools);
        // Names of models are those of one service; the others of a chain know the aliases.
        if place > 0 && runner.ai && !runner.models.contains_key(&model) {
            request.model = None;
            let model = base::text::visible(&model);
            self.note(vec![format!("runner '{name}' has no model '{model}', and takes its default one")]);
        }
        let facts = self.facts(name, runner, &request)?;
        let (mut invocation, notes) =
            runner::resolve(name, *origin, runner, &request, &facts, self.inputs.prices)?;
        self.note(notes);
        self.pass_more(name, runner, &mut invocation);
        if request.command.is_some() && name.as_str() != COMMAND {
            self.note(vec![format!("'{}' has a command; runner '{name}' does not use it", agent.role)]);
        }
        self.note_runner(name, *origin, runner, &facts, why)?;
        self.check_budget(agent, name, runner, &invocation)?;
        if let Some(note) = unknown_cost(request.budget_usd, runner, &invocation) {
            self.note(vec![note]);
        }
        Ok((invocation, Rc::clone(&found)))
    }

    /// A budget that nothing could hold is none: that of an agent is refused, that of
    /// the convoy holds for the others.
    fn check_budget(
        &mut self,
        agent: &TemplateAgent,
        name: &Name,
        runner: &Runner,
        invocation: &Invocation,
    ) -> Result<(), Diagnostic> {
        if refuse_unheld_budget(agent, name, runner, invocation)? {
            return Ok(());
        }
        let config = &self.inputs.template.config;
        if config.budget_usd.is_some() || config.budget_tokens.is_some() {
            self.note(vec![format!(
                "runner '{name}' does not tell what it spends: that is not counted in the convoy's budget"
            )]);
        }
        Ok(())
    }

    pub(super) fn model(&self, agent: &TemplateAgent, file: &AgentFile) -> String {
        let asked = self.inputs.request.models.get(agent);
        let own = agent.settings.model.as_ref().filter(|model| *model != "inherit");
        asked.or(own).unwrap_or(&file.model).clone()
    }

    fn facts(
        &mut self,
        name: &Name,
        runner: &Runner,
        request: &AgentRequest<'_>,
    ) -> Result<Probe, Diagnostic> {
        let Inputs { machine, project, .. } = self.inputs;
        let program = runner::program_name(name, runner, request)?;
        let known = self.facts.entry(name.clone()).or_default();
        if !known.programs.contains_key(program)
            && let Some(path) = machine.find(runner, program, project)?
        {
            if runner.version.is_some() {
                known.version = machine.version(runner, &path)?;
            }
            known.programs.insert(program.to_owned(), path);
        }
        Ok(known.clone())
    }

    /// Hands on what the user's configuration names, and what the service needs that
    /// the model is at.
    fn pass_more(&mut self, name: &Name, runner: &Runner, invocation: &mut Invocation) {
        let mut more: Vec<String> = Vec::new();
        if !runner.static_only {
            more.extend(self.inputs.config.pass_env.iter().cloned());
        }
        for provider in self.inputs.machine.providers(runner) {
            more.extend(provider.pass.iter().cloned());
            let lacks = self.inputs.machine.lacks(provider);
            if !lacks.is_empty() {
                let switch = &provider.switch;
                self.note(vec![format!(
                    "runner '{name}': {switch} is set, and it needs {}",
                    lacks.join(", and ")
                )]);
            }
        }
        for variable in more {
            if !invocation.pass_env.contains(&variable) {
                invocation.pass_env.push(variable);
            }
        }
    }
}

fn smaller(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
