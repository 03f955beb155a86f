//! Which of its runners has an agent next: limits, credit, and what is known of the
//! logins of the others.

use super::common::{
    CONVOY_TIMEOUT_MS, Convoy, FALLBACK_AFTER_MS, agent, at, chained, ended, failed, gone, held, launch,
    plan, role, wall,
};
use crate::step::Observations;
use protocol::agent::{Agent, Handover};
use protocol::claim::{AttemptFact, Tree};
use protocol::outcome::{Reason, Usage};
use protocol::plan::AgentPlan;
use protocol::record::Outcome;
use protocol::retry;
use protocol::state::ConvoyStatus;

const LONG_S: i64 = 5 * 3600;

fn limited(until_s: i64) -> AttemptFact {
    ended(Outcome::RateLimited { until: Some(wall(until_s)) })
}

fn limited_without_an_end() -> AttemptFact {
    ended(Outcome::RateLimited { until: None })
}

/// One agent of this chain whose first attempt was launched at 0.
fn begun(runners: &[&str]) -> Convoy {
    let mut convoy = Convoy::new(vec![chained("a", runners)]);
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1)]);
    convoy
}

fn who(agent: &Agent) -> (&str, usize) {
    (agent.runner.as_str(), agent.place())
}

fn handed(agent: &Agent) -> Vec<(u32, &str, &str, Option<Reason>)> {
    let one = |one: &'_ Handover| (one.attempt, one.reason);
    let names = agent.handovers.iter().map(|one| (one.from.as_str(), one.to.as_str()));
    agent.handovers.iter().map(one).zip(names).map(|((n, why), (from, to))| (n, from, to, why)).collect()
}

#[test]
fn a_long_limit_is_the_next_ones_at_once_and_charged_to_nobody() {
    let mut convoy = begun(&["x", "y"]);
    assert_eq!(convoy.turn(1000, vec![(0, limited(LONG_S))]), [launch(0, 2)]);
    let agent = convoy.agent(0);
    assert_eq!((who(agent), agent.failures, agent.not_before()), (("y", 1), 0, None));
    assert_eq!(handed(agent), [(2, "x", "y", Some(Reason::RateLimit))]);
    assert_eq!(agent.handovers[0].until, Some(wall(LONG_S)));
    // Who wrote which attempt is known for good.
    assert_eq!((agent.handover_of(1), agent.handover_of(2)), (None, Some(&agent.handovers[0])));
    convoy.turn(2000, vec![(0, ended(Outcome::Completed))]);
    assert_eq!((convoy.state.status, who(convoy.agent(0))), (ConvoyStatus::Completed, ("y", 1)));
}

#[test]
fn a_short_limit_is_waited_for() {
    let after_s = (FALLBACK_AFTER_MS / 1000) as i64;
    let mut convoy = begun(&["x", "y"]);
    assert_eq!(convoy.turn(0, vec![(0, limited(after_s))]), []);
    assert_eq!(convoy.turn(FALLBACK_AFTER_MS, vec![]), [launch(0, 2)]);
    assert_eq!((who(convoy.agent(0)), convoy.agent(0).handovers.len()), (("x", 0), 0));
    let mut convoy = begun(&["x", "y"]);
    assert_eq!(convoy.turn(0, vec![(0, limited(after_s + 1))]), [launch(0, 2)]);
}

#[test]
fn limits_that_state_no_end_are_waited_for_as_long_in_all() {
    let mut convoy = begun(&["x", "y"]);
    let mut now = 0;
    // 1 + 2 + 4 + 8 + 15 minutes.
    for (n, pause) in [60, 120, 240, 480, 900].into_iter().enumerate() {
        assert_eq!(convoy.turn(now, vec![(0, limited_without_an_end())]), [], "pause {n}");
        now += pause * 1000;
        assert_eq!(convoy.turn(now, vec![]), [launch(0, n as u32 + 2)], "pause {n}");
        assert_eq!(convoy.agent(0).runner.as_str(), "x");
    }
    assert_eq!(convoy.turn(now, vec![(0, limited_without_an_end())]), [launch(0, 7)]);
    let agent = convoy.agent(0);
    assert_eq!((who(agent), agent.pauses), (("y", 1), 0));
}

#[test]
fn used_up_credit_is_the_next_ones_and_the_end_where_there_is_none() {
    let mut convoy = begun(&["x", "y", "z"]);
    assert_eq!(convoy.turn(1, vec![(0, failed(Reason::Credit))]), [launch(0, 2)]);
    assert_eq!(convoy.turn(2, vec![(0, failed(Reason::Credit))]), [launch(0, 3)]);
    assert_eq!(
        handed(convoy.agent(0)),
        [(2, "x", "y", Some(Reason::Credit)), (3, "y", "z", Some(Reason::Credit))]
    );
    assert_eq!(convoy.turn(3, vec![(0, failed(Reason::Credit))]), []);
    assert_eq!(convoy.at(0), (3, 'F', Some(Reason::Credit)));
    // Alone it is no reason to try again, whatever retries are left.
    let mut alone = Convoy::new(vec![AgentPlan { retries: 3, ..agent("a") }]);
    alone.turn(0, vec![]);
    alone.turn(1, vec![(0, failed(Reason::Credit))]);
    assert_eq!(alone.at(0), (1, 'F', Some(Reason::Credit)));
}

