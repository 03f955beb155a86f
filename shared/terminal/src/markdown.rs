//! Markdown as a terminal shows it. Pure, but that a place is only linked if it is there.
//!
//! What a report holds of others was made harmless where it was written; a report that
//! an AI wrote was not: here every control character becomes visible first.

use base::style::{Style, width};
use base::text;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::link::Links;

mod flow;
mod table;

use flow::Piece;

/// SGR codes by what they are for.
const HEADING: &str = "1;36";
const STRONG: &str = "1";
const CODE: &str = "36";
const GRAVE: &str = "31";
const ADDED: &str = "32";
const REMOVED: &str = "31";

/// A report for the width of this screen.
pub fn render(markdown: &str, style: &Style, links: &Links) -> String {
    let visible: Vec<String> = markdown.lines().map(line_visible).collect();
    let source = visible.join("\n");
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut page = Page {
        style,
        links,
        out: String::new(),
        inline: Vec::new(),
        strong: 0,
        address: None,
        lists: Vec::new(),
        bullet: None,
        rows: None,
        code: None,
        html: String::new(),
    };
    for event in Parser::new_ext(&source, options) {
        page.take(event);
    }
    page.out.trim_matches('\n').to_owned() + "\n"
}

/// Without what would act on the terminal.
fn line_visible(line: &str) -> String {
    line.split('\t').map(text::visible).collect::<Vec<_>>().join("    ")
}

/// What is being read.
struct Page<'a> {
    style: &'a Style,
    links: &'a Links,
    out: String,
    /// The running text that is not laid out yet.
    inline: Vec<Piece>,
    strong: usize,
    address: Option<String>,
    /// The lists it is in: the number of the next item, where they are numbered.
    lists: Vec<Option<u64>>,
    /// What stands before the first line of the item it is in.
    bullet: Option<String>,
    /// The rows of the table it is in; the first is the head.
    rows: Option<Vec<Vec<Vec<Piece>>>>,
    /// The code it is in and its language.
    code: Option<(String, String)>,
    html: String,
}

