//! `agents[]` of a template.

use std::collections::BTreeMap;

use base::ids::{AgentName, Role};
use protocol::plan::{Lens, MERGE, ReportKind, Require, Shape};

use crate::diagnostic::Diagnostic;
use crate::document::{Node, Value};
use crate::executor::Resources;
use crate::fields::{
    Fields, Found, Reader, boolean, command, count, filled_text, money, parsed, positive, texts,
    texts_or_commas, time, tokens, variables, word,
};
use crate::prompt_scope::{self, Scope};

use super::{
    AgentSettings, ForEach, Param, ParamKind, Surroundings, TemplateAgent, When, for_each, read_executor,
    read_runner, value,
};

pub(super) const AGENT_KEYS: [&str; 24] = [
    "role",
    "subagent",
    "parallel",
    "dependsOn",
    "require",
    "report",
    "lens",
    "shape",
    "prompt",
    "runner",
    "fallbackAfter",
    "executor",
    "resources",
    "model",
    "tools",
    "command",
    "env",
    "timeout",
    "stallTimeout",
    "retries",
    "budgetUsd",
    "budgetTokens",
    "forEach",
    "when",
];

/// An agent of which parts may be missing: its other problems, and those of the
/// agents that depend on it, are still worth telling.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) role: Option<Found<Role>>,
    pub(super) subagent: Option<AgentName>,
    pub(super) depends_on: Vec<Found<Role>>,
    pub(super) require: Option<Found<Require>>,
    pub(super) settings: AgentSettings,
    pub(super) for_each: Option<Found<ForEach>>,
}

impl Draft {
    /// The agent, if nothing is missing.
    pub(super) fn finish(self) -> Option<TemplateAgent> {
        let require = match (self.require, self.settings.report) {
            (Some(require), _) => require.value,
            (None, ReportKind::Synthesis) => Require::Any,
            (None, ReportKind::Any | ReportKind::Findings | ReportKind::Verification) => Require::All,
        };
        Some(TemplateAgent {
            role: self.role?.value,
            subagent: self.subagent?,
            depends_on: self.depends_on.into_iter().map(|dep| dep.value).collect(),
            require,
            settings: self.settings,
            for_each: self.for_each.map(|found| found.value),
            item: None,
            files: None,
            group: None,
        })
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    template: &Fields<'_>,
    params: &BTreeMap<String, Param>,
    surroundings: &dyn Surroundings,
) -> Vec<Draft> {
    let Some(node) = template.node("agents") else {
        reader.problem(template.at, "the template has no 'agents'");
        return Vec::new();
    };
    let Value::List(items) = &node.value else {
        let found = node.value.kind();
        reader.problem(node.at, format!("'agents': expected a list, found {found}"));
        return Vec::new();
    };
    if items.is_empty() {
        reader.problem(node.at, "'agents' is empty: a convoy needs at least one");
    }
    let mut drafts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let role = match &item.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == "role"),
            _ => None,
        };
        let what = match role.map(|entry| &entry.node.value) {
            Some(Value::Text(role)) => format!("agent '{}'", base::text::visible(role)),
            _ => format!("agent {}", index + 1),
        };
        if let Value::Table(entries) = &item.value
            && entries.iter().any(|entry| entry.key == "remove")
        {
            let message =
                format!("{what} cannot be removed: the template that is extended has no such agent");
            reader.problem(item.at, message);
            continue;
        }
        if let Some(fields) = reader.table(item, what) {
            drafts.push(read_agent(reader, &fields, params, surroundings));
        }
    }
    drafts
}

