//! The table of addresses: what is read, and the commands that are run.

pub(crate) mod app;
pub(crate) mod context;
mod decisions;
mod findings;
mod programs;
mod read;
mod report;
mod request;
mod steer;
