//! Which of the built-in AIs has an agent for which no runner is named.

use base::ids::Name;

use crate::diagnostic::Diagnostic;
use crate::runner::{PREFERENCE, Runner};

use super::Machine;
use super::definition_cache::DefinitionCache;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'n> {
    /// Nothing: then none that could not be kept to what its agent needs.
    Anything,
    /// `{not: …}`: whoever else works.
    AnyBut(&'n [Name]),
}

impl Wanted<'_> {
    fn names(self) -> impl Iterator<Item = &'static str> {
        PREFERENCE.into_iter().filter(move |candidate| match self {
            Wanted::Anything => true,
            Wanted::AnyBut(names) => names.iter().all(|name| name.as_str() != *candidate),
        })
    }

    fn allows(self, runner: &Runner) -> bool {
        match self {
            Wanted::Anything => runner.automatic && !runner.unconfined,
            Wanted::AnyBut(_) => true,
        }
    }
}

/// The first that is installed, looks logged in, and may be taken.
pub(super) fn first_usable(
    definitions: &DefinitionCache<'_>,
    machine: &Machine<'_>,
    wanted: Wanted<'_>,
) -> Result<Option<Name>, Diagnostic> {
    for candidate in wanted.names() {
        let candidate = name(candidate)?;
        let runner = &definitions.runner(&candidate)?.0;
        if wanted.allows(runner) && machine.is_usable(runner)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// The same, and where none can be used the first of those that could be.
pub(super) fn first(
    definitions: &DefinitionCache<'_>,
    machine: &Machine<'_>,
    wanted: Wanted<'_>,
) -> Result<Name, Diagnostic> {
    match first_usable(definitions, machine, wanted)? {
        Some(name) => Ok(name),
        None => name(wanted.names().next().unwrap_or(PREFERENCE[0])),
    }
}

fn name(text: &str) -> Result<Name, Diagnostic> {
    text.parse::<Name>().map_err(|error| Diagnostic::new(error.to_string()))
}
