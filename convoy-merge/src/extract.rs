//! From the text of one report to its findings. Every byte of the text ends in
//! exactly one finding or in the kept appendix.

use crate::document;
use crate::formats;
pub use crate::model::Extraction;
use crate::model::{Kept, Member, ReadFrom, Recognised};
use crate::own_report;
use crate::reading;
pub(crate) use crate::reading::{explain, reviewer_of};
pub use crate::rules::Rules;

/// Reads one report. `name` decides nothing but the kind of file (`.json`, `.sarif`).
pub fn extract(text: &str, name: &str) -> Extraction {
    extract_by(text, name, Rules::default())
}

/// The same by other rules.
pub fn extract_by(text: &str, name: &str, rules: Rules) -> Extraction {
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Extraction {
            appendix: appendix(text, &[]),
            recognised: Recognised::Empty,
            complete: true,
            ..Extraction::default()
        };
    }
    let thoughts = thoughts(text);
    if thoughts > 0 {
        let mut out = extract_by(&text[thoughts..], name, rules);
        for member in &mut out.members {
            member.byte_range = member.byte_range.map(|at| at + thoughts);
        }
        out.appendix = appendix(text, &out.members);
        return out;
    }
    if let Some(mut out) = own_report::read(text) {
        out.appendix = appendix(text, &out.members);
        return out;
    }
    let mut out = match document::take(text) {
        document::Taken::Data(out) => out,
        document::Taken::Other(report, note) => {
            let prose = || {
                let plain = reading::read(report, rules);
                let list = formats::series::read(report, &plain, rules).map(|(_, list)| list);
                Extraction { read_from: Some(ReadFrom::Prose), ..list.unwrap_or(plain) }
            };
            let mut out = formats::read(report, name, rules).unwrap_or_else(prose);
            out.notes.extend(note);
            formats::doubt_of_trace(&mut out, report);
            out
        }
    };
    out.appendix = appendix(text, &out.members);
    out
}

/// Where the answer of a model begins that thinks aloud before it: `<think>…</think>`. What
/// it thought is no part of what it says; where it never stops, there is no answer.
fn thoughts(text: &str) -> usize {
    const TAGS: [&str; 6] = ["think", "thinking", "thought", "thoughts", "reasoning", "scratchpad"];
    let begin = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let end_of = |tag: &&str| {
        begin.strip_prefix('<')?.strip_prefix(*tag)?.strip_prefix('>')?;
        let close = format!("</{tag}>");
        let end = text.find(&close)? + close.len();
        (!text[end..].trim().is_empty()).then_some(end)
    };
    TAGS.iter().find_map(end_of).unwrap_or(0)
}

fn appendix(text: &str, members: &[Member]) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut at = 0;
    let mut keep = |from: usize, to: usize| {
        if to > from {
            kept.push(Kept {
                byte_range: [from, to],
                text: text.get(from..to).unwrap_or_default().to_string(),
            });
        }
    };
    for member in members {
        keep(at, member.byte_range[0]);
        at = member.byte_range[1];
    }
    keep(at, text.len());
    kept
}
