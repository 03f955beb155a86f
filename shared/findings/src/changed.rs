//! Which lines a change touched: what "new" means to a gate.

use serde::{Deserialize, Serialize};
use shared::path_text::PathText;

/// The touched lines of one file, as they are counted after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// Relative to the project.
    pub file: PathText,
    /// First and last line, from 1, both included. Where lines were only taken out:
    /// the line before and the line behind.
    #[serde(default)]
    pub ranges: Vec<[u32; 2]>,
    /// The file is new: all of it was touched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_new: bool,
}

impl Changed {
    /// Was any of these lines (both included) touched?
    pub fn touches(&self, from: u32, to: u32) -> bool {
        self.is_new || self.ranges.iter().any(|[first, last]| *first <= to && from <= *last)
    }
}

/// Which findings a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateOn {
    /// Those of the change.
    New,
    #[default]
    All,
}
