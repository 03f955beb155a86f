//! Issues as people and trackers hand them over: `--issues-file FILE` or stdin.
//!
//! JSON is what `gh issue list --json …`, `glab issue list -O json` and the like
//! print: an array (or an object with one) of texts, numbers or objects, or one issue,
//! as `gh issue view` does.
//! Markdown has an issue a heading, else a list item, else a line that begins with
//! an id. Which of the two it is, is told by the first character.
//!
//! A script or a configuration has headings (`# comment`) and items as well. Agents
//! are paid for each issue, so what is not clearly a list of issues is refused.

mod markdown;

use base::text::visible;
use protocol::plan::Issue;
use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::document::Source;

use markdown::read_markdown;

/// Longest id, in characters.
const LONGEST_ID: usize = 64;
/// More issues than this are not for one convoy.
const MOST: usize = 1000;
/// What a list of issues may be.
const FORMS: &str = "JSON as of gh issue list --json number,title,body,labels, or Markdown with a heading an issue (## MIN-1: It crashes)";
/// Begins the id of an issue that has none.
const NUMBERED: &str = "issue-";

/// Reads a list of issues; every id once.
pub fn read(source: &Source) -> Result<Vec<Issue>, Diagnostic> {
    let text = source.text.trim_start_matches('\u{feff}');
    let issues = match text.trim_start().chars().next() {
        None => return Err(Diagnostic::new("it holds no issue").in_file(&source.name).hint(FORMS)),
        Some('[' | '{') => read_json(source, text)?,
        Some(_) => read_markdown(source, text)?,
    };
    if issues.is_empty() {
        return Err(Diagnostic::new("it holds no issue").in_file(&source.name).hint(FORMS));
    }
    if issues.len() > MOST {
        let message = format!("it holds {} issues; at most {MOST} are taken at once", issues.len());
        return Err(Diagnostic::new(message).in_file(&source.name).hint("hand over a part of them"));
    }
    check_ids(source, &issues)?;
    Ok(issues)
}

fn check_ids(source: &Source, issues: &[Issue]) -> Result<(), Diagnostic> {
    let mut seen = std::collections::BTreeSet::new();
    for issue in issues {
        let id = visible(&issue.id);
        let wrong = if issue.id.trim().is_empty() || issue.id.contains(char::is_control) {
            Some(format!("'{id}' is not an id"))
        } else if issue.id.chars().count() > LONGEST_ID {
            Some(format!("the id '{}…' is longer than {LONGEST_ID}", id.chars().take(20).collect::<String>()))
        } else if !seen.insert(&issue.id) {
            Some(format!("issue '{id}' is there twice"))
        } else {
            None
        };
        if let Some(message) = wrong {
            let problem = Diagnostic::new(message).in_file(&source.name);
            return Err(problem.hint("an id is one line, short, and there once: 42, MIN-12"));
        }
    }
    Ok(())
}

fn read_json(source: &Source, text: &str) -> Result<Vec<Issue>, Diagnostic> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // serde_json repeats the place; it is said once, in front.
        let message = message.split(" at line ").next().unwrap_or(&message);
        Diagnostic::new(format!("not JSON: {message}"))
            .in_file(&source.name)
            .at(error.line(), error.column().max(1))
            .hint(FORMS)
    })?;
    let list = match &json {
        Json::Array(list) => list.as_slice(),
        Json::Object(_) if from_json(&json).is_some() => std::slice::from_ref(&json),
        Json::Object(object) => ["issues", "items", "nodes"]
            .iter()
            .find_map(|key| object.get(*key)?.as_array().map(Vec::as_slice))
            .ok_or_else(|| Diagnostic::new("it has no list of issues").in_file(&source.name).hint(FORMS))?,
        _ => return Err(Diagnostic::new("it is no list of issues").in_file(&source.name).hint(FORMS)),
    };
    list.iter()
        .enumerate()
        .map(|(n, item)| {
            from_json(item).ok_or_else(|| {
                let message = format!("issue {} has neither number nor id", n + 1);
                Diagnostic::new(message).in_file(&source.name).hint(FORMS)
            })
        })
        .collect()
}

