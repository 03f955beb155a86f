//! `--rounds`: review, have a command change what was found, review what it changed, and
//! so on. The command works on a branch and in a work tree of its own; the branch is the
//! result, and nothing is merged or pushed.
//!
//! [`next`] decides, and is pure; [`record`] is what stands on the disk; [`fix`] and
//! [`step`] run the command; [`guard`] says whether what it left may be reviewed; [`told`]
//! is what people and programs are told in the end.

mod fix;
mod guard;
mod left_over;
mod next;
mod record;
pub(crate) mod step;
mod told;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::files::{self, Sync};
use base::lock::Lock;
use base::program::{self, Failure};
use base::text;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;
use planning::diagnostic;
use planning::project::Project;
use planning::project_git::{self, ProjectGit};
use protocol::budget::{self, Ceiling};
use protocol::layout::{Home, RoundsDir};

use crate::cli::Review;
use crate::pipeline::Signals;
use crate::run::{self, Came, Concluded};

use fix::Ran;
use next::{Looked, Next, Rule};
use record::{Fix, Record, Round};

/// How long the command may take, where nothing is said.
const FIX_TIMEOUT_MS: u64 = 20 * 60_000;
/// A branch of ours before its id is known; no id is like it.
const UNKNOWN_ID: &str = "convoy/-/fix";
/// What everything is new since.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

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

/// What is known before anything is spent.
struct Ready {
    project: Project,
    program: PathBuf,
    /// The commit that is checked out.
    head: String,
}

/// The whole of it.
pub(crate) fn run(environment: &Environment, review: &Review) -> Result<Exit> {
    let ready = ready(environment, review)?;
    let git = open(environment, &ready.project)?;
    left_over::tell(environment, &git)?;
    let signals = Signals::catch()?;
    let first = match run::look(environment, review, &signals)? {
        Came::Judged(concluded) => *concluded,
        Came::Nothing => return run::nothing_to_review(review, crate::result::NO_CHANGE),
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

/// All that can be wrong before a review costs anything.
fn ready(environment: &Environment, review: &Review) -> Result<Ready> {
    if review.rounds.is_none() || review.fix_with.is_empty() {
        let failure =
            Failure::new(Exit::Usage, "--rounds needs --fix-with: a command that changes what was found");
        return Err(failure
            .hint("who changes it by hand has it reviewed again with: pan review --since last")
            .into());
    }
    let program = step::find(environment, &review.fix_with)?;
    let given = review.project_path.as_deref().unwrap_or(Path::new("."));
    let project = Project::find(environment, given).map_err(refused)?;
    let git = open(environment, &project)?;
    let Some(head) = git.head().map_err(refused)? else {
        let failure =
            Failure::new(Exit::Usage, "--fix-with: there is no commit yet that a branch could begin at");
        return Err(failure.hint("git commit; the command works on a branch of its own").into());
    };
    if let Some(why) = git.why_no_branch(UNKNOWN_ID).map_err(refused)? {
        // Of the name only what comes before the id is known yet.
        let why = why.replace(&format!("'{UNKNOWN_ID}'"), "the branches convoy/…/fix");
        let failure = Failure::new(Exit::Usage, format!("--fix-with: {why}"));
        return Err(failure.hint("rename it: git branch -m convoy OTHER").into());
    }
    let alone = review.pr_url.is_some()
        && review.commit.is_none()
        && review.branch.is_none()
        && review.diff.is_none()
        && review.files.is_empty();
    if alone {
        let message =
            "--fix-with: of a pull request by its address alone it is not known what it is counted from";
        let failure = Failure::new(Exit::Usage, message);
        return Err(failure.hint("fetch it, and say: --commit COMMIT --base BASE").into());
    }
    if !review.is_of_a_commit() {
        is_committed(environment, &project, "--fix-with")?;
    }
    Ok(Ready { project, program, head })
}

fn open<'e>(environment: &'e Environment, project: &Project) -> Result<ProjectGit<'e>> {
    let git = ProjectGit::open(environment, &project.root).map_err(refused)?;
    git.ok_or_else(|| {
        let message = format!("--fix-with: {} is no git repository", text::path(&project.root));
        Failure::new(Exit::Usage, message)
            .hint("the command works on a branch of its own: git init, and commit")
            .into()
    })
}

/// What is reviewed is what the branch begins at.
fn is_committed(environment: &Environment, project: &Project, what: &str) -> Result<()> {
    let files = project_git::uncommitted(environment, &project.root).map_err(refused)?;
    let Some(first) = files.first() else { return Ok(()) };
    let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
    let message = format!(
        "{what}: the work tree has changes that are not committed, and a branch begins at a commit: {}{more}",
        text::path(first)
    );
    let failure = Failure::new(Exit::Usage, message);
    Err(failure.hint("commit them, or have what is committed reviewed: --commit HEAD --base BASE").into())
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
        let mut fix = Fix { convoy_id: convoy_of_fix, ..Fix::default() };
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
        let tree = ProjectGit::open(self.environment, &dir.tree()).map_err(refused)?;
        let Some(tree) = tree.filter(|git| git.root() == dir.tree()) else {
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

    /// The next review: of what has changed since the last one.
    fn again(&self, rounds: &mut Rounds<'_>, dir: &RoundsDir, last: &Concluded) -> Result<Again> {
        let commit = rounds.record.rounds.last().and_then(|round| round.fix.as_ref()?.commit.clone());
        let commit = commit.context("there is no commit to review")?;
        let review = self.next_review(rounds, dir, last)?;
        let concluded = match run::look(self.environment, &review, self.signals)? {
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
        run::show(self.environment, self.review, last, Some(&told))
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

/// What became of a later review.
enum Again {
    Judged(Box<Concluded>),
    Stopped(String),
    Ended(Exit),
}

impl Rounds<'_> {
    fn set_fix(&mut self, fix: Fix) {
        if let Some(round) = self.record.rounds.last_mut() {
            round.fix = Some(fix);
        }
    }
}
