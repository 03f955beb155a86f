//! Paragraphs and lines: which of them begin a finding, and how far it goes.

use super::{Walk, holding};
use crate::locate;
use crate::reading::unit::{Unit, unit_of};
use crate::rules::{Candidate, Mode, Shape, Verdict};
use crate::severity::{self, Rated};
use crate::sign::Sign;
use crate::signs::{self, Above, Seen};
use crate::syntax::fields;
use crate::syntax::lead;
use crate::syntax::outline::Section;
use crate::syntax::prose;
use crate::syntax::table;
use crate::syntax::tree::Kind;
use std::ops::Range;

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
                    } else {
                        units.extend(self.table(rows, above));
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

    /// The paragraphs that begin a finding.
    pub(super) fn starts(&mut self, section: &Section<'_>, above: &Above) -> Vec<Option<(Seen, Verdict)>> {
        let mut starts: Vec<Option<(Seen, Verdict)>> = vec![None; section.blocks.len()];
        let mut seen_all: Vec<Option<Seen>> = vec![None; section.blocks.len()];
        let mut rated: Option<Rated> = None;
        let mut rated_at = 0;
        let mut place_above = None;
        // Behind a line that is only a place stands what is said of it, up to the next one.
        let mut placed = false;
        let quoted = self.quoted_places(section);
        let held = |at: usize| quoted.binary_search(&at).is_ok();
        self.start_quoted(section, above, &quoted, &mut starts);
        for (at, block) in section.blocks.iter().enumerate() {
            let above_rated = rated.take();
            if held(at) || at.checked_sub(1).is_some_and(held) {
                continue;
            }
            if block.kind != Kind::Para {
                placed &= block.kind != Kind::Rule;
                continue;
            }
            let source = &self.text[block.range.clone()];
            if self.leads(section, at, placed, above) {
                starts[at] = self.led(&block.range, above);
                placed = starts[at].is_some();
                continue;
            }
            if placed {
                continue;
            }
            rated = fields::rated_alone(source);
            if rated.is_some() {
                (rated_at, place_above) = self.rated_from(section, at, &mut starts);
                continue;
            }
            // The place may stand between a severity and its text.
            if above_rated.is_some() && locate::only_lines(source).is_some() {
                rated = above_rated;
                continue;
            }
            if !worth(source, above) && above_rated.is_none()
                || prose::is_chat(source)
                || self.is_line_list(&block.range, above)
            {
                continue;
            }
            if above_rated.is_none() {
                self.asked.insert(block.range.start);
            }
            let begin = if above_rated.is_some() { rated_at } else { at };
            let mut seen = self.rated_para(&block.range, above, above_rated);
            // "**High** – `src/a.rs:3`" above what is wrong.
            let signs = seen.candidate.signs;
            let only = signs.has(Sign::PlaceOnly) && signs.has(Sign::RatedTitle) && signs.has(Sign::Bold);
            let told = section.blocks.get(at + 1).is_some_and(|next| next.kind == Kind::Para);
            seen.candidate.signs.set(Sign::Body, told && only);
            if let Some(place) = place_above.take().filter(|_| begin < at && seen.head.places.is_empty()) {
                seen.head.places = vec![place];
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

    /// Quotations that are a place: what stands below each is told of it.
    fn start_quoted(
        &self,
        section: &Section<'_>,
        above: &Above,
        quoted: &[usize],
        starts: &mut [Option<(Seen, Verdict)>],
    ) {
        for &at in quoted {
            let quote = &self.text[section.blocks[at].range.clone()];
            let mut seen = signs::para(self.text, self.marks, &section.blocks[at + 1].range, above);
            if seen.candidate.signs.any(&[Sign::Praise, Sign::SaysNone, Sign::InPraise]) {
                continue;
            }
            seen.head.places = locate::find(quote, locate::Trust::Prose);
            seen.head.lines = locate::lines_in_prose(quote);
            starts[at] = Some((seen, Verdict::Member));
        }
    }

    /// A paragraph that begins with its place, if it is a finding.
    fn led(&mut self, range: &Range<usize>, above: &Above) -> Option<(Seen, Verdict)> {
        // Behind a rule an overview has ended.
        let above = Above { mode: open(above.mode), ..above.clone() };
        let mut seen = signs::para(self.text, self.marks, range, &above);
        seen.candidate.signs.set(Sign::Body, true);
        let verdict = self.decide(range.start, &seen.candidate);
        matches!(verdict, Verdict::Finding | Verdict::Member).then_some((seen, verdict))
    }

    /// Where a finding begins whose severity stands alone: the place of what is rated may
    /// stand above it, and is then its place.
    fn rated_from(
        &self,
        section: &Section<'_>,
        at: usize,
        starts: &mut [Option<(Seen, Verdict)>],
    ) -> (usize, Option<locate::Found>) {
        let weak = |n: &usize| starts[*n].as_ref().is_none_or(|(_, verdict)| *verdict == Verdict::Likely);
        let above = at.checked_sub(1).filter(weak);
        let Some((n, place)) = above.and_then(|n| Some((n, self.place_alone(section, n)?))) else {
            return (at, None);
        };
        starts[n] = None;
        (n, Some(place))
    }

    /// A paragraph, rated by a severity that stands above it in a paragraph of its own.
    fn rated_para(&self, range: &Range<usize>, above: &Above, rated: Option<Rated>) -> Seen {
        let mut seen = signs::para(self.text, self.marks, range, above);
        let Some(rated) = rated else { return seen };
        seen.candidate.signs.set(Sign::RatedLine, true);
        if !seen.head.severity_stated() {
            seen.head.rated = Some(rated);
            seen.head.by_icon = false;
        }
        seen
    }

    /// The place that a paragraph consists of: `src/a.rs:3`, `src/a.rs` (3-9).
    fn place_alone(&self, section: &Section<'_>, at: usize) -> Option<locate::Found> {
        let block = section.blocks[at];
        let source = self.text[block.range.clone()].trim();
        let mut found = locate::find(source, locate::Trust::Prose);
        if block.kind != Kind::Para || found.len() != 1 || source.contains('\n') {
            return None;
        }
        let mut only = found.pop()?;
        let rest = source[only.end..].trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '*'));
        let lines = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        if only.place.line_start.is_none() {
            let (from, to) = *locate::bare_lines(lines?).first()?;
            (only.place.line_start, only.place.line_end) = (Some(from), Some(to));
        }
        let beside = source[..only.start].contains(char::is_alphanumeric);
        (!beside && !rest.contains(char::is_alphabetic)).then_some(only)
    }

    /// Places that are quoted, each with what is said of it in the paragraph below, where there
    /// are several.
    fn quoted_places(&self, section: &Section<'_>) -> Vec<usize> {
        let is_quoted = |at: usize| {
            let line = self.text[..section.blocks[at].range.start].rfind('\n').map_or(0, |end| end + 1);
            section.blocks[at].kind == Kind::Para
                && self.text[line..section.blocks[at].range.end].trim_start().starts_with('>')
        };
        let quoted = |at: &usize| {
            let source = &self.text[section.blocks[*at].range.clone()];
            let answered = section.blocks.get(at + 1).is_some_and(|next| {
                next.kind == Kind::Para
                    && !is_quoted(at + 1)
                    && !signs::has_line_place(&self.text[next.range.clone()])
            });
            is_quoted(*at) && source.lines().count() <= QUOTED && quotes_place(source) && answered
        };
        let all: Vec<usize> = (0..section.blocks.len()).filter(quoted).collect();
        if all.len() > 1 { all } else { Vec::new() }
    }

    /// Does a paragraph that is only a place lead to the one below it? The first of a section or
    /// behind a rule does, and then the others do; elsewhere it tells where the text above it is.
    pub(super) fn leads(&self, section: &Section<'_>, at: usize, before: bool, above: &Above) -> bool {
        let place = |n: usize| {
            let block = section.blocks.get(n).filter(|block| block.kind == Kind::Para);
            block.is_some_and(|block| crate::reading::places::is_place(self.text[block.range.clone()].trim()))
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
    pub(super) fn habit(
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
}

/// Does a quotation hold code and its place, and say nothing itself?
fn quotes_place(source: &str) -> bool {
    let spoken: String = source.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let found = locate::find(source, locate::Trust::Prose);
    let words = spoken.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    let lined = found.iter().any(|found| found.place.line_start.is_some())
        || !found.is_empty() && locate::lines_in_prose(source).is_some();
    lined && !source.contains("**") && words <= found.len() + BESIDE
}

/// So many words stand beside a place: "line", "L".
const BESIDE: usize = 2;

/// A quoted place is no longer, in lines.
const QUOTED: usize = 6;

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

/// What a section is for behind a rule.
fn open(mode: Mode) -> Mode {
    if matches!(mode, Mode::Quiet | Mode::Repeat) { Mode::Open } else { mode }
}
