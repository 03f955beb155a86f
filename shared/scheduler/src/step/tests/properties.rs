//! Whatever the plan and whatever is said to it, in whatever order: `step`
//! answers, the same every time, and only to what is current (P2).

use std::collections::BTreeMap;

use super::common::{Convoy, TIMEOUT_MS, after, agent, at, ended, failed, gone, held, merged, plan, step};
use crate::step::{Effect, ExpansionFact, Observations};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use protocol::agent::Shared;
use protocol::claim::{AttemptFact, Tree};
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Plan, ReportKind, Require};
use protocol::record::Outcome;
use protocol::state::State;

/// A DAG of up to six agents, listed in any order.
fn plans() -> impl Strategy<Value = Plan> {
    let one = (any::<u8>(), 0..4_u32, any::<bool>(), 0..3_u32, 0..3_u8);
    let agents = prop::collection::vec(one, 1..7).prop_map(|drawn| {
        let agents = drawn.into_iter().enumerate();
        agents.map(|(index, drawn)| drawn_agent(index, drawn)).collect::<Vec<_>>()
    });
    (agents.prop_shuffle(), prop::option::of(1..3_u32))
        .prop_map(|(agents, max_parallel)| Plan { max_parallel, ..plan(agents) })
}

fn drawn_agent(index: usize, drawn: (u8, u32, bool, u32, u8)) -> AgentPlan {
    let (needs, require, parallel, retries, report) = drawn;
    let needs: Vec<String> = (0..index).filter(|n| needs >> n & 1 == 1).map(|n| format!("a{n}")).collect();
    let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
    let require = match require {
        0 => Require::All,
        1 => Require::Any,
        n => Require::AtLeast(n - 1),
    };
    let report = [ReportKind::Any, ReportKind::Findings, ReportKind::Synthesis][usize::from(report)];
    AgentPlan { require, parallel, retries, report, ..after(&format!("a{index}"), &needs) }
}

fn facts() -> impl Strategy<Value = AttemptFact> {
    prop_oneof![
        Just(AttemptFact::Unclaimed),
        Just(AttemptFact::Void),
        Just(held(0)),
        Just(ended(Outcome::Completed)),
        Just(ended(Outcome::Completed)),
        Just(ended(Outcome::RateLimited { until: None })),
        Just(failed(Reason::ExitCode)),
        Just(failed(Reason::Auth)),
        Just(gone(0, Tree::Unknown)),
        Just(gone(0, Tree::Empty)),
    ]
}

/// What is said in one turn: time passed, facts of agents with the distance of
/// their attempt from the current one, of the merge, and whether a stop begins.
type Turn = (u64, Vec<(usize, i32, AttemptFact)>, bool, bool);

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let fact = (0..8_usize, prop_oneof![4 => Just(0), 1 => Just(-1), 1 => Just(5)], facts());
    let passed = prop_oneof![Just(0_u64), Just(1000), Just(TIMEOUT_MS), Just(40 * 60_000)];
    let turn = (passed, prop::collection::vec(fact, 0..4), any::<bool>(), prop::bool::weighted(0.03));
    prop::collection::vec(turn, 1..30)
}

fn said(state: &State, turn: &Turn) -> Observations {
    // What was read under the lock: of each agent one thing.
    let said: BTreeMap<usize, (i32, &AttemptFact)> =
        turn.1.iter().map(|(index, distance, fact)| (*index, (*distance, fact))).collect();
    let attempts = said.into_iter().map(|(index, (distance, fact))| {
        let attempt = state.agents.get(index).map_or(0, |agent| agent.attempt);
        (index, attempt.saturating_add_signed(distance), fact.clone())
    });
    let merge = state.merge.as_ref().filter(|_| turn.2).map(|merge| (merge.k, merged()));
    // Whoever looked has launched all of them, long ago, or none.
    let launched = state.agents.iter().enumerate().filter(|_| !turn.2);
    let tries = launched.map(|(index, agent)| (index, agent.attempt, 40 * 60_000)).collect();
    Observations { attempts: attempts.collect(), merge, expansion: None, tries }
}

