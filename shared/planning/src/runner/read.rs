//! Reading a runner file.

use std::collections::BTreeMap;

use base::ids::Name;
use protocol::plan::{AnswerBy, Cwd, PromptDelivery, ReportSource, Stream};

use super::events;
use super::parts::{self, words};
use super::{Answer, Argument, Login, Program, Runner, Sibling, Tool, When};
use crate::diagnostic::Diagnostic;
use crate::document::{Node, Source, Value, parse_toml};
use crate::fields::{
    Fields, Reader, boolean, filled_text, parsed, text_table, texts, time, value, variable_names, variables,
    word,
};

const KEYS: [&str; 32] = [
    "description",
    "program",
    "program_from",
    "ai",
    "automatic",
    "install",
    "login",
    "version",
    "cwd",
    "prompt",
    "stream",
    "events",
    "stall_timeout",
    "report",
    "report_tool",
    "answer",
    "unconfined",
    "static_only",
    "network",
    "arguments",
    "subagents",
    "tools",
    "models",
    "models_of",
    "set_env",
    "pass_env",
    "providers",
    "not_confined",
    "endings",
    "files",
    "links",
    "chat",
];

/// Every key of a runner file; the documentation is checked against them.
#[cfg(test)]
pub(crate) fn documented_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter()
}

/// Reads a runner file; on failure all problems.
pub fn read(source: &Source) -> Result<Runner, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source).help("pan convoy runners show claude prints one that is right");
    let runner = reader.table(&node, "the runner").and_then(|fields| read_fields(&mut reader, &fields));
    match runner {
        Some(runner) if !reader.has_problems() => Ok(runner),
        _ => Err(reader.into_problems()),
    }
}

fn read_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Runner> {
    reader.known(fields, &KEYS);
    let program = read_program(reader, fields);
    let prompts =
        [("stdin", PromptDelivery::Stdin), ("argv", PromptDelivery::Argv), ("file", PromptDelivery::File)];
    let places = [("own", Cwd::Own), ("project", Cwd::Project)];
    let streams = [
        ("plain", Stream::Plain),
        ("claude-stream-json", Stream::ClaudeStreamJson),
        ("codex-jsonl", Stream::CodexJsonl),
        ("gemini-stream-json", Stream::GeminiStreamJson),
        ("opencode-jsonl", Stream::OpencodeJsonl),
        ("jsonl", Stream::Jsonl),
    ];
    let reports = [
        ("file", ReportSource::File),
        ("final-message", ReportSource::FinalMessage),
        ("message", ReportSource::Message),
        ("stdout", ReportSource::Stdout),
    ];
    let description = reader.required(fields, "description", filled_text);
    let prompt = reader.required(fields, "prompt", word(&prompts));
    let stream = value(reader.optional(fields, "stream", word(&streams))).unwrap_or(Stream::Plain);
    let flag = |reader: &mut Reader<'_>, key| value(reader.optional(fields, key, boolean)).unwrap_or(false);
    Some(Runner {
        description: description?.value,
        program: program?,
        ai: flag(reader, "ai"),
        automatic: value(reader.optional(fields, "automatic", boolean)).unwrap_or(true),
        install: value(reader.optional(fields, "install", filled_text)),
        login: read_login(reader, fields),
        version: value(reader.optional(fields, "version", texts)),
        cwd: value(reader.optional(fields, "cwd", word(&places))).unwrap_or_default(),
        prompt: prompt?.value,
        stream,
        events: events::read(reader, fields, stream),
        stall_timeout_ms: value(reader.optional(fields, "stall_timeout", time)),
        report: value(reader.optional(fields, "report", word(&reports))).unwrap_or(ReportSource::File),
        answer: read_answer(reader, fields),
        unconfined: flag(reader, "unconfined"),
        static_only: flag(reader, "static_only"),
        network: value(reader.optional(fields, "network", boolean)).unwrap_or(true),
        arguments: read_arguments(reader, fields),
        tools: read_tools(reader, fields),
        report_tool: value(reader.optional(fields, "report_tool", filled_text)),
        models: value(reader.optional(fields, "models", text_table)).unwrap_or_default(),
        models_of: value(reader.optional(fields, "models_of", parsed)),
        set_env: value(reader.optional(fields, "set_env", variables)).unwrap_or_default(),
        pass_env: value(reader.optional(fields, "pass_env", variable_names)).unwrap_or_default(),
        providers: parts::read_providers(reader, fields),
        not_confined: value(reader.optional(fields, "not_confined", texts)).unwrap_or_default(),
        endings: parts::read_endings(reader, fields),
        files: parts::read_files(reader, fields),
        links: parts::read_links(reader, fields),
        chat: value(reader.optional(fields, "chat", words)).unwrap_or_default(),
    })
}

