//! Judges a report as a whole. *Clean* only if it says so and nothing is left over
//! that could be a finding; what disagrees or is left over makes it incomplete.

use std::cell::OnceCell;
use std::ops::Range;

use findings::Severity;

use super::counts;
use super::repeats;
use super::reviewer::kinds_in;
use super::walk::Found;
use super::{closing, document_title};
use crate::formats;
use crate::model::Extraction;
use crate::model::{Member, Recognised};
use crate::severity;
use crate::signs::accounted::{self, Setting};
use crate::signs::has_line_place;
use crate::signs::marks::{Mark, Marks};
use crate::signs::statement::{self, PARTS, Says};
use crate::syntax::outline::Section;
use crate::syntax::tree::{Kind, Row};
use crate::titles;
use crate::vocabulary::{Class, DENIALS};

/// How a report without findings says that there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clean {
    No,
    /// Somewhere in its prose.
    InProse,
    /// In the place where findings would stand, or by its stated total.
    Stated,
}

/// A report and what was read of it on the way.
pub(crate) struct Document<'a> {
    pub(crate) text: &'a str,
    pub(crate) marks: &'a Marks,
    pub(crate) root: &'a Section<'a>,
    /// Fences: quoted, not said.
    pub(crate) code: Vec<Range<usize>>,
    clean: OnceCell<Clean>,
}

/// A prose report longer than this is not clean for one sentence in it.
pub(super) const SHORT: usize = 4000;
/// Left-over stretches that are told one by one.
const TOLD: usize = 5;
/// A longer title, in words, is no section's name but a statement.
pub(super) const TITLE: usize = 6;

impl<'a> Document<'a> {
    pub(crate) fn new(
        text: &'a str,
        marks: &'a Marks,
        root: &'a Section<'a>,
        code: Vec<Range<usize>>,
    ) -> Self {
        Document { text, marks, root, code, clean: OnceCell::new() }
    }

    pub(super) fn is_code(&self, at: usize) -> bool {
        let next = self.code.partition_point(|range| range.start <= at);
        next > 0 && self.code[next - 1].end > at
    }

    /// Does a report without findings say that there are none? The answer is dear, and kept.
    pub(crate) fn says_clean(&self) -> Clean {
        *self.clean.get_or_init(|| self.clean())
    }

    fn clean(&self) -> Clean {
        match closing::closing(self.text).total {
            Some(0) => return Clean::Stated,
            Some(_) => return Clean::No,
            None => {}
        }
        let whole = bare(self.text);
        if answers_nothing(&whole) {
            return Clean::No;
        }
        if whole == "clean" {
            return Clean::Stated;
        }
        let (none, open) = self.finding_sections(self.root, 0);
        // Counts that speak of findings nobody could read are no clean report.
        match statement::counts_are_zero(self.text) {
            Some(false) => return Clean::No,
            Some(true) => return Clean::Stated,
            None => {}
        }
        if open > 0 {
            return Clean::No;
        }
        if none > 0 || open == 0 && tables_say_none(self.text, self.root) {
            return Clean::Stated;
        }
        let title = document_title(self.text, self.root);
        let part = || {
            let first = self.sentences().next();
            first.is_some_and(|range| statement::says(&self.text[range]) == Says::NothingInPart)
        };
        let statement = statement::says_nothing(&statement::unquoted(severity::cut(self.text.trim(), 400)))
            && !part()
            || self.some_sentence(|says| says == Says::Nothing)
            || self.parts_without_findings() >= PARTS;
        let review = self.text.len() < SHORT
            || title.is_some_and(|t| t.to_lowercase().contains("review") || !kinds_in(&t).is_empty());
        if statement && review { Clean::InProse } else { Clean::No }
    }

    /// Sections of findings: how many say "none", how many say something.
    fn finding_sections(&self, section: &Section<'_>, depth: usize) -> (usize, usize) {
        let text = self.text;
        let (mut none, mut open) = (0, 0);
        for child in &section.children {
            let class = titles::section(child.title);
            let aside = matches!(class, Some(Class::Positive | Class::Repeat | Class::Context));
            let level = severity::of_section(child.title);
            let rated = level.is_some();
            // "Critical: none" says nothing of what is less.
            let severe = level.is_some_and(|(level, _)| level > Severity::Medium);
            let own = text[child.body_start().min(child.own_end())..child.own_end()].trim();
            if class == Some(Class::Finding) || rated && !aside {
                let said = own.trim_matches(['-', ' ', '\n', '*', '_']);
                let range = child.body_start().min(child.own_end())..child.own_end();
                let said = if self.marks.any(Mark::Failure, &range) { "" } else { said };
                let first = severity::cut(said, 400);
                let none_said =
                    if rated { statement::says_none(first) } else { statement::says_nothing(first) };
                if answers_nothing(&bare(said)) {
                    // Neither this nor that.
                } else if none_said || said.len() < 400 && statement::says_clean(said) {
                    none += usize::from(!severe);
                } else if said.len() > 40
                    && child.level > 1
                    && statement::sentences(said).any(|r| statement::says(&said[r]) == Says::Fault)
                {
                    open += 1;
                }
            }
            if depth < 8 && !aside {
                let (more_none, more_open) = self.finding_sections(child, depth + 1);
                none += more_none;
                open += more_open;
            }
        }
        (none, open)
    }

