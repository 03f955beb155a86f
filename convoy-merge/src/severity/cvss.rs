//! Scores of the Common Vulnerability Scoring System: a number that is told, or the base
//! score of a vector of version 2 or 3 (`AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`).

use findings::Severity;

/// The level of a score from 0 to 10.
pub(super) fn level(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// The score that a text in lower case tells behind `cvss`, or of the vector it holds.
pub(super) fn score(lower: &str) -> Option<f64> {
    let vector = lower.find("av:").map(|at| &lower[at..]);
    if let Some(vector) = vector {
        // `(5.4)` behind the vector is the reviewer's own.
        let end = vector
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '/')))
            .unwrap_or(vector.len());
        let told = number(&vector[end..])
            .or_else(|| number(lower[..lower.len() - vector.len()].split("cvss").next()?));
        return told.or_else(|| of_vector(&vector[..end]));
    }
    let rest = lower[lower.find("cvss")? + 4..].trim_start_matches(|c: char| !c.is_ascii_digit() && c != 'v');
    let bare = rest.trim_start_matches('v');
    let version = ["2.0", "3.0", "3.1", "4.0"].iter().find_map(|version| bare.strip_prefix(version));
    match version {
        Some(behind) => number(behind).or_else(|| (bare.len() == rest.len()).then(|| number(bare))?),
        None => number(bare),
    }
}

/// The first number of a text, if it can be a score.
fn number(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let between = &text[..start];
    if between.chars().count() > 20 || between.contains(['\n', ';']) {
        return None;
    }
    let end =
        text[start..].find(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(text.len(), |n| start + n);
    text[start..end].trim_end_matches('.').parse().ok().filter(|score| (0.0..=10.0).contains(score))
}

fn of_vector(vector: &str) -> Option<f64> {
    let metric = |name: &str| {
        vector
            .split('/')
            .find_map(|part| part.split_once(':').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    if metric("au").is_some() { version_2(&metric) } else { version_3(&metric) }
}

/// FIRST, CVSS v3.1 specification, section 7.1.
fn version_3<'a>(metric: &impl Fn(&str) -> Option<&'a str>) -> Option<f64> {
    let changed = metric("s")? == "c";
    let access = match metric("av")? {
        "n" => 0.85,
        "a" => 0.62,
        "l" => 0.55,
        "p" => 0.2,
        _ => return None,
    };
    let complexity = if metric("ac")? == "l" { 0.77 } else { 0.44 };
    let privileges = match (metric("pr")?, changed) {
        ("n", _) => 0.85,
        ("l", false) => 0.62,
        ("l", true) => 0.68,
        (_, false) => 0.27,
        (_, true) => 0.5,
    };
    let interaction = if metric("ui")? == "n" { 0.85 } else { 0.62 };
    let loss = |name: &str| {
        Some(match metric(name)? {
            "h" => 0.56,
            "l" => 0.22,
            _ => 0.0,
        })
    };
    let sub = 1.0 - (1.0 - loss("c")?) * (1.0 - loss("i")?) * (1.0 - loss("a")?);
    let impact = if changed { 7.52 * (sub - 0.029) - 3.25 * (sub - 0.02_f64).powi(15) } else { 6.42 * sub };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let ease = 8.22 * access * complexity * privileges * interaction;
    let whole = if changed { 1.08 * (impact + ease) } else { impact + ease };
    Some((whole.min(10.0) * 10.0 - 1e-6).ceil() / 10.0)
}

/// FIRST, CVSS v2 guide, section 3.2.1.
fn version_2<'a>(metric: &impl Fn(&str) -> Option<&'a str>) -> Option<f64> {
    let access = match metric("av")? {
        "n" => 1.0,
        "a" => 0.646,
        _ => 0.395,
    };
    let complexity = match metric("ac")? {
        "l" => 0.71,
        "m" => 0.61,
        _ => 0.35,
    };
    let login = match metric("au")? {
        "n" => 0.704,
        "s" => 0.56,
        _ => 0.45,
    };
    let loss = |name: &str| {
        Some(match metric(name)? {
            "c" => 0.66,
            "p" => 0.275,
            _ => 0.0,
        })
    };
    let impact = 10.41 * (1.0 - (1.0 - loss("c")?) * (1.0 - loss("i")?) * (1.0 - loss("a")?));
    let ease = 20.0 * access * complexity * login;
    let factor: f64 = if impact == 0.0 { 0.0 } else { 1.176 };
    let score: f64 = (0.6 * impact + 0.4 * ease - 1.5) * factor;
    Some((score * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_told_or_computed() {
        for (text, want) in [
            ("cvss 7.5", Some(7.5)),
            ("cvss: 9.8 (critical)", Some(9.8)),
            ("cvss v3.1: 5.4", Some(5.4)),
            ("cvss 3.1 base score 8.8", Some(8.8)),
            ("cvss 3.1", Some(3.1)),
            ("cvss:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h", Some(9.8)),
            ("cvss:3.1/av:n/ac:l/pr:l/ui:r/s:c/c:l/i:l/a:n", Some(5.4)),
            ("cvss:3.0/av:l/ac:h/pr:h/ui:n/s:u/c:n/i:n/a:l", Some(1.9)),
            ("av:n/ac:l/au:n/c:p/i:p/a:p", Some(7.5)),
            ("cvss:3.1/av:n/ac:l/pr:l/ui:n/s:u/c:l/i:n/a:n (6.1)", Some(6.1)),
            ("cvss is not used", None),
        ] {
            assert_eq!(score(text), want, "{text}");
        }
    }
}
