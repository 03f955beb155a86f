//! Small plans, states and facts for the tests of the scheduling function.

use crate::graph::Graph;
use crate::step::{Effect, MergeFact, Observations, Stepped};
use base::clock::{BootId, Moment, Now};
use base::ids::Role;
use base::process::ProcessId;
use jiff::{SignedDuration, Timestamp};
use protocol::agent::{Agent, Phase};
use protocol::claim::{AttemptFact, Owner, Tree};
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Fallback, Invocation, Plan, Stream};
use protocol::record::{ExitRecord, Outcome};
use protocol::state::{State, Stopping};
use serde_json::{from_value, json};

pub(crate) const TIMEOUT_MS: u64 = 30_000;
pub(crate) const GRACE_MS: u64 = 1_000;
pub(crate) const FALLBACK_AFTER_MS: u64 = 30 * 60_000;
pub(crate) const CONVOY_TIMEOUT_MS: u64 = 2 * 3_600_000;

pub(crate) fn role(name: &str) -> Role {
    name.parse().expect("a role")
}

pub(crate) fn moment(boot: &str, ms: u64) -> Moment {
    Moment { boot: BootId(boot.to_owned()), ms }
}

/// `wall_s` seconds after the start, on the wall clock.
pub(crate) fn wall(wall_s: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(wall_s)
}

/// Both clocks, running alike.
pub(crate) fn at(ms: u64) -> Now {
    Now { wall: wall((ms / 1000) as i64), moment: moment("b", ms) }
}

/// An agent that needs nothing, is allowed everything and never tries again.
pub(crate) fn agent(name: &str) -> AgentPlan {
    from_value(json!({
        "role": name, "subagent": "s", "parallel": true, "timeoutMs": TIMEOUT_MS,
        "invocation": {
            "runner": "command", "runnerOrigin": "builtIn", "program": "/bin/true", "argv": [],
            "prompt": "stdin", "stream": "plain", "reportFrom": "file", "unconfined": true,
        },
    }))
    .expect("an agent")
}

/// An agent that waits in a queue before it begins.
pub(crate) fn queued(name: &str) -> AgentPlan {
    let placement = json!({
        "executor": "mine", "executorOrigin": "user", "program": "/bin/true", "words": [],
        "proof": "record", "list": ["true"], "waiting": ["PENDING"],
    });
    AgentPlan { placement: Some(from_value(placement).expect("a placement")), ..agent(name) }
}

pub(crate) fn after(name: &str, needs: &[&str]) -> AgentPlan {
    AgentPlan { depends_on: needs.iter().map(|name| role(name)).collect(), ..agent(name) }
}

/// An agent whose runners, in this order, each ask a service of their own.
pub(crate) fn chained(name: &str, runners: &[&str]) -> AgentPlan {
    let mut agent = agent(name);
    let mut chain = runners.iter().map(|runner| Invocation {
        runner: runner.parse().expect("a runner"),
        stream: Stream::ClaudeStreamJson,
        ..agent.invocation.clone()
    });
    let first = chain.next().expect("a runner");
    let fallback = Fallback { after_ms: FALLBACK_AFTER_MS, to: chain.collect() };
    (agent.invocation, agent.fallback) = (first, Some(fallback));
    agent
}

pub(crate) fn plan(agents: Vec<AgentPlan>) -> Plan {
    let mut plan: Plan = from_value(json!({
        "schemaVersion": 1, "id": "convoy-t-abcdef", "template": "t", "templateOrigin": "builtIn",
        "stamp": "19700101-000000", "project": "/p", "outputDir": "/o", "inputs": { "fileCount": 0 },
        "launcher": { "kind": "process" }, "graceMs": GRACE_MS, "maxParallel": null,
        "convoyTimeoutMs": CONVOY_TIMEOUT_MS, "budgetUsd": null, "prompts": {}, "agents": [],
    }))
    .expect("a plan");
    plan.agents = agents;
    plan
}

/// The state of a convoy that was just created from this plan.
pub(crate) fn first_state(plan: &Plan) -> State {
    let agents: Vec<_> = plan
        .agents
        .iter()
        .map(|agent| {
            json!({
                "role": agent.role, "subagent": "s", "tmuxSession": "", "status": "pending",
                "attempt": 0, "runner": agent.invocation.runner,
            })
        })
        .collect();
    from_value(json!({
        "schemaVersion": 1, "id": plan.id, "template": "t", "status": "running",
        "startedAt": at(0).wall, "outputDir": "/o", "context": { "projectPath": "/p" }, "host": "h",
        "revision": 0, "clock": { "at": at(0).moment, "elapsedMs": 0 }, "agents": agents,
    }))
    .expect("a state")
}

