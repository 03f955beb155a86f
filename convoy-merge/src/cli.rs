//! Arguments as typed. Exit codes are in the help; `run` gives them.

use std::path::PathBuf;

use clap::Parser;
use findings::changed::GateOn;

use crate::render::Format;
use findings::Severity;

const AFTER: &str = "\
Examples:
  pan merge correctness.md security.md performance.md > merged.md
  pan merge reviews/*.md semgrep.sarif --format json -o merged.json
  pan merge --gate high reviews/*.md
  pan merge --baseline old.json --new-only reviews/*.md

Exit codes:
  0 done, the gate passes   1 an open finding at or above the gate   2 usage
  3 an input could not be read, the rest was merged; with --gate: no verdict
    (nothing read, incomplete, unreadable, a reviewer missing)
  4 no such convoy
  5 an output could not be written, or a baseline or findings file not read";

/// Merge review files into one ranked report without duplicates.
#[derive(Debug, Parser)]
#[command(name = "convoy-merge", version, after_help = AFTER)]
pub struct Cli {
    /// Review files: Markdown, JSON, JSON lines or SARIF; - is standard input
    pub inputs: Vec<String>,

    /// What the convoy runtime knows about the reviewers (JSON)
    #[arg(long, value_name = "FILE")]
    pub meta: Option<PathBuf>,
    /// Merge the reports of a convoy
    #[arg(long, value_name = "ID", conflicts_with = "meta")]
    pub convoy: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "md", value_name = "FORMAT")]
    pub format: Format,
    /// The report for people no longer than is allowed there; the least severe are left out
    #[arg(long, value_enum, value_name = "WHERE")]
    pub fit: Option<Fit>,
    /// What kind of run it is, for viewers of SARIF that keep several apart
    #[arg(long, value_name = "NAME")]
    pub category: Option<String>,
    /// Write here instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write another format as well
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    pub also: Vec<(Format, PathBuf)>,
    /// Exit 1 if a finding at or above this level is open, 3 if there is no verdict
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub gate: Option<Severity>,
    /// Which findings the gate looks at: those of the change, or all
    #[arg(long, value_enum, value_name = "WHICH")]
    pub gate_on: Option<Which>,
    /// The lines of the change: a JSON list of objects with file, ranges and deletions
    #[arg(long, value_name = "FILE")]
    pub changed: Option<PathBuf>,

    /// Compare with the JSON of an earlier merge: new, unchanged, gone
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Only findings that the baseline does not have
    #[arg(long, requires = "baseline")]
    pub new_only: bool,
    /// Findings that are accepted, each with a reason and an expiry (JSON)
    #[arg(long, value_name = "FILE")]
    pub suppress: Option<PathBuf>,
    /// Keep these findings (F3), fingerprints or members (FILE#2) apart
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    pub no_merge: Vec<String>,
    /// Tell why a finding's members are one and its neighbours are not, or why two are or are not one
    #[arg(long, num_args = 1..=2, value_names = ["A", "B"])]
    pub explain: Option<Vec<String>>,
    /// The project's directory: paths become relative to it, and are looked for in it
    #[arg(long, value_name = "DIR")]
    pub root: Option<String>,
    /// Take a reviewer's word for another level: warning=high
    #[arg(long, value_name = "WORD=LEVEL", value_parser = mapping)]
    pub map: Vec<(String, Severity)>,

    /// Tell in one JSON line what a report is, and merge nothing
    #[arg(long, value_name = "FILE")]
    pub recognise: Option<String>,
    /// Print the signs of every candidate of a report and the rule that decided, and merge nothing
    #[arg(long, value_name = "FILE")]
    pub explain_reading: Option<String>,
    /// Append what a synthesis left out to it, in place
    #[arg(long, value_name = "REPORT")]
    pub check_synthesis: Option<PathBuf>,
    /// Print one finding of --findings as Markdown, with its code where --root has it
    #[arg(long, value_name = "F3", requires = "findings", conflicts_with_all = ["inputs", "check_synthesis"])]
    pub show: Option<String>,
    /// The merged findings (JSON) that --check-synthesis or --show is about
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
}

/// Where a report is put that may only be so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fit {
    /// A comment of GitHub: 65,536 characters
    Comment,
    /// The summary of a step of GitHub Actions: 1 MiB
    Summary,
}

impl Fit {
    /// In bytes, of which a character has at least one.
    pub fn size(self) -> usize {
        match self {
            Fit::Comment => 65_536,
            Fit::Summary => 1 << 20,
        }
    }
}

/// The findings that a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    New,
    All,
}

impl From<Which> for GateOn {
    fn from(which: Which) -> Self {
        match which {
            Which::New => GateOn::New,
            Which::All => GateOn::All,
        }
    }
}

fn level(text: &str) -> Result<Severity, String> {
    Severity::from_name(text)
        .filter(|level| *level != Severity::Unrated)
        .ok_or_else(|| "expected blocker, critical, high, medium or low".to_string())
}

fn mapping(text: &str) -> Result<(String, Severity), String> {
    let (word, name) = text.split_once('=').ok_or("expected WORD=LEVEL")?;
    Ok((word.trim().to_lowercase(), level(name.trim())?))
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("expected FORMAT=FILE")?;
    let format = <Format as clap::ValueEnum>::from_str(format, true).map_err(|_| {
        let known = <Format as clap::ValueEnum>::value_variants().iter();
        let names = known.filter_map(<Format as clap::ValueEnum>::to_possible_value);
        let names: Vec<String> = names.map(|one| one.get_name().to_string()).collect();
        format!("unknown format '{format}': {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("expected FORMAT=FILE".to_string());
    }
    Ok((format, PathBuf::from(path)))
}
