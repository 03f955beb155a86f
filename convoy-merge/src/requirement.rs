//! What of an issue or a pull request a finding says is not met, held against its text.
//! A finding whose sentence does not stand there is a finding all the same, and says so.

use findings::requirement::{Looked, Requirement};

use crate::merged::Merged;
use crate::meta::{Meta, Requirements};
use crate::model::Member;

/// Before a sentence in a review that was written in words.
const FIELD: &str = "**Requirement:**";

/// Tells of each finding of those who hold the change against what was asked for whether
/// the sentence it names stands there.
pub(crate) fn prove(members: &mut [Member], requirements: &Requirements) {
    for member in members.iter_mut().filter(|member| requirements.by.contains(&member.reviewer)) {
        let named = member.facts.requirement.take();
        let named = named.unwrap_or_else(|| Requirement::named(in_words(&member.text)));
        member.facts.requirement = Some(named.held_against(&requirements.asked));
    }
}

/// From its field to the next one, or to a blank line; of an object its key.
fn in_words(text: &str) -> Option<String> {
    if let Ok(serde_json::Value::Object(entry)) = serde_json::from_str(text) {
        return entry.get("requirement")?.as_str().map(str::to_owned);
    }
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(FIELD));
    let first = lines.next()?.trim_start().strip_prefix(FIELD)?;
    let more = lines.take_while(|line| !line.trim().is_empty() && !line.trim_start().starts_with("**"));
    Some(std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n"))
}

/// Whether the change was held against what was asked for; `None`: there is nobody for it.
pub(crate) fn looked(merged: &Merged, meta: &Meta) -> Option<Looked> {
    let requirements = meta.requirements.as_ref()?;
    if let Some(why) = &requirements.why {
        return Some(Looked::not(why.clone()));
    }
    let reviewers = meta.reviewers.iter().filter(|one| requirements.by.iter().any(|name| name == one.name()));
    if let Some(missing) = reviewers.into_iter().find(|one| !one.completed()) {
        return Some(Looked::not(format!("the {} review is missing", missing.name())));
    }
    let open = merged.open().filter(|finding| finding.new != Some(false));
    let of = requirements.asked.iter().map(|one| one.of.clone()).collect();
    Some(Looked::at(of, open.filter_map(|finding| finding.facts.requirement.as_ref())))
}

/// What a merged finding has of its members': what is proved, else what is named.
pub(crate) fn of_all<'m>(members: impl Iterator<Item = &'m Member> + Clone) -> Option<Requirement> {
    let named = members.filter_map(|member| member.facts.requirement.as_ref());
    named.clone().find(|one| one.is_proved()).or_else(|| named.clone().next()).cloned()
}

#[cfg(test)]
mod tests {
    use findings::requirement::Asked;

    use super::*;

    fn member(reviewer: &str, text: &str) -> Member {
        Member { reviewer: reviewer.to_owned(), text: text.to_owned(), ..Member::default() }
    }

    #[test]
    fn only_what_stands_in_the_text_is_missed() {
        let asked = vec![Asked { of: "issue 3".to_owned(), text: "It must retry\nthree times.".to_owned() }];
        let requirements = Requirements { asked, by: vec!["requirements".to_owned()], why: None };
        let mut members = [
            member(
                "requirements",
                "### 1. [project] x\n**Requirement:** It must\nretry three times.\n**Fix:** y\n",
            ),
            member("requirements", "### 2. [project] x\n**Requirement:** It must cache.\n"),
            member("requirements", "### 3. [project] x\n"),
            member("requirements", r#"{"title": "x", "requirement": "It must retry three times."}"#),
            member("security", "### 4. [project] x\n**Requirement:** It must retry\n"),
        ];
        prove(&mut members, &requirements);
        let found: Vec<_> =
            members.iter().map(|one| one.facts.requirement.as_ref().map(Requirement::is_proved)).collect();
        assert_eq!(found, [Some(true), Some(false), Some(false), Some(true), None]);
        assert!(of_all(members.iter()).is_some_and(|one| one.is_proved()));
        assert!(of_all(members[1..3].iter()).is_some_and(|one| !one.is_proved()));
        assert_eq!(of_all(members[4..].iter()), None);
    }
}
