//! The shell: reads files, calls the core, writes files, gives the exit code.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::error::reason;
use base::exit::Exit;
use base::program::{self, Failure};
use base::{outputs, text};
use decisions::Snapshot;
use findings::changed::GateOn;
use findings::verdict::Verdict;
use protocol::layout::Home;
use serde_json::json;

use crate::cli::Cli;
use crate::extract;
use crate::input::{self, Source};
use crate::merge::{self, Options};
use crate::merged::Merged;
use crate::meta::{self, Meta};
use crate::model::{Counts, Finding, Input, Member, Status};
use crate::render::{self, Format};
use crate::synthesis::Difference;
use crate::tree::Project;
use crate::verdict::{self, Gate};
use crate::{baseline, excerpt, explain, gather, known, requirement, second_look, suppress, synthesis};

/// Does what was asked.
pub(crate) fn run(cli: &Cli, home: base::Result<Home>) -> Result<Exit> {
    if let Some(path) = &cli.recognise {
        return recognise(path);
    }
    if let Some(path) = &cli.explain_reading {
        return explain_reading(path);
    }
    if let (Some(id), Some(path)) = (&cli.show, &cli.findings) {
        return show(id, path, cli.root.as_deref());
    }
    let meta = read_meta(cli, home)?;
    if let Some(report) = &cli.check_synthesis {
        return check_synthesis(cli, &meta, report);
    }
    let (mut merged, skipped) = merge_inputs(cli, &meta)?;
    take_known(&mut merged, &meta)?;
    if let Some(verification) = &meta.verification {
        let read = |path: &EncodedPath| fs::read(path.as_path()).map_err(|error| reason(&error));
        second_look::apply(&mut merged, verification, read);
    }
    if let Some(ids) = &cli.explain {
        return explain(&merged, ids);
    }
    if let Some(path) = &cli.suppress {
        let entries = suppress::read(&read_file(path)?).map_err(|why| state_failure(path, &why))?;
        let today = suppress::today();
        for note in suppress::apply(&mut merged, &entries, &today) {
            program::tell(&format!("convoy-merge: {note}"));
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
    let Some(path) = meta.known.as_ref().map(EncodedPath::as_path) else { return Ok(()) };
    let snapshot: Snapshot =
        serde_json::from_str(&read_file(path)?).map_err(|error| state_failure(path, &error.to_string()))?;
    let project = meta.project.as_ref().map(|root| EncodedPath::from(root.clone()));
    let project = project.and_then(|root| Project::at(root.as_path()));
    let asked = meta.requirements.as_ref().map_or(&[][..], |requirements| &requirements.asked);
    known::apply(merged, &snapshot.entries, project.as_ref(), meta.changed.as_deref(), asked);
    if let Some(project) = &project {
        excerpt::add(&mut merged.carried, project);
    }
    Ok(())
}

fn state_failure(path: &Path, why: &str) -> anyhow::Error {
    let failure = Failure::new(Exit::State, format!("cannot read '{}': {why}", text::path(path)));
    failure.hint("check that it is there and whole; what each file holds: pan merge --help").into()
}

fn read_file(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) => Err(state_failure(path, &reason(&error))),
    }
}

fn read_meta(cli: &Cli, home: base::Result<Home>) -> Result<Meta> {
    let path = match (&cli.meta, &cli.convoy) {
        (Some(path), _) => path.clone(),
        (None, Some(id)) => meta::of_convoy(&home?, id)?.ok_or_else(|| {
            Failure::new(Exit::No, format!("convoy '{}' has no merge yet", text::visible(id)))
                .hint(format!("wait for it: pan convoy wait {}", text::visible(id)))
        })?,
        (None, None) => return Ok(Meta { category: cli.category.clone(), ..Meta::default() }),
    };
    let mut meta: Meta =
        serde_json::from_str(&read_file(&path)?).map_err(|e| state_failure(&path, &e.to_string()))?;
    meta.category = cli.category.clone().or(meta.category);
    Ok(meta)
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
    program::print(&format!("{line}\n"))?;
    Ok(Exit::Done)
}

/// One finding of an earlier merge, with its code as it stands now.
fn show(id: &str, path: &Path, root: Option<&str>) -> Result<Exit> {
    let mut merged = read_findings(path)?;
    let tree = root.and_then(|root| Project::at(EncodedPath::from(root.to_string()).as_path()));
    let all = merged.findings.iter_mut().chain(&mut merged.carried).chain(&mut merged.closed);
    let Some(finding) = all.into_iter().find(|finding| finding.id.eq_ignore_ascii_case(id)) else {
        let message = format!("no finding '{}' in {}", text::visible(id), text::path(path));
        return Err(Failure::new(Exit::NotFound, message).into());
    };
    if let Some(tree) = &tree {
        excerpt::add(std::slice::from_mut(finding), tree);
    }
    program::print(&render::finding(finding))?;
    Ok(Exit::Done)
}

fn explain_reading(path: &str) -> Result<Exit> {
    match input::read(path) {
        Source::Text { text, .. } => {
            program::print(&extract::explain(&text))?;
            Ok(Exit::Done)
        }
        Source::Skipped(why) => Err(Failure::new(Exit::Usage, why).into()),
    }
}

