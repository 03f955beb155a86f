//! Names as git prints them where they hold other bytes than plain ones: between
//! quotation marks, with the escapes of C (`core.quotePath`).

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

#[cfg(test)]
mod tests {
    use super::unquoted;

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
