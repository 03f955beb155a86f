//! The findings a reviewer hands in as data: where they are found, and whether
//! they can be taken for its report.
//!
//! An object that fits is the report. One that does not, and words beside one that
//! say more than it, are told the reviewer once; then its words are read.

use std::path::Path;

use base::environment::Environment;
use findings::answer::{self, Answer};
use findings::{Document, ReadError};
use protocol::plan::AgentPlan;
use protocol::redact::Secrets;
use serde_json::Value;

use crate::attempt::Run;
use crate::judge;
use crate::stream::StreamSummary;

/// Where the reviewer may have put its answer, besides its words.
const FILE: &str = "findings.json";

/// What a reviewer handed in.
#[derive(Debug, PartialEq)]
pub(crate) enum Handed {
    /// A document of its own, as programs write it.
    Document(Box<Document>),
    Answer(Box<Answer>),
    /// Something that is meant to be one and is none, or is not all of it: a clause each.
    Wrong(Vec<String>),
    Nothing,
}

/// Looks for it, in the order in which it would be meant: the CLI's own answer, a
/// file, the last words.
pub(crate) fn handed_in(environment: &Environment, agent: &AgentPlan, run: &Run) -> Handed {
    let settled = run.out().settle(FILE.as_ref(), run.secrets());
    let file = match settled.and_then(|()| run.out().read(FILE)) {
        Ok(file) => file,
        Err(no) => return Handed::Wrong(vec![format!("{FILE}: {}", no.detail.unwrap_or_default())]),
    };
    let mut wrong = Vec::new();
    if let Some(bytes) = &file {
        match of_file(bytes, run.secrets()) {
            Handed::Wrong(why) => wrong = why.iter().map(|why| format!("{FILE}{why}")).collect(),
            handed => return handed,
        }
    }
    let summary = run.summary();
    let fitted = summary.and_then(|summary| summary.answer());
    // Of an answer that never fitted it is told what is wrong with the last try.
    let tried = summary.and_then(|summary| summary.tried());
    let words: Vec<Spoken> =
        summary.map(|summary| summary.said().rev().map(spoken).collect()).unwrap_or_default();
    let candidates =
        fitted.into_iter().chain(words.iter().filter_map(|words| words.value.as_ref())).chain(tried);
    for value in candidates {
        match answer::read(value) {
            Ok(answer) if answer.findings.len() < had_before(run) => {
                wrong = vec!["/findings: some of the first answer are gone".to_owned()];
            }
            Ok(answer) => {
                let beside = words.iter().map(|words| words.beside.as_str());
                return match more_than(environment, agent, run, &answer, beside) {
                    Some(why) => Handed::Wrong(vec![why]),
                    None => Handed::Answer(Box::new(answer)),
                };
            }
            Err(mistakes) if wrong.is_empty() => wrong = mistakes.iter().map(ToString::to_string).collect(),
            Err(_) => {}
        }
    }
    if wrong.is_empty() { Handed::Nothing } else { Handed::Wrong(wrong) }
}

/// How many findings the answer had that was to be mended.
fn had_before(run: &Run) -> usize {
    let count = |value: &Value| value["findings"].as_array().map_or(0, Vec::len);
    let of = |summary: &StreamSummary| {
        let words: Vec<Spoken> = summary.said().map(spoken).collect();
        let said = words.iter().filter_map(|words| words.value.as_ref());
        said.chain(summary.tried()).map(count).max().unwrap_or(0)
    };
    run.before_mending().map_or(0, of)
}

fn of_file(bytes: &[u8], secrets: &Secrets) -> Handed {
    let text = String::from_utf8_lossy(bytes);
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => clean(value, secrets),
        Err(error) => return Handed::Wrong(vec![format!(": {error}")]),
    };
    if value.get("format").is_some() {
        return match findings::read(value.to_string().as_bytes()) {
            Ok(document) => Handed::Document(Box::new(document)),
            Err(ReadError::Mistakes(mistakes)) => {
                Handed::Wrong(mistakes.iter().map(ToString::to_string).collect())
            }
            Err(error) => Handed::Wrong(vec![format!(": {error}")]),
        };
    }
    match answer::read(&value) {
        Ok(answer) => Handed::Answer(Box::new(answer)),
        Err(mistakes) => Handed::Wrong(mistakes.iter().map(ToString::to_string).collect()),
    }
}

/// Texts of a stream are clean already; those of a file are not.
fn clean(value: Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => Value::String(secrets.clean(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(|item| clean(item, secrets)).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (secrets.clean(&key).into_owned(), clean(value, secrets)))
            .collect(),
        other => other,
    }
}

/// A message with what may be an answer in it, and what stands beside that.
#[derive(Debug, PartialEq)]
struct Spoken {
    value: Option<Value>,
    beside: String,
}