pub(crate) fn owner(at: Moment) -> Owner {
    Owner {
        process: ProcessId { pid: 1, start: 1 },
        at,
        token: String::new(),
        pid_namespace: None,
        session: None,
        pane: None,
        cols: None,
        rows: None,
        command: None,
        begun: None,
    }
}

pub(crate) fn record(outcome: Outcome) -> ExitRecord {
    ExitRecord {
        schema_version: 1,
        token: String::new(),
        outcome,
        exit_code: None,
        signal: None,
        detail: None,
        started_at: wall(0),
        ended_at: wall(0),
        evidence: None,
        output_file: None,
        usage: None,
        session: None,
    }
}

pub(crate) fn held(since_ms: u64) -> AttemptFact {
    AttemptFact::Held(owner(at(since_ms).moment))
}

pub(crate) fn ended(outcome: Outcome) -> AttemptFact {
    AttemptFact::Ended(Box::new(record(outcome)), owner(at(0).moment))
}

pub(crate) fn failed(reason: Reason) -> AttemptFact {
    ended(Outcome::Failed { reason })
}

pub(crate) fn gone(since_ms: u64, tree: Tree) -> AttemptFact {
    AttemptFact::Gone { owner: owner(at(since_ms).moment), tree }
}

pub(crate) fn merged() -> MergeFact {
    MergeFact::Done { counts: [].into() }
}

pub(crate) fn launch(agent: usize, attempt: u32) -> Effect {
    Effect::Launch { agent, attempt }
}

/// One step of a plan that the next one may change.
pub(crate) fn step(state: &State, plan: &Plan, observed: &Observations, now: &Now) -> Stepped {
    crate::step::step(state, &Graph::of(plan.clone()), observed, now)
}

/// A convoy whose state is always the result of `step`.
#[derive(Debug, Clone)]
pub(crate) struct Convoy {
    pub(crate) plan: Plan,
    pub(crate) state: State,
}

impl Convoy {
    pub(crate) fn of(plan: Plan) -> Self {
        Convoy { state: first_state(&plan), plan }
    }

    pub(crate) fn new(agents: Vec<AgentPlan>) -> Self {
        Self::of(plan(agents))
    }

    pub(crate) fn step(&mut self, now: &Now, observed: &Observations) -> Stepped {
        let stepped = step(&self.state, &self.plan, observed, now);
        self.state = stepped.state.clone();
        stepped
    }

    /// One turn at `ms` with these facts of current attempts; its effects.
    pub(crate) fn turn(&mut self, ms: u64, facts: Vec<(usize, AttemptFact)>) -> Vec<Effect> {
        self.step(&at(ms), &self.facts(facts)).effects
    }

    pub(crate) fn facts(&self, facts: Vec<(usize, AttemptFact)>) -> Observations {
        let of = |(index, fact): (usize, AttemptFact)| (index, self.state.agents[index].attempt, fact);
        Observations { attempts: facts.into_iter().map(of).collect(), ..Observations::default() }
    }

    /// The k-th merge has ended.
    pub(crate) fn merge(&mut self, ms: u64, k: u32, fact: MergeFact) -> Vec<Effect> {
        self.step(&at(ms), &Observations { merge: Some((k, fact)), ..Observations::default() }).effects
    }

    pub(crate) fn stop(&mut self, ms: u64) {
        self.state.stopping = Some(Stopping { since: at(ms).moment, grace_ms: GRACE_MS });
    }

    pub(crate) fn agent(&self, index: usize) -> &Agent {
        &self.state.agents[index]
    }

    /// Attempt, phase (its letter in the table of agent states) and reason of an agent.
    pub(crate) fn at(&self, index: usize) -> (u32, char, Option<Reason>) {
        let agent = self.agent(index);
        let letter = match agent.phase {
            Phase::Pending(_) => 'P',
            Phase::Launched => 'L',
            Phase::Claimed => 'R',
            Phase::Reaping => 'Z',
            Phase::Completed(_) => 'C',
            Phase::Failed(_) => 'F',
        };
        (agent.attempt, letter, agent.reason())
    }
}
