//! A whole review: every file, what other linters say, and the facts about the change.

mod past;
mod workers;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base::memory;
use base::program::Failure;
use base::text;

use crate::change::Change;
use crate::collect::{self, Targets};
use crate::domain::Domain;
use crate::facts;
use crate::finding::{self, Finding};
use crate::joined::{Joining, Voice};
use crate::language::Language;
use crate::pack::{Pack, PackFiles};
use crate::rule::Tests;
use crate::scan::Scanned;
use crate::source;
use past::Past;
use workers::{Read, scan_all, whole};

/// What was found, and what was looked at. Everything in a fixed order.
#[derive(Debug)]
pub struct Review {
    pub domains: Vec<Domain>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Finding>,
    /// The files that were read, and what is written in them; see also [`Review::test_code`].
    pub read: BTreeMap<PathBuf, &'static str>,
    /// The others of those that were asked for, with the reason.
    pub skipped: BTreeMap<PathBuf, Cow<'static, str>>,
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
    targets: Targets,
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
    let mut review = Review {
        domains: domains.to_vec(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        read: BTreeMap::new(),
        skipped: BTreeMap::new(),
        skipped_dirs: targets.skipped_dirs.clone(),
        rules: 0,
        not_compared: Vec::new(),
        no_facts: None,
        voices: Vec::new(),
        pack: Pack::default(),
    };
    let before = match before.transpose() {
        Ok(before) => before,
        Err(problem) => {
            review.not_compared.push((None, problem.message));
            None
        }
    };
    let mut past = Past::default();
    for languages in together(&languages, change.is_some()) {
        let pack = packs.compile(domains, &languages)?;
        let read = |path: &Path| source::read(&targets.project, path);
        let first = review.scan(&pack, &among(&files, &languages), &read)?;
        if let Some(change) = change {
            let wanted = review.unanswered(change, first);
            if let Some(before) = before.as_ref().filter(|_| !wanted.is_empty()) {
                past.look(&pack, &wanted, before, &among(&known(before.keys()), &languages))?;
                past.look_beside(&pack, &wanted, &among(&others, &languages), &read)?;
            }
        }
        review.pack.learn(pack);
        memory::give_back();
    }
    review.rules = review.pack.rules().len();
    if before.is_some() {
        review.not_compared.extend(past.mark(&mut review.findings, &mut review.suppressed));
    }
    let project = targets.project.clone();
    review.join(joining, targets, change)?;
    review.add_facts(&project, change);
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

/// Those that are written in one of these.
fn among<'p>(files: &[(&'p Path, Language)], languages: &BTreeSet<Language>) -> Vec<(&'p Path, Language)> {
    files.iter().filter(|(_, language)| languages.contains(language)).copied().collect()
}

impl Review {
    /// Adds what other linters say. A file that one of them has read is read.
    fn join(
        &mut self,
        joining: &Joining<'_>,
        targets: Targets,
        change: Option<&Change<'_>>,
    ) -> Result<(), Failure> {
        let mut heard = joining.hear(&targets, &self.domains, change)?;
        self.settle(targets);
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
                    *reason = format!("not read by {}: {why}", voice.tool).into();
                }
            }
        }
        Ok(())
    }

    /// What was asked for is read, but for what was skipped. (The lists are as long as the
    /// project: each path is held once.)
    fn settle(&mut self, targets: Targets) {
        for path in targets.files {
            if let Some(language) = Language::of_path(&path).filter(|_| !self.skipped.contains_key(&path)) {
                self.read.insert(path, language.name());
            }
        }
        self.skipped.extend(targets.skipped);
    }

    /// Adds what these files give; how many findings, and silenced ones, there were before.
    fn scan(
        &mut self,
        pack: &Pack,
        files: &[(&Path, Language)],
        read: &Read<'_>,
    ) -> Result<(usize, usize), Failure> {
        let first = (self.findings.len(), self.suppressed.len());
        for ((path, language), outcome) in files.iter().zip(scan_all(pack, None, files, read)?) {
            let scanned = outcome.and_then(|scanned| whole(*language, scanned));
            let scanned = scanned.unwrap_or_else(|(reason, scanned)| {
                self.skipped.insert(path.to_path_buf(), reason.into());
                scanned
            });
            self.take(scanned);
        }
        Ok(first)
    }

    /// The rules of those findings, from the `first` on, of which only what was before can
    /// tell whether they are new. What nobody has touched is as it was.
    fn unanswered(&mut self, change: &Change<'_>, first: (usize, usize)) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        for finding in self.findings[first.0..].iter_mut().chain(&mut self.suppressed[first.1..]) {
            finding.new = (!change.has(&finding.path)).then_some(false);
            if finding.new.is_none() {
                wanted.insert(finding.rule.clone());
            }
        }
        wanted
    }

    fn take(&mut self, scanned: Scanned) {
        self.findings.extend(scanned.findings);
        self.suppressed.extend(scanned.suppressed);
    }

    /// Adds the facts about the change, as far as they stand in files that were asked for.
    fn add_facts(&mut self, project: &Path, change: Option<&Change<'_>>) {
        if !self.domains.contains(&Domain::Change) {
            return;
        }
        let Some(change) = change else {
            self.no_facts = Some("No base was named, so no facts about a change were looked for".to_owned());
            return;
        };
        match change.scene(project) {
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
                let is_asked =
                    |one: &Finding| self.read.contains_key(&one.path) || self.skipped.contains_key(&one.path);
                let (found, silenced) = facts::find(&scene, &self.pack.facts);
                self.findings.extend(found.into_iter().filter(is_asked));
                self.suppressed.extend(silenced.into_iter().filter(is_asked));
            }
        }
    }
}

/// The languages that are scanned together, so that the patterns of no others are in memory:
/// in a change those that share rules, because code may have come from a file of another of
/// them, else each by itself. Once without any: rules of a user are looked at, and facts
/// need none.
fn together(languages: &BTreeSet<Language>, is_change: bool) -> Vec<BTreeSet<Language>> {
    let mut groups: Vec<BTreeSet<Language>> = Vec::new();
    for &language in languages {
        let is_same = |group: &&mut BTreeSet<Language>| {
            is_change && group.first().is_some_and(|first| first.family() == language.family())
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => {
                group.insert(language);
            }
            None => groups.push(BTreeSet::from([language])),
        }
    }
    if groups.is_empty() {
        groups.push(BTreeSet::new());
    }
    groups
}
