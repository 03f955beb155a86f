//! What `step` makes of whole convoys: order, limits, dependencies, the merge,
//! time (P2, P3, P9).

use super::common::{
    CONVOY_TIMEOUT_MS, Convoy, after, agent, at, ended, failed, held, launch, merged, owner, plan, queued,
    role, wall,
};
use crate::step::{
    Effect, LAUNCH_DEADLINE_MS, MAX_MERGE_FAILURES, MergeFact, Observations, RELAUNCH_MS, running_ms,
};
use protocol::claim::{AttemptFact, Owner};
use protocol::outcome::{AgentStatus, Reason, Usage};
use protocol::plan::{AgentPlan, Plan, ReportKind, Require};
use protocol::record::Outcome;
use protocol::retry;
use protocol::state::{ConvoyStatus, MergeStatus};

const MERGE: Effect = Effect::Merge { k: 1 };

fn ok() -> AttemptFact {
    ended(Outcome::Completed)
}

fn review(name: &str) -> AgentPlan {
    AgentPlan { report: ReportKind::Findings, ..agent(name) }
}

fn synthesis(name: &str, needs: &[&str]) -> AgentPlan {
    AgentPlan { report: ReportKind::Synthesis, require: Require::Any, ..after(name, needs) }
}

fn status(convoy: &Convoy, name: &str) -> AgentStatus {
    let index = convoy.plan.agents.iter().position(|agent| agent.role.as_str() == name);
    convoy.agent(index.unwrap_or(usize::MAX)).status()
}

/// Runs everything to its end, all agents well; the roles in the order they began.
fn order_of(mut convoy: Convoy) -> Vec<Vec<String>> {
    let mut waves = Vec::new();
    let mut effects = convoy.turn(0, vec![]);
    while !effects.is_empty() {
        let begun = effects.iter().filter_map(|effect| match effect {
            Effect::Launch { agent, .. } => Some(*agent),
            _ => None,
        });
        let begun: Vec<usize> = begun.collect();
        let mut names: Vec<String> =
            begun.iter().map(|agent| convoy.plan.agents[*agent].role.to_string()).collect();
        names.sort();
        waves.push(names);
        effects = convoy.turn(1, begun.into_iter().map(|agent| (agent, ok())).collect());
    }
    assert_eq!(convoy.state.status, ConvoyStatus::Completed);
    waves
}

#[test]
fn the_order_of_the_list_makes_no_difference() {
    let agents = [after("d", &["b", "c"]), agent("a"), after("c", &["a"]), after("b", &["a"])];
    let expected: Vec<Vec<&str>> = vec![vec!["a"], vec!["b", "c"], vec!["d"]];
    for first in 0..4 {
        for second in 0..4 {
            let mut agents = agents.to_vec();
            agents.rotate_left(first);
            agents.swap(0, second);
            assert_eq!(order_of(Convoy::new(agents)), expected, "{first} {second}");
        }
    }
}

#[test]
fn a_thousand_agents_start_at_once_in_any_order() {
    let names: Vec<String> = (0..1000).map(|n| format!("a{n}")).collect();
    let mut wide: Vec<AgentPlan> = names.iter().map(|name| agent(name)).collect();
    let needs: Vec<&str> = names.iter().map(String::as_str).collect();
    wide.insert(0, after("last", &needs));
    let mut convoy = Convoy::new(wide);
    assert_eq!(convoy.turn(0, vec![]).len(), 1000);
    let facts = (1..=1000).map(|index| (index, ok())).collect();
    assert_eq!(convoy.turn(1, facts), [launch(0, 1)]);
}

#[test]
fn a_chain_of_a_thousand_falls_in_one_step() {
    // Listed backwards: the worst order for a single pass.
    let mut chain: Vec<AgentPlan> =
        (1..1000).rev().map(|n| after(&format!("a{n}"), &[&format!("a{}", n - 1)])).collect();
    chain.push(agent("a0"));
    let mut convoy = Convoy::new(chain);
    assert_eq!(convoy.turn(0, vec![]), [launch(999, 1)]);
    assert_eq!(convoy.turn(1, vec![(999, failed(Reason::ExitCode))]), []);
    assert!(convoy.state.ended());
    let fallen = convoy.state.agents.iter().filter(|a| a.reason() == Some(Reason::Dependencies)).count();
    assert_eq!(fallen, 999);
}

