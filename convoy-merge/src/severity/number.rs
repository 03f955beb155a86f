//! Severities that are numbers: of a scale, of priorities.

use super::{Rated, cvss};
use findings::Severity;

/// A number that rates: `8/10`, `CVSS 7.5`.
pub(super) fn number_level(lower: &str) -> Option<Severity> {
    let digits = |text: &str| -> Option<f32> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end =
            text[start..].find(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(text.len(), |n| start + n);
        text[start..end].trim_end_matches('.').parse().ok()
    };
    if let Some(at) = lower.find("/10")
        && !lower[at + 3..].starts_with(|c: char| c.is_ascii_digit())
    {
        let head = &lower[..at];
        let begin = head
            .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map_or(0, |n| n + head[n..].chars().next().map_or(1, char::len_utf8));
        return digits(&head[begin..]).filter(|v| *v <= 10.0).map(|v| cvss::level(f64::from(v)));
    }
    cvss::score(lower).map(cvss::level)
}

/// `★★★☆☆`, `●○○`: how many marks of a scale are filled.
pub(super) fn filled_level(value: &str) -> Option<Severity> {
    const MARKS: [(char, char); 5] = [('★', '☆'), ('●', '○'), ('⬤', '◯'), ('■', '□'), ('▮', '▯')];
    let value = value.trim();
    let (full, empty) = *MARKS.iter().find(|(full, _)| value.starts_with(*full))?;
    let filled = value.chars().take_while(|c| *c == full).count();
    let left = value.chars().skip(filled).take_while(|c| *c == empty).count();
    let marks = value.chars().take(filled + left).map(char::len_utf8).sum::<usize>();
    let ends = !value[marks..].trim_start().starts_with(|c: char| c.is_alphabetic());
    ((3..=5).contains(&(filled + left)) && ends).then(|| of_share(filled as f32 / (filled + left) as f32))
}

/// `4/5`, `Sev 3/5`, `8/10`, `4 of 5`: how much of a scale.
pub(super) fn scale_level(lower: &str) -> Option<Severity> {
    let number = lower.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, ' ' | ':' | '='));
    let parted = number.split_once('/').or_else(|| number.split_once(" of "));
    let (value, of) = parted.or_else(|| number.split_once(" out of "))?;
    let of = of.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let (value, of): (f32, f32) = (value.trim().parse().ok()?, of.trim().parse().ok()?);
    ([4.0, 5.0, 10.0, 100.0].contains(&of) && value <= of).then(|| of_share(value / of))
}

fn of_share(share: f32) -> Severity {
    match share {
        share if share >= 0.9 => Severity::Critical,
        share if share >= 0.7 => Severity::High,
        share if share >= 0.4 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// `9/10`, `92/100` and nothing else.
pub(crate) fn of_scale(text: &str) -> Option<Rated> {
    let (value, of) = text.trim().split_once('/')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (matches!(of.trim(), "10" | "100") && digits(value.trim())).then_some(())?;
    scale_level(text.trim()).map(|level| (level, text.trim().to_string()))
}

/// Does a tag name a scale: "Sev 3/5", "Impact: 9/10", "7/10 risk"?
pub(super) fn names_scale(lower: &str) -> bool {
    let first = lower.split([' ', ':', '=']).next().unwrap_or_default();
    matches!(first, "sev" | "severity" | "prio" | "priority" | "risk" | "impact")
        || [" risk", " severity", " impact"].iter().any(|name| lower.ends_with(name))
}

/// A bare `8.1` or `5` in a severity field is CVSS or out of ten.
pub(super) fn plain_number(lower: &str) -> Option<Severity> {
    let value: f32 = lower.trim().parse().ok()?;
    (lower.contains('.') && (0.0..=10.0).contains(&value)).then(|| cvss::level(f64::from(value)))
}
