//! What only command lines need: reading them, the arguments that two programs
//! take, and the completions and man pages that are made from them.
//!
//! May use: `base`. Never: what a program does. Apart from `base`, so that only the
//! programs' entry points know of clap.

pub mod inspect;

mod generate;
mod parse;

pub use generate::{VARIABLE, on_request, on_request_of};
pub use parse::{parse, parse_from};
