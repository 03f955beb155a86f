//! Surroundings of a template in which there is whatever it names.

use base::ids::{AgentName, Name};
use planning::diagnostic::Diagnostic;
use planning::document::Source;
use planning::template::Surroundings;

pub(crate) struct Anything;

impl Surroundings for Anything {
    fn check_subagent(&self, _: &AgentName) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn check_runner(&self, _: &Name) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn check_executor(&self, _: &Name) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn find_template(&self, name: &Name, _: bool) -> Result<Source, Diagnostic> {
        Err(Diagnostic::new(name.to_string()))
    }
}
