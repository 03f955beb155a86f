//! The plan of a convoy as the page is shown it.

use base::text;
use findings::second_look::finding_of;
use protocol::plan::{AgentPlan, Launcher, Plan};
use protocol::state::State;
use scheduler::tmux::Tmux;
use serde_json::{Map, Value, json};

/// Its phases, agents, inputs and limits.
pub(super) fn shown(plan: &Plan, state: &State) -> Value {
    let phases: Vec<Vec<&str>> =
        plan.phases().iter().map(|phase| phase.iter().map(|agent| agent.role.as_str()).collect()).collect();
    let agents: Map<String, Value> =
        plan.agents.iter().map(|agent| (agent.role.to_string(), agent_json(plan, agent, state))).collect();
    json!({
        "phases": phases,
        "agents": agents,
        "launcher": match plan.launcher { Launcher::Tmux { .. } => "tmux", Launcher::Process => "process" },
        "staticOnly": plan.static_only(),
        "inputs": plan.inputs,
        "maxParallel": plan.max_parallel,
        "convoyTimeoutMs": plan.convoy_timeout_ms,
        "budgetUsd": plan.budget_usd,
        "templateOrigin": plan.template_origin,
    })
}

/// The finding that an item of a stage is, or that it looks at again; `None`: it is none.
fn about(item: &Value) -> Option<Value> {
    let finding = finding_of(item);
    let word = |key: &str| finding[key].as_str().map(text::visible);
    let place = finding["locations"].get(0).cloned().unwrap_or_default();
    Some(json!({ "id": word("id")?, "title": word("title")?, "severity": word("severity"),
        "file": place["file"], "line": place["lineStart"] }))
}

fn agent_json(plan: &Plan, agent: &AgentPlan, state: &State) -> Value {
    let now = state.agent(&agent.role);
    let session = now.map(|agent| agent.tmux_session.as_str()).filter(|name| !name.is_empty());
    let attach = match (&plan.launcher, session) {
        (Launcher::Tmux { program, socket }, Some(session)) => {
            let argv = Tmux::new(program.as_path(), socket.as_path()).attach_argv(session, false);
            let words: Vec<String> =
                argv.iter().map(|word| protocol::placeholder::shown(word).clone()).collect();
            Some(words.join(" "))
        }
        (Launcher::Process | Launcher::Tmux { .. }, _) => None,
    };
    json!({
        "dependsOn": agent.depends_on,
        "require": agent.require,
        "report": agent.report,
        "timeoutMs": now.map_or(agent.timeout_ms, |now| now.time_limit_ms(agent)),
        "retries": agent.retries,
        "executor": agent.placement.as_ref().map(|placement| &placement.executor),
        "item": agent.item,
        "stage": agent.fan_out.as_ref().map(protocol::plan::FanOut::told),
        "of": plan.stage_of(agent).map(|stage| &stage.role),
        "about": agent.items.iter().filter_map(|item| about(&item.value)).collect::<Vec<Value>>(),
        "unconfined": agent.chain().any(|invocation| invocation.unconfined),
        "attach": attach,
    })
}
