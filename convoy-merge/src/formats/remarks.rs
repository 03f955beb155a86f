//! What a reviewer wrote into the code that a report quotes: comments with a mark of their
//! own (`// REVIEW (line 44): …`, `# BUG: …`).

use std::ops::Range;

use crate::locate::{self, Trust};
use crate::model::{Location, Member};
use crate::severity;
use crate::signs::statement;
use crate::syntax::lead::{self, clause};
use findings::Severity;

/// Words by which a reviewer marks a comment. What the author of code writes too (`TODO`,
/// `NOTE`) is no remark on it.
const MARKS: &[&str] = &[
    "review",
    "reviewer",
    "bug",
    "nit",
    "nitpick",
    "issue",
    "problem",
    "blocker",
    "question",
    "comment",
    "remark",
    "rev",
    "cr",
    "critical",
    "high",
    "medium",
    "low",
    "major",
    "minor",
    "warning",
    "error",
    "fehler",
    "hinweis",
    "problema",
    "problème",
    "ошибка",
];
/// Signs that begin a comment.
const OPENS: &[&str] = &["//", "#", "--", "/*", "<!--", ";;", "%"];

/// The remarks in a fence; `file` = what was named before it.
pub(super) fn read(text: &str, fence: &Range<usize>, file: Option<&str>) -> Vec<Member> {
    let mut out = Vec::new();
    let mut at = fence.start;
    let mut file = file.map(str::to_string);
    let own = own_mark(text, fence);
    for line in text[fence.clone()].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((from, said)) = comment(line) else { continue };
        let place = locate::find(said, Trust::Prose).into_iter().next();
        match remark(said, own.as_deref()) {
            Some((rated, lines, title)) => {
                let lines =
                    lines.or_else(|| place.as_ref().and_then(|found| found.place.line_start.map(|n| (n, n))));
                let end = start + line.trim_end().len();
                let location = file.clone().map(|file| Location {
                    line_start: lines.map(|(first, _)| first),
                    line_end: lines.map(|(_, last)| last),
                    ..Location::file(file)
                });
                out.push(Member {
                    title: clause(title),
                    severity: rated.as_ref().map_or(Severity::Unrated, |(level, _)| *level),
                    severity_from: rated.is_some().then(|| "heading".to_string()),
                    severity_raw: rated.map(|(_, raw)| raw),
                    locations: location.into_iter().collect(),
                    byte_range: [start + from, end],
                    text: text[start + from..end].to_string(),
                    body: title.to_string(),
                    ..Member::default()
                });
            }
            // `// src/jobs/retry.js:40-62` above the code
            None => {
                if let Some(found) = place.filter(|found| found.start == 0 && found.end + 2 >= said.len()) {
                    file = Some(found.place.file);
                }
            }
        }
    }
    out
}

/// A mark of the reviewer's own: letters that begin two comments or more, and that the text in front of the
/// code names ("the lines with `-- RV` are mine").
fn own_mark(text: &str, fence: &Range<usize>) -> Option<String> {
    let marks = |line: &str| {
        let (_, said) = comment(line)?;
        let (mark, _) = said.split_once(':')?;
        let short = (2..=OWN).contains(&mark.len()) && mark.chars().all(|c| c.is_ascii_uppercase());
        short.then(|| mark.to_string())
    };
    let all: Vec<String> = text[fence.clone()].lines().filter_map(marks).collect();
    let named = |mark: &String| {
        text[..fence.start].split(|c: char| !c.is_alphanumeric()).any(|word| word == mark.as_str())
    };
    all.iter().find(|mark| all.iter().filter(|other| other == mark).count() >= 2 && named(mark)).cloned()
}

/// The longest mark of a reviewer's own, in letters.
const OWN: usize = 4;

/// Where a line's comment begins, and what it says.
fn comment(line: &str) -> Option<(usize, &str)> {
    OPENS
        .iter()
        .filter_map(|open| {
            let at = crate::text::find(line, open)?;
            let apart = line[..at].is_empty() || line[..at].ends_with(char::is_whitespace);
            apart.then_some((at, open.len()))
        })
        .min()
        .map(|(at, len)| {
            let said = line[at + len..].trim().trim_end_matches("*/").trim_end_matches("-->");
            (at, said.trim_matches(['/', '*', '-', '!', '<', ' ', '#']))
        })
}

type Remark<'a> = (Option<severity::Rated>, Option<(u32, u32)>, &'a str);

/// `REVIEW (line 44): never true`: how bad it is, its lines, what is wrong.
fn remark<'a>(said: &'a str, own: Option<&str>) -> Option<Remark<'a>> {
    let said = said.trim_start_matches(['[', '(', '@']);
    let end = said.find(|c: char| !(c.is_alphanumeric() || c == '-'))?;
    let word = said[..end].to_lowercase();
    if !MARKS.contains(&word.as_str()) && own != Some(&said[..end]) {
        return None;
    }
    let rest = said[end..].trim_start_matches([']', ')']).trim_start();
    let (inside, rest) = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((inside, rest)) => (inside, rest.trim_start()),
        None => ("", rest),
    };
    let title = rest.strip_prefix([':', '—', '–', '-'])?.trim();
    let rated =
        severity::exact(inside).or_else(|| severity::exact(&word)).or_else(|| lead::rated_at_end(title));
    (title.contains(char::is_alphabetic) && !statement::praises(title))
        .then(|| (rated, locate::lines_in_prose(inside), title))
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use findings::Severity;

    #[test]
    fn comments_that_are_marked_are_remarks_and_others_are_code() {
        let text = "My notes on `dock/moor.py`, marked in the code:\n\n```python\ndef moor(ship):\n    # takes the first rope\n    rope = ropes[0]   # BUG: IndexError when there is none\n    # REVIEW (line 12): the length is never checked\n    if ship.len > 90:  # NIT: magic number\n        rope = ropes[1]  # TODO: ask Bo\n```\n";
        let read = extract(text, "r.md");
        let told: Vec<(&str, Severity, String)> =
            read.members.iter().map(|m| (m.title.as_str(), m.severity, m.locations[0].display())).collect();
        assert_eq!(
            told,
            [
                ("IndexError when there is none", Severity::Unrated, "dock/moor.py".to_string()),
                ("the length is never checked", Severity::Unrated, "dock/moor.py:12".to_string()),
                ("magic number", Severity::Low, "dock/moor.py".to_string()),
            ]
        );
        assert!(read.members.iter().all(|m| text[m.byte_range[0]..m.byte_range[1]] == m.text));
        let quoted = extract(
            "The code:\n\n```python\n# takes the first rope\nrope = ropes[0]  # TODO: ask Bo\n```\n",
            "r.md",
        );
        assert!(quoted.members.is_empty());
        let own = "Mine are the lines with `-- RV`.\n\n```sql\n-- db/7_tier.sql\nALTER TABLE a ADD b int;\n-- RV: fine\nUPDATE a SET b = 1;\n-- RV: takes all rows. Blocker.\n-- OK: why not\n```\n";
        let told: Vec<(String, Severity)> =
            extract(own, "r.md").members.into_iter().map(|m| (m.title, m.severity)).collect();
        assert_eq!(told, [("takes all rows".to_string(), Severity::Blocker)]);
        let unnamed = own.replace("`-- RV`", "a mark");
        assert!(extract(&unnamed, "r.md").members.is_empty());
    }
}
