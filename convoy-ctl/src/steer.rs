//! The verbs that change a convoy, and `wait`.

mod reopen;
mod resume;
mod stop;
mod unrecorded;
mod wait;

pub(crate) use reopen::{retry, synthesize};
pub(crate) use resume::{everything, resume};
pub(crate) use stop::{end, stop};
pub(crate) use wait::{Tell, how_it_ended, judgement, told, wait};
