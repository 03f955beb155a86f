//! A review from start to verdict.

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use shared::checkout::{self, Keeper};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::ids::ConvoyId;
use shared::look::Look;
use shared::own_files;
use shared::path_text::PathText;
use shared::plan::Plan;
use shared::problem;
use shared::project::Project;
use shared::state::{AgentStatus, MergeStatus, State};
use shared::store::read_state;
use shared::{outputs, text, words};

use crate::cli::Review;
use crate::findings::Finding;
use crate::history::{self, Entry};
use crate::pipeline::{self, Signals, Waited};
use crate::result::Outcome;
use crate::reviewers;
use crate::verdict::{self, Evidence, Synthesis};
use crate::{markers, result, screen, summary};

/// Longest report that is taken into the result.
const LONGEST_OUTPUT: usize = 1 << 20;

pub(crate) fn run(environment: &Environment, review: &Review) -> Result<Exit> {
    let begun = Instant::now();
    check_before(environment, review)?;
    let signals = Signals::catch()?;
    let keeper = if review.is_of_a_commit() { Some(Keeper::new(&environment.home)?) } else { None };
    let id = match pipeline::start(environment, review, keeper.as_ref())? {
        Ok(id) => id,
        Err(exit) => {
            keeper.into_iter().for_each(Keeper::dismiss);
            let nothing = exit.code() == Exit::NothingToReview.code();
            return if nothing { nothing_to_review(review) } else { Ok(exit) };
        }
    };
    let ended = attend(environment, review, &id, &signals, begun);
    drop(keeper);
    if let Err(error) = checkout::release(&environment.home, &id) {
        frame::tell(&format!("convoy-review: {}", shared::error::chain(&error)));
    }
    ended
}

/// Waits for the convoy's end, and says what came of it.
fn attend(
    environment: &Environment,
    review: &Review,
    id: &ConvoyId,
    signals: &Signals,
    begun: Instant,
) -> Result<Exit> {
    let until = begun + Duration::from_millis(review.timeout);
    let timed_out = match pipeline::wait(environment, id, signals, until)? {
        Waited::Ended => false,
        Waited::TimedOut => true,
        Waited::Signal(signal) => {
            end(environment, id)?;
            frame::tell(&format!("convoy-review: ended by a signal; {id} was stopped"));
            return Ok(Exit::Signal(signal));
        }
    };
    if timed_out {
        end(environment, id)?;
    }
    conclude(environment, review, id, timed_out, begun)
}

/// Git shows no change: nothing was read, so nothing is approved either.
fn nothing_to_review(review: &Review) -> Result<Exit> {
    let exit = if review.allow_empty { Exit::Done } else { Exit::NothingToReview };
    if let Some(file) = &review.summary
        && let Err(error) = outputs::append(file, summary::NOTHING_TO_REVIEW.as_bytes())
    {
        frame::tell(&format!("convoy-review: --summary: {}", shared::error::chain(&error)));
        return Ok(worst(exit));
    }
    let text = if review.json {
        format!("{}\n", serde_json::to_string_pretty(&result::Nothing::default())?)
    } else {
        format!("{}\n", result::NOTHING_TO_REVIEW)
    };
    hand_over(&text)?;
    Ok(exit)
}

/// What can be known to be wrong before anything is spent.
fn check_before(environment: &Environment, review: &Review) -> Result<()> {
    for (option, file) in [("--sarif", &review.sarif), ("--summary", &review.summary)] {
        let Some(file) = file else { continue };
        if !outputs::directory(file).is_dir() || file.is_dir() {
            let message = format!("{option}: {} cannot be written", text::path(file));
            return Err(unwritable(message));
        }
    }
    if let Some(file) = &review.sarif {
        // A file of an earlier run must not be uploaded as if it were of this one.
        outputs::retract(file)
            .map_err(|error| unwritable(format!("--sarif: {}", shared::error::chain(&error))))?;
    }
    note_outputs(environment, review)
}

/// What is written into the project is never reviewed, also not by a later run.
fn note_outputs(environment: &Environment, review: &Review) -> Result<()> {
    let given = review.project_path.as_deref().unwrap_or(Path::new("."));
    let outputs = [&review.sarif, &review.summary];
    if outputs.iter().all(|file| file.is_none()) {
        return Ok(());
    }
    let project = Project::find(environment, given).map_err(|problem| problem::failure(&[problem], ""))?;
    for file in outputs.into_iter().flatten() {
        own_files::note_file(&environment.home, &project.root, &environment.current_dir.join(file))?;
    }
    Ok(())
}

fn unwritable(message: String) -> anyhow::Error {
    Failure::new(Exit::Usage, message).hint("name a file in an existing directory").into()
}

fn end(environment: &Environment, id: &ConvoyId) -> Result<()> {
    if !pipeline::stop(environment, id)? {
        frame::tell(&format!("convoy-review: not every process of {id} could be ended"));
    }
    Ok(())
}

