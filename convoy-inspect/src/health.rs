//! `health`: looks at every running convoy, its agents, their sessions and logs,
//! and at what ended in the last day, and says what needs a person: stuck,
//! looping, limited or dead. It changes nothing.
//!
//! The `health-monitor` template's work where there is no AI, and the facts that
//! an AI is given beside its prompt.

mod facts;
mod render;
mod troubles;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program;
use command_line::inspect::Health;
use jiff::Timestamp;
use protocol::convoys;
use protocol::layout::Home;

use crate::hand_over;

pub(crate) fn run(environment: &Environment, asked: &Health) -> Result<Exit> {
    // The convoy that asks is not its own patient.
    let except: Option<ConvoyId> =
        asked.except.as_deref().map(|id| convoys::resolve(&Home::of(environment), id)).transpose()?;
    let now = Timestamp::now();
    let convoys = facts::gather(environment, except.as_ref(), now)?;
    let troubles = troubles::find(&convoys, now);
    let out = if asked.json {
        let json =
            serde_json::json!({ "schemaVersion": 1, "at": now, "convoys": convoys, "troubles": troubles });
        format!("{}\n", serde_json::to_string_pretty(&json)?)
    } else {
        render::report(&convoys, &troubles, now)
    };
    hand_over(asked.output.as_deref(), &out)?;
    if asked.output.is_some() {
        // The report is what is asked for; what stands in it is no failure of this program.
        return Ok(Exit::Done);
    }
    if !troubles.is_empty() && !asked.json {
        program::tell(&format!("{} to look at", base::style::count(troubles.len() as u64, "thing")));
    }
    Ok(if troubles.is_empty() { Exit::Done } else { Exit::No })
}
