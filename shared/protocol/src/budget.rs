//! Budgets of a convoy: what an agent may still spend. The scheduler asks
//! before it begins an agent, the supervisor while it runs.

use base::ids::Role;
use base::{Error, Result, files};

use crate::layout::ConvoyDir;
use crate::outcome::Usage;
use crate::plan::{AgentPlan, Plan, ReportKind};
use crate::state::{Paid, State};

/// This share of a convoy's budget is kept for the synthesis, so that what the
/// others found is written up when they have used up theirs.
const SYNTHESIS_SHARE: f64 = 0.2;

/// The most somebody may spend.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ceiling {
    pub usd: Option<f64>,
    pub tokens: Option<u64>,
}

impl Ceiling {
    /// The words for it when this is more.
    pub fn exceeded_by(&self, usage: &Usage) -> Option<String> {
        let cost = usage.cost_usd.unwrap_or(0.0);
        if let Some(usd) = self.usd.filter(|usd| cost > 0.0 && cost >= *usd) {
            return Some(format!("${cost:.2} spent, ${usd:.2}"));
        }
        let tokens = self.tokens.filter(|tokens| usage.tokens() > 0 && usage.tokens() >= *tokens)?;
        Some(format!("{} tokens spent, {tokens}", usage.tokens()))
    }

    fn is_nothing(&self) -> bool {
        self.usd.is_some_and(|usd| usd <= 0.0) || self.tokens == Some(0)
    }
}

/// What is left for an agent of the convoy's budget when the others have spent
/// this. The synthesis has its share in any case.
pub fn ceiling(plan: &Plan, agent: &AgentPlan, others: &Usage) -> Ceiling {
    let is_synthesis = agent.report == ReportKind::Synthesis;
    let kept = plan.agents.iter().any(|other| other.report == ReportKind::Synthesis);
    let share = if kept { SYNTHESIS_SHARE } else { 0.0 };
    let left = |budget: f64, spent: f64| {
        if is_synthesis {
            (budget - spent).max(budget * share)
        } else {
            (budget * (1.0 - share) - spent).max(0.0)
        }
    };
    Ceiling {
        usd: plan.budget_usd.map(|usd| left(usd, others.cost_usd.unwrap_or(0.0))),
        tokens: plan.budget_tokens.map(|tokens| left(tokens as f64, others.tokens() as f64) as u64),
    }
}

/// Is nothing left for an agent of an AI that has not begun, when all have spent this?
pub fn is_used_up(plan: &Plan, agent: &AgentPlan, spent: &Usage) -> bool {
    plan.has_budget() && ceiling(plan, agent, spent).is_nothing()
}

/// So many files somebody who looks again at a finding is taken to read.
const FILES_OF_A_LOOK: f64 = 4.0;

/// How many agents of a stage what is left of the budget will do for. `None`: that is not
/// to be asked, there is no budget, or nobody has told what an agent costs.
pub fn paid(plan: &Plan, agent: &AgentPlan, state: &State) -> Option<Paid> {
    if !agent.fan_out.as_ref()?.within_budget {
        return None;
    }
    let left = ceiling(plan, agent, &total(state));
    let price = price(plan, state);
    let usd = left.usd.zip(price.usd).map(|(left, price)| {
        (left / price, format!("${left:.2} of the budget is left, and one is taken to cost ${price:.3}"))
    });
    let tokens = left.tokens.zip(price.tokens).map(|(left, price)| {
        let why = format!("{left} tokens of the budget are left, and one is taken to need {price}");
        (left as f64 / price as f64, why)
    });
    let narrower = usd.into_iter().chain(tokens).min_by(|a, b| a.0.total_cmp(&b.0));
    narrower.map(|(agents, why)| Paid { agents: agents as u32, why })
}

