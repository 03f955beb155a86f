//! Code that ran before the change and is a comment now.

use std::collections::BTreeSet;

use findings::comment::Syntax;

use super::debris::{is_like_code, joined, uncommented};
use super::diff::{self, FileDiff};
use super::role::Role;
use super::{Fact, Limits, Scene};

/// Lines that became comments as they were, where nothing says why.
pub(super) fn live_code(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let is_read = |file: &&FileDiff| {
        !matches!(file.role, Role::Docs | Role::Made)
            && Syntax::of(&file.path).is_some()
            && !file.is_generated()
    };
    scene.files.iter().filter(is_read).flat_map(of_file).collect()
}

fn of_file(file: &FileDiff) -> Vec<Fact> {
    let Some(before) = &file.before else { return Vec::new() };
    let candidates: Vec<(usize, &str)> = file
        .fresh()
        .filter_map(|(number, line)| Some((number, uncommented(line)?.trim())))
        .filter(|(_, words)| does_something(words))
        .collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let ran: BTreeSet<String> = diff::lines(&file.path, before)
        .into_iter()
        .filter(|line| !line.quoted && !line.code.trim().is_empty())
        .map(|line| line.code.trim().to_owned())
        .collect();
    let runs = |words: &str| file.lines.iter().any(|line| line.is_code() && line.code.trim() == words);
    let off = candidates.into_iter().filter(|(_, words)| ran.contains(*words) && !runs(words));
    let off: Vec<usize> =
        off.map(|(number, _)| number).filter(|number| !is_explained(file, *number)).collect();
    let named = |fact: Fact| {
        let code = file.line(fact.line).and_then(uncommented).unwrap_or_default().trim().to_owned();
        fact.with("CODE", &code)
    };
    joined(file, &off).into_iter().map(named).collect()
}

/// More than a bracket or a word.
fn does_something(words: &str) -> bool {
    words.len() >= 8 && words.contains(char::is_alphabetic) && words.contains(['(', '=', ':', ';'])
}

/// Does a comment in the same block speak in words?
fn is_explained(file: &FileDiff, number: usize) -> bool {
    let says = |at: usize| {
        let line = file.line(at)?;
        let comment = line.comment.trim();
        (line.code.trim().is_empty() && !comment.is_empty()).then(|| uncommented(line).is_none_or(is_said))
    };
    let above = (1..number).rev().map_while(says);
    let below = (number + 1..).map_while(says);
    above.chain(below).any(|said| said)
}

/// Words of people, as opposed to code.
fn is_said(words: &str) -> bool {
    !is_like_code(words)
        && words.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count() >= 3
}
