//! Walks the sections of a report and asks the rules what each candidate is.

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use super::unit::{Unit, disjoint, hold, unit_of};
use crate::locate;
use crate::rules::{Candidate, Mode, Rules, Shape, Verdict};
use crate::severity::{self, Rated};
use crate::signs::legend::Legend;
use crate::signs::marks::Marks;
use crate::signs::sign::Sign;
use crate::signs::{self, Above, Seen};
use crate::syntax::fields;
use crate::syntax::lead;
use crate::syntax::outline::Section;
use crate::syntax::table;
use crate::syntax::tree::{Block, Kind};

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

    /// What stands in a section before its subsections.
    fn blocks(&mut self, section: &Section<'_>, above: &Above) -> Vec<Unit> {
        let starts = self.starts(section, above);
        let mut units: Vec<Unit> = Vec::new();
        let mut at = 0;
        while at < section.blocks.len() {
            let block = section.blocks[at];
            if let Some((seen, verdict)) = &starts[at] {
                // A paragraph that names a line of its own may be another.
                let names_line = |n: usize| {
                    let block = section.blocks[n];
                    *verdict == Verdict::Likely
                        && block.kind == Kind::Para
                        && signs::has_line_place(&self.text[block.range.clone()])
                };
                let next = (at + 1..section.blocks.len())
                    .find(|n| {
                        starts[*n].is_some()
                            || matches!(section.blocks[*n].kind, Kind::Table(_) | Kind::Rule)
                            || names_line(*n)
                    })
                    .unwrap_or(section.blocks.len());
                // Behind a part that is folded, the section goes on.
                let last = section.blocks.last().map_or(0, |b| b.range.end);
                let end = section.blocks.get(next).map_or(section.own_end().max(last), |b| b.range.start);
                let range = block.range.start..end.max(block.range.end);
                let unit = unit_of(range, block.range.start, seen, *verdict, above);
                if *verdict == Verdict::Likely {
                    self.found.likely.push(unit);
                    // What follows may be better.
                    at += 1;
                } else {
                    units.push(unit);
                    at = next;
                }
                continue;
            }
            match &block.kind {
                Kind::List { ordered } => {
                    let rated = at.checked_sub(1).map(|n| section.blocks[n]).filter(|b| b.kind == Kind::Para);
                    // "Critical:" in a line of its own rates the list below it.
                    let rated = rated.and_then(|b| fields::rated_alone(&self.text[b.range.clone()]));
                    let inner = match rated {
                        Some(rated) => {
                            Above { mode: holding(above.mode), rated: Some(rated), ..above.clone() }
                        }
                        None => above.clone(),
                    };
                    let before =
                        at.checked_sub(1).map_or("", |n| &self.text[section.blocks[n].range.clone()]);
                    let file = signs::file_line(before.lines().last().unwrap_or_default());
                    let inner = Above { file: file.or_else(|| inner.file.clone()), ..inner };
                    units.extend(self.list(block, *ordered, &inner));
                }
                Kind::Table(rows) if table::is_fields(self.text, rows) => {
                    let seen = signs::field_table(self.text, &block.range, above);
                    let verdict = self.decide(block.range.start, &seen.candidate);
                    if matches!(verdict, Verdict::Finding | Verdict::Member) {
                        units.push(unit_of(block.range.clone(), block.range.start, &seen, verdict, above));
                    }
                }
                Kind::Table(rows) => units.extend(self.table(rows, above)),
                Kind::Para if self.place_below(section, at, &mut units) => {}
                Kind::Para => units.extend(self.lines(&block.range, above)),
                Kind::Html | Kind::Quote => self.text_left(&block.range, above),
                _ => {}
            }
            at += 1;
        }
        units
    }

    /// The paragraphs that begin a finding.
    fn starts(&mut self, section: &Section<'_>, above: &Above) -> Vec<Option<(Seen, Verdict)>> {
        let mut starts: Vec<Option<(Seen, Verdict)>> = vec![None; section.blocks.len()];
        let mut seen_all: Vec<Option<Seen>> = vec![None; section.blocks.len()];
        let mut rated: Option<Rated> = None;
        let mut rated_at = 0;
        // Behind a line that is only a place stands what is said of it, up to the next one.
        let mut placed = false;
        for (at, block) in section.blocks.iter().enumerate() {
            let above_rated = rated.take();
            if block.kind != Kind::Para {
                placed &= block.kind != Kind::Rule;
                continue;
            }
            let source = &self.text[block.range.clone()];
            if self.leads(section, at, placed, above) {
                // Behind a rule an overview has ended.
                let above = Above { mode: open(above.mode), ..above.clone() };
                let mut seen = signs::para(self.text, self.marks, &block.range, &above);
                seen.candidate.signs.set(Sign::Body, true);
                let verdict = self.decide(block.range.start, &seen.candidate);
                placed = matches!(verdict, Verdict::Finding | Verdict::Member);
                if placed {
                    starts[at] = Some((seen, verdict));
                }
                continue;
            }
            if placed {
                continue;
            }
            rated = fields::rated_alone(source);
            if rated.is_some() {
                rated_at = at;
                continue;
            }
            // The place may stand between a severity and its text.
            if above_rated.is_some() && locate::only_lines(source).is_some() {
                rated = above_rated;
                continue;
            }
            if !worth(source, above) && above_rated.is_none() || self.is_line_list(&block.range, above) {
                continue;
            }
            let mut seen = signs::para(self.text, self.marks, &block.range, above);
            // A severity in a paragraph of its own rates the paragraph below it.
            let mut begin = at;
            if above_rated.is_none() {
                self.asked.insert(block.range.start);
            }
            if let Some(rated) = above_rated {
                seen.candidate.signs.set(Sign::RatedLine, true);
                if !seen.head.severity_stated() {
                    seen.head.rated = Some(rated);
                    seen.head.by_icon = false;
                }
                begin = rated_at;
            }
            let verdict = self.decide(block.range.start, &seen.candidate);
            match verdict {
                Verdict::Finding | Verdict::Member | Verdict::Likely => {
                    starts[begin] = Some((seen, verdict));
                    if verdict != Verdict::Likely {
                        rated = None;
                    }
                }
                _ => {
                    self.leave(verdict, &block.range);
                    seen_all[at] = Some(seen);
                }
            }
        }
        self.habit(section, &mut starts, seen_all);
        starts
    }

    /// Does a paragraph that is only a place lead to the one below it? The first of a section or
    /// behind a rule does, and then the others do; elsewhere it tells where the text above it is.
    fn leads(&self, section: &Section<'_>, at: usize, before: bool, above: &Above) -> bool {
        let place = |n: usize| {
            let block = section.blocks.get(n).filter(|block| block.kind == Kind::Para);
            block.is_some_and(|block| super::places::is_place(self.text[block.range.clone()].trim()))
        };
        let opens = at.checked_sub(1).is_none_or(|n| section.blocks[n].kind == Kind::Rule);
        let text = section.blocks.get(at + 1).is_some_and(|next| next.kind == Kind::Para) && !place(at + 1);
        let aside = open(above.mode) != above.mode;
        (opens && (at > 0 || !aside) || before)
            && text
            && !self.text[section.blocks[at].range.clone()].trim().contains('\n')
            && place(at)
    }

    /// What is shaped like most of its neighbours is what they are.
    fn habit(
        &mut self,
        section: &Section<'_>,
        starts: &mut [Option<(Seen, Verdict)>],
        seen: Vec<Option<Seen>>,
    ) {
        let findings = starts.iter().flatten().filter(|(_, verdict)| *verdict == Verdict::Finding).count();
        let others = seen.iter().flatten().filter(|seen| seen.candidate.signs.has(Sign::Bold)).count();
        if findings < 2 || findings < others {
            return;
        }
        for (at, seen) in seen.into_iter().enumerate() {
            let Some(mut seen) = seen.filter(|seen| seen.candidate.signs.has(Sign::Bold)) else { continue };
            seen.candidate.signs.set(Sign::Habit, true);
            let verdict = self.decide(section.blocks[at].range.start, &seen.candidate);
            if matches!(verdict, Verdict::Finding | Verdict::Member) {
                starts[at] = Some((seen, verdict));
            }
        }
    }

    /// A paragraph that is only a place, right behind a finding, tells where that is.
    fn place_below(&self, section: &Section<'_>, at: usize, units: &mut [Unit]) -> bool {
        let Some(above) = at.checked_sub(1).map(|n| section.blocks[n]) else { return false };
        let range = section.blocks[at].range.clone();
        let below = units.last_mut().filter(|unit| {
            unit.shape != Shape::Row
                && above.range.contains(&unit.range.start)
                && unit.range.end >= above.range.end
        });
        match below {
            Some(unit) if super::places::is_place(&self.text[range.clone()]) => {
                unit.range.end = range.end;
                true
            }
            _ => false,
        }
    }

    fn list(&mut self, list: &Block, ordered: bool, above: &Above) -> Vec<Unit> {
        let mut decided: Vec<(&Block, Seen, Verdict, Vec<Unit>)> = Vec::new();
        let mut above = above.clone();
        let mut next_file: Option<String> = None;
        for item in &list.children {
            if let Some(file) = next_file.take() {
                above.file = Some(file);
            }
            next_file = signs::file_line(self.text[item.range.clone()].lines().last().unwrap_or_default());
            let above = &above;
            let range = signs::item_text(self.text, item);
            if self.text[range.clone()].trim().is_empty() {
                continue;
            }
            let mut seen = signs::item(self.text, self.marks, item, ordered, above);
            let (_, opens) = self.rules.decide(&seen.candidate);
            let nested = seen.candidate.signs.has(Sign::Parent) && above.depth <= DEPTH;
            let below = if nested { self.nested(item, &seen, opens, above) } else { Vec::new() };
            let rated = |unit: &Unit| unit.section_rated.is_some() && above.rated.is_none();
            let evident =
                below.iter().any(|unit| unit.evident && unit.verdict == Verdict::Finding || rated(unit));
            seen.candidate.signs.set(Sign::HoldsFinding, evident);
            let verdict = self.decide(range.start, &seen.candidate);
            let unit = || unit_of(item.range.clone(), range.start, &seen, verdict, above);
            let units = match verdict {
                Verdict::Finding | Verdict::Member => vec![unit()],
                Verdict::Likely => {
                    let unit = unit();
                    self.found.likely.push(unit);
                    Vec::new()
                }
                Verdict::Group => below,
                _ => {
                    self.leave(verdict, &item.range);
                    below
                        .into_iter()
                        .filter(|unit| unit.verdict == Verdict::Finding && unit.evident)
                        .collect()
                }
            };
            decided.push((item, seen, verdict, units));
        }
        self.list_habit(&mut decided, &above);
        decided.into_iter().flat_map(|(_, _, _, units)| units).collect()
    }

    fn list_habit(&mut self, decided: &mut [(&Block, Seen, Verdict, Vec<Unit>)], above: &Above) {
        let findings = decided.iter().filter(|(_, _, verdict, _)| *verdict == Verdict::Finding).count();
        if findings < 2 || findings * 2 < decided.len() {
            return;
        }
        for (item, seen, verdict, units) in decided.iter_mut().filter(|(_, _, _, units)| units.is_empty()) {
            seen.candidate.signs.set(Sign::Habit, true);
            let range = signs::item_text(self.text, item);
            *verdict = self.decide(range.start, &seen.candidate);
            if matches!(verdict, Verdict::Finding | Verdict::Member) {
                units.push(unit_of(item.range.clone(), range.start, seen, *verdict, above));
            }
        }
    }

    /// The lists inside an item.
    fn nested(&mut self, item: &Block, seen: &Seen, opens: Verdict, above: &Above) -> Vec<Unit> {
        let mut inner = inside("", seen, opens, above);
        inner.section.clone_from(&above.section);
        if opens != Verdict::Group {
            inner.rated.clone_from(&above.rated);
        }
        let mut units = Vec::new();
        for block in &item.children {
            if let Kind::List { ordered } = block.kind {
                units.extend(self.list(block, ordered, &inner));
            }
        }
        units
    }

    fn table(&mut self, rows: &[crate::syntax::tree::Row], above: &Above) -> Vec<Unit> {
        let Some((_, body)) = rows.split_first() else { return Vec::new() };
        let mut units = Vec::new();
        let Some(columns) = table::columns(self.text, rows) else {
            if let (Some(first), Some(last)) = (body.first(), body.last()) {
                self.text_left(&(first.range.start..last.range.end), above);
            }
            return units;
        };
        let file = rows.first().and_then(|header| {
            let cell = header.cells.iter().find(|cell| table::names_file(&self.text[(*cell).clone()]))?;
            Some(self.text[cell.clone()].trim().trim_matches('`').to_string())
        });
        let inner = Above { file: file.or_else(|| above.file.clone()), ..above.clone() };
        let above = &inner;
        for row in body {
            let cells = table::cells(&columns, row);
            let seen = signs::row(self.text, self.marks, &row.range, &cells, above);
            let verdict = self.decide(row.range.start, &seen.candidate);
            let unit = || Unit {
                cells: cells.clone(),
                ..unit_of(row.range.clone(), row.range.start, &seen, verdict, above)
            };
            match verdict {
                Verdict::Finding | Verdict::Member => units.push(unit()),
                Verdict::Likely => self.found.likely.push(unit()),
                _ => self.leave(verdict, &row.range),
            }
        }
        units
    }

    /// A paragraph whose lines are findings: `HIGH: a.ts:3 - …`, `a.ts:3: error: …`.
    fn is_line_list(&self, range: &Range<usize>, above: &Above) -> bool {
        let source = &self.text[range.clone()];
        let mut lines = source.lines();
        let Some(first) = lines.next() else { return false };
        if lines.next().is_none() || !worth(first, above) {
            return false;
        }
        let seen: Vec<Seen> = lines_of(self.text, range)
            .take(400)
            .map(|line| signs::line(self.text, self.marks, &line, above))
            .filter(|seen| !seen.candidate.signs.any(&[Sign::Praise, Sign::SaysNone]))
            .collect();
        let stands = |seen: &&Seen| {
            self.rules.decide(&Candidate { mode: Mode::Open, ..seen.candidate }).1 == Verdict::Finding
        };
        // A list is alike from line to line; a title above its place is no list. Between
        // its lines may stand names of files and quoted code.
        let all: Vec<&Seen> = seen.iter().filter(stands).collect();
        let Some(first) = all.first() else { return false };
        let alike = all.iter().all(|other| other.head.rated.is_some() == first.head.rated.is_some());
        all.len() == seen.len() && alike
            || all.len() >= 2 && all.len() * 3 >= seen.len() && stands(&all[0]) && {
                let first_is_file =
                    signs::file_line(self.text[range.clone()].lines().next().unwrap_or_default()).is_some();
                first_is_file
                    || all.iter().all(|seen| seen.candidate.signs.has(Sign::PlaceFirst))
                    || all.len() * 2 >= seen.len() && self.tagged(range) >= all.len()
            }
    }

    /// How many lines of a paragraph begin with a severity.
    fn tagged(&self, range: &Range<usize>) -> usize {
        let first = |line: &str| {
            line.split(|c: char| !(c.is_alphanumeric() || c == '-'))
                .find(|word| !word.is_empty())
                .map(str::to_string)
        };
        lines_of(self.text, range)
            .filter_map(|line| first(&self.text[line]))
            .filter(|word| severity::exact(word).is_some())
            .count()
    }

    fn lines(&mut self, range: &Range<usize>, above: &Above) -> Vec<Unit> {
        let mut units = Vec::new();
        if !self.is_line_list(range, above) {
            return self.sentences(range, above);
        }
        let mut above = above.clone();
        for line in lines_of(self.text, range) {
            if let Some(file) = signs::file_line(&self.text[line.clone()]) {
                above.file = Some(file);
                continue;
            }
            let seen = signs::line(self.text, self.marks, &line, &above);
            let verdict = self.decide(line.start, &seen.candidate);
            if matches!(verdict, Verdict::Finding | Verdict::Member) {
                units.push(unit_of(line.clone(), line.start, &seen, verdict, &above));
            } else if let Some(last) = units.last_mut().filter(|_| verdict == Verdict::Text) {
                // Quoted code and words that go on.
                last.range.end = line.end;
            }
        }
        units
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
            Verdict::Leftover => self.found.left.push(range.clone()),
            Verdict::Mention => self.found.mentions.push(range.clone()),
            _ => {}
        }
    }
}

