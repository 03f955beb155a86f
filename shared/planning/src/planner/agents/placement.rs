//! Where an agent runs: who says it, and whether a sandbox works here.

use base::ids::Name;
use protocol::plan::Placement;

use super::{Inputs, Planner};
use crate::diagnostic::Diagnostic;
use crate::executor::{self, LOCAL, SANDBOX};
use crate::template::TemplateAgent;

impl Planner<'_> {
    /// Where the agent's command runs; `None`: beside its supervisor.
    pub(super) fn placement(&mut self, agent: &TemplateAgent) -> Result<Option<Placement>, Diagnostic> {
        let Inputs { template, request, config, definitions, machine, .. } = self.inputs;
        let settings = &agent.settings;
        let asked = request.executors.get(agent).or(settings.executor.as_ref());
        let asked = asked.or(template.config.executor.as_ref()).or(config.executor.as_ref()).cloned();
        let name = match asked {
            Some(name) => name,
            None if config.sandbox && self.sandbox_works()? => parse(SANDBOX)?,
            None => parse(LOCAL)?,
        };
        // Nothing is read for what is there without any file.
        if name.as_str() == LOCAL {
            self.note_resources(agent);
            return Ok(None);
        }
        let found = definitions.executor(&name)?;
        let (executor, origin) = found.as_ref();
        let options = config.executors.get(&name).cloned().unwrap_or_default();
        let find = |program: &str| machine.on_path(program).map_err(Diagnostic::from);
        executor::resolve(&name, *origin, executor, &settings.resources, &options, find)
    }

    fn note_resources(&mut self, agent: &TemplateAgent) {
        if agent.settings.resources != executor::Resources::default() {
            self.note(vec![format!(
                "'{}' asks for resources, and runs on this machine as it is",
                agent.role
            )]);
        }
    }

    /// Where it does not, that is said: nobody is to think that it does.
    fn sandbox_works(&mut self) -> Result<bool, Diagnostic> {
        if let Some(known) = self.sandbox {
            return Ok(known);
        }
        let machine = self.inputs.machine;
        let why = match machine.on_path(SANDBOX)? {
            None => Some("bubblewrap is not installed".to_owned()),
            Some(bwrap) => machine.refuses_sandbox(&bwrap)?,
        };
        if let Some(why) = &why {
            self.note(vec![format!(
                "sandbox = \"auto\": there is none here, agents run without one ({why})"
            )]);
        }
        self.sandbox = Some(why.is_none());
        Ok(why.is_none())
    }
}

fn parse(name: &str) -> Result<Name, Diagnostic> {
    name.parse::<Name>().map_err(|error| Diagnostic::new(error.to_string()))
}
