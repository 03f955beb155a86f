//! A start as it comes from the wire, and the command line it becomes.
//!
//! Only what is here can be asked for: a template that is installed, a project
//! below an allowed directory, inputs. No command, no variable, no model, no
//! path outside the project.

use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::ids::Name;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::http::problem::Problem;

const MAX_FILES: usize = 500;
const MAX_WORD: usize = 4096;

/// The body of a start.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Start {
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    context: Option<Inputs>,
    /// Who does the work, if not those whom the template names.
    #[serde(default)]
    runner: Option<Runner>,
    /// How long each agent may take: `90s`, `20m`, `2h`.
    #[serde(default)]
    agent_timeout: Option<String>,
}

/// Those that come with convoy. None that runs a command of somebody's own.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Runner {
    /// Rules, no AI.
    Builtin,
    Claude,
    Codex,
    Gemini,
    Opencode,
}

impl Runner {
    fn name(self) -> &'static str {
        match self {
            Runner::Builtin => "builtin",
            Runner::Claude => "claude",
            Runner::Codex => "codex",
            Runner::Gemini => "gemini",
            Runner::Opencode => "opencode",
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Inputs {
    #[serde(default)]
    project_path: Option<EncodedPath>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    diff: Option<Diff>,
    #[serde(default)]
    pr_url: Option<String>,
    #[serde(default)]
    issue_id: Option<String>,
    #[serde(default)]
    params: Map<String, Value>,
}

/// `true`: since the default branch; a text: since that.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Diff {
    Default(bool),
    Base(String),
}

/// Where projects may be.
#[derive(Debug, Clone)]
pub(crate) struct Roots(pub(crate) Vec<PathBuf>);

impl Roots {
    /// The project as the kernel names it, if it is below a root.
    fn project(&self, path: &Path) -> Result<PathBuf, Problem> {
        let shown = base::text::path(path);
        if !path.is_absolute() {
            return Err(Problem::invalid(format!("projectPath: {shown} is not an absolute path")));
        }
        let real = path.canonicalize().map_err(|error| {
            Problem::invalid(format!("projectPath: {shown}: {error}", error = base::error::reason(&error)))
        })?;
        if !real.is_dir() {
            return Err(Problem::invalid(format!("projectPath: {shown} is not a directory")));
        }
        let inside = |root: &PathBuf| root.canonicalize().is_ok_and(|root| real.starts_with(root));
        if self.0.iter().any(inside) {
            Ok(real)
        } else {
            Err(Problem::invalid(format!(
                "projectPath: {shown} is not below a directory this dashboard may work on; start it with --allow-root {shown}"
            )))
        }
    }
}

impl Start {
    /// The words of `convoy-start`.
    pub(crate) fn words(&self, roots: &Roots) -> Result<Vec<String>, Problem> {
        let template = self.template.as_deref().filter(|name| !name.is_empty());
        let template = template.ok_or_else(|| Problem::bad_request("template is missing"))?;
        let template: Name =
            template.parse().map_err(|error| Problem::invalid(format!("template: {error}")))?;
        let nothing = Inputs::default();
        let inputs = self.context.as_ref().unwrap_or(&nothing);
        let project = inputs.project_path.as_ref().filter(|path| !path.as_path().as_os_str().is_empty());
        let project = project.ok_or_else(|| Problem::bad_request("context.projectPath is missing"))?;
        let project = roots.project(project.as_path())?;
        let project = project.to_str().ok_or_else(|| {
            Problem::invalid(
                "projectPath: a path that is not UTF-8 can be started from the command line only",
            )
        })?;
        let mut words = vec![template.to_string(), format!("--project-path={project}")];
        words.extend(inputs.words()?);
        words.extend(self.runner.map(|runner| format!("--runner={}", runner.name())));
        if let Some(time) = self.agent_timeout.as_deref().filter(|time| !time.is_empty()) {
            let ms = base::duration::parse(time)
                .map_err(|error| Problem::invalid(format!("agentTimeout: {error}")))?;
            words.push(format!("--agent-timeout={ms}ms"));
        }
        Ok(words)
    }
}

impl Inputs {
    fn words(&self) -> Result<Vec<String>, Problem> {
        let mut words = Vec::new();
        if self.files.len() > MAX_FILES {
            return Err(Problem::invalid(format!("files: at most {MAX_FILES}")));
        }
        for pattern in &self.files {
            check_pattern(pattern)?;
            words.push(format!("--files={pattern}"));
        }
        match &self.diff {
            Some(Diff::Default(true)) => words.push("--diff".to_owned()),
            Some(Diff::Base(base)) => {
                check_base(base)?;
                words.push(format!("--diff={base}"));
            }
            Some(Diff::Default(false)) | None => {}
        }
        if let Some(url) = self.pr_url.as_deref().filter(|url| !url.is_empty()) {
            check_word("prUrl", url)?;
            if !(url.starts_with("https://") || url.starts_with("http://")) {
                return Err(Problem::invalid("prUrl: an address begins with https://"));
            }
            words.push(format!("--pr-url={url}"));
        }
        if let Some(issue) = self.issue_id.as_deref().filter(|issue| !issue.is_empty()) {
            check_word("issueId", issue)?;
            words.push(format!("--issue={issue}"));
        }
        for (name, value) in &self.params {
            words.push(format!("--param={name}={}", param(name, value)?));
        }
        Ok(words)
    }
}

fn check_word(what: &str, word: &str) -> Result<(), Problem> {
    if word.len() > MAX_WORD {
        return Err(Problem::invalid(format!("{what}: too long")));
    }
    if word.chars().any(char::is_control) {
        return Err(Problem::invalid(format!("{what}: no control characters")));
    }
    Ok(())
}

/// A pattern stays in the project, whatever it matches.
fn check_pattern(pattern: &str) -> Result<(), Problem> {
    check_word("files", pattern)?;
    let shown = base::text::visible(pattern);
    if pattern.is_empty() || pattern.starts_with(['/', '~']) {
        return Err(Problem::invalid(format!("files: '{shown}' is not relative to the project")));
    }
    if pattern.split(['/', '{', '}', ',']).any(|part| part == "..") {
        return Err(Problem::invalid(format!("files: '{shown}' leads out of the project")));
    }
    Ok(())
}

/// A revision, never an option of git.
fn check_base(base: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/@^~{}-#".contains(c);
    if base.is_empty() || base.len() > 256 || base.starts_with('-') || !base.chars().all(plain) {
        return Err(Problem::invalid("diff: name a branch, a tag or a commit"));
    }
    Ok(())
}

fn param(name: &str, value: &Value) -> Result<String, Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(Problem::invalid("params: names have letters, digits, '_' and '-'"));
    }
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(Problem::invalid(format!("params.{name}: a text, a number, true or false")));
        }
    };
    if value.contains('\0') {
        return Err(Problem::invalid(format!("params.{name}: no NUL")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(body: Value, root: &Path) -> Result<Vec<String>, u16> {
        let start: Start = serde_json::from_value(body).map_err(|_| 0_u16)?;
        start.words(&Roots(vec![root.to_path_buf()])).map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_start_becomes_words_and_never_more() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let inside = root.join("a b");
        std::fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink("/", root.join("out")).unwrap();
        let with = |more: Value| {
            let mut context = json!({ "projectPath": inside });
            context.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            words(json!({ "template": "code-review", "context": context }), &root)
        };
        assert_eq!(
            with(
                json!({ "files": ["src", "-x"], "diff": "main", "prUrl": "https://h/1", "issueId": "-5", "params": { "k": 1, "t": "$(id)" } })
            ),
            Ok(vec![
                "code-review".to_owned(),
                format!("--project-path={}", inside.display()),
                "--files=src".to_owned(),
                "--files=-x".to_owned(),
                "--diff=main".to_owned(),
                "--pr-url=https://h/1".to_owned(),
                "--issue=-5".to_owned(),
                "--param=k=1".to_owned(),
                "--param=t=$(id)".to_owned(),
            ])
        );
        for bad in [
            json!({ "files": ["../x"] }),
            json!({ "files": ["/etc/passwd"] }),
            json!({ "files": ["a/../../b"] }),
            json!({ "files": ["{..,a}/x"] }),
            json!({ "files": ["a\u{0}b"] }),
            json!({ "files": [""] }),
            json!({ "diff": "--output=/x" }),
            json!({ "diff": "a b" }),
            json!({ "prUrl": "javascript:1" }),
            json!({ "issueId": "a\nb" }),
            json!({ "params": { "a=b": 1 } }),
            json!({ "params": { "a": [] } }),
            json!({ "projectPath": root.join("out") }),
            json!({ "projectPath": "/" }),
            json!({ "projectPath": "relative" }),
            json!({ "projectPath": root.join("missing") }),
        ] {
            assert_eq!(with(bad.clone()), Err(422), "{bad}");
        }
        assert_eq!(words(json!({}), &root), Err(400));
        assert_eq!(words(json!({ "template": "x", "context": {} }), &root), Err(400));
        for name in ["../x", "/tmp/t.json", "-h", "a b", "a.json"] {
            assert_eq!(
                words(json!({ "template": name, "context": { "projectPath": inside } }), &root),
                Err(422),
                "{name}"
            );
        }
        for unknown in [
            json!({ "command": ["sh"] }),
            json!({ "env": {} }),
            json!({ "model": "x" }),
            json!({ "runner": "command" }),
            json!({ "runner": ["claude"] }),
        ] {
            assert_eq!(words(unknown.clone(), &root), Err(0), "{unknown}");
        }
    }
}