fn read_agent(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    params: &BTreeMap<String, Param>,
    surroundings: &dyn Surroundings,
) -> Draft {
    reader.known(fields, &AGENT_KEYS);
    no_variables(reader, fields);
    let for_each = read_for_each(reader, fields, params);
    let scope = Scope { params: params.keys().cloned().collect(), item: for_each.is_some() };
    let role = reader.required(fields, "role", role);
    let subagent = reader.required(fields, "subagent", parsed::<AgentName>);
    if let Some(subagent) = &subagent
        && let Err(problem) = surroundings.check_subagent(&subagent.value)
    {
        reader.problem_from(subagent.at, &problem);
    }
    let depends_on = reader.list(fields, "dependsOn", parsed::<Role>).unwrap_or_default();
    let require = reader.optional(fields, "require", require);
    let settings = AgentSettings {
        parallel: value(reader.optional(fields, "parallel", boolean)).unwrap_or(true),
        report: value(reader.optional(fields, "report", word(&REPORTS))).unwrap_or_default(),
        lens: value(reader.optional(fields, "lens", word(&LENSES))),
        shape: read_shape(reader, fields),
        prompt: read_prompt(reader, fields, &scope),
        runner: read_runner(reader, fields, surroundings),
        fallback_after_ms: value(reader.optional(fields, "fallbackAfter", time)),
        executor: read_executor(reader, fields, surroundings),
        resources: read_resources(reader, fields),
        model: value(reader.optional(fields, "model", filled_text)),
        tools: value(reader.optional(fields, "tools", texts_or_commas)),
        command: value(reader.optional(fields, "command", command)),
        env: value(reader.optional(fields, "env", variables)).unwrap_or_default(),
        timeout_ms: value(reader.optional(fields, "timeout", time)),
        stall_timeout_ms: value(reader.optional(fields, "stallTimeout", time)),
        retries: value(reader.optional(fields, "retries", count)).unwrap_or(0),
        budget_usd: value(reader.optional(fields, "budgetUsd", money)),
        budget_tokens: value(reader.optional(fields, "budgetTokens", tokens)),
        when: read_when(reader, fields, params),
    };
    if settings.lens.is_some() && settings.report != ReportKind::Findings {
        let at = fields.node("lens").map_or(fields.at, |node| node.at);
        let problem = Diagnostic::new(format!("'lens' in {}: it is for reviewers", fields.what));
        reader.problem_from(at, &problem.hint("a reviewer is an agent with \"report\": \"findings\""));
    }
    Draft { role, subagent: value(subagent), depends_on, require, settings, for_each }
}

