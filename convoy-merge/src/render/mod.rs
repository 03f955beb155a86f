//! The merged findings as text: the report for people, and the formats of tools.

mod annotations;
mod cause;
mod code;
mod csv;
mod facts;
mod finding;
mod gitlab;
mod html;
mod json;
mod lines;
mod markdown;
mod message;
mod rdjson;
mod sarif;
mod statistics;
mod summary;
mod xml;

use std::io;

use crate::merged::Merged;
use crate::meta::Meta;
use crate::model::Finding;

use crate::contain;
pub(crate) use crate::contain::{line, plain};
pub(crate) use markdown::{CARRIED, GONE, REFUTED, SETTLED, WITHDRAWN, is_own, unsealed};
pub(crate) use statistics::FOUND;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The report for people
    Md,
    /// Everything, as documented in findings.schema.json
    Json,
    /// SARIF 2.1.0, one run
    Sarif,
    /// reviewdog diagnostics, one object
    Rdjson,
    /// reviewdog diagnostics, one a line
    Rdjsonl,
    /// GitLab code quality report
    Gitlab,
    /// checkstyle XML
    Checkstyle,
    /// `JUnit` XML: each finding a test that failed
    Junit,
    /// Annotations of GitHub Actions: `::error file=…`
    Github,
    /// A table with a header
    Csv,
    /// One page of HTML
    Html,
}

/// Writes findings in a format. JSON is written as it is made: it is the largest, and all of
/// it at once would be most of what is held.
pub fn write(merged: &Merged, meta: &Meta, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Json => json::write(merged, meta, out),
        format => out.write_all(render(merged, meta, format).as_bytes()),
    }
}

/// Findings in a format.
pub fn render(merged: &Merged, meta: &Meta, format: Format) -> String {
    match format {
        Format::Md => markdown::report(merged, meta, None),
        Format::Json => {
            let mut bytes = Vec::new();
            // What cannot be written ends in why, so that nobody takes it for whole.
            if let Err(error) = json::write(merged, meta, &mut bytes) {
                bytes.extend(error.to_string().into_bytes());
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Format::Sarif => contain::json(sarif::report(merged, meta)),
        Format::Rdjson => contain::json(rdjson::whole(merged)),
        Format::Rdjsonl => contain::json(rdjson::lines(merged)),
        Format::Gitlab => contain::json(gitlab::report(merged)),
        Format::Checkstyle => xml::checkstyle(merged),
        Format::Junit => xml::junit(merged, meta),
        Format::Github => annotations::report(merged),
        Format::Csv => csv::report(merged),
        Format::Html => html::report(merged, meta),
    }
}

/// The report for people in at most so many bytes: the least severe findings are left
/// out where it would be longer, and that is said.
pub fn report(merged: &Merged, meta: &Meta, size: usize) -> String {
    markdown::report(merged, meta, Some(size))
}

/// One finding as the report tells it.
pub(crate) fn finding(finding: &Finding) -> String {
    let number = finding.id.trim_start_matches(['F', 'f']).parse().unwrap_or(1);
    let shape = finding::Shape { code: usize::MAX, airy: true };
    let told = finding::tell(&cause::Cause::of(finding), number, &mut finding::Said::default());
    told.lines(shape).join("\n").trim_end().to_string() + "\n"
}
