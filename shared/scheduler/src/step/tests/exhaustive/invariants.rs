//! What must hold whatever happens, of a world and of each change of the state.

use protocol::agent::Agent;
use protocol::outcome::{AgentStatus, Reason};
use protocol::plan::{AgentPlan, Plan, ReportKind, Require};
use protocol::state::{ConvoyStatus, Expanded, ExpandedStatus, MergeStatus, State};

use super::rules::{End, Rules, Time};
use super::world::{Action, Attempt, Claim, Far, Sight, Supervisor, World};

type Check = Result<(), String>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(what()) }
}

/// Checks what an action made of the world.
pub(crate) fn check(before: &World, action: Action, after: &World, rules: &Rules) -> Check {
    commands(after)?;
    if let Action::Start(agent, n) = action {
        let intended = rules.state(after.state).agents[agent].attempt;
        ensure(n <= intended, || format!("attempt {n} of agent {agent} runs before it was intended"))?;
    }
    let (old, new) = (rules.state(before.state), rules.state(after.state));
    let planned = rules.plan.agents.iter().map(|agent| &agent.role);
    let joined =
        new.agents.iter().map(|agent| &agent.role).zip(planned.map(Some).chain(std::iter::repeat(None)));
    ensure(joined.into_iter().all(|(role, planned)| planned == Some(role)), || {
        "an agent joined that is not the next of the plan".to_owned()
    })?;
    statuses(after, new, rules)?;
    if new.ended() {
        silence(after)?;
    }
    if before.state != after.state {
        change(before, action, after, rules)?;
        limits(&rules.plan, new)?;
        for (index, (was, is)) in old.agents.iter().zip(&new.agents).enumerate() {
            begun(&rules.plan, before, (old, new), index, was, is)?;
        }
    }
    Ok(())
}

/// P4: one command an attempt, one living attempt a role.
fn commands(world: &World) -> Check {
    for (agent, n, one) in world.each_attempt() {
        ensure(one.starts <= 1, || format!("the command of agent {agent}, attempt {n} ran twice"))?;
    }
    for (agent, all) in world.attempts.iter().enumerate() {
        let alive = all.iter().filter(|one| is_alive(one) && one.sight != Sight::SaidToBeGone).count();
        ensure(alive <= 1, || format!("{alive} attempts of agent {agent} are alive at once"))?;
    }
    Ok(())
}

fn is_alive(one: &Attempt) -> bool {
    one.tree || one.far.runs() || matches!(one.supervisor, Supervisor::Claimed | Supervisor::Running)
}

/// P7: in an ended convoy nothing runs, and no late launch can change that.
fn silence(world: &World) -> Check {
    for (agent, n, one) in world.each_attempt() {
        ensure(!is_alive(one) || one.sight == Sight::SaidToBeGone, || {
            format!("the convoy has ended, agent {agent}, attempt {n} is alive")
        })?;
        let late = one.queued > 0 && one.claim == Claim::Free;
        ensure(!late, || format!("the convoy has ended, agent {agent}, attempt {n} can still begin"))?;
    }
    Ok(())
}

fn statuses(world: &World, state: &State, rules: &Rules) -> Check {
    for (index, agent) in state.agents.iter().enumerate() {
        if rules.plan.agents.get(index).is_some_and(|plan| plan.fan_out.is_some()) {
            stage(world, state, rules, index, agent)?;
            continue;
        }
        let truth = truth(world, index, agent.attempt);
        let proved = truth == Some(End::Ok);
        ensure(!agent.is_completed() || proved, || {
            format!("agent {index} is completed, its record is {truth:?}")
        })?;
        let reason = agent.reason().is_some();
        ensure(!agent.is_failed() || reason, || format!("agent {index} failed for no reason"))?;
    }
    ensure(!state.ended() || state.agents.iter().all(|agent| agent.ended()), || {
        "ended with unended agents".to_owned()
    })?;
    let merging = state.merge.as_ref().is_some_and(|merge| merge.status == MergeStatus::Due);
    let stopped = state.reason == Some(Reason::Stopped);
    ensure(!state.ended() || !merging || stopped, || "ended before its merge was settled".to_owned())?;
    ensure(state.status == expected(state), || format!("the convoy is {:?}", state.status))?;
    let reason = state.reason.is_some();
    ensure(state.status != ConvoyStatus::Completed || !reason, || "completed, with a reason".to_owned())
}

