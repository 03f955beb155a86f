//! Findings of several reviewers of one change, `NAME.set`: which of them are one defect.
//!
//! `== GROUP`, then its findings: `REVIEWER|PLACE|RULE|TITLE` and lines of text, where a
//! place is `FILE`, `FILE:LINE`, `FILE:FROM-TO` or `FILE::SYMBOL`, and a rule a weakness
//! number, the name of a tool's rule, or empty. A reviewer is one letter. `apart A B`: two groups that are easily
//! taken for one. Findings of two groups are two defects.

use std::fs;
use std::path::{Path, PathBuf};

use convoy_merge::explain::explain_pair;
use convoy_merge::merge::{Merged, Options, member_names, merge};
use convoy_merge::model::{Location, Member};

use crate::sorted;

/// Pairs that were joined rightly, wrongly, missed, and the hard negatives joined, of how many.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Pairs {
    pub(crate) right: usize,
    pub(crate) wrong: usize,
    pub(crate) missed: usize,
    pub(crate) negatives: (usize, usize),
}

impl Pairs {
    pub(crate) fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    pub(crate) fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

/// The files of sets in a directory.
pub(crate) fn sets(dir: &Path) -> Vec<PathBuf> {
    sorted(dir).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "set")).collect()
}

pub(crate) fn figures(dir: &Path, verbose: bool) -> Pairs {
    let mut out = Pairs::default();
    for path in sets(dir) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        count(&mut out, &name, &fs::read_to_string(&path).expect("a set"), verbose);
    }
    out
}

pub(crate) fn score(dir: &Path, verbose: bool) {
    let pairs = figures(dir, verbose);
    println!("{}", dir.display());
    println!(
        "  pairs       P {:.3} R {:.3} ({} joined, {} wrongly, {} missed), hard negatives merged {} of {}",
        pairs.precision(),
        pairs.recall(),
        pairs.right,
        pairs.wrong,
        pairs.missed,
        pairs.negatives.0,
        pairs.negatives.1
    );
}

/// A finding and the group it belongs to.
struct Told {
    group: String,
    member: Member,
}

fn count(out: &mut Pairs, name: &str, text: &str, verbose: bool) {
    let (told, apart) = read(text);
    let members: Vec<Member> = told.iter().map(|t| t.member.clone()).collect();
    let merged = merge(Vec::new(), members, &Options::default());
    let whole = |t: &Told| position(&merged, &t.member);
    for (n, a) in told.iter().enumerate() {
        for b in &told[n + 1..] {
            let (same, together) = (a.group == b.group, whole(a) == whole(b));
            match (same, together) {
                (true, true) => out.right += 1,
                (false, true) => out.wrong += 1,
                (true, false) => out.missed += 1,
                (false, false) => {}
            }
            if verbose && same != together {
                println!("PAIR {name} {}: {}", if together { "WRONGLY JOINED" } else { "missed" }, a.group);
                println!("{}", why(&merged, a, b));
            }
        }
    }
    for (x, y) in apart {
        let of = |group: &str| told.iter().filter(|t| t.group == group).collect::<Vec<_>>();
        let joined = of(&x).iter().any(|a| of(&y).iter().any(|b| whole(a) == whole(b)));
        out.negatives.0 += usize::from(joined);
        out.negatives.1 += 1;
    }
}

fn position(merged: &Merged, member: &Member) -> usize {
    let is = |m: &Member| m.source == member.source && m.byte_range == member.byte_range;
    merged.findings.iter().position(|f| f.members.iter().any(is)).expect("every member is in a finding")
}

fn why(merged: &Merged, a: &Told, b: &Told) -> String {
    let mut members: Vec<Member> = merged.findings.iter().flat_map(|f| f.members.clone()).collect();
    members.sort_by(|x, y| (&x.source, x.byte_range).cmp(&(&y.source, y.byte_range)));
    let names = member_names(&members);
    let name = |t: &Told| {
        members
            .iter()
            .position(|m| m.byte_range == t.member.byte_range)
            .map(|at| names[at].clone())
            .unwrap_or_default()
    };
    explain_pair(merged, &name(a), &name(b)).unwrap_or_default()
}

/// The findings of a set, and the groups that are easily taken for one.
fn read(text: &str) -> (Vec<Told>, Vec<(String, String)>) {
    let (mut told, mut apart): (Vec<Told>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut group = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            group = name.trim().to_string();
        } else if let Some(pair) = line.strip_prefix("apart ") {
            let (a, b) = pair.split_once(' ').expect("two groups");
            apart.push((a.to_string(), b.trim().to_string()));
        } else if line.as_bytes().get(1) == Some(&b'|') {
            told.push(Told { group: group.clone(), member: finding(line, told.len()) });
        } else if let Some(last) = told.last_mut() {
            assert!(!is_head(line), "a reviewer's name is one letter: {line}");
            for text in [&mut last.member.body, &mut last.member.text] {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    (told, apart)
}

/// Is a line the head of a finding, by whatever name: `REVIEWER|PLACE|RULE|TITLE`?
fn is_head(line: &str) -> bool {
    let parts: Vec<&str> = line.splitn(4, '|').collect();
    let name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-');
    parts.len() == 4 && name(parts[0]) && !parts[3].starts_with('|')
}

fn finding(head: &str, n: usize) -> Member {
    let parts: Vec<&str> = head.splitn(4, '|').collect();
    assert_eq!(parts.len(), 4, "no finding: {head}");
    let (who, place, rule, title) = (parts[0], parts[1], parts[2], parts[3]);
    let mut member = Member {
        source: format!("{who}.md"),
        reviewer: who.to_string(),
        title: title.to_string(),
        locations: vec![location(place)],
        byte_range: [n * 10, n * 10 + 9],
        text: format!("{title}\n"),
        ..Member::default()
    };
    if let Some(number) = rule.strip_prefix("CWE-") {
        member.facts.cwe = vec![number.parse().expect("a number")];
        member.text = format!("{title} ({rule})\n");
    } else if !rule.is_empty() {
        (member.label, member.category) = (Some(rule.to_string()), Some(rule.to_string()));
        member.severity_from = Some("sarif".to_string());
    }
    member
}

fn location(place: &str) -> Location {
    if let Some((file, symbol)) = place.split_once("::") {
        return Location { symbol: Some(symbol.to_string()), ..Location::file(file) };
    }
    let Some((file, lines)) = place.rsplit_once(':') else { return Location::file(place) };
    let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
    Location { line_start: from.parse().ok(), line_end: to.parse().ok(), ..Location::file(file) }
}
