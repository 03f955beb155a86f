//! Is a document a review at all? Plans, changelogs, manuals, prompts and
//! checklists have headings and lists like reviews, and no findings.

use std::ops::Range;

use super::document_title;
use super::unit::Unit;
use crate::model::Member;
use crate::phrases::{PhraseTable, holds_phrase};
use crate::rules::Shape;
use crate::severity;
use crate::signs::statement;
use crate::syntax::lead::is_step;
use crate::syntax::outline::Section;
use crate::syntax::{fields, head, tree};
use crate::titles;
use crate::vocabulary::{Class, Label, PHRASES};
use findings::Severity;

/// Text at the beginning that tells what a document is.
const START: usize = 3000;

/// How much speaks for a document of another kind, and how much for a review.
#[derive(Debug, Default)]
struct Signs {
    other: usize,
    review: usize,
}

/// Instructions, plans, manuals, lists of changes: nobody reviewed anything here.
pub(crate) fn is_other(text: &str, root: &Section<'_>) -> bool {
    if is_agent_file(text) {
        return true;
    }
    let mut signs = Signs::default();
    let title = titles::normal_title(document_title(text, root).as_deref().unwrap_or_default());
    title_signs(&title, &mut signs);
    let (mut prompt, mut manual, mut finding) = (0, 0, 0);
    count_sections(root, &mut prompt, &mut manual, &mut finding, 0);
    let start: String = text.chars().take(START).collect::<String>().to_lowercase();
    let told = PHRASES.prompt.iter().filter(|phrase| holds_phrase(&start, phrase)).count();
    let tasks = only_tasks(text);
    // "Fixes #12": it describes a change.
    let closes = |line: &str| {
        let lower = severity::cut(line.trim(), 40).to_lowercase();
        let issue = ["fixes ", "closes ", "resolves ", "fixes: ", "closes: "]
            .iter()
            .find_map(|word| lower.strip_prefix(word));
        issue.is_some_and(|rest| {
            rest.strip_prefix('#').is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let describes = text.lines().take(40).any(closes) && !tells(&title, &PHRASES.review);
    // … whatever boxes of its form are ticked.
    signs.other += 5 * usize::from(describes);
    signs.other += told.min(4) + prompt.min(4) + manual.min(4) + 3 * usize::from(tasks);
    // A form of which boxes are ticked, and which names lines, was filled in by somebody; so was one
    // for reviews that names several.
    let rubric = tells(&title, &PHRASES.review) && lines(text) >= FILLED;
    signs.review += finding.min(3) + 3 * usize::from(filled(text) || rubric);
    signs.other >= 3 && signs.other > signs.review
}

/// So many lines of text with a place and its line.
fn lines(text: &str) -> usize {
    severity::cut(text, START).lines().filter(|line| crate::signs::has_line_place(line)).count()
}

/// So many show that a form was filled in.
const FILLED: usize = 2;

/// A form of which boxes are ticked, and which names lines.
fn filled(text: &str) -> bool {
    text.contains("- [x] ") && crate::signs::has_line_place(severity::cut(text, START))
}

fn title_signs(title: &str, signs: &mut Signs) {
    let reviewed = tells(title, &PHRASES.review);
    // "Review of the plan" is a review, whatever it reviews.
    let of = PHRASES.review.iter().any(|word| {
        title
            .strip_prefix(word)
            .is_some_and(|rest| [" of ", " for ", ":"].iter().any(|s| rest.starts_with(s)))
    });
    let begins = PHRASES.other_title.iter().any(|phrase| {
        title.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    let main = title.split([':', '—', '–', '|', '(']).next().unwrap_or(title);
    let main = main.split(" - ").next().unwrap_or(main).trim();
    let ends_so = |part: &str| {
        PHRASES
            .other_end
            .iter()
            .any(|word| part.strip_suffix(word).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric)))
    };
    let ends = !of && ends_so(main) || !reviewed && ends_so(title);
    // "Sprint review" is listed; "Plan review" is a review.
    let listed_whole = PHRASES
        .other_title
        .iter()
        .any(|phrase| phrase.contains("review") && begins && title.starts_with(phrase));
    if listed_whole || ends || begins && !reviewed {
        signs.other += 3;
    } else if reviewed {
        signs.review += 3;
    }
}

/// An agent's or a template's file, by its front matter.
fn is_agent_file(text: &str) -> bool {
    let front = text.get(..tree::front_matter(text)).unwrap_or_default();
    let has = |key: &str| front.lines().any(|line| line.starts_with(key));
    has("description:") && (has("tools:") || has("model:") || has("name:")) || has("about:") && has("name:")
}

fn count_sections(
    section: &Section<'_>,
    prompt: &mut usize,
    manual: &mut usize,
    finding: &mut usize,
    depth: usize,
) {
    for child in &section.children {
        let short = child.title.split_whitespace().count() <= 4;
        let title = titles::normal_title(child.title);
        let title = title.trim_matches(|c: char| !c.is_alphanumeric());
        match titles::section(child.title) {
            _ if PHRASES.manual.contains(&title) || is_step(child.title) => *manual += 1,
            Some(Class::Prompt) if short => *prompt += 1,
            Some(Class::Finding) => *finding += 1,
            _ if rates(child.title) => *finding += 1,
            _ => {}
        }
        if depth < 8 {
            count_sections(child, prompt, manual, finding, depth + 1);
        }
    }
}

/// "Critical Issues", "P1": a group of findings by how bad they are.
fn rates(title: &str) -> bool {
    severity::of_section(title)
        .is_some_and(|(_, raw)| raw.split_whitespace().count() <= 4 && severity::is_strong(&raw))
}

/// A list of boxes to tick and little else.
fn only_tasks(text: &str) -> bool {
    let (mut boxes, mut open, mut others) = (0, 0, 0);
    if crate::signs::has_line_place(severity::cut(text, START)) {
        return false;
    }
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let item = line.trim_start_matches(['-', '*', '+']).trim_start();
        let box_ = ["[ ]", "[x]", "[X]"].iter().any(|mark| item.starts_with(mark));
        boxes += usize::from(box_);
        open += usize::from(item.starts_with("[ ]"));
        others += usize::from(!box_);
    }
    // Where all are ticked nothing is left to be done: that is what was checked.
    boxes >= 2 && boxes > others && open > 0
}

/// How clearly headings tell that this is a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hint {
    None,
    /// "Issues", "Suggestions": said in other documents too.
    Perhaps,
    Clear,
}

/// The clearest heading.
pub(crate) fn hint(section: &Section<'_>, depth: usize) -> Hint {
    let mut clearest = Hint::None;
    for child in &section.children {
        clearest = clearest.max(own_hint(child));
        if clearest != Hint::Clear && depth < 2 {
            clearest = clearest.max(hint(child, depth + 1));
        }
        if clearest == Hint::Clear {
            break;
        }
    }
    clearest
}

/// What the heading of a section says itself.
fn own_hint(section: &Section<'_>) -> Hint {
    if section.title.starts_with('`') {
        return Hint::None;
    }
    let title = titles::normal_title(section.title);
    if tells(&title, &PHRASES.review) || section.level != 1 && rates(section.title) {
        return Hint::Clear;
    }
    let head = head::parse(section.title);
    if head.named_number {
        return if head.places.is_empty() { Hint::Perhaps } else { Hint::Clear };
    }
    let may_list =
        || titles::is_listed(section.title) && titles::section(section.title) == Some(Class::Finding);
    if tells(&title, &PHRASES.perhaps_review) || may_list() { Hint::Perhaps } else { Hint::None }
}

fn tells(title: &str, phrases: &PhraseTable) -> bool {
    title.split_whitespace().count() <= 14 && phrases.any(title)
}

/// Lists with bold words stand in every README. Without a heading that tells a
/// review, what was found must itself say how bad and where it is. Where others are kept, what
/// says how bad it is and is not one of them is left over.
pub(crate) fn demand_evidence(
    text: &str,
    root: &Section<'_>,
    likely: bool,
    members: &mut Vec<Member>,
    units: &mut Vec<Unit>,
) -> Vec<Range<usize>> {
    let hint = hint(root, 0);
    let lined = |m: &Member| m.locations.iter().any(|l| l.line_start.is_some());
    let fielded = |m: &Member| {
        fields::read(severity::cut(&m.text, 4000), 0).iter().any(|f| {
            matches!(f.label, Label::Severity | Label::Problem | Label::Impact | Label::Fix | Label::Location)
        })
    };
    let rated = |m: &Member| m.severity != Severity::Unrated;
    let strong = |m: &Member| rated(m) && m.severity_raw.as_deref().is_some_and(severity::is_strong);
    let evident = |m: &Member| {
        (rated(m) || fielded(m)) && lined(m) || strong(m) && (!m.locations.is_empty() || fielded(m))
    };
    let share_of = |n: usize, of: usize, holds: &dyn Fn(&Member) -> bool| {
        members.iter().filter(|m| holds(m)).count() * of >= members.len() * n
    };
    let share = |n: usize, holds: &dyn Fn(&Member) -> bool| {
        members.iter().filter(|m| holds(m)).count() * n >= members.len().max(1)
    };
    // Somebody tells what was read, and where something is or how bad more than one thing is.
    let letter =
        root.children.is_empty() && text.len() < 6000 && statement::tells_of_review(severity::cut(text, 800));
    let several = members.iter().filter(|m| rated(m)).count() > 1;
    let keep: Vec<bool> = if likely {
        // A sentence that blames a file, and does not say that nobody read it.
        let blamed = |m: &Member, unit: &Unit| {
            letter && unit.shape == Shape::Line && !m.locations.is_empty() && !statement::read_a_part(&m.text)
        };
        let told = |m: &Member| match hint {
            Hint::Clear => lined(m) || strong(m) || rated(m) && (!m.locations.is_empty() || fielded(m)),
            Hint::Perhaps | Hint::None => {
                let alone = root.children.is_empty() || members.len() > 1 && share(1, &lined);
                // Beside findings that name lines, one that names its file is none the less.
                let beside = root.children.is_empty()
                    && !m.locations.is_empty()
                    && members.iter().any(|other| lined(other) || evident(other));
                evident(m) || lined(m) && (alone || filled(text)) || beside || letter && several && rated(m)
            }
        };
        members.iter().zip(&*units).map(|(m, unit)| told(m) || blamed(m, unit)).collect()
    } else {
        // Short texts in which all is rated are reviews without headings.
        let note = root.children.is_empty() && text.len() < 4000 && share(1, &strong);
        let enough = match hint {
            Hint::Clear => true,
            Hint::Perhaps => share(3, &|m| strong(m) || lined(m) || evident(m)),
            Hint::None => {
                note || root.children.is_empty() && text.len() < 4000 && share(1, &lined)
                    || share(2, &evident)
                    || members.len() > 1 && share(1, &lined)
                    || members.len() > 2 && share_of(2, 3, &lined)
            }
        };
        vec![enough; members.len()]
    };
    let left = units.iter().zip(&keep).filter(|(unit, keep)| !**keep && unit.head.severity_stated());
    let left = left.map(|(unit, _)| unit.range.clone()).collect();
    let mut kept = keep.iter();
    members.retain(|_| kept.next().copied().unwrap_or(true));
    let mut kept = keep.iter();
    units.retain(|_| kept.next().copied().unwrap_or(true));
    if members.is_empty() { Vec::new() } else { left }
}
