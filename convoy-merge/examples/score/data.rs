//! Labelled data: `NAME.EXT` beside `NAME.labels.json`, sets of reports of one change
//! with `SET.same.json`, and packs of short texts that are clean or are not.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use convoy_merge::extract::{Rules, extract_by};
use convoy_merge::merge::{Options, merge};
use convoy_merge::model::{Member, Recognised, Status};
use serde_json::Value;

use crate::{sorted, text_of};

/// A line of a pack.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) text: String,
}

pub(crate) fn lines(path: &Path) -> Vec<Line> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_string();
    fs::read_to_string(path)
        .expect("pack")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .map(|v| Line { name: text(&v, "name"), kind: text(&v, "kind"), text: text(&v, "text") })
        .collect()
}

/// What was counted.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Figures {
    pub(crate) found: usize,
    pub(crate) wrong: usize,
    pub(crate) lost: usize,
    pub(crate) file: (usize, usize),
    pub(crate) line: (usize, usize),
    pub(crate) severity: (usize, usize),
    pub(crate) status: (usize, usize),
    pub(crate) documents: usize,
    /// Documents below .70.
    pub(crate) bad: Vec<String>,
    /// What it is → what it was read as → how many.
    pub(crate) states: BTreeMap<(String, String), Vec<String>>,
    /// Read as clean though it is not.
    pub(crate) falsely_clean: Vec<String>,
    pub(crate) clean_missed: Vec<String>,
    /// Pairs: right, wrong, missed; hard negatives merged, of how many.
    pub(crate) pairs: (usize, usize, usize),
    /// Missed pairs of which a finding was not read at all.
    pub(crate) unread: usize,
    pub(crate) negatives: (usize, usize),
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

impl Figures {
    pub(crate) fn precision(&self) -> f64 {
        share(self.found, self.found + self.wrong)
    }

    pub(crate) fn recall(&self) -> f64 {
        share(self.found, self.found + self.lost)
    }

    pub(crate) fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
    }
}

pub(crate) fn score(dir: &Path, verbose: bool, rules: Rules) {
    let f = figures(dir, verbose, rules);
    println!("{}", dir.display());
    println!(
        "  extraction  P {:.3} R {:.3} F1 {:.3}  ({} found, {} wrong, {} lost)",
        f.precision(),
        f.recall(),
        f.f1(),
        f.found,
        f.wrong,
        f.lost
    );
    let rate = |(right, of): (usize, usize)| format!("{:.3} ({right}/{of})", share(right, of));
    println!(
        "  where found file {} line {} severity {} status {}",
        rate(f.file),
        rate(f.line),
        rate(f.severity),
        rate(f.status)
    );
    println!("  below .70   {} of {}: {}", f.bad.len(), f.documents, f.bad.join(" "));
    println!("  read as clean though it is not: {} {}", f.falsely_clean.len(), f.falsely_clean.join(" "));
    println!("  clean and not read so: {} {}", f.clean_missed.len(), f.clean_missed.join(" "));
    for ((is, read), names) in &f.states {
        let shown = if is == read { String::new() } else { names.join(" ") };
        println!("  state {is:10} read as {read:10} {:4} {shown}", names.len());
    }
    let (right, wrong, missed) = f.pairs;
    println!(
        "  pairs       P {:.3} R {:.3} ({right} joined, {wrong} wrongly, {missed} missed, {} of these not read), hard negatives merged {} of {}",
        share(right, right + wrong),
        share(right, right + missed),
        f.unread,
        f.negatives.0,
        f.negatives.1
    );
}

