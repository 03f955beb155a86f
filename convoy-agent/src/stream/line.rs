//! A line of a stream as the event it is meant to be. What CLIs really write is
//! not always JSON to the letter: half of a character where a text was cut, bytes
//! that are no UTF-8, control sequences of a terminal before the line. None of it
//! may cost the event.

use serde_json::Value;

const ESC: u8 = 0x1b;

/// The event; `None`: the line is none.
pub(super) fn event(line: &[u8]) -> Option<Value> {
    let line = without_controls(line);
    if !line.starts_with(b"{") {
        return None;
    }
    if let Ok(value) = serde_json::from_slice(line) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(line);
    serde_json::from_str(&without_halves(&text)).ok()
}

/// What stands before a line without being text: blanks, a byte order mark,
/// control sequences.
fn without_controls(mut line: &[u8]) -> &[u8] {
    loop {
        line = line.trim_ascii_start();
        line = match line {
            [ESC, b'[', rest @ ..] => after(rest, |byte| (0x40..=0x7e).contains(&byte)),
            // It ends with BEL or with ESC and a backslash.
            [ESC, b']', rest @ ..] => {
                let rest = after(rest, |byte| byte == 0x07 || byte == ESC);
                rest.strip_prefix(b"\\").unwrap_or(rest)
            }
            [0xef, 0xbb, 0xbf, rest @ ..] | [ESC, _, rest @ ..] | [0x00..=0x1f | 0x7f, rest @ ..] => rest,
            _ => return line,
        };
    }
}

fn after(bytes: &[u8], is_end: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes.iter().position(|&byte| is_end(byte));
    end.and_then(|end| bytes.get(end + 1..)).unwrap_or_default()
}

/// The escapes of halves of a surrogate pair without their other half, as U+FFFD.
fn without_halves(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(&rest[..at]);
                out.push('\u{fffd}');
                rest = &escape[6..];
                continue;
            }
            // The backslash and what it is for: `\\\\u` is no escape of a unit.
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..at + length]);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit of the escape this begins with: `\ud83d`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &[u8]) -> Option<String> {
        Some(event(line)?.get("a")?.as_str()?.to_owned())
    }

    #[test]
    fn half_a_character_costs_no_event() {
        for (line, want) in [
            (r#"{"a":"x"}"#, "x"),
            (r#"{"a":"x \ud83d."}"#, "x \u{fffd}."),
            (r#"{"a":"\ude00 \ud83d\ude00 \ud83d"}"#, "\u{fffd} \u{1f600} \u{fffd}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{1f600}"),
            (r#"{"a":"\ud83d\n\\ud83d"}"#, "\u{fffd}\n\\ud83d"),
        ] {
            assert_eq!(said(line.as_bytes()).as_deref(), Some(want), "{line}");
        }
        assert_eq!(said(b"{\"a\":\"\xff\"}").as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn what_a_terminal_is_told_before_an_event_is_no_part_of_it() {
        for before in
            ["\u{1b}[2K\r", "\u{1b}]0;title\u{7}", "\u{1b}]0;t\u{1b}\\\u{1b}[?25h", "\u{feff}", "\u{8} "]
        {
            let line = format!("{before}{{\"a\":\"x\"}}\n");
            assert_eq!(said(line.as_bytes()).as_deref(), Some("x"), "{before:?}");
        }
        for other in ["", "warning: x", "[1]", "\u{1b}[", "{\"a\": ", "\u{1b}[1mbold\u{1b}[0m {\"a\":\"x\"}"]
        {
            assert_eq!(event(other.as_bytes()), None, "{other:?}");
        }
    }
}
