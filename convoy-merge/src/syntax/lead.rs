//! The beginning of a list item or paragraph: its title, tags, severity, places.

use super::fields;
use super::head::{self, Head};
use super::parts;
use super::prose;
use crate::locate;
use crate::severity::{self, Rated};
use crate::text::find;
use crate::titles;
use crate::vocabulary::{Class, Label, PHRASES};

/// The beginning of a list item or paragraph.
pub(crate) struct Lead {
    pub(crate) head: Head,
    pub(crate) bold: bool,
    pub(crate) line_place: bool,
}

/// The title and tags of running text: a bold start is the title, else the first
/// clause is.
pub(crate) fn lead_of(text: &str) -> Lead {
    let (alert, text) = alert_of(text);
    let mut first = first_line(text);
    if first.starts_with('<') {
        first = head::untag(&first);
    }
    let mut full = head::parse(&first);
    // `**Title** — `a.rs:3` — High`, and a text that goes on in the next line.
    let own_line = text.lines().next().unwrap_or_default();
    if !full.severity_stated() && own_line.len() < first.len() {
        let own = head::parse(own_line);
        if own.severity_stated() {
            full.rated = own.rated;
            full.by_icon = false;
        }
    }
    if let Some(rated) = alert.filter(|_| full.rated.is_none()) {
        full.rated = Some(rated);
        full.by_icon = true;
    }
    let trimmed = first
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '*' && c != '`' && c != '[' && c != '"');
    let behind = behind_places(&full.title);
    // "`a.sh:14` warning: title"
    if !full.severity_stated() && behind.len() < full.title.len() {
        let front = full.title[..full.title.len() - behind.len()].trim_end_matches([' ', ':', '-', '—', '–']);
        let word = front.rsplit([' ', '`']).next().unwrap_or_default();
        full.rated = severity::exact(word).or(full.rated);
        full.by_icon &= severity::exact(word).is_none();
    }
    let behind = behind_places(&full.title);
    // "`a.rs` line 66 – [HIGH] title"
    let said = (behind.len() < full.title.len() && !full.severity_stated())
        .then(|| head::parse(behind))
        .filter(Head::severity_stated);
    let title = clause(said.as_ref().map_or(behind, |said| &said.title));
    let mut head = Head { title, ..full };
    if let Some(said) = said {
        head.rated = said.rated;
        head.by_icon = false;
    }
    let marked = trimmed.strip_prefix("**").or_else(|| {
        let at = trimmed.find("**").filter(|n| *n <= 60)?;
        let front = &trimmed[..at];
        (head::parse(front).title.is_empty()
            || front
                .trim()
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ')' | '`' | ':' | '-' | '–')))
        .then(|| &trimmed[at + 2..])
    });
    let marked = marked.and_then(|inner| inner.split_once("**"));
    if let Some((title, behind)) = marked {
        take_bold(&mut head, title, behind);
    }
    if !head.severity_stated()
        && let Some(rated) = stated_in_line(&first).or_else(|| behind_place(&first))
    {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    let line_place = head.places.iter().any(|p| p.place.line_start.is_some()) || head.lines.is_some();
    Lead { head, bold: marked.is_some(), line_place }
}

/// What a bold beginning says: it is the title, or labels what follows it.
fn take_bold(head: &mut Head, title: &str, behind: &str) {
    let own = head::parse(title);
    let line_only = locate::only_lines(&own.title);
    let tag = own.title.starts_with('[') && own.title.ends_with(']');
    let label = tag
        || title.trim_end().ends_with(':') && fields::label_of(&own.title).is_some()
        || fields::label_of(&own.title) == Some(Label::Other)
        || PHRASES.numbered.contains(&own.title.to_lowercase().as_str())
        || is_step(&own.title)
        || names_subject(&own.title, behind);
    if !own.title.is_empty() && own.title.chars().any(char::is_alphabetic) && !label && line_only.is_none() {
        head.title.clone_from(&own.title);
    } else {
        let rest = head::parse(behind.trim_start_matches([' ', ':', '-', '–', '—']));
        head.title = clause(&rest.title);
        head.lines = line_only.or(head.lines);
        if rest.severity_stated() && !own.severity_stated() {
            head.rated = rest.rated;
            head.by_icon = false;
        }
    }
    // `**Title** (high) – …`
    let behind = behind.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let bracket = |inside: &str| {
        severity::exact(inside)
            .or_else(|| parts::severity_in_bracket(inside))
            .or_else(|| severity::of_scale(inside))
    };
    if let Some(rated) = behind.and_then(|(inside, _)| bracket(inside))
        && !own.severity_stated()
    {
        head.rated = Some(rated);
        head.by_icon = false;
    } else if own.severity_stated() || head.rated.is_none() {
        head.by_icon = own.by_icon;
        head.rated = own.rated.or(head.rated.take());
    }
    head.number = own.number.or(head.number.take());
    head.id = own.id.or(head.id.take());
    head.named_number |= own.named_number;
    head.lines = own.lines.or(head.lines);
    head.tags = own.tags;
}

