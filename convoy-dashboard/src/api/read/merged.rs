//! One log of all agents, by the times that their supervisors noted, from the end back.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use axum::extract::{Path as Segments, State};
use axum::http::{StatusCode, Uri};
use base::ids::Role;
use protocol::layout::{AttemptFiles, Home};
use protocol::store::read_state;
use serde::Deserialize;
use serde_json::{Value, json};

use super::search::{cut, plain};
use super::{Answer, id, json_of, query, role};
use crate::api::context::App;
use crate::http::problem::Problem;

/// Read of one log and of all of them for one answer, in bytes.
const MOST_OF_ONE: u64 = 128 << 10;
const MOST_OF_ALL: u64 = 16 << 20;
const LEAST_OF_ONE: u64 = 4 << 10;
/// Lines of one answer.
const LINES: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    agent: Option<String>,
    /// What was written before then, in ms since 1970, as `next` of an earlier answer.
    before: Option<i64>,
}

/// A line of one of the logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// When it was written, in ms since 1970, to about a second.
    ms: i64,
    role: Role,
    attempt: u32,
    /// The byte of its log that it begins at.
    at: u64,
    text: String,
}

/// The end of one log, up to some time.
#[derive(Debug, Default)]
struct Part {
    lines: Vec<Line>,
    /// There is more before these lines.
    is_cut: bool,
}

/// The newest lines of all logs, the newest last.
pub(crate) async fn merged(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    uri: Uri,
) -> Answer {
    let asked: Query = query(&uri)?;
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let only = asked.agent.as_deref().map(role).transpose()?;
    if only.as_ref().is_some_and(|only| state.agent(only).is_none()) {
        return Err(Problem::not_found("there is no such agent"));
    }
    let agents = state.agents.iter().filter(|agent| only.as_ref().is_none_or(|only| agent.role == *only));
    let attempts: Vec<(Role, u32, AttemptFiles)> = agents
        .flat_map(|agent| (1..=agent.attempt).map(|number| (agent.role.clone(), number)))
        .map(|(role, number)| {
            let files = dir.attempt(&role, number);
            (role, number, files)
        })
        .collect();
    let before = asked.before.unwrap_or(i64::MAX);
    let read = tokio::task::spawn_blocking(move || {
        let most = (MOST_OF_ALL / attempts.len().max(1) as u64).clamp(LEAST_OF_ONE, MOST_OF_ONE);
        let parts = attempts.iter().map(|(role, number, files)| part(role, *number, files, before, most));
        parts.collect::<io::Result<Vec<Part>>>().map(joined)
    });
    let (lines, next, is_torn) =
        read.await.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))??;
    let lines: Vec<Value> = lines
        .iter()
        .map(|Line { ms, role, attempt, at, text }| json!({ "ms": ms, "agent": role, "attempt": attempt, "at": at, "line": text }))
        .collect();
    Ok(json_of(&json!({ "lines": lines, "next": next, "torn": is_torn })))
}

