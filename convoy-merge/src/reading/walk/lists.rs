//! Lists and tables: which of their items and rows are findings.

use super::paragraphs::heads_list;
use super::{DEPTH, Walk, inside};
use crate::reading::unit::{Unit, unit_of};
use crate::rules::{Mode, Verdict};
use crate::severity::Rated;
use crate::sign::Sign;
use crate::signs::{self, Above, Seen};
use crate::syntax::table;
use crate::syntax::tree::{Block, Kind};

impl Walk<'_> {
    pub(super) fn list(&mut self, list: &Block, ordered: bool, above: &Above) -> Vec<Unit> {
        let mut decided: Vec<(&Block, Seen, Verdict, Vec<Unit>)> = Vec::new();
        let mut above = above.clone();
        let mut next_file: Option<String> = None;
        let mut next_rated: Option<Rated> = None;
        let brackets = above.file.is_some() && self.brackets_lines(list);
        for item in &list.children {
            if let Some(file) = next_file.take() {
                above.file = Some(file);
            }
            if let Some(rated) = next_rated.take() {
                above.rated = Some(rated);
            }
            let below = self.text[item.range.clone()].lines().skip(1).last().unwrap_or_default();
            next_file = signs::file_line(self.text[item.range.clone()].lines().last().unwrap_or_default());
            // "Low:" right below an item heads the next ones; a small letter goes on.
            let heads =
                below.ends_with(':') || below.starts_with(|c: char| c.is_uppercase() || !c.is_ascii());
            next_rated = heads.then(|| heads_list(below)).flatten();
            let above = &above;
            let range = signs::item_text(self.text, item);
            if self.text[range.clone()].trim().is_empty() {
                continue;
            }
            let mut seen = signs::item(self.text, self.marks, item, ordered, above);
            self.place_again(&range, &mut seen);
            if brackets {
                seen.head.lines = signs::line_in_brackets(&self.text[range.clone()]).map(|line| (line, line));
                seen.head.number = None;
                for sign in [Sign::PlaceTitle, Sign::PlaceLine, Sign::PlaceFirst] {
                    seen.candidate.signs.set(sign, true);
                }
            }
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

    /// Does every item begin with a number in brackets, without counting from 1?
    fn brackets_lines(&self, list: &Block) -> bool {
        let number = |item| signs::line_in_brackets(&self.text[signs::item_text(self.text, item)]);
        let all: Option<Vec<u32>> = list.children.iter().map(number).collect();
        all.is_some_and(|all| all.first().is_some_and(|first| *first > 1))
    }

    pub(super) fn list_habit(&mut self, decided: &mut [(&Block, Seen, Verdict, Vec<Unit>)], above: &Above) {
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
    pub(super) fn nested(&mut self, item: &Block, seen: &Seen, opens: Verdict, above: &Above) -> Vec<Unit> {
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

    pub(super) fn table(&mut self, rows: &[crate::syntax::tree::Row], above: &Above) -> Vec<Unit> {
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
        let file = file.or_else(|| table::heads_rows(self.text, rows.first()?));
        let mut inner = Above { file: file.or_else(|| above.file.clone()), ..above.clone() };
        let from_zero = table::counts_from_zero(self.text, &columns, rows);
        for row in body {
            if let Some(file) = table::heads_rows(self.text, row) {
                inner.file = Some(file);
                continue;
            }
            let above = &inner;
            let cells = table::cells(&columns, row);
            let seen = signs::row(self.text, self.marks, &row.range, &cells, above);
            let verdict = self.decide(row.range.start, &seen.candidate);
            let unit = || Unit {
                cells: cells.clone(),
                from_zero,
                ..unit_of(row.range.clone(), row.range.start, &seen, verdict, above)
            };
            match verdict {
                Verdict::Finding | Verdict::Member => units.push(unit()),
                Verdict::Likely => self.found.likely.push(unit()),
                _ => {
                    if above.mode == Mode::Repeat && seen.candidate.signs.has(Sign::Titled) {
                        self.found.repeated.push(unit());
                    }
                    self.leave(verdict, &row.range);
                }
            }
        }
        units
    }
}
