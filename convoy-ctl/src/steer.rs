//! The verbs that change a convoy, and `wait`.

mod reopen;
mod resume;
mod stop;
mod wait;

pub(crate) use reopen::{retry, synthesize};
pub(crate) use resume::resume;
pub(crate) use stop::stop;
pub(crate) use wait::wait;
