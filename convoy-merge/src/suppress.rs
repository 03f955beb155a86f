//! Findings that somebody accepted: a file named on the command line, never one
//! found in the project (a change could switch its own review off).

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::merged::Merged;

/// One accepted finding. All three are required: why, and until when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub fingerprint: String,
    pub reason: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub expires: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    List(Vec<Entry>),
    Object { suppressions: Vec<Entry> },
}

/// Reads a suppression file.
pub(crate) fn read(text: &str) -> Result<Vec<Entry>, String> {
    let file: File = serde_json::from_str(text).map_err(|_| {
        "expected a list of { \"fingerprint\", \"reason\", \"expires\": \"YYYY-MM-DD\" }".to_string()
    })?;
    let (File::List(entries) | File::Object { suppressions: entries }) = file;
    for (n, entry) in entries.iter().enumerate() {
        if entry.reason.trim().is_empty() {
            return Err(format!("entry {} gives no reason", n + 1));
        }
        if !is_day(&entry.expires) {
            return Err(format!("entry {}: 'expires' must be YYYY-MM-DD", n + 1));
        }
    }
    Ok(entries)
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2)
        && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
        && ("01"..="12").contains(&parts[1])
        && ("01"..="31").contains(&parts[2])
}

/// Today in UTC, `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    // Days since 0000-03-01, by eras of 400 years.
    let z = seconds / 86_400 + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Marks suppressed findings; tells what did not apply.
pub(crate) fn apply(merged: &mut Merged, entries: &[Entry], today: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for entry in entries {
        let print = crate::render::line(&entry.fingerprint);
        if entry.expires.as_str() < today {
            notes.push(format!("the suppression of {print} expired on {}", entry.expires));
            continue;
        }
        match merged.findings.iter_mut().find(|f| f.fingerprint == entry.fingerprint) {
            Some(finding) => {
                finding.suppressed = Some(format!("{} (until {})", entry.reason.trim(), entry.expires));
            }
            None => notes.push(format!("the suppression of {print} fits no finding")),
        }
    }
    notes
}
