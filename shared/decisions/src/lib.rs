//! What is remembered of a project from review to review: which findings are open and
//! what a person decided (`docs/findings.md`), what was looked at last, and the user's
//! settings of the project.
//!
//! [`location`] says which project it is of. [`store`] and [`settings`] are the only
//! modules that touch the files; [`book`] is what the first hold and what a review makes
//! of it, of [`entry`] each; pure, as are [`look`] and [`statistics`]; [`key`] is by what a finding is known again.

pub mod book;
pub mod entry;
pub mod key;
pub mod location;
pub mod look;
mod problem;
pub mod settings;
pub mod statistics;
pub mod store;

pub use book::{Book, Snapshot, today};
pub use entry::{Author, Decision, Entry, Kind, Life, Reopened};
pub use location::Location;
pub use problem::Problem;
