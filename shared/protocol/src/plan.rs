//! The plan: what a convoy will do, resolved once at the start and never changed.
//!
//! `convoy-start` writes `plan.json`; everybody else reads it. It holds no
//! state and no secret. Files about agents (template, agent file, runner) are
//! read at the start only: editing them later changes no running convoy.

use std::collections::BTreeMap;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::ids::{AgentName, ConvoyId, Name, Role};
use findings::changed::GateOn;
use serde::{Deserialize, Serialize};

use crate::site::Site;

mod ahead;
mod fan_out;
mod inputs;
mod invocation;
mod placement;

pub use ahead::Ahead;
pub use fan_out::{Condition, DEFAULT_MAX, FanOut, Item, MERGE, Operator};
pub use inputs::{Guidelines, Inputs, Issue, LastLook, PrText};
pub use invocation::{
    AnswerBy, ConfigFile, Credential, Cwd, EndingRule, EventKind, EventRule, Invocation, Price,
    PromptDelivery, ReportSource, Stream,
};
pub use placement::{PlaceEach, PlaceWhen, PlaceWords, Placement, Proof};

/// The resolved, immutable plan of one convoy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub schema_version: u64,
    pub id: ConvoyId,
    pub template: Name,
    pub template_origin: Origin,
    /// `YYYYMMDD-HHMMSS` (UTC) of the start; begins every published file name.
    pub stamp: String,
    pub project: EncodedPath,
    /// What of the project its AI agents are given for reading, absolute; `None`:
    /// all of it ([`Plan::read_dir`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_dir: Option<EncodedPath>,
    /// Absolute.
    pub output_dir: EncodedPath,
    /// What is reviewed, if it is not the project as its files lie there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<Checkout>,
    /// What the two were at the start; noted when the convoy is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// Inputs as the prompts show them.
    pub inputs: Inputs,
    /// What stands in the way of an approval, if it is a review.
    #[serde(default)]
    pub gate: Gate,
    pub launcher: Launcher,
    /// TERM → this many milliseconds → KILL.
    pub grace_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallel: Option<u32>,
    /// At most so many supervisors wait for their agents' turn ([`crate::parked`]).
    #[serde(default)]
    pub parked: u32,
    pub convoy_timeout_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u64>,
    /// Prompt texts, by subagent: many agents may share one.
    pub prompts: BTreeMap<AgentName, String>,
    pub agents: Vec<AgentPlan>,
}

/// A commit that is reviewed instead of the files as they lie in the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkout {
    /// Its full object name.
    pub commit: String,
    /// For people: "work (1a2b3c4)".
    pub shown: String,
    /// Where its files are while the convoy runs; absolute, in the state directory.
    pub tree: EncodedPath,
    /// Locked by a program that reads the files after the convoy's end as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<EncodedPath>,
}

/// Where a template, agent file or runner came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    #[default]
    BuiltIn,
    /// From the state directory; replaces a built-in of the same name.
    User,
    /// Named by path on the command line.
    File,
}

/// Which findings stand in the way of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// Those of this severity, by its name, or of a worse one.
    pub level: String,
    pub on: GateOn,
}

impl Default for Gate {
    fn default() -> Self {
        Gate { level: "high".to_owned(), on: GateOn::All }
    }
}

/// How supervisors are started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Launcher {
    /// Sessions of one private tmux server per state directory.
    Tmux { program: EncodedPath, socket: EncodedPath },
    /// Detached processes without a terminal.
    Process,
}

/// One agent of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentPlan {
    pub role: Role,
    pub subagent: AgentName,
    /// Where its agent file came from.
    #[serde(default)]
    pub subagent_origin: Origin,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Role>,
    #[serde(default)]
    pub require: Require,
    /// False: no other agent of the convoy runs beside it.
    pub parallel: bool,
    #[serde(default)]
    pub report: ReportKind,
    /// What a reviewer looks at besides the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<Lens>,
    /// What its report has at least; `None`: nothing is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Extra prompt text of this agent (from the template), after the subagent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What it is for, of a `forEach` in the template: `{{item}}` in prompts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The role in the template that `forEach` made this agent of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Role>,
    /// A stage: it runs nothing itself, and its agents come into being while the convoy
    /// runs ([`crate::expansion`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fan_out: Option<FanOut>,
    /// What an agent of such a stage is for, as data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// Its part of `convoys/<id>/files`; all of them if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileRange>,
    pub timeout_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall_timeout_ms: Option<u64>,
    /// Failures that are answered with another attempt.
    #[serde(default)]
    pub retries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u64>,
    pub invocation: Invocation,
    /// Who has it after the runner of `invocation`; `None`: nobody else ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Where its command runs; `None`: beside its supervisor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
}

