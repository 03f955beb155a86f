//! How many findings a report says that it has.

use std::ops::Range;

use crate::model::Member;
use crate::severity;
use crate::signs::statement::{self, Says};
use crate::syntax::outline::Section;
use crate::syntax::table;
use crate::syntax::tree::{Kind, Row};
use crate::text::begins;
use crate::titles;
use crate::vocabulary::{Class, DENIALS, PHRASES};

/// The highest number that a report states of its findings: in a sentence, a label, a
/// heading, a table by severity. A heading's number is said of what stands below it.
pub(crate) fn stated(text: &str, root: &Section<'_>, members: &[Member]) -> Option<usize> {
    if text.contains("\n**Finding:** F") {
        // A merged report counts what it merged.
        return None;
    }
    let of_lines = text.lines().filter(|line| line.len() < 400).filter_map(of_line).max();
    of_lines.max(of_sections(text, root, members, 0))
}

/// Does a finding hold a byte? They are in order and apart.
pub(super) fn holds(members: &[Member], at: usize) -> bool {
    let next = members.partition_point(|m| m.byte_range[0] <= at);
    next > 0 && at < members[next - 1].byte_range[1]
}

/// The line above all sections that says that there is nothing, of a report that has findings:
/// "Findings: 0", "**Result:** no issues found, approved".
pub(super) fn denied(text: &str, root: &Section<'_>, members: &[Member]) -> Option<Range<usize>> {
    let sections = root.children.iter().filter(|child| child.level > 1 && !child.is_bold());
    let below = |child: &Section<'_>| child.children.iter().find(|c| !c.is_bold()).map(|c| c.range.start);
    let first = sections.map(|child| child.range.start).next();
    let top = root.children.iter().find_map(below).into_iter().chain(first).min().unwrap_or(text.len());
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let told = start < top && line.len() < 200 && !holds(members, start) && denies(line);
        told.then_some(start..start + line.len())
    })
}

/// Does a line with a label of the whole report say that there is nothing?
fn denies(line: &str) -> bool {
    let lower = line.to_lowercase().replace(['*', '`', '_'], " ");
    let Some((name, value)) = lower.trim().trim_start_matches(['-', '#', ' ']).split_once([':', '：'])
    else {
        return false;
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    let limited = words.iter().any(|word| statement::limits(word));
    let noun = words.last().is_some_and(|word| DENIALS.nouns.contains(word));
    let verdict = DENIALS.verdicts.any(name);
    let value = value.trim().trim_matches(['✅', ' ', '.']);
    words.len() <= 2
        && !limited
        && (noun
            && matches!(
                value,
                "0" | "none" | "keine" | "ninguno" | "ninguna" | "aucun" | "aucune" | "нет" | "无" | "なし"
            )
            || verdict && statement::says(value) == Says::Nothing && statement::names_findings(value))
}

/// `Total: 36 findings`, `Found 3 issues`, `SECURITY_ISSUES: 2`.
fn of_line(line: &str) -> Option<usize> {
    // Numbers in words stand at a line's beginning or behind a verb; most prose has neither.
    let digits = line.bytes().any(|b| b.is_ascii_digit());
    if !digits && line.len() > 200 {
        return None;
    }
    let lower = line.to_lowercase().replace(['*', '`', '_'], " ");
    let lower = lower.trim().trim_start_matches(['-', '|', ' ', '#']);
    label(lower).or_else(|| sentence(lower))
}

/// `total findings: 3`, `security issues: 2`.
fn label(lower: &str) -> Option<usize> {
    let (name, value) = lower.split_once([':', '|', '：'])?;
    let words: Vec<&str> = name.split_whitespace().collect();
    let total = words == ["total"] || words == ["total", "found"];
    let noun = words.last().is_some_and(|w| DENIALS.nouns.contains(w)) && words.len() <= 3;
    let found =
        words.len() >= 2 && words.last() == Some(&"found") && DENIALS.nouns.contains(words[words.len() - 2]);
    let value = value.trim_start_matches([':', ' ', '|']);
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let rest = value[end..].trim_start();
    // "Summary: 5 issues (1 critical, …)"
    let sum = words.len() == 1 && matches!(words[0], "summary" | "overview" | "results" | "result");
    let counted = sum && first_is_noun(rest) && rest.contains(['(', '[', ':']);
    let counts = rest.is_empty() || rest.starts_with(['|', '(', ',', '.']) || first_is_noun(rest);
    (counted || (total || noun || found) && counts).then(|| value[..end].parse().ok()).flatten()
}

fn first_is_noun(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).next().is_some_and(|word| DENIALS.nouns.contains(word))
}

/// "I found 4 issues", "3 problems were found": a number, a noun and a verb of finding.
fn sentence(lower: &str) -> Option<usize> {
    lower.split(". ").find_map(found_in)
}

