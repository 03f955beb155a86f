//! What changes, told to all who look: the hub, the logs, and the two streams.

mod bell;
pub(crate) mod changes;
pub(crate) mod hub;
mod judged;
mod legacy;
pub(crate) mod list;
pub(crate) mod overview;
mod plan;
pub(crate) mod stream;
pub(crate) mod summary;
mod tail;
