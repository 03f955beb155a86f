//! What people see: pure functions from data and a [`shared::look::Look`] to text.

pub(crate) mod list;
pub(crate) mod status;

pub(crate) use shared::look;
#[cfg(test)]
mod tests;
