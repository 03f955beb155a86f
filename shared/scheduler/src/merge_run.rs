//! The script-side merge (P9): `convoy-merge` over the completed reviews.
//!
//! The k-th merge is made from the attempts the state names for k, whoever runs
//! it and however often: reports never change once recorded. It is published
//! first and linked to `merge.<k>.json` last; that name is the fact.
//!
//! Its program outlives the scheduler that started it: it holds the lock of
//! `merge.<k>.lock`, which its starter handed to it as standard input, and writes
//! drafts. Who finds the lock held waits; who gets it finds the drafts and
//! publishes them, or begins anew. So there is one program at a time, and a
//! failure is counted by the one who holds the lock.

mod holder;
mod meta;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Seek;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::clock::{Clock, Moment};
use base::crash::{self, Point};
use base::environment::scrub;
use base::error::{self, Error, IoContext, Result};
use base::files::{self, Sync, Temporary};
use base::ids::Role;
use base::lock::{self, Lock};
use base::process::{self, DETACHED_MARK, Handle, ProcessId};
use protocol::layout::{self, ConvoyDir};
use protocol::plan::{Plan, ReportKind};
use protocol::state::State;
use protocol::{agent_environment, publish};
use serde::Deserialize;

use crate::step::MergeFact;

use holder::Holder;
use meta::meta;

/// A merge takes milliseconds; one that takes this long is broken.
const LIMIT: Duration = Duration::from_secs(120);
/// So often it is looked for what is left of one.
const ROUNDS: u32 = 5;

/// What the merged findings are called in the project, behind stamp and id.
const FINDINGS: &str = "findings.json";

/// A merge under way.
#[derive(Debug)]
pub(crate) struct MergeRun {
    k: u32,
    dir: ConvoyDir,
    plan: Plan,
    program: PathBuf,
    /// What the program is told, as JSON.
    meta: Vec<u8>,
    /// How many reviews it is made from.
    reviews: usize,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It is not known yet whether somebody is at it.
    New,
    /// Its program is a child of this process.
    Child { child: Child, handle: Option<Handle>, since: Moment, lock: Lock },
    /// Its program was started by another one, who may be gone.
    Elsewhere(Option<Handle>),
    /// The outcome. The lock is kept until that is stored, so nobody else counts it.
    Over(MergeFact, #[expect(dead_code, reason = "it is held, not looked at")] Option<Lock>),
}

impl MergeRun {
    /// Begins the merge the state names, or takes it up where it is.
    pub(crate) fn begin(dir: &ConvoyDir, plan: &Plan, state: &State, program: &Path) -> Result<Self> {
        let of = state.merge.as_ref();
        let k = of.map_or(0, |merge| merge.k);
        let mut run = MergeRun {
            k,
            dir: dir.clone(),
            plan: plan.clone(),
            program: program.to_path_buf(),
            meta: meta(dir, plan, state)?,
            reviews: of.map_or(0, |merge| merge.of.keys().filter(|role| is_review(plan, role)).count()),
            stage: Stage::New,
        };
        run.advance()?;
        Ok(run)
    }

    pub(crate) fn k(&self) -> u32 {
        self.k
    }

    /// Readable when the merge program has ended; `None`: look now and then.
    pub(crate) fn handle(&self) -> Option<&Handle> {
        match &self.stage {
            Stage::Child { handle, .. } | Stage::Elsewhere(handle) => handle.as_ref(),
            Stage::New | Stage::Over(..) => None,
        }
    }

    /// The outcome, once it is there.
    pub(crate) fn outcome(&mut self) -> Result<Option<MergeFact>> {
        self.advance()?;
        Ok(match &self.stage {
            Stage::Over(fact, _) => Some(fact.clone()),
            Stage::New | Stage::Child { .. } | Stage::Elsewhere(_) => None,
        })
    }

