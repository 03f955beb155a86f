//! What of a report speaks against its "nothing was found".

use std::ops::Range;

use super::verdict::{Document, TITLE};
use crate::formats;
use crate::severity;
use crate::signs::accounted::{self, Setting};
use crate::signs::statement::{self, Says};
use crate::syntax::outline::Section;
use crate::syntax::tree::{Kind, Row};
use crate::titles;
use crate::vocabulary::Class;

impl Document<'_> {
    pub(super) fn fault(&self, section: &Section<'_>, above: Setting) -> Option<Range<usize>> {
        let mut lead = false;
        for block in &section.blocks {
            let source = &self.text[block.range.clone()];
            // Comments are looked at by themselves.
            let shown = if block.kind == Kind::Html { without_tags(source) } else { String::new() };
            if block.kind == Kind::Html {
                let told = statement::sentences(&shown).any(|range| faulty(&shown[range], false, above));
                if told && !self.is_code(block.range.start) {
                    return Some(block.range.clone());
                }
                continue;
            }
            let setting = Setting { sought: above.sought || lead, ..above };
            lead = false;
            match block.kind {
                Kind::Code if quoted_remark(source) => return Some(block.range.clone()),
                Kind::Code | Kind::Rule => continue,
                Kind::Table(ref rows) => {
                    let row = unanswered(self.text, rows).or_else(|| self.faulty_row(rows, setting));
                    if row.is_some() {
                        return row;
                    }
                    continue;
                }
                Kind::Para => {
                    let said = source.trim_end().trim_end_matches(['*', '_']);
                    lead = said.ends_with([':', '：']) && accounted::leads_list(&said.to_lowercase());
                }
                _ => {}
            }
            let of_static_rules = source.trim_start().starts_with(OF_STATIC_RULES[0]);
            for range in statement::sentences(source) {
                let sentence = &source[range.clone()];
                let at = block.range.start + range.start;
                // The documented line of what was left out, with its reasons, is no fault.
                let scope = sentence.trim_start().starts_with("**Not reviewed:**")
                    || of_static_rules && tells_of_static_rules(sentence);
                if !scope && !self.is_code(at) && faulty(sentence, block.kind == Kind::Quote, setting) {
                    return Some(at..block.range.start + range.end);
                }
            }
        }
        section.children.iter().find_map(|child| self.fault_of_child(child, above))
    }

    /// The first row of a table that says something that is not known to be harmless.
    fn faulty_row(&self, rows: &[Row], setting: Setting) -> Option<Range<usize>> {
        let (header, body) = rows.split_first()?;
        let plain = |cell: &Range<usize>| severity::plain(&self.text[cell.clone()]).to_lowercase();
        let sought: Vec<bool> =
            header.cells.iter().map(|cell| accounted::heads_topics(&plain(cell))).collect();
        let found: Vec<bool> = header
            .cells
            .iter()
            .map(|cell| titles::section(&self.text[cell.clone()]) == Some(Class::Finding))
            .collect();
        let harmless = |row: &Row| {
            let cells: Vec<&str> = row.cells.iter().map(|cell| self.text[cell.clone()].trim()).collect();
            // What a row says beside "ok" tells why, unless it tells a fault.
            let none = |(at, cell): (usize, &&str)| *cell == "0" && found.get(at).is_some_and(|found| *found);
            let passed = cells.iter().skip(1).any(|cell| passes(cell)) || cells.iter().enumerate().any(none);
            let told = |(at, cell): (usize, &&str)| {
                let sought = sought.get(at).is_some_and(|sought| *sought);
                let inner = Setting {
                    settled: setting.settled || passed,
                    sought: setting.sought || passed && sought,
                    ..setting
                };
                cell.chars().all(|c| matches!(c, '0' | '-' | ':'))
                    || statement::sentences(cell).all(|range| !faulty(&cell[range], false, inner))
            };
            let from = usize::from(cells.len() > 1);
            !statement::read_a_part(&severity::plain(&self.text[row.range.clone()]))
                && cells.iter().enumerate().skip(from).all(told)
        };
        body.iter().find(|row| !self.is_code(row.range.start) && !harmless(row)).map(|row| row.range.clone())
    }

    /// The same of a section below: its heading, then what it holds.
    fn fault_of_child(&self, child: &Section<'_>, above: Setting) -> Option<Range<usize>> {
        let class = titles::section(child.title);
        let title = severity::plain(child.title).to_lowercase();
        let praises = class == Some(Class::Positive) && title.split_whitespace().count() <= TITLE;
        // A title of the whole report says nothing of what its sections are.
        let of_all = child.level <= 1 && !child.children.is_empty();
        // "Lost exports: none detected" among notes: what stands below tells why.
        let told_none =
            above.listed && title.contains(':') && accounted::accounts(&title, Setting::default());
        let inner = Setting {
            settled: told_none || above.settled,
            praise: told_none || above.praise || praises && !statement::says_none(&title),
            listed: above.listed || !of_all && matches!(class, Some(Class::Context | Class::Positive)),
            sought: above.sought || accounted::heads_topics(&title),
            described: above.described || matches!(class, Some(Class::Context | Class::Repeat)),
        };
        let document = child.range.start == self.root.range.start || child.level <= 1;
        let listed = class.is_some() && title.split_whitespace().count() <= TITLE;
        let empty = self.text[child.heading.end..child.range.end].trim().is_empty();
        // A reviewer or a subject of whom nothing is told.
        let unanswered = empty && (class == Some(Class::Subject) || accounted::names_reviewer(&title));
        let told = listed && !unanswered && accounted::names(&title, true)
            || severity::of_section(child.title).is_some()
            || accounted::names(&title, document)
                && !unanswered
                && (!empty || accounted::accounts(&title, Setting::default()));
        // What follows a summary in the same line.
        let behind =
            self.text[child.heading.clone()].split_once("</summary>").map(|(_, behind)| without_tags(behind));
        let told = told
            && behind.is_none_or(|said| {
                statement::sentences(&said).all(|range| !faulty(&said[range], false, inner))
            });
        let heading = (!told).then(|| child.heading.clone());
        heading.or_else(|| self.fault(child, inner))
    }

    /// A verdict that asks for changes, on a line or below its heading.
    pub(super) fn refusal(&self) -> Option<Range<usize>> {
        let mut at = 0;
        let mut heading = "";
        self.text.split_inclusive('\n').find_map(|line| {
            let start = at;
            at += line.len();
            let below = format!("{heading}: {line}");
            // "Findings: none. Decision: rejected."
            let said = statement::refuses(line)
                || statement::sentences(line).any(|range| statement::refuses(&line[range]))
                || !heading.is_empty() && !line.starts_with('#') && statement::refuses(&below);
            if line.starts_with('#') {
                heading = line.trim();
            } else if !line.trim().is_empty() {
                heading = "";
            }
            (said && !self.is_code(start)).then_some(start..start + line.len())
        })
    }

    /// A comment of HTML that is neither a mark of the bot that wrote it nor understood.
    pub(super) fn remark(&self) -> Option<Range<usize>> {
        let mut from = 0;
        while let Some(open) = self.text[from..].find("<!--").map(|at| from + at) {
            let inside = &self.text[open + 4..];
            let close = inside.find("-->").unwrap_or(inside.len());
            let comment = inside[..close].trim();
            from = open + 4 + close;
            let lower = comment.to_lowercase();
            let mark = !comment.contains(char::is_whitespace) || lower.contains("generated");
            if !mark && !self.is_code(open) && statement::says(comment) == Says::Fault {
                return Some(open..from);
            }
        }
        None
    }
}

