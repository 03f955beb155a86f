//! What the programs share: the protocol, on plain files.

pub mod agent_environment;
pub mod attend;
pub mod child;
pub mod claim;
pub mod creation;
pub mod engine;
pub mod environment;
pub mod error;
pub mod exit;
pub mod files;
pub mod frame;
pub mod hand_over;
pub mod host;
pub mod ids;
pub mod journal;
pub mod launch;
pub mod layout;
pub mod lock;
pub mod merge_run;
pub mod now;
pub mod path_text;
pub mod placeholder;
pub mod plan;
pub mod process;
pub mod prompt;
pub mod prompt_variables;
pub mod publish;
pub mod record;
pub mod state;
pub mod step;
pub mod store;
pub mod text;
pub mod tmux;
pub mod words;

pub use error::{Error, IoContext, Result, StateProblem};