    /// Is the outcome known?
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(..))
    }

    fn advance(&mut self) -> Result<()> {
        match &mut self.stage {
            Stage::Over(..) => return Ok(()),
            Stage::New | Stage::Elsewhere(_) => self.stage = self.look()?,
            Stage::Child { child, since, .. } => {
                let ended = child.try_wait().context("wait for", &self.program)?;
                let overdue = is_overdue(since)?;
                if ended.is_none() && overdue {
                    end_child(child, &self.dir.merge_lock(self.k));
                }
                let Stage::Child { lock, .. } = &self.stage else { return Ok(()) };
                let fact = match ended {
                    Some(status) if status.success() => self.publish(Some(lock))?,
                    Some(status) => self.fail(Some(lock), format!("convoy-merge: {status}"))?,
                    None if overdue => {
                        self.fail(Some(lock), format!("convoy-merge did not end in {} s", LIMIT.as_secs()))?
                    }
                    None => return Ok(()),
                };
                if let Stage::Child { lock, .. } = std::mem::replace(&mut self.stage, Stage::New) {
                    self.stage = Stage::Over(fact, Some(lock));
                }
            }
        }
        Ok(())
    }

    /// No program of this process is at it: is another's, or was one?
    fn look(&self) -> Result<Stage> {
        if let Some((counts, _)) = read_counts(&self.dir.merge_findings(self.k))? {
            return Ok(Stage::Over(MergeFact::Done { counts }, None));
        }
        let path = self.dir.merge_lock(self.k);
        let drafted = || {
            Ok(is_there(&self.dir.merge_draft_report(self.k))?
                && is_there(&self.dir.merge_draft_findings(self.k))?)
        };
        if let Some(lock) = lock::try_lock(&path)? {
            if drafted()? {
                return Ok(Stage::Over(self.publish(Some(&lock))?, Some(lock)));
            }
            // In this boot: the machine's end is not its fault.
            let now = Clock::open()?.now()?.moment;
            let began = Holder::read(&self.dir, self.k)?;
            if began.is_some_and(|holder| holder.since.boot == now.boot) {
                let fact = self.fail(Some(&lock), "convoy-merge ended without a result".to_owned())?;
                return Ok(Stage::Over(fact, Some(lock)));
            }
            return self.spawn(lock, now);
        }
        let Some(holder) = Holder::read(&self.dir, self.k)? else { return Ok(Stage::Elsewhere(None)) };
        let gone = match holder.process {
            Some(process) => !process.is_living(),
            None => process::with_stdin(&path).context("look for who has", &path)?.is_empty(),
        };
        if gone && drafted()? {
            // Whoever started it does not come to publish it (stopped): twice is as good.
            return Ok(Stage::Over(self.publish(None)?, None));
        }
        if is_overdue(&holder.since)? {
            end_programs(&path);
            if gone {
                files::remove_if_there(&path)?;
            }
        }
        Ok(Stage::Elsewhere(holder.open()))
    }

    fn spawn(&self, lock: Lock, now: Moment) -> Result<Stage> {
        self.remove_drafts()?;
        let path = self.dir.merge_meta(self.k);
        files::replace(&path, &self.dir.dir(), &self.meta, Sync::Later)?;
        let mut command = Command::new(&self.program);
        let mut json = std::ffi::OsString::from("json=");
        json.push(self.dir.merge_draft_findings(self.k));
        command
            .arg("--meta")
            .arg(path)
            .arg("-o")
            .arg(self.dir.merge_draft_report(self.k))
            .arg("--also")
            .arg(json)
            .env(DETACHED_MARK, self.dir.parent())
            .current_dir("/")
            .stdin(lock.to_hand_on().context("hand on", &self.dir.merge_lock(self.k))?)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        scrub(&mut command);
        let mut holder = Holder { process: None, since: now.clone() };
        holder.write(&lock).context("write", &self.dir.merge_lock(self.k))?;
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error::may_pass(&error) => {
                // It did not run: not a failure to count.
                lock.write(b"").context("write", &self.dir.merge_lock(self.k))?;
                return Err(error).context("start", &self.program);
            }
            Err(error) => {
                let fact = self.fail(
                    Some(&lock),
                    format!("cannot start convoy-merge: {error}", error = base::error::reason(&error)),
                )?;
                return Ok(Stage::Over(fact, Some(lock)));
            }
        };
        // An unreaped child keeps its pid: this cannot be another process.
        holder.process = ProcessId::of(child.id() as i32).ok().flatten();
        // Without it (full disk) an overdue one cannot be ended by others.
        let _ = holder.write(&lock);
        let handle = holder.open();
        crash::at(Point::MergeBegun);
        Ok(Stage::Child { child, handle, since: now, lock })
    }

    /// What the drafts hold becomes the fact, and they go.
    fn publish(&self, lock: Option<&Lock>) -> Result<MergeFact> {
        let report = self.dir.merge_draft_report(self.k);
        let findings = self.dir.merge_draft_findings(self.k);
        let (counts, inputs) = match read_counts(&findings) {
            Ok(Some(read)) => read,
            Ok(None) => return self.fail(lock, "convoy-merge wrote no counts".to_owned()),
            // Not a failure of the merge: it is looked at again.
            Err(error) if may_pass(&error) => return Err(error),
            Err(error) => return self.fail(lock, base::error::chain(&error)),
        };
        if inputs < self.reviews {
            return self.fail(lock, format!("convoy-merge read {inputs} of {} reviews", self.reviews));
        }
        let publish = || -> Result<[Temporary; 2]> {
            publish::check_project(&self.plan)?;
            publish::prepare_output_dir(&self.plan)?;
            Ok([self.publish_clean(&report, "merged.md")?, self.publish_clean(&findings, FINDINGS)?])
        };
        let [report, findings] = match publish() {
            Ok(clean) => clean,
            Err(error) => return self.fail(lock, base::error::chain(&error)),
        };
        crash::at(Point::MergePublished);
        files::link_new(report.path(), &self.dir.merge_report(self.k))?;
        crash::at(Point::MergeHalfLinked);
        files::link_new(findings.path(), &self.dir.merge_findings(self.k))?;
        // From here on nobody looks at these: left-overs go with the convoy.
        let _ = self.remove_drafts();
        let _ = fs::remove_file(self.dir.merge_lock(self.k));
        Ok(MergeFact::Done { counts })
    }

    /// Publishes a draft without the secrets that may have been put together in
    /// it: the reports it is made from hold none. Returns what was published, private.
    fn publish_clean(&self, draft: &Path, what: &str) -> Result<Temporary> {
        let secrets = agent_environment::secrets(&self.dir)?;
        let mut own = Temporary::private(&self.dir.dir(), what)?;
        let written = File::open(draft).context("open", draft)?;
        secrets.copy(written, own.file()).context("write", own.path())?;
        own.file().rewind().context("read", own.path())?;
        let published =
            layout::published(self.plan.output_dir.as_path(), &self.plan.stamp, self.dir.id(), what);
        publish::tidy_beside(&published);
        publish::publish(own.file(), &published, &secrets)?;
        Ok(own)
    }

    /// This try is over: the next one begins with nothing of it.
    fn fail(&self, lock: Option<&Lock>, detail: String) -> Result<MergeFact> {
        // Unless somebody else has made it the fact meanwhile.
        if let Some((counts, _)) = read_counts(&self.dir.merge_findings(self.k))? {
            return Ok(MergeFact::Done { counts });
        }
        if let Some(lock) = lock {
            lock.write(b"").context("write", &self.dir.merge_lock(self.k))?;
        }
        self.remove_drafts()?;
        Ok(MergeFact::Failed { detail })
    }

    fn remove_drafts(&self) -> Result<()> {
        [self.dir.merge_draft_findings(self.k), self.dir.merge_draft_report(self.k)]
            .iter()
            .try_for_each(|path| files::remove_if_there(path))
    }

    /// Ends it: nobody waits for it any more.
    pub(crate) fn cancel(mut self) {
        if let Stage::Child { child, .. } = &mut self.stage {
            end_child(child, &self.dir.merge_lock(self.k));
        }
    }
}

