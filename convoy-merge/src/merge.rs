//! From the members of all reports to ranked findings. Pure and independent of
//! the order of inputs: members are put into one order before anything else.

use std::fmt::Write as _;

use crate::cluster;
use crate::matching::{Parts, Space};
use crate::model::{Counts, Finding, Input, Location, Member, Reason, Severity};
use crate::{fingerprint, paths, rank, relate};

/// What the user may say about the merge.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The project's directory, to make absolute paths relative.
    pub root: Option<String>,
    /// Finding ids, fingerprints or member ids that are to stand apart.
    pub no_merge: Vec<String>,
}

/// The result of a merge: the JSON output without its version.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    pub inputs: Vec<Input>,
    pub findings: Vec<Finding>,
}

impl Merged {
    /// Findings that stand: neither withdrawn, settled, suppressed nor gone.
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| stands(f))
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.standing().for_each(|f| counts.add(f.severity));
        counts
    }

    /// How many members were merged away.
    pub fn duplicates(&self) -> usize {
        self.findings.iter().map(|f| f.members.len().saturating_sub(1)).sum()
    }
}

pub fn stands(finding: &Finding) -> bool {
    !finding.withdrawn
        && !finding.status.is_settled()
        && finding.suppressed.is_none()
        && finding.baseline.as_deref() != Some("gone")
}

/// Merges members into findings.
pub fn merge(mut inputs: Vec<Input>, mut members: Vec<Member>, options: &Options) -> Merged {
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    paths::normalise(&mut members, options.root.as_deref());
    members.sort_by(|a, b| {
        (&a.source, a.byte_range, &a.title, &a.locations, &a.text).cmp(&(
            &b.source,
            b.byte_range,
            &b.title,
            &b.locations,
            &b.text,
        ))
    });
    let space = Space::new(&members);
    let names = member_names(&members);
    let plain = build(&members, &space, &|_, _| false);
    let findings = if options.no_merge.is_empty() {
        plain
    } else {
        let barred = barred(&members, &names, &plain, &options.no_merge);
        build(&members, &space, &|a, b| barred[a] && barred[b])
    };
    Merged { inputs, findings }
}

/// `<source>#<n>`: how a member can be named by people.
pub fn member_names(members: &[Member]) -> Vec<String> {
    let mut names = Vec::with_capacity(members.len());
    let mut n = 0;
    for (at, member) in members.iter().enumerate() {
        n = if at > 0 && members[at - 1].source == member.source { n + 1 } else { 1 };
        names.push(format!("{}#{n}", member.source));
    }
    names
}

/// The members that must not meet each other.
fn barred(members: &[Member], names: &[String], findings: &[Finding], wanted: &[String]) -> Vec<bool> {
    let mut out = vec![false; members.len()];
    for id in wanted {
        let whole = findings.iter().find(|f| f.id.eq_ignore_ascii_case(id) || f.fingerprint == *id);
        for (n, member) in members.iter().enumerate() {
            if whole.is_some_and(|f| f.members.contains(member)) || names[n] == *id {
                out[n] = true;
            }
        }
    }
    out
}

fn build(members: &[Member], space: &Space, apart: &dyn Fn(usize, usize) -> bool) -> Vec<Finding> {
    let clusters = cluster::cluster(members, space, apart);
    let mut made: Vec<(Finding, Vec<usize>)> =
        clusters.groups.iter().map(|group| (finding(members, space, group), group.clone())).collect();
    for (finding, _) in &mut made {
        finding.score = rank::score(finding);
    }
    // Order findings and groups alike.
    let mut findings: Vec<Finding> = made.iter().map(|(f, _)| f.clone()).collect();
    for (n, finding) in findings.iter_mut().enumerate() {
        finding.fingerprint = n.to_string();
    }
    rank::order(&mut findings);
    let mut group_of = vec![0; members.len()];
    for (at, finding) in findings.iter().enumerate() {
        let n: usize = finding.fingerprint.parse().unwrap_or(0);
        for member in &made[n].1 {
            group_of[*member] = at;
        }
    }
    fingerprint::assign(&mut findings);
    relate::possibly(&mut findings, &group_of, &clusters.pairs);
    relate::related(&mut findings);
    findings
}

fn finding(members: &[Member], space: &Space, group: &[usize]) -> Finding {
    let own: Vec<Member> = group.iter().map(|n| members[*n].clone()).collect();
    let main = main_member(&own);
    let mut reviewers: Vec<String> = own
        .iter()
        .flat_map(|m| m.reviewer.split(", "))
        .filter(|r| !r.is_empty())
        .map(str::to_string)
        .collect();
    reviewers.sort();
    reviewers.dedup();
    Finding {
        title: main.title.clone(),
        severity: own.iter().map(|m| m.severity).max().unwrap_or(Severity::Unrated),
        category: main.category.clone().or_else(|| own.iter().find_map(|m| m.category.clone())),
        locations: union(&own, main),
        reviewers,
        withdrawn: own.iter().all(|m| m.withdrawn),
        status: own.iter().map(|m| m.status).min().unwrap_or_default(),
        merged_because: reasons(space, group),
        members: own,
        ..Finding::default()
    }
}

