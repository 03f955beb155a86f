//! The sentence of an issue or a pull request that a finding says is not met, held
//! against what was asked for: what a reviewer quotes counts only where it stands there.

use serde::{Deserialize, Serialize};

/// A sentence has so many letters and digits: a shorter one stands everywhere.
const SHORTEST: usize = 6;

/// What was asked for: the text of one issue, or of the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// For people: `issue 12`, `the pull request`.
    pub of: String,
    pub text: String,
}

/// What a finding says is not met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// As the reviewer quotes it; `None`: it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// Does it stand in what was asked for? `None`: nobody could look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands: Option<bool>,
    /// Whose text it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl Requirement {
    /// As a reviewer names it, before anybody has looked.
    pub fn named(sentence: Option<String>) -> Self {
        let sentence = sentence.map(|text| folded(&text)).filter(|text| !text.is_empty());
        Requirement { sentence, stands: None, of: None }
    }

    /// Held against the texts.
    #[must_use]
    pub fn held_against(self, asked: &[Asked]) -> Self {
        let sentence = self.sentence.as_deref().filter(|text| is_long_enough(text));
        let found = sentence.and_then(|sentence| asked.iter().find(|one| stands_in(sentence, &one.text)));
        Requirement { stands: Some(found.is_some()), of: found.map(|one| one.of.clone()), ..self }
    }

    /// Is it a requirement missed: a sentence that stands in what was asked for?
    pub fn is_proved(&self) -> bool {
        self.stands == Some(true)
    }

    /// For people, whole: `"It must retry." (issue 12)`.
    pub fn shown(&self) -> String {
        match (&self.sentence, self.stands, &self.of) {
            (Some(sentence), Some(true), Some(of)) => format!("\"{sentence}\" ({of})"),
            (Some(sentence), Some(false), _) => {
                format!("not counted as missed: \"{sentence}\" does not stand in what was asked for")
            }
            (Some(sentence), ..) => format!("\"{sentence}\""),
            (None, ..) => "not counted as missed: it names no sentence of what was asked for".to_owned(),
        }
    }
}

/// Whether a change does what was asked for, as far as anybody has looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Looked {
    /// Was it held against what was asked for?
    pub looked_at: bool,
    /// The texts it was held against.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Why it was not, a clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Open findings whose sentence stands in those texts, and those whose does not.
    pub missed: u64,
    pub unproved: u64,
}

impl Looked {
    /// Nobody has, for this reason.
    pub fn not(why: String) -> Self {
        Looked { why: Some(why), ..Looked::default() }
    }

    /// At these texts; `open`: of each open finding of who looked what it says is not met.
    pub fn at<'r>(of: Vec<String>, open: impl Iterator<Item = &'r Requirement>) -> Self {
        let (mut missed, mut unproved) = (0, 0);
        for one in open {
            *(if one.is_proved() { &mut missed } else { &mut unproved }) += 1;
        }
        Looked { looked_at: true, of, why: None, missed, unproved }
    }

    /// A sentence for people, without its stop.
    pub fn sentence(&self) -> String {
        if !self.looked_at {
            let why = self.why.as_deref().unwrap_or("nobody did");
            return format!("requirements were not looked at: {why}");
        }
        let missed = match self.missed {
            0 => "no requirement is missed".to_owned(),
            1 => "1 requirement is missed".to_owned(),
            n => format!("{n} requirements are missed"),
        };
        let unproved = match self.unproved {
            0 => String::new(),
            1 => ", and 1 finding names a sentence that does not stand there".to_owned(),
            n => format!(", and {n} findings name sentences that do not stand there"),
        };
        format!("the change was held against {}: {missed}{unproved}", self.of.join(" and "))
    }
}

/// Blanks and breaks of lines aside, and from the beginning of a word to the end of one.
fn stands_in(sentence: &str, text: &str) -> bool {
    let text = folded(text);
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(sentence).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + sentence.len()..]);
        let cut_before = is_word(before.chars().next_back()) && is_word(sentence.chars().next());
        let cut_behind = is_word(behind.chars().next()) && is_word(sentence.chars().next_back());
        !cut_before && !cut_behind
    })
}

fn is_long_enough(sentence: &str) -> bool {
    sentence.chars().filter(|c| c.is_alphanumeric()).count() >= SHORTEST
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(sentence: Option<&str>) -> Requirement {
        let asked = [
            Asked {
                of: "issue 12".to_owned(),
                text: "Fetch fails\nIt must retry\n  three times.".to_owned(),
            },
            Asked { of: "the pull request".to_owned(), text: "Adds a timeout.".to_owned() },
        ];
        Requirement::named(sentence.map(str::to_owned)).held_against(&asked)
    }

    #[test]
    fn only_a_sentence_that_stands_there_is_missed() {
        for (sentence, of) in [
            (Some("It must retry three times."), Some("issue 12")),
            (Some(" It must\tretry three times "), Some("issue 12")),
            (Some("Adds a timeout."), Some("the pull request")),
            (Some("It must retry five times."), None),
            (Some("it must retry"), None),
            // A part of a word, and too little to stand for a place.
            (Some("t must retry three"), None),
            (Some("It"), None),
            (Some(""), None),
            (None, None),
        ] {
            let found = held(sentence);
            assert_eq!((found.of.as_deref(), found.is_proved()), (of, of.is_some()), "{sentence:?}");
        }
    }

    #[test]
    fn what_was_not_looked_at_is_not_met() {
        let not = Looked::not("no AI reviews".to_owned());
        assert_eq!(not.sentence(), "requirements were not looked at: no AI reviews");
        let (proved, unproved) = (held(Some("Adds a timeout.")), held(None));
        let at =
            |open: &[&Requirement]| Looked::at(vec!["issue 12".to_owned()], open.iter().copied()).sentence();
        assert_eq!(at(&[]), "the change was held against issue 12: no requirement is missed");
        assert_eq!(
            at(&[&proved, &unproved]),
            "the change was held against issue 12: 1 requirement is missed, and 1 finding names a sentence that does not stand there"
        );
    }

    #[test]
    fn people_are_told_which_it_is() {
        assert_eq!(held(Some("Adds a timeout.")).shown(), "\"Adds a timeout.\" (the pull request)");
        assert!(held(Some("Adds a cache.")).shown().contains("does not stand in what was asked for"));
        assert!(held(None).shown().contains("names no sentence"));
        let unseen = Requirement::named(Some("Adds a timeout.".to_owned()));
        assert_eq!((unseen.shown().as_str(), unseen.is_proved()), ("\"Adds a timeout.\"", false));
    }
}
