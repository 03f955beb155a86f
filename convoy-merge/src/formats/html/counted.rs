//! A table that is a list with its sum as its title: "2 Warnings" above rows of a sign and a text.

use std::ops::Range;

use super::layout::untagged;
use crate::formats::recast::Recast;

/// What is listed that way.
const KINDS: [&str; 7] = ["error", "warning", "message", "failure", "issue", "problem", "finding"];

/// The title of such a table; `None` = it is another one.
pub(super) fn title(table: &str) -> Option<String> {
    let titles: Vec<String> = cells(table, "th")
        .into_iter()
        .map(|cell| said(&table[cell]))
        .filter(|title| !title.is_empty())
        .collect();
    let [title] = &titles[..] else { return None };
    let (count, kind) = title.split_once(' ')?;
    let counts = count.parse::<u32>().is_ok() && KINDS.contains(&kind.to_lowercase().trim_end_matches('s'));
    counts.then(|| title.clone())
}

/// Its rows as a list below its title: a row says what it says in its last cell.
pub(super) fn list(recast: &mut Recast, table: &str, base: usize, title: &str) {
    recast.mark(base);
    recast.out.extend(["\n### ", title, "\n\n"]);
    let starts: Vec<usize> = table.match_indices("<tr").map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([table.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let row = &table[start..end];
        let text = cells(row, "td").pop().map(|cell| said(&row[cell])).unwrap_or_default();
        if !text.is_empty() {
            recast.mark(base + start);
            recast.out.extend(["- ", &text, "\n"]);
        }
    }
    recast.mark(base + table.len());
    recast.out.push('\n');
}

/// The insides of the elements of a name; one that is not closed ends where the next cell begins.
fn cells(text: &str, name: &str) -> Vec<Range<usize>> {
    let open = format!("<{name}");
    let opened = text.match_indices(&open).filter_map(|(at, _)| {
        let rest = &text[at + open.len()..];
        let start = at + open.len() + rest.find('>')? + 1;
        rest.starts_with(['>', ' ', '\n', '\t']).then_some(start)
    });
    let end = |start: usize| {
        let ends = ["</td", "</th", "</tr", "<td", "<th"];
        ends.iter().filter_map(|end| text[start..].find(end)).min().map_or(text.len(), |end| start + end)
    };
    opened.map(|start| start..end(start)).collect()
}

/// The words of a cell, in one line.
fn said(cell: &str) -> String {
    untagged(cell).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::formats::told;

    #[test]
    fn a_table_with_its_sum_as_its_title_is_a_list() {
        let table = |title: &str, rows: &[&str]| {
            let row = |text: &&str| format!("<tr>\n<td>:x:</td>\n<td>\n\n{text}\n</td>\n</tr>\n");
            let rows: String = rows.iter().map(row).collect();
            format!(
                "<table>\n<thead>\n<tr>\n<th width=\"50\"></th>\n<th data-a=\"b\">{title}</th>\n</tr>\n</thead>\n<tbody>{rows}</tbody>\n</table>\n\n"
            )
        };
        let text = table("1 Error", &["src/oven.ts#L14: The heat is logged in full."])
            + &table("2 Warnings", &["This change has no description.", "The lid is <b>never</b> closed."])
            + &table("1 Message", &["Thanks for the change"]);
        let expected = [
            "src/oven.ts:14 high The heat is logged in full",
            " medium This change has no description",
            " medium The lid is never closed",
        ];
        assert_eq!(told(&text, "r.md").0, expected);
        let other = text.replace("1 Error", "File");
        assert!(!told(&other, "r.md").0.iter().any(|one| one.contains("high")));
    }
}
