//! `forEach`: one agent per item, with the roles `<role>-1`, `<role>-2` …
//! Who depends on the role depends on all of them.
//!
//! Items that an earlier agent leaves are not known at the start: then the role itself
//! is in the plan, as a stage (`protocol::expansion`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base::ids::Role;
use findings::Severity;
use findings::changed::GateOn;
use protocol::plan::{Condition, DEFAULT_MAX, FanOut, FileRange, Gate, MERGE, Operator, Require};
use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::document::{Entry, Value};
use crate::fields::{filled_text, parsed, positive, texts};

use super::params::ParamKind;
use super::{Template, TemplateAgent};

/// Where the items come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ForEach {
    Items(Vec<String>),
    /// A list param: `"{{params.k}}"`.
    Param(String),
    /// The issues of the start: `"issues"`.
    Issues,
    /// The files under review, so many for each agent: `"files"`, `{"files": 25}`.
    Files(u32),
    /// What an earlier agent leaves, or the merge of the reviews: known when it is there.
    Output(Output),
}

/// `{"from": "merge", "where": {"severity": ">=high"}, "max": 20, "chunk": 1}`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Output {
    pub(crate) from: Role,
    pub(crate) path: Vec<String>,
    pub(crate) which: Which,
    pub(crate) max: u32,
    pub(crate) chunk: u32,
}

/// Which items get an agent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Which {
    These(BTreeMap<String, Condition>),
    /// The findings that the gate of the review looks at, at or above it.
    Gate,
}

impl Output {
    /// As the plan has it, where the gate is this one.
    pub(crate) fn planned(&self, gate: &Gate) -> FanOut {
        let conditions = match &self.which {
            Which::These(conditions) => conditions.clone(),
            Which::Gate => {
                let level = Severity::from_name(&gate.level).unwrap_or(Severity::Low);
                let new = Condition { operator: Operator::Is, value: true.into() };
                let new = (gate.on == GateOn::New).then_some(("new".to_owned(), new));
                std::iter::once(("severity".to_owned(), Condition::reaches(level))).chain(new).collect()
            }
        };
        let (from, path) = (self.from.clone(), self.path.clone());
        FanOut {
            from,
            path,
            conditions,
            max: self.max,
            chunk: self.chunk,
            within_budget: false,
            others: Vec::new(),
        }
    }
}

/// What there is to go through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Available<'a> {
    pub params: &'a BTreeMap<String, Json>,
    pub issues: &'a [String],
    pub files: &'a [PathBuf],
}

/// More agents than this are a mistake, not a team.
const MOST: usize = 1000;

/// Reads the value of `forEach`.
pub(super) fn read(value: &Value) -> Result<ForEach, String> {
    let expected = || {
        "expected \"issues\", \"files\", {\"files\": 25}, {\"from\": ROLE}, a list of texts, or \"{{params.k}}\" for a list param".to_owned()
    };
    match value {
        Value::Text(text) => match text.as_str() {
            "issues" | "{{issues}}" => Ok(ForEach::Issues),
            "files" | "{{files}}" => Ok(ForEach::Files(1)),
            text => {
                let name = text.strip_prefix("{{params.").and_then(|rest| rest.strip_suffix("}}"));
                name.map(|name| ForEach::Param(name.to_owned())).ok_or_else(expected)
            }
        },
        Value::Table(entries) => match entries.as_slice() {
            [only] if only.key == "files" => positive(&only.node.value).map(ForEach::Files),
            entries if entries.iter().any(|entry| entry.key == "from") => {
                output(entries).map(ForEach::Output)
            }
            _ => Err(expected()),
        },
        Value::List(items) if items.is_empty() => Err("the list is empty".to_owned()),
        value @ Value::List(_) => texts(value).map(ForEach::Items),
        _ => Err(expected()),
    }
}

