//! The template of a request, with all it names.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use base::environment::Environment;
use base::text;
use protocol::layout::Home;
use protocol::plan::{Gate, Origin};

use super::definition_cache::DefinitionCache;
use super::{Machine, Request, TemplateName, agents, one};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::library::{Kind, Library};
use crate::prices::Prices;
use crate::source::read_named;
use crate::template::{self, Template};

/// Reads and checks one template as a start would, with the files it names and the
/// runners they ask for. What only this machine lacks (a program, a login) is no
/// mistake of theirs.
pub fn check_template(
    environment: &Environment,
    template: &TemplateName,
) -> Result<(Source, Origin, Template), Vec<Diagnostic>> {
    let library = Library::new(&Home::of(environment));
    let definitions = DefinitionCache::new(&library);
    let (source, origin) = find_template(environment, &library, template).map_err(one)?;
    let read = read_template(&source, origin, template, &definitions)?;
    let mut problems = template::check(&read).err().unwrap_or_default();
    problems.extend(with_inputs(environment, template, &read, &definitions, agents::check)?);
    if problems.is_empty() { Ok((source, origin, read)) } else { Err(problems) }
}

/// What keeps a template that is good from being started on this machine.
pub fn lacking_here(
    environment: &Environment,
    template: &TemplateName,
    read: &Template,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let library = Library::new(&Home::of(environment));
    let definitions = DefinitionCache::new(&library);
    with_inputs(environment, template, read, &definitions, |inputs| agents::plan(inputs).problems)
}

/// As a start would have its agents planned that asks for nothing besides.
fn with_inputs(
    environment: &Environment,
    template: &TemplateName,
    read: &Template,
    definitions: &DefinitionCache<'_>,
    plan: impl FnOnce(&agents::Inputs<'_>) -> Vec<Diagnostic>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let project = &environment.current_dir;
    Ok(plan(&agents::Inputs {
        template: read,
        request: &Request::of(template.clone()),
        config: &Config::read(&Home::of(environment))?,
        definitions,
        machine: &Machine::new(environment),
        project,
        read_dir: project,
        output_dir: project,
        prices: &Prices::load(&Home::of(environment))?,
        gate: Gate::default(),
        params: &BTreeMap::new(),
        asked: Ok(()),
    }))
}

/// A template with all that it inherits, as one that extends nothing.
pub fn resolve_template(
    environment: &Environment,
    template: &TemplateName,
) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let (source, _, _) = check_template(environment, template)?;
    let library = Library::new(&Home::of(environment));
    template::resolved(&source, &DefinitionCache::new(&library))
}

pub(super) fn find_template(
    environment: &Environment,
    library: &Library,
    template: &TemplateName,
) -> Result<(Source, Origin), Diagnostic> {
    match template {
        TemplateName::Named(name) => library.find(Kind::Template, name),
        TemplateName::File(path) => {
            let path = normal(&environment.current_dir.join(path));
            match read_named(&path)? {
                Some(source) => Ok((source, Origin::File)),
                None => Err(Diagnostic::new(format!("no template file {}", text::path(&path)))
                    .not_found()
                    .hint("by name: pan convoy templates lists what there is")),
            }
        }
    }
}

pub(super) fn read_template(
    source: &Source,
    origin: Origin,
    asked: &TemplateName,
    definitions: &DefinitionCache<'_>,
) -> Result<Template, Vec<Diagnostic>> {
    let template = template::read(source, definitions);
    // Problems inside agent files and runners come with those of the template.
    let mut problems = definitions.take_problems();
    match template {
        Ok(template) => {
            if let TemplateName::Named(name) = asked
                && origin == Origin::User
                && template.name != *name
            {
                let message = format!("the template is called '{}', its file '{name}.json'", template.name);
                problems.push(source.problem(0, message).hint("make them the same"));
            }
            if problems.is_empty() { Ok(template) } else { Err(problems) }
        }
        Err(more) => {
            problems.splice(0..0, more);
            Err(problems)
        }
    }
}

/// A path without `.` and `..`, by its text alone: it need not exist yet.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
