//! The script-side merge (P9): `convoy-merge` over the completed reviews.
//!
//! The k-th merge is made from the attempts the state names for k, whoever runs
//! it and however often: reports never change once recorded. It is published
//! first and linked to `merge.<k>.json` last; that name is the fact.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::crash::{self, Point};
use crate::error::{Error, IoContext, Result};
use crate::files::{self, Sync};
use crate::launch::scrub;
use crate::layout::{self, ConvoyDir};
use crate::path_text::PathText;
use crate::plan::{Plan, ReportKind};
use crate::process::{Handle, watch_child};
use crate::publish;
use crate::state::{AgentStatus, State};
use crate::step::MergeFact;

/// A merge takes milliseconds; one that takes this long is broken.
const LIMIT: Duration = Duration::from_secs(120);

/// What `convoy-merge --meta` is told beside the reports.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    title: &'static str,
    project: &'a PathText,
    files_reviewed: u64,
    static_only: bool,
    reviewers: Vec<Reviewer<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reviewer<'a> {
    role: &'a str,
    state: AgentStatus,
    runner: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathText>,
}

/// A merge under way.
#[derive(Debug)]
pub struct MergeRun {
    k: u32,
    dir: ConvoyDir,
    plan: Plan,
    child: Option<(Child, Handle)>,
    temporary: [PathBuf; 2],
    deadline: Instant,
    /// Decided without running anything: it was there already, or could not start.
    known: Option<MergeFact>,
}

impl MergeRun {
    /// Starts the merge the state names; if its result is there already, that is its outcome.
    pub fn start(dir: &ConvoyDir, plan: &Plan, state: &State, program: &Path) -> Result<Self> {
        let k = state.merge.as_ref().map_or(0, |merge| merge.k);
        let mut run = MergeRun {
            k,
            dir: dir.clone(),
            plan: plan.clone(),
            child: None,
            temporary: ["md", "json"]
                .map(|what| files::temporary_in(&dir.dir(), &format!("merge.{k}.{what}"))),
            deadline: Instant::now() + LIMIT,
            known: read_counts(&dir.merge_findings(k)).map(|counts| MergeFact::Done { counts }),
        };
        if run.known.is_none() {
            write_meta(dir, plan, state, k)?;
            match run.spawn(program) {
                Ok(child) => run.child = Some(child),
                Err(detail) => run.known = Some(MergeFact::Failed { detail }),
            }
        }
        Ok(run)
    }

    fn spawn(&self, program: &Path) -> std::result::Result<(Child, Handle), String> {
        let mut command = Command::new(program);
        let mut json = std::ffi::OsString::from("json=");
        json.push(&self.temporary[1]);
        command
            .arg("--meta")
            .arg(self.dir.merge_meta(self.k))
            .arg("-o")
            .arg(&self.temporary[0])
            .arg("--also")
            .arg(json)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        scrub(&mut command);
        let mut child = command.spawn().map_err(|error| format!("cannot start convoy-merge: {error}"))?;
        match watch_child(&child) {
            Ok(handle) => Ok((child, handle)),
            Err(error) => {
                end(&mut child);
                Err(format!("convoy-merge could not be watched: {error}"))
            }
        }
    }

    pub fn k(&self) -> u32 {
        self.k
    }

    /// Readable when the merge program has ended.
    pub fn handle(&self) -> Option<&Handle> {
        self.child.as_ref().map(|(_, handle)| handle)
    }

    /// Is the outcome known already?
    pub fn is_over(&self) -> bool {
        self.known.is_some()
    }

    /// The outcome, once it is there.
    pub fn outcome(&mut self) -> Option<(u32, MergeFact)> {
        if let Some(fact) = self.known.take() {
            return Some((self.k, fact));
        }
        let (child, _) = self.child.as_mut()?;
        let fact = match child.try_wait() {
            Ok(None) if Instant::now() < self.deadline => return None,
            Ok(None) => {
                end(child);
                failed(format!("convoy-merge did not end in {} s", LIMIT.as_secs()))
            }
            Ok(Some(status)) if status.success() => {
                self.publish().unwrap_or_else(|error| failed(error.to_string()))
            }
            Ok(Some(status)) => failed(format!("convoy-merge: {status}")),
            Err(error) => failed(error.to_string()),
        };
        for temporary in &self.temporary {
            let _ = fs::remove_file(temporary);
        }
        Some((self.k, fact))
    }

    fn publish(&self) -> Result<MergeFact> {
        let [report, findings] = &self.temporary;
        publish::check_project(&self.plan)?;
        publish::prepare_output_dir(&self.plan)?;
        let output_dir = self.plan.output_dir.as_path();
        for (from, what) in [(report, "merged.md"), (findings, "findings.json")] {
            publish::copy(from, &layout::published(output_dir, &self.plan.stamp, self.dir.id(), what))?;
        }
        crash::at(Point::MergePublished);
        files::link_new(report, &self.dir.merge_report(self.k))?;
        crash::at(Point::MergeHalfLinked);
        files::link_new(findings, &self.dir.merge_findings(self.k))?;
        let path = self.dir.merge_findings(self.k);
        read_counts(&path).map(|counts| MergeFact::Done { counts }).ok_or_else(|| {
            Error::Invalid(format!("convoy-merge wrote no counts into {}", crate::text::path(&path)))
        })
    }
}

impl Drop for MergeRun {
    fn drop(&mut self) {
        // Only an engine that gives up drops a merge that still runs.
        if let Some((child, _)) = &mut self.child
            && matches!(child.try_wait(), Ok(None))
        {
            end(child);
        }
    }
}

/// Kills the merge program. That it is gone already is no error.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn failed(detail: String) -> MergeFact {
    MergeFact::Failed { detail }
}

fn write_meta(dir: &ConvoyDir, plan: &Plan, state: &State, k: u32) -> Result<()> {
    let of = state.merge.as_ref().map(|merge| &merge.of);
    let reviewers = plan
        .agents
        .iter()
        .zip(&state.agents)
        .filter(|(plan, _)| plan.report == ReportKind::Findings)
        .map(|(plan, agent)| Reviewer {
            role: plan.role.as_str(),
            state: agent.status,
            runner: plan.invocation.runner.as_str(),
            model: plan.invocation.model.as_deref(),
            reason: agent.reason.map(|reason| crate::words::reason(reason, agent.detail.as_deref())),
            path: of
                .and_then(|of| of.get(&plan.role))
                .map(|attempt| PathText::from(dir.attempt(&plan.role, *attempt).report())),
        })
        .collect();
    let meta = Meta {
        title: "Code Review - Complete Analysis",
        project: &plan.project,
        files_reviewed: plan.inputs.file_count,
        static_only: plan.static_only(),
        reviewers,
    };
    let path = dir.merge_meta(k);
    let bytes = serde_json::to_vec_pretty(&meta).map_err(std::io::Error::from).context("encode", &path)?;
    files::replace(&path, &dir.dir(), &bytes, Sync::Later)?;
    Ok(())
}

/// Findings by severity, from the JSON of a finished merge.
fn read_counts(path: &Path) -> Option<BTreeMap<String, u64>> {
    #[derive(Deserialize)]
    struct Merged {
        counts: serde_json::Map<String, serde_json::Value>,
    }
    let bytes = fs::read(path).ok()?;
    let merged: Merged = serde_json::from_slice(&bytes).ok()?;
    let severities = ["blocker", "critical", "high", "medium", "low", "unrated"];
    let count = |name: &str| merged.counts.get(name).and_then(serde_json::Value::as_u64);
    Some(severities.iter().filter_map(|name| Some(((*name).to_owned(), count(name)?))).collect())
}
