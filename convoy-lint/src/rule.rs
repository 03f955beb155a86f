//! One rule: plain ast-grep YAML; all that is ours is under `metadata:`.

use ast_grep_config::{
    Fixer, RuleConfig, RuleConfigError, RuleCore, SerializableRuleConfig, Severity as Level,
};
use ast_grep_core::matcher::Matcher;
use regex::Regex;
use serde::Deserialize;

use crate::domain::Domain;
use crate::language::Language;
use findings::Severity;

/// How sure a rule is. `low` rules are listed but not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    High,
    Medium,
    Low,
}

impl Confidence {
    pub fn percent(self) -> u8 {
        match self {
            Confidence::High => 90,
            Confidence::Medium => 70,
            Confidence::Low => 40,
        }
    }
}

/// What the value of an argument must be for a hit to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Want {
    /// Anything but a constant.
    NonConst,
    /// It comes from a request.
    Tainted,
    /// Text put together from parts of which one comes from a request.
    Text,
    /// It comes from a request to this server, not from the page it is in.
    Request,
    /// A constant.
    Const,
    /// Text put together from parts of which one is not constant.
    Built,
    /// The same, and the constant parts are SQL.
    Sql,
    /// The same, and a part stands in the quotes of a value, so that it could have been
    /// bound; of a request anywhere.
    Values,
    /// HTML put together from parts of which one comes from a request.
    Html,
    /// HTML put together from parts of which one is not constant.
    Markup,
    /// An address that comes from a request to this server, its host too.
    Address,
    /// An address that comes from a request or from the page, its host too.
    Place,
    /// It comes from a generator whose output can be predicted.
    Predictable,
    /// A text that is written in the code, maybe under a name.
    Literal,
}

/// `metadata.flow`: the value of the metavariable `arg` is followed backwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    pub arg: String,
    pub want: Want,
    /// An argument that is written like this is the program's own, by custom: it counts
    /// only where it comes from a request.
    pub trusted: Option<String>,
}

/// Whether a rule looks at test code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tests {
    Skip,
    Include,
}

/// `metadata:` of a rule. Unknown keys are other tools' and are left alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    pub domain: Option<Domain>,
    pub title: Option<String>,
    pub category: Option<String>,
    pub cwe: Vec<u32>,
    pub owasp: Option<String>,
    pub confidence: Option<Confidence>,
    pub flow: Option<Flow>,
    pub tests: Option<Tests>,
    /// The file must hold one of these words, or the rule is not tried.
    pub words: Vec<String>,
    /// The file must hold all of these (an import, say).
    pub needs: Vec<String>,
    /// The code is not quoted, because it holds a secret.
    pub mask: bool,
    /// The texts of these two metavariables must be equal, strings included.
    /// (The engine compares only leaves, so it takes `'\\a'` and `'\\b'` for the same.)
    pub same: Option<(String, String)>,
    /// Codes of other linters whose `noqa: CODE` silences this rule.
    pub noqa: Vec<String>,
}

/// A rule ready to run over trees of one grammar.
pub struct Rule {
    pub about: About,
    pub matcher: RuleCore,
    /// What is to be written in place of what it matches.
    pub(crate) fixer: Option<Fixer>,
    /// `flow.trusted`.
    pub(crate) trusted: Option<Regex>,
}

/// Everything of a rule but its matcher.
#[derive(Debug, Clone)]
pub struct About {
    pub id: String,
    pub domain: Domain,
    pub severity: Severity,
    pub confidence: Confidence,
    pub title: String,
    pub message: String,
    pub impact: String,
    pub fix: String,
    pub category: String,
    pub cwe: Vec<u32>,
    pub flow: Option<Flow>,
    pub tests: Tests,
    pub words: Vec<String>,
    pub needs: Vec<String>,
    pub mask: bool,
    pub same: Option<(String, String)>,
    pub noqa: Vec<String>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("about", &self.about).finish_non_exhaustive()
    }
}