fn conclude(
    environment: &Environment,
    review: &Review,
    id: &ConvoyId,
    timed_out: bool,
    begun: Instant,
) -> Result<Exit> {
    let dir = environment.home.convoy(id);
    let (plan, state) = (Plan::read(&dir)?, read_state(&dir)?);
    if !state.ended() && !timed_out {
        let failure = Failure::new(Exit::Partial, format!("{id} has not ended, and nothing waits for it"));
        return Err(failure.hint(format!("pan convoy status {}", id.short())).into());
    }
    let (outcome, standing) = examine(environment, review, &plan, &state, timed_out)?;
    let seconds = begun.elapsed().as_secs();
    let entry = Entry::of(&outcome, &plan, review.branch.clone(), seconds);
    if let Err(error) = history::append(environment, &entry) {
        frame::tell(&format!("convoy-review: not in the history: {}", shared::error::chain(&error)));
    }
    let mut exit = outcome.exit();
    if let Some(file) = &review.summary
        // A step's summary may have other authors.
        && let Err(error) = outputs::append(file, summary::render(&outcome, &standing).as_bytes())
    {
        frame::tell(&format!("convoy-review: --summary: {}", shared::error::chain(&error)));
        exit = worst(exit);
    }
    if let Some(file) = review.sarif.as_deref().filter(|file| !file.exists()) {
        frame::tell(&format!("convoy-review: no findings to write to {}", text::path(file)));
    }
    let page = screen::Page {
        outcome: &outcome,
        standing: &standing,
        report: final_report(&state, &plan),
        project: plan.project.as_path(),
        seconds,
    };
    print(environment, &page, review.json)?;
    Ok(exit)
}

/// Gathers what is known and judges it; also the findings that stand.
fn examine(
    environment: &Environment,
    review: &Review,
    plan: &Plan,
    state: &State,
    timed_out: bool,
) -> Result<(Outcome, Vec<Finding>)> {
    let merged = match state.merge.as_ref() {
        Some(merge) if merge.status == MergeStatus::Done => {
            pipeline::merge(environment, &state.id, review.sarif.as_deref())?
        }
        Some(merge) => Err(merge.detail.clone().unwrap_or_else(|| "it was not done".to_owned())),
        None => Err("there is none".to_owned()),
    };
    let standing = merged.as_ref().map(|merged| merged.standing().cloned().collect()).unwrap_or_default();
    let (reports, missing) = reviewers::read(&environment.home.convoy(&state.id), plan, state);
    let outcome = verdict::judge(Evidence {
        convoy: state.id.clone(),
        gate: review.gate,
        timed_out: timed_out.then_some(review.timeout),
        files: plan.inputs.file_count,
        reports,
        missing,
        merged,
        synthesis: read_synthesis(environment, &state.id, plan, state),
    });
    Ok((outcome, standing))
}

fn print(environment: &Environment, page: &screen::Page<'_>, json: bool) -> Result<()> {
    let text = if json {
        format!("{}\n", serde_json::to_string_pretty(page.outcome)?)
    } else {
        screen::render(page, &Look::of_stdout(environment))
    };
    // Below the live picture, where there was one.
    if std::io::stderr().is_terminal() {
        frame::tell("");
    }
    hand_over(&text)
}

fn hand_over(text: &str) -> Result<()> {
    match frame::print(text) {
        // A reader that went away takes the verdict with the exit code all the same.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

/// A result that could not be handed over is none.
fn worst(exit: Exit) -> Exit {
    if exit == Exit::Done { Exit::Partial } else { exit }
}

fn read_synthesis(environment: &Environment, id: &ConvoyId, plan: &Plan, state: &State) -> Synthesis {
    let dir = environment.home.convoy(id);
    let bounded = |mut text: String| {
        let mut end = LONGEST_OUTPUT.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text
    };
    let merged = || {
        let merge = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
        let Some(path) = merge.map(|merge| dir.merge_report(merge.k)) else { return String::new() };
        match std::fs::read(&path) {
            Ok(bytes) => bounded(String::from_utf8_lossy(&bytes).into_owned()),
            // Only shown; what decides is the findings, which are read elsewhere.
            Err(error) => format!("cannot read {}: {error}\n", text::path(&path)),
        }
    };
    let Some((agent, ai)) = reviewers::synthesis(plan, state) else {
        return Synthesis::Script { text: merged() };
    };
    let completed = agent.status == AgentStatus::Completed;
    let report = if completed { reviewers::own_report(&dir, agent) } else { Ok(None) };
    match report {
        Ok(Some(text)) if ai => Synthesis::Ai { markers: markers::read(&text), text: bounded(text) },
        Ok(Some(text)) => Synthesis::Script { text: bounded(text) },
        Ok(None) if completed => Synthesis::Failed { text: merged(), why: "its report is gone".to_owned() },
        Err(error) => Synthesis::Failed { text: merged(), why: shared::error::chain(&error) },
        Ok(None) => {
            let why = agent.reason.map(|reason| words::reason(reason, agent.detail.as_deref()));
            let why = why.map_or_else(|| "it never ran".to_owned(), |why| text::visible(&why));
            Synthesis::Failed { text: merged(), why }
        }
    }
}

/// Where the final report was published.
fn final_report<'a>(state: &'a State, plan: &'a Plan) -> Option<&'a Path> {
    let (agent, _) = reviewers::synthesis(plan, state)?;
    agent.output_file.as_ref().map(PathText::as_path)
}
