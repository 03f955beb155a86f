//! What a review in words claims of itself: the closing lines of the documented
//! format. A claim is shown as one, and never takes the place of what is known.

/// The number of its last line, `**Total:** 3 findings`.
pub(crate) fn total(report: &str) -> Option<usize> {
    let last = report.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    number(last, "**Total:**")
}

/// How many files it says it has read, and which of them it says it has not:
/// `**Reviewed:** 3 files`, `**Not reviewed:** src/a.ts (binary), src/b.ts (generated)`.
pub(crate) fn reviewed(report: &str) -> Option<(usize, Vec<(String, String)>)> {
    let line = |label: &str| report.lines().map(str::trim).rfind(|line| line.starts_with(label));
    let count = number(line("**Reviewed:**")?, "**Reviewed:**")?;
    let list =
        line("**Not reviewed:**").and_then(|line| line.strip_prefix("**Not reviewed:**")).unwrap_or_default();
    Some((count, not_reviewed(list)))
}

fn number(line: &str, label: &str) -> Option<usize> {
    let rest = line.strip_prefix(label)?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// `a.ts (binary), b.ts (too large, generated)`: names and why.
fn not_reviewed(list: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let comma = rest.find(", ").unwrap_or(rest.len());
        let (name, why, end) = match rest.find(" (").filter(|open| *open < comma) {
            Some(open) => {
                let close = rest[open..].find(')').map_or(rest.len(), |at| open + at);
                (&rest[..open], &rest[open + 2..close], (close + 1).min(rest.len()))
            }
            None => (&rest[..comma], "", comma),
        };
        out.push((name.trim().trim_matches('`').to_owned(), why.trim().to_owned()));
        rest = rest[end..].trim_start_matches([',', ' ', '.']);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read() {
        assert_eq!(total("# R\n\n**Total:** 3 findings\n\n"), Some(3));
        assert_eq!(total("# R\n\n**Total:** 3 findings\n\n### 4. More"), None);
        let names = |text: &str| reviewed(text).map(|(count, list)| (count, format!("{list:?}")));
        let none = || "[]".to_owned();
        assert_eq!(names("**Reviewed:** 12 files\n**Total:** 0 findings"), Some((12, none())));
        assert_eq!(names("nothing"), None);
        assert_eq!(
            reviewed("**Reviewed:** 1 file\n**Not reviewed:** src/a b.ts (too large, generated), `c.ts`\n")
                .unwrap(),
            (
                1,
                vec![
                    ("src/a b.ts".to_owned(), "too large, generated".to_owned()),
                    ("c.ts".to_owned(), String::new())
                ]
            )
        );
    }
}