fn found_in(sentence: &str) -> Option<usize> {
    let words: Vec<&str> = sentence
        .split_whitespace()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty())
        .collect();
    let finds = |word: &&str| DENIALS.finds.iter().any(|stem| begins(word, stem));
    (0..words.len()).find_map(|at| {
        let number = number(words[at])?;
        let noun = words[at + 1..].iter().take(3).position(|w| DENIALS.nouns.contains(w))? + at + 1;
        let before = words[at.saturating_sub(2)..at].iter().any(finds);
        let after = words[noun + 1..].iter().take(2).any(finds);
        let kept = !words[at + 1..noun].iter().any(|w| {
            matches!(*w, "of" | "fixed" | "resolved" | "previous" | "earlier") || DENIALS.none.contains(w)
        });
        ((before || after) && kept).then_some(number)
    })
}

fn number(word: &str) -> Option<usize> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()) {
        return word.parse().ok();
    }
    WORDS.iter().position(|known| *known == word).filter(|n| *n > 1)
}

/// Headings (`Critical Issues (2)`) and tables by severity. The result is a number for
/// the whole report.
fn of_sections(text: &str, section: &Section<'_>, members: &[Member], depth: usize) -> Option<usize> {
    let mut most = None;
    for child in &section.children {
        let holds = matches!(titles::section(child.title), Some(Class::Finding))
            || severity::of_section(child.title).is_some();
        if let Some(stated) = in_title(child.title).filter(|_| holds) {
            let before = |at: usize| members.partition_point(|m| m.byte_range[0] < at);
            let below = before(child.range.end) - before(child.range.start);
            most = most.max((stated > below).then(|| members.len() + stated - below));
        }
        if depth < 8 {
            most = most.max(of_sections(text, child, members, depth + 1));
        }
    }
    for block in &section.blocks {
        if let Kind::Table(rows) = &block.kind {
            most = most.max(of_table(text, rows));
        }
    }
    most
}

/// `Findings (4 total: 1 Critical)`, `High (3)`.
fn in_title(title: &str) -> Option<usize> {
    let open = title.rfind(['(', '（', '['])?;
    let inside = title[open..].trim_start_matches(['(', '（', '[']);
    let end = inside.find(|c: char| !c.is_ascii_digit()).unwrap_or(inside.len());
    let rest = inside[end..].trim_start();
    let counts = rest.starts_with([')', '）', ']'])
        || rest.starts_with("total")
        || first_is_noun(rest)
        || rest.starts_with(['个', '件', '개']);
    (end <= 3 && counts).then(|| inside[..end].parse().ok()).flatten()
}

/// A table whose rows or columns are severities: the sum of its numbers.
fn of_table(text: &str, rows: &[Row]) -> Option<usize> {
    let (header, body) = rows.split_first()?;
    let cell = |range: &std::ops::Range<usize>| severity::plain(&text[range.clone()]).trim().to_string();
    if body.len() > 40 || table::columns(text, rows).is_some() {
        return None;
    }
    let number = |text: &str| text.parse::<usize>().ok();
    let columns: Vec<usize> =
        (1..header.cells.len()).filter(|n| severity::exact(&cell(&header.cells[*n])).is_some()).collect();
    let mut sum = 0;
    let mut seen = 0;
    for row in body {
        let name = row.cells.first().map(&cell).unwrap_or_default();
        if PHRASES.sum.contains(&name.to_lowercase().as_str()) {
            continue;
        }
        let values: Vec<usize> = if columns.len() >= 2 {
            columns.iter().filter_map(|n| row.cells.get(*n)).filter_map(|c| number(&cell(c))).collect()
        } else if severity::exact(&name).is_some() || severity::of_section(&name).is_some() {
            row.cells.iter().skip(1).find_map(|c| number(&cell(c))).into_iter().collect()
        } else {
            Vec::new()
        };
        seen += values.len();
        sum += values.iter().sum::<usize>();
    }
    (seen >= 2).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_where_they_are_said_of_findings() {
        for (line, want) in [
            ("I found 4 issues, one of them critical.", Some(4)),
            ("**Total:** 36 findings", Some(36)),
            ("SECURITY_ISSUES: 2", Some(2)),
            ("Three problems were found.", Some(3)),
            ("| Total | 7 |", Some(7)),
            ("Reviewed all three files. No issues found.", None),
            ("I read two files, no problems found.", None),
            ("It was found 3 times.", None),
            ("Line 12: issues a warning", None),
        ] {
            assert_eq!(of_line(line), want, "{line}");
        }
        assert_eq!(in_title("Findings (4 total: 1 Critical, 3 High)"), Some(4));
        assert_eq!(in_title("High (3)"), Some(3));
        assert_eq!(in_title("High (P1 - 3 days)"), None);
    }
}
