//! Review threads as text, as people copy and tools export them from GitHub, GitLab, Gerrit,
//! Bitbucket, Phabricator and Review Board: a line names the place, below it somebody says
//! something, others answer, and the thread is resolved or not.

mod header;
mod speech;
mod words;

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::entry::{Given, Source, of_object};
use super::markup;
use crate::locate;
use crate::model::Extraction;
use crate::model::{Recognised, Status};
use crate::signs::marks::{Mark, Marks};
use crate::signs::statement;
use crate::syntax::fields;
use crate::text::fence_mark;
use header::Header;
use speech::{Speaker, speaker, state, unquoted};
use words::WORDS;

/// A line and where it begins.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    at: usize,
    text: &'a str,
    /// It is code in a fence.
    code: bool,
}

/// What somebody says.
#[derive(Debug, Default)]
struct Comment<'a> {
    author: Option<&'a str>,
    lines: Vec<&'a str>,
}

impl Comment<'_> {
    fn text(&self) -> String {
        self.lines.join("\n").trim().to_string()
    }

    fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }
}

/// A place and the lines below its head.
struct Thread {
    header: Header,
    /// Its lines, with the head.
    lines: std::ops::Range<usize>,
}

/// Reads a text of review threads; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let lines = lines(text);
    let spoken: Vec<&str> = lines.iter().filter(|line| !line.code).map(|line| line.text).collect();
    let names = speech::names(&spoken);
    let lines = apart(lines, &names);
    let threads = threads(&lines, &names);
    // Below the last place of all nothing is said: places follow what they are of.
    let last = lines.iter().rfind(|line| !line.text.trim().is_empty())?;
    let follows = header::header(last.text, false, &names).is_some_and(|found| found.lines.is_some());
    if threads.is_empty() || follows || !is_export(&lines, &threads) || markup::is_dialect(text) {
        return None;
    }
    let authors: Vec<&str> = threads.iter().filter_map(|thread| thread.header.author.as_deref()).collect();
    let is_name =
        |found: &Speaker<'_>| found.sure || names.contains(found.name) || authors.contains(&found.name);
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    for thread in &threads {
        let body = &lines[thread.lines.start + 1..thread.lines.end];
        let (comments, said) = comments(body, is_name);
        let Some((first, answers)) = comments.split_first() else { continue };
        if thread.header.heading && first.author.is_none() && thread.header.author.is_none()
            || is_report(&first.text())
        {
            return None;
        }
        let remark = first.text();
        // "Line 14" below a head that names the file.
        let below = remark.split_once('\n').filter(|_| thread.header.lines.is_none());
        let below = below.and_then(|(line, said)| Some((locate::only_lines(line)?, said.trim().to_string())));
        let header = Header {
            lines: below.as_ref().map(|(at, _)| *at).or(thread.header.lines),
            ..thread.header.clone()
        };
        let remark = below.map_or(remark, |(_, said)| said);
        if statement::praises(&remark) || statement::says_none(&remark) || crate::titles::praises(&remark) {
            continue;
        }
        let end = lines[thread.lines.end - 1];
        let start = lines[thread.lines.start].at;
        let source = Source { text: text[start..end.at + end.text.len()].trim_end(), start };
        // "Fixed in 3d9e" ends a thread, if nobody objects.
        let answered = answers.last().and_then(|answer| crate::status::of_field(&answer.text()));
        let status = said.or(thread.header.status).or(answered.filter(|status| status.is_settled()));
        let author = first.author.map(str::to_string).or_else(|| thread.header.author.clone());
        let mut member = of_object(source, &object(&header, &remark, author), &Given::default())?;
        member.status = status.or(member.status);
        member.thread = answers
            .iter()
            .map(|answer| match answer.author {
                Some(name) => format!("{name}: {}", answer.text()),
                None => answer.text(),
            })
            .collect();
        out.members.push(member);
    }
    if out.members.is_empty() {
        return None;
    }
    doubt(text, &lines, &threads, &mut out)?;
    Some(out)
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    let mut fence = None;
    let mut comment = false;
    text.split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            let text = line.trim_end_matches(['\n', '\r']);
            let mark = fence_mark(unquoted(text).0);
            // Nobody says what stands in a comment of HTML.
            comment |= text.contains("<!--");
            let code = fence.is_some() || mark.is_some() || comment;
            comment &= !text.contains("-->");
            match (fence, mark) {
                (None, Some(mark)) => fence = Some(mark),
                (Some(open), Some(mark)) if open == mark => fence = None,
                _ => {}
            }
            Line { at: start, text, code }
        })
        .collect()
}

