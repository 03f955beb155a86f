//! Facts about a change that any reviewer would remark on, in any language: from its
//! lines and the project's tree alone. A fact is a finding; that a file was looked at
//! for one is no reading of it.
//!
//! `diff` (what is written, what is gone) → `CHECKS` (one function for each rule, by
//! the rule's name) → findings in the words of the rule (`rules/change/`).

mod copies;
mod debris;
pub(crate) mod diff;
mod errors;
mod mentions;
mod migrations;
mod packages;
mod parameters;
mod public;
pub(crate) mod role;
pub(crate) mod rule;
mod secrets;
mod shape;
mod siblings;
mod spelling;
mod strays;
mod switched_off;
mod test_code;
mod tests_of;
mod texts;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;

pub(crate) use rule::{FactRule, Limits};
pub(crate) use tree::Tree;

use crate::domain::Domain;
use crate::finding::{Finding, Spot};
use crate::suppress::Silences;
use crate::wording;
use diff::FileDiff;

/// What the checks look at.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) files: Vec<FileDiff>,
    pub(crate) tree: Tree,
    /// Files of the change that are left out, and why: what they held at the base cannot be had.
    pub(crate) unknown: Vec<(PathBuf, String)>,
    /// The first lines of what its commits say, the oldest first; none of what is not committed.
    pub(crate) subjects: Vec<String>,
}

impl Scene {
    /// Files that the project ships, with their language.
    fn code(&self) -> impl Iterator<Item = (&FileDiff, role::Lang)> {
        self.files.iter().filter_map(|file| Some((file, file.code()?)))
    }

    /// Tests of the change, with their language.
    fn tests(&self) -> impl Iterator<Item = (&FileDiff, role::Lang)> {
        self.files.iter().filter_map(|file| Some((file, file.test()?)))
    }
}

/// One remark: where, and the names that go into the words of its rule.
#[derive(Debug)]
pub(crate) struct Fact {
    path: PathBuf,
    /// Counted from 1.
    line: usize,
    end_line: usize,
    names: Vec<(&'static str, String)>,
}

impl Fact {
    fn at(file: &FileDiff, line: usize) -> Fact {
        Fact { path: file.path.clone(), line: line.max(1), end_line: line.max(1), names: Vec::new() }
    }

    fn to(self, end_line: usize) -> Fact {
        Fact { end_line: end_line.max(self.line), ..self }
    }

    fn with(mut self, name: &'static str, text: &impl ToString) -> Fact {
        self.names.push((name, text.to_string()));
        self
    }
}

type Check = fn(&Scene, &Limits) -> Vec<Fact>;

/// What finds the facts of each rule.
const CHECKS: &[(&str, Check)] = &[
    ("change-api-undocumented", public::undocumented),
    ("change-code-switched-off", switched_off::live_code),
    ("change-comment-behind", mentions::left_behind),
    ("change-commented-out", debris::commented_out),
    ("change-conflict-marker", debris::conflict),
    ("change-copied-block", copies::blocks),
    ("change-debug-output", debris::output),
    ("change-debugger", debris::debugger),
    ("change-doc-parameters", parameters::untrue),
    ("change-docs-behind", public::docs_behind),
    ("change-env-untold", texts::env),
    ("change-error-dropped", errors::dropped),
    ("change-fix-untested", test_code::fix_untested),
    ("change-generated-edited", strays::generated),
    ("change-large", strays::large),
    ("change-function-long", shape::long),
    ("change-link-broken", texts::links),
    ("change-lock-alone", packages::lock_alone),
    ("change-lock-behind", packages::lock_behind),
    ("change-migration-one-way", migrations::one_way),
    ("change-misspelt", spelling::misspelt),
    ("change-moving-version", packages::moving),
    ("change-not-in-changelog", public::changelog),
    ("change-private-key", secrets::private_key),
    ("change-secret", secrets::token),
    ("change-sibling-untold", siblings::untold),
    ("change-stray-file", strays::stray),
    ("change-test-asserts-nothing", test_code::asserting_nothing),
    ("change-test-focused", test_code::focused),
    ("change-test-skipped", test_code::skipped),
    ("change-test-sleeps", test_code::sleeps),
    ("change-tests-removed", test_code::removed),
    ("change-todo", debris::todo),
    ("change-untested", test_code::untested),
];

/// Of each pair the second says nothing where the first has spoken.
const SAID_ALREADY: [(&str, &str); 2] =
    [("change-code-switched-off", "change-commented-out"), ("change-fix-untested", "change-untested")];

/// Is there a check for a rule of this name?
pub(crate) fn is_known(id: &str) -> bool {
    CHECKS.iter().any(|(known, _)| *known == id)
}

/// Everything that these rules find, and what of it comments in the code silence.
pub(crate) fn find(scene: &Scene, rules: &BTreeMap<String, FactRule>) -> (Vec<Finding>, Vec<Finding>) {
    let (mut open, mut silenced) = (Vec::new(), Vec::new());
    let mut comments: BTreeMap<&Path, Silences<'_>> = BTreeMap::new();
    for (id, check) in CHECKS {
        let Some(rule) = rules.get(*id) else { continue };
        let is_said = |finding: &Finding| SAID_ALREADY.contains(&(finding.rule.as_str(), *id));
        if open.iter().chain(&silenced).any(is_said) {
            continue;
        }
        for fact in check(scene, &rule.limits) {
            let file = scene.files.iter().find(|file| file.path == fact.path);
            let is_silenced = file.is_some_and(|file| {
                let of_file = comments.entry(&file.path).or_insert_with(|| Silences::of(&file.text));
                of_file.hold(&(fact.line..=fact.end_line.min(fact.line + 20)), &rule.about)
            });
            let finding = finding(rule, &fact, file);
            if is_silenced { silenced.push(finding) } else { open.push(finding) }
        }
    }
    (open, silenced)
}

fn finding(rule: &FactRule, fact: &Fact, file: Option<&FileDiff>) -> Finding {
    let about = &rule.about;
    let name = |wanted: &str| {
        fact.names
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, text)| wording::quote(text).replace('`', "'"))
    };
    let snippet = match file.and_then(|file| file.line(fact.line)) {
        Some(line) if !about.mask => wording::quote(&line.text),
        _ => String::new(),
    };
    Finding {
        rule: about.id.clone(),
        domain: Domain::Change,
        severity: about.severity,
        confidence: about.confidence.percent(),
        title: about.title.clone(),
        category: about.category.clone(),
        cwe: about.cwe.clone(),
        problem: wording::fill(&about.message, name),
        impact: wording::fill(&about.impact, name),
        fix: wording::fill(&about.fix, name),
        path: fact.path.clone(),
        line: fact.line,
        end_line: fact.end_line,
        column: 1,
        snippet,
        trace: Vec::new(),
        spot: Spot::default(),
        said: Vec::new(),
        edit: None,
        suggestion: None,
        new: Some(true),
    }
}

/// A pattern of a check. Its classes are those of ASCII: names of code, and a hundredth
/// of the time to compile.
#[expect(clippy::expect_used, reason = "constants of this crate, and names that are escaped")]
fn pattern(text: &str) -> Regex {
    let classes = [(r"\w", "[0-9A-Za-z_]"), (r"\d", "[0-9]"), (r"\s", r"[\x20\t\r\n]"), (r"\b", r"(?-u:\b)")];
    let text = classes.iter().fold(text.to_owned(), |text, (class, ascii)| text.replace(class, ascii));
    Regex::new(&text).expect("a pattern")
}
