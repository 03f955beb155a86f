//! What scanners of dependencies and of code print, a block for each finding: its severity stands
//! in brackets in front or below (`✗ [High] Title`, `Severity: high` above `Title - https://…`),
//! its place in a line below (`Path: a.js, line 8`, `lib/a.ex:18:5 #(Pond.jump)`).

use serde_json::{Map, Value};

use super::entry::{Given, Source, of_object};
use crate::locate::{self, Trust};
use crate::model::{Extraction, Recognised};
use crate::text;

/// A line without the bar that some draw in front of it, and where it begins.
struct Line<'a> {
    at: usize,
    text: &'a str,
}

/// A finding, and where its text ends.
struct Entry {
    object: Map<String, Value>,
    start: usize,
    end: usize,
}

/// Reads a text of such blocks; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let begins = text.trim_start().trim_start_matches("# ");
    let audited = begins.starts_with("npm audit report");
    if !audited && !text.contains('✗') && !text.contains('┃') {
        return None;
    }
    let lines: Vec<Line<'_>> = lines(text);
    let entries = if audited { advisories(&lines) } else { marked(&lines) };
    if entries.is_empty() {
        return None;
    }
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let whole = entries.len();
    for Entry { object, start, end } in entries {
        let source = Source { text: text[start..end].trim_end(), start };
        out.members.extend(of_object(source, &object, &Given::default()));
    }
    let stated = lines.iter().filter_map(|line| stated(line.text)).max().unwrap_or_default();
    if stated > whole {
        super::fault(&mut out, &format!("it states {stated} findings, {whole} were recognised"));
    }
    Some(out)
}

fn lines(text: &str) -> Vec<Line<'_>> {
    text::lines(text)
        .map(|(at, line)| Line { at, text: line.trim().trim_start_matches('┃').trim() })
        .collect()
}

fn entry(title: &str, severity: Option<&str>, start: usize) -> Entry {
    let mut object = Map::new();
    object.insert("message".to_string(), Value::from(title));
    object.extend(severity.map(|level| ("severity".to_string(), Value::from(level.to_lowercase()))));
    Entry { object, start, end: start }
}

