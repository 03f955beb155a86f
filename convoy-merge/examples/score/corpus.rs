//! A corpus that brings labels and scorers of its own: `score_extract.py` and
//! `score_dedupe.py` in it judge what is written to a temporary directory.
//!
//! Three figures: extraction; dedupe of the labelled findings; and end to end,
//! where the findings are those of our own extraction, matched to the labels.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use convoy_merge::explain::explain_pair;
use convoy_merge::extract::extract;
use convoy_merge::merge::{Options, merge};
use convoy_merge::model::{Location, Member};
use serde_json::{Value, json};

use crate::sorted;

pub(crate) fn score(dir: &Path, verbose: bool) {
    let out = std::env::temp_dir();
    fs::create_dir_all(&out).expect("output directory");
    let documents = documents(dir);
    let extracted: BTreeMap<&String, Vec<Value>> =
        documents.iter().map(|(name, (_, members))| (name, members.iter().map(finding).collect())).collect();
    println!("extraction");
    judge(dir, "score_extract.py", &out.join("extract.json"), &json!(extracted));
    let labels = labels(dir, &documents);
    let (mut by_label, mut end_to_end) = (BTreeMap::new(), BTreeMap::new());
    for path in sorted(&dir.join("labels/clusters")) {
        let set: Value = serde_json::from_str(&fs::read_to_string(&path).expect("clusters")).expect("json");
        let name = set["set"].as_str().expect("set").to_string();
        let docs: Vec<&str> =
            set["documents"].as_array().expect("documents").iter().filter_map(Value::as_str).collect();
        let given: Vec<Member> =
            docs.iter().flat_map(|doc| labels[*doc].iter().map(|(_, m)| m.clone())).collect();
        let found = clusters(&given, |m| m.label.clone());
        negatives(&name, &set, &found);
        if verbose {
            wrong(&set, &given, &found);
        }
        by_label.insert(name.clone(), found);
        let mut own: Vec<Member> = Vec::new();
        let mut ids: HashMap<(String, usize), String> = HashMap::new();
        for doc in &docs {
            let members = &documents[*doc].1;
            for (id, at) in matched(&labels[*doc], members) {
                ids.insert(((*doc).to_string(), members[at].byte_range[0]), id);
            }
            own.extend(members.iter().cloned());
        }
        end_to_end.insert(name, clusters(&own, |m| ids.get(&(m.source.clone(), m.byte_range[0])).cloned()));
    }
    println!("dedupe of labelled findings");
    judge(dir, "score_dedupe.py", &out.join("dedupe.json"), &json!(by_label));
    println!("end to end");
    judge(dir, "score_dedupe.py", &out.join("end-to-end.json"), &json!(end_to_end));
}

type Documents = BTreeMap<String, (String, Vec<Member>)>;

fn documents(dir: &Path) -> Documents {
    let mut out = BTreeMap::new();
    for set in sorted(dir).into_iter().filter(|p| p.is_dir() && !p.ends_with("labels")) {
        for path in sorted(&set).into_iter().filter(|p| p.is_file()) {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("read")).into_owned();
            let name = path.strip_prefix(dir).expect("inside").to_string_lossy().into_owned();
            let mut members = extract(&text, &name).members;
            for member in &mut members {
                member.source.clone_from(&name);
                member.reviewer.clone_from(&name);
            }
            out.insert(name, (text, members));
        }
    }
    out
}

/// The labelled findings of each document, as members with the text they stand in.
fn labels(dir: &Path, documents: &Documents) -> BTreeMap<String, Vec<(Value, Member)>> {
    let mut out: BTreeMap<String, Vec<(Value, Member)>> =
        documents.keys().map(|name| (name.clone(), Vec::new())).collect();
    for path in sorted(&dir.join("labels")).into_iter().filter(|p| p.is_file()) {
        let label: Value = serde_json::from_str(&fs::read_to_string(&path).expect("label")).expect("json");
        let doc = label["document"].as_str().expect("document").to_string();
        let text = &documents[&doc].0;
        let findings = label["findings"].as_array().expect("findings");
        let mut at = Vec::new();
        let mut cursor = 0;
        for f in findings {
            let title = f["title"].as_str().unwrap_or_default();
            let short: String = title.chars().take(25).collect();
            let find = |what: &str| {
                (!what.is_empty())
                    .then(|| text.get(cursor..).and_then(|t| t.find(what)))
                    .flatten()
                    .map(|n| n + cursor)
            };
            let pos = find(title)
                .or_else(|| find(&short))
                .or_else(|| find(f["file"].as_str().unwrap_or_default()))
                .unwrap_or(cursor);
            at.push(pos);
            cursor = pos + text[pos..].chars().next().map_or(0, char::len_utf8);
        }
        let list = findings
            .iter()
            .enumerate()
            .map(|(n, f)| {
                let end = at.get(n + 1).copied().unwrap_or(text.len()).max(at[n]);
                (f.clone(), member(f, &doc, at[n], &text[at[n]..end]))
            })
            .collect();
        out.insert(doc, list);
    }
    out
}

