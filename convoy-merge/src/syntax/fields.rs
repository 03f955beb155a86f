//! Labelled fields: `**Severity:** high`, `- File: a.ts:3`, `Impact: …`,
//! `**Severity**: High | **File**: a.ts`. Lines inside fences are no fields.

pub(crate) use crate::text::fence_mark;
use std::ops::Range;

use crate::locate::{self, Trust};
use crate::severity;
use crate::text::{find, lower_without};
use crate::vocabulary::{LABELS, Label, PHRASES};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) label: Label,
    /// The whole line (or the part of a line) that states it.
    pub(crate) line: Range<usize>,
    /// The value on that line.
    pub(crate) value: Range<usize>,
    /// A word of sentences too ("what", "at"): a label only among others.
    pub(crate) weak: bool,
}

/// What a label's words mean, if they are a known label.
pub(crate) fn label_of(words: &str) -> Option<Label> {
    let plain = lower_without(words, |c| matches!(c, '*' | '_' | '`'));
    let trimmed = plain
        .trim()
        .trim_matches(|c: char| c == ':' || c == '：' || c == '-' || c.is_whitespace() || is_icon(c))
        .trim_end_matches('?');
    // `issue (blocking):` names a finding and rates it; it is no label.
    let rates = |inside: &str| severity::exact(inside).is_some();
    if trimmed.len() > 48
        || trimmed.split_once('(').is_some_and(|(_, rest)| rates(rest.trim_end_matches(')')))
    {
        return None;
    }
    LABELS
        .get(trimmed)
        .or_else(|| {
            let bare = trimmed.split(['(', '（', '/', '&']).next().unwrap_or(trimmed).trim();
            LABELS.get(bare)
        })
        .or_else(|| {
            // "Status after retest"
            let (word, rest) = trimmed.split_once(" after ")?;
            LABELS.get(word).filter(|_| rest.split_whitespace().count() <= 2)
        })
        .copied()
}

fn is_icon(c: char) -> bool {
    matches!(c as u32, 0x1F300..=0x1FAFF | 0x2190..=0x21FF | 0x2300..=0x27BF | 0x2B00..=0x2BFF | 0xFE0F)
}

/// All fields of a piece of text; `base` is where it stands in the input.
pub(crate) fn read(text: &str, base: usize) -> Vec<Field> {
    let mut list = Vec::new();
    let mut at = 0;
    let mut fence: Option<char> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '\t', '>']);
        if let Some(mark) = fence_mark(trimmed) {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => {}
            }
        } else if fence.is_none() {
            value_below(line, base + at, &mut list, base, text);
            in_line(line, base + at, &mut list);
        }
        at += line.len();
    }
    if list.iter().filter(|field| !field.weak).count() < 2 {
        list.retain(|field| !field.weak);
    }
    list
}

/// `### Severity` or `**Severity:**` alone: the next line with text is the value.
fn value_below(line: &str, at: usize, list: &mut [Field], base: usize, text: &str) {
    let Some(open) = list.last_mut().filter(|f| f.value.start == f.value.end && f.label == Label::Severity)
    else {
        return;
    };
    let between = &text[(open.line.end - base).min(at - base)..at - base];
    let value = line.trim();
    if between.trim().is_empty()
        && !value.is_empty()
        && severity::of_field(value).is_some()
        && value.len() < 80
    {
        let lead = line.len() - line.trim_start().len();
        open.value = at + lead..at + lead + value.len();
    }
}

