//! ruff: Python, without the project's settings, and only rules whose hits are faults.

use std::collections::BTreeSet;
use std::time::Duration;

use findings::Severity;
use serde::Deserialize;

use super::installed::{Installed, Said};
use super::run::{Answer, Linter, Looked};
use super::snapshot::Snapshot;
use super::tool::{self, Rules, Unit};
use super::voice::Remark;
use crate::domain::Domain;

/// A place of its reports, in characters from 1.
#[derive(Debug, Deserialize)]
pub(super) struct Position {
    pub(super) row: u64,
    pub(super) column: u64,
}

/// One element of its reports.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    /// Without one it is about the file: of versions before 0.5, or `invalid-syntax`.
    pub(super) code: Option<String>,
    pub(super) filename: String,
    pub(super) message: String,
    pub(super) location: Position,
    pub(super) end_location: Position,
    pub(super) fix: Option<Fix>,
    /// Of a notebook: lines are counted in it.
    pub(super) cell: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fix {
    pub(super) message: Option<String>,
}

/// Builtins that there were, which are used where it was asked whether they are there.
const PYTHON_2: [&str; 11] = [
    "basestring",
    "cmp",
    "execfile",
    "file",
    "long",
    "raw_input",
    "reduce",
    "reload",
    "unichr",
    "unicode",
    "xrange",
];

fn is_of_python_2(message: &str) -> bool {
    let name = message.strip_prefix("Undefined name `").and_then(|rest| rest.strip_suffix('`'));
    name.is_some_and(|name| PYTHON_2.contains(&name))
}

/// One of the rules it knows.
#[derive(Debug, Deserialize)]
struct Known {
    code: Option<String>,
    #[serde(default)]
    preview: bool,
}

#[derive(Debug)]
pub(super) struct Ruff;

/// Is this a message that the file could not be looked at?
pub(super) fn is_failure(code: Option<&str>) -> bool {
    matches!(code, None | Some("invalid-syntax" | "E999" | "E902"))
}

impl Linter for Ruff {
    fn name(&self) -> &'static str {
        "ruff"
    }

    fn reads(&self, path: &std::path::Path, _: &dyn Fn() -> Option<String>) -> bool {
        path.extension().is_some_and(|extension| ["py", "pyw", "pyi"].iter().any(|one| extension == *one))
    }

    fn version(&self, said: &str) -> Option<String> {
        let version = said.strip_prefix("ruff ")?.trim_end();
        version
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| version.split(' ').next().unwrap_or_default().to_owned())
    }

    fn look(&self, it: &Installed, snapshot: &Snapshot, domains: &[Domain]) -> Result<Looked, String> {
        let rules = tool::exact_rules("ruff").ok_or("it has no list of rules")?;
        let (select, unknown) = select(it, snapshot, rules, domains)?;
        let mut looked = Looked::default();
        if !unknown.is_empty() {
            looked.notes.push(format!("it does not know {}", unknown.join(", ")));
        }
        let base = ["check", "--isolated", "--no-cache", "--no-respect-gitignore"];
        let words = |more: &[&str]| base.iter().chain(more).map(Into::into).collect::<Vec<_>>();
        // What it looks at is asked for: that it tells nothing of a file proves nothing.
        let listed = it.run(snapshot.root(), &words(&["--show-files", "."]), LONG)?;
        let listed = String::from_utf8_lossy(&done(listed, &[0])?.stdout).into_owned();
        let listed: BTreeSet<usize> = listed.lines().filter_map(|line| snapshot.number(line)).collect();
        let select = format!("--select={}", select.join(","));
        let mut words = words(&["--output-format=json", &select, "."]);
        if let Some(target) = target(&it.version) {
            words.insert(1, format!("--target-version={target}").into());
        }
        let said = done(it.run(snapshot.root(), &words, LONG)?, &[0, 1])?;
        let items: Vec<Item> = serde_json::from_slice(&said.stdout)
            .map_err(|error| format!("what it printed is not its JSON: {error}"))?;
        looked.answers = (0..snapshot.names().len())
            .map(|number| {
                if listed.contains(&number) {
                    Answer::Read(Vec::new())
                } else {
                    Answer::Not("it left it out".to_owned())
                }
            })
            .collect();
        for item in items {
            let Some(number) = snapshot.number(&item.filename) else {
                return Err("it tells of files that it was not given".to_owned());
            };
            looked.answers[number].add(item, rules);
        }
        looked.answers.iter_mut().for_each(Answer::leave_given_names);
        Ok(looked)
    }
}

