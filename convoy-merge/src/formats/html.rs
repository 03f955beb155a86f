//! HTML, whole pages and what stands inside of Markdown: rewritten to Markdown, read as
//! prose, and every finding taken back to the bytes of the source that it came from.

mod counted;
mod layout;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use super::recast::Recast;
use crate::model::{Extraction, ReadFrom};
use crate::reading;
use crate::rules::Rules;
use layout::{is_layout, layout};

/// Deeper lists are flat.
const DEEPEST: usize = 8;
/// Columns and rows over which cells may stretch.
const WIDEST: usize = 64;
const MOST_ROWS: usize = 10_000;

/// Reads a page, or Markdown with HTML tables in it; `None` = the text is neither.
pub(super) fn extract(text: &str, name: &str, rules: Rules) -> Option<Extraction> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let lower: String = start.chars().take(200).collect::<String>().to_ascii_lowercase();
    let named = name
        .rsplit('.')
        .next()
        .is_some_and(|ext| matches!(ext.to_ascii_lowercase().as_str(), "html" | "htm" | "xhtml"));
    let page = named
        || lower.starts_with("<!doctype html")
        || lower.starts_with("<html")
        || lower.starts_with("<body")
        || lower.starts_with("<table")
            && !tables(text).iter().any(|table| counted::title(&text[table.clone()]).is_some());
    let mut page_of = Page::default();
    if page {
        page_of.rewrite(text, 0);
    } else {
        let tables = tables(text);
        if tables.is_empty() {
            return None;
        }
        let mut at = 0;
        for table in tables {
            page_of.recast.copy(&text[at..table.start], at);
            if let Some(title) = counted::title(&text[table.clone()]) {
                counted::list(&mut page_of.recast, &text[table.clone()], table.start, &title);
            } else if is_layout(&text[table.clone()]) {
                layout(&mut page_of.recast, &text[table.clone()], table.start);
            } else {
                page_of.rewrite(&text[table.clone()], table.start);
            }
            at = table.end;
        }
        page_of.recast.copy(&text[at..], at);
    }
    let mut out = reading::read(&page_of.recast.out, rules);
    page_of.recast.back(text, &mut out);
    out.read_from = Some(ReadFrom::Prose);
    Some(out)
}

/// Where tables of HTML stand in Markdown, outside of fences.
fn tables(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut fence = None;
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        if let Some(mark) = crate::text::fence_mark(bare) {
            fence = match fence {
                None => Some(mark),
                Some(old) if old == mark => None,
                old => old,
            };
        }
        let lower = bare.to_ascii_lowercase();
        if fence.is_none() && open.is_none() && lower.starts_with("<table") {
            open = Some(at);
        }
        at += line.len();
        if let Some(from) = open
            && lower.trim_end().ends_with("</table>")
        {
            out.push(from..at);
            open = None;
        }
    }
    // One that is never closed goes to the end.
    out.extend(open.map(|from| from..text.len()));
    out
}

/// Markdown in the making.
#[derive(Debug, Default)]
struct Page {
    recast: Recast,
    list: usize,
    /// In a row: how many cells it has so far.
    cells: Option<usize>,
    /// How many columns more than its own the cell holds that is open.
    wide: usize,
    /// For how many more rows a column is held by a cell above.
    spans: Vec<usize>,
    /// Rows of the table so far.
    rows: usize,
    /// Where the row begins in `out`.
    row: usize,
    /// The row's first cell is a heading.
    headed: bool,
    pre: bool,
    /// Inside of what is not shown: `script`, `style`.
    hidden: usize,
    link: Option<String>,
}

