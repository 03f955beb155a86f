//! A whole review: every file, on all processors, in one order.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use base::exit::Exit;
use base::program::Failure;
use base::text;
use planning::diagnostic::Diagnostic;

use crate::change::{Before, Change};
use crate::collect::{self, Targets};
use crate::compare;
use crate::domain::Domain;
use crate::facts;
use crate::finding::{self, Finding};
use crate::joined::{Joining, Voice};
use crate::language::Language;
use crate::pack::{Pack, PackFiles};
use crate::rule::Tests;
use crate::scan::{self, Scanned};
use crate::source;

/// Comparing deeply nested code recurses; only what is used is really taken.
const STACK: usize = 256 << 20;
/// More threads bring nothing for a review and would crowd the agents beside it.
const THREADS: usize = 8;
/// A text that is larger waits for the first thread, in bytes.
const LARGE: usize = 100_000;

/// What was found, and what was looked at. Everything in a fixed order.
#[derive(Debug)]
pub struct Review {
    pub domains: Vec<Domain>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Finding>,
    /// The files that were read, and what is written in them; see also [`Review::test_code`].
    pub read: BTreeMap<PathBuf, &'static str>,
    /// The others of those that were asked for, with the reason.
    pub skipped: BTreeMap<PathBuf, String>,
    /// Directories not walked.
    pub skipped_dirs: BTreeSet<PathBuf>,
    /// Files of which it cannot be told from the base what is new (`None`: all of them),
    /// and why not.
    pub not_compared: Vec<(Option<PathBuf>, String)>,
    /// Why the facts about the change are not all there, a sentence each.
    pub no_facts: Option<String>,
    /// What other linters said.
    pub(crate) voices: Vec<Voice>,
    /// How many rules were there for these languages.
    pub rules: usize,
    /// About each rule of a finding or of the pack, for formats that list rules.
    pub pack: Pack,
}

impl Review {
    /// How many files it was asked to read.
    pub fn given(&self) -> usize {
        self.read.len() + self.skipped.len()
    }

    /// How many of the files are test code, which this many of the rules leave alone:
    /// there, that nothing was found says less. `None`: there are none.
    pub fn test_code(&self) -> Option<(usize, usize)> {
        let files = self.read.keys().filter(|path| source::is_test_path(path)).count();
        let rules = self.pack.rules().values().filter(|(about, _)| about.tests == Tests::Skip).count();
        (files > 0 && rules > 0).then_some((files, rules))
    }
}

/// Reviews the targets. `change`: says of every finding whether it is of that. Bad rules
/// are the only way to fail.
pub fn review(
    packs: &PackFiles,
    domains: &[Domain],
    targets: &Targets,
    change: Option<&Change<'_>>,
    joining: &Joining<'_>,
) -> Result<Review, Failure> {
    // What moves out of one file of a change into another is told from both.
    let others = change.into_iter().flat_map(|change| &change.files);
    let others: Vec<&PathBuf> = others.filter(|file| !targets.files.contains(*file)).collect();
    let files: Vec<(&Path, Language)> = known(targets.files.iter());
    let others = known(others.into_iter());
    let before = change.map(|change| change.before(&|path| Language::of_path(path).is_some()));
    let languages = files.iter().chain(&others).map(|(_, language)| *language);
    let languages: BTreeSet<Language> = languages
        .chain(
            before
                .iter()
                .flatten()
                .flat_map(|before| before.keys().filter_map(|path| Language::of_path(path))),
        )
        .collect();
    let pack = packs.compile(domains, &languages)?;
    let mut review = Review {
        domains: domains.to_vec(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        read: BTreeMap::new(),
        skipped: targets.skipped.clone(),
        skipped_dirs: targets.skipped_dirs.clone(),
        rules: pack.rules().len(),
        not_compared: Vec::new(),
        no_facts: None,
        voices: Vec::new(),
        pack,
    };
    let read = |path: &Path| source::read(&targets.project, path);
    let outcomes = scan_all(&review.pack, None, &files, &read)?;
    for ((path, language), outcome) in files.iter().zip(outcomes) {
        match outcome.and_then(|scanned| whole(*language, scanned)) {
            Ok(scanned) => {
                review.read.insert(path.to_path_buf(), language.name());
                review.take(scanned);
            }
            Err((reason, scanned)) => {
                review.skipped.insert(path.to_path_buf(), reason);
                review.take(scanned);
            }
        }
    }
    if let Some((change, before)) = change.zip(before) {
        // What nobody has touched is as it was.
        for finding in review.findings.iter_mut().chain(&mut review.suppressed) {
            finding.new = (!change.has(&finding.path)).then_some(false);
        }
        review.compare(before, &others, &read)?;
    }
    review.join(joining, targets, change)?;
    review.add_facts(targets, change);
    finding::arrange(&mut review.findings);
    finding::arrange(&mut review.suppressed);
    Ok(review)
}

/// What is written in a file that only another linter reads.
fn kind(path: &Path) -> &'static str {
    if path.extension().is_some_and(|extension| extension == "pyi") { "Python" } else { "Shell" }
}

