//! The paragraphs that begin a finding.

use std::ops::Range;

use super::Walk;
use crate::locate;
use crate::reading::places;
use crate::rules::{Mode, Verdict};
use crate::severity::{self, Rated};
use crate::sign::Sign;
use crate::signs::legend::tells_scale;
use crate::signs::statement;
use crate::signs::{self, Above, Seen};
use crate::syntax::fields;
use crate::syntax::head::{self, Head};
use crate::syntax::lead;
use crate::syntax::outline::Section;
use crate::syntax::prose;
use crate::syntax::tree::Kind;
use crate::titles;
use crate::vocabulary::Label;

impl Walk<'_> {
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
            if !above.legend.is_empty() && tells_scale(source) {
                continue;
            }
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
            let (range, first_line) = match rated_first(self.text, &block.range) {
                Some((rest, rated)) => (rest, Some(rated)),
                None => (block.range.clone(), None),
            };
            let mut begin = if above_rated.is_some() { rated_at } else { at };
            let first_line_rates = first_line.is_some();
            let above_rated = first_line.or(above_rated);
            let begins = worth(source, above) || above_rated.is_some();
            if !begins
                || prose::is_chat(source)
                || self.is_line_list(&range, above)
                || first_line_rates && self.is_placed_list(&range, above)
            {
                continue;
            }
            if above_rated.is_none() {
                self.asked.insert(block.range.start);
            }
            let free = |n: &usize| begin == at && starts[*n].is_none() && !held(*n);
            let titled = at.checked_sub(1).filter(free);
            let mut seen = self.rated_para(section, at, &range, above, above_rated);
            if let Some(n) = titled.filter(|n| self.titles_fields(section, *n, source, &mut seen)) {
                begin = n;
            }
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

    /// Gives a block of fields the title above it, if there is one.
    fn titles_fields(&self, section: &Section<'_>, at: usize, source: &str, seen: &mut Seen) -> bool {
        let Some(head) = self.title_of_fields(section, at, source) else { return false };
        seen.head = Head { rated: seen.head.rated.take(), ..head };
        true
    }

    /// The title of a block of fields, a paragraph of its own above them: a line of a few words that
    /// ends as no sentence does. Where the fields tell what is wrong, it must be counted.
    fn title_of_fields(&self, section: &Section<'_>, at: usize, source: &str) -> Option<Head> {
        const LONGEST: usize = 160;
        let block = section.blocks.get(at).filter(|block| block.kind == Kind::Para)?;
        let line = self.text[block.range.clone()].trim();
        let first = source.lines().next().and_then(fields::first_in_line)?;
        let heads = matches!(first.label, Label::Severity | Label::Id | Label::Status | Label::Location);
        let may = heads && line.len() < LONGEST && !line.contains('\n');
        if !may || line.ends_with(['.', ':', '!', '?', '。', '：']) || fields::first_in_line(line).is_some()
        {
            return None;
        }
        let head = head::parse(line);
        let counted = head.id.is_some() || head.number.is_some();
        let told =
            || fields::read(source, 0).iter().any(|f| matches!(f.label, Label::Problem | Label::Title));
        let words = head.title.split_whitespace().count();
        let named = titles::section(line).is_some() || statement::names_findings(line);
        (head.title.contains(char::is_alphabetic) && (counted || words > 2 && !named && !told()))
            .then_some(head)
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

    /// A paragraph, rated by a severity that stands above it in a paragraph of its own; or by
    /// its own ("**High** – `src/a.rs:3`"), with what is wrong below it.
    fn rated_para(
        &self,
        section: &Section<'_>,
        at: usize,
        range: &Range<usize>,
        above: &Above,
        rated: Option<Rated>,
    ) -> Seen {
        let mut seen = signs::para(self.text, self.marks, range, above);
        self.place_again(range, &mut seen);
        if let Some(rated) = rated {
            seen.candidate.signs.set(Sign::RatedLine, true);
            if !seen.head.severity_stated() {
                seen.head.rated = Some(rated);
                seen.head.by_icon = false;
            }
        }
        let signs = seen.candidate.signs;
        let only = signs.has(Sign::PlaceOnly) && signs.has(Sign::RatedTitle) && signs.has(Sign::Bold);
        let told = section.blocks.get(at + 1).is_some_and(|next| next.kind == Kind::Para);
        seen.candidate.signs.set(Sign::Body, told && only);
        seen
    }

    /// "Same file, line 12: …" is told of the file that was named last.
    pub(super) fn place_again(&self, range: &Range<usize>, seen: &mut Seen) {
        let Some(found) = places::again(self.text, range) else { return };
        seen.candidate.signs.set(Sign::PlaceTitle, true);
        seen.candidate.signs.set(Sign::PlaceLine, found.place.line_start.is_some());
        seen.head.places = vec![found];
        let first = self.text[range.clone()].lines().next().unwrap_or_default();
        if let Some((_, said)) = first.split_once(": ").filter(|(front, _)| front.len() < places::AGAIN) {
            seen.head.title = lead::lead_of(said).head.title;
        }
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
}

/// A paragraph whose first line is a severity alone: what is told below it, and how bad that is.
pub(super) fn rated_first(text: &str, range: &Range<usize>) -> Option<(Range<usize>, Rated)> {
    let source = &text[range.clone()];
    let (first, rest) = source.split_once('\n').filter(|(_, rest)| !rest.trim().is_empty())?;
    // "[!TIP]" draws a frame around what is said to the reader.
    let rated = fields::rated_alone(first).filter(|_| !first.starts_with("[!"))?;
    let begin = range.start + first.len() + 1 + (rest.len() - rest.trim_start().len());
    // Further down stand fields: "Severity: high", "File: a.rs".
    let fielded =
        fields::first_in_line(first).is_some() || fields::first_in_line(&text[begin..range.end]).is_some();
    (!fielded).then_some((begin..range.end, rated))
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

/// May a paragraph begin a finding at all? Most prose shows by its first bytes that it does not.
pub(super) fn worth(source: &str, above: &Above) -> bool {
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
