//! From a runner and what an agent wants to the invocation in the plan. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base::ids::{AgentName, Name};
use base::text::visible;
use base::version::Version;
use protocol::plan::{AnswerBy, ConfigFile, Invocation, Origin};

use crate::diagnostic::Diagnostic;
use crate::prices::Prices;

use super::{Argument, Program, Runner, When};

/// Stands for every tool the runner has.
const ALL_TOOLS: &str = "*";

/// What an agent wants of its runner.
#[derive(Debug, Clone)]
pub(crate) struct AgentRequest<'a> {
    pub subagent: &'a AgentName,
    pub model: Option<&'a str>,
    pub tools: &'a [String],
    /// What it does not get, whatever it asks for.
    pub withheld: &'a [String],
    pub command: Option<&'a [String]>,
    pub env: &'a BTreeMap<String, String>,
    pub budget_usd: Option<f64>,
    /// Its report is asked for as data.
    pub data: bool,
    /// It reads reports of others, and these are not in the project.
    pub reports_outside: bool,
    /// `--dangerously-skip-permissions`
    pub skip_permissions: bool,
}

/// What was found out about a runner on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Programs by name, as [`program_name`] asks for them, absolute.
    pub programs: BTreeMap<String, PathBuf>,
    /// What its version probe said.
    pub version: Option<Version>,
}

/// The program to be looked for, or why there is none.
pub(crate) fn program_name<'a>(
    name: &Name,
    runner: &'a Runner,
    request: &AgentRequest<'a>,
) -> Result<&'a str, Diagnostic> {
    match &runner.program {
        Program::OnPath(program) => Ok(program),
        Program::Command => {
            request.command.and_then(|words| words.first()).map(String::as_str).ok_or_else(|| {
                Diagnostic::new(format!(
                    "runner '{name}' needs a 'command', and '{}' has none",
                    request.subagent
                ))
                .hint("add it to the agent file, or to the agent in the template: command: [PROGRAM, WORD]")
            })
        }
        Program::Siblings(siblings) => {
            siblings.get(request.subagent.as_str()).map(|sibling| sibling.program.as_str()).ok_or_else(|| {
                let known: Vec<&str> = siblings.keys().map(Name::as_str).collect();
                Diagnostic::new(format!("runner '{name}' does not know the agent '{}'", request.subagent))
                    .hint(format!("it knows {}; for others install an AI CLI (pan doctor)", known.join(", ")))
            })
        }
    }
}

/// The invocation, and what the user should know about it.
pub(crate) fn resolve(
    name: &Name,
    origin: Origin,
    runner: &Runner,
    request: &AgentRequest<'_>,
    facts: &Probe,
    prices: &Prices,
) -> Result<(Invocation, Vec<String>), Diagnostic> {
    let program_name = program_name(name, runner, request)?;
    let program = facts.programs.get(program_name).ok_or_else(|| {
        let problem = Diagnostic::new(format!(
            "runner '{name}': the program '{}' is not installed",
            visible(program_name)
        ));
        match &runner.install {
            Some(install) => problem.hint(install),
            None => problem.hint("install it, or put it on PATH"),
        }
    })?;
    let mut notes = Vec::new();
    let tools = map_tools(name, runner, request, &mut notes);
    let model_argument = request.model.and_then(|model| model_argument(runner, model));
    let price = model_argument.as_deref().and_then(|model| prices.get(model));
    let argv = match &runner.program {
        Program::Siblings(siblings) => {
            siblings.get(request.subagent.as_str()).map(|sibling| sibling.words.clone()).unwrap_or_default()
        }
        Program::OnPath(_) | Program::Command => {
            arguments(runner, request, facts, &tools, model_argument.as_deref(), When::Fresh)
        }
    };
    let resumable = runner.arguments.iter().any(|argument| argument.when == Some(When::Resumed));
    let resume_argv = resumable
        .then(|| arguments(runner, request, facts, &tools, model_argument.as_deref(), When::Resumed));
    let files = runner.files.iter().map(|file| with_tools(file, &tools)).collect();
    let mut set_env = runner.set_env.clone();
    set_env.extend(request.env.clone());
    let invocation = Invocation {
        runner: name.clone(),
        runner_origin: origin,
        model: request.model.filter(|_| runner.ai).map(str::to_owned),
        model_argument,
        price,
        tools: tools.offered,
        report_tool: runner.report_tool.clone().unwrap_or_default(),
        program: program.clone().into(),
        argv,
        resume_argv,
        chat_argv: runner.chat.clone(),
        cwd: runner.cwd,
        prompt: runner.prompt,
        stream: runner.stream,
        events: runner.events.clone(),
        report_from: runner.report,
        answer: answer_by(runner, request, facts),
        unconfined: runner.unconfined || request.skip_permissions,
        not_confined: runner.not_confined.clone(),
        skip_permissions: request.skip_permissions,
        endings: runner.endings.clone(),
        files,
        links: runner.links.clone(),
        static_only: runner.static_only,
        offline: !runner.network,
        login: runner.login.iter().flat_map(|login| login.files.iter().chain(&login.with).cloned()).collect(),
        set_env,
        pass_env: runner.pass_env.clone(),
    };
    Ok((invocation, notes))
}

