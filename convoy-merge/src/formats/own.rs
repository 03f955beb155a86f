//! Our own JSON, as much of it as brings the findings back.

use serde_json::value::RawValue;

use crate::model::Extraction;
use crate::model::{Finding, Input, Member, Recognised};

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    schema_version: u32,
    inputs: Vec<Input>,
    findings: Vec<Finding>,
    #[serde(default)]
    settled: Vec<Finding>,
    #[serde(default)]
    verdict: Told,
}

#[derive(Default, serde::Deserialize)]
struct Told {
    #[serde(default)]
    obstacles: Vec<String>,
}

/// Reads an earlier merge of ours; `None` = the value is none.
pub(super) fn read(raw: &RawValue) -> Option<Extraction> {
    let mut own: Own = serde_json::from_str(raw.get()).ok()?;
    if own.schema_version < 1
        || own.findings.iter().chain(&own.settled).any(|finding| finding.members.is_empty())
    {
        return None;
    }
    // What stood in the way of a verdict still does, though it is none of the inputs:
    // a reviewer that failed, a denial.
    if let Some(why) = own.verdict.obstacles.first().filter(|_| own.inputs.iter().all(is_whole)) {
        let note = format!("incomplete: that merge had no verdict: {why}");
        let known = own.inputs.pop();
        let first = known.unwrap_or_else(|| Input { reviewer: "merge".to_string(), ..Input::default() });
        let notes = first.notes.iter().cloned().chain([note]).collect();
        own.inputs.push(Input { complete: false, notes, ..first });
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

/// Does nothing of it stand in the way of a verdict by itself?
fn is_whole(input: &Input) -> bool {
    input.complete
        && matches!(input.recognised, Recognised::Findings | Recognised::Clean)
        && input.files_read != Some(0)
}
