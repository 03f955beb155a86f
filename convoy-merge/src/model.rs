//! What everything here talks about: a finding as one report states it
//! ([`Member`]), findings that are one and the same ([`Finding`]), and what
//! became of each input ([`Input`]). Pure data; the JSON output is these types.

use base::encoded_path::EncodedPath;
use base::text;
use findings::Scope;
use findings::Severity;
use findings::Step;
use findings::requirement::Requirement;
use findings::second_look::SecondLook;
use serde::{Deserialize, Serialize};

/// What has become of a finding, by the reviewer's own word or the tool's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Open,
    /// The code has changed since, so the lines are those of an older version: it still stands.
    Outdated,
    /// Somebody knows of it and leaves it as it is: it still stands.
    WontFix,
    /// Somebody looked and it is none: it no longer counts.
    FalsePositive,
    /// Mended: it no longer counts.
    Resolved,
}

impl Status {
    /// Does it no longer count?
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Status::FalsePositive | Status::Resolved)
    }

    pub fn name(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Outdated => "outdated",
            Status::WontFix => "won't fix",
            Status::FalsePositive => "false positive",
            Status::Resolved => "resolved",
        }
    }
}

/// What became of a place when it was looked for in the reviewed tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Placed {
    /// It is there.
    There,
    /// It was off, and is now where the quoted code or the file was found.
    Moved,
    /// It is not there: kept as it was stated, and no tool is sent to it.
    Unplaced,
}

/// A place in the reviewed project. Lines are counted from 1; a span holds both ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The path as `EncodedPath` stores it: of any bytes.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_end: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<u32>,
    /// The code as it stands there, as the reviewer quotes it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quote: Option<String>,
    /// The path was stated as data: it is this one, not one that is like it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub exact: bool,
    /// Only where the reviewed tree was there to look at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub placed: Option<Placed>,
    /// Why it is unplaced, or from where it was moved; a clause.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub placed_why: Option<String>,
}

impl Location {
    pub fn file(file: impl Into<String>) -> Self {
        Location { file: file.into(), ..Location::default() }
    }

    /// The path itself.
    pub fn path(&self) -> EncodedPath {
        EncodedPath::from(self.file.clone())
    }

    /// `:line-line`, or nothing.
    pub fn lines(&self) -> String {
        match (self.line_start, self.line_end) {
            (Some(a), Some(b)) if b > a => format!(":{a}-{b}"),
            (Some(a), _) => format!(":{a}"),
            (None, _) => String::new(),
        }
    }

    /// `path:line-line`, as the documented format writes it, with every byte visible.
    pub fn display(&self) -> String {
        text::path(self.path().as_path()) + &self.lines()
    }

    pub fn is_unplaced(&self) -> bool {
        self.placed == Some(Placed::Unplaced)
    }
}

/// One finding as one report states it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// The input it is from, as the user named it.
    pub source: String,
    pub reviewer: String,
    pub title: String,
    pub severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_raw: Option<String>,
    /// Where the severity was read: field, heading, id, section, icon, json.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_from: Option<String>,
    pub locations: Vec<Location>,
    pub byte_range: [usize; 2],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// What the report says became of it; without a word it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What others answered to it, oldest first: `name: text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thread: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// 0 to 100, as the reviewer stated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// Its own identifier (`SEC-01`), number or rule id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// It was stated as data, in the document of `docs/findings.md`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_data: bool,
    /// Has the change made it? As a program says that looked at the base as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// What only data states.
    #[serde(flatten)]
    pub facts: Facts,
    /// The heading it stands under; explicit references name it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// The reviewer's own words: the whole finding as it stands in the report.
    pub text: String,
    /// The same without its heading and the fields that are shown elsewhere.
    pub body: String,
}

/// What a finding that was stated as data says besides; the merged finding has the
/// first that any of its members has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// The rule of a program that fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `security`, `correctness`, `performance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Code to put in place of the lines of the first location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The way of a value to the first location.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Step>,
    /// What of an issue or pull request is not met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Requirement>,
}

/// What a report turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recognised {
    Findings,
    /// It says that nothing was found.
    Clean,
    /// There is text, but neither findings nor a statement that there are none.
    #[default]
    Unreadable,
    Empty,
}

