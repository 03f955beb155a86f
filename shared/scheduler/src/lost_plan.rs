//! A convoy whose plan is lost can still be ended: what a scheduler needs for
//! that is in the state.

use std::collections::BTreeMap;

use base::encoded_path::EncodedPath;
use base::error::{Error, Result};
use protocol::agent::Agent;
use protocol::layout::ConvoyDir;
use protocol::plan::{
    AgentPlan, Cwd, Gate, Inputs, Invocation, Launcher, Origin, Plan, PromptDelivery, ReportKind,
    ReportSource, Require, Stream,
};
use protocol::state::State;

/// Nobody waits for what these limits are of: the convoy is being stopped.
const NO_LIMIT_MS: u64 = 365 * 24 * 3_600_000;
const GRACE_MS: u64 = 5_000;

/// The plan of a convoy that is being stopped: its own, or where that is lost one
/// by which nothing can be begun.
pub(crate) fn plan_to_end(dir: &ConvoyDir, state: &State) -> Result<Plan> {
    match Plan::read(dir) {
        Err(Error::Plan { .. }) => Ok(stand_in(state)),
        Ok(plan) if plan.agents.len() < state.agents.len() => Ok(stand_in(state)),
        read => read,
    }
}

pub(crate) fn stand_in(state: &State) -> Plan {
    Plan {
        schema_version: state.schema_version,
        id: state.id.clone(),
        template: state.template.clone(),
        template_origin: Origin::default(),
        stamp: String::new(),
        project: state.context.project_path.clone(),
        output_dir: state.output_dir.clone(),
        read_dir: None,
        checkout: None,
        site: None,
        gate: Gate::default(),
        inputs: Inputs::default(),
        launcher: Launcher::Process,
        grace_ms: GRACE_MS,
        max_parallel: None,
        parked: 0,
        convoy_timeout_ms: NO_LIMIT_MS,
        budget_usd: None,
        budget_tokens: None,
        prompts: BTreeMap::new(),
        agents: state.agents.iter().map(|one| agent(one)).collect(),
    }
}

fn agent(agent: &Agent) -> AgentPlan {
    AgentPlan {
        role: agent.role.clone(),
        subagent: agent.subagent.clone(),
        subagent_origin: Origin::default(),
        depends_on: Vec::new(),
        require: Require::default(),
        parallel: true,
        report: ReportKind::default(),
        lens: None,
        task: None,
        shape: None,
        item: None,
        group: None,
        fan_out: None,
        items: Vec::new(),
        files: None,
        timeout_ms: NO_LIMIT_MS,
        stall_timeout_ms: None,
        retries: 0,
        budget_usd: None,
        budget_tokens: None,
        fallback: None,
        placement: None,
        invocation: Invocation {
            runner: agent.runner.clone(),
            runner_origin: Origin::default(),
            model: agent.model.clone(),
            model_argument: None,
            tools: Vec::new(),
            report_tool: String::new(),
            answer: None,
            cwd: Cwd::default(),
            program: EncodedPath::from(std::path::PathBuf::from("/bin/false")),
            argv: Vec::new(),
            resume_argv: None,
            chat_argv: Vec::new(),
            prompt: PromptDelivery::File,
            stream: Stream::Plain,
            events: Vec::new(),
            report_from: ReportSource::File,
            unconfined: true,
            not_confined: Vec::new(),
            skip_permissions: false,
            endings: Vec::new(),
            files: Vec::new(),
            links: BTreeMap::new(),
            price: None,
            static_only: false,
            offline: false,
            login: Vec::new(),
            set_env: BTreeMap::new(),
            pass_env: Vec::new(),
        },
    }
}
