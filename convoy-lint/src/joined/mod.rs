//! What other linters say beside our rules: those that are installed and are run here on
//! copies of the files, and results of those that the project ran itself.
//!
//! `tool` (what is known of each) → `installed` and `snapshot` (how one is run) → `ruff`,
//! `shellcheck`, or `handed` (results in a file) → `voice` (what one said) → findings →
//! `cause` (what several say of one place is one).
//!
//! That one was run and said nothing is a reading of the files it looked at; results that
//! were handed in are none: nobody can tell what else their maker looked at.

mod cause;
mod column;
mod found;
pub(crate) mod handed;
mod installed;
mod place;
mod ruff;
mod run;
mod shellcheck;
mod snapshot;
mod tool;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use base::text;

use crate::change::Change;
use crate::collect::{self, Targets};
use crate::compare;
use crate::domain::Domain;
use crate::finding::Finding;
use crate::pack::Pack;
use crate::rule::About;
use crate::source;

use planning::joined::{HandedText, Joined};

use found::Found;
use handed::Handed;
use installed::Machine;
use place::Places;
use run::Linter;
use voice::Remark;
pub(crate) use voice::Voice;

/// The linters that can be run.
const LINTERS: [&dyn Linter; 2] = [&ruff::Ruff, &shellcheck::Shellcheck];
/// Less of a file's first line tells no shell.
const FIRST_LINE: u64 = 200;

/// Which linters are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that are installed.
    Installed,
    None,
    /// These, and it is told as a fault if one of them does not read all of its files.
    Named(BTreeSet<String>),
}

impl Which {
    /// `auto`, `none`, or names with commas between them.
    pub fn parse(text: &str) -> Result<Which, String> {
        match text {
            "auto" => return Ok(Which::Installed),
            "none" => return Ok(Which::None),
            _ => {}
        }
        let names: BTreeSet<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        match names.iter().find(|name| LINTERS.iter().all(|linter| linter.name() != *name)) {
            Some(unknown) => Err(format!("'{unknown}' is none of auto, none, ruff, shellcheck")),
            None => Ok(Which::Named(names)),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Which::Installed => true,
            Which::None => false,
            Which::Named(names) => names.contains(name),
        }
    }
}

/// Whom to hear.
#[derive(Debug)]
pub struct Joining<'e> {
    pub environment: &'e Environment,
    pub which: Which,
    /// How long one linter may take.
    pub limit: Duration,
    pub handed: Vec<Handed>,
    /// Directories that stand for the project in results that were handed in.
    pub roots: Vec<PathBuf>,
}

/// The findings of one file of results, of a tool's own JSON or (none) of SARIF, about a
/// project; an error says what is wrong with it. For whoever wants nothing else.
pub fn findings_of(tool: Option<&str>, text: String, project: &Path) -> Result<Vec<Finding>, String> {
    let one = HandedText { tool: tool.map(str::to_owned), name: "results".to_owned(), text };
    let handed = Handed::of_text(one)?;
    let targets = Targets::from_arguments(project, None, &[]).map_err(|failure| failure.message)?;
    let mut heard = Heard::default();
    let voice = handed
        .read(&mut Places::new(&targets, Vec::new()), &Domain::ALL)
        .map_err(|failure| failure.message)?;
    heard.take_handed(voice, &targets, &Domain::ALL, None).map_err(|failure| failure.message)?;
    Ok(heard.findings)
}

/// What a convoy was told of other linters.
pub(crate) fn told(file: &Path) -> Result<Joined, Failure> {
    let unreadable = |error: &std::io::Error| {
        Failure::of_io(Exit::State, format_args!("cannot read {}", text::path(file)), error)
    };
    let bytes = base::files::read(file).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(&error.into()))
}

/// What all of them said.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) voices: Vec<Voice>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) suppressed: Vec<Finding>,
    /// As in [`crate::review::Review`].
    pub(crate) not_compared: Vec<(Option<PathBuf>, String)>,
}

impl Joining<'_> {
    /// Hears everybody. Files of results that are none are the only way to fail.
    pub(crate) fn hear(
        &self,
        targets: &Targets,
        domains: &[Domain],
        change: Option<&Change<'_>>,
    ) -> Result<Heard, Failure> {
        let mut heard = Heard::default();
        let machine = Machine { environment: self.environment, project: &targets.project, limit: self.limit };
        for linter in LINTERS.into_iter().filter(|linter| self.which.has(linter.name())) {
            heard.run(&machine, linter, targets, domains, change);
        }
        for handed in &self.handed {
            let mut places = Places::new(targets, self.roots.clone());
            let voice = handed.read(&mut places, domains)?;
            heard.take_handed(voice, targets, domains, change)?;
        }
        Ok(heard)
    }

    /// What of the linters that were asked for by name could not be had.
    pub(crate) fn missed(&self, voices: &[Voice]) -> Option<Failure> {
        let Which::Named(names) = &self.which else { return None };
        let missed =
            voices.iter().find(|voice| voice.is_run() && names.contains(&voice.tool) && !voice.is_whole())?;
        let failure = Failure::new(Exit::Partial, missed.told());
        Some(failure.hint("install it, or fix what it says; --join auto goes on without it"))
    }
}

