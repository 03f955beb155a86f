//! Signs of doubt and alarm, which nothing accounts for.

use crate::signs::assurance::ASSURANCE;
use crate::signs::claims::words;
use crate::vocabulary::DENIALS;

/// Signs of what is wrong or not done yet: a sentence with one of them says nothing harmless.
const ALARMS: [char; 27] = [
    '⬜', '☐', '◻', '▢', '🔲', '❓', '❔', '⏳', '⌛', '⏸', '⏭', '🚧', '🕒', '❌', '✗', '✘', '✖', '⚠', '🔴',
    '🟠', '🟡', '🚨', '👎', '🛑', '⛔', '🚫', '💥',
];

/// Gestures and faces that approve; any other may mean anything.
const PLEASED: [char; 20] = [
    '😀', '😁', '😃', '😄', '😊', '🙂', '😍', '🤩', '🥳', '🙌', '🙏', '😎', '🤝', '🤖', '😇', '😉', '😸',
    '😺', '🤗', '🤘',
];

/// A face or gesture that is not known to approve, irony, a form that nobody filled in.
pub(super) fn doubts(plain: &str) -> bool {
    let face = |c: char| {
        matches!(u32::from(c), 0x1f600..=0x1f64f | 0x1f910..=0x1f92f | 0x1f937 | 0x1f970..=0x1f97a)
            && !PLEASED.contains(&c)
    };
    let bare = plain.trim_end_matches(['.', ' ', '_', '*']);
    let form = |open: char, close: char| bare.starts_with(open) && bare.ends_with(close);
    let boxed = bare.starts_with("[x]");
    let glum = [":/", ":(", ":|", ":-/", ":-(", ":-|"].iter().any(|face| bare.ends_with(face));
    // "Review: -1"
    let minus = bare.ends_with(|c: char| c.is_ascii_digit())
        && bare.rsplit([' ', ':']).next().is_some_and(|word| word.starts_with(['-', '−']) && word.len() <= 4);
    plain.contains(face)
        || glum
        || minus
        || bare.ends_with(" /s")
        || form('{', '}')
        || form('[', ']') && !boxed
}

/// A bad mark, and no number zero behind it: `🔴 0` counts none.
pub(super) fn alarms(plain: &str) -> bool {
    plain.contains(ALARMS)
        && plain.split(ALARMS).skip(1).any(|rest| {
            let rest = rest.trim_start_matches(['\u{fe0f}', ' ', ':']);
            !rest.starts_with('0') || rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '.')
        })
}

/// Is it said under a condition, with an exception, as a wish?
pub(super) fn excepts(plain: &str) -> bool {
    let table = &*ASSURANCE;
    words(plain).any(|word| table.exceptions.contains(word))
        || table.exception_phrases.any(plain)
        || counts_elsewhere(plain)
        || once_it_is(plain)
}

/// "LGTM once CI is green": behind the word stands a clause of its own, not how often.
fn once_it_is(plain: &str) -> bool {
    let list: Vec<&str> = words(plain).collect();
    let at = list.iter().position(|word| *word == "once");
    at.is_some_and(|at| list[at + 1..].iter().any(|word| ASSURANCE.aux.contains(word)))
}

/// "None in the new files, two in the old": behind a denial, how many there are at another place.
fn counts_elsewhere(plain: &str) -> bool {
    const AT: [&str; 7] = ["in", "at", "on", "under", "from", "elsewhere", "outside"];
    const OF_ALL: [&str; 7] = ["all", "the", "these", "those", "both", "of", "in"];
    let some = |word: &str| {
        ASSURANCE.quantities.contains(word) || word.parse::<u32>().is_ok_and(|number| number > 0)
    };
    let list: Vec<&str> = words(plain).collect();
    let denied = list.iter().position(|word| DENIALS.none.contains(word));
    denied.is_some_and(|at| {
        list[at..].windows(3).any(|w| !OF_ALL.contains(&w[0]) && some(w[1]) && AT.contains(&w[2]))
    })
}
