//! Is a finding of this change? It is where it touches a line that the change
//! wrote. What cannot be told is taken for new: a gate must not open by that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use serde::{Deserialize, Serialize};

/// One file of a change, as it is after it. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// Relative to the project.
    pub file: EncodedPath,
    /// First and last line of each stretch that was written, in order.
    pub ranges: Vec<[u32; 2]>,
    /// Lines were taken away behind each of these; 0 is in front of the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deletions: Vec<u32>,
    /// What of all that is comments or blank lines, as far as that is beyond doubt.
    #[serde(default, skip_serializing_if = "Comments::is_empty")]
    pub comments: Comments,
}

/// The part of a change that changes no code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Comments {
    /// Written lines whose code stood there before: only the comment beside it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<u32>,
    /// Written lines that hold no code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<u32>,
    /// Those of `deletions` where nothing but such lines was taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<u32>,
}

impl Comments {
    fn is_empty(&self) -> bool {
        *self == Comments::default()
    }
}

impl Changed {
    /// A file in which nothing is changed yet.
    fn of(file: &Path) -> Self {
        Changed {
            file: file.into(),
            ranges: Vec::new(),
            deletions: Vec::new(),
            comments: Comments::default(),
        }
    }

    /// A file all of which is new, or of which no lines can be told.
    pub fn whole(file: &Path) -> Self {
        Changed { file: file.into(), ranges: vec![[1, u32::MAX]], ..Changed::of(file) }
    }
}

/// Which findings a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateOn {
    /// Those of the change.
    New,
    #[default]
    All,
}

impl GateOn {
    /// As options and files write it.
    pub fn name(self) -> &'static str {
        match self {
            GateOn::New => "new",
            GateOn::All => "all",
        }
    }
}

/// The changed lines of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<PathBuf, Changed>);

/// A place that a finding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Relative to the project.
    pub file: &'a Path,
    /// First and last line; `None`: the whole file, or an item of it without its lines.
    pub lines: Option<(u32, u32)>,
}

impl Changes {
    /// Of these files, each once.
    pub fn new(changed: impl IntoIterator<Item = Changed>) -> Self {
        Changes(changed.into_iter().map(|one| (one.file.as_path().to_path_buf(), one)).collect())
    }

    /// Does a finding with these places belong to the change? One without a place
    /// does. `by_rule`: a rule matched exactly these lines, so that what was taken
    /// away beside them is not what it found; a reviewer may well have found that.
    /// A comment beside code makes nothing of what was found in the code.
    pub fn touch<'a>(&self, places: impl IntoIterator<Item = Place<'a>>, by_rule: bool) -> bool {
        let mut places = places.into_iter().peekable();
        places.peek().is_none() || places.any(|place| self.touches(place, by_rule))
    }

    fn touches(&self, place: Place<'_>, by_rule: bool) -> bool {
        let file = place.file.strip_prefix(".").unwrap_or(place.file);
        let Some(changed) = self.0.get(file) else { return false };
        let Some((first, last)) = place.lines else { return true };
        let last = last.max(first);
        // What is found in a comment is of those who wrote the comment.
        let code = !(first..=last).all(|line| changed.comments.alone.contains(&line));
        let quiet = |from: u32, to: u32| {
            let within = |lines: &[u32]| lines.iter().filter(|line| (from..=to).contains(*line)).count();
            within(&changed.comments.beside) + if code { within(&changed.comments.alone) } else { 0 }
        };
        let written = changed.ranges.iter().any(|[from, to]| {
            let (from, to) = ((*from).max(first), (*to).min(last));
            from <= to && (to - from) as usize + 1 > quiet(from, to)
        });
        // Behind line n, so between n and n + 1.
        let taken = |&behind: &u32| {
            if by_rule { first <= behind && behind < last } else { first <= behind + 1 && behind <= last }
        };
        let gone = changed.deletions.iter().filter(|behind| !changed.comments.taken.contains(behind));
        written || gone.into_iter().any(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Changes {
        let file = |name: &str, ranges: &[[u32; 2]], deletions: &[u32]| Changed {
            file: Path::new(name).into(),
            ranges: ranges.to_vec(),
            deletions: deletions.to_vec(),
            comments: Comments::default(),
        };
        Changes::new([
            file("a.ts", &[[3, 4], [9, 9]], &[20]),
            file("top.ts", &[], &[0]),
            Changed::whole(Path::new("new.ts")),
        ])
    }

    #[test]
    fn a_finding_is_new_where_it_touches_a_line_that_was_written() {
        for (file, lines, want) in [
            ("a.ts", Some((2, 2)), false),
            ("a.ts", Some((3, 3)), true),
            ("a.ts", Some((1, 3)), true),
            ("a.ts", Some((4, 8)), true),
            ("a.ts", Some((5, 8)), false),
            ("a.ts", Some((1, 30)), true),
            ("./a.ts", Some((9, 9)), true),
            ("a.ts", None, true),
            ("b.ts", Some((3, 3)), false),
            ("b.ts", None, false),
            ("new.ts", Some((1, 1)), true),
            ("new.ts", Some((70_000, 70_000)), true),
        ] {
            let place = Place { file: Path::new(file), lines };
            for by_rule in [true, false] {
                assert_eq!(changes().touch([place], by_rule), want, "{file} {lines:?}");
            }
        }
    }

    #[test]
    fn what_was_taken_away_beside_it_is_new_to_a_reviewer_and_not_to_a_rule() {
        for (file, lines, reviewer, rule) in [
            ("a.ts", (20, 20), true, false),
            ("a.ts", (21, 21), true, false),
            ("a.ts", (20, 21), true, true),
            ("a.ts", (19, 19), false, false),
            ("a.ts", (22, 22), false, false),
            ("top.ts", (1, 1), true, false),
            ("top.ts", (2, 2), false, false),
        ] {
            let place = Place { file: Path::new(file), lines: Some(lines) };
            assert_eq!(changes().touch([place], false), reviewer, "{file} {lines:?}");
            assert_eq!(changes().touch([place], true), rule, "{file} {lines:?}");
        }
    }

    #[test]
    fn comments_beside_code_make_nothing_of_what_was_found_in_it() {
        let comments = Comments { beside: vec![4], alone: vec![2, 3, 8], taken: vec![20] };
        let file = Changed {
            ranges: vec![[2, 4], [8, 9]],
            deletions: vec![20, 30],
            comments,
            ..Changed::of(Path::new("a.ts"))
        };
        let changes = Changes::new([file]);
        for (lines, want) in [
            ((4, 4), false),
            ((1, 4), false),
            ((3, 5), false),
            ((2, 3), true),
            ((2, 2), true),
            ((7, 8), false),
            ((8, 9), true),
            ((20, 20), false),
            ((30, 30), true),
        ] {
            let place = Place { file: Path::new("a.ts"), lines: Some(lines) };
            assert_eq!(changes.touch([place], false), want, "{lines:?}");
        }
        let whole = Changes::new([Changed::whole(Path::new("b.ts"))]);
        let all = Place { file: Path::new("b.ts"), lines: Some((1, u32::MAX)) };
        assert!(whole.touch([all], true));
    }

    #[test]
    fn one_place_in_the_change_is_enough_and_none_at_all_as_well() {
        let at = |line| Place { file: Path::new("a.ts"), lines: Some((line, line)) };
        assert!(changes().touch([at(1), at(9)], true));
        assert!(!changes().touch([at(1), at(8)], true));
        assert!(changes().touch([], true));
    }
}
