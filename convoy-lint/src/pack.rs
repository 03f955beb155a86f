//! Rule packs: built in, the user's, and those named on the command line.
//!
//! Never from the project under review: a change could switch its reviewer off.
//! Built-in rules are compiled only for the languages that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ast_grep_config::{SerializableRuleConfig, from_str};
use ast_grep_core::matcher::Matcher;
use base::exit::Exit;
use base::program::Failure;
use base::{files, text};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ascii;
use crate::domain::Domain;
use crate::facts::{self, FactRule, rule::FactDocument};
use crate::language::{Family, Language};
use crate::pattern;
use crate::rule::{About, Confidence, Rule, causes};

macro_rules! built_in {
    ($($domain:ident $dir:literal: $($family:ident $file:literal),*;)*) => {
        &[$($((
            Domain::$domain,
            Family::$family,
            concat!($dir, "/", $file),
            include_str!(concat!("../rules/", $dir, "/", $file)),
        ),)*)*]
    };
}

/// Domain, languages, name and text of each built-in rule file.
const BUILT_IN: &[(Domain, Family, &str, &str)] = built_in! {
    Security "security": Go "go.yml", Java "java.yml", JavaScript "javascript.yml", Python "python.yml", Rust "rust.yml";
    Correctness "correctness": Go "go.yml", Java "java.yml", JavaScript "javascript.yml", Python "python.yml", Rust "rust.yml";
    Performance "performance": Go "go.yml", Java "java.yml", JavaScript "javascript.yml", Python "python.yml", Rust "rust.yml";
};

/// The rules about a change: its name and text.
const OF_CHANGE: (&str, &str) = ("change/change.yml", include_str!("../rules/change/change.yml"));

/// All rules of anybody are less.
const MAX_BYTES: u64 = 16 << 20;

/// One YAML document of a rule file.
struct Document {
    place: String,
    line: usize,
    text: String,
    domain: Option<Domain>,
    /// Known beforehand for built-in rules only.
    family: Option<Family>,
}

/// The first look at a document: enough to override or switch off.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    id: String,
    #[serde(default)]
    severity: String,
}

/// The texts of all rules, in order of precedence, not compiled.
#[derive(Default)]
pub struct PackFiles {
    documents: Vec<Document>,
}

impl std::fmt::Debug for PackFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackFiles({} rules)", self.documents.len())
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::of_io(Exit::Usage, format_args!("cannot read rules {}", text::path(path)), error)
}

/// A rule file, wherever links lead: never a pipe or a device, and no more than rules take.
fn read(path: &Path) -> io::Result<String> {
    let file = files::open_regular(&path.canonicalize()?)?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MB: no rules"));
    }
    Ok(text)
}

impl PackFiles {
    pub fn built_in() -> PackFiles {
        let mut pack = PackFiles::default();
        for (domain, family, name, text) in BUILT_IN {
            let place = format!("built-in {name}");
            pack.add_text(&place, text, Some(*domain), Some(*family));
        }
        let (name, text) = OF_CHANGE;
        pack.add_text(&format!("built-in {name}"), text, Some(Domain::Change), None);
        pack
    }

    /// Adds `DIR/<domain>/*.yml`; a directory that is not there adds nothing.
    pub fn add_user_dir(&mut self, dir: &Path) -> Result<(), Failure> {
        for domain in Domain::ALL {
            let dir = dir.join(domain.name());
            let found = files::find(&dir).map_err(|error| unreadable(&dir, &error))?;
            if found.is_some_and(|found| found.is_dir()) {
                self.add_files(&dir, Some(domain))?;
            }
        }
        Ok(())
    }

    /// Adds a directory named on the command line, which must hold a rule: a wrong
    /// path must not look like rules that find nothing.
    pub fn add_named_dir(&mut self, dir: &Path) -> Result<(), Failure> {
        let before = self.documents.len();
        self.add_files(dir, None)?;
        self.add_user_dir(dir)?;
        if self.documents.len() > before {
            return Ok(());
        }
        let domains = Domain::ALL.map(Domain::name).join(", ");
        Err(Failure::new(Exit::Usage, format!("--rules {}: there is no rule in it", text::path(dir)))
            .hint(format!("rules are *.yml files in it, or in a directory of a domain in it: {domains}")))
    }

