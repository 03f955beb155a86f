//! Issues that say the same, by the words they share. Rare words weigh more, so
//! that a template every reporter fills in makes nobody alike.

use std::collections::{BTreeMap, BTreeSet};

use protocol::plan::Issue;

use crate::inventory::words;

/// Share of their weighted words from which two are called the same.
const SAME: f64 = 0.5;
/// With fewer words nothing can be told.
const FEWEST: usize = 2;

/// The others that say the same as this one, nearest first.
pub(super) fn duplicates(issue: &Issue, all: &[Issue]) -> Vec<String> {
    // A title says it in few words, so it counts by itself as well.
    let title = |issue: &Issue| words(&issue.title);
    let whole = |issue: &Issue| words(&format!("{} {}", issue.title, issue.body));
    let (titles, wholes) = (weights(all.iter().map(title)), weights(all.iter().map(whole)));
    let (own_title, own_whole) = (title(issue), whole(issue));
    let mut found: Vec<(f64, &Issue)> = all
        .iter()
        .filter(|other| other.id != issue.id)
        .map(|other| {
            let by_title = overlap(&own_title, &title(other), &titles);
            (by_title.max(overlap(&own_whole, &whole(other), &wholes)), other)
        })
        .filter(|(share, _)| *share >= SAME)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    found.into_iter().map(|(_, other)| other.id.clone()).collect()
}

/// ln(1 + issues / issues with the word)
fn weights(all: impl Iterator<Item = BTreeSet<String>>) -> BTreeMap<String, f64> {
    let mut with: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = 0;
    for words in all {
        count += 1;
        for word in words {
            *with.entry(word).or_default() += 1;
        }
    }
    // In a handful of issues a shared word is no common one.
    let count = f64::from(count.max(20));
    with.into_iter().map(|(word, n)| (word, (1.0 + count / n as f64).ln())).collect()
}

/// Weight of what they share over the weight of what either has.
fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>, weights: &BTreeMap<String, f64>) -> f64 {
    if a.len() < FEWEST || b.len() < FEWEST {
        return 0.0;
    }
    let sum = |words: &mut dyn Iterator<Item = &String>| -> f64 {
        words.map(|word| weights.get(word).copied().unwrap_or(1.0)).sum()
    };
    sum(&mut a.intersection(b)) / sum(&mut a.union(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_is_found_and_the_rest_is_not() {
        let issue = |id: &str, title: &str, body: &str| Issue {
            id: id.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            ..Issue::default()
        };
        let all = [
            issue("1", "Login crashes with empty password", "Version: 3\nPlatform: linux"),
            issue("2", "Crashes at login when password is empty", "Version: 3\nPlatform: windows"),
            issue("3", "Export orders as a spreadsheet", "Version: 3\nPlatform: linux"),
            issue("4", "", ""),
        ];
        assert_eq!(duplicates(&all[0], &all), ["2"]);
        assert_eq!(duplicates(&all[1], &all), ["1"]);
        assert!(duplicates(&all[2], &all).is_empty());
        assert!(duplicates(&all[3], &all).is_empty(), "nothing is like nothing");
    }
}