/// What `convoy-lint` says of its run above its findings, each the beginning of a sentence.
const OF_STATIC_RULES: [&str; 5] = [
    "Static rules only: ",
    "Test code by its place or name: ",
    "Not walked: ",
    "Silenced by comments in the code: ",
    "That no rule fired does not mean",
];

/// Is it one of these, or of a linter that was joined: "ruff 0.17 read 3 files: 0 findings", and no more?
fn tells_of_static_rules(sentence: &str) -> bool {
    let said = sentence.trim();
    let joined = said.strip_suffix('.').unwrap_or(said).ends_with(": 0 findings");
    OF_STATIC_RULES.iter().any(|own| said.starts_with(own))
        || joined && said.contains(" read ") && !said.contains(';')
}

/// The row of a reviewer who answered nothing, or that counts some findings.
fn unanswered(text: &str, rows: &[Row]) -> Option<Range<usize>> {
    let (header, body) = rows.split_first()?;
    let first = header.cells.first()?;
    let plain = |cell: &Range<usize>| severity::plain(&text[cell.clone()]).trim().to_lowercase();
    // "Notes | 2": so many of something that is found.
    let counts = |at: usize, row: &Row| {
        row.cells.get(at).is_some_and(|cell| plain(cell).parse::<u64>().is_ok_and(|number| number > 0))
    };
    let found = |cell: &Range<usize>| {
        statement::names_findings(&plain(cell)) || severity::exact(&plain(cell)).is_some()
    };
    let some = (1..header.cells.len())
        .filter(|at| found(&header.cells[*at]))
        .find_map(|at| body.iter().find(|row| counts(at, row)));
    if let Some(row) = some {
        return Some(row.range.clone());
    }
    let answers = |cell: &Range<usize>| {
        let said = plain(cell);
        said != "n/a"
            && said.contains(|c: char| {
                c.is_alphanumeric() || !c.is_ascii_punctuation() && !matches!(c, '–' | '—' | '…')
            })
    };
    let silent = |row: &&Row| row.cells.len() > 1 && !row.cells[1..].iter().any(answers);
    accounted::names_reviewer(&plain(first)).then(|| body.iter().find(silent))?.map(|row| row.range.clone())
}