impl Drop for MergeRun {
    fn drop(&mut self) {
        // Whoever schedules next takes it up: it keeps its lock.
        if let Stage::Child { mut child, lock, .. } = std::mem::replace(&mut self.stage, Stage::New)
            && matches!(child.try_wait(), Ok(None))
        {
            lock.leave_to_heirs();
        }
    }
}

/// Ends a merge that somebody may have left at work when the convoy ended.
pub(crate) fn end(dir: &ConvoyDir, k: u32) {
    end_programs(&dir.merge_lock(k));
}

/// Ends whoever has this lock's file for standard input: the program, and what
/// it started.
fn end_programs(lock: &Path) {
    // What is being started while the others are killed is found the next time.
    for _ in 0..ROUNDS {
        // What cannot be looked at ends by itself, and publishes nothing.
        let Ok(found) = process::with_stdin(lock) else { return };
        if found.is_empty() || process::kill_all(&found).is_err() {
            return;
        }
    }
}

fn is_overdue(since: &Moment) -> Result<bool> {
    let now = Clock::open()?.now()?.moment;
    Ok(since.elapsed_ms(&now).is_some_and(|ms| u128::from(ms) >= LIMIT.as_millis()))
}

fn end_child(child: &mut Child, lock: &Path) {
    // It may have ended by itself just now.
    let _ = child.kill();
    end_programs(lock);
    let _ = child.wait();
}

fn may_pass(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if error::may_pass(source))
}

/// Verifiers are no reviewers: what they say is told beside the reviews.
fn is_review(plan: &Plan, role: &Role) -> bool {
    plan.agent(role).is_none_or(|agent| agent.report == ReportKind::Findings)
}

/// Is there such a file? One that cannot be looked at is no "no": it would be
/// counted as a failure of the merge.
fn is_there(path: &Path) -> Result<bool> {
    Ok(files::find(path).context("look at", path)?.is_some())
}

/// Findings by severity, and how many reviews they are from, of a finished merge;
/// `None`: there is none, or it is not whole.
fn read_counts(path: &Path) -> Result<Option<(BTreeMap<String, u64>, usize)>> {
    #[derive(Deserialize)]
    struct Merged {
        counts: serde_json::Map<String, serde_json::Value>,
        #[serde(default)]
        inputs: Vec<serde::de::IgnoredAny>,
    }
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let Ok(merged) = serde_json::from_slice::<Merged>(&bytes) else { return Ok(None) };
    let severities = ["blocker", "critical", "high", "medium", "low", "unrated"];
    let count = |name: &str| merged.counts.get(name).and_then(serde_json::Value::as_u64);
    let counts = severities.iter().filter_map(|name| Some(((*name).to_owned(), count(name)?))).collect();
    Ok(Some((counts, merged.inputs.len())))
}
