//! Places of findings as SARIF has them: URIs from the top of the repository.

use std::os::unix::ffi::OsStrExt;

use base::encoded_path::EncodedPath;
use base::text;
use findings::Step;
use serde_json::{Value, json};

use crate::model::Location;
use crate::render::contain::clean;

/// What relative URIs start from: the top of the repository, wherever that is.
pub(super) const ROOT: &str = "%SRCROOT%";
/// GitHub rejects a flow of more steps than 10,000; it shows 1,000.
const MOST_STEPS: usize = 1_000;

pub(super) fn place(location: &Location, id: Option<usize>) -> Value {
    let mut physical = json!({ "artifactLocation": artifact(location) });
    if let Some(start) = line(location) {
        physical["region"] =
            json!({ "startLine": start, "endLine": location.line_end.unwrap_or(start).max(start) });
        if let Some(column) = location.column.filter(|column| *column > 0) {
            physical["region"]["startColumn"] = json!(column);
        }
    }
    let mut out = json!({ "physicalLocation": physical });
    if let Some(symbol) = &location.symbol {
        out["logicalLocations"] = json!([{ "name": clean(symbol) }]);
    }
    if let Some(id) = id {
        out["id"] = json!(id);
    }
    out
}

/// The first line, where there is one to go to: lines count from 1.
pub(super) fn line(location: &Location) -> Option<u32> {
    location.line_start.filter(|start| *start > 0 && !location.is_unplaced())
}

/// A place that is in no file of the project: no tool can be sent there.
pub(super) fn is_elsewhere(place: &Location) -> bool {
    place.file.is_empty() || place.is_unplaced() && place.file.starts_with(['/', '.'])
}

/// The way of a value to where it does harm, that place last.
pub(super) fn flow(steps: &[Step], last: Option<&Location>) -> Option<Value> {
    if steps.is_empty() {
        return None;
    }
    let skip = (steps.len() + 1).saturating_sub(MOST_STEPS);
    let mut locations: Vec<Value> = steps
        .iter()
        .skip(skip)
        .map(|step| {
            let physical = json!({
                "artifactLocation": { "uri": relative_uri(&step.file), "uriBaseId": ROOT },
                "region": { "startLine": step.line.max(1) },
            });
            json!({ "location": { "physicalLocation": physical, "message": { "text": clean(&step.text) } } })
        })
        .collect();
    if let Some(last) = last.filter(|last| !is_elsewhere(last)) {
        let mut location = place(last, None);
        location["message"] = json!({ "text": "here it does harm" });
        locations.push(json!({ "location": location }));
    }
    Some(json!([{ "threadFlows": [{ "locations": locations }] }]))
}

/// A path as a URI reference: what is not allowed there is percent-encoded.
fn artifact(location: &Location) -> Value {
    let path = location.path();
    let bytes = path.as_path().as_os_str().as_bytes();
    if bytes.starts_with(b"/") {
        return json!({ "uri": format!("file://{}", encoded(bytes, b"")) });
    }
    // In prose that is a drive; in a project a directory may be called so.
    if bytes.get(1) == Some(&b':') && !location.exact {
        return json!({ "uri": format!("file:///{}", encoded(bytes, b":")) });
    }
    json!({ "uri": encoded(bytes, b""), "uriBaseId": ROOT })
}

pub(super) fn relative_uri(path: &EncodedPath) -> String {
    encoded(path.as_path().as_os_str().as_bytes(), b"")
}

fn encoded(bytes: &[u8], also: &[u8]) -> String {
    text::percent_encoded(bytes, &[b"/-_.~@+=,$!()*", also].concat())
}
