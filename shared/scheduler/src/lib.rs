//! What happens next with a convoy, and seeing to it: `step` decides, the rest
//! gathers what it decides on and carries out what it says.
//!
//! May use: `base` and `protocol`. Never: the files a plan was made of; what is not
//! in the plan is not known here.

pub mod event_loop;
mod expansion;
mod graph;
pub mod hooks;
mod launch;
mod lost_plan;
mod merge_run;
mod scheduler;
pub mod start_watcher;
mod step;
pub mod tmux;

pub use scheduler::{Programs, Purpose, Scheduler, check};
pub use step::SUPERVISOR_SLACK_MS;