impl Page<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match &mut self.code {
                Some((_, code)) => code.push_str(&words),
                None => self.add(&words, None),
            },
            Event::Code(words) => self.add(&words, Some(CODE)),
            Event::SoftBreak => self.add(" ", None),
            Event::HardBreak => self.add("\n", None),
            Event::Rule => {
                let sign = if self.style.ascii { "-" } else { "─" };
                self.block(&[self.style.dim(&sign.repeat(self.style.width.min(20)))]);
            }
            Event::TaskListMarker(done) => self.add(if done { "[x] " } else { "[ ] " }, None),
            Event::Html(html) => self.html.push_str(&html),
            Event::InlineHtml(words)
            | Event::InlineMath(words)
            | Event::DisplayMath(words)
            | Event::FootnoteReference(words) => self.add(&words, None),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.address = Some(dest_url.to_string());
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.flush(None);
                self.code = Some((language, String::new()));
            }
            Tag::List(first) => {
                // An item's own text stands before the list in it.
                self.flush(None);
                self.lists.push(first);
            }
            Tag::Item => {
                let bullet = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ if self.style.ascii => "- ".to_owned(),
                    _ => "• ".to_owned(),
                };
                self.bullet = Some(bullet);
            }
            Tag::Table(_) => self.rows = Some(Vec::new()),
            Tag::TableHead | Tag::TableRow => {
                if let Some(rows) = &mut self.rows {
                    rows.push(Vec::new());
                }
            }
            Tag::HtmlBlock => self.html.clear(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.address = None,
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::Paragraph | TagEnd::Item => self.flush(None),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
            TagEnd::CodeBlock => {
                if let Some((language, code)) = self.code.take() {
                    self.show_code(&language, &code);
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(rows) = self.rows.take() {
                    self.table(&rows);
                }
            }
            TagEnd::HtmlBlock => self.show_html(),
            _ => {}
        }
    }

    fn add(&mut self, text: &str, code: Option<&'static str>) {
        let code = code.or((self.strong > 0).then_some(STRONG));
        let text = if self.style.ascii { without_signs(text) } else { text.to_owned() };
        self.inline.push(Piece { text, code, address: self.address.clone() });
    }

    /// Lines of a block of its own, a blank line behind it.
    fn block(&mut self, lines: &[String]) {
        for line in lines {
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
        self.out.push('\n');
    }

    /// Lays the running text out, all of it in one colour if one is given.
    fn flush(&mut self, colour: Option<&'static str>) {
        let mut pieces = std::mem::take(&mut self.inline);
        if pieces.iter().all(|piece| piece.text.trim().is_empty()) {
            return;
        }
        for piece in &mut pieces {
            piece.code = colour.or(piece.code);
        }
        let depth = self.lists.len().saturating_sub(1) * 2;
        let bullet = self.bullet.take();
        let hang = match (&bullet, self.lists.is_empty()) {
            (Some(bullet), _) => width(bullet),
            (None, true) => 0,
            (None, false) => 2,
        };
        let first = format!("{}{}", " ".repeat(depth), bullet.unwrap_or_else(|| " ".repeat(hang)));
        let rest = " ".repeat(depth + hang);
        let lines = self.laid_out(&pieces, self.style.width.saturating_sub(depth + hang));
        let lines: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("{}{line}", if n == 0 { &first } else { &rest }))
            .collect();
        if self.lists.is_empty() {
            self.block(&lines);
        } else {
            for line in lines {
                self.out.push_str(line.trim_end());
                self.out.push('\n');
            }
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let text: String = self.inline.iter().map(|piece| piece.text.as_str()).collect();
        self.flush(Some(HEADING));
        let sign = match level {
            HeadingLevel::H1 => {
                if self.style.ascii {
                    "="
                } else {
                    "═"
                }
            }
            HeadingLevel::H2 => {
                if self.style.ascii {
                    "-"
                } else {
                    "─"
                }
            }
            _ => "",
        };
        // Directly below its heading, in the place of the blank line.
        if self.out.ends_with("\n\n") {
            self.out.pop();
        }
        if !sign.is_empty() {
            let line = sign.repeat(width(&text).min(self.style.width));
            self.out.push_str(&self.style.dim(&line));
            self.out.push('\n');
        }
    }

    fn show_code(&mut self, language: &str, code: &str) {
        let is_change = language == "diff";
        let shown = |line: &str| match line.as_bytes().first() {
            Some(b'+') if is_change => self.style.paint(ADDED, line),
            Some(b'-') if is_change => self.style.paint(REMOVED, line),
            Some(b'@') if is_change => self.style.dim(line),
            Some(b'>') => self.style.paint(STRONG, line),
            _ => line.to_owned(),
        };
        let lines: Vec<String> = code.lines().map(|line| format!("    {}", shown(line))).collect();
        self.block(&lines);
    }

    /// Nothing can be folded here: what would be is shown below its title.
    fn show_html(&mut self) {
        let html = std::mem::take(&mut self.html);
        let mut lines = Vec::new();
        for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let inner = line.trim_start_matches("<details>").trim_end_matches("</details>");
            let title = inner.strip_prefix("<summary>").and_then(|rest| rest.strip_suffix("</summary>"));
            if let Some(title) = title {
                let sign = if self.style.ascii { "> " } else { "▾ " };
                lines.push(self.style.dim(&format!("{sign}{}", unescaped(title))));
            } else if !inner.is_empty() && !inner.starts_with("<!--") {
                lines.push(inner.to_owned());
            }
        }
        if !lines.is_empty() {
            self.block(&lines);
        }
    }
}

/// The signs that a report is set with, in a locale that has ASCII only.
fn without_signs(text: &str) -> String {
    let signs = [("·", "-"), ("–", "-"), ("…", "..."), ("→", "->")];
    signs.iter().fold(text.to_owned(), |text, (sign, ascii)| text.replace(sign, ascii))
}

