//! Review comments of GitHub, GitLab and Gerrit: what their first lines are, and who wrote them.

use serde_json::{Map, Value};

use super::elements;
use crate::model::Status;
use crate::severity::{self, Rated};
use crate::syntax::head;
use crate::syntax::lead::clause;
use crate::vocabulary::{DENIALS, KEYS, PHRASES};

/// The first lines of a comment: what it is called, and how bad it says that it is.
#[derive(Debug, Default)]
pub(super) struct Lead {
    pub(super) title: String,
    pub(super) rated: Option<Rated>,
    pub(super) places: Vec<crate::locate::Found>,
    pub(super) status: Option<Status>,
}

/// What a comment is called stands in its first bytes.
const LONGEST: usize = 4000;

/// Reads a comment's first lines. Badges and tags in italics stand before the title: they
/// rate it, and are not it.
pub(super) fn lead(body: &str) -> Lead {
    let mut out = Lead::default();
    let lines: Vec<String> =
        severity::cut(body, LONGEST).lines().map(|line| bare(line).trim().to_string()).collect();
    let mut at = 0;
    let mut fence = false;
    for (n, line) in lines.iter().enumerate() {
        if crate::text::fence_mark(line).is_some() {
            fence = !fence;
        }
        let more = lines[n + 1..].iter().any(|next| !next.is_empty());
        if line.is_empty() || fence || line.starts_with("```") {
            continue;
        }
        if more && is_tags(line) {
            out.rated = out.rated.or_else(|| rated_of_tags(line));
            continue;
        }
        at = n;
        break;
    }
    let line = lines.get(at).map(String::as_str).unwrap_or_default();
    let parsed = head::parse(line);
    out.rated = out.rated.or(parsed.rated);
    out.places = parsed.places;
    out.status = parsed.status;
    // A severity on a line of its own below the title.
    let below = lines.iter().skip(at + 1).filter(|line| !line.is_empty());
    let below = below.take_while(|line| crate::text::fence_mark(line).is_none()).take(3);
    out.rated =
        out.rated.or_else(|| below.filter(|line| line.len() < 60).find_map(|line| rated_of_tags(line)));
    out.rated = out.rated.or_else(|| rated_by_sentence(body));
    let whole = whole_bold(line);
    out.title = if whole { parsed.title } else { first_sentence(&parsed.title) };
    if out.title.is_empty() {
        out.title = clause(line);
    }
    out
}

