//! The next review: of what the command has changed, with the same question.

use anyhow::{Context, Result};
use base::exit::Exit;
use base::files::{self, Sync};
use protocol::layout::RoundsDir;

use super::{Driver, Rounds, guard, next};
use crate::cli::Review;
use crate::review::{self, Came, Concluded};

/// What everything is new since.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// What became of a later review.
pub(super) enum Again {
    Judged(Box<Concluded>),
    Stopped(String),
    Ended(Exit),
}

impl Driver<'_> {
    /// The next review: of what has changed since the last one.
    pub(super) fn again(&self, rounds: &mut Rounds<'_>, dir: &RoundsDir, last: &Concluded) -> Result<Again> {
        let commit = rounds.record.rounds.last().and_then(|round| round.fix.as_ref()?.commit.clone());
        let commit = commit.context("there is no commit to review")?;
        let review = self.next_review(rounds, dir, last)?;
        let concluded = match review::look(self.environment, &review, self.signals)? {
            Came::Judged(concluded) => concluded,
            Came::Nothing => {
                rounds.obstacles.push("with what the command did nothing is left of the change".to_owned());
                return Ok(Again::Stopped("the command took the change back".to_owned()));
            }
            Came::Unchanged(_) => {
                rounds.obstacles.push("what the command changed is not under review".to_owned());
                return Ok(Again::Stopped("the command changed nothing that is under review".to_owned()));
            }
            Came::Ended(exit) => return Ok(Again::Ended(exit)),
        };
        if concluded.plan.checkout.as_ref().is_none_or(|checkout| checkout.commit != commit) {
            rounds.obstacles.push("the branch was moved by somebody else before it was reviewed".to_owned());
        }
        rounds.obstacles.extend(guard::of_the_review(self, rounds, last, &concluded, &commit)?);
        rounds.note(&concluded, &commit);
        Ok(Again::Judged(concluded))
    }

    /// The same question, of the branch.
    fn next_review(&self, rounds: &Rounds<'_>, dir: &RoundsDir, last: &Concluded) -> Result<Review> {
        let inputs = &last.plan.inputs;
        // As they were: what they were read from may be gone, or changed by the command.
        let issues: Vec<_> = inputs.issues.iter().filter_map(|id| inputs.issue_texts.get(id)).collect();
        let issues_file = (!issues.is_empty()).then(|| dir.issues());
        if let Some(file) = &issues_file {
            let bytes = serde_json::to_vec_pretty(&issues).context("cannot encode the issues")?;
            files::replace(file, &dir.dir(), &bytes, Sync::Later)?;
        }
        let base = match (&inputs.base_commit, &inputs.diff_base) {
            (Some(base), _) => Some(base.clone()),
            (None, Some(_)) => Some(EMPTY_TREE.to_owned()),
            (None, None) => None,
        };
        Ok(Review {
            issues_file,
            diff: None,
            commit: None,
            branch: Some(rounds.record.branch.clone()),
            base,
            since_convoy: Some(last.id.clone()),
            budget: next::left(&rounds.rule, &rounds.looked),
            // What holds is what held in the first round, whatever was set meanwhile.
            gate: Some(last.judged.evidence.gate),
            gate_on: Some(last.judged.evidence.gate_on),
            ..self.review.clone()
        })
    }
}
