//! `health`: looks at every running convoy, its agents, their sessions and logs,
//! and at what ended in the last day, and says what needs a person: stuck,
//! looping, limited or dead. It changes nothing.
//!
//! The `health-monitor` template's work where there is no AI, and the facts that
//! an AI is given beside its prompt.

mod facts;
mod render;
mod troubles;

use std::path::PathBuf;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program;
use jiff::Timestamp;

use crate::choose;
use crate::inventory::hand_over;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Order {
    /// The convoy that asks: it is not its own patient.
    pub(crate) except: Option<String>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) json: bool,
}

pub(crate) fn run(environment: &Environment, order: &Order) -> Result<Exit> {
    let except: Option<ConvoyId> =
        order.except.as_deref().map(|id| choose::one(environment, id)).transpose()?;
    let now = Timestamp::now();
    let convoys = facts::gather(environment, except.as_ref(), now)?;
    let troubles = troubles::find(&convoys, now);
    let out = if order.json {
        let json =
            serde_json::json!({ "schemaVersion": 1, "at": now, "convoys": convoys, "troubles": troubles });
        format!("{}\n", serde_json::to_string_pretty(&json)?)
    } else {
        render::report(&convoys, &troubles, now)
    };
    hand_over(order.output.as_deref(), &out)?;
    if order.output.is_some() {
        // The report is what is asked for; what stands in it is no failure of this program.
        return Ok(Exit::Done);
    }
    if !troubles.is_empty() && !order.json {
        program::tell(&format!("{} to look at", base::style::count(troubles.len() as u64, "thing")));
    }
    Ok(if troubles.is_empty() { Exit::Done } else { Exit::No })
}
