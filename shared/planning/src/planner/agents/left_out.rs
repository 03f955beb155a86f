//! Agents that are left out of a plan: switched off by a param, or to hold the change
//! against what was asked for where nothing of that is known, or nobody can read it.

use base::ids::Name;
use protocol::plan::Lens;
use serde_json::Value;

use super::Planner;
use crate::diagnostic::Diagnostic;
use crate::runner::BUILTIN;
use crate::template::{TemplateAgent, When};

impl Planner<'_> {
    /// The agents that there are to be. Of the requirements it is kept why nobody looks at them.
    pub(super) fn wanted<'t>(&mut self, agents: Vec<&'t TemplateAgent>) -> Vec<&'t TemplateAgent> {
        let (mut kept, mut why) = (Vec::new(), None);
        for agent in agents {
            match self.left_out(agent) {
                Ok(None) => kept.push(agent),
                Ok(Some(reason)) if agent.settings.lens.is_some() => why = Some(reason),
                Ok(Some(_)) => {}
                Err(problem) => self.tell(problem),
            }
        }
        let looks = kept.iter().any(|agent| agent.settings.lens == Some(Lens::Requirements));
        self.out.no_requirements = why.filter(|_| !looks);
        kept
    }

    fn left_out(&mut self, agent: &TemplateAgent) -> Result<Option<String>, Diagnostic> {
        if let Some(When::Param(name)) = &agent.settings.when
            && self.inputs.params.get(name) == Some(&Value::Bool(false))
        {
            return Ok(Some(format!("--param {name}=false")));
        }
        if agent.settings.lens.is_none() {
            return Ok(None);
        }
        if let Err(why) = &self.inputs.asked {
            return Ok(Some(why.clone()));
        }
        let file = self.inputs.definitions.agent(&agent.subagent)?;
        let (names, _) = self.choose(agent, &file.0)?;
        if names.iter().any(|name| !is_rules(name)) {
            return Ok(None);
        }
        if self.inputs.request.runners.is_for(agent) {
            let message =
                format!("'{}' holds the change against a text, and rules cannot do that", agent.role);
            return Err(Diagnostic::new(message).hint("name an AI for it, or leave --runner out"));
        }
        Ok(Some("no AI reviews".to_owned()))
    }

    /// Rules cannot read what was asked for, also not as the last of a chain.
    pub(super) fn without_rules(agent: &TemplateAgent, mut names: Vec<Name>) -> Vec<Name> {
        if agent.settings.lens.is_some() {
            names.retain(|name| !is_rules(name));
        }
        names
    }
}

fn is_rules(name: &Name) -> bool {
    name.as_str() == BUILTIN
}
