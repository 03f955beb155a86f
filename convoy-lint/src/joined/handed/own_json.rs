//! What linters write of themselves, as it was seen: each has its own names for the same.

use std::path::PathBuf;

use findings::Severity;
use serde_json::Value;

use super::super::place::{Place, Places};
use super::super::ruff;
use super::super::tool::{self, Tool};
use super::super::voice::{Origin, Remark, Voice};
use super::stream::{Lists, Way};
use super::{CONFIDENCE, NOTES, Source, bounded, take};
use crate::domain::Domain;

/// How the results of a tool lie in its file.
enum Shape {
    /// One value, with values at these ways. The first is that of the results, and has to
    /// be there.
    Value(&'static [Way]),
    /// A value a line.
    Lines,
}

fn shape(tool: &str) -> Shape {
    Shape::Value(match tool {
        "eslint" | "ruff" => &[&["[]"]],
        "semgrep" => &[&["results", "[]"], &["errors", "[]"], &["version"]],
        "bandit" => &[&["results", "[]"], &["errors", "[]"]],
        "golangci-lint" => &[&["Issues", "[]"], &["Report"]],
        "shellcheck" => &[&["comments", "[]"]],
        _ => return Shape::Lines,
    })
}

/// Reads the file of a tool of [`super::TOOLS`].
pub(super) fn read(source: &Source, name: &'static str, places: &mut Places<'_>) -> Result<Voice, String> {
    let (_, tool) = tool::named(name).ok_or("nothing is known of it")?;
    let voice = Voice::new(name, Origin::Handed(source.name.clone()));
    let mut reader = Reader { name, tool, places, voice, has_report: false };
    match shape(name) {
        Shape::Value(ways) => {
            let mut wrong = None;
            let lists = source.each(ways, &mut |way, _, value| {
                if let Err(why) = reader.take(way, &value) {
                    wrong.get_or_insert(why);
                }
            })?;
            if let Some(why) = wrong {
                return Err(why);
            }
            reader.check(ways, &lists)?;
        }
        Shape::Lines => reader.lines(source)?,
    }
    Ok(reader.voice)
}

pub(super) struct Reader<'r, 't> {
    pub(super) name: &'static str,
    tool: &'static Tool,
    places: &'r mut Places<'t>,
    voice: Voice,
    /// Was there a report of a run, beside its results?
    has_report: bool,
}

/// A result before its file is looked for.
#[derive(Default)]
pub(super) struct Result_ {
    pub(super) file: String,
    pub(super) rule: String,
    pub(super) message: String,
    pub(super) line: Option<u64>,
    pub(super) end_line: Option<u64>,
    /// In the tool's own count.
    pub(super) column: Option<u64>,
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Option<u8>,
    pub(super) domain: Option<Domain>,
    pub(super) cwe: Vec<u32>,
    pub(super) fix: String,
}

pub(super) fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `HIGH`, `error`, `warning`; what is about security may be high.
pub(super) fn level(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "warning" | "low" | "info" | "style" | "note" => Severity::Low,
        _ => Severity::Medium,
    }
}

fn percent(word: &str) -> Option<u8> {
    match word.to_ascii_lowercase().as_str() {
        "high" => Some(90),
        "medium" => Some(70),
        "low" => Some(40),
        _ => None,
    }
}

impl Reader<'_, '_> {
    /// A file of another kind is not one without results.
    fn check(&self, ways: &[Way], lists: &Lists) -> Result<(), String> {
        // One writes null where it has none, and a report of its run beside it.
        if lists.contains(&(0, Vec::new())) || self.has_report {
            return Ok(());
        }
        Err(match ways[0] {
            ["[]"] => "it is no list".to_owned(),
            way => format!("it has no list '{}'", way[0]),
        })
    }

    fn take(&mut self, way: usize, value: &Value) -> Result<(), String> {
        match (self.name, way) {
            ("eslint", _) => return self.eslint(value),
            ("ruff", _) => return self.ruff(value),
            ("semgrep", 0) => return self.semgrep(value),
            ("bandit", 0) => return self.bandit(value),
            ("golangci-lint", 0) => return self.golangci(value),
            ("semgrep", 1) => self.complaint(&value["path"], &value["message"], &value["type"]),
            ("semgrep", _) => self.voice.version = value.as_str().map(str::to_owned),
            ("bandit", _) => self.complaint(&value["filename"], &value["reason"], &Value::Null),
            ("golangci-lint", _) => self.golangci_report(value),
            _ => return self.shellcheck(value),
        }
        Ok(())
    }