/// The rest of the chain of an agent's runners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    /// The next one has the agent when a login is limited for longer than this, in
    /// milliseconds, or its credit is used up.
    pub after_ms: u64,
    /// In their order.
    pub to: Vec<Invocation>,
}

impl AgentPlan {
    /// Its runners, the first one first; places in the chain are counted along this.
    pub fn chain(&self) -> impl Iterator<Item = &Invocation> {
        std::iter::once(&self.invocation).chain(self.fallback.iter().flat_map(|fallback| &fallback.to))
    }

    /// How the runner at this place runs it. A place that the plan does not have is
    /// the first one.
    pub fn invocation_at(&self, place: usize) -> &Invocation {
        self.chain().nth(place).unwrap_or(&self.invocation)
    }

    /// The agent as the runner at this place has it, and nobody else.
    #[must_use]
    pub fn run_by(&self, place: usize) -> AgentPlan {
        let invocation = self.invocation_at(place).clone();
        // Programs of ours have shapes of their own.
        let shape = self.shape.clone().filter(|_| !invocation.static_only);
        AgentPlan { invocation, shape, fallback: None, ..self.clone() }
    }
}

/// What a report in words has at least: without it, it is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Shape {
    /// A heading, of any level, begins with each of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// A line has each of these as a field: `**Category:** bug`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Characters that are no blanks.
    pub length: u32,
}

/// A stretch of the list of files, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRange {
    pub from: usize,
    pub count: usize,
}

impl FileRange {
    /// These files of a list; of a list that is too short what there is.
    pub fn of<T>(self, list: &[T]) -> &[T] {
        let from = self.from.min(list.len());
        let to = self.from.saturating_add(self.count).min(list.len());
        &list[from..to]
    }
}

/// How many of its dependencies must have completed for an agent to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Require {
    #[default]
    All,
    Any,
    #[serde(untagged)]
    AtLeast(u32),
}

/// What a reviewer holds a change against, besides the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lens {
    /// What was asked for: the texts of issues and of the pull request ([`Inputs::asked`]).
    Requirements,
}

/// What an agent's report is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReportKind {
    /// Any non-empty text.
    #[default]
    Any,
    /// A review: `convoy-merge` must recognise it, and merges it.
    Findings,
    /// The final report.
    Synthesis,
    /// A second look at findings: of each what becomes of it, and why.
    Verification,
}

impl Plan {
    /// The directory of the project that AI agents are given for reading.
    pub fn read_dir(&self) -> &Path {
        self.read_dir.as_ref().map_or_else(|| self.tree(), EncodedPath::as_path)
    }

    /// May no more than so much be spent by all agents together?
    pub fn has_budget(&self) -> bool {
        self.budget_usd.is_some() || self.budget_tokens.is_some()
    }

    /// How many agents may come into being while the convoy runs.
    pub fn still_to_come(&self) -> usize {
        self.agents.iter().filter_map(|agent| agent.fan_out.as_ref()).map(|one| one.max as usize).sum()
    }

    /// The stage that this agent came out of while the convoy ran, if it did.
    pub fn stage_of(&self, agent: &AgentPlan) -> Option<&AgentPlan> {
        if agent.items.is_empty() {
            return None;
        }
        self.agent(agent.group.as_ref()?).filter(|stage| stage.fan_out.is_some())
    }

    /// The directory that the agents work on: the project, or the commit under
    /// review. Paths in reports are relative to it.
    pub fn tree(&self) -> &Path {
        self.checkout.as_ref().map_or(self.project.as_path(), |checkout| checkout.tree.as_path())
    }

    /// The agent of this role.
    pub fn agent(&self, role: &Role) -> Option<&AgentPlan> {
        self.agents.iter().find(|agent| agent.role == *role)
    }

    /// Is nothing but static rules at work in this convoy?
    pub fn static_only(&self) -> bool {
        self.agents.iter().flat_map(AgentPlan::chain).all(|invocation| invocation.static_only)
    }

    /// The agents in phases, as people picture them: an agent is in the phase
    /// after the latest of its dependencies. (Scheduling does not look at this.)
    pub fn phases(&self) -> Vec<Vec<&AgentPlan>> {
        let mut phase_of: BTreeMap<&Role, usize> = BTreeMap::new();
        let mut phases: Vec<Vec<&AgentPlan>> = Vec::new();
        let mut left: Vec<&AgentPlan> = self.agents.iter().collect();
        while !left.is_empty() {
            let (ready, waiting): (Vec<_>, Vec<_>) =
                left.iter().partition(|agent| agent.depends_on.iter().all(|dep| phase_of.contains_key(dep)));
            if ready.is_empty() {
                // Only an invalid plan (a cycle) gets here; show it rather than hide it.
                phases.push(waiting);
                break;
            }
            phases.push(ready.clone());
            phase_of.extend(ready.iter().map(|agent| (&agent.role, phases.len())));
            left = waiting;
        }
        phases
    }
}
