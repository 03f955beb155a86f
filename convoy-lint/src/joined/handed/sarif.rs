//! SARIF 2.1.0. Read twice: first what the results refer to, which may stand behind them,
//! then the results, one at a time.

use std::collections::BTreeMap;

use findings::Severity;
use serde_json::Value;

use super::super::place::{Place, Places};
use super::super::tool::{self, Tool, Unit};
use super::super::voice::{Origin, Remark, Voice};
use super::Source;
use super::stream::{Lists, Way};
use crate::domain::Domain;
use base::text;

const HEAD: &[Way] = &[
    &["version"],
    &["runs", "[]", "tool"],
    &["runs", "[]", "artifacts"],
    &["runs", "[]", "originalUriBaseIds"],
    &["runs", "[]", "columnKind"],
    &["runs", "[]", "invocations"],
    &["runs", "[]", "results", "[]", "never"],
];
const RESULTS: &[Way] = &[&["runs", "[]", "results", "[]"]];
/// The way of `HEAD` that only tells whether there are results.
const HAS_RESULTS: usize = 6;

/// What the results of a run refer to.
#[derive(Debug, Default)]
struct Run {
    driver: Value,
    extensions: Vec<Value>,
    rules: BTreeMap<String, Value>,
    artifacts: Vec<Value>,
    bases: Value,
    column_kind: Option<String>,
    invocations: Value,
}

/// What all runs of a log say, as one voice.
pub(super) fn read(source: &Source, places: &mut Places<'_>) -> Result<Voice, String> {
    let (runs, lists, version) = heads(source)?;
    if let Some(version) = version.filter(|version| !version.starts_with("2.1")) {
        return Err(format!("it is SARIF {}, and 2.1.0 is read", text::visible(&version)));
    }
    if !lists.contains(&(1, Vec::new())) {
        return Err("it is no SARIF: it has no list of runs".to_owned());
    }
    let first = runs.values().next().map(Run::name).unwrap_or_default();
    let name = match tool::called(&first) {
        Some((name, _)) => name.to_owned(),
        None if first.trim().is_empty() => "sarif".to_owned(),
        None => plain(&first),
    };
    let mut voice = Voice::new(&name, Origin::Handed(source.name.clone()));
    if runs.is_empty() {
        voice.notes.push("it has no run: nothing was looked at".to_owned());
    }
    for (number, run) in &runs {
        voice.version = voice.version.or_else(|| run.version());
        run.tell(places, &mut voice);
        if !lists.contains(&(HAS_RESULTS, vec![*number])) {
            voice.notes.push(format!("a run of {} has no list of results: it looked for none", run.name()));
        }
    }
    source.each(RESULTS, &mut |_, at, result| {
        let Some(run) = at.first().and_then(|number| runs.get(number)) else { return };
        run.take(&result, places, &mut voice);
    })?;
    Ok(voice)
}

/// The runs by their number, the lists that are there, and the version of the log.
type Heads = (BTreeMap<usize, Run>, Lists, Option<String>);

fn heads(source: &Source) -> Result<Heads, String> {
    let mut runs: BTreeMap<usize, Run> = BTreeMap::new();
    let mut version = None;
    let lists = source.each(HEAD, &mut |way, at, value| {
        let Some(number) = at.first() else {
            version = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            return;
        };
        let run = runs.entry(*number).or_default();
        match way {
            1 => run.set_tool(value),
            2 => run.artifacts = items(value),
            3 => run.bases = value,
            4 => run.column_kind = value.as_str().map(str::to_owned),
            _ => run.invocations = value,
        }
    })?;
    Ok((runs, lists, version))
}

fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A name as one word of a rule's id.
fn plain(name: &str) -> String {
    let word: String =
        name.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    word.chars().take(40).collect()
}

impl Run {
    fn set_tool(&mut self, mut tool: Value) {
        self.driver = tool["driver"].take();
        self.extensions = items(tool["extensions"].take());
        let components = std::iter::once(&self.driver).chain(&self.extensions);
        let rules = components.flat_map(|component| list(&component["rules"]));
        self.rules = rules.filter_map(|rule| Some((rule["id"].as_str()?.to_owned(), rule.clone()))).collect();
    }

    fn name(&self) -> String {
        self.driver["name"].as_str().unwrap_or_default().to_owned()
    }

