//! What several say of one place is one finding that names them all. Pure.
//!
//! The same is said by rules of one name or number, by one of ours that knows the other's
//! name (`metadata.noqa`), and by those of one CWE, where their lines meet.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use crate::finding::{Finding, Said};

/// Of code over many lines, where ours may be met.
const SPAN: usize = 20;

/// Puts what others found to ours: `names` are those that other linters have for our rules.
pub(super) fn merge(
    ours: &mut Vec<Finding>,
    suppressed: &mut [Finding],
    others: Vec<Finding>,
    names: &BTreeMap<String, Vec<String>>,
) {
    let mut by_file: HashMap<PathBuf, Vec<At>> = HashMap::new();
    for (at, finding) in suppressed.iter().enumerate() {
        by_file.entry(finding.path.clone()).or_default().push(At::Suppressed(at));
    }
    for (at, finding) in ours.iter().enumerate() {
        by_file.entry(finding.path.clone()).or_default().push(At::Told(at));
    }
    for other in others {
        let there = by_file.entry(other.path.clone()).or_default();
        let met = there.iter().find(|at| is_same(at.of(ours, suppressed), &other, names)).copied();
        match met {
            Some(at) => {
                let own = match at {
                    At::Told(at) => &mut ours[at],
                    At::Suppressed(at) => &mut suppressed[at],
                };
                own.confidence = own.confidence.max(other.confidence);
                let new: Vec<Said> = other.said.into_iter().filter(|said| !own.said.contains(said)).collect();
                own.said.extend(new);
            }
            None => {
                there.push(At::Told(ours.len()));
                ours.push(other);
            }
        }
    }
}

/// Where a finding is.
#[derive(Debug, Clone, Copy)]
enum At {
    Told(usize),
    Suppressed(usize),
}

impl At {
    fn of<'f>(self, told: &'f [Finding], suppressed: &'f [Finding]) -> &'f Finding {
        match self {
            At::Told(at) => &told[at],
            At::Suppressed(at) => &suppressed[at],
        }
    }
}

fn is_same(one: &Finding, other: &Finding, names: &BTreeMap<String, Vec<String>>) -> bool {
    let meets =
        |one: &Finding, other: &Finding| (one.line..=one.end_line.min(one.line + SPAN)).contains(&other.line);
    if !meets(one, other) && !meets(other, one) {
        return false;
    }
    let is_called = |name: &str| other.said.iter().any(|said| is_one_rule(name, &said.rule));
    if names.get(&one.rule).into_iter().flatten().any(|name| is_called(name)) {
        return true;
    }
    let is_of_one_kind = one.cwe.iter().any(|cwe| other.cwe.contains(cwe));
    one.line == other.line && (is_of_one_kind || one.said.iter().any(|said| is_called(&said.rule)))
}

/// `S307` and `B307`; `no-eval`, and `plugin/no-eval`.
fn is_one_rule(one: &str, other: &str) -> bool {
    let last = |name: &str| name.rsplit(['/', ':', '.']).next().unwrap_or_default().to_lowercase();
    let (one, other) = (last(one), last(other));
    let bandit = |one: &str, other: &str| {
        let numbers = one.strip_prefix('s').zip(other.strip_prefix('b'));
        numbers.is_some_and(|(one, other)| {
            one == other && one.len() == 3 && one.bytes().all(|c| c.is_ascii_digit())
        })
    };
    !one.is_empty() && (one == other || bandit(&one, &other) || bandit(&other, &one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Spot;

    fn ours(rule: &str, line: usize, end_line: usize) -> Finding {
        Finding { line, end_line, ..Finding::sample(rule, "a.py", Spot::default()) }
    }

    fn theirs(tool: &str, rule: &str, line: usize) -> Finding {
        let said = Said { tool: tool.to_owned(), version: None, rule: rule.to_owned() };
        Finding { said: vec![said], ..ours(&format!("{tool}/{rule}"), line, line) }
    }

    /// What is left, as `rule line: who else`.
    fn merged(mut told: Vec<Finding>, mut quiet: Vec<Finding>, others: Vec<Finding>) -> Vec<String> {
        let names = BTreeMap::from([("py-eval".to_owned(), vec!["S307".to_owned(), "eval-used".to_owned()])]);
        merge(&mut told, &mut quiet, others, &names);
        let line = |finding: &Finding| {
            let said: Vec<_> =
                finding.said.iter().map(|said| format!("{} {}", said.tool, said.rule)).collect();
            format!("{} {}: {}", finding.rule, finding.line, said.join(", "))
        };
        told.iter().map(line).chain(quiet.iter().map(|one| format!("({})", line(one)))).collect()
    }

    #[test]
    fn what_two_say_of_one_place_is_one() {
        let others = vec![theirs("ruff", "S307", 3), theirs("bandit", "B307", 2), theirs("ruff", "S307", 9)];
        let left = merged(vec![ours("py-eval", 2, 4)], Vec::new(), others);
        assert_eq!(left, ["py-eval 2: ruff S307, bandit B307", "ruff/S307 9: ruff S307"]);
        let left =
            merged(Vec::new(), Vec::new(), vec![theirs("ruff", "S307", 3), theirs("bandit", "B307", 3)]);
        assert_eq!(left, ["ruff/S307 3: ruff S307, bandit B307"]);
    }

    #[test]
    fn other_causes_and_other_places_stay_apart() {
        let others = vec![theirs("ruff", "S102", 2), theirs("ruff", "F821", 2), theirs("bandit", "B999", 2)];
        assert_eq!(merged(vec![ours("py-eval", 2, 2)], Vec::new(), others).len(), 4);
        let cwe = |finding: Finding| Finding { cwe: vec![94], ..finding };
        let left = merged(
            vec![cwe(ours("own", 2, 9))],
            Vec::new(),
            vec![cwe(theirs("x", "y", 2)), cwe(theirs("x", "y", 3))],
        );
        assert_eq!(left, ["own 2: x y", "x/y 3: x y"], "a CWE alone says it of the same line only");
    }

    #[test]
    fn what_a_comment_silences_is_not_told_by_another() {
        let left = merged(Vec::new(), vec![ours("py-eval", 2, 2)], vec![theirs("ruff", "S307", 2)]);
        assert_eq!(left, ["(py-eval 2: ruff S307)"]);
    }
}
