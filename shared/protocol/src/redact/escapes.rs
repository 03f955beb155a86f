//! The forms in which a key may be written in a text: escaped, percent-encoded, as references.

use std::collections::BTreeSet;

/// More backslashes than this before one character are no escape.
const MOST_BACKSLASHES: usize = 8;

/// What the written form of any character may begin with.
pub(super) const ESCAPING: [u8; 3] = [b'\\', b'&', b'%'];

/// More digits than this are no character reference.
const MOST_DIGITS: usize = 8;

/// How far a text is a written form of a value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    /// Length of the form, if it is whole.
    pub(super) whole: Option<usize>,
    /// The text ends before the form does.
    pub(super) begun: bool,
}

pub(super) fn compare(value: &[u8], text: &[u8]) -> Compared {
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