    fn version(&self) -> Option<String> {
        ["semanticVersion", "version"].iter().find_map(|key| self.driver[*key].as_str()).map(str::to_owned)
    }

    fn tool(&self) -> Option<&'static Tool> {
        tool::called(&self.name()).map(|(_, tool)| tool)
    }

    /// What the run says of its own end, and of what it could not look at.
    fn tell(&self, places: &mut Places<'_>, voice: &mut Voice) {
        for invocation in list(&self.invocations) {
            if invocation["executionSuccessful"] == Value::Bool(false) {
                voice.notes.push(format!("{} says that it did not run to its end", self.name()));
            }
            for key in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
                for note in list(&invocation[key]) {
                    // The standard: one without a level warns.
                    if matches!(note["level"].as_str(), Some("none")) {
                        continue;
                    }
                    let said = note["message"]["text"].as_str().unwrap_or("it says no more");
                    let said: String = said.lines().next().unwrap_or_default().chars().take(200).collect();
                    let places = list(&note["locations"]).iter().map(|place| {
                        self.uri(&place["physicalLocation"]["artifactLocation"]).map(|uri| places.uri(&uri))
                    });
                    let mut of_files = false;
                    for place in places.flatten() {
                        of_files = true;
                        if let Place::Asked(path) = place {
                            voice.not_read.entry(path).or_insert_with(|| said.clone());
                        }
                    }
                    if !of_files && voice.notes.len() < super::NOTES {
                        voice.notes.push(format!("{}: {said}", self.name()));
                    }
                }
            }
        }
    }

    fn take(&self, result: &Value, places: &mut Places<'_>, voice: &mut Voice) {
        let is_none = matches!(result["kind"].as_str(), Some("pass" | "notApplicable" | "informational"))
            || result["baselineState"] == "absent";
        if is_none {
            return;
        }
        let is_accepted = |one: &Value| one["status"].as_str().is_none_or(|status| status == "accepted");
        if list(&result["suppressions"]).iter().any(is_accepted) {
            voice.suppressed += 1;
            return;
        }
        let physical = &result["locations"][0]["physicalLocation"];
        let Some(uri) = self.uri(&physical["artifactLocation"]) else {
            voice.no_place += 1;
            return;
        };
        let place = places.uri(&uri);
        let (rule, about) = self.rule(result);
        let region = &physical["region"];
        let line = region["startLine"].as_u64().filter(|line| *line > 0);
        super::take(voice, place, line, |path, line| {
            let tool = self.tool();
            let domain = domain(&rule, about, tool);
            let exact = tool::called(&self.name()).and_then(|(name, _)| tool::exact_rules(name)?.get(&rule));
            let (severity, confidence) = rate(result, about, domain);
            Remark {
                message: message(result, about),
                path,
                line,
                end_line: region["endLine"].as_u64().unwrap_or(line),
                column: region["startColumn"].as_u64(),
                unit: tool.map_or_else(|| self.unit(), |tool| tool.columns),
                severity: exact.map_or(severity, |about| about.severity),
                confidence,
                domain: exact.map_or(domain, |about| about.domain),
                cwe: exact.map_or_else(|| cwe(result, about), |about| about.cwe.clone()),
                fix: result["fixes"][0]["description"]["text"].as_str().unwrap_or_default().to_owned(),
                rule,
            }
        });
    }

    /// What SARIF itself says, of tools that nobody has looked at.
    fn unit(&self) -> Unit {
        match self.column_kind.as_deref() {
            Some("unicodeCodePoints") => Unit::Characters,
            _ => Unit::Utf16,
        }
    }

    /// The rule of a result: by id, by reference, by position.
    fn rule(&self, result: &Value) -> (String, Option<&Value>) {
        let component = match result["rule"]["toolComponent"]["index"].as_u64() {
            Some(at) => self.extensions.get(at as usize).unwrap_or(&self.driver),
            None => &self.driver,
        };
        let at = result["ruleIndex"].as_u64().or_else(|| result["rule"]["index"].as_u64());
        let placed = at.and_then(|at| component["rules"].get(at as usize));
        let id = [&result["ruleId"], &result["rule"]["id"]].iter().find_map(|id| id.as_str());
        let id = id.or_else(|| placed?["id"].as_str()).unwrap_or_default().to_owned();
        // `CA1000/1` is a kind of the rule `CA1000`.
        let by_id = self.rules.get(&id).or_else(|| self.rules.get(id.rsplit_once('/')?.0));
        (id, by_id.or(placed))
    }

    /// The reference of an artifact, by itself or by its number in the run, below its bases.
    fn uri(&self, artifact: &Value) -> Option<String> {
        let listed = || {
            let at = artifact["index"].as_u64()?;
            Some(&self.artifacts.get(at as usize)?["location"])
        };
        let from = if artifact["uri"].is_string() { artifact } else { listed()? };
        let mut path = from["uri"].as_str()?.to_owned();
        let mut base = from["uriBaseId"].as_str();
        for _ in 0..8 {
            let Some(outer) = base.and_then(|name| self.bases.get(name)) else { break };
            // What a base stands for on the machine that ran it is not part of the project.
            if let Some(uri) = outer["uri"].as_str().filter(|uri| !uri.contains(':') && !uri.starts_with('/'))
            {
                path = format!("{}/{path}", uri.trim_end_matches('/'));
            }
            base = outer["uriBaseId"].as_str();
        }
        // An absolute one may still lie below a base of that machine.
        let roots = self.bases.as_object().into_iter().flatten().filter_map(|(_, base)| base["uri"].as_str());
        let is_absolute = |root: &&str| root.ends_with('/') && (root.contains(':') || root.starts_with('/'));
        let below = roots.filter(is_absolute).find_map(|root| path.strip_prefix(root)).map(str::to_owned);
        Some(below.unwrap_or(path))
    }
}

