//! SARIF 2.1.0 logs: each result of each run is a finding.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::comment;
use super::entry::normal_key;
use super::health::Health;
use crate::locate;
use crate::model::Extraction;
use crate::model::{Location, Member, Recognised, Status};
use crate::severity;
use crate::vocabulary::KEYS;
use findings::Severity;

/// Reads a SARIF log; `None` = the value is none.
pub(super) fn read(text: &str, raw: &RawValue) -> Option<Extraction> {
    let log: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let runs: Vec<&RawValue> = serde_json::from_str(log.get("runs")?.get()).ok()?;
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let mut ran = 0;
    let mut doubts = Vec::new();
    for run in runs {
        let Ok(parts) = serde_json::from_str::<BTreeMap<String, &RawValue>>(run.get()) else {
            super::fault(&mut out, "a run could not be read");
            continue;
        };
        let run = Run::new(&parts);
        out.reviewer = out.reviewer.or_else(|| run.name.clone());
        let health = run.health(&parts);
        for why in health.faults {
            super::fault(&mut out, &why);
        }
        doubts.extend(health.doubts);
        let results = parts.get("results").map(|r| serde_json::from_str::<Vec<&RawValue>>(r.get()));
        match results {
            Some(Ok(results)) => {
                ran += usize::from(run.name.is_some());
                out.members.extend(results.into_iter().filter_map(|result| run.member(text, result)));
            }
            // The standard: a run without results looked for none.
            _ => super::fault(&mut out, "a run has no results, not even an empty list"),
        }
    }
    if out.members.is_empty() {
        for why in doubts {
            super::fault(&mut out, &why);
        }
    }
    out.recognised = if !out.members.is_empty() {
        Recognised::Findings
    } else if ran > 0 && out.complete {
        Recognised::Clean
    } else {
        // No tool says that it ran to its end.
        Recognised::Unreadable
    };
    Some(out)
}

/// What results of a run refer to.
struct Run {
    name: Option<String>,
    driver: Value,
    extensions: Vec<Value>,
    rules: BTreeMap<String, Value>,
    artifacts: Vec<Value>,
    bases: Value,
}

