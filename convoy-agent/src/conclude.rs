//! How an attempt is concluded: judged, published, and what its record says.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use nix::sys::wait::WaitStatus;
use serde::Serialize;
use shared::crash::{self, Point};
use shared::environment;
use shared::error::chain;
use shared::files::{self, Sync};
use shared::layout::{self, ConvoyDir};
use shared::plan::{AgentPlan, Plan, ReportKind, ReportSource};
use shared::publish;
use shared::record::{ExitRecord, Outcome};
use shared::state::{Evidence, EvidenceSource, MergeStatus, ReadFrom, Reason};
use shared::store::read_state;

use crate::assignment;
use crate::attempt::{Attempt, ProjectGone, Run};

use crate::claimed;
use crate::ending::{self, Verdict};
use crate::judge::{self, Rejected};
use crate::report;
use crate::scope::{self, Given, Known};
use crate::stream::Account;
use crate::supervise::Ending;
use crate::tree::EmptyTree;

/// A report that cannot be published so often fails the attempt.
const PUBLISH_TRIES: u32 = 5;

impl Attempt<'_> {
    /// Judges the attempt and publishes its report. Nobody is left to change
    /// either behind the verdict.
    pub(crate) fn conclude(
        &self,
        _: &EmptyTree,
        plan: &Plan,
        agent: &AgentPlan,
        mut run: Run,
        record: &mut ExitRecord,
    ) {
        record.usage = run.usage;
        record.session = run.account().and_then(Account::session).map(str::to_owned);
        // The figures are in the record from here on.
        let _ = fs::remove_file(self.files.usage());
        if let Ending::Itself(Some(status)) = &run.ending {
            match *status {
                WaitStatus::Exited(_, code) => record.exit_code = Some(code),
                WaitStatus::Signaled(_, signal, _) => record.signal = Some(signal as i32),
                _ => {}
            }
        }
        let by_its_end = || ending::verdict(agent, &run.ending, run.account(), &run.stderr, Timestamp::now());
        let verdict = match self.project_gone(plan) {
            _ if run.ending == Ending::Stopped => by_its_end(),
            Ok(None) => by_its_end(),
            Ok(Some(ProjectGone(words))) => {
                Some((Outcome::Failed { reason: Reason::ProjectGone }, Some(words)))
            }
            Err(error) => Some((Outcome::Failed { reason: Reason::Publish }, Some(chain(&error)))),
        };
        let verdict = verdict.and_then(|failure| self.against_its_report(agent, &run, failure));
        let judged = verdict
            .map_or(Ok(()), Err)
            .and_then(|()| self.accept(plan, agent, &mut run).map_err(failed))
            .and_then(|evidence| {
                self.publish(plan, agent, &run).map(|path| (evidence, path)).map_err(failed)
            });
        match judged {
            Ok((evidence, path)) => {
                record.outcome = Outcome::Completed;
                record.evidence = Some(evidence);
                record.output_file = Some(path.into());
            }
            Err((outcome, detail)) => {
                record.outcome = outcome;
                // Services and programs say what they were given.
                record.detail = detail.map(|detail| run.secrets().clean(&detail).into_owned());
            }
        }
    }

    /// A bad end against the report that the command had written by then: a whole
    /// review counts, of anything else it is said where it lies.
    fn against_its_report(&self, agent: &AgentPlan, run: &Run, failure: Verdict) -> Option<Verdict> {
        let (outcome, detail) = failure;
        let ended_by_people = matches!(run.ending, Ending::Stopped | Ending::Closed | Ending::Abandoned);
        let is_gone = matches!(outcome, Outcome::Failed { reason: Reason::ProjectGone | Reason::Publish });
        let written = || run.out().settle_report(run.secrets()).and_then(|()| run.out().open_report());
        // A program that says it failed is taken at its word.
        let says_so = run.account().is_none() && run.ending != Ending::TimedOut;
        if ended_by_people || is_gone || says_so || !written().is_ok_and(|report| report.is_some()) {
            return Some((outcome, detail));
        }
        let report = self.files.report();
        if agent.report == ReportKind::Findings
            && let Ok(merge) = environment::sibling(&self.environment, "convoy-merge")
            && judge::is_whole_review(&merge, &report)
        {
            return None;
        }
        let place = format!("what it wrote by then is in {}", shared::text::path(&report));
        Some((outcome, Some(detail.map_or_else(|| place.clone(), |detail| format!("{detail}; {place}")))))
    }

    /// The proof that there is a report (P8).
    fn accept(&self, plan: &Plan, agent: &AgentPlan, run: &mut Run) -> Result<Evidence, Rejected> {
        let source = provide_report(agent, run)?;
        run.out().settle_report(run.secrets())?;
        let why = |no: Rejected| match run
            .account()
            .filter(|_| no.reason == Reason::NoReport)
            .and_then(|account| ending::no_report(agent, account))
        {
            Some((reason, detail)) => Rejected { reason, detail },
            None => no,
        };
        let examine = || judge::examine(run.out().open_report()?, source);
        let mut evidence = examine().map_err(why)?;
        let report = self.files.report();
        let merge = environment::sibling(&self.environment, "convoy-merge");
        let merge =
            merge.map_err(|error| Rejected { reason: Reason::Unrecognised, detail: Some(error.to_string()) });
        match agent.report {
            ReportKind::Any => {}
            ReportKind::Findings => {
                judge::recognise(&merge?, &report, &mut evidence)?;
                evidence.read_from = Some(ReadFrom::Prose);
                self.note_scope(plan, agent, run, &mut evidence)?;
            }
            ReportKind::Synthesis if agent.invocation.static_only => {}
            ReportKind::Synthesis => {
                if let Some(findings) = merged_findings(&self.dir)
                    && let Some(warning) = judge::check_synthesis(&merge?, &findings, &report)
                {
                    shared::frame::tell(&format!("convoy-agent: {warning}"));
                }
                evidence = examine()?;
            }
        }
        Ok(evidence)
    }

    /// What is known of the files the reviewer read; beside its report, for others.
    fn note_scope(
        &self,
        plan: &Plan,
        agent: &AgentPlan,
        run: &Run,
        evidence: &mut Evidence,
    ) -> Result<(), Rejected> {
        let unknown = |why: String| judge::rejected(Reason::BadReport, Some(why));
        let files = assignment::files_of(&self.dir, agent).map_err(|error| unknown(format!("{error:#}")))?;
        let given = Given::new(plan.project.as_path(), &files);
        let claims = fs::read(self.files.report()).ok();
        let claims = claims.and_then(|text| claimed::reviewed(&String::from_utf8_lossy(&text)));
        let known = match run.accounts().as_slice() {
            [] => claims.as_ref().and_then(|(count, not)| {
                Some(Known { scope: scope::claimed(&given, *count, not)?, denied: Vec::new() })
            }),
            accounts => Some(scope::proved(
                &given,
                accounts,
                &claims.as_ref().map(|(_, not)| not.clone()).unwrap_or_default(),
            )),
        };
        if given.is_empty() {
            evidence.denied = known.map(|known| known.denied).unwrap_or_default();
            return Ok(());
        }
        evidence.given = Some(files.len() as u64);
        match known {
            Some(known) => {
                evidence.read = Some(known.scope.read.len() as u64);
                evidence.denied = known.denied;
                keep(&self.files.scope(), self.files.dir(), &known.scope)
            }
            None => {
                evidence.read = claims.map(|(count, _)| count as u64);
                Ok(())
            }
        }
    }

    fn publish(&self, plan: &Plan, agent: &AgentPlan, run: &Run) -> Result<PathBuf, Rejected> {
        let dir = plan.output_dir.as_path();
        let path = layout::published(dir, &plan.stamp, &plan.id, &format!("{}.md", agent.role));
        let mut tries = 0;
        loop {
            let report = run.out().open_report()?.ok_or_else(|| judge::rejected(Reason::NoReport, None))?;
            let done = publish::prepare_output_dir(plan)
                .and_then(|()| publish::publish(report, &path, run.secrets()));
            tries += 1;
            match done {
                Ok(()) => {
                    crash::at(Point::Published);
                    return Ok(path);
                }
                Err(error) if tries == PUBLISH_TRIES || self.asked_to_end() => {
                    let detail = Some(chain(&error));
                    return Err(Rejected { reason: Reason::Publish, detail });
                }
                Err(_) => {}
            }
        }
    }
}