fn known<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> Vec<(&'p Path, Language)> {
    paths.filter_map(|path| Some((path.as_path(), Language::of_path(path)?))).collect()
}

/// What a scan found, where it is of all the code and of all rules.
fn whole(language: Language, scanned: Scanned) -> Outcome {
    if let Some(line) = scanned.unparsed {
        return Err((format!("line {line} is no {} that is known here", language.name()), scanned));
    }
    if scanned.given_up.is_empty() {
        return Ok(scanned);
    }
    Err((format!("took too long for {}", scanned.given_up.join(", ")), scanned))
}

impl Review {
    /// Adds what other linters say. A file that one of them has read is read.
    fn join(
        &mut self,
        joining: &Joining<'_>,
        targets: &Targets,
        change: Option<&Change<'_>>,
    ) -> Result<(), Failure> {
        let mut heard = joining.hear(targets, &self.domains, change)?;
        self.not_compared.append(&mut heard.not_compared);
        self.voices = heard.merge_into(&mut self.findings, &mut self.suppressed, &self.pack);
        for voice in &self.voices {
            for path in &voice.read {
                if self.skipped.get(path).is_some_and(|why| collect::is_left_to_others(why)) {
                    self.skipped.remove(path);
                    self.read.insert(path.clone(), kind(path));
                }
            }
            for (path, why) in voice.not_read.iter().filter(|_| voice.is_run()) {
                if let Some(reason) = self.skipped.get_mut(path).filter(|why| collect::is_left_to_others(why))
                {
                    *reason = format!("not read by {}: {why}", voice.tool);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, scanned: Scanned) {
        self.findings.extend(scanned.findings);
        self.suppressed.extend(scanned.suppressed);
    }

    /// Adds the facts about the change, as far as they stand in files that were asked for.
    fn add_facts(&mut self, targets: &Targets, change: Option<&Change<'_>>) {
        if !self.domains.contains(&Domain::Change) {
            return;
        }
        let Some(change) = change else {
            self.no_facts = Some("No base was named, so no facts about a change were looked for".to_owned());
            return;
        };
        match change.scene(&targets.project) {
            Err(problem) => {
                let why = text::visible(&problem.message);
                self.no_facts = Some(format!("Facts about the change were not looked for ({why})"));
            }
            Ok(scene) => {
                if let Some((path, why)) = scene.unknown.first() {
                    self.no_facts = Some(format!(
                        "Facts about the change were not looked for in {}, which cannot be had as they were at the base ({}: {})",
                        base::style::count(scene.unknown.len() as u64, "file"),
                        text::path(path),
                        text::visible(why)
                    ));
                }
                let is_asked = |one: &Finding| {
                    targets.files.contains(&one.path) || targets.skipped.contains_key(&one.path)
                };
                let (found, silenced) = facts::find(&scene, &self.pack.facts);
                self.findings.extend(found.into_iter().filter(is_asked));
                self.suppressed.extend(silenced.into_iter().filter(is_asked));
            }
        }
    }

    /// Marks what is new beside what the files of the change held `before`.
    fn compare(
        &mut self,
        before: Result<Before, Diagnostic>,
        others: &[(&Path, Language)],
        read: &Read<'_>,
    ) -> Result<(), Failure> {
        let before = match before {
            Ok(before) => before,
            Err(problem) => {
                self.not_compared.push((None, problem.message));
                return Ok(());
            }
        };
        // Of before only what could answer for a finding is looked for.
        let open = self.findings.iter().chain(&self.suppressed).filter(|finding| finding.new.is_none());
        let wanted: BTreeSet<String> = open.map(|finding| finding.rule.clone()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let files: Vec<(&Path, Language)> = known(before.keys());
        let old = |path: &Path| before.get(path).cloned().unwrap_or_else(|| Err("gone".to_owned()));
        let mut stood = Scanned::default();
        for ((path, language), outcome) in
            files.iter().zip(scan_all(&self.pack, Some(&wanted), &files, &old)?)
        {
            match outcome.and_then(|scanned| whole(*language, scanned)) {
                Ok(scanned) => stood.add(scanned),
                Err((why, scanned)) => {
                    stood.add(scanned);
                    self.not_compared.push((Some(path.to_path_buf()), why));
                }
            }
        }
        let unread = self.not_compared.iter().filter_map(|(path, _)| path.clone()).collect();
        let mut beside = Scanned::default();
        // Of what cannot be read nothing is found, and nothing is told of it here.
        scan_all(&self.pack, Some(&wanted), others, read)?
            .into_iter()
            .flatten()
            .for_each(|scanned| beside.add(scanned));
        mark(&mut self.findings, beside.findings, &stood.findings, &unread);
        mark(&mut self.suppressed, beside.suppressed, &stood.suppressed, &unread);
        Ok(())
    }
}

/// Marks these, beside all others of the change: what stood before is found once.
fn mark(own: &mut Vec<Finding>, others: Vec<Finding>, before: &[Finding], unread: &BTreeSet<PathBuf>) {
    let count = own.len();
    own.extend(others);
    compare::mark(own, before, unread);
    own.truncate(count);
}

/// How the text of a file is had.
type Read<'r> = dyn Fn(&Path) -> Result<String, String> + Sync + 'r;

/// What a file gave, or why nothing.
type Outcome = Result<Scanned, (String, Scanned)>;

/// Scans every file; the outcomes are in the order of `files`. A tree takes forty times its
/// text, and what a thread has taken it keeps: those of large files are of one thread only.
fn scan_all(
    pack: &Pack,
    only: Option<&BTreeSet<String>>,
    files: &[(&Path, Language)],
    read: &Read<'_>,
) -> Result<Vec<Outcome>, Failure> {
    let next = AtomicUsize::new(0);
    let large: Mutex<Vec<usize>> = Mutex::default();
    let large = || large.lock().unwrap_or_else(PoisonError::into_inner);
    let work = |is_first: bool| {
        let mut done: Vec<(usize, Outcome)> = Vec::new();
        loop {
            let waiting = if is_first { large().pop() } else { None };
            let index = waiting.unwrap_or_else(|| next.fetch_add(1, Ordering::Relaxed));
            let Some(&(path, language)) = files.get(index) else {
                return done;
            };
            let text = read(path);
            if !is_first && text.as_ref().is_ok_and(|text| text.len() > LARGE) {
                large().push(index);
                continue;
            }
            done.push((index, scan_one(pack, only, path, language, text)));
        }
    };
    // A panic inside the engine costs its file, not the review, and no noise.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let count = thread::available_parallelism().map_or(2, NonZero::get).min(THREADS).min(files.len());
    let run = |workers: std::ops::Range<usize>| {
        thread::scope(|scope| {
            let spawn =
                |n| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || work(n == 0));
            let handles: Result<Vec<_>, _> = workers.map(spawn).collect();
            handles.map(|handles| {
                // What a thread that failed has scanned stays "not scanned" below.
                handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect::<Vec<_>>()
            })
        })
    };
    let done = run(0..count).and_then(|mut done| {
        // Some may have come when the first thread was through.
        if !large().is_empty() {
            done.extend(run(0..1)?);
        }
        Ok(done)
    });
    panic::set_hook(hook);
    let done = done.map_err(|error| {
        Failure::of_io(Exit::No, "cannot start a thread", &error)
            .hint("end other programs of this user, or raise its limit (ulimit -u)")
    })?;
    let mut outcomes: Vec<Outcome> = files.iter().map(|_| nothing("not scanned".to_owned())).collect();
    for (index, outcome) in done {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

fn scan_one(
    pack: &Pack,
    only: Option<&BTreeSet<String>>,
    path: &Path,
    language: Language,
    text: Result<String, String>,
) -> Outcome {
    let scanned = panic::catch_unwind(AssertUnwindSafe(|| {
        let text = text?;
        match pack.table(language) {
            Some(table) => scan::scan(table, only, language, path, &text),
            None => Err(format!("{}{}", collect::NO_RULES, language.name())),
        }
    }));
    scanned.unwrap_or_else(|_| Err("the engine failed on it".to_owned())).or_else(nothing)
}

fn nothing(why: String) -> Outcome {
    Err((why, Scanned::default()))
}
