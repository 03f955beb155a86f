//! One line of a tool: where, how bad, the rule, what.

use serde_json::{Map, Value};

use super::columns::in_cells;
use super::context::summed;
use super::level::{in_own_column, is_code, level, level_of_code, rated};
use crate::formats::entry::{Object, names_file};
use crate::vocabulary::PATHS;

/// One line as such a tool prints it.
#[derive(Debug, PartialEq)]
pub(super) struct Remark<'a> {
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u32>,
    pub(super) severity: Option<&'static str>,
    pub(super) rule: Option<&'a str>,
    /// Empty: it stands in the lines below.
    pub(super) title: &'a str,
}

/// `src/a.c:3:9: warning: message [rule]`, with a column, a severity or a rule's code.
pub(super) fn remark(line: &str) -> Option<Remark<'_>> {
    if let Some(found) = spelled_out(line).or_else(|| in_cells(line)).or_else(|| whole_file(line)) {
        return Some(found);
    }
    let Some((file, number, rest)) = place_first(line) else {
        return severity_first(line).or_else(|| place_last(line));
    };
    let (severity, coded, title) = rated(rest);
    let numbers = line[file.len()..line.len() - rest.len()].matches([':', ',']).count();
    let (title, sure) = without_confidence(title);
    // `wrong ==> right`, of those who correct spelling.
    let told = severity.is_some() || coded || sure || numbers > 2 || title.contains(" ==> ");
    if let (Some(rule), true) = (only_rules(title), severity.is_some()) {
        return Some(Remark { file: Some(file), line: number, severity, rule: Some(rule), title: "" });
    }
    let (title, rule) = without_rule(title);
    let (severity, rule) = match rule.and_then(rated_rule) {
        Some((level, rule)) => (severity.or(Some(level)), Some(rule)),
        None => (severity, rule),
    };
    (told && title.contains(char::is_alphabetic)).then_some(Remark {
        file: Some(file),
        line: number,
        severity,
        rule,
        title,
    })
}

/// `a.css: line 3, col 9, error - message (rule)`
fn spelled_out(line: &str) -> Option<Remark<'_>> {
    let (file, rest) = line.split_once(": ")?;
    if !names_file(file) {
        return None;
    }
    let (number, rest) = after_place(rest)?;
    let (severity, _, title) = rated(rest);
    let (title, rule) = rule_behind(title.strip_prefix("- ").unwrap_or(title));
    Some(Remark { file: Some(file), line: Some(number), severity, rule, title })
}

/// `setup.toml: DEP002 message`: a file as a whole, and a rule's code.
fn whole_file(line: &str) -> Option<Remark<'_>> {
    let (file, rest) = line.split_once(": ").filter(|(file, _)| names_file(file))?;
    let (rule, title) = rest.split_once(' ').filter(|(rule, _)| is_code(rule))?;
    Some(Remark { file: Some(file), line: None, severity: level_of_code(rule), rule: Some(rule), title })
}

/// `E3002: message a.yaml:6`, `no-free-form a.yml:4:7`: a rule, then where;
/// `error: message (rule) at a.html:3:2:`, above its code.
fn place_last(line: &str) -> Option<Remark<'_>> {
    let (front, place) = line.trim_end_matches(':').rsplit_once(' ')?;
    let mut parts = place.split(':');
    let (file, number) = (parts.next()?, parts.next()?.parse().ok()?);
    let is_place = names_file(file) && parts.all(|part| part.parse::<u32>().is_ok());
    if let Some(front) = front.strip_suffix(" at") {
        let (severity, _, title) = rated(front);
        let (title, rule) = rule_behind(title);
        let is_one = is_place && severity.is_some() && rule.is_some();
        return is_one.then_some(Remark { file: Some(file), line: Some(number), severity, rule, title });
    }
    let is_name = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let (rule, title) = match front.split_once(": ") {
        Some((rule, title)) if is_code(rule) => (rule, title),
        None if is_name(front) => (front, front),
        _ => return None,
    };
    let severity = level_of_code(rule);
    is_place.then_some(Remark { file: Some(file), line: Some(number), severity, rule: Some(rule), title })
}

