//! Reports say things twice: a table of contents, a summary table, a short list
//! before the long one. The short form of a finding told in full is no second one.

use std::collections::{HashMap, HashSet};

use super::unit::Unit;
use crate::locate;
use crate::model::{Location, Member};
use crate::rules::Shape;
use crate::severity::cut;

/// Longer lists than this are not compared; they are listings, not summaries.
const LIMIT: usize = 3000;
/// A longer summary of more findings is not compared with them, in pairs.
const PAIRS: usize = 250_000;

/// Drops rows and one-liners that a finding of the same report tells in full.
pub(crate) fn remove(members: &mut Vec<Member>, units: &[Unit], notes: &mut Vec<String>) {
    if members.len() != units.len() || members.len() < 2 {
        return;
    }
    let details = details_of_rows(members, units);
    let full: Vec<usize> =
        (0..units.len()).filter(|n| !units[*n].aside && !details.contains_key(n)).collect();
    let full_shape = |n: usize| matches!(units[n].shape, Shape::Heading | Shape::Para);
    let short: Vec<usize> = (0..units.len())
        .filter(|n| {
            units[*n].aside
                || matches!(units[*n].shape, Shape::Row | Shape::Item) && members[*n].text.len() < 600
        })
        .collect();
    if details.is_empty() && (full.is_empty() || short.is_empty())
        || full.len() > LIMIT
        || short.len() > LIMIT
    {
        return;
    }
    let words: HashMap<usize, HashSet<String>> =
        full.iter().map(|n| (*n, title_words(&members[*n].title))).collect();
    let mut drop: HashSet<usize> = details.keys().copied().collect();
    for &row in short.iter().filter(|row| !details.contains_key(row)) {
        let own = title_words(&members[row].title);
        let told = full.iter().copied().find(|&long| {
            let aside = units[row].aside;
            long != row
                && (aside || full_shape(long) && members[long].text.len() > members[row].text.len() / 2)
                && says_the_same(&members[row], &own, &members[long], &words[&long], aside)
        });
        if let Some(long) = told {
            complete(members, long, row);
            drop.insert(row);
        }
    }
    if !drop.is_empty() {
        notes.push(format!(
            "{} short repeats of findings reported in full were not counted again",
            drop.len()
        ));
        let mut n = 0;
        members.retain(|_| {
            n += 1;
            !drop.contains(&(n - 1))
        });
    }
}

/// "**#3** The form is …" below a table of which row 3 says how bad and where: by unit, its row.
fn details_of_rows(members: &[Member], units: &[Unit]) -> HashMap<usize, usize> {
    let number = |n: usize| units[n].head.number.as_deref();
    let rows: HashMap<&str, usize> = (0..units.len())
        .filter(|n| units[*n].shape == Shape::Row && members[*n].severity_raw.is_some())
        .filter_map(|n| Some((number(n)?, n)))
        .collect();
    let told: HashMap<usize, usize> = (0..units.len())
        .filter(|n| {
            matches!(units[*n].shape, Shape::Para | Shape::Item)
                && members[*n].severity_raw.is_none()
                && members[*n].locations.is_empty()
        })
        .filter_map(|n| Some((n, *rows.get(number(n)?)?)).filter(|(n, row)| row < n))
        .collect();
    // A list of other things is numbered too, and seldom as far.
    if told.len() * 2 >= rows.len() && told.len() > 1 { told } else { HashMap::new() }
}

/// What only the short form tells, how bad and where it is, belongs to the long one.
fn complete(members: &mut [Member], long: usize, short: usize) {
    let told = members[short].clone();
    let member = &mut members[long];
    if member.severity_raw.is_none() {
        member.severity = told.severity;
        member.severity_raw = told.severity_raw;
        member.severity_from = told.severity_from;
    }
    let lined = |places: &[Location]| places.iter().any(|place| place.line_start.is_some());
    if !lined(&member.locations) && lined(&told.locations) {
        member.locations = told.locations;
    }
    member.status = member.status.or(told.status);
}

