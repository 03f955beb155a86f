//! A list of issues in Markdown: headings, items, or lines that begin with an id.

use base::text::visible;
use protocol::plan::Issue;

use super::NUMBERED;
use crate::diagnostic::Diagnostic;
use crate::document::Source;

/// Did its text begin with an id? (Else it was numbered here.)
fn has_own_id(issue: &Issue) -> bool {
    is_id(&issue.id) && !issue.id.starts_with(NUMBERED)
}

/// What sort of file a list of issues may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It is called Markdown: every heading and item is an issue.
    Markdown,
    /// Text without a telling name, or standard input.
    Text,
    /// It is called something else: only what begins with an id is an issue.
    Other,
}

impl Trust {
    fn of(name: &str) -> Self {
        let file = name.rsplit('/').next().unwrap_or(name);
        match file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
            Some("md" | "markdown" | "mdown" | "mkd") => Trust::Markdown,
            None | Some("txt" | "text") => Trust::Text,
            Some(_) => Trust::Other,
        }
    }
}

/// Lines of Markdown outside of fenced code, with their numbers.
pub(super) fn read_markdown(source: &Source, text: &str) -> Result<Vec<Issue>, Diagnostic> {
    let refused = |why: String| {
        Diagnostic::new(why)
            .in_file(&source.name)
            .hint("write each issue as a heading in a .md file (## MIN-1: It crashes), or as a line that begins with its id")
    };
    if text.starts_with("#!") {
        return Err(refused("it is a script, no list of issues".to_owned()));
    }
    if text.contains('\0') {
        return Err(refused("it is not text".to_owned()));
    }
    let trust = Trust::of(&source.name);
    let lines: Vec<&str> = text.lines().collect();
    let mut fenced = false;
    let mut headings: Vec<(usize, usize)> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let level = line.bytes().take_while(|&b| b == b'#').count();
        if !fenced && (1..=6).contains(&level) && line[level..].starts_with(' ') {
            headings.push((n, level));
        }
    }
    // A single title above all others is the page's own.
    let page = headings.first().filter(|(_, first)| headings.iter().skip(1).all(|(_, level)| level > first));
    let page = page.copied().filter(|_| headings.len() > 1);
    let level = headings.iter().filter(|heading| Some(**heading) != page).map(|(_, level)| *level).min();
    let (issues, titles_count) = match level {
        // `# text` is a comment in many languages.
        Some(level) => (
            sections(&lines, &headings, level),
            trust == Trust::Markdown || (trust == Trust::Text && level > 1),
        ),
        None => items(&lines),
    };
    let without = |issue: &&Issue| !has_own_id(issue);
    match issues.iter().find(without) {
        Some(issue) if !(titles_count && trust != Trust::Other) => {
            let title: String = issue.title.chars().take(60).collect();
            Err(refused(format!("it is no list of issues: '{}' begins with no id", visible(&title))))
        }
        _ => Ok(issues),
    }
}

fn sections(lines: &[&str], headings: &[(usize, usize)], level: usize) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (i, (at, own)) in headings.iter().enumerate() {
        if *own != level {
            continue;
        }
        let end =
            headings[i + 1..].iter().find(|(_, other)| *other <= level).map_or(lines.len(), |(n, _)| *n);
        let title = lines[*at].trim_start_matches('#').trim().trim_end_matches('#').trim();
        issues.push(from_text(title, &lines[at + 1..end], issues.len()));
    }
    issues
}

/// List items with the lines indented below them; without any, each line. Also
/// whether a title is enough: a line that is no item needs an id.
pub(super) fn items(lines: &[&str]) -> (Vec<Issue>, bool) {
    let starts: Vec<usize> = (0..lines.len()).filter(|&n| item_text(lines[n]).is_some()).collect();
    let mut issues = Vec::new();
    if starts.is_empty() {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            issues.push(from_text(line.trim(), &[], issues.len()));
        }
        return (issues, false);
    }
    for (i, &at) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(lines.len());
        let title = item_text(lines[at]).unwrap_or_default();
        issues.push(from_text(title, &lines[at + 1..end], issues.len()));
    }
    (issues, true)
}

/// The text of a list item at the margin.
fn item_text(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        line.get(digits..)?.strip_prefix(['.', ')']).filter(|_| digits > 0)
    })?;
    let text = rest.strip_prefix(' ')?.trim();
    let text = text.strip_prefix("[ ]").or(text.strip_prefix("[x]")).unwrap_or(text).trim();
    (!text.is_empty()).then_some(text)
}

/// `MIN-12: the title`, `#12 the title`, or a title alone.
fn from_text(title: &str, body: &[&str], number: usize) -> Issue {
    let (word, rest) = title.split_once([' ', ':']).unwrap_or((title, ""));
    let id = word.trim_start_matches('#').trim_end_matches([':', '.', ')']);
    let (id, title) = if is_id(id) {
        (id.to_owned(), rest.trim_start_matches([':', '-', '–', '—', ' ']).trim())
    } else {
        (format!("{NUMBERED}{}", number + 1), title)
    };
    let mut labels = Vec::new();
    let mut text = Vec::new();
    for line in body {
        let bare = line.trim().replace('*', "");
        match bare.split_once(':') {
            Some((key, list)) if key.trim().eq_ignore_ascii_case("labels") => {
                labels.extend(list.split(',').map(|label| label.trim().to_owned()).filter(|l| !l.is_empty()));
            }
            _ => text.push(*line),
        }
    }
    Issue { id, title: title.to_owned(), body: text.join("\n").trim().to_owned(), labels, ..Issue::default() }
}

/// `12` or `MIN-12`.
fn is_id(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number(word)
        || word.split_once('-').is_some_and(|(key, n)| {
            key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && number(n)
        })
}