#[test]
fn at_most_so_many_at_once() {
    let agents = ["a", "b", "c"].map(agent).to_vec();
    let mut convoy = Convoy::of(Plan { max_parallel: Some(2), ..plan(agents) });
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1), launch(1, 1)]);
    // A void attempt and its successor are one agent; the slot is not given away.
    assert_eq!(convoy.turn(1, vec![(0, AttemptFact::Void)]), [launch(0, 2)]);
    assert_eq!(convoy.turn(2, vec![(1, failed(Reason::ExitCode))]), [launch(2, 1)]);
}

#[test]
fn an_exclusive_agent_runs_alone() {
    let alone = |name| AgentPlan { parallel: false, ..agent(name) };
    let mut convoy = Convoy::new(vec![agent("a"), alone("b"), agent("c"), alone("d")]);
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1), launch(2, 1)]);
    assert_eq!(convoy.turn(1, vec![(0, ok())]), []);
    // Of two, the first in the template.
    assert_eq!(convoy.turn(2, vec![(2, ok())]), [launch(1, 1)]);
    assert_eq!(convoy.turn(3, vec![(1, ok())]), [launch(3, 1)]);
    assert_eq!(convoy.turn(4, vec![(3, ok())]), []);
    assert_eq!(convoy.state.status, ConvoyStatus::Completed);
    let mut first = Convoy::new(vec![alone("b"), agent("a")]);
    assert_eq!(first.turn(0, vec![]), [launch(0, 1)]);
}

#[test]
fn how_many_dependencies_are_required() {
    // (require, how many of three completed) → does it begin?
    let cases = [
        (Require::All, 3, true),
        (Require::All, 2, false),
        (Require::Any, 1, true),
        (Require::Any, 0, false),
        (Require::AtLeast(2), 2, true),
        (Require::AtLeast(2), 1, false),
        (Require::AtLeast(0), 0, true),
        (Require::AtLeast(9), 3, true),
    ];
    for (require, good, begins) in cases {
        let last = AgentPlan { require, ..after("d", &["a", "b", "c"]) };
        let mut convoy = Convoy::new(vec![last, agent("a"), agent("b"), agent("c")]);
        convoy.turn(0, vec![]);
        for index in 1..=3 {
            assert_eq!(status(&convoy, "d"), AgentStatus::Pending, "{require:?}: not before all have ended");
            let fact = if index <= good { ok() } else { failed(Reason::ExitCode) };
            convoy.turn(1, vec![(index, fact)]);
        }
        let expected = if begins { AgentStatus::Running } else { AgentStatus::Failed };
        assert_eq!(status(&convoy, "d"), expected, "{require:?} of {good}");
    }
}

#[test]
fn one_failure_leaves_independent_agents_alone() {
    let mut convoy = Convoy::new(vec![agent("a"), agent("b"), after("c", &["a"]), after("d", &["b"])]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, failed(Reason::Auth))]);
    assert_eq!(status(&convoy, "c"), AgentStatus::Failed);
    assert_eq!(convoy.turn(2, vec![(1, ok())]), [launch(3, 1)]);
    convoy.turn(3, vec![(3, ok())]);
    assert_eq!(convoy.state.status, ConvoyStatus::Partial);
}

#[test]
fn synthesis_waits_for_the_merge_of_every_review() {
    let agents = vec![synthesis("s", &["a", "b"]), review("a"), review("b")];
    let mut convoy = Convoy::new(agents);
    convoy.turn(0, vec![]);
    assert_eq!(convoy.turn(1, vec![(1, ok())]), []);
    assert_eq!(convoy.turn(2, vec![(2, ok())]), [MERGE]);
    let merge = convoy.state.merge.clone().expect("a merge");
    assert_eq!(merge.of, [(role("a"), 1), (role("b"), 1)].into());
    // Level-triggered: asked for until it is settled.
    assert_eq!(convoy.turn(3, vec![]), [MERGE]);
    // Another merge's outcome is nothing.
    assert_eq!(convoy.merge(4, 2, merged()), [MERGE]);
    assert_eq!(convoy.merge(5, 1, merged()), [launch(0, 1)]);
    convoy.turn(6, vec![(0, ok())]);
    assert_eq!(convoy.state.status, ConvoyStatus::Completed);
}