/// `(ms, offset)`, both growing; what is no time is passed over.
fn times(text: &str) -> Vec<(i64, u64)> {
    let line = |line: &str| {
        let (ms, offset) = line.split_once(' ')?;
        Some((ms.parse().ok()?, offset.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// The end of one log that was written before a time. A log without times is as old as
/// its file.
fn part(role: &Role, attempt: u32, files: &AttemptFiles, before: i64, most: u64) -> io::Result<Part> {
    let Some(mut log) = base::files::open_regular(&files.log()).map(Some).or_else(absent)? else {
        return Ok(Part::default());
    };
    let found = log.metadata()?;
    let noted = match base::files::open_regular(&files.times()).map(Some).or_else(absent)? {
        Some(file) => io::read_to_string(file.take(MOST_OF_ALL))?,
        None => String::new(),
    };
    let mut noted = times(&noted);
    if noted.is_empty() {
        let changed = found.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        noted.push((i64::try_from(changed.as_millis()).unwrap_or(i64::MAX), 0));
    }
    let end = noted.iter().find(|(ms, _)| *ms >= before).map_or(found.len(), |(_, offset)| *offset);
    let from = end.saturating_sub(most);
    log.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    log.take(end - from).read_to_end(&mut bytes)?;
    // What begins in the middle of a line is not shown.
    let begin = if from == 0 {
        0
    } else {
        bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
    };
    let mut at = from + begin as u64;
    let mut lines = Vec::new();
    for line in bytes.get(begin..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        let known = noted.iter().rfind(|(_, offset)| *offset <= at).or(noted.first());
        let ms = known.map_or(0, |(ms, _)| *ms);
        let text = cut(&plain(line));
        lines.push(Line { ms, role: role.clone(), attempt, at, text });
        at += line.len() as u64;
    }
    Ok(Part { lines, is_cut: from > 0 })
}

fn absent<T>(error: io::Error) -> io::Result<Option<T>> {
    if base::files::is_none_of_ours(&error) { Ok(None) } else { Err(error) }
}

/// All lines in order, the newest of them, where to go on, and whether lines of the
/// earliest moment may be missing.
fn joined(parts: Vec<Part>) -> (Vec<Line>, Option<i64>, bool) {
    // Before the first line of a part that is cut, lines of that one are missing.
    let floor = parts
        .iter()
        .filter(|part| part.is_cut)
        .filter_map(|part| part.lines.first())
        .map(|line| line.ms)
        .max();
    let mut lines: Vec<Line> = parts.into_iter().flat_map(|part| part.lines).collect();
    lines.sort();
    let whole = lines.partition_point(|line| floor.is_some_and(|floor| line.ms <= floor));
    let surplus = lines.len().saturating_sub(LINES);
    // From the beginning of a moment on, if that leaves anything.
    let first = whole.max(surplus);
    let moment = lines.get(first).filter(|_| first > whole).map(|line| line.ms);
    let first = match moment {
        Some(ms) if lines.get(first - 1).is_some_and(|line| line.ms == ms) => {
            lines.partition_point(|line| line.ms <= ms)
        }
        Some(_) | None => first,
    };
    if first < lines.len() {
        let next = first.checked_sub(1).and_then(|at| lines.get(at)).map(|line| line.ms + 1);
        let next = next.or_else(|| floor.map(|floor| floor + 1));
        return (lines.split_off(first), next, false);
    }
    // One moment has more lines than are told at once: its last ones.
    let first = surplus;
    let next = lines.get(first).filter(|_| first > 0 || floor.is_some()).map(|line| line.ms);
    let is_torn = next.is_some();
    (lines.split_off(first), next, is_torn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ms: i64, role: &str, at: u64) -> Line {
        Line { ms, role: role.parse().unwrap(), attempt: 1, at, text: format!("{role} {at}") }
    }

    fn whole(lines: Vec<Line>) -> Part {
        Part { lines, is_cut: false }
    }

    #[test]
    fn lines_of_all_are_in_the_order_of_their_times() {
        let a = whole(vec![line(1000, "a", 0), line(3000, "a", 9)]);
        let b = whole(vec![line(2000, "b", 0), line(3000, "b", 9)]);
        let (lines, next, is_torn) = joined(vec![a, b]);
        let told: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(told, ["a 0", "b 0", "a 9", "b 9"]);
        assert_eq!((next, is_torn), (None, false));
    }

    #[test]
    fn nothing_is_told_from_before_where_a_log_was_cut() {
        let cut = Part { lines: vec![line(5000, "a", 90), line(6000, "a", 99)], is_cut: true };
        let other = whole(vec![line(1000, "b", 0), line(5500, "b", 9)]);
        let (lines, next, _) = joined(vec![cut, other]);
        assert_eq!(lines.iter().map(|line| line.ms).collect::<Vec<_>>(), [5500, 6000]);
        assert_eq!(next, Some(5001), "what was written at 5000 comes with the next");
    }

    #[test]
    fn a_part_never_begins_within_a_moment_unless_that_is_all_there_is() {
        let many = |ms| (0..700_u64).map(move |at| line(ms, "a", at + ms as u64));
        let (lines, next, is_torn) = joined(vec![whole(many(1000).chain(many(2000)).collect())]);
        assert_eq!((lines.len(), next, is_torn), (700, Some(1001), false));
        let burst = whole((0..1500).map(|at| line(1000, "a", at)).collect());
        let (lines, next, is_torn) = joined(vec![burst]);
        assert_eq!((lines.len(), next, is_torn), (1000, Some(1000), true));
        assert_eq!(lines[0].at, 500, "the last ones");
    }

    #[test]
    fn times_are_read_as_far_as_they_are_times() {
        assert_eq!(times("10 0\n20 5\nx 7\n30"), [(10, 0), (20, 5)]);
        let dir = tempfile::tempdir().unwrap();
        let files = Home::new(dir.path()).convoy(&"convoy-x-222222".parse().unwrap());
        let files = files.attempt(&"a".parse().unwrap(), 1);
        std::fs::create_dir_all(files.dir()).unwrap();
        let role: Role = "a".parse().unwrap();
        assert!(part(&role, 1, &files, i64::MAX, 100).unwrap().lines.is_empty(), "nothing was printed");
        std::fs::write(files.log(), "one\ntwo\nthree\n").unwrap();
        std::fs::write(files.times(), "1000 0\n2000 4\n3000 8\n").unwrap();
        let told = |before, most| {
            let part = part(&role, 1, &files, before, most).unwrap();
            (
                part.lines.into_iter().map(|line| (line.ms, line.at, line.text)).collect::<Vec<_>>(),
                part.is_cut,
            )
        };
        let all = [(1000, 0, "one".to_owned()), (2000, 4, "two".to_owned()), (3000, 8, "three".to_owned())];
        assert_eq!(told(i64::MAX, 100), (all.to_vec(), false));
        assert_eq!(told(3000, 100), (all[..2].to_vec(), false));
        assert_eq!(told(i64::MAX, 8), (all[2..].to_vec(), true));
    }
}
