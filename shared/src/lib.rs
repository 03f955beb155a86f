//! What the programs share: the protocol, on plain files.

pub mod agent_file;
pub mod config;
pub mod document;
pub mod environment;
pub mod error;
pub mod exit;
pub mod fields;
pub mod frame;
pub mod ids;
pub mod layout;
pub mod path_text;
pub mod placeholder;
pub mod plan;
pub mod problem;
pub mod prompt;
pub mod prompt_variables;
pub mod runner;
pub mod state;
pub mod suggestion;
pub mod template;
pub mod text;
pub mod time_text;
pub mod version;

pub use error::{Error, IoContext, Result, StateProblem};
