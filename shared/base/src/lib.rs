//! What every program does the same way, whatever it is for: names and texts,
//! errors and exit codes, the environment, files, locks, processes, clocks.
//!
//! May use: the system and small libraries. Never: the files of the state
//! directory, what a convoy is made of, or anything that only one program needs.

pub mod c_quoted;
pub mod called;
pub mod clock;
pub mod crash;
pub mod detached;
pub mod duration;
pub mod encoded_path;
pub mod environment;
pub mod error;
pub mod exit;
pub mod files;
pub mod host;
pub mod ids;
pub mod inotify;
pub mod lock;
pub mod markdown;
pub mod memory;
pub mod outputs;
pub mod pieces;
pub mod poll;
pub mod process;
pub mod program;
pub mod spawn;
pub mod style;
pub mod subprocess;
pub mod suggestion;
pub mod text;
pub mod version;
pub mod workflow_command;

pub use error::{Error, IoContext, Result, StateProblem};
