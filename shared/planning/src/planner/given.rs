//! What an agent file gives its agent, told without a start.

use base::environment::Environment;
use base::ids::Name;
use protocol::layout::Home;
use protocol::prompt_variables::{Piece, pieces};

use crate::agent_file::{self, AgentFile};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::library::Library;
use crate::prompt_scope::{Scope, slips};
use crate::runner::{self, AgentRequest, COMMAND, Choice};

use super::candidates::{self, Wanted};
use super::definition_cache::DefinitionCache;
use super::{Machine, one};

/// An agent file, and what its agent is given of what it asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub file: AgentFile,
    /// The runner it would have here.
    pub runner: Name,
    /// The model as that runner's CLI knows it; `None`: it takes none, or has its own.
    pub model: Option<String>,
    /// As that runner's CLI calls them; `None`: it has no tools that could be chosen.
    pub tools: Option<Vec<String>>,
    /// What is odd about the file, and what the agent does not get.
    pub notes: Vec<String>,
}

/// Reads an agent file as a start would. The runner is the one that is given, the
/// file's own, that of `config.toml`, or the first that works here; without any it
/// is told what the first of them would give.
pub fn given(
    environment: &Environment,
    source: &Source,
    asked: Option<&Name>,
) -> Result<Given, Vec<Diagnostic>> {
    let file = agent_file::read(source)?;
    let library = Library::new(&Home::of(environment));
    let definitions = DefinitionCache::new(&library);
    let config = Config::read(&Home::of(environment))?;
    let command = || file.command.as_ref().and_then(|_| COMMAND.parse().ok());
    let asked = asked.cloned().map(Choice::one);
    let choice = asked.or_else(|| file.runner.clone()).or_else(command).or(config.runner);
    // Of a chain the first one: the others are given the same where they have it.
    let wanted = match &choice {
        Some(Choice::Not(names)) => Wanted::AnyBut(names),
        _ => Wanted::Anything,
    };
    let name = match &choice {
        Some(Choice::Chain(names)) if !names.is_empty() => names[0].clone(),
        _ => candidates::first(&definitions, &Machine::new(environment), wanted).map_err(one)?,
    };
    let runner = definitions.runner(&name).map_err(|problem| {
        let mut problems = one(problem.in_file(&source.name));
        problems.extend(definitions.take_problems());
        problems
    })?;
    let runner = &runner.0;
    let tools = file.wanted_tools();
    let env = std::collections::BTreeMap::new();
    let request = AgentRequest {
        subagent: &file.name,
        model: Some(&file.model),
        tools: &tools,
        withheld: &file.disallowed_tools,
        command: file.command.as_deref(),
        env: &env,
        budget_usd: None,
        data: false,
        reports_outside: false,
        skip_permissions: false,
    };
    runner::program_name(&name, runner, &request).map_err(|problem| one(problem.in_file(&source.name)))?;
    let (granted, more) = runner::granted_tools(&name, runner, &request);
    let mut notes = file.notes.clone();
    notes.extend(slips(&file.prompt, &scope_of(&file.prompt)));
    notes.extend(more);
    if runner.ai && file.tools.is_none() {
        notes.push(format!("names no tools, and may only read ({})", agent_file::DEFAULT_TOOLS.join(", ")));
    }
    let model = runner::model_argument(runner, &file.model);
    let tools = runner.tools.as_ref().map(|_| granted);
    Ok(Given { runner: name, model, tools, notes, file })
}

/// Which params there are depends on the template: none is a slip.
fn scope_of(prompt: &str) -> Scope {
    let param = |piece| match piece {
        Piece::Variable(name, _) => Some(name.strip_prefix("params.")?.to_owned()),
        Piece::Text(_) => None,
    };
    Scope { params: pieces(prompt).into_iter().filter_map(param).collect(), item: true }
}
