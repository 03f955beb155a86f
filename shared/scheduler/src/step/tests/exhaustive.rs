//! An exhaustive search over small convoys: the real `step`, and around it a
//! model of everything that can go wrong (P2–P10).
//!
//! Broken rules are searched too: a search that cannot fail proves nothing.

mod digest;
mod invariants;
mod rules;
mod schedulers;
mod search;
mod world;

use std::time::Instant;

use protocol::plan::{AgentPlan, Plan, ReportKind, Require};

use super::common::{after, agent, chained, plan};
use rules::Mutant;
use search::search;
use world::Budget;

const QUIET: Budget = Budget {
    kill_supervisor: 0,
    kill_scheduler: 0,
    tick: 0,
    stop: 0,
    retry: 0,
    reboot: 0,
    fail: 0,
    limit: 0,
    credit: 0,
    merge_fail: 0,
    refuse: 0,
    hide: 0,
    force: 0,
    full: 0,
    park: 0,
    no_items: 0,
    far: 0,
    fence: 0,
};

fn hold(name: &str, plan: Plan, budget: Budget) {
    let begun = Instant::now();
    let found = search(plan, budget, Mutant::None);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{name}: {} worlds, {} states, {} inputs, {seconds:.1} s",
        found.worlds, found.states, found.inputs
    );
    if let Some(violation) = found.violation {
        panic!("{name}: {violation}");
    }
}

fn single() -> Plan {
    plan(vec![agent("a")])
}

fn retried() -> Plan {
    plan(vec![AgentPlan { retries: 1, ..agent("a") }])
}

/// Two runners, the second of which has the agent at the first limit.
fn two_runners() -> Plan {
    let mut agent = AgentPlan { retries: 1, ..chained("a", &["x", "y"]) };
    if let Some(fallback) = &mut agent.fallback {
        fallback.after_ms = 0;
    }
    plan(vec![agent])
}

fn reviewed() -> Plan {
    let review = AgentPlan { report: ReportKind::Findings, ..agent("a") };
    let synthesis = AgentPlan { report: ReportKind::Synthesis, require: Require::Any, ..after("b", &["a"]) };
    plan(vec![synthesis, review])
}

#[test]
fn one_agent_late_launches_and_stops() {
    hold("stop", single(), Budget { tick: 1, stop: 1, retry: 1, kill_scheduler: 1, ..QUIET });
}

#[test]
fn one_agent_and_lost_supervisors() {
    hold("lost", single(), Budget { kill_supervisor: 2, stop: 1, retry: 1, ..QUIET });
    let all = Budget { kill_supervisor: 1, kill_scheduler: 1, tick: 1, stop: 1, retry: 1, ..QUIET };
    hold("all at once", single(), all);
    hold("lost late", single(), Budget { kill_supervisor: 1, kill_scheduler: 1, tick: 2, stop: 1, ..QUIET });
}

#[test]
fn one_agent_and_reboots() {
    hold("reboot", single(), Budget { reboot: 1, tick: 1, kill_supervisor: 1, stop: 1, ..QUIET });
    hold("two reboots", single(), Budget { reboot: 2, tick: 1, ..QUIET });
}

#[test]
fn one_agent_and_charged_retries() {
    hold("retries", retried(), Budget { fail: 2, kill_supervisor: 1, tick: 2, ..QUIET });
    hold("limits", retried(), Budget { fail: 1, limit: 1, tick: 2, stop: 1, ..QUIET });
}

#[test]
fn one_agent_and_two_runners() {
    let limits = Budget { limit: 2, credit: 1, fail: 1, tick: 1, stop: 1, ..QUIET };
    hold("two runners", two_runners(), limits);
    let killed = Budget { kill_supervisor: 1, kill_scheduler: 1, ..QUIET };
    hold("two runners killed", two_runners(), Budget { limit: 1, credit: 1, retry: 1, ..killed });
    hold("two runners rebooted", two_runners(), Budget { limit: 1, credit: 1, reboot: 1, full: 1, ..QUIET });
}

#[test]
fn one_agent_and_a_machine_that_refuses() {
    hold("refused", retried(), Budget { refuse: 3, fail: 1, tick: 2, stop: 1, ..QUIET });
    hold("refused and lost", single(), Budget { refuse: 1, kill_supervisor: 1, tick: 1, ..QUIET });
}

#[test]
fn one_agent_and_a_full_disk() {
    hold("full", retried(), Budget { full: 2, fail: 1, stop: 1, ..QUIET });
    hold("full and lost", single(), Budget { full: 1, kill_supervisor: 1, kill_scheduler: 1, ..QUIET });
}

#[test]
fn one_agent_out_of_sight() {
    let hidden = Budget { hide: 1, kill_supervisor: 1, tick: 1, stop: 1, force: 1, ..QUIET };
    hold("hidden", single(), hidden);
    hold("hidden and retried", single(), Budget { retry: 1, tick: 0, ..hidden });
    hold("hidden and rebooted", single(), Budget { reboot: 1, tick: 0, ..hidden });
}

