//! Tables whose columns are kept apart by blanks, below a line of titles.

use super::{Grid, Line};
use crate::syntax::table;

/// The cells of a line: what two blanks or a tab keep apart.
fn cells(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find("  ").into_iter().chain(rest.find('\t')).min().unwrap_or(rest.len());
        out.push(rest[..end].trim());
        rest = rest[end..].trim_start();
    }
    out
}

fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 3 && text.chars().all(|c| matches!(c, '-' | '=' | '─' | '━' | '═' | ' ' | '\t'))
}

/// All tables with titles that findings have.
pub(super) fn grids(lines: &[Line<'_>]) -> Vec<Grid> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        let grid = grid(lines, n);
        n = grid.as_ref().map_or(n + 1, |grid| grid.lines.end);
        out.extend(grid);
    }
    out
}

fn grid(lines: &[Line<'_>], start: usize) -> Option<Grid> {
    let first = lines[start].text;
    let spaced = first.contains("  ") || first.contains('\t');
    if !spaced || first.len() > 400 || first.contains('|') {
        return None;
    }
    let titles = cells(first);
    if titles.len() < 3 || !table::lists_findings(&titles) {
        return None;
    }
    let begins = offsets(first, &titles);
    let mut rows = vec![(lines[start].at, titles.iter().map(ToString::to_string).collect::<Vec<String>>())];
    let mut end = start + 1;
    for line in lines.iter().skip(start + 1).take_while(|line| !line.text.trim().is_empty()) {
        end += 1;
        if is_rule(line.text) {
            continue;
        }
        let mut row = cells(line.text);
        if row.len() != titles.len() {
            row = by_offsets(line.text, &begins)?;
        }
        rows.push((line.at, row.into_iter().map(str::to_string).collect()));
    }
    (rows.len() >= 2).then_some(Grid { lines: start..end, rows })
}

/// Where the titles begin, in characters.
fn offsets(line: &str, titles: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut out = Vec::new();
    for title in titles {
        let found = line[at..].find(title).map_or(at, |n| at + n);
        out.push(line[..found].chars().count());
        at = found + title.len();
    }
    out
}

/// The cells below the titles; `None` = a word stands across the edge of a column.
fn by_offsets<'a>(line: &'a str, begins: &[usize]) -> Option<Vec<&'a str>> {
    let byte = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
    let edges: Vec<usize> = begins.iter().map(|chars| byte(*chars)).chain([line.len()]).collect();
    let clear = edges.iter().skip(1).all(|edge| *edge == line.len() || line[..*edge].ends_with([' ', '\t']));
    (clear && line[..edges[0]].trim().is_empty())
        .then(|| edges.windows(2).map(|edge| line[edge[0]..edge[1]].trim()).collect())
}
