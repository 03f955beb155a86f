//! Which runners an agent may have, as people write it: one, several in the order in
//! which they are to have it, or any but some.

use std::fmt;
use std::str::FromStr;

use base::ids::{BadName, Name};

use crate::document::Value;
use crate::fields::parsed;

/// Who runs an agent, as options and templates name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// These and no others: each has the agent when the login of the one before is
    /// used up for long. Never empty, none twice.
    Chain(Vec<Name>),
    /// The first that works here and is none of these. Never empty.
    Not(Vec<Name>),
}

impl Choice {
    pub(crate) fn one(name: Name) -> Self {
        Choice::Chain(vec![name])
    }

    /// Every name in it.
    pub fn names(&self) -> &[Name] {
        match self {
            Choice::Chain(names) | Choice::Not(names) => names,
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names().iter().map(Name::as_str).collect::<Vec<_>>().join(",");
        match self {
            Choice::Chain(_) => f.write_str(&names),
            Choice::Not(_) => write!(f, "not {names}"),
        }
    }
}

/// Why a text names no runner.
#[derive(Debug, thiserror::Error)]
pub enum BadChoice {
    #[error("{0}")]
    Name(#[from] BadName),
    #[error("runner '{0}' is named twice")]
    Twice(Name),
    #[error("no runner is named")]
    Nothing,
}

/// `claude`, or `claude,codex`.
impl FromStr for Choice {
    type Err = BadChoice;

    fn from_str(text: &str) -> Result<Self, BadChoice> {
        let names = text.split(',').map(|name| name.trim().parse::<Name>());
        Ok(Choice::Chain(distinct(names.collect::<Result<_, _>>()?)?))
    }
}

fn distinct(names: Vec<Name>) -> Result<Vec<Name>, BadChoice> {
    if names.is_empty() {
        return Err(BadChoice::Nothing);
    }
    match names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
        Some((_, twice)) => Err(BadChoice::Twice(twice.clone())),
        None => Ok(names),
    }
}

/// A text, a list of names, or `{not: …}` with one of these.
pub(crate) fn choice(value: &Value) -> Result<Choice, String> {
    match value {
        Value::Text(_) => parsed(value),
        Value::List(items) => {
            let names = items.iter().map(|item| parsed::<Name>(&item.value)).collect::<Result<_, _>>()?;
            distinct(names).map(Choice::Chain).map_err(|error| error.to_string())
        }
        Value::Table(entries) => match entries.as_slice() {
            [entry] if entry.key == "not" => match choice(&entry.node.value)? {
                Choice::Chain(names) => Ok(Choice::Not(names)),
                Choice::Not(_) => Err("'not' in 'not'".to_owned()),
            },
            _ => Err("expected a runner, a list of runners, or a table with 'not' alone".to_owned()),
        },
        other => Err(format!("expected a runner or a list of runners, found {}", other.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Source, parse_json};

    fn read(json: &str) -> Result<String, String> {
        let source = Source { name: "f".to_owned(), text: json.to_owned() };
        choice(&parse_json(&source).unwrap().value).map(|choice| choice.to_string())
    }

    #[test]
    fn a_choice_is_one_several_or_any_but_some() {
        for (json, want) in [
            (r#""claude""#, "claude"),
            (r#""claude, codex""#, "claude,codex"),
            (r#"["claude", "codex"]"#, "claude,codex"),
            (r#"{"not": "claude"}"#, "not claude"),
            (r#"{"not": ["claude", "codex"]}"#, "not claude,codex"),
        ] {
            assert_eq!(read(json).as_deref(), Ok(want), "{json}");
        }
        for bad in [
            r#""""#,
            "[]",
            "7",
            r#"["claude", "claude"]"#,
            r#""claude,,codex""#,
            r#"[["claude"]]"#,
            "{}",
            r#"{"not": {"not": "claude"}}"#,
            r#"{"not": "claude", "also": 1}"#,
            r#"{"only": "claude"}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
