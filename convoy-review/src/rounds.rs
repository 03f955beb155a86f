//! `--rounds`: review, have a command change what was found, review what it changed, and
//! so on. The command works on a branch and in a work tree of its own; the branch is the
//! result, and nothing is merged or pushed.
//!
//! [`next`] decides, and is pure; [`record`] is what stands on the disk; [`fix`] and
//! [`step`] run the command; [`guard`] says whether what it left may be reviewed; [`told`]
//! is what people and programs are told in the end.

mod again;
mod fix;
mod guard;
mod left_over;
mod next;
mod ready;
mod record;
mod spent;
pub(crate) mod step;
mod told;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::files;
use base::lock::Lock;
use base::program::{self, Failure};
use base::text;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;
use planning::diagnostic;
use planning::project::Project;
use planning::project_git::ProjectGit;
use protocol::budget::{self, Ceiling};
use protocol::layout::{Home, RoundsDir};
use protocol::outcome::Usage;

use crate::cli::Review;
use crate::output;
use crate::pipeline::Signals;
use crate::review::{self, Came, Concluded};

use again::Again;
use fix::Ran;
use next::{Looked, Next, Rule};
use ready::{is_committed, open, ready};
use record::{Fix, Record, Round};

/// How long the command may take, where nothing is said.
const FIX_TIMEOUT_MS: u64 = 20 * 60_000;

/// A review in rounds, under way.
struct Rounds<'r> {
    rule: Rule,
    program: PathBuf,
    words: &'r [OsString],
    /// Of the command, in milliseconds.
    timeout: u64,
    record: Record,
    looked: Vec<Looked>,
    /// What stands in the way of taking the last verdict for one of the branch.
    obstacles: Vec<String>,
}

/// The whole of it.
pub(crate) fn run(environment: &Environment, review: &Review) -> Result<Exit> {
    let ready = ready(environment, review)?;
    let git = open(environment, &ready.project)?;
    left_over::tell(environment, &git)?;
    let signals = Signals::catch()?;
    let first = match review::look(environment, review, &signals)? {
        Came::Judged(concluded) => *concluded,
        Came::Nothing => return output::nothing_to_review(review, crate::result::NO_CHANGE),
        Came::Ended(exit) => return Ok(exit),
        Came::Unchanged(_) => return Err(anyhow::anyhow!("nothing was compared, and nothing has changed")),
    };
    let from = match &first.plan.checkout {
        Some(checkout) => checkout.commit.clone(),
        None => ready.head.clone(),
    };
    let repository = git.common_dir().map_err(refused)?;
    let record = Record::new(first.id.clone(), ready.project.root.as_path().into(), repository.into(), from);
    let mut rounds = Rounds {
        rule: Rule {
            most: review.rounds.unwrap_or(1),
            until: review.until.unwrap_or_default(),
            budget: Ceiling { usd: first.plan.budget_usd, tokens: first.plan.budget_tokens },
        },
        program: ready.program,
        words: &review.fix_with,
        timeout: review.fix_timeout.unwrap_or(FIX_TIMEOUT_MS),
        record,
        looked: Vec::new(),
        obstacles: Vec::new(),
    };
    rounds.note(&first, &rounds.record.from.clone());
    let driver = Driver { environment, review, project: &ready.project, git: &git, signals: &signals };
    driver.drive(rounds, first)
}

fn refused(problem: diagnostic::Diagnostic) -> anyhow::Error {
    diagnostic::failure(&[problem], "").into()
}

impl Rounds<'_> {
    /// Takes up what a review of this commit has come to.
    fn note(&mut self, concluded: &Concluded, commit: &str) {
        let open: BTreeSet<String> = at_the_gate(concluded).iter().map(known_by).collect();
        self.record.rounds.push(Round {
            convoy_id: concluded.id.clone(),
            commit: commit.to_owned(),
            review_result: concluded.outcome.review_result,
            blocking: open.len() as u64,
            fix: None,
        });
        commit.clone_into(&mut self.record.reviewed);
        self.looked.push(Looked {
            verdict: concluded.outcome.review_result,
            open,
            spent: budget::total(&concluded.state),
            fixed: Usage::default(),
        });
    }
}

/// What is open and stands in the way.
fn at_the_gate(concluded: &Concluded) -> Vec<Finding> {
    let evidence = &concluded.judged.evidence;
    let gates = |one: &&Finding| {
        one.severity.reaches(evidence.gate) && (evidence.gate_on == GateOn::All || one.new != Some(false))
    };
    concluded.judged.merged().open().filter(gates).cloned().collect()
}

