//! The code that a finding is about, as it stands in the reviewed tree: a few lines
//! around its first place, for people who read the report without the project.

use crate::model::{Excerpt, Finding, Location};
use crate::tree::{Looked, Tree};

/// So many lines are kept; a view may show fewer.
const MOST: u32 = 7;
/// A longer line is no line that a person wrote.
const LONGEST: usize = 180;
/// Weaknesses that are a secret in the code: it is not shown again.
const SECRETS: [u32; 6] = [256, 259, 260, 321, 547, 798];

impl Excerpt {
    /// The lines around the finding, at most so many, with their numbers.
    pub fn window(&self, most: usize) -> impl Iterator<Item = (u32, &str)> {
        let there = self.lines.len() as u32;
        let count = there.min(most as u32);
        let own = (self.span.1 - self.span.0 + 1).min(count);
        let before = (count - own).div_ceil(2);
        let wanted = self.span.0.saturating_sub(before).max(self.first) - self.first;
        let skip = wanted.min(there - count);
        (self.first..)
            .zip(&self.lines)
            .skip(skip as usize)
            .take(count as usize)
            .map(|(n, line)| (n, line.as_str()))
    }

    /// The lines of the finding itself; `None`: not all of them are here.
    pub fn own(&self) -> Option<&[String]> {
        let from = self.span.0.checked_sub(self.first)? as usize;
        let to = self.span.1.checked_sub(self.first)? as usize;
        self.lines.get(from..=to)
    }
}

/// Gives every finding that has a place in the tree its code.
pub(crate) fn add(findings: &mut [Finding], tree: &dyn Tree) {
    for finding in findings {
        finding.excerpt = if holds_secret(finding) {
            None
        } else {
            finding.locations.first().and_then(|place| of(place, tree))
        };
    }
}

/// A rule that quotes nothing has found what must not be told.
fn holds_secret(finding: &Finding) -> bool {
    let unquoted = finding.locations.first().is_some_and(|place| place.quote.is_none());
    finding.facts.rule.is_some() && unquoted || finding.facts.cwe.iter().any(|cwe| SECRETS.contains(cwe))
}

fn of(place: &Location, tree: &dyn Tree) -> Option<Excerpt> {
    let from = place.line_start.filter(|line| *line > 0 && !place.is_unplaced())?;
    let to = place.line_end.unwrap_or(from).max(from);
    let Looked::File(lines) = tree.look(place.path().as_path()) else { return None };
    let there = lines.len() as u32;
    if from > there {
        return None;
    }
    let around = MOST.saturating_sub(to - from + 1).div_ceil(2);
    let last_first = (there + 1).saturating_sub(MOST).max(1);
    let first = from.saturating_sub(around).clamp(1, last_first.max(1)).min(from);
    let kept = lines.iter().skip(first as usize - 1).take(MOST as usize);
    Some(Excerpt { first, lines: kept.map(|line| cut(line)).collect(), span: (from, to) })
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};
    use std::rc::Rc;

    #[derive(Debug)]
    struct Lines(u32);

    impl Tree for Lines {
        fn look(&self, _: &Path) -> Looked {
            Looked::File(Rc::new((1..=self.0).map(|n| format!("line {n}")).collect()))
        }

        fn relative(&self, path: &Path) -> Option<PathBuf> {
            Some(path.to_path_buf())
        }
    }

    fn at(from: u32, to: u32) -> Location {
        Location { line_start: Some(from), line_end: Some(to), ..Location::file("a.ts") }
    }

    fn shown(place: &Location, lines: u32, most: usize) -> Vec<u32> {
        of(place, &Lines(lines)).map_or_else(Vec::new, |code| code.window(most).map(|(n, _)| n).collect())
    }

    #[test]
    fn the_lines_around_a_place_are_shown() {
        for (place, lines, most, want) in [
            (at(10, 10), 20, 3, vec![9, 10, 11]),
            (at(10, 10), 20, 7, vec![7, 8, 9, 10, 11, 12, 13]),
            (at(1, 1), 20, 3, vec![1, 2, 3]),
            (at(20, 20), 20, 3, vec![18, 19, 20]),
            (at(2, 2), 2, 7, vec![1, 2]),
            (at(5, 90), 100, 3, vec![5, 6, 7]),
            (at(5, 90), 100, 7, vec![5, 6, 7, 8, 9, 10, 11]),
            (at(30, 30), 20, 3, vec![]),
            (at(0, 0), 20, 3, vec![]),
        ] {
            assert_eq!(shown(&place, lines, most), want, "{place:?} of {lines}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_again() {
        let finding = |rule: Option<&str>, quote: Option<&str>, cwe: Vec<u32>| {
            let mut finding = Finding {
                locations: vec![Location { quote: quote.map(str::to_string), ..at(2, 2) }],
                ..Finding::default()
            };
            (finding.facts.rule, finding.facts.cwe) = (rule.map(str::to_string), cwe);
            let mut list = [finding];
            add(&mut list, &Lines(3));
            list[0].excerpt.is_some()
        };
        assert!(finding(None, None, vec![]) && finding(Some("r"), Some("x"), vec![89]));
        assert!(!finding(Some("r"), None, vec![89]) && !finding(None, Some("k = 'x'"), vec![798]));
    }
}
