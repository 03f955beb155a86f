//! Markup of others: `AsciiDoc`, Org, the wiki of Jira, `reStructuredText`, tables that
//! are drawn with boxes or blanks, lists with drawn bullets, and answers to a patch in a mail. Each is rewritten to Markdown line by line, read as
//! prose, and every finding taken back to the bytes that it came from.

mod boxes;
mod bullets;
mod columns;
mod dialect;
mod inline;
mod mail;

use std::ops::Range;

use super::recast::Recast;
use crate::model::{Extraction, ReadFrom};
use crate::reading;
use crate::rules::Rules;
use crate::text::{self, fence_mark};
use dialect::Dialect;

/// Reads a text of which something was rewritten; `None` = it is Markdown or plain text.
pub(super) fn extract(text: &str, rules: Rules) -> Option<Extraction> {
    let recast = as_markdown(text)?;
    let mut out = reading::read(&recast.out, rules);
    recast.back(text, &mut out);
    out.read_from = Some(ReadFrom::Prose);
    Some(out)
}

/// Is a text written in the markup of a wiki or a notebook?
pub(super) fn is_dialect(text: &str) -> bool {
    Dialect::of(&lines(text)).is_some()
}

/// A line and where it begins.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    at: usize,
    text: &'a str,
}

/// A table that was drawn: its lines, and its rows with the place where each begins. The
/// first row holds the titles.
#[derive(Debug)]
struct Grid {
    lines: Range<usize>,
    rows: Vec<(usize, Vec<String>)>,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    text::lines(text).map(|(at, line)| Line { at, text: line.trim_end_matches(['\n', '\r']) }).collect()
}

/// The text as Markdown; `None` = nothing needs rewriting.
pub(super) fn as_markdown(text: &str) -> Option<Recast> {
    let lines = lines(text);
    let dialect = Dialect::of(&lines);
    let mut grids = boxes::grids(&lines);
    grids.extend(columns::grids(&lines));
    grids.extend(dialect.map(|dialect| dialect.grids(&lines)).unwrap_or_default());
    let mut answers = mail::answers(&lines).into_iter().peekable();
    let bulleted = dialect.is_none() && bullets::lists(&lines);
    if dialect.is_none() && grids.is_empty() && answers.peek().is_none() && !bulleted {
        return None;
    }
    grids.sort_by_key(|grid| grid.lines.start);
    let mut grids = grids.into_iter().peekable();
    let marks = dialect.map(|dialect| dialect.marks(&lines)).unwrap_or_default();
    let mut recast = Recast::default();
    let mut fence: Option<char> = None;
    let mut n = 0;
    while n < lines.len() {
        let line = lines[n];
        while grids.next_if(|grid| grid.lines.start < n).is_some() {}
        if let Some(grid) = grids.next_if(|grid| fence.is_none() && grid.lines.start == n) {
            table(&mut recast, &grid.rows);
            n = grid.lines.end;
            continue;
        }
        recast.mark(line.at);
        if let Some((_, heading)) = answers.next_if(|(answer, _)| *answer == n) {
            recast.out.push_str(&heading);
            recast.mark(line.at);
        }
        let underlined = dialect.is_some_and(|dialect| dialect.underlines(&lines, n));
        let fenced = fence_mark(line.text.trim_start()).filter(|_| !underlined);
        match (dialect, fence, fenced) {
            (_, None, Some(mark)) => {
                fence = Some(mark);
                recast.out.push_str(line.text);
            }
            (_, Some(open), Some(mark)) if open == mark => {
                fence = None;
                recast.out.push_str(line.text);
            }
            (Some(dialect), _, _) if dialect.fences(line.text) => {
                fence = if fence.is_some() { None } else { Some('`') };
                recast.out.push_str("```");
            }
            (Some(dialect), None, None) => recast.out.push_str(&dialect.line(&lines, n, &marks)),
            (None, None, None) if bulleted => listed(&mut recast, &lines, n),
            _ => recast.out.push_str(line.text),
        }
        recast.out.push('\n');
        n += 1;
    }
    recast.mark(text.len());
    Some(recast)
}

