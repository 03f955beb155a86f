//! One attempt from claim to record.

use std::fs;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use nix::sys::wait::WaitStatus;
use shared::attend::wait_readable;
use shared::claim::{self, Owner};
use shared::crash::{self, Point};
use shared::environment::{self, Environment};
use shared::exit::Exit;
use shared::files::{self, Sync};
use shared::layout::{self, AttemptFiles, ConvoyDir, Home};
use shared::lock::Lock;
use shared::now::Clock;
use shared::plan::{AgentPlan, Plan, ReportKind, ReportSource, Stream};
use shared::process::{Handle, ProcessId};
use shared::prompt::{Assignment, DependencyOutcome, DependencyResult};
use shared::publish;
use shared::record::{ExitRecord, Outcome, Reserved};
use shared::state::{
    AgentStatus, Evidence, EvidenceSource, MergeStatus, Reason, SCHEMA_VERSION, State, Usage,
};
use shared::store::read_state;

use crate::cli::Arguments;
use crate::command::Order;
use crate::ending::{self, Verdict};
use crate::facts;
use crate::judge::{self, Rejected};
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
/// A report that cannot be published so often fails the attempt.
const PUBLISH_TRIES: u32 = 5;

/// Runs the program: detaches, or claims the attempt and runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    if arguments.detach {
        return detach(arguments);
    }
    if arguments.detached {
        nix::unistd::setsid().context("cannot start a session")?;
    }
    let signals = Signals::block()?;
    // Looked up before the claim: a server that dies later was still our parent.
    let server = ProcessId::of(nix::unistd::getppid().as_raw())
        .and_then(ProcessId::open)
        .filter(|_| arguments.session.is_some());
    let environment = Environment::read()?;
    let home = Home::new(&arguments.home);
    let dir = home.convoy(&arguments.convoy);
    let files = dir.attempt(&arguments.role, arguments.attempt);
    let token = token().context("cannot make a token")?;
    let owner = owner(arguments, &environment, token.clone())?;
    crash::at(Point::Unclaimed);
    let Some(claim) = claim::take(&files, &owner)? else {
        return Ok(Exit::Done);
    };
    crash::at(Point::Claimed);
    nix::sys::prctl::set_child_subreaper(true).context("cannot adopt orphans")?;
    let attempt = Attempt { home, dir, files, token, arguments, environment, signals, server, claim };
    attempt.supervise()
}

