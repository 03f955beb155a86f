//! The rules about a change: words, severity and limits are data, what finds them is
//! code. A later document of the same name changes of it what it names.

use std::collections::BTreeMap;

use findings::Severity;
use serde::Deserialize;

use crate::domain::Domain;
use crate::rule::{About, Confidence, Metadata, Tests};

/// Numbers of a rule, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Limits(BTreeMap<String, usize>);

impl Limits {
    /// The built-in rules name all that their checks ask for.
    pub(crate) fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(usize::MAX)
    }
}

/// A rule ready to be looked for.
#[derive(Debug, Clone)]
pub(crate) struct FactRule {
    pub(crate) about: About,
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Info,
    Off,
}

/// One YAML document; what is left out stays as it was.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactDocument {
    id: String,
    severity: Option<Level>,
    message: Option<String>,
    note: Option<String>,
    #[serde(default)]
    limits: Limits,
    metadata: Option<Metadata>,
}

impl FactDocument {
    /// Changes what a later document names. The error says what it names that is not there.
    pub(crate) fn change(&mut self, later: FactDocument) -> Result<(), String> {
        if let Some(name) = later.limits.0.keys().find(|name| !self.limits.0.contains_key(*name)) {
            let known: Vec<&str> = self.limits.0.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(format!("limits: there is no '{name}' ({known})"));
        }
        self.limits.0.extend(later.limits.0);
        self.severity = later.severity.or(self.severity);
        self.message = later.message.or_else(|| self.message.take());
        self.note = later.note.or_else(|| self.note.take());
        self.metadata = later.metadata.or_else(|| self.metadata.take());
        Ok(())
    }

    /// `None`: it is switched off.
    pub(crate) fn rule(&self) -> Option<FactRule> {
        let severity = match self.severity? {
            Level::Error => Severity::High,
            Level::Warning => Severity::Medium,
            Level::Info => Severity::Low,
            Level::Off => return None,
        };
        let message = self.message.clone().unwrap_or_else(|| self.id.clone());
        let note = self.note.as_deref().unwrap_or_default();
        let metadata = self.metadata.clone().unwrap_or_default();
        let mut about = About::of(self.id.clone(), severity, message, note, metadata, Domain::Change);
        about.tests = Tests::Include;
        (about.confidence != Confidence::Low).then(|| FactRule { about, limits: self.limits.clone() })
    }
}
