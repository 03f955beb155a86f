//! A whole review: every file, on all processors, in one order.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base::exit::Exit;
use base::program::Failure;

use crate::collect::Targets;
use crate::domain::Domain;
use crate::finding::{self, Finding};
use crate::language::Language;
use crate::pack::{Pack, PackFiles};
use crate::report;
use crate::rule::Tests;
use crate::scan::{self, Scanned};
use crate::source;

/// Comparing deeply nested code recurses; only what is used is really taken.
const STACK: usize = 256 << 20;
/// More threads bring nothing for a review and would crowd the agents beside it.
const THREADS: usize = 8;

/// What was found, and what was looked at. Everything in a fixed order.
#[derive(Debug)]
pub struct Review {
    pub domains: Vec<Domain>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Finding>,
    /// The files that were read, and their language; see also [`Review::test_code`].
    pub read: BTreeMap<PathBuf, Language>,
    /// The others of those that were asked for, with the reason.
    pub skipped: BTreeMap<PathBuf, String>,
    /// Directories not walked.
    pub skipped_dirs: BTreeSet<PathBuf>,
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

    /// One line for people when the data goes elsewhere.
    pub fn summary(&self) -> String {
        format!(
            "static rules only: read {} of {}, {}, {} suppressed by comments",
            self.read.len(),
            report::count(self.given(), "file"),
            report::count(self.findings.len(), "finding"),
            self.suppressed.len()
        )
    }
}

/// Reviews the targets. Bad rules are the only way to fail.
pub fn review(packs: &PackFiles, domains: &[Domain], targets: &Targets) -> Result<Review, Failure> {
    let languages: BTreeSet<Language> =
        targets.files.iter().filter_map(|path| Language::of_path(path)).collect();
    let pack = packs.compile(domains, &languages)?;
    let files: Vec<(&Path, Language)> =
        targets.files.iter().filter_map(|path| Some((path.as_path(), Language::of_path(path)?))).collect();
    let mut review = Review {
        domains: domains.to_vec(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        read: BTreeMap::new(),
        skipped: targets.skipped.clone(),
        skipped_dirs: targets.skipped_dirs.clone(),
        rules: pack.rules().len(),
        pack,
    };
    let outcomes = scan_all(&review.pack, &targets.project, &files)?;
    for ((path, language), outcome) in files.iter().zip(outcomes) {
        match outcome {
            Ok(scanned) => {
                review.findings.extend(scanned.findings);
                review.suppressed.extend(scanned.suppressed);
                if scanned.given_up.is_empty() {
                    review.read.insert(path.to_path_buf(), *language);
                } else {
                    let reason = format!("took too long for {}", scanned.given_up.join(", "));
                    review.skipped.insert(path.to_path_buf(), reason);
                }
            }
            Err(reason) => {
                review.skipped.insert(path.to_path_buf(), reason);
            }
        }
    }
    finding::arrange(&mut review.findings);
    finding::arrange(&mut review.suppressed);
    Ok(review)
}

type Outcome = Result<Scanned, String>;

/// Scans every file; the outcomes are in the order of `files`.
fn scan_all(pack: &Pack, project: &Path, files: &[(&Path, Language)]) -> Result<Vec<Outcome>, Failure> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done: Vec<(usize, Outcome)> = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(path, language)) = files.get(index) else {
                return done;
            };
            done.push((index, scan_one(pack, project, path, language)));
        }
    };
    // A panic inside the engine costs its file, not the review, and no noise.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let count = thread::available_parallelism().map_or(2, NonZero::get).min(THREADS).min(files.len());
    let done = thread::scope(|scope| {
        let handles: Result<Vec<_>, _> =
            (0..count).map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)).collect();
        handles.map(|handles| {
            // What a thread that failed has scanned stays "not scanned" below.
            handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect::<Vec<_>>()
        })
    });
    panic::set_hook(hook);
    let done = done.map_err(|error| {
        Failure::of_io(Exit::No, "cannot start a thread", &error)
            .hint("end other programs of this user, or raise its limit (ulimit -u)")
    })?;
    let mut outcomes: Vec<Outcome> = files.iter().map(|_| Err("not scanned".to_owned())).collect();
    for (index, outcome) in done {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

fn scan_one(pack: &Pack, project: &Path, path: &Path, language: Language) -> Outcome {
    panic::catch_unwind(AssertUnwindSafe(|| {
        let text = source::read(project, path)?;
        match pack.table(language) {
            Some(table) => scan::scan(table, language, path, &text),
            None => Ok(Scanned::default()),
        }
    }))
    .unwrap_or_else(|_| Err("the engine failed on it".to_owned()))
}
