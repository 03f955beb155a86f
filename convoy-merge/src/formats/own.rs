//! Our own JSON, as much of it as brings the findings back.

use serde_json::value::RawValue;

use crate::extract::Extraction;
use crate::model::{Finding, Input, Member, Recognised};

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    schema_version: u32,
    inputs: Vec<Input>,
    findings: Vec<Finding>,
    #[serde(default)]
    settled: Vec<Finding>,
}

/// Reads an earlier merge of ours; `None` = the value is none.
pub(super) fn read(raw: &RawValue) -> Option<Extraction> {
    let own: Own = serde_json::from_str(raw.get()).ok()?;
    if own.schema_version < 1
        || own.findings.iter().chain(&own.settled).any(|finding| finding.members.is_empty())
    {
        return None;
    }
    let members: Vec<Member> =
        own.findings.into_iter().chain(own.settled).flat_map(|finding| finding.members).collect();
    Some(Extraction {
        recognised: if members.is_empty() { Recognised::Clean } else { Recognised::Findings },
        complete: own.inputs.iter().all(|input| input.complete),
        members,
        inputs: own.inputs,
        ..Extraction::default()
    })
}