/// `**Correctness** – the lock is never freed`: a subject, and what is wrong behind it.
fn names_subject(title: &str, behind: &str) -> bool {
    let said = behind.trim_start();
    let dot = title.ends_with('.') && said.starts_with(char::is_alphanumeric);
    let told = said.strip_prefix([':', '—', '–', '-']).map(str::trim_start).or(dot.then_some(said));
    let title = title.trim_end_matches('.');
    let threat = THREATS.contains(&title.to_lowercase().as_str());
    let subject = titles::is_listed(title) && titles::section(title) == Some(Class::Subject);
    title.split_whitespace().count() <= 3
        && (threat || subject)
        && told.is_some_and(|told| told.split_whitespace().count() >= 3)
}

/// Kinds of threats, by which models of them are sorted.
const THREATS: [&str; 6] = [
    "spoofing",
    "tampering",
    "repudiation",
    "information disclosure",
    "denial of service",
    "elevation of privilege",
];

/// "`a.ts:3`, called from `b.ts`: what is wrong" says where before it says what.
fn behind_places(title: &str) -> &str {
    let separators = [": ", " - ", " — ", " – "];
    let split = separators.iter().filter_map(|mark| find(title, mark).map(|at| (at, mark.len()))).min();
    let Some((at, len)) = split else { return title };
    let (front, rest) = (&title[..at], &title[at + len..]);
    let places = locate::find(front, locate::Trust::Prose);
    let named: usize = places.iter().map(|p| p.end - p.start).sum();
    let others = front.split_whitespace().filter(|w| w.chars().all(char::is_alphabetic)).count();
    let enough = rest.split_whitespace().count() >= 2 || !rest.is_ascii();
    if named * 2 > front.len() && others <= 3 && enough { rest } else { title }
}

/// `**Title** (`a.rs:41`, medium). More`, `Title — a.rs:41 — high. More`: a severity of its
/// own between two marks, right behind a place.
fn behind_place(line: &str) -> Option<Rated> {
    const MARKS: [char; 9] = [',', ';', '.', '(', ')', '—', '–', '·', '|'];
    let part = |text: &str| {
        let end = text.find(MARKS).unwrap_or(text.len());
        let end = text.find(" - ").map_or(end, |dash| dash.min(end));
        severity::exact(&text[..end])
    };
    locate::find(line, locate::Trust::Prose).iter().find_map(|place| {
        let after = line.get(place.end..)?.trim_start_matches(['`', '*', '_']).trim_start();
        let inner = after.strip_prefix(MARKS).or_else(|| after.strip_prefix("- "))?;
        part(inner.trim_start_matches(MARKS).trim_start_matches([' ', '*', '_', '—', '–', '(']))
    })
}

/// A severity as the last word of the first paragraph: `… is lost. High.`, `… (minor)`, `…, major`.
pub(crate) fn rated_at_end(text: &str) -> Option<Rated> {
    let paragraph = find(text, "\n\n").map_or(text, |end| &text[..end]).trim_end();
    if !severity::may_hold(paragraph) {
        return None;
    }
    rated_at_very_end(paragraph)
        .or_else(|| rated_in_last_sentence(paragraph))
        .or_else(|| rated_by_arrow(paragraph))
}

/// A last sentence that rates and says why or who thinks so: "Medium, I'd say.", "Severity
/// low, nobody needs it."
fn rated_in_last_sentence(paragraph: &str) -> Option<Rated> {
    let last =
        prose::sentences(paragraph).map(|range| paragraph[range].trim()).filter(|s| !s.is_empty()).last()?;
    let begins = last.as_ptr() as usize > paragraph.as_ptr() as usize;
    let (first, rest) = last.split_once([',', ';', '，', '、'])?;
    let rated = severity::exact(first).filter(|_| begins && first.starts_with(char::is_uppercase))?;
    let names_scale = first
        .split_once([' ', ':'])
        .is_some_and(|(label, _)| fields::label_of(label) == Some(Label::Severity));
    (names_scale || rest.split_whitespace().count() <= REASON).then_some(rated)
}

/// So many words, at most, follow a severity that is a sentence's first word.
const REASON: usize = 4;

/// `… is open. → **HIGH**. No mitigation.`: what a text comes to, behind an arrow.
fn rated_by_arrow(paragraph: &str) -> Option<Rated> {
    let (_, behind) = paragraph.rsplit_once('→')?;
    let behind = behind.trim_start();
    let bold = behind.strip_prefix("**").and_then(|rest| rest.split_once("**")).map(|(tag, _)| tag);
    let word = || behind.split(['.', ',', ';', '\n', '(']).next();
    severity::exact(bold.or_else(word)?)
}

