//! A table that is only a frame around parts that are unfolded.

use crate::formats::recast::Recast;

/// Is a table nothing but a frame of one column around parts that are unfolded?
pub(super) fn is_layout(table: &str) -> bool {
    table.contains("<details")
        && !table.contains("<th")
        && !table.contains("</td><td")
        && !table.contains("</td> <td")
}

/// Titles of cells that hold findings.
const HOLDS: &[&str] = &["focus", "issue", "finding", "problem", "concern", "bug", "suggestion"];

/// The lines of such a frame: what is unfolded has its summary as a heading.
pub(super) fn layout(recast: &mut Recast, table: &str, base: usize) {
    let mut at = base;
    // Findings so far; `None` = the cell holds something else.
    let mut found: Option<usize> = None;
    let mut opened = false;
    for line in table.split_inclusive('\n') {
        recast.mark(at);
        at += line.len();
        let said = untagged(line);
        let lower = said.to_lowercase();
        if line.contains("<summary") {
            // What it is called is a kind ("Possible issue"); what is wrong stands below.
            match &mut found {
                Some(number) => {
                    *number += 1;
                    let heading = format!("\n#### Finding {number}\n\n**Category:** {}\n\n", said.trim());
                    recast.out.push_str(&heading);
                    opened = true;
                }
                None => recast.out.extend(["\n#### ", said.trim(), "\n\n"]),
            }
        } else if line.contains("<td")
            && HOLDS.iter().any(|word| lower.contains(word))
            && !line.contains("</td")
        {
            found = Some(0);
            recast.out.extend(["\n### Review findings\n\n", said.trim(), "\n\n"]);
        } else if line.trim_start().starts_with('<') {
            found = found.filter(|_| !line.contains("<td"));
            recast.out.extend([said.trim(), "\n\n"]);
        } else {
            if opened && line.contains(char::is_alphanumeric) {
                recast.out.push_str("**Problem:** ");
                opened = false;
            }
            recast.out.push_str(line);
        }
    }
    recast.mark(at);
}

/// A line without its tags.
pub(super) fn untagged(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    (out + rest).replace("&nbsp;", " ")
}