#[test]
fn one_agent_with_a_parked_supervisor() {
    hold("parked", single(), Budget { park: 2, tick: 1, stop: 1, kill_scheduler: 1, ..QUIET });
    hold("parked and lost", single(), Budget { park: 1, kill_supervisor: 2, stop: 1, retry: 1, ..QUIET });
    hold("parked and retried", retried(), Budget { park: 2, fail: 1, kill_supervisor: 1, tick: 1, ..QUIET });
    hold("parked and rebooted", single(), Budget { park: 1, reboot: 1, tick: 1, stop: 1, ..QUIET });
    hold("parked on a full disk", single(), Budget { park: 1, full: 1, kill_supervisor: 1, ..QUIET });
}

#[test]
fn a_dependent_agent_with_a_parked_supervisor() {
    let dependent = || plan(vec![agent("a"), after("b", &["a"])]);
    hold("parked behind", dependent(), Budget { park: 2, fail: 1, stop: 1, ..QUIET });
    hold("parked behind, killed", dependent(), Budget { park: 1, kill_supervisor: 1, tick: 1, ..QUIET });
}

#[test]
fn one_agent_placed_elsewhere() {
    let far = Budget { far: 2, kill_supervisor: 1, ..QUIET };
    hold("far", single(), Budget { tick: 1, stop: 1, kill_scheduler: 1, ..far });
    hold("far and fenced", single(), Budget { fence: 1, stop: 1, tick: 1, ..far });
    hold("far and rebooted", single(), Budget { reboot: 1, fence: 1, tick: 1, ..far });
    hold("far and retried", retried(), Budget { fail: 1, retry: 1, tick: 1, ..far });
    hold("far and twice lost", single(), Budget { kill_supervisor: 2, stop: 1, retry: 1, ..far });
    hold("far on a full disk", single(), Budget { full: 1, stop: 1, ..far });
}

#[test]
fn convoy_timeout() {
    let short = Plan { convoy_timeout_ms: 90_000, ..retried() };
    hold("timeout", short, Budget { tick: 3, kill_supervisor: 1, retry: 1, limit: 1, fail: 1, ..QUIET });
}

#[test]
fn two_independent_agents() {
    let two = || plan(vec![agent("a"), agent("b")]);
    hold("two", Plan { max_parallel: Some(1), ..two() }, Budget { fail: 1, kill_supervisor: 1, ..QUIET });
    hold("two at once", two(), Budget { fail: 1, stop: 1, ..QUIET });
    hold("two rebooted", two(), Budget { reboot: 1, ..QUIET });
}

#[test]
fn exclusive_agents() {
    let exclusive = AgentPlan { parallel: false, ..agent("a") };
    hold("exclusive", plan(vec![exclusive, agent("b")]), Budget { kill_supervisor: 1, ..QUIET });
}

#[test]
fn dependent_agents() {
    let dependent = |require| plan(vec![AgentPlan { require, ..after("b", &["a"]) }, agent("a")]);
    hold("all", dependent(Require::All), Budget { fail: 1, stop: 1, retry: 1, ..QUIET });
    hold("any", dependent(Require::Any), Budget { kill_supervisor: 1, fail: 1, tick: 1, ..QUIET });
}

#[test]
fn review_merge_and_synthesis() {
    hold("merge", reviewed(), Budget { merge_fail: 1, kill_scheduler: 1, fail: 1, ..QUIET });
    hold("merge rebooted", reviewed(), Budget { reboot: 1, merge_fail: 1, kill_supervisor: 1, ..QUIET });
    hold("merge stopped", reviewed(), Budget { stop: 1, retry: 1, fail: 1, ..QUIET });
}

/// A stage behind `a`, which makes one agent.
fn staged(last: Option<AgentPlan>) -> Plan {
    let fan_out = serde_json::json!({"from": "a", "max": 1, "chunk": 1});
    let stage = AgentPlan { fan_out: serde_json::from_value(fan_out).ok(), ..after("s", &["a"]) };
    let made = AgentPlan { group: Some(super::common::role("s")), ..after("s-1", &["a"]) };
    plan([agent("a"), stage].into_iter().chain(last).chain([made]).collect())
}

#[test]
fn agents_of_a_stage() {
    let lone = || staged(None);
    hold("stage", lone(), Budget { kill_scheduler: 1, fail: 1, stop: 1, retry: 1, ..QUIET });
    hold("stage without items", lone(), Budget { no_items: 1, kill_scheduler: 1, stop: 1, ..QUIET });
    hold("stage lost", lone(), Budget { kill_supervisor: 1, tick: 1, ..QUIET });
    hold("stage rebooted", lone(), Budget { reboot: 1, ..QUIET });
    hold("stage on a full disk", lone(), Budget { full: 2, fail: 1, ..QUIET });
    hold("stage in short time", Plan { convoy_timeout_ms: 90_000, ..lone() }, Budget { tick: 2, ..QUIET });
    hold("behind a stage", staged(Some(after("b", &["s"]))), Budget { fail: 1, kill_scheduler: 1, ..QUIET });
}

