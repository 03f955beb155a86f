//! Lists whose items begin with a drawn bullet, as mails, slides and terminals show them. Markdown
//! takes them for one paragraph.

use super::Line;
use crate::text::fence_mark;

const BULLETS: [char; 4] = ['•', '◦', '▪', '‣'];

/// Further in, in columns, the first bullet stands in quoted output.
const INDENT: usize = 3;

/// Does a text list things behind bullets?
pub(super) fn lists(lines: &[Line<'_>]) -> bool {
    let mut fenced = false;
    let bullets: Vec<usize> = lines
        .iter()
        .filter(|line| {
            fenced ^= fence_mark(line.text.trim_start()).is_some();
            !fenced
        })
        .filter_map(|line| item(line.text).map(|_| line.text.len() - line.text.trim_start().len()))
        .collect();
    bullets.len() > 1 && bullets[0] <= INDENT
}

/// What stands behind the bullet of a line.
pub(super) fn item(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix(BULLETS).filter(|rest| rest.starts_with([' ', '\t']))
}

/// Does a line end the list above it? It stands further left than the items, right below one.
pub(super) fn ends(lines: &[Line<'_>], n: usize) -> bool {
    let line = lines[n].text;
    let above = n.checked_sub(1).map(|n| lines[n].text).unwrap_or_default();
    !line.starts_with(' ') && item(line).is_none() && above.starts_with(' ') && item(above).is_some()
}