/// A command that wrote no report file may have said it instead.
fn provide_report(agent: &AgentPlan, run: &mut Run) -> Result<EvidenceSource, Rejected> {
    if run.out().open_report()?.is_some() {
        return Ok(EvidenceSource::File);
    }
    match agent.invocation.report_from {
        ReportSource::File => {}
        ReportSource::FinalMessage | ReportSource::Message => {
            // Who was not allowed to write says at last what it would have written about.
            let allowed = |account: &&Account| !account.was_denied(&agent.invocation.report_tool);
            let account = run.account().filter(allowed);
            if let Some(message) = account.and_then(Account::final_message) {
                if account.is_some_and(Account::is_torn) {
                    return Err(report::not_whole("a line of its stream was too long"));
                }
                run.out().write_report(message.as_bytes(), run.secrets())?;
                return Ok(EvidenceSource::FinalMessage);
            }
        }
        ReportSource::Stdout => {
            if let Some(capture) = run.capture.take() {
                let printed = capture.finish().map_err(|why| report::not_whole(&why))?;
                run.out().write_report(printed, run.secrets())?;
                return Ok(EvidenceSource::Stdout);
            }
        }
    }
    Ok(EvidenceSource::File)
}

/// Writes what others read beside the report.
fn keep(path: &Path, dir: &Path, what: &impl Serialize) -> Result<(), Rejected> {
    let lost = |why: String| judge::rejected(Reason::Publish, Some(why));
    let bytes = serde_json::to_vec_pretty(what).map_err(|error| lost(error.to_string()))?;
    files::replace(path, dir, &bytes, Sync::Later).map(drop).map_err(|error| lost(chain(&error)))
}

fn failed(rejected: Rejected) -> Verdict {
    (Outcome::Failed { reason: rejected.reason }, rejected.detail)
}

fn merged_findings(dir: &ConvoyDir) -> Option<PathBuf> {
    let state = read_state(dir).ok()?;
    let merge = state.merge.filter(|merge| merge.status == MergeStatus::Done)?;
    Some(dir.merge_findings(merge.k))
}
