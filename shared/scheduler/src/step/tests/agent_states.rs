//! Every row of the table of agent states (`docs/protocol.md`): state and fact
//! in, next state and effects out.

use super::common::{
    CONVOY_TIMEOUT_MS, Convoy, GRACE_MS, TIMEOUT_MS, after, agent, at, ended, failed, gone, held, launch,
    moment, owner, record, wall,
};
use crate::step::{
    Effect, LAUNCH_DEADLINE_MS, MAX_LOSSES, MAX_VOIDS, Observations, RELAUNCH_MS, SUPERVISOR_SLACK_MS,
};
use base::clock::Now;
use protocol::agent::Phase;
use protocol::claim::{AttemptFact, Tree};
use protocol::outcome::Reason;
use protocol::plan::AgentPlan;
use protocol::record::Outcome;
use protocol::retry;
use protocol::state::ConvoyStatus;

type Row = (u32, char, Option<Reason>);

const VOID: Effect = Effect::CancelLaunch { agent: 0, attempt: 1 };
const TERMINATE: Effect = Effect::Terminate { agent: 0, attempt: 1 };
const KILL: Effect = Effect::Kill { agent: 0, attempt: 1 };
const REAP: Effect = Effect::Reap { agent: 0, attempt: 1 };

fn pending(n: u32) -> Row {
    (n, 'P', None)
}

fn launched(n: u32) -> Row {
    (n, 'L', None)
}

fn claimed(n: u32) -> Row {
    (n, 'R', None)
}

fn reaping(n: u32) -> Row {
    (n, 'Z', None)
}

fn over(n: u32, reason: Reason) -> Row {
    (n, 'F', Some(reason))
}

/// L(1), its intent stored at 0.
fn at_l(agent: AgentPlan) -> Convoy {
    let mut convoy = Convoy::new(vec![agent]);
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1)]);
    convoy
}

/// R(1), claimed at 0.
fn at_r(agent: AgentPlan) -> Convoy {
    let mut convoy = at_l(agent);
    assert_eq!(convoy.turn(0, vec![(0, held(0))]), []);
    assert_eq!(convoy.at(0), claimed(1));
    convoy
}

fn retried(retries: u32) -> AgentPlan {
    AgentPlan { retries, ..agent("a") }
}

fn other_boot() -> Now {
    Now { wall: wall(1), moment: moment("another", 1) }
}

/// Held past this, its supervisor is killed.
const BACKSTOP_MS: u64 = TIMEOUT_MS + 2 * GRACE_MS + SUPERVISOR_SLACK_MS;

#[test]
fn pending_and_ready_is_launched() {
    let mut convoy = Convoy::new(vec![agent("a"), after("b", &["a"])]);
    assert_eq!(convoy.at(0), pending(0));
    assert_eq!(convoy.turn(0, vec![]), [launch(0, 1)]);
    assert_eq!((convoy.at(0), convoy.at(1)), (launched(1), pending(0)));
    assert_eq!(convoy.agent(0).intent, Some(at(0).moment));
}

#[test]
fn pending_and_never_to_be_ready_fails() {
    let mut convoy = Convoy::new(vec![agent("a"), after("b", &["a"]), after("c", &["b"])]);
    convoy.turn(0, vec![]);
    assert_eq!(convoy.turn(1, vec![(0, failed(Reason::ExitCode))]), []);
    assert_eq!(convoy.at(1), over(0, Reason::Dependencies));
    assert_eq!(convoy.at(2), over(0, Reason::Dependencies));
    assert_eq!(convoy.agent(1).detail(), Some("a did not complete"));
    assert_eq!(convoy.state.status, ConvoyStatus::Failed);
}

#[test]
fn pending_in_a_stop_or_a_timeout_fails() {
    for (late, reason) in [(false, Reason::Stopped), (true, Reason::Timeout)] {
        let mut convoy = Convoy::new(vec![agent("a")]);
        if !late {
            convoy.stop(0);
        }
        assert_eq!(convoy.turn(if late { CONVOY_TIMEOUT_MS } else { 1 }, vec![]), []);
        assert_eq!(convoy.at(0), over(0, reason));
        assert_eq!((convoy.state.status, convoy.state.reason), (ConvoyStatus::Failed, Some(reason)));
        assert_eq!(convoy.state.stopping, None);
    }
}

