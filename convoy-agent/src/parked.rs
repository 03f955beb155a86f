//! Waiting for an agent's turn: a supervisor that is there before its attempt is
//! (`protocol::parked`). Of what its attempt will be given it reads the plan, which does
//! not change; it claims nothing and runs nothing.

use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Result;
use base::clock::BootId;
use base::crash::{self, Point};
use base::poll::wait_readable;
use protocol::excerpt::Excerpt;
use protocol::layout::ConvoyDir;
use protocol::parked::{self, Place, Turn};
use protocol::plan::Ahead;

use crate::attempt;
use crate::cli::Arguments;
use crate::signals::{Asked, Signals};

/// So often it looks whether its convoy is over: who ended it may have been killed
/// before it could say so.
const SWEEP: Duration = Duration::from_secs(5);

/// What is known when its turn has come.
pub(crate) struct Called {
    /// The attempt to claim.
    pub(crate) attempt: u32,
    /// What concerns it of the state that intends it.
    pub(crate) state: Option<Excerpt>,
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
    let (mut turn, mut state) = parked::turn(dir, &arguments.role, boot, &|_| false)?;
    let mut plan = None;
    if turn == Turn::NotYet {
        base::program::tell(&format!("convoy: {} waits for {}", arguments.role, base::text::visible(words)));
        plan = Ahead::read(dir, &arguments.role);
    }
    let roles = plan.as_ref().map(|plan| attempt::roles(plan.plan())).unwrap_or_default();
    while turn == Turn::NotYet {
        wait_readable(&[place.as_fd(), signals.as_fd()], Some(SWEEP));
        if is_sent_away(arguments, signals) {
            return Ok(None);
        }
        place.drain();
        (turn, state) = parked::turn(dir, &arguments.role, boot, &|role| roles.contains(role))?;
    }
    // From here on it is one supervisor of the attempt among others.
    drop(place);
    crash::at(Point::Unparked);
    // Without the plan it is not known whose state it will need.
    let state = state.filter(|_| plan.is_some());
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
