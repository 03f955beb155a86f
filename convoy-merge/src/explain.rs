//! Why findings were merged, and why near ones were not: `--explain`.

use std::fmt::Write as _;

use crate::merged::{Merged, member_names, sort};
use crate::model::{Evidence, Location, Member};
use crate::same::{MERGE, POSSIBLE, Pair, Space};

/// So many neighbours of a finding are told.
const NEIGHBOURS: usize = 8;

/// A merge, ready to be asked about.
struct Asked<'a> {
    merged: &'a Merged,
    members: Vec<Member>,
    names: Vec<String>,
    /// By member: the position of its finding.
    finding_of: Vec<usize>,
    space: Space,
}

impl<'a> Asked<'a> {
    fn new(merged: &'a Merged) -> Self {
        let mut members: Vec<Member> = merged.findings.iter().flat_map(|f| f.members.clone()).collect();
        sort(&mut members);
        let finding_of = members
            .iter()
            .map(|member| merged.findings.iter().position(|f| f.members.contains(member)).unwrap_or_default())
            .collect();
        let names = member_names(&members);
        let space = Space::new(&members);
        Asked { merged, members, names, finding_of, space }
    }

    /// The members that a name means: those of a finding (`F3`, its fingerprint), or one (`FILE#2`).
    fn pick(&self, id: &str) -> Vec<usize> {
        let finding =
            self.merged.findings.iter().position(|f| f.id.eq_ignore_ascii_case(id) || f.fingerprint == id);
        (0..self.members.len())
            .filter(|n| {
                self.names[*n] == id
                    || self.names[*n].ends_with(&format!("/{id}"))
                    || finding == Some(self.finding_of[*n])
            })
            .collect()
    }

    fn id(&self, member: usize) -> &str {
        self.merged.findings.get(self.finding_of[member]).map_or("", |finding| &finding.id)
    }

    fn line(&self, member: usize) -> String {
        let place =
            self.members[member].locations.first().map_or_else(|| "project".to_string(), Location::display);
        format!("{} [{place}] {}", self.names[member], self.members[member].title)
    }

    fn tell(&self, out: &mut String, a: usize, b: usize) {
        let pair = self.space.pair(a, b);
        let (place, cause) = (pair.strengths.part("place"), pair.strengths.part("cause"));
        let _ = writeln!(out, "    place {place:+.2}, cause {cause:+.2}");
        for evidence in self.space.why(a, b) {
            let _ = writeln!(out, "    {:+.2}  {}", evidence.weight, evidence.about);
        }
        if let Some(why) = pair.apart {
            let _ = writeln!(out, "    never: {why}");
        }
        if pair.explicit {
            let _ = writeln!(out, "    always: one report says that they are the same");
        }
    }
}

/// A pair's score for people: what spoke for it.
pub(crate) fn in_words(pair: &Pair, why: &[Evidence]) -> String {
    if pair.explicit {
        return "one report says they are the same".to_string();
    }
    let list: Vec<&str> =
        why.iter().filter(|evidence| evidence.weight >= 0.2).take(4).map(|e| e.about.as_str()).collect();
    if list.is_empty() { "the same words".to_string() } else { list.join("; ") }
}

/// Why two findings (or members) are one or are not; `None`: there is no such finding.
pub fn explain_pair(merged: &Merged, a: &str, b: &str) -> Option<String> {
    let asked = Asked::new(merged);
    let (left, right) = (asked.pick(a), asked.pick(b));
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let mut out = String::new();
    let (mut sum, mut count) = (0.0, 0);
    for x in &left {
        for y in right.iter().filter(|y| *y != x) {
            let score = asked.space.score(*x, *y);
            sum += score;
            count += 1;
            let _ = writeln!(out, "{}\n{}: {score:.2}", asked.line(*x), asked.line(*y));
            asked.tell(&mut out, *x, *y);
        }
    }
    let average = if count == 0 { 1.0 } else { sum / f64::from(count) };
    let same = left.iter().chain(&right).all(|n| asked.finding_of[*n] == asked.finding_of[left[0]]);
    let verdict = match (same, average) {
        (true, _) => "one finding",
        (false, s) if s >= MERGE => "kept apart: on average with their companions they are not alike enough",
        (false, s) if s >= POSSIBLE => "not merged; possibly the same",
        (false, _) => "not merged",
    };
    let _ = writeln!(out, "average {average:.2}, merged from {MERGE:.2} on: {verdict}");
    Some(crate::contain::clean(&out))
}

/// Why a finding's members are one, and why its neighbours are not of it; `None`: there
/// is no such finding.
pub fn explain_finding(merged: &Merged, id: &str) -> Option<String> {
    let asked = Asked::new(merged);
    let own = asked.pick(id);
    let first = *own.first()?;
    let finding = merged.findings.get(asked.finding_of[first])?;
    let mut out = format!("{}: {}\n", finding.id, finding.title);
    for (at, member) in own.iter().enumerate() {
        let likest = own[..at]
            .iter()
            .map(|other| (asked.space.score(*other, *member), *other))
            .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
        let _ = writeln!(out, "\n{}", asked.line(*member));
        if let Some((score, other)) = likest {
            let _ = writeln!(out, "  one with {}: {score:.2}", asked.names[other]);
            asked.tell(&mut out, other, *member);
        }
    }
    let near = neighbours(&asked, &own);
    if near.is_empty() {
        out.push_str("\nNothing else is near it.\n");
    }
    for (score, member, other) in near {
        let _ = writeln!(
            out,
            "\nnot {} {}\n  compared with {}: {score:.2}, merged from {MERGE:.2} on",
            asked.id(other),
            asked.line(other),
            asked.names[member]
        );
        asked.tell(&mut out, member, other);
    }
    Some(crate::contain::clean(&out))
}

/// Members of other findings that stand near or are alike, the likest first, one of each
/// finding: score, the own member, the other.
fn neighbours(asked: &Asked, own: &[usize]) -> Vec<(f64, usize, usize)> {
    let mut list: Vec<(f64, usize, usize)> = Vec::new();
    for other in (0..asked.members.len()).filter(|n| !own.contains(n)) {
        let best = own
            .iter()
            .filter(|member| asked.space.is_near(**member, other))
            .map(|member| (asked.space.pair(*member, other).strengths.score(), *member))
            .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
        if let Some((score, member)) = best {
            list.push((score, member, other));
        }
    }
    list.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.2, x.1).cmp(&(y.2, y.1))));
    let mut told: Vec<usize> = Vec::new();
    list.retain(|(_, _, other)| {
        let finding = asked.finding_of[*other];
        let new = !told.contains(&finding);
        told.push(finding);
        new
    });
    list.truncate(NEIGHBOURS);
    list
}
