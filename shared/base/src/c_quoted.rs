//! Names as git prints them where they hold other bytes than plain ones: between
//! quotation marks, with the escapes of C (`core.quotePath`).

use std::fmt::Write as _;

/// The bytes of `"a\"b\303\244"`; `None`: it is not quoted so.
pub fn unquoted(name: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = name.strip_prefix(b"\"")?.strip_suffix(b"\"")?.iter().copied();
    let mut out = Vec::with_capacity(name.len());
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            same @ (b'"' | b'\\') => same,
            first @ b'0'..=b'3' => {
                let mut value = first - b'0';
                for _ in 0..2 {
                    let digit = bytes.next().filter(|byte| (b'0'..=b'7').contains(byte))?;
                    value = value * 8 + (digit - b'0');
                }
                value
            }
            _ => return None,
        });
    }
    Some(out)
}

/// A name as git would print it; one of plain characters stays as it is.
pub fn quoted(name: &str) -> String {
    if !name.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return name.to_owned();
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{quoted, unquoted};

    #[test]
    fn what_is_quoted_is_read_again() {
        assert_eq!(quoted("src/a b ä.rs"), "src/a b ä.rs");
        for name in ["a\"b", "a\\b", "a\nb\tc\u{7f}", "\u{85}ä"] {
            assert_eq!(unquoted(quoted(name).as_bytes()).unwrap(), name.as_bytes(), "{name:?}");
        }
    }

    #[test]
    fn names_come_back_as_they_are() {
        for (quoted, name) in [
            (&b"\"plain\""[..], Some(&b"plain"[..])),
            (b"\"a\\\"b\\\\\\303\\244\\t\\377\"", Some(b"a\"b\\\xc3\xa4\t\xff")),
            (b"plain", None),
            (b"\"no end", None),
            (b"\"\\q\"", None),
            (b"\"\\38\"", None),
            (b"\"\\\"", None),
        ] {
            assert_eq!(unquoted(quoted).as_deref(), name, "{}", String::from_utf8_lossy(quoted));
        }
    }
}