/// Reads and merges all inputs; says how many could not be read.
fn merge_inputs(cli: &Cli, meta: &Meta) -> Result<(Merged, usize)> {
    let mut gathered = gather::inputs(cli, meta)?;
    if let Some(requirements) = &meta.requirements {
        requirement::prove(&mut gathered.members, requirements);
    }
    let root = cli.root.clone().or_else(|| meta.project.clone());
    let tree = root.as_deref().and_then(|root| Project::at(EncodedPath::from(root.to_string()).as_path()));
    let changed = match &cli.changed {
        Some(path) => Some(
            serde_json::from_str(&read_file(path)?)
                .map_err(|error| state_failure(path, &format!("not a list of changed lines: {error}")))?,
        ),
        None => meta.changed.clone(),
    };
    let options = Options {
        root,
        no_merge: cli.no_merge.clone(),
        tree: tree.as_ref().map(|tree| tree as _),
        changed,
        gate: Gate {
            level: cli.gate.or(meta.gate).unwrap_or(Gate::default().level),
            on: cli.gate_on.map(GateOn::from).or(meta.gate_on).unwrap_or_default(),
        },
    };
    if options.gate.on == GateOn::New && options.changed.is_none() {
        return Err(Failure::new(Exit::Usage, "--gate-on new: which lines are new is not known")
            .hint("give them with --changed FILE; without, --gate-on all looks at every finding")
            .into());
    }
    Ok((merge::merge(gathered.inputs, gathered.members, &options), gathered.skipped))
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
    program::print(&told)?;
    Ok(Exit::Done)
}

/// A report of ours that is merged alone is what it was: there is nothing to merge.
fn already_merged(cli: &Cli) -> Option<String> {
    let [path] = &cli.inputs[..] else { return None };
    let plain = cli.baseline.is_none()
        && cli.suppress.is_none()
        && cli.no_merge.is_empty()
        && cli.map.is_empty()
        && cli.fit.is_none()
        && cli.meta.is_none()
        && cli.convoy.is_none();
    match input::read(path) {
        Source::Text { text, .. } if plain && path != "-" && render::is_own(&text) => Some(text),
        _ => None,
    }
}

fn write_outputs(cli: &Cli, merged: &Merged, meta: &Meta) -> Result<()> {
    for (format, path) in &cli.also {
        write_with(path, |out| render::write(merged, meta, *format, out))?;
    }
    let own = (cli.format == Format::Md).then(|| already_merged(cli)).flatten();
    let fit = cli.fit.filter(|_| cli.format == Format::Md);
    let fill = |out: &mut dyn Write| match (own, fit) {
        (Some(own), _) => out.write_all(own.as_bytes()),
        (None, Some(fit)) => out.write_all(render::report(merged, meta, fit.size()).as_bytes()),
        (None, None) => render::write(merged, meta, cli.format, out),
    };
    match &cli.output {
        Some(path) => write_with(path, fill),
        None => match program::print_with(fill) {
            // What the reader does not want is no less true: the exit code says it all the same.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(error) => {
                let why = reason(&error);
                Err(Failure::new(Exit::State, format!("cannot write to standard output: {why}")).into())
            }
            Ok(()) => Ok(()),
        },
    }
}

/// Writes a file the user named. That it could not be written is an exit code of its
/// own: a result that nobody got is neither a pass nor a finding.
fn write_with(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let written = outputs::write_with(path, fill);
    Ok(written.map_err(|error| Failure { exit: Exit::State, ..error.into() })?)
}

/// The exit code, and why: of the gate, if there is one.
fn verdict(cli: &Cli, merged: &Merged, meta: &Meta, skipped: usize) -> Exit {
    if cli.gate.is_none() {
        return if skipped > 0 { Exit::Partial } else { Exit::Done };
    }
    let decision = verdict::of(merged, meta);
    for why in &decision.obstacles {
        program::tell(&format!("convoy-merge: no verdict: {why}"));
    }
    if decision.blocking > 0 {
        let noun = if decision.blocking == 1 { "finding" } else { "findings" };
        let new = if merged.gate.on == GateOn::New { "new " } else { "" };
        let level = merged.gate.level.name();
        program::tell(&format!("convoy-merge: gate: {} {new}{noun} at or above {level}", decision.blocking));
    }
    match decision.verdict {
        Verdict::Approved => Exit::Done,
        Verdict::ChangesRequested => Exit::No,
        Verdict::Commented => Exit::Partial,
    }
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
    #[serde(default)]
    carried: Vec<Finding>,
    #[serde(default)]
    closed: Vec<Finding>,
}

/// Reads our own JSON.
fn read_findings(path: &Path) -> Result<Merged> {
    let document: Document = serde_json::from_str(&read_file(path)?)
        .map_err(|e| state_failure(path, &format!("not the JSON of a merge: {e}")))?;
    if document.schema_version > 1 {
        return Err(state_failure(path, "it is of a newer version"));
    }
    let findings = document.findings.into_iter().chain(document.settled).collect();
    let (carried, closed) = (document.carried, document.closed);
    Ok(Merged { inputs: document.inputs, findings, carried, closed, ..Merged::default() })
}

fn check_synthesis(cli: &Cli, meta: &Meta, report: &Path) -> Result<Exit> {
    let merged = match &cli.findings {
        Some(path) => read_findings(path)?,
        None => merge_inputs(cli, meta)?.0,
    };
    let bytes = fs::read(report).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot read '{}': {}", text::path(report), reason(&error)))
    })?;
    let before = String::from_utf8_lossy(&bytes);
    let (after, found) = synthesis::check(&before, &merged);
    if after != before {
        write_with(report, |out| out.write_all(after.as_bytes()))?;
        let Difference { missing, lowered, moved, added } = found;
        program::tell(&format!(
            "convoy-merge: the synthesis left out {missing}, rated {lowered} lower, moved {moved} and added {added} findings; this is appended"
        ));
    }
    Ok(Exit::Done)
}