    /// Does a sentence that could say something of findings say this?
    fn some_sentence(&self, wanted: impl Fn(Says) -> bool) -> bool {
        let mut asked = 0;
        [Mark::Noun, Mark::Clean].iter().flat_map(|mark| self.marks.all(*mark)).any(|hit| {
            asked += 1;
            !self.is_code(hit.start)
                && asked < 2000
                && wanted(statement::says(&self.text[self.sentence(hit.start)]))
        }) || self.text.len() < SHORT
            && self.sentences().any(|range| wanted(statement::says(&self.text[range])))
    }

    /// Where it first says that somebody read a part, if it tells of one or two and nowhere of the whole.
    pub(super) fn part_read(&self) -> Option<Range<usize>> {
        if self.text.len() >= SHORT || self.says_clean() == Clean::No {
            return None;
        }
        statement::part_read(self.text, self.sentences())
    }

    /// Of how many parts is said that nothing was found in them: "Spelling: no findings"?
    fn parts_without_findings(&self) -> usize {
        if self.text.len() >= SHORT {
            return 0;
        }
        let in_part = |text: &str| statement::says(text) == Says::NothingInPart;
        // The lines of a paragraph are one sentence without full stops.
        let lines = |text: &str| text.lines().filter(|line| in_part(line)).count().max(1);
        self.sentences().map(|range| &self.text[range]).filter(|said| in_part(said)).map(lines).sum()
    }

    /// The sentences of all that is said outside of fences, and not in a quotation.
    fn sentences(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        statement::sentences(self.text).filter(|range| {
            !self.is_code(range.start) && !self.text[range.clone()].trim_start().starts_with('>')
        })
    }

    /// The sentence around a byte, at most so long on each side.
    fn sentence(&self, at: usize) -> Range<usize> {
        let near = (at.saturating_sub(1000)..=at).find(|n| self.text.is_char_boundary(*n)).unwrap_or(at);
        let from = self.text[near..at].rfind("\n\n").map_or(near, |n| near + n + 2);
        let part = severity::cut(&self.text[from..], 2000);
        statement::sentences(part)
            .map(|range| from + range.start..from + range.end)
            .find(|range| range.contains(&at))
            .unwrap_or(at..at)
    }

    /// Sets what the document is and whether it is whole, and says why.
    pub(crate) fn judge(&self, found: &Found, out: &mut Extraction) {
        let count = out.members.len();
        let mut doubts: Vec<String> = Vec::new();
        let closing = closing::closing(self.text);
        if let Some(files) = closing.not_reviewed.filter(|_| closing.documented) {
            out.notes.push(format!("not reviewed: {files}"));
        }
        if closing.documented {
            match closing.total {
                Some(total) if total == count => {}
                Some(total) => doubts.push(format!("it states {total} findings, {count} are there")),
                None => doubts.push("the closing **Total:** line is missing".to_string()),
            }
        } else if let Some(stated) = counts::stated(self.text, self.root, &out.members).filter(|n| *n > count)
        {
            doubts.push(format!("it states {stated} findings, {count} were recognised"));
        } else if out.members.iter().any(|m| !m.withdrawn && m.status.is_none_or(|s| !s.is_settled()))
            && let Some(range) = counts::denied(self.text, self.root, &out.members)
        {
            doubts.push(format!(
                "it says that there are none, {count} were recognised ({})",
                self.place(&range)
            ));
        }
        let unread = self.unread(&out.members);
        doubts.extend(unread.clone());
        if count > 0 {
            doubts.extend(self.left(&found.left, &out.members));
            out.recognised = Recognised::Findings;
        } else if self.says_clean() == Clean::No {
            // Whatever it is, it says itself that it is not whole.
            out.recognised = Recognised::Unreadable;
            doubts = unread.into_iter().collect();
            // It says so somewhere, beside what is not understood.
            if doubts.is_empty() && self.some_sentence(|says| says == Says::Nothing) {
                doubts.extend(self.contradiction());
            }
        } else {
            let told_well =
                |range: &&Range<usize>| statement::says(&self.text[(*range).clone()]) != Says::Fault;
            let mentions = found.mentions.iter().filter(|range| !told_well(range));
            let left: Vec<Range<usize>> = found.left.iter().chain(mentions).cloned().collect();
            doubts.extend(self.left(&left, &out.members));
            doubts.extend(self.contradiction());
            doubts.extend(self.data_unclean());
            out.recognised = if doubts.is_empty() { Recognised::Clean } else { Recognised::Unreadable };
        }
        out.complete = doubts.is_empty();
        out.notes.extend(doubts.into_iter().map(|doubt| format!("incomplete: {doubt}")));
    }