/// What one who looks again at a finding is taken to spend: what those spent who have, and
/// before that what reviewers did for a few files.
fn price(plan: &Plan, state: &State) -> Ceiling {
    let agents = || plan.agents.iter().zip(&state.agents).filter(|(_, agent)| agent.is_completed());
    let spent = |kind: ReportKind| {
        let of_kind = agents().filter(move |(plan, _)| plan.report == kind);
        of_kind.filter_map(|(plan, agent)| Some((plan, agent.usage?)))
    };
    let files = |agent: &AgentPlan| agent.files.map_or(plan.inputs.file_count, |files| files.count as u64);
    let share = |agent: &AgentPlan| (FILES_OF_A_LOOK / files(agent).max(1) as f64).min(1.0);
    let mut known: Vec<(f64, Usage)> =
        spent(ReportKind::Verification).map(|(_, usage)| (1.0, usage)).collect();
    if known.is_empty() {
        known = spent(ReportKind::Findings).map(|(agent, usage)| (share(agent), usage)).collect();
    }
    let mean = |costs: Vec<f64>| {
        let (sum, count) = (costs.iter().sum::<f64>(), costs.len() as f64);
        (sum > 0.0).then(|| sum / count)
    };
    let usd = known.iter().filter_map(|(share, usage)| Some(share * usage.cost_usd?)).collect();
    let tokens = known.iter().map(|(share, usage)| share * usage.tokens() as f64).collect();
    Ceiling { usd: mean(usd), tokens: mean(tokens).map(|tokens| (tokens as u64).max(1)) }
}

/// What all agents have spent, attempts that run not counted.
pub fn total(state: &State) -> Usage {
    state.agents.iter().filter_map(|agent| agent.usage).fold(Usage::default(), Usage::plus)
}

/// What the attempts that run have told so far, but for one role's. An error: not
/// all of it can be read now.
pub fn live(dir: &ConvoyDir, state: &State, but: Option<&Role>) -> Result<Usage> {
    let mut sum = Usage::default();
    for agent in state.agents.iter().filter(|agent| agent.is_running()) {
        if Some(&agent.role) == but {
            continue;
        }
        let path = dir.attempt(&agent.role, agent.attempt).usage();
        // None: it has told nothing yet, or has just ended; then it is in the state.
        let Some(bytes) = files::read_if_there(&path)? else { continue };
        let usage = serde_json::from_slice(&bytes)
            .map_err(|error| Error::Unreadable { path, source: error.into() })?;
        sum = sum.plus(usage);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Home;

    #[test]
    fn what_cannot_be_read_is_not_nothing() {
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        std::fs::create_dir_all(dir.dir()).unwrap();
        let agent = |role: &str| {
            serde_json::json!({
                "role": role, "subagent": "a", "tmuxSession": "s", "status": "running", "attempt": 1, "runner": "claude",
            })
        };
        let state: State = serde_json::from_value(serde_json::json!({
            "schemaVersion": 1, "id": "convoy-t-abcdef", "template": "t", "status": "running",
            "host": "h", "revision": 1, "clock": { "at": { "boot": "b", "ms": 1 }, "elapsedMs": 0 }, "outputDir": "/out", "context": { "projectPath": "/p", "files": [], "fileCount": 0 },
            "startedAt": "2026-01-01T00:00:00Z", "agents": [agent("one"), agent("two")],
        }))
        .unwrap();
        let tokens = |but: Option<&Role>| live(&dir, &state, but).map(|usage| usage.input_tokens);
        assert_eq!(tokens(None).unwrap(), 0, "nobody has told anything yet");

        let two: Role = "two".parse().unwrap();
        let path = dir.attempt(&two, 1).usage();
        let told = Usage { input_tokens: 7, ..Usage::default() };
        std::fs::write(&path, serde_json::to_vec(&told).unwrap()).unwrap();
        assert_eq!(tokens(None).unwrap(), 7);

        std::fs::write(&path, b"{\"input").unwrap();
        assert!(matches!(tokens(None), Err(Error::Unreadable { path: named, .. }) if named == path));
        assert_eq!(tokens(Some(&two)).unwrap(), 0, "its own figures are not asked for");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(tokens(None).is_err());
    }
}
