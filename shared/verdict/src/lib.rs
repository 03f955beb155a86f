//! What a convoy's review comes to: what is known of each reviewer, of the merged
//! findings and of the synthesis, handed to `findings::verdict::decide`. Whoever
//! tells a verdict (the review, `wait`, `status`, the page) asks here.
//!
//! [`judge`] is pure; only [`gather`] reads files.

mod gather;
mod judge;
mod markers;
pub mod reviewer;

pub use gather::{gather, is_review, of_convoy, synthesis_agent};
pub use judge::{Evidence, Judgement, Synthesis, judge, said};
pub use markers::{Markers, Stated};
pub use reviewer::Reviewed;
