//! Which runner has an agent: who names one, what works here, and a model that nobody would use.

use base::ids::{Name, Role};
use protocol::plan::AgentPlan;

use super::{Inputs, Planner};
use crate::agent_file::AgentFile;
use crate::diagnostic::Diagnostic;
use crate::planner::Why;
use crate::planner::candidates::{self, Wanted};
use crate::runner::{BUILTIN, COMMAND, Choice};
use crate::template::TemplateAgent;

impl Planner<'_> {
    /// Who is nearest to the agent decides; a `command` asks for the runner `command`.
    /// `None`: nobody does, and this machine is looked at.
    pub(super) fn asked(&self, agent: &TemplateAgent, file: &AgentFile) -> Option<(Choice, Why)> {
        let command = |has: bool| if has { COMMAND.parse::<Choice>().ok() } else { None };
        let Inputs { template, request, config, .. } = self.inputs;
        let settings = &agent.settings;
        let levels = [
            (request.runners.get(agent).cloned(), Why::CommandLine),
            (settings.runner.clone().or_else(|| command(settings.command.is_some())), Why::Template),
            (file.runner.clone().or_else(|| command(file.command.is_some())), Why::AgentFile),
            (template.config.runner.clone(), Why::Template),
            (request.settings.as_ref().and_then(|own| own.settings.runner.clone()), Why::Settings),
            (config.runner.clone(), Why::Config),
        ];
        levels.into_iter().find_map(|(choice, why)| choice.map(|choice| (choice, why)))
    }

    /// The runners that are to have an agent, in their order; never none.
    pub(super) fn choose(
        &mut self,
        agent: &TemplateAgent,
        file: &AgentFile,
    ) -> Result<(Vec<Name>, Why), Diagnostic> {
        let request = self.inputs.request;
        let (name, why) = match self.asked(agent, file) {
            Some((Choice::Chain(names), why)) => return Ok((names, why)),
            Some((Choice::Not(names), why)) => return Ok((vec![self.other_than(agent, &names)?], why)),
            None => self.found()?,
        };
        // Who asks for a model asks for an AI, and that never falls back to rules.
        if why == Why::Fallback
            && let Some(model) = request.models.get(agent)
        {
            let model = base::text::visible(model);
            return Err(Diagnostic::new(format!(
                "--model {model} asks for an AI, and none is installed and logged in"
            ))
            .hint("pan doctor tells what is missing"));
        }
        Ok((vec![name], why))
    }

    /// The first AI runner that works here and is none of these.
    fn other_than(&self, agent: &TemplateAgent, names: &[Name]) -> Result<Name, Diagnostic> {
        for name in names {
            self.inputs.definitions.runner(name)?;
        }
        let (definitions, machine) = (self.inputs.definitions, self.inputs.machine);
        if let Some(other) = candidates::first_usable(definitions, machine, Wanted::AnyBut(names))? {
            return Ok(other);
        }
        let names = names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        Err(Diagnostic::new(format!(
            "'{}' is to have another runner than {names}, and no other is installed and logged in",
            agent.role
        ))
        .hint("pan doctor tells what is missing"))
    }

    /// The first AI runner that is installed and looks logged in, else `builtin`.
    fn found(&mut self) -> Result<(Name, Why), Diagnostic> {
        if let Some(found) = &self.found {
            return Ok(found.clone());
        }
        let (definitions, machine) = (self.inputs.definitions, self.inputs.machine);
        let found = match candidates::first_usable(definitions, machine, Wanted::Anything)? {
            Some(name) => (name, Why::Found),
            None => (BUILTIN.parse().map_err(|error| bad_name(&error))?, Why::Fallback),
        };
        Ok(self.found.insert(found).clone())
    }

    /// A model that was asked for and that no agent would use is a wrong call: who
    /// names one counts on an AI.
    pub(super) fn check_models(&mut self) {
        let models = &self.inputs.request.models;
        let agents = &self.inputs.template.agents;
        let chosen_for = |agent: &TemplateAgent, role: Option<&Role>| match role {
            Some(role) => agent.role == *role || agent.group.as_ref() == Some(role),
            None => true,
        };
        let asked = models.all.iter().map(|model| (None, model));
        let asked = asked.chain(models.roles.iter().map(|(role, model)| (Some(role), model)));
        let mut problems = Vec::new();
        for (role, model) in asked {
            let meant = agents.iter().filter(|agent| chosen_for(agent, role));
            let planned: Vec<_> = meant
                .filter_map(|agent| self.out.agents.iter().find(|planned| planned.role == agent.role))
                .collect();
            let uses = |agent: &&AgentPlan| agent.invocation.model.is_some();
            let Some(first) = planned.first().filter(|_| !planned.iter().any(uses)) else { continue };
            let model = base::text::visible(model);
            let (option, who) = match role {
                Some(role) => (format!("--model {role}={model}"), format!("'{role}'")),
                None => (format!("--model {model}"), "no agent".to_owned()),
            };
            let runner = &first.invocation.runner;
            let why = match role {
                Some(_) => format!("{who} runs on '{runner}', which uses no model"),
                None => format!("{who} uses a model: '{}' runs on '{runner}'", first.role),
            };
            problems.push(
                Diagnostic::new(format!("{option}: {why}"))
                    .hint("choose an AI with --runner, or leave --model out"),
            );
        }
        for problem in problems {
            self.tell(problem);
        }
    }
}

fn bad_name(error: &base::ids::BadName) -> Diagnostic {
    Diagnostic::new(error.to_string())
}