/// The member that speaks for all: the most severe, with a line, first.
fn main_member(members: &[Member]) -> &Member {
    let mut best = &members[0];
    for member in members {
        let key = |m: &Member| {
            (
                !m.withdrawn,
                m.severity,
                m.locations.first().is_some_and(|l| l.line_start.is_some()),
                !m.locations.is_empty(),
                m.title.split_whitespace().count() >= 3,
            )
        };
        if key(member) > key(best) {
            best = member;
        }
    }
    best
}

fn union(members: &[Member], main: &Member) -> Vec<Location> {
    let mut list: Vec<Location> = Vec::new();
    for place in main.locations.iter().chain(members.iter().flat_map(|m| &m.locations)) {
        let known = list.iter().any(|old| {
            old.file == place.file
                && (old.line_start == place.line_start && old.line_end == place.line_end
                    || place.line_start.is_none())
        });
        if !known && list.len() < 500 {
            list.push(place.clone());
        }
    }
    // A bare file is only named if nobody gave a line in it.
    let lined: std::collections::HashSet<String> =
        list.iter().filter(|l| l.line_start.is_some()).map(|l| l.file.clone()).collect();
    list.retain(|l| l.line_start.is_some() || !lined.contains(&l.file));
    list
}

/// One reason per member after the first: its likest companion.
fn reasons(space: &Space, group: &[usize]) -> Vec<Reason> {
    let mut out = Vec::new();
    for (at, member) in group.iter().enumerate().skip(1).take(50) {
        let best = (0..at)
            .take(50)
            .map(|other| (other, space.parts(group[other], *member)))
            .max_by(|x, y| x.1.score.total_cmp(&y.1.score).then(y.0.cmp(&x.0)));
        if let Some((other, parts)) = best {
            out.push(Reason {
                a: other,
                b: at,
                score: (parts.score * 1000.0).round() / 1000.0,
                reason: in_words(&parts),
                why: Vec::new(),
            });
        }
    }
    out
}

/// A pair's score for people.
pub(crate) fn in_words(parts: &Parts) -> String {
    if parts.explicit {
        return "one report says they are the same".to_string();
    }
    let place = match parts.place {
        p if p >= 0.75 => "same lines",
        p if crate::matching::is_file_only(p) => "same file",
        p if p > 0.2 => "near lines",
        p if p > 0.0 => "same file",
        _ => "no shared place",
    };
    format!("{place}; title {:.2}, text {:.2}, identifiers {:.2}", parts.title, parts.body, parts.idents)
}

/// Why two findings (or members) are one or are not, for `--explain`.
pub fn explain(merged: &Merged, a: &str, b: &str) -> Option<String> {
    let mut members: Vec<Member> = merged.findings.iter().flat_map(|f| f.members.clone()).collect();
    members.sort_by(|x, y| {
        (&x.source, x.byte_range, &x.title, &x.locations, &x.text).cmp(&(
            &y.source,
            y.byte_range,
            &y.title,
            &y.locations,
            &y.text,
        ))
    });
    let names = member_names(&members);
    let space = Space::new(&members);
    let pick = |id: &str| -> Vec<usize> {
        let finding = merged.findings.iter().find(|f| f.id.eq_ignore_ascii_case(id) || f.fingerprint == id);
        (0..members.len())
            .filter(|n| {
                names[*n] == id
                    || names[*n].ends_with(&format!("/{id}"))
                    || finding.is_some_and(|f| f.members.contains(&members[*n]))
            })
            .collect()
    };
    let (left, right) = (pick(a), pick(b));
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let mut out = String::new();
    let mut sum = 0.0;
    let mut count = 0;
    for x in &left {
        for y in right.iter().filter(|y| *y != x) {
            let parts = space.parts(*x, *y);
            sum += parts.score;
            count += 1;
            let _ = write!(
                out,
                "{} and {}: {:.2}\n  {}; adjusted by {:+.2}\n",
                names[*x],
                names[*y],
                parts.score,
                in_words(&parts),
                parts.adjust
            );
        }
    }
    let average = if count == 0 { 1.0 } else { sum / f64::from(count) };
    let same =
        merged.findings.iter().any(|f| left.iter().chain(&right).all(|n| f.members.contains(&members[*n])));
    let verdict = match (same, average) {
        (true, _) => "one finding",
        (false, s) if s >= crate::matching::MERGE => {
            "kept apart: on average with their companions they are not alike enough"
        }
        (false, s) if s >= crate::matching::POSSIBLE => "not merged; possibly the same",
        (false, _) => "not merged",
    };
    let _ = writeln!(out, "average {average:.2}, merged from {:.2} on: {verdict}", crate::matching::MERGE);
    Some(crate::render::clean(&out))
}
