//! `--since last`: what was looked at last time and is as it was then is left out.

use std::path::Path;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use decisions::look::{Last, Unchanged, UnderReview};
use decisions::{Location, Look, store};
use planning::diagnostic::{self, Diagnostic, DiagnosticKind};
use planning::file_selection::LastLook;
use planning::planner::{self, Machine, Prepared, Request, Start};
use protocol::layout::Home;
use protocol::plan::{Plan, ReportKind};

use crate::cli::Since as Asked;

/// What there is to start.
pub(crate) enum Since {
    /// With what has changed since, or all of it, and a word on that.
    Start(Box<Prepared>),
    /// Nothing has changed.
    Unchanged(Unchanged),
}

/// Refuses what has no last look before anything is asked of a service: a pull request by
/// its address alone.
pub(crate) fn check(request: &Request) -> Result<(), Failure> {
    let selection = &request.selection;
    let names_files = !selection.patterns.iter().all(|pattern| pattern.as_encoded_bytes().starts_with(b"!"));
    let alone = selection.diff.is_none() && selection.commit.is_none() && !names_files;
    if alone && request.pr_url.is_some() { Err(nothing_to_compare()) } else { Ok(()) }
}

fn nothing_to_compare() -> Failure {
    Failure::new(Exit::Usage, "--since last: what has changed is unknown for these inputs").hint(
        "it goes with --diff, --files, --commit and --branch; a pull request: fetch it, and use --commit",
    )
}

/// Looks up the last look at what was prepared, and prepares again without what is as it
/// was. The reviewers must be known before: others have not looked.
pub(crate) fn narrow(
    environment: &Environment,
    machine: &Machine<'_>,
    request: &mut Request,
    start: &Start,
    mut prepared: Prepared,
    asked: &Asked,
) -> Result<Since> {
    let home = Home::of(environment);
    if prepared.place == planning::file_selection::Place::default() && prepared.contents.is_empty() {
        return Err(nothing_to_compare().into());
    }
    let location = Location::of(environment, prepared.plan.project.as_path()).map_err(Failure::from)?;
    store::take_up(&home, &location).map_err(Failure::from)?;
    let book = store::read(&home, &location).map_err(Failure::from)?;
    let under = UnderReview::of(&prepared);
    let last = match asked {
        Asked::Last => book.last_look(&under),
        Asked::Of(convoy) => book.look_of(convoy, &under),
    };
    let look: &Look = match last {
        Last::Look(look) => look,
        Last::Never => {
            prepared.notes.push("there is no last look here: everything is reviewed".to_owned());
            return Ok(Since::Start(Box::new(prepared)));
        }
        Last::Others(look) => {
            prepared.notes.push(format!(
                "the last look ({}) was with other reviewers, or they were told otherwise: everything is reviewed",
                look.convoy
            ));
            return Ok(Since::Start(Box::new(prepared)));
        }
    };
    let all = prepared.files.len() + prepared.plan.inputs.not_files.len();
    request.selection.since = Some(LastLook { convoy: look.convoy.clone(), seen: book.seen(look) });
    match planner::prepare(environment, machine, request, start) {
        Ok(mut narrowed) => {
            let left = narrowed.files.len() + narrowed.plan.inputs.not_files.len();
            narrowed.notes.push(format!(
                "since the last look ({}) {left} of {} changed, or were not read then",
                look.convoy,
                base::style::count(all as u64, "file")
            ));
            Ok(Since::Start(Box::new(narrowed)))
        }
        Err(problems) if is_unchanged(&problems) => Ok(Since::Unchanged(unchanged(&prepared, look))),
        Err(problems) => Err(diagnostic::failure(&problems, "nothing was started").into()),
    }
}

fn is_unchanged(problems: &[Diagnostic]) -> bool {
    matches!(problems, [problem] if problem.kind == DiagnosticKind::NothingSince)
}

fn is_static(plan: &Plan) -> bool {
    let mut reviewers = plan.agents.iter().filter(|agent| agent.report == ReportKind::Findings);
    reviewers.all(|agent| agent.invocation.static_only)
}

fn unchanged(prepared: &Prepared, look: &Look) -> Unchanged {
    let files = prepared.files.iter().map(|file| Path::new(file).into());
    Unchanged {
        project: prepared.plan.project.clone(),
        convoy: look.convoy.clone(),
        gate: prepared.plan.gate.clone(),
        static_only: is_static(&prepared.plan),
        place: prepared.place.clone(),
        files: files.chain(prepared.plan.inputs.not_files.iter().cloned()).collect(),
    }
}
