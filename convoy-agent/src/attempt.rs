//! One attempt from claim to record.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use shared::claim;
use shared::crash::{self, Point};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::files;
use shared::layout::{AttemptFiles, ConvoyDir, Home};
use shared::lock::Lock;
use shared::plan::{AgentPlan, Plan, Stream};
use shared::poll::wait_readable;
use shared::process::{Handle, ProcessId};
use shared::record::{ExitRecord, Outcome, Reserved};
use shared::state::{Reason, SCHEMA_VERSION, Usage};
use shared::store::read_state;

use crate::assignment;
use crate::cli::Arguments;
use crate::command::Order;
use crate::output::{Pane, Sink};
use crate::redact::Filter;
use crate::resume::{self, Earlier};
use crate::signals::{Asked, Signals};
use crate::spending::Spending;
use crate::stream::{Account, EventStream};
use crate::supervise::{Authority, Ending, Supervision, keeps_raw};
use crate::tree::Tree;

/// Between two tries to write where there is no room.
const AGAIN: Duration = Duration::from_secs(1);
/// A claimed attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) home: Home,
    pub(crate) dir: ConvoyDir,
    pub(crate) files: AttemptFiles,
    pub(crate) token: String,
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
}

impl Run {
    pub(crate) fn account(&self) -> Option<&Account> {
        self.stream.as_ref().map(EventStream::account)
    }
}

impl Attempt<'_> {
    pub(crate) fn supervise(mut self) -> Result<Exit> {
        let started_at = Timestamp::now();
        let Some(mut reserved) = self.reserve()? else { return Ok(Exit::No) };
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
        match self.plan() {
            Ok((plan, agent)) => match self.run_command(&plan, &agent) {
                Ok(Run { ending: Ending::Abandoned, .. }) => return Ok(Exit::No),
                Ok(run) => self.conclude(&plan, &agent, &run, &mut record),
                Err(error) => record.detail = Some(one_line(&error)),
            },
            Err(error) => record.detail = Some(one_line(&error)),
        }
        record.ended_at = Timestamp::now();
        if !self.record(&mut reserved, &record) {
            return Ok(Exit::No);
        }
        Ok(Exit::Done)
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
    fn record(&self, reserved: &mut Reserved, record: &ExitRecord) -> bool {
        loop {
            match reserved.publish(record) {
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
    fn run_command(&mut self, plan: &Plan, agent: &AgentPlan) -> Result<Run> {
        if let Some(earlier) = resume::earlier(&self.dir, agent, self.arguments.attempt) {
            let run = self.run_once(plan, agent, Some(&earlier))?;
            let is_unknown =
                run.account().is_some_and(|account| account.spent().is_none() && account.fault().is_none());
            if !(is_unknown && matches!(run.ending, Ending::Itself(_))) {
                return Ok(run);
            }
        }
        self.run_once(plan, agent, None)
    }

    fn run_once(&mut self, plan: &Plan, agent: &AgentPlan, earlier: Option<&Earlier>) -> Result<Run> {
        let prompt = assignment::write(self, plan, agent, earlier)?;
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
        let stored = files::read_if_there(&self.dir.env())?.unwrap_or_default();
        let secrets = order.secrets(&stored);
        let mut supervision = Supervision {
            agent,
            grace,
            signals: &self.signals,
            server: self.server.as_ref(),
            authority: ByState { dir: &self.dir, grace },
            tree: Tree::new(&self.token),
            log: Sink::create(&self.files.log())?,
            raw: keeps_raw(agent).then(|| Sink::create(&self.raw_path(agent))).transpose()?,
            pane: Pane::open(self.arguments.session.is_some()),
            stream: EventStream::of(agent.invocation.stream),
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
        let child = match order.spawn(&stored) {
            Ok(child) => child,
            Err(error) => {
                let words = shared::error::chain(&error);
                supervision.say(format!("convoy-agent: {words}\n").as_bytes());
                return Err(error.into());
            }
        };
        crash::at(Point::Spawned);
        supervision.tree.set_leader(child.id());
        if let Some(process) = ProcessId::of(child.id() as i32) {
            claim::note_command(&self.files, process)?;
        }
        crash::at(Point::CommandNoted);
        let ending = supervision.run(child).context("cannot supervise")?;
        crash::at(Point::TreeEmpty);
        secrets.keep_out_of(&self.files.report(), &self.files.out_dir());
        let stream = supervision.stream;
        let usage = stream.as_ref().and_then(|stream| supervision.spending.usage(stream.account().spent()));
        let stderr = String::from_utf8_lossy(&supervision.stderr).into_owned();
        Ok(Run { ending, stream, usage, stderr })
    }

    fn raw_path(&self, agent: &AgentPlan) -> PathBuf {
        match agent.invocation.stream {
            Stream::Plain => self.files.stdout(),
            Stream::ClaudeStreamJson
            | Stream::CodexJsonl
            | Stream::GeminiStreamJson
            | Stream::OpencodeJsonl => self.files.stream(),
        }
    }
}

fn tell(error: &shared::Error) {
    shared::frame::tell(&format!("convoy-agent: {}", shared::error::chain(error)));
}

fn one_line(error: &anyhow::Error) -> String {
    shared::frame::Failure::from_chain(error.chain()).message
}
