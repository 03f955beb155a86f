//! Reports with a grammar of their own (JSON, SARIF …). Each reads the same members
//! from it that prose gives; prose inside strings is handed to the reading of prose.

pub(crate) mod json;
mod member;
mod sarif;

use crate::extract::Extraction;

/// Reads a text of a known format; `None` = it is none, so it is read as prose.
pub(crate) fn read(text: &str, name: &str) -> Option<Extraction> {
    json::extract(text, name)
}
