//! Walks the sections of a report and asks the rules what each candidate is.

mod lists;
mod paragraphs;
mod starts;

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use super::unit::{Unit, disjoint, hold, unit_of};
use crate::rules::{Candidate, Mode, Rules, Shape, Verdict};
use crate::severity::{self};
use crate::sign::Sign;
use crate::signs::legend::{Legend, tells_scale};
use crate::signs::marks::Marks;
use crate::signs::{self, Above, Seen};
use crate::syntax::outline::Section;
use crate::syntax::tree::Kind;

/// A candidate and what was decided, for people.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) at: usize,
    pub(crate) candidate: Candidate,
    pub(crate) row: &'static str,
    pub(crate) verdict: Verdict,
}

/// Deeper sections and lists are looked at as text.
const DEPTH: usize = 12;

/// Headings of fewer words, on average, name parts of the code.
const TITLE: usize = 3;

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) units: Vec<Unit>,
    /// Findings, if there are no better ones; one may stand inside another.
    pub(crate) likely: Vec<Unit>,
    /// What could be a finding and was not read as one.
    pub(crate) left: Vec<Range<usize>>,
    /// Rows of findings in a section that says again what stands elsewhere.
    pub(crate) repeated: Vec<Unit>,
    /// What a clean report does not say.
    pub(crate) mentions: Vec<Range<usize>>,
    pub(crate) decisions: Vec<Decision>,
}

pub(super) struct Walk<'a> {
    pub(super) text: &'a str,
    pub(super) marks: &'a Marks,
    pub(super) rules: Rules,
    pub(super) found: Found,
    /// Where paragraphs begin that were asked as a whole, and begin no finding.
    asked: HashSet<usize>,
}

/// All candidates of a document, decided. Units are in order and apart.
pub(crate) fn walk(text: &str, marks: &Marks, root: &Section<'_>, rules: Rules) -> Found {
    let mut walk = Walk { text, marks, rules, found: Found::default(), asked: HashSet::new() };
    let above = Above {
        mode: Mode::Open,
        rated: None,
        file: None,
        lines: None,
        status: None,
        praise: false,
        level: false,
        section: String::new(),
        depth: 0,
        legend: Rc::new(Legend::of(text)),
    };
    let units = walk.section(root, &above);
    let mut found = walk.found;
    found.units = disjoint(units);
    found
}

impl Walk<'_> {
    /// What stands in a section, its subsections included.
    fn section(&mut self, section: &Section<'_>, above: &Above) -> Vec<Unit> {
        let mut units = self.blocks(section, above);
        let mixed = section.children.iter().any(|child| {
            severity::of_section(child.title).is_some()
                && crate::syntax::head::parse(child.title).title.split_whitespace().count() <= 3
        });
        let apart = units.iter().any(|unit| unit.shape == Shape::Item);
        let siblings = section.children.len();
        let mut decided: Vec<(Seen, Verdict, Vec<Unit>)> = section
            .children
            .iter()
            .map(|child| self.heading(child, siblings, (mixed, apart), above))
            .collect();
        let are = |verdict: &Verdict| matches!(verdict, Verdict::Finding | Verdict::Member);
        let findings = decided.iter().filter(|(_, verdict, _)| are(verdict)).count();
        if findings >= 2 && findings < siblings && findings * 2 >= siblings {
            for (child, (seen, verdict, below)) in section.children.iter().zip(&mut decided) {
                if are(verdict) || !below.is_empty() {
                    continue;
                }
                seen.candidate.signs.set(Sign::Habit, true);
                *verdict = self.decide(child.range.start, &seen.candidate);
                if are(verdict) {
                    below.push(unit_of(child.range.clone(), child.body_start(), seen, *verdict, above));
                }
            }
        }
        self.titles_of_one(section, &mut decided, above);
        units.extend(decided.into_iter().flat_map(|(_, _, below)| below));
        units
    }

    /// Headings that hold one finding each, told in the paragraph right below, are its titles:
    /// where most of them are too long for the name of a part.
    fn titles_of_one(
        &mut self,
        section: &Section<'_>,
        decided: &mut [(Seen, Verdict, Vec<Unit>)],
        above: &Above,
    ) {
        let holds_one = |child: &Section<'_>, below: &[Unit]| {
            let first = child.blocks.first().filter(|block| block.kind == Kind::Para);
            matches!((first, below), (Some(block), [only]) if only.shape == Shape::Para
                && only.place_first
                && only.range.start == block.range.start)
        };
        let named =
            [Sign::ClassFinding, Sign::ClassSubject, Sign::Listed, Sign::PlaceOnly, Sign::SeverityOnly];
        let titles =
            |seen: &Seen| seen.candidate.signs.has(Sign::Titled) && !seen.candidate.signs.any(&named);
        let words: usize = decided.iter().map(|(seen, _, _)| seen.candidate.words).sum();
        let all = section
            .children
            .iter()
            .zip(&*decided)
            .all(|(child, (seen, _, below))| holds_one(child, below) && titles(seen));
        if decided.len() < 2 || !all || words < decided.len() * TITLE {
            return;
        }
        for (child, (seen, verdict, below)) in section.children.iter().zip(decided) {
            let Some(told) = below.first() else { continue };
            seen.candidate.signs.set(Sign::Habit, true);
            *verdict = self.decide(child.range.start, &seen.candidate);
            if matches!(verdict, Verdict::Finding | Verdict::Member) {
                seen.head.rated = seen.head.rated.take().or_else(|| told.head.rated.clone());
                seen.head.places.clone_from(&told.head.places);
                *below = vec![unit_of(child.range.clone(), child.body_start(), seen, *verdict, above)];
            }
        }
    }

    pub(super) fn decide(&mut self, at: usize, candidate: &Candidate) -> Verdict {
        let (row, verdict) = self.rules.decide(candidate);
        self.found.decisions.push(Decision { at, candidate: *candidate, row, verdict });
        verdict
    }

    /// A heading: what it opens by its own signs, then what it is by what it holds.
    fn heading(
        &mut self,
        section: &Section<'_>,
        siblings: usize,
        (mixed, apart): (bool, bool),
        above: &Above,
    ) -> (Seen, Verdict, Vec<Unit>) {
        let mut seen = signs::heading(self.text, self.marks, section, siblings, mixed, above);
        seen.candidate.signs.set(Sign::Apart, apart && section.is_bold());
        if above.depth > DEPTH {
            return (seen, Verdict::Text, Vec::new());
        }
        let (_, opens) = self.rules.decide(&seen.candidate);
        let weak = self.found.likely.len();
        // The documented format holds no findings inside of findings.
        let below = if opens == Verdict::Finding && seen.candidate.signs.has(Sign::Documented) {
            Vec::new()
        } else {
            self.section(section, &inside(section.title.trim(), &seen, opens, above))
        };
        hold(&mut seen, &below);
        let verdict = self.decide(section.range.start, &seen.candidate);
        let unit = || unit_of(section.range.clone(), section.body_start(), &seen, verdict, above);
        let units = match verdict {
            Verdict::Finding | Verdict::Member => vec![unit()],
            // A section of several is none itself.
            Verdict::Likely if self.found.likely[weak..].iter().filter(|unit| unit.placed).count() > 1 => {
                below
            }
            Verdict::Likely => {
                let unit = unit();
                self.found.likely.push(unit);
                below
            }
            _ => {
                self.leave(verdict, &section.heading);
                below
            }
        };
        (seen, verdict, units)
    }

    /// Text of no known shape: is there something in it that could be a finding?
    pub(super) fn text_left(&mut self, range: &Range<usize>, above: &Above) {
        if self.asked.contains(&range.start)
            || !signs::says_something(&self.text[range.clone()], self.marks, range)
        {
            return;
        }
        let seen = signs::para(self.text, self.marks, range, above);
        let verdict = self.decide(range.start, &seen.candidate);
        self.leave(verdict, range);
    }

    /// Keeps what could be a finding and was not read as one.
    fn leave(&mut self, verdict: Verdict, range: &Range<usize>) {
        match verdict {
            Verdict::Leftover if tells_scale(&self.text[range.clone()]) => {}
            Verdict::Leftover => self.found.left.push(range.clone()),
            Verdict::Mention => self.found.mentions.push(range.clone()),
            _ => {}
        }
    }
}

