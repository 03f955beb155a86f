//! Words of prose and code as terms that can be compared: split at camel case
//! and underscores, lower case, stemmed; CJK as pairs of characters.

pub(crate) use crate::stem::{bare_root, stem};
use crate::vocabulary::{SYNONYMS, WORDS};

/// The terms of a text, in order, repeats included.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    each(text, |word, whole| {
        if whole {
            out.push(word.to_string());
        } else {
            out.extend(term(word).map(str::to_string));
        }
    });
    out
}

/// Calls `take` with each word in lower case; with `true` where it is a pair of
/// characters of a script without blanks, which is a term as it stands.
pub(crate) fn each(text: &str, mut take: impl FnMut(&str, bool)) {
    let mut word = String::new();
    let mut last: Option<char> = None;
    let mut cjk: Option<char> = None;
    for c in text.chars() {
        if is_cjk(c) {
            flush(&mut word, &mut take);
            if let Some(before) = cjk {
                let mut pair = [0; 8];
                let at = before.encode_utf8(&mut pair).len();
                let end = at + c.encode_utf8(&mut pair[at..]).len();
                take(std::str::from_utf8(&pair[..end]).unwrap_or_default(), true);
            }
            cjk = Some(c);
            last = None;
            continue;
        }
        cjk = None;
        let camel = c.is_uppercase() && last.is_some_and(|l| l.is_lowercase() || l.is_ascii_digit());
        if !c.is_alphanumeric() || camel {
            flush(&mut word, &mut take);
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        last = Some(c);
    }
    flush(&mut word, &mut take);
}

fn flush(word: &mut String, take: &mut impl FnMut(&str, bool)) {
    if !word.is_empty() {
        take(word, false);
        word.clear();
    }
}

/// What a word is compared as; `None` = it says nothing.
pub(crate) fn term(word: &str) -> Option<&str> {
    if word.chars().nth(1).is_none() || WORDS.stop.contains(word) {
        return None;
    }
    let stemmed = stem(word);
    Some(WORDS.same.get(stemmed).copied().unwrap_or(stemmed))
}

pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF)
}

/// A shorter root than the stem, with synonyms joined: for comparing only. Stems are
/// in fingerprints and tables and stay as they are.
pub(crate) fn root(stem: &str) -> &str {
    let bare = bare_root(stem);
    SYNONYMS.get(bare).map_or(bare, String::as_str)
}

/// Identifiers in code marks: what a finding talks about.
pub(crate) fn identifiers(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (n, piece) in text.split('`').enumerate() {
        // Every second piece stands between marks.
        if n % 2 == 0
            || piece.len() < 3
            || piece.len() > 80
            || piece.contains('\n')
            || piece.contains('/') && piece.contains('.')
        {
            continue;
        }
        for word in piece.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            if word.len() >= 4 && !word.starts_with(|c: char| c.is_ascii_digit()) {
                out.push(word.to_ascii_lowercase());
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// A text without its fenced code and its first `limit` bytes only.
pub(crate) fn prose(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut fence = false;
    for line in text.lines() {
        if crate::text::fence_mark(line.trim_start_matches([' ', '>', '\t'])).is_some() {
            fence = !fence;
        } else if !fence {
            if out.len() + line.len() > limit {
                let room = limit.saturating_sub(out.len());
                out.push_str(crate::text::cut(line, room));
                break;
            }
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
