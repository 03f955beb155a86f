//! Markup of wikis and notebooks, line by line.

use std::fmt::Write as _;

use super::inline::{between, without_braces};
use super::{Grid, Line};

/// A markup that is told apart by its headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Asciidoc,
    Org,
    /// The wiki of Jira and Confluence.
    Jira,
    /// reStructuredText.
    Rest,
}

/// Underlines of headings in reStructuredText that Markdown does not know.
const UNDERLINES: [char; 7] = ['~', '^', '"', '\'', '+', '*', '.'];
/// Words of Org in front of a title: what is to be done, what is done.
const TO_DO: [&str; 5] = ["TODO", "NEXT", "WAITING", "OPEN", "DOING"];
const DONE: [&str; 4] = ["DONE", "FIXED", "CLOSED", "RESOLVED"];
const GIVEN_UP: [&str; 4] = ["CANCELLED", "CANCELED", "REJECTED", "WONTFIX"];

impl Dialect {
    /// The dialect of a text; `None` = Markdown, or none.
    pub(super) fn of(lines: &[Line<'_>]) -> Option<Self> {
        let mut fenced = false;
        let said: Vec<&str> = lines
            .iter()
            .map(|line| line.text)
            .filter(|line| {
                let fence = line.trim_start().starts_with("```");
                fenced ^= fence;
                !fence && !fenced
            })
            .collect();
        let any = |holds: &dyn Fn(&str) -> bool| said.iter().any(|line| holds(line));
        // Headings of Markdown: then whatever else stands there is its text.
        if any(&|line| line.starts_with("## ") || line.starts_with("### ")) {
            return None;
        }
        if any(&|line| heading_of_jira(line).is_some() || line.starts_with("||") && line.ends_with("||")) {
            return Some(Dialect::Jira);
        }
        if any(&|line| line.starts_with("|===") || level(line, '=').is_some_and(|(level, _)| level >= 2)) {
            return Some(Dialect::Asciidoc);
        }
        let deep = any(&|line| level(line, '*').is_some_and(|(level, _)| level >= 2));
        let task = any(&|line| level(line, '*').is_some_and(|(_, rest)| task(rest).is_some()));
        if any(&|line| line.starts_with("#+") || line.trim() == ":PROPERTIES:")
            || task
            || deep && any(&|line| level(line, '*').is_some_and(|(level, _)| level == 1))
        {
            return Some(Dialect::Org);
        }
        let underlined = said.windows(2).any(|pair| {
            underline(pair[1]).is_some_and(|mark| UNDERLINES.contains(&mark)) && fits(pair[0], pair[1])
        });
        let field = any(&|line| field_of_rest(line).is_some());
        let heads = said.windows(2).any(|pair| underline(pair[1]).is_some() && fits(pair[0], pair[1]));
        (underlined || heads && field).then_some(Dialect::Rest)
    }

    /// Does a line begin or end quoted code?
    pub(super) fn fences(self, line: &str) -> bool {
        let line = line.trim();
        match self {
            Dialect::Asciidoc => matches!(line, "----" | "...."),
            Dialect::Org => {
                let lower = line.to_ascii_lowercase();
                ["#+begin_src", "#+end_src", "#+begin_example", "#+end_example"]
                    .iter()
                    .any(|mark| lower.starts_with(mark))
            }
            Dialect::Jira => {
                line.starts_with("{code") && line.ends_with('}') && line.matches('{').count() == 1
                    || line == "{noformat}"
            }
            Dialect::Rest => false,
        }
    }

    /// Is a line the mark below a title?
    pub(super) fn underlines(self, lines: &[Line<'_>], n: usize) -> bool {
        let title = n.checked_sub(1).and_then(|n| lines.get(n)).map(|line| line.text);
        self == Dialect::Rest
            && title.is_some_and(|title| underline(lines[n].text).is_some() && fits(title, lines[n].text))
    }

    /// The marks below titles, each of a level, in the order in which they first stand.
    pub(super) fn marks(self, lines: &[Line<'_>]) -> Vec<char> {
        let mut marks = Vec::new();
        let all = (0..lines.len()).filter(|_| self == Dialect::Rest);
        for mark in all.filter_map(|n| head_of_rest(lines, n)) {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        marks
    }

    /// A line as Markdown.
    pub(super) fn line(self, lines: &[Line<'_>], n: usize, marks: &[char]) -> String {
        let line = lines[n].text;
        match self {
            Dialect::Asciidoc => asciidoc(line),
            Dialect::Org => org(line),
            Dialect::Jira => jira(line),
            Dialect::Rest => rest(lines, n, marks),
        }
    }

    /// Tables in the dialect's own way.
    pub(super) fn grids(self, lines: &[Line<'_>]) -> Vec<Grid> {
        match self {
            Dialect::Asciidoc => grids_of_asciidoc(lines),
            Dialect::Jira => grids_of_jira(lines),
            Dialect::Org | Dialect::Rest => Vec::new(),
        }
    }
}

/// `== Title`: how many marks, and what follows.
fn level(line: &str, mark: char) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches(mark);
    let level = line.len() - rest.len();
    let title = rest.strip_prefix(' ')?.trim();
    ((1..=6).contains(&level) && !title.is_empty()).then_some((level, title))
}

fn heading(level: usize, title: &str) -> String {
    format!("{} {title}", "#".repeat(level))
}

fn asciidoc(line: &str) -> String {
    if let Some((level, title)) = level(line, '=') {
        return heading(level, title);
    }
    let bare = line.trim();
    let attribute = bare.starts_with('[') && bare.ends_with(']');
    let layout = ["[cols", "[options", "[%", "[source", "[[", "[#", "[.", "[format", "[width"];
    if attribute && layout.iter().any(|begin| bare.starts_with(begin))
        || bare.len() >= 4 && ['=', '*', '_'].iter().any(|mark| bare.chars().all(|c| c == *mark))
    {
        return String::new();
    }
    if let Some((term, said)) =
        line.split_once(":: ").or_else(|| line.strip_suffix("::").map(|term| (term, "")))
        && !term.contains(['`', '('])
        && term.split_whitespace().count() <= 4
    {
        return format!("**{}:** {said}", term.trim());
    }
    // `. first`, `** deeper`
    if let Some((level, said)) = level(line, '.') {
        return format!("{}1. {said}", "   ".repeat(level - 1));
    }
    match level(line, '*') {
        Some((level, said)) => format!("{}* {said}", "  ".repeat(level - 1)),
        None => line.to_string(),
    }
}

/// The word and the priority in front of a title of Org, and the title without its tags.
fn task(title: &str) -> Option<(Option<&'static str>, Option<&'static str>, &str)> {
    let word = title.split(' ').next().unwrap_or_default();
    let state = if TO_DO.contains(&word) {
        Some("open")
    } else if DONE.contains(&word) {
        Some("resolved")
    } else if GIVEN_UP.contains(&word) {
        Some("won't fix")
    } else {
        None
    };
    let rest = if state.is_some() { title[word.len()..].trim_start() } else { title };
    let priority = [("[#A]", "high"), ("[#B]", "medium"), ("[#C]", "low")];
    let found = priority.iter().find_map(|(mark, level)| Some((*level, rest.strip_prefix(mark)?)));
    let (level, rest) = found.map_or((None, rest), |(level, rest)| (Some(level), rest.trim_start()));
    let tags =
        rest.rsplit(' ').next().filter(|tags| tags.len() > 2 && tags.starts_with(':') && tags.ends_with(':'));
    let rest = tags.map_or(rest, |tags| rest[..rest.len() - tags.len()].trim_end());
    (state.is_some() || level.is_some()).then_some((state, level, rest))
}

fn org(line: &str) -> String {
    if let Some((level, title)) = level(line, '*') {
        let (state, priority, title) = task(title).unwrap_or((None, None, title));
        let mut out = heading(level, &emphasis_of_org(title));
        for (label, value) in [("Status", state), ("Priority", priority)] {
            if let Some(value) = value {
                let _ = write!(out, "\n\n**{label}:** {value}");
            }
        }
        return out;
    }
    let bare = line.trim();
    if matches!(bare, ":PROPERTIES:" | ":END:" | ":LOGBOOK:") {
        return String::new();
    }
    if let Some((key, value)) = field_of_rest(bare) {
        return format!("**{key}:** {value}\n");
    }
    if let Some((key, value)) = bare.strip_prefix("#+").and_then(|rest| rest.split_once(':')) {
        let title = key.eq_ignore_ascii_case("title");
        return if title { heading(1, value.trim()) } else { format!("{key}: {}", value.trim()) };
    }
    // What is indented below a heading is its text, no code.
    let list = bare.starts_with(['-', '+']) || bare.starts_with(|c: char| c.is_ascii_digit());
    let said = if list { line } else { bare };
    emphasis_of_org(&said.replacen(" :: ", ": ", 1))
}

/// `[[file:src/a.el::41]]`, `[[file:src/a.el::41][there]]`: the place that a link of Org leads to.
fn links_of_org(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once("[[file:") {
        let Some((inside, after)) = behind.split_once("]]") else { break };
        let target = inside.split("][").next().unwrap_or(inside);
        out.push_str(front);
        out.push('`');
        out.push_str(&target.replacen("::", ":", 1));
        out.push('`');
        rest = after;
    }
    out.push_str(rest);
    out
}

fn emphasis_of_org(text: &str) -> String {
    let text = &links_of_org(text);
    let code = between(&between(text, "=", "=", "`"), "~", "~", "`");
    between(&code, "*", "*", "**")
}

fn heading_of_jira(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start().strip_prefix('h')?;
    let level = rest.chars().next()?.to_digit(10).filter(|n| (1..=6).contains(n))?;
    Some((level as usize, rest[1..].strip_prefix(". ")?.trim()))
}

fn jira(line: &str) -> String {
    let said = inline_of_jira(line);
    if let Some((level, title)) = heading_of_jira(&said) {
        return heading(level, title);
    }
    if let Some(quote) = said.strip_prefix("bq. ") {
        return format!("> {quote}");
    }
    if let Some((level, item)) = level(&said, '#') {
        return format!("{}1. {item}", "   ".repeat(level - 1));
    }
    match level(&said, '*') {
        Some((level, item)) => format!("{}* {item}", "  ".repeat(level - 1)),
        None => said,
    }
}

fn inline_of_jira(line: &str) -> String {
    let said = without_braces(line, &["color", "panel", "quote", "anchor", "info", "warning", "note", "tip"]);
    let said = between(&said, "{{", "}}", "`");
    let said = between(&said, "*", "*", "**");
    [("(x)", "❌"), ("(/)", "✅"), ("(!)", "⚠️"), ("(-)", "❌"), ("(+)", "✅")]
        .iter()
        .fold(said, |said, (mark, icon)| said.replace(mark, icon))
}

/// `:Severity: High`
fn field_of_rest(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim_start().strip_prefix(':')?.split_once(": ")?;
    let word =
        !key.is_empty() && key.len() <= 30 && !key.contains([':', '`', '|']) && !value.trim().is_empty();
    (word && key.starts_with(char::is_alphabetic)).then_some((key, value.trim()))
}

/// The mark that a line consists of.
fn underline(line: &str) -> Option<char> {
    let line = line.trim_end();
    let mark = line.chars().next().filter(|c| UNDERLINES.contains(c) || matches!(c, '=' | '-'))?;
    (line.len() >= 3 && line.chars().all(|c| c == mark)).then_some(mark)
}

/// Is the line below a title as long as it?
fn fits(title: &str, line: &str) -> bool {
    let wide = title.trim_end().chars().count();
    title.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '`' | '(') || !c.is_ascii())
        && underline(title).is_none()
        && line.trim_end().len() + 2 >= wide
        && line.trim_end().len() <= wide + 8
}

/// The mark below a title.
fn head_of_rest(lines: &[Line<'_>], n: usize) -> Option<char> {
    let (title, below) = (lines.get(n)?.text, lines.get(n + 1)?.text);
    underline(below).filter(|_| fits(title, below))
}

fn rest(lines: &[Line<'_>], n: usize, marks: &[char]) -> String {
    let line = lines[n].text;
    let head = |n: usize| head_of_rest(lines, n);
    if let Some(mark) = head(n) {
        let level = marks.iter().position(|other| *other == mark).unwrap_or_default() + 1;
        return format!("\n{}\n", heading(level.min(6), &code_of_rest(line.trim())));
    }
    if n > 0 && head(n - 1).is_some() || underline(line) == Some('=') {
        return String::new();
    }
    if let Some((key, value)) = field_of_rest(line) {
        return format!("**{key}:** {}\n", code_of_rest(value));
    }
    let directive = line.trim_start().strip_prefix(".. ").and_then(|rest| rest.split_once("::"));
    match directive {
        Some((name, said)) if !said.trim().is_empty() && name != "code-block" => {
            format!("**{name}:** {}", code_of_rest(said.trim()))
        }
        _ => code_of_rest(line),
    }
}

fn code_of_rest(text: &str) -> String {
    text.replace("``", "`")
}

/// `|===` … `|===`, with a row a line or a cell a line.
fn grids_of_asciidoc(lines: &[Line<'_>]) -> Vec<Grid> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        if !lines[n].text.starts_with("|===") {
            n += 1;
            continue;
        }
        let start = n;
        let Some(end) = (n + 1..lines.len()).find(|n| lines[*n].text.starts_with("|===")) else { break };
        n = end + 1;
        let inner = &lines[start + 1..end];
        let told = start.checked_sub(1).and_then(|n| columns_of_asciidoc(lines[n].text));
        let first = inner.iter().find(|line| !line.text.trim().is_empty());
        let counted = first.map_or(0, |line| line.text.matches('|').count());
        let wide = told.unwrap_or(counted).max(1);
        let mut cells: Vec<(usize, String)> = Vec::new();
        for line in inner {
            for (at, piece) in line.text.split('|').enumerate() {
                match cells.last_mut().filter(|_| at == 0) {
                    Some((_, last)) if !piece.trim().is_empty() => {
                        last.push(' ');
                        last.push_str(piece.trim());
                    }
                    _ if at > 0 => cells.push((line.at, piece.trim().to_string())),
                    _ => {}
                }
            }
        }
        let rows: Vec<(usize, Vec<String>)> = cells
            .chunks(wide)
            .map(|row| (row[0].0, row.iter().map(|(_, cell)| cell.clone()).collect()))
            .collect();
        if rows.len() >= 2 && wide >= 2 {
            out.push(Grid { lines: start..end + 1, rows });
        }
    }
    out
}

/// `[cols="1,1,3"]`, `[cols="3*"]`
fn columns_of_asciidoc(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once("cols=\"")?;
    let (told, _) = rest.split_once('"')?;
    let times = told.split_once('*').and_then(|(times, _)| times.parse().ok());
    times.or_else(|| Some(told.split(',').count()))
}

/// `||title||title||` and the rows below it.
fn grids_of_jira(lines: &[Line<'_>]) -> Vec<Grid> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        let Some(inner) = lines[n].text.trim().strip_prefix("||").and_then(|rest| rest.strip_suffix("||"))
        else {
            n += 1;
            continue;
        };
        let start = n;
        let titles = inner.split("||").map(|cell| inline_of_jira(cell.trim())).collect();
        let mut rows: Vec<(usize, Vec<String>)> = vec![(lines[n].at, titles)];
        n += 1;
        while let Some(row) = lines.get(n).and_then(|line| line.text.trim().strip_prefix('|')) {
            let row = row.strip_suffix('|').unwrap_or(row);
            rows.push((lines[n].at, row.split('|').map(|cell| inline_of_jira(cell.trim())).collect()));
            n += 1;
        }
        if rows.len() >= 2 {
            out.push(Grid { lines: start..n, rows });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::formats::told;

    #[test]
    fn a_link_of_org_is_a_place() {
        let text = "* remarks\n** TODO [#A] the lock is never freed\n   [[file:src/oven.el::41]]\n** TODO [#C] the name is old\n   [[file:src/hob.el::9][there]]\n";
        let expected = ["src/oven.el:41 high the lock is never freed", "src/hob.el:9 low the name is old"];
        assert_eq!(told(text, "r.org").0, expected);
    }
}
