//! A review from start to verdict.

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use base::style::Style;
use base::{duration, outputs, text};
use decisions::look::Unchanged;
use findings::merged::Finding;
use planning::project::Project;
use planning::{diagnostic, own_files};
use protocol::checkout::{self, Keeper};
use protocol::layout::Home;
use protocol::plan::Plan;
use protocol::state::State;
use protocol::store::read_state;
use terminal::link::Links;
use terminal::pager;
use verdict::{Judgement, gather, judge, synthesis_agent};

use crate::cli::Review;
use crate::history::{self, Entry};
use crate::pipeline::{self, Signals, Started, Waited};
use crate::result::{self, NO_CHANGE, Outcome};
use crate::{outcome, publish, rounds, screen, since, summary};

pub(crate) fn run(environment: &Environment, review: &Review) -> Result<Exit> {
    check_before(environment, review)?;
    if review.rounds.is_some() || !review.fix_with.is_empty() {
        return rounds::run(environment, review);
    }
    if review.comment
        && let Some(exit) = publish::not_ready(environment, review)?
    {
        return Ok(exit);
    }
    let signals = Signals::catch()?;
    match look(environment, review, &signals)? {
        Came::Judged(concluded) => {
            let ended = hand_over_all(environment, review, &concluded);
            concluded.release(environment);
            ended
        }
        Came::Unchanged(unchanged) => since::unchanged(environment, review, &unchanged),
        Came::Nothing => {
            let published = !review.comment || publish::nothing(environment, review, NO_CHANGE)?;
            let exit = nothing_to_review(review, NO_CHANGE)?;
            Ok(if published { exit } else { Exit::Unwritten })
        }
        Came::Ended(exit) => Ok(exit),
    }
}

/// How one review ended.
pub(crate) enum Came {
    Judged(Box<Concluded>),
    /// Nothing was started: all is as it was at the last look.
    Unchanged(Unchanged),
    /// Nothing was started: git shows no change.
    Nothing,
    /// It was refused, or a signal ended it; it has said why.
    Ended(Exit),
}

/// A review that was judged, and all that goes with it.
pub(crate) struct Concluded {
    pub(crate) id: ConvoyId,
    pub(crate) plan: Plan,
    pub(crate) state: State,
    pub(crate) judged: Judgement,
    pub(crate) outcome: Outcome,
    pub(crate) seconds: u64,
    /// As long as this is held, the commit that was reviewed stays checked out.
    keeper: Option<Keeper>,
}

impl Concluded {
    /// Nobody reads the commit that was reviewed any more.
    pub(crate) fn release(self, environment: &Environment) {
        drop(self.keeper);
        release(environment, &self.id);
    }
}

fn release(environment: &Environment, id: &ConvoyId) {
    if let Err(error) = checkout::release(&Home::of(environment), id) {
        program::tell(&format!("convoy-review: {}", base::error::chain(&error)));
    }
}

/// One review, from its start to its judgement.
pub(crate) fn look(environment: &Environment, review: &Review, signals: &Signals) -> Result<Came> {
    let begun = Instant::now();
    let keeper = if review.is_of_a_commit() { Some(Keeper::new(&Home::of(environment))?) } else { None };
    let id = match pipeline::start(environment, review, keeper.as_ref())? {
        Started::Convoy(id) => id,
        Started::Unchanged(unchanged) => {
            keeper.into_iter().for_each(Keeper::dismiss);
            return Ok(Came::Unchanged(unchanged));
        }
        Started::Not(exit) => {
            keeper.into_iter().for_each(Keeper::dismiss);
            let nothing = exit.code() == Exit::NothingToReview.code();
            return Ok(if nothing { Came::Nothing } else { Came::Ended(exit) });
        }
    };
    match attend(environment, review, &id, signals, begun) {
        Ok(Attended::Over { timed_out }) => {
            let mut concluded = conclude(environment, review, &id, timed_out, begun);
            match &mut concluded {
                Ok(concluded) => concluded.keeper = keeper,
                Err(_) => {
                    drop(keeper);
                    release(environment, &id);
                }
            }
            Ok(Came::Judged(Box::new(concluded?)))
        }
        other => {
            drop(keeper);
            release(environment, &id);
            match other? {
                Attended::Signal(signal) => Ok(Came::Ended(Exit::Signal(signal))),
                Attended::Over { .. } => Err(anyhow::anyhow!("a review that is over was not judged")),
            }
        }
    }
}