/// A line that is nothing but a severity, and maybe tags: `**High Severity**`,
/// `_⚠️ Potential issue_ | _🔴 Critical_`, `![high](…)`, `Critical:`.
pub(crate) fn rated_alone(line: &str) -> Option<severity::Rated> {
    let line = line.trim();
    if line.len() > 160 || line.contains('\n') {
        return None;
    }
    if line.to_lowercase().trim_start_matches(['*', '`', '_']).starts_with("cvss:") {
        return severity::of_field(line);
    }
    // "[a.rs:3] [severity: high] [confidence: 0.8]"
    let words = super::head::unlink(line).replace("] [", "|").replace(['*', '_', '[', ']'], "");
    let parts: Vec<&str> =
        words.split(['|', '·', '•']).map(|part| part.trim().trim_end_matches(':')).collect();
    if parts.len() > 4 || parts.iter().any(|part| part.split_whitespace().count() > 3) {
        return None;
    }
    let rated: Vec<severity::Rated> = parts.iter().filter_map(|part| severity::exact(part)).collect();
    // "🔴 critical · 🟠 high · 🟡 medium" tells a scale.
    let levels: std::collections::HashSet<_> = rated.iter().map(|(level, _)| *level).collect();
    // "**a.rs:3 | high | Lock is held**" tells what is wrong.
    let told = |part: &str| part.split_whitespace().count() > 2 && severity::exact(part).is_none();
    let placed = |part: &str| locate::find(part, Trust::Prose).iter().any(|f| f.place.line_start.is_some());
    if parts.iter().any(|part| told(part)) && parts.iter().any(|part| placed(part)) {
        return None;
    }
    if levels.len() > 2 || rated.is_empty() || parts.len() == 1 && line.starts_with(['-', '+']) {
        return None;
    }
    rated.into_iter().max_by_key(|(level, _)| *level)
}

/// A line that is nothing but a severity and places, whatever parts them:
/// "**High** — `a.rs:3`", "`a.rs:3`, high"; between dots also names: "`a.rs:3` · high · ana".
pub(crate) fn rated_with_place(line: &str) -> Option<severity::Rated> {
    let line = line.trim();
    if line.len() > 160 || line.contains('\n') {
        return None;
    }
    let bare = super::head::unlink(line).replace(['*', '_'], "");
    let mut parts: Vec<&str> = vec![&bare];
    for mark in [" — ", " – ", " - ", " @ ", ", ", " · ", " • ", " | "] {
        parts = parts.into_iter().flat_map(|part| part.split(mark)).map(str::trim).collect();
    }
    let is_place = |part: &&str| {
        locate::only_lines(part).is_some()
            || locate::find(part, locate::Trust::Prose)
                .first()
                .is_some_and(|found| found.start <= 1 && found.end + 1 >= part.len())
    };
    let (places, others): (Vec<&str>, Vec<&str>) = parts.into_iter().partition(is_place);
    let (rated, names): (Vec<&str>, Vec<&str>) =
        others.into_iter().partition(|part| severity::exact(part).is_some());
    let dotted = line.contains(['·', '•', '|']);
    let short = names.iter().all(|name| dotted && name.split_whitespace().count() <= NAME);
    let [rated] = rated[..] else { return None };
    severity::exact(rated).filter(|_| !places.is_empty() && short && names.len() <= NAMES)
}

/// So many words have the names and tags beside a severity and a place …
const NAME: usize = 2;
/// … and so many stand there.
const NAMES: usize = 4;

/// The first field of a line, if the line is one.
pub(crate) fn first_in_line(line: &str) -> Option<Field> {
    let mut list = Vec::new();
    in_line(line, 0, &mut list);
    list.into_iter().next().filter(|field| !field.weak)
}

/// A label without emphasis that is a word of sentences too.
fn is_weak(label: &str) -> bool {
    let plain = label.trim().trim_end_matches([':', '：', ' ']);
    let words = plain.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    !plain.contains(['*', '_', '|']) && PHRASES.weak_label.contains(&words.as_str())
}

/// A longer name, in words, is a sentence.
const SPOKEN: usize = 4;

