//! Checked names. Whatever becomes part of a file name, a session name or an
//! argument is one of these (P12); nothing else is ever joined into a path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest role, template, agent or runner name.
pub(crate) const MAX_NAME: usize = 48;
/// `convoy-` + a template name + `-` + the short id.
pub(crate) const MAX_ID: usize = MAX_NAME + 16;
/// Letters and digits without look-alikes (0/o, 1/i/l); the alphabet of short ids.
pub const SHORT_ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
pub const SHORT_LEN: usize = 6;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a name: use {rule}, at most {max} characters", text = crate::text::visible(.text), rule = "a-z, 0-9, '-' and '_', beginning with a letter or digit")]
pub struct BadName {
    pub text: String,
    pub max: usize,
}

fn check(text: &str, max: usize) -> Result<(), BadName> {
    let ok = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    let good = bytes.first().is_some_and(|&c| ok(c))
        && bytes.len() <= max
        && bytes.iter().all(|&c| ok(c) || c == b'-' || c == b'_');
    if good { Ok(()) } else { Err(BadName { text: text.to_owned(), max }) }
}

macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
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
                check(text, $max).map(|()| $name(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                check(&text, $max).map(|()| $name(text))
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
    MAX_ID
);
checked_name!(
    /// The role of an agent, unique in its convoy.
    Role,
    MAX_NAME
);
checked_name!(
    /// The name of a template, an agent file or a runner.
    Name,
    MAX_NAME
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
    fn short_id_is_the_last_part() {
        let id = ConvoyId::new(&"code-review".parse().unwrap(), "k7q2m9").unwrap();
        assert_eq!(id.as_str(), "convoy-code-review-k7q2m9");
        assert_eq!(id.short(), "k7q2m9");
    }
}
