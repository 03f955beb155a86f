//! What people see: pure functions from data and a [`look::Look`] to text.

pub(crate) mod list;
pub(crate) mod look;
pub(crate) mod status;
