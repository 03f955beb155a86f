//! Waiting for an agent's turn: a supervisor that is there before its attempt is
//! (`protocol::parked`). Of what its attempt will be given it reads the plan, which does
//! not change; it claims nothing and runs nothing.

use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Result;
use base::clock::BootId;
use base::crash::{self, Point};
use base::poll::wait_readable;
use protocol::layout::ConvoyDir;
use protocol::parked::{self, Place, Turn};
use protocol::plan::Ahead;
use protocol::state::State;
use protocol::store::read_state;

use crate::attempt::keep_what_concerns;
use crate::cli::Arguments;
use crate::signals::{Asked, Signals};

/// So often it looks whether its convoy is over: who ended it may have been killed
/// before it could say so.
const SWEEP: Duration = Duration::from_secs(5);

/// What is known when its turn has come.
pub(crate) struct Called {
    /// The attempt to claim.
    pub(crate) attempt: u32,
    /// The state that intends it.
    pub(crate) state: Option<State>,
    pub(crate) plan: Option<Ahead>,
}

impl Called {
    /// One that was not waited for: all is still to be read.
    pub(crate) fn at_once(attempt: u32) -> Self {
        Called { attempt, state: None, plan: None }
    }
}

/// Waits. `None`: no attempt will be to claim, for this process.
pub(crate) fn wait(
    dir: &ConvoyDir,
    arguments: &Arguments,
    words: &str,
    signals: &Signals,
    boot: &BootId,
) -> Result<Option<Called>> {
    let Some(place) = Place::take(dir, &arguments.role)? else { return Ok(None) };
    crash::at(Point::Parked);
    // Its turn may have come before anybody could wake it, and its convoy's end.
    let mut turn = parked::turn(dir, &arguments.role, boot)?;
    let mut state = None;
    let mut plan = None;
    if turn == Turn::NotYet {
        base::program::tell(&format!("convoy: {} waits for {}", arguments.role, base::text::visible(words)));
        plan = Ahead::read(dir);
        if let Some(plan) = &mut plan {
            plan.keep(|plan| keep_what_concerns(plan, &arguments.role));
        }
    }
    while turn == Turn::NotYet {
        let is_woken = wait_readable(&[place.as_fd(), signals.as_fd()], Some(SWEEP))[0];
        if is_sent_away(arguments, signals) {
            return Ok(None);
        }
        place.drain();
        // Who is woken will need the state whole. What cannot be read so is looked at
        // the other way, and by its attempt again, which says why.
        state = if is_woken { read_state(dir).ok() } else { None };
        turn = match &state {
            Some(state) => parked::turn_in(state, &arguments.role, boot),
            None => parked::turn(dir, &arguments.role, boot)?,
        };
    }
    // From here on it is one supervisor of the attempt among others.
    drop(place);
    crash::at(Point::Unparked);
    Ok(match turn {
        Turn::Attempt(attempt) if !is_sent_away(arguments, signals) => Some(Called { attempt, state, plan }),
        Turn::Attempt(_) | Turn::NotYet | Turn::Over => None,
    })
}

/// Does somebody want this process to end? A session that is closed ends who waits
/// in it, and nothing else: the agent gets another one.
fn is_sent_away(arguments: &Arguments, signals: &Signals) -> bool {
    signals.take().iter().any(|asked| match asked {
        Asked::End | Asked::Interrupt => true,
        Asked::HangUp => arguments.session.is_some(),
        Asked::Child => false,
    })
}