    fn add_files(&mut self, dir: &Path, domain: Option<Domain>) -> Result<(), Failure> {
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(dir).map_err(|error| unreadable(dir, &error))? {
            let path = entry.map_err(|error| unreadable(dir, &error))?.path();
            let is_rule_file = path.extension().is_some_and(|e| e == "yml" || e == "yaml");
            if is_rule_file && !path.is_dir() {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            let content = read(&path).map_err(|error| unreadable(&path, &error))?;
            self.add_text(&text::path(&path), &content, domain, None);
        }
        Ok(())
    }

    /// Adds the text of a file, cut into its documents, each with the line it begins at.
    pub fn add_text(&mut self, place: &str, content: &str, domain: Option<Domain>, family: Option<Family>) {
        let mut start = 0;
        let mut current = String::new();
        let mut push = |line: usize, text: &mut String| {
            let is_empty = text.lines().all(|line| line.trim().is_empty() || line.starts_with('#'));
            if !is_empty {
                let (place, text) = (place.to_owned(), std::mem::take(text));
                self.documents.push(Document { place, line, text, domain, family });
            }
            text.clear();
        };
        for (number, line) in content.lines().enumerate() {
            if line.trim_end() == "---" {
                push(start, &mut current);
                start = number + 1;
            } else {
                current.push_str(line);
                current.push('\n');
            }
        }
        push(start, &mut current);
    }

    /// Compiles the rules of these domains for the languages that are there.
    pub fn compile(&self, domains: &[Domain], languages: &BTreeSet<Language>) -> Result<Pack, Failure> {
        let mut rules: Vec<(Language, Rule)> = Vec::new();
        let mut previous_source: BTreeMap<String, &str> = BTreeMap::new();
        let mut of_change: BTreeMap<String, FactDocument> = BTreeMap::new();
        for document in &self.documents {
            if document.is_of_change()? {
                document.add_of_change(&mut of_change)?;
                continue;
            }
            if !document.may_matter(domains, languages) {
                continue;
            }
            let header = document.header()?;
            // A later file replaces; within one file an id may stand for several languages.
            if previous_source.get(&header.id).is_some_and(|place| *place != document.place) {
                rules.retain(|(_, rule)| rule.about.id != header.id);
            }
            previous_source.insert(header.id.clone(), &document.place);
            if header.severity.eq_ignore_ascii_case("off") {
                rules.retain(|(_, rule)| rule.about.id != header.id);
                continue;
            }
            rules.extend(document.compile(domains, languages)?);
        }
        rules.retain(|(_, rule)| rule.about.confidence != Confidence::Low);
        let mut pack = Pack::new(rules);
        if domains.contains(&Domain::Change) {
            let rules = of_change.into_iter();
            pack.facts = rules.filter_map(|(id, rule)| Some((id, rule.rule()?))).collect();
        }
        Ok(pack)
    }
}

impl Document {
    fn may_matter(&self, domains: &[Domain], languages: &BTreeSet<Language>) -> bool {
        let right_domain = self.domain.is_none_or(|domain| domains.contains(&domain));
        let right_language =
            self.family.is_none_or(|family| languages.iter().any(|language| language.family() == family));
        // The user's own rules are always looked at: a mistake in them is told.
        self.family.is_none() || (right_domain && right_language)
    }

    /// By its directory; a rule that stands in none, by its name.
    fn is_of_change(&self) -> Result<bool, Failure> {
        match self.domain {
            Some(domain) => Ok(domain == Domain::Change),
            None => Ok(facts::is_known(&self.header()?.id)),
        }
    }

