//! What the page is shown of a convoy: its state as it stands in the file, and
//! beside it, under `dashboard`, what the page would otherwise have to guess.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use base::error::chain;
use base::ids::{ConvoyId, Role};
use base::{Error, IoContext as _, StateProblem, files, text};
use jiff::Timestamp;
use protocol::far::{self, Shown};
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::Reason;
use protocol::plan::Plan;
use protocol::state::{ConvoyStatus, State};
use protocol::store::read_state;
use protocol::{reasons, watch_lock};
use serde_json::{Map, Value, json};

use crate::live::{judged, legacy, plan};

/// Files named in the list; the convoy itself has all of them.
const FILES_LISTED: usize = 20;
/// An end other than completed is news for this long.
const NEWS_S: i64 = 24 * 3600;

/// Where attempts are, as the page is told.
type Places = BTreeMap<Role, Value>;

/// One convoy of the list.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    pub(crate) id: ConvoyId,
    /// `None`: the state cannot be used.
    pub(crate) status: Option<ConvoyStatus>,
    pub(crate) template: String,
    pub(crate) started: Timestamp,
    /// An agent has failed, or it ended other than completed without being stopped.
    trouble: bool,
    ended: Option<Timestamp>,
    /// Its state is there and cannot be read.
    pub(crate) is_unusable: bool,
    /// Nobody schedules it, though it runs.
    pub(crate) unwatched: bool,
    /// What a search looks through, in lower case.
    text: String,
    pub(crate) project: Option<String>,
    pub(crate) reason: Option<Reason>,
    /// US dollars, as far as its agents have told any.
    pub(crate) cost: Option<f64>,
    /// The JSON of the list, as text: there may be thousands.
    pub(crate) json: Box<str>,
    /// The attempts that run, and where those of them are that were placed elsewhere.
    running: Vec<(Role, u32)>,
    places: Places,
}

/// The order of the list: what needs a person, what runs, the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Attention,
    Running,
    Earlier,
}

impl Group {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Group::Attention => "attention",
            Group::Running => "running",
            Group::Earlier => "earlier",
        }
    }
}

impl Summary {
    /// Reads one; `None` when it is no more.
    pub(crate) fn read(home: &Home, id: &ConvoyId) -> Option<Self> {
        let dir = home.convoy(id);
        match read_state(&dir) {
            Ok(state) if state.id != *id => Some(Summary::unusable(&dir, &of_another(&state))),
            Ok(state) => Some(Summary::of(&dir, &state)),
            Err(Error::NoConvoy(_)) => None,
            Err(Error::State { source: StateProblem::Legacy, .. }) => match legacy(&dir) {
                Ok(Some(json)) => Some(Summary::legacy(&dir, json)),
                Ok(None) => Some(Summary::unusable(&dir, NOTHING)),
                Err(Error::NoConvoy(_)) => None,
                Err(error) => Some(Summary::unusable(&dir, &chain(&error))),
            },
            Err(error) => Some(Summary::unusable(&dir, &chain(&error))),
        }
    }

    fn of(dir: &ConvoyDir, state: &State) -> Self {
        let stopped = state.reason == Some(Reason::Stopped);
        let failed = state.agents.iter().any(|agent| agent.is_failed());
        let mut json = state_json(state);
        slim(&mut json);
        let running = running(state);
        let places = places(dir, &running);
        json["dashboard"] = view(dir, state, &places);
        Summary {
            id: state.id.clone(),
            status: Some(state.status),
            template: state.template.to_string(),
            started: state.started_at,
            trouble: state.status != ConvoyStatus::Completed && !stopped && (failed || state.ended()),
            ended: state.completed_at,
            is_unusable: false,
            unwatched: is_unwatched(dir, state.status, state.started_at),
            text: search_text(&json),
            project: project(&json),
            reason: state.reason,
            cost: cost(state),
            json: json.to_string().into(),
            running,
            places,
        }
    }

