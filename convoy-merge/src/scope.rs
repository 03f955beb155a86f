//! What was read: of each report, and of all together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::encoded_path::EncodedPath;

use crate::meta::Meta;
use crate::model::Input;

/// Labels of a line that says how many files were read.
const LABELS: [&str; 4] = ["reviewed:", "files reviewed:", "files read:", "files_reviewed:"];

/// Files read, and given if it says so: `**Reviewed:** 4 of 10 files`. The last such
/// line of a report counts.
pub(crate) fn claimed(report: &str) -> Option<(u64, Option<u64>)> {
    report.lines().rev().find_map(|line| {
        let plain: String = line.chars().filter(|c| !matches!(c, '*' | '`')).collect();
        let plain = plain.trim_start_matches([' ', '-', '>', '\t']).to_lowercase();
        let rest = LABELS.iter().find_map(|label| plain.strip_prefix(label))?;
        let mut words = rest.split_whitespace();
        let number = |word: &str| word.parse::<u64>().ok();
        let read = words.next().and_then(|word| if word == "none" { Some(0) } else { number(word) })?;
        let given =
            words.next().filter(|word| matches!(*word, "of" | "/")).and_then(|_| number(words.next()?));
        Some((read, given))
    })
}

/// How much of what was given was read by all who were given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// `None`: nobody says.
    pub(crate) read: Option<u64>,
    pub(crate) given: Option<u64>,
}

impl Coverage {
    /// `read 4 of 10 files`; empty if nothing is known.
    pub(crate) fn words(self) -> String {
        match (self.read, self.given) {
            (Some(read), Some(given)) => format!("read {read} of {given} {}", files(given)),
            (Some(read), None) => format!("read {read} {}", files(read)),
            (None, Some(given)) => {
                format!("given {given} {}; what was read of them is not known", files(given))
            }
            (None, None) => String::new(),
        }
    }
}

fn files(count: u64) -> &'static str {
    if count == 1 { "file" } else { "files" }
}

/// Of all reports together: a file counts as read if everybody read it who was given it.
pub(crate) fn all(inputs: &[Input], meta: &Meta) -> Coverage {
    let mut by_file: BTreeMap<&Path, bool> = BTreeMap::new();
    for scope in inputs.iter().filter_map(|input| input.scope.as_ref()) {
        let read: BTreeSet<&Path> = scope.read.iter().map(EncodedPath::as_path).collect();
        for file in &scope.given {
            *by_file.entry(file.as_path()).or_insert(true) &= read.contains(file.as_path());
        }
    }
    let listed = inputs.iter().any(|input| input.scope.is_some());
    let by_lists = listed.then(|| by_file.values().filter(|read| **read).count() as u64);
    let counts = |of: fn(&Input) -> Option<u64>| {
        inputs.iter().filter(|input| input.scope.is_none()).filter_map(of).collect::<Vec<u64>>()
    };
    let claimed = counts(|input| input.files_read).into_iter().min();
    let given = [meta.files_reviewed, listed.then_some(by_file.len() as u64)]
        .into_iter()
        .flatten()
        .chain(counts(|input| input.files_given))
        .max();
    let read = by_lists.into_iter().chain(claimed).min();
    Coverage { read: read.map(|read| given.map_or(read, |given| read.min(given))), given }
}

#[cfg(test)]
mod tests {
    use super::*;
    use findings::{NotRead, Scope};

    #[test]
    fn what_a_report_says_that_it_read_is_taken() {
        for (report, want) in [
            ("**Reviewed:** 12 files\n**Total:** 0 findings\n", Some((12, None))),
            ("**Reviewed:** 0 files\n", Some((0, None))),
            ("- Files reviewed: 4 of 10\n", Some((4, Some(10)))),
            ("FILES_REVIEWED: 3  \n", Some((3, None))),
            ("**Files read:** none\n", Some((0, None))),
            ("**Reviewed:** 3 files\n\n**Reviewed:** 5 files\n", Some((5, None))),
            ("**Reviewed:** all of it\n", None),
            ("Reviewed by Ann\n", None),
        ] {
            assert_eq!(claimed(report), want, "{report}");
        }
    }

    fn input(read: &[&str], not_read: &[&str]) -> Input {
        let path = |name: &&str| EncodedPath::from(Path::new(name));
        let unread = |name: &&str| NotRead { file: path(name), why: "binary".to_string() };
        let scope = Scope {
            given: read.iter().chain(not_read).map(path).collect(),
            read: read.iter().map(path).collect(),
            not_read: not_read.iter().map(unread).collect(),
            ..Scope::default()
        };
        Input {
            files_read: Some(read.len() as u64),
            files_given: Some((read.len() + not_read.len()) as u64),
            scope: Some(scope),
            ..Input::default()
        }
    }

    #[test]
    fn a_file_counts_that_all_have_read_who_were_given_it() {
        let none = Meta::default();
        let same = [input(&["a", "b"], &["c"]), input(&["a"], &["b", "c"])];
        assert_eq!(all(&same, &none), Coverage { read: Some(1), given: Some(3) });
        let parts = [input(&["a", "b"], &[]), input(&["c"], &["d"])];
        assert_eq!(all(&parts, &none), Coverage { read: Some(3), given: Some(4) });
        let claims = Input { files_read: Some(2), ..Input::default() };
        assert_eq!(
            all(&[parts[0].clone(), claims.clone()], &none),
            Coverage { read: Some(2), given: Some(2) }
        );
        let asked = Meta { files_reviewed: Some(1), ..Meta::default() };
        assert_eq!(all(&[claims], &asked), Coverage { read: Some(1), given: Some(1) });
        assert_eq!(
            all(&[Input::default()], &asked).words(),
            "given 1 file; what was read of them is not known"
        );
        assert_eq!(all(&same, &none).words(), "read 1 of 3 files");
    }
}
