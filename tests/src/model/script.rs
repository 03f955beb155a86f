//! What the model does, by role and attempt.

use std::path::PathBuf;

use super::{Asked, Dialect};

/// What a request is answered with.
#[derive(Debug, Clone)]
pub enum Act {
    /// Writes this as the report with the tool for it, where there is one, and
    /// says that it is done; else says the report itself.
    Report(String),
    /// The same, to another file than the one it was told.
    WriteTo(String, String),
    /// A last word without a report.
    Say(String),
    /// Reads the file under review, then ends with this; told that it cannot be used,
    /// with that.
    HandIn {
        first: HandIn,
        then: HandIn,
    },
    /// Reads a file, again and again.
    Loop,
    /// Reads and searches, with a moment of thought each time, as models take: nobody
    /// spends more quickly than it can be noticed, and nothing is done twice running.
    LoopSlowly,
    /// Asks for these, one after the other, whether the tools are offered or not;
    /// then writes a good report.
    Ask(Vec<Want>),
    /// Asks for a tool by name (whether it is offered or not), then says so.
    Tool(String, serde_json::Value),
    /// Works with the tools of a server, by the ends of their names.
    Work(Work),
    Status {
        status: u16,
        headers: Vec<(String, String)>,
        kind: &'static str,
        message: String,
    },
    /// Reads a file, then gets no answer any more.
    ReadThenHang,
    /// No answer at all.
    Hang,
    /// The connection ends in the middle of an answer.
    Cut,
    Refuse,
    OutputLimit,
}

/// What a model ends with that is asked for its findings as data.
#[derive(Debug, Clone)]
pub enum HandIn {
    /// As it was told: by the tool for it, as the whole message, in a fence.
    Object(serde_json::Value),
    Words(String),
    /// Words, and behind them the object in a fence.
    Both(String, serde_json::Value),
}

/// Calls the tools one after the other, the second of them again and again until an
/// answer of it has these words; then the last one.
#[derive(Debug, Clone)]
pub struct Work {
    pub first: Option<(String, serde_json::Value)>,
    pub again: (String, serde_json::Value),
    pub until: String,
    pub last: (String, serde_json::Value),
    /// What it says in the end.
    pub words: String,
}

impl Work {
    /// What is to be called after these answers; `None`: it is done.
    fn next(&self, results: &[String]) -> Option<(String, serde_json::Value)> {
        let first = usize::from(self.first.is_some());
        let Some(results) = results.get(first..) else { return self.first.clone() };
        let results: Vec<String> = results.iter().map(|result| result.replace('\\', "")).collect();
        match results.iter().position(|result| result.contains(&self.until)) {
            None => {
                let (tool, mut arguments) = self.again.clone();
                if let Some(cursor) = results.last().and_then(|result| cursor(result)) {
                    arguments["cursor"] = cursor.into();
                }
                Some((tool, arguments))
            }
            Some(at) if at + 1 == results.len() => Some(self.last.clone()),
            Some(_) => None,
        }
    }
}

