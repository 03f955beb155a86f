//! What a shell offers for ids, roles and names of files. A completion that
//! cannot be made offers nothing: there is no place where it could complain.

use std::ffi::{OsStr, OsString};

use base::environment::Environment;
use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use planning::library::{Kind, Library};
use protocol::convoys;
use protocol::layout::Home;
use protocol::state::State;
use protocol::store::read_state;

use crate::choose;
use crate::cli::Arguments;

/// The command line, with what its arguments may be.
pub(crate) fn command() -> Command {
    with_candidates(Arguments::command())
}

fn with_candidates(command: Command) -> Command {
    let runner = command.get_name() == "runners";
    command
        .mut_args(|argument| {
            let completer = match argument.get_id().as_str() {
                "id" | "ids" | "convoy" | "except" => ArgValueCompleter::new(ids),
                "role" | "agent" => ArgValueCompleter::new(roles),
                "template" | "from" => ArgValueCompleter::new(templates),
                _ => return argument,
            };
            Arg::add(argument, completer)
        })
        .mut_subcommands(move |verb| match (runner, verb.get_name()) {
            (true, "show" | "check") => {
                verb.mut_arg("name", |name| name.add(ArgValueCompleter::new(runners)))
            }
            (true, "new") => verb.mut_arg("from", |from| from.add(ArgValueCompleter::new(runners))),
            _ => with_candidates(verb),
        })
}

fn states(environment: &Environment) -> Vec<State> {
    let ids = convoys::all_ids(&Home::of(environment)).unwrap_or_default();
    let mut states: Vec<_> =
        ids.into_iter().filter_map(|id| read_state(&Home::of(environment).convoy(&id)).ok()).collect();
    states.sort_by_key(|state| std::cmp::Reverse(state.started_at));
    states
}

/// Newest first, by the last part of the id, or the full one where that is what was begun.
fn ids(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    let begun = begun.to_string_lossy();
    let word = |state: &State| {
        if begun.starts_with("convoy-") { state.id.to_string() } else { state.id.short().to_owned() }
    };
    let offered = states(&environment).into_iter().map(|state| {
        let help =
            StyledStr::from(format!("{}, {}", state.template, crate::screen::list::status(state.status)));
        (word(&state), help)
    });
    offered
        .chain([("latest".to_owned(), StyledStr::from("the newest one"))])
        .filter(|(word, _)| word.starts_with(begun.as_ref()))
        .enumerate()
        .map(|(n, (word, help))| CompletionCandidate::new(word).help(Some(help)).display_order(Some(n)))
        .collect()
}

/// The roles of the convoy that is named before, else of the current one.
fn roles(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(2).collect();
    let named =
        words.iter().filter_map(|word| word.to_str()).find_map(|word| choose::one(&environment, word).ok());
    let Some(id) = named.or_else(|| choose::current(&environment).ok()) else { return Vec::new() };
    let Ok(state) = read_state(&Home::of(&environment).convoy(&id)) else { return Vec::new() };
    offer(begun, state.agents.iter().map(|agent| agent.role.to_string()))
}

fn templates(begun: &OsStr) -> Vec<CompletionCandidate> {
    names(begun, Kind::Template)
}

fn runners(begun: &OsStr) -> Vec<CompletionCandidate> {
    names(begun, Kind::Runner)
}

fn names(begun: &OsStr, kind: Kind) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    // A shell that completes shows no errors: what cannot be listed is not offered.
    let names = Library::new(&Home::of(&environment)).names(kind).unwrap_or_default();
    offer(begun, names.into_iter().map(|(name, _)| name.to_string()))
}

fn offer(begun: &OsStr, words: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let begun = begun.to_string_lossy();
    words.filter(|word| word.starts_with(begun.as_ref())).map(CompletionCandidate::new).collect()
}
