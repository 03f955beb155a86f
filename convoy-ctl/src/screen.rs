//! What people see: pure functions from data and a [`base::look::Look`] to text.

pub(crate) mod list;
pub(crate) mod status;

#[cfg(test)]
mod tests;
