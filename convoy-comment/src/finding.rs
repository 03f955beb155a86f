//! What is said of one finding: on its lines, and of its words, place and origin
//! wherever else it is told. Pure.

use std::fmt::Write as _;

use base::markdown::{block, fenced, is_plain_code, line};
use base::text;

use crate::document::Told;
use crate::hunks::Spot;
use crate::mark::Mark;
use crate::target::Service;

/// Characters of a reviewer's words on one finding: escaped they may be many times as long.
pub(crate) const WORDS: usize = 4_000;
/// Characters of a title and of a path in a comment.
pub(crate) const TITLE: usize = 300;
/// Bytes of code that is suggested.
pub(crate) const CODE: usize = 8_000;

/// A comment on lines.
pub(crate) fn of_line(told: &Told, mark: &Mark, spot: Spot, service: Service) -> String {
    let finding = &told.finding;
    let mut out = format!(
        "{}\n**{}: {}**\n",
        mark.line(),
        finding.severity.name(),
        line(&cut(&finding.title, TITLE).0)
    );
    if !spot.whole {
        let _ = writeln!(out, "\nIt is about {}, of which the diff shows only a part.", line(&place(told)));
    }
    let words = words(told);
    if !words.is_empty() {
        let _ = writeln!(out, "\n{words}");
    }
    if let Some(code) = told.suggestion.as_deref() {
        out.push('\n');
        out.push_str(&suggestion(code, spot, service));
    }
    let _ = writeln!(out, "\n<sub>{}</sub>", origin(told));
    out
}

/// Code that can be applied where it is kept to the byte and the comment is on all of
/// the lines it is for; else it is shown.
fn suggestion(code: &str, spot: Spot, service: Service) -> String {
    if code.len() > CODE {
        return "The code it suggests is too long for a comment; the report has it.\n".to_owned();
    }
    if !spot.whole || !is_plain_code(code) {
        return format!("The code it suggests, to be put in by hand:\n\n{}", fenced("", code));
    }
    let info = match service {
        Service::GitHub => "suggestion".to_owned(),
        Service::GitLab => format!("suggestion:-{}+0", spot.to - spot.from),
    };
    fenced(&info, code)
}

/// Who found it, and by what.
pub(crate) fn origin(told: &Told) -> String {
    let finding = &told.finding;
    let mut parts = Vec::new();
    if !finding.reviewers.is_empty() {
        parts.push(format!("found by {}", finding.reviewers.join(", ")));
    }
    parts.extend(finding.rule.as_ref().map(|rule| format!("rule {rule}")));
    parts.extend(finding.category.clone());
    line(&cut(&parts.join(" · "), TITLE).0)
}

pub(crate) fn words(told: &Told) -> String {
    let (words, whole) = cut(told.words(), WORDS);
    let mut words = block(&words);
    if !whole {
        words.push_str("\n\n(It goes on in the report.)");
    }
    words
}

/// The text in at most so many characters, and whether that is all of it.
pub(crate) fn cut(text: &str, most: usize) -> (String, bool) {
    match text.char_indices().nth(most) {
        Some((at, _)) => (format!("{}…", &text[..at]), false),
        None => (text.to_owned(), true),
    }
}

/// `src/a.ts:3-9`, `project`
pub(crate) fn place(told: &Told) -> String {
    match told.location() {
        Some(location) => location.shown(),
        None => "project".to_owned(),
    }
}

/// A path and its lines for a message.
pub(crate) fn shown_place(told: &Told) -> String {
    text::visible(&place(told))
}
