//! Agents as they stand in a file of many: each by itself, and not understood before
//! somebody asks for it. What is in a plan or a state of one agent takes a hundredth of
//! the time that all of them would.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Result;
use serde_json::value::RawValue;

/// The entry of one agent.
pub(crate) type Entry = RawValue;

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
}

/// Whose entry it is.
pub(crate) fn role_of(entry: &Entry) -> Result<Cow<'_, str>> {
    // As programs of ours write it; without escapes it is what it says.
    let written = entry.get().strip_prefix(r#"{"role":""#).and_then(|rest| rest.split_once('"'));
    if let Some((role, _)) = written.filter(|(role, _)| !role.contains('\\')) {
        return Ok(Cow::Borrowed(role));
    }
    serde_json::from_str::<Named<'_>>(entry.get()).map(|named| named.role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_read_however_it_is_written() {
        for (text, want) in [
            (r#"{"role":"a","subagent":"b"}"#, Some("a")),
            (r#"{ "role" : "a" }"#, Some("a")),
            (r#"{"subagent":"role","role":"a"}"#, Some("a")),
            (r#"{"role":"\u0061"}"#, Some("a")),
            (r#"{"role":"a\"b"}"#, Some("a\"b")),
            (r#"{"role":""}"#, Some("")),
            (r#"{"detail":"{\"role\":\"a\""}"#, None),
            (r#"{"role":7}"#, None),
            ("[]", None),
        ] {
            let entry: &Entry = serde_json::from_str(text).unwrap();
            assert_eq!(role_of(entry).ok().as_deref(), want, "{text}");
        }
    }
}