/// Does a cell say nothing but that a check passed: "ok", "✅", "10/10"?
fn passes(cell: &str) -> bool {
    let plain = severity::plain(cell).to_lowercase();
    let said = plain.trim().trim_start_matches(|c: char| !c.is_alphanumeric());
    let whole = said.split_once('/').is_some_and(|(part, of)| part == of && part.parse::<u32>().is_ok());
    let marked = said.is_empty() && titles::ticked(cell);
    marked || whole || PASSED.contains(&said)
}

/// Answers to a check that approve of what stands beside them.
const PASSED: [&str; 9] = ["ok", "okay", "pass", "passed", "good", "fine", "correct", "approved", "approve"];

fn faulty(sentence: &str, quoted: bool, setting: Setting) -> bool {
    let bare = without_tags(sentence);
    let plain = severity::plain(&bare);
    if quoted && plain.trim_end().ends_with('?') {
        return false;
    }
    if statement::read_a_part(&plain) {
        return true;
    }
    statement::says_in(&bare, setting) == Says::Fault
}

/// The fewest words of a comment or line that says something.
const REMARK: usize = 3;

/// Does a fence say more than the code it quotes: does it propose a change, or hold a line
/// of prose or a comment that is not understood?
fn quoted_remark(fence: &str) -> bool {
    let fenced = fence.trim_start().starts_with(['`', '~']);
    let (info, inner) = if fenced { fence.split_once('\n').unwrap_or((fence, "")) } else { ("", fence) };
    let info = info.trim_matches(['`', '~', ' ', '\r']).split_whitespace().next().unwrap_or_default();
    let info = info.to_lowercase();
    if matches!(info.as_str(), "suggestion" | "diff" | "patch")
        || ["TODO", "FIXME", "BUG:", "XXX", "HACK"].iter().any(|mark| fence.contains(mark))
    {
        return true;
    }
    // Data is asked by itself whether it says that there is nothing.
    if formats::json::is_data(inner.trim_end().trim_end_matches(['`', '~']).trim()) {
        return false;
    }
    let lower = inner.to_lowercase();
    let data = matches!(info.as_str(), "xml" | "yaml" | "yml" | "csv" | "tsv" | "toml");
    if data
        && ["error", "warning", "severity", "finding", "issue", "failure"]
            .iter()
            .any(|key| lower.contains(key))
    {
        return true;
    }
    let told = matches!(
        info.as_str(),
        "" | "text"
            | "txt"
            | "plain"
            | "plaintext"
            | "md"
            | "markdown"
            | "log"
            | "console"
            | "output"
            | "terminal"
    );
    inner.lines().map(str::trim).filter(|line| !line.starts_with(['`', '~'])).any(|line| {
        let said = comment_in(line).or_else(|| Some(line).filter(|line| told && is_spoken(line)));
        said.is_some_and(|said| {
            let words = said.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
            let counts = words > 0 && told && said.contains(|c: char| c.is_ascii_digit());
            (words >= REMARK || counts || statement::is_wide(said)) && faulty(said, false, Setting::default())
        })
    })
}

/// What a line of code says in a comment.
fn comment_in(line: &str) -> Option<&str> {
    let opens = ["//", "# ", "-- ", "/*", "<!--", "%% ", ";; ", "; ", "* "];
    let begins = opens.iter().find_map(|mark| line.strip_prefix(mark));
    let behind = || {
        [" // ", " # ", " -- ", " /* ", " <!-- "]
            .iter()
            .find_map(|mark| line.split_once(mark))
            .map(|(_, said)| said)
    };
    let said = begins.or_else(behind)?;
    Some(said.trim_matches(['/', '*', '-', '>', ' ', '!']))
}

/// Is a line of what a program printed or a person wrote, and no command and no code?
fn is_spoken(line: &str) -> bool {
    let command = line.starts_with(['$', '>', '%']) || line.contains(" --");
    let code = line.contains(['{', '}', '=', '<', '\\']) || line.contains("()") || line.ends_with([';', ',']);
    !command && !code
}

/// A text without the tags and comments of HTML.
fn without_tags(text: &str) -> String {
    if !text.contains('<') {
        return text.to_string();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let closes = if tag.starts_with("!--") { "-->" } else { ">" };
        match tag.split_once(closes) {
            Some((inside, after)) if !inside.starts_with(char::is_whitespace) => {
                out.push(' ');
                rest = after;
            }
            _ => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    out
}