/// A line of a text whose lists have drawn bullets.
fn listed(recast: &mut Recast, lines: &[Line<'_>], n: usize) {
    let line = lines[n];
    if bullets::ends(lines, n) {
        recast.out.push('\n');
        recast.mark(line.at);
    }
    let Some(rest) = bullets::item(line.text) else {
        recast.out.push_str(line.text);
        return;
    };
    let indent = line.text.len() - line.text.trim_start().len();
    recast.out.push_str(&line.text[..indent]);
    recast.out.push('-');
    recast.mark(line.at + line.text.len() - rest.len());
    recast.out.push_str(rest);
}

/// Rows of cells as a table of Markdown.
fn table(recast: &mut Recast, rows: &[(usize, Vec<String>)]) {
    let wide = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or_default();
    if let Some((at, _)) = rows.first() {
        recast.mark(*at);
    }
    recast.out.push('\n');
    for (n, (at, cells)) in rows.iter().enumerate() {
        recast.mark(*at);
        recast.out.push('|');
        for cell in cells.iter().map(String::as_str).chain(std::iter::repeat("")).take(wide) {
            recast.out.push(' ');
            recast.out.push_str(&cell.replace('|', "\\|"));
            recast.out.push_str(" |");
        }
        recast.out.push('\n');
        if n == 0 {
            recast.out.push('|');
            recast.out.extend(std::iter::repeat_n(" --- |", wide));
            recast.out.push('\n');
        }
    }
    recast.out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(text: &str) -> Option<String> {
        as_markdown(text)
            .map(|recast| recast.out.split('\n').filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn each_markup_becomes_markdown() {
        for (text, wanted) in [
            (
                "= Review\n\n== Findings\n\n=== Lock is never freed\n\nSeverity:: High\n\n----\nlet a;\n----\n",
                "# Review\n## Findings\n### Lock is never freed\n**Severity:** High\n```\nlet a;\n```",
            ),
            (
                "== Findings\n\n[cols=\"1,2\"]\n|===\n|Level |Where\n\n|High\n|`a.c:3`\n|===\n",
                "## Findings\n| Level | Where |\n| --- | --- |\n| High | `a.c:3` |",
            ),
            (
                "* Findings\n** TODO [#A] Lock is never freed :bug:\n   :PROPERTIES:\n   :FILE: a.c\n   :END:\n   In =a.c= it waits.\n",
                "# Findings\n## Lock is never freed\n**Status:** open\n**Priority:** high\n**FILE:** a.c\nIn `a.c` it waits.",
            ),
            (
                "h2. Findings\n\n||Prio||What||\n|Major|{{a.c}} waits|\n\n* *High* {{a.c:3}} waits\n",
                "## Findings\n| Prio | What |\n| --- | --- |\n| Major | `a.c` waits |\n* **High** `a.c:3` waits",
            ),
            (
                "Review\n======\n\nLock\n~~~~\n\n:Severity: High\n\n``a.c:3`` waits.\n",
                "# Review\n## Lock\n**Severity:** High\n`a.c:3` waits.",
            ),
            (
                "┌──────┬───────┐\n│ Sev  │ File  │\n├──────┼───────┤\n│ High │ a.c:3 │\n│      │ b.c:4 │\n└──────┴───────┘\n",
                "| Sev | File |\n| --- | --- |\n| High | a.c:3 b.c:4 |",
            ),
            (
                "SEVERITY  FILE   FINDING\n--------  -----  -------\nhigh      a.c:3  It waits\n",
                "| SEVERITY | FILE | FINDING |\n| --- | --- | --- |\n| high | a.c:3 | It waits |",
            ),
        ] {
            assert_eq!(markdown(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn markdown_stays_as_it_is() {
        for text in [
            "# Review\n\n* one\n* two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
            "Review\n======\n\nIt is fine.\n\nPart\n----\n\nToo.\n",
            "```\n== a\n|===\n```\n",
            "==========\n REVIEW\n==========\n[E] a.c(3)  waits\n",
        ] {
            assert_eq!(markdown(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_found_is_taken_back_to_its_bytes() {
        let text = "== Findings\n\n=== Lock is never freed\n\nSeverity:: High\nLocation:: `a.c:3`\n\n=== Name is old\n\nSeverity:: Low\nLocation:: `b.c:9`\n";
        let read = crate::extract::extract(text, "r.adoc");
        let texts: Vec<&str> =
            read.members.iter().map(|member| member.text.lines().next().unwrap_or_default()).collect();
        assert_eq!(texts, ["=== Lock is never freed", "=== Name is old"]);
        assert!(read.members.iter().all(|m| text[m.byte_range[0]..m.byte_range[1]] == m.text));
    }
}
