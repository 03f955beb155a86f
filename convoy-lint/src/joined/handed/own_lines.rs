//! What linters write a line each: JSON of mypy and clippy, the words of tsc.

use std::io::{BufRead, Read};

use findings::Severity;
use serde_json::Value;

use super::Source;
use super::own_json::{Reader, Result_, level, words};

/// A line of results is no longer.
const LINE: u64 = 16 << 20;

impl Reader<'_, '_> {
    /// A line each: JSON, or the words of a compiler.
    pub(super) fn lines(&mut self, source: &Source) -> Result<(), String> {
        let mut reader = source.reader().map_err(|error| error.to_string())?;
        let (mut number, mut known, mut line) = (0_usize, 0_usize, Vec::new());
        loop {
            line.clear();
            let read = reader.by_ref().take(LINE + 1).read_until(b'\n', &mut line);
            if read.map_err(|error| error.to_string())? == 0 {
                break;
            }
            number += 1;
            if line.len() as u64 > LINE {
                return Err(format!("line {number} is longer than {} MB", LINE >> 20));
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if text.trim().is_empty() {
                continue;
            }
            known += usize::from(self.line(text).map_err(|why| format!("line {number}: {why}"))?);
        }
        if number > 0 && known == 0 && self.name != "mypy" {
            return Err("no line of it is one of its results".to_owned());
        }
        Ok(())
    }

    /// Is this a line of what the tool writes?
    fn line(&mut self, text: &str) -> Result<bool, String> {
        if self.name == "tsc" {
            return Ok(self.tsc(text));
        }
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            // cargo prints what build scripts and tests print between its own lines.
            Err(_) if self.name == "clippy" && !text.starts_with('{') => return Ok(false),
            Err(error) => return Err(super::told(&error)),
        };
        if self.name == "mypy" { self.mypy(&value).map(|()| true) } else { self.clippy(&value) }
    }

    fn mypy(&mut self, value: &Value) -> Result<(), String> {
        let (Some(path), Some(severity)) = (value["file"].as_str(), value["severity"].as_str()) else {
            return Err("it has no 'file' with a 'severity'".to_owned());
        };
        // A note explains the error before it.
        if severity == "note" {
            return Ok(());
        }
        if value["code"] == "syntax" {
            self.not_read(Some(path), value["message"].as_str().unwrap_or("does not parse"));
            return Ok(());
        }
        self.add(Result_ {
            file: path.to_owned(),
            rule: words(&value["code"]),
            message: words(&value["message"]),
            line: value["line"].as_u64(),
            end_line: value["end_line"].as_u64(),
            column: value["column"].as_u64(),
            fix: words(&value["hint"]),
            ..Result_::default()
        });
        Ok(())
    }

    /// `cargo clippy --message-format=json`
    fn clippy(&mut self, value: &Value) -> Result<bool, String> {
        let Some(reason) = value["reason"].as_str() else {
            return Err("it has no 'reason': --message-format=json is what is read".to_owned());
        };
        if reason == "build-finished" && value["success"] == false {
            self.not_read(None, "the build failed: what stands behind its error was not looked at");
        }
        if reason != "compiler-message" {
            return Ok(true);
        }
        let message = &value["message"];
        let severity = match message["level"].as_str().unwrap_or_default() {
            "error" => Severity::Medium,
            "warning" => Severity::Low,
            _ => return Ok(true),
        };
        let spans = message["spans"].as_array().map_or(&[][..], Vec::as_slice);
        // Without one it is a summary.
        let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else { return Ok(true) };
        let span = in_source(span);
        self.add(Result_ {
            file: words(&span["file_name"]),
            rule: words(&message["code"]["code"]),
            message: words(&message["message"]),
            line: span["line_start"].as_u64(),
            end_line: span["line_end"].as_u64(),
            column: span["column_start"].as_u64(),
            severity: Some(severity),
            fix: message["children"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|child| child["level"] == "help" && child["spans"][0].is_object())
                .map(|child| words(&child["message"]))
                .unwrap_or_default(),
            ..Result_::default()
        });
        Ok(true)
    }

    /// `src/a.ts(1,24): error TS2322: Type …`
    fn tsc(&mut self, text: &str) -> bool {
        if let Some(rest) = text.strip_prefix("error TS") {
            self.not_read(None, &format!("TS{rest}"));
            return true;
        }
        let Some((place, rest)) = text.split_once("): ") else { return false };
        let Some((file, numbers)) = place.rsplit_once('(') else { return false };
        let mut numbers = numbers.split(',').map(|number| number.parse::<u64>().ok());
        let (Some(Some(line)), Some(Some(column)), None) = (numbers.next(), numbers.next(), numbers.next())
        else {
            return false;
        };
        let Some((level_and_code, message)) = rest.split_once(": ") else { return false };
        let Some((word, code)) = level_and_code.split_once(' ') else { return false };
        if !code.starts_with("TS") {
            return false;
        }
        // Of a file that does not parse nothing else is told.
        if code.len() == 6 && code.starts_with("TS1") {
            self.not_read(Some(file), &format!("does not parse: line {line}: {message}"));
            return true;
        }
        self.add(Result_ {
            file: file.to_owned(),
            rule: code.to_owned(),
            message: message.to_owned(),
            line: Some(line),
            column: Some(column),
            severity: Some(level(word)),
            ..Result_::default()
        });
        true
    }
}

/// The place that a person wrote: that of a macro's use, not of its text.
fn in_source(span: &Value) -> &Value {
    let mut span = span;
    for _ in 0..64 {
        if !span["expansion"]["span"].is_object() {
            break;
        }
        span = &span["expansion"]["span"];
    }
    span
}