fn output(entries: &[Entry]) -> Result<Output, String> {
    let mut output = Output {
        from: MERGE.parse().map_err(|error: base::ids::BadName| error.to_string())?,
        path: Vec::new(),
        which: Which::These(BTreeMap::new()),
        max: DEFAULT_MAX,
        chunk: 1,
    };
    for Entry { key, node, .. } in entries {
        let told = |why: String| format!("'{}': {why}", base::text::visible(key));
        match key.as_str() {
            "from" => output.from = parsed::<Role>(&node.value).map_err(told)?,
            "path" => {
                let path = filled_text(&node.value).map_err(told)?;
                output.path = path.split('.').map(str::to_owned).collect();
                if output.path.iter().any(String::is_empty) {
                    return Err(told(
                        "expected keys with dots between them, such as \"plan.items\"".to_owned(),
                    ));
                }
            }
            "where" => output.which = which(&node.value).map_err(told)?,
            "max" => output.max = positive(&node.value).map_err(told)?,
            "chunk" => output.chunk = positive(&node.value).map_err(told)?,
            _ => return Err(told("is none of from, path, where, max, chunk".to_owned())),
        }
    }
    if output.max as usize > MOST {
        return Err(format!("'max': {} agents are more than {MOST}", output.max));
    }
    if output.from.as_str() == MERGE && !output.path.is_empty() {
        return Err("'path': the merged findings are a list, and need none".to_owned());
    }
    if output.from.as_str() != MERGE && output.which == Which::Gate {
        return Err("'where': \"gate\" is for the merged findings".to_owned());
    }
    Ok(output)
}

fn which(value: &Value) -> Result<Which, String> {
    match value {
        Value::Text(text) if text == "gate" => Ok(Which::Gate),
        Value::Table(entries) => {
            let one = |entry: &Entry| {
                let told = |why| format!("'{}': {why}", base::text::visible(&entry.key));
                Ok((entry.key.clone(), Condition::read(&entry.node.value.to_json()).map_err(told)?))
            };
            entries.iter().map(one).collect::<Result<_, _>>().map(Which::These)
        }
        _ => {
            Err("expected \"gate\", or what the keys of an item must be: {\"severity\": \">=high\"}"
                .to_owned())
        }
    }
}

/// One agent's share.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    item: String,
    files: Option<FileRange>,
}

