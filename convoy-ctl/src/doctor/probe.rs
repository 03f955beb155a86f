//! A convoy of a state directory of its own that does one line of work: begun, waited for,
//! and ended, whatever becomes of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use base::environment::{self, Environment, scrub};
use base::ids::{ConvoyId, Role};
use base::{subprocess, text};
use protocol::agent::Agent;
use protocol::far::{self, Shown};
use protocol::layout::Home;
use protocol::state::State;
use protocol::store::read_state;
use serde_json::Value;

/// One line of work takes seconds; a service or an engine that tries again gets this long.
pub(crate) const LIMIT_S: u64 = 120;
/// And a stop.
const STOP_S: u64 = 30;
/// So long it is waited for an engine or a node that does not answer.
const LOST: Duration = Duration::from_secs(20);

/// Where it is, below a place that its caller removes.
pub(crate) struct Probe<'e> {
    environment: &'e Environment,
    place: PathBuf,
    home: Home,
}

/// What became of it.
pub(crate) enum Probed {
    /// Its agents as they stood when it was over, or when its time was; and of which of
    /// them nobody could tell whether they still ran, and why.
    Ended(Vec<(Agent, Option<String>)>),
    /// It was not begun: what `convoy-start` said.
    Refused(String),
}

impl<'e> Probe<'e> {
    pub(crate) fn new(environment: &'e Environment, place: &Path) -> Result<Self> {
        let probe = Probe { environment, place: place.to_owned(), home: Home::new(place.join("state")) };
        for dir in [probe.home.user_agents(), probe.project()] {
            fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", text::path(&dir)))?;
        }
        Ok(probe)
    }

    fn project(&self) -> PathBuf {
        self.place.join("project")
    }

    /// Uses what the user has there. Also where there is nothing, or what cannot be looked
    /// at: that is told where it is read.
    pub(crate) fn share(&self, of: impl Fn(&Home) -> PathBuf) -> Result<()> {
        let theirs = of(&Home::of(self.environment));
        symlink(&theirs, of(&self.home)).with_context(|| format!("cannot use {}", text::path(&theirs)))
    }

    /// Runs this template, whose agents are of this agent file.
    pub(crate) fn run(&self, template: &Value, agent: (&str, &str), words: &[&str]) -> Result<Probed> {
        let file = self.place.join("template.json");
        fs::write(&file, template.to_string()).context("cannot write the task")?;
        let (name, definition) = agent;
        fs::write(self.home.user_agents().join(format!("{name}.md")), definition)
            .context("cannot write the task")?;
        let mut command = self.command("convoy-start")?;
        command.arg(&file).arg("--project-path").arg(self.project()).args(words);
        let started = subprocess::output(command, Duration::from_secs(LIMIT_S))?;
        let printed = started.stdout.whole().context("convoy-start")?;
        match String::from_utf8_lossy(&printed).trim().parse() {
            Ok(id) => {
                let state = self.wait(&id)?;
                let dir = self.home.convoy(&id);
                let told = |agent: Agent| {
                    let files = dir.attempt(&agent.role, agent.attempt).far();
                    let lost = match far::shown(&files) {
                        Ok(Some(Shown::Lost { why })) => Some(why),
                        Ok(_) => None,
                        Err(error) => Some(base::error::chain(&error)),
                    };
                    (agent, lost)
                };
                let agents = state.agents.into_iter().map(Agent::from).map(told).collect();
                // With it goes its watcher, before the place of its files does.
                if !self.ctl(&["rm", id.as_str()], STOP_S)? {
                    return Err(anyhow!("{id} has ended, and could not be removed"));
                }
                Ok(Probed::Ended(agents))
            }
            Err(_) => Ok(Probed::Refused(String::from_utf8_lossy(&started.stderr).into_owned())),
        }
    }

    /// Nothing of it is left here when its state directory is removed.
    fn wait(&self, id: &ConvoyId) -> Result<State> {
        let state = || read_state(&self.home.convoy(id)).context("cannot read how it ended");
        let until = Instant::now() + Duration::from_secs(LIMIT_S);
        let mut lost: Option<Instant> = None;
        let then = loop {
            self.ctl(&["wait", id.as_str(), "--timeout", "2s"], LIMIT_S)?;
            let (now, state) = (Instant::now(), state()?);
            lost = if self.lost(id, &state)?.is_empty() { None } else { lost.or(Some(now)) };
            if state.ended() || now >= until || lost.is_some_and(|since| now >= since + LOST) {
                break state;
            }
        };
        // Of one line of work, whose order goes with its state directory, nothing begins
        // later: what nobody can tell the end of is over.
        for role in self.lost(id, &then)? {
            self.ctl(&["fence", id.as_str(), role.as_str()], STOP_S)?;
        }
        let ended = self.ctl(&["stop", "--grace=1s", id.as_str()], STOP_S)?
            || self.ctl(&["stop", "--force", "--grace=1ms", id.as_str()], STOP_S)?;
        if !ended {
            return Err(anyhow!("{id} could not be ended"));
        }
        if then.ended() { Ok(then) } else { state() }
    }

    /// The agents of which nobody can tell whether they still run.
    fn lost(&self, id: &ConvoyId, state: &State) -> Result<Vec<Role>> {
        let dir = self.home.convoy(id);
        let mut lost = Vec::new();
        for agent in state.agents.iter().filter(|agent| agent.is_running()) {
            let shown = far::shown(&dir.attempt(&agent.role, agent.attempt).far())?;
            lost.extend(matches!(shown, Some(Shown::Lost { .. })).then(|| agent.role.clone()));
        }
        Ok(lost)
    }

    /// Did it end with 0?
    fn ctl(&self, words: &[&str], limit_s: u64) -> Result<bool> {
        let mut command = self.command("convoy-ctl")?;
        command.args(words);
        let ended = subprocess::output(command, Duration::from_secs(limit_s))?;
        Ok(ended.status.is_some_and(|status| status.success()))
    }

    fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(environment::sibling(self.environment, program)?);
        scrub(&mut command);
        command.env("PANOPTICON_HOME", self.home.root()).stdin(Stdio::null());
        Ok(command)
    }
}
