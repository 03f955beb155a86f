//! `agents`: which agent files there are, and what each gives its agent.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base::called::as_typed;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::{AgentName, Name};
use base::program::{self, Failure};
use base::style::{Mark, Style};
use base::text;
use planning::diagnostic::{self, Diagnostic};
use planning::document::Source;
use planning::library::Library;
use planning::planner::{Given, given};
use planning::source::read_agent;
use protocol::layout::Home;
use serde::Serialize;

use crate::cli::AgentsVerb;

/// What `--json` prints of an agent file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<AgentName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runner: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// As the runner's CLI calls them; absent where it has none that could be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// Why it cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

pub(crate) fn run(environment: &Environment, what: Option<AgentsVerb>, json: bool) -> Result<Exit> {
    match what {
        None => check(environment, &[], None, json).map(|_| Exit::Done),
        Some(AgentsVerb::Show { name }) => {
            program::print(&named(environment, &name)?.text)?;
            Ok(Exit::Done)
        }
        Some(AgentsVerb::Check { files, runner, json: also }) => {
            check(environment, &files, runner.as_ref(), json || also)
        }
    }
}

/// Tells of each file what its agent is given, or why it cannot be used.
fn check(environment: &Environment, files: &[OsString], runner: Option<&Name>, json: bool) -> Result<Exit> {
    let mut sources = Vec::new();
    let mut others = 0;
    for file in files {
        let (found, no_agents) = sources_of(environment, file)?;
        sources.extend(found);
        others += no_agents;
    }
    if files.is_empty() {
        let library = Library::new(&Home::of(environment));
        for (name, _) in library.agent_names()? {
            let found = library.find_agent(&name).map_err(|problem| diagnostic::failure(&[problem], ""))?;
            sources.push(found.0);
        }
    }
    let listed: Vec<Listed> = sources.iter().map(|source| look_at(environment, source, runner)).collect();
    let bad = listed.iter().filter(|one| !one.problems.is_empty()).count();
    let text = if json {
        format!("{}\n", serde_json::to_string_pretty(&listed)?)
    } else {
        render(&listed, others, &Style::of_stdout(environment))
    };
    program::print(&text)?;
    Ok(if bad == 0 { Exit::Done } else { Exit::Usage })
}

/// A directory with what is in it, a file, or the name of an agent file. Also how many
/// Markdown files in a directory are something else.
fn sources_of(environment: &Environment, given: &OsStr) -> Result<(Vec<Source>, usize)> {
    // Without the dots of "./agents", which say nothing.
    let path: PathBuf = environment.current_dir.join(given).components().collect();
    if path.is_dir() {
        let mut files = Vec::new();
        markdown(&path, &mut files, &mut BTreeSet::new())?;
        files.sort();
        let all = files.iter().map(|file| source_at(file)).collect::<Result<Vec<_>>>()?;
        let count = all.len();
        let agents: Vec<Source> = all.into_iter().filter(has_frontmatter).collect();
        let others = count - agents.len();
        return Ok((agents, others));
    }
    let is_path =
        given.as_encoded_bytes().contains(&b'/') || Path::new(given).extension() == Some(OsStr::new("md"));
    let source = if is_path || path.is_file() { source_at(&path)? } else { named(environment, given)? };
    Ok((vec![source], 0))
}

fn source_at(path: &Path) -> Result<Source> {
    let found = read_agent(path).map_err(|problem| diagnostic::failure(&[problem], ""))?;
    Ok(found.ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("no agent file {}", text::path(path)))
            .hint("by name: pan convoy agents lists what there is")
    })?)
}

fn named(environment: &Environment, given: &OsStr) -> Result<Source> {
    let name: AgentName = given.to_string_lossy().parse().map_err(|error: base::ids::BadName| {
        Failure::new(Exit::Usage, error.to_string())
            .hint("pan convoy agents lists them; a path has a / in it")
    })?;
    let found = Library::new(&Home::of(environment)).find_agent(&name);
    Ok(found.map_err(|problem| diagnostic::failure(&[problem.not_found()], ""))?.0)
}

/// A README beside the agents is none of them.
fn has_frontmatter(source: &Source) -> bool {
    source.text.trim_start_matches('\u{feff}').lines().next().is_some_and(|line| line.trim_end() == "---")
}

/// All Markdown files below a directory; each directory once, whatever links lead to it.
fn markdown(dir: &Path, out: &mut Vec<PathBuf>, seen: &mut BTreeSet<PathBuf>) -> Result<()> {
    let cannot = || format!("cannot read {}", text::path(dir));
    if !seen.insert(dir.canonicalize().with_context(cannot)?) {
        return Ok(());
    }
    for entry in fs::read_dir(dir).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.is_dir() {
            markdown(&path, out, seen)?;
        } else if path.extension() == Some(OsStr::new("md")) {
            out.push(path);
        }
    }
    Ok(())
}

fn look_at(environment: &Environment, source: &Source, runner: Option<&Name>) -> Listed {
    let file = source.name.clone();
    match given(environment, source, runner) {
        Ok(Given { file: agent, runner, model, tools, notes }) => Listed {
            file,
            name: Some(agent.name),
            runner: Some(runner),
            model,
            tools,
            notes,
            problems: Vec::new(),
        },
        Err(problems) => Listed {
            file,
            name: None,
            runner: None,
            model: None,
            tools: None,
            notes: Vec::new(),
            problems: problems.iter().map(with_hint).collect(),
        },
    }
}

fn with_hint(problem: &Diagnostic) -> String {
    match &problem.hint {
        Some(hint) => format!("{problem} (hint: {})", text::visible(&as_typed(hint))),
        None => problem.to_string(),
    }
}

fn render(listed: &[Listed], others: usize, style: &Style) -> String {
    let mut out = String::new();
    for one in listed {
        let mark = style.mark(if one.problems.is_empty() { Mark::Completed } else { Mark::Failed });
        let _ = match (&one.name, &one.runner) {
            (Some(name), Some(runner)) => {
                let model =
                    one.model.as_ref().map_or(String::new(), |model| format!(" {}", text::visible(model)));
                let tools = match &one.tools {
                    Some(tools) => format!("gets {}", tools.join(", ")),
                    None => "its tools are the runner's".to_owned(),
                };
                writeln!(out, "{mark} {name}  {runner}{model}  {tools}")
            }
            _ => writeln!(out, "{mark} {}", one.file),
        };
        for line in one.notes.iter().chain(&one.problems) {
            let _ = writeln!(out, "    {line}");
        }
    }
    let bad = listed.iter().filter(|one| !one.problems.is_empty()).count();
    let _ = write!(out, "\n{}", base::style::count(listed.len() as u64, "agent file"));
    if bad > 0 {
        let _ = write!(out, ", {bad} cannot be used");
    }
    if others > 0 {
        let _ = write!(out, "; {}", base::style::count(others as u64, "other Markdown file"));
    }
    out.push('\n');
    out
}
