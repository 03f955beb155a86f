//! Convoy templates: which agents there are and who waits for whom (design §7).
//!
//! A template is read as a whole: every problem is found and has its place,
//! and only a template without any becomes a [`Template`]. Nothing is created
//! before that.

mod agents;
mod for_each;
mod graph;
mod inherit;
mod params;

use std::collections::{BTreeMap, BTreeSet};

use base::ids::{AgentName, Name, Role};
use protocol::plan::{FileRange, Lens, ReportKind, Require, Shape};

use crate::diagnostic::Diagnostic;
use crate::document::{Node, Source, parse_json};
use crate::fields::{Fields, Found, Reader, count, filled_text, money, parsed, positive, time, tokens};

use crate::executor::Resources;
use crate::runner::{Choice, choice};

pub(crate) use for_each::{Available, ForEach, check, expand};
pub(crate) use params::{Param, ParamKind, values};

/// `$schema` is for editors, and not looked at.
/// What helps with mistakes in one.
const EXAMPLE: &str = "pan convoy templates show code-review prints one that is right";

const TEMPLATE_KEYS: [&str; 7] = ["$schema", "name", "description", "extends", "params", "agents", "config"];
const CONFIG_KEYS: [&str; 10] = [
    "outputDir",
    "maxParallel",
    "parked",
    "timeout",
    "convoyTimeout",
    "budgetUsd",
    "budgetTokens",
    "runner",
    "fallbackAfter",
    "executor",
];

/// A template without problems. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub name: Name,
    pub description: String,
    pub params: BTreeMap<String, Param>,
    pub agents: Vec<TemplateAgent>,
    pub(crate) config: TemplateConfig,
}

/// One agent as the template describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateAgent {
    pub role: Role,
    pub(crate) subagent: AgentName,
    pub depends_on: Vec<Role>,
    pub(crate) require: Require,
    pub(crate) settings: AgentSettings,
    /// Until `expand` has made its agents of it.
    pub(crate) for_each: Option<ForEach>,
    /// What such an agent is for.
    pub(crate) item: Option<String>,
    /// Its part of the files, if it has one of its own.
    pub(crate) files: Option<FileRange>,
    /// The role it was made of.
    pub(crate) group: Option<Role>,
}

/// The settings of an agent that stand on their own; `None` means "as the
/// agent file says", or the template's default.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AgentSettings {
    pub parallel: bool,
    pub report: ReportKind,
    pub lens: Option<Lens>,
    pub shape: Option<Shape>,
    pub prompt: Option<String>,
    pub runner: Option<Choice>,
    pub fallback_after_ms: Option<u64>,
    pub executor: Option<Name>,
    pub resources: Resources,
    pub model: Option<String>,
    pub tools: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub env: BTreeMap<String, String>,
    pub timeout_ms: Option<u64>,
    pub stall_timeout_ms: Option<u64>,
    pub retries: u32,
    pub budget_usd: Option<f64>,
    pub budget_tokens: Option<u64>,
    pub when: Option<When>,
}

/// What must be for an agent to be in the plan; without it, it is left out, and who
/// depends on it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    /// Findings are to be verified (`--verify`).
    Verify,
    /// This param, a boolean, is true.
    Param(String),
}

impl Template {
    /// The params that only say which agents there are: no prompt has them.
    pub(crate) fn switches(&self) -> BTreeSet<String> {
        let of = |agent: &TemplateAgent| match &agent.settings.when {
            Some(When::Param(name)) => Some(name.clone()),
            Some(When::Verify) | None => None,
        };
        self.agents.iter().filter_map(of).collect()
    }
}

/// `config` of a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TemplateConfig {
    pub output_dir: Option<String>,
    pub max_parallel: Option<u32>,
    /// 0: none.
    pub parked: Option<u32>,
    pub timeout_ms: Option<u64>,
    pub convoy_timeout_ms: Option<u64>,
    pub budget_usd: Option<f64>,
    pub budget_tokens: Option<u64>,
    pub runner: Option<Choice>,
    pub fallback_after_ms: Option<u64>,
    pub executor: Option<Name>,
}

impl TemplateConfig {
    /// Holds the budgets to these, where they are more or there are none.
    pub(crate) fn allow_at_most(&mut self, usd: Option<f64>, tokens: Option<u64>) {
        self.budget_usd = match (self.budget_usd, usd) {
            (Some(own), Some(most)) => Some(own.min(most)),
            (own, most) => own.or(most),
        };
        self.budget_tokens = match (self.budget_tokens, tokens) {
            (Some(own), Some(most)) => Some(own.min(most)),
            (own, most) => own.or(most),
        };
    }
}

/// What is known outside of the template: is there such an agent file, is
/// there such a runner? The error text says why not.
pub trait Surroundings {
    fn check_subagent(&self, name: &AgentName) -> Result<(), Diagnostic>;
    fn check_runner(&self, name: &Name) -> Result<(), Diagnostic>;
    fn check_executor(&self, name: &Name) -> Result<(), Diagnostic>;
    /// The template another one extends; only the built-in one, or also the user's.
    fn find_template(&self, name: &Name, only_built_in: bool) -> Result<Source, Diagnostic>;
}

