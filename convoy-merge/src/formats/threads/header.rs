//! The line above a comment that names its place: `` `src/a.rs` line 12 ``,
//! `ana commented on src/a.rs:12 · Resolved`, `PS3, Line 12: code`.

use std::collections::HashSet;

use super::words::WORDS;
use crate::locate::{self, Trust};
use crate::model::Status;
use crate::severity;
use crate::vocabulary::LABELS;

/// Longer lines are text.
const LONGEST: usize = 200;
/// A name has no more words.
const NAME: usize = 3;

/// What such a line says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Header {
    pub(super) file: String,
    pub(super) lines: Option<(u32, u32)>,
    pub(super) author: Option<String>,
    pub(super) status: Option<Status>,
    /// It is a heading of Markdown as well.
    pub(super) heading: bool,
    /// It says that somebody commented, or how the thread stands.
    pub(super) told: bool,
    /// It has words beside the place: `line 12`.
    pub(super) worded: bool,
}

/// A line without emphasis and with the text of its links only.
fn plain(line: &str) -> String {
    let line = line.trim().trim_start_matches('>').trim();
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = crate::text::find(rest, "](") {
        out.push_str(&rest[..=at]);
        rest = rest[at..].find(')').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_str(rest);
    // `<https://…>` is where the comment is shown.
    if out.contains('<')
        && let Some((front, tail)) = out.split_once("<http")
        && let Some((_, behind)) = tail.split_once('>')
    {
        out = format!("{front}{behind}");
    }
    if !out.contains(['*', '#']) {
        return out;
    }
    out.replace("**", "").replace(['*', '#'], " ")
}

/// The cheap question before the line is taken apart.
fn may_name_file(line: &str) -> bool {
    line.len() <= LONGEST && line.contains(['.', '/'])
}

/// The file that a line names and says nothing else of: `File a/b.cc:`, `a/b.cc`.
pub(super) fn file(line: &str) -> Option<String> {
    if !may_name_file(line) {
        return None;
    }
    let plain = plain(line);
    let trimmed = plain.trim().trim_end_matches(':');
    let bare =
        trimmed.strip_prefix("File ").or_else(|| trimmed.strip_prefix("file ")).unwrap_or(trimmed).trim();
    // A path has no blank; words beside it say something else.
    if bare.split(' ').filter(|word| word.contains(char::is_alphanumeric)).nth(1).is_some() {
        return None;
    }
    let [only] = &locate::find(bare, Trust::Field)[..] else { return None };
    let around = [&bare[..only.start], &bare[only.end.min(bare.len())..]];
    let alone = around.iter().all(|part| !part.contains(char::is_alphanumeric));
    (alone && only.place.line_start.is_none() && line.len() < LONGEST).then(|| only.place.file.clone())
}

/// A line below that of a file: Gerrit's `PS3, Line 71: code`, `**Line 12** - @ana:`.
pub(super) fn below_file(line: &str, file: &str, names: &HashSet<&str>) -> Option<Header> {
    let mut out = Header { file: file.to_string(), told: true, worded: true, ..Header::default() };
    let open = line.trim();
    if let Some(rest) = open.strip_prefix("PS").or_else(|| open.strip_prefix("Patch Set #")) {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(", ")?;
        let rest = rest.strip_prefix("Line ").or_else(|| rest.strip_prefix("Lines "));
        out.lines = rest.and_then(|rest| locate::bare_lines(rest).first().copied());
        return Some(out);
    }
    let plain = plain(line);
    let bare = plain.trim_start();
    // GitHub's "Comment on lines +10 to +14"
    let comments =
        bare.strip_prefix("Comment on ").map(|said| said.replace(['+', 'R'], "").replace(" to ", "-"));
    out.lines = locate::bare_lines(comments.as_deref().unwrap_or(bare)).first().copied();
    out.rest(bare, names)?;
    let begins = bare.starts_with(char::is_alphabetic) && open.len() < LONGEST && !open.starts_with('-');
    let told = out.author.is_some() || out.status.is_some() || comments.is_some();
    (begins && out.lines.is_some() && told).then_some(out)
}

/// Reads a line that is nothing but the head of a comment; `lax`: what follows it shows
/// that it is one, so it need not name a line.
pub(super) fn header(line: &str, lax: bool, names: &HashSet<&str>) -> Option<Header> {
    let open = line.trim_start();
    if !may_name_file(line)
        || !open.starts_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '`' | '*' | '_' | '@' | '#' | '.' | '/' | '>' | '[')
        })
        || open.starts_with("* ")
        || super::is_address(open)
        || crate::syntax::prose::speaker(open) > 0
        || open.starts_with(|c: char| c.is_ascii_digit())
            && open.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')'])
    {
        return None;
    }
    let plain = plain(line);
    let found = locate::find(&plain, Trust::Stated);
    let first = found.first()?;
    let place = &first.place;
    if found.iter().any(|other| other.place.file != place.file) || !place.file.contains(['.', '/']) {
        return None;
    }
    let last = found.last().map_or(first.end, |last| last.end).min(plain.len());
    let (before, after) = (&plain[..first.start], &plain[last..]);
    let behind = || lines_behind(after);
    let lines = place.line_start.map(|from| (from, place.line_end.unwrap_or(from))).or_else(behind);
    let heading = open.starts_with('#');
    let mut out = Header { file: place.file.clone(), lines, heading, ..Header::default() };
    // A sentence has words behind its place that no head of a comment has.
    out.rest(before, names)?;
    out.rest(after, names)?;
    let between = &plain[first.start..];
    out.worded = between.contains(' ') && out.lines.is_some();
    let indented = line.starts_with("  ") || line.starts_with('\t');
    let by_somebody = out.told && (out.author.is_some() || out.status.is_some());
    (lax || by_somebody || out.lines.is_some() && (!indented || out.told)).then_some(out)
}

