//! Stems of English words.

/// A light English stemmer: enough to join "validates", "validation", "validating".
pub(crate) fn stem(word: &str) -> &str {
    for suffix in ["ations", "ation", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s", "ly"] {
        if let Some(root) = word.strip_suffix(suffix)
            && root.chars().nth(3).is_some()
        {
            return root;
        }
    }
    word
}

/// A shorter root than the stem, for comparing only.
pub(crate) fn bare_root(stem: &str) -> &str {
    let mut root = stem;
    for suffix in ["ments", "ment", "ness", "able", "ible", "ity", "ive", "ions", "ion", "al", "e", "y"] {
        if let Some(rest) = root.strip_suffix(suffix).filter(|rest| rest.chars().nth(3).is_some()) {
            root = rest;
            break;
        }
    }
    if let Some(rest) = root.strip_suffix("at").filter(|rest| rest.chars().nth(3).is_some()) {
        root = rest;
    }
    let mut back = root.chars().rev();
    match (back.next(), back.next()) {
        // "dropped", "logging": the letter was doubled by the ending.
        (Some(last), Some(before))
            if last == before && last.is_ascii_alphabetic() && !"sle".contains(last) =>
        {
            &root[..root.len() - 1]
        }
        _ => root,
    }
}
