//! One attempt from claim to record.

mod run;

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command};
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{fmt, io};

use anyhow::{Context as _, Result};
use base::clock::BootId;
use base::crash::{self, Point};
use base::environment::Environment;
use base::error;
use base::exit::Exit;
use base::files;
use base::ids::Role;
use base::lock::Lock;
use base::poll::wait_readable;
use base::process::{Handle, ProcessId};
use jiff::Timestamp;
use protocol::agent::Handover;
use protocol::layout::{AttemptFiles, ConvoyDir, Home};
use protocol::outcome::{Reason, Usage};
use protocol::plan::{AgentPlan, Ahead, Plan, ReportKind};
use protocol::record::{ExitRecord, Outcome, Reserved};
use protocol::redact::{Filter, Secrets};
use protocol::state::{SCHEMA_VERSION, State};
use protocol::store::read_state;
use protocol::{agent_environment, claim};

use crate::cli::Arguments;
use crate::command::Launch;
use crate::ending::{self, Ending, Verdict};
use crate::far::{NotPlaced, Placed};
use crate::output::{Capture, Log, Pane};
use crate::report::OutDir;
use crate::resume::{self, Earlier, Turn};
use crate::signals::{Asked, Signals};
use crate::spending::Spending;
use crate::stream::{EventStream, StreamSummary};
use crate::supervise::{Authority, Supervision, keeps_events, keeps_stdout};
use crate::tree::{EmptyTree, Tree};
use crate::{answer, assignment, cli_config};

use run::Given;
pub(crate) use run::Run;

/// With less time than this an answer is not asked for again.
const LEFT_TO_MEND: Duration = Duration::from_secs(5);
/// Between two tries to write where there is no room.
const AGAIN: Duration = Duration::from_secs(1);

/// A claimed attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) home: Home,
    pub(crate) dir: ConvoyDir,
    pub(crate) number: u32,
    pub(crate) files: AttemptFiles,
    /// The state as it was read last, until it is used ([`Attempt::state`]).
    pub(crate) known: Option<State>,
    /// The plan, if it was read before its turn.
    pub(crate) ahead: Option<Ahead>,
    pub(crate) token: String,
    pub(crate) boot: BootId,
    pub(crate) arguments: &'a Arguments,
    pub(crate) environment: Environment,
    pub(crate) signals: Signals,
    pub(crate) server: Option<Handle>,
    /// Held until the process ends: "this attempt is alive".
    #[expect(dead_code, reason = "held, not used")]
    pub(crate) claim: Lock,
    /// How often its command was placed elsewhere.
    pub(crate) runs: u32,
}

/// The state says who wants the attempt ended.
struct ByState<'a> {
    dir: &'a ConvoyDir,
    files: &'a AttemptFiles,
    grace: Duration,
}

impl Authority for ByState<'_> {
    fn stopping(&self) -> Option<Duration> {
        // What is not known is no wish to stop: then nothing is recorded, and the
        // attempt begins again when somebody resumes.
        let state = read_state(self.dir).ok()?;
        match (&state.stopping, state.reason) {
            (Some(stopping), _) => Some(Duration::from_millis(stopping.grace_ms)),
            (None, Some(Reason::Timeout)) => Some(self.grace),
            (None, _) => None,
        }
    }

    fn is_removed(&self) -> bool {
        is_removed(self.files)
    }
}

/// A claim that cannot be looked at is not said to be gone.
fn is_removed(files: &AttemptFiles) -> bool {
    matches!(files::find(&files.started()), Ok(None))
}