/// A stage runs nothing, and has ended when its agents have: well, if any of them did, or
/// if there was nothing to do.
fn stage(world: &World, state: &State, rules: &Rules, index: usize, agent: &Agent) -> Check {
    ensure(agent.attempt == 0, || format!("stage {index} runs"))?;
    let planned = rules.plan.agents.iter().zip(&state.agents);
    let own: Vec<&Agent> = planned
        .filter(|(plan, _)| plan.group.as_ref() == Some(&agent.role))
        .map(|(_, agent)| agent.as_ref())
        .collect();
    ensure(own.is_empty() || world.made != 0, || "agents of a stage came out of nothing".to_owned())?;
    let unmade = state.expansions.iter().rfind(|one| one.role == agent.role);
    let unmade = unmade.is_some_and(|one| one.status == ExpandedStatus::Failed);
    let merge = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
    if let Some(merge) = merge
        && unmade
        && rules.plan.agents[index].report == ReportKind::Verification
        && matches!(state.status, ConvoyStatus::Completed | ConvoyStatus::Partial)
    {
        ensure(merge.of.contains_key(&agent.role), || format!("nobody is told that {index} did not look"))?;
    }
    if !agent.is_completed() {
        return Ok(());
    }
    let is_made = |one: &Expanded| one.role == agent.role && one.status == ExpandedStatus::Done;
    ensure(state.expansions.iter().any(is_made), || format!("stage {index} is completed without a look"))?;
    ensure(own.iter().all(|one| one.ended()), || format!("stage {index} ended before its agents"))?;
    ensure(own.is_empty() || own.iter().any(|one| one.is_completed()), || {
        format!("stage {index} is completed, and none of its agents is")
    })
}

fn truth(world: &World, agent: usize, n: u32) -> Option<End> {
    let n = (n as usize).checked_sub(1)?;
    world.attempts[agent].get(n)?.truth
}

/// P9, the last sentence.
fn expected(state: &State) -> ConvoyStatus {
    let completed = state.agents.iter().filter(|agent| agent.is_completed()).count();
    match state.status {
        ConvoyStatus::Running => ConvoyStatus::Running,
        _ if completed == 0 || state.reason == Some(Reason::Stopped) => ConvoyStatus::Failed,
        _ if completed == state.agents.len() => ConvoyStatus::Completed,
        _ => ConvoyStatus::Partial,
    }
}

/// P3, P5, P7: what a store may change.
fn change(before: &World, action: Action, after: &World, rules: &Rules) -> Check {
    let (old, new) = (rules.state(before.state), rules.state(after.state));
    let revived = old.ended() && action != Action::Retry;
    ensure(!revived, || "an ended convoy was changed".to_owned())?;
    let forgot = old.stopping.is_some() && new.stopping.is_none() && !new.ended();
    ensure(!forgot, || "a stop was forgotten".to_owned())?;
    let named = |state: &State| state.agents.iter().map(|agent| agent.role.clone()).collect::<Vec<_>>();
    let (was, is) = (named(old), named(new));
    ensure(is.starts_with(&was), || "agents changed their numbers".to_owned())?;
    for (index, (was, is)) in old.agents.iter().zip(&new.agents).enumerate() {
        ensure(is.attempt >= was.attempt, || format!("agent {index} went back to attempt {}", is.attempt))?;
        let over = was.status() != AgentStatus::Running || is.status() == AgentStatus::Running;
        // Of a pending agent the state has the end of its last attempt: nothing that is
        // lost later can take that back.
        if (is.attempt > was.attempt && was.is_running()) || !over {
            ensure(is_over(before, index, was.attempt), || {
                format!("attempt {} of agent {index} was not proved over", was.attempt)
            })?;
        }
        handovers(&rules.plan.agents[index], before, index, was, is)?;
        ensure(is.failures <= was.failures || failed(before, index, was.attempt), || {
            format!("agent {index} is charged attempt {}, which did not fail", was.attempt)
        })?;
        if is.attempt > was.attempt {
            ensure(old.stopping.is_none(), || format!("agent {index} began while stopping"))?;
            let record =
                was.attempt.checked_sub(1).and_then(|n| before.attempts[index].get(n as usize)?.record);
            let relaunched = was.status() == AgentStatus::Running && record == Some(End::Ok);
            ensure(!relaunched, || format!("agent {index} began again after it had completed"))?;
        }
    }
    Ok(())
}