fn value(parts: &BTreeMap<String, &RawValue>, key: &str) -> Value {
    parts.get(key).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Run {
    fn new(parts: &BTreeMap<String, &RawValue>) -> Self {
        let tool = value(parts, "tool");
        let driver = tool["driver"].clone();
        let extensions = list(&tool["extensions"]).to_vec();
        let rules = std::iter::once(&driver)
            .chain(&extensions)
            .flat_map(|component| list(&component["rules"]))
            .filter_map(|rule| Some((rule["id"].as_str()?.to_string(), rule.clone())))
            .collect();
        Run {
            name: driver["name"].as_str().map(str::to_string),
            driver,
            extensions,
            rules,
            artifacts: list(&value(parts, "artifacts")).to_vec(),
            bases: value(parts, "originalUriBaseIds"),
        }
    }

    /// Why the run is not whole, by its own words, and what speaks against its having
    /// found nothing.
    fn health(&self, parts: &BTreeMap<String, &RawValue>) -> Health {
        let mut out = Health::default();
        let name = self.name.as_deref().unwrap_or("a tool");
        let conversion = value(parts, "conversion");
        let invocations = value(parts, "invocations");
        let listed = told(name, "invocations", &invocations, &mut out);
        for invocation in listed.iter().chain(conversion.get("invocation")) {
            invoked(name, invocation, &mut out);
        }
        let elsewhere = &value(parts, "externalPropertyFileReferences")["results"];
        if !told(name, "externalPropertyFileReferences", elsewhere, &mut out).is_empty() {
            out.faults.push(format!("results of {name} are in files that are not here"));
        }
        if let Some(left_out) = value(parts, "properties")["leftOut"].as_u64() {
            out.faults.push(format!("{name} left out {left_out} results"));
        }
        if let Value::Object(own) = value(parts, "properties") {
            out.look(&own);
        }
        for key in parts.keys().filter(|key| !KEYS.is("sarif-run", &normal_key(key))) {
            out.doubts.push(format!("what {key} of {name} says is not known"));
        }
        out
    }

    /// The rule of a result: by id, by reference, by position.
    fn rule(&self, result: &Value) -> (Option<String>, Option<&Value>) {
        let component = match result["rule"]["toolComponent"]["index"].as_u64() {
            Some(at) => self.extensions.get(at as usize).unwrap_or(&self.driver),
            None => &self.driver,
        };
        let at = result["ruleIndex"].as_u64().or_else(|| result["rule"]["index"].as_u64());
        let placed = at.and_then(|at| component["rules"].get(at as usize));
        let id = [&result["ruleId"], &result["rule"]["id"]]
            .iter()
            .find_map(|id| id.as_str())
            .or_else(|| placed.and_then(|rule| rule["id"].as_str()))
            .map(str::to_string);
        // `CA1000/1` is a kind of the rule `CA1000`.
        let by_id = |id: &String| self.rules.get(id).or_else(|| self.rules.get(id.rsplit_once('/')?.0));
        let rule = id.as_ref().and_then(by_id).or(placed);
        (id, rule)
    }

    fn member(&self, text: &str, raw: &RawValue) -> Option<Member> {
        let result: Value = serde_json::from_str(raw.get()).ok()?;
        if matches!(result["kind"].as_str(), Some("pass" | "notApplicable" | "informational"))
            || result["baselineState"] == "absent"
        {
            return None;
        }
        let (rule_id, rule) = self.rule(&result);
        let message = message(&result, rule);
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let (level, stated) = rate(&result, rule);
        let name = rule.and_then(|r| r["shortDescription"]["text"].as_str());
        let first = comment::first_sentence(message.lines().next().unwrap_or_default());
        let title = if first.is_empty() {
            name.unwrap_or(rule_id.as_deref().unwrap_or("(untitled)")).to_string()
        } else {
            first
        };
        let accepted = list(&result["suppressions"])
            .iter()
            .any(|s| s["status"].as_str().is_none_or(|status| status == "accepted"));
        let own = result["properties"]["status"].as_str().and_then(crate::status::of_field);
        Some(Member {
            title,
            severity: level,
            severity_raw: stated,
            severity_from: (level != Severity::Unrated).then(|| "sarif".to_string()),
            locations: ["locations", "relatedLocations"]
                .iter()
                .flat_map(|key| list(&result[*key]).iter().filter_map(|place| self.place(place)))
                .collect(),
            byte_range: [start, start + raw.get().len()],
            withdrawn: accepted && own.is_none(),
            status: own.or(accepted.then_some(Status::WontFix)),
            category: rule_id.clone(),
            label: rule_id,
            text: raw.get().to_string(),
            body: message,
            ..Member::default()
        })
    }

    fn place(&self, location: &Value) -> Option<Location> {
        let physical = &location["physicalLocation"];
        let uri = self.uri(&physical["artifactLocation"])?;
        let line = |key: &str| {
            physical["region"][key].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
        };
        let invented = location["properties"]["lineInvented"] == true;
        let start = line("startLine").filter(|_| !invented);
        let logical = &location["logicalLocations"][0];
        Some(Location {
            file: uri,
            line_start: start,
            line_end: start.map(|s| line("endLine").unwrap_or(s).max(s)),
            symbol: ["name", "fullyQualifiedName"]
                .iter()
                .find_map(|key| logical[*key].as_str())
                .map(str::to_string),
            ..Location::default()
        })
    }

    /// The path of an artifact, by itself or by its number in the run, below its bases.
    fn uri(&self, artifact: &Value) -> Option<String> {
        let listed =
            artifact["index"].as_u64().and_then(|at| self.artifacts.get(at as usize)).map(|a| &a["location"]);
        let from = if artifact["uri"].is_string() { artifact } else { listed? };
        let mut path = locate::decoded(from["uri"].as_str()?);
        let mut base = from["uriBaseId"].as_str();
        for _ in 0..8 {
            let Some(outer) = base.map(|name| &self.bases[name]) else { break };
            // What a base stands for on the machine that ran it is not part of the project.
            if let Some(uri) = outer["uri"].as_str().filter(|uri| !uri.contains(':') && !uri.starts_with('/'))
            {
                path = format!("{}/{path}", locate::decoded(uri).trim_end_matches('/'));
            }
            base = outer["uriBaseId"].as_str();
        }
        let path = path.strip_prefix("file://").unwrap_or(&path);
        // `file:///C:/x` is `C:/x`.
        let drive = path.strip_prefix('/').filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
        let path = drive.unwrap_or(path);
        Some(path.strip_prefix("./").unwrap_or(path).to_string())
    }
}

/// A list in which a tool tells of its run; something else there is not understood.
fn told<'v>(name: &str, key: &str, value: &'v Value, out: &mut Health) -> &'v [Value] {
    if !value.is_null() && !value.is_array() {
        out.faults.push(format!("what {key} of {name} says is not understood"));
    }
    list(value)
}