    /// What a tool says that it could not look at.
    fn complaint(&mut self, file: &Value, why: &Value, kind: &Value) {
        let why = [why, kind].into_iter().find_map(Value::as_str).unwrap_or("it says no more");
        self.not_read(file.as_str(), why);
    }

    pub(super) fn not_read(&mut self, file: Option<&str>, why: &str) {
        let why: String = why.lines().next().unwrap_or_default().chars().take(200).collect();
        match file.map(|file| self.places.path(file)) {
            Some(Place::Asked(path)) => {
                self.voice.not_read.entry(path).or_insert(why);
            }
            None if self.voice.notes.len() < NOTES => self.voice.notes.push(why),
            Some(_) | None => {}
        }
    }

    pub(super) fn add(&mut self, result: Result_) {
        let Result_ { file, rule, message, line, end_line, column, severity, confidence, domain, cwe, fix } =
            result;
        let place = self.places.path(&file);
        let exact = tool::exact_rules(self.name).and_then(|rules| rules.get(&rule));
        let tool = self.tool;
        take(&mut self.voice, place, line.filter(|line| *line > 0), |path: PathBuf, line| Remark {
            message: bounded(&message),
            path,
            line,
            end_line: end_line.unwrap_or(line),
            column: column.and_then(|column| (column + 1).checked_sub(tool.first)),
            unit: tool.columns,
            severity: exact.map(|about| about.severity).or(severity).unwrap_or(Severity::Medium),
            confidence: confidence.unwrap_or(CONFIDENCE),
            domain: exact.map(|about| about.domain).or(domain).unwrap_or_else(|| tool.domain(&rule)),
            cwe: exact.map_or(cwe, |about| about.cwe.clone()),
            fix: bounded(&fix),
            rule,
        });
    }

    /// A file, with what is said of it.
    fn eslint(&mut self, file: &Value) -> Result<(), String> {
        let (Some(path), Some(messages)) = (file["filePath"].as_str(), file["messages"].as_array()) else {
            return Err("an element has no 'filePath' with 'messages'".to_owned());
        };
        self.voice.suppressed += file["suppressedMessages"].as_array().map_or(0, Vec::len);
        for message in messages {
            let words = words(&message["message"]);
            match message["ruleId"].as_str() {
                // That it does not parse, that it is ignored: nothing of it was looked at.
                None => self.not_read(Some(path), &words),
                Some(rule) => self.add(Result_ {
                    file: path.to_owned(),
                    rule: rule.to_owned(),
                    message: words,
                    line: message["line"].as_u64(),
                    end_line: message["endLine"].as_u64(),
                    column: message["column"].as_u64(),
                    severity: Some(if message["severity"] == 2 { Severity::Medium } else { Severity::Low }),
                    ..Result_::default()
                }),
            }
        }
        Ok(())
    }

    fn ruff(&mut self, value: &Value) -> Result<(), String> {
        let item: ruff::Item = serde_json::from_value(value.clone())
            .map_err(|error| format!("an element is none of ruff's: {error}"))?;
        if ruff::is_failure(item.code.as_deref()) {
            self.not_read(Some(&item.filename), &item.message);
            return Ok(());
        }
        self.add(Result_ {
            file: item.filename,
            rule: item.code.unwrap_or_default(),
            message: item.message,
            // Of a notebook lines are counted from each cell.
            line: item.cell.is_none().then_some(item.location.row),
            end_line: Some(item.end_location.row),
            column: Some(item.location.column),
            severity: Some(ruff::OTHERWISE),
            fix: item.fix.and_then(|fix| fix.message).unwrap_or_default(),
            ..Result_::default()
        });
        Ok(())
    }

