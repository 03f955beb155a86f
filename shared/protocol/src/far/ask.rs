//! Does anything of a placed attempt still run? Yes, no, or nobody can tell: that
//! never becomes "no".

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::clock::{Clock, Moment};
use base::error::{Error, IoContext, Result};
use base::files::{self, Sync};
use base::host::{Here, Sight};
use base::ids::{ConvoyId, Role};
use base::lock;
use base::process::Remains;
use base::subprocess;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::{Far, FarOwner, FarRecord, Shown, read};
use crate::agent_environment;
use crate::layout::{FarFiles, Home};
use crate::placeholder::fill;
use crate::plan::{Placement, Plan};

/// An engine or a node that does not answer within this time did not answer.
const LIMIT: Duration = Duration::from_secs(20);
/// So old an engine's list may be for those who only want to show where something is.
const FRESH_MS: u64 = 3_000;

/// What is known of an attempt's far side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// It never ran, and never will.
    Never,
    /// Its shim's record.
    Ended(FarRecord),
    /// No record, and nothing of it is left.
    Gone,
    /// It waits in a queue, for this reason.
    Waits(String),
    /// It has not begun, and its engine, asked at this moment, has no such job.
    Unlisted(Moment),
    Runs(String),
    /// Why nobody can tell.
    Unknown(String),
}

/// What the shim says that looked on the far side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Ended,
    Gone,
    Runs,
    /// It ran on another machine, or in an earlier container.
    Elsewhere,
}

impl Answer {
    pub fn word(self) -> &'static str {
        match self {
            Answer::Ended => "ended",
            Answer::Gone => "gone",
            Answer::Runs => "runs",
            Answer::Elsewhere => "elsewhere",
        }
    }
}

/// Looks, on the machine where it ran: its record, its lock, its processes.
pub fn answer_here(files: &FarFiles, run: u32) -> Result<Answer> {
    let owner = match read(files, run)? {
        Far::Open | Far::Void | Far::Gone => return Ok(Answer::Gone),
        Far::Ended(_) => return Ok(Answer::Ended),
        Far::Begun(owner) => owner,
    };
    match Here::look()?.sight(&owner.boot, Some(owner.pid_namespace), &owner.host) {
        Sight::Hidden => return Ok(Answer::Elsewhere),
        Sight::Over => return Ok(Answer::Gone),
        Sight::Clear => {}
    }
    let proc = Path::new("/proc");
    let remains = Remains { token: &owner.token, session: None };
    // A shim that carries no token, or whose file system cannot lock, is known by itself.
    let shim = base::process::ProcessId::of(owner.process.pid).context("look at", proc)?;
    let runs = shim == Some(owner.process)
        || lock::is_locked(&files.claim(run)).unwrap_or(false)
        || !remains.find().context("look for processes in", proc)?.is_empty();
    // Its record may have come in between.
    Ok(match read(files, run)? {
        Far::Ended(_) => Answer::Ended,
        Far::Begun(_) if runs => Answer::Runs,
        Far::Open | Far::Void | Far::Gone | Far::Begun(_) => Answer::Gone,
    })
}

/// Asks the shim to end, on the machine where it runs.
pub fn end_here(files: &FarFiles, run: u32) -> Result<Answer> {
    if let (Answer::Runs, Far::Begun(owner)) = (answer_here(files, run)?, read(files, run)?) {
        owner.process.signal(&[Signal::TERM, Signal::CONT]).context("signal", Path::new("/proc"))?;
    }
    answer_here(files, run)
}

/// Who asks about one attempt.
#[derive(Debug)]
pub struct Asker<'a> {
    pub home: &'a Home,
    pub placement: &'a Placement,
    pub files: &'a FarFiles,
    pub run: u32,
    pub name: String,
    /// The shim, where both sides see it.
    pub shim: &'a Path,
    /// The convoy's environment, as it is kept.
    pub stored: &'a [u8],
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    asked: Moment,
    lines: Said,
}

impl Listed {
    /// Is it of this boot, and at most this much older than then?
    fn is_of(&self, then: &Moment, age_ms: u64) -> bool {
        self.asked.boot == then.boot && self.asked.ms >= then.ms.saturating_sub(age_ms)
    }
}

/// What was said, or why nothing was.
type Said = std::result::Result<String, String>;