pub(crate) fn figures(dir: &Path, verbose: bool, rules: Rules) -> Figures {
    let mut out = Figures::default();
    let mut read: BTreeMap<String, (Vec<Member>, Vec<Option<usize>>)> = BTreeMap::new();
    for labels in sorted(dir).into_iter().filter(|p| p.to_string_lossy().ends_with(".labels.json")) {
        let Some(path) = text_beside(&labels) else { continue };
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let label: Value = serde_json::from_str(&fs::read_to_string(&labels).expect("labels")).expect("json");
        let found = extract_by(&text_of(&path), &name, rules);
        let state = label["state"].as_str().unwrap_or_default().to_string();
        let was = match (found.recognised, found.complete) {
            (Recognised::Findings, true) => "findings",
            (Recognised::Clean, true) => "clean",
            (Recognised::Unreadable | Recognised::Empty, true) => "unreadable",
            (_, false) => "incomplete",
        };
        if was == "clean" && state != "clean" {
            out.falsely_clean.push(name.clone());
        }
        out.states.entry((state, was.to_string())).or_default().push(name.clone());
        let matched = document(&mut out, &name, &label, &found.members, verbose);
        let members = found
            .members
            .into_iter()
            .map(|m| Member { source: name.clone(), reviewer: name.clone(), ..m })
            .collect();
        read.insert(name, (members, matched));
    }
    for (pack, clean) in [("not-clean.jsonl", false), ("clean.jsonl", true)] {
        let path = dir.join(pack);
        for line in path.is_file().then(|| lines(&path)).into_iter().flatten() {
            let found = extract_by(&line.text, &line.name, rules);
            let was_clean = found.recognised == Recognised::Clean;
            if was_clean && !clean {
                out.falsely_clean.push(format!("{}:{}", line.kind, line.name));
            } else if !was_clean && clean {
                out.clean_missed.push(line.name);
            }
        }
    }
    for same in sorted(dir).into_iter().filter(|p| p.to_string_lossy().ends_with(".same.json")) {
        pairs(&mut out, &same, &read, verbose);
    }
    out
}

fn text_beside(labels: &Path) -> Option<PathBuf> {
    let name = labels.file_name()?.to_string_lossy();
    let stem = format!("{}.", name.strip_suffix(".labels.json")?);
    sorted(labels.parent()?).into_iter().find(|p| {
        let other = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        other.strip_prefix(&stem).is_some_and(|ext| !ext.contains('.') && p != labels)
    })
}

/// Counts one document; for each label the index of what was read.
fn document(
    out: &mut Figures,
    name: &str,
    label: &Value,
    members: &[Member],
    verbose: bool,
) -> Vec<Option<usize>> {
    let gold: Vec<&Value> = label["findings"].as_array().into_iter().flatten().collect();
    let mut likely: Vec<(f64, usize, usize)> = Vec::new();
    for (i, g) in gold.iter().enumerate() {
        for (j, m) in members.iter().enumerate() {
            likely.push((likeness(g, m), i, j));
        }
    }
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut matched: Vec<Option<usize>> = vec![None; gold.len()];
    let mut used = HashSet::new();
    for (score, i, j) in likely {
        if score >= 0.4 && matched[i].is_none() && used.insert(j) {
            matched[i] = Some(j);
        }
    }
    let (mut found, mut lost) = (0, 0);
    for (g, at) in gold.iter().zip(&matched) {
        let optional = g["optional"].as_bool() == Some(true);
        match at {
            Some(at) if !optional => {
                found += 1;
                details(out, name, g, &members[*at], verbose);
            }
            None if !optional => {
                lost += 1;
                if verbose {
                    println!(
                        "LOST {name}: {} {}",
                        g["severity"].as_str().unwrap_or("-"),
                        g["title"].as_str().unwrap_or_default()
                    );
                }
            }
            _ => {}
        }
    }
    let wrong = (0..members.len()).filter(|j| !used.contains(j)).count();
    if verbose {
        for (_, m) in members.iter().enumerate().filter(|(j, _)| !used.contains(j)) {
            println!("WRONG {name}: {} {}", m.severity.name(), m.title);
        }
    }
    out.found += found;
    out.lost += lost;
    out.wrong += wrong;
    out.documents += 1;
    let f1 = share(2 * found, 2 * found + lost + wrong);
    if f1 < 0.7 {
        out.bad.push(format!("{name}={f1:.2}"));
    }
    matched
}