/// `pylint: eval-used / Use of eval (col 4)`, below its file and line.
pub(super) fn of_tool(line: &str) -> Option<Remark<'_>> {
    let (tool, rest) = line.split_once(": ")?;
    let (rule, title) = rest.split_once(" / ")?;
    let is_word = |word: &str| !word.is_empty() && !word.contains(char::is_whitespace);
    let title = title.rsplit_once(" (col ").map_or(title, |(title, _)| title);
    (is_word(tool) && is_word(rule)).then_some(Remark {
        file: None,
        line: None,
        severity: level_of_code(rule),
        rule: Some(rule),
        title,
    })
}

/// `L3:7 f: pylint - eval-used`, below its file, whose message stands below.
pub(super) fn line_of_tool(line: &str) -> Option<Remark<'_>> {
    let (place, rest) = line.strip_prefix('L')?.split_once(' ')?;
    let (number, _) = place.split_once(':')?;
    let (_, named) = rest.split_once(": ")?;
    let (tool, rule) = named.split_once(" - ")?;
    let is_word = |word: &str| !word.is_empty() && !word.contains(char::is_whitespace);
    (is_word(tool) && is_word(rule)).then_some(Remark {
        file: None,
        line: number.parse().ok(),
        severity: level_of_code(rule),
        rule: Some(rule),
        title: "",
    })
}

/// `a.py`, `a.py:`, `module (a.py):`, above what was found in it.
pub(super) fn file_heading(line: &str) -> Option<&str> {
    let bare = line.trim_end_matches(':');
    let inside = || line.strip_suffix("):").and_then(|front| front.rsplit_once(" (")).map(|(_, file)| file);
    Some(bare).filter(|file| names_file(file)).or_else(|| inside().filter(|file| names_file(file)))
}

