//! What of a report says that not all was read, or that the run failed.

use std::ops::Range;

use super::closing;
use super::counts::holds;
use super::verdict::{Document, SHORT, TITLE};
use crate::model::Member;
use crate::severity;
use crate::signs::accounted;
use crate::signs::marks::Mark;
use crate::signs::statement;
use crate::syntax::outline::Section;
use crate::syntax::tree::{Kind, Row};
use crate::text;
use crate::vocabulary::DENIALS;

impl Document<'_> {
    /// Does it say that the reviewer did not read all, or that the run failed?
    pub(super) fn unread(&self, members: &[Member]) -> Option<String> {
        let inside = |at: usize| holds(members, at) || self.is_code(at);
        // "Not read: none"
        let none = |hit: &Range<usize>| {
            let rest = self.text[hit.end..].lines().next().unwrap_or_default();
            self.text[hit.clone()].ends_with(':')
                && rest.len() < 40
                && statement::says_none(rest.trim_matches([':', '|', '*', ' ']))
        };
        let kinds: &[Mark] =
            if members.is_empty() { &[Mark::Partial, Mark::Failure] } else { &[Mark::Partial] };
        let hit = kinds
            .iter()
            .flat_map(|kind| self.marks.all(*kind))
            .find(|hit| !inside(hit.start) && !none(hit) && !self.states_scope(hit.start));
        let part = || {
            self.find_line(|start, line| {
                line.len() < 2000
                    && line.contains(|c: char| c.is_ascii_digit())
                    && statement::read_a_part(line)
                    && !inside(start)
            })
        };
        let range = hit.cloned().or_else(part).or_else(|| self.cut_off()).or_else(|| self.broke_off());
        let range =
            range.or_else(|| self.cut_or_failed()).or_else(|| self.under_way()).or_else(|| self.unanswered());
        let of_none = || {
            self.part_read()
                .or_else(|| self.counts_fewer())
                .or_else(|| self.unfinished())
                .or_else(|| self.row_unread(self.root))
        };
        let range = range.or_else(|| if members.is_empty() { of_none() } else { None })?;
        Some(format!("it says that not all was read ({})", self.place(&range)))
    }

    /// The first line that tells it: asked with where it begins.
    fn find_line(&self, tells: impl Fn(usize, &str) -> bool) -> Option<Range<usize>> {
        let told = text::lines(self.text).find(|(start, line)| tells(*start, line));
        told.map(|(start, line)| start..start + line.len())
    }

    /// Is it the line of the documented format that names what was not reviewed? That is data, and
    /// counts as what was not read.
    fn states_scope(&self, at: usize) -> bool {
        let line = &self.text[self.text[..at].rfind('\n').map_or(0, |end| end + 1)..];
        line.starts_with("**Not reviewed:**") && closing::closing(self.text).documented
    }

    /// A line that says nothing but that the text was cut, or that a reviewer failed.
    fn cut_or_failed(&self) -> Option<Range<usize>> {
        self.find_line(|start, line| {
            let told = line.len() < 300 && (is_cut(line) || is_limited(line) || is_failed_reviewer(line));
            told && !self.is_code(start)
        })
    }

    /// A line of progress that stands at less than all, and none behind it.
    fn under_way(&self) -> Option<Range<usize>> {
        let mut at = 0;
        let lines = self.text.split_inclusive(['\n', '\r']).filter_map(|line| {
            let start = at;
            at += line.len();
            let share = if line.len() < 200 && !self.is_code(start) { progress(line) } else { None };
            share.map(|share| (share, start..start + line.len()))
        });
        lines.last().filter(|(share, _)| *share < 100.0).map(|(_, range)| range)
    }

    /// A reviewer's label behind which nothing stands, up to the next one or to the end,
    /// beside one that has an answer.
    fn unanswered(&self) -> Option<Range<usize>> {
        let lines = || {
            text::lines(self.text)
                .filter(|(start, line)| !line.trim().is_empty() && !self.is_code(*start))
                .map(|(start, line)| (line, start))
        };
        if !lines().any(|(line, _)| reviewers_line(line).is_some_and(|(_, answer)| !answer.is_empty())) {
            return None;
        }
        let next = lines().skip(1).map(|(line, _)| Some(line)).chain([None]);
        lines().zip(next).find_map(|((line, start), next)| {
            let (_, answer) = reviewers_line(line)?;
            let is_last = next.is_none_or(|next| reviewers_line(next).is_some());
            (answer.is_empty() && is_last).then_some(start..start + line.len())
        })
    }

    /// Fewer files are counted as read than as changed.
    fn counts_fewer(&self) -> Option<Range<usize>> {
        let told = self.text.len() < SHORT && statement::read_fewer(self.text);
        told.then_some(0..self.text.trim_end().len())
    }

    /// A last sentence that goes on: "…, but".
    fn cut_off(&self) -> Option<Range<usize>> {
        let whole = self.text.trim_end();
        let word = whole.rsplit(char::is_whitespace).next()?;
        // `...` ends a document of YAML.
        if word == "..." && whole.ends_with("\n...") {
            return None;
        }
        let open = whole.ends_with([',', '…'])
            || whole.ends_with("...")
            || ["but", "and", "because", "which", "the", "aber", "und", "pero", "mas", "mais"]
                .contains(&word)
            || ["in", "of", "for", "with", "from", "to", "a", "an", "however", "also", "except"]
                .contains(&word.to_lowercase().as_str());
        // "No issues found, bu"
        let begun = || {
            whole[..whole.len() - word.len()].trim_end().ends_with(',')
                && ["but", "except", "although", "however", "though", "with", "apart", "which", "unless"]
                    .iter()
                    .any(|next| next.starts_with(word))
        };
        ((open || begun()) && whole.len() > word.len()).then(|| whole.len() - word.len()..whole.len())
    }

    /// A text without findings whose last line is a mark that something was to follow: `##`, `-`, an
    /// open fence, `Next:`, bold that nobody ends.
    fn unfinished(&self) -> Option<Range<usize>> {
        let whole = self.text.trim_end();
        let start = whole.rfind('\n').map_or(0, |at| at + 1);
        let line = whole[start..].trim();
        let marks = line.len() < 3 && line.chars().all(|c| matches!(c, '#' | '-' | '*' | '+' | '|' | '>'));
        let fences = whole.lines().filter(|line| line.trim_start().starts_with("```")).count();
        let told = start > 0 && (marks || line.ends_with([':', '：']))
            || line.matches("**").count() % 2 == 1
            || line.starts_with("```") && fences % 2 == 1;
        told.then_some(start..whole.len())
    }

    /// A row of a table that says no in a column of what was reviewed.
    fn row_unread(&self, section: &Section<'_>) -> Option<Range<usize>> {
        const NO: [&str; 12] =
            ["no", "nein", "non", "não", "нет", "否", "❌", "✗", "skipped", "partly", "partially", "pending"];
        let cell = |range: &Range<usize>| severity::plain(&self.text[range.clone()]).trim().to_lowercase();
        let here = section.blocks.iter().find_map(|block| {
            let Kind::Table(rows) = &block.kind else { return None };
            let (header, body) = rows.split_first()?;
            let column = header.cells.iter().position(|title| accounted::names_review(&cell(title)))?;
            let no = |row: &&Row| row.cells.get(column).is_some_and(|said| NO.contains(&cell(said).as_str()));
            body.iter().find(no).map(|row| row.range.clone())
        });
        here.or_else(|| section.children.iter().find_map(|child| self.row_unread(child)))
    }

    /// A last line that tells that the run broke off: "Error: 429 Too Many Requests".
    fn broke_off(&self) -> Option<Range<usize>> {
        let whole = self.text.trim_end();
        let start = whole.rfind('\n').map_or(0, |at| at + 1);
        let line = severity::plain(&whole[start..]).to_lowercase();
        let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        let told = start > 0
            && line.len() < 300
            && DENIALS.ended.iter().any(|begin| line.starts_with(begin))
            && DENIALS.broke.any(line);
        (told && !self.is_code(start)).then_some(start..whole.len())
    }
}

