//! What tools print around what they found: sentences that are always the same, and who wrote it.

use crate::signs::assurance::ASSURANCE;
use crate::signs::claims::{self, words};
use crate::signs::extent;
use crate::syntax::head::unlink;
use crate::vocabulary::{DENIALS, KEYS};

/// Is it a sentence that a bot prints around its findings, whatever it found?
pub(in crate::signs) fn is_template(plain: &str) -> bool {
    const LONGEST: usize = 120;
    if plain.len() > LONGEST || plain.contains(['`', '"']) {
        return false;
    }
    let mut said = String::new();
    for word in plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(if word.bytes().all(|byte| byte.is_ascii_digit()) { "#" } else { word });
    }
    ASSURANCE.templates.contains(said.as_str())
}

/// "Generated with [a bot](https://…)": who wrote the report.
pub(super) fn is_signature(plain: &str) -> bool {
    /// Words of a tool's name.
    const NAME: usize = 4;
    let shown = unlink(plain);
    let list: Vec<&str> = words(&shown).collect();
    let [verb, by, name @ ..] = &list[..] else { return false };
    let fault = |word: &&str| {
        let stem = |stem: &str| stem.len() > 3 && word.starts_with(stem);
        claims::finding(word)
            || DENIALS.fault_words.contains(*word)
            || claims::negates(word)
            || KEYS.words("against-value").any(stem)
    };
    ASSURANCE.signatures.contains(verb)
        && ASSURANCE.signers.contains(by)
        && (1..=NAME).contains(&name.len())
        && !shown.contains([':', ','])
        && !name.iter().any(fault)
        && !extent::limits(name)
}
