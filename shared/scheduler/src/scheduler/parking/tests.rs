use serde_json::{Value, json};

use super::*;

fn plan(depends_on: &[Vec<usize>]) -> Plan {
    let mut plan = crate::lost_plan::stand_in(&state(&"p".repeat(depends_on.len())));
    let roles: Vec<Role> = plan.agents.iter().map(|agent| agent.role.clone()).collect();
    for (agent, on) in plan.agents.iter_mut().zip(depends_on) {
        agent.depends_on = on.iter().map(|&on| roles[on].clone()).collect();
    }
    plan
}

fn next(state: &State, depends_on: &[Vec<usize>], most: usize) -> Vec<usize> {
    super::next(state, &Graph::of(plan(depends_on)), most)
}

/// Agents by what they are at: `r` runs, `p` is pending, `w` waits for a time, `c` is completed.
fn state(at: &str) -> State {
    let agents: Vec<Value> = at
        .chars()
        .enumerate()
        .map(|(n, at)| {
            let status = match at {
                'r' => "running",
                'c' => "completed",
                _ => "pending",
            };
            let mut agent = json!({"role": format!("a{n}"), "subagent": "s", "tmuxSession": "", "status": status,
                "attempt": u32::from(at == 'r'), "runner": "command"});
            if at == 'w' {
                agent["notBefore"] = json!("2030-01-01T00:00:00Z");
            }
            agent
        })
        .collect();
    serde_json::from_value(json!({
        "schemaVersion": 1, "id": "convoy-t-abcdef", "template": "t", "status": "running",
        "startedAt": "2026-01-01T00:00:00Z", "outputDir": "/o", "context": { "projectPath": "/p" }, "host": "h",
        "revision": 0, "clock": { "at": {"boot": "b", "ms": 0}, "elapsedMs": 0 }, "agents": agents,
    }))
    .unwrap()
}

#[test]
fn those_are_next_whose_turn_is_nearest() {
    let chain = [vec![], vec![0], vec![1], vec![2], vec![3]];
    assert_eq!(next(&state("rpppp"), &chain, 8), [1, 2, 3, 4]);
    assert_eq!(next(&state("crppp"), &chain, 2), [2, 3]);
    assert_eq!(next(&state("rpppp"), &chain, 0), [0; 0]);
    // Behind everything, in whatever order they are listed.
    let diamond = [vec![1, 2], vec![3], vec![3], vec![]];
    assert_eq!(next(&state("pppr"), &diamond, 8), [1, 2, 0]);
    assert_eq!(next(&state("pppr"), &diamond, 2), [1, 2]);
    // Ready, and waiting for a free place.
    assert_eq!(next(&state("rrpp"), &[vec![], vec![], vec![], vec![]], 1), [2]);
    // A stage runs nothing; those behind it do.
    let mut staged = plan(&[vec![], vec![0], vec![1]]);
    staged.agents[1].fan_out = serde_json::from_value(json!({"from": "a0", "max": 2, "chunk": 1})).unwrap();
    assert_eq!(super::next(&state("rpp"), &Graph::of(staged), 8), [2]);
    // One that waits for a time has no use of it; those behind it have.
    assert_eq!(next(&state("rwp"), &[vec![], vec![0], vec![1]], 8), [2]);
}

#[test]
fn what_is_waited_for_is_said_in_few_words() {
    let named = |count: usize| {
        let mut plan = crate::lost_plan::stand_in(&state(&"p".repeat(12)));
        plan.agents[0].depends_on = (1..=count).map(|n| format!("a{n}").parse().unwrap()).collect();
        words(&plan, 0)
    };
    assert_eq!(named(0), "a free place");
    assert_eq!(named(2), "a1, a2");
    assert_eq!(named(11), "a1, a2, a3, a4, a5, a6, a7, a8 and 3 more");
}
