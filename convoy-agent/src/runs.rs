//! The runs of an attempt's command: one, that goes on with a conversation where there is
//! one, and another one where its answer is to be corrected.

use std::ffi::OsStr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use base::crash::{self, Point};
use base::files;
use base::process::ProcessId;
use base::spawn::{Spawn, Spawned};
use protocol::layout::{AttemptFiles, ConvoyDir};
use protocol::outcome::{Reason, Usage};
use protocol::plan::{AgentPlan, Plan, ReportKind};
use protocol::redact::{Filter, Secrets};
use protocol::store::read_state;
use protocol::{agent_environment, claim};

use crate::attempt::{self, Attempt};
use crate::command::Launch;
use crate::ended_run::{Given, Run};
use crate::ending::{self, Ending};
use crate::far::Placed;
use crate::output::{Capture, Log, Pane};
use crate::report::OutDir;
use crate::resume::{self, Earlier, Turn};
use crate::spending::Spending;
use crate::stream::{EventStream, StreamSummary};
use crate::supervise::{Authority, Supervision, keeps_events, keeps_stdout};
use crate::tree::Tree;
use crate::{answer, assignment, cli_config, judge, verify};

/// With less time than this an answer is not asked for again.
const LEFT_TO_MEND: Duration = Duration::from_secs(5);

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
        attempt::is_removed(self.files)
    }
}

impl Attempt<'_> {
    /// Goes on with the conversation of an attempt that was interrupted, where
    /// there is one and the CLI still knows it; else begins from nothing.
    pub(crate) fn run_command(&mut self, tree: &mut Tree, plan: &Plan, agent: &AgentPlan) -> Result<Run> {
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
        let first = self.handover(plan)?.map_or(1, |handover| handover.attempt);
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
    pub(crate) fn mended(&mut self, tree: &mut Tree, plan: &Plan, agent: &AgentPlan, run: Run) -> Run {
        let is_over = !run.summary().is_some_and(StreamSummary::is_done)
            || !matches!(run.ending, Ending::Itself(_))
            || run.is_used_up
            || Instant::now() + LEFT_TO_MEND > run.given.timeout;
        let session = run.summary().and_then(StreamSummary::session).map(str::to_owned);
        let (Some(session), Some(_), false) = (session, &agent.invocation.resume_argv, is_over) else {
            return run;
        };
        let mistakes = match agent.report {
            ReportKind::Verification => verify::to_mend(agent, &run),
            _ => answer::to_mend(&self.environment, agent, &self.files.report(), &run),
        };
        let Some(mistakes) = mistakes else { return run };
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
        let state = self.state(plan)?;
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
        let spawned = self.begin(&mut supervision, ready)?;
        judge::get_ready();
        base::memory::give_back();
        let mut ending = supervision.run(spawned).context("cannot supervise")?;
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
        ready: base::Result<(Spawn, Option<Placed>)>,
    ) -> Result<Spawned> {
        let spawned = ready.and_then(|(command, placed)| {
            let program = command.program.clone();
            supervision.placed = placed;
            base::IoContext::context(supervision.tree.spawn(command), "run", &program)
        });
        let spawned = match spawned {
            Ok(spawned) => spawned,
            Err(error) => {
                let words = base::error::chain(&error);
                supervision.say(format!("convoy-agent: {words}\n").as_bytes());
                return Err(error.into());
            }
        };
        crash::at(Point::Spawned);
        if let Some(process) = ProcessId::of(spawned.pid.as_raw()).context("cannot look at the command")? {
            claim::note_command(&self.files, process)?;
        }
        crash::at(Point::CommandNoted);
        Ok(spawned)
    }
}

pub(crate) fn one_line(error: &anyhow::Error) -> String {
    base::program::Failure::from_chain(error.chain()).message
}
