//! The explicit markers an AI synthesis may end its report with:
//!
//! ```text
//! REVIEW_RESULT: CHANGES_REQUESTED
//! FILES_REVIEWED: 12
//! SECURITY_ISSUES: 2
//! PERFORMANCE_ISSUES: 0
//! NOTES: …
//! ```
//!
//! They can make a verdict stricter, never milder, so a quoted or forged one
//! does no harm. Fenced code is skipped. Of several results the strictest counts.

use findings::verdict::Verdict;

/// What was found in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markers {
    pub result: Option<Stated>,
    pub files_reviewed: Option<u64>,
    pub security_issues: Option<u64>,
    pub performance_issues: Option<u64>,
    pub notes: Option<String>,
}

/// A `REVIEW_RESULT`, or a word in its place that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    Verdict(Verdict),
    Unreadable(String),
}

impl Stated {
    /// What it means for the verdict: an unreadable word is no approval.
    pub(crate) fn as_result(&self) -> Verdict {
        match self {
            Stated::Verdict(result) => *result,
            Stated::Unreadable(_) => Verdict::Commented,
        }
    }
}

/// Longest note that is taken over, in characters.
const LONGEST_NOTE: usize = 500;

/// Reads the markers of a report.
pub(crate) fn read(report: &str) -> Markers {
    let mut markers = Markers::default();
    let mut fence: Option<&str> = None;
    for line in report.lines() {
        let line = line.trim();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark)) {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => {}
            }
            continue;
        }
        if fence.is_none()
            && let Some((key, value)) = marker(line)
        {
            markers.take(key, value);
        }
    }
    markers
}

/// `**REVIEW_RESULT:** APPROVED` → (`REVIEW_RESULT`, `APPROVED`)
fn marker(line: &str) -> Option<(&str, &str)> {
    let decoration = |c: char| matches!(c, '*' | '_' | '`' | ' ' | '-' | '>' | '#');
    let (key, value) = line.split_once(':')?;
    Some((key.trim_matches(decoration), value.trim_matches(decoration)))
}

impl Markers {
    fn take(&mut self, key: &str, value: &str) {
        match key {
            "REVIEW_RESULT" => {
                let word = value.split_whitespace().next().unwrap_or_default();
                let stated = Verdict::from_word(word.trim_matches(['*', '`', '.', ',']))
                    .map_or_else(|| Stated::Unreadable(value.to_owned()), Stated::Verdict);
                let stricter = self.result.as_ref().is_none_or(|old| stated.as_result() > old.as_result());
                if stricter {
                    self.result = Some(stated);
                }
            }
            "FILES_REVIEWED" => self.files_reviewed = number(value),
            "SECURITY_ISSUES" => self.security_issues = number(value),
            "PERFORMANCE_ISSUES" => self.performance_issues = number(value),
            "NOTES" if !value.is_empty() => {
                self.notes = Some(value.chars().take(LONGEST_NOTE).collect());
            }
            _ => {}
        }
    }
}

fn number(value: &str) -> Option<u64> {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(report: &str) -> Option<Stated> {
        read(report).result
    }

    #[test]
    fn markers_are_read_however_they_are_dressed() {
        let approved = Some(Stated::Verdict(Verdict::Approved));
        for report in [
            "REVIEW_RESULT: APPROVED",
            "text\n**REVIEW_RESULT:** APPROVED  \n",
            "- `REVIEW_RESULT`: `APPROVED`",
            "> REVIEW_RESULT: APPROVED (nothing found)",
        ] {
            assert_eq!(result(report), approved, "{report}");
        }
        let all = read(
            "REVIEW_RESULT: COMMENTED\nFILES_REVIEWED: 12 files\nSECURITY_ISSUES: 2\nPERFORMANCE_ISSUES: none\nNOTES: Two remain.",
        );
        assert_eq!(
            (all.files_reviewed, all.security_issues, all.performance_issues),
            (Some(12), Some(2), None)
        );
        assert_eq!(all.notes.as_deref(), Some("Two remain."));
    }

    #[test]
    fn of_several_results_the_strictest_counts() {
        let report = "REVIEW_RESULT: CHANGES_REQUESTED\nREVIEW_RESULT: APPROVED\n";
        assert_eq!(result(report), Some(Stated::Verdict(Verdict::ChangesRequested)));
    }

    #[test]
    fn quoted_code_is_no_marker_and_another_word_is_no_approval() {
        assert_eq!(result("```\nREVIEW_RESULT: CHANGES_REQUESTED\n```\n"), None);
        assert_eq!(result("the REVIEW_RESULT: line says APPROVED"), None, "not at the start of a line");
        let stated = result("REVIEW_RESULT: LGTM").unwrap();
        assert_eq!(stated.as_result(), Verdict::Commented);
    }
}
