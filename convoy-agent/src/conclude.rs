//! How an attempt is concluded: judged, published, and what its record says.

use std::fs;
use std::path::PathBuf;

use nix::sys::wait::WaitStatus;
use shared::crash::{self, Point};
use shared::environment;
use shared::error::chain;
use shared::layout::{self, ConvoyDir};
use shared::plan::{AgentPlan, Plan, ReportKind, ReportSource};
use shared::publish;
use shared::record::{ExitRecord, Outcome};
use shared::state::{Evidence, EvidenceSource, MergeStatus, Reason};
use shared::store::read_state;

use crate::attempt::{Attempt, ProjectGone, Run};
use crate::ending::{self, Verdict};
use crate::judge::{self, Rejected};
use crate::report;
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
        let by_its_end = || ending::verdict(agent, &run.ending, run.account(), &run.stderr, &run.now());
        let verdict = match self.project_gone(plan) {
            _ if run.ending == Ending::Stopped => by_its_end(),
            Ok(None) => by_its_end(),
            Ok(Some(ProjectGone(words))) => {
                Some((Outcome::Failed { reason: Reason::ProjectGone }, Some(words)))
            }
            Err(error) => Some((Outcome::Failed { reason: Reason::Publish }, Some(chain(&error)))),
        };
        let judged =
            verdict.map_or(Ok(()), Err).and_then(|()| self.accept(agent, &mut run).map_err(failed)).and_then(
                |evidence| self.publish(plan, agent, &run).map(|path| (evidence, path)).map_err(failed),
            );
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

    /// The proof that there is a report (P8).
    fn accept(&self, agent: &AgentPlan, run: &mut Run) -> Result<Evidence, Rejected> {
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
            ReportKind::Findings => judge::recognise(&merge?, &report, &mut evidence)?,
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

fn failed(rejected: Rejected) -> Verdict {
    (Outcome::Failed { reason: rejected.reason }, rejected.detail)
}

fn merged_findings(dir: &ConvoyDir) -> Option<PathBuf> {
    let state = read_state(dir).ok()?;
    let merge = state.merge.filter(|merge| merge.status == MergeStatus::Done)?;
    Some(dir.merge_findings(merge.k))
}
