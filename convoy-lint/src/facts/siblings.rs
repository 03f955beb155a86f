//! What is new in a list whose other members a text explains, and that no text names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::FileDiff;
use super::public::is_distinct;
use super::role::{is_in, name};
use super::tree::Doc;
use super::{Fact, Limits, Scene, pattern};

/// So far to each side a list is looked at, in lines.
const REACH: usize = 12;

/// Directories of texts for those who write the project.
const PLANS: [&str; 8] = ["plans", "specs", "rfcs", "rfc", "proposals", "adr", "design", "notes"];

/// One member of a list to a line: a constant, a key, a field.
static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(?P<shape>\s*((export|pub|static|const|final|public|readonly|let|var|type)\s+)*["']?)(?P<name>[A-Za-z][\w.-]{4,})(?P<end>["']?\s*(=|:|,$|\())"#,
    )
});
/// An option of a command line, where a program names its own.
static OPTION: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["'`](?P<name>--[a-z][a-z0-9-]{2,})["'`= ,<]"#));

pub(super) fn untold(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (file, _) in scene.code().filter(|(file, _)| file.before.is_some()) {
        for (number, name, others) in members(file).into_iter().chain(options(file)) {
            if others.len() < limits.of("told") || is_told(scene, &name) {
                continue;
            }
            let tells = |doc: &&Doc| {
                let told = others.iter().filter(|other| says(&doc.text, other)).count();
                told >= limits.of("told") && told * 100 >= others.len() * limits.of("percent")
            };
            // What was planned once is no text for users.
            let for_users = |doc: &&Doc| !is_in(&doc.path, &PLANS);
            if let Some(doc) = scene.tree.docs().iter().filter(for_users).find(tells) {
                let other = others.iter().find(|other| says(&doc.text, other)).cloned().unwrap_or_default();
                facts.push(
                    Fact::at(file, number)
                        .with("NAME", &name)
                        .with("OTHER", &other)
                        .with("DOC", &doc.path.to_string_lossy()),
                );
            }
        }
    }
    // Of one list one is enough.
    facts.dedup_by(|next, first| next.path == first.path);
    facts
}

/// The new members of lists, each with those that stand beside it.
fn members(file: &FileDiff) -> Vec<(usize, String, BTreeSet<String>)> {
    let member = |number: usize| {
        let line = file.line(number)?;
        // What stands between is a comment, or nothing.
        if line.code.trim().is_empty() {
            return Some(None);
        }
        let found = MEMBER.captures(&line.code).filter(|_| line.is_code())?;
        let shape = (found["shape"].to_owned(), found["end"].trim().to_owned());
        // Bare names are what other lists import; those in capitals are defined here.
        if shape.1 == "," && found["name"].contains(char::is_lowercase) {
            return None;
        }
        Some(Some((shape, found["name"].to_owned(), line.fresh)))
    };
    let of_line = |number: usize| {
        let (shape, name, _) = member(number)??;
        if !is_known(&name) || stood(file, &name) {
            return None;
        }
        let beside = |numbers: &mut dyn Iterator<Item = usize>| -> Vec<String> {
            let near = numbers.take(REACH).map_while(member).flatten();
            let alike = near.take_while(|(other, ..)| *other == shape);
            alike.filter(|(_, name, fresh)| !fresh && is_known(name)).map(|(_, name, _)| name).collect()
        };
        let others = [beside(&mut (1..number).rev()), beside(&mut (number + 1..))].concat();
        Some((number, name, others.into_iter().collect()))
    };
    file.fresh().filter_map(|(number, _)| of_line(number)).collect()
}

/// The new options, each with the others of the file.
fn options(file: &FileDiff) -> Vec<(usize, String, BTreeSet<String>)> {
    let before = file.before.as_deref().unwrap_or_default();
    let others: BTreeSet<String> =
        OPTION.captures_iter(before).map(|found| found["name"].to_owned()).collect();
    let of_line = |(number, line): (usize, &super::diff::Line)| {
        let name = OPTION.captures(&line.code)?["name"].to_owned();
        (!stood(file, &name)).then(|| (number, name, others.clone()))
    };
    file.fresh().filter_map(of_line).collect()
}

/// A name that no text has by chance, as settings and constants have them: those in mixed
/// letters are mostly fields of the code alone.
fn is_known(name: &str) -> bool {
    let is_mixed = name.contains(char::is_lowercase) && name.contains(char::is_uppercase);
    !is_mixed && (is_distinct(name) || (name.len() >= 6 && name.contains(['-', '.'])))
}

fn stood(file: &FileDiff, name: &str) -> bool {
    file.before.as_deref().is_some_and(|before| says(before, name))
}

/// Does any text of the project name it?
fn is_told(scene: &Scene, wanted: &str) -> bool {
    let is_sample = |file: &&FileDiff| name(&file.path).contains("example");
    scene.tree.docs().iter().any(|doc| says(&doc.text, wanted))
        || scene.files.iter().filter(is_sample).any(|file| says(&file.text, wanted))
}

/// As a whole word.
fn says(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(|c| is_part(c) && c != '-')
    })
}
