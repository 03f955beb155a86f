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
    /// The reason for people.
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

    /// One line for people: `APPROVED: no new finding is open at or above the gate (high)`.
    pub fn line(&self) -> String {
        let why = match self.verdict {
            Verdict::Commented => self.obstacles.first().cloned().unwrap_or_default(),
            Verdict::ChangesRequested if self.is_stricter() => self.stated(),
            Verdict::Approved | Verdict::ChangesRequested => self.standing(),
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

    /// Do changes stand wanted because the synthesis says so, and by no finding?
    pub fn is_stricter(&self) -> bool {
        self.verdict == Verdict::ChangesRequested && self.blocking == 0
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

/// Judges.
pub fn judge(evidence: Evidence) -> Judgement {
    let open: Vec<Open> = match &evidence.merged {
        Ok(merged) => merged.open().map(|finding| open(finding, evidence.gate_on)).collect(),
        Err(_) => Vec::new(),
    };
    let stated = match &evidence.synthesis {
        Synthesis::Ai { markers, .. } => markers.result.as_ref(),
        Synthesis::Script { .. } | Synthesis::Failed { .. } => None,
    };
    let stated = stated.map(|stated| verdict::Stated {
        by: "the synthesis",
        verdict: stated.as_result(),
        word: said(stated),
    });
    let decision = verdict::decide(&Case {
        gate: evidence.gate,
        reviewers: evidence.reviewers.iter().map(|one| as_reviewer(one, evidence.files)).collect(),
        open: open.clone(),
        stated,
        obstacles: obstacles(&evidence),
    });
    Judgement {
        verdict: decision.verdict,
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
            out.extend(miscounted(evidence, merged));
        }
    }
    out
}

/// A count of the synthesis that cannot be true: it tells of issues where no reviewer
/// told any, or of no file where some were read. Other counts may differ: it joins
/// and sorts findings in its own way.
fn miscounted(evidence: &Evidence, merged: &Merged) -> Option<String> {
    let Synthesis::Ai { markers, .. } = &evidence.synthesis else { return None };
    let told = merged.findings.len() + merged.carried.len() + merged.closed.len();
    let issues = markers.security_issues.max(markers.performance_issues).filter(|&n| n > 0 && told == 0);
    if let Some(n) = issues {
        let issues = if n == 1 { "1 issue".to_owned() } else { format!("{n} issues") };
        return Some(format!("the synthesis tells of {issues}, and no reviewer of any"));
    }
    let read = crate::reviewer::count_read(&evidence.reviewers).filter(|&read| read > 0)?;
    let files = if read == 1 { "1 file".to_owned() } else { format!("{read} files") };
    (markers.files_reviewed == Some(0))
        .then(|| format!("the synthesis says that no file was reviewed, and {files} were read"))
}

#[cfg(test)]
mod tests;