fn is_current(state: &State, index: usize, attempt: u32) -> bool {
    let current = |agent: &Shared| agent.is_running() && agent.attempt == attempt;
    state.agents.get(index).is_some_and(current)
}

/// What holds of one step, whatever came before.
fn check(before: &State, after: &State, effects: &[Effect]) {
    for (was, is) in before.agents.iter().zip(&after.agents) {
        assert!(is.attempt == was.attempt || is.attempt == was.attempt + 1, "numbers go up by one");
        assert!(is.reason().is_some() || !is.is_failed());
        assert!(!was.ended() || is == was, "an ended agent changed");
    }
    assert!(!before.ended() || (after == before && effects.is_empty()));
    for effect in effects {
        if let Effect::Launch { agent, attempt } = effect {
            assert!(is_current(after, *agent, *attempt), "launched what is not intended");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        // The same cases every time.
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn steps_are_total_deterministic_and_speak_of_the_present(plan in plans(), turns in turns()) {
        let mut convoy = Convoy::of(plan);
        let mut ms = 0;
        for turn in &turns {
            ms += turn.0;
            if turn.3 && !convoy.state.ended() {
                convoy.stop(ms);
            }
            let before = convoy.state.clone();
            let facts = said(&before, turn);
            let first = convoy.step(&at(ms), &facts);
            let again = step(&before, &convoy.plan, &facts, &at(ms));
            prop_assert_eq!(&first.state, &again.state);
            prop_assert_eq!(&first.effects, &again.effects);
            check(&before, &first.state, &first.effects);
            let mut current = facts.clone();
            current.attempts.retain(|(index, attempt, _)| is_current(&before, *index, *attempt));
            let without = step(&before, &convoy.plan, &current, &at(ms));
            prop_assert_eq!(&without.state, &first.state);
            prop_assert_eq!(without.effects, first.effects);
        }
    }

    #[test]
    fn the_same_facts_again_say_nothing_new(plan in plans(), turns in turns()) {
        let mut convoy = Convoy::of(plan);
        let mut ms = 0;
        for turn in &turns {
            ms += turn.0;
            let facts = said(&convoy.state, turn);
            convoy.step(&at(ms), &facts);
            let once = convoy.state.clone();
            convoy.step(&at(ms), &facts);
            prop_assert_eq!(&once.agents, &convoy.state.agents);
            prop_assert_eq!(once.status, convoy.state.status);
        }
    }

    /// P9, P10: whatever was said before, it ends when everything else goes well.
    #[test]
    fn every_plan_comes_to_an_end(plan in plans(), turns in turns()) {
        let mut convoy = Convoy::of(plan);
        let mut ms = 0;
        for turn in &turns {
            ms += turn.0;
            let facts = said(&convoy.state, turn);
            convoy.step(&at(ms), &facts);
        }
        for _ in 0..100 {
            ms += 60_000;
            let running = convoy.state.agents.iter().enumerate().filter(|(_, a)| a.is_running());
            let well = running.map(|(index, _)| (index, ended(Outcome::Completed))).collect();
            let merge = convoy.state.merge.as_ref().map(|merge| (merge.k, merged()));
            let facts = Observations { merge, ..convoy.facts(well) };
            convoy.step(&at(ms), &facts);
        }
        prop_assert!(convoy.state.ended(), "{:?}", convoy.state);
    }
}

#[test]
fn facts_of_nobody_are_nothing() {
    let mut convoy = Convoy::new(vec![agent("a")]);
    let before = convoy.step(&at(0), &Observations::default()).state;
    let strange = Observations {
        attempts: vec![(7, 1, AttemptFact::Void), (0, 0, AttemptFact::Void), (0, u32::MAX, held(0))],
        merge: Some((1, merged())),
        expansion: Some((3, ExpansionFact::Made { note: None })),
        tries: vec![(7, 1, 0), (0, u32::MAX, u64::MAX)],
    };
    assert_eq!(convoy.step(&at(0), &strange).state, before);
}
