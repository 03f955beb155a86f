//! Lines that GitHub Actions takes for annotations: `::error file=…,line=…::text`.

use base::workflow_command;
use findings::Severity;

use super::message::{PROJECT, shown};
use crate::merged::Merged;

pub(super) fn report(merged: &Merged) -> String {
    let mut out = String::new();
    for one in shown(merged) {
        let command = match one.severity {
            Severity::Blocker | Severity::Critical | Severity::High => "error",
            Severity::Medium | Severity::Unrated => "warning",
            Severity::Low => "notice",
        };
        let mut properties = Vec::new();
        if one.path != PROJECT {
            properties.push(("file", one.path.clone()));
        }
        if let Some(line) = one.line {
            properties.push(("line", line.to_string()));
            properties.extend(one.end_line.map(|end| ("endLine", end.to_string())));
            // A column is only allowed where the annotation ends on its line.
            let single = one.end_line.is_none_or(|end| end == line);
            properties.extend(one.column.filter(|_| single).map(|column| ("col", column.to_string())));
        }
        properties.push(("title", format!("{} {}: {}", one.id, one.severity.name(), one.title)));
        let text = if one.body.is_empty() { one.text() } else { format!("{}\n({})", one.body, one.place) };
        let properties: Vec<(&str, &str)> =
            properties.iter().map(|(name, value)| (*name, value.as_str())).collect();
        out.push_str(&workflow_command::render(command, &properties, &text));
        out.push('\n');
    }
    out
}
