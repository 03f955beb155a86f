//! Tables, on a screen that may be too narrow for them.

use base::style::{pad, width};

use super::flow::Piece;
use super::{GRAVE, Page};

impl Page<'_> {
    /// In columns if that is possible, else a paragraph for each row: a place is never cut.
    pub(super) fn table(&mut self, rows: &[Vec<Vec<Piece>>]) {
        const BETWEEN: usize = 2;
        let plain = |cell: &Vec<Piece>| cell.iter().map(|piece| piece.text.as_str()).collect::<String>();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let wide = |n: usize| {
            rows.iter().filter_map(|row| row.get(n)).map(|cell| width(&plain(cell))).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(wide).collect();
        let whole = widths.iter().sum::<usize>() + BETWEEN * columns.saturating_sub(1);
        let mut lines = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if whole <= self.style.width {
                let cell = |(n, cell): (usize, &Vec<Piece>)| {
                    let text = plain(cell);
                    let blanks = " ".repeat(widths[n].saturating_sub(width(&text)));
                    if at == 0 { self.style.dim(&pad(&text, widths[n])) } else { self.cell(cell) + &blanks }
                };
                let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
                lines.push(cells.join(&" ".repeat(BETWEEN)));
            } else if at > 0 {
                let mut pieces: Vec<Piece> = Vec::new();
                for cell in row.iter().filter(|cell| !plain(cell).trim().is_empty()) {
                    if !pieces.is_empty() {
                        pieces.push(Piece { text: "  ".to_owned(), code: None, address: None });
                    }
                    pieces.extend(cell.iter().cloned());
                }
                let laid = self.laid_out(&pieces, self.style.width.saturating_sub(2));
                lines.extend(
                    laid.iter()
                        .enumerate()
                        .map(|(n, line)| if n == 0 { line.clone() } else { format!("  {line}") }),
                );
            }
        }
        self.block(&lines);
    }

    fn cell(&self, cell: &[Piece]) -> String {
        let text: String = cell.iter().map(|piece| piece.text.as_str()).collect();
        if matches!(text.trim(), "blocker" | "critical" | "high") {
            return self.style.paint(GRAVE, &text);
        }
        self.laid_out(cell, usize::MAX).join(" ")
    }
}
