//! A plan as a graph. Agents are looked up in it at every step and at every file that
//! appears, and it does not change: so what follows from it alone is worked out once.

use std::ops::Deref;

use base::ids::Role;
use protocol::plan::{AgentPlan, FanOut, Plan, ReportKind};

/// A plan, and its agents by what they are to each other.
#[derive(Debug)]
pub(crate) struct Graph {
    plan: Plan,
    /// All agents, in the order of their roles.
    by_role: Vec<usize>,
    depends_on: Vec<Vec<Option<usize>>>,
    stages: Vec<usize>,
    reviews: Vec<usize>,
    alone: Vec<usize>,
}

impl Graph {
    pub(crate) fn of(plan: Plan) -> Graph {
        let mut by_role: Vec<usize> = (0..plan.agents.len()).collect();
        by_role.sort_by_key(|&index| &plan.agents[index].role);
        let indices = |agent: &AgentPlan| {
            agent.depends_on.iter().map(|role| find(&plan, &by_role, role)).collect::<Vec<_>>()
        };
        let depends_on = plan.agents.iter().map(indices).collect();
        let those = |is_one: fn(&AgentPlan) -> bool| {
            let agents = plan.agents.iter().enumerate();
            agents.filter(|(_, agent)| is_one(agent)).map(|(index, _)| index).collect()
        };
        let stages = those(|agent| agent.fan_out.is_some());
        let reviews = those(|agent| matches!(agent.report, ReportKind::Findings | ReportKind::Verification));
        let alone = those(|agent| !agent.parallel);
        Graph { plan, by_role, depends_on, stages, reviews, alone }
    }

    /// The place of this role among the agents.
    pub(crate) fn index_of(&self, role: &Role) -> Option<usize> {
        find(&self.plan, &self.by_role, role)
    }

    /// What an agent depends on, in the order of its plan; `None`: on nobody there is.
    pub(crate) fn depends_on(&self, agent: usize) -> &[Option<usize>] {
        self.depends_on.get(agent).map_or(&[], Vec::as_slice)
    }

    /// Those that run nothing themselves.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (usize, &AgentPlan, &FanOut)> {
        self.among(&self.stages).filter_map(|(index, agent)| Some((index, agent, agent.fan_out.as_ref()?)))
    }

    /// Those whose reports are merged: reviews, and second looks at them.
    pub(crate) fn reviews(&self) -> impl Iterator<Item = (usize, &AgentPlan)> {
        self.among(&self.reviews)
    }

    /// Those that nothing runs beside.
    pub(crate) fn alone(&self) -> &[usize] {
        &self.alone
    }

    fn among(&self, indices: &[usize]) -> impl Iterator<Item = (usize, &AgentPlan)> {
        indices.iter().map(|&index| (index, &self.plan.agents[index]))
    }
}

impl Deref for Graph {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

fn find(plan: &Plan, by_role: &[usize], role: &Role) -> Option<usize> {
    let place = by_role.binary_search_by(|&index| plan.agents[index].role.cmp(role)).ok()?;
    by_role.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::tests::common::{after, agent, plan, role};

    #[test]
    fn agents_are_what_the_plan_makes_them_to_each_other() {
        let mut agents = vec![after("c", &["b", "nobody", "a"]), agent("b"), after("d", &["c"]), agent("a")];
        agents[0].report = ReportKind::Findings;
        agents[1].parallel = false;
        agents[2].report = ReportKind::Synthesis;
        let stage = serde_json::json!({"from": "c", "max": 2, "chunk": 1});
        agents[3].fan_out = serde_json::from_value(stage).unwrap();
        agents[3].report = ReportKind::Verification;
        let graph = Graph::of(plan(agents));
        for (index, agent) in graph.agents.iter().enumerate() {
            assert_eq!(graph.index_of(&agent.role), Some(index), "{}", agent.role);
        }
        assert_eq!(graph.index_of(&role("nobody")), None);
        assert_eq!(graph.depends_on(0), [Some(1), None, Some(3)]);
        assert_eq!(
            [graph.depends_on(1), graph.depends_on(2), graph.depends_on(4)],
            [&[][..], &[Some(0)], &[]]
        );
        assert_eq!(graph.stages().map(|(index, ..)| index).collect::<Vec<_>>(), [3]);
        assert_eq!(graph.reviews().map(|(index, _)| index).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(graph.alone(), [1]);
    }
}