/// `(new lines 151–158)`, ` 47 行目`
fn lines_behind(after: &str) -> Option<(u32, u32)> {
    let lower = after.to_lowercase();
    locate::lines_in_prose(&lower).or_else(|| {
        let number = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
        // `R12-R18`: lines of the right side.
        if let Some(sided) =
            number.strip_prefix(['r', 'l']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            return locate::bare_lines(&sided.replace("-r", "-").replace("-l", "-")).first().copied();
        }
        let stop = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let unit = number[stop..].trim_start();
        let front = &lower[..lower.len() - number.len()];
        let counts = WORDS.unit.iter().any(|word| unit.starts_with(word)) || front.contains(['@', '#', ':']);
        number[..stop].parse().ok().filter(|n| *n > 0 && counts).map(|n| (n, n))
    })
}

impl Header {
    /// What stands beside the place: known words, numbers, a state, a name; `None` = more.
    fn rest(&mut self, text: &str, known: &HashSet<&str>) -> Option<()> {
        let mut names: Vec<&str> = Vec::new();
        let mut verb = false;
        let mut parts = usize::from(text.trim_end().ends_with(['-', '—', '–', '·', '|']));
        parts += usize::from(text.trim_start().starts_with(['-', '—', '–', '·', '|', '(', ')', '[', ',']));
        let apart = |c: char| {
            matches!(c, '·' | '|' | '—' | '–' | '(' | ')' | '[' | ']' | '•' | '`' | '（' | '）' | ',')
        };
        for part in text.split(apart).flat_map(|part| part.split(" - ")) {
            let bare = part.trim().trim_matches(['"', '\'', ':', ',', '.', '_', '-', '✓', '✅', ' ']);
            parts += usize::from(!part.trim().is_empty());
            if bare.is_empty() {
                continue;
            }
            if let Some(status) = crate::status::of_field(bare).or_else(|| ends_with_status(bare)) {
                self.status = self.status.max(Some(status));
                self.told = true;
                continue;
            }
            for word in bare.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':')) {
                let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '@');
                let lower = word.to_lowercase();
                verb |= WORDS.verb.contains(lower.as_str());
                let numbered = lower.contains(|c: char| c.is_ascii_digit())
                    && lower.chars().filter(|c| c.is_alphabetic()).count() <= 4;
                if word.trim_matches('@').is_empty() || numbered || WORDS.header.contains(lower.as_str()) {
                    continue;
                }
                if word.starts_with('@') {
                    self.told = true;
                }
                names.push(word);
            }
        }
        self.told |= verb;
        let all_named = names.iter().all(|name| {
            let handle = name.contains(['-', '_', '.']) && verb;
            let beside_state = self.status.is_some() && names.len() == 1;
            let upper = name.starts_with(char::is_uppercase);
            name.starts_with('@') || handle || upper || beside_state || known.contains(name)
        });
        let labels = names.iter().any(|name| {
            let lower = name.to_lowercase();
            LABELS.contains_key(lower.as_str()) || WORDS.part.contains(lower.as_str())
        });
        // A name stands behind a dash, before a verb, or has a mark.
        let apart =
            verb || parts > 1 || names.iter().all(|name| name.starts_with('@') || known.contains(name));
        if !names.is_empty() {
            if !all_named
                || labels
                || names.len() > NAME
                || !apart
                || severity::exact(&names.join(" ")).is_some()
            {
                return None;
            }
            self.author = Some(names.join(" ").trim_start_matches('@').to_string());
        }
        Some(())
    }
}