#[test]
fn launched_and_unclaimed_is_launched_again() {
    let mut convoy = at_l(agent("a"));
    for ms in [1, LAUNCH_DEADLINE_MS - 1] {
        assert_eq!(convoy.turn(ms, vec![(0, AttemptFact::Unclaimed)]), [launch(0, 1)]);
        assert_eq!(convoy.at(0), launched(1));
    }
}

#[test]
fn launched_and_unclaimed_too_late_is_made_void() {
    let facts = || vec![(0, AttemptFact::Unclaimed)];
    let tried = |convoy: &Convoy, ms| Observations { tries: vec![(0, 1, ms)], ..convoy.facts(facts()) };
    let mut late = at_l(agent("a"));
    // The time of the last try counts: one that was held up has not had it.
    assert_eq!(late.turn(LAUNCH_DEADLINE_MS, facts()), [launch(0, 1)]);
    let just_tried = tried(&late, 100);
    let waiting = late.step(&at(LAUNCH_DEADLINE_MS), &just_tried);
    assert_eq!((waiting.effects, waiting.wake_ms), (vec![], Some(1_000)));
    let long_tried = tried(&late, RELAUNCH_MS);
    assert_eq!(late.step(&at(LAUNCH_DEADLINE_MS), &long_tried).effects, [VOID]);
    let mut rebooted = at_l(agent("a"));
    let facts_then = rebooted.facts(facts());
    assert_eq!(rebooted.step(&other_boot(), &facts_then).effects, [VOID]);
    let mut stopping = at_l(agent("a"));
    stopping.stop(0);
    assert_eq!(stopping.turn(1, facts()), [VOID]);
    let mut timed_out = at_l(agent("a"));
    assert_eq!(timed_out.turn(CONVOY_TIMEOUT_MS, facts()), [VOID]);
    // Void is what ends it, not the wish.
    for convoy in [late, rebooted, stopping, timed_out] {
        assert_eq!(convoy.at(0), launched(1));
    }
}

#[test]
fn void_launches_are_repeated_with_a_bound() {
    let mut convoy = at_l(agent("a"));
    for n in 1..MAX_VOIDS {
        assert_eq!(convoy.turn(1, vec![(0, AttemptFact::Void)]), [launch(0, n + 1)]);
        assert_eq!(convoy.at(0), launched(n + 1));
        assert_eq!((convoy.agent(0).voids, convoy.agent(0).failures), (n, 0));
    }
    assert_eq!(convoy.turn(1, vec![(0, AttemptFact::Void)]), []);
    assert_eq!(convoy.at(0), over(MAX_VOIDS, Reason::Launch));
}

#[test]
fn void_in_a_stop_or_a_timeout_is_the_end() {
    let mut stopping = at_l(agent("a"));
    stopping.stop(0);
    assert_eq!(stopping.turn(1, vec![(0, AttemptFact::Void)]), []);
    assert_eq!(stopping.at(0), over(1, Reason::Stopped));
    let mut timed_out = at_l(agent("a"));
    assert_eq!(timed_out.turn(CONVOY_TIMEOUT_MS, vec![(0, AttemptFact::Void)]), []);
    assert_eq!(timed_out.at(0), over(1, Reason::Timeout));
}

#[test]
fn launched_and_held_is_claimed() {
    let mut convoy = at_l(agent("a"));
    let mut owner = owner(at(7).moment);
    (owner.pane, owner.session) = (Some("%3".to_owned()), Some("s-2".to_owned()));
    assert_eq!(convoy.turn(9, vec![(0, AttemptFact::Held(owner))]), []);
    assert_eq!(convoy.at(0), claimed(1));
    let agent = convoy.agent(0);
    assert_eq!((&agent.claimed, agent.pane.as_deref()), (&Some(at(7).moment), Some("%3")));
    assert_eq!(agent.tmux_session, "s-2");
}

#[test]
fn held_in_a_stop_is_asked_to_end_and_then_killed() {
    let mut convoy = at_r(agent("a"));
    convoy.stop(0);
    let patience = 2 * GRACE_MS + SUPERVISOR_SLACK_MS;
    assert_eq!(convoy.turn(patience - 1, vec![(0, held(0))]), [TERMINATE]);
    assert_eq!(convoy.turn(patience, vec![(0, held(0))]), [TERMINATE, KILL]);
    assert_eq!(convoy.at(0), claimed(1));
}