const LONG: Duration = Duration::from_secs(600);

/// More names that are not defined are in no file by mistake: whoever runs it gives them.
const UNDEFINED: usize = 3;

impl Answer {
    fn leave_given_names(&mut self) {
        let Answer::Read(remarks) = self else { return };
        let is_undefined = |remark: &Remark| remark.rule == "F821";
        if remarks.iter().filter(|remark| is_undefined(remark)).count() > UNDEFINED {
            remarks.retain(|remark| !is_undefined(remark));
        }
    }

    fn add(&mut self, item: Item, rules: &Rules) {
        let code = item.code.as_deref();
        if is_failure(code) {
            let why = format!("does not parse: line {}", item.location.row);
            // The first is the cause of the others.
            if !matches!(self, Answer::Not(_)) {
                *self = Answer::Not(if code == Some("E902") { item.message } else { why });
            }
            return;
        }
        let (Answer::Read(remarks), Some(code)) = (self, item.code) else { return };
        let Some(about) = rules.get(&code).filter(|_| !is_of_python_2(&item.message)) else { return };
        remarks.push(Remark {
            rule: code,
            message: item.message,
            path: std::path::PathBuf::new(),
            line: item.location.row,
            end_line: item.end_location.row,
            column: Some(item.location.column),
            unit: Unit::Characters,
            severity: about.severity,
            confidence: about.confidence.percent(),
            domain: about.domain,
            cwe: about.cwe.clone(),
            fix: item.fix.and_then(|fix| fix.message).unwrap_or_default(),
        });
    }
}

fn done(said: Said, codes: &[i32]) -> Result<Said, String> {
    if codes.contains(&said.code) { Ok(said) } else { Err(said.complaint()) }
}

/// The rules of our list that this version has, and those it has not.
fn select(
    it: &Installed,
    snapshot: &Snapshot,
    rules: &Rules,
    domains: &[Domain],
) -> Result<(Vec<String>, Vec<String>), String> {
    let words = ["rule", "--all", "--output-format=json"].map(Into::into);
    let said = done(it.run(snapshot.root(), &words, LONG)?, &[0])?;
    let known: Vec<Known> = serde_json::from_slice(&said.stdout)
        .map_err(|error| format!("its list of rules cannot be read: {error}"))?;
    let known: BTreeSet<String> =
        known.into_iter().filter(|rule| !rule.preview).filter_map(|rule| rule.code).collect();
    let asked =
        rules.iter().filter(|(_, about)| domains.contains(&about.domain)).map(|(code, _)| code.clone());
    let (select, unknown): (Vec<String>, Vec<String>) = asked.partition(|code| known.contains(code));
    if select.is_empty() {
        Err("it knows none of the rules that are asked for".to_owned())
    } else {
        Ok((select, unknown))
    }
}

/// The newest Python that this version is told of: one that does not know the syntax of
/// a file cannot read it.
fn target(version: &str) -> Option<&'static str> {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    match (numbers.next()?, numbers.next()?) {
        (0, ..4) => None,
        (0, 4..6) => Some("py312"),
        _ => Some("py313"),
    }
}

/// The severity of one of its rules that are in no list of ours: it has one for all.
pub(super) const OTHERWISE: Severity = Severity::Low;