enum Attended {
    Over { timed_out: bool },
    Signal(u8),
}

/// Waits for the convoy's end.
fn attend(
    environment: &Environment,
    review: &Review,
    id: &ConvoyId,
    signals: &Signals,
    begun: Instant,
) -> Result<Attended> {
    let until = begun + Duration::from_millis(review.timeout);
    let timed_out = match pipeline::wait(environment, id, signals, until)? {
        Waited::Ended => false,
        Waited::TimedOut => true,
        Waited::Signal(signal) => {
            end(environment, id)?;
            program::tell(&format!("convoy-review: ended by a signal; {id} was stopped"));
            return Ok(Attended::Signal(signal));
        }
    };
    if timed_out {
        end(environment, id)?;
    }
    Ok(Attended::Over { timed_out })
}

/// Git shows no change: nothing was read, so nothing is approved either.
pub(crate) fn nothing_to_review(review: &Review, why: &str) -> Result<Exit> {
    let exit = if review.allow_empty { Exit::Done } else { Exit::NothingToReview };
    if let Some(file) = &review.summary
        && let Err(error) = outputs::append(file, summary::nothing_to_review(why).as_bytes())
    {
        program::tell(&format!("convoy-review: --summary: {}", base::error::chain(&error)));
        return Ok(Exit::Unwritten);
    }
    if review.format.is_some() {
        // A document without findings would say that something was read.
        program::tell(result::NOTHING_TO_REVIEW);
        return Ok(exit);
    }
    let text = if review.json {
        format!("{}\n", serde_json::to_string_pretty(&result::Nothing::new(why))?)
    } else {
        format!("{}\n", result::NOTHING_TO_REVIEW)
    };
    hand_over(&text, review.json)?;
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
            .map_err(|error| unwritable(format!("--sarif: {}", base::error::chain(&error))))?;
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
    let project = Project::find(environment, given).map_err(|problem| diagnostic::failure(&[problem], ""))?;
    for file in outputs.into_iter().flatten() {
        own_files::note_file(&Home::of(environment), &project.root, &environment.current_dir.join(file))?;
    }
    Ok(())
}

fn unwritable(message: String) -> anyhow::Error {
    Failure::new(Exit::Usage, message).hint("name a file in an existing directory").into()
}

fn end(environment: &Environment, id: &ConvoyId) -> Result<()> {
    if !pipeline::stop(environment, id)? {
        program::tell(&format!("convoy-review: not every process of {id} could be ended"));
    }
    Ok(())
}

fn conclude(
    environment: &Environment,
    review: &Review,
    id: &ConvoyId,
    timed_out: bool,
    begun: Instant,
) -> Result<Concluded> {
    let dir = Home::of(environment).convoy(id);
    let (plan, state) = (Plan::read(&dir)?, read_state(&dir)?);
    if !state.ended() && !timed_out {
        let failure = Failure::new(Exit::Partial, format!("{id} has not ended, and nothing waits for it"));
        return Err(failure.hint(format!("pan convoy status {}", id.short())).into());
    }
    let late = format!("timed out after {}; the convoy was stopped", duration::shown(review.timeout));
    let judged = judge(gather(&dir, &plan, &state, timed_out.then_some(late).into_iter().collect()));
    let mut outcome = outcome::of(&judged, &plan, &state, timed_out);
    let seconds = begun.elapsed().as_secs();
    let entry = Entry::of(&outcome, &plan, review.branch.clone(), seconds);
    if let Err(error) = history::append(environment, &entry) {
        program::tell(&format!("convoy-review: not in the history: {}", base::error::chain(&error)));
    }
    match take_up(environment, &plan) {
        Ok(()) => since::remember(environment, review, &dir, &plan, &state, &mut outcome, &judged),
        Err(problem) => {
            program::tell(&format!("convoy-review: {problem}; the next review takes this one up"));
        }
    }
    Ok(Concluded { id: id.clone(), plan, state, judged, outcome, seconds, keeper: None })
}

/// What was found goes to where it was asked for.
fn hand_over_all(environment: &Environment, review: &Review, concluded: &Concluded) -> Result<Exit> {
    let Concluded { id, plan, judged, outcome, .. } = concluded;
    let published =
        !review.comment || publish::judged(environment, review, plan, id, judged, &outcome.notes)?;
    let exit = show(environment, review, concluded, None)?;
    Ok(if published { exit } else { Exit::Unwritten })
}