#[test]
fn held_in_a_timeout_is_asked_to_end_and_then_killed() {
    let long = AgentPlan { timeout_ms: 2 * CONVOY_TIMEOUT_MS, ..agent("a") };
    let mut convoy = at_r(long);
    let patience = 2 * GRACE_MS + SUPERVISOR_SLACK_MS;
    assert_eq!(convoy.turn(CONVOY_TIMEOUT_MS - 1, vec![(0, held(0))]), []);
    assert_eq!(convoy.turn(CONVOY_TIMEOUT_MS, vec![(0, held(0))]), [TERMINATE]);
    // Stored: the supervisor that is asked reads why.
    assert_eq!(convoy.state.reason, Some(Reason::Timeout));
    assert_eq!(convoy.turn(CONVOY_TIMEOUT_MS + patience, vec![(0, held(0))]), [TERMINATE, KILL]);
}

#[test]
fn held_past_the_backstop_is_killed() {
    let mut convoy = at_r(agent("a"));
    assert_eq!(convoy.turn(BACKSTOP_MS - 1, vec![(0, held(0))]), []);
    assert_eq!(convoy.turn(BACKSTOP_MS, vec![(0, held(0))]), [KILL]);
    // P5: a held claim is never superseded.
    assert_eq!(convoy.at(0), claimed(1));
}

#[test]
fn a_good_record_completes_and_lets_dependents_begin() {
    for seen in [false, true] {
        let mut convoy = Convoy::new(vec![after("b", &["a"]), agent("a")]);
        convoy.turn(0, vec![]);
        if seen {
            convoy.turn(0, vec![(1, held(0))]);
        }
        assert_eq!(convoy.turn(1, vec![(1, ended(Outcome::Completed))]), [launch(0, 1)]);
        assert_eq!(convoy.at(1), (1, 'C', None));
        assert_eq!(convoy.at(0), launched(1));
    }
}

#[test]
fn a_rate_limit_waits_for_its_reset_and_is_not_charged() {
    for (until, due) in [(Some(wall(100)), 100_000), (None, 60_001)] {
        let mut convoy = at_r(agent("a"));
        assert_eq!(convoy.turn(1, vec![(0, ended(Outcome::RateLimited { until }))]), []);
        assert_eq!(convoy.at(0), pending(1));
        assert_eq!(convoy.agent(0).failures, 0);
        let waiting = convoy.step(&at(due - 1001), &Observations::default());
        assert!(waiting.effects.is_empty());
        assert!(waiting.wake_ms.is_some_and(|ms| ms <= 2001), "{:?}", waiting.wake_ms);
        assert_eq!(convoy.turn(due + 1000, vec![]), [launch(0, 2)]);
    }
}

#[test]
fn a_rate_limit_in_a_stop_is_the_end() {
    let mut convoy = at_r(agent("a"));
    convoy.stop(0);
    convoy.turn(1, vec![(0, ended(Outcome::RateLimited { until: None }))]);
    assert_eq!(convoy.at(0), over(1, Reason::Stopped));
}

#[test]
fn a_failure_with_retries_left_waits_and_begins_again() {
    for reason in [Reason::ExitCode, Reason::Timeout] {
        let mut convoy = at_r(retried(2));
        let mut now = 1;
        for n in 1..=2 {
            assert_eq!(convoy.turn(now, vec![(0, failed(reason))]), []);
            assert_eq!(convoy.at(0), (n, 'P', Some(reason)));
            assert_eq!(convoy.agent(0).failures, n);
            let pause = 1000 << (n - 1);
            assert_eq!(convoy.step(&at(now + pause - 1), &Observations::default()).wake_ms, Some(1));
            now += pause;
            assert_eq!(convoy.turn(now, vec![]), [launch(0, n + 1)]);
        }
        convoy.turn(now, vec![(0, failed(reason))]);
        assert_eq!(convoy.at(0), over(3, reason));
    }
}

