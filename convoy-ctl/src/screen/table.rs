//! Tables with the same columns, one below the other, within the width of the screen.

use std::fmt::Write as _;

use base::style::{Style, pad, pad_left, width};

/// A name is not made shorter than this for the sake of a column.
const SHORTEST_NAME: usize = 10;

/// The columns behind the name.
pub(crate) struct Columns<const N: usize> {
    pub(crate) heads: [&'static str; N],
    /// Those that can be done without, in this order.
    pub(crate) dispensable: &'static [usize],
}

/// A name, and what stands behind it.
pub(crate) type Line<const N: usize> = (String, [String; N]);

impl<const N: usize> Columns<N> {
    /// Each table with the head of its first column; without one it has no line of heads.
    pub(crate) fn table(&self, tables: &[(&str, Vec<Line<N>>)], style: &Style) -> String {
        let all = || tables.iter().flat_map(|(_, lines)| lines);
        let mut widths = self.heads.map(width);
        for (_, cells) in all() {
            for (column, cell) in cells.iter().enumerate() {
                widths[column] = widths[column].max(width(cell));
            }
        }
        let mut shown: Vec<usize> = (0..N).collect();
        let beside = |shown: &[usize]| shown.iter().map(|&column| widths[column] + 2).sum::<usize>();
        let longest = all().map(|(name, _)| width(name)).max().unwrap_or(0);
        for dispensable in self.dispensable {
            if longest.min(SHORTEST_NAME) + beside(&shown) > style.width {
                shown.retain(|column| column != dispensable);
            }
        }
        let name = longest.min(style.width.saturating_sub(beside(&shown))).max(SHORTEST_NAME.min(longest));
        let line = |first: &str, cells: &[String; N]| {
            let mut line = pad(&style.cut(first, name), name);
            for &column in &shown {
                let _ = write!(line, "  {}", pad_left(&cells[column], widths[column]));
            }
            line.trim_end().to_owned()
        };
        let mut out = String::new();
        for (n, (head, lines)) in tables.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            if !head.is_empty() {
                let _ = writeln!(out, "{}", style.dim(&line(head, &self.heads.map(str::to_owned))));
            }
            for (name, cells) in lines {
                let _ = writeln!(out, "{}", line(name, cells));
            }
        }
        out
    }
}