fn read_program(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Program> {
    let program = reader.optional(fields, "program", filled_text);
    let from = reader.optional(fields, "program_from", word(&[("command", ())]));
    let siblings = fields.node("subagents").map(|node| read_siblings(reader, node));
    match (program, from, siblings) {
        (Some(program), None, None) => Some(Program::OnPath(program.value)),
        (None, Some(_), None) => Some(Program::Command),
        (None, None, Some(siblings)) => Some(Program::Siblings(siblings)),
        _ => {
            let message = "the runner needs one of 'program', 'program_from' and 'subagents'";
            reader.problem(fields.at, message);
            None
        }
    }
}

fn read_siblings(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<Name, Sibling> {
    let mut out = BTreeMap::new();
    let Some(fields) = reader.table(node, "'subagents'") else {
        return out;
    };
    for entry in fields.entries {
        let what = format!("subagent '{}'", base::text::visible(&entry.key));
        let Some(inner) = reader.table(&entry.node, what) else {
            continue;
        };
        reader.known(&inner, &["program", "words"]);
        let program = reader.required(&inner, "program", filled_text);
        let words = reader.required(&inner, "words", words);
        match entry.key.parse::<Name>() {
            Ok(name) => {
                if let (Some(program), Some(words)) = (program, words) {
                    let (program, words) = (program.value, words.value);
                    out.insert(name, Sibling { program, words });
                }
            }
            Err(error) => reader.problem(entry.key_at, error.to_string()),
        }
    }
    out
}

fn read_login(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Login> {
    let login = reader.table(fields.node("login")?, "'login'")?;
    reader.known(&login, &["env", "files", "with", "hint"]);
    let hint = reader.required(&login, "hint", filled_text);
    Some(Login {
        env: value(reader.optional(&login, "env", texts)).unwrap_or_default(),
        files: value(reader.optional(&login, "files", texts)).unwrap_or_default(),
        with: value(reader.optional(&login, "with", texts)).unwrap_or_default(),
        hint: hint?.value,
    })
}

fn read_answer(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Answer> {
    let answer = reader.table(fields.node("answer")?, "'answer'")?;
    reader.known(&answer, &["by", "since"]);
    let ways = [("tool", AnswerBy::Tool), ("message", AnswerBy::Message), ("fence", AnswerBy::Fence)];
    let by = reader.required(&answer, "by", word(&ways));
    let since = value(reader.optional(&answer, "since", parsed));
    Some(Answer { by: by?.value, since })
}

fn read_arguments(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Argument> {
    let Some(node) = fields.node("arguments") else {
        return Vec::new();
    };
    let Value::List(items) = &node.value else {
        reader.problem(node.at, "'arguments': write [[arguments]] with words = […]");
        return Vec::new();
    };
    let whens = [
        ("model", When::Model),
        ("tools", When::Tools),
        ("budget", When::Budget),
        ("reports-outside", When::ReportsOutside),
        ("schema", When::Schema),
        ("fresh", When::Fresh),
        ("resumed", When::Resumed),
        ("confined", When::Confined),
        ("skip-permissions", When::SkipPermissions),
    ];
    let mut out = Vec::new();
    for item in items {
        let Some(inner) = reader.table(item, "'arguments'") else {
            continue;
        };
        reader.known(&inner, &["words", "when", "since", "before"]);
        let argument = Argument {
            words: value(reader.required(&inner, "words", words)).unwrap_or_default(),
            when: value(reader.optional(&inner, "when", word(&whens))),
            since: value(reader.optional(&inner, "since", parsed)),
            before: value(reader.optional(&inner, "before", parsed)),
        };
        out.push(argument);
    }
    out
}

fn read_tools(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<BTreeMap<String, Tool>> {
    let tools = reader.table(fields.node("tools")?, "'tools'")?;
    let mut out = BTreeMap::new();
    for entry in tools.entries {
        let what = format!("tool '{}'", base::text::visible(&entry.key));
        let Some(inner) = reader.table(&entry.node, what) else {
            continue;
        };
        reader.known(&inner, &["offer", "allow", "whole"]);
        let tool = Tool {
            offer: value(reader.optional(&inner, "offer", filled_text)).unwrap_or_else(|| entry.key.clone()),
            allow: value(reader.optional(&inner, "allow", boolean)).unwrap_or(false),
            whole: value(reader.optional(&inner, "whole", boolean)).unwrap_or(false),
        };
        out.insert(entry.key.clone(), tool);
    }
    Some(out)
}
