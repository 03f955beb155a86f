//! The code of a finding in the report: some lines of the project with their numbers,
//! or the change that was suggested to them.

use std::path::Path;

use crate::contain::clean;
use crate::model::Excerpt;
use crate::model::Finding;

/// What is shown.
#[derive(Debug)]
pub(super) enum Code {
    None,
    /// Lines of the project, in its language.
    Lines {
        excerpt: Excerpt,
        language: String,
    },
    /// The lines of the finding and what is to stand in their place.
    Change {
        excerpt: Excerpt,
        suggestion: String,
    },
    /// The same where not all of the lines are here.
    Suggestion {
        excerpt: Excerpt,
        language: String,
        suggestion: String,
    },
}

impl Code {
    pub(super) fn of(finding: &Finding) -> Self {
        let language =
            finding.locations.first().map(|place| language(place.path().as_path())).unwrap_or_default();
        let excerpt = finding.excerpt.clone();
        let suggestion = finding.facts.suggestion.clone().filter(|text| !text.trim().is_empty());
        match (excerpt, suggestion) {
            // The words of the reviewer have what it quotes and proposes.
            (None, _) => Code::None,
            (Some(excerpt), Some(suggestion)) if excerpt.own().is_some() => {
                Code::Change { excerpt, suggestion }
            }
            (Some(excerpt), Some(suggestion)) => Code::Suggestion { excerpt, language, suggestion },
            (Some(excerpt), None) => Code::Lines { excerpt, language },
        }
    }

    /// Its fences, with at most so many lines of the project.
    pub(super) fn lines(&self, most: usize) -> Vec<String> {
        match self {
            Code::None => Vec::new(),
            Code::Lines { excerpt, language } => fenced(language, numbered(excerpt, most)),
            Code::Change { excerpt, suggestion } => fenced("diff", changed(excerpt, suggestion, most)),
            Code::Suggestion { excerpt, language, suggestion } => {
                let mut out = fenced(language, numbered(excerpt, most));
                out.push("**Suggestion:**".to_string());
                out.extend(fenced(language, kept(suggestion)));
                out
            }
        }
    }
}

/// `> 12  code`, marked where it is a line of the finding.
pub(super) fn numbered(excerpt: &Excerpt, most: usize) -> Vec<String> {
    let lines: Vec<(u32, &str)> = excerpt.window(most).collect();
    let width = lines.last().map_or(1, |(number, _)| number.to_string().len());
    let row = |(number, text): &(u32, &str)| {
        let mark = if (excerpt.span.0..=excerpt.span.1).contains(number) { '>' } else { ' ' };
        format!("{mark} {number:width$}  {}", clean(text)).trim_end().to_string()
    };
    lines.iter().map(row).collect()
}

/// A unified diff of one hunk; its header has the numbers.
fn changed(excerpt: &Excerpt, suggestion: &str, most: usize) -> Vec<String> {
    let (from, to) = excerpt.span;
    let around: Vec<(u32, &str)> = excerpt.window(most).collect();
    let before: Vec<&str> = around.iter().filter(|(n, _)| *n < from).map(|(_, text)| *text).collect();
    let after: Vec<&str> = around.iter().filter(|(n, _)| *n > to).map(|(_, text)| *text).collect();
    let own = excerpt.own().unwrap_or_default();
    let new: Vec<&str> = suggestion.trim_end().lines().collect();
    let first = from - before.len() as u32;
    let both = before.len() + after.len();
    let mut out = vec![format!("@@ -{first},{} +{first},{} @@", both + own.len(), both + new.len())];
    out.extend(before.iter().map(|text| format!(" {}", clean(text))));
    out.extend(own.iter().map(|text| format!("-{}", clean(text))));
    out.extend(new.iter().map(|text| format!("+{}", clean(text))));
    out.extend(after.iter().map(|text| format!(" {}", clean(text))));
    out
}

/// Lines of others: none may look like one of the result block.
fn kept(text: &str) -> Vec<String> {
    let shown =
        |line: &str| if crate::contain::is_result(line) { format!(" {line}") } else { line.to_string() };
    clean(text.trim_end()).lines().map(shown).collect()
}

/// In a fence that they cannot end.
fn fenced(language: &str, lines: Vec<String>) -> Vec<String> {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let mark = "`".repeat((longest + 1).max(3));
    let mut out = vec![format!("{mark}{language}")];
    out.extend(lines);
    out.push(mark);
    out
}

/// The name of a language by the ending of the file, as viewers know it.
fn language(path: &Path) -> String {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let known = ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if known { ending.to_ascii_lowercase() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt() -> Excerpt {
        let lines = ["one", "  if (a == NaN)", "three ``` x", "four"].map(str::to_string).to_vec();
        Excerpt { first: 9, lines, span: (10, 10) }
    }

    #[test]
    fn code_has_numbers_and_stays_in_its_fence() {
        let code = Code::Lines { excerpt: excerpt(), language: "ts".to_string() };
        assert_eq!(
            code.lines(3),
            ["````ts", "   9  one", "> 10    if (a == NaN)", "  11  three ``` x", "````"]
        );
    }

    #[test]
    fn a_suggestion_is_a_change_of_its_lines() {
        let code = Code::Change { excerpt: excerpt(), suggestion: "  if (isNaN(a))\n".to_string() };
        let want = [
            "```diff",
            "@@ -9,3 +9,3 @@",
            " one",
            "-  if (a == NaN)",
            "+  if (isNaN(a))",
            " three ``` x",
            "```",
        ];
        let shown = code.lines(3);
        assert_eq!(shown[1..6], want[1..6]);
        assert!(shown[0].starts_with("````"), "{shown:?}");
    }
}