/// The JSON Schema of templates, for editors; tested against the keys read here.
pub const SCHEMA: &str = include_str!("../../../docs/template.schema.json");

/// Every key of a template; the documentation is checked against them.
#[cfg(test)]
pub(crate) fn documented_keys() -> impl Iterator<Item = &'static str> {
    TEMPLATE_KEYS.into_iter().chain(CONFIG_KEYS).chain(agents::AGENT_KEYS).chain(params::PARAM_KEYS)
}

/// Reads a template; on failure all problems, in the order of the file.
pub fn read(source: &Source, surroundings: &dyn Surroundings) -> Result<Template, Vec<Diagnostic>> {
    let node = parse_json(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source).help(EXAMPLE);
    let node = inherit::resolve(&mut reader, node, surroundings, &mut Vec::new());
    let template = read_node(&mut reader, &node, surroundings);
    match template {
        Some(template) if !reader.has_problems() => Ok(template),
        _ => Err(reader.into_problems()),
    }
}

/// The template with everything it inherits, as one that extends nothing; on
/// failure all problems.
pub(crate) fn resolved(
    source: &Source,
    surroundings: &dyn Surroundings,
) -> Result<serde_json::Value, Vec<Diagnostic>> {
    read(source, surroundings)?;
    let node = parse_json(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source);
    let mut json = inherit::resolve(&mut reader, node, surroundings, &mut Vec::new()).value.to_json();
    if let Some(template) = json.as_object_mut() {
        template.remove("extends");
        template.remove("$schema");
        order(template, &TEMPLATE_KEYS);
        let agents = template.get_mut("agents").and_then(serde_json::Value::as_array_mut);
        for agent in agents.into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
            order(agent, &agents::AGENT_KEYS);
        }
    }
    Ok(json)
}

/// Keys in the order in which they are documented.
fn order(table: &mut serde_json::Map<String, serde_json::Value>, keys: &[&str]) {
    let mut old = std::mem::take(table);
    for key in keys {
        if let Some(value) = old.remove(*key) {
            table.insert((*key).to_owned(), value);
        }
    }
    table.extend(old);
}

fn read_node(reader: &mut Reader<'_>, node: &Node, surroundings: &dyn Surroundings) -> Option<Template> {
    let fields = reader.table(node, "the template")?;
    reader.known(&fields, &TEMPLATE_KEYS);
    let name = reader.required(&fields, "name", parsed::<Name>);
    let description = reader.required(&fields, "description", filled_text);
    let config = fields
        .node("config")
        .and_then(|node| reader.table(node, "'config'"))
        .map(|config| read_config(reader, &config, surroundings))
        .unwrap_or_default();
    let params = params::read(reader, &fields);
    let mut drafts = agents::read(reader, &fields, &params, surroundings);
    agents::depend_on_sources(reader, &mut drafts);
    graph::check(reader, &drafts);
    let agents = drafts.into_iter().map(agents::Draft::finish).collect::<Option<_>>()?;
    Some(Template { name: name?.value, description: description?.value, params, agents, config })
}

fn read_config(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    surroundings: &dyn Surroundings,
) -> TemplateConfig {
    reader.known(fields, &CONFIG_KEYS);
    agents::no_variables(reader, fields);
    let runner = read_runner(reader, fields, surroundings);
    TemplateConfig {
        output_dir: value(reader.optional(fields, "outputDir", filled_text)),
        max_parallel: value(reader.optional(fields, "maxParallel", positive)),
        parked: value(reader.optional(fields, "parked", count)),
        timeout_ms: value(reader.optional(fields, "timeout", time)),
        convoy_timeout_ms: value(reader.optional(fields, "convoyTimeout", time)),
        budget_usd: value(reader.optional(fields, "budgetUsd", money)),
        budget_tokens: value(reader.optional(fields, "budgetTokens", tokens)),
        runner,
        fallback_after_ms: value(reader.optional(fields, "fallbackAfter", time)),
        executor: read_executor(reader, fields, surroundings),
    }
}

fn value<T>(found: Option<Found<T>>) -> Option<T> {
    found.map(|found| found.value)
}

fn read_runner(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    surroundings: &dyn Surroundings,
) -> Option<Choice> {
    let runner = reader.optional(fields, "runner", choice)?;
    for name in runner.value.names() {
        if let Err(problem) = surroundings.check_runner(name) {
            reader.problem_from(runner.at, &problem);
        }
    }
    Some(runner.value)
}

fn read_executor(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    surroundings: &dyn Surroundings,
) -> Option<Name> {
    let executor = reader.optional(fields, "executor", parsed::<Name>)?;
    if let Err(problem) = surroundings.check_executor(&executor.value) {
        reader.problem_from(executor.at, &problem);
    }
    Some(executor.value)
}

#[cfg(test)]
mod tests;