/// A review, second looks at what it found, and a synthesis behind both.
fn looked_at_again() -> Plan {
    let fan_out = serde_json::json!({"from": "merge", "max": 1, "chunk": 1});
    let review = AgentPlan { report: ReportKind::Findings, ..agent("a") };
    let look = |name| AgentPlan { report: ReportKind::Verification, ..after(name, &["a"]) };
    let stage = AgentPlan { fan_out: serde_json::from_value(fan_out).ok(), ..look("s") };
    let made = AgentPlan { group: Some(super::common::role("s")), ..look("s-1") };
    let last = AgentPlan { report: ReportKind::Synthesis, require: Require::Any, ..after("b", &["a", "s"]) };
    plan(vec![review, stage, last, made])
}

#[test]
fn second_looks() {
    let looks = looked_at_again;
    hold("second looks", looks(), Budget { kill_scheduler: 1, fail: 1, ..QUIET });
    hold("second looks that cannot be", looks(), Budget { no_items: 1, fail: 1, kill_scheduler: 1, ..QUIET });
    hold("second looks, stopped", looks(), Budget { stop: 1, retry: 1, no_items: 1, ..QUIET });
    hold("second looks, merge lost", looks(), Budget { merge_fail: 1, kill_supervisor: 1, ..QUIET });
}

#[test]
fn with_a_stage_that_does_not_wait_it_breaks() {
    breaks_in(staged(None), Mutant::StageWaitsForNobody, QUIET, "ended before its agents");
    let twice = Budget { kill_scheduler: 1, ..QUIET };
    breaks_in(staged(None), Mutant::JoinAgain, twice, "not the next of the plan");
}

/// Each rule is needed: without it the search finds a violation.
#[track_caller]
fn breaks(mutant: Mutant, budget: Budget, expected: &str) {
    breaks_in(retried(), mutant, budget, expected);
}

#[track_caller]
fn breaks_in(plan: Plan, mutant: Mutant, budget: Budget, expected: &str) {
    let found = search(plan, budget, mutant);
    let violation =
        found.violation.unwrap_or_else(|| panic!("{mutant:?}: nothing in {} worlds", found.worlds));
    let what = violation.lines().next().unwrap_or_default();
    println!("{mutant:?}: {} worlds: {what}", found.worlds);
    assert!(what.contains(expected), "{mutant:?}: {violation}");
}

#[test]
fn without_claims_or_voids_it_breaks() {
    let late = Budget { tick: 1, stop: 1, ..QUIET };
    breaks(Mutant::RelaunchUnclaimed, late, "not proved over");
    breaks(Mutant::ClaimIgnored, late, "ran twice");
    breaks(Mutant::NeverVoid, late, "does not end");
    breaks(Mutant::NextOnDeadline, late, "not proved over");
    breaks(Mutant::NeverKill, late, "does not end");
}

#[test]
fn without_proof_of_the_end_it_breaks() {
    let lost = Budget { kill_supervisor: 1, stop: 1, ..QUIET };
    breaks(Mutant::RecordBeforeLock, lost, "after it had completed");
    breaks(Mutant::GoneIsEmpty, lost, "not proved over");
    breaks(Mutant::NeverReap, lost, "does not end");
    breaks(Mutant::ChargeLost, lost, "which did not fail");
    breaks(Mutant::ChargeRefused, Budget { refuse: 1, ..QUIET }, "which did not fail");
    breaks(Mutant::HiddenIsEmpty, Budget { hide: 1, ..lost }, "not proved over");
}

#[test]
fn without_proof_of_the_far_end_it_breaks() {
    let far = Budget { far: 1, kill_supervisor: 1, ..QUIET };
    breaks(Mutant::FarIsEmpty, far, "not proved over");
    breaks(Mutant::UnknownIsGone, far, "is alive");
    let rebooted = Budget { far: 1, reboot: 1, ..QUIET };
    breaks(Mutant::FarIsEmpty, rebooted, "not proved over");
    breaks(Mutant::PlaceUnsynced, rebooted, "");
}

#[test]
fn with_a_parked_supervisor_that_does_not_look_it_breaks() {
    let parked = Budget { park: 1, ..QUIET };
    let dependent = plan(vec![agent("a"), after("b", &["a"])]);
    breaks_in(dependent, Mutant::TakeNext, parked, "before it was intended");
    breaks(Mutant::TakeOtherBoot, Budget { reboot: 1, ..parked }, "ran twice");
}

#[test]
fn with_another_runner_in_the_middle_it_breaks() {
    let limit = Budget { limit: 1, ..QUIET };
    breaks_in(two_runners(), Mutant::HandOverRunning, limit, "was handed over");
}

#[test]
fn without_one_hold_or_the_boot_it_breaks() {
    let stop = Budget { stop: 1, reboot: 1, ..QUIET };
    breaks(Mutant::ForgetStopping, stop, "a stop was forgotten");
    breaks(Mutant::BeginUnstored, Budget { full: 1, ..stop }, "");
    breaks(Mutant::StoreLater, stop, "");
    breaks(Mutant::RelaunchOtherBoot, stop, "ran twice");
    breaks(Mutant::AwaitLostClaim, stop, "does not end");
}