/// By what a finding is known again in the next round.
fn known_by(finding: &Finding) -> String {
    finding.key.clone().unwrap_or_else(|| format!("{} {}", finding.place(), finding.title))
}

/// Everything around the rounds that stays as it is.
struct Driver<'d> {
    environment: &'d Environment,
    review: &'d Review,
    project: &'d Project,
    git: &'d ProjectGit<'d>,
    signals: &'d Signals,
}

impl Driver<'_> {
    fn drive(&self, mut rounds: Rounds<'_>, first: Concluded) -> Result<Exit> {
        let mut last = first;
        // From the first fix on.
        let mut place: Option<(RoundsDir, Lock)> = None;
        let mut ended = None;
        let stopped = loop {
            tell(&rounds);
            match next::next(&rounds.rule, &rounds.looked) {
                Next::Stop(why) => break why.shown(),
                Next::Fix => {}
            }
            let dir = match &place {
                Some((dir, _)) => dir.clone(),
                None => match self.begin(&rounds) {
                    Ok((dir, lock)) => {
                        place = Some((dir.clone(), lock));
                        dir
                    }
                    Err(why) => break format!("the command was not run: {}", told::chain(&why)),
                },
            };
            match self.fix(&mut rounds, &dir, &last) {
                Ok(Fixed::Yes) => {}
                Ok(Fixed::No(why)) => break why,
                Ok(Fixed::Signal(signal)) => {
                    ended = Some(Exit::Signal(signal));
                    break "ended by a signal".to_owned();
                }
                Err(why) => break format!("the command's result was not taken: {}", told::chain(&why)),
            }
            if let Some(why) = next::used_up(&rounds.rule, &rounds.looked) {
                break format!("{}; what the command left is not reviewed", why.shown());
            }
            match self.again(&mut rounds, &dir, &last) {
                Ok(Again::Judged(concluded)) => {
                    std::mem::replace(&mut last, *concluded).release(self.environment);
                    if let Some(first) = rounds.obstacles.first().cloned() {
                        tell(&rounds);
                        break first;
                    }
                }
                Ok(Again::Stopped(why)) => break why,
                Ok(Again::Ended(exit)) => {
                    ended = Some(exit);
                    break "the next review could not be had".to_owned();
                }
                Err(why) => break format!("the next review could not be had: {}", told::chain(&why)),
            }
        };
        rounds.record.stopped = Some(stopped);
        let kept = place.as_ref().map(|(dir, _)| self.close(&mut rounds, dir)).transpose()?.flatten();
        let exit = self.show(&rounds, &mut last, kept.as_deref());
        last.release(self.environment);
        match ended {
            Some(exit @ Exit::Signal(_)) => Ok(exit),
            _ => exit,
        }
    }

    /// The branch, its work tree, and the record of both, which comes first.
    fn begin(&self, rounds: &Rounds<'_>) -> Result<(RoundsDir, Lock)> {
        if !self.review.is_of_a_commit() {
            let head = self.git.head().map_err(refused)?;
            if head.as_deref() != Some(rounds.record.from.as_str()) {
                let message = "something else is checked out now than what was reviewed";
                return Err(Failure::new(Exit::Usage, message).into());
            }
            is_committed(self.environment, self.project, "since the review began")?;
        }
        let branch = &rounds.record.branch;
        if let Some(why) = self.git.why_no_branch(branch).map_err(refused)? {
            return Err(Failure::new(Exit::Usage, why).into());
        }
        let home = Home::of(self.environment);
        let (dir, lock) = record::hold(&home, &rounds.record.id)?;
        rounds.record.write(&dir)?;
        self.git.add_branch(branch, &dir.tree(), &rounds.record.from).map_err(refused)?;
        Ok((dir, lock))
    }

    /// Runs the command, and takes what it left where that may be reviewed.
    fn fix(&self, rounds: &mut Rounds<'_>, dir: &RoundsDir, last: &Concluded) -> Result<Fixed> {
        let before = guard::Before::look(self.environment, self.project)?;
        let from = rounds.record.reviewed.clone();
        rounds.set_fix(Fix::default());
        rounds.record.write(dir)?;
        let (convoy, mut noted) = (last.id.clone(), rounds.record.clone());
        let shown = rounds.words.first().map(|word| text::path(Path::new(word))).unwrap_or_default();
        let mut convoy_of_fix = None;
        files::remove_if_there(&dir.usage())?;
        let ran = fix::run(self.environment, rounds, dir, &convoy, self.signals, &mut |id| {
            program::tell(&format!(
                "convoy-review: {shown} runs: pan convoy logs {} {}",
                id.short(),
                fix::ROLE
            ));
            convoy_of_fix = Some(id.clone());
            if let Some(round) = noted.rounds.last_mut() {
                round.fix = Some(Fix { convoy_id: Some(id.clone()), ..Fix::default() });
            }
            noted.write(dir)
        });
        let usage = spent::read(&dir.usage()).unwrap_or_else(|why| {
            program::tell(&format!(
                "convoy-review: what the command says it has spent is not counted: {why}"
            ));
            None
        });
        if let Some(last) = rounds.looked.last_mut() {
            last.fixed = usage.unwrap_or_default();
        }
        let mut fix = Fix { convoy_id: convoy_of_fix, usage, ..Fix::default() };
        let ran = match ran {
            Ok(ran) => ran,
            Err(error) => {
                rounds.set_fix(fix);
                return Err(error);
            }
        };
        let taken = self.take(&mut fix, rounds, dir, &from);
        let refused = match (&ran, taken) {
            (Ran::Signal(signal), _) => {
                rounds.set_fix(Fix { refused: Some("ended by a signal".to_owned()), ..fix });
                return Ok(Fixed::Signal(*signal));
            }
            (_, Err(error)) => {
                rounds.set_fix(fix);
                return Err(error);
            }
            (Ran::Badly(why), Ok(_)) => Some(format!("the command has failed: {why}")),
            (Ran::Well, Ok(Some(why))) => Some(format!("the command's result is not taken: {why}")),
            (Ran::Well, Ok(None)) => guard::refused(self, rounds, &before, &fix, last)?,
        };
        fix.refused.clone_from(&refused);
        rounds.set_fix(fix);
        rounds.record.write(dir)?;
        Ok(refused.map_or(Fixed::Yes, Fixed::No))
    }

    /// Commits what the command left to its branch; why that cannot be, if it cannot.
    fn take(
        &self,
        fix: &mut Fix,
        rounds: &Rounds<'_>,
        dir: &RoundsDir,
        from: &str,
    ) -> Result<Option<String>> {
        let Some(tree) = left_over::tree(self.environment, dir)? else {
            return Ok(Some("it took its work tree away".to_owned()));
        };
        if let Some(why) = tree.why_unfit(&rounds.record.branch, from).map_err(refused)? {
            return Ok(Some(why));
        }
        let id = rounds.record.id.short();
        let message = format!(
            "Fix what was found in review {} of {id}\n\nMade by the command of pan review --fix-with.",
            rounds.record.rounds.len()
        );
        let commit = tree.commit_all(&rounds.record.branch, &message).map_err(refused)?;
        fix.files = self.git.differing(from, &commit).map_err(refused)?.len() as u64;
        fix.commit = Some(commit);
        Ok(None)
    }

    /// The work tree is taken away, unless it holds what is nowhere else; and the branch
    /// where nothing came of it. The work tree, where it is kept.
    fn close(&self, rounds: &mut Rounds<'_>, dir: &RoundsDir) -> Result<Option<PathBuf>> {
        let kept = match left_over::put_away(self.environment, self.git, &rounds.record, dir) {
            Ok(kept) => kept,
            Err(why) => {
                program::tell(&format!("convoy-review: {}", told::chain(&why)));
                Some(dir.tree())
            }
        };
        rounds.record.write(dir)?;
        Ok(kept)
    }

    fn show(&self, rounds: &Rounds<'_>, last: &mut Concluded, kept: Option<&Path>) -> Result<Exit> {
        if !rounds.obstacles.is_empty() && last.outcome.review_result == Verdict::Approved {
            last.outcome.review_result = Verdict::Commented;
            last.outcome.success = false;
        }
        for obstacle in &rounds.obstacles {
            last.outcome.add_note(&format!("no verdict on the branch: {obstacle}"));
        }
        let told = told::of(self.git, rounds, kept).map_err(refused)?;
        last.show(self.environment, self.review, Some(&told))
    }
}

/// One line a round, for who follows it.
fn tell(rounds: &Rounds<'_>) {
    if let Some(line) = told::line(&rounds.record, rounds.rule.most) {
        program::tell(&line);
    }
}

/// What became of one run of the command.
enum Fixed {
    Yes,
    /// Why what it left is not reviewed: a clause.
    No(String),
    Signal(u8),
}

impl Rounds<'_> {
    fn set_fix(&mut self, fix: Fix) {
        if let Some(round) = self.record.rounds.last_mut() {
            round.fix = Some(fix);
        }
    }
}
