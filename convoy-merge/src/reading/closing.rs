//! The finding format reviewers are asked for: its closing lines, and whether the
//! stated `Total` is the number of findings.

use super::unit::Unit;

/// What the closing lines of the documented format say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Closing<'t> {
    pub(crate) total: Option<usize>,
    pub(crate) documented: bool,
    /// Files, each with the reason.
    pub(crate) not_reviewed: Option<&'t str>,
}

const CLOSING: &[&str] = &["**Reviewed:**", "**Not reviewed:**", "**Total:**"];

/// The closing lines belong to the report, not to its last finding.
pub(crate) fn end_at_total(text: &str, units: &mut [Unit]) {
    for unit in units {
        // What a finding begins with is its own, whatever it says: none is empty.
        let first =
            text[unit.range.clone()].find('\n').map_or(unit.range.end, |end| unit.range.start + end + 1);
        let mut at = unit.body.max(first).min(unit.range.end);
        for line in text[at..unit.range.end].split_inclusive('\n') {
            if CLOSING.iter().any(|label| line.starts_with(label)) && is_closing(line) {
                unit.range.end = at;
                break;
            }
            at += line.len();
        }
    }
}

fn is_closing(line: &str) -> bool {
    number_of(line, "**Reviewed:**", "file").is_some()
        || number_of(line, "**Total:**", "finding").is_some()
        || line.starts_with("**Not reviewed:**")
}

/// `**Total:** 3 findings` → 3, if the unit follows.
fn number_of(line: &str, label: &str, unit: &str) -> Option<usize> {
    let rest = line.trim().strip_prefix(label)?.trim();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().ok()?;
    let after = rest[end..].trim();
    (after.is_empty() || after.starts_with(unit)).then_some(number)
}

/// Looks for the closing lines and the signs of the format.
pub(crate) fn closing(text: &str) -> Closing<'_> {
    let mut out = Closing::default();
    let mut fence = None;
    let mut bracketed = false;
    let mut confidence = false;
    // A merged report has the same fields, and ends otherwise.
    let mut merged = false;
    for line in text.lines() {
        if let Some(mark) = crate::syntax::fields::fence_mark(line) {
            fence = if fence.is_none() {
                Some(mark)
            } else if fence == Some(mark) {
                None
            } else {
                fence
            };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        if let Some(total) = number_of(line, "**Total:**", "finding") {
            out.total = Some(total);
            out.documented = true;
        }
        out.documented |= number_of(line, "**Reviewed:**", "file").is_some();
        out.not_reviewed = line.strip_prefix("**Not reviewed:**").map(str::trim).or(out.not_reviewed);
        confidence |= line
            .strip_prefix("**Confidence:**")
            .is_some_and(|v| v.trim().bytes().next().is_some_and(|b| b.is_ascii_digit()));
        merged |= line.starts_with("**Finding:** F");
        bracketed |= line.starts_with("### ")
            && line[4..].trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(". [");
    }
    out.documented |= confidence && bracketed && !merged;
    out
}
