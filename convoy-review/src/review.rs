//! One review from its start to its judgement, and what it shows.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use base::duration;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use decisions::look::Unchanged;
use findings::merged::Finding;
use protocol::checkout::{self, Keeper};
use protocol::layout::Home;
use protocol::plan::Plan;
use protocol::state::State;
use protocol::store::read_state;
use verdict::{Judgement, gather, judge, synthesis_agent};

use crate::cli::Review;
use crate::history::{self, Entry};
use crate::pipeline::{self, Signals, Started, Waited};
use crate::result::Outcome;
use crate::{outcome, output, screen, since};

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

    /// The files that were asked for, and the page; with what rounds have come to.
    pub(crate) fn show(
        &self,
        environment: &Environment,
        review: &Review,
        rounds: Option<&screen::Rounds>,
    ) -> Result<Exit> {
        let Concluded { plan, state, judged, outcome, seconds, .. } = self;
        let merged = judged.merged();
        let standing: Vec<&Finding> = merged.open().collect();
        let written =
            output::write_files(environment, review, outcome, &standing, judged.evidence.merged.is_ok())?;
        let page = screen::Page {
            outcome,
            standing: &standing,
            report: final_report(state, plan),
            project: plan.project.as_path(),
            seconds: *seconds,
            rounds,
        };
        output::print(environment, &page, review)?;
        Ok(if written { outcome.exit() } else { Exit::Unwritten })
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

/// What was found is remembered for the next review.
fn take_up(environment: &Environment, plan: &Plan) -> std::result::Result<(), decisions::Problem> {
    let location = decisions::Location::of(environment, plan.project.as_path())?;
    decisions::store::take_up(&Home::of(environment), &location)
}

/// Where the final report was published.
fn final_report<'a>(state: &'a State, plan: &'a Plan) -> Option<&'a Path> {
    let (agent, _) = synthesis_agent(plan, state)?;
    agent.output_file().map(EncodedPath::as_path)
}