/// `Thread resolved`, `marked as resolved by ana`
fn ends_with_status(text: &str) -> Option<Status> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.last().filter(|_| (2..=4).contains(&words.len()))?;
    let before =
        words[..words.len() - 1].iter().all(|word| WORDS.header.contains(word.to_lowercase().as_str()));
    crate::status::exact(last).filter(|_| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_comments() {
        for (line, place, author, status) in [
            ("`lib/a.go` line 57", "lib/a.go:57", None, None),
            ("**lib/a.js**, lines 12-14", "lib/a.js:12-14", None, None),
            ("`lib/a.py` 47 行目", "lib/a.py:47", None, None),
            ("lib/a.py, linha 14 — Iracema", "lib/a.py:14", Some("Iracema"), None),
            (
                "**@hjal** started a thread on `lib/a.ts` (new line 27) · **Unresolved**",
                "lib/a.ts:27",
                Some("hjal"),
                Some(Status::Open),
            ),
            (
                "Ana Ruiz commented on lib/a.ts:9 · resolved by @bo",
                "lib/a.ts:9",
                Some("Ana Ruiz"),
                Some(Status::Resolved),
            ),
            ("lib/a.go, line 12 at r1 (raw file):", "lib/a.go:12", None, None),
            ("**lib/a.ts** @ 19", "lib/a.ts:19", None, None),
            ("lib/a.ts, Zeile 12 (Anna, erledigt)", "lib/a.ts:12", Some("Anna"), Some(Status::Resolved)),
            (
                "#### Conversation 1 · `lib/a.ts` R12-R18 · resolved",
                "lib/a.ts:12-18",
                None,
                Some(Status::Resolved),
            ),
            ("lib/a/b.c (lines 12 - 14)", "lib/a/b.c:12-14", None, None),
        ] {
            let found = header(line, false, &HashSet::new()).unwrap_or_else(|| panic!("{line}"));
            let lines = found
                .lines
                .map_or(String::new(), |(a, b)| if b > a { format!(":{a}-{b}") } else { format!(":{a}") });
            assert_eq!(format!("{}{lines}", found.file), place, "{line}");
            assert_eq!((found.author.as_deref(), found.status), (author, status), "{line}");
        }
    }

    #[test]
    fn sentences_are_no_heads() {
        for line in [
            "lib/a.rs:44 issue: two sheets are merged",
            "lib/a.rs:44 - the lock leaks",
            "- lib/a.rs:44",
            "1. lib/a.rs:44",
            "lib/a.rs:3:9: warning: unused",
            "lib/a.rs:44 High",
            "**Location:** `lib/a.rs:44`",
            "Sev 5/5 — `lib/a.rs:44`",
            "Security — lib/a.rs:44",
            "[10:02] ana: lib/a.rs line 44",
            "See lib/a.rs:44 and lib/b.rs:9",
            "| lib/a.rs:44 | x |",
            "lib/a.rs",
            "Reviewed `lib/a.rs`.",
            "  at lib/a.rs:44",
            "Line 44",
        ] {
            assert_eq!(header(line, false, &HashSet::new()), None, "{line}");
        }
    }
}
