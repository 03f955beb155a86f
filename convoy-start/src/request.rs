//! From the command line as typed to a request: parse, don't validate.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base::exit::Exit;
use base::ids::Role;
use base::program::Failure;
use base::text;
use findings::Severity;
use planning::document::Source;
use planning::file_selection::Selection;
use planning::joined::{HandedText, Joined};
use planning::planner::{Choices, Request, TemplateName};
use planning::{diagnostic, issues};
use protocol::plan::Issue;

use crate::cli::Arguments;
use crate::revision;

pub(crate) fn read(arguments: &Arguments) -> Result<Request, Failure> {
    let (diff, commit) = revision::read(arguments)?;
    Ok(Request {
        template: template(&arguments.template)?,
        project: arguments.project_path.clone().unwrap_or_else(|| PathBuf::from(".")),
        selection: Selection {
            patterns: arguments.files.clone(),
            excludes: arguments.exclude.clone(),
            usual_excludes: Vec::new(),
            diff,
            commit,
            pull_request: None,
            with_contents: false,
            since: None,
        },
        keeper: arguments.kept_by.clone(),
        issues: issues(&arguments.issue, arguments.issues_file.as_deref())?,
        pr_url: arguments.pr_url.clone(),
        runners: choices("--runner", &arguments.runner)?,
        models: choices("--model", &arguments.model)?,
        executors: choices("--executor", &arguments.executor)?,
        skip_permissions: arguments.dangerously_skip_permissions,
        agent_timeout_ms: arguments.agent_timeout,
        params: params(&arguments.param)?,
        gate: arguments.gate.as_deref().and_then(Severity::from_name),
        gate_on: arguments.gate_on.map(Into::into),
        verify: arguments.verify,
        budget_usd: arguments.budget_usd,
        budget_tokens: arguments.budget_tokens,
        joined: joined(arguments)?,
        settings: None,
    })
}

/// What the static reviewers are told of other linters.
fn joined(arguments: &Arguments) -> Result<Joined, Failure> {
    let sarif = arguments.with_sarif.iter().map(|file| handed(None, file));
    let json = arguments.with_json.chunks(2).filter_map(|pair| match pair {
        [tool, file] => Some(handed(Some(tool.to_string_lossy().into_owned()), Path::new(file))),
        _ => None,
    });
    let handed = sarif.chain(json).collect::<Result<_, _>>()?;
    Ok(Joined { join: arguments.join.clone(), roots: Vec::new(), handed })
}

/// More than this are no findings of files under review.
const MOST_FINDINGS: u64 = 64 << 20;

/// A file of findings, as it is now.
fn handed(tool: Option<String>, file: &Path) -> Result<HandedText, Failure> {
    let option = tool.as_ref().map_or("--with-sarif".to_owned(), |tool| format!("--with-json {tool}"));
    let what = format!("{option} {}", text::path(file));
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(MOST_FINDINGS + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::of_io(Exit::Usage, &what, &error))?;
    if bytes.len() as u64 > MOST_FINDINGS {
        return Err(Failure::new(Exit::Usage, format!("{what}: it is longer than 64 MB"))
            .hint("have the tool look at the files under review only"));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(Exit::Usage, format!("{what}: it is not UTF-8 text"))
            .hint("have the tool write it again")
    })?;
    let name = file.file_name().map_or_else(|| text::path(file), |name| text::path(Path::new(name)));
    Ok(HandedText { tool, name, text })
}

/// Those of the file, and those named on the command line that it does not have.
fn issues(named: &[String], file: Option<&Path>) -> Result<Vec<Issue>, Failure> {
    let mut all = match file {
        Some(file) => {
            let source = issues_source(file)?;
            issues::read(&source).map_err(|problem| diagnostic::failure(&[problem], "nothing was started"))?
        }
        None => Vec::new(),
    };
    for id in named {
        if !all.iter().any(|issue| issue.id == *id) {
            all.push(Issue::named(id));
        }
    }
    Ok(all)
}

/// More than this is no list of issues.
const MOST: u64 = 64 << 20;

fn issues_source(file: &Path) -> Result<Source, Failure> {
    let shown = text::path(file);
    let option = format!("--issues-file {shown}");
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(MOST).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::of_io(Exit::Usage, &option, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(Exit::Usage, format!("{option}: it is not UTF-8 text"))
            .hint("write it in UTF-8: iconv -t UTF-8 FILE")
    })?;
    Ok(Source { name: if file == Path::new("-") { "standard input".to_owned() } else { shown }, text })
}

fn template(given: &OsStr) -> Result<TemplateName, Failure> {
    TemplateName::read(given).map_err(|error| {
        Failure::new(Exit::Usage, format!("no template: {error}"))
            .hint("pan convoy templates lists them; a path has a / in it")
    })
}

fn params(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut params = BTreeMap::new();
    for word in given {
        let usage = |why| {
            Failure::new(Exit::Usage, format!("--param '{}': {why}", text::visible(word)))
                .hint("--param NAME=VALUE, once for each; several values of one: A,B")
        };
        let (name, value) = word.split_once('=').ok_or_else(|| usage("write it as K=V"))?;
        if params.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(usage("this param is given twice"));
        }
    }
    Ok(params)
}

/// `R` for all, `ROLE=R` for one. What a model may be called is not known here.
fn choices<T: FromStr<Err: Display>>(option: &str, given: &[String]) -> Result<Choices<T>, Failure> {
    let usage = |why: String| {
        Failure::new(Exit::Usage, format!("{option}: {why}"))
            .hint(format!("{option} NAME for all agents, {option} ROLE=NAME for one"))
    };
    let mut choices = Choices::default();
    for word in given {
        let (role, value) = match word.split_once('=') {
            Some((role, value)) => {
                (Some(role.parse::<Role>().map_err(|error| usage(error.to_string()))?), value)
            }
            None => (None, word.as_str()),
        };
        if value.is_empty() || value.contains(char::is_control) {
            return Err(usage(format!("'{}' names nothing", text::visible(word))));
        }
        let value = value.parse::<T>().map_err(|error| usage(error.to_string()))?;
        let before = match role {
            Some(role) => choices.roles.insert(role, value),
            None => choices.all.replace(value),
        };
        if before.is_some() {
            return Err(usage(format!("'{}' is the second choice for the same agents", text::visible(word))));
        }
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use planning::runner::Choice;

    use super::*;

    #[test]
    fn choices_are_for_all_or_for_one_role() {
        let given = ["claude,codex", "security=builtin"].map(str::to_owned);
        let read: Choices<Choice> = choices("--runner", &given).unwrap();
        assert_eq!(read.all.unwrap().to_string(), "claude,codex");
        assert_eq!(read.roles.len(), 1);
        for bad in [&["a", "b"][..], &["x=a", "x=b"], &[""], &["x="], &["X=a"], &["a/b"], &["a,"], &["a,a"]] {
            let given: Vec<String> = bad.iter().map(|&word| word.to_owned()).collect();
            assert!(choices::<Choice>("--runner", &given).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_template_is_a_name_or_a_path() {
        assert!(matches!(template(OsStr::new("code-review")), Ok(TemplateName::Named(_))));
        assert!(matches!(template(OsStr::new("./x")), Ok(TemplateName::File(_))));
        assert!(matches!(template(OsStr::new("x.json")), Ok(TemplateName::File(_))));
        assert!(template(OsStr::new("a b")).is_err());
    }
}
