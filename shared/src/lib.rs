//! What the programs share: the protocol, on plain files.

pub mod error;
pub mod exit;
pub mod frame;
pub mod state;
pub mod text;

pub use error::{Error, IoContext, Result, StateProblem};
