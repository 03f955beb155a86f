//! In which language a text is told, by its script and small words (`data/languages.tsv`).

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::quick::HashMap;
use crate::vocabulary::rows;

static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<&'static str>> = HashMap::default();
    for row in rows(include_str!("../../data/languages.tsv")) {
        let [language, list] = row[..] else { continue };
        for word in list.split_whitespace() {
            map.entry(word).or_default().push(language);
        }
    }
    map
});

/// So many words tell enough.
const MOST: usize = 60;

/// The language of a text; `None` = it does not show.
pub(super) fn of(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        return by_words(text);
    }
    let script = text.chars().take(400).find_map(|c| match c as u32 {
        0xAC00..=0xD7AF => Some("ko"),
        0x3040..=0x30FF => Some("ja"),
        0x0400..=0x04FF => Some("ru"),
        _ => None,
    });
    if script.is_some() {
        return script;
    }
    if text.chars().take(400).any(crate::words::is_cjk) {
        return Some("zh");
    }
    by_words(text)
}

fn by_words(text: &str) -> Option<&'static str> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for word in
        text.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| !word.is_empty()).take(MOST)
    {
        let small = word.bytes().all(|byte| byte.is_ascii_lowercase());
        let lower = if small { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
        for language in WORDS.get(&*lower).into_iter().flatten() {
            match counts.iter_mut().find(|(known, _)| known == language) {
                Some((_, count)) => *count += 1,
                None => counts.push((language, 1)),
            }
        }
    }
    counts.sort_by_key(|(language, count)| (std::cmp::Reverse(*count), *language));
    match counts[..] {
        [(first, most), (_, next), ..] if most > next => Some(first),
        [(only, _)] => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_show_by_script_and_small_words() {
        for (text, language) in [
            ("The body is never closed", Some("en")),
            ("Die Verbindung wird nicht geschlossen", Some("de")),
            ("La conexión no se cierra cuando falla", Some("es")),
            ("接続が閉じられていない", Some("ja")),
            ("没有检查权限", Some("zh")),
            ("XXE", None),
        ] {
            assert_eq!(of(text), language, "{text}");
        }
    }
}
