//! Text from outside (paths, names, log lines) made safe to print: what came
//! from a project or an agent never reaches the terminal as a control sequence.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Control characters and invisible direction marks become visible escapes.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// A path for people: readable, one line, whatever bytes it holds.
pub fn path(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        out.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// A line of terminal output without its control sequences (CSI, OSC and the
/// short ones), for showing elsewhere than in a terminal of its own.
pub fn without_sequences(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            // ESC [ … final byte
            Some('[') => {
                chars.by_ref().find(|c| ('@'..='~').contains(c));
            }
            // ESC ] … BEL or ESC \
            Some(']' | 'P' | '^' | '_') => {
                let mut escaped = false;
                chars.by_ref().find(|&c| {
                    let ends = c == '\u{7}' || (escaped && c == '\\');
                    escaped = c == '\u{1b}';
                    ends
                });
            }
            Some(_) | None => {}
        }
    }
    out
}

/// Percent-encoded for an address: letters, digits and the bytes of `plain` stand for
/// themselves.
pub fn percent_encoded(bytes: &[u8], plain: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_cannot_hold_is_encoded() {
        assert_eq!(percent_encoded(b"a b/\xff%_~", b"/_"), "a%20b/%FF%25_%7E");
    }

    #[test]
    fn nothing_from_outside_reaches_the_terminal_as_a_sequence() {
        assert_eq!(visible("a\x1b[31mb\r\n\u{202e}"), "a\\u{1b}[31mb\\r\\n\\u{202e}");
        assert_eq!(without_sequences("\x1b[1;31mred\x1b[0m \x1b]0;title\x07x\x1b]8;;u\x1b\\y"), "red xy");
    }
}
