//! The agents of a stage that came into being while the convoy ran ([`FanOut`]).
//!
//! `expansion.<role>.json` is linked once, before any of its agents is in the state,
//! and never changes: items, their hashes, and what they were taken from. The plan is
//! `plan.json` and behind it the agents of these files in the order in which they were
//! decided on: the agents of a state are always the first ones of that, so that an
//! index means the same agent to everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use base::error::{Error, IoContext, Result};
use base::files;
use base::ids::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::layout::ConvoyDir;
use crate::plan::{AgentPlan, FanOut, Item, Plan};

/// Version of the file.
const VERSION: u32 = 1;

/// One agent that is to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub role: Role,
    pub items: Vec<Item>,
    /// How it is run: 0 as the stage says, else the n-th of [`FanOut::others`].
    #[serde(default)]
    pub runner: usize,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expansion {
    pub version: u32,
    /// The stage.
    pub role: Role,
    /// Its place among all of the convoy's, from 0.
    pub sequence: usize,
    /// The attempts the items were taken from.
    pub of: BTreeMap<Role, u32>,
    /// The merge they were taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<u32>,
    pub agents: Vec<Part>,
    /// Items that fit and got no agent, because there are more than the stage may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Item>,
    /// What people should know of it: a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What items are taken from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source<'a> {
    pub sequence: usize,
    pub of: &'a BTreeMap<Role, u32>,
    pub merge: Option<u32>,
    /// The most important first.
    pub items: Vec<Item>,
}

impl Expansion {
    /// Chooses the items that get an agent. `before`: those of the stage that are there;
    /// they keep their items and numbers. Pure.
    pub fn choose(
        stage: &AgentPlan,
        fan_out: &FanOut,
        before: &[Expansion],
        source: Source<'_>,
        runner_for: impl Fn(&[Item]) -> usize,
    ) -> std::result::Result<Self, String> {
        let found = source.items.len();
        let fitting: Vec<Item> = source.items.into_iter().filter(|item| fan_out.takes(&item.value)).collect();
        let fit = fitting.len();
        let mut seen: BTreeSet<String> =
            before.iter().flat_map(Expansion::items).map(|item| item.hash.clone()).collect();
        let mut new: Vec<Item> = fitting.into_iter().filter(|item| seen.insert(item.hash.clone())).collect();
        let there: usize = before.iter().map(|one| one.agents.len()).sum();
        let free = (fan_out.max as usize).saturating_sub(there);
        let chunk = (fan_out.chunk as usize).max(1);
        let left = new.split_off(new.len().min(free.saturating_mul(chunk)));
        let mut agents = Vec::new();
        for (n, items) in new.chunks(chunk).enumerate() {
            let role = format!("{}-{}", stage.role, there + n + 1);
            let role = role.parse().map_err(|error: base::ids::BadName| error.to_string())?;
            agents.push(Part { role, items: items.to_vec(), runner: runner_for(items) });
        }
        let shown = fan_out.shown();
        let note = match (fit, left.len()) {
            (0, _) if found == 0 => Some(format!("'{}' left no item", fan_out.from)),
            (0, _) => Some(format!("none of {found} items of '{}' fits: {shown}", fan_out.from)),
            (_, 0) => None,
            (_, more) => Some(format!("{more} of {fit} items are left out: 'max' is {}", fan_out.max)),
        };
        Ok(Expansion {
            version: VERSION,
            role: stage.role.clone(),
            sequence: source.sequence,
            of: source.of.clone(),
            merge: source.merge,
            agents,
            left,
            note,
        })
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.agents.iter().flat_map(|part| &part.items)
    }

    /// The plans of its agents, made of that of their stage.
    pub(crate) fn agents(&self, stage: &AgentPlan) -> Vec<AgentPlan> {
        let Some(fan_out) = &stage.fan_out else { return Vec::new() };
        let other = |part: &Part| part.runner.checked_sub(1).and_then(|n| fan_out.others.get(n));
        let agent = |part: &Part| {
            let (invocation, fallback) = match other(part) {
                Some(other) => (other.clone(), None),
                None => (stage.invocation.clone(), stage.fallback.clone()),
            };
            AgentPlan {
                role: part.role.clone(),
                item: Some(shown(&part.items)),
                items: part.items.clone(),
                group: Some(stage.role.clone()),
                fan_out: None,
                invocation,
                fallback,
                ..stage.clone()
            }
        };
        self.agents.iter().map(agent).collect()
    }

    /// All of a convoy, in the order in which they were decided on.
    pub(crate) fn read_all(dir: &ConvoyDir, plan: &Plan) -> Result<Vec<Expansion>> {
        let mut all = Vec::new();
        for stage in plan.agents.iter().filter(|agent| agent.fan_out.is_some()) {
            all.extend(Expansion::of_stage(dir, &stage.role)?);
        }
        all.sort_by_key(|one| one.sequence);
        Ok(all)
    }

    /// Those of one stage.
    pub fn of_stage(dir: &ConvoyDir, role: &Role) -> Result<Vec<Expansion>> {
        let mut all = Vec::new();
        while let Some(one) = Expansion::read(dir, role, all.len() + 1)? {
            all.push(one);
        }
        Ok(all)
    }

    /// The n-th of a stage, counted from 1.
    pub fn read(dir: &ConvoyDir, role: &Role, n: usize) -> Result<Option<Expansion>> {
        let path = dir.expansion(role, n);
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
        let unreadable = |what: std::io::Error| Error::Unreadable { path: path.clone(), source: what };
        let read: Expansion = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.into()))?;
        if read.version > VERSION {
            let newer = format!("it is of version {}, this program reads up to {VERSION}", read.version);
            return Err(unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, newer)));
        }
        Ok(Some(read))
    }
}

/// The items of an agent as `{{item}}` shows them: one text as it is, else JSON.
fn shown(items: &[Item]) -> String {
    match items {
        [Item { value: Value::String(text), .. }] => text.clone(),
        [one] => format!("{:#}", one.value),
        many => format!("{:#}", Value::Array(many.iter().map(|item| item.value.clone()).collect())),
    }
}

impl Plan {
    /// Reads `convoys/<id>/plan.json`, and the agents that came into being since.
    /// [`Error::Plan`]: it is lost, missing or torn.
    pub fn read(dir: &ConvoyDir) -> Result<Plan> {
        let path = dir.plan();
        let lost = |source| Error::Plan { id: dir.id().clone(), source };
        let mut plan: Plan = match files::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| lost(error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(lost(error)),
            Err(error) => return Err(error).context("read", &path),
        };
        match Expansion::read_all(dir, &plan) {
            Ok(expansions) => plan.extend(&expansions),
            Err(Error::Unreadable { source, .. }) => return Err(lost(source)),
            Err(error) => return Err(error),
        }
        Ok(plan)
    }

    /// Adds the agents of these, which are in the order in which they were decided on.
    pub fn extend(&mut self, expansions: &[Expansion]) {
        for expansion in expansions {
            let agents = self.agent(&expansion.role).map(|stage| expansion.agents(stage));
            self.agents.extend(agents.unwrap_or_default());
        }
    }
}
