//! Code of the change that stands twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use super::diff::FileDiff;
use super::{Fact, Limits, Scene};

/// A line of code that says something.
#[derive(Debug, Clone, Copy)]
struct Spot<'a> {
    file: &'a FileDiff,
    number: usize,
    fresh: bool,
    code: &'a str,
}

/// Stretches of fresh code that stand elsewhere in the files of the change as well.
pub(super) fn blocks(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let (length, letters) = (limits.of("lines").max(2), limits.of("letters"));
    let files: Vec<Vec<Spot<'_>>> = scene.code().map(|(file, _)| spots(file)).collect();
    let mut windows: HashMap<u64, (usize, usize)> = HashMap::new();
    // What stood there is what the other was made from.
    for old in [true, false] {
        for (f, spots) in files.iter().enumerate() {
            for (at, window) in spots.windows(length).enumerate() {
                if old != window.iter().all(|spot| spot.fresh) {
                    windows.entry(hash(window)).or_insert((f, at));
                }
            }
        }
    }
    let mut facts = Vec::new();
    for (f, spots) in files.iter().enumerate() {
        let mut at = 0;
        while at + length <= spots.len() {
            let other = Some(&spots[at..at + length])
                .filter(|window| window.iter().all(|spot| spot.fresh) && is_much(window, letters))
                .and_then(|window| windows.get(&hash(window)).copied())
                .filter(|&(g, first)| g != f || first + length <= at || at + length <= first)
                .filter(|&(g, _)| g == f || !is_mirror(&spots[at].file.path, &files[g][0].file.path))
                .filter(|&(g, first)| is_same(&spots[at..], &files[g][first..], length));
            let Some((g, first)) = other else {
                at += 1;
                continue;
            };
            let goes_on = |n: &usize| match (spots.get(at + n), files[g].get(first + n)) {
                (Some(one), Some(other)) => {
                    one.fresh && one.code == other.code && (g != f || first + n < at || at + n < first)
                }
                _ => false,
            };
            let same = length + (length..spots.len()).take_while(goes_on).count();
            let other = files[g][first];
            facts.push(
                Fact::at(spots[at].file, spots[at].number)
                    .to(spots[at + same - 1].number)
                    .with("LINES", &same)
                    .with("OTHER", &format!("{}:{}", other.file.path.to_string_lossy(), other.number)),
            );
            at += same;
        }
    }
    facts
}

/// The same file of two trees, of which one is made from the other.
fn is_mirror(one: &Path, other: &Path) -> bool {
    one.components().rev().zip(other.components().rev()).take_while(|(one, other)| one == other).count() >= 2
}

fn hash(window: &[Spot<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for spot in window {
        spot.code.hash(&mut hasher);
    }
    hasher.finish()
}

fn is_same(one: &[Spot<'_>], other: &[Spot<'_>], length: usize) -> bool {
    one.iter().zip(other).take(length).all(|(one, other)| one.code == other.code)
}

/// Is it more than a list of short lines?
fn is_much(window: &[Spot<'_>], letters: usize) -> bool {
    let steps = window.iter().filter(|spot| spot.code.contains(['(', '='])).count();
    window.iter().map(|spot| spot.code.len()).sum::<usize>() >= letters && steps * 2 >= window.len()
}

/// The lines of a file that say something: no brackets alone, no imports.
fn spots(file: &FileDiff) -> Vec<Spot<'_>> {
    let says = |code: &str| {
        code.chars().filter(|c| c.is_alphanumeric()).count() > 2
            && !["import ", "use ", "from ", "#include", "package ", "using "]
                .iter()
                .any(|word| code.starts_with(word))
    };
    let spot = |(number, line)| {
        let line: &super::diff::Line = line;
        let code = line.code.trim();
        (line.is_code() && says(code)).then_some(Spot { file, number, fresh: line.fresh, code })
    };
    (1..).zip(&file.lines).filter_map(spot).collect()
}