/// The cursor that an answer tells to give back.
fn cursor(result: &str) -> Option<u64> {
    let digits = result.split_once("\"cursor\":")?.1;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// Something a model can want of its CLI.
#[derive(Debug, Clone)]
pub enum Want {
    Read(PathBuf),
    /// What is in a directory.
    List(PathBuf),
    Search {
        word: String,
        below: PathBuf,
    },
    Write(PathBuf, String),
    Run(String),
}

impl Act {
    /// An error of the service, by its status.
    pub fn status(status: u16, headers: &[(&str, &str)]) -> Self {
        let (kind, message) = match status {
            400 => ("invalid_request_error", "the request is not valid"),
            401 => ("authentication_error", "invalid x-api-key"),
            403 => ("permission_error", "this key may not do that"),
            404 => ("not_found_error", "no such model"),
            429 => ("rate_limit_error", "too many requests for now"),
            529 => ("overloaded_error", "overloaded"),
            _ => ("api_error", "something broke"),
        };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Act::Status { status, headers, kind, message: message.to_owned() }
    }

    /// More than fits the model's context, in each service's own words.
    pub fn too_long() -> Self {
        Act::Status {
            status: 400,
            headers: Vec::new(),
            kind: "context_length_exceeded",
            message: "prompt is too long: 250000 tokens > 200000 maximum".to_owned(),
        }
    }
}

/// What is done by role; `*` stands for all others.
#[derive(Debug, Clone, Default)]
pub struct Script {
    lines: Vec<(String, Option<u32>, Act)>,
}

impl Script {
    /// Everybody writes a good report.
    pub fn new() -> Self {
        Self::default()
    }

    /// All attempts of a role.
    #[must_use]
    pub fn role(mut self, role: &str, act: Act) -> Self {
        self.lines.push((role.to_owned(), None, act));
        self
    }

    /// One attempt of a role.
    #[must_use]
    pub fn attempt(mut self, role: &str, attempt: u32, act: Act) -> Self {
        self.lines.insert(0, (role.to_owned(), Some(attempt), act));
        self
    }

    pub(super) fn act(&self, role: &str, attempt: u32) -> &Act {
        static GOOD: std::sync::OnceLock<Act> = std::sync::OnceLock::new();
        let fits = |line: &&(String, Option<u32>, Act)| {
            (line.0 == role || line.0 == "*") && line.1.is_none_or(|only| only == attempt)
        };
        let found = self.lines.iter().find(fits).map(|line| &line.2);
        found.unwrap_or_else(|| GOOD.get_or_init(|| Act::Report(String::new())))
    }
}

/// A review in the documented format; for `synthesis` the final report.
pub fn review(role: &str) -> String {
    if role == "synthesis" {
        return "# Code Review - Complete Analysis\n\n## Executive Summary\n\n- 3 high-priority items\n\n\
                ## High-Priority Issues\n\n### 1. [src/app.ts:1] correctness is wrong\n**Severity:** high\n\
                **Problem:** As the reviewers say.\n\nREVIEW_RESULT: CHANGES_REQUESTED\n"
            .to_owned();
    }
    // Three defects nobody would take for one.
    let (line, title, problem) = match role {
        "security" => (10, "SQL is built from the request", "The user's text becomes part of the query."),
        "performance" => (20, "One query for each row", "The loop asks the database every time."),
        _ => (1, "The last element is left out", "The loop ends one too early."),
    };
    format!(
        "# Review of {role}\n\n### 1. [src/app.ts:{line}] {title}\n**Severity:** high\n**Confidence:** 90\n\
         **Problem:** {problem}\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n"
    )
}

/// The events of an answer.
pub(super) fn events(act: &Act, dialect: Dialect, asked: &Asked, number: u32) -> Vec<String> {
    let text = |given: &String| if given.is_empty() { review(&asked.role) } else { given.clone() };
    let own = asked.report.to_string_lossy().into_owned();
    match act {
        Act::Report(given) => write_or_say(dialect, asked, 0, number, &own, &text(given)),
        Act::WriteTo(path, given) => write_or_say(dialect, asked, 0, number, path, &text(given)),
        Act::Ask(wants) => match wants.get(asked.turn as usize) {
            Some(want) => {
                let (tool, arguments) = dialect.tool(want);
                dialect.call(number, tool, &arguments)
            }
            None => write_or_say(dialect, asked, wants.len() as u32, number, &own, &review(&asked.role)),
        },
        Act::Say(words) => dialect.say(number, words, 25),
        Act::HandIn { first, .. } if !asked.is_to_mend => match dialect.reading(asked) {
            Some((tool, arguments)) if asked.turn == 0 => dialect.call(number, tool, &arguments),
            _ => hand_in(dialect, asked, number, first),
        },
        Act::HandIn { then, .. } => hand_in(dialect, asked, number, then),
        Act::LoopSlowly if asked.turn % 2 == 1 => {
            let word = format!("word{}", asked.turn);
            let (tool, arguments) = dialect.tool(&Want::Search { word, below: asked.project.join("src") });
            dialect.call(number, tool, &arguments)
        }
        Act::Loop | Act::LoopSlowly | Act::ReadThenHang => match dialect.reading(asked) {
            Some((tool, arguments)) => dialect.call(number, tool, &arguments),
            None => dialect.say(number, "there is nothing to read with", 25),
        },
        Act::Tool(name, arguments) if asked.turn == 0 => dialect.call(number, name, arguments),
        Act::Tool(..) => dialect.say(number, "I tried.", 25),
        Act::Work(work) => match work.next(&asked.results) {
            Some((end, arguments)) => match asked.tools.iter().find(|name| name.ends_with(&end)) {
                Some(name) => dialect.call(number, name, &arguments),
                None if asked.tools.iter().any(|name| name == "tool_search") && !asked.has_searched => {
                    Dialect::search(number, "convoy start wait findings")
                }
                None => dialect.say(number, &format!("there is no tool {end}"), 25),
            },
            None => dialect.say(number, &work.words, 25),
        },
        Act::Refuse => dialect.refuse(number),
        Act::OutputLimit => dialect.output_limit(number),
        Act::Hang | Act::Cut | Act::Status { .. } => Vec::new(),
    }
}

fn hand_in(dialect: Dialect, asked: &Asked, number: u32, what: &HandIn) -> Vec<String> {
    const TOOL: &str = "StructuredOutput";
    match what {
        HandIn::Words(words) => dialect.say(number, words, 25),
        HandIn::Object(value) if asked.tools.iter().any(|tool| tool == TOOL) => {
            dialect.call(number, TOOL, value)
        }
        HandIn::Object(value) if dialect == Dialect::Responses => dialect.say(number, &value.to_string(), 25),
        HandIn::Object(value) => dialect.say(number, &format!("```json\n{value:#}\n```"), 25),
        HandIn::Both(words, value) => {
            dialect.say(number, &format!("{words}\n\n```json\n{value:#}\n```\n"), 25)
        }
    }
}

/// `first` is the turn in which it is written, if it can be.
fn write_or_say(
    dialect: Dialect,
    asked: &Asked,
    first: u32,
    number: u32,
    path: &str,
    text: &str,
) -> Vec<String> {
    match dialect.writing(&asked.tools, path, text) {
        Some((tool, arguments)) if asked.turn == first => dialect.call(number, &tool, &arguments),
        Some(_) => dialect.say(number, "DONE: the report is written.", 25),
        None => dialect.say(number, text, 25),
    }
}
