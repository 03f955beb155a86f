//! The summary of a triage: one table, the most urgent first. Every issue is in
//! it once, also one whose report is missing.

use std::fmt::Write as _;

use crate::inventory::render::cell;

use super::card::{Card, Priority};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    id: String,
    title: String,
    /// Category, priority, complexity, duplicates, owner.
    fields: [String; 5],
    /// Why there is no report.
    missing: Option<String>,
}

const FIELDS: [&str; 5] = ["Category", "Priority", "Complexity", "Duplicates", "Owner"];
/// A cell is a word or two; what is longer is no value of the field.
const LONGEST: usize = 60;

impl Line {
    pub(super) fn of(card: &Card) -> Self {
        Line::read(card.id.clone(), card.title.clone(), &card.report())
    }

    pub(super) fn missing(id: String, title: String, why: String) -> Self {
        Line { id, title, fields: std::array::from_fn(|_| "?".to_owned()), missing: Some(why) }
    }

    /// Reads the fields of a report, whoever wrote it.
    pub(super) fn read(id: String, title: String, report: &str) -> Self {
        let fields = FIELDS.map(|name| field(report, name).unwrap_or_else(|| "?".to_owned()));
        let mut line = Line { id, title, fields, missing: None };
        if line.priority().is_none() {
            let lacks = field(report, "Missing").filter(|lacks| lacks != "nothing");
            line.missing =
                Some(lacks.map_or_else(
                    || "its report has no priority".to_owned(),
                    |what| format!("missing: {what}"),
                ));
        }
        line
    }

    fn priority(&self) -> Option<Priority> {
        let word = self.fields[1].to_lowercase();
        Priority::ALL.into_iter().find(|priority| word.starts_with(priority.word()))
    }
}

/// `**Category:** bug`
fn field(report: &str, name: &str) -> Option<String> {
    let lines = report.lines().map(|line| line.trim().trim_start_matches(['-', ' ']).replace("**", ""));
    let value =
        lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim).map(str::to_owned));
    value.filter(|value| !value.is_empty()).map(|value| value.chars().take(LONGEST).collect()).next()
}

pub(super) fn report(lines: &[Line], static_only: bool) -> String {
    let mut sorted: Vec<&Line> = lines.iter().collect();
    // Unknown goes first among the rest: somebody must look at it.
    sorted.sort_by_key(|line| line.priority().map_or(1, |priority| 2 * priority as usize));
    let mut out = "# Triage\n\n".to_owned();
    if static_only {
        out.push_str("Static rules only: no AI has read these issues.\n\n");
    }
    let counts = Priority::ALL.into_iter().filter_map(|priority| {
        let n = lines.iter().filter(|line| line.priority() == Some(priority)).count();
        (n > 0).then(|| format!("{n} {}", priority.word()))
    });
    let mut counts: Vec<String> = counts.collect();
    let unknown = lines.iter().filter(|line| line.priority().is_none()).count();
    if unknown > 0 {
        counts.push(format!("{unknown} not judged"));
    }
    let issues = base::style::count(lines.len() as u64, "issue");
    let _ = writeln!(out, "{issues}: {}\n", counts.join(", "));
    out.push_str("| Issue | Title | Category | Priority | Complexity | Duplicates | Suggested owner |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for line in &sorted {
        let title: String = line.title.chars().take(LONGEST).collect();
        let _ = write!(out, "| {} | {} |", cell(&line.id), cell(&title));
        for value in &line.fields {
            // Reports have escaped their own text; what is left must not break the row.
            let _ = write!(out, " {} |", base::text::visible(value).replace("\\|", "|").replace('|', "\\|"));
        }
        out.push('\n');
    }
    let missing: Vec<&&Line> = sorted.iter().filter(|line| line.missing.is_some()).collect();
    if !missing.is_empty() {
        out.push_str("\n## Not judged\n\n");
        for line in missing {
            let _ =
                writeln!(out, "- {}: {}", cell(&line.id), cell(line.missing.as_deref().unwrap_or_default()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_whoever_wrote_them_and_the_urgent_go_first() {
        let by_ai = "# Triage of 7\n\n- **Category:** bug\n- **Priority:** Urgent, data is lost\n**Complexity:** small\n**Duplicates:** 8\n**Owner:** @ann\n";
        let lines = [
            Line::read("6".into(), "later".into(), "**Category:** docs\n**Priority:** low\n"),
            Line::missing("9".into(), "who knows".into(), "timed out after 10m".into()),
            Line::read("7".into(), "first | second".into(), by_ai),
            Line::read("5".into(), String::new(), "I could not tell."),
        ];
        let report = report(&lines, false);
        let rows: Vec<&str> = report.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
        assert_eq!(rows[0], "| 7 | first \\| second | bug | Urgent, data is lost | small | 8 | @ann |");
        assert!(
            rows[1].starts_with("| 9 |") && rows[2].starts_with("| 5 |") && rows[3].starts_with("| 6 |"),
            "{report}"
        );
        assert!(report.contains("4 issues: 1 urgent, 1 low, 2 not judged"), "{report}");
        assert!(
            report.contains("- 9: timed out after 10m") && report.contains("- 5: its report has no priority")
        );
    }
}
