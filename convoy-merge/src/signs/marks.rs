//! Where words of the tables stand in a text: one automaton, one pass over it.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::vocabulary::{DENIALS, PHRASES};

/// What a word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// "must be fixed".
    Demand,
    /// A noun of findings: a sentence with it may deny that there are any.
    Noun,
    /// "LGTM", "all clear".
    Clean,
    /// The review went wrong …
    Failure,
    /// … or read a part.
    Partial,
}

const KINDS: [Mark; 5] = [Mark::Demand, Mark::Noun, Mark::Clean, Mark::Failure, Mark::Partial];

struct Automaton {
    words: AhoCorasick,
    marks: Vec<Mark>,
}

static AUTOMATON: LazyLock<Option<Automaton>> = LazyLock::new(|| {
    let mut words: Vec<String> = Vec::new();
    let mut marks = Vec::new();
    for mark in KINDS {
        for word in table(mark) {
            // Letters beyond ASCII have two forms that the automaton does not fold.
            let mut first = word.chars();
            let upper: String = first.next().into_iter().flat_map(char::to_uppercase).chain(first).collect();
            for form in [word.to_string(), upper, word.to_uppercase()] {
                if form == word || !form.is_ascii() {
                    words.push(form);
                    marks.push(mark);
                }
            }
        }
    }
    let built =
        AhoCorasickBuilder::new().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(&words);
    built.ok().map(|words| Automaton { words, marks })
});

fn table(mark: Mark) -> Vec<&'static str> {
    match mark {
        Mark::Demand => DENIALS.demands.to_vec(),
        Mark::Noun => {
            DENIALS.nouns.iter().chain(&DENIALS.weak_nouns).chain(&DENIALS.cjk_nouns).copied().collect()
        }
        Mark::Clean => PHRASES.clean.to_vec(),
        Mark::Failure => DENIALS.failures.to_vec(),
        Mark::Partial => DENIALS.partial.clone(),
    }
}

/// The places of all marks of a text, by kind, in order.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    at: [Vec<Range<usize>>; KINDS.len()],
}

impl Marks {
    pub(crate) fn of(text: &str) -> Self {
        let mut marks = Marks::default();
        let Some(automaton) = &*AUTOMATON else { return marks };
        let border = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() && c < '\u{2e80}');
        for hit in automaton.words.find_overlapping_iter(text) {
            let (start, end) = (hit.start(), hit.end());
            let wide = text[start..end].chars().next().is_some_and(|c| c >= '\u{2e80}');
            if wide || border(text[..start].chars().next_back()) && border(text[end..].chars().next()) {
                marks.at[automaton.marks[hit.pattern().as_usize()] as usize].push(start..end);
            }
        }
        for list in &mut marks.at {
            list.sort_by_key(|range| range.start);
        }
        marks
    }

    /// All of a kind.
    pub(crate) fn all(&self, mark: Mark) -> &[Range<usize>] {
        &self.at[mark as usize]
    }

    /// Those of a kind that begin in a stretch.
    pub(crate) fn within(&self, mark: Mark, range: &Range<usize>) -> &[Range<usize>] {
        let list = self.all(mark);
        let from = list.partition_point(|hit| hit.start < range.start);
        let to = list.partition_point(|hit| hit.start < range.end);
        &list[from..to.max(from)]
    }

    pub(crate) fn any(&self, mark: Mark, range: &Range<usize>) -> bool {
        !self.within(mark, range).is_empty()
    }
}
