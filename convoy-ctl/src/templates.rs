//! `templates`: which there are, one of them, is it good, a first one of your own.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result};
use base::called::as_typed;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::{self, Failure};
use base::style::{Style, pad};
use base::{files, text};
use planning::diagnostic;
use planning::library::{Kind, Library};
use planning::planner::{TemplateName, check_template, lacking_here, resolve_template};
use planning::template::SCHEMA;
use protocol::layout::Home;
use protocol::plan::Origin;
use serde::Serialize;

use crate::cli::TemplatesVerb;
use crate::definitions;

/// What `--json` prints of a template.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: Name,
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    agents: Vec<String>,
    /// What is wrong with it, if something is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

pub(crate) fn run(environment: &Environment, what: Option<TemplatesVerb>, json: bool) -> Result<Exit> {
    match what {
        None => definitions::list(
            environment,
            Kind::Template,
            json,
            |name, origin| look_at(environment, name, origin),
            render,
        ),
        Some(TemplatesVerb::Show { template, source: false }) => show(environment, &named(&template)?),
        Some(TemplatesVerb::Show { template, source: true }) => show_source(environment, &named(&template)?),
        Some(TemplatesVerb::Schema) => {
            program::print(SCHEMA)?;
            Ok(Exit::Done)
        }
        Some(TemplatesVerb::Check { template }) => check(environment, &named(&template)?),
        Some(TemplatesVerb::New { name, from }) => {
            let from = from.as_deref().map(named).transpose()?;
            new(environment, &name, from.as_ref())
        }
    }
}

fn named(given: &std::ffi::OsStr) -> Result<TemplateName, Failure> {
    TemplateName::read(given).map_err(|error| {
        Failure::new(Exit::Usage, error.to_string())
            .hint("pan convoy templates lists them; a path has a / in it")
    })
}

fn look_at(environment: &Environment, name: Name, origin: Origin) -> Listed {
    match check_template(environment, &TemplateName::Named(name.clone())) {
        Ok((_, _, template)) => Listed {
            name,
            origin,
            description: Some(template.description),
            agents: template.agents.iter().map(|agent| agent.role.to_string()).collect(),
            problems: Vec::new(),
        },
        Err(problems) => Listed {
            name,
            origin,
            description: None,
            agents: Vec::new(),
            problems: problems.iter().map(ToString::to_string).collect(),
        },
    }
}

fn render(listed: &[Listed], style: &Style) -> String {
    let names = listed.iter().map(|one| one.name.as_str().len()).max().unwrap_or(0).max(8);
    let mut out = format!("{}  AGENTS  WHAT FOR\n", pad("TEMPLATE", names));
    for one in listed {
        let what = match &one.description {
            Some(description) => text::visible(description),
            None => style.command(&format!("cannot be started: pan convoy templates check {}", one.name)),
        };
        let user = match one.origin {
            Origin::User => " (user)",
            Origin::BuiltIn | Origin::File => "",
        };
        let line = format!("{}  {:>6}  {what}", pad(one.name.as_str(), names), one.agents.len());
        // Whose it is must be seen, however long its description.
        let room = style.width.saturating_sub(user.len());
        let _ = writeln!(out, "{}{user}", style.cut(&line, room));
    }
    out
}

fn show(environment: &Environment, template: &TemplateName) -> Result<Exit> {
    let resolved = resolve_template(environment, template);
    let json = resolved.map_err(|problems| {
        diagnostic::failure(&problems, "it cannot be shown whole")
            .hint("the file as it is: pan convoy templates show --source")
    })?;
    program::print(&format!("{}\n", serde_json::to_string_pretty(&json)?))?;
    Ok(Exit::Done)
}

fn show_source(environment: &Environment, template: &TemplateName) -> Result<Exit> {
    if let TemplateName::Named(name) = template {
        return definitions::show(environment, Kind::Template, name);
    }
    let checked = check_template(environment, template);
    let (source, _, _) = checked.map_err(|problems| diagnostic::failure(&problems, "none of it is shown"))?;
    program::print(&source.text)?;
    Ok(Exit::Done)
}

fn check(environment: &Environment, template: &TemplateName) -> Result<Exit> {
    let checked = check_template(environment, template);
    let failure = |problems: Vec<_>| diagnostic::failure(&problems, "it cannot be started");
    let (source, _, read) = checked.map_err(failure)?;
    let agents = read.agents.len();
    let word = if agents == 1 { "agent" } else { "agents" };
    program::print(&format!("{}: good, {agents} {word}\n", source.name))?;
    // No mistake of the file's: elsewhere it can be started.
    for lack in lacking_here(environment, template, &read).map_err(failure)? {
        program::tell(&format!("note: not on this machine: {lack}"));
        if let Some(hint) = &lack.hint {
            program::hint(hint);
        }
    }
    Ok(Exit::Done)
}

/// A template as a start for another one: it extends nothing, so all of it can be edited.
fn copy_of(environment: &Environment, name: &Name, from: &TemplateName) -> Result<String> {
    let resolved = resolve_template(environment, from);
    let json = resolved.map_err(|problems| diagnostic::failure(&problems, "nothing was written"))?;
    let mut copy = serde_json::Map::new();
    copy.insert("$schema".to_owned(), "../template.schema.json".into());
    for (key, value) in json.as_object().into_iter().flatten() {
        let value = if key == "name" { name.as_str().into() } else { value.clone() };
        copy.insert(key.clone(), value);
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&copy)?))
}

/// Beside the templates, so that an editor completes their keys.
fn write_schema(environment: &Environment) -> Result<()> {
    let path = Home::of(environment).template_schema();
    files::replace(&path, environment.home.as_path(), SCHEMA.as_bytes(), files::Sync::Later)?;
    Ok(())
}

/// Writes a first template that can be started as it is.
fn new(environment: &Environment, name: &Name, from: Option<&TemplateName>) -> Result<Exit> {
    let stands_for = Library::new(&Home::of(environment)).find_built_in(Kind::Template, name.as_str());
    // A first template in the place of a built-in one would do something else.
    if stands_for.is_some() && from.is_none() {
        let message = format!("'{name}' is a built-in template, and yours would stand for it");
        return Err(Failure::new(Exit::Usage, message)
            .hint(format!(
                "take another name, or start from a copy: pan convoy templates new {name} --from {name}"
            ))
            .into());
    }
    let text = match from {
        Some(from) => copy_of(environment, name, from)?,
        None => include_str!("new-template.json").replace("NAME", name.as_str()),
    };
    let path = Home::of(environment).user_template(name);
    files::create_private_dir(&Home::of(environment).user_templates())?;
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let failure = Failure::new(Exit::Usage, format!("{} is there already", text::path(&path)));
            return Err(failure.hint("edit it, or take another name").into());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot create {}", text::path(&path))),
    };
    write_schema(environment)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", text::path(&path)))?;
    if stands_for.is_some() {
        program::tell(&format!(
            "from now on it stands for the built-in '{name}'; without this file that one is back"
        ));
    }
    program::tell(&as_typed(&format!("edit it, then: pan convoy templates check {name}")));
    program::print(&format!("{}\n", text::path(&path)))?;
    Ok(Exit::Done)
}
