//! Names for findings that survive moved lines: the file, the class of concern
//! and the main words of the title; never a line, a severity or a reviewer.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::model::Finding;
use crate::vocabulary::CONCERNS;
use crate::words;

/// Gives every finding its fingerprint; equal ones are counted on (`…_2`).
pub(crate) fn assign(findings: &mut [Finding]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let name = of(finding);
        let n = seen.entry(name.clone()).or_insert(0);
        *n += 1;
        finding.fingerprint = if *n == 1 { name } else { format!("{name}_{n}") };
    }
}

fn of(finding: &Finding) -> String {
    let mut stems = words::terms(&finding.title);
    stems.sort();
    stems.dedup();
    // The longest words carry the meaning; wording around them changes.
    stems.sort_by_key(|s| (std::cmp::Reverse(s.chars().count()), s.clone()));
    stems.truncate(6);
    stems.sort();
    let concern = stems.iter().filter_map(|s| CONCERNS.get(s.as_str())).fold(0u32, |all, bit| all | bit);
    let file = finding.locations.first().map_or("", |l| l.file.as_str());
    let symbol = finding.locations.first().and_then(|l| l.symbol.as_deref()).unwrap_or_default();
    let mut hasher = Sha256::new();
    hasher.update(format!("v1|{file}|{concern:x}|{}|{symbol}", stems.join(" ")));
    HEXLOWER.encode(&hasher.finalize()[..16])
}