/// What an invocation of a tool says of its end. An exit code may tell that there are
/// results, and contradicts that there are none.
fn invoked(name: &str, invocation: &Value, out: &mut Health) {
    let signal = ["exitSignalName", "exitSignalNumber", "processStartFailureMessage"]
        .iter()
        .any(|key| !invocation[*key].is_null());
    let is_successful = matches!(invocation["executionSuccessful"], Value::Null | Value::Bool(true));
    // One of another kind than the standard's is no success.
    let code = if invocation["exitCode"].is_null() { Some(0) } else { invocation["exitCode"].as_i64() };
    match code {
        Some(0) if is_successful && !signal => {}
        Some(1) if is_successful && !signal => out.doubts.push(format!("{name} ended with exit code 1")),
        _ => out.faults.push(format!("{name} did not run to its end")),
    }
    for key in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
        for note in told(name, key, &invocation[key], out) {
            let said = note["message"]["text"].as_str().unwrap_or("no more");
            let said = said.lines().next().unwrap_or_default();
            // The standard: one without a level warns.
            match note["level"].as_str().unwrap_or("warning") {
                "none" | "note" => {}
                "error" => out.faults.push(format!("{name} tells an error: {said}")),
                _ => out.doubts.push(format!("{name} warns: {said}")),
            }
        }
    }
    if let Value::Object(own) = &invocation["properties"] {
        out.look(own);
    }
}

/// A result's message: its own, or its rule's by name, with its arguments put in.
fn message(result: &Value, rule: Option<&Value>) -> String {
    let own = &result["message"];
    let named = || own["id"].as_str().and_then(|id| rule?["messageStrings"][id]["text"].as_str());
    let text = own["text"].as_str().or_else(|| own["markdown"].as_str()).or_else(named).unwrap_or_default();
    let mut text = text.to_string();
    for (n, argument) in list(&own["arguments"]).iter().enumerate() {
        text = text.replace(&format!("{{{n}}}"), argument.as_str().unwrap_or_default());
    }
    text
}

fn rate(result: &Value, rule: Option<&Value>) -> (Severity, Option<String>) {
    if let Some(own) = result["properties"]["severity"].as_str()
        && let Some((level, raw)) = severity::of_field(own)
    {
        return (level, Some(raw));
    }
    let security = [Some(result), rule].into_iter().flatten().find_map(|v| {
        let number = &v["properties"]["security-severity"];
        number.as_str().map(str::to_string).or_else(|| number.as_f64().map(|n| n.to_string()))
    });
    if let Some(number) = security
        && let Some((level, _)) = severity::of_field(&format!("CVSS {number}"))
    {
        return (level, Some(number));
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