/// Puts what is said behind the head of a comment on a line of its own:
/// `- a.ts L3 (ana, resolved): text`, `[a.ts:3] ana: text`.
fn apart<'a>(lines: Vec<Line<'a>>, names: &HashSet<&str>) -> Vec<Line<'a>> {
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        let open = line.text.trim_start();
        let listed = open.strip_prefix("- ").or_else(|| open.strip_prefix("* ")).unwrap_or(open);
        let start = line.text.len() - listed.len();
        let colon = listed.match_indices(": ").map(|(at, _)| at).find(|at| {
            header::header(&listed[..*at], false, names)
                .is_some_and(|found| found.author.is_some() || found.status.is_some())
        });
        match colon.filter(|_| !line.code) {
            Some(at) => {
                out.push(Line { at: line.at + start, text: &listed[..at], code: false });
                out.push(Line { at: line.at + start + at + 2, text: &listed[at + 2..], code: false });
            }
            None => out.push(line),
        }
    }
    out
}

/// A line that keeps parts of a text apart.
fn is_rule(text: &str) -> bool {
    let text = text.trim();
    let mark = text.chars().next().filter(|mark| matches!(mark, '-' | '_' | '*' | '=' | '.'));
    text.len() >= 3 && mark.is_some_and(|mark| text.chars().all(|c| c == mark || c.is_whitespace()))
}

