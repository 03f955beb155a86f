//! The parts of the first line of a finding, and what a bracket in it can be.

use crate::locate::{self, Found, Trust};
use crate::model::Status;
use crate::severity::{self, Rated};
use crate::status;
use crate::syntax::fields;
use crate::vocabulary::Label;

/// What a heading, a list item's first line or a bold lead says.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "marks of a line that stand beside each other in any combination"
)]
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) rated: Option<Rated>,
    /// The severity is only an icon.
    pub(crate) by_icon: bool,
    pub(crate) places: Vec<Found>,
    /// `1`, `2.3`.
    pub(crate) number: Option<String>,
    /// `SEC-01`, `C1`.
    pub(crate) id: Option<String>,
    /// "Issue 3", "Finding #2": a number that says it is a finding.
    pub(crate) named_number: bool,
    pub(crate) tags: Vec<String>,
    /// Line numbers without a file: `` `12-14`: Title ``.
    pub(crate) lines: Option<(u32, u32)>,
    pub(crate) struck: bool,
    pub(crate) ticked: bool,
    pub(crate) tick_box: bool,
    pub(crate) confidence: Option<u8>,
    /// `✅ RESOLVED`, `[FIXED]`.
    pub(crate) status: Option<Status>,
}

impl Head {
    pub(crate) fn severity_stated(&self) -> bool {
        self.rated.is_some() && !self.by_icon
    }
}

/// What separates the parts of a first line.
pub(super) const SEPARATORS: &[char] =
    &[' ', '\t', ':', '-', '–', '—', '|', '.', ')', '·', '•', '：', ',', '/', '→', '>'];

/// Takes a bracket's inside as severity, place or plain tag.
pub(super) fn take_tag(inside: &str, head: &mut Head) -> bool {
    if let Some(rated) = severity::exact(inside) {
        let number = head.rated.as_ref().map(|(_, raw)| raw.clone()).filter(|raw| is_number_of_security(raw));
        if !head.severity_stated() || number.is_some() {
            head.id = number.or(head.id.take());
            head.rated = Some(rated);
            head.by_icon = false;
        }
        return true;
    }
    if let Some(value) = inside.to_lowercase().strip_prefix("confidence") {
        head.confidence = percent(value);
        return true;
    }
    let places = locate::find(inside, Trust::Field);
    if !places.is_empty() {
        if head.places.is_empty() {
            head.places = places;
        }
        return true;
    }
    if let Some(status) = status::exact(inside) {
        head.status = Some(status);
        return true;
    }
    if inside.eq_ignore_ascii_case("project") {
        return true;
    }
    // `[P1][security]`, `[HIGH | security]`, `[Critical - SQL]`
    let parts: Vec<&str> = inside.split(['|', ',', '/', '·', '—', ':']).map(str::trim).collect();
    if parts.len() > 1 && parts.len() <= 4 {
        for part in &parts {
            if !head.severity_stated()
                && let Some(rated) = severity::exact(part)
            {
                head.rated = Some(rated);
                head.by_icon = false;
            }
        }
    }
    if is_id(inside) {
        head.id.get_or_insert_with(|| inside.to_string());
        return true;
    }
    let short = inside.chars().count() <= 40
        && !inside.contains(['`', '$', '='])
        && inside.split_whitespace().count() <= 4
        && inside.len() > 1;
    if short {
        head.tags.push(inside.trim().to_string());
    }
    short
}

/// `S1` is a level, unless another one stands beside it: then it counts what security found.
fn is_number_of_security(raw: &str) -> bool {
    raw.strip_prefix('S').is_some_and(|digits| {
        (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `severity: medium`, `High severity`, `High, CVSS 8.1`, "low: nobody calls it" as a bracket says it.
pub(super) fn severity_in_bracket(inside: &str) -> Option<Rated> {
    let first = inside.split([',', ';', '|']).next().unwrap_or(inside);
    let value = match first.split_once([':', '=']) {
        Some((label, value)) if names_severity(label) => value,
        // A note begins like that, too.
        Some((word, _)) => return severity::exact(word).filter(|(_, raw)| severity::is_strong(raw)),
        None => first,
    };
    severity::exact(value)
}

fn names_severity(label: &str) -> bool {
    matches!(label.trim().to_lowercase().as_str(), "level" | "risk" | "impact")
        || fields::label_of(label) == Some(Label::Severity)
}

/// `90`, `90%`, `0.9`, `9/10`, `high`.
pub(crate) fn percent(text: &str) -> Option<u8> {
    let text = text.trim_matches([':', ' ', '*', '`', '=', '(', ')']).to_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    if let Ok(value) = text[..end].parse::<f32>() {
        let rest = &text[end..];
        let value = if rest.starts_with("/10") && !rest.starts_with("/100") {
            value * 10.0
        } else if rest.starts_with("/5") && !rest.starts_with("/50") {
            value * 20.0
        } else if value <= 1.0 && text.contains('.') {
            value * 100.0
        } else {
            value
        };
        return (0.0..=100.0).contains(&value).then_some(value as u8);
    }
    match text.split(|c: char| !c.is_alphanumeric()).next()? {
        "high" | "certain" | "confirmed" | "definite" => Some(90),
        "medium" | "moderate" | "likely" => Some(60),
        "low" | "speculative" | "possible" => Some(30),
        _ => None,
    }
}

/// `SEC-001`, `CRIT-1`, `C1`, `F-12`, `PERF-H02`, `D-1/D-7`.
pub(crate) fn is_id(word: &str) -> bool {
    let upper = word.bytes().take_while(|b| b.is_ascii_uppercase() || *b == b'-' || *b == b'_').count();
    let digits = word[upper..].bytes().filter(u8::is_ascii_digit).count();
    (1..=16).contains(&upper)
        && (1..=5).contains(&digits)
        && word[upper..]
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.') || b.is_ascii_uppercase())
        && !matches!(word, "UTF-8" | "SHA-256" | "SHA-1" | "MD5" | "HTTP2" | "S3" | "EC2" | "K8" | "OAUTH2")
        // A requirement's number names what is asked for, not what was found.
        && !["AC-", "REQ-", "FR-", "NFR-", "US-", "UC-"].iter().any(|asked| word.starts_with(asked))
        && !word.starts_with("CWE-")
        && !word.starts_with("CVE-")
        && !word.starts_with("OWASP")
}