impl Heard {
    /// Runs a linter over its files, where there are any.
    fn run(
        &mut self,
        machine: &Machine<'_>,
        linter: &dyn Linter,
        targets: &Targets,
        domains: &[Domain],
        change: Option<&Change<'_>>,
    ) {
        let is_asked = |about: &About| domains.contains(&about.domain);
        if !tool::exact_rules(linter.name()).is_some_and(|rules| rules.values().any(is_asked)) {
            return;
        }
        let first_line = |path: &Path| first_line(&targets.project, path);
        let is_for_it = |path: &Path| linter.reads(path, &|| first_line(path));
        let unknown =
            targets.skipped.iter().filter(|(_, why)| *why == collect::UNKNOWN).map(|(path, _)| path);
        let files: Vec<&Path> = targets
            .files
            .iter()
            .chain(unknown)
            .map(PathBuf::as_path)
            .filter(|path| is_for_it(path))
            .collect();
        if files.is_empty() {
            return;
        }
        let mut found = Found { is_ran: true, ..Found::default() };
        let text = |path: &Path| source::read(&targets.project, path);
        let mut voice = run::run(machine, linter, &files, &text, domains, &mut |text, remarks| {
            found.add(linter.name(), text, remarks);
        });
        found.is_said_by(&voice);
        voice.no_line = found.no_line;
        voice.too_many = found.too_many;
        voice.taken = found.told.len();
        if let Some(change) = change {
            self.mark(machine, linter, change, domains, &mut found);
        }
        self.take(voice, found);
    }

    /// Says of what a linter found whether the change made it: by what it finds in the
    /// files as they were.
    fn mark(
        &mut self,
        machine: &Machine<'_>,
        linter: &dyn Linter,
        change: &Change<'_>,
        domains: &[Domain],
        found: &mut Found,
    ) {
        let mut is_touched = false;
        for finding in found.told.iter_mut().chain(&mut found.suppressed) {
            is_touched |= change.has(&finding.path);
            finding.new = (!change.has(&finding.path)).then_some(false);
        }
        if !is_touched {
            return;
        }
        // A script without an ending is told by what it is now.
        let is_for_it = |path: &Path| linter.reads(path, &|| first_line(machine.project, path));
        let before = match change.before(&is_for_it) {
            Ok(before) => before,
            Err(problem) => {
                self.not_compared.push((None, problem.message));
                return;
            }
        };
        let files: Vec<&Path> = before.keys().map(PathBuf::as_path).collect();
        let text = |path: &Path| before.get(path).cloned().unwrap_or_else(|| Err("gone".to_owned()));
        let mut stood = Found { is_ran: true, ..Found::default() };
        let voice = run::run(machine, linter, &files, &text, domains, &mut |text, remarks| {
            stood.add(linter.name(), text, remarks);
        });
        let unread: BTreeSet<PathBuf> = voice.not_read.keys().cloned().collect();
        for (path, why) in voice.not_read {
            self.not_compared.push((Some(path), format!("{}: {why}", linter.name())));
        }
        compare::mark(&mut found.told, &stood.told, &unread);
        compare::mark(&mut found.suppressed, &stood.suppressed, &unread);
    }

    /// Takes what was handed in; what of it is of the change, its lines say.
    fn take_handed(
        &mut self,
        mut voice: Voice,
        targets: &Targets,
        domains: &[Domain],
        change: Option<&Change<'_>>,
    ) -> Result<(), Failure> {
        let mut by_file: BTreeMap<PathBuf, Vec<Remark>> = BTreeMap::new();
        for remark in std::mem::take(&mut voice.remarks) {
            if domains.contains(&remark.domain) {
                by_file.entry(remark.path.clone()).or_default().push(remark);
            }
        }
        let mut found = Found::default();
        for (path, remarks) in by_file {
            match source::whole(&targets.project, &path) {
                // What is no text has columns that nobody counts.
                Ok(bytes) => found.add(&voice.tool, &String::from_utf8_lossy(&bytes), remarks),
                Err(why) => {
                    let found = base::style::count(remarks.len() as u64, "finding");
                    let file = base::text::path(&path);
                    voice.notes.push(format!("{found} of {file} left out, which cannot be read: {why}"));
                }
            }
        }
        found.is_said_by(&voice);
        voice.no_line += found.no_line;
        voice.too_many += found.too_many;
        voice.taken = found.told.len();
        if let Some(change) = change {
            let lines = change.lines(&targets.project)?;
            for finding in found.told.iter_mut().chain(&mut found.suppressed) {
                finding.new = Some(change.has(&finding.path) && lines.hold(finding));
            }
        }
        self.take(voice, found);
        Ok(())
    }

    fn take(&mut self, voice: Voice, found: Found) {
        self.voices.push(voice);
        self.findings.extend(found.told);
        self.suppressed.extend(found.suppressed);
    }

    /// Puts it to what our rules found.
    pub(crate) fn merge_into(
        self,
        findings: &mut Vec<Finding>,
        suppressed: &mut Vec<Finding>,
        pack: &Pack,
    ) -> Vec<Voice> {
        let names = pack.rules().into_iter();
        let names = names.map(|(id, (about, _))| (id.to_owned(), about.noqa.clone())).collect();
        cause::merge(findings, suppressed, self.findings, &names);
        suppressed.extend(self.suppressed);
        self.voices
    }
}

fn first_line(project: &Path, path: &Path) -> Option<String> {
    let file = base::files::open_regular(&project.join(path)).ok()?;
    let mut line = Vec::new();
    BufReader::new(file).take(FIRST_LINE).read_until(b'\n', &mut line).ok()?;
    Some(String::from_utf8_lossy(&line).into_owned())
}
