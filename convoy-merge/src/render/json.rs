//! The JSON of `docs/findings.schema.json`.

use std::io::{self, Write as _};

use findings::changed::GateOn;
use findings::verdict::Verdict;
use serde::Serialize;

use crate::contain;
use crate::merged::Merged;
use crate::meta::Meta;
use crate::model::{Counts, Finding, Input};
use crate::verdict;
use findings::Severity;

/// The version of the schema; readers refuse a newer one.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    inputs: &'a [Input],
    findings: Vec<&'a Finding>,
    /// Findings that reports say are mended or none: kept, and no longer counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<&'a Finding>,
    /// Open findings of earlier reviews that nobody told of this time.
    #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
    carried: &'a [Finding],
    /// Findings of earlier reviews that are mended or whose code is gone.
    #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
    closed: &'a [Finding],
    counts: Counts,
    duplicates_removed: usize,
    verdict: Told,
}

/// What follows from the findings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    verdict: Verdict,
    gate: Severity,
    gate_on: GateOn,
    blocking: usize,
    obstacles: Vec<String>,
}

pub(super) fn write(merged: &Merged, meta: &Meta, out: &mut dyn io::Write) -> io::Result<()> {
    let decision = verdict::of(merged, meta);
    let (settled, findings) = merged.findings.iter().partition(|finding| finding.status.is_settled());
    let document = Document {
        schema_version: SCHEMA_VERSION,
        inputs: &merged.inputs,
        findings,
        settled,
        carried: &merged.carried,
        closed: &merged.closed,
        counts: merged.counts(),
        duplicates_removed: merged.duplicates(),
        verdict: Told {
            verdict: decision.verdict,
            gate: merged.gate.level,
            gate_on: merged.gate.on,
            blocking: decision.blocking,
            obstacles: decision.obstacles,
        },
    };
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(contain::Json(&mut out), &document)?;
    out.write_all(b"\n")?;
    out.flush()
}
