//! Connections, who may use them, and answers of any length; nothing of what is in them.

pub(crate) mod access;
pub(crate) mod assets;
pub(crate) mod body;
pub(crate) mod guard;
pub(crate) mod lines;
pub(crate) mod problem;
pub(crate) mod range;
pub(crate) mod serve;
pub(crate) mod viewers;
mod write_timeout;
