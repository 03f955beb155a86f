//! Which findings are of the change under review, and which were there before it.

use std::path::Path;

use findings::changed::{Changes, Place};

use crate::merge::Merged;

/// Marks every finding.
pub(crate) fn mark(merged: &mut Merged, changes: &Changes) {
    for finding in &mut merged.findings {
        let places = finding.locations.iter().map(|location| Place {
            file: Path::new(&location.file),
            lines: location.line_start.map(|first| (first, location.line_end.unwrap_or(first))),
        });
        finding.new = Some(changes.touch(places, false));
    }
}
