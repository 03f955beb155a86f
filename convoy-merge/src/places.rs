//! Holds the places that reviewers state against the reviewed tree: one that is off
//! by a little is moved to the code it quotes, one that is not there is kept and
//! marked. No line is invented.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;

use crate::model::{Input, Location, Member, Placed};
use crate::tree::{Looked, Tree};

/// A place is off by a little if its code stands at most so many lines away.
const NEAR: u32 = 40;
/// Shorter code stands anywhere.
const SHORTEST: usize = 6;
/// Words that begin a part of a finding in which code is proposed, not quoted.
const PROPOSES: [&str; 7] = ["fix", "suggest", "recommend", "solution", "remed", "instead", "expected"];

/// Looks for all places of all members. `inputs` say which files were given.
pub(crate) fn check(members: &mut [Member], inputs: &[Input], tree: &dyn Tree) {
    let given: BTreeSet<PathBuf> = inputs
        .iter()
        .filter_map(|input| input.scope.as_ref())
        .flat_map(|scope| scope.given.iter().map(|file| file.as_path().to_path_buf()))
        .collect();
    for member in members {
        let prose = if member.from_data { Vec::new() } else { quotes(&member.body) };
        for (n, place) in member.locations.iter_mut().enumerate() {
            let stated = place.quote.as_deref().map(code_lines).filter(|code| !code.is_empty());
            let (quotes, sure) = match (stated, n) {
                (Some(code), _) => (vec![code], true),
                (None, 0) => (prose.clone(), false),
                (None, _) => (Vec::new(), false),
            };
            settle(place, &Quotes { all: &quotes, sure }, &given, tree);
        }
    }
}

/// The code that a finding quotes, by lines; `sure`: it is said to stand at this place.
struct Quotes<'a> {
    all: &'a [Vec<String>],
    sure: bool,
}

fn settle(place: &mut Location, quotes: &Quotes<'_>, given: &BTreeSet<PathBuf>, tree: &dyn Tree) {
    let found = file_of(place, given, tree);
    let (lines, renamed) = match found {
        Ok(found) => found,
        Err(why) => return mark(place, Placed::Unplaced, why),
    };
    if let Some(path) = &renamed {
        let why = format!("stated as {}", base::text::path(place.path().as_path()));
        place.file = EncodedPath::from(path.clone()).into();
        mark(place, Placed::Moved, why);
    } else {
        place.placed = Some(Placed::There);
    }
    settle_lines(place, &lines, quotes);
}

fn mark(place: &mut Location, placed: Placed, why: String) {
    place.placed = Some(placed);
    place.placed_why = Some(why);
}

type Found = (std::rc::Rc<Vec<String>>, Option<PathBuf>);

/// The lines of the file that is meant, and its path if that is not the one stated.
fn file_of(place: &Location, given: &BTreeSet<PathBuf>, tree: &dyn Tree) -> Result<Found, String> {
    let stated = place.path();
    let stated = stated.as_path();
    let Some(path) = tree.relative(stated) else { return Err("it is outside the project".to_string()) };
    let why = match tree.look(&path) {
        Looked::File(lines) => return Ok((lines, (path.as_os_str() != stated.as_os_str()).then_some(path))),
        Looked::No(why) => why,
    };
    // `b/src/a.ts` as diffs name files; `a.ts` where one file that was given is called so.
    let of_diff = ["a", "b"].iter().find_map(|side| path.strip_prefix(side).ok().map(Path::to_path_buf));
    let mut ends = given.iter().filter(|file| file.ends_with(&path) && **file != path);
    let only = ends.next().filter(|_| ends.next().is_none()).cloned();
    for other in [of_diff, only].into_iter().flatten() {
        if let Looked::File(lines) = tree.look(&other) {
            return Ok((lines, Some(other)));
        }
    }
    Err(why)
}

