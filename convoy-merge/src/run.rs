//! The shell: reads files, calls the core, writes files, gives the exit code.

use std::fs;
use std::path::Path;

use anyhow::Result;
use decisions::Snapshot;
use findings::changed::Changes;
use serde_json::json;
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::layout::Home;
use shared::path_text::PathText;
use shared::{outputs, text};

use crate::cli::Cli;
use crate::extract::{self, Extraction};
use crate::input::{self, Source};
use crate::merge::{self, Merged, Options};
use crate::meta::{self, Meta};
use crate::model::{Counts, Finding, Input, Member, Status};
use crate::render::{self, Format};
use crate::{baseline, explain, gate, known, novelty, suppress, synthesis};

/// Does what was asked.
pub(crate) fn run(cli: &Cli, home: shared::Result<Home>) -> Result<Exit> {
    if let Some(path) = &cli.recognise {
        return recognise(path);
    }
    if let Some(path) = &cli.explain_reading {
        return explain_reading(path);
    }
    let meta = read_meta(cli, home)?;
    if let Some(report) = &cli.check_synthesis {
        return check_synthesis(cli, &meta, report);
    }
    let (mut merged, skipped) = merge_inputs(cli, &meta)?;
    if let Some(changed) = &meta.changed {
        novelty::mark(&mut merged, &Changes::new(changed.iter().cloned()));
    }
    take_known(&mut merged, &meta)?;
    if let Some(ids) = &cli.explain {
        return explain(&merged, ids);
    }
    if let Some(path) = &cli.suppress {
        let entries = suppress::read(&read_file(path)?).map_err(|why| state_failure(path, &why))?;
        let today = suppress::today();
        for note in suppress::apply(&mut merged, &entries, &today) {
            frame::tell(&format!("convoy-merge: {note}"));
        }
    }
    if let Some(path) = &cli.baseline {
        let old = read_findings(path)?;
        baseline::compare(&mut merged, &old);
        if cli.new_only {
            merged.findings.retain(|f| f.baseline.as_deref() == Some("new"));
        }
    }
    write_outputs(cli, &merged, &meta)?;
    Ok(verdict(cli, &merged, &meta, skipped))
}

/// What earlier reviews and persons have to do with the findings.
fn take_known(merged: &mut Merged, meta: &Meta) -> Result<()> {
    let Some(path) = meta.known.as_ref().map(PathText::as_path) else { return Ok(()) };
    let snapshot: Snapshot =
        serde_json::from_str(&read_file(path)?).map_err(|error| state_failure(path, &error.to_string()))?;
    known::apply(merged, &snapshot, meta);
    Ok(())
}

fn state_failure(path: &Path, why: &str) -> anyhow::Error {
    Failure::new(Exit::State, format!("cannot read '{}': {why}", text::path(path))).into()
}

fn read_file(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) => Err(state_failure(path, &input::plain(&error))),
    }
}

fn read_meta(cli: &Cli, home: shared::Result<Home>) -> Result<Meta> {
    let path = match (&cli.meta, &cli.convoy) {
        (Some(path), _) => path.clone(),
        (None, Some(id)) => meta::of_convoy(&home?, id)?.ok_or_else(|| {
            Failure::new(Exit::No, format!("convoy '{}' has no merge yet", text::visible(id)))
        })?,
        (None, None) => return Ok(Meta::default()),
    };
    serde_json::from_str(&read_file(&path)?).map_err(|e| state_failure(&path, &e.to_string()))
}

fn recognise(path: &str) -> Result<Exit> {
    let text = match input::read(path) {
        Source::Text { text, .. } => text,
        Source::Skipped(why) => return Err(Failure::new(Exit::Usage, why).into()),
    };
    let found = extract::extract(&text, path);
    let mut counts = Counts::default();
    let stands = |m: &&Member| !m.withdrawn && !m.status.is_some_and(Status::is_settled);
    found.members.iter().filter(stands).for_each(|m| counts.add(m.severity));
    let line = json!({
        "recognised": found.recognised,
        "complete": found.complete,
        "findings": found.members.len(),
        "counts": counts,
        "notes": found.notes,
    });
    frame::print(&format!("{line}\n"))?;
    Ok(Exit::Done)
}

