//! What a shell offers for templates and runners. A completion that cannot be
//! made offers nothing: there is no place where it could complain.

use std::ffi::OsStr;

use base::environment::Environment;
use clap::{Command, CommandFactory};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use planning::library::{Kind, Library};
use protocol::layout::Home;

use crate::cli::Arguments;

/// The command line, with what its arguments may be.
pub(crate) fn command() -> Command {
    Arguments::command()
        .mut_arg("template", |argument| {
            argument.add(ArgValueCompleter::new(|begun: &OsStr| names(begun, Kind::Template)))
        })
        .mut_arg("runner", |argument| {
            argument.add(ArgValueCompleter::new(|begun: &OsStr| names(begun, Kind::Runner)))
        })
}

fn names(begun: &OsStr, kind: Kind) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    let begun = begun.to_string_lossy();
    // `--runner security=claude,codex`: what is before the `=` and the comma stays.
    let (before, name) = begun
        .rsplit_once(['=', ','])
        .map_or(("", begun.as_ref()), |(role, name)| (&begun[..=role.len()], name));
    // A shell that completes shows no errors: what cannot be listed is not offered.
    let names = Library::new(&Home::of(&environment)).names(kind).unwrap_or_default();
    let names = names.into_iter().map(|(name, _)| name.to_string());
    names
        .filter(|known| known.starts_with(name))
        .map(|known| CompletionCandidate::new(format!("{before}{known}")))
        .collect()
}