fn settle_lines(place: &mut Location, lines: &[String], quotes: &Quotes<'_>) {
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let start = place.line_start;
    let end = start.map(|start| place.line_end.unwrap_or(start).max(start));
    // Most places are right; only for the others the whole file is looked through.
    if let (Some(start), Some(end)) = (start, end)
        && quotes
            .all
            .iter()
            .any(|code| (start..=end.min(count)).any(|line| stands_at(code, lines, line).is_some()))
    {
        return clip(place, start, end, count);
    }
    let hits: Vec<(u32, u32)> = quotes.all.iter().flat_map(|code| places_of(code, lines)).collect();
    let (Some(start), Some(end)) = (start, end) else {
        // Only what is said to stand there tells a line that nobody stated.
        if let ([(at, end)], true) = (&hits[..], quotes.sure) {
            (place.line_start, place.line_end) = (Some(*at), Some(*end));
            mark(place, Placed::Moved, "no line was stated: its quoted code stands here".to_string());
        }
        return;
    };
    let is_within = |(at, last): &(u32, u32)| *at <= end && start <= *last;
    if hits.iter().any(is_within) {
        return clip(place, start, end, count);
    }
    if let Some((at, last)) =
        nearest(&hits, start).filter(|(at, _)| hits.len() == 1 && quotes.sure || at.abs_diff(start) <= NEAR)
    {
        let stated = place.lines();
        let length = (last - at).max(if quotes.sure { 0 } else { end - start });
        (place.line_start, place.line_end) = (Some(at), Some((at + length).min(count)));
        place.column = None;
        return mark(place, Placed::Moved, format!("moved from line {} to the code it quotes", &stated[1..]));
    }
    if start > count {
        let file = if count == 1 { "1 line".to_string() } else { format!("{count} lines") };
        return mark(place, Placed::Unplaced, format!("line {start} of a file of {file}"));
    }
    if quotes.sure && hits.is_empty() {
        place.placed_why = Some("the code it quotes is not in the file".to_string());
    }
    clip(place, start, end, count);
}

/// A span that goes on behind the end of the file ends with the file.
fn clip(place: &mut Location, start: u32, end: u32, count: u32) {
    if end > count && start <= count {
        place.line_end = Some(count);
        mark(place, Placed::Moved, format!("stated to line {end}, where the file has {count}"));
    }
}

/// The hit that is nearest to a line; none if two are as near.
fn nearest(hits: &[(u32, u32)], line: u32) -> Option<(u32, u32)> {
    let best = hits.iter().min_by_key(|(at, _)| at.abs_diff(line))?;
    let mut same = hits.iter().filter(|(at, _)| at.abs_diff(line) == best.0.abs_diff(line));
    (same.all(|hit| hit == best)).then_some(*best)
}

/// Where this code stands: first and last line, from 1.
fn places_of(code: &[String], lines: &[String]) -> Vec<(u32, u32)> {
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    (1..=count).filter_map(|line| Some((line, stands_at(code, lines, line)?))).collect()
}

/// The last line of this code, if it begins on a line. Blank lines between are as the
/// reviewer likes them.
fn stands_at(code: &[String], lines: &[String], line: u32) -> Option<u32> {
    let (first, rest) = code.split_first()?;
    let mut at = line as usize - 1;
    if !lines.get(at)?.contains(first.as_str()) {
        return None;
    }
    for wanted in rest {
        at += 1 + lines.get(at + 1..)?.iter().take_while(|line| line.trim().is_empty()).count();
        if !lines.get(at)?.contains(wanted.as_str()) {
            return None;
        }
    }
    u32::try_from(at + 1).ok()
}

/// The lines of quoted code without their indentation; none if it could stand anywhere.
fn code_lines(code: &str) -> Vec<String> {
    let lines: Vec<String> =
        code.lines().map(|line| line.trim().to_string()).filter(|line| !line.is_empty()).collect();
    let tells = lines.iter().any(|line| {
        line.chars().count() >= SHORTEST && line.contains(|c: char| !c.is_alphanumeric() && c != '_')
    });
    if tells { lines } else { Vec::new() }
}

/// The code that the words of a finding quote, but for what they propose.
fn quotes(body: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let mut fence: Option<(&str, Vec<&str>)> = None;
    for line in body.lines() {
        let inner = line.trim();
        if let Some((mark, mut code)) = fence.take() {
            if inner.starts_with(mark) {
                out.push(code_lines(&code.join("\n")));
            } else {
                code.push(line);
                fence = Some((mark, code));
            }
            continue;
        }
        let words = inner.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if PROPOSES.iter().any(|word| words.starts_with(word)) {
            break;
        }
        match ["```", "~~~"].into_iter().find(|mark| inner.starts_with(mark)) {
            Some(mark) => fence = Some((mark, Vec::new())),
            None => out.extend(spans(line).into_iter().map(code_lines)),
        }
    }
    out.retain(|code| !code.is_empty());
    out
}

/// What stands between code marks of one line.
fn spans(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find('`') {
        let width = rest[open..].bytes().take_while(|byte| *byte == b'`').count();
        let inner = &rest[open + width..];
        let Some(close) = inner.find(&rest[open..open + width]) else { break };
        out.push(inner[..close].trim());
        rest = &inner[close + width..];
    }
    out
}

#[cfg(test)]
mod tests;