/// A version that cannot be told, or is too old, is asked by the prompt alone.
fn answer_by(runner: &Runner, request: &AgentRequest<'_>, facts: &Probe) -> Option<AnswerBy> {
    let answer = runner.answer.as_ref().filter(|_| request.data)?;
    let is_known = answer.since.is_none_or(|since| facts.version.is_some_and(|version| version >= since));
    Some(if is_known { answer.by } else { AnswerBy::Fence })
}

#[derive(Debug, Default)]
struct Tools {
    offered: Vec<String>,
    allowed: Vec<String>,
}

/// A model as the runner's CLI calls it; `None`: it uses none, or its own default.
pub(crate) fn model_argument(runner: &Runner, model: &str) -> Option<String> {
    let name = runner.models.get(model).map_or(model, String::as_str);
    // An alias for nothing: the CLI's own default.
    (runner.ai && !name.is_empty()).then(|| name.to_owned())
}

/// What an agent is given of the tools it asks for, as the runner's CLI calls them,
/// and what the user should know of the others.
pub(crate) fn granted_tools(
    name: &Name,
    runner: &Runner,
    request: &AgentRequest<'_>,
) -> (Vec<String>, Vec<String>) {
    let mut notes = Vec::new();
    (map_tools(name, runner, request, &mut notes).offered, notes)
}

/// The name of a tool without what it is allowed to do: `Bash` of `Bash(git log:*)`.
fn base(tool: &str) -> &str {
    tool.split('(').next().unwrap_or(tool).trim()
}

/// Exactly the tools the agent asks for, as the CLI calls them, and the one its
/// report is written with. What the CLI does not have is not given, aloud.
fn map_tools(name: &Name, runner: &Runner, request: &AgentRequest<'_>, notes: &mut Vec<String>) -> Tools {
    let Some(map) = &runner.tools else {
        return Tools::default();
    };
    // Under another name a tool is the same one.
    let offered = |tool: &str| map.get(base(tool)).map_or(base(tool), |known| &known.offer).to_owned();
    let is_withheld = |tool: &str| request.withheld.iter().any(|withheld| offered(withheld) == offered(tool));
    let all = request.tools.iter().any(|tool| tool == ALL_TOOLS);
    let wanted = if all { map.keys().cloned().collect() } else { request.tools.to_vec() };
    let mut out = Tools::default();
    let mut seen = BTreeSet::new();
    let mut offer = |tool: &str, offered: &mut Vec<String>| {
        if seen.insert(tool.to_owned()) {
            offered.push(tool.to_owned());
        }
    };
    for wanted in wanted.iter().filter(|tool| !is_withheld(tool)) {
        let base = base(wanted);
        let Some(tool) = map.get(base) else {
            notes.push(format!(
                "'{}' does not get the tool '{}': runner '{name}' has none of this name",
                request.subagent,
                visible(wanted)
            ));
            continue;
        };
        if base.len() < wanted.len() && tool.whole {
            notes.push(format!(
                "'{}' does not get '{}': runner '{name}' cannot give '{base}' in part",
                request.subagent,
                visible(wanted)
            ));
            continue;
        }
        if base.len() < wanted.len() && !tool.allow {
            notes.push(format!(
                "'{}' gets '{base}' as every agent does, '{}' changes nothing",
                request.subagent,
                visible(wanted)
            ));
        }
        offer(&tool.offer, &mut out.offered);
        // `Bash(git log:*)` allows just that.
        if tool.allow {
            out.allowed.push(wanted.clone());
        }
    }
    if all {
        notes.push(format!("'{}' asks for all tools, and gets {}", request.subagent, out.offered.join(", ")));
    }
    if let Some(tool) = &runner.report_tool {
        offer(tool, &mut out.offered);
    }
    out
}