/// Asks about the last run of an attempt. `None`: none was placed.
pub fn ask<T>(
    home: &Home,
    (convoy, role, attempt): (&ConvoyId, &Role, u32),
    shim: &Path,
    act: impl FnOnce(&Asker<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let dir = home.convoy(convoy);
    let files = dir.attempt(role, attempt).far();
    let Some(run) = super::last_run(&files)? else { return Ok(None) };
    let plan = Plan::read(&dir)?;
    let placement = plan.agent(role).and_then(|agent| agent.placement.as_ref());
    let Some(placement) = placement else {
        let what = format!("{role} is not placed anywhere");
        return Err(Error::Invalid { what, hint: None });
    };
    let stored = files::read_if_there(&dir.env())?.unwrap_or_default();
    let name = super::name(convoy, role, attempt, run);
    act(&Asker { home, placement, files: &files, run, name, shim, stored: &stored }).map(Some)
}

impl Asker<'_> {
    /// What is known now. `proof`: what placed it is over, so that what has not begun is
    /// not to begin; and an answer that is older than the question is not good enough.
    pub fn look(&self, proof: bool) -> Result<Life> {
        let owner = match read(self.files, self.run)? {
            Far::Void => return Ok(Life::Never),
            Far::Ended(record) => return Ok(Life::Ended(record)),
            Far::Gone => return Ok(Life::Gone),
            Far::Open => None,
            Far::Begun(owner) => Some(owner),
        };
        let mut asked = None;
        if self.placement.queues() {
            let listed = self.listed(proof)?;
            asked = Some(listed.asked);
            let lines = match listed.lines {
                Ok(lines) => lines,
                // Nothing has begun, and no engine will ever begin it.
                Err(why) if owner.is_none() && proof && self.is_never(&why) => String::new(),
                Err(why) => return Ok(Life::Unknown(why)),
            };
            if let Some(life) = self.in_list(&lines, owner.as_ref()) {
                return Ok(life);
            }
        }
        let Some(owner) = owner else {
            if !proof {
                // What places it has hardly begun, or its engine has forgotten it.
                return Ok(asked.map_or(Life::Waits(String::new()), Life::Unlisted));
            }
            // Nothing has it, and nothing is to have it any more.
            let begun = || Life::Unknown("it began just now".to_owned());
            return Ok(if super::void(self.files, self.run)? { Life::Never } else { begun() });
        };
        let node = &owner.node;
        let unknown = |why: &str| Life::Unknown(format!("{node} {why}"));
        if self.placement.ask.is_empty() {
            return Ok(unknown("cannot be asked"));
        }
        let said = match answer(self.there("ask", node)) {
            Ok(said) => said,
            Err(why) => return Ok(unknown(&format!("does not answer ({why})"))),
        };
        Ok(match (read(self.files, self.run)?, said.trim()) {
            (Far::Ended(record), _) => Life::Ended(record),
            (_, "gone") => Life::Gone,
            (_, "runs") => Life::Runs(node.clone()),
            (_, "ended") => unknown("has its record, which is not seen here"),
            (_, "elsewhere") => unknown("was another machine then"),
            (_, other) => unknown(&format!("said '{}'", base::text::visible(other))),
        })
    }

    /// What is known of one that has not begun, without asking anybody: by what an engine
    /// said not long ago to whoever asked. `None`: it is to be asked.
    pub fn glance(&self) -> Result<Option<Life>> {
        let now = Clock::open()?.now()?.moment;
        let listed = self.known_list()?.filter(|listed| listed.is_of(&now, FRESH_MS));
        Ok(listed.map(|listed| match listed.lines {
            Ok(lines) => self.in_list(&lines, None).unwrap_or(Life::Unlisted(listed.asked)),
            Err(why) => Life::Unknown(why),
        }))
    }

    /// What an engine's list says of it; `owner`: the shim that began it. `None`: it is not
    /// in there, or the engine is done with it.
    fn in_list(&self, lines: &str, owner: Option<&FarOwner>) -> Option<Life> {
        let is_over = |line: &Line<'_>| self.placement.over.iter().any(|state| state == line.state);
        let line = lines.lines().filter_map(|line| Line::of(line, &self.name)).find(|line| !is_over(line))?;
        let waits = self.placement.waiting.iter().any(|state| state == line.state);
        Some(match owner {
            None if waits => Life::Waits(line.why.to_owned()),
            // One that was started again by its engine finds the order taken.
            Some(owner) if waits => Life::Runs(owner.node.clone()),
            _ => Life::Runs(line.node.to_owned()),
        })
    }

    /// The same by one who has lost what placed it: what runs is told to end, what
    /// was proved is noted for all, and people are told.
    pub fn prove(&self) -> Result<Life> {
        let mut life = self.look(true)?;
        if matches!(life, Life::Runs(_) | Life::Waits(_)) {
            self.release()?;
            life = self.look(true)?;
        }
        if life == Life::Gone {
            super::note_gone(self.files, self.run)?;
        }
        self.show(&life);
        Ok(life)
    }

    /// Has it ended there, and what was kept for it given back. False: nothing can.
    pub fn release(&self) -> Result<bool> {
        let Some(command) = self.cancel_command()? else { return Ok(false) };
        // Silence, and any code, says nothing either way.
        subprocess::output(command, LIMIT).context("run", self.placement.program.as_path())?;
        Ok(true)
    }

    /// Tells people where it is.
    pub fn show(&self, life: &Life) {
        let shown = match life {
            Life::Never | Life::Ended(_) | Life::Gone => return,
            Life::Waits(why) if self.is_never(why) => {
                Shown::Pending { why: format!("{why}: it will never begin") }
            }
            Life::Waits(why) => Shown::Pending { why: why.clone() },
            Life::Unlisted(asked) => Shown::Unlisted { asked: asked.clone() },
            Life::Runs(node) => Shown::Running { node: node.clone() },
            Life::Unknown(why) => Shown::Lost { why: why.clone() },
        };
        super::show(self.files, &shown);
    }

    /// Is this a reason that no time ends?
    fn is_never(&self, why: &str) -> bool {
        self.placement.never.iter().any(|never| why.contains(never.as_str()))
    }

    /// What ends it there, as far as anything can: what came of it, the next look tells.
    pub fn cancel_command(&self) -> Result<Option<Command>> {
        let node = match read(self.files, self.run)? {
            Far::Begun(owner) => owner.node,
            Far::Open | Far::Void | Far::Ended(_) | Far::Gone => String::new(),
        };
        if !self.placement.cancel.is_empty() {
            return Ok(Some(self.command(&self.placement.cancel, &node)));
        }
        let is_there = !self.placement.ask.is_empty() && !node.is_empty();
        Ok(is_there.then(|| self.there("end", &node)))
    }

    /// The shim's word of this name, said where it ran.
    fn there(&self, verb: &str, node: &str) -> Command {
        let mut command = self.command(&self.placement.ask, node);
        command.arg(self.shim).args(["far", verb]).arg(self.files.dir()).arg(self.run.to_string());
        command
    }

    /// What the engine says of all there is. One call answers all who ask within a
    /// while: a convoy of 200 agents asks it once.
    fn listed(&self, proof: bool) -> Result<Listed> {
        files::create_private_dir(&self.home.run())?;
        let (path, lock) = (
            self.home.engine_list(&self.placement.executor),
            self.home.engine_list_lock(&self.placement.executor),
        );
        let now = || -> Result<Moment> { Ok(Clock::open()?.now()?.moment) };
        let wanted = now()?;
        let _lock = lock::lock(&lock)?;
        // Asked for after this one wanted to know: as good as its own.
        let age = if proof { 0 } else { FRESH_MS };
        if let Some(known) = self.known_list()?.filter(|known| known.is_of(&wanted, age)) {
            return Ok(known);
        }
        let asked = now()?;
        let lines = answer(self.command(&self.placement.list, ""));
        let listed = Listed { asked, lines };
        if let Ok(bytes) = serde_json::to_vec(&listed) {
            files::replace(&path, &self.home.run(), &bytes, Sync::Later)?;
        }
        Ok(listed)
    }

    /// What the engine said last; a torn file says nothing.
    fn known_list(&self) -> Result<Option<Listed>> {
        let bytes = files::read_if_there(&self.home.engine_list(&self.placement.executor))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    fn command(&self, words: &[String], node: &str) -> Command {
        let mut filled = words.iter().map(|word| fill(word, |name| self.value(name, node)));
        let mut command = Command::new(filled.next().unwrap_or_default());
        command
            .args(filled)
            .env_clear()
            .envs(variables(self.placement, self.stored))
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    fn value(&self, name: &str, node: &str) -> Option<OsString> {
        match name {
            "name" => Some(self.name.clone().into()),
            "node" => Some(node.into()),
            _ => self.placement.values.get(name).map(OsString::from),
        }
    }
}

/// What the commands of an executor see of the convoy's environment.
pub fn variables<'s>(
    placement: &'s Placement,
    stored: &'s [u8],
) -> impl Iterator<Item = (&'s OsStr, &'s OsStr)> {
    agent_environment::entries(stored).filter(|(name, _)| {
        agent_environment::is_basic(name.as_encoded_bytes())
            || placement.pass_env.iter().any(|passed| *name == OsStr::new(passed.as_str()))
    })
}

/// What a command printed, or why that is no answer.
fn answer(command: Command) -> Said {
    let program = base::text::path(Path::new(command.get_program()));
    let ended = subprocess::output(command, LIMIT).map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&ended.stderr);
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let last = base::text::visible(last);
    match ended.status {
        None => Err(format!("{program}: no answer in {} s", LIMIT.as_secs())),
        Some(status) if !status.success() => {
            Err(if last.is_empty() { format!("{program}: {status}") } else { last })
        }
        Some(_) => {
            let printed = ended.stdout.whole().map_err(|error| error.to_string())?;
            Ok(String::from_utf8_lossy(&printed).into_owned())
        }
    }
}

struct Line<'l> {
    state: &'l str,
    why: &'l str,
    node: &'l str,
}

impl<'l> Line<'l> {
    /// A line of the list, if it is about this name.
    fn of(line: &'l str, name: &str) -> Option<Self> {
        let mut fields = line.trim().split('|');
        (fields.next()? == name).then(|| Line {
            state: fields.next().unwrap_or_default(),
            why: fields.next().unwrap_or_default(),
            node: fields.next().unwrap_or_default(),
        })
    }
}