fn read_resources(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Resources {
    let Some(asked) = fields.node("resources").and_then(|node| reader.table(node, "'resources'")) else {
        return Resources::default();
    };
    reader.known(&asked, &["cpus", "memory", "time"]);
    Resources {
        cpus: value(reader.optional(&asked, "cpus", positive)),
        memory: value(reader.optional(&asked, "memory", memory)),
        time_ms: value(reader.optional(&asked, "time", time)),
    }
}

/// A number of megabytes, or with K, M, G or T.
fn memory(value: &Value) -> Result<String, String> {
    let text = filled_text(value)?;
    let digits = text.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(&text);
    match digits.parse::<u64>() {
        Ok(1..) => Ok(text),
        _ => Err(format!("'{}' is no amount of memory: write 512M or 4G", base::text::visible(&text))),
    }
}

fn read_shape(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Shape> {
    let shape = reader.table(fields.node("shape")?, "'shape'")?;
    reader.known(&shape, &["headings", "fields", "length"]);
    Some(Shape {
        headings: value(reader.optional(&shape, "headings", texts)).unwrap_or_default(),
        fields: value(reader.optional(&shape, "fields", texts)).unwrap_or_default(),
        length: value(reader.optional(&shape, "length", count)).unwrap_or_default(),
    })
}

/// `merged` is the name of the script's report beside those of the agents.
fn role(value: &Value) -> Result<Role, String> {
    match parsed::<Role>(value)? {
        role if role.as_str() == "merged" => Err("'merged' is the name of the script-side merge".to_owned()),
        role if role.as_str() == MERGE => {
            Err("'merge' is reserved: in 'forEach' it means the merged findings".to_owned())
        }
        role => Ok(role),
    }
}

const REPORTS: [(&str, ReportKind); 4] = [
    ("any", ReportKind::Any),
    ("findings", ReportKind::Findings),
    ("synthesis", ReportKind::Synthesis),
    ("verification", ReportKind::Verification),
];

const LENSES: [(&str, Lens); 1] = [("requirements", Lens::Requirements)];

/// `"verify"`, or a boolean param: `"{{params.k}}"`.
fn read_when(reader: &mut Reader<'_>, fields: &Fields<'_>, params: &BTreeMap<String, Param>) -> Option<When> {
    let found = reader.optional(fields, "when", |value| {
        let text = filled_text(value)?;
        let param = text.strip_prefix("{{params.").and_then(|rest| rest.strip_suffix("}}"));
        match param {
            Some(name) => Ok(When::Param(name.to_owned())),
            None if text == "verify" => Ok(When::Verify),
            None => Err("expected \"verify\", or \"{{params.k}}\" for a boolean param".to_owned()),
        }
    })?;
    if let When::Param(name) = &found.value
        && params.get(name).is_none_or(|param| param.kind != ParamKind::Boolean)
    {
        let message = format!("'when' in {}: there is no boolean param '{name}'", fields.what);
        reader.problem_near(found.at, message, name, params.keys().map(String::as_str));
    }
    Some(found.value)
}

fn require(value: &Value) -> Result<Require, String> {
    match value {
        Value::Text(text) if text == "all" => Ok(Require::All),
        Value::Text(text) if text == "any" => Ok(Require::Any),
        Value::Integer(n) if *n > 0 => {
            u32::try_from(*n).map(Require::AtLeast).map_err(|_| format!("{n} is too many"))
        }
        _ => Err("expected \"all\", \"any\" or a number from 1".to_owned()),
    }
}

fn read_prompt(reader: &mut Reader<'_>, fields: &Fields<'_>, scope: &Scope) -> Option<String> {
    let prompt = reader.optional(fields, "prompt", filled_text)?;
    for (_, problem) in prompt_scope::check(&prompt.value, scope) {
        reader.problem_from(prompt.at, &problem);
    }
    Some(prompt.value)
}

/// Variables are filled in within prompts; anywhere else one would stay as it is.
pub(super) fn no_variables(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    fn texts<'a>(node: &'a Node, out: &mut Vec<(usize, &'a str)>) {
        match &node.value {
            Value::Text(text) => out.push((node.at, text)),
            Value::List(items) => items.iter().for_each(|item| texts(item, out)),
            Value::Table(entries) => entries.iter().for_each(|entry| texts(&entry.node, out)),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
        }
    }
    for entry in
        fields.entries.iter().filter(|entry| !matches!(entry.key.as_str(), "prompt" | "forEach" | "when"))
    {
        let mut found = Vec::new();
        texts(&entry.node, &mut found);
        for (at, name) in
            found.into_iter().filter_map(|(at, text)| Some((at, prompt_scope::misplaced(text)?)))
        {
            let message =
                format!("'{}' in {}: '{{{{{name}}}}}' is not filled in here", entry.key, fields.what);
            let problem = Diagnostic::new(message).hint("variables are for 'prompt' and for agent files");
            reader.problem_from(at, &problem);
        }
    }
}

fn read_for_each(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    params: &BTreeMap<String, Param>,
) -> Option<Found<ForEach>> {
    let found = reader.optional(fields, "forEach", for_each::read)?;
    if let ForEach::Param(name) = &found.value
        && params.get(name).is_none_or(|param| param.kind != ParamKind::List)
    {
        let message = format!("'forEach' in {}: there is no list param '{name}'", fields.what);
        reader.problem_near(found.at, message, name, params.keys().map(String::as_str));
    }
    Some(found)
}

/// A stage depends on what its items come from, said or not: for the merge on all
/// reviewers. What cannot be is told.
pub(super) fn depend_on_sources(reader: &mut Reader<'_>, drafts: &mut [Draft]) {
    let reviews = |draft: &Draft| {
        draft
            .role
            .as_ref()
            .filter(|_| draft.settings.report == ReportKind::Findings)
            .map(|role| role.value.clone())
    };
    let reviewers: Vec<Role> = drafts.iter().filter_map(reviews).collect();
    for draft in drafts {
        let Some(Found { at, value: ForEach::Output(output) }) = &draft.for_each else { continue };
        let at = *at;
        let name = draft.role.as_ref().map_or("", |role| role.value.as_str());
        if draft.settings.report == ReportKind::Synthesis {
            reader.problem(at, format!("'{name}' cannot write the final report: it becomes many agents"));
        }
        let sources = if output.from.as_str() != MERGE {
            vec![output.from.clone()]
        } else if draft.settings.report == ReportKind::Findings {
            let message = format!(
                "dependency cycle: {name} → merge → {name}: its findings would be merged into what it is made from"
            );
            let problem = Diagnostic::new(message).hint("give it \"report\": \"verification\" or \"any\"");
            reader.problem_from(at, &problem);
            continue;
        } else if reviewers.is_empty() {
            let problem = Diagnostic::new(format!("'forEach' of '{name}': nothing is merged here"));
            reader.problem_from(at, &problem.hint("a reviewer is an agent with \"report\": \"findings\""));
            continue;
        } else {
            reviewers.clone()
        };
        for source in sources {
            if !draft.depends_on.iter().any(|known| known.value == source) {
                draft.depends_on.push(Found { at, value: source });
            }
        }
    }
}
