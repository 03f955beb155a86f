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

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// Names of variables with one of these in them hold secrets.
const MARKS: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "HEADERS"];
/// A shorter value is a word that may well stand somewhere by chance.
const SHORTEST: usize = 8;
/// More backslashes than this before one character are no escape.
const MOST_BACKSLASHES: usize = 8;
/// What the written form of any character may begin with.
const ESCAPING: [u8; 3] = [b'\\', b'&', b'%'];
/// More digits than this are no character reference.
const MOST_DIGITS: usize = 8;

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
    pub fn copy(&self, mut from: impl Read, mut to: impl Write) -> io::Result<bool> {
        let mut filter = Filter::new(self.clone());
        let mut buffer = vec![0; 65536];
        loop {
            let n = match from.read(&mut buffer) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if n == 0 {
                break;
            }
            to.write_all(&filter.feed(&buffer[..n]))?;
        }
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

/// How far a text is a written form of a value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Compared {
    /// Length of the form, if it is whole.
    whole: Option<usize>,
    /// The text ends before the form does.
    begun: bool,
}

fn compare(value: &[u8], text: &[u8]) -> Compared {
    let mut out = Compared::default();
    // Where both a character and the escape that begins with it may be meant,
    // both are followed.
    let mut open = vec![(0, 0)];
    let mut seen = BTreeSet::new();
    while let Some((mut v, mut t)) = open.pop() {
        loop {
            let Some(&wanted) = value.get(v) else {
                out.whole = out.whole.max(Some(t));
                break;
            };
            let Some(&byte) = text.get(t) else {
                out.begun = true;
                break;
            };
            if ESCAPING.contains(&byte) {
                if !seen.insert((v, t)) {
                    break;
                }
                out.begun |= escapes(&text[t..], &mut |decoded, length| {
                    if value[v..].starts_with(decoded) {
                        open.push((v + decoded.len(), t + length));
                    }
                });
            }
            if byte != wanted {
                break;
            }
            v += 1;
            t += 1;
        }
    }
    out
}

/// What the escape at the beginning of a text may stand for, and its length.
/// True: it may also be the beginning of a longer one.
fn escapes(text: &[u8], take: &mut impl FnMut(&[u8], usize)) -> bool {
    match text.first() {
        Some(b'&') => return reference(text, take),
        Some(b'%') => return percent(&text[1..], take),
        _ => {}
    }
    // Escaped once, or a text that holds it escaped once more.
    for length in [2, 4] {
        if text.len() >= length && text[..length].iter().all(|&byte| byte == b'\\') {
            take(b"\\", length);
        }
    }
    let run = text.iter().take(MOST_BACKSLASHES).take_while(|&&byte| byte == b'\\').count();
    let Some(&after) = text.get(run) else { return true };
    let mut character = [0; 4];
    match after {
        b'u' => {
            let (decoded, length) = match utf16(&text[run..]) {
                Utf16::Character(decoded, length) => (decoded, length),
                Utf16::Begun => return true,
                Utf16::None => return false,
            };
            take(decoded.encode_utf8(&mut character).as_bytes(), run + length);
        }
        b'n' => take(b"\n", run + 1),
        b'r' => take(b"\r", run + 1),
        b't' => take(b"\t", run + 1),
        b'b' => take(b"\x08", run + 1),
        b'f' => take(b"\x0c", run + 1),
        after if after.is_ascii_punctuation() => take(&[after], run + 1),
        _ => {}
    }
    false
}

enum Utf16 {
    Character(char, usize),
    Begun,
    None,
}

/// `u0073`, or two of them with backslashes in between for what is above U+FFFF.
fn utf16(text: &[u8]) -> Utf16 {
    let (first, length) = match unit(text) {
        Ok(unit) => (unit, 5),
        Err(begun) => return if begun { Utf16::Begun } else { Utf16::None },
    };
    if let Some(decoded) = char::from_u32(first) {
        return Utf16::Character(decoded, length);
    }
    let rest = &text[length..];
    let run = rest.iter().take(MOST_BACKSLASHES).take_while(|&&byte| byte == b'\\').count();
    let low = match unit(&rest[run..]) {
        Ok(low) => low,
        Err(begun) => return if begun { Utf16::Begun } else { Utf16::None },
    };
    let decoded = char::decode_utf16([first as u16, low as u16]).next();
    decoded.and_then(Result::ok).map_or(Utf16::None, |c| Utf16::Character(c, length + run + 5))
}

/// The two digits of `%73`.
fn percent(digits: &[u8], take: &mut impl FnMut(&[u8], usize)) -> bool {
    let digits = &digits[..digits.len().min(2)];
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    if let Some(byte) = number(digits, 16).filter(|_| digits.len() == 2) {
        take(&[byte as u8], 3);
    }
    digits.len() < 2
}

