//! Paragraphs and lines: how far a finding goes that begins in one of them (`starts`).

use super::starts::{rated_first, worth};
use super::{Walk, holding};
use crate::locate;
use crate::reading::sentences;
use crate::reading::unit::{Unit, unit_of};
use crate::rules::{Candidate, Mode, Shape, Verdict};
use crate::severity;
use crate::sign::Sign;
use crate::signs::{self, Above, Seen};
use crate::syntax::fields;
use crate::syntax::outline::Section;
use crate::syntax::table;
use crate::syntax::tree::Kind;
use crate::words;
use std::ops::Range;

/// So many lines tell whether a paragraph is a list.
const LISTED: usize = 400;

impl Walk<'_> {
    /// What stands in a section before its subsections.
    pub(super) fn blocks(&mut self, section: &Section<'_>, above: &Above) -> Vec<Unit> {
        let starts = self.starts(section, above);
        let mut units: Vec<Unit> = Vec::new();
        let mut file = None;
        let mut at = 0;
        while at < section.blocks.len() {
            let block = section.blocks[at];
            file = self.file_announced(section, at).or(file);
            if let Some((seen, verdict)) = &starts[at] {
                // A paragraph that names a line of its own may be another, and is where it says how bad
                // that is.
                let names_line = |n: usize| {
                    let block = section.blocks[n];
                    let said = &self.text[block.range.clone()];
                    block.kind == Kind::Para
                        && signs::has_line_place(said)
                        && (*verdict == Verdict::Likely
                            || fields::first_in_line(said.lines().next().unwrap_or_default()).is_none()
                                && sentences::tells_level(said)
                                && locate::find(said, locate::Trust::Prose).len() == 1)
                };
                let next = (at + 1..section.blocks.len())
                    .find(|n| {
                        starts[*n].is_some()
                            || self.file_announced(section, *n).is_some()
                            || matches!(section.blocks[*n].kind, Kind::Table(_) | Kind::Rule)
                            || names_line(*n)
                    })
                    .unwrap_or(section.blocks.len());
                // Behind a part that is folded, the section goes on.
                let last = section.blocks.last().map_or(0, |b| b.range.end);
                let end = section.blocks.get(next).map_or(section.own_end().max(last), |b| b.range.start);
                let range = block.range.start..end.max(block.range.end);
                let mut unit = unit_of(range, block.range.start, seen, *verdict, above);
                unit.file = file.clone().or(unit.file);
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
            self.inner(section, at, above, &mut units);
            at += 1;
        }
        units
    }

    /// What is in a block that begins no finding itself.
    fn inner(&mut self, section: &Section<'_>, at: usize, above: &Above, units: &mut Vec<Unit>) {
        let block = section.blocks[at];
        match &block.kind {
            Kind::List { ordered } => {
                let rated = at.checked_sub(1).map(|n| section.blocks[n]).filter(|b| b.kind == Kind::Para);
                // "Critical:" in a line of its own rates the list below it.
                let rated = rated.and_then(|b| heads_list(self.text[b.range.clone()].trim()));
                let inner = match rated {
                    Some(rated) => Above { mode: holding(above.mode), rated: Some(rated), ..above.clone() },
                    None => above.clone(),
                };
                let before = at.checked_sub(1).map_or("", |n| &self.text[section.blocks[n].range.clone()]);
                let file = signs::file_line(before.lines().last().unwrap_or_default());
                let inner = Above { file: file.or_else(|| inner.file.clone()), ..inner };
                units.extend(self.list(block, *ordered, &inner));
            }
            Kind::Table(rows) if table::is_fields(self.text, rows) => {
                let seen = signs::field_table(self.text, &block.range, above);
                let verdict = self.decide(block.range.start, &seen.candidate);
                if matches!(verdict, Verdict::Finding | Verdict::Member) {
                    units.push(unit_of(block.range.clone(), block.range.start, &seen, verdict, above));
                } else {
                    units.extend(self.table(rows, above));
                }
            }
            Kind::Table(rows) => units.extend(self.table(rows, above)),
            Kind::Para if self.place_below(section, at, units) => {}
            Kind::Para => match rated_first(self.text, &block.range) {
                Some((rest, rated)) if self.is_placed_list(&rest, above) => {
                    let above = Above { rated: Some(rated), ..above.clone() };
                    for line in lines_of(self.text, &rest) {
                        let seen = signs::line(self.text, self.marks, &line, &above);
                        units.push(unit_of(line.clone(), line.start, &seen, Verdict::Member, &above));
                    }
                }
                _ => units.extend(self.lines(&block.range, above)),
            },
            Kind::Html | Kind::Quote => self.text_left(&block.range, above),
            _ => {}
        }
    }

    /// "In `src/a.rs`:", a paragraph of its own, or the file alone above "Line 3: …": what stands
    /// below is of that file.
    fn file_announced(&self, section: &Section<'_>, at: usize) -> Option<String> {
        let block = section.blocks[at];
        let source = self.text[block.range.clone()].trim();
        let lined = || {
            let next = section.blocks.get(at + 1).filter(|next| next.kind == Kind::Para)?;
            let said = &self.text[next.range.clone()];
            (said.contains(':') && locate::only_lines(said.split(':').next()?.trim()).is_some()).then_some(())
        };
        let announces = block.kind == Kind::Para
            && !source.contains('\n')
            && (source.ends_with(':') || !source.contains(' ') && lined().is_some());
        signs::file_line(source).filter(|_| announces)
    }

    /// A paragraph that is only a place, right behind a finding, tells where that is.
    pub(super) fn place_below(&self, section: &Section<'_>, at: usize, units: &mut [Unit]) -> bool {
        let Some(above) = at.checked_sub(1).map(|n| section.blocks[n]) else { return false };
        let range = section.blocks[at].range.clone();
        let below = units.last_mut().filter(|unit| {
            unit.shape != Shape::Row
                && above.range.contains(&unit.range.start)
                && unit.range.end >= above.range.end
        });
        match below {
            Some(unit) if crate::reading::places::is_place(&self.text[range.clone()]) => {
                unit.range.end = range.end;
                true
            }
            _ => false,
        }
    }

    /// A paragraph whose lines are findings: `HIGH: a.ts:3 - …`, `a.ts:3: error: …`.
    pub(super) fn is_line_list(&self, range: &Range<usize>, above: &Above) -> bool {
        let source = &self.text[range.clone()];
        let mut lines = source.lines();
        let Some(first) = lines.next() else { return false };
        if lines.next().is_none() || !worth(first, above) {
            return false;
        }
        if self.is_tagged_list(range, above) {
            return true;
        }
        let seen: Vec<Seen> = lines_of(self.text, range)
            .take(LISTED)
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
        let first_is_file =
            signs::file_line(self.text[range.clone()].lines().next().unwrap_or_default()).is_some();
        let placed = all.iter().all(|seen| seen.candidate.signs.has(Sign::PlaceFirst));
        let name_lines = all.iter().all(|seen| seen.candidate.signs.has(Sign::PlaceLine));
        all.len() == seen.len() && alike
            // "FILE: src/a.rs" above the one line that is told of it.
            || first_is_file && placed && all.len() + 1 == seen.len()
            || all.len() >= 2
                && all.len() * 3 >= seen.len()
                && stands(&all[0])
                && (first_is_file
                    || placed
                    || all.len() * 4 >= seen.len() * 3 && name_lines
                    || all.len() * 2 >= seen.len() && self.tagged(range) >= all.len())
    }

    /// Several lines that each begin with a tag in brackets and name a line: `**[BUG]** a.js L5: …`.
    fn is_tagged_list(&self, range: &Range<usize>, above: &Above) -> bool {
        let tagged = |line: Range<usize>| {
            let bare = self.text[line.clone()].trim_start_matches(['*', '_', ' ']);
            let named = bare.strip_prefix('[').is_some_and(|tag| tag.starts_with(char::is_alphabetic));
            named && signs::line(self.text, self.marks, &line, above).candidate.signs.has(Sign::PlaceLine)
        };
        lines_of(self.text, range).nth(1).is_some() && lines_of(self.text, range).take(LISTED).all(tagged)
    }

    /// Several lines that each begin with a place of their own, and say something of it.
    pub(super) fn is_placed_list(&self, range: &Range<usize>, above: &Above) -> bool {
        let placed = |line: Range<usize>| {
            let signs = signs::line(self.text, self.marks, &line, above).candidate.signs;
            signs.has(Sign::PlaceFirst) && signs.has(Sign::Titled)
        };
        lines_of(self.text, range).nth(1).is_some() && lines_of(self.text, range).take(LISTED).all(placed)
    }

    /// How many lines of a paragraph begin with a severity.
    pub(super) fn tagged(&self, range: &Range<usize>) -> usize {
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

    pub(super) fn lines(&mut self, range: &Range<usize>, above: &Above) -> Vec<Unit> {
        let mut units = Vec::new();
        if !self.is_line_list(range, above) {
            return self.sentences(range, above);
        }
        let tagged = self.is_tagged_list(range, above);
        let mut above = above.clone();
        for line in lines_of(self.text, range) {
            if let Some(file) = signs::file_line(&self.text[line.clone()]) {
                above.file = Some(file);
                continue;
            }
            let seen = signs::line(self.text, self.marks, &line, &above);
            let verdict = match self.decide(line.start, &seen.candidate) {
                _ if tagged && !seen.candidate.signs.any(&[Sign::Praise, Sign::SaysNone]) => Verdict::Member,
                decided => decided,
            };
            if matches!(verdict, Verdict::Finding | Verdict::Member) {
                units.push(unit_of(line.clone(), line.start, &seen, verdict, &above));
            } else if let Some(last) = units.last_mut().filter(|_| verdict == Verdict::Text) {
                // Quoted code and words that go on.
                last.range.end = line.end;
            } else if seen.candidate.signs.has(Sign::PlaceLine) && !matches!(verdict, Verdict::Text) {
                // In a list a line with a place is one of it.
                self.found.left.push(line);
            }
        }
        units
    }
}

/// The severity of a line that heads a list: "Critical:", "Critical – must be fixed before the release".
pub(super) fn heads_list(line: &str) -> Option<severity::Rated> {
    let heads = !line.contains('\n')
        && !line.ends_with(['.', '!', '?'])
        && line.split_whitespace().count() <= HEADING
        && line.chars().filter(|c| words::is_cjk(*c)).count() <= HEADING
        && locate::find(line, locate::Trust::Prose).is_empty();
    fields::rated_alone(line).or_else(|| heads.then(|| severity::of_section(line)).flatten())
}

/// A line of more words is a sentence.
const HEADING: usize = 8;

/// The lines of a stretch that hold text, with their ends.
fn lines_of<'a>(text: &'a str, range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let mut at = range.start;
    text[range.clone()].split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        (!line.trim().is_empty()).then_some(start..at)
    })
}
