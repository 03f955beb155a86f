//! One cause in the report for people: what is wrong and why, the code, the fix, all
//! places, and how it is dismissed.

use std::collections::HashMap;

use super::cause::{Cause, without_code};
use super::code::Code;
use super::facts::facts;
use super::lines::{LONGEST, joined, of_block};
use crate::contain::{block, line, place, short};
use crate::model::{Finding, Location, Member};
use findings::second_look::{Conclusion, Look, Origin};

/// A title is told whole in a heading up to this length.
const TITLE: usize = 140;
/// So many places of one cause are told; the JSON has all.
const PLACES: usize = 300;
/// A shorter line may stand twice.
const SENTENCE: usize = 25;

/// What was said already in the report, and of which finding.
#[derive(Debug, Default)]
pub(super) struct Said(HashMap<String, String>);

/// A cause as it is told, with the code of one width or another.
#[derive(Debug)]
pub(super) struct Told {
    before: Vec<String>,
    /// So many lines of these are heading and facts.
    facts: usize,
    code: Code,
    after: Vec<String>,
    /// How many findings it is.
    pub(super) findings: usize,
}

impl Told {
    /// Its lines in this shape.
    pub(super) fn lines(&self, shape: Shape) -> Vec<String> {
        let (before, after) = if shape.airy {
            (self.before.clone(), self.after.clone())
        } else {
            (together(&self.before, self.facts), together(&self.after, 0))
        };
        let mut out = [before, self.code.lines(shape.code), after].concat();
        keep_fields_apart(&mut out);
        if shape.airy {
            out.push(String::new());
        }
        out
    }
}

/// How much room a cause takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Lines of code of the project, at most.
    pub(super) code: usize,
    /// A blank line stands behind it.
    pub(super) airy: bool,
}

/// Fields that fit on one line on one line, but for the first so many lines.
fn together(lines: &[String], but: usize) -> Vec<String> {
    let is_field = |line: &str| {
        line.starts_with("**")
            && !["**Also:**", "**Places:**", "**As reported"].iter().any(|own| line.starts_with(own))
    };
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        match out.last_mut().filter(|last| n > but && is_field(last) && is_field(line)) {
            Some(last) if last.trim_end().chars().count() + line.chars().count() < LONGEST => {
                *last = format!("{} {line}", last.trim_end());
            }
            _ => out.push(line.clone()),
        }
    }
    out
}

/// A field has a line of its own when it is shown: whatever stands before it ends its.
fn keep_fields_apart(lines: &mut [String]) {
    let mut fence = 0;
    for n in 1..lines.len() {
        let (before, line) = (&lines[n - 1], &lines[n]);
        let mark = before.len() - before.trim_start_matches('`').len();
        let is_mark = mark >= 3;
        if is_mark && fence == 0 {
            fence = mark;
        } else if is_mark && mark >= fence {
            fence = 0;
        }
        let is_prose = fence == 0 && !is_mark && !before.is_empty() && !before.starts_with("###");
        if is_prose && line.starts_with("**") && !before.ends_with("  ") && !before.ends_with('·') {
            lines[n - 1].push_str("  ");
        }
    }
}

/// Tells a cause under a heading of this number.
pub(super) fn tell(cause: &Cause<'_>, number: usize, said: &mut Said) -> Told {
    let finding = cause.main();
    let mut before = vec![heading(cause, number)];
    before.extend(facts(cause));
    let facts = before.len();
    if finding.title.chars().count() > TITLE {
        before.extend(of_block(&format!("**Title:** {}  ", line(&finding.title))));
    }
    let code = Code::of(finding);
    if let Some(requirement) = &finding.facts.requirement {
        before.extend(of_block(&format!("**Requirement:** {}  ", line(&requirement.shown()))));
    }
    let (main, others) = words(finding, said);
    before.extend(main);
    let mut after = others;
    after.extend(finding.second_look.iter().flat_map(|look| &look.looks).flat_map(looked));
    after.extend(remarks(cause));
    after.extend(places(cause));
    Told { before, facts, code, after, findings: cause.findings().len() }
}