fn member(f: &Value, doc: &str, at: usize, body: &str) -> Member {
    let line = |key: &str| f[key].as_u64().map(|n| n as u32);
    let mut locations = Vec::new();
    if let Some(file) = f["file"].as_str() {
        locations.push(Location {
            file: file.to_string(),
            line_start: line("line_start"),
            line_end: line("line_end"),
            ..Location::default()
        });
    }
    for also in f["also"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (file, lines) = also.rsplit_once(':').unwrap_or((also, ""));
        let start = lines.split('-').next().and_then(|n| n.parse().ok());
        locations.push(Location {
            file: file.to_string(),
            line_start: start,
            line_end: start,
            ..Location::default()
        });
    }
    Member {
        source: doc.to_string(),
        reviewer: doc.to_string(),
        title: f["title"].as_str().unwrap_or_default().to_string(),
        locations,
        byte_range: [at, at + body.len()],
        label: f["id"].as_str().map(str::to_string),
        category: f["category"].as_str().map(str::to_string),
        text: body.to_string(),
        body: body.to_string(),
        ..Member::default()
    }
}

/// Clusters of label ids as the merge makes them.
fn clusters(members: &[Member], id: impl Fn(&Member) -> Option<String>) -> Vec<Vec<String>> {
    merge(Vec::new(), members.to_vec(), &Options::default())
        .findings
        .iter()
        .map(|f| f.members.iter().filter_map(&id).collect::<Vec<_>>())
        .filter(|c| !c.is_empty())
        .collect()
}

fn negatives(name: &str, set: &Value, found: &[Vec<String>]) {
    let list = set["hard_negatives"].as_array().cloned().unwrap_or_default();
    let merged = list
        .iter()
        .filter(|pair| {
            found.iter().any(|c| {
                pair.as_array()
                    .is_some_and(|p| p.iter().filter_map(Value::as_str).all(|x| c.iter().any(|y| y == x)))
            })
        })
        .count();
    if !list.is_empty() {
        println!("  {name}: {merged} of {} hard negatives merged", list.len());
    }
}

/// Prints why pairs were joined or not where the labels say otherwise.
fn wrong(set: &Value, given: &[Member], found: &[Vec<String>]) {
    let gold: Vec<Vec<String>> = serde_json::from_value(set["clusters"].clone()).expect("clusters");
    let merged = merge(Vec::new(), given.to_vec(), &Options::default());
    let together = |clusters: &[Vec<String>], a: &String, b: &String| {
        clusters.iter().any(|c| c.contains(a) && c.contains(b))
    };
    let ids: Vec<&String> = given.iter().filter_map(|m| m.label.as_ref()).collect();
    let name = |id: &String| id.replacen('#', ".md#", 1);
    for (n, a) in ids.iter().enumerate() {
        for b in &ids[n + 1..] {
            let (want, got) = (together(&gold, a, b), together(found, a, b));
            if want != got {
                let told = explain_pair(&merged, &name(a), &name(b)).unwrap_or_default();
                println!("{} {told}", if want { "MISSED" } else { "WRONG" });
            }
        }
    }
}

/// Pairs of label id and index of the extracted finding, the likest first.
fn matched(labels: &[(Value, Member)], members: &[Member]) -> Vec<(String, usize)> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, (_, gold)) in labels.iter().enumerate() {
        for (j, own) in members.iter().enumerate() {
            pairs.push((likeness(gold, own), i, j));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((b.1, b.2).cmp(&(a.1, a.2))));
    let (mut used_i, mut used_j) = (HashSet::new(), HashSet::new());
    let mut out = Vec::new();
    for (s, i, j) in pairs {
        if s >= 0.35 && !used_i.contains(&i) && !used_j.contains(&j) {
            used_i.insert(i);
            used_j.insert(j);
            out.push((labels[i].0["id"].as_str().unwrap_or_default().to_string(), j));
        }
    }
    out
}

/// As `score_extract.py` has it.
fn likeness(gold: &Member, own: &Member) -> f64 {
    let words = |s: &str| -> HashSet<String> {
        s.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.len() > 1)
            .map(str::to_string)
            .collect()
    };
    let (a, b) = (words(&gold.title), words(&own.title));
    let shared = a.intersection(&b).count() as f64;
    let t = if a.is_empty() || b.is_empty() {
        0.0
    } else {
        (shared / a.len().min(b.len()) as f64).min(shared / (0.5 * a.len().max(b.len()) as f64).max(1.0))
    };
    let parts = |m: &Member| -> Vec<String> {
        m.locations
            .first()
            .map(|l| l.file.to_lowercase().split('/').filter(|p| !p.is_empty()).map(str::to_string).collect())
            .unwrap_or_default()
    };
    let (x, y) = (parts(gold), parts(own));
    let n = x.len().min(y.len());
    let mut l = 0.0;
    if n > 0 && x[x.len() - n..] == y[y.len() - n..] {
        let line = |m: &Member| m.locations.first().and_then(|l| l.line_start);
        l = 0.5 + if line(gold).is_some() && line(gold) == line(own) { 0.5 } else { 0.0 };
    }
    if gold.title.is_empty() { l } else { 0.65 * t + 0.35 * l }
}

fn finding(member: &Member) -> Value {
    let first = member.locations.first();
    json!({
        "title": member.title,
        "file": first.map(|l| &l.file),
        "line_start": first.and_then(|l| l.line_start),
        "line_end": first.and_then(|l| l.line_end),
        "severity": (member.severity.name() != "unrated").then(|| member.severity.name()),
    })
}

fn judge(dir: &Path, script: &str, file: &Path, predicted: &Value) {
    fs::write(file, predicted.to_string()).expect("write");
    let status =
        std::process::Command::new("python3").arg(dir.join(script)).arg(file).status().expect("python3");
    assert!(status.success(), "{script} failed");
}
