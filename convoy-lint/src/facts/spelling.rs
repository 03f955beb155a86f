//! Words that are spelt wrong, or stand twice, in what people read. Pure.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::Role;
use super::{Fact, Limits, Scene, pattern};

/// What is longer outside texts is data, in bytes.
const LONGEST: usize = 400;

/// What is often written, and what is meant.
static MEANT: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| lines().collect());

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("../../rules/change/misspelt.tsv").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z]+"));
static TWICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(the the|a a|an an|is is|of of|to to|in in|and and|for for|with with|if if|be be|are are|from from|this this|by by|it it)\b",
    )
});

/// Misspelt words of comments, texts and names.
pub(super) fn misspelt(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let mut facts: Vec<Fact> = Vec::new();
        // Nobody writes lines that long, or reads them.
        for (number, line) in
            file.fresh().filter(|(_, line)| line.text.len() <= LONGEST || file.role == Role::Docs)
        {
            if let Some((word, meant)) = wrong(file, line) {
                facts.push(Fact::at(file, number).with("WORD", &word).with("MEANT", &meant));
            }
        }
        // What is said of one is known of the others.
        let mut said: Vec<String> = Vec::new();
        facts.retain(|fact| {
            let word = fact.names[0].1.to_lowercase();
            let new = !said.contains(&word);
            said.push(word);
            new
        });
        facts
    };
    let read = |file: &&FileDiff| {
        let spoken = file.path.to_string_lossy().to_ascii_lowercase();
        // Other languages have other words.
        let foreign = ["locale", "lang/", "i18n", "translation", "dictionary", "spell", ".po"];
        !matches!(file.role, Role::Made)
            && !file.is_generated()
            && !foreign.iter().any(|word| spoken.contains(word))
    };
    scene.files.iter().filter(read).flat_map(facts).collect()
}

/// The first such word of a line; one that the file had before is its own way.
fn wrong(file: &FileDiff, line: &Line) -> Option<(String, String)> {
    let stood = |word: &str| file.before.as_deref().is_some_and(|before| before.contains(word));
    let words = WORD.find_iter(&line.text).flat_map(|word| parts(word.as_str()));
    let found = words.filter_map(|word| {
        let low = word.to_ascii_lowercase();
        Some((word, (*MEANT.get(low.as_str())?).to_owned()))
    });
    let prose = match file.role {
        Role::Docs => line.text.as_str(),
        _ => line.comment.as_str(),
    };
    let twice = TWICE.find(prose).map(|found| {
        let word = found.as_str();
        (word, word.split(' ').next().unwrap_or(word).to_owned())
    });
    found.chain(twice).find(|(word, _)| !stood(word)).map(|(word, meant)| (word.to_owned(), meant))
}

/// `recieveAll` is two words.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let bytes = word.as_bytes();
    for at in 1..bytes.len() {
        if bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() {
            parts.push(&word[from..at]);
            from = at;
        }
    }
    parts.push(&word[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order_and_none_is_right() {
        let all: Vec<_> = lines().collect();
        assert!(all.len() > 200 && all.windows(2).all(|two| two[0].0 < two[1].0));
        assert!(MEANT.keys().all(|wrong| !MEANT.values().any(|meant| meant == wrong)));
    }

    #[test]
    fn a_name_is_its_words() {
        assert_eq!(parts("recieveAll"), ["recieve", "All"]);
        assert_eq!(parts("HTTPServer"), ["HTTPServer"]);
    }
}
