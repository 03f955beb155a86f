//! What `pan review` does: one review or several, and what is known to be wrong before.

use std::path::Path;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use base::{outputs, text};
use planning::project::Project;
use planning::{diagnostic, own_files};
use protocol::layout::Home;

use crate::cli::Review;
use crate::output::nothing_to_review;
use crate::pipeline::Signals;
use crate::result::NO_CHANGE;
use crate::review::{Came, Concluded, look};
use crate::{publish, rounds, since};

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

/// What was found goes to where it was asked for.
fn hand_over_all(environment: &Environment, review: &Review, concluded: &Concluded) -> Result<Exit> {
    let Concluded { id, plan, judged, outcome, .. } = concluded;
    let published =
        !review.comment || publish::judged(environment, review, plan, id, judged, &outcome.notes)?;
    let exit = concluded.show(environment, review, None)?;
    Ok(if published { exit } else { Exit::Unwritten })
}
