//! Judges a document as a whole: is it a review, does it say that nothing was
//! found, is it complete, who wrote it.

use super::Extraction;
use super::classify;
use super::clean;
use super::documented;
use super::fields;
use super::kind::{self, Hint};
use super::outline::Section;
use super::units::{Mode, Unit};
use crate::model::{Member, Recognised, Severity};
use crate::severity::{self, holds_phrase};
use crate::vocabulary::{Class, KINDS, Label};

/// The first top heading.
pub(crate) fn document_title(text: &str, root: &Section<'_>) -> Option<String> {
    let first = root.children.first()?;
    let early = text[..first.range.start].trim().len() < 2000;
    (first.level <= 2 && early).then(|| first.title.trim().to_string()).filter(|t| !t.is_empty())
}

fn kinds_in(words: &str) -> Vec<&'static str> {
    let lower = words.to_lowercase();
    let mut found: Vec<&'static str> = Vec::new();
    for (kind, names) in KINDS.iter() {
        if names.iter().any(|name| holds_phrase(&lower, name)) && !found.contains(kind) {
            found.push(kind);
        }
    }
    found
}

/// The kind of reviewer a file name tells.
pub(crate) fn kind_of_name(name: &str) -> Option<&'static str> {
    match kinds_in(&name.replace(['_', '.'], "-"))[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// Who wrote a report: by its title first, because file names lie.
pub(crate) fn reviewer_of(title: Option<&str>, path: &str) -> (String, Option<String>) {
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.rsplit_once('.').map_or(stem, |(s, _)| s);
    // <stamp>-<short id>-<role>, as convoys publish reports.
    let parts: Vec<&str> = stem.splitn(4, '-').collect();
    let stem = match parts[..] {
        [day, time, _, role]
            if day.len() == 8
                && time.len() == 6
                && day.bytes().chain(time.bytes()).all(|b| b.is_ascii_digit()) =>
        {
            role
        }
        _ => stem,
    };
    let by_name = kind_of_name(stem);
    let by_title = title.map(kinds_in).and_then(|kinds| match kinds[..] {
        [one] => Some(one),
        _ => None,
    });
    match (by_title, by_name) {
        (Some(kind), Some(name)) if kind != name => {
            (kind.to_string(), Some(format!("the title says {kind}, the file name says {name}")))
        }
        (Some(kind), _) => (kind.to_string(), None),
        (None, _) => (if stem.is_empty() { "unknown".to_string() } else { stem.to_string() }, None),
    }
}

/// How a report without findings says that there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clean {
    No,
    /// Somewhere in its prose.
    InProse,
    /// In the place where findings would stand, or by its stated total.
    Stated,
}

/// Does a report without findings say that there are none?
pub(crate) fn says_clean(text: &str, root: &Section<'_>, title: Option<&str>) -> Clean {
    match documented::closing(text).total {
        Some(0) => return Clean::Stated,
        Some(_) => return Clean::No,
        None => {}
    }
    let mut none = 0;
    let mut open = 0;
    finding_sections(text, root, &mut none, &mut open, 0);
    // Counts that speak of findings nobody could read are no clean report.
    match clean::counts_are_zero(text) {
        Some(false) => return Clean::No,
        Some(true) => return Clean::Stated,
        None => {}
    }
    if open > 0 {
        return Clean::No;
    }
    if none > 0 {
        return Clean::Stated;
    }
    if clean::failed(text) {
        return Clean::No;
    }
    let statement = clean::says_nothing(text.trim()) || clean::says_clean(text);
    let review = text.len() < 4000
        || title.is_some_and(|t| t.to_lowercase().contains("review") || !kinds_in(t).is_empty());
    if statement && review { Clean::InProse } else { Clean::No }
}

