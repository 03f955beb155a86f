//! What people see: pure functions from data and a [`base::style::Style`] to text.

pub(crate) mod list;
pub(crate) mod status;
pub(crate) mod table;

#[cfg(test)]
mod tests;
