//! The verbs that change a convoy, and `wait`.

mod fence;
mod resume;
mod retry;
mod stop;
mod unrecorded;
mod wait;

pub(crate) use fence::fence;
pub(crate) use resume::{everything, resume};
pub(crate) use retry::{retry, synthesize};
pub(crate) use stop::{end, stop};
pub(crate) use wait::{Tell, how_it_ended, judgement, told, wait};