/// The lines of a stretch that hold text, with their ends.
fn lines_of<'a>(text: &'a str, range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let mut at = range.start;
    text[range.clone()].split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        (!line.trim().is_empty()).then_some(start..at)
    })
}

/// May a paragraph begin a finding at all? Most prose shows by its first bytes that it does not.
fn worth(source: &str, above: &Above) -> bool {
    let line = source.lines().next().unwrap_or_default().trim_start();
    let Some(first) = line.chars().next() else { return false };
    if !first.is_ascii_alphabetic() || above.mode == Mode::Findings {
        return true;
    }
    let start = severity::cut(line, 64);
    let word = start.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let letters = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    start.contains([':', '—', '–', '|', '：', '*', '`', '['])
        || start.contains(" - ")
        || word.contains(['/', '.', '\\']) && letters.contains(['/', '.', '\\'])
        || letters.len() > 1
            && letters.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
        || lead::is_numbered(line)
        || line.contains('/') && signs::file_line(line).is_some()
        || source.lines().nth(1).is_some_and(|second| fields::first_in_line(second).is_some())
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
    let outer = if aside { None } else { above.rated.clone() };
    Above {
        mode,
        rated: rated.or(outer),
        file: file.or_else(|| above.file.clone()),
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

/// What a section is for behind a rule.
fn open(mode: Mode) -> Mode {
    if matches!(mode, Mode::Quiet | Mode::Repeat) { Mode::Open } else { mode }
}

fn holding(mode: Mode) -> Mode {
    if mode == Mode::Open { Mode::Findings } else { mode }
}

/// The path of section titles.
fn path(outer: &str, title: &str) -> String {
    if outer.is_empty() { title.to_string() } else { format!("{outer} > {title}") }
}
