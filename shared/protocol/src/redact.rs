//! No key in what is kept: the values of secret variables are found in text and
//! their names put in their place, wherever the text is cut into pieces.
//!
//! What counts is what a reader makes of the text. A key is also found where it
//! is written with the escapes of JSON (`\u0073`, `\/`), of Markdown (`\_`) or
//! as a character reference (`&#115;`), for each of which some reader of a
//! report puts the plain character; percent-encoded (`%73`), in base64 (either
//! alphabet, alone or within more, as in `Authorization: Basic`), and in hex. It
//! is not found in a code of another kind: base64 in several lines, reversed, in
//! words, compressed.

mod encodings;
mod escapes;
mod filter;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use base::pieces;
use escapes::{ESCAPING, compare};
pub use filter::{Filter, Run, Scanner};

/// Names of variables with one of these in them hold secrets.
const MARKS: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "HEADERS"];
/// A shorter value is a word that may well stand somewhere by chance.
const SHORTEST: usize = 8;

/// The values that are looked for.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The longest first.
    values: Vec<Secret>,
    /// What a written form of one of them begins with.
    first: Vec<bool>,
}

#[derive(Debug)]
struct Secret {
    value: Vec<u8>,
    /// What is put in its place.
    shown: String,
}

impl Secrets {
    /// Of variables by their names.
    pub fn of<'v>(variables: impl IntoIterator<Item = (&'v OsStr, &'v OsStr)>) -> Self {
        let mut values: Vec<Secret> = Vec::new();
        for (name, value) in variables {
            let name = name.to_string_lossy();
            if !MARKS.iter().any(|mark| name.to_uppercase().contains(mark)) {
                continue;
            }
            for value in parts(&name, value.as_bytes()) {
                if value.len() < SHORTEST {
                    continue;
                }
                for form in [vec![value.to_vec()], encodings::of(value)].concat() {
                    if values.iter().all(|known| known.value != form) {
                        values.push(Secret { value: form, shown: format!("[{name}]") });
                    }
                }
            }
        }
        if values.is_empty() {
            return Secrets::default();
        }
        values.sort_by_key(|secret| std::cmp::Reverse(secret.value.len()));
        let mut first = vec![false; 256];
        let firsts = values.iter().filter_map(|secret| secret.value.first().copied());
        for byte in firsts.chain(ESCAPING) {
            first[usize::from(byte)] = true;
        }
        Secrets(Arc::new(Known { values, first }))
    }

    /// Nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.values.is_empty()
    }

    /// A whole text without them.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut filter = Filter::new(self.clone());
        let mut out = filter.feed(text.as_bytes());
        out.extend(filter.finish());
        Cow::Owned(String::from_utf8_lossy(&out).into_owned())
    }

    /// Copies a stream of any length without them. True: one was found.
    pub fn copy(&self, from: impl Read, mut to: impl Write) -> io::Result<bool> {
        let mut filter = Filter::new(self.clone());
        pieces::read_all(from, |piece| to.write_all(&filter.feed(piece)))?;
        to.write_all(&filter.finish())?;
        to.flush()?;
        Ok(filter.found())
    }

    /// The longest form of one that the text begins with, and whether the text
    /// may be the beginning of one.
    fn at(&self, text: &[u8]) -> (Option<(usize, &Secret)>, bool) {
        let mut longest: Option<(usize, &Secret)> = None;
        let mut begun = false;
        let Some(first) = text.first() else { return (None, false) };
        let escapes = ESCAPING.contains(first);
        for secret in self.0.values.iter().filter(|secret| escapes || secret.value.first() == Some(first)) {
            let found = compare(&secret.value, text);
            begun |= found.begun;
            if let Some(length) = found.whole
                && longest.is_none_or(|(known, _)| known < length)
            {
                longest = Some((length, secret));
            }
        }
        (longest, begun)
    }

    fn may_begin(&self, byte: u8) -> bool {
        self.0.first[usize::from(byte)]
    }
}

/// What of a value is secret: itself, and of headers each value, because a
/// program that was given `name: value` lines sends and shows them one by one.
fn parts<'v>(name: &str, value: &'v [u8]) -> Vec<&'v [u8]> {
    let mut parts = vec![value.trim_ascii()];
    if name.to_uppercase().contains("HEADERS") {
        for line in value.split(|&byte| byte == b'\n' || byte == b',') {
            if let Some(colon) = line.iter().position(|&byte| byte == b':' || byte == b'=') {
                let of_header = line[colon + 1..].trim_ascii();
                parts.push(of_header);
                // `Bearer …`: the scheme is no secret.
                parts.extend(of_header.rsplit(u8::is_ascii_whitespace).next());
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests;
