//! The end of a placed command. The placing command's exit status proves nothing: the
//! shim's record does, or that nothing of it is left (P5).

use std::time::{Duration, Instant};

use anyhow::Result;
use base::poll::wait_readable;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use protocol::far::{self, Far, FarRecord, Life};
use protocol::layout::ConvoyDir;
use protocol::store::read_state;
use std::os::fd::AsFd;

use super::placed::Placed;
use crate::attempt::Attempt;
use crate::ending::Ending;
use crate::signals::Asked;

/// Between two questions about what nobody could tell.
const AGAIN: Duration = Duration::from_secs(3);

/// Its placing command ended, and nothing ever ran; in words.
#[derive(Debug)]
pub(crate) struct NotPlaced(String);

impl std::fmt::Display for NotPlaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotPlaced {}

/// A command that its shim could not start; in words.
#[derive(Debug)]
struct NotStarted(String);

impl std::fmt::Display for NotStarted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotStarted {}

impl Attempt<'_> {
    /// What the attempt came to, once it is proved that nothing of it runs. Its local
    /// process tree is empty.
    pub(crate) fn settle(&self, placed: &Placed, ending: Ending, stderr: &[u8]) -> Result<Ending> {
        let settled = self.prove(placed, ending);
        // With a run that is over, or was lost, no key stays.
        let removed = base::files::remove_if_there(&placed.files.order(placed.run));
        let (ending, life) = settled?;
        removed?;
        let itself = matches!(ending, Ending::Itself(_) | Ending::Forgotten);
        match life {
            Life::Ended(record) => ended(ending, &record),
            Life::Never if !itself => Ok(ending),
            Life::Never if ending == Ending::Forgotten => {
                Err(NotPlaced(format!("executor {} has forgotten it", placed.placement.executor)).into())
            }
            Life::Never => Err(not_placed(placed, stderr)),
            // No record: lost, whatever else it looked like (P5).
            Life::Gone | Life::Waits(_) | Life::Unlisted(_) | Life::Runs(_) | Life::Unknown(_) => {
                Ok(Ending::Abandoned)
            }
        }
    }

    fn prove(&self, placed: &Placed, mut ending: Ending) -> Result<(Ending, Life)> {
        if !placed.placement.is_far() {
            // Nothing of it is left: its record is there, or never will be.
            let life = match far::read(&placed.files, placed.run)? {
                Far::Ended(record) => Life::Ended(record),
                Far::Open | Far::Void if far::void(&placed.files, placed.run)? => Life::Never,
                Far::Open | Far::Void | Far::Begun(_) | Far::Gone => Life::Gone,
            };
            return Ok((ending, life));
        }
        loop {
            let life = match placed.asker().prove() {
                Ok(life) => life,
                Err(error) => Life::Unknown(base::error::chain(&error)),
            };
            let known = matches!(life, Life::Never | Life::Ended(_) | Life::Gone);
            if known || is_fenced(&self.dir, self) {
                return Ok((ending, life));
            }
            if self.asked_to_end_within(AGAIN) {
                match read_state(&self.dir) {
                    Ok(state) if state.stopping.is_some() => ending = Ending::Stopped,
                    // Whoever comes next asks on.
                    _ => return Ok((Ending::Abandoned, life)),
                }
            }
            if self.is_removed() {
                return Ok((Ending::Abandoned, life));
            }
        }
    }
}

impl Attempt<'_> {
    /// Waits so long, whatever else happens: an engine is not to be asked each time that a
    /// program that asked it has ended. True as soon as somebody wants the end.
    fn asked_to_end_within(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            wait_readable(&[self.signals.as_fd()], Some(left));
            if self.signals.take().contains(&Asked::End) {
                return true;
            }
        }
    }
}

/// Did a person say that nothing of it runs? What cannot be read says no such thing.
fn is_fenced(dir: &ConvoyDir, attempt: &Attempt<'_>) -> bool {
    let state = read_state(dir);
    let fenced = state.ok().and_then(|state| {
        let agent = state.agent(&attempt.arguments.role)?;
        Some(agent.attempt == attempt.number && agent.is_fenced())
    });
    fenced == Some(true)
}

/// The end of the command, as its shim saw it.
fn ended(ending: Ending, record: &FarRecord) -> Result<Ending> {
    // It began at the last moment, and its shim was told to end.
    if ending == Ending::Forgotten {
        return Ok(Ending::Abandoned);
    }
    if !matches!(ending, Ending::Itself(_)) {
        return Ok(ending);
    }
    if let Some(error) = &record.error {
        return Err(NotStarted(error.clone()).into());
    }
    // Somebody there, and nobody of the convoy, wanted its end.
    if record.told {
        return Ok(Ending::Abandoned);
    }
    let pid = Pid::from_raw(0);
    let signal = record.signal.and_then(|signal| Signal::try_from(signal).ok());
    Ok(Ending::Itself(match (record.exit_code, signal) {
        (Some(code), _) => Some(WaitStatus::Exited(pid, code)),
        (None, Some(signal)) => Some(WaitStatus::Signaled(pid, signal, false)),
        (None, None) => None,
    }))
}

fn not_placed(placed: &Placed, stderr: &[u8]) -> anyhow::Error {
    let said = String::from_utf8_lossy(stderr);
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.map_or_else(|| "it said nothing".to_owned(), base::text::visible);
    let words = format!("executor {} did not begin it: {last}", placed.placement.executor);
    // One on this machine would say the same again.
    if placed.placement.is_far() { NotPlaced(words).into() } else { NotStarted(words).into() }
}