/// The heading of a cause; the summary links to it.
pub(super) fn heading(cause: &Cause<'_>, number: usize) -> String {
    let finding = cause.main();
    let main = finding.locations.first().map_or_else(|| "project".to_string(), place);
    let many = match cause.findings().len() {
        1 => String::new(),
        n => format!(" ({n} places)"),
    };
    format!("### {number}. [{main}] {}{many}", line(&short(&finding.title, TITLE)))
}

/// The anchor that viewers give a heading.
pub(super) fn anchor(heading: &str) -> String {
    let words = crate::contain::plain(heading.trim_start_matches('#').trim_start());
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The words of the member that speaks for all, and those of the others, each once.
fn words(finding: &Finding, said: &mut Said) -> (Vec<String>, Vec<String>) {
    let mut groups: Vec<(Vec<&Member>, String)> = Vec::new();
    for member in &finding.members {
        // The code stands beside it already.
        let text =
            if finding.excerpt.is_some() { block(&without_code(&member.body)) } else { block(&member.body) };
        match groups.iter_mut().find(|(_, old)| *old == text) {
            Some((who, _)) => who.push(member),
            None => groups.push((vec![member], text)),
        }
    }
    let speaks = |(who, _): &(Vec<&Member>, String)| who.iter().any(|member| member.title == finding.title);
    let first = groups.iter().position(speaks).unwrap_or(0);
    let credit = finding.members.len() > 1;
    let (mut main, mut others) = (Vec::new(), Vec::new());
    for (n, (who, text)) in groups.iter().enumerate() {
        let out = if n == first { &mut main } else { &mut others };
        if credit {
            let names: Vec<String> = who.iter().map(|member| credited(member, finding)).collect();
            out.extend(of_block(&format!("**As reported by** {}  ", names.join("; "))));
        }
        out.extend(said.anew(of_block(text), &finding.id));
    }
    for answer in finding.members.iter().flat_map(|member| &member.thread) {
        others.extend(of_block(&format!("**Answer:** {}  ", line(answer))));
    }
    (main, others)
}

/// `security (high, src/a.ts:3): its title`, the title only if it is another.
fn credited(member: &Member, finding: &Finding) -> String {
    let place = member.locations.first().map_or_else(String::new, |at| format!(", {}", place(at)));
    let title =
        if member.title == finding.title { String::new() } else { format!(": {}", line(&member.title)) };
    format!("{} ({}{place}){title}", line(&member.reviewer), member.severity.name())
}

impl Said {
    /// These lines without what was said before: of the same finding it is left out,
    /// of another one that is named.
    fn anew(&mut self, lines: Vec<String>, id: &str) -> Vec<String> {
        let mut out = Vec::with_capacity(lines.len());
        let mut fenced = false;
        for text in lines {
            let fence = text.starts_with("```") || text.starts_with("~~~");
            fenced ^= fence;
            let plain = text.trim_end();
            if fence || fenced || plain.chars().count() < SENTENCE {
                out.push(text);
                continue;
            }
            match self.0.get(plain) {
                None => {
                    self.0.insert(plain.to_string(), id.to_string());
                    out.push(text);
                }
                Some(other) if other == id => {}
                Some(other) => {
                    let label = plain.split_inclusive(":**").next().filter(|label| label.starts_with("**"));
                    let label = label.filter(|label| label.ends_with(":**") && label.len() < 40);
                    out.push(label.map_or_else(
                        || format!("As in {other}.  "),
                        |label| format!("{label} as in {other}.  "),
                    ));
                }
            }
        }
        out
    }
}

/// What a verifier says of it: its reason, the code that decides, and why that does not count.
fn looked(look: &Look) -> Vec<String> {
    let origin = match look.origin {
        Origin::Introduced => ", of this change",
        Origin::PreExisting => ", there before the change",
        Origin::Unknown => "",
    };
    let verdict = look.doubt.as_ref().map_or(look.verdict, |_| Conclusion::Refuted);
    let verdict = match verdict {
        Conclusion::Confirmed => "confirms it",
        Conclusion::Refuted => "refutes it",
        Conclusion::Unsure => "is not sure",
    };
    let rates = look.rates.filter(|rates| *rates != look.severity);
    let rates = rates.map_or_else(String::new, |rates| format!(", and would rate it {}", rates.name()));
    let doubt = look.doubt.as_ref().map_or_else(String::new, |why| format!(" (not counted: {})", line(why)));
    let quote = look.quote.as_ref().map_or_else(String::new, |quote| {
        let at = look.file.as_ref().map_or_else(String::new, |file| {
            let lines = look.line.map_or_else(String::new, |line| format!(":{line}"));
            format!(" in {}{lines}", line(file))
        });
        format!(" It quotes{at}: `{}`.", line(&short(quote, TITLE)).replace('`', "'"))
    });
    let by = format!("{} ({})", line(&look.by), line(&look.runner));
    of_block(&format!(
        "**Looked at by:** {by} {verdict}{origin}{rates}{doubt}: {}{quote}  ",
        line(&look.reason)
    ))
}

/// What became of places that are not where they were stated, and what may be the same.
fn remarks(cause: &Cause<'_>) -> Vec<String> {
    let places = cause.findings().iter().flat_map(|finding| &finding.locations);
    let remarks: Vec<String> = places.filter_map(remark).collect();
    let mut out = Vec::new();
    if !remarks.is_empty() {
        out.extend(of_block(&format!("**Place:** {}  ", remarks.join("; "))));
    }
    let finding = cause.main();
    if !finding.possibly_same.is_empty() {
        let ids: Vec<&str> = finding.possibly_same.iter().map(|one| one.id.as_str()).collect();
        out.push(format!("Possibly the same as {}.  ", ids.join(", ")));
    }
    out
}

/// What became of a place that is not where it was stated.
fn remark(location: &Location) -> Option<String> {
    let why = line(location.placed_why.as_deref()?);
    let mark = if location.is_unplaced() { "unplaced, " } else { "" };
    Some(format!("{} {mark}{why}", place(location)))
}

/// The further places: of one finding, or of each of several.
fn places(cause: &Cause<'_>) -> Vec<String> {
    if let [finding] = cause.findings() {
        let further = finding.locations.iter().skip(1).map(place);
        return joined(labelled("**Also:** ", further), "  ");
    }
    let each = cause.findings().iter().take(PLACES).flat_map(|finding| {
        let main = finding.locations.first().map_or_else(|| "project".to_string(), place);
        std::iter::once(format!("{} {main}", finding.id)).chain(finding.locations.iter().skip(1).map(place))
    });
    let mut out = joined(labelled("**Places:** ", each), "  ");
    if cause.findings().len() > PLACES {
        out.push(format!("{} more places are in the JSON.  ", cause.findings().len() - PLACES));
    }
    out
}

fn labelled(label: &str, parts: impl Iterator<Item = String>) -> Vec<String> {
    parts.enumerate().map(|(n, part)| if n == 0 { format!("{label}{part}") } else { part }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_what_viewers_make_of_a_heading() {
        let heading = "### 3. [src/\\_\\_init\\_\\_.py:3-9] `saveUser` isn't awaited";
        assert_eq!(anchor(heading), "3-src__init__py3-9-saveuser-isnt-awaited");
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut said = Said::default();
        let lines = || vec!["**Fix:** Bind the value instead of joining it.".to_string()];
        assert_eq!(said.anew(lines(), "F1"), lines());
        assert!(said.anew(lines(), "F1").is_empty());
        assert_eq!(said.anew(lines(), "F2"), ["**Fix:** as in F1.  "]);
        assert_eq!(said.anew(vec!["short".to_string()], "F2"), said.anew(vec!["short".to_string()], "F3"));
    }
}