    /// What is left over and repeats no finding.
    fn left(&self, left: &[Range<usize>], members: &[Member]) -> Option<String> {
        let told = repeats::Told::of(members);
        let mut open: Vec<&Range<usize>> = left
            .iter()
            .filter(|range| {
                !self.is_code(range.start)
                    && !counts::holds(members, range.start)
                    && !told.holds(&self.text[(*range).clone()])
                    && (members.is_empty() || !demands_of_all(&self.text[(*range).clone()]))
            })
            .collect();
        if open.is_empty() {
            return None;
        }
        open.sort_by_key(|range| (range.start, range.end));
        open.dedup();
        let places: Vec<String> = open.iter().take(TOLD).map(|range| self.place(range)).collect();
        let more = if open.len() > TOLD { ", …" } else { "" };
        Some(format!(
            "{} could be findings and could not be read as such: {}{more}",
            open.len(),
            places.join(", ")
        ))
    }

    /// The first sentence that speaks against "nothing was found", or is not understood.
    fn contradiction(&self) -> Option<String> {
        let range =
            self.fault(self.root, Setting::default()).or_else(|| self.refusal()).or_else(|| self.remark())?;
        Some(format!("it says that nothing was found, and more ({})", self.place(&range)))
    }

    /// Data in a fence beside "nothing was found" that does not say so itself.
    fn data_unclean(&self) -> Option<String> {
        let range = self.code.iter().find(|range| {
            let fence = &self.text[(*range).clone()];
            let inner = fence.split_once('\n').map_or("", |(_, inner)| inner);
            formats::json::doubtful(inner.trim_end().trim_end_matches(['`', '~']).trim())
        })?;
        Some(format!("data beside it does not say that nothing was found ({})", self.place(range)))
    }

    /// `line 4, bytes 120–180`, for people.
    pub(super) fn place(&self, range: &Range<usize>) -> String {
        let line = self.text[..range.start].matches('\n').count() + 1;
        format!("line {line}, bytes {}–{}", range.start, range.end)
    }
}

/// A text without what stands around its words, in lower case.
fn bare(text: &str) -> String {
    text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// An answer that answers nothing.
fn answers_nothing(bare: &str) -> bool {
    matches!(bare, "n/a" | "na" | "no comment")
}

/// Do all sentences of a text that demand something demand it of what the report lists: "both
/// must be fixed before it lands"? None names a line.
fn demands_of_all(text: &str) -> bool {
    const ALL: [&str; 13] = [
        "these", "those", "they", "both", "all", "which", "issues", "findings", "points", "problems", "bugs",
        "comments", "items",
    ];
    const MUST: [&str; 6] = ["should", "must", "need", "have", "ought", "are"];
    let said: Vec<String> = statement::sentences(text).map(|range| text[range].to_lowercase()).collect();
    let mut demanding = said.iter().filter(|sentence| DENIALS.demands.any(sentence)).peekable();
    demanding.peek().is_some()
        && !has_line_place(text)
        && demanding.all(|sentence| {
            let words: Vec<&str> =
                sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
            words.windows(2).any(|pair| ALL.contains(&pair[0]) && MUST.contains(&pair[1]))
        })
}

/// Does a sentence or row say that something is wrong, or something that is not understood?
/// Has a column of findings nothing in it but "none" and zeros?
fn tables_say_none(text: &str, section: &Section<'_>) -> bool {
    let none = |cell: &Range<usize>| {
        let cell = severity::plain(&text[cell.clone()]).trim().to_lowercase();
        !cell.is_empty() && cell != "-" && statement::says_none(&cell)
    };
    let here = section.blocks.iter().any(|block| {
        let Kind::Table(rows) = &block.kind else { return false };
        let Some((header, body)) = rows.split_first() else { return false };
        let column =
            header.cells.iter().position(|cell| titles::section(&text[cell.clone()]) == Some(Class::Finding));
        // "API | none": a row or two of parts say nothing of the whole; files are what was changed.
        let name = |row: &Row| {
            row.cells
                .first()
                .map_or(String::new(), |cell| severity::plain(&text[cell.clone()]).to_lowercase())
        };
        let of_parts = !accounted::names_reviewer(&name(header));
        column.is_some_and(|column| {
            let several = column == 0
                || !of_parts
                || body.len() >= PARTS
                || body.iter().any(|row| !statement::names_a_part(&name(row)));
            several && !body.is_empty() && body.iter().all(|row| row.cells.get(column).is_some_and(none))
        })
    });
    here || section.children.iter().any(|child| tables_say_none(text, child))
}