/// Replaces each agent with `forEach` by its agents; all problems at once.
pub(crate) fn expand(template: &mut Template, available: Available<'_>) -> Result<(), Vec<Diagnostic>> {
    if template.agents.iter().all(|agent| matches!(agent.for_each, None | Some(ForEach::Output(_)))) {
        return Ok(());
    }
    let mut problems = Vec::new();
    let mut names: BTreeMap<Role, Vec<Role>> = BTreeMap::new();
    let mut agents = Vec::new();
    for agent in &template.agents {
        let roles = match parts(agent, available).and_then(|parts| expand_agent(agent, parts)) {
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
            let problem = Diagnostic::new(format!("'forEach' makes a second agent '{}'", agent.role));
            problems.push(problem.hint("give one of the two another role"));
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
            problems.push(Diagnostic::new(message).hint("take a smaller number, \"all\" or \"any\""));
        }
    }
    template.agents = agents;
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What [`expand`] refuses, whatever there will be to go through.
pub(crate) fn check(template: &Template) -> Result<(), Vec<Diagnostic>> {
    let least = template.agents.iter().filter_map(|agent| match agent.require {
        Require::AtLeast(n) => Some(n as usize),
        Require::All | Require::Any => None,
    });
    // As many as somebody counts on: there may be so many.
    let some = vec!["x".to_owned(); least.max().unwrap_or(1).clamp(1, MOST)];
    let mut sample = template.clone();
    let mut params = BTreeMap::new();
    for agent in &mut sample.agents {
        let is_open = match &agent.for_each {
            Some(ForEach::Param(name)) => {
                let param = template.params.get(name).filter(|param| param.kind == ParamKind::List);
                let default = param.and_then(|param| param.default.clone());
                let is_filled = |json: &Json| json.as_array().is_some_and(|items| !items.is_empty());
                match default.filter(is_filled) {
                    Some(items) => {
                        params.insert(name.clone(), items);
                        false
                    }
                    None => param.is_some(),
                }
            }
            Some(ForEach::Issues | ForEach::Files(_)) => true,
            Some(ForEach::Items(_) | ForEach::Output(_)) | None => false,
        };
        if is_open {
            agent.for_each = Some(ForEach::Items(some.clone()));
        }
    }
    expand(&mut sample, Available { params: &params, issues: &[], files: &[] })
}

fn parts(agent: &TemplateAgent, available: Available<'_>) -> Result<Option<Vec<Part>>, Diagnostic> {
    let problem = |why: String| Diagnostic::new(format!("'forEach' of '{}': {why}", agent.role));
    let whole = |items: &[String]| -> Vec<Part> {
        items.iter().map(|item| Part { item: item.clone(), files: None }).collect()
    };
    let Some(for_each) = &agent.for_each else { return Ok(None) };
    let parts = match for_each {
        ForEach::Output(_) => return Ok(None),
        ForEach::Items(items) => whole(items),
        ForEach::Param(name) => {
            let list = available.params.get(name).and_then(Json::as_array);
            let list = list.ok_or_else(|| {
                problem(format!("'{name}' is not a list param")).hint("declare it with \"type\": \"list\"")
            })?;
            let items: Vec<String> = list.iter().filter_map(Json::as_str).map(str::to_owned).collect();
            if items.is_empty() {
                return Err(problem(format!("param '{name}' is empty")).hint(format!("--param {name}=A,B")));
            }
            whole(&items)
        }
        ForEach::Issues if available.issues.is_empty() => {
            return Err(problem("there are no issues".to_owned())
                .hint("say which: --issue ID, --issues-file FILE, or - for standard input"));
        }
        ForEach::Issues => whole(available.issues),
        ForEach::Files(_) if available.files.is_empty() => {
            return Err(
                problem("there are no files".to_owned()).hint("say which: --files 'src/**/*.ts', or --diff")
            );
        }
        ForEach::Files(size) => chunks(available.files, *size as usize),
    };
    if parts.len() > MOST {
        let many = problem(format!("{} agents are more than {MOST}", parts.len()));
        return Err(match for_each {
            ForEach::Files(_) => many.hint("give each agent more of them: \"forEach\": {\"files\": 25}"),
            ForEach::Items(_) | ForEach::Param(_) | ForEach::Issues | ForEach::Output(_) => {
                many.hint("start several convoys, each with a part of them")
            }
        });
    }
    Ok(Some(parts))
}

fn chunks(files: &[PathBuf], size: usize) -> Vec<Part> {
    let name = |path: &PathBuf| base::text::path(path);
    let part = |(n, chunk): (usize, &[PathBuf])| {
        let item = match chunk {
            [one] => name(one),
            [first, .., last] => format!("{} files, {} to {}", chunk.len(), name(first), name(last)),
            [] => String::new(),
        };
        Part { item, files: Some(FileRange { from: n * size, count: chunk.len() }) }
    };
    files.chunks(size.max(1)).enumerate().map(part).collect()
}

fn expand_agent(agent: &TemplateAgent, parts: Option<Vec<Part>>) -> Result<Vec<TemplateAgent>, Diagnostic> {
    let Some(parts) = parts else {
        return Ok(vec![agent.clone()]);
    };
    let one = |(i, part): (usize, Part)| {
        let role = format!("{}-{}", agent.role, i + 1).parse();
        let role = role.map_err(|error: base::ids::BadName| {
            Diagnostic::new(error.to_string()).hint(format!("give '{}' a shorter role", agent.role))
        })?;
        Ok(TemplateAgent {
            role,
            item: Some(part.item),
            files: part.files,
            group: Some(agent.role.clone()),
            for_each: None,
            ..agent.clone()
        })
    };
    parts.into_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_cut_into_chunks() {
        let files: Vec<PathBuf> = (0..5).map(|n| PathBuf::from(format!("f{n}"))).collect();
        let parts = chunks(&files, 2);
        let shown: Vec<&str> = parts.iter().map(|part| part.item.as_str()).collect();
        assert_eq!(shown, ["2 files, f0 to f1", "2 files, f2 to f3", "f4"]);
        let covered: Vec<&PathBuf> = parts
            .iter()
            .flat_map(|part| part.files.map(|range| range.of(&files)).unwrap_or_default())
            .collect();
        assert_eq!(covered, files.iter().collect::<Vec<_>>(), "each file once, in order");
    }
}