/// `- **Reviewer B:** no issues`: who, and what they answered.
fn reviewers_line(line: &str) -> Option<(String, &str)> {
    const LONGEST: usize = 300;
    let line = line.trim().trim_start_matches(['-', '*', '+', '•', ' ', '_']);
    let (label, answer) = line.split_once([':', '：']).filter(|_| line.len() < LONGEST)?;
    let label = severity::plain(label).to_lowercase();
    let named = label.split_whitespace().count() <= TITLE && accounted::names_reviewer(&label);
    named.then(|| (label, answer.trim_matches(['*', '_', ' ', '-', '–', '—'])))
}

/// How far a line says that something is, in percent: `[####----] 40%`, `Reviewing… 40%`.
fn progress(line: &str) -> Option<f32> {
    const WORDS: usize = 6;
    let bar = ["##", "==", "██", "▓▓", "░░", "■■", "━━"].iter().any(|bar| line.contains(bar));
    let told = (line.contains("...") || line.contains('…')) && line.split_whitespace().count() <= WORDS;
    let apart = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '|');
    let share = |word: &str| word.strip_suffix('%').and_then(|share| share.parse().ok());
    line.split(apart).filter_map(share).next_back().filter(|_| bar || told)
}

/// `[output truncated: maximum length reached]`, `(… abgeschnitten)`
fn is_cut(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '`']);
    let bracketed = line.starts_with(['[', '(', '<', '{', '…']) || line.starts_with("...");
    bracketed && line.split_whitespace().count() <= NOTICE && {
        let lower = line.to_lowercase();
        DENIALS.cut.iter().any(|stem| lower.contains(stem))
    }
}

