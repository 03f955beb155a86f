//! Tables of Markdown (also those that HTML became) whose titles nobody knows: their rows are
//! findings by what the cells of each column hold.

use serde_json::Value;

use super::delimited::column;
use super::entry::{Given, Object, Source, of_object};
use super::roles::{Roles, tells_finding};
use crate::model::Member;
use crate::vocabulary::PHRASES;

/// The cells of a row, or of the line of titles.
fn cells(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut escaped = false;
    for c in line.trim().trim_start_matches('|').chars() {
        match (c, out.last_mut()) {
            ('|', _) if !escaped => out.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    if line.trim().ends_with('|') {
        out.pop();
    }
    out.iter().map(|cell| cell.trim().replace("\\|", "|")).collect()
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// The findings of all tables of a text that holds no other.
pub(crate) fn members(text: &str) -> Vec<Member> {
    let mut lines: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line));
        at += line.len();
    }
    let mut out = Vec::new();
    let is_row = |line: &str| line.trim_start().starts_with('|');
    let mut n = 0;
    while n + 2 < lines.len() {
        if !(is_row(lines[n].1) && is_rule(lines[n + 1].1)) {
            n += 1;
            continue;
        }
        let end = lines[n..].iter().position(|(_, line)| !is_row(line)).map_or(lines.len(), |len| n + len);
        out.extend(rows(&cells(lines[n].1), lines.get(n + 2..end).unwrap_or_default()));
        n = end.max(n + 1);
    }
    out
}

fn rows(titles: &[String], lines: &[(usize, &str)]) -> Vec<Member> {
    let columns: Vec<Option<String>> = titles.iter().map(|title| column(title)).collect();
    let record = |line: &str| -> Object {
        let cells = cells(line).into_iter().zip(&columns);
        cells
            .filter(|(cell, _)| !cell.is_empty())
            .filter_map(|(cell, column)| Some((column.clone()?, Value::String(cell))))
            .collect()
    };
    let records: Vec<Object> = lines.iter().map(|(_, line)| record(line)).collect();
    let objects: Vec<&Object> = records.iter().collect();
    let roles = Roles::of(&objects);
    if !roles.tell_findings(&objects, &Given::default()) {
        return Vec::new();
    }
    // What passed is no finding, whatever was looked for.
    let open = records.iter().zip(lines).filter(|(record, _)| {
        !record
            .values()
            .filter_map(Value::as_str)
            .any(|cell| PHRASES.pass.contains(&cell.to_lowercase().as_str()))
    });
    let told = open.map(|(record, line)| (roles.apply(record), line));
    told.filter(|(record, _)| tells_finding(record, &Given::default()))
        .filter_map(|(record, (start, line))| {
            let source = Source { text: line.trim_end(), start: *start };
            of_object(source, &record, &Given::default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn a_rule_that_is_no_row_ends_the_table() {
        let rows = "| where we looked | row | what we saw |\n";
        for text in [format!("{rows}---\ntext\n"), format!("{rows}|---|---|---|\n")] {
            assert!(members(&text).is_empty(), "{text}");
        }
        let row = "| `a/b.c` | 3 | The lock is taken twice here |\n";
        assert_eq!(members(&format!("{rows}|---|---|---|\n{row}")).len(), 1);
    }
}
