//! What people read on a terminal: reports rendered, places that lead to the editor,
//! pages one at a time. Where standard output is no terminal nothing here is used: a
//! file is printed as it is.
//!
//! May use: the base crate and a parser of Markdown. Never: convoys, findings.
//!
//! [`markdown`] and [`link`] are pure but for the question whether a file is there;
//! [`pager`] runs the user's own pager.

pub mod link;
pub mod markdown;
pub mod pager;