fn explain_reading(path: &str) -> Result<Exit> {
    match input::read(path) {
        Source::Text { text, .. } => {
            frame::print(&extract::explain(&text))?;
            Ok(Exit::Done)
        }
        Source::Skipped(why) => Err(Failure::new(Exit::Usage, why).into()),
    }
}

/// Reads and merges all inputs; says how many could not be read.
fn merge_inputs(cli: &Cli, meta: &Meta) -> Result<(Merged, usize)> {
    let mut paths: Vec<String> = cli.inputs.clone();
    if paths.is_empty() {
        paths = meta.reviewers.iter().filter(|r| r.completed()).filter_map(|r| r.path.clone()).collect();
    }
    if paths.is_empty() && meta.reviewers.is_empty() {
        return Err(Failure::new(Exit::Usage, "no review files given")
            .hint("convoy-merge correctness.md security.md")
            .into());
    }
    let mut inputs: Vec<Input> = Vec::new();
    let mut members: Vec<Member> = Vec::new();
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut skipped = 0;
    paths.sort();
    paths.dedup();
    for path in &paths {
        match input::read(path) {
            Source::Skipped(why) => {
                skipped += 1;
                frame::tell(&format!("convoy-merge: {why}"));
                let name = shown(path);
                let reviewer = extract::reviewer_of(None, &name).0;
                // What was not read is told, and is no part of a clean whole.
                inputs.push(Input { path: name, reviewer, notes: vec![why], ..Input::default() });
            }
            Source::Text { text, notes, whole } => {
                let name = shown(path);
                if let Some((first, _)) =
                    texts.iter().find(|(_, old)| *old == text && !text.trim().is_empty())
                {
                    let note = format!("the same bytes as {first}; read once");
                    inputs.push(twin(&name, &text, note));
                    continue;
                }
                let (mut own, found) =
                    take(&name, &text, notes, meta.reviewer_of(path).map(meta::Reviewer::name), cli);
                for input in &mut own {
                    input.complete &= whole;
                }
                inputs.extend(own);
                members.extend(found);
                texts.push((name, text));
            }
        }
    }
    let options =
        Options { root: cli.root.clone().or_else(|| meta.project.clone()), no_merge: cli.no_merge.clone() };
    Ok((merge::merge(inputs, members, &options), skipped))
}

/// A path as it is shown in outputs.
fn shown(path: &str) -> String {
    text::visible(path.strip_prefix("./").unwrap_or(path))
}

fn twin(name: &str, text: &str, note: String) -> Input {
    let found = extract::extract(text, name);
    Input {
        path: name.to_string(),
        reviewer: extract::reviewer_of(found.title.as_deref(), name).0,
        recognised: found.recognised,
        complete: found.complete,
        bytes: text.len(),
        accounted: text.len(),
        notes: vec![note],
        ..Input::default()
    }
}

