//! One thing that `doctor` looked at, and what it found.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Verdict {
    Fine,
    /// Worth knowing; nothing is broken.
    Note,
    Wrong,
}

#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) verdict: Verdict,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
    /// The same, by the name that readers of an earlier version know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mend: Option<String>,
}

pub(super) fn check(what: &str, verdict: Verdict, found: impl Into<String>, mend: Option<&str>) -> Check {
    Check {
        what: what.to_owned(),
        verdict,
        found: found.into(),
        fix: mend.map(str::to_owned),
        mend: mend.map(str::to_owned),
    }
}
