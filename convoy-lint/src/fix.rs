//! Mending by rules that say how (`fix`): the text of a file with its edits, and the
//! files written, each whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ast_grep_core::AstGrep;
use base::{outputs, text};

use crate::finding::{Edit, Finding};
use crate::language::Language;
use crate::source;
use crate::tree::Doc;

/// A text with edits in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Applied {
    pub text: String,
    /// The edits that are in it, by their number, and those that are not, because they
    /// meet another.
    pub done: BTreeSet<usize>,
    pub met: BTreeSet<usize>,
}

/// Puts edits into a text. Of those that meet none is taken; the same one twice is one.
pub fn apply(text: &str, edits: &[&Edit]) -> Applied {
    let meets = |one: &Edit, other: &Edit| {
        let (a, b) = (&one.range, &other.range);
        // Two that only insert at one place meet as well.
        one != other && (a.start < b.end && b.start < a.end || a.start == b.start)
    };
    let (mut done, mut met) = (BTreeSet::new(), BTreeSet::new());
    for (number, edit) in edits.iter().enumerate() {
        let is_there = text.get(edit.range.clone()).is_some_and(|there| there == edit.old);
        let is_alone = edits.iter().all(|other| !meets(edit, other));
        if is_there && is_alone {
            done.insert(number)
        } else {
            met.insert(number)
        };
    }
    let mut order: Vec<&Edit> = done.iter().map(|number| edits[*number]).collect();
    order.sort_by_key(|edit| edit.range.start);
    order.dedup();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in order {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.new);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    Applied { text: out, done, met }
}

/// The lines of a finding as its edit leaves them; `None`: it reaches beyond them.
pub(crate) fn suggestion(text: &str, finding: &Finding) -> Option<String> {
    let edit = finding.edit.as_ref()?;
    let mut ends = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some(*at)
    });
    let start = if finding.line == 1 { 0 } else { ends.nth(finding.line - 2)? };
    let end = ends.nth(finding.end_line - finding.line)?;
    if edit.range.start < start || edit.range.end > end {
        return None;
    }
    let made = format!("{}{}{}", &text[start..edit.range.start], edit.new, &text[edit.range.end..end]);
    Some(made.trim_end_matches(['\n', '\r']).to_owned())
}

/// Writes what rules mend into the files of a project. What was done and what was not, a
/// line each.
pub(crate) fn write(project: &Path, findings: &[Finding]) -> Vec<String> {
    let mut by_file: BTreeMap<&PathBuf, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.edit.is_some()) {
        by_file.entry(&finding.path).or_default().push(finding);
    }
    let line = |(path, findings): (&PathBuf, Vec<&Finding>)| {
        let said = file(project, path, &findings).unwrap_or_else(|why| vec![format!("not written: {why}")]);
        said.into_iter().map(|said| format!("{}: {said}", text::path(path))).collect::<Vec<_>>()
    };
    by_file.into_iter().flat_map(line).collect()
}

fn file(project: &Path, path: &Path, findings: &[&Finding]) -> Result<Vec<String>, String> {
    let edits: Vec<&Edit> = findings.iter().filter_map(|finding| finding.edit.as_ref()).collect();
    let old = source::read(project, path)?;
    if edits.iter().any(|edit| old.get(edit.range.clone()) != Some(edit.old.as_str())) {
        return Err("it has changed since it was read".to_owned());
    }
    let applied = apply(&old, &edits);
    let rules = |numbers: &BTreeSet<usize>| {
        let rules: BTreeSet<&str> = numbers.iter().map(|number| findings[*number].rule.as_str()).collect();
        rules.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut said = Vec::new();
    if !applied.done.is_empty() {
        if faults(path, &applied.text) > faults(path, &old) {
            return Err(format!("with what {} writes it does not parse", rules(&applied.done)));
        }
        outputs::write(&project.join(path), applied.text.as_bytes()).map_err(|error| error.to_string())?;
        let count = base::style::count(applied.done.len() as u64, "place");
        said.push(format!("{count} fixed ({})", rules(&applied.done)));
    }
    if !applied.met.is_empty() {
        let count = base::style::count(applied.met.len() as u64, "place");
        said.push(format!("{count} left: what is to be written there meets ({})", rules(&applied.met)));
    }
    Ok(said)
}

/// How much of a text does not parse.
fn faults(path: &Path, text: &str) -> usize {
    let Some(document) = Language::of_path(path).and_then(|language| Doc::try_new(text, language).ok())
    else {
        return usize::MAX;
    };
    AstGrep::doc(document).root().dfs().filter(|node| node.is_error() || node.is_missing()).count()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn edit(text: &str, range: Range<usize>, new: &str) -> Edit {
        Edit { old: text[range.clone()].to_owned(), range, new: new.to_owned() }
    }

    #[test]
    fn edits_that_meet_are_left_and_the_others_are_made() {
        let text = "abcdef";
        let edits = [
            edit(text, 0..1, "X"),
            edit(text, 1..3, "Y"),
            edit(text, 2..4, "Z"),
            edit(text, 4..6, ""),
            edit(text, 0..1, "X"),
        ];
        let applied = apply(text, &edits.iter().collect::<Vec<_>>());
        assert_eq!(applied.text, "Xbcd");
        assert_eq!((applied.done, applied.met), ([0, 3, 4].into(), [1, 2].into()));
        let inserts = [edit(text, 2..2, "1"), edit(text, 2..2, "2")];
        assert_eq!(apply(text, &inserts.iter().collect::<Vec<_>>()).text, text);
        // Of another text.
        let stale = Edit { range: 0..1, old: "q".to_owned(), new: String::new() };
        assert_eq!(apply(text, &[&stale]).text, text);
        let beyond = Edit { range: 5..9, old: String::new(), new: String::new() };
        assert_eq!(apply(text, &[&beyond]).text, text);
    }

    #[test]
    fn a_suggestion_is_of_whole_lines() {
        let text = "one\n  two(x)\nthree\n";
        let finding = |line, end_line, range| Finding {
            line,
            end_line,
            edit: Some(edit(text, range, "2")),
            ..Finding::sample("r", "a", crate::finding::Spot::default())
        };
        assert_eq!(suggestion(text, &finding(2, 2, 6..9)).as_deref(), Some("  2(x)"));
        assert_eq!(suggestion(text, &finding(1, 2, 6..9)).as_deref(), Some("one\n  2(x)"));
        assert_eq!(suggestion(text, &finding(2, 2, 0..9)), None);
        assert_eq!(suggestion(text, &finding(3, 3, 13..18)).as_deref(), Some("2"));
    }
}
