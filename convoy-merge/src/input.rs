//! Reads the files that are to be merged; what cannot be read is told and left out.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::error::reason;
use base::text;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// More than this is not a review, whatever it is.
pub const LIMIT: u64 = protocol::publish::MAX_REPORT;

/// A file's text, or why there is none.
#[derive(Debug)]
pub enum Source {
    Text {
        text: String,
        notes: Vec<String>,
        /// False: some of its bytes are no text.
        whole: bool,
    },
    /// A message for people; the rest is merged.
    Skipped(String),
}

/// Reads one input, a path as `EncodedPath` stores it; `-` is standard input.
pub fn read(path: &str) -> Source {
    // The runtime's files may lie below directories of any name.
    let file = EncodedPath::from(path.to_string());
    let bytes = if path == "-" { read_limited(io::stdin().lock()) } else { read_file(file.as_path()) };
    match bytes {
        Ok(bytes) => of_bytes(path, bytes),
        Err(why) => Source::Skipped(format!("cannot read '{}': {why}", text::path(Path::new(path)))),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let facts = fs::metadata(path).map_err(|e| reason(&e))?;
    if facts.is_dir() {
        return Err("it is a directory".to_string());
    }
    // Reading a named pipe waits for a writer that may never come; `<(command)` has one.
    let shells = ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|start| path.starts_with(start));
    if facts.file_type().is_fifo() && !shells {
        return Err("it is a named pipe; give it as standard input: pan merge - < PIPE".to_string());
    }
    if facts.len() > LIMIT {
        return Err(format!(
            "{} MB are more than the limit of {} MB",
            facts.len() / 1_048_576,
            LIMIT / 1_048_576
        ));
    }
    read_limited(File::open(path).map_err(|e| reason(&e))?)
}

fn read_limited(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|e| reason(&e))?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("more than the limit of {} MB", LIMIT / 1_048_576));
    }
    Ok(bytes)
}

fn of_bytes(path: &str, bytes: Vec<u8>) -> Source {
    let Some((text, mut notes, whole)) = decode(bytes) else {
        return Source::Skipped(format!(
            "skipping '{}': it is binary, not text",
            text::path(Path::new(path))
        ));
    };
    let text = match without_colours(&text) {
        Some(plain) => {
            notes.push("colours of a terminal were taken out".to_string());
            plain
        }
        None => text,
    };
    Source::Text { text, notes, whole }
}

/// Bytes as text: UTF-8, UTF-16 with or without its mark, Windows-1252; `None` = binary.
/// The third says whether all of it could be read.
fn decode(bytes: Vec<u8>) -> Option<(String, Vec<String>, bool)> {
    let sample = &bytes[..bytes.len().min(8192)];
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes).filter(|(encoding, _)| *encoding != UTF_8) {
        return Some(decoded(encoding, &bytes[mark..]));
    }
    if sample.contains(&0) {
        // Text in Latin letters has a zero in every second byte.
        let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 10;
        let half = sample.len() / 2;
        let encoding = match (zeros(1) > half * 8, zeros(0) > half * 8) {
            (true, false) => UTF_16LE,
            (false, true) => UTF_16BE,
            _ => return None,
        };
        let acts = |c: char| c.is_control() && !c.is_whitespace();
        return Some(decoded(encoding, &bytes)).filter(|(text, _, whole)| *whole && !text.contains(acts));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some((text, Vec::new(), true)),
        Err(error) if is_western(error.as_bytes()) => Some(decoded(WINDOWS_1252, error.as_bytes())),
        Err(error) => {
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Some((text, vec!["not UTF-8: bytes that are no text were replaced".to_string()], false))
        }
    }
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> (String, Vec<String>, bool) {
    let (text, bad) = encoding.decode_without_bom_handling(bytes);
    let mut notes = vec![format!("was {}", encoding.name())];
    if bad {
        notes.push("bytes that are no text were replaced".to_string());
    }
    (text.into_owned(), notes, !bad)
}

/// Are the bytes that are not ASCII letters and marks of Windows-1252, few and between letters?
fn is_western(bytes: &[u8]) -> bool {
    let high: Vec<usize> = (0..bytes.len()).filter(|n| bytes[*n] >= 0x80).collect();
    let letter = |byte: u8| byte >= 0xC0 && byte != 0xD7 && byte != 0xF7;
    let mark =
        |byte: u8| matches!(byte, 0x80 | 0x85 | 0x91..=0x97 | 0xA0 | 0xA7 | 0xAB | 0xB0 | 0xB4 | 0xBB | 0xBF);
    let controls =
        bytes.iter().any(|byte| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x1b | 0x0c));
    high.len() * 4 < bytes.len() && !controls && high.iter().all(|n| letter(bytes[*n]) || mark(bytes[*n]))
}

