//! Checked names. Whatever becomes part of a file name, a session name or an
//! argument is one of these (P12); nothing else is ever joined into a path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest role, template or runner name.
pub(crate) const MAX_NAME: usize = 48;
/// Longest name of an agent file, in bytes.
pub(crate) const MAX_AGENT_NAME: usize = 128;
/// `convoy-` + a template name + `-` + the short id.
pub(crate) const MAX_ID: usize = MAX_NAME + 16;
/// Letters and digits without look-alikes (0/o, 1/i/l); the alphabet of short ids.
pub const SHORT_ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Characters of the last part of a convoy's id.
pub const SHORT_LEN: usize = 6;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a name: use {rule}, at most {max} characters", text = crate::text::visible(.text))]
pub struct BadName {
    pub text: String,
    pub rule: &'static str,
    pub max: usize,
}

/// What a name is made of, in words and as a check.
type Rule = (&'static str, fn(&str) -> bool);

const PLAIN: Rule = ("a-z, 0-9, '-' and '_', beginning with a letter or digit", |text| {
    let ok = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.bytes().next().is_some_and(ok) && text.bytes().all(|c| ok(c) || c == b'-' || c == b'_')
});

/// What agents are called elsewhere, as far as a file below a directory can be.
const FILE_NAME: Rule = (
    "letters, digits, blanks and signs on one line, each part beginning with a letter, a digit or '_'",
    |text| {
        let begins = |part: &str| part.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        text.split('/').all(begins) && text.trim() == text && crate::text::visible(text) == text
    },
);

fn check(text: &str, (rule, fits): Rule, max: usize) -> Result<(), BadName> {
    let good = text.len() <= max && fits(text);
    if good { Ok(()) } else { Err(BadName { text: text.to_owned(), rule, max }) }
}

macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                check(text, $rule, $max).map(|()| $name(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                check(&text, $rule, $max).map(|()| $name(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

checked_name!(
    /// The full id of a convoy: `convoy-<template>-<short>`.
    ConvoyId,
    PLAIN,
    MAX_ID
);
checked_name!(
    /// The role of an agent, unique in its convoy.
    Role,
    PLAIN,
    MAX_NAME
);
checked_name!(
    /// The name of a template or a runner.
    Name,
    PLAIN,
    MAX_NAME
);
checked_name!(
    /// The name of an agent file: whatever Claude Code takes that can be a file's.
    AgentName,
    FILE_NAME,
    MAX_AGENT_NAME
);

impl ConvoyId {
    /// Makes an id from a template's name and 6 characters of [`SHORT_ALPHABET`].
    pub fn new(template: &Name, short: &str) -> Result<Self, BadName> {
        format!("convoy-{template}-{short}").parse()
    }

    /// The last part, which people type.
    pub fn short(&self) -> &str {
        self.0.rsplit('-').next().unwrap_or(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_plain() {
        for good in ["a", "0", "code-review", "x_1-y"] {
            assert!(good.parse::<Role>().is_ok(), "{good}");
        }
        let long = "a".repeat(MAX_NAME + 1);
        for bad in ["", "-a", "_a", "A", "a b", "a/b", "..", "a.b", "a;b", "é", "a\n", &long] {
            assert!(bad.parse::<Role>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn agents_are_called_what_a_file_can_be_called() {
        let long = "a".repeat(MAX_AGENT_NAME + 1);
        for good in ["a", "code-reviewer", "C# Pro", "next.js-16", "Prüfer", "x (copy)", "ns:agent", "a/b.c"]
        {
            assert!(good.parse::<AgentName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            ".a",
            "-a",
            " a",
            "a ",
            "a/",
            "/a",
            "a//b",
            "../a",
            "a/../b",
            "a\n",
            "a\0",
            "\u{202e}a",
            &long,
        ] {
            assert!(bad.parse::<AgentName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn short_id_is_the_last_part() {
        let id = ConvoyId::new(&"code-review".parse().unwrap(), "k7q2m9").unwrap();
        assert_eq!(id.as_str(), "convoy-code-review-k7q2m9");
        assert_eq!(id.short(), "k7q2m9");
    }
}
