//! Names that are gone from the code, and that comments still speak of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{self, FileDiff};
use super::public::is_distinct;
use super::role::{Lang, Role};
use super::{Fact, Limits, Scene, pattern, tree};

/// So many names are looked for, …
const NAMES: usize = 60;
/// … in so much text (bytes). What lies behind that may still have them: nothing is told.
const MOST: usize = 64 << 20;

/// What a line gives a name to.
static DEFINES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) \b(def|fn|func|fun|function|class|struct|enum|interface|type|trait|const|let|var|val|static)\s+(\([^)]*\)\s*|self\.)?(?P<name>\w+)
        | ^\s*(public|private|protected|internal)\s[\w<>\[\],\s]*\s(?P<method>\w+)\(",
    )
});
/// A comment that speaks of what was.
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(was|were|former\w*|previous\w*|old|legacy|deprecat\w*|remov\w*|renam\w*|replac\w*|used to|no longer|instead|before|histor\w*|compat\w*|upstream|https?|ported|copied|inlin\w*|like|similar|changed)\b",
    )
});

/// Comments of code that name what the change took away.
pub(super) fn left_behind(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let mut gone: BTreeMap<String, &FileDiff> = BTreeMap::new();
    for (file, _) in scene.code().filter(|(file, _)| file.is_there) {
        for line in &file.removed {
            let Some(found) = DEFINES.captures(line) else { continue };
            let Some(name) = found.name("name").or_else(|| found.name("method")) else { continue };
            if is_distinct(name.as_str()) && name.len() >= limits.of("letters") {
                gone.entry(name.as_str().to_owned()).or_insert(file);
            }
        }
    }
    if gone.is_empty() || gone.len() > NAMES {
        return Vec::new();
    }
    let names: Vec<&str> = gone.keys().map(String::as_str).collect();
    let any = pattern(&format!(r"\b({})\b", names.join("|")));
    let mut alive: BTreeSet<String> = BTreeSet::new();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut left = MOST;
    for path in &scene.tree.files {
        // Texts have a rule of their own.
        if Role::of(path) == Role::Docs {
            continue;
        }
        let Some(text) = scene.tree.read(path) else { continue };
        let Some(rest) = left.checked_sub(text.len()) else { return Vec::new() };
        left = rest;
        if !any.is_match(&text) {
            continue;
        }
        let is_code = Lang::of(path).is_some();
        for (number, line) in (1..).zip(diff::lines(path, &text)) {
            for found in any.find_iter(&line.text) {
                let name = found.as_str();
                let in_comment = is_code
                    && (line.quoted || line.comment.contains(name))
                    && !any.is_match(if line.quoted { "" } else { &line.code });
                if !in_comment {
                    alive.insert(name.to_owned());
                } else if !PAST.is_match(&line.text) {
                    told.entry(name.to_owned()).or_default().push(tree::place(path, number));
                }
            }
        }
    }
    let fact = |(name, places): (String, Vec<String>)| {
        let file = gone.get(&name)?;
        let is_told = !alive.contains(&name) && places.len() <= limits.of("places");
        is_told.then(|| Fact::at(file, 1).with("NAME", &name).with("PLACE", &places[0]))
    };
    told.into_iter().filter_map(fact).collect()
}