fn domain(rule: &str, about: Option<&Value>, tool: Option<&Tool>) -> Domain {
    let has = |word: &str| tags(about).any(|tag| tag.eq_ignore_ascii_case(word));
    let is_security = about.is_some_and(|about| !about["properties"]["security-severity"].is_null());
    if is_security || has("security") {
        Domain::Security
    } else if has("performance") {
        Domain::Performance
    } else {
        tool.map_or(Domain::Correctness, |tool| tool.domain(rule))
    }
}

fn tags(about: Option<&Value>) -> impl Iterator<Item = &str> {
    about.into_iter().flat_map(|about| list(&about["properties"]["tags"])).filter_map(Value::as_str)
}

/// `external/cwe/cwe-079`, `CWE-95: …`, or our own number.
fn cwe(result: &Value, about: Option<&Value>) -> Vec<u32> {
    let own = list(&result["properties"]["cwe"])
        .iter()
        .filter_map(Value::as_u64)
        .filter_map(|cwe| u32::try_from(cwe).ok());
    let mut found: Vec<u32> = own.chain(tags(about).filter_map(super::cwe_of)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A result's message: its own, or its rule's by name, with its arguments put in.
fn message(result: &Value, about: Option<&Value>) -> String {
    let own = &result["message"];
    let named = || own["id"].as_str().and_then(|id| about?["messageStrings"][id]["text"].as_str());
    let words = own["text"].as_str().or_else(|| own["markdown"].as_str()).or_else(named).unwrap_or_default();
    let mut words = words.to_owned();
    for (number, argument) in list(&own["arguments"]).iter().enumerate().take(20) {
        words = words.replace(&format!("{{{number}}}"), argument.as_str().unwrap_or_default());
    }
    super::bounded(&words)
}

/// How bad, and how sure. Levels are each project's own choice: none of them alone is high
/// but of what is about security.
fn rate(result: &Value, about: Option<&Value>, domain: Domain) -> (Severity, u8) {
    let number = [Some(result), about].into_iter().flatten().find_map(|one| {
        let number = &one["properties"]["security-severity"];
        number.as_f64().or_else(|| number.as_str()?.parse().ok())
    });
    let level = result["level"].as_str().or_else(|| about?["defaultConfiguration"]["level"].as_str());
    let severity = match (number, level.unwrap_or("warning")) {
        (Some(9.0..), _) => Severity::Critical,
        (Some(7.0..), _) => Severity::High,
        (Some(4.0..), _) => Severity::Medium,
        (Some(_), _) | (None, "note" | "none") => Severity::Low,
        (None, "error") if domain == Domain::Security => Severity::High,
        (None, "error") => Severity::Medium,
        (None, _) if domain == Domain::Security => Severity::Medium,
        (None, _) => Severity::Low,
    };
    let own = result["properties"]["confidence"].as_u64().and_then(|own| u8::try_from(own.min(100)).ok());
    (severity, own.unwrap_or(super::CONFIDENCE))
}