fn details(out: &mut Figures, name: &str, g: &Value, m: &Member, verbose: bool) {
    let count = |which: &mut (usize, usize), what: &str, right: bool, is: String| {
        which.1 += 1;
        which.0 += usize::from(right);
        if verbose && !right {
            println!("{what} {name}: {} is read as {is}, not {}", m.title, g[what]);
        }
    };
    let first = m.locations.first();
    if let Some(file) = g["file"].as_str() {
        let right = m.locations.iter().any(|l| {
            l.file == file || l.file.ends_with(&format!("/{file}")) || file.ends_with(&format!("/{}", l.file))
        });
        count(&mut out.file, "file", right, first.map_or(String::new(), |l| l.file.clone()));
        if let Some(line) = g["line_start"].as_u64() {
            let right = m.locations.iter().any(|l| l.line_start.map(u64::from) == Some(line));
            count(&mut out.line, "line_start", right, format!("{:?}", first.and_then(|l| l.line_start)));
        }
    }
    if let Some(severity) = g["severity"].as_str() {
        count(&mut out.severity, "severity", m.severity.name() == severity, m.severity.name().to_string());
    }
    if let Some(status) = g["status"].as_str() {
        let was = match m.status {
            _ if m.withdrawn => "withdrawn",
            Some(Status::Resolved) => "resolved",
            Some(Status::WontFix) => "wont_fix",
            Some(Status::FalsePositive) => "false_positive",
            Some(Status::Outdated) => "outdated",
            Some(Status::Open) | None => "open",
        };
        let same = was == status || was == "withdrawn" && status == "false_positive";
        count(&mut out.status, "status", same, was.to_string());
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How alike a label and a finding are, 0 to 1.
fn likeness(g: &Value, m: &Member) -> f64 {
    let title = g["title"].as_str().unwrap_or_default();
    let (a, b) = (plain(title), plain(&m.title));
    let words = |s: &str| -> HashSet<String> {
        s.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_string)
            .collect()
    };
    let (x, y) = (words(title), words(&m.title));
    let shared = x.intersection(&y).count();
    let whole = !a.is_empty()
        && !b.is_empty()
        && (a.contains(&b) && b.len() * 4 >= a.len() || b.contains(&a) && a.len() * 4 >= b.len());
    let title = if a == b {
        1.0
    } else if whole {
        0.9
    } else {
        share(shared, x.len().max(y.len()).max(1))
    };
    let file = g["file"].as_str().is_some_and(|file| m.locations.iter().any(|l| l.file.ends_with(file)));
    let line = g["line_start"]
        .as_u64()
        .is_some_and(|n| m.locations.iter().any(|l| l.line_start.map(u64::from) == Some(n)));
    0.7 * title + 0.15 * f64::from(u8::from(file)) + 0.15 * f64::from(u8::from(file && line))
}

fn pairs(
    out: &mut Figures,
    path: &Path,
    read: &BTreeMap<String, (Vec<Member>, Vec<Option<usize>>)>,
    verbose: bool,
) {
    let set: Value = serde_json::from_str(&fs::read_to_string(path).expect("set")).expect("json");
    let names: Vec<&str> =
        set["documents"].as_array().expect("documents").iter().filter_map(Value::as_str).collect();
    let members: Vec<Member> =
        names.iter().filter_map(|n| read.get(*n)).flat_map(|(m, _)| m.clone()).collect();
    let merged = merge(Vec::new(), members, &Options::default());
    // Which finding of the merge a label is in.
    let whole = |id: &str| -> Option<usize> {
        let (name, n) = id.rsplit_once('#')?;
        let (members, matched) = read.get(name)?;
        let own = &members[(*matched.get(n.parse::<usize>().ok()?)?)?];
        merged
            .findings
            .iter()
            .position(|f| f.members.iter().any(|m| m.source == own.source && m.byte_range == own.byte_range))
    };
    let ids: Vec<String> = names
        .iter()
        .filter_map(|n| read.get(*n).map(|(_, matched)| (n, matched.len())))
        .flat_map(|(n, len)| (0..len).map(move |at| format!("{n}#{at}")))
        .collect();
    let groups: Vec<HashSet<String>> = serde_json::from_value(set["same"].clone()).expect("same");
    let same = |a: &String, b: &String| groups.iter().any(|g| g.contains(a) && g.contains(b));
    for (n, a) in ids.iter().enumerate() {
        for b in &ids[n + 1..] {
            let together = whole(a).is_some() && whole(a) == whole(b);
            match (same(a, b), together) {
                (true, true) => out.pairs.0 += 1,
                (false, true) => out.pairs.1 += 1,
                (true, false) => {
                    out.pairs.2 += 1;
                    out.unread += usize::from(whole(a).is_none() || whole(b).is_none());
                }
                (false, false) => {}
            }
            if verbose && same(a, b) != together {
                println!("PAIR {a} {b} {}", if together { "wrongly merged" } else { "missed" });
            }
        }
    }
    for pair in set["different"].as_array().into_iter().flatten() {
        let ids: Vec<&str> = pair.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let [a, b] = ids[..] {
            out.negatives.1 += 1;
            out.negatives.0 += usize::from(whole(a).is_some() && whole(a) == whole(b));
        }
    }
}