    /// A convoy of the previous system.
    fn legacy(dir: &ConvoyDir, mut json: Value) -> Self {
        let started =
            json["startedAt"].as_str().and_then(|at| at.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        slim(&mut json);
        Summary {
            id: dir.id().clone(),
            status: serde_json::from_value(json["status"].clone()).ok(),
            template: json["template"].as_str().unwrap_or_default().to_owned(),
            started,
            trouble: false,
            // Nothing runs it any more.
            ended: Some(started),
            is_unusable: false,
            unwatched: false,
            text: search_text(&json),
            project: project(&json),
            reason: None,
            cost: None,
            json: json.to_string().into(),
            running: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    fn unusable(dir: &ConvoyDir, why: &str) -> Self {
        // Only for its place in the list: when it was changed last, if that can be known.
        let changed = fs::metadata(dir.state()).and_then(|found| found.modified()).ok();
        let started = changed.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        let json = json!({
            "id": dir.id(),
            "startedAt": started,
            "agents": [],
            "dashboard": { "short": dir.id().short(), "unusable": text::visible(why) },
        });
        Summary {
            id: dir.id().clone(),
            status: None,
            template: String::new(),
            started,
            trouble: true,
            ended: None,
            is_unusable: true,
            unwatched: false,
            text: dir.id().to_string(),
            project: None,
            reason: None,
            cost: None,
            json: json.to_string().into(),
            running: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    pub(crate) fn group(&self, now: Timestamp) -> Group {
        let news = self.ended.is_none_or(|at| now.duration_since(at).as_secs() < NEWS_S);
        match self.status {
            _ if self.trouble && news || self.unwatched || self.is_lost() => Group::Attention,
            Some(ConvoyStatus::Running) if self.ended.is_none() => Group::Running,
            _ => Group::Earlier,
        }
    }

    /// Has a watcher come or gone since, or is an attempt elsewhere than it was? Nothing
    /// tells of that.
    pub(crate) fn is_stale(&self, dir: &ConvoyDir) -> bool {
        self.ended.is_none()
            && self.status.is_some_and(|status| {
                is_unwatched(dir, status, self.started) != self.unwatched
                    || places(dir, &self.running) != self.places
            })
    }

    /// Can nobody tell whether one of its attempts still runs? Only a person can end that.
    fn is_lost(&self) -> bool {
        self.places.values().any(|place| place["is"] == "lost")
    }

    /// The JSON of the list, to add to it.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.json).unwrap_or_default()
    }

    /// Does it hold this text? In lower case.
    pub(crate) fn matches(&self, wanted: &str) -> bool {
        self.text.contains(wanted)
    }
}

/// What is said of a state file that has no state.
const NOTHING: &str = "its state file holds nothing of a convoy";

fn of_another(state: &State) -> String {
    format!("its state file is of another convoy, {}", state.id)
}

/// A state of the previous system, as far as it can be understood; `None`: not at all.
fn legacy(dir: &ConvoyDir) -> base::Result<Option<Value>> {
    let path = dir.state();
    let bytes = files::read_if_there(&path)?.ok_or_else(|| Error::NoConvoy(dir.id().to_string()))?;
    let found: Value = serde_json::from_slice(&bytes).context("understand", &path)?;
    Ok(legacy::normalised(dir.id(), &found))
}

fn is_unwatched(dir: &ConvoyDir, status: ConvoyStatus, started: Timestamp) -> bool {
    watch_lock::deserted(dir, status, started, Timestamp::now()).is_some()
}

fn state_json(state: &State) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

fn project(json: &Value) -> Option<String> {
    json.pointer("/context/projectPath").and_then(Value::as_str).map(str::to_owned)
}

/// Leaves out of the list what only the convoy's own page shows.
fn slim(json: &mut Value) {
    if let Some(files) = json.pointer_mut("/context/files").and_then(Value::as_array_mut) {
        files.truncate(FILES_LISTED);
    }
    for agent in json.get_mut("agents").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(agent) = agent.as_object_mut() {
            for key in ["evidence", "intent", "claimed", "backoffUntil"] {
                agent.remove(key);
            }
        }
    }
}

fn search_text(json: &Value) -> String {
    let agents = json["agents"].as_array().into_iter().flatten().filter_map(|agent| agent["role"].as_str());
    let failures = json["dashboard"]["agents"].as_object().into_iter().flatten();
    let failures = failures.filter_map(|(_, agent)| agent["why"].as_str());
    let context =
        ["projectPath", "prUrl", "issueId"].map(|key| json["context"][key].as_str().unwrap_or_default());
    let mut text =
        [json["id"].as_str().unwrap_or_default(), json["template"].as_str().unwrap_or_default()].join(" ");
    for word in context.into_iter().chain(agents).chain(failures) {
        text.push(' ');
        text.push_str(word);
    }
    text.to_lowercase()
}

/// Looks again when the agents that run printed last: a state does not change when
/// they do.
pub(crate) fn refresh(home: &Home, json: &mut Value) {
    let Some(id) = json["id"].as_str().and_then(|id| id.parse::<ConvoyId>().ok()) else { return };
    let dir = home.convoy(&id);
    let running =
        json["agents"].as_array().into_iter().flatten().filter(|agent| agent["status"] == "running");
    let printed: Vec<(String, u64, Timestamp)> = running
        .filter_map(|agent| {
            let role: Role = agent["role"].as_str()?.parse().ok()?;
            let attempt = u32::try_from(agent["attempt"].as_u64()?).ok()?;
            let (bytes, at) = size_and_time(&dir.attempt(&role, attempt).log())?;
            Some((role.to_string(), bytes, at))
        })
        .collect();
    for (role, bytes, at) in printed {
        json["dashboard"]["agents"][&role]["logBytes"] = json!(bytes);
        json["dashboard"]["agents"][&role]["lastOutputAt"] = json!(at);
    }
}

/// What the page would have to guess: is it watched, since when is who quiet,
/// why did who fail, in words.
fn view(dir: &ConvoyDir, state: &State, places: &Places) -> Value {
    let agents: Map<String, Value> = state
        .agents
        .iter()
        .map(|agent| {
            let log = dir.attempt(&agent.role, agent.attempt).log();
            let mut one = Map::new();
            if let Some((bytes, at)) = size_and_time(&log) {
                one.insert("logBytes".to_owned(), json!(bytes));
                one.insert("lastOutputAt".to_owned(), json!(at));
            }
            if let Some(place) = places.get(&agent.role) {
                one.insert("place".to_owned(), place.clone());
            }
            if let Some(reason) = agent.reason() {
                one.insert("why".to_owned(), json!(reasons::reason(reason, agent.detail())));
            }
            (agent.role.to_string(), Value::Object(one))
        })
        .collect();
    json!({
        "short": state.id.short(),
        "unwatched": is_unwatched(dir, state.status, state.started_at),
        "costUsd": cost(state),
        "agents": agents,
    })
}

/// Where each of these attempts is, of those that were placed elsewhere. What cannot be
/// read is told by the attempt's own page.
fn places(dir: &ConvoyDir, running: &[(Role, u32)]) -> Places {
    let shown = |(role, attempt): &(Role, u32)| {
        let shown = far::shown(&dir.attempt(role, *attempt).far()).ok()??;
        Some((role.clone(), place_json(&shown)))
    };
    running.iter().filter_map(shown).collect()
}

/// The attempts that run.
fn running(state: &State) -> Vec<(Role, u32)> {
    let running = state.agents.iter().filter(|agent| agent.is_running());
    running.map(|agent| (agent.role.clone(), agent.attempt)).collect()
}

/// `{"is": "lost", "why": …}`; of one that runs, `node`. What an engine says is for people.
pub(crate) fn place_json(place: &Shown) -> Value {
    match place {
        Shown::Pending { why } => json!({ "is": "pending", "why": text::visible(why) }),
        Shown::Unlisted { .. } => json!({ "is": "pending", "why": "its engine has no such job yet" }),
        Shown::Running { node } => json!({ "is": "running", "node": text::visible(node) }),
        Shown::Lost { why } => json!({ "is": "lost", "why": text::visible(why) }),
    }
}

fn cost(state: &State) -> Option<f64> {
    state.agents.iter().filter_map(|agent| agent.usage?.cost_usd).reduce(|a, b| a + b)
}

/// Of a log; where it cannot be looked at nothing is said of it: its stream says why.
pub(super) fn size_and_time(path: &Path) -> Option<(u64, Timestamp)> {
    let found = fs::metadata(path).ok()?;
    let at = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((found.len(), Timestamp::from_millisecond(at.as_millis() as i64).ok()?))
}

/// One convoy with everything the page shows of it.
pub(crate) fn detail(home: &Home, id: &ConvoyId) -> base::Result<Value> {
    let dir = home.convoy(id);
    let unusable = |why: String| {
        let source = StateProblem::Io(std::io::Error::new(std::io::ErrorKind::InvalidData, why));
        Error::State { id: id.to_string(), source }
    };
    let state = match read_state(&dir) {
        Ok(state) if state.id != *id => return Err(unusable(of_another(&state))),
        Ok(state) => state,
        Err(Error::State { source: StateProblem::Legacy, .. }) => {
            return legacy(&dir)?.ok_or_else(|| unusable(NOTHING.to_owned()));
        }
        Err(error) => return Err(error),
    };
    let mut json = state_json(&state);
    json["dashboard"] = view(&dir, &state, &places(&dir, &running(&state)));
    match Plan::read(&dir) {
        Ok(plan) => {
            json["dashboard"]["plan"] = plan::shown(&plan, &state);
            if let Some(review) = judged::of(&dir, &plan, &state) {
                json["dashboard"]["review"] = review;
            }
        }
        // It is still shown, and that this is not all of it.
        Err(error) => json["dashboard"]["unread"] = json!(text::visible(&chain(&error))),
    }
    Ok(json)
}