/// Lists in a configuration file that stand for the tools: `"{tools...}"` and
/// `"{allow...}"` as an item of a list, or as a key of an object.
fn with_tools(file: &ConfigFile, tools: &Tools) -> ConfigFile {
    fn expand(json: &serde_json::Value, tools: &Tools) -> serde_json::Value {
        let list = |word: &str| match word {
            "{tools...}" => Some(&tools.offered),
            "{allow...}" => Some(&tools.allowed),
            _ => None,
        };
        match json {
            serde_json::Value::Array(items) => {
                let mut out = Vec::new();
                for item in items {
                    match item.as_str().and_then(list) {
                        Some(words) => out.extend(words.iter().cloned().map(serde_json::Value::String)),
                        None => out.push(expand(item, tools)),
                    }
                }
                serde_json::Value::Array(out)
            }
            serde_json::Value::Object(entries) => {
                let mut out = serde_json::Map::new();
                for (key, value) in entries {
                    let keys = list(key).cloned().unwrap_or_else(|| vec![key.clone()]);
                    out.extend(keys.into_iter().map(|key| (key, expand(value, tools))));
                }
                serde_json::Value::Object(out)
            }
            other => other.clone(),
        }
    }
    ConfigFile { json: expand(&file.json, tools), ..file.clone() }
}

/// `conversation` is [`When::Fresh`] or [`When::Resumed`].
fn arguments(
    runner: &Runner,
    request: &AgentRequest<'_>,
    facts: &Probe,
    tools: &Tools,
    model: Option<&str>,
    conversation: When,
) -> Vec<String> {
    let budget = request.budget_usd.map(|usd| format!("{usd:.2}"));
    let wanted = |argument: &&Argument| {
        let when = match argument.when {
            None => true,
            Some(When::Model) => model.is_some(),
            Some(When::Tools) => !tools.offered.is_empty(),
            Some(When::Budget) => budget.is_some(),
            Some(When::ReportsOutside) => request.reports_outside,
            Some(When::Schema) => answer_by(runner, request, facts).is_some_and(AnswerBy::has_schema),
            Some(when @ (When::Fresh | When::Resumed)) => when == conversation,
            Some(When::Confined) => !request.skip_permissions,
            Some(When::SkipPermissions) => request.skip_permissions,
        };
        // A version that could not be told gets the options every version has.
        let since = argument.since.is_none_or(|since| facts.version.is_some_and(|version| version >= since));
        let before =
            argument.before.is_none_or(|before| facts.version.is_none_or(|version| version < before));
        when && since && before
    };
    let mut out = Vec::new();
    for word in runner.arguments.iter().filter(wanted).flat_map(|argument| &argument.words) {
        match word.as_str() {
            "{allow...}" => out.extend(tools.allowed.iter().cloned()),
            "{tools...}" => out.extend(tools.offered.iter().cloned()),
            "{command...}" => out.extend(request.command.unwrap_or_default().iter().skip(1).cloned()),
            word => out.push(word.replace("{budget_usd}", budget.as_deref().unwrap_or_default())),
        }
    }
    out
}
