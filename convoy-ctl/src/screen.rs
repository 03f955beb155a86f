//! What people see: pure functions from data and a [`base::style::Style`] to text.

pub(crate) mod list;
pub(crate) mod status;

#[cfg(test)]
mod tests;