    /// Adds a rule about a change, or what is to be different in one.
    fn add_of_change(&self, rules: &mut BTreeMap<String, FactDocument>) -> Result<(), Failure> {
        let id = self.header()?.id;
        if !facts::is_known(&id) {
            return Err(self.failure(&format!("there is no rule '{id}' about a change")));
        }
        let document: FactDocument = self.parsed()?;
        match rules.get_mut(&id) {
            Some(rule) => rule.change(document).map_err(|what| self.failure(&what)),
            None => {
                rules.insert(id, document);
                Ok(())
            }
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let line = self.text.lines().position(|line| line.starts_with("id:")).unwrap_or(0);
        Self::failure_at(&format!("{}:{}", self.place, self.line + line + 1), what)
    }

    /// A mistake in a pattern, at the line that it begins in.
    fn failure_of_pattern(&self, pattern: &str, why: &str) -> Failure {
        let first = pattern.trim().lines().next().unwrap_or_default();
        // One may be the beginning of another.
        let is_whole = |line: &str| {
            let rest = line.split_once(first).map(|(_, rest)| rest);
            rest.is_some_and(|rest| rest.trim_matches(['"', '\'', ' ', '}', ',', ']']).is_empty())
        };
        let begins = |line: &str| line.contains(first) && !line.trim_start().starts_with('#');
        let line = self.text.lines().position(is_whole).or_else(|| self.text.lines().position(begins));
        let Some(line) = line else {
            return self.failure(&format!("the pattern '{pattern}' can match nothing: {why}"));
        };
        let place = format!("{}:{}", self.place, self.line + line + 1);
        Self::failure_at(&place, &format!("the pattern '{first}' can match nothing: {why}"))
    }

    fn failure_at(place: &str, what: &str) -> Failure {
        Failure::new(Exit::Usage, format!("{place}: {}", text::visible(what)))
            .hint("fix that rule, or leave it out; pan lint --list-rules lists those that are good")
    }

    fn yaml_failure(&self, error: &dyn std::error::Error, line: Option<usize>) -> Failure {
        let what = causes(error);
        let what = what.lines().next().unwrap_or("bad YAML");
        let what = what.strip_prefix("error: ").unwrap_or(what).to_owned();
        match line {
            Some(line) => {
                // The engine counts lines from the beginning of the document.
                let what = match what.split_once(": ") {
                    Some((place, rest)) if place.starts_with("line ") => rest,
                    _ => &what,
                };
                let place = format!("{}:{}", self.place, self.line + line);
                Self::failure_at(&place, what)
            }
            None => self.failure(&what),
        }
    }

    fn header(&self) -> Result<Header, Failure> {
        self.parsed()
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        from_str(&self.text).map_err(|error| {
            let line = error.location().map(|place| place.line() as usize);
            self.yaml_failure(&error, line)
        })
    }

    fn config(&self) -> Result<SerializableRuleConfig<Language>, Failure> {
        if self.family.is_none() {
            return self.parsed();
        }
        let mut rule = self.parsed()?;
        ascii::narrow(&mut rule);
        serde_json::from_value(rule).map_err(|error| self.yaml_failure(&error, None))
    }

    fn compile(
        &self,
        domains: &[Domain],
        languages: &BTreeSet<Language>,
    ) -> Result<Vec<(Language, Rule)>, Failure> {
        let config = self.config()?;
        let about = About::read(&config, self.domain).map_err(|what| self.failure(&what))?;
        if config.files.is_some() || config.ignores.is_some() {
            return Err(self.failure("`files` and `ignores` are not supported here"));
        }
        let mut rules = Vec::new();
        for &language in config.language.of_rule() {
            // Those that are built in are tried by their examples.
            if self.family.is_none()
                && let Some((pattern, why)) = pattern::silent(&config, language)
            {
                return Err(self.failure_of_pattern(&pattern, &why));
            }
            let rule = Rule::compile(&config, about.clone(), language).map_err(|what| self.failure(&what))?;
            if domains.contains(&about.domain) && languages.contains(&language) {
                rules.push((language, rule));
            }
        }
        Ok(rules)
    }
}

/// Compiled rules by language.
#[derive(Debug, Default)]
pub struct Pack {
    tables: BTreeMap<Language, Table>,
    /// What is known of rules that were compiled elsewhere, and where they are there for.
    known: BTreeMap<String, (About, Vec<Language>)>,
    /// Those about a change, by their name.
    pub(crate) facts: BTreeMap<String, FactRule>,
}

/// The rules of one grammar, found by the kind of node they can match.
#[derive(Debug, Default)]
pub struct Table {
    pub rules: Vec<Rule>,
    /// Indices into `rules` by kind id.
    pub by_kind: Vec<Vec<usize>>,
}

impl Pack {
    fn new(rules: Vec<(Language, Rule)>) -> Pack {
        let mut pack = Pack::default();
        for (language, rule) in rules {
            pack.tables.entry(language).or_default().rules.push(rule);
        }
        for table in pack.tables.values_mut() {
            table.rules.sort_by(|a, b| a.about.id.cmp(&b.about.id));
            for (index, rule) in table.rules.iter().enumerate() {
                for kind in rule.matcher.potential_kinds().iter().flatten() {
                    if table.by_kind.len() <= kind {
                        table.by_kind.resize(kind + 1, Vec::new());
                    }
                    table.by_kind[kind].push(index);
                }
            }
        }
        pack
    }

    /// Keeps what these rules say of themselves, and not what finds them: patterns take
    /// far more memory than all else of a review.
    pub(crate) fn learn(&mut self, other: Pack) {
        for (id, (about, languages)) in other.languages() {
            let known = self.known.entry(id.to_owned()).or_insert_with(|| (about.clone(), Vec::new()));
            known.1.extend(languages);
        }
        self.facts = other.facts;
    }

    pub fn table(&self, language: Language) -> Option<&Table> {
        self.tables.get(&language)
    }

    /// Every rule with the languages it is there for, by id.
    pub fn rules(&self) -> BTreeMap<&str, (&About, Vec<Language>)> {
        let mut all = self.languages();
        all.extend(self.facts.iter().map(|(id, rule)| (id.as_str(), (&rule.about, Vec::new()))));
        all
    }

    /// The same of rules that read a language.
    fn languages(&self) -> BTreeMap<&str, (&About, Vec<Language>)> {
        let known =
            self.known.iter().map(|(id, (about, languages))| (id.as_str(), (about, languages.clone())));
        let mut all: BTreeMap<&str, (&About, Vec<Language>)> = known.collect();
        for (language, table) in &self.tables {
            for rule in &table.rules {
                all.entry(&rule.about.id).or_insert_with(|| (&rule.about, Vec::new())).1.push(*language);
            }
        }
        all
    }
}