impl Page {
    fn rewrite(&mut self, text: &str, base: usize) {
        self.recast.mark(base);
        let emitter = DefaultEmitter::<usize>::new_with_span();
        for token in Tokenizer::new_with_emitter(text, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name).into_owned();
                    let of = |key: &str| {
                        let value = tag.attributes.get(key.as_bytes())?;
                        Some(String::from_utf8_lossy(&value.value).into_owned())
                    };
                    self.recast.mark(base + tag.span.start);
                    self.open(&name, &of);
                }
                Token::EndTag(tag) => {
                    self.recast.mark(base + tag.span.start);
                    self.close(&String::from_utf8_lossy(&tag.name));
                }
                Token::String(said) if self.hidden == 0 => {
                    self.recast.mark(base + said.span.start);
                    self.say(&String::from_utf8_lossy(&said.value));
                }
                _ => {}
            }
        }
        self.end_row();
        self.line(2);
        self.recast.mark(base + text.len());
    }

    /// At least so many line ends; inside of a row none.
    fn line(&mut self, ends: usize) {
        if self.cells.is_some() {
            self.gap();
            return;
        }
        let trimmed = self.recast.out.trim_end_matches(' ').len();
        self.recast.out.truncate(trimmed);
        let have = self.recast.out.len() - self.recast.out.trim_end_matches('\n').len();
        if !self.recast.out.is_empty() {
            self.recast.out.extend(std::iter::repeat_n('\n', ends.saturating_sub(have)));
        }
    }

    fn gap(&mut self) {
        if !self.recast.out.ends_with([' ', '\n']) && !self.recast.out.is_empty() {
            self.recast.out.push(' ');
        }
    }

    fn say(&mut self, text: &str) {
        if self.pre && self.cells.is_none() {
            self.recast.out.push_str(text);
            return;
        }
        let mut words = text.split_whitespace().peekable();
        if text.starts_with(char::is_whitespace) && words.peek().is_some() {
            self.gap();
        }
        while let Some(word) = words.next() {
            if self.cells.is_some() {
                self.recast.out.push_str(&word.replace('|', "\\|"));
            } else {
                self.recast.out.push_str(word);
            }
            if words.peek().is_some() || text.ends_with(char::is_whitespace) {
                self.recast.out.push(' ');
            }
        }
    }

    fn open(&mut self, name: &str, of: &dyn Fn(&str) -> Option<String>) {
        match name {
            "script" | "style" | "head" | "svg" | "noscript" => self.hidden += 1,
            _ if self.hidden > 0 => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.cells.is_none() => {
                self.line(2);
                let depth = usize::from(name.as_bytes()[1] - b'0');
                self.recast.out.extend(std::iter::repeat_n('#', depth));
                self.recast.out.push(' ');
            }
            "ul" | "ol" => {
                self.list = (self.list + 1).min(DEEPEST);
                self.line(1);
            }
            "li" => {
                self.line(1);
                if self.cells.is_none() {
                    self.recast.out.extend(std::iter::repeat_n(' ', 2 * self.list.saturating_sub(1)));
                }
                self.recast.out.push_str("- ");
            }
            "table" | "tr" | "td" | "th" => self.open_in_table(name, of),
            "b" | "strong" => self.recast.out.push_str("**"),
            "code" | "kbd" | "samp" if !self.pre => self.recast.out.push('`'),
            "pre" => {
                self.line(2);
                self.pre = true;
                if self.cells.is_none() {
                    self.recast.out.push_str("```\n");
                }
            }
            "br" | "hr" => self.line(1),
            "summary" => {
                self.line(2);
                self.recast.out.push_str("**");
            }
            "a" => {
                self.link = of("href").filter(|href| href.contains("#L") || href.starts_with("file:"));
                if self.link.is_some() {
                    self.recast.out.push('[');
                }
            }
            "img" => {
                let alt = of("alt").unwrap_or_default();
                self.say(&alt);
            }
            "dt" => {
                self.line(1);
                self.recast.out.push_str("- ");
            }
            "dd" => self.recast.out.push_str(": "),
            "p" | "div" | "section" | "article" | "details" | "blockquote" | "dl" | "main" | "header" => {
                self.line(2);
            }
            _ => {}
        }
    }

    fn open_in_table(&mut self, name: &str, of: &dyn Fn(&str) -> Option<String>) {
        match name {
            "table" => {
                self.line(2);
                self.rows = 0;
                self.spans.clear();
            }
            "tr" => {
                self.end_row();
                self.line(1);
                self.row = self.recast.out.len();
                self.recast.out.push_str("| ");
                self.cells = Some(0);
            }
            _ => {
                if self.cells == Some(0) {
                    self.headed = name == "th";
                } else if self.cells == Some(1) && self.headed && self.rows == 0 && name == "td" {
                    self.fields();
                }
                if self.cells.is_none() {
                    self.line(1);
                    self.recast.out.push_str("| ");
                    self.cells = Some(0);
                }
                self.widen();
                self.cell();
                let columns = of("colspan").and_then(|columns| columns.trim().parse().ok()).unwrap_or(1);
                self.wide = columns.clamp(1, WIDEST) - 1;
                let rows = of("rowspan").and_then(|rows| rows.trim().parse().ok()).unwrap_or(1);
                self.span(rows);
            }
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "script" | "style" | "head" | "svg" | "noscript" => self.hidden = self.hidden.saturating_sub(1),
            _ if self.hidden > 0 => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "div" | "section" | "article" | "details"
            | "blockquote" => {
                self.line(2);
            }
            "ul" | "ol" => {
                self.list = self.list.saturating_sub(1);
                self.line(if self.list == 0 { 2 } else { 1 });
            }
            "tr" => self.end_row(),
            "table" => {
                self.end_row();
                self.line(2);
            }
            "b" | "strong" => self.shut("**"),
            "code" | "kbd" | "samp" if !self.pre => self.recast.out.push('`'),
            "pre" => {
                if self.cells.is_none() {
                    self.line(1);
                    self.recast.out.push_str("```\n\n");
                }
                self.pre = false;
            }
            // In a cell it is a line of its own, like a title.
            "summary" if self.cells.is_some() => {
                self.shut("**");
                self.recast.out.push_str("<br>");
            }
            "summary" => {
                self.shut("**");
                self.line(2);
            }
            "a" => {
                if let Some(href) = self.link.take() {
                    self.recast.out.extend(["](", &href, ")"]);
                }
            }
            _ => {}
        }
    }

    /// Begins a cell, behind those that an upper row holds.
    fn cell(&mut self) {
        let Some(mut cells) = self.cells else { return };
        loop {
            if cells > 0 {
                self.recast.out.push_str(" | ");
            }
            cells += 1;
            match self.spans.get_mut(cells - 1).filter(|rows| **rows > 0) {
                Some(rows) => *rows -= 1,
                None => break,
            }
        }
        self.cells = Some(cells);
    }

    /// Empty cells behind one that holds several columns.
    fn widen(&mut self) {
        let wide = std::mem::take(&mut self.wide);
        for _ in 0..wide {
            self.cell();
        }
    }

    /// The cell just begun holds its column for so many rows.
    fn span(&mut self, rows: usize) {
        let Some(at) = self.cells.and_then(|cells| cells.checked_sub(1)).filter(|at| *at < WIDEST) else {
            return;
        };
        if self.spans.len() <= at {
            self.spans.resize(at + 1, 0);
        }
        self.spans[at] = rows.saturating_sub(1).min(MOST_ROWS);
    }

    /// Ends emphasis: no blank stands before the mark.
    fn shut(&mut self, mark: &str) {
        let blank = self.recast.out.ends_with(' ');
        let trimmed = self.recast.out.trim_end_matches(' ').len();
        self.recast.out.truncate(trimmed);
        self.recast.out.push_str(mark);
        if blank {
            self.recast.out.push(' ');
        }
    }

    /// The first row is a field and its value, so all are: Markdown wants a row of titles.
    fn fields(&mut self) {
        let titles = "| Field | Value |\n| --- | --- |\n";
        self.recast.insert(self.row, titles);
        self.rows = 1;
    }

    fn end_row(&mut self) {
        self.widen();
        let Some(cells) = self.cells.take() else { return };
        self.recast.out.push_str(" |\n");
        self.rows += 1;
        if self.rows == 1 {
            self.recast.out.push('|');
            self.recast.out.extend(std::iter::repeat_n(" --- |", cells.max(1)));
            self.recast.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::told;

    #[test]
    fn prose_in_markup_is_prose() {
        let page = "<html><body><h1>Review</h1><h2>Findings</h2><p>High: src/a.rs:3 Lock is never freed</p></body></html>";
        let wiki = "= Review\n\n== Findings\n\n*High:* src/a.rs:3 Lock is never freed\n";
        for (text, name) in [(page, "r.html"), (wiki, "r.adoc")] {
            let found = crate::extract::extract(text, name);
            assert_eq!(found.read_from, Some(crate::model::ReadFrom::Prose), "{text}");
            assert_eq!(found.members.len(), 1, "{text}");
        }
    }

    #[test]
    fn rows_stand_below_the_file_that_a_row_names() {
        let row = |place: &str, level: &str, said: &str| {
            format!(
                "<tr><td>{place}</td><td>{level}</td><td>{said}</td><td><a href=\"/rules\">rule</a></td></tr>"
            )
        };
        let file = |name: &str, count: &str| {
            format!("<tr><th colspan=\"4\">[+] {name} <span>{count}</span></th></tr>")
        };
        let page = [
            "<!DOCTYPE html><html><head><title>Lint</title></head><body><h1>Lint Report</h1><table><tbody>"
                .to_string(),
            file("src/oven.js", "2 problems (1 error, 1 warning)"),
            row("2:7", "Warning", "Expected another sign."),
            row("31:1", "Error", "It runs what it is given."),
            file("src/hob.js", "1 problem (1 error, 0 warnings)"),
            row("1:5", "Error", "A value is never read."),
            "</tbody></table></body></html>".to_string(),
        ];
        let expected = [
            "src/oven.js:2 medium Expected another sign.",
            "src/oven.js:31 high It runs what it is given.",
            "src/hob.js:1 high A value is never read.",
        ];
        assert_eq!(told(&page.concat(), "lint.html"), (expected.map(str::to_string).to_vec(), true));
    }
}
