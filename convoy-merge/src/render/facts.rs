//! The facts of a cause for people: how severe, by whom, since when, and how it is dismissed.

use findings::Severity;
use findings::second_look::SecondLook;

use super::cause::Cause;
use super::lines::joined;
use crate::contain::line;
use crate::model::{Finding, Status};

/// So many numbers are named in a command.
const NAMED: usize = 5;

/// `**Label:** value · **Label:** value`
pub(super) fn facts(cause: &Cause<'_>) -> Vec<String> {
    let finding = cause.main();
    let mut list = vec![
        ("Severity", finding.severity.name().to_string()),
        ("Finding", shown_ids(cause)),
        ("Found by", found_by(finding)),
    ];
    if finding.status != Status::Open {
        list.push(("Status", finding.status.name().to_string()));
    }
    if let Some(confidence) = finding.members.iter().filter_map(|member| member.confidence).max() {
        list.push(("Confidence", confidence.to_string()));
    }
    if let Some(category) = category(finding) {
        list.push(("Category", category));
    }
    if let Some(rule) = &finding.facts.rule {
        list.push(("Rule", format!("`{}`", line(rule).replace('`', "'"))));
    }
    if let Some(new) = finding.new {
        list.push(("Change", if new { "of this change" } else { "not of this change" }.to_string()));
    }
    if let Some(history) = &finding.history {
        let since =
            finding.since.as_deref().map_or_else(String::new, |since| format!(" since {}", line(since)));
        list.push(("History", format!("{}{since}", line(history))));
    }
    if let Some(reason) = &finding.suppressed {
        list.push(("Suppressed", line(reason)));
    }
    if let Some(look) = &finding.second_look {
        list.push(("Second look", line(&look.shown())));
    }
    if let Some(state) = &finding.baseline {
        list.push(("Baseline", line(state)));
    }
    list.extend(dismissal(cause).map(|how| ("Dismiss", how)));
    let parts = list.into_iter().map(|(label, value)| format!("**{label}:** {}", value.replace('·', "-")));
    joined(parts, "  ")
}

/// All numbers, unless the places tell them.
fn shown_ids(cause: &Cause<'_>) -> String {
    let ids = cause.ids();
    if ids.chars().count() <= 60 { ids } else { format!("{} and more", cause.main().id) }
}

/// `injection ([CWE-89](https://…))`
fn category(finding: &Finding) -> Option<String> {
    let mut text = line(finding.category.as_deref()?);
    let mut named: Vec<u32> = finding.facts.cwe.clone();
    named.sort_unstable();
    named.dedup();
    // The longest first: CWE-79 is not the beginning of CWE-798.
    for cwe in named.iter().rev() {
        let name = format!("CWE-{cwe}");
        text = linked(&text, &name, &format!("[{name}](https://cwe.mitre.org/data/definitions/{cwe}.html)"));
    }
    Some(text)
}

/// Puts a link in the place of a name that stands alone.
fn linked(text: &str, name: &str, link: &str) -> String {
    let stands = |at: usize| {
        let after = text[at + name.len()..].chars().next();
        !text[..at].ends_with('[') && !after.is_some_and(|c| c.is_ascii_digit())
    };
    match text.match_indices(name).map(|(at, _)| at).find(|at| stands(*at)) {
        Some(at) => format!("{}{link}{}", &text[..at], &text[at + name.len()..]),
        None => text.to_string(),
    }
}

/// Every reviewer with what it rated; the disagreement is there to see.
pub(super) fn found_by(finding: &Finding) -> String {
    let mut list: Vec<(String, Severity)> = Vec::new();
    for member in &finding.members {
        let entry = (line(&member.reviewer), member.severity);
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
    if list.is_empty() {
        list.extend(finding.reviewers.iter().map(|name| (line(name), finding.severity)));
    }
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let shown: Vec<String> =
        list.iter().map(|(name, severity)| format!("{name} ({})", severity.name())).collect();
    shown.join(", ")
}

/// How somebody says that it is none, or is to stay.
fn dismissal(cause: &Cause<'_>) -> Option<String> {
    let finding = cause.main();
    let is_refuted = finding.second_look.as_ref().is_some_and(SecondLook::is_refuted);
    if finding.suppressed.is_some() || finding.withdrawn || finding.status.is_settled() || is_refuted {
        return None;
    }
    let count = cause.findings().len();
    Some(if finding.key.is_some() && !finding.id.is_empty() {
        let ids: Vec<&str> = cause.findings().iter().take(NAMED).map(|one| one.id.as_str()).collect();
        let more = if count > NAMED { " …" } else { "" };
        format!("`pan findings dismiss {}{more} --reason WHY`", ids.join(" "))
    } else if count == 1 {
        format!("`--suppress` {}", line(&finding.fingerprint))
    } else {
        format!("`--suppress` {} and {} more", line(&finding.fingerprint), count - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_is_linked_and_no_other() {
        let mut finding =
            Finding { category: Some("secrets (CWE-798, CWE-79)".to_string()), ..Finding::default() };
        finding.facts.cwe = vec![79, 798];
        let text = category(&finding).unwrap_or_default();
        assert!(text.contains("[CWE-798](https://cwe.mitre.org/data/definitions/798.html)"), "{text}");
        assert!(text.contains(", [CWE-79](https://cwe.mitre.org/data/definitions/79.html))"), "{text}");
    }
}
