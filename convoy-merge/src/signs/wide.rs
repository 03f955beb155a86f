//! Scripts without spaces: a statement is understood if known words are all it consists
//! of, and one of them praises, reviews or denies.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::accounted::{self, Setting};
use super::{claims, statement};
use crate::titles;
use crate::vocabulary::{DENIALS, list_of_words};

struct Wide {
    /// The longest word at each place.
    known: Option<AhoCorasick>,
    reviews: Vec<&'static str>,
    good: Vec<&'static str>,
}

static WIDE: LazyLock<Wide> = LazyLock::new(|| {
    let table = include_str!("../../data/assurance.tsv");
    let words = list_of_words(table, "wide");
    Wide {
        known: AhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build(&words).ok(),
        reviews: list_of_words(table, "wide-review"),
        good: list_of_words(table, "wide-good"),
    }
});

/// Is every part of a statement between commas harmless?
pub(super) fn accounts(plain: &str, setting: Setting) -> bool {
    if statement::is_fault(plain, true) {
        return false;
    }
    let parts: Vec<&str> = plain
        .split([
            '，', '、', '；', '：', ',', ';', ':', '（', '）', '(', ')', '|', '。', '！', '!', '・', '—',
            '\n',
        ])
        .map(str::trim)
        .filter(|part| part.contains(char::is_alphabetic))
        .collect();
    parts.iter().all(|part| {
        setting.listed
            || setting.praise
            || DENIALS.cjk_nouns.contains(part)
            || titles::is_listed(part)
            || if statement::is_wide(part) {
                says(part) && consists(part)
            } else {
                accounted::accounts(part, setting) || claims::words(part).all(claims::closed)
            }
    })
}

fn says(part: &str) -> bool {
    let table = &*WIDE;
    table.good.iter().chain(&table.reviews).any(|word| part.contains(word))
        || statement::denies_findings(part)
}

/// Is nothing left of a text when all known words are taken away?
fn consists(part: &str) -> bool {
    let Some(known) = &WIDE.known else { return false };
    let mut rest = String::new();
    let mut at = 0;
    for hit in known.find_iter(part) {
        rest.push_str(&part[at..hit.start()]);
        rest.push(' ');
        at = hit.end();
    }
    rest.push_str(&part[at..]);
    claims::words(&accounted::without_code(&rest)).all(|word| {
        word.chars().all(|c| c.is_ascii_digit()) || !statement::is_wide(word) && claims::closed(word)
    })
}