#[test]
fn while_all_are_limited_the_one_that_is_limited_least_is_waited_for() {
    let mut convoy = begun(&["x", "y"]);
    convoy.turn(0, vec![(0, limited(3 * 3600))]);
    assert_eq!(convoy.turn(1000, vec![(0, limited(4 * 3600))]), []);
    let agent = convoy.agent(0);
    assert_eq!((who(agent), agent.not_before()), (("x", 0), Some(wall(3 * 3600))));
    // It is decided once, and not anew at each look.
    assert_eq!(convoy.turn(2000, vec![]), []);
    assert_eq!(convoy.agent(0).handovers.len(), 2);
    assert_eq!(convoy.turn(3 * 3_600_000, vec![]), [launch(0, 3)]);
    assert_eq!(who(convoy.agent(0)), ("x", 0));
}

#[test]
fn a_limit_that_has_ended_counts_no_more() {
    let mut convoy = begun(&["x", "y"]);
    convoy.turn(0, vec![(0, limited(3600))]);
    let now = 3600 + 600;
    assert_eq!(convoy.turn(now * 1000, vec![(0, limited(now as i64 + LONG_S))]), [launch(0, 3)]);
    assert_eq!(who(convoy.agent(0)), ("x", 0));
}

#[test]
fn who_has_the_same_login_goes_on_elsewhere_too() {
    let mut convoy =
        Convoy::new(vec![chained("a", &["x", "y"]), chained("b", &["x", "z"]), chained("c", &["x"])]);
    convoy.plan.max_parallel = Some(1);
    convoy.plan.agents[2].fallback = None;
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1)]);
    assert_eq!(convoy.turn(0, vec![(0, limited(LONG_S))]), [launch(0, 2)]);
    assert_eq!(convoy.turn(1, vec![(0, ended(Outcome::Completed))]), [launch(1, 1)]);
    assert_eq!(handed(convoy.agent(1)), [(1, "x", "z", Some(Reason::RateLimit))]);
    convoy.turn(2, vec![(1, ended(Outcome::Completed))]);
    // Who has nobody else waits, as ever.
    assert_eq!(convoy.agent(2).not_before(), Some(wall(LONG_S)));
    assert_eq!(convoy.agent(2).runner.as_str(), "x");
}

#[test]
fn an_attempt_that_was_lost_or_never_began_changes_nothing_of_who_has_the_agent() {
    let mut convoy = begun(&["x", "y"]);
    convoy.turn(0, vec![(0, limited(LONG_S))]);
    assert_eq!(convoy.turn(1, vec![(0, AttemptFact::Void)]), [launch(0, 3)]);
    convoy.turn(2, vec![(0, held(2))]);
    assert_eq!(convoy.turn(3, vec![(0, gone(2, Tree::Empty))]), [launch(0, 4)]);
    let agent = convoy.agent(0);
    assert_eq!((who(agent), handed(agent).len()), (("y", 1), 1));
    assert_eq!(agent.handover_of(4).map(|one| one.place), Some(1));
}

#[test]
fn nothing_is_handed_over_when_the_convoy_is_to_end() {
    for reason in [Reason::Stopped, Reason::Timeout] {
        let mut convoy = begun(&["x", "y"]);
        let mut now = 1;
        match reason {
            Reason::Stopped => convoy.stop(0),
            _ => now = CONVOY_TIMEOUT_MS,
        }
        assert_eq!(convoy.turn(now, vec![(0, failed(Reason::Credit))]), []);
        assert_eq!((convoy.at(0).1, convoy.agent(0).handovers.len()), ('F', 0));
    }
    let mut convoy = begun(&["x", "y"]);
    convoy.stop(0);
    assert_eq!(convoy.turn(1, vec![(0, limited(LONG_S))]), []);
    assert_eq!((convoy.at(0), convoy.agent(0).handovers.len()), ((1, 'F', Some(Reason::Stopped)), 0));
}

#[test]
fn run_again_by_a_person_it_begins_with_the_first_one() {
    let mut convoy = begun(&["x", "y"]);
    convoy.turn(1, vec![(0, failed(Reason::Credit))]);
    convoy.turn(2, vec![(0, failed(Reason::Auth))]);
    assert_eq!(convoy.at(0), (2, 'F', Some(Reason::Auth)));
    convoy.state = retry::reopen(&convoy.state, &convoy.plan, &[role("a")].into(), &at(3), "h");
    assert_eq!(who(convoy.agent(0)), ("x", 0));
    assert_eq!(convoy.turn(4, vec![]), [launch(0, 3)]);
    // Its credit may have been filled up; and may be used up again.
    assert_eq!(convoy.turn(5, vec![(0, failed(Reason::Credit))]), [launch(0, 4)]);
    let places: Vec<_> = (1..=4).map(|n| convoy.agent(0).handover_of(n).map_or(0, |one| one.place)).collect();
    assert_eq!(places, [0, 1, 0, 1]);
}

#[test]
fn a_used_up_budget_ends_an_ai_and_no_rules() {
    for (is_static, letter) in [(true, 'L'), (false, 'F')] {
        let mut agent = chained("a", &["x", "y"]);
        if let Some(fallback) = &mut agent.fallback {
            fallback.to[0].static_only = is_static;
        }
        let mut convoy = Convoy::of(protocol::plan::Plan { budget_usd: Some(1.0), ..plan(vec![agent]) });
        convoy.turn(0, vec![]);
        let mut record = super::common::record(Outcome::Failed { reason: Reason::Credit });
        record.usage = Some(Usage { cost_usd: Some(1.5), ..Usage::default() });
        let fact = AttemptFact::Ended(Box::new(record), super::common::owner(at(0).moment));
        let facts = convoy.facts(vec![(0, fact)]);
        convoy.step(&at(1), &facts);
        convoy.step(&at(2), &Observations::default());
        assert_eq!(convoy.at(0).1, letter, "static: {is_static}");
        assert_eq!(convoy.agent(0).usage.and_then(|usage| usage.cost_usd), Some(1.5), "spent stays spent");
    }
}
