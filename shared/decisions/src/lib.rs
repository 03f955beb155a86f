//! What is remembered of a project's findings from review to review: which are
//! open, and what a person decided (`docs/findings.md`).
//!
//! [`store`] is the only module that touches the files; [`book`] is what they hold
//! and what a review makes of it, pure; [`key`] is by what a finding is known again.

pub mod book;
pub mod key;
pub mod store;

pub use book::{Book, Decision, Entry, Kind, Life, Snapshot, today};
pub use store::{Location, Problem};
