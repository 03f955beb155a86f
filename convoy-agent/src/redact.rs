//! Keys do not get into logs, streams and reports: whatever a command prints
//! is looked through for the values of the secrets it was given, and their
//! names stand in their place. A model that was talked into printing its
//! environment prints that.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use shared::files::{self, Sync};

use crate::cli_config::Variables;

/// Names of variables with one of these in them hold secrets.
const MARKS: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "HEADERS"];
/// A shorter value is a word that may well stand somewhere by chance.
const SHORTEST: usize = 8;
/// Larger reports are not looked through.
const LARGEST: u64 = 64 << 20;

/// The values that are looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    /// Value, and what is put in its place.
    values: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Secrets {
    /// Of the variables a command is given, by their names.
    pub(crate) fn of(variables: &Variables, passed: &[String]) -> Self {
        let is_secret = |name: &&String| MARKS.iter().any(|mark| name.to_uppercase().contains(mark));
        let value = |name: &String| {
            let value = variables.get(OsStr::new(name))?.as_bytes().to_vec();
            (value.len() >= SHORTEST).then(|| (value, format!("[{name}]").into_bytes()))
        };
        let mut values: Vec<_> = passed.iter().filter(is_secret).filter_map(value).collect();
        // One that begins as another one does: the longer one first.
        values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Secrets { values }
    }

    /// Rewrites a file that holds one.
    pub(crate) fn keep_out_of(&self, path: &Path, dir: &Path) {
        let small = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() <= LARGEST);
        if self.values.is_empty() || !small {
            return;
        }
        let Ok(bytes) = std::fs::read(path) else { return };
        let mut filter = Filter::new(self.clone());
        let mut clean = filter.feed(&bytes);
        clean.extend(filter.finish());
        if clean != bytes {
            let _ = files::replace(path, dir, &clean, Sync::Later);
        }
    }
}

/// One stream of bytes, which may be cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    secrets: Secrets,
    /// What may be the beginning of one.
    held: Vec<u8>,
}

impl Filter {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Filter { secrets, held: Vec::new() }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.secrets.values.is_empty() {
            return bytes.to_vec();
        }
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(all.len());
        let mut rest = all.as_slice();
        while let Some(&first) = rest.first() {
            let values = self.secrets.values.iter().filter(|(value, _)| value[0] == first);
            let mut matching = values.filter(|(value, _)| {
                let length = value.len().min(rest.len());
                value[..length] == rest[..length]
            });
            match matching.next() {
                Some((value, name)) if value.len() <= rest.len() => {
                    out.extend_from_slice(name);
                    rest = &rest[value.len()..];
                }
                Some(_) => {
                    self.held = rest.to_vec();
                    break;
                }
                None => {
                    out.push(first);
                    rest = &rest[1..];
                }
            }
        }
        out
    }

    /// The stream ended: what was held is no secret.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let variables = [
            ("A_KEY", "sk-12345678"),
            ("B_TOKEN", "sk-12345678-long"),
            ("C_URL", "http://example"),
            ("D_KEY", "short"),
        ]
        .map(|(name, value)| (name.into(), value.into()));
        let passed = ["A_KEY", "B_TOKEN", "C_URL", "D_KEY"].map(str::to_owned);
        Secrets::of(&variables.into(), &passed)
    }

    #[test]
    fn secrets_are_replaced_wherever_the_stream_is_cut() {
        let text = "a sk-12345678 b sk-12345678-long sk-12345 http://example short sk-sk-12345678 sk-1234567";
        let want = "a [A_KEY] b [B_TOKEN] sk-12345 http://example short sk-[A_KEY] sk-1234567";
        for size in 1..text.len() {
            let mut filter = Filter::new(secrets());
            let mut out = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                out.extend(filter.feed(piece));
            }
            out.extend(filter.finish());
            assert_eq!(String::from_utf8_lossy(&out), want, "in pieces of {size}");
        }
    }

    #[test]
    fn a_report_is_rewritten_only_if_it_must_be() {
        let dir = tempfile::tempdir().unwrap();
        let report = dir.path().join("report.md");
        std::fs::write(&report, "the key is sk-12345678\n").unwrap();
        secrets().keep_out_of(&report, dir.path());
        assert_eq!(std::fs::read_to_string(&report).unwrap(), "the key is [A_KEY]\n");
        let before = std::fs::metadata(&report).unwrap();
        secrets().keep_out_of(&report, dir.path());
        let after = std::fs::metadata(&report).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::ino(&before), std::os::unix::fs::MetadataExt::ino(&after));
    }
}
