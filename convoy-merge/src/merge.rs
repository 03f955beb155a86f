//! From the members of all reports to ranked findings. Pure and independent of
//! the order of inputs: members are put into one order before anything else.

use findings::changed::Changed;

use crate::merged::{Gate, sort};
pub use crate::merged::{Merged, member_names};
use crate::model::{Facts, Finding, Input, Location, Member, Reason};
use crate::same::{self, Clusters, Space};
use crate::tree::Tree;
use crate::{excerpt, explain, fingerprint, fresh, paths, places, rank, requirement};
use findings::Severity;

/// What the user may say about the merge.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The project's directory, to make absolute paths relative.
    pub root: Option<String>,
    /// Finding ids, fingerprints or member ids that are to stand apart.
    pub no_merge: Vec<String>,
    /// The reviewed tree, where it is there to look for places.
    pub tree: Option<&'a dyn Tree>,
    /// The lines of the change, where they are known.
    pub changed: Option<Vec<Changed>>,
    pub gate: Gate,
}

/// Merges members into findings.
pub fn merge(mut inputs: Vec<Input>, mut members: Vec<Member>, options: &Options<'_>) -> Merged {
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    paths::normalise(&mut members, options.root.as_deref(), options.tree);
    if let Some(tree) = options.tree {
        places::check(&mut members, &inputs, tree);
    }
    sort(&mut members);
    let space = Space::new(&members);
    let names = member_names(&members);
    // What is stated as data is stated once.
    let listed = |a: usize, b: usize| {
        a != b && members[a].from_data && members[b].from_data && members[a].source == members[b].source
    };
    let mut clusters = same::cluster(members.len(), &space, &listed);
    if !options.no_merge.is_empty() {
        let plain = ranked(grouped(members.clone(), &space, &clusters), &clusters);
        let barred = barred(&members, &names, &plain, &options.no_merge);
        clusters = same::cluster(members.len(), &space, &|a, b| barred[a] && barred[b] || listed(a, b));
    }
    let findings = grouped(members, &space, &clusters);
    // What was compared is most of what is held by now.
    drop(space);
    let mut findings = ranked(findings, &clusters);
    if let Some(changed) = &options.changed {
        fresh::mark(&mut findings, changed, options.tree);
    }
    if let Some(tree) = options.tree {
        excerpt::add(&mut findings, tree);
    }
    Merged { inputs, findings, gate: options.gate, ..Merged::default() }
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

/// Findings of groups of members, in the groups' order. Each member is in one group and moves
/// there: a run of many findings has no room for copies of them all.
fn grouped(members: Vec<Member>, space: &Space, clusters: &Clusters) -> Vec<Finding> {
    let mut members: Vec<Option<Member>> = members.into_iter().map(Some).collect();
    let mut findings: Vec<Finding> = Vec::with_capacity(clusters.groups.len());
    for (n, group) in clusters.groups.iter().enumerate() {
        let mut own: Vec<Member> = Vec::with_capacity(group.len());
        own.extend(group.iter().filter_map(|member| members[*member].take()));
        let mut finding = finding(own, reasons(space, group));
        finding.score = rank::score(&finding);
        // By which its group is known behind the ordering.
        finding.fingerprint = n.to_string();
        findings.push(finding);
    }
    findings
}

/// Findings of groups in their order, with their names and what they have to do with each other.
fn ranked(mut findings: Vec<Finding>, clusters: &Clusters) -> Vec<Finding> {
    rank::order(&mut findings);
    let mut group_of = vec![0; clusters.groups.iter().map(Vec::len).sum()];
    for (at, finding) in findings.iter().enumerate() {
        let n: usize = finding.fingerprint.parse().unwrap_or(0);
        for member in &clusters.groups[n] {
            group_of[*member] = at;
        }
    }
    fingerprint::assign(&mut findings);
    same::possibly(&mut findings, &group_of, &clusters.pairs);
    same::related(&mut findings);
    findings
}

fn finding(own: Vec<Member>, merged_because: Vec<Reason>) -> Finding {
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
        status: own.iter().map(|m| m.status.unwrap_or_default()).min().unwrap_or_default(),
        facts: facts(&own, main),
        merged_because,
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

/// What the member that speaks for all states, else the first that states it.
fn facts(members: &[Member], main: &Member) -> Facts {
    let all = || std::iter::once(main).chain(members).map(|member| &member.facts);
    Facts {
        rule: all().find_map(|facts| facts.rule.clone()),
        domain: all().find_map(|facts| facts.domain.clone()),
        cwe: all().map(|facts| facts.cwe.clone()).find(|cwe| !cwe.is_empty()).unwrap_or_default(),
        fix: all().find_map(|facts| facts.fix.clone()),
        suggestion: all().find_map(|facts| facts.suggestion.clone()),
        trace: all().map(|facts| facts.trace.clone()).find(|trace| !trace.is_empty()).unwrap_or_default(),
        requirement: requirement::of_all(std::iter::once(main).chain(members)),
    }
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
    list.shrink_to_fit();
    list
}

/// One reason per member after the first: its likest companion.
fn reasons(space: &Space, group: &[usize]) -> Vec<Reason> {
    let mut out = Vec::new();
    for (at, member) in group.iter().enumerate().skip(1).take(50) {
        let best = (0..at)
            .take(50)
            .map(|other| (other, space.pair(group[other], *member)))
            .max_by(|x, y| x.1.score.total_cmp(&y.1.score).then(y.0.cmp(&x.0)));
        if let Some((other, pair)) = best {
            let why = space.why(group[other], *member);
            out.push(Reason {
                a: other,
                b: at,
                score: (pair.score * 1000.0).round() / 1000.0,
                reason: explain::in_words(&pair, &why),
                why,
            });
        }
    }
    out
}