fn in_line(line: &str, base: usize, list: &mut Vec<Field>) {
    let body = line.trim_end_matches(['\n', '\r']);
    let mut from = 0;
    let mut first = true;
    loop {
        let Some((label, value_at)) = label_at(&body[from..], first) else {
            return;
        };
        let weak = first && is_weak(&body[from..from + value_at]);
        let value_start = from + value_at;
        // Another field on the same line ends this one's value.
        let next = next_label(&body[value_start..]).map(|n| value_start + n);
        let end = next.unwrap_or(body.len());
        let value = body[value_start..end].trim_end_matches([' ', '|', '·', '•', ',', ';', '—', '–', '-']);
        let lead = value.len() - value.trim_start().len();
        // "Risk: high" rates, "Risk: all users wait" tells what follows.
        let rates = label == Label::Impact && severity::exact(value).is_some();
        // "Reviewer: ana, bo" names who, "Reviewer: this is read before it is written" lets one speak.
        let words = |name: &str| name.split_whitespace().count();
        let said = value.ends_with(['.', '!', '?']) && words(value) >= SPOKEN
            || value.split(',').any(|name| words(name) > SPOKEN);
        let speaks = label == Label::Reviewer && said;
        list.push(Field {
            label: match label {
                _ if rates => Label::Severity,
                _ if speaks => Label::Problem,
                label => label,
            },
            line: base + from..base + next.unwrap_or(line.len()),
            value: base + value_start + lead..base + value_start + value.len().max(lead),
            weak,
        });
        match next {
            Some(next) => {
                from = next;
                first = false;
            }
            None => return,
        }
    }
}

/// A label at the start of a line: how many bytes until its value.
fn label_at(text: &str, first: bool) -> Option<(Label, usize)> {
    if first && let Some(found) = label_heading(text).or_else(|| label_cell(text)) {
        return Some(found);
    }
    let lead = text.len()
        - text
            .trim_start_matches(|c: char| {
                matches!(c, ' ' | '\t' | '-' | '+' | '•' | '>' | '|' | '·' | '—' | '–' | ',' | ';')
                    || is_icon(c)
            })
            .len();
    let rest = &text[lead..];
    // A list's star is not emphasis, however far its text is set off.
    let star = rest.strip_prefix('*').filter(|inner| inner.starts_with([' ', '\t']));
    let lead = lead + star.map_or(0, |inner| rest.len() - inner.trim_start_matches([' ', '\t']).len());
    // `:File: a.ts`, as reStructuredText has it.
    let colon = text[lead..].strip_prefix(':').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let lead = lead + usize::from(colon);
    let rest = &text[lead..];
    let emphasis = ["***", "**", "__", "*", "_", "`"].iter().find(|mark| rest.starts_with(**mark)).copied();
    if let Some(mark) = emphasis {
        let inner = &rest[mark.len()..];
        let close = inner.find(mark).filter(|n| *n <= 60 && *n > 0)?;
        let words = &inner[..close];
        let after = &inner[close + mark.len()..];
        let inside_colon = words.trim_end().ends_with([':', '：']);
        let colon = after.trim_start().starts_with([':', '：']);
        let dash = [" — ", " – ", " - "].iter().any(|d| after.starts_with(d));
        // `Severity:` High, in code marks: only with its colon inside.
        if mark == "`" && !inside_colon {
            return None;
        }
        let Some(label) = label_of(words) else {
            return if mark == "`" { None } else { whole_in_bold(words, lead + mark.len()) };
        };
        // `**Severity** High`: no sign between them, but nothing else it could be.
        let bare = label == Label::Severity && after.len() < 40 && severity::of_field(after).is_some();
        if !(bare || inside_colon || colon || dash && label != Label::Other || after.trim().is_empty()) {
            return None;
        }
        let skip = after.len() - after.trim_start_matches([':', '：', ' ']).len();
        let skip = if inside_colon || colon {
            skip
        } else {
            after.len() - after.trim_start_matches([' ', '—', '–', '-']).len()
        };
        return Some((label, lead + mark.len() * 2 + close + skip));
    }
    label_in_words(rest)
        .filter(|(label, _)| first || *label != Label::Other)
        .map(|(label, value_at)| (label, lead + value_at))
}

/// `Severity: high`, `Severity ....: high`, `Severity → high`, `severity = high`.
fn label_in_words(rest: &str) -> Option<(Label, usize)> {
    if let Some(found) = severity_behind_dash(rest) {
        return Some(found);
    }
    let (at, mark) = [":", "：", " → ", " => ", " -> ", " = "]
        .into_iter()
        .filter_map(|mark| Some((rest.find(mark)?, mark)))
        .min_by_key(|(at, _)| *at)?;
    // Dots lead to a value further right.
    let words = rest[..at].trim_end_matches(['.', '…', '·', ' ']);
    if words.len() > LABEL || words.contains(['`', '/', '(']) {
        return None;
    }
    let label = label_of(words)?;
    let after = &rest[at + mark.len()..];
    let apart = mark != ":" || after.is_empty() || after.starts_with(' ');
    apart.then(|| (label, at + mark.len() + after.len() - after.trim_start().len()))
}

