//! `wait`: until a convoy has ended, but never longer than the most impatient client
//! waits for a call. It is called again then; nothing is kept in between.

use std::time::{Duration, Instant};

use base::exit::Exit;
use base::inotify::ConvoyWatch;
use base::program::Failure;
use protocol::store::read_state;
use serde::Deserialize;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, Ongoing, convoy};

/// Seconds a call takes at most: opencode ends one after 60.
pub(crate) const LONGEST: u64 = 50;
/// How soon it is noticed that nobody waits any more.
const NOTICE: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    convoy: Option<String>,
    seconds: Option<u64>,
    /// Of the answer before. It says nothing here; by it each call differs from the one
    /// before: gemini ends a run that makes the same call five times, and opencode asks
    /// about one that makes it three times.
    #[serde(default)]
    cursor: u32,
}

pub(crate) fn wait(desk: &Desk, wanted: &Wanted, ongoing: &Ongoing) -> Result<Answer, Failure> {
    let seconds = wanted.seconds.unwrap_or(LONGEST);
    if !(1..=LONGEST).contains(&seconds) {
        return Err(Failure::new(Exit::Usage, format!("seconds: {seconds} is not between 1 and {LONGEST}"))
            .hint("a longer wait is several calls"));
    }
    let until = Instant::now() + Duration::from_secs(seconds);
    let (dir, _) = desk.convoy(wanted.convoy.as_deref())?;
    let mut watch = ConvoyWatch::new(dir.dir());
    loop {
        // P11: subscribed above, drained by the last wait, read now.
        let state = read_state(&dir)?;
        let left = until.saturating_duration_since(Instant::now());
        if state.ended() {
            let next = if state.merge.is_some() { "call findings" } else { "call report" };
            return Ok(convoy::picture(&dir, &state).next(format!("{next} with convoy {}", state.id)));
        }
        if left.is_zero() || ongoing.is_over() {
            let cursor = wanted.cursor.wrapping_add(1);
            return Ok(convoy::picture(&dir, &state)
                .with("waitedSeconds", json!(seconds))
                .with("cursor", json!(cursor))
                .next(format!("it goes on: call wait again with convoy {} and cursor {cursor}", state.id)));
        }
        ongoing.tell(convoy::progress(&state));
        watch.wait(left.min(NOTICE));
    }
}
