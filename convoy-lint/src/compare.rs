//! What was found before a change and what is found after it: a finding that stood
//! there is not of the change, however its code was indented, wrapped or moved. Pure.
//!
//! Each finding of before answers for one of after. Two that are the same before and
//! three after are one new one.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Spot};

/// Rule, file, item and code.
type Key<'a> = (&'a str, Option<&'a Path>, Option<&'a str>, &'a str);

/// In what else than its code a finding has to be the same.
#[derive(Clone, Copy)]
enum Where {
    FileAndItem,
    File,
    Item,
    Wherever,
}

/// As what a finding is known again, the surest first.
const WAYS: [Where; 4] = [Where::FileAndItem, Where::File, Where::Item, Where::Wherever];

/// By its lines, and by its statement.
const CODES: [fn(&Spot) -> &str; 2] = [|spot| &spot.lines, |spot| &spot.statement];

impl Where {
    fn key(self, finding: &Finding, code: fn(&Spot) -> &str) -> Option<Key<'_>> {
        let (file, item) = (Some(finding.path.as_path()), Some(finding.spot.item.as_str()));
        let (file, item) = match self {
            Where::FileAndItem => (file, item),
            Where::File => (file, None),
            Where::Item => (None, Some(item.filter(|item| !item.is_empty())?)),
            Where::Wherever => (None, None),
        };
        Some((&finding.rule, file, item, code(&finding.spot)))
    }
}

/// Says of each finding of after whether it is new. Of a file whose version of before
/// could not be looked at nothing is said, unless its finding was found elsewhere.
pub(crate) fn mark(after: &mut [Finding], before: &[Finding], unread: &BTreeSet<PathBuf>) {
    let mut left: BTreeSet<usize> = (0..before.len()).collect();
    for (way, code) in WAYS.into_iter().flat_map(|way| CODES.map(|code| (way, code))) {
        for n in found_again(after, before, &mut left, |finding| way.key(finding, code)) {
            after[n].new = Some(false);
        }
    }
    for finding in after.iter_mut().filter(|finding| finding.new.is_none()) {
        finding.new = (!unread.contains(&finding.path)).then_some(true);
    }
}

/// Those of after that are found again in this way; each takes one of before that is left.
fn found_again(
    after: &[Finding],
    before: &[Finding],
    left: &mut BTreeSet<usize>,
    key: impl Fn(&Finding) -> Option<Key<'_>>,
) -> Vec<usize> {
    let mut known: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for n in left.iter().rev() {
        if let Some(key) = key(&before[*n]) {
            known.entry(key).or_default().push(*n);
        }
    }
    // Whoever asks about some of them only gets the same answer.
    let mut order: Vec<usize> = (0..after.len()).filter(|n| after[*n].new.is_none()).collect();
    order.sort_by_key(|n| (&after[*n].path, after[*n].line, after[*n].column));
    let mut found = Vec::new();
    for n in order {
        if let Some(old) = key(&after[n]).and_then(|key| known.get_mut(&key)).and_then(Vec::pop) {
            left.remove(&old);
            found.push(n);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rule file item lines statement`
    fn finding(text: &str) -> Finding {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let item = if words[2] == "-" { String::new() } else { words[2].clone() };
        let spot = Spot { item, lines: words[3].clone(), statement: words[4].clone() };
        Finding::sample(&words[0], &words[1], spot)
    }

    fn marks(before: &[&str], after: &[&str], unread: &[&str]) -> Vec<Option<bool>> {
        let before: Vec<Finding> = before.iter().map(|text| finding(text)).collect();
        let mut after: Vec<Finding> = after.iter().map(|text| finding(text)).collect();
        mark(&mut after, &before, &unread.iter().map(PathBuf::from).collect());
        after.iter().map(|one| one.new).collect()
    }

    #[test]
    fn what_stood_there_is_known_wherever_it_went() {
        for (before, after, new) in [
            ("r a f l s", "r a f l s", false),
            ("r a f l s", "r a f l other", false),
            ("r a f l s", "r a f other s", false),
            ("r a f l s", "r a g l other", false),
            ("r a f l s", "r b f l other", false),
            ("r a f l s", "r b g other s", false),
            ("r a - l s", "r b - l other", false),
            ("r a f l s", "r a f other other", true),
            ("r a f l s", "s a f l s", true),
            ("r a f l s", "r a f s l", true),
        ] {
            assert_eq!(marks(&[before], &[after], &[]), [Some(new)], "{before} → {after}");
        }
    }

    #[test]
    fn each_of_before_answers_for_one_of_after() {
        let count = |before: &[&str], after: &[&str]| {
            marks(before, after, &[]).iter().filter(|new| **new == Some(true)).count()
        };
        let same = "r a f l s";
        assert_eq!(count(&[same; 2], &[same; 3]), 1);
        assert_eq!(count(&[same; 3], &[same; 2]), 0);
        assert_eq!(count(&[], &[same]), 1);
        // The one that stayed is not taken for the one that came.
        assert_eq!(marks(&[same], &["r b f l x", same], &[]), [Some(true), Some(false)]);
    }

    #[test]
    fn of_what_could_not_be_looked_at_nothing_is_said() {
        assert_eq!(marks(&[], &["r a f l s", "r b f l s"], &["a"]), [None, Some(true)]);
        assert_eq!(marks(&["r b f l s"], &["r a f l s"], &["a"]), [Some(false)]);
    }
}
