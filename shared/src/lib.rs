//! What the programs share: the protocol, on plain files.

pub mod claim;
pub mod environment;
pub mod error;
pub mod exit;
pub mod files;
pub mod frame;
pub mod ids;
pub mod journal;
pub mod layout;
pub mod lock;
pub mod now;
pub mod path_text;
pub mod plan;
pub mod process;
pub mod record;
pub mod state;
pub mod step;
pub mod store;
pub mod text;

pub use error::{Error, IoContext, Result, StateProblem};
