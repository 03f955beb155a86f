//! SARIF 2.1.0 logs as input: each result is a finding.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::extract::Extraction;
use crate::model::{Location, Member, Recognised, Severity};
use crate::severity;
use crate::syntax::lead::clause;

/// Reads a SARIF log; `None` = the value is none.
pub(crate) fn read(text: &str, raw: &RawValue) -> Option<Extraction> {
    let log: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let runs: Vec<&RawValue> = serde_json::from_str(log.get("runs")?.get()).ok()?;
    let mut out = Extraction { complete: true, ..Extraction::default() };
    for run in runs {
        let Ok(parts) = serde_json::from_str::<BTreeMap<String, &RawValue>>(run.get()) else {
            continue;
        };
        let tool: Value =
            parts.get("tool").and_then(|t| serde_json::from_str(t.get()).ok()).unwrap_or_default();
        let driver = &tool["driver"];
        out.reviewer = out.reviewer.or_else(|| driver["name"].as_str().map(str::to_string));
        let rules = rules(driver);
        let results: Vec<&RawValue> =
            parts.get("results").and_then(|r| serde_json::from_str(r.get()).ok()).unwrap_or_default();
        for result in results {
            if let Some(member) = member(text, result, &rules, driver) {
                out.members.push(member);
            }
        }
    }
    out.recognised = if out.members.is_empty() { Recognised::Clean } else { Recognised::Findings };
    Some(out)
}

fn rules(driver: &Value) -> BTreeMap<String, Value> {
    driver["rules"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|rule| Some((rule["id"].as_str()?.to_string(), rule.clone())))
        .collect()
}

fn member(text: &str, raw: &RawValue, rules: &BTreeMap<String, Value>, driver: &Value) -> Option<Member> {
    let result: Value = serde_json::from_str(raw.get()).ok()?;
    if matches!(result["kind"].as_str(), Some("pass" | "notApplicable" | "informational"))
        || result["baselineState"] == "absent"
    {
        return None;
    }
    let by_index = || {
        result["ruleIndex"]
            .as_u64()
            .and_then(|n| driver["rules"].get(n as usize))
            .and_then(|r| r["id"].as_str())
    };
    let rule_id = result["ruleId"].as_str().or_else(by_index).map(str::to_string);
    let rule = rule_id.as_ref().and_then(|id| rules.get(id));
    let message = result["message"]["text"]
        .as_str()
        .or_else(|| result["message"]["markdown"].as_str())
        .unwrap_or_default();
    let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    let (level, stated) = rate(&result, rule);
    let name = rule.and_then(|r| r["shortDescription"]["text"].as_str());
    let first = clause(message.lines().next().unwrap_or_default());
    let title = if first.is_empty() {
        name.unwrap_or(rule_id.as_deref().unwrap_or("(untitled)")).to_string()
    } else {
        first
    };
    Some(Member {
        title,
        severity: level,
        severity_raw: stated,
        severity_from: (level != Severity::Unrated).then(|| "sarif".to_string()),
        locations: ["locations", "relatedLocations"].iter().flat_map(|key| places(&result[*key])).collect(),
        byte_range: [start, start + raw.get().len()],
        withdrawn: result["suppressions"]
            .as_array()
            .is_some_and(|list| list.iter().any(|s| s["status"].as_str().is_none_or(|v| v == "accepted"))),
        category: rule_id.clone(),
        label: rule_id,
        text: raw.get().to_string(),
        body: message.to_string(),
        ..Member::default()
    })
}

fn rate(result: &Value, rule: Option<&Value>) -> (Severity, Option<String>) {
    if let Some(own) = result["properties"]["severity"].as_str()
        && let Some((level, raw)) = severity::of_field(own)
    {
        return (level, Some(raw));
    }
    let security = rule.and_then(|r| r["properties"]["security-severity"].as_str());
    if let Some(number) = security
        && let Some((level, _)) = severity::of_field(&format!("CVSS {number}"))
    {
        return (level, Some(number.to_string()));
    }
    let level = result["level"]
        .as_str()
        .or_else(|| rule.and_then(|r| r["defaultConfiguration"]["level"].as_str()))
        .unwrap_or("warning");
    match level {
        "error" => (Severity::High, Some(level.to_string())),
        "warning" => (Severity::Medium, Some(level.to_string())),
        "note" => (Severity::Low, Some(level.to_string())),
        _ => (Severity::Unrated, None),
    }
}

fn places(list: &Value) -> Vec<Location> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|location| {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str()?;
            let line = |key: &str| {
                physical["region"][key].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
            };
            let invented = location["properties"]["lineInvented"] == true;
            let start = line("startLine").filter(|_| !invented);
            Some(Location {
                file: uri.strip_prefix("file://").unwrap_or(uri).to_string(),
                line_start: start,
                line_end: start.map(|s| line("endLine").unwrap_or(s).max(s)),
                symbol: location["logicalLocations"][0]["name"].as_str().map(str::to_string),
            })
        })
        .collect()
}
