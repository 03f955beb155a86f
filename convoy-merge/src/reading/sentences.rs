//! Findings that are told in sentences: letters, essays, chats, notes.

use std::ops::Range;

use super::unit::{Unit, unit_of};
use super::walk::{Walk, is_one};
use crate::locate::{self, Trust};
use crate::rules::Verdict;
use crate::severity;
use crate::sign::Sign;
use crate::signs::{self, Above, Seen, spoken_severity};
use crate::syntax::{fields, lead, prose};
use crate::vocabulary::Label;

/// A sentence of no more words only says how bad it is.
const JUDGEMENT: usize = 12;

/// A sentence of a paragraph.
struct Piece {
    local: Range<usize>,
    /// It is the first of what somebody says.
    first: bool,
    /// A finding may begin here.
    begins: bool,
}

impl Walk<'_> {
    /// A paragraph that is told in sentences: those that rate themselves one by one, blame a
    /// line, or tell how bad it is in a file may be findings.
    pub(super) fn sentences(&mut self, range: &Range<usize>, above: &Above) -> Vec<Unit> {
        let source = &self.text[range.clone()];
        let told = signs::says_something(source, self.marks, range)
            || locate::lines_in_prose(source).is_some()
            || names_file(source);
        let mut units: Vec<Unit> = Vec::new();
        if above.praise || !told && source.matches("**").count() < 4 {
            if !above.praise {
                self.judged(range, above);
            }
            self.text_left(range, above);
            return units;
        }
        let said = whole_sentences(source);
        let list = said.iter().filter(|(sentence, _)| rates(&source[sentence.clone()])).count() >= 2;
        let pieces: Vec<Piece> = said
            .into_iter()
            .map(|(local, first)| Piece {
                begins: self.begins(range.start, source, &local, list),
                local,
                first,
            })
            .collect();
        let mut kept = false;
        for n in (0..pieces.len()).filter(|n| pieces[*n].begins) {
            // What is said behind it belongs to it, up to the next one, or the next to speak.
            let stop = (n + 1..pieces.len()).find(|m| pieces[*m].begins || pieces[*m].first);
            let end = stop.map_or(source.len(), |m| pieces[m - 1].local.end);
            let title = title_of(source, &pieces, n, stop.unwrap_or(pieces.len()));
            let from = if title < n { pieces[title].local.start } else { pieces[n].local.start };
            let stretch = range.start + from..range.start + from + source[from..end].trim_end().len();
            let rated = list && rates(&source[pieces[n].local.clone()]);
            let mut seen = signs::sentence(self.text, self.marks, &stretch, above);
            if title != n {
                seen.head.title = lead::lead_of(source[pieces[title].local.clone()].trim()).head.title;
                seen.head.places = locate::find(&self.text[stretch.clone()], Trust::Prose);
                seen.candidate.signs.set(Sign::PlaceTitle, !seen.head.places.is_empty());
            }
            // What leads to a list names no line.
            let leads = source[from..end].trim_end().ends_with([':', '：']);
            if leads && !seen.candidate.signs.has(Sign::PlaceLine) {
                continue;
            }
            self.blame(&mut seen, &stretch, rated);
            let blames = seen.candidate.signs.any(&[Sign::Blames, Sign::RatedTold]);
            let verdict = self.decide(stretch.start, &seen.candidate);
            let unit = || unit_of(stretch.clone(), stretch.start, &seen, verdict, above);
            match verdict {
                Verdict::Finding | Verdict::Member if rated => units.push(unit()),
                verdict if blames && is_one(verdict) => {
                    let unit = unit();
                    self.found.likely.push(unit);
                    self.found.mentions.push(stretch);
                }
                _ => continue,
            }
            kept = true;
        }
        if !kept {
            self.text_left(range, above);
        }
        units
    }

    /// A paragraph that names no place, and says how bad it is what it tells.
    fn judged(&mut self, range: &Range<usize>, above: &Above) {
        let source = &self.text[range.clone()];
        // A field is read as one.
        if fields::read(source, 0).iter().any(|field| field.label == Label::Severity) {
            return;
        }
        let said = whole_sentences(source);
        let rating = said.iter().position(|(local, _)| tells_level(&source[local.clone()]));
        let Some(at) = rating else { return };
        // "That is a minor point" is said of the sentence before it.
        let alone = source[said[at].0.clone()].split_whitespace().count() <= JUDGEMENT;
        let title = if alone { at.checked_sub(1) } else { Some(at) };
        let Some(title) = title else { return };
        if signs::announces(&source[said[title].0.clone()]) {
            return;
        }
        let stretch = range.start + said[title].0.start..range.start + source.trim_end().len();
        let mut seen = signs::sentence(self.text, self.marks, &stretch, above);
        seen.candidate.signs.set(Sign::RatedTold, true);
        if let Some(told) = behind_rating(&source[said[title].0.clone()]) {
            seen.head.title = told;
        }
        let verdict = self.decide(stretch.start, &seen.candidate);
        if is_one(verdict) {
            let unit = unit_of(stretch.start..range.end, stretch.start, &seen, verdict, above);
            self.found.likely.push(unit);
            self.found.mentions.push(stretch);
        }
    }

    /// May a finding begin with this sentence?
    fn begins(&self, start: usize, source: &str, local: &Range<usize>, list: bool) -> bool {
        let said = &source[local.clone()];
        let spoken = !said.trim_start().starts_with(|c: char| c.is_ascii_digit());
        // "Line 40 of the same file waits", behind a file that was named.
        let lined = || {
            locate::lines_in_prose(said).is_some()
                && names_file(severity::cut_back(&self.text[..start + local.end], super::places::BEFORE))
        };
        let named = || names_file(said) && !signs::announces(said);
        spoken && (signs::has_line_place(said) || lined() || named()) || list && rates(said)
    }

    /// Sets whether a stretch says that something is wrong, and how bad it is.
    fn blame(&self, seen: &mut Seen, stretch: &Range<usize>, rated: bool) {
        let said = &self.text[stretch.clone()];
        seen.candidate.signs.set(Sign::RatedTold, tells_level(said));
        let mut blaming = seen.candidate;
        blaming.signs.set(Sign::Blames, true);
        if !(is_one(self.rules.decide(&blaming).1) || rated) {
            return;
        }
        // What names no line must blame in words that are known to.
        let blames = if seen.candidate.signs.has(Sign::PlaceLine) {
            signs::sentence_blames(said)
        } else {
            signs::sentence_faults(said)
        };
        seen.candidate.signs.set(Sign::Blames, blames);
    }
}

