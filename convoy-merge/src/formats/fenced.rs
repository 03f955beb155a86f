//! An answer that is data in a fence, as models give it that were asked for data: alone, or
//! with nothing beside it that could be a finding.

use std::ops::Range;

use super::{json, xml, yaml};
use crate::model::{Extraction, Recognised};
use crate::reading;
use crate::rules::Rules;

/// Reads the data of a text that has one fence and is nothing else, or in which the data say that
/// nothing was found and the text around does not speak against it. `None`: it is no such text.
pub(super) fn extract(text: &str, rules: Rules) -> Option<Extraction> {
    let (fence, inner) = only_fence(text)?;
    let data = &text[inner.clone()];
    let info = text[fence.start..].trim_start_matches(['`', '~']).lines().next().unwrap_or_default().trim();
    let mut read = match info {
        "" | "json" | "jsonc" | "sarif" => json::extract(data, "answer.json"),
        "xml" => xml::extract(data, "answer.xml"),
        "yaml" | "yml" => yaml::extract(data, "answer.yaml"),
        _ => None,
    }?;
    let (before, after) = (text[..fence.start].trim(), text[fence.end..].trim());
    if before.is_empty() && after.is_empty() {
        for member in &mut read.members {
            member.byte_range = member.byte_range.map(|at| at + inner.start);
        }
        return Some(read);
    }
    let none = read.recognised == Recognised::Clean && read.complete;
    let around = || reading::read(&format!("{before}\n\nNo findings.\n\n{after}\n"), rules);
    (none && around().recognised == Recognised::Clean).then_some(read)
}

/// The only fence of a text and what is in it.
fn only_fence(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let is_mark = |line: &str| crate::text::fence_mark(line.trim_start()).is_some();
    let mut at = 0;
    let mut marks = text.split_inclusive('\n').filter_map(|line| {
        let start = at;
        at += line.len();
        is_mark(line).then_some(start..at)
    });
    let (open, close) = (marks.next()?, marks.next()?);
    marks.next().is_none().then_some((open.start..close.end, open.end..close.start))
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::formats::told;
    use crate::model::Recognised;

    #[test]
    fn data_in_a_fence_are_the_answer() {
        let clean = |text: &str| extract(text, "r.md").recognised == Recognised::Clean;
        let none = "```json\n{\"findings\": [], \"summary\": \"No issues found.\"}\n```\n";
        assert!(clean(none));
        assert!(clean(&format!("I reviewed all changed files.\n\n{none}")));
        assert!(clean(&format!("{none}\nApproved.\n")));
        for other in ["The lid is never closed.", "I could read two of five files.", "Use this format:"] {
            assert!(!clean(&format!("{other}\n\n{none}")), "{other}");
            assert!(!clean(&format!("{none}\n{other}\n")), "{other}");
        }
        assert!(!clean(&format!("{none}\n{none}")), "which of them?");
        assert!(!clean(&none.replace("[]", "[], \"truncated\": true")));
        assert!(!clean(&none.replace("json", "diff")));
        let one = "```json\n{\"findings\": [{\"title\": \"The lid is open\", \"file\": \"a.rs\", \"line\": 3}], \"total\": 2}\n```\n";
        assert_eq!(told(one, "r.md"), (vec!["a.rs:3 unrated The lid is open".to_string()], false));
    }
}
