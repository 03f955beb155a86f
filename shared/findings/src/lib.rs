//! Findings as data: the one definition of what a reviewer found, what it read,
//! and what follows from it. Every program that writes, merges, judges or shows
//! findings uses these types; none of them reads another's Markdown.
//!
//! May use: the base crate and serde. Never: files, processes, findings out of
//! prose, formats for people.
//!
//! [`Document`] is one reviewer's answer (`docs/findings.md`), read by [`read`]
//! with every mistake named, or by [`salvage`], which keeps what holds of a broken
//! one. [`sealed`] carries it behind a report for people through a pipe.
//! [`answer`] is the part of it that an AI is asked for, [`beside`] judges words beside one
//! without findings. [`changed`] tells what a change touched, [`comment`] what of it is none
//! of the code. [`second_look`] is what a verifier makes of a finding,
//! [`requirement`] what of an issue one says is not met. [`Severity`] is the scale. [`verdict::decide`] is
//! the only place where findings become an approval or none.

pub mod answer;
pub mod beside;
pub mod changed;
pub mod comment;
mod document;
pub mod merged;
mod read;
pub mod requirement;
pub mod sealed;
pub mod second_look;
mod severity;
pub mod verdict;

pub use document::{Basis, Document, Finding, Location, NotRead, Scope, Silenced, Step};
pub use read::{Mistake, ReadError, Salvage, read, salvage};
pub use severity::Severity;
