//! What is known of other linters: `rules/joined/tools.toml`, and of two of them the
//! rules that are told, `ruff.toml` and `shellcheck.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use findings::Severity;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::Domain;
use crate::rule::{About, Confidence, Metadata};

/// What a tool's columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    Characters,
    Utf16,
    Bytes,
    /// Known on lines of ASCII only.
    Unsure,
}

/// A linter of somebody else's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    /// What its names in SARIF begin with, in small letters.
    called: Vec<String>,
    pub(crate) columns: Unit,
    /// The number of the first column in its own JSON.
    #[serde(default = "one")]
    pub(crate) first: u64,
    /// What its rules are about, but for those that begin with …
    about: Domain,
    #[serde(default)]
    security: Vec<String>,
    #[serde(default)]
    performance: Vec<String>,
}

fn one() -> u64 {
    1
}

static TOOLS: LazyLock<BTreeMap<String, Tool>> =
    LazyLock::new(|| data(include_str!("../../rules/joined/tools.toml")));
static RUFF: LazyLock<Rules> = LazyLock::new(|| rules("ruff", include_str!("../../rules/joined/ruff.toml")));
static SHELLCHECK: LazyLock<Rules> =
    LazyLock::new(|| rules("shellcheck", include_str!("../../rules/joined/shellcheck.toml")));

/// The rules of a tool that are told, by its names for them.
pub(crate) type Rules = BTreeMap<String, About>;

#[expect(clippy::expect_used, reason = "data of ours, which a test reads")]
fn data<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("a table of ours")
}

/// Domain → severity → rule → title, maybe with a CWE at its end.
fn rules(tool: &str, text: &str) -> Rules {
    let table: BTreeMap<Domain, BTreeMap<Severity, BTreeMap<String, String>>> = data(text);
    let mut rules = Rules::new();
    for (domain, levels) in table {
        for (severity, titles) in levels {
            for (code, title) in titles {
                rules.insert(code.clone(), about(tool, &code, &title, severity, domain));
            }
        }
    }
    rules
}

fn about(tool: &str, code: &str, title: &str, severity: Severity, domain: Domain) -> About {
    let cwe = title.strip_suffix(')').and_then(|title| title.rsplit_once(" (CWE-"));
    let number = cwe.and_then(|(_, number)| number.parse().ok());
    let metadata = Metadata {
        title: Some(cwe.filter(|_| number.is_some()).map_or(title, |(title, _)| title).to_owned()),
        cwe: number.into_iter().collect(),
        confidence: Some(Confidence::High),
        noqa: vec![code.to_owned()],
        ..Metadata::default()
    };
    About::of(id(tool, code), severity, title.to_owned(), "", metadata, domain)
}

/// How a rule of another tool is called here.
pub(crate) fn id(tool: &str, rule: &str) -> String {
    if rule.is_empty() { tool.to_owned() } else { format!("{tool}/{rule}") }
}

/// The rules of a tool that are told whoever runs it; `None`: it has no such list.
pub(crate) fn exact_rules(tool: &str) -> Option<&'static Rules> {
    match tool {
        "ruff" => Some(&RUFF),
        "shellcheck" => Some(&SHELLCHECK),
        _ => None,
    }
}

/// The tool of this name, and how we call it.
pub(crate) fn named(name: &str) -> Option<(&'static str, &'static Tool)> {
    TOOLS.get_key_value(name).map(|(name, tool)| (name.as_str(), tool))
}

/// The tool that calls itself this in SARIF.
pub(crate) fn called(driver: &str) -> Option<(&'static str, &'static Tool)> {
    let driver = driver.to_lowercase();
    let is_it = |tool: &Tool| tool.called.iter().any(|name| driver.starts_with(name.as_str()));
    TOOLS.iter().find(|(_, tool)| is_it(tool)).map(|(name, tool)| (name.as_str(), tool))
}

impl Tool {
    /// What one of its rules is about.
    pub(crate) fn domain(&self, rule: &str) -> Domain {
        let begins = |list: &[String]| list.iter().any(|start| rule.starts_with(start.as_str()));
        if begins(&self.security) {
            Domain::Security
        } else if begins(&self.performance) {
            Domain::Performance
        } else {
            self.about
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_read() {
        let (_, eslint) = called("ESLint").unwrap();
        assert_eq!((eslint.columns, eslint.first), (Unit::Utf16, 1));
        assert_eq!(eslint.domain("no-eval"), Domain::Security);
        assert_eq!(eslint.domain("no-undef"), Domain::Correctness);
        assert_eq!(called("Semgrep OSS").unwrap().0, "semgrep");
        assert!(called("unheard of").is_none());
        let verify = &exact_rules("ruff").unwrap()["S501"];
        assert_eq!(
            (verify.domain, verify.severity, &verify.cwe[..]),
            (Domain::Security, Severity::High, &[295][..])
        );
        assert_eq!(
            (verify.id.as_str(), verify.title.as_str()),
            ("ruff/S501", "Certificates are not checked")
        );
        assert!(exact_rules("shellcheck").unwrap().keys().all(|code| code.starts_with("SC2")));
    }
}
