//! From files to members: reads every input, and says what became of it.

use anyhow::Result;
use base::exit::Exit;
use base::program::{self, Failure};
use base::text;
use findings::Scope;

use crate::cli::Cli;
use crate::extract;
use crate::input::{self, Source};
use crate::meta::{self, Meta};
use crate::model::Extraction;
use crate::model::{Input, Member, ReadFrom};
use crate::{documented, scope};

/// What all inputs hold.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) inputs: Vec<Input>,
    pub(crate) members: Vec<Member>,
    /// How many could not be read at all.
    pub(crate) skipped: usize,
}

/// Reads the files of the command line, else those of the reviewers that completed.
pub(crate) fn inputs(cli: &Cli, meta: &Meta) -> Result<Gathered> {
    let mut paths: Vec<String> = cli.inputs.clone();
    if paths.is_empty() {
        let completed = meta.reviewers.iter().filter(|reviewer| reviewer.completed());
        paths = completed.filter_map(|reviewer| reviewer.input().map(str::to_string)).collect();
    }
    if paths.is_empty() && meta.reviewers.is_empty() {
        return Err(Failure::new(Exit::Usage, "no review files given")
            .hint("pan merge correctness.md security.md")
            .into());
    }
    let mut out = Gathered::default();
    let mut texts: Vec<(String, String)> = Vec::new();
    paths.sort();
    paths.dedup();
    for path in &paths {
        let name = shown(path);
        let known = meta.reviewer_of(path);
        match input::read(path) {
            Source::Skipped(why) => {
                out.skipped += 1;
                program::tell(&format!("convoy-merge: {why}"));
                let reviewer = known.map_or_else(
                    || extract::reviewer_of(None, &name).0,
                    |reviewer| reviewer.name().to_string(),
                );
                // What was not read is told, and is no part of a clean whole.
                out.inputs.push(Input { path: name, reviewer, notes: vec![why], ..Input::default() });
            }
            Source::Text { text, notes, whole } => {
                let first = texts.iter().find(|(_, old)| *old == text && !text.trim().is_empty());
                let twin = first.map(|(first, _)| format!("the same bytes as {first}; read once"));
                let notes = notes.into_iter().chain(twin.clone()).collect();
                let (mut own, found) = take(&name, &text, notes, known, cli);
                for input in &mut own {
                    input.complete &= whole;
                    if let Some(path) = known.and_then(|reviewer| reviewer.scope.as_deref()) {
                        add_scope(input, path);
                    }
                }
                if twin.is_some() {
                    for input in &mut own {
                        (input.findings, input.appendix) = (0, Vec::new());
                    }
                } else {
                    out.members.extend(found);
                    texts.push((name, text));
                }
                out.inputs.extend(own);
            }
        }
    }
    Ok(out)
}

/// A path as it is shown in outputs.
fn shown(path: &str) -> String {
    text::visible(path.strip_prefix("./").unwrap_or(path))
}

/// One input's findings, and what became of it.
fn take(
    name: &str,
    text: &str,
    notes: Vec<String>,
    known: Option<&meta::Reviewer>,
    cli: &Cli,
) -> (Vec<Input>, Vec<Member>) {
    let found = extract::extract(text, name);
    let Extraction { mut members, appendix, recognised, complete, notes: own_notes, inputs, .. } = found;
    map_levels(&mut members, cli);
    if known.is_none() {
        // Nobody vouches for it: a file must not open a gate by its own word.
        for member in &mut members {
            member.new = member.new.filter(|new| *new);
        }
    }
    if !inputs.is_empty() {
        return (inputs, members);
    }
    let (by_title, mismatch) = extract::reviewer_of(found.title.as_deref(), name);
    let given = known.map(|reviewer| reviewer.name().to_string());
    let reviewer = given.or(found.reviewer).unwrap_or(by_title);
    for member in &mut members {
        member.source = name.to_string();
        if member.reviewer.is_empty() {
            member.reviewer.clone_from(&reviewer);
        }
        documented::take_place_as_written(member);
        // It is held to the end, and most have one place.
        member.locations.shrink_to_fit();
        member.body.shrink_to_fit();
    }
    let inside: usize = members.iter().map(|m| m.byte_range[1] - m.byte_range[0]).sum();
    let outside: usize = appendix.iter().map(|k| k.byte_range[1] - k.byte_range[0]).sum();
    let is_prose = found.read_from == Some(ReadFrom::Prose);
    let (read, files) = is_prose.then(|| scope::claimed(text)).flatten().unzip();
    let mut input = Input {
        path: name.to_string(),
        reviewer,
        recognised,
        complete,
        bytes: text.len(),
        accounted: inside + outside,
        findings: members.len(),
        notes: notes.into_iter().chain(own_notes).chain(mismatch).collect(),
        appendix,
        read_from: found.read_from,
        files_read: read,
        files_given: files.flatten(),
        scope: None,
    };
    if let Some(scope) = found.scope {
        take_scope(&mut input, scope);
    }
    (vec![input], members)
}

fn take_scope(input: &mut Input, scope: Scope) {
    input.files_read = Some(scope.read.len() as u64);
    input.files_given = Some(scope.given.len() as u64);
    input.scope = Some(scope);
}

/// What the runtime knows of what a reviewer read, for a report that does not say it
/// by file.
fn add_scope(input: &mut Input, path: &str) {
    if input.scope.is_some() {
        return;
    }
    let read = match input::read(path) {
        Source::Text { text, .. } => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Source::Skipped(why) => Err(why),
    };
    match read {
        Ok(scope) => take_scope(input, scope),
        Err(why) => {
            input.complete = false;
            input.notes.push(format!("incomplete: what was read is unknown: {why}"));
        }
    }
}

fn map_levels(members: &mut [Member], cli: &Cli) {
    for member in members {
        let raw = member.severity_raw.as_deref().unwrap_or_default().to_lowercase();
        for (word, level) in &cli.map {
            if raw
                .split(|c: char| !c.is_alphanumeric())
                .any(|w| w == word || w.strip_suffix('s') == Some(word))
            {
                member.severity = *level;
            }
        }
    }
}