/// A review that has cost a dollar, and a stage behind it for which so much is left; what
/// the budget will do for.
fn paid(within_budget: bool, budget: Option<f64>, cost: Option<f64>, files: u64) -> Option<u32> {
    let fan_out = serde_json::json!({"from": "merge", "max": 9, "chunk": 1, "withinBudget": within_budget});
    let stage = AgentPlan {
        fan_out: serde_json::from_value(fan_out).ok(),
        report: ReportKind::Verification,
        ..after("v", &["a"])
    };
    let mut plan = plan(vec![review("a"), stage]);
    (plan.budget_usd, plan.inputs.file_count) = (budget, files);
    let mut convoy = Convoy::of(plan);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, ok())]);
    convoy.state.agents[0].usage = Some(Usage { cost_usd: cost, ..Usage::default() });
    assert_eq!(convoy.merge(2, 1, merged()), [Effect::Expand { expansion: 0 }]);
    convoy.state.expansions[0].paid.as_ref().map(|paid| paid.agents)
}

#[test]
fn a_stage_has_no_more_agents_than_the_budget_will_do_for() {
    // Of ten files a look is taken to need four, and of two no more than a review.
    assert_eq!(paid(true, Some(2.0), Some(1.0), 10), Some(2));
    assert_eq!(paid(true, Some(2.5), Some(1.0), 2), Some(1));
    assert_eq!(paid(true, Some(1.3), Some(1.0), 10), Some(0));
    assert_eq!(paid(true, Some(0.5), Some(1.0), 10), Some(0));
    // Not asked, no budget, and nobody tells a cost.
    assert_eq!(paid(false, Some(1.3), Some(1.0), 10), None);
    assert_eq!(paid(true, None, Some(1.0), 10), None);
    assert_eq!(paid(true, Some(1.3), None, 10), None);
}

#[test]
fn a_merge_that_fails_is_tried_again_and_then_given_up() {
    let mut convoy = Convoy::new(vec![review("a"), synthesis("s", &["a"])]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, ok())]);
    let fail = || MergeFact::Failed { detail: "no".to_owned() };
    for _ in 1..MAX_MERGE_FAILURES {
        assert_eq!(convoy.merge(2, 1, fail()), [MERGE]);
    }
    assert_eq!(convoy.merge(3, 1, fail()), [launch(1, 1)]);
    assert_eq!(convoy.state.merge.as_ref().map(|merge| merge.status), Some(MergeStatus::Failed));
    convoy.turn(4, vec![(1, failed(Reason::ExitCode))]);
    assert_eq!(convoy.state.status, ConvoyStatus::Partial);
}

#[test]
fn the_merge_is_written_whoever_fails_behind_it() {
    let mut convoy = Convoy::new(vec![review("a"), review("b"), after("s", &["a", "b"])]);
    convoy.turn(0, vec![]);
    assert_eq!(convoy.turn(1, vec![(0, ok()), (1, failed(Reason::Auth))]), [MERGE]);
    assert_eq!(status(&convoy, "s"), AgentStatus::Failed);
    assert!(!convoy.state.ended(), "not before the merge is settled");
    convoy.merge(2, 1, merged());
    assert_eq!(convoy.state.status, ConvoyStatus::Partial);
}

#[test]
fn a_review_that_ends_later_is_merged_again() {
    // `d` needs `a` only; the merge for it does not cover `b`.
    let mut convoy = Convoy::new(vec![review("a"), review("b"), after("d", &["a"])]);
    convoy.turn(0, vec![]);
    assert_eq!(convoy.turn(1, vec![(0, ok())]), [MERGE]);
    assert_eq!(convoy.merge(2, 1, merged()), [launch(2, 1)]);
    convoy.turn(3, vec![(2, ok())]);
    assert_eq!(convoy.turn(4, vec![(1, ok())]), [Effect::Merge { k: 2 }]);
    convoy.merge(5, 2, merged());
    assert_eq!(convoy.state.status, ConvoyStatus::Completed);
    // A retried review is another attempt, and another merge.
    let roles = retry::with_dependents(&convoy.plan, &[role("a")].into());
    convoy.state = retry::reopen(&convoy.state, &convoy.plan, &roles, &at(6), "h");
    assert_eq!(convoy.turn(7, vec![]), [launch(0, 2)]);
    assert_eq!(convoy.turn(8, vec![(0, ok())]), [Effect::Merge { k: 3 }]);
}

