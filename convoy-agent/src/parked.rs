//! Waiting for an agent's turn: a supervisor that is there before its attempt is
//! (`protocol::parked`). It reads nothing of what its attempt will be given, claims
//! nothing and runs nothing.

use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Result;
use base::clock::BootId;
use base::crash::{self, Point};
use base::poll::wait_readable;
use protocol::layout::ConvoyDir;
use protocol::parked::{self, Place, Turn};

use crate::cli::Arguments;
use crate::signals::{Asked, Signals};

/// So often it looks whether its convoy is over: who ended it may have been killed
/// before it could say so.
const SWEEP: Duration = Duration::from_secs(5);

/// Waits. The attempt to claim; `None`: none will be, for this process.
pub(crate) fn wait(
    dir: &ConvoyDir,
    arguments: &Arguments,
    words: &str,
    signals: &Signals,
    boot: &BootId,
) -> Result<Option<u32>> {
    let Some(place) = Place::take(dir, &arguments.role)? else { return Ok(None) };
    crash::at(Point::Parked);
    // Its turn may have come before anybody could wake it, and its convoy's end.
    let look = || parked::turn(dir, &arguments.role, boot);
    let mut turn = look()?;
    if turn == Turn::NotYet {
        base::program::tell(&format!("convoy: {} waits for {}", arguments.role, base::text::visible(words)));
    }
    while turn == Turn::NotYet {
        wait_readable(&[place.as_fd(), signals.as_fd()], Some(SWEEP));
        if is_sent_away(arguments, signals) {
            return Ok(None);
        }
        place.drain();
        turn = look()?;
    }
    // From here on it is one supervisor of the attempt among others.
    drop(place);
    crash::at(Point::Unparked);
    Ok(match turn {
        Turn::Attempt(number) if !is_sent_away(arguments, signals) => Some(number),
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
