//! How an attempt is concluded: judged, published, and what its record says.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Seek as _;
use std::path::{Path, PathBuf};

use base::crash::{self, Point};
use base::environment::Environment;
use base::error::{IoContext as _, chain};
use base::files::{self, Sync};
use findings::{Document, Scope};
use nix::sys::wait::WaitStatus;
use protocol::layout::{self, ConvoyDir};
use protocol::outcome::{Evidence, EvidenceSource, ReadFrom, Reason};
use protocol::plan::{AgentPlan, Plan, ReportKind, ReportSource, Stream};
use protocol::publish;
use protocol::record::{ExitRecord, Outcome};
use protocol::state::MergeStatus;
use protocol::store::read_state;
use serde::Serialize;

use crate::answer::{self, Handed};
use crate::assignment;
use crate::attempt::{Attempt, ProjectGone};

use crate::claimed;
use crate::ended_run::Run;
use crate::ending::{self, Ending, Verdict};
use crate::judge::{self, Examined};
use crate::report::{self, Rejected, rejected};
use crate::review;
use crate::scope::{self, Given};
use crate::shape;
use crate::stream::StreamSummary;
use crate::tree::EmptyTree;
use crate::verify;
use crate::view;

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
        record.session = run.summary().and_then(StreamSummary::session).map(str::to_owned);
        if agent.invocation.stream != Stream::Plain {
            // The figures are in the record from here on.
            let _ = fs::remove_file(self.files.usage());
        }
        if let Ending::Itself(Some(status)) = &run.ending {
            match *status {
                WaitStatus::Exited(_, code) => record.exit_code = Some(code),
                WaitStatus::Signaled(_, signal, _) => record.signal = Some(signal as i32),
                _ => {}
            }
        }
        let by_its_end = || ending::verdict(agent, &run.ending, run.summary(), &run.stderr, &|| run.now());
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
            .and_then(|()| self.accept(plan, agent, &mut run).map_err(|no| why_none(agent, &run, no)))
            .and_then(|Examined { evidence, file }| {
                self.publish(plan, agent, &run, file).map(|path| (evidence, path)).map_err(failed)
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
        let written = || run.out().settled_report(run.secrets());
        // A program that says it failed is taken at its word.
        let says_so = run.summary().is_none() && run.ending != Ending::TimedOut;
        if ended_by_people || is_gone || says_so || !written().is_ok_and(|report| report.is_some()) {
            return Some((outcome, detail));
        }
        let report = self.files.report();
        if agent.report == ReportKind::Findings && judge::is_whole_file(&self.environment, &report) {
            return None;
        }
        let place = format!("what it wrote by then is in {}", base::text::path(&report));
        Some((outcome, Some(detail.map_or_else(|| place.clone(), |detail| format!("{detail}; {place}")))))
    }

    /// The proof that there is a report (P8).
    fn accept(&self, plan: &Plan, agent: &AgentPlan, run: &mut Run) -> Result<Examined, Rejected> {
        match agent.report {
            ReportKind::Findings => self.accept_review(plan, agent, run),
            ReportKind::Verification => self.accept_verification(plan, agent, run),
            ReportKind::Any | ReportKind::Synthesis => {
                let examined = self.take_words(agent, run)?;
                if agent.invocation.stream != Stream::Plain || agent.shape.is_some() {
                    self.check_shape(agent)?;
                }
                if agent.report == ReportKind::Synthesis && !agent.invocation.static_only {
                    let warning = match merged_findings(&self.dir) {
                        Ok(Some(findings)) => {
                            judge::check_synthesis(&self.environment, &findings, &self.files.report())
                        }
                        Ok(None) => None,
                        Err(error) => Some(format!("not checked against the findings: {}", chain(&error))),
                    };
                    if let Some(warning) = warning {
                        base::program::tell(&format!("convoy-agent: {warning}"));
                    }
                    return judge::examine(run.out().open_report()?, examined.evidence.source);
                }
                Ok(examined)
            }
        }
    }

    /// A model may end with anything; only some of it is a report.
    fn check_shape(&self, agent: &AgentPlan) -> Result<(), Rejected> {
        let unreadable =
            |error: std::io::Error| rejected(Reason::BadReport, Some(base::error::reason(&error)));
        let report = fs::read(self.files.report()).map_err(unreadable)?;
        match shape::wanting(agent.shape.as_ref(), &String::from_utf8_lossy(&report)) {
            None => Ok(()),
            Some(why) => Err(rejected(Reason::Unrecognised, Some(why))),
        }
    }

    /// The report in words, wherever the agent left it.
    fn take_words(&self, agent: &AgentPlan, run: &mut Run) -> Result<Examined, Rejected> {
        let (report, source) = provide_report(&self.environment, agent, run)?;
        judge::examine(report, source).map_err(|no| {
            let told = run.summary().filter(|_| no.reason == Reason::NoReport);
            match told.and_then(|summary| ending::no_report(agent, summary)) {
                Some((reason, detail)) => Rejected { reason, detail },
                None => no,
            }
        })
    }

    /// A review, read as data where it is there, else as words; with what was read for it.
    fn accept_review(&self, plan: &Plan, agent: &AgentPlan, run: &mut Run) -> Result<Examined, Rejected> {
        let files = assignment::files_of(&self.dir, agent);
        let files = files.map_err(|error| rejected(Reason::BadReport, Some(format!("{error:#}"))))?;
        let given = Given::new(plan.tree(), &files);
        match answer::handed_in(&self.environment, run) {
            Handed::Document(document) => self.accept_data(agent, run, &given, *document),
            Handed::Answer(answer) => {
                let document = review::document(agent.role.as_str(), &given, &run.summaries(), *answer);
                self.accept_data(agent, run, &given, document)
            }
            // A program has no other words for it, and cannot be asked again.
            Handed::Wrong(why) if run.summary().is_none() => {
                let why = why.first().cloned().unwrap_or_default();
                Err(rejected(Reason::Unrecognised, Some(why)))
            }
            handed => {
                let mut examined = self.take_words(agent, run)?;
                let evidence = &mut examined.evidence;
                let read = judge::recognise(&self.environment, &self.files.report(), evidence);
                read.map_err(|no| answer::with_mistakes(no, &handed))?;
                evidence.read_from = Some(ReadFrom::Prose);
                self.note_scope(run, &given, evidence)?;
                Ok(examined)
            }
        }
    }

    /// A second look that holds is the report: what people read is made from it.
    fn accept_verification(
        &self,
        plan: &Plan,
        agent: &AgentPlan,
        run: &mut Run,
    ) -> Result<Examined, Rejected> {
        let files = assignment::files_of(&self.dir, agent);
        let files = files.map_err(|error| rejected(Reason::BadReport, Some(format!("{error:#}"))))?;
        let given = Given::new(plan.tree(), &files);
        let (said, source) = match verify::handed_in(agent, run) {
            Ok(said) => (said, EvidenceSource::FinalMessage),
            // What it printed may be the answer.
            Err(_) => {
                let Examined { evidence, .. } = self.take_words(agent, run)?;
                let said = verify::handed_in(agent, run);
                (said.map_err(|mistakes| verify::unusable(&mistakes, &evidence))?, evidence.source)
            }
        };
        let looks = verify::looks(agent, plan.tree(), &given, said);
        run.out().write_report(verify::view(&looks).as_bytes(), run.secrets())?;
        keep(&self.files.verification(), self.files.dir(), &looks)?;
        judge::examine(run.out().open_report()?, source)
    }

    /// Findings that hold are the report: what people read is made from them.
    fn accept_data(
        &self,
        agent: &AgentPlan,
        run: &Run,
        given: &Given,
        mut document: Document,
    ) -> Result<Examined, Rejected> {
        let summaries = run.summaries();
        let mut denied = Vec::new();
        if !agent.invocation.static_only {
            // Whether the change made it is not a reviewer's to say.
            for finding in &mut document.findings {
                finding.new = None;
            }
        }
        if agent.lens.is_none() {
            // Nor is what was asked for, if that was not put before it.
            for finding in &mut document.findings {
                finding.requirement = None;
            }
        }
        document.scope = if summaries.is_empty() {
            scope::stated(given, &document.scope)
        } else {
            let claims: Vec<(String, String)> = document.scope.not_read.iter().map(review::claim).collect();
            let known = scope::proved(given, &summaries, &claims);
            denied = known.denied;
            known.scope
        };
        // A program's own view says more than one that is made here.
        let own = if summaries.is_empty() { run.out().settled_report(run.secrets())? } else { None };
        let (report, source) = match own {
            Some(report) => (Some(report), EvidenceSource::File),
            None => {
                let title = review::title(agent.role.as_str());
                run.out().write_report(view::report(&title, &document).as_bytes(), run.secrets())?;
                (run.out().open_report()?, EvidenceSource::FinalMessage)
            }
        };
        let mut examined = judge::examine(report, source)?;
        let evidence = &mut examined.evidence;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for finding in &document.findings {
            *counts.entry(finding.severity.name().to_owned()).or_default() += 1;
        }
        evidence.findings = Some(counts);
        evidence.complete = Some(document.is_whole());
        evidence.read_from = Some(ReadFrom::Data);
        evidence.denied = denied;
        keep(&self.files.findings(), self.files.dir(), &document)?;
        self.keep_scope(given, &document.scope, evidence)?;
        Ok(examined)
    }

    /// What is known of the files that a reviewer in words has read.
    fn note_scope(&self, run: &Run, given: &Given, evidence: &mut Evidence) -> Result<(), Rejected> {
        let report = fs::read(self.files.report());
        let report =
            report.map_err(|error| rejected(Reason::BadReport, Some(base::error::reason(&error))))?;
        let claims = claimed::reviewed(&String::from_utf8_lossy(&report));
        let summaries = run.summaries();
        if summaries.is_empty() {
            let Some((count, not)) = claims else { return Ok(()) };
            return match scope::claimed(given, count, &not) {
                Some(scope) => self.keep_scope(given, &scope, evidence),
                None => {
                    evidence.given = Some(given.len() as u64);
                    evidence.read = Some(count as u64);
                    Ok(())
                }
            };
        }
        let reasons = claims.map(|(_, not)| not).unwrap_or_default();
        let known = scope::proved(given, &summaries, &reasons);
        evidence.denied = known.denied;
        self.keep_scope(given, &known.scope, evidence)
    }

    /// Of a change in which nothing is left to be opened there is no scope.
    fn keep_scope(&self, given: &Given, scope: &Scope, evidence: &mut Evidence) -> Result<(), Rejected> {
        if given.len() == 0 {
            return Ok(());
        }
        evidence.given = Some(given.len() as u64);
        evidence.read = Some(scope.read.len() as u64);
        keep(&self.files.scope(), self.files.dir(), scope)
    }

    fn publish(
        &self,
        plan: &Plan,
        agent: &AgentPlan,
        run: &Run,
        mut report: File,
    ) -> Result<PathBuf, Rejected> {
        let dir = plan.output_dir.as_path();
        let path = layout::published(dir, &plan.stamp, &plan.id, &format!("{}.md", agent.role));
        if self.number > 1 {
            publish::tidy_beside(&path);
        }
        let mut tries = 0;
        loop {
            let from_its_beginning = report.rewind().context("read", &self.files.report());
            let done = from_its_beginning
                .and_then(|()| publish::prepare_output_dir(plan))
                .and_then(|()| publish::publish(&report, &path, run.secrets()));
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

/// The report as it may be kept, and where it was. A command that wrote no file may have
/// said it instead.
fn provide_report(
    environment: &Environment,
    agent: &AgentPlan,
    run: &mut Run,
) -> Result<(Option<File>, EvidenceSource), Rejected> {
    if let Some(report) = run.out().settled_report(run.secrets())? {
        return Ok((Some(report), EvidenceSource::File));
    }
    match agent.invocation.report_from {
        ReportSource::File => {}
        ReportSource::FinalMessage | ReportSource::Message => {
            // Who was not allowed to write says at last what it would have written about.
            let allowed = |summary: &&StreamSummary| !summary.was_denied(&agent.invocation.report_tool);
            let words: Vec<String> = run.told().filter(allowed).filter_map(last_words).collect();
            if let Some(message) = most_telling(environment, run, words) {
                if run.summary().is_some_and(StreamSummary::is_torn) {
                    return Err(report::not_whole("a line of its stream was too long"));
                }
                run.out().write_report(message.as_bytes(), run.secrets())?;
                return Ok((run.out().open_report()?, EvidenceSource::FinalMessage));
            }
        }
        ReportSource::Stdout => {
            if let Some(capture) = run.capture.take() {
                let printed = capture.finish().map_err(|why| report::not_whole(&why))?;
                run.out().write_report(printed, run.secrets())?;
                return Ok((run.out().open_report()?, EvidenceSource::Stdout));
            }
        }
    }
    Ok((None, EvidenceSource::File))
}

/// What a run of an agent ended with: its final message, and the last answer it tried
/// to hand in where none fitted.
fn last_words(summary: &StreamSummary) -> Option<String> {
    let tried = summary.tried().filter(|_| summary.answer().is_none() && summary.is_done());
    match (summary.final_message(), tried) {
        (Some(message), Some(tried)) => Some(format!("{message}\n\n{tried:#}")),
        (message, tried) => message.or_else(|| tried.map(|tried| format!("{tried:#}"))),
    }
}

/// Of the words of several runs those that tell the most findings, the later ones of equal ones.
fn most_telling(environment: &Environment, run: &Run, mut words: Vec<String>) -> Option<String> {
    if words.len() > 1 {
        words.sort_by_cached_key(|words| judge::findings_in(environment, run.out(), words).unwrap_or(0));
    }
    words.pop()
}

/// Writes what others read beside the report.
fn keep(path: &Path, dir: &Path, what: &impl Serialize) -> Result<(), Rejected> {
    let lost = |why: String| rejected(Reason::Publish, Some(why));
    let bytes = serde_json::to_vec_pretty(what).map_err(|error| lost(error.to_string()))?;
    files::replace(path, dir, &bytes, Sync::Later).map(drop).map_err(|error| lost(chain(&error)))
}

/// Why there is no report: what the command told on standard error, where its end was
/// a good one and its stream tells nothing.
fn why_none(agent: &AgentPlan, run: &Run, no: Rejected) -> Verdict {
    let is_told = matches!(no.reason, Reason::NoReport | Reason::EmptyReport | Reason::Cut);
    let by_itself = matches!(run.ending, Ending::Itself(Some(WaitStatus::Exited(_, 0))));
    let on_stderr = || ending::by_exit(agent, 0, &run.stderr, &|| run.now());
    let told = if is_told && by_itself { on_stderr() } else { None };
    told.unwrap_or_else(|| failed(no))
}

fn failed(rejected: Rejected) -> Verdict {
    (Outcome::Failed { reason: rejected.reason }, rejected.detail)
}

fn merged_findings(dir: &ConvoyDir) -> base::Result<Option<PathBuf>> {
    let merge = read_state(dir)?.merge.filter(|merge| merge.status == MergeStatus::Done);
    Ok(merge.map(|merge| dir.merge_findings(merge.k)))
}
