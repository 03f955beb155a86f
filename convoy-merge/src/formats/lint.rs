//! What compilers and linters print: `src/a.c:3:9: warning: message [rule]`,
//! `src/a.ts(3,9): error TS2322: message`, a file's name above `3:9  error  message  rule`,
//! and `error[E0502]: message` above `--> src/a.rs:3:9`.

use serde_json::{Map, Value};

use super::annotation;
use super::entry::{Given, Object, Source, of_object};
use crate::extract::Extraction;
use crate::locate;
use crate::model::Recognised;
use crate::severity;
use crate::signs::marks::{Mark, Marks};
use crate::vocabulary::DENIALS;

/// Longer lines are none of a tool's.
const LONGEST: usize = 4000;

/// One line as such a tool prints it.
#[derive(Debug, PartialEq)]
struct Remark<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    severity: Option<&'static str>,
    title: &'a str,
}

/// Reads a text of nothing but such lines, with the code they quote and a summary;
/// `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let mut remarks: Vec<(Object, usize, usize)> = Vec::new();
    let mut file: Option<String> = None;
    let mut others = 0;
    // Lines of a log that name a place and are no remark.
    let mut placed_others = 0;
    let mut log = false;
    let mut stated = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let bare = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if bare.is_empty() {
            continue;
        }
        if line.len() > LONGEST {
            others += 1;
            continue;
        }
        match annotation::of_line(bare) {
            Some(annotation::Line::Remark(object)) => {
                log = true;
                remarks.push((object, start, end));
                continue;
            }
            Some(annotation::Line::Command) => continue,
            None => {}
        }
        if let Some(place) = bare.strip_prefix("--> ") {
            if let (Some((object, _, last)), Some((path, number, _))) =
                (remarks.last_mut(), place_first(place))
                && !object.contains_key("file")
            {
                set_place(object, Some(path), number);
                *last = end;
                continue;
            }
            return None;
        }
        if let Some(object) = of_pairs(bare) {
            remarks.push((object, start, end));
            continue;
        }
        let found = if indented {
            file.as_deref().and_then(|file| Some(Remark { file: Some(file), ..below_file(bare)? }))
        } else {
            remark(bare).or_else(|| heading(bare))
        };
        if let Some((last, _, to)) = remarks.last_mut()
            && found.as_ref().is_some_and(|found| explains(bare, found, last))
        {
            *to = end;
            continue;
        }
        match found {
            Some(found) => remarks.push((object(&found), start, end)),
            None if indented && names_file(bare) => file = Some(bare.to_string()),
            None if indented || is_rule(bare) => {
                if let Some((_, _, last)) = remarks.last_mut().filter(|_| indented) {
                    *last = end;
                }
            }
            None if names_file(bare) => file = Some(bare.to_string()),
            // `* errcheck: 1` below the sum.
            None if stated.is_some() && counts_kind(bare) => {}
            None if bare.starts_with(['#', '|', '>', '`']) || bare.starts_with("- ") => return None,
            // `[2/7] src/a.cpp ... 2 remarks`
            None if crate::signs::file_line(bare).is_some() => file = crate::signs::file_line(bare),
            None => {
                others += 1;
                placed_others += usize::from(crate::signs::has_line_place(bare));
                stated = stated.max(summed(bare));
            }
        }
    }
    let placed = remarks.iter().filter(|(object, ..)| object.contains_key("file")).count();
    if remarks.is_empty() || !log && (placed < remarks.len() || others > remarks.len().max(2)) {
        return None;
    }
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    for (object, start, end) in remarks {
        let source = Source { text: text[start..end].trim_end(), start };
        out.members.extend(of_object(source, &object, &Given::default()));
    }
    let count = out.members.len();
    if let Some(stated) = stated.filter(|stated| *stated > count) {
        super::fault(&mut out, &format!("it states {stated} findings, {count} were recognised"));
    }
    if log && placed_others > 0 {
        super::fault(&mut out, &format!("{placed_others} lines name places and could not be read"));
    }
    if says_part(text, &out) {
        super::fault(&mut out, "it says that not all was read");
    }
    Some(out)
}

