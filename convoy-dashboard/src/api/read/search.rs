//! Search in a log, from its end to its beginning.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use axum::extract::{Path as Segments, State};
use axum::http::{StatusCode, Uri};
use protocol::layout::Home;
use protocol::store::read_state;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, id, json_of, open_of, query, role};
use crate::api::context::App;
use crate::http::problem::Problem;

/// Read at a time, and looked through for one answer, in bytes.
const PIECE: u64 = 256 << 10;
const MOST_READ: u64 = 64 << 20;
/// Lines of one answer.
const MOST_FOUND: usize = 100;
/// Of a line, in bytes.
const SHOWN: usize = 400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    q: String,
    attempt: Option<u32>,
    /// Lines that begin before this byte, as `next` of an earlier answer.
    before: Option<u64>,
}

/// The lines of a log that hold a text, whatever its case, the last one first.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    Segments((text, name)): Segments<(String, String)>,
    uri: Uri,
) -> Answer {
    let asked: Query = query(&uri)?;
    if asked.q.is_empty() || asked.q.len() > SHOWN {
        return Err(Problem::bad_request(format!("q: from 1 to {SHOWN} bytes")));
    }
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let agent = state.agent(&role(&name)?).ok_or_else(|| Problem::not_found("there is no such agent"))?;
    let attempt = asked.attempt.unwrap_or(agent.attempt);
    let path = dir.attempt(&agent.role, attempt).log();
    let file = open_of(&path, agent, "log", attempt)?;
    let size = file.metadata()?.len();
    let end = asked.before.unwrap_or(size).min(size);
    let found = tokio::task::spawn_blocking(move || backwards(file, end, &asked.q));
    let Found { lines, next } =
        found.await.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))??;
    let lines: Vec<Value> = lines.iter().map(|(at, line)| json!({ "at": at, "line": line })).collect();
    Ok(json_of(&json!({ "matches": lines, "next": next, "size": size })))
}

struct Found {
    /// Where it begins, and its text without what colours it.
    lines: Vec<(u64, String)>,
    /// Where to go on, if not all was looked through.
    next: Option<u64>,
}

/// Looks from `end`, the beginning of a line or the log's end, towards the beginning.
fn backwards(mut file: impl Read + Seek, end: u64, wanted: &str) -> io::Result<Found> {
    let wanted = wanted.to_lowercase();
    let mut lines = Vec::new();
    // What is before the first line break of the pieces read so far.
    let mut rest: Vec<u8> = Vec::new();
    let mut from = end;
    while from > 0 {
        let length = PIECE.min(from);
        from -= length;
        file.seek(SeekFrom::Start(from))?;
        let mut piece = vec![0; length as usize];
        file.read_exact(&mut piece)?;
        piece.append(&mut rest);
        let begin = if from == 0 {
            0
        } else {
            piece.iter().position(|byte| *byte == b'\n').map_or(piece.len(), |at| at + 1)
        };
        let mut upto = piece.len();
        while upto > begin {
            let line = piece[begin..upto - 1]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(begin, |at| begin + at + 1);
            let text = plain(&piece[line..upto]);
            if text.to_lowercase().contains(&wanted) {
                let at = from + line as u64;
                lines.push((at, cut(&text)));
                if lines.len() == MOST_FOUND {
                    return Ok(Found { lines, next: (at > 0).then_some(at) });
                }
            }
            upto = line;
        }
        piece.truncate(begin);
        if end - from >= MOST_READ && from > 0 {
            let next = from + piece.len() as u64;
            // One line that is longer than all that is read at once is passed over.
            return Ok(Found { lines, next: Some(if next < end { next } else { from }) });
        }
        rest = piece;
    }
    Ok(Found { lines, next: None })
}

/// Without escape sequences and other control characters.
pub(super) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\u{1b}', Some('[')) => {
                chars.next();
                while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                chars.next();
            }
            ('\u{1b}', Some(']')) => {
                while chars.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}')).is_some() {}
                chars.next();
            }
            ('\u{1b}', Some(_)) => drop(chars.next()),
            ('\t', _) => out.push(' '),
            (c, _) if c.is_control() => {}
            (c, _) => out.push(c),
        }
    }
    out
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn found(log: &[u8], end: u64, wanted: &str) -> Vec<(u64, String)> {
        backwards(Cursor::new(log), end, wanted).unwrap().lines
    }

    #[test]
    fn the_last_line_is_found_first_wherever_pieces_begin() {
        let mut log = String::new();
        let mut at = Vec::new();
        for n in 0..40_000 {
            if n % 997 == 0 {
                at.push(log.len() as u64);
                log.push_str("a \u{1b}[31mWo\u{1b}[0mrd here\n");
            } else {
                log.push_str("nothing of the kind\n");
            }
        }
        assert!(log.len() as u64 > 2 * PIECE);
        let size = log.len() as u64;
        let places: Vec<u64> = found(log.as_bytes(), size, "word").into_iter().map(|(at, _)| at).collect();
        at.reverse();
        assert_eq!(places, at);
        assert_eq!(found(log.as_bytes(), at[3], "WORD")[0], (at[4], "a Word here".to_owned()));
        assert!(found(log.as_bytes(), size, "words").is_empty());
    }

    #[test]
    fn an_end_without_a_line_break_and_a_long_line_are_looked_through() {
        let long = format!("{}end", "x".repeat(3 * PIECE as usize));
        for log in [long.clone(), format!("first\n{long}"), format!("{long}\n")] {
            let lines = found(log.as_bytes(), log.len() as u64, "END");
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0].0, log.find('x').unwrap() as u64);
        }
        assert_eq!(found(b"a\n\nb", 4, "b"), [(3, "b".to_owned())]);
        assert!(found(b"", 0, "b").is_empty());
    }

    #[test]
    fn many_are_told_in_parts_and_none_twice() {
        let log = "hit\n".repeat(250);
        let mut end = log.len() as u64;
        let mut places = Vec::new();
        loop {
            let Found { lines, next } = backwards(Cursor::new(log.as_bytes()), end, "hit").unwrap();
            places.extend(lines.into_iter().map(|(at, _)| at));
            let Some(next) = next else { break };
            end = next;
        }
        assert_eq!(places, (0..250).rev().map(|n| n * 4).collect::<Vec<u64>>());
    }
}