/// Of a plan of hundreds of agents each of hundreds of supervisors keeps those that its own
/// depends on, and those that a budget keeps a share for.
pub(crate) fn keep_what_concerns(plan: &mut Plan, role: &Role) {
    let Some(agent) = plan.agent(role) else { return };
    let (depends_on, subagent) = (agent.depends_on.clone(), agent.subagent.clone());
    let needs = |role: &Role| depends_on.contains(role);
    plan.agents.retain(|other| {
        let concerns = other.role == *role || needs(&other.role) || other.group.as_ref().is_some_and(needs);
        concerns || other.report == ReportKind::Synthesis
    });
    plan.agents.shrink_to_fit();
    plan.prompts.retain(|other, _| *other == subagent);
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
                Ok(run) => {
                    let run = self.mended(tree, &plan, &agent, run);
                    return Ok(Some((plan, agent, run)));
                }
                Err(error) if tree.is_untouched() && io_cause(&error).is_some_and(error::is_full) => {
                    base::program::tell(&format!("convoy-agent: {}", one_line(&error)));
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

    pub(crate) fn is_removed(&self) -> bool {
        is_removed(&self.files)
    }

    /// Waits a moment; true if somebody wants this process to end, or has removed
    /// the claim: nobody waits for its record then.
    pub(crate) fn asked_to_end(&self) -> bool {
        wait_readable(&[self.signals.as_fd()], Some(AGAIN));
        self.signals.take().contains(&Asked::End) || is_removed(&self.files)
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

    fn plan(&mut self) -> Result<(Plan, AgentPlan)> {
        let ahead = self.ahead.take().and_then(|ahead| ahead.take(&self.dir));
        let mut plan = ahead.map_or_else(|| Plan::read(&self.dir), Ok)?;
        let mut agent = plan
            .agent(&self.arguments.role)
            .with_context(|| format!("the plan has no agent '{}'", self.arguments.role))?
            .run_by(self.handover()?.map_or(0, |handover| handover.place));
        let state = self.state()?;
        if let Some(own) = state.agent(&self.arguments.role) {
            agent.timeout_ms = own.time_limit_ms(&agent);
        }
        self.known = Some(state);
        keep_what_concerns(&mut plan, &self.arguments.role);
        Ok((plan, agent))
    }

    /// The state, read once for all that an attempt begins with: what is in it of this
    /// attempt and of what its agent depends on does not change any more.
    fn state(&mut self) -> base::Result<State> {
        self.known.take().map_or_else(|| read_state(&self.dir), Ok)
    }

    /// How its runner came to have this attempt; `None`: it is the agent's first one.
    fn handover(&mut self) -> base::Result<Option<Handover>> {
        let state = self.state()?;
        let agent = state.agent(&self.arguments.role);
        let handover = agent.and_then(|agent| agent.handover_of(self.number)).cloned();
        self.known = Some(state);
        Ok(handover)
    }

    /// Goes on with the conversation of an attempt that was interrupted, where
    /// there is one and the CLI still knows it; else begins from nothing.
    fn run_command(&mut self, tree: &mut Tree, plan: &Plan, agent: &AgentPlan) -> Result<Run> {
        let mut given = Given {
            timeout: Instant::now() + Duration::from_millis(agent.timeout_ms),
            out: OutDir::make(&self.files.out_dir(), &self.files.report())?,
            stored: files::read_if_there(&self.dir.env())?.unwrap_or_default(),
            secrets: Secrets::default(),
        };
        let set = agent.invocation.set_env.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value)));
        given.secrets = Secrets::of(agent_environment::entries(&given.stored).chain(set));
        let given = Rc::new(given);
        let nothing = Usage::default();
        // Another runner knows none of its conversations.
        let first = self.handover()?.map_or(1, |handover| handover.attempt);
        let earlier = resume::earlier(&self.dir, agent, first..self.number)
            .context("cannot tell what an attempt before did and spent")?;
        if let Some(earlier) = earlier {
            let mut run = self.run_once(tree, plan, agent, &given, &Turn::GoOn(&earlier), nothing)?;
            let is_unknown = matches!(run.ending, Ending::Itself(_))
                && run.summary().is_some_and(|summary| ending::is_unknown_session(agent, summary));
            if !is_unknown {
                run.before = resume::told(&self.dir, agent, first..self.number, &earlier.session)
                    .context("cannot tell what an attempt before read")?;
                return Ok(run);
            }
        }
        self.run_once(tree, plan, agent, &given, &Turn::Begin, nothing)
    }

    /// A reviewer that ended by itself with an answer that cannot be used is told so
    /// once, in the same conversation and within what is left of time and budget.
    /// Whatever comes of it, nothing of the first answer is lost.
    fn mended(&mut self, tree: &mut Tree, plan: &Plan, agent: &AgentPlan, run: Run) -> Run {
        let is_over = !run.summary().is_some_and(StreamSummary::is_done)
            || !matches!(run.ending, Ending::Itself(_))
            || run.is_used_up
            || Instant::now() + LEFT_TO_MEND > run.given.timeout;
        let session = run.summary().and_then(StreamSummary::session).map(str::to_owned);
        let (Some(session), Some(_), false) = (session, &agent.invocation.resume_argv, is_over) else {
            return run;
        };
        let Some(mistakes) = answer::to_mend(&self.environment, agent, &self.files.report(), &run) else {
            return run;
        };
        let usage = run.usage.unwrap_or_default();
        let earlier = Earlier { session, spent: run.spent_before.plus(usage) };
        let given = Rc::clone(&run.given);
        let mended = self.run_once(tree, plan, agent, &given, &Turn::Mend(&earlier, &mistakes), usage);
        match mended {
            Ok(mended) => run.followed_by(mended),
            Err(error) => {
                base::program::tell(&format!(
                    "convoy-agent: the answer was not corrected: {}",
                    one_line(&error)
                ));
                run
            }
        }
    }

    /// What sees to one run of the command.
    fn supervision<'a>(
        &'a self,
        tree: &'a mut Tree,
        plan: &'a Plan,
        agent: &'a AgentPlan,
        given: &Given,
        (spent_before, already): (Usage, Usage),
    ) -> Result<Supervision<'a, ByState<'a>>> {
        let grace = Duration::from_millis(plan.grace_ms);
        let secrets = &given.secrets;
        Ok(Supervision {
            agent,
            grace,
            timeout: given.timeout,
            signals: &self.signals,
            server: self.server.as_ref(),
            authority: ByState { dir: &self.dir, files: &self.files, grace },
            tree,
            log: Log::of_text(&self.files.log(), secrets.clone())?.with_times(&self.files.times()),
            events: keeps_events(agent)
                .then(|| Log::of_events(&self.files.stream(), secrets.clone()))
                .transpose()?,
            capture: keeps_stdout(agent)
                .then(|| Capture::create(&self.files.stdout(), secrets.clone()))
                .transpose()?,
            pane: Pane::open(self.arguments.session.is_some()),
            stream: EventStream::of(&agent.invocation, secrets.clone()),
            spending: Spending::new(plan, agent, &self.dir, &self.files, spent_before, already),
            received: Instant::now(),
            stderr: Vec::new(),
            placed: None,
            clean: [Filter::new(secrets.clone()), Filter::new(secrets.clone())],
        })
    }

    fn run_once(
        &mut self,
        tree: &mut Tree,
        plan: &Plan,
        agent: &AgentPlan,
        given: &Rc<Given>,
        turn: &Turn<'_>,
        already: Usage,
    ) -> Result<Run> {
        if let Some(gone) = self.project_gone(plan)? {
            return Err(gone.into());
        }
        let secrets = &given.secrets;
        let state = self.state()?;
        let prompt = assignment::write(self, &state, plan, agent, secrets, turn)?;
        drop(state);
        let earlier = turn.earlier();
        let spent_before = earlier.map(|earlier| earlier.spent).unwrap_or_default();
        let launch = Launch {
            home: &self.home,
            dir: &self.dir,
            files: &self.files,
            plan,
            agent,
            attempt: self.number,
            token: &self.token,
            prompt: &prompt,
            earlier,
        };
        self.runs += u32::from(agent.placement.is_some());
        let run = self.runs;
        let ready = match &agent.placement {
            None => launch.command(&given.stored).map(|command| (command, None)),
            Some(placement) => Placed::give(&launch, placement, &given.stored, run)
                .map(|(command, placed)| (command, Some(placed))),
        };
        let mut supervision = self.supervision(tree, plan, agent, given, (spent_before, already))?;
        let child = self.begin(&mut supervision, ready)?;
        base::memory::give_back();
        let mut ending = supervision.run(child).context("cannot supervise")?;
        if let Some(placed) = supervision.placed.take() {
            ending = self.settle(&placed, ending, &supervision.stderr)?;
            if placed.is_far() && matches!(ending, Ending::Itself(_)) {
                supervision.look_for_the_rest();
            }
        }
        crash::at(Point::TreeEmpty);
        if let Err(error) = cli_config::remove(&self.dir.cli_tmp(&agent.role)) {
            supervision.say(format!("convoy-agent: {}\n", base::error::chain(&error)).as_bytes());
        }
        let (stream, capture) = (supervision.stream, supervision.capture);
        let usage = stream.as_ref().and_then(|stream| supervision.spending.usage(stream.summary().spent()));
        let is_used_up = usage.is_some_and(|usage| supervision.spending.is_used_up(&usage));
        // Line by line: a sequence without an end hides no more than the rest of its line.
        let stderr = String::from_utf8_lossy(&supervision.stderr);
        let stderr = stderr.lines().map(base::text::without_sequences).collect::<Vec<String>>().join("\n");
        let given = Rc::clone(given);
        let (before, first) = (Vec::new(), None);
        Ok(Run { ending, stream, usage, spent_before, stderr, capture, before, first, is_used_up, given })
    }

    /// Starts the command, and notes which process it is.
    fn begin(
        &self,
        supervision: &mut Supervision<'_, ByState<'_>>,
        ready: base::Result<(Command, Option<Placed>)>,
    ) -> Result<Child> {
        let spawned = ready.and_then(|(mut command, placed)| {
            let program = command.get_program().to_owned();
            supervision.placed = placed;
            base::IoContext::context(supervision.tree.spawn(&mut command), "run", Path::new(&program))
        });
        let child = match spawned {
            Ok(child) => child,
            Err(error) => {
                let words = base::error::chain(&error);
                supervision.say(format!("convoy-agent: {words}\n").as_bytes());
                return Err(error.into());
            }
        };
        crash::at(Point::Spawned);
        if let Some(process) = ProcessId::of(child.id() as i32).context("cannot look at the command")? {
            claim::note_command(&self.files, process)?;
        }
        crash::at(Point::CommandNoted);
        Ok(child)
    }

    /// Why there is nothing to look at any more.
    pub(crate) fn project_gone(&self, plan: &Plan) -> base::Result<Option<ProjectGone>> {
        let Some(site) = &plan.site else { return Ok(None) };
        if let Some(gone) = site.missing(plan.project.as_path(), &self.boot)? {
            return Ok(Some(ProjectGone(gone)));
        }
        let Some(checkout) = &plan.checkout else { return Ok(None) };
        let tree = checkout.tree.as_path();
        let found = base::IoContext::context(files::find(tree), "look at", tree)?;
        let gone = || ProjectGone(format!("the checkout of {} is gone", checkout.shown));
        Ok(found.is_none_or(|found| !found.is_dir()).then(gone))
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
        _ if error.is::<NotPlaced>() => Outcome::NeverRan,
        _ if error.is::<ProjectGone>() => Outcome::Failed { reason: Reason::ProjectGone },
        Some(cause) if error::is_shortage(cause) => Outcome::NeverRan,
        _ => Outcome::Failed { reason: Reason::Spawn },
    };
    (outcome, Some(one_line(error)))
}

fn io_cause(error: &anyhow::Error) -> Option<&io::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

fn tell(error: &base::Error) {
    base::program::tell(&format!("convoy-agent: {}", base::error::chain(error)));
}

fn one_line(error: &anyhow::Error) -> String {
    base::program::Failure::from_chain(error.chain()).message
}