/// `Severity — high`: behind a dash a level, and nothing else.
fn severity_behind_dash(rest: &str) -> Option<(Label, usize)> {
    let (name, value) = [" — ", " – ", " - "].iter().find_map(|dash| rest.split_once(dash))?;
    (name.len() <= LABEL && label_of(name) == Some(Label::Severity) && severity::exact(value).is_some())
        .then(|| (Label::Severity, rest.len() - value.len()))
}

/// A longer label, in bytes, is none.
const LABEL: usize = 32;

/// `### Impact`: the value stands below.
fn label_heading(text: &str) -> Option<(Label, usize)> {
    let trimmed = text.trim_start_matches(['>', ' ']);
    let words = trimmed.trim_start_matches('#');
    (words.len() < trimmed.len() && words.starts_with(' '))
        .then(|| label_of(words))
        .flatten()
        .map(|label| (label, text.len()))
}

/// `| Severity | High |`: a row of two cells that says what a field says.
fn label_cell(text: &str) -> Option<(Label, usize)> {
    let inner = text.trim_start().strip_prefix('|')?;
    let (name, rest) = inner.split_once('|')?;
    let label = label_of(name)?;
    let value = rest.trim().trim_end_matches('|').trim();
    let says = match label {
        Label::Severity => severity::of_field(value).is_some(),
        Label::Location => !locate::find(value, Trust::Field).is_empty(),
        Label::Line => !locate::bare_lines(value).is_empty(),
        Label::Other | Label::Id => false,
        _ => !value.is_empty() && label_of(value).is_none() && !value.starts_with(['-', ':']),
    };
    (says && !value.contains('|')).then(|| (label, text.len() - rest.len()))
}

/// `**Severity: High**`: label and value in one pair of marks.
fn whole_in_bold(words: &str, at: usize) -> Option<(Label, usize)> {
    let colon = words.find([':', '：'])?;
    let label = label_of(&words[..colon])?;
    let width = words[colon..].chars().next()?.len_utf8();
    let rest = &words[colon + width..];
    let value = rest.trim_start();
    matches!(label, Label::Severity | Label::Location | Label::Confidence | Label::Category | Label::Line)
        .then_some((label, at + colon + width + rest.len() - value.len()))
        .filter(|_| !value.is_empty())
}

/// Where the next emphasised label of the same line begins: `… | **File**: x`.
fn next_label(text: &str) -> Option<usize> {
    let found = next_marked(text, "**").into_iter().chain(next_plain(text));
    if text.matches('`').count() < 2 {
        return found.min();
    }
    // `File:` a.ts, in code marks
    found.chain(next_marked(text, "`")).min()
}

/// `… | File: a.ts`, `…   File: a.ts`
fn next_plain(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find(['|', '·']).into_iter().chain(find(&text[from..], "  ")).min() {
        let at = from + at;
        let rest = text[at..].trim_start_matches(['|', '·', ' ']);
        if label_in_words(rest).is_some_and(|(label, _)| label != Label::Other) {
            return Some(at);
        }
        from = text.len() - rest.len();
    }
    None
}

fn next_marked(text: &str, mark: &str) -> Option<usize> {
    let len = mark.len();
    let mut from = 0;
    while let Some(n) = text[from..].find(mark) {
        let at = from + n;
        let rest = &text[at + len..];
        let close = rest.find(mark)?;
        let words = &rest[..close];
        let separated = at == 0
            || text[..at].trim_end().ends_with(['|', '·', '•', ',', ';', '—', '–', '-'])
            || text[..at].ends_with("  ");
        let inside = words.trim_end().ends_with(':');
        let colon = inside || len > 1 && rest[close + len..].trim_start().starts_with(':');
        if at > 0 && separated && colon && label_of(words).is_some() {
            return Some(at);
        }
        from = at + len + close + len;
    }
    None
}

#[cfg(test)]
mod tests;
