//! From text to blocks, sections, rows, fields and the parts of titles. Spans only:
//! nothing here judges what is a finding.

mod back;
pub(crate) mod fields;
mod front;
pub(crate) mod head;
pub(crate) mod lead;
pub(crate) mod outline;
pub(crate) mod parts;
pub(crate) mod prose;
pub(crate) mod table;
pub(crate) mod tree;
