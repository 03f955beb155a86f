//! One attempt from claim to record.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::{Timestamp, ZonedDateTime};
use shared::agent_environment;
use shared::claim;
use shared::crash::{self, Point};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::files;
use shared::layout::{AttemptFiles, ConvoyDir, Home};
use shared::lock::Lock;
use shared::plan::{AgentPlan, Plan};
use shared::poll::wait_readable;
use shared::process::{Handle, ProcessId};
use shared::record::{ExitRecord, Outcome, Reserved};
use shared::redact::{Filter, Secrets};
use shared::state::{BootId, Reason, SCHEMA_VERSION, Usage};
use shared::store::read_state;

use crate::assignment;
use crate::cli::Arguments;
use crate::command::Order;
use crate::ending::Verdict;
use crate::output::{Capture, Log, Pane};
use crate::report::OutDir;
use crate::resume::{self, Earlier};
use crate::signals::{Asked, Signals};
use crate::spending::Spending;
use crate::stream::{Account, EventStream, zone_named};
use crate::supervise::{Authority, Ending, Supervision, keeps_events, keeps_stdout};
use crate::tree::{EmptyTree, Tree};

/// Between two tries to write where there is no room.
const AGAIN: Duration = Duration::from_secs(1);

/// A claimed attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) home: Home,
    pub(crate) dir: ConvoyDir,
    pub(crate) files: AttemptFiles,
    pub(crate) token: String,
    pub(crate) boot: BootId,
    pub(crate) arguments: &'a Arguments,
    pub(crate) environment: Environment,
    pub(crate) signals: Signals,
    pub(crate) server: Option<Handle>,
    /// Held until the process ends: "this attempt is alive".
    #[expect(dead_code, reason = "held, not used")]
    pub(crate) claim: Lock,
}

/// The state says who wants the attempt ended.
struct ByState<'a> {
    dir: &'a ConvoyDir,
    grace: Duration,
}

impl Authority for ByState<'_> {
    fn stopping(&self) -> Option<Duration> {
        let state = read_state(self.dir).ok()?;
        match (&state.stopping, state.reason) {
            (Some(stopping), _) => Some(Duration::from_millis(stopping.grace_ms)),
            (None, Some(Reason::Timeout)) => Some(self.grace),
            (None, _) => None,
        }
    }
}

/// How the command went, before the report is looked at.
pub(crate) struct Run {
    pub(crate) ending: Ending,
    stream: Option<EventStream>,
    pub(crate) usage: Option<Usage>,
    pub(crate) stderr: String,
    /// Standard output, where that may be the report.
    pub(crate) capture: Option<Capture>,
    given: Given,
}

/// What an attempt has for all of its runs.
struct Given {
    out: OutDir,
    /// The convoy's environment, as it is kept.
    stored: Vec<u8>,
    secrets: Secrets,
}

impl Run {
    pub(crate) fn account(&self) -> Option<&Account> {
        self.stream.as_ref().map(EventStream::account)
    }

    pub(crate) fn out(&self) -> &OutDir {
        &self.given.out
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.given.secrets
    }

    /// What time it is for the user, whose zone the CLI spoke in.
    pub(crate) fn now(&self) -> ZonedDateTime {
        let mut variables = agent_environment::entries(&self.given.stored);
        let tz = variables.find(|(name, _)| *name == "TZ").map(|(_, zone)| zone);
        Timestamp::now().to_zoned_datetime(zone_named(tz))
    }
}