#[test]
fn any_other_record_is_the_end() {
    // No retries; a failure that another attempt cannot change; not running.
    let mut charged = at_l(agent("a"));
    charged.turn(1, vec![(0, failed(Reason::EmptyReport))]);
    assert_eq!(charged.at(0), over(1, Reason::EmptyReport));
    for reason in [Reason::Auth, Reason::ContextOverflow, Reason::Budget, Reason::SessionClosed] {
        let mut convoy = at_r(retried(9));
        convoy.turn(1, vec![(0, failed(reason))]);
        assert_eq!(convoy.at(0), over(1, reason));
    }
    let mut stopping = at_r(retried(9));
    stopping.stop(0);
    stopping.turn(1, vec![(0, failed(Reason::Stopped))]);
    assert_eq!(stopping.at(0), over(1, Reason::Stopped));
    let mut timed_out = at_r(retried(9));
    timed_out.turn(CONVOY_TIMEOUT_MS, vec![(0, failed(Reason::Stopped))]);
    assert_eq!(timed_out.at(0), over(1, Reason::Timeout));
}

#[test]
fn gone_and_not_proved_empty_is_reaped() {
    let mut convoy = at_r(agent("a"));
    for _ in 0..2 {
        assert_eq!(convoy.turn(1, vec![(0, gone(0, Tree::Unknown))]), [REAP]);
        assert_eq!(convoy.at(0), reaping(1));
    }
    // Also straight from L, and also in a stop: it is no end yet.
    let mut stopping = at_l(agent("a"));
    stopping.stop(0);
    assert_eq!(stopping.turn(1, vec![(0, gone(0, Tree::Unknown))]), [REAP]);
    assert_eq!((stopping.at(0), stopping.state.ended()), (reaping(1), false));
}

#[test]
fn lost_attempts_are_repeated_with_a_bound() {
    let mut convoy = at_r(agent("a"));
    for n in 1..MAX_LOSSES {
        assert_eq!(convoy.turn(1, vec![(0, gone(0, Tree::Empty))]), [launch(0, n + 1)]);
        assert_eq!(convoy.at(0), launched(n + 1));
        assert_eq!((convoy.agent(0).losses, convoy.agent(0).failures), (n, 0));
    }
    assert_eq!(convoy.turn(1, vec![(0, gone(0, Tree::Empty))]), []);
    assert_eq!(convoy.at(0), over(MAX_LOSSES, Reason::Lost));
}

#[test]
fn what_the_machine_refused_is_not_charged() {
    let mut convoy = at_r(agent("a"));
    for (n, at_ms, pause) in [(1, 10, 1000), (2, 2_000, 2_000)] {
        assert_eq!(convoy.turn(at_ms, vec![(0, ended(Outcome::NeverRan))]), []);
        assert_eq!(convoy.at(0), (n, 'P', Some(Reason::Spawn)));
        assert_eq!(convoy.turn(at_ms + pause - 1, vec![]), [], "not at once");
        assert_eq!(convoy.turn(at_ms + pause, vec![]), [launch(0, n + 1)]);
    }
    convoy.turn(9_000, vec![(0, ended(Outcome::NeverRan))]);
    assert_eq!(convoy.at(0), over(3, Reason::Spawn));
    assert_eq!((convoy.agent(0).voids, convoy.agent(0).failures), (MAX_VOIDS, 0));
    let mut stopping = at_r(agent("a"));
    stopping.stop(0);
    stopping.turn(1, vec![(0, ended(Outcome::NeverRan))]);
    assert_eq!(stopping.at(0), over(1, Reason::Stopped));
}

#[test]
fn a_project_that_is_gone_is_the_end() {
    let mut convoy = at_r(retried(9));
    assert_eq!(convoy.turn(1, vec![(0, failed(Reason::ProjectGone))]), []);
    assert_eq!(convoy.at(0), over(1, Reason::ProjectGone));
}

#[test]
fn lost_past_its_deadline_is_timed_out() {
    let mut charged = at_r(retried(1));
    assert_eq!(charged.turn(TIMEOUT_MS, vec![(0, gone(0, Tree::Empty))]), []);
    assert_eq!(charged.at(0), (1, 'P', Some(Reason::Timeout)));
    let mut last = at_r(agent("a"));
    last.turn(TIMEOUT_MS, vec![(0, gone(0, Tree::Empty))]);
    assert_eq!(last.at(0), over(1, Reason::Timeout));
}

