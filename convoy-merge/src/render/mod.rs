//! The merged findings as text: the report for people, and the formats of tools.

mod contain;
mod finding;
mod gitlab;
mod json;
mod markdown;
mod rdjson;
mod sarif;
mod scope;
mod statistics;

use crate::merge::Merged;
use crate::meta::Meta;

pub(crate) use contain::{clean, line, place};
pub(crate) use markdown::is_own;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The report for people
    Md,
    /// Everything, as documented in findings.schema.json
    Json,
    /// SARIF 2.1.0, one run
    Sarif,
    /// reviewdog diagnostics, one a line
    Rdjsonl,
    /// GitLab code quality report
    Gitlab,
}

/// Writes findings in a format.
pub fn render(merged: &Merged, meta: &Meta, format: Format) -> String {
    match format {
        Format::Md => markdown::report(merged, meta),
        Format::Json => contain::json(json::report(merged, meta)),
        Format::Sarif => contain::json(sarif::report(merged, meta)),
        Format::Rdjsonl => contain::json(rdjson::report(merged)),
        Format::Gitlab => contain::json(gitlab::report(merged)),
    }
}
