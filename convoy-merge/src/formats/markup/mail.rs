//! Answers to a patch that was sent by mail: each stands below the lines that it is about.

use super::Line;
use crate::signs::statement::{self, Says};

/// The quoted text of a line.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('>').map(|rest| rest.strip_prefix(' ').unwrap_or(rest))
}

fn is_change(text: &str) -> bool {
    text.starts_with(['+', '-']) && text.len() > 1 && !text.starts_with("--") && !text.starts_with("- ")
}

/// For the first line of each answer, a heading that names what it is about.
pub(super) fn answers(lines: &[Line<'_>]) -> Vec<(usize, String)> {
    let changes = lines.iter().filter_map(|line| quoted(line.text)).filter(|text| is_change(text)).count();
    let mut out = Vec::new();
    if changes < 2 {
        return out;
    }
    let mut file: Option<&str> = None;
    // The line of the new file that the next quoted line is.
    let mut next: Option<u32> = None;
    let mut below_change = false;
    for (n, line) in lines.iter().enumerate() {
        if let Some(text) = quoted(line.text) {
            if let Some(path) = text
                .strip_prefix("+++ ")
                .or_else(|| text.strip_prefix("diff --git ").and_then(|both| both.split(' ').nth(1)))
            {
                file = Some(path.trim().trim_start_matches("b/"));
                next = None;
            } else if let Some(hunk) = text.strip_prefix("@@ ") {
                next = hunk.split('+').nth(1).and_then(|new| new.split([',', ' ']).next()?.parse().ok());
            } else if !text.starts_with('-') {
                next = next.map(|number| number + 1);
            }
            below_change = is_change(text) || below_change && text.starts_with(' ');
            continue;
        }
        if line.text.trim().is_empty() {
            continue;
        }
        if std::mem::take(&mut below_change) {
            let end = lines[n..]
                .iter()
                .position(|line| line.text.trim().is_empty())
                .map_or(lines.len(), |len| n + len);
            let said: Vec<&str> = lines[n..end].iter().map(|line| line.text).collect();
            if statement::says(&said.join(" ")) == Says::Fault {
                let number =
                    next.map(|number| format!(":{}", number.saturating_sub(1).max(1))).unwrap_or_default();
                let place = file.map(|file| format!(" — `{file}{number}`")).unwrap_or_default();
                out.push((n, format!("\n### Finding {}{place}\n\n", out.len() + 1)));
            }
        }
    }
    out
}
