//! The tools of an agent file, in every form Claude Code takes them.

use crate::document::Value;

/// The tools of an agent file that names none: it may look, and write its own report.
pub(crate) const DEFAULT_TOOLS: [&str; 3] = ["Read", "Grep", "Glob"];

/// The tools a value names, and what is odd about it. `None`: it says nothing.
pub(super) fn read(value: &Value) -> Option<(Vec<String>, Option<String>)> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some((split(text), None)),
        Value::List(items) => {
            let mut tools = Vec::new();
            let mut others = 0_u32;
            for item in items {
                match &item.value {
                    Value::Text(text) => tools.extend(split(text)),
                    _ => others += 1,
                }
            }
            let note = (others > 0).then(|| "holds what is no name of a tool".to_owned());
            Some((tools, note))
        }
        other => Some((Vec::new(), Some(format!("is {}, which names no tool", other.kind())))),
    }
}

/// `Read, Grep`, `Read Grep`, `Bash(git log:*), Read`: what stands in parentheses
/// belongs to the tool before it.
fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    // A list whose end is missing.
    let text = text.strip_prefix('[').map_or(text, |inside| inside.trim_end_matches(']'));
    let mut depth = 0_u32;
    let parts = text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || c.is_whitespace())
    });
    let unquoted = parts.map(|part| part.trim_matches(['"', '\'']));
    unquoted.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
