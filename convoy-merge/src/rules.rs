//! The decision list: what a candidate is, by the signs it bears. The first row that
//! fits decides. A row is data, and every number of the decision stands in one.

mod table;

use crate::sign::{Sign, Signs};

/// How a candidate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Heading,
    Item,
    Para,
    Line,
    Row,
}

/// What the section says about all that stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Open,
    /// It holds findings.
    Findings,
    /// It says again what stands elsewhere.
    Repeat,
    /// It praises, gives context or instructs.
    Quiet,
}

/// What a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A finding that shows it by itself.
    Finding,
    /// A finding because of where it stands.
    Member,
    /// A finding if the document has no better ones.
    Likely,
    /// A section of findings.
    Group,
    /// A section like the one around it.
    Through,
    /// A section that says again what stands elsewhere …
    Repeat,
    /// … or in which only what states its severity and place counts.
    Quiet,
    /// A part of what stands around it.
    Part,
    /// Something that could be a finding and was not read as one.
    Leftover,
    /// Something that a clean report does not say.
    Mention,
    /// Text.
    Text,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
    pub(crate) modes: &'static [Mode],
    /// All of these.
    pub(crate) needs: &'static [Sign],
    /// At least so many of these.
    pub(crate) some: (usize, &'static [Sign]),
    /// None of these.
    pub(crate) lacks: &'static [Sign],
    /// Fewest and most words of the title.
    pub(crate) words: (usize, usize),
    pub(crate) verdict: Verdict,
    /// A report that is read otherwise without this row.
    pub(crate) example: &'static str,
}

impl Row {
    fn fits(&self, of: &Candidate) -> bool {
        self.shapes.contains(&of.shape)
            && self.modes.contains(&of.mode)
            && (self.words.0..=self.words.1).contains(&of.words)
            && self.needs.iter().all(|sign| of.signs.has(*sign))
            && of.signs.count(self.some.1) >= self.some.0
            && !of.signs.any(self.lacks)
    }
}

/// What is decided about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) shape: Shape,
    pub(crate) mode: Mode,
    pub(crate) words: usize,
    pub(crate) signs: Signs,
}

/// The table, maybe without one row (to see what the row is for).
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub(crate) without: Option<&'static str>,
}

impl Rules {
    /// All rows but the one named; `None` = there is no such row.
    pub fn without(name: &str) -> Option<Self> {
        table::rows().find(|row| row.name == name).map(|row| Rules { without: Some(row.name) })
    }

    /// Names and examples of the rows, in order.
    pub fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
        table::rows().map(|row| (row.name, row.example))
    }

    pub(crate) fn decide(self, of: &Candidate) -> (&'static str, Verdict) {
        table::rows()
            .find(|row| self.without != Some(row.name) && row.fits(of))
            .map_or(("text", Verdict::Text), |row| (row.name, row.verdict))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::extract_by;
    use crate::reading::rows_of;

    /// What is read, as far as a row can change it.
    fn reading(example: &str, rules: Rules) -> String {
        let found = extract_by(example, "review.md", rules);
        let members = found
            .members
            .iter()
            .map(|m| format!("{:?} {:?} {:?} {:?}", m.title, m.severity, m.byte_range, m.locations));
        let members: Vec<String> = members.collect();
        format!("{:?} {} {} {:?}", found.recognised, found.complete, members.join("\n"), found.notes)
    }

    #[test]
    fn every_row_decides_its_example_and_is_needed_for_it() {
        let mut wrong = Vec::new();
        for row in table::rows() {
            if !rows_of(row.example).contains(&row.name) {
                wrong.push(format!("{}: its example is decided by {:?}", row.name, rows_of(row.example)));
            } else if reading(row.example, Rules::default())
                == reading(row.example, Rules { without: Some(row.name) })
            {
                wrong.push(format!("{}: its example is read the same without it", row.name));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn names_are_told_apart() {
        for (at, row) in table::rows().enumerate() {
            assert!(table::rows().take(at).all(|other| other.name != row.name), "{}", row.name);
        }
    }
}