/// What an attempt was run by never changes, and the next one is handed over when the
/// last one is over.
fn handovers(plan: &AgentPlan, before: &World, index: usize, was: &Agent, is: &Agent) -> Check {
    ensure(is.handovers.starts_with(&was.handovers), || format!("agent {index} forgot who had it"))?;
    let runner = &plan.invocation_at(is.place()).runner;
    ensure(is.runner == *runner, || format!("agent {index} is at {runner} and says {}", is.runner))?;
    let new = &is.handovers[was.handovers.len()..];
    let over = !was.is_running() || is_over(before, index, was.attempt);
    ensure(new.is_empty() || over, || format!("agent {index} was handed over while an attempt of it ran"))?;
    ensure(new.iter().all(|one| one.attempt == was.attempt + 1), || {
        format!("agent {index} was handed over with an attempt that had begun")
    })
}

/// It says so, or its supervisor is gone and its time is over.
fn failed(world: &World, agent: usize, n: u32) -> bool {
    let Some(one) = (n as usize).checked_sub(1).and_then(|n| world.attempts[agent].get(n)) else {
        return false;
    };
    let late = |since: Time| since.boot == world.time.boot && since.ticks < world.time.ticks;
    match (one.record, one.claim) {
        (None, Claim::Owned(since)) => late(since),
        (record, _) => record == Some(End::Fail),
    }
}

fn is_over(world: &World, agent: usize, n: u32) -> bool {
    let Some(n) = (n as usize).checked_sub(1) else { return true };
    world.attempts[agent].get(n).is_some_and(|one| {
        let far = !one.far.is_open() && one.far != Far::Mistaken;
        let gone = (!one.tree || one.sight == Sight::SaidToBeGone) && far;
        let dead = matches!(one.claim, Claim::Owned(_)) && one.supervisor == Supervisor::Dead && gone;
        one.record.is_some() || one.claim == Claim::Void || dead
    })
}

/// `maxParallel` and `parallel: false`, from intent to proved end.
fn limits(plan: &Plan, state: &State) -> Check {
    let running: Vec<bool> = state.agents.iter().map(|agent| agent.is_running()).collect();
    let count = running.iter().filter(|running| **running).count();
    let max = plan.max_parallel.map_or(usize::MAX, |max| max as usize);
    ensure(count <= max, || format!("{count} agents run, {max} may"))?;
    let alone =
        plan.agents.iter().zip(&running).all(|(agent, running)| agent.parallel || !running || count == 1);
    ensure(alone, || "an exclusive agent is not alone".to_owned())
}

/// P9: who begins has what it needs.
fn begun(
    plan: &Plan,
    before: &World,
    (old, new): (&State, &State),
    index: usize,
    was: &Agent,
    is: &Agent,
) -> Check {
    if was.status() != AgentStatus::Pending || is.status() != AgentStatus::Running {
        return Ok(());
    }
    let agent = &plan.agents[index];
    let needs: Vec<usize> = agent.depends_on.iter().filter_map(|role| old.index_of(role)).collect();
    let all_ended = needs.iter().all(|&need| new.agents[need].ended());
    ensure(all_ended, || format!("agent {index} began before its dependencies had ended"))?;
    let ok = |need: &&usize| {
        let is_stage = plan.agents[**need].fan_out.is_some();
        truth(before, **need, new.agents[**need].attempt) == Some(End::Ok)
            || (is_stage && new.agents[**need].is_completed())
    };
    let met = needs.iter().filter(ok).count();
    let needed = match agent.require {
        Require::All => needs.len(),
        Require::Any => needs.len().min(1),
        Require::AtLeast(n) => n as usize,
    };
    ensure(met >= needed, || format!("agent {index} began with {met} of {needed} dependencies"))?;
    for need in needs {
        let is_review = plan.agents[need].report == ReportKind::Findings;
        if is_review && new.agents[need].status() == AgentStatus::Completed {
            let attempt = new.agents[need].attempt;
            let covered = new.merge.as_ref().is_some_and(|merge| {
                merge.status != MergeStatus::Due && merge.of.get(&new.agents[need].role) == Some(&attempt)
            });
            ensure(covered, || format!("agent {index} began before the review of {need} was merged"))?;
        }
    }
    Ok(())
}