/// Lists with bold words stand in every README. Without a heading that tells a
/// review, what was found must itself say how bad and where it is.
pub(crate) fn demand_evidence(
    text: &str,
    root: &Section<'_>,
    mode: Mode,
    members: &mut Vec<Member>,
    units: &mut Vec<Unit>,
) {
    let hint = kind::hint(root, 0);
    let lined = |m: &Member| m.locations.iter().any(|l| l.line_start.is_some());
    let fielded = |m: &Member| {
        fields::read(super::cut(&m.text, 4000), 0).iter().any(|f| {
            matches!(f.label, Label::Severity | Label::Problem | Label::Impact | Label::Fix | Label::Location)
        })
    };
    let rated = |m: &Member| m.severity != Severity::Unrated;
    let strong = |m: &Member| rated(m) && m.severity_raw.as_deref().is_some_and(severity::is_strong);
    let evident = |m: &Member| {
        (rated(m) || fielded(m)) && lined(m) || strong(m) && (!m.locations.is_empty() || fielded(m))
    };
    let share = |n: usize, holds: &dyn Fn(&Member) -> bool| {
        members.iter().filter(|m| holds(m)).count() * n >= members.len().max(1)
    };
    let keep: Vec<bool> = match mode {
        Mode::Strict => {
            // Short texts in which all is rated are reviews without headings.
            let note = root.children.is_empty() && text.len() < 4000 && share(1, &strong);
            let enough = match hint {
                Hint::Clear => true,
                Hint::Perhaps => share(3, &|m| strong(m) || lined(m) || evident(m)),
                Hint::None => note || share(2, &evident) || members.len() > 1 && share(1, &lined),
            };
            vec![enough; members.len()]
        }
        Mode::Lenient => members
            .iter()
            .map(|m| match hint {
                Hint::Clear => lined(m) || strong(m) || rated(m) && (!m.locations.is_empty() || fielded(m)),
                Hint::Perhaps | Hint::None => evident(m) || lined(m) && root.children.is_empty(),
            })
            .collect(),
    };
    let mut kept = keep.iter();
    members.retain(|_| kept.next().copied().unwrap_or(true));
    let mut kept = keep.iter();
    units.retain(|_| kept.next().copied().unwrap_or(true));
}

/// Sections of findings: how many say "none", how many say something.
fn finding_sections(text: &str, section: &Section<'_>, none: &mut usize, open: &mut usize, depth: usize) {
    for child in &section.children {
        let class = classify::section(child.title);
        let rated = severity::of_section(child.title).is_some();
        let own = text[child.body_start().min(child.own_end())..child.own_end()].trim();
        if matches!(class, Some(Class::Finding))
            || rated && !matches!(class, Some(Class::Repeat | Class::Context | Class::Positive))
        {
            let said = own.trim_matches(['-', ' ', '\n', '*', '_']);
            let said = if clean::failed(said) { "" } else { said };
            let none_said = if rated { clean::says_none(said) } else { clean::says_nothing(said) };
            if none_said || clean::says_clean(said) && said.len() < 400 {
                *none += 1;
            } else if said.len() > 40 && child.level > 1 {
                *open += 1;
            }
        }
        if depth < 8 && !matches!(class, Some(Class::Positive | Class::Repeat | Class::Context)) {
            finding_sections(text, child, none, open, depth + 1);
        }
    }
}

/// Sets what the document is and whether it is complete, and notes contradictions.
pub(crate) fn judge(text: &str, root: &Section<'_>, out: &mut Extraction) {
    let closing = documented::closing(text);
    let count = out.members.len();
    out.recognised = if count > 0 {
        Recognised::Findings
    } else if says_clean(text, root, out.title.as_deref()) != Clean::No {
        Recognised::Clean
    } else {
        Recognised::Unreadable
    };
    if closing.documented {
        match closing.total {
            Some(total) if total == count => {}
            Some(total) => {
                out.complete = false;
                out.notes.push(format!("incomplete: it states {total} findings, {count} are there"));
            }
            None => {
                out.complete = false;
                out.notes.push("incomplete: the closing **Total:** line is missing".to_string());
            }
        }
        if out.recognised == Recognised::Clean && closing.total.is_none() {
            out.recognised = Recognised::Unreadable;
        }
    } else if !text.contains("\n**Finding:** F")
        && let Some(stated) = stated_count(text)
        && stated != count
        && count > 0
    {
        out.notes.push(format!("it states {stated} findings, {count} were recognised"));
    }
}

/// `Total: 36 findings`, `Found 3 issues`, as undocumented formats say it.
fn stated_count(text: &str) -> Option<usize> {
    for line in text.lines() {
        let lower = line.to_lowercase().replace(['*', '_'], "");
        let lower = lower.trim().trim_start_matches(['-', '|', ' ']);
        let rest = lower
            .strip_prefix("total findings")
            .or_else(|| lower.strip_prefix("total issues"))
            .or_else(|| lower.strip_prefix("total"))
            .or_else(|| lower.strip_prefix("issues found"))
            .or_else(|| lower.strip_prefix("findings:"));
        let Some(rest) = rest else { continue };
        let rest = rest.trim_start_matches([':', ' ', '|']);
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if let Ok(number) = rest[..end].parse() {
            return Some(number);
        }
    }
    None
}
