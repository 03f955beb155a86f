//! Listing what is defined by files: templates, runners.

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program;
use base::style::Style;
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