/// Takes from the rows of a summary what the findings that they repeat do not tell themselves:
/// how bad they are, and what became of them.
pub(crate) fn complete_by(members: &mut [Member], rows: &[Member]) {
    if rows.len() * members.len() > PAIRS {
        return;
    }
    let words: Vec<HashSet<String>> = members.iter().map(|member| title_words(&member.title)).collect();
    for row in rows {
        let own = title_words(&row.title);
        let told = (0..members.len()).find(|n| says_the_same(row, &own, &members[*n], &words[*n], false));
        let Some(long) = told else { continue };
        let member = &mut members[long];
        if member.severity_raw.is_none() {
            member.severity = row.severity;
            member.severity_raw.clone_from(&row.severity_raw);
            member.severity_from.clone_from(&row.severity_from);
        }
        member.status = member.status.or(row.status);
    }
}

/// What findings tell, to be asked for stretches of text that could repeat it.
pub(crate) struct Told<'a> {
    members: &'a [Member],
    words: Vec<HashSet<String>>,
}

impl<'a> Told<'a> {
    pub(crate) fn of(members: &'a [Member]) -> Self {
        let members = &members[..members.len().min(LIMIT)];
        Told { members, words: members.iter().map(|member| title_words(&member.title)).collect() }
    }

    /// Does a finding tell this: the text names its place or identifier, or says its title again?
    pub(crate) fn holds(&self, text: &str) -> bool {
        let text = cut(text, 2000);
        let places = locate::find(text, locate::Trust::Prose);
        let words = title_words(text);
        self.members.iter().zip(&self.words).any(|(member, own)| {
            let located = places.iter().any(|found| {
                member.locations.iter().any(|own| {
                    same_name(&own.file, &found.place.file)
                        && (found.place.line_start.is_none()
                            || own.line_start.is_none()
                            || found.place.line_start <= own.line_end
                                && own.line_start <= found.place.line_end)
                })
            });
            let shared = own.intersection(&words).count();
            let named = member.label.as_deref().is_some_and(|label| {
                refers(text, label) || label.len() > 1 && words.contains(&label.to_lowercase())
            });
            located || named || shared >= 2 && shared * 2 >= own.len().min(words.len())
        })
    }
}

fn says_the_same(
    row: &Member,
    row_words: &HashSet<String>,
    long: &Member,
    long_words: &HashSet<String>,
    aside: bool,
) -> bool {
    let shared = row_words.intersection(long_words).count();
    let smaller = row_words.len().min(long_words.len()).max(1);
    let likeness = shared as f64 / smaller as f64;
    let same_label = matches!((&row.label, &long.label), (Some(a), Some(b)) if a == b);
    let same_id =
        same_label && row.label.as_deref().is_some_and(|l| l.contains(|c: char| c.is_ascii_alphabetic()));
    let same_place = row.locations.iter().any(|a| {
        long.locations.iter().any(|b| {
            same_name(&a.file, &b.file)
                && a.line_start.is_some()
                && b.line_start.is_some()
                && a.line_start <= b.line_end
                && b.line_start <= a.line_end
        })
    });
    same_id && (shared >= 1 || same_place)
        || aside && (same_place && shared >= 1 || likeness >= 0.6 && shared >= 2)
        || long.label.as_deref().is_some_and(|label| refers(&row.text, label))
        || likeness >= 0.75 && shared >= 3
        || likeness >= 0.99 && shared >= 2
        || (same_place || same_label) && likeness >= 0.4 && shared >= 2
}

/// Does a short text name another finding's identifier: `Add the check (H1)`?
fn refers(text: &str, label: &str) -> bool {
    label.contains(|c: char| c.is_ascii_alphabetic())
        && [format!("({label})"), format!("[{label}]"), format!("{label}:"), format!("({label},")]
            .iter()
            .any(|form| text.contains(form.as_str()))
}

fn same_name(a: &str, b: &str) -> bool {
    a.rsplit('/').next() == b.rsplit('/').next()
}

fn title_words(title: &str) -> HashSet<String> {
    title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().count() > 2)
        .map(str::to_lowercase)
        .collect()
}
