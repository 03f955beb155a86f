//! Hidden marks: by which a comment of ours is known again. A mark counts only where
//! it begins a comment that we have written: all other text in it is of others, who
//! could have put one there.

use base::text;
use findings::merged::Finding;

const SUMMARY: &str = "<!-- convoy:summary";
const FINDING: &str = "<!-- convoy:finding";
const END: &str = " -->";

/// The first line of the one comment with all findings. `name` keeps several of them apart.
pub(crate) fn summary(name: &str) -> String {
    format!("{SUMMARY} name={}{END}", encoded(name))
}

/// Is it that comment?
pub(crate) fn is_summary(body: &str, name: &str) -> bool {
    first_line(body) == summary(name)
}

/// What a comment on a line is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Encoded, as they stand in the comment; a finding is known by either.
    fingerprint: String,
    key: String,
    /// A rule found it, so that it is there as long as its code is.
    pub(crate) by_rule: bool,
    name: String,
}

impl Mark {
    /// `None`: it has nothing to be known by.
    pub(crate) fn of(finding: &Finding, name: &str) -> Option<Self> {
        let mark = Mark {
            fingerprint: encoded(&finding.fingerprint),
            key: encoded(finding.key.as_deref().unwrap_or_default()),
            by_rule: finding.rule.is_some(),
            name: encoded(name),
        };
        (!mark.fingerprint.is_empty() || !mark.key.is_empty()).then_some(mark)
    }

    /// Is it about the same finding?
    pub(crate) fn means(&self, other: &Mark) -> bool {
        let same = |one: &str, other: &str| !one.is_empty() && one == other;
        self.name == other.name
            && (same(&self.fingerprint, &other.fingerprint) || same(&self.key, &other.key))
    }

    pub(crate) fn line(&self) -> String {
        let by = if self.by_rule { " by=rule" } else { "" };
        format!("{FINDING} name={} fingerprint={} key={}{by}{END}", self.name, self.fingerprint, self.key)
    }

    /// Of a comment of ours.
    pub(crate) fn read(body: &str, name: &str) -> Option<Self> {
        let words = first_line(body).strip_prefix(FINDING)?.strip_suffix(END)?;
        let mut mark = Mark::default();
        for word in words.split_whitespace() {
            let (key, value) = word.split_once('=')?;
            match key {
                "name" => value.clone_into(&mut mark.name),
                "fingerprint" => value.clone_into(&mut mark.fingerprint),
                "key" => value.clone_into(&mut mark.key),
                "by" => mark.by_rule = value == "rule",
                _ => {}
            }
        }
        (mark.name == encoded(name)).then_some(mark)
    }
}

fn first_line(body: &str) -> &str {
    body.lines().next().unwrap_or_default().trim_end()
}

/// Letters, digits and `_`; everything else as `%XX`: no blank and no end of a mark.
fn encoded(text: &str) -> String {
    text::percent_encoded(text.as_bytes(), b"_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(fingerprint: &str, key: Option<&str>) -> Finding {
        Finding { fingerprint: fingerprint.to_owned(), key: key.map(str::to_owned), ..Finding::default() }
    }

    #[test]
    fn a_mark_is_read_back_whatever_it_is_made_of() {
        for (fingerprint, key) in [("0a1b", Some("k_2")), ("a --> <!-- b=c", None), ("é\n", Some("=x y"))] {
            let mark = Mark::of(&finding(fingerprint, key), "convoy").unwrap();
            let body = format!("{}\r\n**text**", mark.line());
            assert_eq!(Mark::read(&body, "convoy"), Some(mark.clone()));
            assert_eq!(Mark::read(&body, "other"), None);
            assert!(mark.line().matches("-->").count() == 1 && mark.line().lines().count() == 1);
        }
        assert_eq!(Mark::of(&finding("", None), "convoy"), None);
    }

    #[test]
    fn a_finding_is_known_by_its_key_or_its_fingerprint() {
        let mark = |fingerprint, key| Mark::of(&finding(fingerprint, key), "convoy").unwrap();
        assert!(mark("a", None).means(&mark("a", Some("k"))));
        assert!(mark("b", Some("k")).means(&mark("a", Some("k"))));
        assert!(!mark("a", None).means(&mark("b", None)));
    }

    #[test]
    fn a_mark_counts_only_in_front() {
        let text = format!("> quoted\n{}", summary("convoy"));
        assert!(!is_summary(&text, "convoy") && is_summary(&format!("{}\nx", summary("convoy")), "convoy"));
    }
}