/// Does it say, outside of its remarks, that a part was read or that the run failed?
fn says_part(text: &str, out: &Extraction) -> bool {
    let marks = Marks::of(text);
    let inside = |at: usize| {
        let next = out.members.partition_point(|m| m.byte_range[0] <= at);
        next > 0 && at < out.members[next - 1].byte_range[1]
    };
    // "Error: 3 errors" is the sum of what was found.
    let sums = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        summed(text[line..].lines().next().unwrap_or_default()).is_some()
    };
    let mut told = marks.all(Mark::Partial).iter().chain(marks.all(Mark::Failure));
    told.any(|hit| !inside(hit.start) && !sums(hit.start))
}

/// `a.py:3: note: …` behind an error there explains it.
fn explains(line: &str, found: &Remark<'_>, last: &Object) -> bool {
    let own = object(found);
    let same = |key: &str| own.get(key) == last.get(key);
    line.contains(": note: ")
        && same("file")
        && same("line")
        && last.get("severity").is_some_and(|level| level != "info")
}

/// `file=src/a.c line=3 severity=error msg="…"`: pairs of keys and values, and nothing else.
fn of_pairs(line: &str) -> Option<Object> {
    let mut object = Map::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (key, behind) = rest.split_once('=')?;
        if key.is_empty()
            || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        {
            return None;
        }
        let (value, after) = match behind.strip_prefix('"') {
            Some(inner) => inner.split_once('"')?,
            None => behind.split_once(' ').unwrap_or((behind, "")),
        };
        object.insert(key.to_string(), Value::from(value));
        rest = after.trim_start();
    }
    let named = |keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
    (object.len() >= 3 && named(&["file", "path"]) && named(&["msg", "message", "title"])).then_some(object)
}

/// `✖ 3 problems (2 errors, 1 warning)`: the highest number of remarks that a line states.
fn summed(line: &str) -> Option<usize> {
    let lower = line.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let noun = |word: &str| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    words.windows(2).filter(|pair| noun(pair[1])).filter_map(|pair| pair[0].parse().ok()).max()
}

/// A rule or kind, and how many remarks it made.
fn counts_kind(line: &str) -> bool {
    line.rsplit_once(':').is_some_and(|(kind, number)| {
        kind.split_whitespace().count() <= 3 && number.trim().parse::<usize>().is_ok()
    })
}

fn object(found: &Remark<'_>) -> Object {
    let mut object = Map::new();
    object.insert("message".to_string(), Value::from(found.title));
    if let Some(severity) = found.severity {
        object.insert("severity".to_string(), Value::from(severity));
    }
    set_place(&mut object, found.file, found.line);
    object
}

fn set_place(object: &mut Object, file: Option<&str>, line: Option<u32>) {
    if let Some(file) = file {
        object.insert("file".to_string(), Value::from(file));
        if let Some(line) = line {
            object.insert("line".to_string(), Value::from(line));
        }
    }
}

/// `src/a.c:3:9: warning: message`, with a column, a severity or a rule's code.
fn remark(line: &str) -> Option<Remark<'_>> {
    let Some((file, number, rest)) = place_first(line) else { return severity_first(line) };
    let (severity, coded, title) = rated(rest);
    let numbers = line[file.len()..line.len() - rest.len()].matches([':', ',']).count();
    let told = severity.is_some() || coded || numbers > 2;
    (told && title.contains(char::is_alphabetic)).then_some(Remark {
        file: Some(file),
        line: number,
        severity,
        title,
    })
}

/// `✗ error  src/a.go:88  message`: how bad it is, then where.
fn severity_first(line: &str) -> Option<Remark<'_>> {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '.');
    let (word, rest) = line.split_once(|c: char| c.is_whitespace() || c == ':').unwrap_or((line, ""));
    let word = if word.chars().count() == 1 { rest.trim_start().split(' ').next()? } else { word };
    let severity = level(word.trim_end_matches([':', ']']))?;
    let rest = line[line.find(word)? + word.len()..].trim_start_matches([':', ']', ' ', '\t']);
    // `ERROR: RuleName - src/a.php:3:9 - message`
    let behind_rule = || {
        let (rule, place) = rest.split_once(" - ")?;
        place_first(place).filter(|_| !rule.contains(' '))
    };
    let (file, number, title) = place_first(rest).or_else(behind_rule)?;
    let title = rated(title).2;
    title.contains(char::is_alphabetic).then_some(Remark {
        file: Some(file),
        line: number,
        severity: Some(severity),
        title,
    })
}

