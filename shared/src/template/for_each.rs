//! `forEach`: one agent per item, with the roles `<role>-1`, `<role>-2` …
//! Who depends on the role depends on all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::document::Value;
use crate::fields::texts;
use crate::ids::Role;
use crate::plan::Require;
use crate::problem::Problem;

use super::{Template, TemplateAgent};

/// Where the items come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForEach {
    Items(Vec<String>),
    /// A list param: `"{{params.k}}"`.
    Param(String),
}

/// Reads the value of `forEach`.
pub(super) fn read(value: &Value) -> Result<ForEach, String> {
    let expected = || "expected a list of texts, or \"{{params.k}}\" for a list param".to_owned();
    match value {
        Value::Text(text) => {
            let name = text.strip_prefix("{{params.").and_then(|rest| rest.strip_suffix("}}"));
            name.map(|name| ForEach::Param(name.to_owned())).ok_or_else(expected)
        }
        Value::List(items) if items.is_empty() => Err("the list is empty".to_owned()),
        value @ Value::List(_) => texts(value).map(ForEach::Items),
        _ => Err(expected()),
    }
}

/// Replaces each agent with `forEach` by its agents; all problems at once.
pub fn expand(template: &mut Template, params: &BTreeMap<String, Json>) -> Result<(), Vec<Problem>> {
    if template.agents.iter().all(|agent| agent.for_each.is_none()) {
        return Ok(());
    }
    let mut problems = Vec::new();
    let mut names: BTreeMap<Role, Vec<Role>> = BTreeMap::new();
    let mut agents = Vec::new();
    for agent in &template.agents {
        let roles = match items(agent, params).and_then(|items| expand_agent(agent, items)) {
            Ok(expanded) => {
                let roles = expanded.iter().map(|agent| agent.role.clone()).collect();
                agents.extend(expanded);
                roles
            }
            Err(problem) => {
                problems.push(problem);
                Vec::new()
            }
        };
        names.insert(agent.role.clone(), roles);
    }
    let mut seen = BTreeSet::new();
    for agent in &mut agents {
        if !seen.insert(agent.role.clone()) {
            problems.push(Problem::new(format!("'forEach' makes a second agent '{}'", agent.role)));
        }
        let dependencies = agent.depends_on.iter().filter_map(|role| names.get(role));
        agent.depends_on = dependencies.flatten().cloned().collect();
        if let Require::AtLeast(n) = agent.require
            && n as usize > agent.depends_on.len()
            && problems.is_empty()
        {
            let count = agent.depends_on.len();
            let message =
                format!("'require' of '{}' is {n}, more than its dependencies ({count})", agent.role);
            problems.push(Problem::new(message));
        }
    }
    template.agents = agents;
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn items(agent: &TemplateAgent, params: &BTreeMap<String, Json>) -> Result<Option<Vec<String>>, Problem> {
    let problem = |why: &str| Problem::new(format!("'forEach' of '{}': {why}", agent.role));
    match &agent.for_each {
        None => Ok(None),
        Some(ForEach::Items(items)) => Ok(Some(items.clone())),
        Some(ForEach::Param(name)) => {
            let list = params.get(name).and_then(Json::as_array);
            let list = list.ok_or_else(|| problem(&format!("'{name}' is not a list param")))?;
            let items: Vec<String> = list.iter().filter_map(Json::as_str).map(str::to_owned).collect();
            if items.is_empty() { Err(problem(&format!("param '{name}' is empty"))) } else { Ok(Some(items)) }
        }
    }
}

fn expand_agent(agent: &TemplateAgent, items: Option<Vec<String>>) -> Result<Vec<TemplateAgent>, Problem> {
    let Some(items) = items else {
        return Ok(vec![agent.clone()]);
    };
    let one = |(i, item): (usize, String)| {
        let role = format!("{}-{}", agent.role, i + 1).parse();
        let role = role.map_err(|error: crate::ids::BadName| Problem::new(error.to_string()))?;
        Ok(TemplateAgent { role, item: Some(item), for_each: None, ..agent.clone() })
    };
    items.into_iter().enumerate().map(one).collect()
}
