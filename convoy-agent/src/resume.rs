//! Which conversation an attempt goes on with. The attempt before it is proved
//! over (P3), so no two processes ever hold one conversation.

use std::fs::File;
use std::io::Read as _;

use shared::layout::ConvoyDir;
use shared::plan::{AgentPlan, Invocation};
use shared::record::{ExitRecord, Outcome};
use shared::redact::Secrets;
use shared::state::{Reason, Usage};

use crate::stream::{Account, EventStream};

/// The beginning of a stream is enough to find its session.
const BEGINNING: u64 = 1 << 20;

/// A conversation that was interrupted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Earlier {
    pub(crate) session: String,
    /// What was recorded of it so far.
    pub(crate) spent: Usage,
}

/// What a run of the command is for.
#[derive(Debug)]
pub(crate) enum Turn<'a> {
    Begin,
    /// With a conversation that was interrupted.
    GoOn(&'a Earlier),
    /// Its answer cannot be used: once more, with what is wrong with it.
    Mend(&'a Earlier, &'a [String]),
}

impl Turn<'_> {
    /// The conversation it is in already.
    pub(crate) fn earlier(&self) -> Option<&Earlier> {
        match self {
            Turn::Begin => None,
            Turn::GoOn(earlier) | Turn::Mend(earlier, _) => Some(earlier),
        }
    }
}

/// The conversation of the last attempt that ran, if it was interrupted; `None`:
/// this attempt begins from nothing.
pub(crate) fn earlier(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32) -> Option<Earlier> {
    agent.invocation.resume_argv.as_ref()?;
    let ran = |n: &u32| {
        let files = dir.attempt(&agent.role, *n);
        let record = ExitRecord::read(&files).ok().flatten();
        files.stream().exists() && record.is_none_or(|record| record.outcome != Outcome::NeverRan)
    };
    let last = (1..attempt).rev().find(ran)?;
    let record = ExitRecord::read(&dir.attempt(&agent.role, last)).ok()?;
    if record.as_ref().is_some_and(|record| !was_interrupted(&record.outcome)) {
        return None;
    }
    let session = record.and_then(|record| record.session);
    let session = session.or_else(|| session_of(dir, agent, last))?;
    let spent = (1..=last)
        .filter_map(|n| ExitRecord::read(&dir.attempt(&agent.role, n)).ok()?)
        .filter(|record| record.session.as_ref() == Some(&session))
        .filter_map(|record| record.usage)
        .fold(Usage::default(), Usage::plus);
    Some(Earlier { session, spent })
}

/// The session a stream names; for attempts whose supervisor was lost.
fn session_of(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32) -> Option<String> {
    read_again(dir, agent, attempt, BEGINNING)?.session().map(str::to_owned)
}

/// What the attempts before this one told in the same conversation. What cannot be
/// read of it counts as not told: a reviewer has then read less, never more.
pub(crate) fn told(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32, session: &str) -> Vec<Account> {
    let accounts = (1..attempt).filter_map(|n| read_again(dir, agent, n, u64::MAX));
    accounts.filter(|account| account.session() == Some(session)).collect()
}

fn read_again(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32, most: u64) -> Option<Account> {
    let mut stream = EventStream::of(agent.invocation.stream, Secrets::default())?;
    let mut file = File::open(dir.attempt(&agent.role, attempt).stream()).ok()?.take(most);
    let mut buffer = [0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => drop(stream.feed(&buffer[..n])),
        }
    }
    stream.finish();
    Some(stream.into_account())
}

/// The work so far is good, only its end is missing.
fn was_interrupted(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::RateLimited { .. } => true,
        Outcome::Completed | Outcome::NeverRan => false,
        Outcome::Failed { reason } => match reason {
            Reason::ExitCode
            | Reason::Signal
            | Reason::Stalled
            | Reason::Overload
            | Reason::Cut
            | Reason::ApiError
            | Reason::RateLimit
            | Reason::Lost => true,
            Reason::Spawn
            | Reason::NoReport
            | Reason::EmptyReport
            | Reason::Denied
            | Reason::BadReport
            | Reason::Unrecognised
            | Reason::Publish
            | Reason::ProjectGone
            | Reason::Timeout
            | Reason::Auth
            | Reason::ContextOverflow
            | Reason::Refusal
            | Reason::TurnLimit
            | Reason::OutputLimit
            | Reason::Budget
            | Reason::SessionClosed
            | Reason::Stopped
            | Reason::Dependencies
            | Reason::Launch => false,
        },
    }
}

/// The words of the command for this conversation, or for a new one.
pub(crate) fn argv<'i>(invocation: &'i Invocation, earlier: Option<&Earlier>) -> &'i [String] {
    match (&invocation.resume_argv, earlier) {
        (Some(argv), Some(_)) => argv,
        _ => &invocation.argv,
    }
}