/// One input's findings, and what became of it.
fn take(
    name: &str,
    text: &str,
    notes: Vec<String>,
    given: Option<&str>,
    cli: &Cli,
) -> (Vec<Input>, Vec<Member>) {
    let Extraction { mut members, appendix, recognised, complete, notes: own_notes, title, reviewer, inputs } =
        extract::extract(text, name);
    map_levels(&mut members, cli);
    if !inputs.is_empty() {
        return (inputs, members);
    }
    let (by_title, mismatch) = extract::reviewer_of(title.as_deref(), name);
    let reviewer = given.map(str::to_string).or(reviewer).unwrap_or(by_title);
    for member in &mut members {
        member.source = name.to_string();
        if member.reviewer.is_empty() {
            member.reviewer.clone_from(&reviewer);
        }
    }
    let inside: usize = members.iter().map(|m| m.byte_range[1] - m.byte_range[0]).sum();
    let outside: usize = appendix.iter().map(|k| k.byte_range[1] - k.byte_range[0]).sum();
    let notes = notes.into_iter().chain(own_notes).chain(mismatch).collect();
    let input = Input {
        path: name.to_string(),
        reviewer,
        recognised,
        complete,
        bytes: text.len(),
        accounted: inside + outside,
        findings: members.len(),
        notes,
        appendix,
    };
    (vec![input], members)
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

fn explain(merged: &Merged, ids: &[String]) -> Result<Exit> {
    let told = match ids {
        [a, b] => explain::explain_pair(merged, a, b),
        [one] => explain::explain_finding(merged, one),
        _ => return Ok(Exit::Usage),
    };
    let told = told.ok_or_else(|| {
        let names: Vec<String> = ids.iter().map(|id| format!("'{}'", text::visible(id))).collect();
        Failure::new(Exit::Usage, format!("no finding {}", names.join(" or ")))
            .hint("name findings F1, F2 … or members FILE#1, FILE#2 …")
    })?;
    frame::print(&told)?;
    Ok(Exit::Done)
}

/// A report of ours that is merged alone is what it was: there is nothing to merge.
fn already_merged(cli: &Cli) -> Option<String> {
    let [path] = &cli.inputs[..] else { return None };
    let plain = cli.baseline.is_none()
        && cli.suppress.is_none()
        && cli.no_merge.is_empty()
        && cli.map.is_empty()
        && cli.meta.is_none()
        && cli.convoy.is_none();
    match input::read(path) {
        Source::Text { text, .. } if plain && path != "-" && render::is_own(&text) => Some(text),
        _ => None,
    }
}

fn write_outputs(cli: &Cli, merged: &Merged, meta: &Meta) -> Result<()> {
    for (format, path) in &cli.also {
        outputs::write(path, render::render(merged, meta, *format).as_bytes())?;
    }
    let own = (cli.format == Format::Md).then(|| already_merged(cli)).flatten();
    let text = own.unwrap_or_else(|| render::render(merged, meta, cli.format));
    match &cli.output {
        Some(path) => Ok(outputs::write(path, text.as_bytes())?),
        None => Ok(frame::print(&text)?),
    }
}

fn verdict(cli: &Cli, merged: &Merged, meta: &Meta, skipped: usize) -> Exit {
    if let Some(level) = cli.gate {
        let mut objections = gate::objections(merged, meta, level);
        if skipped > 0 {
            objections.push(format!("{skipped} of the inputs could not be read"));
        }
        for why in &objections {
            frame::tell(&format!("convoy-merge: gate: {why}"));
        }
        if !objections.is_empty() {
            return Exit::No;
        }
    }
    if skipped > 0 { Exit::Partial } else { Exit::Done }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u32,
    #[serde(default)]
    inputs: Vec<Input>,
    findings: Vec<Finding>,
    #[serde(default)]
    settled: Vec<Finding>,
}

/// Reads our own JSON.
fn read_findings(path: &Path) -> Result<Merged> {
    let document: Document = serde_json::from_str(&read_file(path)?)
        .map_err(|e| state_failure(path, &format!("not the JSON of a merge: {e}")))?;
    if document.schema_version > 1 {
        return Err(state_failure(path, "it is of a newer version"));
    }
    let findings = document.findings.into_iter().chain(document.settled).collect();
    Ok(Merged { inputs: document.inputs, findings, ..Merged::default() })
}

fn check_synthesis(cli: &Cli, meta: &Meta, report: &Path) -> Result<Exit> {
    let merged = match &cli.findings {
        Some(path) => read_findings(path)?,
        None => merge_inputs(cli, meta)?.0,
    };
    let bytes = fs::read(report).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot read '{}': {}", text::path(report), input::plain(&error)))
    })?;
    let before = String::from_utf8_lossy(&bytes);
    let (after, missing, lowered) = synthesis::check(&before, &merged);
    if after != before {
        outputs::write(report, after.as_bytes())?;
    }
    if missing + lowered > 0 {
        frame::tell(&format!(
            "convoy-merge: the synthesis left out {missing} and rated {lowered} findings lower; both are appended"
        ));
    }
    Ok(Exit::Done)
}