/// `Severity: high`, then a title with its address for each advisory on the package above.
fn advisories(lines: &[Line<'_>]) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut severity = None;
    for (n, line) in lines.iter().enumerate() {
        let end = lines.get(n + 1).map_or(line.at, |next| next.at);
        if line.text.is_empty() {
            severity = None;
        } else if let Some(level) = line.text.strip_prefix("Severity: ") {
            severity = Some(level);
        } else if let (Some(level), Some((title, _))) = (severity, line.text.rsplit_once(" - https://")) {
            out.push(Entry { end, ..entry(title, Some(level), line.at) });
        } else if let Some(last) = out.last_mut().filter(|_| severity.is_some()) {
            last.end = end;
        }
    }
    out
}

/// Titles behind a mark, and below each of them what is said of it.
fn marked(lines: &[Line<'_>]) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut open = false;
    for (n, line) in lines.iter().enumerate() {
        let end = lines.get(n + 1).map_or(line.at + line.text.len(), |next| next.at);
        if let Some((title, severity)) = behind_cross(line.text).or_else(|| behind_letter(line.text)) {
            out.push(Entry { end, ..entry(title, severity, line.at) });
            open = true;
        } else if line.text.is_empty() {
            open = false;
        } else if let Some(last) = out.last_mut().filter(|_| open) {
            last.end = end;
            let said = line.text.strip_prefix("Path: ").or(line.text.contains(" #(").then_some(line.text));
            let place = said.and_then(|said| locate::find(said, Trust::Stated).into_iter().next());
            if let Some(found) = place.filter(|_| !last.object.contains_key("file")) {
                let number = found
                    .place
                    .line_start
                    .or_else(|| locate::lines_in_prose(&line.text.to_lowercase()).map(|(from, _)| from));
                last.object.insert("file".to_string(), Value::from(found.place.file));
                last.object.extend(number.map(|number| ("line".to_string(), Value::from(number))));
            }
        }
    }
    out
}

/// `✗ [High] Path Traversal`, `✗ Open Redirect [Medium Severity][https://…] in tank@4.1.0`.
fn behind_cross(line: &str) -> Option<(&str, Option<&str>)> {
    let rest = line.strip_prefix("✗ ")?;
    let (before, behind) = rest.split_once('[')?;
    let (inside, after) = behind.split_once(']')?;
    let level = inside.trim_end_matches(" Severity");
    crate::severity::exact(level)?;
    let title = if before.trim().is_empty() { after } else { before };
    (!title.trim().is_empty()).then_some((title.trim(), Some(level)))
}

/// `[W] ↗ There should be no calls to IO.inspect/1.`
fn behind_letter(line: &str) -> Option<(&str, Option<&str>)> {
    let (letter, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let title = rest.strip_prefix(['↑', '↗', '→', '↘', '↓'])?.trim_start();
    let known = matches!(letter, "C" | "D" | "F" | "R" | "W");
    known.then_some((title, (letter == "W").then_some("warning")))
}

/// `found 2 issues`, `2 Code issues found`.
fn stated(line: &str) -> Option<usize> {
    let words: Vec<&str> = line.split([' ', ',', '.']).filter(|word| !word.is_empty()).collect();
    words.windows(3).find_map(|w| match *w {
        ["found", number, "issues" | "issue"] | [number, "issues" | "issue", "found"] => number.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::told;

    #[test]
    fn a_block_is_one() {
        for (text, all) in [
            (
                "# npm audit report\n\nwalker  <2.0.4\nSeverity: high\nSlow pattern in walker - https://example.invalid/1\nWrong path in walker - https://example.invalid/2\nfix available via `npm audit fix`\nnode_modules/walker\n\n1 high severity vulnerability\n",
                vec![" high Slow pattern in walker", " high Wrong path in walker"],
            ),
            (
                "Testing /app ...\n\n ✗ [Low] Use of Hardcoded Passwords\n   Path: test/login.js, line 8\n   Info: Keep them elsewhere.\n\n ✗ [High] Path Traversal\n   Path: server/static.js, line 44\n\n2 Code issues found\n",
                vec![
                    "test/login.js:8 low Use of Hardcoded Passwords",
                    "server/static.js:44 high Path Traversal",
                ],
            ),
            (
                "  Upgrade tank@4.1.0 to tank@4.1.9 to fix\n  ✗ Open Redirect [Medium Severity][https://vuln.example/1] in tank@4.1.0\n    introduced by tank@4.1.0\n",
                vec![" medium Open Redirect"],
            ),
            (
                "  Warnings - please take a look\n┃\n┃ [W] ↗ There should be no calls to IO.inspect/1.\n┃       lib/frog.ex:18:5 #(Frog.jump)\n\n  Code Readability\n┃\n┃ [R] → Modules should have a @moduledoc tag.\n┃       lib/frog.ex:1:11 #(Frog)\n",
                vec![
                    "lib/frog.ex:18 medium There should be no calls to IO.inspect/1.",
                    "lib/frog.ex:1 unrated Modules should have a @moduledoc tag.",
                ],
            ),
        ] {
            let all: Vec<String> = all.into_iter().map(str::to_string).collect();
            assert_eq!(told(text, "scan.txt"), (all, true));
        }
    }

    #[test]
    fn what_is_counted_and_not_there_is_told() {
        let text = "Tested 9 packages, found 2 issues.\n\n ✗ [High] Path Traversal\n   Path: a.js, line 4\n";
        let (found, complete) = told(text, "scan.txt");
        assert_eq!((found.len(), complete), (1, false));
    }

    #[test]
    fn a_checklist_is_none() {
        let (found, _) = told("✗ Errors handled\n✔ Tests pass\n\n[x] read\n", "list.txt");
        assert!(found.is_empty(), "{found:?}");
    }
}
