//! The state directory: the names of its files, what is in each, and the rules for
//! reading and writing them (`docs/protocol.md`). All that two programs know of
//! each other is said here.
//!
//! May use: `base`. Never: files that people write (templates, runners,
//! configuration), and no decision about what happens next: who starts what is
//! the scheduler's.

pub mod agent;
pub mod agent_environment;
pub mod budget;
pub mod checkout;
pub mod claim;
pub mod convoys;
pub mod create;
mod entry;
pub mod excerpt;
pub mod expansion;
pub mod far;
pub mod hooks;
pub mod journal;
pub mod layout;
pub mod outcome;
pub mod owner;
pub mod parked;
pub mod placeholder;
pub mod plan;
pub mod prompt;
pub mod prompt_variables;
pub mod publish;
pub mod reasons;
pub mod record;
pub mod redact;
pub mod retry;
pub mod room;
mod site;
pub mod state;
pub mod store;
pub mod watch_lock;