/// `line 3, col 9, …`: the line, and what follows.
pub(in crate::formats) fn after_place(text: &str) -> Option<(u32, &str)> {
    let (number, rest) = text.strip_prefix("line ")?.split_once(", ")?;
    let (_, rest) = rest
        .strip_prefix("column ")
        .or_else(|| rest.strip_prefix("col "))?
        .split_once(", ")
        .filter(|(column, _)| column.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((number.parse().ok()?, rest))
}

/// A message without the rule in round brackets behind it: `(no-var)`, `(import/first)`.
pub(in crate::formats) fn rule_behind(title: &str) -> (&str, Option<&str>) {
    let split = title.strip_suffix(')').and_then(|title| title.rsplit_once(" ("));
    match split {
        Some((message, rule)) if rule.contains(['-', '/']) && !rule.contains(char::is_whitespace) => {
            (message.trim_end(), Some(rule))
        }
        _ => (title, None),
    }
}

/// `[SC2086]`, `[no-untyped-def]` at the end of a line: the rule that a remark is of.
pub(super) fn own_rule(line: &str) -> Option<&str> {
    let rule = line.strip_suffix(']')?.rsplit_once(" [")?.1;
    (is_code(rule) || rule.contains('-') && !rule.contains(char::is_whitespace)).then_some(rule)
}

/// `[GHC-62161] [-Wincomplete-patterns]`: rules and no message; the last of them.
fn only_rules(text: &str) -> Option<&str> {
    let groups = text.strip_prefix('[')?.strip_suffix(']')?;
    groups.split("] [").all(|rule| !rule.contains([' ', '[', ']'])).then(|| groups.rsplit("] [").next())?
}

/// `message  [build/include] [5]`: how sure the tool is stands behind the rule.
fn without_confidence(title: &str) -> (&str, bool) {
    let number = title.strip_suffix(']').and_then(|front| front.strip_suffix(|c: char| c.is_ascii_digit()));
    let front = number.and_then(|front| front.strip_suffix(" [")).filter(|front| front.ends_with(']'));
    front.map_or((title, false), |front| (front, true))
}

/// A message without the rule in brackets behind it, as compilers print it: `[-Wunused]`,
/// `[bugprone-branch-clone,-warnings-as-errors]`.
fn without_rule(title: &str) -> (&str, Option<&str>) {
    let split = title.strip_suffix(']').and_then(|title| title.rsplit_once(" ["));
    match split {
        Some((message, rule))
            if rule.contains(['-', '.', '/', ':'])
                && !rule.contains(char::is_whitespace)
                && rule.contains(char::is_alphabetic) =>
        {
            (message.trim_end(), Some(rule))
        }
        _ => (title, None),
    }
}

/// `Warning/no-var`, `error/no-var`: how bad it is, in front of the rule. `style/semi` is a rule.
fn rated_rule(rule: &str) -> Option<(&'static str, &str)> {
    let is_level =
        |word: &str| word.starts_with(char::is_uppercase) || matches!(word, "error" | "warning" | "info");
    let (word, rule) = rule.split_once('/').filter(|(word, _)| is_level(word))?;
    level(word).map(|level| (level, rule))
}

/// `✗ error  src/a.go:88  message`: how bad it is, then where.
fn severity_first(line: &str) -> Option<Remark<'_>> {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '.');
    let (word, rest) = line.split_once(|c: char| c.is_whitespace() || c == ':').unwrap_or((line, ""));
    let word = if word.chars().count() == 1 { rest.trim_start().split(' ').next()? } else { word };
    // `%Warning-WIDTH: `
    let severity = level(word.trim_end_matches([':', ']'])).or_else(|| {
        let (level_word, rule) = word.split_once('-')?;
        level(level_word)
            .filter(|_| !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
    })?;
    let rest = line[line.find(word)? + word.len()..].trim_start_matches([':', ']', ' ', '\t']);
    // `ERROR: RuleName - src/a.php:3:9 - message`
    let behind_rule = || {
        let (rule, place) = rest.split_once(" - ")?;
        place_first(place).filter(|_| !rule.contains(' '))
    };
    let (file, number, title) = place_first(rest).or_else(behind_rule)?;
    let (title, rule) = without_rule(rated(title).2);
    title.contains(char::is_alphabetic).then_some(Remark {
        file: Some(file),
        line: number,
        severity: Some(severity),
        rule,
        title,
    })
}

/// A place at the beginning, and what follows it: `a.c:3:9: …`, `a.ts(3,9): …`, `a.ts:3:9 - …`.
pub(super) fn place_first(line: &str) -> Option<(&str, Option<u32>, &str)> {
    let stop = line.char_indices().find(|(n, c)| {
        matches!(c, ':' | '(') && line[n + 1..].starts_with(|c: char| c.is_ascii_digit()) || c.is_whitespace()
    });
    let (end, mark) = stop?;
    let file = &line[..end];
    if mark.is_whitespace() || !(names_file(file) || has_weak_ending(file)) {
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

/// `3:9  error  message  rule`, `3:9-3:12  error  rule  message`, `L34  ERROR  message` below a
/// file's name.
pub(super) fn below_file(line: &str) -> Option<Remark<'_>> {
    let mut parts = line.splitn(2, char::is_whitespace);
    let number = parts.next()?;
    let number = match number.split_once(':') {
        Some((number, column)) => {
            let (column, end) = column.split_once('-').unwrap_or((column, "0:0"));
            if !column.is_empty() {
                column.parse::<u32>().ok()?;
            }
            end.split(':').all(|part| part.parse::<u32>().is_ok()).then_some(())?;
            number
        }
        None => number.strip_prefix(['L', 'l'])?,
    };
    let number = number.trim_start_matches(['L', 'l']).parse().ok()?;
    let said = parts.next()?.trim_start();
    let (severity, coded, title) = match in_own_column(said) {
        Some((severity, title)) => (Some(severity), false, title),
        None => rated(said),
    };
    // The rule stands behind two blanks or more, or so in front.
    let mut columns = title.split("  ").map(str::trim).filter(|column| !column.is_empty());
    let first = columns.next().unwrap_or(title);
    let second = columns.next().filter(|second| second.contains(' ') && !first.contains(' '));
    let (title, rule) = second.map_or((first, None), |second| (second, Some(first)));
    let told = severity.is_some() || coded;
    told.then_some(Remark { file: None, line: Some(number), severity, rule, title })
}

/// `H013 1:25 message`, below a file's name.
pub(super) fn code_first(line: &str) -> Option<Remark<'_>> {
    let (rule, rest) = line.split_once(' ')?;
    let (place, title) = rest.split_once(' ')?;
    let (number, column) = place.split_once(':')?;
    column.parse::<u32>().ok()?;
    let line = Some(number.parse().ok()?);
    is_code(rule).then_some(Remark {
        file: None,
        line,
        severity: level_of_code(rule),
        rule: Some(rule),
        title,
    })
}

/// `error[E0502]: message`, whose place stands below.
pub(super) fn heading(line: &str) -> Option<Remark<'_>> {
    let (severity, _, title) = rated(line);
    let colon = line.split(title).next().is_some_and(|front| front.trim_end().ends_with(':'));
    // "Error: Process completed with exit code 1" tells of the run.
    let counts = summed(line).is_some() || title.contains("generated") || title.contains("exit code");
    (severity.is_some() && colon && !counts).then_some(Remark {
        file: None,
        line: None,
        severity,
        rule: None,
        title,
    })
}