/// What stands above the things inside a section or item.
fn inside(title: &str, seen: &Seen, opens: Verdict, above: &Above) -> Above {
    let signs = seen.candidate.signs;
    let mode = match (opens, above.mode) {
        (Verdict::Quiet, _) | (Verdict::Repeat, Mode::Quiet) => Mode::Quiet,
        (Verdict::Repeat, _) => Mode::Repeat,
        (Verdict::Group, _) if signs.has(Sign::Folded) => Mode::Findings,
        (Verdict::Group, mode) => holding(mode),
        // Another part of the report, of which nobody knows what it holds.
        (Verdict::Text, Mode::Findings) if signs.has(Sign::Apart) => Mode::Open,
        // Whether it is one finding or several, its items will tell.
        (Verdict::Finding, mode) if signs.has(Sign::RatedTitle) => holding(mode),
        (_, mode) => mode,
    };
    let aside = matches!(opens, Verdict::Quiet | Verdict::Repeat);
    let document = signs.has(Sign::Document);
    let stated = seen.head.rated.clone().filter(|_| signs.has(Sign::RatedTitle) && opens == Verdict::Finding);
    let good = signs.any(&[Sign::ClassPositive, Sign::Praise]);
    let rated = if document || good { None } else { seen.rated.clone().or(stated) };
    let places = &seen.head.places;
    let file = places
        .first()
        .filter(|_| {
            signs.has(Sign::PlaceOnly)
                || places.len() == 1 && !signs.any(&[Sign::ClassFinding, Sign::ClassSubject])
        })
        .map(|found| found.place.file.clone());
    let lines =
        places.first().filter(|_| places.len() == 1 && signs.has(Sign::PlaceOnly)).and_then(|found| {
            let place = &found.place;
            let from = place.line_start?;
            Some((place.file.clone(), (from, place.line_end.unwrap_or(from))))
        });
    let outer = if aside { None } else { above.rated.clone() };
    Above {
        mode,
        rated: rated.or(outer),
        file: file.or_else(|| above.file.clone()),
        lines: lines.or_else(|| above.lines.clone()),
        status: seen.status,
        praise: above.praise || aside && good,
        level: opens == Verdict::Group && signs.has(Sign::SeverityOnly),
        section: if document { String::new() } else { path(&above.section, title) },
        depth: above.depth + 1,
        legend: Rc::clone(&above.legend),
    }
}

/// Is it a finding, for certain or maybe?
pub(super) fn is_one(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Finding | Verdict::Member | Verdict::Likely)
}

fn holding(mode: Mode) -> Mode {
    if mode == Mode::Open { Mode::Findings } else { mode }
}

/// The path of section titles.
fn path(outer: &str, title: &str) -> String {
    if outer.is_empty() { title.to_string() } else { format!("{outer} > {title}") }
}