/// A place at the beginning, and what follows it: `a.c:3:9: …`, `a.ts(3,9): …`, `a.ts:3:9 - …`.
fn place_first(line: &str) -> Option<(&str, Option<u32>, &str)> {
    let stop = line.char_indices().find(|(n, c)| {
        matches!(c, ':' | '(') && line[n + 1..].starts_with(|c: char| c.is_ascii_digit()) || c.is_whitespace()
    });
    let (end, mark) = stop?;
    let file = &line[..end];
    if mark.is_whitespace() || !names_file(file) {
        return None;
    }
    let numbers = &line[end + 1..];
    let stop = numbers
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | ',' | '-' | '.'))
        .unwrap_or(numbers.len());
    let number = numbers[..stop].split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let rest = numbers[stop..].trim_start_matches([')', ':', ' ', '\t']);
    Some((file, number, rest.strip_prefix("- ").unwrap_or(rest)))
}

/// `3:9  error  message  rule`, `L34  ERROR  message` below a file's name.
fn below_file(line: &str) -> Option<Remark<'_>> {
    let mut parts = line.splitn(2, char::is_whitespace);
    let number = parts.next()?;
    let number = match number.split_once(':') {
        Some((number, column)) => {
            if !column.is_empty() {
                column.parse::<u32>().ok()?;
            }
            number
        }
        None => number.strip_prefix(['L', 'l'])?,
    };
    let number = number.trim_start_matches(['L', 'l']).parse().ok()?;
    let (severity, _, title) = rated(parts.next()?.trim_start());
    // The rule stands behind two blanks or more.
    let title = title.split("  ").next().unwrap_or(title).trim();
    severity.is_some().then_some(Remark { file: None, line: Some(number), severity, title })
}

/// `error[E0502]: message`, whose place stands below.
fn heading(line: &str) -> Option<Remark<'_>> {
    let (severity, _, title) = rated(line);
    let colon = line.split(title).next().is_some_and(|front| front.trim_end().ends_with(':'));
    // "Error: Process completed with exit code 1" tells of the run.
    let counts = summed(line).is_some() || title.contains("generated") || title.contains("exit code");
    (severity.is_some() && colon && !counts).then_some(Remark { file: None, line: None, severity, title })
}

/// A severity and a rule's code in front of a message.
fn rated(text: &str) -> (Option<&'static str>, bool, &str) {
    let mut rest = text;
    let mut severity = None;
    let mut coded = false;
    for _ in 0..3 {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ':' | '[')).unwrap_or(rest.len());
        let word = rest[..end].trim_matches(['[', ']', '(', ')']);
        // RuboCop: `C: Style/Documentation: message`
        let cop = rest[end..].strip_prefix(": ").and_then(|rest| rest.split_once(": "));
        let of_cop = cop.is_some_and(|(cop, _)| cop.contains('/') && !cop.contains(' '));
        let lettered = match word {
            "F" if of_cop => Some("fatal"),
            "E" if of_cop => Some("error"),
            "W" if of_cop => Some("warning"),
            "C" | "R" | "I" if of_cop => Some("info"),
            _ => None,
        };
        if let (None, Some(level)) = (severity, lettered) {
            severity = Some(level);
            coded = true;
        } else if let (None, Some(level)) = (severity, level(word)) {
            severity = Some(level);
        } else if is_code(word) {
            severity = severity.or_else(|| level_of_code(word));
            coded = true;
        } else {
            break;
        }
        rest = rest[end..].trim_start_matches([' ', '\t']);
        if let Some(inside) = rest.strip_prefix('[') {
            rest = inside.split_once(']').map_or(rest, |(_, after)| after);
        }
        rest = rest.trim_start_matches([':', ' ', '\t']);
    }
    (severity, coded, rest.trim())
}

