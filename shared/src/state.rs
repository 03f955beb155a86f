//! The convoy's state.

/// The newest schema this program reads and the one it writes.
pub const SCHEMA_VERSION: u64 = 1;
