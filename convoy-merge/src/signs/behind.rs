//! The title of what begins with something else: with words that lead to it, with what was asked,
//! with the verdict on that.

use super::spoken_severity;
use crate::locate;
use crate::severity;
use crate::syntax::lead::{self, Lead};
use crate::vocabulary::PHRASES;

/// "One more trifle: the icon is old": what leads to it is no title.
pub(super) fn behind_intro(source: &str, title: &str) -> Option<String> {
    let line = severity::cut(source.lines().next()?, 400);
    let (front, rest) = line.split_once(": ")?;
    let intro = (1..=INTRO).contains(&front.split_whitespace().count())
        && front.trim_start().starts_with(title)
        && title.len() + 4 >= front.trim().len()
        && front
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
            .all(|word| spoken_severity::is_small(&word.to_lowercase()));
    let lead = intro.then(|| lead::lead_of(rest))?;
    (lead.head.title.split_whitespace().count() >= 2).then_some(lead.head.title)
}

/// `[ ] Errors are handled: a.rs:3 drops one`: what an open box asks, with what is said of it.
pub(super) fn behind_criterion(source: &str, lead: &Lead) -> Option<String> {
    let asked = lead.head.tick_box && !lead.head.ticked;
    let line = asked.then(|| severity::cut(source.lines().next().unwrap_or_default(), 400))?;
    let (front, rest) = [": ", " — ", " – ", ". *", "? "].iter().find_map(|mark| line.split_once(mark))?;
    let names = |text: &str| !locate::find(text, locate::Trust::Prose).is_empty();
    let rest = rest.trim_matches(['*', ' ']);
    let told = names(rest) && !names(front) && rest.split_whitespace().count() > INTRO / 2;
    told.then(|| format!("{}: {}", lead::lead_of(front).head.title, lead::lead_of(rest).head.title))
}

/// `**Contrast** – fails. Grey on cream`: what is said behind the verdict on what was asked in bold.
pub(super) fn behind_failure(source: &str) -> Option<String> {
    let line = severity::cut(source.lines().next()?, 400);
    let behind = line.trim_start_matches('*').split_once("**")?.1.trim_start();
    let verdict = behind.strip_prefix(['–', '—', '-', ':', '→'])?.trim_start();
    let (word, rest) = verdict.split_once(['.', ':', ',', ';', '—', '–'])?;
    let fails = PHRASES.status_fail.contains(&severity::plain(word).trim().to_lowercase().as_str());
    (fails && rest.split_whitespace().count() > INTRO / 2).then(|| lead::lead_of(rest.trim()).head.title)
}

/// The longest words that lead to what is wrong.
const INTRO: usize = 6;
