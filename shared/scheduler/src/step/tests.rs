//! The function that decides: by tables, by properties, and by a search over all there is.

mod agent_states;
mod chain;
pub(crate) mod common;
mod exhaustive;
mod properties;
mod scheduling;