/// Starts the same again in the background and leaves.
fn detach(arguments: &Arguments) -> Result<Exit> {
    let own = fs::read_link("/proc/self/exe").context("cannot find this program")?;
    Command::new(own)
        .arg("--home")
        .arg(&arguments.home)
        .args(["--convoy", arguments.convoy.as_str(), "--role", arguments.role.as_str()])
        .args(["--attempt", &arguments.attempt.to_string(), "--detached"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start in the background")?;
    Ok(Exit::Done)
}

/// 128 random bits: nobody else's processes carry them.
fn token() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn owner(arguments: &Arguments, environment: &Environment, token: String) -> Result<Owner> {
    let in_session = arguments.session.is_some();
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok().filter(|_| in_session);
    let pane = environment.var("TMUX_PANE").filter(|_| in_session);
    Ok(Owner {
        process: ProcessId::current().context("cannot read /proc/self/stat")?,
        at: Clock::open()?.now()?.moment,
        token,
        session: arguments.session.clone(),
        pane: pane.map(|pane| pane.to_string_lossy().into_owned()),
        cols: size.map(|size| size.ws_col),
        rows: size.map(|size| size.ws_row),
        command: None,
    })
}

/// A claimed attempt.
struct Attempt<'a> {
    home: Home,
    dir: ConvoyDir,
    files: AttemptFiles,
    token: String,
    arguments: &'a Arguments,
    environment: Environment,
    signals: Signals,
    server: Option<Handle>,
    /// Held until the process ends: "this attempt is alive".
    #[expect(dead_code, reason = "held, not used")]
    claim: Lock,
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
struct Run {
    ending: Ending,
    stream: Option<EventStream>,
    usage: Option<Usage>,
    stderr: String,
}

impl Run {
    fn account(&self) -> Option<&Account> {
        self.stream.as_ref().map(EventStream::account)
    }
}

impl Attempt<'_> {
    fn supervise(mut self) -> Result<Exit> {
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
    fn asked_to_end(&self) -> bool {
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
        let state = read_state(&self.dir)?;
        let listed = file_list(&self.dir)?;
        let dependencies = dependencies(agent, &state);
        let merged = merged_report(plan, &state);
        let report = self.files.report();
        files::create_private_dir(&self.files.out_dir())?;
        let assignment = Assignment {
            plan,
            agent,
            attempt: self.arguments.attempt,
            files: &listed,
            output_file: &report,
            dependencies: &dependencies,
            merged: merged.as_deref(),
        };
        let mut prompt = match earlier {
            Some(_) => shared::prompt::go_on(&assignment),
            None => shared::prompt::compose(&assignment),
        };
        let facts = facts::write(&self.environment, &self.home, &self.files, plan, agent);
        prompt.extend_from_slice(facts.unwrap_or_default().as_bytes());
        files::replace(&self.files.prompt(), self.files.dir(), &prompt, Sync::Later)?;
        if let Some(range) = agent.files {
            let own = file_list_bytes(range.of(&listed));
            files::replace(&self.files.files(), self.files.dir(), &own, Sync::Later)?;
        }
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
                let words = shared::attend::chain(&error);
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

    /// Judges the attempt and publishes its report.
    fn conclude(&self, plan: &Plan, agent: &AgentPlan, run: &Run, record: &mut ExitRecord) {
        record.usage = run.usage;
        record.session = run.account().and_then(Account::session).map(str::to_owned);
        // The figures are in the record from here on.
        let _ = fs::remove_file(self.files.usage());
        if let Ending::Itself(Some(status)) = &run.ending {
            match *status {
                WaitStatus::Exited(_, code) => record.exit_code = Some(code),
                WaitStatus::Signaled(_, signal, _) => record.signal = Some(signal as i32),
                _ => {}
            }
        }
        let verdict = ending::verdict(agent, &run.ending, run.account(), &run.stderr, Timestamp::now());
        let judged = verdict
            .map_or(Ok(()), Err)
            .and_then(|()| self.accept(agent, run.account()).map_err(failed))
            .and_then(|evidence| self.publish(plan, agent).map(|path| (evidence, path)).map_err(failed));
        match judged {
            Ok((evidence, path)) => {
                record.outcome = Outcome::Completed;
                record.evidence = Some(evidence);
                record.output_file = Some(path.into());
            }
            Err((outcome, detail)) => {
                record.outcome = outcome;
                record.detail = detail;
            }
        }
    }

    /// The proof that there is a report (P8).
    fn accept(&self, agent: &AgentPlan, account: Option<&Account>) -> Result<Evidence, Rejected> {
        let report = self.files.report();
        let source = self.provide_report(agent, account);
        let why = |no: Rejected| match account
            .filter(|_| no.reason == Reason::NoReport)
            .and_then(|account| ending::no_report(agent, account))
        {
            Some((reason, detail)) => Rejected { reason, detail },
            None => no,
        };
        let mut evidence = judge::examine(&report, source).map_err(why)?;
        let merge = environment::sibling(&self.environment, "convoy-merge");
        let merge =
            merge.map_err(|error| Rejected { reason: Reason::Unrecognised, detail: Some(error.to_string()) });
        match agent.report {
            ReportKind::Any => {}
            ReportKind::Findings => judge::recognise(&merge?, &report, &mut evidence)?,
            ReportKind::Synthesis if agent.invocation.static_only => {}
            ReportKind::Synthesis => {
                if let Some(findings) = merged_findings(&self.dir)
                    && let Some(warning) = judge::check_synthesis(&merge?, &findings, &report)
                {
                    shared::frame::tell(&format!("convoy-agent: {warning}"));
                }
                evidence = judge::examine(&report, source)?;
            }
        }
        Ok(evidence)
    }

    /// A command that wrote no report file may have said it instead.
    fn provide_report(&self, agent: &AgentPlan, account: Option<&Account>) -> EvidenceSource {
        let report = self.files.report();
        if fs::symlink_metadata(&report).is_ok() {
            return EvidenceSource::File;
        }
        let (text, source) = match agent.invocation.report_from {
            ReportSource::File => (None, EvidenceSource::File),
            ReportSource::FinalMessage | ReportSource::Message => {
                // Who was not allowed to write says at last what it would have written about.
                let allowed = |account: &&Account| !account.was_denied(&agent.invocation.report_tool);
                let message = account.filter(allowed).and_then(Account::final_message);
                (message.map(|message| message.as_bytes().to_vec()), EvidenceSource::FinalMessage)
            }
            ReportSource::Stdout => (fs::read(self.files.stdout()).ok(), EvidenceSource::Stdout),
        };
        match text {
            Some(text) if files::replace(&report, &self.files.out_dir(), &text, Sync::Later).is_ok() => {
                source
            }
            _ => EvidenceSource::File,
        }
    }

    fn publish(&self, plan: &Plan, agent: &AgentPlan) -> Result<PathBuf, Rejected> {
        let dir = plan.output_dir.as_path();
        let path = layout::published(dir, &plan.stamp, &plan.id, &format!("{}.md", agent.role));
        let mut tries = 0;
        loop {
            let done =
                publish::prepare_output_dir(dir).and_then(|()| publish::copy(&self.files.report(), &path));
            tries += 1;
            match done {
                Ok(()) => {
                    crash::at(Point::Published);
                    return Ok(path);
                }
                Err(error) if tries == PUBLISH_TRIES || self.asked_to_end() => {
                    let detail = Some(shared::attend::chain(&error));
                    return Err(Rejected { reason: Reason::Publish, detail });
                }
                Err(_) => {}
            }
        }
    }
}

fn failed(rejected: Rejected) -> Verdict {
    (Outcome::Failed { reason: rejected.reason }, rejected.detail)
}

/// The outcomes of an agent's dependencies, as its prompt tells them.
fn dependencies(agent: &AgentPlan, state: &State) -> Vec<DependencyOutcome> {
    let result = |role| {
        let dependency = state.agent(role)?;
        Some(match (&dependency.output_file, dependency.status) {
            (Some(report), AgentStatus::Completed) => {
                DependencyResult::Completed { report: report.as_path().to_path_buf() }
            }
            _ => DependencyResult::Failed {
                why: dependency.reason.map_or_else(
                    || "it did not complete".to_owned(),
                    |reason| shared::words::reason(reason, dependency.detail.as_deref()),
                ),
            },
        })
    };
    agent
        .depends_on
        .iter()
        .filter_map(|role| Some(DependencyOutcome { role: role.clone(), result: result(role)? }))
        .collect()
}

/// The published merge of the reviews, once there is one.
fn merged_report(plan: &Plan, state: &State) -> Option<PathBuf> {
    state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done)?;
    Some(layout::published(plan.output_dir.as_path(), &plan.stamp, &plan.id, "merged.md"))
}

fn merged_findings(dir: &ConvoyDir) -> Option<PathBuf> {
    let state = read_state(dir).ok()?;
    let merge = state.merge.filter(|merge| merge.status == MergeStatus::Done)?;
    Some(dir.merge_findings(merge.k))
}

/// The files under review, exact bytes.
fn file_list(dir: &ConvoyDir) -> Result<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = files::read_if_there(&dir.files())?.unwrap_or_default();
    let names = bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(std::ffi::OsString::from_vec(name.to_vec()))).collect())
}

/// The same form as `convoys/<id>/files`.
fn file_list_bytes(paths: &[PathBuf]) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    paths.iter().flat_map(|path| path.as_os_str().as_bytes().iter().copied().chain([0])).collect()
}

fn tell(error: &shared::Error) {
    shared::frame::tell(&format!("convoy-agent: {}", shared::attend::chain(error)));
}

fn one_line(error: &anyhow::Error) -> String {
    shared::frame::Failure::from_chain(error.chain()).message
}
