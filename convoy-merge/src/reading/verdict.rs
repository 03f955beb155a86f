//! Judges a report as a whole. *Clean* only if it says so and nothing is left over
//! that could be a finding; what disagrees or is left over makes it incomplete.

use std::ops::Range;

use super::counts;
use super::repeats;
use super::reviewer::kinds_in;
use super::walk::Found;
use super::{closing, document_title};
use crate::extract::Extraction;
use crate::formats;
use crate::model::{Member, Recognised};
use crate::severity;
use crate::signs::accounted::{self, Setting};
use crate::signs::marks::{Mark, Marks};
use crate::signs::statement::{self, Says};
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
}

/// A prose report longer than this is not clean for one sentence in it.
const SHORT: usize = 4000;
/// Left-over stretches that are told one by one.
const TOLD: usize = 5;
/// A longer title, in words, is no section's name but a statement.
const TITLE: usize = 6;

impl Document<'_> {
    fn is_code(&self, at: usize) -> bool {
        let next = self.code.partition_point(|range| range.start <= at);
        next > 0 && self.code[next - 1].end > at
    }

    /// Does a report without findings say that there are none?
    pub(crate) fn says_clean(&self) -> Clean {
        match closing::closing(self.text).total {
            Some(0) => return Clean::Stated,
            Some(_) => return Clean::No,
            None => {}
        }
        // An answer that answers nothing.
        let whole = self.text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if matches!(whole.as_str(), "n/a" | "na" | "no comment") {
            return Clean::No;
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
        let statement = statement::says_nothing(&statement::unquoted(severity::cut(self.text.trim(), 400)))
            || self.some_sentence(|says| says == Says::Nothing);
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
            let rated = severity::of_section(child.title).is_some();
            let own = text[child.body_start().min(child.own_end())..child.own_end()].trim();
            if class == Some(Class::Finding) || rated && !aside {
                let said = own.trim_matches(['-', ' ', '\n', '*', '_']);
                let range = child.body_start().min(child.own_end())..child.own_end();
                let said = if self.marks.any(Mark::Failure, &range) { "" } else { said };
                let first = severity::cut(said, 400);
                let none_said =
                    if rated { statement::says_none(first) } else { statement::says_nothing(first) };
                if none_said || said.len() < 400 && statement::says_clean(said) {
                    none += 1;
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
        if closing.documented {
            match closing.total {
                Some(total) if total == count => {}
                Some(total) => doubts.push(format!("it states {total} findings, {count} are there")),
                None => doubts.push("the closing **Total:** line is missing".to_string()),
            }
        } else if let Some(stated) = counts::stated(self.text, self.root, &out.members).filter(|n| *n > count)
        {
            doubts.push(format!("it states {stated} findings, {count} were recognised"));
        }
        doubts.extend(self.unread(&out.members));
        if count > 0 {
            doubts.extend(self.left(&found.left, &out.members));
            out.recognised = Recognised::Findings;
        } else if self.says_clean() == Clean::No {
            // Whatever it is, it says itself that it is not whole.
            out.recognised = Recognised::Unreadable;
            doubts = self.unread(&out.members).into_iter().collect();
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

    /// Does it say that the reviewer did not read all, or that the run failed?
    fn unread(&self, members: &[Member]) -> Option<String> {
        let inside = |at: usize| holds(members, at) || self.is_code(at);
        // "Not read: none"
        let none = |hit: &Range<usize>| {
            let rest = self.text[hit.end..].lines().next().unwrap_or_default();
            self.text[hit.clone()].ends_with(':')
                && rest.len() < 40
                && statement::says_none(rest.trim_matches([':', '|', '*', ' ']))
        };
        let kinds: &[Mark] =
            if members.is_empty() { &[Mark::Partial, Mark::Failure] } else { &[Mark::Partial] };
        let hit =
            kinds.iter().flat_map(|kind| self.marks.all(*kind)).find(|hit| !inside(hit.start) && !none(hit));
        let part = || {
            let mut at = 0;
            self.text.split_inclusive('\n').find_map(|line| {
                let start = at;
                at += line.len();
                (line.len() < 2000
                    && line.contains(|c: char| c.is_ascii_digit())
                    && statement::read_a_part(line)
                    && !inside(start))
                .then_some(start..start + line.len())
            })
        };
        let range = hit.cloned().or_else(part).or_else(|| self.cut_off()).or_else(|| self.cut_or_failed())?;
        Some(format!("it says that not all was read ({})", self.place(&range)))
    }

    /// A line that says nothing but that the text was cut, or that a reviewer failed.
    fn cut_or_failed(&self) -> Option<Range<usize>> {
        let mut at = 0;
        self.text.split_inclusive('\n').find_map(|line| {
            let start = at;
            at += line.len();
            let told = line.len() < 300 && (is_cut(line) || is_failed_reviewer(line));
            (told && !self.is_code(start)).then_some(start..start + line.len())
        })
    }

    /// A last sentence that goes on: "…, but".
    fn cut_off(&self) -> Option<Range<usize>> {
        let whole = self.text.trim_end();
        let word = whole.rsplit(char::is_whitespace).next()?;
        let open = whole.ends_with([',', '…'])
            || whole.ends_with("...")
            || ["but", "and", "because", "which", "the", "aber", "und", "pero", "mas", "mais"]
                .contains(&word);
        (open && whole.len() > word.len()).then(|| whole.len() - word.len()..whole.len())
    }

    /// What is left over and repeats no finding.
    fn left(&self, left: &[Range<usize>], members: &[Member]) -> Option<String> {
        let told = repeats::Told::of(members);
        let mut open: Vec<&Range<usize>> = left
            .iter()
            .filter(|range| {
                !self.is_code(range.start)
                    && !holds(members, range.start)
                    && !told.holds(&self.text[(*range).clone()])
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

    fn fault(&self, section: &Section<'_>, above: Setting) -> Option<Range<usize>> {
        let mut lead = false;
        for block in &section.blocks {
            let source = &self.text[block.range.clone()];
            // Comments are looked at by themselves.
            let shown = if block.kind == Kind::Html { without_tags(source) } else { String::new() };
            if block.kind == Kind::Html {
                let told = statement::sentences(&shown).any(|range| faulty(&shown[range], false, above));
                if told && !self.is_code(block.range.start) {
                    return Some(block.range.clone());
                }
                continue;
            }
            let setting = Setting { sought: above.sought || lead, ..above };
            lead = false;
            match block.kind {
                Kind::Code if quoted_remark(source) => return Some(block.range.clone()),
                Kind::Code | Kind::Rule => continue,
                Kind::Table(ref rows) => {
                    if let Some(row) = unanswered(self.text, rows) {
                        return Some(row);
                    }
                }
                Kind::Para => {
                    let said = source.trim_end().trim_end_matches(['*', '_']);
                    lead = said.ends_with([':', '：']) && accounted::leads_list(&said.to_lowercase());
                }
                _ => {}
            }
            let mut first_row = true;
            for range in statement::sentences(source) {
                let sentence = &source[range.clone()];
                let at = block.range.start + range.start;
                // The documented line of what was left out, with its reasons, is no fault.
                let scope = sentence.trim_start().starts_with("**Not reviewed:**");
                let header = std::mem::take(&mut first_row) && matches!(block.kind, Kind::Table(_));
                if !scope
                    && !header
                    && !self.is_code(at)
                    && faulty(sentence, block.kind == Kind::Quote, setting)
                {
                    return Some(at..block.range.start + range.end);
                }
            }
        }
        section.children.iter().find_map(|child| {
            let class = titles::section(child.title);
            let title = severity::plain(child.title).to_lowercase();
            let praises = class == Some(Class::Positive) && title.split_whitespace().count() <= TITLE;
            // "Lost exports: none detected" among notes: what stands below tells why.
            let told_none =
                above.listed && title.contains(':') && accounted::accounts(&title, Setting::default());
            let inner = Setting {
                settled: told_none || above.settled,
                praise: told_none || above.praise || praises && !statement::says_none(&title),
                listed: above.listed || matches!(class, Some(Class::Context | Class::Positive)),
                sought: above.sought || accounted::leads_list(&title),
                described: above.described || matches!(class, Some(Class::Context | Class::Repeat)),
            };
            let document = child.range.start == self.root.range.start || child.level <= 1;
            let listed = class.is_some() && title.split_whitespace().count() <= TITLE;
            let empty = self.text[child.heading.end..child.range.end].trim().is_empty();
            // A reviewer or a subject of whom nothing is told.
            let unanswered = empty && (class == Some(Class::Subject) || accounted::names_reviewer(&title));
            let told = listed && !unanswered && accounted::names(&title, true)
                || severity::of_section(child.title).is_some()
                || accounted::names(&title, document)
                    && !unanswered
                    && (!empty || accounted::accounts(&title, Setting::default()));
            // What follows a summary in the same line.
            let behind = self.text[child.heading.clone()]
                .split_once("</summary>")
                .map(|(_, behind)| without_tags(behind));
            let told = told
                && behind.is_none_or(|said| {
                    statement::sentences(&said).all(|range| !faulty(&said[range], false, inner))
                });
            let heading = (!told).then(|| child.heading.clone());
            heading.or_else(|| self.fault(child, inner))
        })
    }

    /// A verdict that asks for changes, on a line or below its heading.
    fn refusal(&self) -> Option<Range<usize>> {
        let mut at = 0;
        let mut heading = "";
        self.text.split_inclusive('\n').find_map(|line| {
            let start = at;
            at += line.len();
            let below = format!("{heading}: {line}");
            // "Findings: none. Decision: rejected."
            let said = statement::refuses(line)
                || statement::sentences(line).any(|range| statement::refuses(&line[range]))
                || !heading.is_empty() && statement::refuses(&below);
            if line.starts_with('#') {
                heading = line.trim();
            } else if !line.trim().is_empty() {
                heading = "";
            }
            (said && !self.is_code(start)).then_some(start..start + line.len())
        })
    }

    /// A comment of HTML that is neither a mark of the bot that wrote it nor understood.
    fn remark(&self) -> Option<Range<usize>> {
        let mut from = 0;
        while let Some(open) = self.text[from..].find("<!--").map(|at| from + at) {
            let inside = &self.text[open + 4..];
            let close = inside.find("-->").unwrap_or(inside.len());
            let comment = inside[..close].trim();
            from = open + 4 + close;
            let lower = comment.to_lowercase();
            let mark = !comment.contains(char::is_whitespace) || lower.contains("generated");
            if !mark && !self.is_code(open) && statement::says(comment) == Says::Fault {
                return Some(open..from);
            }
        }
        None
    }

    /// `line 4, bytes 120–180`, for people.
    fn place(&self, range: &Range<usize>) -> String {
        let line = self.text[..range.start].matches('\n').count() + 1;
        format!("line {line}, bytes {}–{}", range.start, range.end)
    }
}

/// Does a finding hold a byte? They are in order and apart.
fn holds(members: &[Member], at: usize) -> bool {
    let next = members.partition_point(|m| m.byte_range[0] <= at);
    next > 0 && at < members[next - 1].byte_range[1]
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
        column.is_some_and(|column| {
            !body.is_empty() && body.iter().all(|row| row.cells.get(column).is_some_and(none))
        })
    });
    here || section.children.iter().any(|child| tables_say_none(text, child))
}

/// `[output truncated: maximum length reached]`, `(… abgeschnitten)`
fn is_cut(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '`']);
    let bracketed = line.starts_with(['[', '(', '<', '{', '…']) || line.starts_with("...");
    let lower = line.to_lowercase();
    bracketed
        && line.split_whitespace().count() <= NOTICE
        && DENIALS.cut.iter().any(|stem| lower.contains(stem))
}

/// So many words, at most, a notice of that kind has.
const NOTICE: usize = 10;

/// `- logic-agent: **failed** (exit code 137)`, `| Performance reviewer | timed out |`
fn is_failed_reviewer(line: &str) -> bool {
    let plain = severity::plain(line).to_lowercase();
    let open = plain.trim();
    if !open.starts_with(['-', '*', '+', '|', '•', '✗', '❌', '⚠']) {
        return false;
    }
    let bare = open.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((label, value)) =
        [": ", " | ", " — ", " – ", "："].iter().find_map(|mark| bare.split_once(mark))
    else {
        return false;
    };
    let spaced = label.replace(['-', '_', '/'], " ");
    let value = value.trim_start_matches(|c: char| !c.is_alphanumeric());
    let first = value.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    spaced.split_whitespace().count() <= TITLE
        && accounted::names_reviewer(&spaced)
        && (DENIALS.broken.contains(first)
            || DENIALS.broken.iter().any(|word| !word.is_ascii() && value.starts_with(word)))
}

/// The row of a reviewer who answered nothing, or that counts some findings.
fn unanswered(text: &str, rows: &[Row]) -> Option<Range<usize>> {
    let (header, body) = rows.split_first()?;
    let first = header.cells.first()?;
    let plain = |cell: &Range<usize>| severity::plain(&text[cell.clone()]).trim().to_lowercase();
    // "Notes | 2": so many of something that is found.
    let counts = |at: usize, row: &Row| {
        row.cells.get(at).is_some_and(|cell| plain(cell).parse::<u64>().is_ok_and(|number| number > 0))
    };
    let found = |cell: &Range<usize>| {
        statement::names_findings(&plain(cell)) || severity::exact(&plain(cell)).is_some()
    };
    let some = (1..header.cells.len())
        .filter(|at| found(&header.cells[*at]))
        .find_map(|at| body.iter().find(|row| counts(at, row)));
    if let Some(row) = some {
        return Some(row.range.clone());
    }
    let answers = |cell: &Range<usize>| {
        let said = plain(cell);
        said != "n/a"
            && said.contains(|c: char| {
                c.is_alphanumeric() || !c.is_ascii_punctuation() && !matches!(c, '–' | '—' | '…')
            })
    };
    let silent = |row: &&Row| row.cells.len() > 1 && !row.cells[1..].iter().any(answers);
    accounted::names_reviewer(&plain(first)).then(|| body.iter().find(silent))?.map(|row| row.range.clone())
}

fn faulty(sentence: &str, quoted: bool, setting: Setting) -> bool {
    let bare = without_tags(sentence);
    let plain = severity::plain(&bare);
    if quoted && plain.trim_end().ends_with('?') {
        return false;
    }
    let is_row = bare.trim_start().starts_with('|');
    if statement::read_a_part(&plain) {
        return true;
    }
    if is_row {
        let cells: Vec<&str> = plain.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let harmless = |cell: &&str| {
            cell.chars().all(|c| c == '0' || c == '-' || c == ':')
                || statement::says_in(cell, setting) != Says::Fault
        };
        let values = if cells.len() > 1 { &cells[1..] } else { &cells[..] };
        return !values.iter().all(harmless);
    }
    statement::says_in(&bare, setting) == Says::Fault
}

/// The fewest words of a comment or line that says something.
const REMARK: usize = 3;

/// Does a fence say more than the code it quotes: does it propose a change, or hold a line
/// of prose or a comment that is not understood?
fn quoted_remark(fence: &str) -> bool {
    let fenced = fence.trim_start().starts_with(['`', '~']);
    let (info, inner) = if fenced { fence.split_once('\n').unwrap_or((fence, "")) } else { ("", fence) };
    let info = info.trim_matches(['`', '~', ' ', '\r']).split_whitespace().next().unwrap_or_default();
    let info = info.to_lowercase();
    if matches!(info.as_str(), "suggestion" | "diff" | "patch")
        || ["TODO", "FIXME", "BUG:", "XXX", "HACK"].iter().any(|mark| fence.contains(mark))
    {
        return true;
    }
    // Data is asked by itself whether it says that there is nothing.
    if formats::json::is_data(inner.trim_end().trim_end_matches(['`', '~']).trim()) {
        return false;
    }
    let lower = inner.to_lowercase();
    let data = matches!(info.as_str(), "xml" | "yaml" | "yml" | "csv" | "tsv" | "toml");
    if data
        && ["error", "warning", "severity", "finding", "issue", "failure"]
            .iter()
            .any(|key| lower.contains(key))
    {
        return true;
    }
    let told = matches!(
        info.as_str(),
        "" | "text"
            | "txt"
            | "plain"
            | "plaintext"
            | "md"
            | "markdown"
            | "log"
            | "console"
            | "output"
            | "terminal"
    );
    inner.lines().map(str::trim).filter(|line| !line.starts_with(['`', '~'])).any(|line| {
        let said = comment_in(line).or_else(|| Some(line).filter(|line| told && is_spoken(line)));
        said.is_some_and(|said| {
            let words = said.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
            let counts = words > 0 && told && said.contains(|c: char| c.is_ascii_digit());
            (words >= REMARK || counts || statement::is_wide(said)) && faulty(said, false, Setting::default())
        })
    })
}

/// What a line of code says in a comment.
fn comment_in(line: &str) -> Option<&str> {
    let opens = ["//", "# ", "-- ", "/*", "<!--", "%% ", ";; ", "; ", "* "];
    let begins = opens.iter().find_map(|mark| line.strip_prefix(mark));
    let behind = || {
        [" // ", " # ", " -- ", " /* ", " <!-- "]
            .iter()
            .find_map(|mark| line.split_once(mark))
            .map(|(_, said)| said)
    };
    let said = begins.or_else(behind)?;
    Some(said.trim_matches(['/', '*', '-', '>', ' ', '!']))
}

/// Is a line of what a program printed or a person wrote, and no command and no code?
fn is_spoken(line: &str) -> bool {
    let command = line.starts_with(['$', '>', '%']) || line.contains(" --");
    let code = line.contains(['{', '}', '=', '<', '\\']) || line.contains("()") || line.ends_with([';', ',']);
    !command && !code
}

/// A text without the tags and comments of HTML.
fn without_tags(text: &str) -> String {
    if !text.contains('<') {
        return text.to_string();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let closes = if tag.starts_with("!--") { "-->" } else { ">" };
        match tag.split_once(closes) {
            Some((inside, after)) if !inside.starts_with(char::is_whitespace) => {
                out.push(' ');
                rest = after;
            }
            _ => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    out
}