fn unescaped(html: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    named.iter().fold(html.to_owned(), |text, (name, sign)| text.replace(name, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "# Code Review - Complete Analysis\n\n## Executive Summary\n- **Changes requested** \
(gate: high): 2 findings stand in the way\n- **Read:** 3 of 4 files; not read: 1 binary\n\n## Top Priority\n\
| Finding | Severity | What | Where |\n| --- | --- | --- | --- |\n| [F1](#1-x) | critical | SQL is built from the \
request | src/auth.ts:42 |\n| [F2](#2-y) | high | A value is compared with NaN | src/n.ts:2 |\n\n## Critical Issues\n\
### 1. [src/auth.ts:42] SQL is built from the request\n**Severity:** critical · **Finding:** F1  \n**Problem:** \
`login()` joins `req.body.user` into the query text, so that anybody can log in as anybody.  \n**Fix:** Bind it.\n\
```ts\n  41  const name = req.body.user;\n> 42  db.query(`select ${name}`);\n```\n\n## Low Issues\n\
<details><summary>1 finding &lt;b&gt;</summary>\n\n### 2. [src/n.ts:2] Old\n```diff\n@@ -1 +1 @@\n-a == NaN\n\
+isNaN(a)\n```\n\n</details>\n\n## Action Items\n- [ ] F1: injection\n- [x] F2\n\n1. one\n2. two\n\nREVIEW_RESULT: \
APPROVED  \nNOTES: x\n\n<!-- mark -->\n";

    #[test]
    fn a_report_on_each_screen() {
        let plain = Style { user_home: None, ..Style::plain(80) };
        let looks = [
            ("80", plain.clone()),
            ("40", Style { width: 40, ..plain.clone() }),
            ("colour", Style { colour: true, ..plain.clone() }),
            ("ascii", Style { ascii: true, ..plain }),
        ];
        let shown: Vec<String> = looks
            .iter()
            .map(|(name, style)| format!("== {name} ==\n{}", render(REPORT, style, &Links::none())))
            .collect();
        insta::assert_snapshot!(shown.join("\n").replace('\x1b', "^"));
    }

    #[test]
    fn nothing_acts_and_nothing_is_lost() {
        let hostile = "# a\x1b[31mb\n\n\x07 \u{202e}x\n\n```\n\x1b]0;t\x07\n```\n\n| \x1b[2J | y |\n|---|---|\n| z | <b> |\n";
        let shown = render(hostile, &Style::plain(80), &Links::none());
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
        for word in ["a", "b", "\\u{1b}[2J", "\\u{202e}x", "y", "z", "<b>"] {
            assert!(shown.contains(word), "{word} in {shown}");
        }
    }

    #[test]
    fn a_place_is_whole_at_any_width() {
        let place = "src/a/very/long/directory/of/a/project/and/a/file.ts:123-130";
        let text = format!("| a | b |\n| --- | --- |\n| x | {place} |\n\nIt is in {place}, really.\n");
        let shown = render(&text, &Style::plain(40), &Links::none());
        assert_eq!(shown.matches(place).count(), 2, "{shown}");
    }

    #[test]
    fn a_place_with_blanks_is_one_word_and_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(dir.path()).unwrap();
        for name in ["a long name.ts", "name.ts"] {
            std::fs::write(root.join(name), "x").unwrap();
        }
        let style = Style { colour: true, ..Style::plain(70) };
        let environment =
            base::environment::Environment::from_parts([("HOME".into(), "/h".into())].into(), "/".into())
                .unwrap();
        let links = Links::to(&environment, &style, &root);
        let shown = render("see (a long name.ts:3), and name.ts:4, and a long story", &style, &links);
        let at = |name: &str, line: u32, text: &str| {
            format!("\x1b]8;;file://{}/{name}#{line}\x1b\\{text}\x1b]8;;\x1b\\", root.display())
        };
        assert!(shown.contains(&at("a%20long%20name.ts", 3, "a long name.ts:3")), "{shown:?}");
        assert!(shown.contains(&at("name.ts", 4, "name.ts:4")), "{shown:?}");
        assert!(shown.contains("a long story"), "{shown:?}");
    }
}