/// `u` and four digits; an error tells whether the text ends in the middle.
fn unit(text: &[u8]) -> Result<u32, bool> {
    let digits = text.get(1..).unwrap_or_default();
    let digits = &digits[..digits.len().min(4)];
    let is_begun = text.first().is_none_or(|&byte| byte == b'u') && digits.iter().all(u8::is_ascii_hexdigit);
    if digits.len() < 4 || !is_begun {
        return Err(is_begun && digits.len() < 4);
    }
    number(digits, 16).ok_or(false)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok())
}

/// `&#115;`, `&#x73;`, and the names of what HTML itself is made of.
fn reference(text: &[u8], take: &mut impl FnMut(&[u8], usize)) -> bool {
    const NAMED: [(&[u8], &[u8]); 5] =
        [(b"&amp;", b"&"), (b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b"\""), (b"&apos;", b"'")];
    for (written, decoded) in NAMED {
        if text.starts_with(written) {
            take(decoded, written.len());
            return false;
        }
        if written.starts_with(text) {
            return true;
        }
    }
    let Some(rest) = text.strip_prefix(b"&#") else { return false };
    let (radix, digits) = match rest {
        [b'x' | b'X', digits @ ..] => (16, digits),
        digits => (10, digits),
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let count = digits.iter().take(MOST_DIGITS).take_while(is_digit).count();
    match digits.get(count) {
        None => true,
        Some(b';') => {
            if let Some(decoded) = number(&digits[..count], radix).and_then(char::from_u32) {
                let length = text.len() - digits.len() + count + 1;
                take(decoded.encode_utf8(&mut [0; 4]).as_bytes(), length);
            }
            false
        }
        Some(_) => false,
    }
}

/// What becomes of bytes of a stream, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// So many are as they are.
    Keep(usize),
    /// So many are of a secret. Where one begins, its name is to be put.
    Hide(usize, Option<String>),
}

/// Looks through a text that comes in pieces. Bytes are decided in their order,
/// those that may be of a secret as soon as that is known.
#[derive(Debug, Default)]
pub struct Scanner {
    secrets: Secrets,
    /// From where a secret may have begun on.
    open: Vec<u8>,
    /// So many of them are of another one for certain, and are decided.
    decided: usize,
}

impl Scanner {
    pub fn new(secrets: Secrets) -> Self {
        Scanner { secrets, open: Vec::new(), decided: 0 }
    }

    /// Bytes that are not decided yet.
    pub fn undecided(&self) -> usize {
        self.open.len() - self.decided
    }

    /// Takes a piece; what it decides. The last one decides all.
    pub fn scan(&mut self, piece: &[u8], is_last: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        if self.secrets.is_empty() {
            keep(&mut runs, piece.len());
            return runs;
        }
        self.open.extend_from_slice(piece);
        let text = &self.open;
        // Up to `at` everything is looked at, up to `told` decided, and up to
        // `hidden` of a secret.
        let (mut at, mut told, mut hidden) = (0, self.decided, self.decided);
        while let Some(&byte) = text.get(at) {
            if self.secrets.may_begin(byte) {
                let (found, begun) = self.secrets.at(&text[at..]);
                if begun && !is_last {
                    break;
                }
                if let Some((length, secret)) = found {
                    let end = at + length;
                    if at >= hidden {
                        keep(&mut runs, at - told);
                        runs.push(Run::Hide(length, Some(secret.shown.clone())));
                        told = end;
                    } else if end > told {
                        // It overlaps the one before.
                        runs.push(Run::Hide(end - told, None));
                        told = end;
                    }
                    hidden = hidden.max(end);
                }
            }
            at += 1;
        }
        if at > told {
            keep(&mut runs, at - told);
            told = at;
        }
        self.open.drain(..at);
        self.decided = told - at;
        runs
    }
}

fn keep(runs: &mut Vec<Run>, length: usize) {
    if length > 0 {
        runs.push(Run::Keep(length));
    }
}

/// One stream of bytes, which may be cut anywhere, without secrets.
#[derive(Debug, Default)]
pub struct Filter {
    scanner: Scanner,
    /// What is not decided yet.
    held: Vec<u8>,
    found: bool,
}

impl Filter {
    pub fn new(secrets: Secrets) -> Self {
        Filter { scanner: Scanner::new(secrets), held: Vec::new(), found: false }
    }

    /// Takes a piece; gives what of the stream is certain by now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.take(bytes, false)
    }

    /// The stream ended: its rest.
    pub fn finish(&mut self) -> Vec<u8> {
        self.take(&[], true)
    }

    /// Was there a secret in it so far?
    pub(crate) fn found(&self) -> bool {
        self.found
    }

    fn take(&mut self, bytes: &[u8], is_last: bool) -> Vec<u8> {
        let runs = self.scanner.scan(bytes, is_last);
        self.held.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(self.held.len());
        let mut from = 0;
        for run in runs {
            match run {
                Run::Keep(length) => {
                    out.extend_from_slice(&self.held[from..from + length]);
                    from += length;
                }
                Run::Hide(length, name) => {
                    self.found = true;
                    out.extend_from_slice(name.unwrap_or_default().as_bytes());
                    from += length;
                }
            }
        }
        self.held.drain(..from);
        out
    }
}

#[cfg(test)]
mod tests;
