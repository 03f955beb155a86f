//! What attempts spent, read from the state directory; no service is asked.

use std::time::Duration;

use base::{IoContext as _, files};
use jiff::Timestamp;
use protocol::agent::Agent;
use protocol::layout::ConvoyDir;
use protocol::outcome::Usage;
use protocol::record::ExitRecord;
use protocol::state::State;

/// One attempt that ended, or that runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// Its end; now, if it runs.
    pub(crate) at: Timestamp,
    pub(crate) ran: Duration,
    /// `None`: nothing was told of it.
    pub(crate) usage: Option<Usage>,
}

/// `None`: nothing is known of this attempt; it was lost, or has not begun.
pub(crate) fn of_attempt(
    dir: &ConvoyDir,
    state: &State,
    agent: &Agent,
    attempt: u32,
    now: Timestamp,
) -> base::Result<Option<Spent>> {
    let files = dir.attempt(&agent.role, attempt);
    let ran =
        |from: Timestamp, to: Timestamp| Duration::try_from(to.duration_since(from)).unwrap_or_default();
    if let Some(record) = ExitRecord::read(&files)? {
        let ran = ran(record.started_at, record.ended_at);
        return Ok(Some(Spent { at: record.ended_at, ran, usage: record.usage }));
    }
    if state.ended() {
        return Ok(None);
    }
    // It runs, or its record is on its way.
    let usage = match files::read_if_there(&files.usage())? {
        Some(bytes) => {
            let usage = serde_json::from_slice(&bytes).map_err(std::io::Error::from);
            Some(usage.context("understand", &files.usage())?)
        }
        None => None,
    };
    let started = agent.started_at.filter(|_| attempt == agent.attempt && agent.is_running());
    Ok(match (started, usage) {
        (None, None) => None,
        (started, usage) => {
            Some(Spent { at: now, ran: started.map_or(Duration::ZERO, |from| ran(from, now)), usage })
        }
    })
}

/// `$1.20`; `~` before one that is an estimate.
pub(crate) fn dollars(usage: &Usage) -> Option<String> {
    let mark = if usage.cost_estimated { "~" } else { "" };
    usage.cost_usd.map(|cost| format!("{mark}${cost:.2}"))
}
