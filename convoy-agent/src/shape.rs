//! What a report in words has at least. Agents end with a sentence about a report
//! that is not there, or in the middle of their work; that is no report.

use protocol::plan::Shape;

/// A report that only announces something is no longer than this.
const MOST_OF_A_REMARK: usize = 400;
/// How one begins that tells what comes next.
const NEXT: [&str; 10] = [
    "now let me",
    "let me",
    "now i'll",
    "now i will",
    "i'll now",
    "i will now",
    "next, i",
    "next i",
    "i'm going to",
    "i am going to",
];
/// What one says that tells of a report elsewhere.
const ELSEWHERE: [&str; 14] = [
    "i have written",
    "i've written",
    "i wrote",
    "i have saved",
    "i've saved",
    "i saved",
    "i have created",
    "i've created",
    "has been written",
    "has been saved",
    "is written to",
    "was written to",
    "saved to",
    "report is written",
];

/// Why these words are no report; `None`: they are one.
pub(crate) fn wanting(shape: Option<&Shape>, report: &str) -> Option<String> {
    if is_remark(report) {
        let said: String = report.trim().chars().take(100).collect();
        return Some(format!("it only says: {}", base::text::visible(&said)));
    }
    let shape = shape?;
    let lines = || text_lines(report);
    let has_heading = |wanted: &&String| {
        lines().any(|line| {
            let heading = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim_start());
            heading.is_some_and(|heading| begins_with(heading, wanted))
        })
    };
    if let Some(missing) = shape.headings.iter().find(|wanted| !has_heading(wanted)) {
        return Some(format!("it has no heading '{missing}'"));
    }
    let has_field = |wanted: &&String| {
        lines().any(|line| {
            let name = line.trim_start_matches(['*', '-', ' ', '_']);
            begins_with(name, wanted)
                && name[wanted.len()..].trim_start_matches(['*', '_', ' ']).starts_with(':')
        })
    };
    if let Some(missing) = shape.fields.iter().find(|wanted| !has_field(wanted)) {
        return Some(format!("it has no field '{missing}'"));
    }
    let length = report.chars().filter(|c| !c.is_whitespace()).count();
    (length < shape.length as usize)
        .then(|| format!("it has {length} characters, and one has {} at least", shape.length))
}

/// One short paragraph that tells what comes next, or of a report elsewhere.
fn is_remark(report: &str) -> bool {
    let text = report.trim();
    let is_structured = text_lines(text).any(|line| line.starts_with(['#', '|', '-', '*']));
    if is_structured || text.chars().count() > MOST_OF_A_REMARK {
        return false;
    }
    let said = text.to_lowercase().replace('\u{2019}', "'");
    let sentences = || said.split(['.', '!', '\n']).map(str::trim).filter(|sentence| !sentence.is_empty());
    let last = sentences().next_back().unwrap_or_default();
    NEXT.iter().any(|words| last.starts_with(words)) || ELSEWHERE.iter().any(|words| said.contains(words))
}

/// The lines outside of fences.
fn text_lines(report: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    report.lines().map(str::trim).filter(move |line| {
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

fn begins_with(text: &str, words: &str) -> bool {
    text.get(..words.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_no_report() {
        for remark in [
            "Now let me look at the next file.",
            "I have written the plan to /tmp/x/report.md.",
            "I\u{2019}ve saved the report to report.md. It has three steps.",
            "The report has been written.\n",
            "I read the issue. Let me check the tests as well.",
            "DONE: the report is written.",
        ] {
            assert!(wanting(None, remark).is_some(), "{remark}");
        }
        for report in [
            "# Plan\n\nI have written it down in steps.",
            "Nothing is to be done: it was mended last week.",
            "- I saved the old one",
            "fine",
        ] {
            assert_eq!(wanting(None, report), None, "{report}");
        }
    }

    #[test]
    fn a_report_has_what_its_template_asks_for() {
        let shape =
            Shape { headings: vec!["Goal".to_owned()], fields: vec!["Category".to_owned()], length: 22 };
        let why = |report: &str| wanting(Some(&shape), report);
        assert_eq!(why("# Plan\n## Goal and more\n- **Category:** bug and so on"), None);
        assert_eq!(why("### goal\nCategory: bug, and a word more"), None);
        assert!(why("## Goal\n**Category:** b").unwrap().contains("at least"));
        assert_eq!(why("Goal\n**Category:** bug").as_deref(), Some("it has no heading 'Goal'"));
        assert_eq!(why("# Goal\nThe **Category** of it").as_deref(), Some("it has no field 'Category'"));
        assert!(why("```\n# Goal\n```\n**Category:** bug, and a word more").is_some(), "code is no heading");
    }
}