impl Attempt<'_> {
    pub(crate) fn supervise(mut self) -> Result<Exit> {
        let started_at = Timestamp::now();
        let Some(room) = self.reserve()? else { return Ok(Exit::No) };
        let mut tree = Tree::new(&self.token, room);
        let mut record = ExitRecord {
            schema_version: SCHEMA_VERSION,
            token: self.token.clone(),
            outcome: Outcome::Failed { reason: Reason::Spawn },
            exit_code: None,
            signal: None,
            detail: None,
            started_at,
            ended_at: started_at,
            evidence: None,
            output_file: None,
            usage: None,
            session: None,
        };
        let run = self.run(&mut tree);
        // Whatever went wrong: nothing is judged or recorded of a tree that lives (P5).
        let mut empty = tree.end();
        match run {
            Ok(None | Some((_, _, Run { ending: Ending::Abandoned, .. }))) => return Ok(Exit::No),
            Ok(Some((plan, agent, run))) => self.conclude(&empty, &plan, &agent, run, &mut record),
            Err(error) => (record.outcome, record.detail) = not_run(&error),
        }
        record.ended_at = Timestamp::now();
        if !self.record(&mut empty, &record) {
            return Ok(Exit::No);
        }
        Ok(Exit::Done)
    }

    /// Runs the command to its end. While there is no room to prepare it, this
    /// waits, as for the room of the record; `None`: somebody wants this process
    /// to end.
    fn run(&mut self, tree: &mut Tree) -> Result<Option<(Plan, AgentPlan, Run)>> {
        let (plan, agent) = self.plan()?;
        loop {
            match self.run_command(tree, &plan, &agent) {
                Ok(run) => return Ok(Some((plan, agent, run))),
                Err(error) if tree.is_untouched() && io_cause(&error).is_some_and(files::is_full) => {
                    shared::frame::tell(&format!("convoy-agent: {}", one_line(&error)));
                }
                Err(error) => return Err(error),
            }
            if self.asked_to_end() {
                return Ok(None);
            }
        }
    }

    /// Room for the record, before the command may run. While there is none,
    /// this waits: the held claim says that the attempt lives.
    fn reserve(&mut self) -> Result<Option<Reserved>> {
        loop {
            match Reserved::new(&self.files) {
                Ok(reserved) => return Ok(Some(reserved)),
                Err(error) => tell(&error),
            }
            if self.asked_to_end() {
                return Ok(None);
            }
        }
    }

    /// Waits a moment; true if somebody wants this process to end.
    pub(crate) fn asked_to_end(&self) -> bool {
        wait_readable(&[self.signals.as_fd()], Some(AGAIN));
        self.signals.take().contains(&Asked::End)
    }

    /// Writes the record, however long it takes; only a request to end stops it.
    fn record(&self, empty: &mut EmptyTree, record: &ExitRecord) -> bool {
        loop {
            match empty.record(record) {
                Ok(()) => {
                    crash::at(Point::Recorded);
                    return true;
                }
                Err(error) => tell(&error),
            }
            if self.asked_to_end() {
                return false;
            }
        }
    }

    fn plan(&self) -> Result<(Plan, AgentPlan)> {
        let plan = Plan::read(&self.dir)?;
        let agent = plan
            .agent(&self.arguments.role)
            .cloned()
            .with_context(|| format!("the plan has no agent '{}'", self.arguments.role))?;
        Ok((plan, agent))
    }

    /// Goes on with the conversation of an attempt that was interrupted, where
    /// there is one and the CLI still knows it; else begins from nothing.
    fn run_command(&mut self, tree: &mut Tree, plan: &Plan, agent: &AgentPlan) -> Result<Run> {
        let mut given = Given {
            out: OutDir::make(&self.files.out_dir(), &self.files.report())?,
            stored: files::read_if_there(&self.dir.env())?.unwrap_or_default(),
            secrets: Secrets::default(),
        };
        let set = agent.invocation.set_env.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value)));
        given.secrets = Secrets::of(agent_environment::entries(&given.stored).chain(set));
        if let Some(earlier) = resume::earlier(&self.dir, agent, self.arguments.attempt) {
            let run = self.run_once(tree, plan, agent, given, Some(&earlier))?;
            let is_unknown =
                run.account().is_some_and(|account| account.spent().is_none() && account.fault().is_none());
            if !(is_unknown && matches!(run.ending, Ending::Itself(_))) {
                return Ok(run);
            }
            given = run.given;
        }
        self.run_once(tree, plan, agent, given, None)
    }

    fn run_once(
        &mut self,
        tree: &mut Tree,
        plan: &Plan,
        agent: &AgentPlan,
        given: Given,
        earlier: Option<&Earlier>,
    ) -> Result<Run> {
        if let Some(gone) = self.project_gone(plan)? {
            return Err(gone.into());
        }
        let secrets = &given.secrets;
        let prompt = assignment::write(self, plan, agent, secrets, earlier)?;
        let order = Order {
            home: &self.home,
            dir: &self.dir,
            files: &self.files,
            plan,
            agent,
            attempt: self.arguments.attempt,
            token: &self.token,
            prompt: &prompt,
            earlier,
        };
        let grace = Duration::from_millis(plan.grace_ms);
        let mut supervision = Supervision {
            agent,
            grace,
            signals: &self.signals,
            server: self.server.as_ref(),
            authority: ByState { dir: &self.dir, grace },
            tree,
            log: Log::of_text(&self.files.log(), secrets.clone())?,
            events: keeps_events(agent)
                .then(|| Log::of_events(&self.files.stream(), secrets.clone()))
                .transpose()?,
            capture: keeps_stdout(agent)
                .then(|| Capture::create(&self.files.stdout(), secrets.clone()))
                .transpose()?,
            pane: Pane::open(self.arguments.session.is_some()),
            stream: EventStream::of(agent.invocation.stream, secrets.clone()),
            spending: Spending::new(
                plan,
                agent,
                &self.dir,
                &self.files,
                earlier.map(|earlier| earlier.spent).unwrap_or_default(),
            ),
            stderr: Vec::new(),
            clean: [Filter::new(secrets.clone()), Filter::new(secrets.clone())],
        };
        let spawned = order.command(&given.stored).and_then(|mut command| {
            let program = agent.invocation.program.as_path();
            shared::IoContext::context(supervision.tree.spawn(&mut command), "run", program)
        });
        let child = match spawned {
            Ok(child) => child,
            Err(error) => {
                let words = shared::error::chain(&error);
                supervision.say(format!("convoy-agent: {words}\n").as_bytes());
                return Err(error.into());
            }
        };
        crash::at(Point::Spawned);
        if let Some(process) = ProcessId::of(child.id() as i32).context("cannot look at the command")? {
            claim::note_command(&self.files, process)?;
        }
        crash::at(Point::CommandNoted);
        let ending = supervision.run(child).context("cannot supervise")?;
        crash::at(Point::TreeEmpty);
        let (stream, capture) = (supervision.stream, supervision.capture);
        let usage = stream.as_ref().and_then(|stream| supervision.spending.usage(stream.account().spent()));
        let stderr = String::from_utf8_lossy(&supervision.stderr).into_owned();
        Ok(Run { ending, stream, usage, stderr, capture, given })
    }

    /// Why there is nothing to look at any more.
    pub(crate) fn project_gone(&self, plan: &Plan) -> shared::Result<Option<ProjectGone>> {
        let Some(site) = &plan.site else { return Ok(None) };
        Ok(site.missing(plan.project.as_path(), &self.boot)?.map(ProjectGone))
    }
}

/// The project the convoy was started on is not there; in words.
#[derive(Debug)]
pub(crate) struct ProjectGone(pub(crate) String);

impl fmt::Display for ProjectGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProjectGone {}

/// What an attempt that came to no end of its own is recorded as.
fn not_run(error: &anyhow::Error) -> Verdict {
    let outcome = match io_cause(error) {
        _ if error.is::<ProjectGone>() => Outcome::Failed { reason: Reason::ProjectGone },
        Some(cause) if files::is_shortage(cause) => Outcome::NeverRan,
        _ => Outcome::Failed { reason: Reason::Spawn },
    };
    (outcome, Some(one_line(error)))
}

fn io_cause(error: &anyhow::Error) -> Option<&io::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

fn tell(error: &shared::Error) {
    shared::frame::tell(&format!("convoy-agent: {}", shared::error::chain(error)));
}

fn one_line(error: &anyhow::Error) -> String {
    shared::frame::Failure::from_chain(error.chain()).message
}