#[test]
fn lost_in_a_stop_or_a_timeout_is_the_end() {
    let mut stopping = at_r(retried(9));
    stopping.stop(0);
    assert_eq!(stopping.turn(1, vec![(0, gone(0, Tree::Empty))]), []);
    assert_eq!(stopping.at(0), over(1, Reason::Stopped));
    let mut timed_out = at_r(retried(9));
    timed_out.turn(CONVOY_TIMEOUT_MS, vec![(0, gone(CONVOY_TIMEOUT_MS, Tree::Empty))]);
    assert_eq!(timed_out.at(0), over(1, Reason::Timeout));
}

#[test]
fn a_claim_that_power_loss_took_is_made_void() {
    for phase in [Phase::Claimed, Phase::Reaping] {
        let mut convoy = at_r(agent("a"));
        convoy.state.agents[0].phase = phase;
        // In the same boot there is no such thing, and nothing is concluded from it.
        assert_eq!(convoy.turn(1, vec![(0, AttemptFact::Unclaimed)]), []);
        let facts = convoy.facts(vec![(0, AttemptFact::Unclaimed)]);
        assert_eq!(convoy.step(&other_boot(), &facts).effects, [VOID]);
        let facts = convoy.facts(vec![(0, AttemptFact::Void)]);
        assert_eq!(convoy.step(&other_boot(), &facts).effects, [launch(0, 2)]);
    }
}

#[test]
fn an_ended_agent_stays_as_it_is() {
    let mut convoy = Convoy::new(vec![agent("a"), agent("b"), agent("c")]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, ended(Outcome::Completed)), (1, failed(Reason::ExitCode))]);
    let before = convoy.state.clone();
    let late = [
        AttemptFact::Unclaimed,
        AttemptFact::Void,
        held(0),
        failed(Reason::Signal),
        ended(Outcome::Completed),
        gone(0, Tree::Unknown),
        gone(0, Tree::Empty),
    ];
    for fact in late {
        assert_eq!(convoy.turn(1, vec![(0, fact.clone()), (1, fact)]), []);
        assert_eq!(convoy.state, before);
    }
}

#[test]
fn a_new_attempt_carries_no_reason_of_the_one_before() {
    let mut twice = agent("a");
    twice.retries = 1;
    let mut convoy = Convoy::new(vec![twice]);
    convoy.turn(0, vec![]);
    let mut spoilt = record(Outcome::Failed { reason: Reason::ExitCode });
    spoilt.detail = Some("3".to_owned());
    convoy.turn(1, vec![(0, AttemptFact::Ended(Box::new(spoilt), owner(at(0).moment)))]);
    let waiting = convoy.agent(0).clone();
    assert_eq!((waiting.reason(), waiting.detail()), (Some(Reason::ExitCode), Some("3")));
    let before = convoy.state.clone();
    convoy.turn(60_000, vec![]);
    let running = convoy.agent(0);
    assert_eq!((running.attempt, running.reason(), &running.detail()), (2, None, &None));
    let told = protocol::journal::changes(Some(&before), &convoy.state, at(0).wall);
    assert!(told.iter().all(|event| event.reason.is_none() && event.detail.is_none()), "{told:?}");
}

#[test]
fn reopening_resets_counters_and_keeps_numbers() {
    let mut convoy = Convoy::new(vec![agent("a"), after("b", &["a"]), agent("c")]);
    convoy.turn(0, vec![]);
    convoy.turn(1, vec![(0, AttemptFact::Void), (2, ended(Outcome::Completed))]);
    convoy.turn(1, vec![(0, failed(Reason::ExitCode))]);
    assert_eq!(convoy.state.status, ConvoyStatus::Partial);
    let roles = retry::with_dependents(&convoy.plan, &retry::failed(&convoy.state));
    convoy.state = retry::reopen(&convoy.state, &convoy.plan, &roles, &at(CONVOY_TIMEOUT_MS), "h");
    assert_eq!((convoy.at(0), convoy.at(1)), (pending(2), pending(0)));
    assert_eq!(convoy.agent(0).voids, 0);
    assert_eq!(convoy.at(2), (1, 'C', None));
    // Its time begins anew.
    assert_eq!(convoy.turn(CONVOY_TIMEOUT_MS, vec![]), [launch(0, 3)]);
}