/// Pictures become their words, tags of HTML nothing, comments vanish; code stays as it is.
fn bare(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['!', '<', '`']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(end) = tail.strip_prefix('`').and_then(|code| code.find('`')) {
            out.push_str(&tail[..end + 2]);
            rest = &tail[end + 2..];
        } else if let Some(inner) = tail.strip_prefix("![")
            && let Some(close) = inner.find("](")
            && let Some(end) = inner[close..].find(')')
        {
            let alt = inner[..close].trim();
            let alt = alt.strip_suffix("Badge").or_else(|| alt.strip_suffix("badge")).unwrap_or(alt).trim();
            out.extend(["[", alt, "] "]);
            rest = &inner[close + end + 1..];
        } else if let Some(end) = tag(line, line.len() - tail.len()) {
            if let Some(alt) =
                tail[..end].starts_with("<img").then(|| attribute(&tail[..end], "alt")).flatten()
            {
                out.extend(["[", alt.trim_end_matches("Badge").trim(), "] "]);
            }
            rest = &tail[end..];
        } else {
            out.push_str(&tail[..1]);
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    // Bold around a badge and a title: the badge stands outside.
    match out.trim().strip_prefix("**[").and_then(|inner| inner.split_once("] ")) {
        Some((badge, title)) if severity::exact(badge).is_some() => {
            format!("[{badge}] **{}", title.trim_start())
        }
        _ => out,
    }
}

/// How long the HTML tag or comment is that begins here; `None` = it is none, or the words
/// are about it: `<p> is never closed`, `Promise<void>`.
fn tag(line: &str, at: usize) -> Option<usize> {
    let text = &line[at..];
    if text.starts_with("<!--") {
        return Some(text.find("-->").map_or(text.len(), |at| at + 3));
    }
    let whole = &text[..=text.find('>')?];
    let inner = whole.strip_prefix('<')?;
    let name: String =
        inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let sets = || {
        let other = |open: &str, text: &str| text.to_ascii_lowercase().contains(&format!("{open}{name}"));
        if inner.starts_with('/') {
            line[at + whole.len()..].trim().is_empty() || other("<", &line[..at])
        } else {
            inner.contains('=') || other("</", &text[whole.len()..])
        }
    };
    (elements::LOOK.contains(&name.as_str()) || elements::SET.contains(&name.as_str()) && sets())
        .then_some(whole.len())
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.find(&format!("{name}="))? + name.len() + 1;
    let quote = tag[at..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    tag[at + 1..].split(quote).next()
}

/// Is a line nothing but marks of what follows: a badge, words in italics, a severity?
fn is_tags(line: &str) -> bool {
    let parts: Vec<&str> =
        line.split(['|', '·', '•']).map(str::trim).filter(|part| !part.is_empty()).collect();
    !parts.is_empty()
        && parts
            .iter()
            .all(|part| is_badge(part) || is_italic(part) || severity::exact(plain(part)).is_some())
}

fn plain(part: &str) -> &str {
    part.trim_matches(['*', '_', ' ', '[', ']', ':'])
}

fn is_badge(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']') && !part[1..part.len() - 1].contains(['[', ']'])
}

fn is_italic(part: &str) -> bool {
    let one = |mark: char| {
        part.len() > 2
            && part.starts_with(mark)
            && part.ends_with(mark)
            && !part[1..].starts_with(mark)
            && part.matches(mark).count() == 2
    };
    one('_') || one('*')
}

fn rated_of_tags(line: &str) -> Option<Rated> {
    let mut best: Option<Rated> = None;
    for part in line.split(['|', '·', '•']) {
        let words = plain(part.trim());
        let mut found =
            severity::exact(words).or_else(|| severity::exact(words.split('(').next().unwrap_or(words)));
        if found.is_none() {
            let letters = words.trim_start_matches(|c: char| !c.is_alphanumeric());
            found = severity::exact(letters.split('(').next().unwrap_or(letters).trim());
        }
        if let Some(rated) = found
            && best.as_ref().is_none_or(|old| old.0 < rated.0)
        {
            best = Some(rated);
        }
    }
    best
}

/// A sentence that is nothing but a severity ("Blocking.", "Minor, though"), a severity at the
/// end, or a demand.
fn rated_by_sentence(body: &str) -> Option<Rated> {
    let paragraph = severity::cut(body.split("```").next().unwrap_or(body), LONGEST);
    let sentence = crate::signs::statement::sentences(paragraph)
        .find_map(|range| severity::exact(paragraph[range].trim()).filter(|(_, raw)| !raw.is_empty()));
    sentence.or_else(|| crate::syntax::lead::rated_at_end(paragraph)).or_else(|| {
        let lower = paragraph.to_lowercase();
        // What should be done is less than what must be.
        let must = |phrase: &&&str| {
            !["should", "need", "have to", "has to"].iter().any(|word| phrase.contains(word))
        };
        let demand = DENIALS
            .demands
            .iter()
            .filter(must)
            .find(|phrase| crate::phrases::holds_phrase(&lower, phrase))?;
        Some((findings::Severity::Blocker, (*demand).to_string()))
    })
}

fn whole_bold(line: &str) -> bool {
    let inner = line.trim_start_matches('[').split_once("] ").map_or(line, |(_, rest)| rest).trim();
    inner.starts_with("**") && inner.trim_end_matches(['.', ':']).ends_with("**")
}

/// The first sentence of a line, with its full stop.
pub(super) fn first_sentence(text: &str) -> String {
    let mut sentences =
        crate::signs::statement::sentences(text).filter(|range| !text[range.clone()].trim().is_empty());
    let mut first = sentences.next().unwrap_or(0..text.len());
    // "Nice work overall. No tests though": what is praised first is not it.
    let praises = |sentence: &str| {
        let lower = sentence.to_lowercase();
        let first = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        KEYS.is("kind", first) || PHRASES.praise.any(&lower)
    };
    let said = text[first.clone()].trim();
    if praises(said) || severity::exact(said).is_some() {
        first = sentences.find(|range| !praises(text[range.clone()].trim())).unwrap_or(first);
    }
    // A bracket that is never closed closes nothing.
    let mut ends = std::iter::once(first.end).chain(sentences.map(|range| range.end));
    let closed = ends.find(|end| !is_open(text[first.start..*end].trim_end(), &text[*end..]));
    let first = text[first.start..closed.unwrap_or(first.end)].trim();
    let short = if first.chars().count() > 200 { clause(first) } else { first.to_string() };
    let short = short.trim_end_matches(';');
    if short.is_empty() { text.trim().to_string() } else { short.to_string() }
}

/// Does a sentence end inside brackets or a quotation (`{ a: 1;`, `saw ';`)?
fn is_open(said: &str, rest: &str) -> bool {
    let count = |mark: char| said.matches(mark).count();
    said.ends_with(';') && rest.starts_with(['\'', '"', '`'])
        || [('(', ')'), ('[', ']'), ('{', '}')].iter().any(|(open, close)| count(*open) > count(*close))
        || !count('`').is_multiple_of(2)
        || !count('"').is_multiple_of(2)
}

/// Who wrote a comment.
pub(super) fn author(object: &Map<String, Value>) -> Option<String> {
    name_of_author(["user", "author", "by", "sender", "username"].iter().find_map(|key| object.get(*key))?)
}

/// A name, or that of an object.
pub(super) fn name_of_author(who: &Value) -> Option<String> {
    match who {
        Value::String(name) => Some(name.clone()),
        Value::Object(inner) => ["login", "username", "name", "display_name", "displayName"]
            .iter()
            .find_map(|key| inner.get(*key)?.as_str())
            .map(str::to_string),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::lead;

    #[test]
    fn tags_vanish_and_names_of_elements_stay() {
        let title = |said: &str| lead(said).title;
        assert_eq!(title("<html> needs a <head> as its content"), "<html> needs a <head> as its content");
        assert_eq!(title("Type Promise<void> is never awaited"), "Type Promise<void> is never awaited");
        assert_eq!(title("Missing [ </p> ], it began on line 3"), "Missing [ </p> ], it began on line 3");
        assert_eq!(
            title("<p>The <sub>small</sub> lock is <a href=\"x\">never</a> freed</p>"),
            "The small lock is never freed"
        );
        assert_eq!(title("The lock is never freed</div>"), "The lock is never freed");
    }
}
