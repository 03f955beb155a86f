//! Findings as data: the one definition of what a reviewer found, what it read,
//! and what follows from it. Every program that writes, merges, judges or shows
//! findings uses these types; none of them reads another's Markdown.
//!
//! May use: the base crate and serde. Never: files, processes, prose, formats
//! for people.
//!
//! [`Document`] is one reviewer's answer (`docs/findings.md`), read by [`read`]
//! with every mistake named. [`Severity`] is the scale. [`verdict::decide`] is
//! the only place where findings become an approval or none.

pub mod changed;
pub mod document;
pub mod merged;
mod read;
pub mod severity;
pub mod verdict;

pub use document::{Basis, Document, Finding, Location, NotRead, Scope};
pub use read::{Mistake, ReadError, read};
pub use severity::Severity;
