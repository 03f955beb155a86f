//! How `data/wordings.tsv` comes from `corpus/wordings`; `CONVOY_UPDATE_DATA=1` writes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base::environment::Environment;

use super::{Table, weights};
use crate::words;

const HEAD: &str = "\
# What words say of the kinds of defects in corpus/wordings, learnt from it; CONVOY_UPDATE_DATA=1 of the test that holds this table writes it again.
# The first row names the kinds, which count from 0; then a root, and for each kind how many tenths of log-odds more often its wordings have it.
";

/// Pseudo-counts by which a word's share of a kind is drawn to its share of all.
const SMOOTHING: f64 = 4.0;
/// A word that stands in fewer wordings says nothing that would hold elsewhere.
const WORDINGS: usize = 2;
/// Less than this is chance, as log-odds.
const CHANCE: f64 = 1.0;

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The wordings, each with its kind.
fn wordings() -> Vec<(String, String)> {
    let dir = std::fs::read_dir(beside("corpus/wordings")).expect("wordings");
    let mut files: Vec<PathBuf> = dir.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let lines = |path: &PathBuf| std::fs::read_to_string(path).expect("wordings");
    let parted = |line: &str| {
        let (kind, text) = line.split_once('\t').expect("a kind and a text");
        (kind.to_owned(), text.to_owned())
    };
    files.iter().flat_map(|path| lines(path).lines().map(parted).collect::<Vec<_>>()).collect()
}

fn learnt(wordings: &[(String, String)]) -> String {
    let kinds: BTreeSet<&str> = wordings.iter().map(|(kind, _)| kind.as_str()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let mut of_kind = vec![0.0; kinds.len()];
    let mut words: BTreeMap<String, BTreeMap<usize, f64>> = BTreeMap::new();
    for (kind, text) in wordings {
        let kind = kinds.binary_search(&kind.as_str()).expect("a kind");
        of_kind[kind] += 1.0;
        let roots: BTreeSet<String> = words::terms(text).iter().map(|t| words::root(t).to_owned()).collect();
        for root in roots {
            *words.entry(root).or_default().entry(kind).or_default() += 1.0;
        }
    }
    let mut out = format!("{HEAD}\t{}\n", kinds.join(" "));
    for (root, counts) in words {
        let count: f64 = counts.values().sum();
        let share = count / wordings.len() as f64;
        let ratio = |(kind, count): (&usize, &f64)| {
            let ratio = ((count + SMOOTHING * share) / (of_kind[*kind] + SMOOTHING) / share).ln();
            (ratio > CHANCE).then(|| format!("{kind}:{:.0}", ratio * 10.0))
        };
        let ratios: Vec<String> = counts.iter().filter_map(ratio).collect();
        if count >= WORDINGS as f64 && !ratios.is_empty() {
            writeln!(out, "{root}\t{}", ratios.join(" ")).expect("a text takes all");
        }
    }
    out
}

#[test]
fn the_table_is_what_the_wordings_say() {
    let learnt = learnt(&wordings());
    let path = beside("data/wordings.tsv");
    let environment = Environment::read().expect("an environment");
    if environment.var("CONVOY_UPDATE_DATA").is_some() {
        std::fs::write(&path, &learnt).expect("the table");
    }
    let table = std::fs::read_to_string(&path).expect("the table");
    assert!(table == learnt, "data/wordings.tsv is not what corpus/wordings says: CONVOY_UPDATE_DATA=1");
}

#[test]
fn a_word_is_read_as_it_was_written() {
    let table: &Table = &super::TABLE;
    let named = |kind: u16| table.kinds[usize::from(kind)];
    let deadlock = weights(words::root(words::term("deadlock").expect("a word")));
    let told = deadlock.iter().find(|(kind, _)| named(*kind) == "lock-order-deadlock");
    assert!(told.is_some_and(|(_, weight)| (1.0..6.0).contains(weight)), "{deadlock:?}");
    assert!(weights("xyzzy").is_empty());
}

/// The kind that a text most likely tells of.
fn kind(text: &str) -> Option<&'static str> {
    let words: Vec<_> = words::terms(text).iter().map(|term| weights(words::root(term))).collect();
    let told = super::told(words.iter().map(Vec::as_slice));
    told.common(&told)
}

#[test]
fn a_kind_is_known_by_all_words_of_a_text() {
    for (text, expected) in [
        ("Two threads take the two mutexes in a different order and wait for each other forever", "lock"),
        ("The response is awaited nowhere, so the promise floats and its rejection is unhandled", "await"),
    ] {
        let kind = kind(text).unwrap_or_default();
        assert!(kind.contains(expected), "{text}: {kind}");
    }
    assert_eq!(kind("zyx"), None);
}
