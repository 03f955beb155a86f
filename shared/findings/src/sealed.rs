//! A report for people that carries its findings as data through a pipe.
//!
//! The report ends with one HTML comment, which no viewer shows. It holds the
//! document as JSON and the SHA-256 of the report and of that JSON: whoever reads
//! it takes the data only if nothing was changed on the way, else the report is
//! prose like any other.

use std::fmt::Write as _;
use std::ops::Range;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::document::Document;

const OPEN: &str = "<!-- convoy-findings sha256:";
const CLOSE: &str = " -->\n";

/// The report with its document behind it.
pub fn seal(report: &str, document: &Document) -> Result<String, serde_json::Error> {
    // Inside of strings only: these cannot end the comment, nor act in a terminal.
    let mut json = String::new();
    for c in serde_json::to_string(document)?.chars() {
        if matches!(c, '<' | '>') || c.is_control() || is_mark(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(json, "\\u{unit:04x}");
            }
        } else {
            json.push(c);
        }
    }
    Ok(format!("{report}{OPEN}{} {json}{CLOSE}", digest(report, &json)))
}

/// Marks that change how the text beside them is shown.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What is found at the end of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// No comment of ours.
    None,
    /// The JSON of the document stands here.
    Whole(Range<usize>),
    /// There is a comment, here, and report or data are not as they were written.
    Broken(Range<usize>),
}

/// Looks for the data of a report.
pub fn open(text: &str) -> Seal {
    let Some(at) = text.rfind(OPEN) else { return Seal::None };
    // What is quoted in the middle of a text is no comment of its own.
    if at > 0 && !text[..at].ends_with('\n') {
        return Seal::None;
    }
    let inside = at + OPEN.len();
    let whole = text[inside..].strip_suffix(CLOSE).and_then(|inner| {
        let (sum, json) = inner.split_once(' ')?;
        (sum == digest(&text[..at], json)).then(|| inside + sum.len() + 1..inside + inner.len())
    });
    whole.map_or(Seal::Broken(at..text.len()), Seal::Whole)
}

/// Of both, with their border, as lower-case hex.
fn digest(report: &str, json: &str) -> String {
    let mut hash = Sha256::new();
    hash.update((report.len() as u64).to_le_bytes());
    hash.update(report);
    hash.update(json);
    HEXLOWER.encode(&hash.finalize())
}
