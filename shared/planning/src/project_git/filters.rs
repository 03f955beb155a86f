//! Content filters of the project's own configuration: commands that are not run.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::ProjectGit;
use crate::diagnostic::Diagnostic;

impl ProjectGit<'_> {
    /// Clean and smudge filters of the project's own configuration run commands
    /// when contents are compared or checked out; the user's own (git-lfs) stay,
    /// but for those with commands that are `bad`.
    pub(super) fn overrule_filters_of(&mut self, bad: impl Fn(&[u8]) -> bool) -> Result<(), Diagnostic> {
        let list = self.run(&["config", "--list", "-z", "--show-scope"])?;
        let list = list.unwrap_or_default();
        let mut words = list.split(|&b| b == 0);
        let (mut overruled, mut required) = (BTreeSet::new(), BTreeSet::new());
        while let (Some(scope), Some(entry)) = (words.next(), words.next()) {
            let (key, value) = match entry.iter().position(|&b| b == b'\n') {
                Some(end) => (&entry[..end], &entry[end + 1..]),
                // A key alone means "true".
                None => (entry, &b"true"[..]),
            };
            let Some((name, what)) = filter_key(key) else { continue };
            if scope == b"command" {
                continue;
            }
            if matches!(scope, b"local" | b"worktree") || (what != b"required" && bad(value)) {
                overruled.insert(name);
            }
            match what {
                b"required" if is_true(value) => required.insert(name),
                b"required" => required.remove(name),
                _ => false,
            };
        }
        for name in overruled {
            for (what, value) in [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")] {
                let key = [b"filter.", name, b".", what.as_bytes()].concat();
                self.overrules.insert(OsString::from_vec(key), value.into());
            }
            if required.contains(name) {
                self.required.insert(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(())
    }
}

/// `filter.NAME.WHAT`; names may hold dots.
fn filter_key(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = key.strip_prefix(b"filter.")?;
    let dot = rest.iter().rposition(|&b| b == b'.')?;
    Some((&rest[..dot], &rest[dot + 1..]))
}

fn is_true(value: &[u8]) -> bool {
    !matches!(value.to_ascii_lowercase().as_slice(), b"" | b"false" | b"no" | b"off" | b"0")
}
