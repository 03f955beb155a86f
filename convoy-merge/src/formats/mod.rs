//! Texts that are data: JSON in any common shape and what else tools write. One door;
//! a text that none of these knows is prose.

mod json;
mod member;
mod sarif;

use crate::extract::Extraction;

pub(crate) use json::fenced;

/// Reads a text in one of the formats; `None` = it is none of them.
pub(crate) fn read(text: &str, name: &str) -> Option<Extraction> {
    json::extract(text, name)
}
