//! `events`: what happened, in order.

use std::io::{BufRead, BufReader};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::inotify::ConvoyWatch;
use base::style::{Style, pad};
use base::{files, program, text};
use protocol::journal::{Event, What};
use protocol::layout::Home;
use protocol::reasons;
use protocol::store::read_state;

pub(crate) fn events(environment: &Environment, id: &ConvoyId, follow: bool, json: bool) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let mut state = read_state(&dir)?;
    let mut watch = ConvoyWatch::new(dir.dir());
    let style = Style::of_stdout(environment);
    let mut journal =
        BufReader::new(base::IoContext::context(files::open(&dir.events()), "read", &dir.events())?);
    let mut line = Vec::new();
    loop {
        loop {
            journal.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                // Half a line: its writer is still at it.
                break;
            }
            match serde_json::from_slice::<Event>(&line) {
                Ok(_) if json => program::print(&String::from_utf8_lossy(&line))?,
                Ok(event) => program::print(&show(&event, &style))?,
                // Torn by a crash, or of a newer program.
                Err(_) => program::tell("convoy-ctl: a line of the events cannot be read and is left out"),
            }
            line.clear();
        }
        if !follow || state.ended() {
            return Ok(Exit::Done);
        }
        watch.wait(std::time::Duration::from_secs(30));
        state = read_state(&dir)?;
    }
}

fn show(event: &Event, style: &Style) -> String {
    let at = event.at.to_zoned_datetime(style.zone.clone()).strftime("%H:%M:%S").to_string();
    let who = event.role.as_ref().map_or("convoy", |role| role.as_str());
    let what = match event.event {
        What::ConvoyStarted | What::AgentLaunched => "started",
        What::ConvoyReopened => "opened again",
        What::ConvoyStopping => "stopping",
        What::ConvoyCompleted | What::AgentCompleted => "completed",
        What::ConvoyPartial => "partial",
        What::ConvoyFailed | What::AgentFailed => "failed",
        What::AgentRunning => "running",
        What::AgentFenced => "declared over",
        What::AgentReaping => "lost its supervisor",
        What::AgentWaiting => "waits for another attempt",
        What::MergeDue => "merging the reviews",
        What::MergeDone => "reviews merged",
        What::MergeFailed => "reviews could not be merged",
        What::ExpansionDue => "choosing what its agents are for",
        What::ExpansionDone => "has its agents",
        What::ExpansionFailed => "cannot have agents",
        What::StateChanged => "changed",
        What::StateRestored => "state restored from the last one known to be whole",
        What::Unknown => "something this version does not know",
    };
    let attempt = event.attempt.filter(|n| *n > 1).map(|n| format!(", attempt {n}")).unwrap_or_default();
    let why = match (event.reason, event.detail.as_deref()) {
        (Some(reason), detail) => format!(": {}", reasons::reason(reason, detail)),
        (None, Some(detail)) => format!(": {detail}"),
        (None, None) => String::new(),
    };
    format!("{at}  {}  {what}{attempt}{}\n", pad(who, 12), text::visible(&why))
}