    fn semgrep(&mut self, value: &Value) -> Result<(), String> {
        let (Some(rule), Some(path)) = (value["check_id"].as_str(), value["path"].as_str()) else {
            return Err("a result has no 'check_id' with a 'path'".to_owned());
        };
        let extra = &value["extra"];
        if extra["is_ignored"] == true {
            self.voice.suppressed += 1;
            return Ok(());
        }
        let about = &extra["metadata"];
        let cwe = match &about["cwe"] {
            Value::Array(list) => list.iter().filter_map(Value::as_str).filter_map(super::cwe_of).collect(),
            one => one.as_str().and_then(super::cwe_of).into_iter().collect(),
        };
        let severity = match extra["severity"].as_str().unwrap_or_default() {
            "ERROR" => Severity::High,
            "WARNING" => Severity::Medium,
            "INFO" => Severity::Low,
            word => level(word),
        };
        let domain = about["category"].as_str().map(|category| {
            Domain::from_name(category)
                .filter(|domain| *domain != Domain::Change)
                .unwrap_or(Domain::Correctness)
        });
        self.add(Result_ {
            file: path.to_owned(),
            rule: rule.to_owned(),
            message: words(&extra["message"]),
            line: value["start"]["line"].as_u64(),
            end_line: value["end"]["line"].as_u64(),
            column: value["start"]["col"].as_u64(),
            severity: Some(severity),
            confidence: about["confidence"].as_str().and_then(percent),
            domain,
            cwe,
            ..Result_::default()
        });
        Ok(())
    }

    fn bandit(&mut self, value: &Value) -> Result<(), String> {
        let (Some(rule), Some(path)) = (value["test_id"].as_str(), value["filename"].as_str()) else {
            return Err("a result has no 'test_id' with a 'filename'".to_owned());
        };
        let number = value["issue_cwe"]["id"].as_u64().and_then(|cwe| u32::try_from(cwe).ok());
        let lines = value["line_range"].as_array();
        self.add(Result_ {
            file: path.to_owned(),
            rule: rule.to_owned(),
            message: words(&value["issue_text"]),
            line: value["line_number"].as_u64(),
            end_line: lines.and_then(|lines| lines.last()?.as_u64()),
            column: value["col_offset"].as_u64(),
            severity: value["issue_severity"].as_str().map(level),
            confidence: value["issue_confidence"].as_str().and_then(percent),
            cwe: number.into_iter().collect(),
            ..Result_::default()
        });
        Ok(())
    }

    fn golangci(&mut self, value: &Value) -> Result<(), String> {
        let (Some(rule), Some(path)) = (value["FromLinter"].as_str(), value["Pos"]["Filename"].as_str())
        else {
            return Err("an issue has no 'FromLinter' with a 'Pos'".to_owned());
        };
        // That a package does not compile: of its files the others say little.
        if rule == "typecheck" {
            self.not_read(Some(path), value["Text"].as_str().unwrap_or("does not compile"));
            return Ok(());
        }
        self.add(Result_ {
            file: path.to_owned(),
            rule: rule.to_owned(),
            message: words(&value["Text"]),
            line: value["Pos"]["Line"].as_u64(),
            end_line: value["LineRange"]["To"].as_u64(),
            column: value["Pos"]["Column"].as_u64().filter(|column| *column > 0),
            severity: value["Severity"].as_str().filter(|word| !word.is_empty()).map(level),
            ..Result_::default()
        });
        Ok(())
    }

    fn golangci_report(&mut self, report: &Value) {
        self.has_report = report.is_object();
        if let Some(error) = report["Error"].as_str() {
            self.not_read(None, error);
        }
        for warning in report["Warnings"].as_array().into_iter().flatten() {
            self.not_read(None, warning["Text"].as_str().unwrap_or_default());
        }
    }

    fn shellcheck(&mut self, value: &Value) -> Result<(), String> {
        let (Some(code), Some(path)) = (value["code"].as_u64(), value["file"].as_str()) else {
            return Err("a comment has no 'code' with a 'file'".to_owned());
        };
        if value["level"] == "error" && (1000..2000).contains(&code) {
            self.not_read(Some(path), value["message"].as_str().unwrap_or("does not parse"));
            return Ok(());
        }
        self.add(Result_ {
            file: path.to_owned(),
            rule: format!("SC{code}"),
            message: words(&value["message"]),
            line: value["line"].as_u64(),
            end_line: value["endLine"].as_u64(),
            column: value["column"].as_u64(),
            severity: value["level"].as_str().map(level),
            ..Result_::default()
        });
        Ok(())
    }
}