fn threads(lines: &[Line<'_>], names: &HashSet<&str>) -> Vec<Thread> {
    let mut out: Vec<Thread> = Vec::new();
    let mut file: Option<String> = None;
    let mut open = false;
    let mut spoke = false;
    // Below a line that says that comments follow.
    let mut inline = false;
    for (n, line) in lines.iter().enumerate() {
        let bare = line.text.trim();
        if line.code || bare.is_empty() {
            spoke |= open && line.code;
        } else if WORDS.marker.contains(bare.to_lowercase().trim_end_matches(':')) {
            inline = true;
            open = false;
        } else if let Some(found) = header::file(line.text).filter(|_| bare.starts_with("File ")) {
            file = Some(found);
            open = false;
        } else if let Some(mut found) = head(lines, n, file.as_deref(), inline, names) {
            found.told |= inline;
            out.push(Thread { header: found, lines: n..n + 1 });
            (open, spoke) = (true, false);
            continue;
        } else if let Some(found) = header::file(line.text) {
            file = Some(found);
            open = false;
        } else if inline && is_capital(bare) {
            (inline, open) = (false, false);
        } else if is_rule(bare) {
            // What stands above the comment is kept apart from it as well.
            open &= !spoke;
        } else {
            spoke |= !is_context(bare);
        }
        if let Some(last) = out.last_mut().filter(|_| open) {
            last.lines.end = n + 1;
        }
    }
    out
}

/// The head of a comment, if a line is one and something is said below it.
fn head(
    lines: &[Line<'_>],
    n: usize,
    file: Option<&str>,
    inline: bool,
    names: &HashSet<&str>,
) -> Option<Header> {
    let next = lines[n + 1..].iter().find(|line| !line.text.trim().is_empty())?;
    let line = lines[n].text;
    // An address, or the code that it is about, follows the head in mails.
    let about = line.starts_with("In ") && line.trim_end().ends_with(':') && unquoted(next.text).1 > 0;
    let lax = is_address(next.text) || about;
    let mut found = file
        .and_then(|file| header::below_file(line, file, names))
        .or_else(|| header::header(if inline { line.trim_start() } else { line }, lax, names))?;
    found.told |= about;
    header::header(next.text, false, names).is_none().then_some(found)
}

/// `CHANGES SINCE LAST ACTION`
fn is_capital(text: &str) -> bool {
    text.split_whitespace().count() > 1 && text.chars().all(|c| c.is_uppercase() || c == ' ')
}

/// `<https://reviews.example.org/r/7/#comment9>`
fn is_address(text: &str) -> bool {
    let bare = unquoted(text).0.trim_matches(['<', '>', ' ']);
    (bare.starts_with("http://") || bare.starts_with("https://")) && !bare.contains(' ')
}

/// A line that is no speech: an address, a changed line.
fn is_context(text: &str) -> bool {
    let bare = unquoted(text).0;
    is_address(text)
        || is_rule(bare)
        || WORDS.chrome.contains(bare.to_lowercase().as_str())
        || bare.starts_with("@@")
        || bare.starts_with(['+', '-']) && !bare.starts_with("- ")
}

/// Is a text an export? Somebody comments, speaks or is quoted below each head, or there are
/// several heads that say in words where they are, and no title stands above any.
fn is_export(lines: &[Line<'_>], threads: &[Thread]) -> bool {
    let told = threads.iter().any(|thread| thread.header.told || thread.header.author.is_some());
    let said = |thread: &Thread| {
        let mut below = lines[thread.lines.start + 1..thread.lines.end].iter().filter(|line| !line.code);
        let quoted = below.clone().find(|line| !line.text.trim().is_empty());
        quoted.is_some_and(|line| unquoted(line.text).1 > 0 || is_context(line.text))
            || below.any(|line| {
                let (bare, deep) = unquoted(line.text);
                speaker(bare).is_some_and(|found| found.sure || deep > 0)
            })
    };
    let titled = |thread: &Thread| {
        let above = lines[..thread.lines.start].iter().rev().find(|line| !line.text.trim().is_empty());
        above.is_some_and(|line| {
            let (open, bold) = (line.text.trim(), line.text.trim().trim_end_matches(['.', ':']));
            let numbered = open.starts_with(|c: char| c.is_ascii_digit());
            open.starts_with(['#', '[']) || numbered || bold.starts_with("**") && bold.ends_with("**")
        })
    };
    told || threads.iter().all(said)
        || threads.len() > 1
            && threads.iter().any(|thread| thread.header.worded)
            && !threads[1..].iter().any(titled)
}

/// The comments of a thread, the oldest first, and what its lines say of its state.
fn comments<'a>(
    body: &[Line<'a>],
    is_name: impl Fn(&Speaker<'a>) -> bool,
) -> (Vec<Comment<'a>>, Option<Status>) {
    let mut out: Vec<Comment<'a>> = vec![Comment::default()];
    let mut status = None;
    // What is quoted above text of nobody's name is what that text is about.
    let spoken = body
        .iter()
        .any(|line| !line.code && speaker(unquoted(line.text).0).is_some_and(|found| is_name(&found)));
    let plain = body.iter().any(|line| {
        let (bare, deep) = unquoted(line.text);
        !line.code && deep == 0 && !bare.is_empty() && !is_context(line.text) && state(line.text).is_none()
    });
    for line in body {
        let (bare, deep) = unquoted(line.text);
        if line.code {
            if let Some(last) = out.last_mut() {
                last.lines.push(bare);
            }
            continue;
        }
        if deep > 0 && plain && !spoken || is_context(line.text) {
            continue;
        }
        // "Fixed." below a name is what that one says.
        let begun = out.last().is_some_and(|comment| comment.author.is_some() && comment.is_empty());
        let after = !begun && out.iter().any(|comment| !comment.is_empty());
        if let Some(said) = state(line.text).filter(|_| after) {
            status = Some(said);
            continue;
        }
        if let Some(found) = speaker(bare).filter(|found| is_name(found)) {
            out.push(Comment { author: Some(found.name), lines: vec![found.said] });
        } else if let Some(last) = out.last_mut() {
            last.lines.push(bare);
        }
    }
    out.retain(|comment| !comment.is_empty());
    (out, status)
}

/// Has a comment the fields or headings of a report? Then the rules for those read it.
fn is_report(text: &str) -> bool {
    let heading = text.lines().any(|line| line.starts_with("## ") || line.starts_with("### "));
    let severity =
        fields::read(text, 0).iter().any(|field| field.label == crate::vocabulary::Label::Severity);
    heading || severity || text.lines().any(|line| line.starts_with('|'))
}

fn object(header: &Header, remark: &str, author: Option<String>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("body".to_string(), Value::from(remark));
    object.insert("file".to_string(), Value::from(header.file.as_str()));
    if let Some((from, to)) = header.lines {
        object.insert("line".to_string(), Value::from(from));
        object.insert("endline".to_string(), Value::from(to));
    }
    if let Some(author) = author {
        object.insert("author".to_string(), Value::from(author));
    }
    object
}

/// What stands outside of the threads may tell more: then it is a report with places in it,
/// or the export is not whole.
fn doubt(text: &str, lines: &[Line<'_>], threads: &[Thread], out: &mut Extraction) -> Option<()> {
    let inside = |n: usize| threads.iter().any(|thread| thread.lines.contains(&n));
    for (_, line) in lines.iter().enumerate().filter(|(n, line)| !inside(*n) && !line.code) {
        let (bare, _) = unquoted(line.text);
        if crate::signs::has_line_place(bare) || bare.starts_with('|') {
            return None;
        }
    }
    // Only whole sentences: titles and verdicts hold the nouns of findings as well.
    let more = lines.iter().enumerate().filter(|(n, line)| {
        let sentence = line.text.trim_end().ends_with(['.', '!', '。']) && !is_context(line.text);
        sentence && !inside(*n) && !line.code && statement::blames(unquoted(line.text).0)
    });
    let more = more.count();
    if more > 0 {
        super::fault(out, &format!("{more} lines outside of the threads may tell of more"));
    }
    let marks = Marks::of(text);
    let outside = |at: usize| !out.members.iter().any(|m| m.byte_range[0] <= at && at < m.byte_range[1]);
    if marks.all(Mark::Partial).iter().chain(marks.all(Mark::Failure)).any(|hit| outside(hit.start)) {
        super::fault(out, "it says that not all was read");
    }
    Some(())
}
