//! What is remembered of a project from review to review: which findings are open and
//! what a person decided (`docs/findings.md`), what was looked at last, and the user's
//! settings of the project.
//!
//! [`Location`] says which project it is of. [`store`] and [`settings`] are the only
//! modules that touch the files; [`Book`] is what the first hold and what a review makes
//! of it, an [`Entry`] for each finding; pure, as is [`look`]; [`key`] is by what a finding
//! is known again.

mod book;
mod entry;
pub mod key;
mod location;
pub mod look;
mod problem;
pub mod settings;
pub mod store;

pub use book::{Book, Look, Looked, Run, Snapshot, today};
pub use entry::{Author, Decision, Entry, Judged, Kind, Life, Reopened};
pub use location::Location;
pub use problem::Problem;