#[test]
fn a_convoy_out_of_time_keeps_what_is_good() {
    let mut convoy = Convoy::new(vec![agent("a"), agent("b")]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, ok()), (1, held(0))]);
    convoy.turn(CONVOY_TIMEOUT_MS, vec![(1, failed(Reason::Stopped))]);
    assert_eq!((convoy.state.status, convoy.state.reason), (ConvoyStatus::Partial, Some(Reason::Timeout)));
    // What completes just before the end is noticed is completed, without a reason.
    let mut late = Convoy::new(vec![agent("a")]);
    late.turn(0, vec![]);
    late.turn(CONVOY_TIMEOUT_MS, vec![(0, ok())]);
    assert_eq!((late.state.status, late.state.reason), (ConvoyStatus::Completed, None));
}

#[test]
fn parked_time_is_not_counted() {
    let mut convoy = Convoy::new(vec![agent("a")]);
    convoy.turn(0, vec![]);
    let until = Some(wall(3 * 3600));
    convoy.turn(1000, vec![(0, ended(Outcome::RateLimited { until }))]);
    let reset = 3 * 3_600_000;
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(reset)), 1000);
    assert_eq!(convoy.turn(reset, vec![]), [launch(0, 2)]);
    convoy.turn(reset + 5000, vec![(0, held(reset))]);
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(reset + 5000)), 6000);
    // At most a day of it.
    let mut patient = Convoy::new(vec![agent("a")]);
    patient.turn(0, vec![]);
    let never = Some(wall(90 * 24 * 3600));
    patient.turn(0, vec![(0, ended(Outcome::RateLimited { until: never }))]);
    let day = 24 * 3_600_000;
    patient.turn(day, vec![]);
    assert!(!patient.state.ended());
    patient.turn(day + CONVOY_TIMEOUT_MS, vec![]);
    assert_eq!(patient.state.reason, Some(Reason::Timeout));
}

/// Its supervisor lives, and its command began then.
fn begun(at_ms: u64) -> AttemptFact {
    AttemptFact::Held(Owner { begun: Some(at(at_ms).moment), ..owner(at(0).moment) })
}

#[test]
fn time_in_a_queue_is_not_counted() {
    let days = 9 * 24 * 3_600_000;
    let mut convoy = Convoy::new(vec![queued("a"), queued("b")]);
    convoy.turn(0, vec![]);
    convoy.turn(1000, vec![(0, held(1000)), (1, held(1000))]);
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(days)), 1000);
    convoy.turn(days, vec![]);
    assert!(!convoy.state.ended() && convoy.state.reason.is_none(), "a queue has no limit of its own");
    // That one of them began is seen late.
    convoy.turn(days + 9000, vec![(0, begun(days + 4000))]);
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(days + 9000)), 6000);
    // The other waits on: something is at work.
    convoy.turn(days + 10_000, vec![(0, ok())]);
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(days + 10_000)), 7000);
    assert_eq!(running_ms(&convoy.state, &convoy.plan, &at(2 * days)), 7000);
    convoy.turn(2 * days, vec![(1, begun(2 * days))]);
    convoy.turn(2 * days + CONVOY_TIMEOUT_MS - 7001, vec![]);
    assert_eq!(convoy.state.reason, None);
    convoy.turn(2 * days + CONVOY_TIMEOUT_MS, vec![]);
    assert_eq!(convoy.state.reason, Some(Reason::Timeout));
}

#[test]
fn a_queue_keeps_no_end_from_coming() {
    let long = AgentPlan { timeout_ms: 2 * CONVOY_TIMEOUT_MS, ..agent("b") };
    let mut convoy = Convoy::new(vec![queued("a"), long]);
    convoy.turn(0, vec![]);
    convoy.turn(0, vec![(0, held(0)), (1, held(0))]);
    let over = convoy.turn(CONVOY_TIMEOUT_MS, vec![]);
    assert_eq!(over, [0, 1].map(|agent| Effect::Terminate { agent, attempt: 1 }));
    // One that does not answer, and one that still waits.
    convoy.turn(CONVOY_TIMEOUT_MS + 1, vec![(1, failed(Reason::Stopped))]);
    let killed = convoy.turn(CONVOY_TIMEOUT_MS + 60_000, vec![]);
    assert!(killed.contains(&Effect::Kill { agent: 0, attempt: 1 }), "{killed:?}");
}

/// An agent whose limits its runner's service sets.
fn asking(name: &str, model: &str) -> AgentPlan {
    let mut agent = agent(name);
    agent.invocation.stream = protocol::plan::Stream::ClaudeStreamJson;
    agent.invocation.model_argument = Some(model.to_owned());
    agent
}