/// `Diagnostics not shown: 2.`, below what a tool shows.
fn is_limited(line: &str) -> bool {
    ["The number of diagnostics exceeds the limit", "Diagnostics not shown: "]
        .iter()
        .any(|begin| line.trim().starts_with(begin))
}

/// So many words, at most, a notice of that kind has.
const NOTICE: usize = 10;

/// `- logic-agent: **failed** (exit code 137)`, `| Performance reviewer | timed out |`
fn is_failed_reviewer(line: &str) -> bool {
    let open = line.trim_start_matches(|c: char| c.is_whitespace() || severity::emphasises(c));
    if !open.starts_with(['-', '+', '|', '•', '✗', '❌', '⚠']) {
        return false;
    }
    let plain = severity::plain(line).to_lowercase();
    let open = plain.trim();
    let bare = open.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((label, value)) =
        [": ", " | ", " — ", " – ", "："].iter().find_map(|mark| bare.split_once(mark))
    else {
        return false;
    };
    let spaced = label.replace(['-', '_', '/'], " ");
    let value = value.trim_start_matches(|c: char| !c.is_alphanumeric());
    let first = value.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    spaced.split_whitespace().count() <= TITLE
        && accounted::names_reviewer(&spaced)
        && (DENIALS.broken.contains(first)
            || DENIALS.broken.iter().any(|word| !word.is_ascii() && value.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::{progress, reviewers_line};

    #[test]
    fn a_label_of_a_reviewer_is_known() {
        let known = |line| reviewers_line(line).map(|(_, answer)| answer);
        assert_eq!(known("- **Security reviewer:** no issues"), Some("no issues"));
        assert_eq!(known("Reviewer B: –"), Some(""));
        assert_eq!(known("Date: today"), None);
    }

    #[test]
    fn progress_is_no_other_share() {
        for (line, want) in [
            ("[####------] 40%", Some(40.0)),
            ("Reading files… 12.5%", Some(12.5)),
            ("linting... (100%)", Some(100.0)),
            (" 30%|███       | 3/10", Some(30.0)),
            ("| 40% | 60% |", None),
            ("Coverage: 87% of lines", None),
            ("the cache answers only 40% of what is asked for… and nobody looks why", None),
        ] {
            assert_eq!(progress(line), want, "{line}");
        }
    }
}
