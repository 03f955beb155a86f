//! What the programs share: the protocol, on plain files.

pub mod environment;
pub mod error;
pub mod exit;
pub mod frame;
pub mod ids;
pub mod layout;
pub mod path_text;
pub mod placeholder;
pub mod plan;
pub mod prompt;
pub mod prompt_variables;
pub mod state;
pub mod text;

pub use error::{Error, IoContext, Result, StateProblem};