/// The message itself is an object, or a fenced block of it is: the last one.
fn spoken(words: &str) -> Spoken {
    let meant = |text: &str| serde_json::from_str::<Value>(text.trim()).ok().filter(answer::is_meant);
    if let Some(value) = meant(words) {
        return Spoken { value: Some(value), beside: String::new() };
    }
    let mut found = None;
    let mut open: Option<(usize, usize, &str)> = None;
    let mut at = 0;
    for line in words.split_inclusive('\n') {
        let fence = fence_of(line);
        match (open, fence) {
            (None, Some(fence)) => open = Some((at, at + line.len(), fence)),
            (Some((from, inside, mark)), Some(fence))
                if fence.len() >= mark.len() && line.trim() == fence =>
            {
                if let Some(value) = meant(&words[inside..at]) {
                    found = Some((value, from, at + line.len()));
                }
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    match found {
        Some((value, from, to)) => {
            Spoken { value: Some(value), beside: format!("{}{}", &words[..from], &words[to..]) }
        }
        None => Spoken { value: None, beside: words.to_owned() },
    }
}

/// The backticks or tildes a fence begins with.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    (length >= 3).then(|| &line[..length])
}

/// What the words beside an answer say that is not in it.
fn more_than<'a>(
    environment: &Environment,
    agent: &AgentPlan,
    run: &Run,
    answer: &Answer,
    beside: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let report = match run.out().read("report.md") {
        Ok(report) => report,
        // It may tell findings: an answer beside it that has none is not taken for all.
        Err(no) => {
            let why = no.detail.unwrap_or_default();
            return Some(format!("/findings: the report beside it could not be read: {why}"));
        }
    };
    let report = report.map(|report| String::from_utf8_lossy(&report).into_owned());
    let own = answer.notes.iter().chain(&answer.beside).cloned();
    let texts = beside.map(str::to_owned).chain(report).chain(own).filter(|text| !text.trim().is_empty());
    let count = answer.findings.len();
    for text in texts {
        let stated = judge::findings_in(environment, run.out(), &text);
        let found = match stated {
            Ok(stated) => stated,
            Err(why) => return Some(format!("/findings: the words beside it could not be looked at: {why}")),
        };
        if found > count {
            return Some(format!(
                "/findings: the words beside it tell {found} findings, and it has {count}: all belong into it"
            ));
        }
        if count > 0 || !may_tell_of_a_defect(&text) {
            continue;
        }
        match judge::is_clean_text(environment, run.out(), &format!("No findings.\n\n{text}\n")) {
            Ok(true) => {}
            Ok(false) => {
                return Some(format!(
                    "/findings: it is empty, and the words of {} beside it tell of a defect: all belong into it",
                    base::text::visible(agent.role.as_str())
                ));
            }
            Err(why) => return Some(format!("/findings: the words beside it could not be looked at: {why}")),
        }
    }
    None
}

/// A severity, a kind of defect or a verdict in words: are they denied? That is for
/// `convoy-merge` to say, which reads statements.
fn may_tell_of_a_defect(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "critical",
        "blocker",
        "high severity",
        "high-severity",
        "vulnerab",
        "injection",
        "exploit",
        "cross-site",
        "insecure",
        "hardcoded",
        "hard-coded",
        "race condition",
        "deadlock",
        "overflow",
        "data loss",
        "memory leak",
        "bypass",
        "must be fixed",
        "should be fixed",
        "needs to be fixed",
        "changes requested",
        "changes_requested",
        "request changes",
        "do not merge",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// What to tell a reviewer whose answer was asked for and cannot be taken; `None`:
/// there is nothing to be mended, or a whole review in words is there instead.
pub(crate) fn to_mend(
    environment: &Environment,
    agent: &AgentPlan,
    report: &Path,
    run: &Run,
) -> Option<Vec<String>> {
    agent.invocation.answer?;
    let mistakes = match handed_in(environment, agent, run) {
        Handed::Document(_) | Handed::Answer(_) => return None,
        Handed::Wrong(mistakes) => mistakes,
        Handed::Nothing => vec!["there is no answer".to_owned()],
    };
    let words = run.summary().and_then(StreamSummary::final_message);
    let is_whole = judge::is_whole_file(environment, report)
        || words.is_some_and(|words| judge::is_whole_text(environment, run.out(), &words));
    (!is_whole).then_some(mistakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_prompt_is_an_answer() {
        let value: Value = serde_json::from_str(protocol::prompt::EXAMPLE).unwrap();
        assert!(answer::is_meant(&value));
        assert_eq!(answer::read(&value).unwrap().findings.len(), 1);
    }

    #[test]
    fn an_answer_is_found_in_what_was_said() {
        let object = r#"{"findings": [], "total": 0}"#;
        for (words, beside) in [
            (object.to_owned(), ""),
            (format!("\n{object}\n"), ""),
            (format!("Here:\n```json\n{object}\n```\n"), "Here:\n"),
            (format!("```\n{object}\n```"), ""),
            (format!("````json\n{object}\n````\nDone."), "Done."),
            (
                format!("```json\n{{\"findings\": [1], \"total\": 1}}\n```\n```json\n{object}\n```"),
                "```json\n{\"findings\": [1], \"total\": 1}\n```\n",
            ),
        ] {
            let found = spoken(&words);
            assert_eq!(
                found.value.as_ref().map(ToString::to_string).as_deref(),
                Some(r#"{"findings":[],"total":0}"#),
                "{words}"
            );
            assert_eq!(found.beside, beside, "{words}");
        }
        // Code of the project, or of an example, is none.
        for words in
            ["# Review\n```json\n{\"name\": \"x\"}\n```", "[]", "```json\n{\"findings\": 1}\n```", ""]
        {
            assert_eq!(spoken(words).value, None, "{words}");
        }
    }
}
