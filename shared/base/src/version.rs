//! Versions of agent CLIs, as far as choosing options needs them.

use std::fmt;
use std::str::FromStr;

/// `major.minor.patch`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

impl Version {
    /// The first version in what `CLI --version` printed ("2.1.330 (Claude Code)").
    pub fn find(output: &str) -> Option<Version> {
        output
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map(|word| word.trim_matches('.'))
            .filter(|word| word.contains('.'))
            .find_map(|word| word.parse().ok())
    }
}

impl FromStr for Version {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{}' is not a version", crate::text::visible(text));
        let mut parts = text.split('.').map(str::parse::<u64>);
        let mut next = || parts.next().transpose().map_err(|_| bad());
        let (major, minor, patch) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(bad());
        }
        Ok(Version(major.ok_or_else(bad)?, minor.unwrap_or(0), patch.unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_clis_print() {
        for (text, want) in [
            ("2.1.330 (Claude Code)\n", Some(Version(2, 1, 330))),
            ("codex-cli 0.169.0", Some(Version(0, 169, 0))),
            ("v1.18", Some(Version(1, 18, 0))),
            ("GitHub Copilot CLI 1.0.102.\nRun 'copilot update'…", Some(Version(1, 0, 102))),
            ("no version 3", None),
            ("", None),
        ] {
            assert_eq!(Version::find(text), want, "{text}");
        }
        assert!(Version(2, 1, 197) < Version(2, 1, 330));
        assert!("1.x".parse::<Version>().is_err());
        assert!("1.2.3.4".parse::<Version>().is_err());
    }
}
