//! `start`: a request of a model, and the command line it becomes.
//!
//! Only what is here can be asked for: a template that is installed, files of the
//! project, inputs, a runner the user has. No command, no path of a template, no
//! permissions.

use std::collections::BTreeMap;

use base::exit::Exit;
use base::ids::{ConvoyId, Name};
use base::program::Failure;
use base::text;
use serde::Deserialize;
use serde_json::json;

use super::Desk;
use super::answer::Answer;

pub(crate) const GATES: [&str; 5] = ["blocker", "critical", "high", "medium", "low"];
const MOST_FILES: usize = 500;
const LONGEST_WORD: usize = 4096;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    template: Option<String>,
    #[serde(default)]
    files: Vec<String>,
    diff: Option<String>,
    commit: Option<String>,
    issue: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    runner: Option<String>,
    gate: Option<String>,
}

pub(crate) fn start(desk: &Desk, wanted: &Wanted) -> Result<Answer, Failure> {
    let said = desk.run("convoy-start", &words(wanted)?)?;
    let id = String::from_utf8_lossy(&said.stdout).trim().parse::<ConvoyId>().map_err(|error| {
        Failure::new(Exit::State, format!("convoy-start printed no id: {error}"))
            .hint("call list: it may run all the same")
    })?;
    let answer = Answer::new(&format!("{id} has started and works in the background"))
        .with("convoy", json!(id))
        .with("ended", json!(false))
        .next(format!("call wait with convoy {id}, again and again until ended is true"));
    Ok(if said.stderr.is_empty() { answer } else { answer.data("notes", json!(said.notes())) })
}

/// The words of `convoy-start`. Each value stands in one word with its option, so that
/// none can be an option of its own.
fn words(wanted: &Wanted) -> Result<Vec<String>, Failure> {
    let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let template = given(&wanted.template).unwrap_or_else(|| "code-review".to_owned());
    let template: Name = template.parse().map_err(|error| usage(format!("template: {error}")))?;
    let mut words = vec![template.to_string()];
    if wanted.files.len() > MOST_FILES {
        return Err(usage(format!("files: {} are more than {MOST_FILES}", wanted.files.len())));
    }
    for pattern in &wanted.files {
        words.push(format!("--files={}", inside("files", pattern)?));
    }
    let names_work =
        !wanted.files.is_empty() || given(&wanted.commit).is_some() || given(&wanted.issue).is_some();
    match given(&wanted.diff) {
        Some(base) if base == "default" => words.push("--diff".to_owned()),
        Some(base) => words.push(format!("--diff={}", revision("diff", &base)?)),
        None if !names_work && template.as_str() == "code-review" => words.push("--diff".to_owned()),
        None => {}
    }
    if let Some(commit) = given(&wanted.commit) {
        words.push(format!("--commit={}", revision("commit", &commit)?));
    }
    if let Some(issue) = given(&wanted.issue) {
        words.push(format!("--issue={}", word("issue", &issue)?));
    }
    for (name, value) in &wanted.params {
        let name: Name = name.parse().map_err(|error| usage(format!("params: {error}")))?;
        words.push(format!("--param={name}={}", word("params", value)?));
    }
    if let Some(runner) = given(&wanted.runner) {
        let runner: Name = runner.parse().map_err(|error| usage(format!("runner: {error}")))?;
        words.push(format!("--runner={runner}"));
    }
    if let Some(gate) = given(&wanted.gate) {
        if !GATES.contains(&gate.as_str()) {
            return Err(usage(format!("gate: use {}", GATES.join(", "))));
        }
        words.push(format!("--gate={gate}"));
    }
    Ok(words)
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message).hint("call start again with a value that can be")
}

fn word<'v>(what: &str, value: &'v str) -> Result<&'v str, Failure> {
    if value.len() > LONGEST_WORD || value.contains('\0') {
        return Err(usage(format!("{what}: at most {LONGEST_WORD} bytes, and no NUL")));
    }
    Ok(value)
}

/// A pattern of files of the project.
fn inside<'v>(what: &str, pattern: &'v str) -> Result<&'v str, Failure> {
    word(what, pattern)?;
    let bare = pattern.strip_prefix('!').unwrap_or(pattern);
    let leaves = bare.split(['/', '{', '}', ',']).any(|part| part == "..");
    if bare.is_empty() || bare.starts_with(['/', '~']) || leaves {
        let shown = text::visible(pattern);
        return Err(usage(format!("{what}: '{shown}' is not relative to the project, or leads out of it")));
    }
    Ok(pattern)
}

/// A revision, never an option of git.
fn revision<'v>(what: &str, name: &'v str) -> Result<&'v str, Failure> {
    word(what, name)?;
    let plain = |c: char| c.is_alphanumeric() || "._/@^~{}-#+".contains(c);
    if name.starts_with('-') || !name.chars().all(plain) {
        return Err(usage(format!("{what}: '{}' names no branch, tag or commit", text::visible(name))));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn of(value: Value) -> Result<Vec<String>, String> {
        let wanted: Wanted = serde_json::from_value(value).map_err(|error| error.to_string())?;
        words(&wanted).map_err(|failure| failure.message)
    }

    #[test]
    fn a_request_becomes_words_and_never_an_option_of_its_own() {
        assert_eq!(of(json!({})).unwrap(), ["code-review", "--diff"]);
        assert_eq!(
            of(json!({ "template": "planning", "issue": "--runner" })).unwrap(),
            ["planning", "--issue=--runner"]
        );
        assert_eq!(
            of(json!({ "files": ["src", "-x", "!lib/**"], "diff": "main", "commit": null,
                "params": { "t": "$(id)" }, "runner": "builtin", "gate": "low" }))
            .unwrap(),
            [
                "code-review",
                "--files=src",
                "--files=-x",
                "--files=!lib/**",
                "--diff=main",
                "--param=t=$(id)",
                "--runner=builtin",
                "--gate=low"
            ]
        );
    }

    #[test]
    fn what_leads_out_of_the_project_or_into_a_command_is_refused() {
        for bad in [
            json!({ "template": "/tmp/t.json" }),
            json!({ "template": "../t" }),
            json!({ "template": "-h" }),
            json!({ "files": ["/etc/passwd"] }),
            json!({ "files": ["!../x"] }),
            json!({ "files": ["a/{..,b}/c"] }),
            json!({ "files": ["~/x"] }),
            json!({ "files": [""] }),
            json!({ "files": ["a\u{0}b"] }),
            json!({ "files": vec!["a"; MOST_FILES + 1] }),
            json!({ "diff": "--output=/x" }),
            json!({ "diff": "a b" }),
            json!({ "commit": "-x" }),
            json!({ "params": { "a=b": "1" } }),
            json!({ "runner": "a b" }),
            json!({ "gate": "none" }),
            json!({ "command": "sh" }),
            json!({ "dangerously_skip_permissions": true }),
            json!({ "files": "src" }),
        ] {
            assert!(of(bad.clone()).is_err(), "{bad}");
        }
    }
}
