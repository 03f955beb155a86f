//! The findings of all reports together, and the order of what they are made of.

use findings::Severity;
use findings::changed::GateOn;
use findings::second_look::SecondLook;

use crate::model::{Counts, Finding, Input, Member};

/// The result of a merge: the JSON output without its version.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    pub inputs: Vec<Input>,
    pub findings: Vec<Finding>,
    /// Open findings of earlier reviews that nobody told of this time.
    pub carried: Vec<Finding>,
    /// Findings of earlier reviews that are mended or whose code is gone.
    pub closed: Vec<Finding>,
    /// What the verdict is held against.
    pub gate: Gate,
}

impl Merged {
    /// Findings that stand: neither withdrawn, settled, suppressed, refuted nor gone.
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| stands(f))
    }

    /// What is open: what was found and stands, and what earlier reviews left open.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.standing().chain(self.carried.iter().filter(|f| stands(f)))
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.standing().for_each(|f| counts.add(f.severity));
        counts
    }

    /// How many members were merged away.
    pub fn duplicates(&self) -> usize {
        self.findings.iter().map(|f| f.members.len().saturating_sub(1)).sum()
    }
}

/// Is it open: neither withdrawn, settled, suppressed, refuted nor gone?
pub fn stands(finding: &Finding) -> bool {
    !finding.withdrawn
        && !finding.status.is_settled()
        && finding.suppressed.is_none()
        && !finding.second_look.as_ref().is_some_and(SecondLook::is_refuted)
        && finding.baseline.as_deref() != Some("gone")
}

/// What a merge is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    pub level: Severity,
    pub on: GateOn,
}

impl Default for Gate {
    fn default() -> Self {
        Gate { level: Severity::High, on: GateOn::All }
    }
}

impl Gate {
    /// Does it look at this finding?
    pub fn looks_at(self, finding: &Finding) -> bool {
        self.on == GateOn::All || finding.new != Some(false)
    }
}

/// One order of members, whatever the order of inputs was.
pub(crate) fn sort(members: &mut [Member]) {
    members.sort_by(|a, b| {
        (&a.source, a.byte_range, &a.title, &a.locations, &a.text).cmp(&(
            &b.source,
            b.byte_range,
            &b.title,
            &b.locations,
            &b.text,
        ))
    });
}

/// `<source>#<n>`: how a member can be named by people.
pub fn member_names(members: &[Member]) -> Vec<String> {
    let mut names = Vec::with_capacity(members.len());
    let mut n = 0;
    for (at, member) in members.iter().enumerate() {
        n = if at > 0 && members[at - 1].source == member.source { n + 1 } else { 1 };
        names.push(format!("{}#{n}", member.source));
    }
    names
}
