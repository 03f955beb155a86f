//! The report in its three formats, and the list of rules.

pub mod json;
pub mod md;
pub mod sarif;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base::exit::Exit;
use base::frame::Failure;
use serde_json::json;

use crate::domain::Domain;
use crate::language::Language;
use crate::pack::PackFiles;

/// The rules that would run, one a line or as an array.
pub fn rule_list(packs: &PackFiles, domains: &[Domain], as_json: bool) -> Result<String, Failure> {
    let pack = packs.compile(domains, &BTreeSet::from(Language::ALL))?;
    let mut list: Vec<_> = pack.rules().into_values().collect();
    list.sort_by_key(|(about, _)| (about.domain, about.id.clone()));
    if as_json {
        let rules: Vec<_> = list
            .iter()
            .map(|(about, languages)| {
                json!({
                    "id": about.id,
                    "domain": about.domain,
                    "languages": languages.iter().map(|l| l.name()).collect::<Vec<_>>(),
                    "severity": about.severity,
                    "confidence": about.confidence.percent(),
                    "category": about.category,
                    "cwe": about.cwe,
                    "title": about.title,
                })
            })
            .collect();
        return to_json(&rules);
    }
    let mut out = String::new();
    for (about, _) in list {
        let _ = writeln!(
            out,
            "{:<12} {:<9} {:<28} {}",
            about.domain.name(),
            about.severity.name(),
            about.id,
            base::text::visible(&about.title)
        );
    }
    Ok(out)
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(Exit::No, format!("cannot write JSON: {error}")))
}

/// `3 files`, `1 file`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
