//! Which conversation an attempt goes on with. The attempt before it is proved
//! over (P3), so no two processes ever hold one conversation.

use std::io::Read as _;
use std::ops::Range;

use base::{IoContext as _, Result};
use base::{files, pieces};
use protocol::layout::ConvoyDir;
use protocol::outcome::{Reason, Usage};
use protocol::plan::{AgentPlan, Invocation};
use protocol::record::{ExitRecord, Outcome};
use protocol::redact::Secrets;

use crate::stream::{EventStream, StreamSummary};

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

/// The conversation of the last of these attempts that ran, if it was interrupted; `None`:
/// this attempt begins from nothing. A record or a stream that cannot be read is
/// an error: a conversation begun anew would forget what was done and spent.
pub(crate) fn earlier(dir: &ConvoyDir, agent: &AgentPlan, attempts: Range<u32>) -> Result<Option<Earlier>> {
    if agent.invocation.resume_argv.is_none() {
        return Ok(None);
    }
    let mut records = Vec::new();
    for n in attempts {
        let attempt = dir.attempt(&agent.role, n);
        let record = ExitRecord::read(&attempt)?;
        let ran = record.as_ref().is_none_or(|record| record.outcome != Outcome::NeverRan);
        if ran && files::find(&attempt.stream()).context("look at", &attempt.stream())?.is_some() {
            records.push((n, record));
        }
    }
    let Some((last, record)) = records.last() else { return Ok(None) };
    if record.as_ref().is_some_and(|record| !was_interrupted(&record.outcome)) {
        return Ok(None);
    }
    let session = match record.as_ref().and_then(|record| record.session.clone()) {
        Some(session) => session,
        None => match session_of(dir, agent, *last)? {
            Some(session) => session,
            None => return Ok(None),
        },
    };
    let spent = records
        .iter()
        .filter_map(|(_, record)| record.as_ref())
        .filter(|record| record.session.as_ref() == Some(&session))
        .filter_map(|record| record.usage)
        .fold(Usage::default(), Usage::plus);
    Ok(Some(Earlier { session, spent }))
}

/// The session a stream names; for attempts whose supervisor was lost.
fn session_of(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32) -> Result<Option<String>> {
    let summary = read_again(dir, agent, attempt, BEGINNING)?;
    Ok(summary.and_then(|summary| summary.session().map(str::to_owned)))
}

/// What these attempts told in the same conversation. A stream that
/// is gone told nothing: a reviewer has then read less, never more.
pub(crate) fn told(
    dir: &ConvoyDir,
    agent: &AgentPlan,
    attempts: Range<u32>,
    session: &str,
) -> Result<Vec<StreamSummary>> {
    let mut summaries = Vec::new();
    for n in attempts {
        summaries.extend(
            read_again(dir, agent, n, u64::MAX)?.filter(|summary| summary.session() == Some(session)),
        );
    }
    Ok(summaries)
}

/// `None`: the attempt has no stream of events.
fn read_again(dir: &ConvoyDir, agent: &AgentPlan, attempt: u32, most: u64) -> Result<Option<StreamSummary>> {
    let Some(mut stream) = EventStream::of(&agent.invocation, Secrets::default()) else {
        return Ok(None);
    };
    let path = dir.attempt(&agent.role, attempt).stream();
    if files::find(&path).context("look at", &path)?.is_none() {
        return Ok(None);
    }
    let file = files::open(&path).context("read", &path)?.take(most);
    let understood = pieces::read_all(file, |piece| {
        stream.feed(piece);
        Ok(())
    });
    understood.context("read", &path)?;
    stream.finish();
    Ok(Some(stream.into_summary()))
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
            | Reason::Credit
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
            | Reason::Items
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

#[cfg(test)]
mod tests {
    use std::fs;

    use protocol::layout::{AttemptFiles, Home};
    use serde_json::json;

    use super::*;

    /// An agent of a CLI that keeps conversations.
    fn agent() -> AgentPlan {
        let invocation = json!({
            "runner": "r", "runnerOrigin": "user", "program": "/bin/true", "argv": [], "resumeArgv": [],
            "prompt": "stdin", "stream": "claude-stream-json", "reportFrom": "file", "unconfined": false,
        });
        let agent = json!({
            "role": "a", "subagent": "a", "parallel": true, "timeoutMs": 1000, "invocation": invocation,
        });
        serde_json::from_value(agent).expect("an agent")
    }

    /// An attempt that was interrupted, in conversation `s`, for a dollar.
    fn interrupted(files: &AttemptFiles) {
        let line = r#"{"type":"system","subtype":"init","session_id":"s","model":"m","tools":[]}"#;
        fs::write(files.stream(), format!("{line}\n")).unwrap();
        let record = json!({
            "schemaVersion": 1, "token": "t", "outcome": {"kind": "failed", "reason": "cut"},
            "startedAt": "2026-11-22T14:00:00Z", "endedAt": "2026-11-22T14:01:00Z", "session": "s",
            "usage": {"inputTokens": 1, "cachedInputTokens": 0, "outputTokens": 1, "costUsd": 1.0},
        });
        fs::write(files.exit(), record.to_string()).unwrap();
    }

    #[test]
    fn what_cannot_be_read_of_an_attempt_before_is_not_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        fs::create_dir_all(dir.dir()).unwrap();
        let agent = agent();
        let attempt = |n| dir.attempt(&agent.role, n);
        assert_eq!(earlier(&dir, &agent, 1..1).unwrap(), None);
        interrupted(&attempt(1));
        interrupted(&attempt(2));
        let found = earlier(&dir, &agent, 1..3).unwrap().expect("a conversation");
        assert_eq!((found.session.as_str(), found.spent.cost_usd), ("s", Some(2.0)));

        // Neither a record that is torn nor one that cannot be opened is none.
        for n in [1, 2] {
            let whole = fs::read(attempt(n).exit()).unwrap();
            fs::write(attempt(n).exit(), &whole[..whole.len() / 2]).unwrap();
            assert!(earlier(&dir, &agent, 1..3).unwrap_err().to_string().contains("exit record"));
            fs::remove_file(attempt(n).exit()).unwrap();
            fs::create_dir(attempt(n).exit()).unwrap();
            earlier(&dir, &agent, 1..3).expect_err("a record that cannot be read");
            fs::remove_dir(attempt(n).exit()).unwrap();
            fs::write(attempt(n).exit(), whole).unwrap();
        }

        // Of one whose supervisor was lost the stream tells the conversation.
        fs::remove_file(attempt(2).exit()).unwrap();
        let found = earlier(&dir, &agent, 1..3).unwrap().expect("a conversation");
        assert_eq!((found.session.as_str(), found.spent.cost_usd), ("s", Some(1.0)));
        fs::remove_file(attempt(2).stream()).unwrap();
        fs::create_dir(attempt(2).stream()).unwrap();
        earlier(&dir, &agent, 1..3).expect_err("a stream that cannot be read");
    }
}