/// The files that were asked for, and the page; with what rounds have come to.
pub(crate) fn show(
    environment: &Environment,
    review: &Review,
    concluded: &Concluded,
    rounds: Option<&screen::Rounds>,
) -> Result<Exit> {
    let Concluded { plan, state, judged, outcome, seconds, .. } = concluded;
    let merged = judged.merged();
    let standing: Vec<&Finding> = merged.open().collect();
    let written = write_files(environment, review, outcome, &standing, judged.evidence.merged.is_ok())?;
    let page = screen::Page {
        outcome,
        standing: &standing,
        report: final_report(state, plan),
        project: plan.project.as_path(),
        seconds: *seconds,
        rounds,
    };
    print(environment, &page, review)?;
    Ok(if written { outcome.exit() } else { Exit::Unwritten })
}

/// What was found is remembered for the next review.
fn take_up(environment: &Environment, plan: &Plan) -> std::result::Result<(), decisions::Problem> {
    let location = decisions::Location::of(environment, plan.project.as_path())?;
    decisions::store::take_up(&Home::of(environment), &location)
}

/// The files that were asked for; what cannot be written is told, and false.
pub(crate) fn write_files(
    environment: &Environment,
    review: &Review,
    outcome: &Outcome,
    standing: &[&Finding],
    has_findings: bool,
) -> Result<bool> {
    let mut written = true;
    let mut tell = |option: &str, why: &str| {
        program::tell(&format!("convoy-review: {option}: {why}"));
        written = false;
    };
    // A step's summary may have other authors.
    if let Some(file) = &review.summary
        && let Err(why) = append_summary(file, outcome, standing)
    {
        tell("--summary", &why);
    }
    let Some(file) = &review.sarif else { return Ok(written) };
    if has_findings {
        let found = pipeline::write_sarif(environment, &outcome.convoy_id, file)?;
        if let Err(why) = found {
            tell("--sarif", &why);
        }
    } else {
        // The verdict says why there are none; a file without results would say "clean".
        program::tell(&format!("convoy-review: no findings to write to {}", text::path(file)));
    }
    Ok(written)
}

/// Behind what other authors have written: all together may be so long as one step's
/// summary is shown.
fn append_summary(file: &Path, outcome: &Outcome, standing: &[&Finding]) -> Result<(), String> {
    let there = std::fs::metadata(file).map_or(0, |found| if found.is_file() { found.len() } else { 0 });
    let room = summary::MOST.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
    let text = summary::render(outcome, standing, room).ok_or("it is full: one step's summary has 1 MiB")?;
    outputs::append(file, text.as_bytes()).map_err(|error| base::error::chain(&error))
}

pub(crate) fn print(environment: &Environment, page: &screen::Page<'_>, review: &Review) -> Result<()> {
    if let Some(format) = &review.format {
        // In the place of the page: another program reads it.
        return match pipeline::findings(environment, &page.outcome.convoy_id, format)? {
            Ok(text) => hand_over(&text, true),
            Err(why) => Err(Failure::new(Exit::Unwritten, format!("--format: {why}")).into()),
        };
    }
    if review.json {
        let mut json = serde_json::to_value(page.outcome)?;
        if let Some(rounds) = page.rounds {
            json["rounds"] = serde_json::to_value(rounds)?;
        }
        return hand_over(&format!("{}\n", serde_json::to_string_pretty(&json)?), true);
    }
    let style = Style::of_stdout(environment);
    let text = screen::render(page, &style, &Links::to(environment, &style, page.project));
    // Below the live picture, where there was one.
    if std::io::stderr().is_terminal() {
        program::tell("");
    }
    if style.whole { hand_over(&text, false) } else { Ok(pager::show(environment, &text)?) }
}

fn hand_over(text: &str, json: bool) -> Result<()> {
    match program::print(text) {
        // A person who went away has the exit code all the same; a program that asked
        // for the result has not got it.
        Err(error) if error.kind() == ErrorKind::BrokenPipe && !json => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unwritten, "the reader of standard output went away").into())
        }
        printed => Ok(printed?),
    }
}

/// Where the final report was published.
fn final_report<'a>(state: &'a State, plan: &'a Plan) -> Option<&'a Path> {
    let (agent, _) = synthesis_agent(plan, state)?;
    agent.output_file().map(EncodedPath::as_path)
}
