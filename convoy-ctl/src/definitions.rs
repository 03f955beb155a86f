//! What is defined by files (templates, runners, executors): listed, shown, checked.

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::{self, Failure};
use base::style::Style;
use planning::diagnostic;
use planning::document::Source;
use planning::library::{Kind, Library};
use protocol::layout::Home;
use protocol::plan::Origin;
use serde::Serialize;

/// Lists all of a kind, each as `look_at` sees it: JSON, or as `render` shows it.
pub(crate) fn list<T: Serialize>(
    environment: &Environment,
    kind: Kind,
    json: bool,
    look_at: impl Fn(Name, Origin) -> T,
    render: impl FnOnce(&[T], &Style) -> String,
) -> Result<Exit> {
    let names = Library::new(&Home::of(environment)).names(kind)?;
    let listed: Vec<T> = names.into_iter().map(|(name, origin)| look_at(name, origin)).collect();
    let text = if json {
        format!("{}\n", serde_json::to_string_pretty(&listed)?)
    } else {
        render(&listed, &Style::of_stdout(environment))
    };
    program::print(&text)?;
    Ok(Exit::Done)
}

/// The file that defines one, the user's own before that of the same name that is built in.
pub(crate) fn source(environment: &Environment, kind: Kind, name: &Name) -> Result<Source, Failure> {
    let found = Library::new(&Home::of(environment)).find(kind, name);
    found.map(|(source, _)| source).map_err(|problem| diagnostic::failure(&[problem], ""))
}

/// Prints it as it is.
pub(crate) fn show(environment: &Environment, kind: Kind, name: &Name) -> Result<Exit> {
    program::print(&source(environment, kind, name)?.text)?;
    Ok(Exit::Done)
}

/// Says that one could be read.
pub(crate) fn check<T>(name: &Name, read: Result<T, Failure>) -> Result<Exit> {
    read?;
    program::print(&format!("{name}: good\n"))?;
    Ok(Exit::Done)
}