impl About {
    /// Reads what a rule says of itself. `domain` is that of its directory.
    pub fn read(config: &SerializableRuleConfig<Language>, domain: Option<Domain>) -> Result<About, String> {
        let metadata = match &config.metadata {
            Some(metadata) => serde_json::to_value(metadata)
                .and_then(serde_json::from_value)
                .map_err(|error| format!("metadata: {error}"))?,
            None => Metadata::default(),
        };
        if config.id.is_empty() {
            return Err("id is missing".to_owned());
        }
        let domain = metadata
            .domain
            .or(domain)
            .ok_or_else(|| "metadata.domain is missing (security, correctness or performance)".to_owned())?;
        if domain == Domain::Change {
            return Err("rules about a change are built in: a rule can be switched off or given other limits, by its id".to_owned());
        }
        let note = config.note.as_deref().unwrap_or_default();
        let message = if config.message.is_empty() { &config.id } else { &config.message };
        Ok(About::of(config.id.clone(), severity(&config.severity), message.clone(), note, metadata, domain))
    }

    pub(crate) fn of(
        id: String,
        severity: Severity,
        message: String,
        note: &str,
        metadata: Metadata,
        domain: Domain,
    ) -> About {
        let (impact, fix) = split_note(note);
        let default_tests = match domain {
            Domain::Security | Domain::Performance => Tests::Skip,
            Domain::Correctness | Domain::Change => Tests::Include,
        };
        About {
            id,
            domain,
            severity,
            confidence: metadata.confidence.unwrap_or(Confidence::Medium),
            title: metadata.title.unwrap_or_else(|| message.clone()),
            message,
            impact,
            fix,
            category: metadata.category.unwrap_or_else(|| domain.name().to_owned()),
            cwe: metadata.cwe,
            flow: metadata.flow,
            tests: metadata.tests.unwrap_or(default_tests),
            words: metadata.words,
            needs: metadata.needs,
            mask: metadata.mask,
            same: metadata.same,
            noqa: metadata.noqa,
        }
    }
}

fn severity(level: &Level) -> Severity {
    match level {
        Level::Error => Severity::High,
        Level::Warning => Severity::Medium,
        Level::Info | Level::Hint | Level::Off => Severity::Low,
    }
}

/// `note:` holds `Impact: …` and `Fix: …`; text under neither is the fix.
fn split_note(note: &str) -> (String, String) {
    let (mut impact, mut fix) = (String::new(), String::new());
    let mut in_impact = false;
    for line in note.lines() {
        let line = line.trim();
        let rest = if let Some(rest) = line.strip_prefix("Impact:") {
            in_impact = true;
            rest
        } else if let Some(rest) = line.strip_prefix("Fix:") {
            in_impact = false;
            rest
        } else {
            line
        };
        let target = if in_impact { &mut impact } else { &mut fix };
        if !target.is_empty() && !rest.is_empty() {
            target.push(' ');
        }
        target.push_str(rest.trim());
    }
    (impact, fix)
}

impl Rule {
    /// Compiles a rule for one grammar.
    pub fn compile(
        config: &SerializableRuleConfig<Language>,
        about: About,
        language: Language,
    ) -> Result<Rule, String> {
        let mut config = config.clone();
        config.language = language;
        let whole = match RuleConfig::try_from(config, &ast_grep_config::GlobalRules::default()) {
            Err(RuleConfigError::MissingPotentialKinds) => {
                return Err(
                    "the rule must name what kind of node it matches (add `kind` or `pattern`)".to_owned()
                );
            }
            whole => whole.map_err(|error| causes(&error))?,
        };
        let mut fixers = whole.fixer;
        if fixers.len() > 1 {
            return Err("`fix` holds several templates: one is needed".to_owned());
        }
        let (matcher, fixer) = (whole.matcher, fixers.pop());
        if matcher.potential_kinds().is_some_and(|kinds| kinds.is_empty()) {
            return Err("it can match no kind of node: its parts contradict each other".to_owned());
        }
        let trusted = about.flow.as_ref().and_then(|flow| flow.trusted.as_deref());
        let trusted = trusted.map(Regex::new).transpose();
        let trusted = trusted.map_err(|error| format!("metadata.flow.trusted: {error}"))?;
        Ok(Rule { about, matcher, fixer, trusted })
    }
}

/// An error with its causes, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::split_note;

    #[test]
    fn a_note_is_split() {
        let (impact, fix) = split_note("Impact: it burns.\n  More.\nFix: put\n  it out.\n");
        assert_eq!(impact, "it burns. More.");
        assert_eq!(fix, "put it out.");
        assert_eq!(split_note("just a hint").1, "just a hint");
    }
}
