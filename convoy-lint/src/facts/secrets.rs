//! Keys that open something, in any text. Their lines are not quoted.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::{Role, name};
use super::{Fact, Limits, Scene, pattern};

static KEY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"-----BEGIN ((RSA|EC|DSA|OPENSSH|PGP) )?PRIVATE KEY( BLOCK)?-----"));
static BODY: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9+/]{40,}"));

/// Files whose keys are made for tests, or for readers.
fn is_sample(file: &FileDiff) -> bool {
    matches!(file.role, Role::Test(_) | Role::Docs | Role::Made)
        || ["example", "sample", "fixture", "mock", "dummy", "template", "test"]
            .iter()
            .any(|word| file.path.to_string_lossy().to_ascii_lowercase().contains(word))
}

/// A private key, in a file of its own or in another.
pub(super) fn private_key(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let of_line = |(number, line): (usize, &Line)| {
            let begin = KEY.find(&line.text)?;
            let behind = &line.text[begin.end()..];
            let next = file.line(number + 1).map(|line| line.text.as_str()).unwrap_or_default();
            // PGP has a version or an empty line first.
            let later = file.line(number + 3).map(|line| line.text.as_str()).unwrap_or_default();
            [behind, next, later].iter().any(|text| BODY.is_match(text)).then(|| Fact::at(file, number))
        };
        let in_text: Vec<Fact> = file.fresh().filter_map(of_line).collect();
        if in_text.is_empty() && file.is_new && is_key_file(&file.path) {
            vec![Fact::at(file, 1)]
        } else {
            in_text
        }
    };
    scene.files.iter().filter(|file| !is_sample(file)).flat_map(facts).collect()
}

fn is_key_file(path: &Path) -> bool {
    let name = name(path).to_ascii_lowercase();
    ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"].contains(&name.as_str())
        || [".p12", ".pfx", ".jks", ".keystore"].iter().any(|end| name.ends_with(end))
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) \b(?P<aws>AKIA[0-9A-Z]{16})\b | \b(?P<github>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b
        | \b(?P<gitlab>glpat-[\w-]{20,}) | \b(?P<slack>xox[abprs]-[0-9]+-[\w-]{10,}) | (?P<hook>hooks\.slack\.com/services/T\w+/B\w+/\w{20,})
        | \b(?P<stripe>[sr]k_live_[0-9a-zA-Z]{20,}) | \b(?P<google>AIza[\w-]{35})\b | \b(?P<sendgrid>SG\.[\w-]{22}\.[\w-]{43})
        | \b(?P<npm>npm_[A-Za-z0-9]{36})\b | \b(?P<pypi>pypi-AgEI[\w-]{50,}) | \b(?P<anthropic>sk-ant-[\w-]{24,})
        | \b(?P<openai>sk-(proj-)?[A-Za-z0-9]{40,})\b | (?P<login>[a-z]+://[\w.-]+:[^\s:@/'\x22{}<>$*%]{6,}@[\w.-]+\.[a-z]{2,})",
    )
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)^\s*(export\s+)?["']?\w*(secret|password|passwd|api_?key|access_?key|auth_?token)\w*["']?\s*[:=]\s*["']?(?P<value>[A-Za-z0-9+/_=\-]{20,})["']?\s*,?;?\s*$"#,
    )
});

/// A token of a service, or a value under a name that says what it is.
pub(super) fn token(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let of_line = |(number, line): (usize, &Line)| {
            let what = token_of(&line.text).or_else(|| named_in(file, &line.text))?;
            Some(Fact::at(file, number).with("WHAT", &what))
        };
        file.fresh().filter_map(of_line).collect::<Vec<_>>()
    };
    scene.files.iter().filter(|file| !is_sample(file)).flat_map(facts).collect()
}

fn token_of(text: &str) -> Option<&'static str> {
    let found = TOKEN.captures(text)?;
    let of = [
        ("aws", "an AWS access key"),
        ("github", "a GitHub token"),
        ("gitlab", "a GitLab token"),
        ("slack", "a Slack token"),
        ("hook", "the address of a Slack hook"),
        ("stripe", "a live key of Stripe"),
        ("google", "a Google API key"),
        ("sendgrid", "a SendGrid key"),
        ("npm", "an npm token"),
        ("pypi", "a PyPI token"),
        ("anthropic", "an Anthropic key"),
        ("openai", "an OpenAI key"),
        ("login", "a login with its password in an address"),
    ];
    let (value, what) = of.iter().find_map(|(name, what)| Some((found.name(name)?.as_str(), *what)))?;
    (!is_placeholder(value)).then_some(what)
}

/// In settings, a value that looks drawn by lot.
fn named_in(file: &FileDiff, text: &str) -> Option<&'static str> {
    const SETTINGS: [&str; 8] = ["env", "yml", "yaml", "json", "toml", "ini", "cfg", "properties"];
    let name = name(&file.path).to_ascii_lowercase();
    let is_settings = name.starts_with(".env") || SETTINGS.contains(&super::role::extension(&name));
    let value = NAMED.captures(text).filter(|_| is_settings)?.name("value")?.as_str();
    (is_random(value) && !is_placeholder(value)).then_some("what looks like a secret")
}

fn is_placeholder(value: &str) -> bool {
    let low = value.to_ascii_lowercase();
    let words = [
        "example",
        "changeme",
        "change_me",
        "placeholder",
        "your",
        "xxxx",
        "dummy",
        "fake",
        "test",
        "sample",
        "12345678",
        "abcdef",
        "password",
        "secret@",
        "user:pass",
        "localhost",
        "replace",
    ];
    let letters: BTreeSet<u8> = low.bytes().collect();
    words.iter().any(|word| low.contains(word)) || letters.len() < 8
}

/// Letters of both kinds and digits, hardly one twice.
fn is_random(value: &str) -> bool {
    let letters: BTreeSet<u8> = value.bytes().collect();
    value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && letters.len() * 5 >= value.len().min(32) * 2
        && letters.len() >= 10
        && !value.contains("--")
        && value.split(['-', '_']).all(|part| !part.is_empty())
        && value.split(['-', '_', '/']).count() <= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_for_a_secret_is_none() {
        let real = ["ghp", "_", "a8Kd02mZq7Lx91Wv5Rt3Yb6Nc4Hf0Jg2Sd8P"].concat();
        assert_eq!(token_of(&format!("x = '{real}'")), Some("a GitHub token"));
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "postgres://user:password@db.example.org/x",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ] {
            assert_eq!(token_of(text), None, "{text}");
        }
        assert!(is_random("q8Zt2LmV7rXw0KpN4sYb"));
        assert!(!is_random("my-service-account-name"));
    }
}