/// A text without the sequences that colour it in a terminal; `None` = it has none. What
/// they strike out is struck out as Markdown has it.
fn without_colours(text: &str) -> Option<String> {
    if !text.contains(['\u{1b}', '\u{9b}']) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut struck = false;
    while let Some(at) = rest.find(['\u{1b}', '\u{9b}']) {
        out.push_str(&rest[..at]);
        let behind = after_sequence(&rest[at..]);
        let sequence = &rest[at..rest.len() - behind.len()];
        // A line that is erased was seen by nobody; nor was the one above, if they go up to it first.
        if sequence.ends_with("[1A") && behind.starts_with("\u{1b}[2K") && out.ends_with('\n') {
            out.pop();
        }
        if sequence.ends_with("[2K") {
            out.truncate(out.rfind('\n').map_or(0, |end| end + 1));
        }
        let now = strikes(sequence, struck);
        if now != struck {
            out.push_str("~~");
        }
        (struck, rest) = (now, behind);
    }
    out.push_str(rest);
    if struck {
        out.push_str("~~");
    }
    Some(out)
}

/// Is text struck out behind this sequence? (`ESC [ 9 m` to `ESC [ 29 m` or `ESC [ m`.)
fn strikes(sequence: &str, struck: bool) -> bool {
    let graphic = sequence.strip_suffix('m').and_then(|rest| rest.strip_prefix(['\u{1b}', '\u{9b}']));
    let Some(parameters) = graphic else { return struck };
    let parameters = parameters.strip_prefix('[').unwrap_or(parameters);
    let mut struck = struck;
    let mut parameters = parameters.split(';');
    while let Some(parameter) = parameters.next() {
        match parameter.trim_start_matches('0') {
            // A colour: what follows are its numbers.
            "38" | "48" | "58" => {
                let numbers = if parameters.next() == Some("2") { 3 } else { 1 };
                parameters.by_ref().take(numbers).for_each(drop);
            }
            "9" => struck = true,
            "" | "29" => struck = false,
            _ => {}
        }
    }
    struck
}

/// What stands behind the control sequence at the beginning of a text.
fn after_sequence(text: &str) -> &str {
    let short = text.strip_prefix('\u{9b}').or_else(|| text.strip_prefix("\u{1b}["));
    if let Some(parameters) = short {
        let end = parameters.find(|c: char| !matches!(c, '\u{20}'..='\u{3f}'));
        let rest = end.map_or("", |end| &parameters[end..]);
        return rest.strip_prefix(|c: char| matches!(c, '\u{40}'..='\u{7e}')).unwrap_or(rest);
    }
    // A title or a link ends with BEL or ESC \\; one without an end is only its first sign.
    if let Some(command) = text.strip_prefix("\u{1b}]") {
        let line = command.split('\n').next().unwrap_or(command);
        let end = line.find('\u{7}').map(|at| at + 1).or_else(|| line.find("\u{1b}\\").map(|at| at + 2));
        return end.map_or(command, |end| &command[end..]);
    }
    let mut chars = text.chars();
    chars.next();
    let rest = chars.as_str();
    rest.strip_prefix(|c: char| matches!(c, '(' | ')'))
        .map_or(rest, |rest| rest.strip_prefix(|c: char| c.is_ascii_alphanumeric()).unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> (String, bool) {
        match of_bytes("x", bytes.to_vec()) {
            Source::Text { text, whole, .. } => (text, whole),
            Source::Skipped(why) => (why, false),
        }
    }

    #[test]
    fn text_is_read_in_the_encoding_it_has() {
        let utf16: Vec<u8> = "# Größe\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_of(&utf16), ("# Größe\n".to_string(), true));
        let marked =
            [&[0xFE, 0xFF][..], &"é x".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()]
                .concat();
        assert_eq!(text_of(&marked), ("é x".to_string(), true));
        assert_eq!(
            text_of(b"Die Gr\xF6\xDFe wird nicht gepr\xFCft"),
            ("Die Größe wird nicht geprüft".to_string(), true)
        );
        assert!(!text_of(b"ok \xC3\x28 \x90\x81 bad").1);
        assert!(text_of(b"\x00\x01\x02\x03binary").0.contains("binary"));
    }

    #[test]
    fn lines_that_a_terminal_erased_are_no_text() {
        let text =
            "a.c:3: kept\n| one\u{1b}[2K/ two\u{1b}[2Kbox\nframe\n\u{1b}[1A\u{1b}[2K\u{1b}[1A\u{1b}[2Kend\n";
        assert_eq!(text_of(text.as_bytes()).0, "a.c:3: kept\nend\n");
    }

    #[test]
    fn colours_of_a_terminal_are_no_text() {
        let coloured = "\u{1b}[1;31mHIGH\u{1b}[0m a \u{1b}]8;;file:///x\u{7}link\u{1b}]8;;\u{1b}\\ b\u{1b}(B";
        assert_eq!(text_of(coloured.as_bytes()).0, "HIGH a link b");
        assert_eq!(text_of("\u{1b}]never ended\nkept".as_bytes()).0, "never ended\nkept");
        let struck = "\u{1b}[1;9mgone\u{1b}[0m here \u{1b}[38;5;9mred\u{1b}[m \u{9b}9mto the end";
        assert_eq!(text_of(struck.as_bytes()).0, "~~gone~~ here red ~~to the end~~");
    }
}
