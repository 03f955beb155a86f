//! How an attempt is concluded: judged, published, and what its record says.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use nix::sys::wait::WaitStatus;
use shared::crash::{self, Point};
use shared::environment;
use shared::files::{self, Sync};
use shared::layout::{self, ConvoyDir};
use shared::plan::{AgentPlan, Plan, ReportKind, ReportSource};
use shared::publish;
use shared::record::{ExitRecord, Outcome};
use shared::state::{Evidence, EvidenceSource, MergeStatus, Reason};
use shared::store::read_state;

use crate::attempt::{Attempt, Run};
use crate::ending::{self, Verdict};
use crate::judge::{self, Rejected};
use crate::stream::Account;
use crate::supervise::Ending;

/// A report that cannot be published so often fails the attempt.
const PUBLISH_TRIES: u32 = 5;

impl Attempt<'_> {
    /// Judges the attempt and publishes its report.
    pub(crate) fn conclude(&self, plan: &Plan, agent: &AgentPlan, run: &Run, record: &mut ExitRecord) {
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
        let verdict = ending::verdict(agent, &run.ending, run.account(), &run.stderr, Timestamp::now());
        let judged = verdict
            .map_or(Ok(()), Err)
            .and_then(|()| self.accept(agent, run.account()).map_err(failed))
            .and_then(|evidence| self.publish(plan, agent).map(|path| (evidence, path)).map_err(failed));
        match judged {
            Ok((evidence, path)) => {
                record.outcome = Outcome::Completed;
                record.evidence = Some(evidence);
                record.output_file = Some(path.into());
            }
            Err((outcome, detail)) => {
                record.outcome = outcome;
                record.detail = detail;
            }
        }
    }

    /// The proof that there is a report (P8).
    fn accept(&self, agent: &AgentPlan, account: Option<&Account>) -> Result<Evidence, Rejected> {
        let report = self.files.report();
        let source = self.provide_report(agent, account);
        let why = |no: Rejected| match account
            .filter(|_| no.reason == Reason::NoReport)
            .and_then(|account| ending::no_report(agent, account))
        {
            Some((reason, detail)) => Rejected { reason, detail },
            None => no,
        };
        let mut evidence = judge::examine(&report, source).map_err(why)?;
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
                evidence = judge::examine(&report, source)?;
            }
        }
        Ok(evidence)
    }

    /// A command that wrote no report file may have said it instead.
    fn provide_report(&self, agent: &AgentPlan, account: Option<&Account>) -> EvidenceSource {
        let report = self.files.report();
        if fs::symlink_metadata(&report).is_ok() {
            return EvidenceSource::File;
        }
        let (text, source) = match agent.invocation.report_from {
            ReportSource::File => (None, EvidenceSource::File),
            ReportSource::FinalMessage | ReportSource::Message => {
                // Who was not allowed to write says at last what it would have written about.
                let allowed = |account: &&Account| !account.was_denied(&agent.invocation.report_tool);
                let message = account.filter(allowed).and_then(Account::final_message);
                (message.map(|message| message.as_bytes().to_vec()), EvidenceSource::FinalMessage)
            }
            ReportSource::Stdout => (fs::read(self.files.stdout()).ok(), EvidenceSource::Stdout),
        };
        match text {
            Some(text) if files::replace(&report, &self.files.out_dir(), &text, Sync::Later).is_ok() => {
                source
            }
            _ => EvidenceSource::File,
        }
    }

    fn publish(&self, plan: &Plan, agent: &AgentPlan) -> Result<PathBuf, Rejected> {
        let dir = plan.output_dir.as_path();
        let path = layout::published(dir, &plan.stamp, &plan.id, &format!("{}.md", agent.role));
        let mut tries = 0;
        loop {
            let done =
                publish::prepare_output_dir(dir).and_then(|()| publish::copy(&self.files.report(), &path));
            tries += 1;
            match done {
                Ok(()) => {
                    crash::at(Point::Published);
                    return Ok(path);
                }
                Err(error) if tries == PUBLISH_TRIES || self.asked_to_end() => {
                    let detail = Some(shared::error::chain(&error));
                    return Err(Rejected { reason: Reason::Publish, detail });
                }
                Err(_) => {}
            }
        }
    }
}

fn failed(rejected: Rejected) -> Verdict {
    (Outcome::Failed { reason: rejected.reason }, rejected.detail)
}

fn merged_findings(dir: &ConvoyDir) -> Option<PathBuf> {
    let state = read_state(dir).ok()?;
    let merge = state.merge.filter(|merge| merge.status == MergeStatus::Done)?;
    Some(dir.merge_findings(merge.k))
}
