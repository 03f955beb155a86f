//! Attempts whose commands run elsewhere: the supervisor's side (`placed`, `mounts`),
//! the far side (`shim`), and those who ask about it (`verbs`).

mod mounts;
mod placed;
mod settle;
mod shim;
mod verbs;

pub(crate) use placed::Placed;
pub(crate) use settle::NotPlaced;
pub(crate) use verbs::{main, words};