#[test]
fn a_rate_limit_holds_for_all_with_the_same_credential() {
    let mut convoy = Convoy::new(vec![
        asking("a", "sonnet"),
        asking("b", "haiku"),
        asking("c", "other/model"),
        agent("d"),
    ]);
    convoy.plan.max_parallel = Some(1);
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1)]);
    let until = Some(wall(100));
    let next = convoy.turn(1000, vec![(0, ended(Outcome::RateLimited { until }))]);
    // Another provider, and who asks nobody, go on.
    assert_eq!(next, [launch(2, 1)]);
    let not_before: Vec<_> = convoy.state.agents.iter().map(|agent| agent.not_before()).collect();
    assert_eq!(not_before, [until, until, None, None]);
    assert_eq!(convoy.turn(2000, vec![(2, ok())]), [launch(3, 1)]);
    assert_eq!(convoy.turn(3000, vec![(3, ok())]), []);
    assert_eq!(convoy.turn(99_000, vec![]), []);
    assert_eq!(convoy.turn(100_000, vec![]), [launch(0, 2)], "charged to nobody");
    assert_eq!(convoy.state.agents[0].failures, 0);
}

#[test]
fn pauses_without_a_stated_end_grow() {
    let mut convoy = Convoy::new(vec![asking("a", "sonnet")]);
    convoy.turn(0, vec![]);
    let mut now = 0;
    for (n, pause) in [60, 120, 240, 480, 900, 900].into_iter().enumerate() {
        let limited = ended(Outcome::RateLimited { until: None });
        assert_eq!(convoy.turn(now, vec![(0, limited)]), []);
        now += pause * 1000;
        assert_eq!(convoy.turn(now - 1000, vec![]), [], "pause {n}");
        assert_eq!(convoy.turn(now, vec![]), [launch(0, n as u32 + 2)], "pause {n}");
    }
    // A stated end is the end of guessing.
    convoy.turn(now, vec![(0, ended(Outcome::RateLimited { until: Some(wall((now / 1000) as i64 + 5)) }))]);
    assert_eq!(convoy.state.agents[0].pauses, 0);
}

#[test]
fn a_used_up_budget_lets_only_the_synthesis_begin() {
    let mut convoy = Convoy::new(vec![review("a"), after("b", &["a"]), synthesis("s", &["a", "b"])]);
    convoy.plan.budget_usd = Some(1.0);
    convoy.turn(0, vec![]);
    let mut record = super::common::record(Outcome::Completed);
    record.usage = Some(protocol::outcome::Usage { cost_usd: Some(0.8), ..Default::default() });
    let fact = AttemptFact::Ended(Box::new(record), super::common::owner(at(0).moment));
    convoy.turn(1000, vec![(0, fact)]);
    let convoy_now = |name: &str| convoy.state.agent(&super::common::role(name)).cloned();
    assert_eq!(
        convoy_now("b").and_then(|agent| agent.reason()),
        Some(Reason::Budget),
        "a fifth is the synthesis's"
    );
    assert_eq!(
        convoy_now("s").map(|agent| agent.status()),
        Some(AgentStatus::Pending),
        "it waits for the merge only"
    );
}

#[test]
fn the_launch_deadline_wakes_whatever_else_happens() {
    let mut convoy = Convoy::new(vec![agent("a"), agent("b")]);
    convoy.turn(0, vec![]);
    // News of `b` alone must not put off what time will do to `a`.
    let facts = convoy.facts(vec![(1, ok())]);
    let stepped = convoy.step(&at(1000), &facts);
    assert_eq!(stepped.wake_ms, Some(RELAUNCH_MS));
    let late = LAUNCH_DEADLINE_MS - 2000;
    assert_eq!(convoy.step(&at(late), &Observations::default()).wake_ms, Some(2000));
}

#[test]
fn a_stop_leaves_completed_agents_completed() {
    let mut convoy = Convoy::new(vec![review("a"), agent("b"), synthesis("s", &["a"])]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, ok()), (1, held(0))]);
    convoy.stop(2);
    // Nothing begins any more, also no merge; its end is not waited for.
    assert_eq!(convoy.turn(3, vec![]), [Effect::Terminate { agent: 1, attempt: 1 }]);
    assert_eq!(convoy.turn(4, vec![(1, failed(Reason::Stopped))]), []);
    assert_eq!((convoy.state.status, convoy.state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)));
    assert_eq!((status(&convoy, "a"), status(&convoy, "s")), (AgentStatus::Completed, AgentStatus::Failed));
}
