//! A plan that was read before its turn.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;

use base::files;
use base::ids::Role;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AgentPlan, Plan, ReportKind};
use crate::entry::{self, Entry};
use crate::layout::ConvoyDir;

/// Longer plans are read when they are needed: many wait at once, each in little memory.
const MOST: u64 = 4 << 20;

/// What of a plan concerns one agent, and the file it was read from. That file is written
/// once; so this is good for as long as the file has its name.
#[derive(Debug)]
pub struct Ahead {
    file: File,
    plan: Plan,
}

impl Ahead {
    /// `None`: the plan is very long, agents may be added to it, it does not have this one,
    /// or it cannot be read now; whoever needs it finds out why ([`Plan::read`]).
    pub fn read(dir: &ConvoyDir, role: &Role) -> Option<Ahead> {
        let file = files::open(&dir.plan()).ok()?;
        if file.metadata().ok()?.len() > MOST {
            return None;
        }
        let mut bytes = Vec::new();
        (&file).read_to_end(&mut bytes).ok()?;
        let plan = part(&bytes, role).ok()??;
        Some(Ahead { file, plan })
    }

    /// What was read, whether it is still good or not.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What concerns the agent, if the plan is still the one of the convoy.
    pub fn take(self, dir: &ConvoyDir) -> Option<Plan> {
        files::has_name(&self.file, &dir.plan()).then_some(self.plan)
    }
}

/// A plan whose agents are not understood yet.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    agents: Vec<&'a Entry>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Of a plan's bytes what concerns this agent; `None`: it is not there, or agents that
/// concern it may join.
fn part(bytes: &[u8], role: &Role) -> serde_json::Result<Option<Plan>> {
    let Outline { agents, mut rest } = serde_json::from_slice(bytes)?;
    rest.insert("agents".to_owned(), Value::Array(Vec::new()));
    let mut plan: Plan = serde_json::from_value(Value::Object(rest))?;
    let mut own = None;
    for entry in &agents {
        if entry::role_of(entry)? == role.as_str() {
            own = Some(serde_json::from_str::<AgentPlan>(entry.get())?);
            break;
        }
    }
    let Some(own) = own else { return Ok(None) };
    let concern = Concern::of(&plan, &own);
    let mut found: Vec<AgentPlan> = Vec::new();
    for entry in agents {
        // What it is may matter beside its name only where there is a budget.
        if concern.has_role(&entry::role_of(entry)?) || concern.has_budget {
            let other: AgentPlan = serde_json::from_str(entry.get())?;
            found.extend(Some(other).filter(|other| concern.has(other)));
        }
    }
    if found.iter().any(|agent| agent.fan_out.is_some() && concern.has_role(agent.role.as_str())) {
        return Ok(None);
    }
    plan.prompts.retain(|subagent, _| *subagent == own.subagent);
    plan.agents = found;
    Ok(Some(plan))
}

/// Which agents concern one: itself, those that it depends on (of a stage those that join
/// it), and those that a budget keeps a share for.
struct Concern<'a> {
    own: &'a AgentPlan,
    depends_on: HashSet<&'a str>,
    has_budget: bool,
}

impl<'a> Concern<'a> {
    fn of(plan: &Plan, own: &'a AgentPlan) -> Self {
        Concern {
            own,
            depends_on: own.depends_on.iter().map(Role::as_str).collect(),
            has_budget: plan.has_budget(),
        }
    }

    fn has_role(&self, role: &str) -> bool {
        role == self.own.role.as_str() || self.depends_on.contains(role)
    }

    fn has(&self, other: &AgentPlan) -> bool {
        self.has_role(other.role.as_str())
            || other.group.as_ref().is_some_and(|group| self.depends_on.contains(group.as_str()))
            || (self.has_budget && other.report == ReportKind::Synthesis)
    }
}

impl Plan {
    /// Lets go of what does not concern this agent: hundreds of supervisors may each have
    /// a plan of hundreds of agents.
    pub fn keep_what_concerns(&mut self, role: &Role) {
        let Some(own) = self.agent(role).cloned() else { return };
        let concern = Concern::of(self, &own);
        self.agents.retain(|other| concern.has(other));
        self.agents.shrink_to_fit();
        self.prompts.retain(|subagent, _| *subagent == own.subagent);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::layout::Home;

    #[test]
    fn a_plan_is_good_as_long_as_its_file_is_the_one() {
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        fs::create_dir_all(dir.dir()).unwrap();
        let write = |plan: &Plan| {
            let new = dir.dir().join("new");
            fs::write(&new, serde_json::to_vec(plan).unwrap()).unwrap();
            fs::rename(new, dir.plan()).unwrap();
        };
        let role = |text: &str| text.parse::<Role>().unwrap();
        let mut plan = crate::prompt::tests::plan();
        let one = plan.agents[0].clone();
        let agent = |name: &str, depends_on: &[&str]| AgentPlan {
            role: role(name),
            depends_on: depends_on.iter().map(|name| role(name)).collect(),
            ..one.clone()
        };
        let stage = serde_json::json!({"from": "a", "max": 2, "chunk": 1});
        let stage = Some(serde_json::from_value(stage).unwrap());
        plan.agents = vec![
            agent("behind", &["sum"]),
            agent("sum", &["a", "c"]),
            AgentPlan { report: ReportKind::Synthesis, ..agent("last", &["a"]) },
            agent("a", &[]),
            agent("b", &[]),
            AgentPlan { fan_out: stage, ..agent("parts", &["b"]) },
            agent("after", &["parts"]),
            AgentPlan { subagent: "other".parse().unwrap(), ..agent("c", &[]) },
        ];
        plan.prompts.insert("other".parse().unwrap(), "More".to_owned());
        assert!(Ahead::read(&dir, &role("sum")).is_none(), "there is none");
        for budget in [None, Some(1.5)] {
            plan.budget_usd = budget;
            write(&plan);
            for one in &plan.agents {
                let mut want = plan.clone();
                want.keep_what_concerns(&one.role);
                // Of a stage those that will join it concern who depends on it.
                let want = Some(want).filter(|_| !["parts", "after"].contains(&one.role.as_str()));
                let read = Ahead::read(&dir, &one.role).and_then(|ahead| ahead.take(&dir));
                assert_eq!(read, want, "{}", one.role);
            }
            let ahead = Ahead::read(&dir, &role("sum")).unwrap();
            let roles: Vec<_> = ahead.plan().agents.iter().map(|agent| agent.role.as_str()).collect();
            let want = if budget.is_some() { &["sum", "last", "a", "c"][..] } else { &["sum", "a", "c"] };
            assert_eq!(roles, want);
        }
        assert!(Ahead::read(&dir, &role("nobody")).is_none());
        plan.agents.push(AgentPlan { group: Some(role("parts")), ..agent("parts-1", &["b"]) });
        let mut after = plan.clone();
        after.keep_what_concerns(&role("after"));
        let roles: Vec<_> = after.agents.iter().map(|agent| agent.role.as_str()).collect();
        assert_eq!(roles, ["last", "parts", "after", "parts-1"]);
        let ahead = Ahead::read(&dir, &role("sum")).unwrap();
        write(&plan);
        assert_eq!(ahead.take(&dir), None, "another file");
        plan.prompts.insert("long".parse().unwrap(), "x".repeat(MOST as usize));
        write(&plan);
        assert!(Ahead::read(&dir, &role("sum")).is_none(), "it is long");
        fs::write(dir.plan(), "{").unwrap();
        assert!(Ahead::read(&dir, &role("sum")).is_none(), "it is torn");
    }
}
