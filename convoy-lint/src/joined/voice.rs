//! What one tool said, and what of it is no finding, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base::text;
use findings::Severity;

use super::tool::Unit;
use crate::domain::Domain;

/// One thing that a tool says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The tool's own name of its rule.
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) path: PathBuf,
    /// Lines from 1.
    pub(crate) line: u64,
    pub(crate) end_line: u64,
    /// From 1, in the tool's own unit.
    pub(crate) column: Option<u64>,
    pub(crate) unit: Unit,
    pub(crate) severity: Severity,
    /// In percent.
    pub(crate) confidence: u8,
    pub(crate) domain: Domain,
    pub(crate) cwe: Vec<u32>,
    /// The tool's own words on what to do.
    pub(crate) fix: String,
}

/// Where what a tool said comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was run.
    Ran,
    /// A file of results, as it was named.
    Handed(String),
}

/// What a tool said. Numbers are of results.
#[derive(Debug)]
pub(crate) struct Voice {
    /// How we call it.
    pub(crate) tool: String,
    pub(crate) version: Option<String>,
    pub(crate) origin: Origin,
    /// Is it on this machine? (Of what was handed in: true.)
    pub(crate) is_there: bool,
    /// Files that it has looked at, as far as that is known.
    pub(crate) read: BTreeSet<PathBuf>,
    /// Those it should have looked at and did not, and why.
    pub(crate) not_read: BTreeMap<PathBuf, String>,
    /// What else it did not look at, or why it was not run at all.
    pub(crate) notes: Vec<String>,
    pub(crate) remarks: Vec<Remark>,
    /// Silenced where it ran.
    pub(crate) suppressed: usize,
    /// Of files that were not asked for.
    pub(crate) not_asked: usize,
    pub(crate) outside: Strays,
    pub(crate) gone: Strays,
    /// Of a line that its file does not have.
    pub(crate) no_line: usize,
    /// Of no place at all.
    pub(crate) no_place: usize,
    /// Those after as many as are looked at.
    pub(crate) too_many: usize,
    /// What became findings, of their own or beside one of ours.
    pub(crate) taken: usize,
}

/// Results that are left out, and the name of the first one's file.
#[derive(Debug, Default)]
pub(crate) struct Strays {
    count: usize,
    first: String,
}

impl Strays {
    pub(crate) fn add(&mut self, name: String) {
        if self.count == 0 {
            self.first = name;
        }
        self.count += 1;
    }
}

/// So many files are named for each reason.
const NAMED: usize = 3;

impl Voice {
    pub(crate) fn new(tool: &str, origin: Origin) -> Self {
        Voice {
            tool: tool.to_owned(),
            version: None,
            origin,
            is_there: true,
            read: BTreeSet::new(),
            not_read: BTreeMap::new(),
            notes: Vec::new(),
            remarks: Vec::new(),
            suppressed: 0,
            not_asked: 0,
            outside: Strays::default(),
            gone: Strays::default(),
            no_line: 0,
            no_place: 0,
            too_many: 0,
            taken: 0,
        }
    }

    /// `ruff 0.17.6`
    pub(crate) fn name(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {}", self.tool, text::visible(version)),
            None => self.tool.clone(),
        }
    }

    /// Was it run here?
    pub(crate) fn is_run(&self) -> bool {
        self.origin == Origin::Ran
    }

    /// Did it look at everything that it was there for?
    pub(crate) fn is_whole(&self) -> bool {
        self.not_read.is_empty() && self.notes.is_empty() && self.too_many == 0
    }

    /// All of it in one sentence.
    pub(crate) fn told(&self) -> String {
        if !self.is_there {
            return format!("{} was not run: it is not installed", self.tool);
        }
        let count = |number: usize, what: &str| base::style::count(number as u64, what);
        let mut out = match &self.origin {
            Origin::Ran if self.version.is_none() => format!("{} was not run", self.tool),
            Origin::Ran => format!("{} read {}", self.name(), count(self.read.len(), "file")),
            Origin::Handed(file) => format!("{} of {file}", self.name()),
        };
        if !self.is_run() || self.version.is_some() {
            let _ = write!(out, ": {}", count(self.taken, "finding"));
        }
        let mut left_out: Vec<String> = Vec::new();
        let mut some = |number: usize, why: &str| {
            if number > 0 {
                left_out.push(format!("{number} {why}"));
            }
        };
        some(self.suppressed, "suppressed");
        some(self.not_asked, "of files that were not asked for");
        some(self.outside.count, &format!("of files outside the project (first: {})", self.outside.first));
        some(self.gone.count, &format!("of files that are not there (first: {})", self.gone.first));
        some(self.no_line, "of lines that are not there");
        some(self.no_place, "without a place");
        some(self.too_many, "behind as many as are looked at");
        if !left_out.is_empty() {
            let _ = write!(out, "; left out: {}", left_out.join(", "));
        }
        if !self.not_read.is_empty() {
            let _ = write!(out, "; not read by it: {}", by_reason(&self.not_read));
        }
        for note in &self.notes {
            let _ = write!(out, "; {}", text::visible(note));
        }
        out
    }
}

/// `a.py (does not parse), 4 more (took too long)`
fn by_reason(files: &BTreeMap<PathBuf, String>) -> String {
    let mut reasons: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for (path, why) in files {
        reasons.entry(why).or_default().push(path);
    }
    let mut parts = Vec::new();
    for (why, paths) in reasons {
        let why = text::visible(why);
        parts.extend(paths.iter().take(NAMED).map(|path| format!("{} ({why})", text::path(path))));
        if let Some(more) = paths.len().checked_sub(NAMED).filter(|more| *more > 0) {
            parts.push(format!("{more} more ({why})"));
        }
    }
    parts.join(", ")
}
