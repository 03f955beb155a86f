//! Reads the files that are to be merged; what cannot be read is told and left out.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use shared::text;

/// More than this is not a review, whatever it is.
pub const LIMIT: u64 = 256 * 1024 * 1024;

/// A file's text, or why there is none.
#[derive(Debug)]
pub enum Source {
    Text {
        text: String,
        notes: Vec<String>,
    },
    /// A message for people; the rest is merged.
    Skipped(String),
}

/// Reads one input; `-` is standard input.
pub fn read(path: &str) -> Source {
    let bytes = if path == "-" { read_limited(io::stdin().lock()) } else { read_file(Path::new(path)) };
    match bytes {
        Ok(bytes) => of_bytes(path, bytes),
        Err(why) => Source::Skipped(format!("cannot read '{}': {why}", text::path(Path::new(path)))),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let facts = fs::metadata(path).map_err(|e| plain(&e))?;
    if facts.is_dir() {
        return Err("it is a directory".to_string());
    }
    // Reading a named pipe waits for a writer that may never come; `<(command)` has one.
    let shells = ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|start| path.starts_with(start));
    if facts.file_type().is_fifo() && !shells {
        return Err("it is a named pipe; give it as standard input: convoy-merge - < PIPE".to_string());
    }
    if facts.len() > LIMIT {
        return Err(format!(
            "{} MB are more than the limit of {} MB",
            facts.len() / 1_048_576,
            LIMIT / 1_048_576
        ));
    }
    read_limited(File::open(path).map_err(|e| plain(&e))?)
}

/// The system's reason in lower case, without its number and the names of temporary files.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let cut = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = cut.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

fn read_limited(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|e| plain(&e))?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("more than the limit of {} MB", LIMIT / 1_048_576));
    }
    Ok(bytes)
}

fn of_bytes(path: &str, bytes: Vec<u8>) -> Source {
    let sample = &bytes[..bytes.len().min(8192)];
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if utf16 {
        return Source::Text { text: from_utf16(&bytes), notes: vec!["was UTF-16".to_string()] };
    }
    if sample.contains(&0) {
        return Source::Skipped(format!(
            "skipping '{}': it is binary, not text",
            text::path(Path::new(path))
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::Text { text, notes: Vec::new() },
        Err(error) => Source::Text {
            text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            notes: vec!["not UTF-8: bytes that are no text were replaced".to_string()],
        },
    }
}

fn from_utf16(bytes: &[u8]) -> String {
    let little = bytes[0] == 0xFF;
    let units: Vec<u16> = bytes[2..]
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) })
        .collect();
    String::from_utf16_lossy(&units)
}