/// The tools' own words for how bad a remark is.
fn level(word: &str) -> Option<&'static str> {
    const LEVELS: &[&str] = &[
        "error",
        "warning",
        "info",
        "note",
        "style",
        "hint",
        "convention",
        "refactor",
        "fatal",
        "critical",
        "help",
        "remark",
        "warn",
        "suggestion",
        "err",
    ];
    match word.trim_end_matches('\u{fe0f}') {
        "✖" | "✗" | "✘" | "×" | "❌" => return Some("error"),
        "⚠" | "‼" => return Some("warning"),
        "ℹ" => return Some("info"),
        _ => {}
    }
    let lower = word.to_lowercase();
    let known = LEVELS.iter().find(|level| **level == lower)?;
    Some(match *known {
        "warn" => "warning",
        "err" => "error",
        "style" | "convention" | "refactor" | "help" | "remark" | "note" => "info",
        known => known,
    })
}

/// `W0102`, `TS2322`, `DL3007`: letters and at least three digits.
fn is_code(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = word.len() - digits.len();
    (1..=6).contains(&letters) && digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A letter and four digits, as pylint numbers its messages, tells the kind by the letter.
fn level_of_code(code: &str) -> Option<&'static str> {
    if code.len() != 5 {
        return None;
    }
    match code.as_bytes().first()? {
        b'F' => Some("fatal"),
        b'E' => Some("error"),
        b'W' => Some("warning"),
        b'C' | b'R' => Some("info"),
        _ => None,
    }
}

fn names_file(word: &str) -> bool {
    !word.contains(char::is_whitespace)
        && locate::find(word, locate::Trust::Field).first().is_some_and(|found| {
            found.start == 0 && found.end == word.len() && found.place.line_start.is_none()
        })
        && severity::exact(word).is_none()
}

/// A line of signs, or a tool's heading.
fn is_rule(line: &str) -> bool {
    // `22 | let a = b;`, as compilers quote code.
    let quoted =
        line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with(['|', '│', '┆']);
    quoted && line.starts_with(|c: char| c.is_ascii_digit())
        || !line.contains(char::is_alphanumeric)
        || line.starts_with("***")
        || line.starts_with("==")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tools() {
        let read = |line| remark(line).map(|r| (r.file.unwrap_or(""), r.line, r.severity, r.title));
        assert_eq!(
            read("src/a.c:3:9: warning: unused"),
            Some(("src/a.c", Some(3), Some("warning"), "unused"))
        );
        assert_eq!(read("src/a.ts(3,9): error TS2322: no"), Some(("src/a.ts", Some(3), Some("error"), "no")));
        assert_eq!(read("a.py:1:0: C0114: Missing"), Some(("a.py", Some(1), Some("info"), "Missing")));
        assert_eq!(
            read("Dockerfile:3 DL3007 warning: Latest"),
            Some(("Dockerfile", Some(3), Some("warning"), "Latest"))
        );
        assert_eq!(read("src/a.c:3: we leak here"), None, "as people write");
        assert_eq!(read("12:30: error: late"), None);
    }

    #[test]
    fn texts_of_tools() {
        let text = "src/a.js\n  3:1  error  Bad import  import/first\n\n✖ 1 problem (1 error)\n";
        let found = extract(text).expect("lint");
        assert_eq!((found.members.len(), found.complete), (1, true));
        let text = "error[E0502]: cannot borrow\n  --> src/a.rs:3:9\n   |\n3  |  x\n";
        let found = extract(text).expect("lint");
        assert_eq!(found.members[0].locations[0].display(), "src/a.rs:3");
        let text = "src/a.c:3:9: warning: unused\n\n3 warnings generated.\n";
        assert!(!extract(text).expect("lint").complete);
        assert!(
            extract("src/a.c:3:9: warning: unused\n\nHi Bo,\n\nmore below.\n\nThe lock\nis\nbad.\n")
                .is_none()
        );
    }
}
