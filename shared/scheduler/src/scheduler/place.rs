//! May this convoy be scheduled from here?

use base::error::{Error, Result};
use base::files;
use base::host::Here;
use protocol::claim;
use protocol::layout::ConvoyDir;
use protocol::plan::Plan;
use protocol::state::State;

use super::Purpose;

/// Can a convoy be taken up by a scheduler here? If not, why.
pub fn check(dir: &ConvoyDir, state: &State) -> Result<()> {
    // One that is being stopped needs no plan, and its stop may be all that is left.
    if state.stopping.is_none() {
        Plan::read(dir)?;
    }
    check_place(dir, state, &Here::look()?, Purpose::Run)
}

/// May this program schedule the convoy from here?
pub(super) fn check_place(dir: &ConvoyDir, state: &State, here: &Here, purpose: Purpose) -> Result<()> {
    if here.is_foreign(&state.host, &state.clock.at.boot) {
        return Err(Error::Elsewhere {
            id: state.id.clone(),
            host: base::text::visible(&state.host),
            here: here.host().to_owned(),
        });
    }
    if purpose != Purpose::Run {
        return Ok(());
    }
    let roles = claim::out_of_sight(dir, state, here)?;
    if roles.is_empty() {
        return Ok(());
    }
    Err(Error::OutOfSight { id: state.id.clone(), roles: roles.iter().map(ToString::to_string).collect() })
}

/// What must be true when the state says that the convoy has ended: the reports
/// it names are on the disk, and the secrets of its environment are not. While
/// that cannot be had the convoy runs on.
pub(super) fn promise_end(dir: &ConvoyDir, state: &State) -> Result<()> {
    for path in state.agents.iter().filter_map(|agent| agent.output_file()) {
        protocol::publish::sync(path.as_path())?;
    }
    files::remove_if_there(&dir.env())
}
