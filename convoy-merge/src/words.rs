//! Words of prose and code as terms that can be compared: split at camel case
//! and underscores, lower case, stemmed; CJK as pairs of characters.

use crate::vocabulary::WORDS;

/// The terms of a text, in order, repeats included.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut last: Option<char> = None;
    let mut cjk: Option<char> = None;
    for c in text.chars() {
        if is_cjk(c) {
            flush(&mut word, &mut out);
            if let Some(before) = cjk {
                out.push(format!("{before}{c}"));
            }
            cjk = Some(c);
            last = None;
            continue;
        }
        cjk = None;
        let camel = c.is_uppercase() && last.is_some_and(|l| l.is_lowercase() || l.is_ascii_digit());
        if !c.is_alphanumeric() || camel {
            flush(&mut word, &mut out);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        last = Some(c);
    }
    flush(&mut word, &mut out);
    out
}

fn flush(word: &mut String, out: &mut Vec<String>) {
    if word.chars().count() > 1 && !WORDS.stop.contains(word.as_str()) {
        let stemmed = stem(word);
        out.push(WORDS.same.get(stemmed.as_str()).map_or(stemmed, |to| (*to).to_string()));
    }
    word.clear();
}

fn is_cjk(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF)
}

/// A light English stemmer: enough to join "validates", "validation", "validating".
pub(crate) fn stem(word: &str) -> String {
    for suffix in ["ations", "ation", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s", "ly"] {
        if let Some(root) = word.strip_suffix(suffix)
            && root.chars().count() >= 4
        {
            return root.to_string();
        }
    }
    word.to_string()
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

/// A text without what stands in code marks.
pub(crate) fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// A text without its fenced code and its first `limit` bytes only.
pub(crate) fn prose(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut fence = false;
    for line in text.lines() {
        if crate::extract::fence_mark(line.trim_start_matches([' ', '>', '\t'])).is_some() {
            fence = !fence;
        } else if !fence {
            if out.len() + line.len() > limit {
                let room = limit.saturating_sub(out.len());
                out.push_str(crate::extract::cut(line, room));
                break;
            }
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
