//! `--since last`: a review with a verdict is remembered as a look, and where nothing
//! has changed since the last one, what is open still decides.

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::files;
use base::program::{self, Failure};
use decisions::look::{Unchanged, UnderReview};
use decisions::{Entry, Location, Look, store, today};
use findings::Severity;
use findings::merged::Finding;
use findings::verdict::{Case, Open, Verdict, decide};
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::Plan;
use protocol::state::State;
use verdict::Judgement;

use crate::cli::Review;
use crate::result::Outcome;
use crate::{output, screen};

/// Remembers what this review has looked at. One without a verdict is no look.
pub(crate) fn remember(
    environment: &Environment,
    review: &Review,
    dir: &ConvoyDir,
    plan: &Plan,
    state: &State,
    outcome: &mut Outcome,
    judged: &Judgement,
) {
    if let Some(last) = plan.inputs.last_look.as_ref().filter(|last| last.unchanged > 0) {
        let unchanged = base::style::count(last.unchanged, "file");
        outcome.add_note(&format!("as at the last look ({}) and not read again: {unchanged}", last.convoy));
    }
    if outcome.timed_out || judged.verdict == Verdict::Commented {
        return;
    }
    match look(dir, state, judged).and_then(|look| note(environment, plan, look)) {
        Ok(quiet) if quiet > 1 && review.since.is_some() => {
            outcome.add_note(&format!("nothing new was found, {quiet} times in a row"));
        }
        Ok(_) => {}
        // Then the next one looks at more than it would have to.
        Err(why) => program::tell(&format!("convoy-review: this look is not remembered: {why}")),
    }
}

/// What was looked at; `None`: it was not noted at the start (by an older program).
fn look(dir: &ConvoyDir, state: &State, judged: &Judgement) -> Result<Option<Look>, String> {
    let bytes = files::read_if_there(&dir.contents()).map_err(|error| base::error::chain(&error))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let under: UnderReview = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{}: {error}", base::text::path(&dir.contents())))?;
    let scopes: Vec<_> = judged.evidence.reviewers.iter().map(|one| one.scope.clone()).collect();
    let look = under.look(&state.id, state.started_at, &scopes, &judged.merged());
    look.map(Some).ok_or_else(|| "a finding that is open cannot be known again".to_owned())
}

/// Says how many looks in a row have found nothing new.
fn note(environment: &Environment, plan: &Plan, look: Option<Look>) -> Result<u32, String> {
    let Some(look) = look else { return Ok(0) };
    let noted = || -> Result<Option<u32>, decisions::Problem> {
        let location = Location::of(environment, plan.project.as_path())?;
        store::change(&Home::of(environment), &location, |book| book.remember(look))
    };
    let noted = noted().map_err(|problem| problem.to_string())?;
    noted.ok_or_else(|| "what was found is not taken up yet".to_owned())
}

/// Nothing has changed since the last look: nothing is read, and what is open stands.
pub(crate) fn unchanged(environment: &Environment, review: &Review, unchanged: &Unchanged) -> Result<Exit> {
    let begun = std::time::Instant::now();
    let home = Home::of(environment);
    let location = Location::of(environment, unchanged.project.as_path()).map_err(Failure::from)?;
    let book = store::read(&home, &location).map_err(Failure::from)?;
    let standing = book.standing(unchanged, today());
    let gate = Severity::from_name(&unchanged.gate.level).unwrap_or(Severity::Low);
    let open = standing.iter().map(|(entry, gates)| Open { severity: entry.severity, gates: *gates });
    let case =
        Case { gate, reviewers: Vec::new(), open: open.collect(), stated: None, obstacles: Vec::new() };
    let blocking = decide(&case).blocking;
    let why = format!("nothing has changed since the last look ({})", unchanged.convoy);
    if blocking == 0 {
        let why = format!("{why}: nothing was read");
        if !review.json {
            program::tell(&why);
        }
        return output::nothing_to_review(review, &why);
    }
    let found: Vec<Finding> = standing.iter().map(|(entry, gates)| finding(entry, *gates)).collect();
    let found: Vec<&Finding> = found.iter().collect();
    let stands = if blocking == 1 { "finding is open" } else { "findings are open" };
    let rules = if unchanged.static_only { "static rules only: no AI has reviewed this. " } else { "" };
    let notes = format!(
        "{rules}{why}: nothing was read. {blocking} {stands} at or above the gate ({}).",
        gate.name()
    );
    let outcome = Outcome::of_last_look(unchanged, gate, &found, notes);
    let written = output::write_files(environment, review, &outcome, &found, true)?;
    let page = screen::Page {
        outcome: &outcome,
        standing: &found,
        report: None,
        project: unchanged.project.as_path(),
        seconds: begun.elapsed().as_secs(),
        rounds: None,
    };
    output::print(environment, &page, review)?;
    Ok(if written { outcome.exit() } else { Exit::Unwritten })
}

/// Its key names it: F-numbers are a review's, and there was none.
fn finding(entry: &Entry, gates: bool) -> Finding {
    Finding {
        id: entry.key.chars().take(8).collect(),
        key: Some(entry.key.clone()),
        title: entry.title.clone(),
        severity: entry.severity,
        category: entry.category.clone(),
        rule: entry.rule.clone(),
        locations: entry.locations.clone(),
        reviewers: entry.reviewers.clone(),
        new: (!gates).then_some(false),
        history: Some("carried".to_owned()),
        ..Finding::default()
    }
}
