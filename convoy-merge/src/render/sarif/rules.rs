//! The rules of a SARIF run: what an alert shows of its kind, beside the finding.

use serde_json::{Map, Value, json};

use crate::model::Finding;
use crate::render::contain::{block, clean, line};
use findings::Severity;

/// GitHub rejects a rule with more tags than this.
const MOST_TAGS: usize = 20;

/// A short name of the subject: the first words of the category, else the reviewer.
fn subject(finding: &Finding) -> String {
    let said =
        finding.category.as_deref().or(finding.reviewers.first().map(String::as_str)).unwrap_or("review");
    let mut slug = String::new();
    for c in said.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "review".to_string() } else { slug.to_string() }
}

/// The rule of a program by its own name; else the subject, with the severity, because
/// `security-severity` belongs to the rule.
pub(super) fn id(finding: &Finding) -> String {
    match &finding.facts.rule {
        Some(rule) => clean(rule),
        None => format!("{}/{}", subject(finding), finding.severity.name()),
    }
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker | Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unrated => "warning",
        Severity::Low => "note",
    }
}

/// Is it a matter of security? By its domain, else by whose and about what it is.
fn is_security(finding: &Finding) -> bool {
    if let Some(domain) = &finding.facts.domain {
        return domain == "security";
    }
    let named = |name: &str, kinds: &[&str]| kinds.iter().any(|kind| name.to_lowercase().contains(kind));
    let category = finding.category.as_deref().unwrap_or_default();
    let others =
        finding.reviewers.iter().any(|name| named(name, &["correct", "perform", "style", "test", "doc"]));
    named(category, &["secur", "inject"])
        || finding.reviewers.iter().any(|name| named(name, &["secur"]))
        || !others && category.contains("CWE-")
}

/// A rule as an alert shows it: `findings` are its own.
pub(super) fn rule(id: &str, findings: &[&Finding]) -> Value {
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or_default();
    let first = findings.first();
    let subject = first.map(|finding| subject(finding)).unwrap_or_default();
    let mut tags = vec![subject.clone()];
    let mut properties = Map::new();
    if findings.iter().any(|finding| is_security(finding)) {
        if subject != "security" {
            tags.push("security".to_string());
        }
        let score = match worst {
            Severity::Blocker => "9.8",
            Severity::Critical => "9.1",
            Severity::High => "8.0",
            Severity::Medium | Severity::Unrated => "5.5",
            Severity::Low => "2.0",
        };
        properties.insert("security-severity".to_string(), json!(score));
    }
    let mut cwe: Vec<u32> = findings.iter().flat_map(|finding| finding.facts.cwe.iter().copied()).collect();
    cwe.sort_unstable();
    cwe.dedup();
    tags.extend(cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    tags.truncate(MOST_TAGS);
    properties.insert("tags".to_string(), json!(tags));
    let named = first.filter(|finding| finding.facts.rule.is_some());
    let title = named.map_or_else(|| format!("{subject} ({})", worst.name()), |finding| line(&finding.title));
    let mut out = json!({
        "id": id,
        "shortDescription": { "text": title },
        "fullDescription": { "text": description(named.copied(), &subject, worst) },
        "help": help(named.copied(), &subject, &cwe),
        "defaultConfiguration": { "level": level(worst) },
        "properties": properties,
    });
    if let Some(cwe) = cwe.first() {
        out["helpUri"] = json!(weakness(*cwe));
    }
    out
}

fn description(named: Option<&Finding>, subject: &str, worst: Severity) -> String {
    let words = named.and_then(|finding| field(finding, "**Problem:**"));
    words.unwrap_or_else(|| match named {
        Some(finding) => line(&finding.title),
        None => format!(
            "What reviewers found about {subject}, rated {}. Each alert says what it is.",
            worst.name()
        ),
    })
}

/// What to do about it, and where to read on.
fn help(named: Option<&Finding>, subject: &str, cwe: &[u32]) -> Value {
    let fix =
        named.and_then(|finding| finding.facts.fix.as_deref()).map(str::trim).filter(|fix| !fix.is_empty());
    let impact = named.and_then(|finding| field(finding, "**Impact:**"));
    let general = format!("The alert says what is wrong about {subject} and what to do.");
    let text = fix.map_or_else(|| general.clone(), clean);
    let mut markdown = fix.map_or(general, block);
    if let Some(impact) = impact {
        markdown = format!("{}\n\n{markdown}", block(&impact));
    }
    if !cwe.is_empty() {
        let links: Vec<String> = cwe.iter().map(|cwe| format!("[CWE-{cwe}]({})", weakness(*cwe))).collect();
        markdown = format!("{markdown}\n\nSee {}.", links.join(", "));
    }
    json!({ "text": text, "markdown": markdown })
}

fn weakness(cwe: u32) -> String {
    format!("https://cwe.mitre.org/data/definitions/{cwe}.html")
}

/// What stands behind a label in the words of the first reviewer.
fn field(finding: &Finding, label: &str) -> Option<String> {
    let body = &finding.members.first()?.body;
    let text = body.lines().find_map(|line| line.strip_prefix(label))?.trim();
    (!text.is_empty()).then(|| clean(text))
}