impl Recognised {
    pub fn name(self) -> &'static str {
        match self {
            Recognised::Findings => "findings",
            Recognised::Clean => "clean",
            Recognised::Unreadable => "unreadable",
            Recognised::Empty => "empty",
        }
    }
}

/// A stretch of an input that belongs to no finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    pub byte_range: [usize; 2],
    pub text: String,
}

/// What became of one input.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Input {
    pub path: String,
    pub reviewer: String,
    pub recognised: Recognised,
    /// False: the documented format says how many findings there are, and there are not.
    pub complete: bool,
    pub bytes: usize,
    /// Bytes in a finding or in the appendix; always equal to `bytes`.
    pub accounted: usize,
    pub findings: usize,
    pub notes: Vec<String>,
    pub appendix: Vec<Kept>,
    /// Absent: in the format of another tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_from: Option<ReadFrom>,
    /// The files its reviewer was given, read and did not read, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// How many files its reviewer read, also where it says no more than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_read: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_given: Option<u64>,
}

/// How a report was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadFrom {
    /// The document of `docs/findings.md`.
    Data,
    /// Its words.
    Prose,
}

/// Why two members stand in one finding, or were thought to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// Indices into `members`.
    pub a: usize,
    pub b: usize,
    pub score: f64,
    pub reason: String,
    /// The evidence, the weightiest first: what speaks for one defect, and what against.
    #[serde(default)]
    pub why: Vec<Evidence>,
}

/// One piece of evidence that two members are, or are not, one defect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// A row of `data/evidence.tsv`.
    pub kind: String,
    /// Above zero: for one defect; below: against.
    pub weight: f64,
    /// The words, names or lines that it rests on.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub about: String,
}

/// A finding that may be the same; somebody should look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Possibly {
    pub id: String,
    pub score: f64,
}

/// A finding near this one: same function, same root identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    pub id: String,
    pub reason: String,
}

/// One defect, whoever found it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Finding {
    pub id: String,
    pub fingerprint: String,
    pub title: String,
    pub severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    pub locations: Vec<Location>,
    pub reviewers: Vec<String>,
    pub score: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// Settled only if every member is.
    pub status: Status,
    /// By which it is known again in later reviews; only where earlier ones are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The item around its code, and the code, without their layout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `new`, `known`, `carried`, `fixed` or `gone`: beside the earlier reviews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// The convoy in which it was seen first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Is it of the change under review? Only where there is a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// `new`, `unchanged` or `gone`; only with a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
    /// What verifiers made of it, where there was a second look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
    #[serde(flatten)]
    pub facts: Facts,
    /// The code it is about; only where the reviewed tree was there to look at.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    pub members: Vec<Member>,
    pub merged_because: Vec<Reason>,
    pub possibly_same: Vec<Possibly>,
    pub related: Vec<Related>,
}

/// Findings that stand (not withdrawn, not suppressed), by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub blocker: usize,
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub unrated: usize,
}

impl Counts {
    pub fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Blocker => self.blocker += 1,
            Severity::Critical => self.critical += 1,
            Severity::High => self.high += 1,
            Severity::Medium => self.medium += 1,
            Severity::Low => self.low += 1,
            Severity::Unrated => self.unrated += 1,
        }
    }

    pub fn total(&self) -> usize {
        self.blocker + self.critical + self.high + self.medium + self.low + self.unrated
    }
}

/// Lines of a file, around a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The number of the first line that is here, from 1.
    pub first: u32,
    pub lines: Vec<String>,
    /// First and last line of the finding; the last may lie behind what is here.
    pub span: (u32, u32),
}

/// What one report says.
#[derive(Debug, Clone, Default)]
pub struct Extraction {
    /// In the order of the text; ranges do not overlap.
    pub members: Vec<Member>,
    /// What is in no finding.
    pub appendix: Vec<Kept>,
    pub recognised: Recognised,
    pub complete: bool,
    pub notes: Vec<String>,
    /// The report's own title.
    pub title: Option<String>,
    /// The reviewer it names itself, if it does.
    pub reviewer: Option<String>,
    /// An earlier merge read again brings its inputs along.
    pub inputs: Vec<Input>,
    pub read_from: Option<ReadFrom>,
    /// What the reviewer read, where it says so by file.
    pub scope: Option<Scope>,
}