fn from_json(item: &Json) -> Option<Issue> {
    let word = |value: &Json| match value {
        Json::String(text) => Some(text.trim().trim_start_matches('#').to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let Json::Object(object) = item else { return word(item).map(Issue::named) };
    let first = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key)).filter(|v| !v.is_null());
    let text = |keys: &[&str]| first(keys).and_then(Json::as_str).unwrap_or_default().to_owned();
    let names = |keys: &[&str]| -> Vec<String> {
        let name = |value: &Json| match value {
            Json::String(text) => Some(text.clone()),
            Json::Object(inner) => ["name", "login", "username", "title"]
                .iter()
                .find_map(|k| inner.get(*k)?.as_str().map(str::to_owned)),
            _ => None,
        };
        first(keys).and_then(Json::as_array).into_iter().flatten().filter_map(name).collect()
    };
    Some(Issue {
        id: first(&["number", "iid", "key", "id"]).and_then(word)?,
        title: text(&["title", "summary"]),
        body: text(&["body", "description"]),
        labels: names(&["labels"]),
        assignees: names(&["assignees"]),
        url: first(&["url", "html_url", "web_url"]).and_then(Json::as_str).map(str::to_owned),
        comments: first(&["comments"])
            .and_then(|found| found.as_u64().or_else(|| found.as_array().map(|list| list.len() as u64))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Issue> {
        read(&Source { name: "i".into(), text: text.into() }).unwrap()
    }

    fn no(text: &str) -> String {
        read(&Source { name: "i".into(), text: text.into() }).unwrap_err().to_string()
    }

    fn ids(text: &str) -> Vec<(String, String)> {
        of(text).into_iter().map(|issue| (issue.id, issue.title)).collect()
    }

    fn pair(id: &str, title: &str) -> (String, String) {
        (id.to_owned(), title.to_owned())
    }

    #[test]
    fn what_gh_prints_is_read() {
        let text = r#"[{"number":12,"title":"It crashes","body":"On start.","labels":[{"name":"bug"}],
            "assignees":[{"login":"ann"}],"url":"https://x/12","comments":[{},{}]}, "MIN-3", 7]"#;
        let issues = of(text);
        assert_eq!((issues[0].id.as_str(), issues[0].title.as_str()), ("12", "It crashes"));
        assert_eq!((issues[0].labels.clone(), issues[0].comments), (vec!["bug".to_owned()], Some(2)));
        assert_eq!(issues[0].assignees, ["ann"]);
        assert_eq!((issues[1].id.as_str(), issues[2].id.as_str()), ("MIN-3", "7"));
        let gitlab = of(
            r#"{"issues":[{"id":900,"iid":4,"title":"t","description":"d","labels":["x"],"user_notes_count":1}]}"#,
        );
        assert_eq!((gitlab[0].id.as_str(), gitlab[0].body.as_str()), ("4", "d"));
        let one = of(r#"{"number":7,"title":"t","body":"b"}"#);
        assert_eq!((one.len(), one[0].id.as_str(), one[0].body.as_str()), (1, "7", "b"));
    }

    #[test]
    fn markdown_has_an_issue_a_heading_or_an_item_or_a_line() {
        let page = "# Open\n\n## MIN-1: It crashes\nLabels: bug, p1\nOn start.\n\n### Steps\n1. run\n\n## Faster search\n```\n# no heading\n```\n";
        let issues = of(page);
        assert_eq!(issues.len(), 2, "{issues:?}");
        assert_eq!((issues[0].id.as_str(), issues[0].labels.len()), ("MIN-1", 2));
        assert!(issues[0].body.starts_with("On start.") && issues[0].body.contains("### Steps"));
        assert_eq!((issues[1].id.as_str(), issues[1].title.as_str()), ("issue-2", "Faster search"));
        assert_eq!(
            ids("- #4 It crashes\n  on start\n- [ ] Docs\n"),
            [pair("4", "It crashes"), pair("issue-2", "Docs")]
        );
        assert_eq!(ids("MIN-1 One\n\nMIN-2 — Two\n"), [pair("MIN-1", "One"), pair("MIN-2", "Two")]);
        assert_eq!(ids("# MIN-1: only one\ntext\n"), [pair("MIN-1", "only one")]);
    }

    fn named(name: &str, text: &str) -> Result<Vec<Issue>, String> {
        read(&Source { name: name.into(), text: text.into() })
            .map_err(|problem| format!("{problem} {}", problem.hint.clone().unwrap_or_default()))
    }

    #[test]
    fn only_a_list_of_issues_is_one() {
        let shell =
            "# Sets what the build needs.\nset -eu\nexport A=1\nif [ -n \"$A\" ]; then\n  export C=3\nfi\n";
        let yaml = "# What runs.\nsteps:\n- uses: actions/checkout@v4\n- run: make\n";
        for (name, text) in [
            ("env.sh", format!("#!/bin/sh\n{shell}").as_str()),
            ("issues.md", "#!/usr/bin/env python3\nprint(1)\n"),
            ("env.sh", shell),
            ("standard input", shell),
            ("env", "export A=1\nexport B=2\n"),
            ("ci.yml", yaml),
            ("list.yaml", "- one\n- two\n"),
            ("a.toml", "# 1. What is meant\n[a]\n# two\n"),
            ("notes.txt", "a line\nanother\n"),
            ("a.csv", "id,title\n1,It crashes\n"),
            ("x", "MIN-1 a\0b\n"),
        ] {
            let told = named(name, text).unwrap_err();
            assert!(told.starts_with(&format!("{name}: ")) && told.contains("MIN-1: It crashes"), "{told}");
        }
        for (name, text, want) in [
            ("standard input", "## Faster search\nIt is slow.\n", 1),
            ("standard input", "- [ ] Docs\n- #4 It crashes\n", 2),
            ("dir.d/issues.MD", "# Faster search\nIt is slow.\n", 1),
            ("open.txt", "MIN-1 One\n12: Two\n", 2),
            ("issues.org", "MIN-1 One\n#2 Two\n", 2),
        ] {
            assert_eq!(named(name, text).map(|issues| issues.len()), Ok(want), "{name}");
        }
    }

    #[test]
    fn bad_lists_are_told() {
        for (text, want) in [
            ("", "i: it holds no issue"),
            ("[]", "i: it holds no issue"),
            ("[\n{]", "i:2:2: not JSON"),
            ("{}", "i: it has no list of issues"),
            ("[{\"title\":\"x\"}]", "i: issue 1 has neither number nor id"),
            ("[1, \"1\"]", "i: issue '1' is there twice"),
            ("[\"a\\nb\"]", "is not an id"),
        ] {
            let told = no(text);
            assert!(told.contains(want), "{text}: {told}");
        }
    }
}
