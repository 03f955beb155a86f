//! Lines that GitHub Actions takes for annotations: `::error file=…,line=…::text`.

use std::fmt::Write as _;

use findings::Severity;

use super::message::{PROJECT, shown};
use crate::merge::Merged;

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
            properties.push(format!("file={}", property(&one.path)));
        }
        if let Some(line) = one.line {
            properties.push(format!("line={line}"));
            properties.extend(one.end_line.map(|end| format!("endLine={end}")));
            // A column is only allowed where the annotation ends on its line.
            let single = one.end_line.is_none_or(|end| end == line);
            properties.extend(one.column.filter(|_| single).map(|column| format!("col={column}")));
        }
        properties.push(format!(
            "title={}",
            property(&format!("{} {}: {}", one.id, one.severity.name(), one.title))
        ));
        let text = if one.body.is_empty() { one.text() } else { format!("{}\n({})", one.body, one.place) };
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&text));
    }
    out
}

/// What a runner unescapes in the text.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// And in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
