//! From what is known to a judgement. Pure.

use base::text;
use findings::Severity;
use findings::changed::GateOn;
use findings::merged::Merged;
use findings::verdict::{self, Case, Open, Reviewer, Verdict};

use crate::markers::{Markers, Stated};
use crate::reviewer::Reviewed;

/// What is known at the end.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub gate: Severity,
    pub gate_on: GateOn,
    /// What stands in the way of any verdict besides, a clause each.
    pub obstacles: Vec<String>,
    /// Files under review.
    pub files: u64,
    pub reviewers: Vec<Reviewed>,
    /// The merged findings, or why there are none.
    pub merged: Result<Merged, String>,
    pub synthesis: Synthesis,
}

/// The final report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synthesis {
    /// The template has none, or it is the script-side merge itself.
    Script {
        text: String,
    },
    Ai {
        text: String,
        markers: Markers,
    },
    /// It was to be written and was not, for this reason.
    Failed {
        text: String,
        why: String,
    },
}

impl Synthesis {
    pub fn text(&self) -> &str {
        match self {
            Synthesis::Script { text } | Synthesis::Ai { text, .. } | Synthesis::Failed { text, .. } => text,
        }
    }
}

/// The verdict and what it rests on.
#[derive(Debug, Clone)]
pub struct Judgement {
    pub verdict: Verdict,
    /// As the findings alone have it.
    pub by_findings: Verdict,
    /// Open findings at or above the gate that it looks at.
    pub blocking: usize,
    /// Open findings at or above it that it does not look at.
    pub old: usize,
    /// Why there is no verdict, a clause each; empty if there is one.
    pub obstacles: Vec<String>,
    pub evidence: Evidence,
}

impl Judgement {
    /// The findings that were merged; none where nothing was.
    pub fn merged(&self) -> Merged {
        self.evidence.merged.clone().unwrap_or_default()
    }

    /// One line for people: `APPROVED: nothing new stands at or above the gate (high)`.
    pub fn line(&self) -> String {
        let why = match self.verdict {
            Verdict::Commented => self.obstacles.first().cloned().unwrap_or_else(|| self.stated()),
            Verdict::Approved | Verdict::ChangesRequested if self.verdict == self.by_findings => {
                self.standing()
            }
            Verdict::Approved | Verdict::ChangesRequested => self.stated(),
        };
        let word = if self.verdict == Verdict::Commented { "no verdict" } else { self.verdict.word() };
        format!("{word}: {why}")
    }

    /// `2 findings are open at or above the gate (high)`
    pub fn standing(&self) -> String {
        let gate = self.evidence.gate.name();
        let new = if self.evidence.gate_on == GateOn::New { "new " } else { "" };
        match self.blocking {
            0 => format!("no {new}finding is open at or above the gate ({gate})"),
            1 => format!("1 {new}finding is open at or above the gate ({gate})"),
            n => format!("{n} {new}findings are open at or above the gate ({gate})"),
        }
    }

    /// What the synthesis says, if that decided.
    fn stated(&self) -> String {
        let said = match &self.evidence.synthesis {
            Synthesis::Ai { markers, .. } => markers.result.as_ref().map(said),
            Synthesis::Script { .. } | Synthesis::Failed { .. } => None,
        };
        format!("the synthesis says {}", said.unwrap_or_default())
    }
}

/// What a synthesis wrote for a verdict.
pub fn said(stated: &Stated) -> String {
    match stated {
        Stated::Verdict(verdict) => verdict.word().to_owned(),
        Stated::Unreadable(word) => format!("'{}'", text::visible(word)),
    }
}

/// Judges. Of the findings and what an AI synthesis says the stricter counts, so that
/// a quoted or forged word can cost an approval and never give one.
pub fn judge(evidence: Evidence) -> Judgement {
    let open: Vec<Open> = match &evidence.merged {
        Ok(merged) => merged.open().map(|finding| open(finding, evidence.gate_on)).collect(),
        Err(_) => Vec::new(),
    };
    let decision = verdict::decide(&Case {
        gate: evidence.gate,
        reviewers: evidence.reviewers.iter().map(|one| as_reviewer(one, evidence.files)).collect(),
        open: open.clone(),
        obstacles: obstacles(&evidence),
    });
    let stated = match &evidence.synthesis {
        Synthesis::Ai { markers, .. } => markers.result.as_ref().map(Stated::as_result),
        Synthesis::Script { .. } | Synthesis::Failed { .. } => None,
    };
    Judgement {
        verdict: stated.map_or(decision.verdict, |stated| stated.max(decision.verdict)),
        by_findings: decision.verdict,
        blocking: decision.blocking,
        old: open.iter().filter(|one| !one.gates && one.severity.reaches(evidence.gate)).count(),
        obstacles: decision.obstacles,
        evidence,
    }
}

/// What is not known to be old gates.
fn open(finding: &findings::merged::Finding, on: GateOn) -> Open {
    let gates = match on {
        GateOn::All => true,
        GateOn::New => finding.new != Some(false),
    };
    Open { severity: finding.severity, gates }
}

fn as_reviewer(reviewed: &Reviewed, files: u64) -> Reviewer<'_> {
    let says_none = files > 0 && reviewed.claimed == Some(0);
    Reviewer {
        name: reviewed.role.as_str(),
        missing: reviewed.missing.clone().or_else(|| says_none.then(|| "read none of the files".to_owned())),
        // Where no file was to be read, none need be.
        scope: reviewed.scope.as_ref().filter(|_| files > 0),
        denied: reviewed.denied.iter().map(|what| text::visible(what)).collect(),
    }
}

fn obstacles(evidence: &Evidence) -> Vec<String> {
    let mut out = evidence.obstacles.clone();
    match &evidence.merged {
        Err(why) => out.push(format!("the reviews could not be merged: {why}")),
        Ok(merged) => {
            let whole = |input: &&findings::merged::Input| {
                input.complete && matches!(input.recognised.as_str(), "findings" | "clean")
            };
            let read = merged.inputs.iter().filter(whole).count();
            let completed = evidence.reviewers.iter().filter(|one| one.missing.is_none()).count();
            if read < completed {
                out.push(format!("only {read} of {completed} reports could be read whole"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