/// Does a text tell how bad it is, in a sentence or by a tag at its end?
pub(super) fn tells_level(said: &str) -> bool {
    spoken_severity::severity(said).is_some() || lead::rated_at_end(said).is_some()
}

/// "And a trifle, if you have time: the icons are one file": what is wrong stands behind the colon.
fn behind_rating(sentence: &str) -> Option<String> {
    let (front, rest) = sentence.split_once([':', '：'])?;
    let told = tells_level(front) && front.split_whitespace().count() <= JUDGEMENT;
    (told && rest.split_whitespace().count() >= 3).then(|| lead::lead_of(rest.trim()).head.title)
}

/// Does a sentence begin with a severity in bold?
fn rates(sentence: &str) -> bool {
    let bold = sentence.trim_start().strip_prefix("**");
    bold.and_then(|rest| rest.split_once("**")).is_some_and(|(tag, _)| severity::exact(tag).is_some())
}

/// Does a text name a file? The cheap question comes first.
fn names_file(text: &str) -> bool {
    let hint = text.as_bytes().windows(3).any(|w| {
        matches!(w[1], b'.' | b'/' | b'\\') && w[0].is_ascii_alphanumeric() && w[2].is_ascii_alphanumeric()
    });
    hint && !locate::find(text, Trust::Prose).is_empty()
}

/// The sentences of a paragraph; what stands behind a semicolon goes on with what is before
/// it, unless that names a place of its own.
fn whole_sentences(source: &str) -> Vec<(Range<usize>, bool)> {
    let mut out: Vec<(Range<usize>, bool)> = Vec::new();
    for (range, first) in prose::said(source) {
        match out.last_mut() {
            Some((last, _))
                if !first
                    && source[last.clone()].trim_end().ends_with([';', '；'])
                    && !names_file(&source[last.clone()]) =>
            {
                last.end = range.end;
            }
            _ => out.push((range, first)),
        }
    }
    out
}

/// Does a place in brackets stand behind a sentence: "It waits. (`a.rs:3`)"?
fn ends_with_place(said: &str) -> bool {
    let inside =
        said.trim_end().trim_end_matches('.').strip_suffix(')').and_then(|said| said.rsplit_once('('));
    inside.is_some_and(|(front, inside)| front.trim_end().ends_with(['.', '!', '?']) && names_file(inside))
}

/// Which sentence tells what is wrong: the one that names the place, or the one beside it if
/// that says no more ("The first sits in `a.rs`, line 3.", "Also in `a.rs`, and also high.").
fn title_of(source: &str, pieces: &[Piece], n: usize, stop: usize) -> usize {
    let said = &source[pieces[n].local.clone()];
    let speaks = |m: usize| source[pieces[m].local.clone()].split_whitespace().count() >= 3;
    if !signs::only_places(said) && !ends_with_place(said) {
        return n;
    }
    // All that was said since the last place is told of this one.
    let since = (0..=n).rev().find(|m| *m > 0 && pieces[*m - 1].begins || pieces[*m].first).unwrap_or(0);
    let tells = |m: &usize| speaks(*m) && !signs::announces(&source[pieces[*m].local.clone()]);
    let before = (since..n).find(tells);
    let after = Some(n + 1).filter(|m| *m < stop && speaks(*m));
    let rates = spoken_severity::severity(said).is_some();
    if rates { before.or(after) } else { after.or(before) }.unwrap_or(n)
}