/// `file=src/a.c line=3 severity=error msg="…"`: pairs of keys and values, and nothing else.
pub(super) fn of_pairs(line: &str) -> Option<Object> {
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

pub(super) fn object(found: &Remark<'_>) -> Object {
    let mut object = Map::new();
    object.insert("message".to_string(), Value::from(found.title));
    if let Some(severity) = found.severity {
        object.insert("severity".to_string(), Value::from(severity));
    }
    if let Some(rule) = found.rule {
        object.insert("rule".to_string(), Value::from(rule));
    }
    set_place(&mut object, found.file, found.line);
    object
}

pub(super) fn set_place(object: &mut Object, file: Option<&str>, line: Option<u32>) {
    if let Some(file) = file {
        object.insert("file".to_string(), Value::from(file));
        if let Some(line) = line {
            object.insert("line".to_string(), Value::from(line));
        }
    }
}

/// `fan.c`, which is a word of code too: a file where a line is named behind it.
fn has_weak_ending(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(stem, ending)| {
        stem.chars().any(char::is_alphanumeric) && PATHS.weak.contains(ending.to_ascii_lowercase().as_str())
    }) && !word.contains(char::is_whitespace)
}

/// `In bin/a.sh line 19:`, above the code of that line.
pub(super) fn code_heading(line: &str) -> Option<(&str, u32)> {
    let (file, number) = line.strip_prefix("In ")?.strip_suffix(':')?.rsplit_once(" line ")?;
    Some((file, number.parse().ok()?)).filter(|(file, _)| names_file(file))
}

/// `^--^ SC2086 (info): message`, below the code that it is about.
pub(super) fn below_code(line: &str) -> Option<Remark<'_>> {
    let rest = line.strip_prefix('^')?.trim_start_matches(['-', '^', '~', ' ']);
    let (rule, rest) = rest.split_once(' ')?;
    let (word, title) = rest.strip_prefix('(')?.split_once("): ")?;
    is_code(rule).then_some(Remark {
        file: None,
        line: None,
        severity: Some(level(word)?),
        rule: Some(rule),
        title,
    })
}

/// `^ message (rule)`, below the code that it is about.
pub(super) fn message_below_code(line: &str) -> Option<Remark<'_>> {
    let (title, rule) = rule_behind(line.strip_prefix("^ ")?.trim());
    rule?;
    Some(Remark { file: None, line: None, severity: None, rule, title })
}

/// `❯❯❱ rule.of.it`, above its message; each sign is a level.
pub(super) fn rule_heading(line: &str) -> Option<(&'static str, &str)> {
    let rule = line.trim_start_matches('❯').strip_prefix('❱')?.trim();
    let level = match line.chars().take_while(|c| *c == '❯').count() {
        0 => "info",
        1 => "warning",
        _ => "error",
    };
    (!rule.is_empty() && !rule.contains(char::is_whitespace)).then_some((level, rule))
}
