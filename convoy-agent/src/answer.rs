//! The findings a reviewer hands in as data: where they are found, and whether
//! they can be taken for its report.
//!
//! An object that fits is the report. One that does not, and words beside one that
//! say more than it, are told the reviewer once; then its words are read.

use std::path::Path;

use base::environment::Environment;
use findings::answer::{self, Answer};
use findings::beside::{of_the_code, without_handover};
use findings::{Document, ReadError};
use protocol::outcome::Reason;
use protocol::plan::AgentPlan;
use protocol::redact::Secrets;
use serde_json::Value;

use crate::ended_run::Run;
use crate::judge;
use crate::report::Rejected;
use crate::stream::StreamSummary;

/// Where the reviewer may have put its answer, besides its words.
pub(crate) const FILE: &str = "findings.json";

/// Words beside an answer that are a report of their own.
const REPORT: &str = "the report";

/// So many characters are quoted of what stands beside an answer.
const QUOTE: usize = 200;

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
pub(crate) fn handed_in(environment: &Environment, run: &Run) -> Handed {
    let file = match run.out().read(FILE, run.secrets()) {
        Ok(file) => file,
        Err(no) => return Handed::Wrong(vec![format!("{FILE}: {}", no.detail.unwrap_or_default())]),
    };
    let mut wrong = Vec::new();
    if let Some(bytes) = &file {
        match of_file(bytes, run.secrets()) {
            Handed::Wrong(why) => wrong = why.iter().map(|why| format!("{FILE}{why}")).collect(),
            Handed::Answer(answer) => {
                let said = run.summary().into_iter().flat_map(StreamSummary::said);
                return checked(environment, run, *answer, beside("the message", said));
            }
            Handed::Document(document) => return document_of(environment, run, document),
            Handed::Nothing => {}
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
                let said = beside("the message", words.iter().map(|words| words.beside.as_str()));
                return checked(environment, run, answer, said);
            }
            Err(mistakes) if wrong.is_empty() => wrong = mistakes.iter().map(ToString::to_string).collect(),
            Err(_) => {}
        }
    }
    if wrong.is_empty() { Handed::Nothing } else { Handed::Wrong(wrong) }
}

/// An answer, unless what stands beside it says more.
fn checked(
    environment: &Environment,
    run: &Run,
    answer: Answer,
    said: impl Iterator<Item = Beside>,
) -> Handed {
    let own = beside("the notes", answer.notes.iter().map(String::as_str));
    let own = own.chain(beside("another key", answer.beside.iter().map(String::as_str)));
    let more = more_than(environment, run, answer.findings.len(), said.chain(own));
    more.map_or_else(|| Handed::Answer(Box::new(answer)), |why| Handed::Wrong(vec![why]))
}

/// The same of a document. What a program says of itself is in its notes; of an AI they
/// are words as any others.
fn document_of(environment: &Environment, run: &Run, document: Box<Document>) -> Handed {
    let Some(summary) = run.summary() else { return Handed::Document(document) };
    let said = beside("the message", summary.said());
    let own = said.chain(beside("the notes", document.notes.iter().map(String::as_str)));
    let more = more_than(environment, run, document.findings.len(), own);
    more.map_or_else(|| Handed::Document(document), |why| Handed::Wrong(vec![why]))
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
    found_in(words, answer::is_meant)
}

/// The object that a text is, or that is its last fenced block of this kind.
pub(crate) fn object_in(words: &str, is_meant: fn(&Value) -> bool) -> Option<Value> {
    found_in(words, is_meant).value
}

fn found_in(words: &str, is_meant: fn(&Value) -> bool) -> Spoken {
    let meant = |text: &str| serde_json::from_str::<Value>(text.trim()).ok().filter(is_meant);
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

/// What stands beside the findings of an answer, and where: each is shown to people as
/// part of the review, or is the review in other words.
struct Beside {
    place: &'static str,
    text: String,
}

fn beside<'a>(place: &'static str, texts: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = Beside> {
    texts.into_iter().map(move |text| Beside { place, text: text.to_owned() })
}

/// What stands beside an answer with so many findings and says more than they do. An
/// empty list takes every word for an assurance or it is not taken: whoever found
/// nothing has nothing to tell of the code.
fn more_than(
    environment: &Environment,
    run: &Run,
    count: usize,
    own: impl Iterator<Item = Beside>,
) -> Option<String> {
    let report = match run.out().read("report.md", run.secrets()) {
        Ok(report) => report,
        // It may tell findings: an answer beside it that has none is not taken for all.
        Err(no) => {
            let why = no.detail.unwrap_or_default();
            return Some(format!("/findings: the report beside it could not be read: {why}"));
        }
    };
    let report = report.map(|report| String::from_utf8_lossy(&report).into_owned());
    let texts = own.chain(report.map(|text| Beside { place: REPORT, text }));
    for Beside { place, text } in texts.filter(|beside| !beside.text.trim().is_empty()) {
        let unread = |why| Some(format!("/findings: {place} beside it could not be looked at: {why}"));
        match judge::findings_in(environment, run.out(), &text) {
            Ok(found) if found > count => {
                return Some(format!(
                    "/findings: {place} beside it: {found} findings, and it has {count}: all belong into it"
                ));
            }
            Ok(_) => {}
            Err(why) => return unread(why),
        }
        let rest = without_handover(&text);
        if count > 0 || rest.is_empty() {
            continue;
        }
        // A whole review in words is read by its own rules.
        let of_the_code = of_the_code(&rest).filter(|_| place != REPORT);
        if let Some(sentence) = of_the_code {
            return Some(telling(place, sentence));
        }
        match judge::is_clean_text(environment, run.out(), &format!("No findings.\n\n{rest}\n")) {
            Ok(true) => {}
            Ok(false) => return Some(telling(place, &rest)),
            Err(why) => return unread(why),
        }
    }
    None
}

fn telling(place: &str, words: &str) -> String {
    let quote: String = words.chars().take(QUOTE).collect();
    let more = if quote.len() < words.len() { "…" } else { "" };
    format!(
        "/findings: it is empty, and {place} beside it may tell of a defect (\"{}{more}\"): what is wrong with the \
         code belongs into it, and whatever else is not about the review can be left out",
        base::text::visible(&quote)
    )
}

/// Why there is no review, with what is wrong with the data that was to be one.
pub(crate) fn with_mistakes(no: Rejected, handed: &Handed) -> Rejected {
    let Handed::Wrong(mistakes) = handed else { return no };
    let Some(first) = mistakes.first().filter(|_| no.reason == Reason::Unrecognised) else { return no };
    let told = no.detail.map_or_else(String::new, |detail| format!("; {detail}"));
    Rejected {
        detail: Some(format!("its answer cannot be used: {}{told}", base::text::visible(first))),
        ..no
    }
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
    let mistakes = match handed_in(environment, run) {
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
        for example in [protocol::prompt::EXAMPLE, protocol::prompt::EXAMPLE_OF_REQUIREMENTS] {
            let value: Value = serde_json::from_str(example).unwrap();
            assert!(answer::is_meant(&value));
            assert_eq!(answer::read(&value).unwrap().findings.len(), 1);
        }
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