fn rated_at_very_end(paragraph: &str) -> Option<Rated> {
    let end = paragraph.trim_end_matches(['.', ' ', '*', '_', ')', ']', '）']);
    let from = severity::cut_back(end, 40);
    let at = from.rfind(['.', '!', '?', '(', '[', '（', ',', '。', '\u{2014}', ':'])?;
    let mark = from[at..].chars().next()?;
    let tail = from[at + mark.len_utf8()..].trim();
    let rated = severity::exact(tail)?;
    let label = from[..at].trim_end_matches(['*', '_', ' ']);
    let labelled = || {
        let apart = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '(' | '[' | '（');
        let word = label.rsplit(apart).next().unwrap_or_default();
        fields::label_of(word) == Some(Label::Severity)
    };
    match mark {
        ':' => labelled(),
        '(' | '[' | '（' => paragraph.len() - end.len() <= 6 && !label.is_empty(),
        ',' | '\u{2014}' => severity::is_strong(tail),
        _ => !label.is_empty(),
    }
    .then_some(rated)
}

/// Does a line begin like "Finding 3"?
pub(crate) fn is_numbered(line: &str) -> bool {
    let lower = severity::cut(line, 40).to_lowercase();
    PHRASES
        .numbered
        .iter()
        .any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '#', '-', '№'])))
}

/// GitHub's `[!WARNING]` line above a quoted text.
pub(crate) fn alert_of(text: &str) -> (Option<Rated>, &str) {
    let opened = text.strip_prefix("[!").and_then(|rest| rest.split_once(']'));
    match opened {
        Some((word, rest)) if word.len() < 12 => {
            (severity::exact(word), rest.trim_start_matches(['\n', '\r', '>', ' ']))
        }
        _ => (None, text),
    }
}

/// `… — Severity: high` in the middle of a line.
fn stated_in_line(line: &str) -> Option<Rated> {
    line.split(['—', '–', '|', ';', '(', ')', '[', ']', '·', ','])
        .filter(|part| part.contains([':', '：', '=']))
        .flat_map(|part| part.split(" - "))
        .filter_map(|part| part.split_once([':', '：', '=']).map(|(label, value)| (part, label, value)))
        .filter(|(_, label, _)| {
            fields::label_of(label.trim().trim_matches(['*', '_'])) == Some(Label::Severity)
        })
        // "level = 1 # critical" is code.
        .find_map(
            |(part, _, value)| {
                if part.contains('=') { severity::exact(value) } else { severity::of_field(value) }
            },
        )
}

/// The first line, with a soft-wrapped second one if the first is no sentence yet.
fn first_line(text: &str) -> String {
    let mut lines = text.lines();
    let Some(first) = lines.next().map(str::trim) else {
        return String::new();
    };
    let mut line = first.to_string();
    for next in lines.take(2) {
        // A list's text that is broken into short lines is set in.
        let set_in =
            next.starts_with("   ") && line.len() > 30 && !first.ends_with(|c: char| c.is_ascii_digit());
        let next = next.trim();
        let goes_on = !line.ends_with(['.', ':', '`', '*', ')', '!', '?'])
            && (line.len() > 50 || set_in)
            && !next.is_empty()
            && !next.starts_with(['-', '*', '#', '>', '|', '`', '+'])
            && fields::first_in_line(next).is_none();
        if !goes_on {
            break;
        }
        line.push(' ');
        line.push_str(next);
    }
    line
}

/// `Step 2: …` is a plan, not a finding.
pub(crate) fn is_step(title: &str) -> bool {
    let lower = title.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    PHRASES.step.iter().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// The first clause of a sentence, for a title.
pub(crate) fn clause(text: &str) -> String {
    let text = text.trim();
    let mut end = text.len();
    for separator in [" — ", " -- ", " – ", " - ", ". ", ": ", "; ", "。", "："] {
        let mut from = 0;
        while let Some(at) = find(&text[from..], separator).map(|n| n + from) {
            let enough = text[..at].split_whitespace().count()
                >= if separator.starts_with(':') { 3 } else { 2 }
                || !text.is_ascii() && at >= 12;
            let ticks = text[..at].matches('`').count().is_multiple_of(2);
            let abbreviation = text[..at].ends_with("e.g")
                || text[..at].ends_with("i.e")
                || text[..at].ends_with("etc")
                || text[..at].ends_with("vs");
            if enough && ticks && !abbreviation {
                end = end.min(at);
                break;
            }
            from = at + separator.len();
        }
    }
    let cut = text[..end].trim().trim_end_matches('.');
    if cut.chars().count() <= 160 {
        return cut.to_string();
    }
    let limit = cut.char_indices().nth(157).map_or(cut.len(), |(at, _)| at);
    let space = cut[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", &cut[..space])
}

/// `[Title]`, `<description>`, `{title}`: a form to fill in, not a finding.
pub(crate) fn is_placeholder(title: &str) -> bool {
    let trimmed = title.trim_matches(['`', '*', ' ', '"']);
    let wrapped = |open: char, close: char| trimmed.starts_with(open) && trimmed.ends_with(close);
    wrapped('[', ']')
        || wrapped('<', '>')
        || wrapped('{', '}')
        || PHRASES.placeholder.contains(&trimmed.to_lowercase().as_str())
}
