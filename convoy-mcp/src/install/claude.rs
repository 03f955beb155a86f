//! Claude Code: the entry in `.claude.json`, and the approvals of its tools in
//! `settings.json`. It knows no limit of a call (measured: 1,200 s).

use base::environment::Environment;
use base::program::Failure;
use jsonc_parser::cst::CstArray;
use serde_json::json;

use super::json::{Settings, command_and_args};
use super::{Change, Entry, SERVER, home, pretty, unreadable};

pub(crate) fn changes(environment: &Environment, entry: Option<&Entry>) -> Result<Vec<Change>, Failure> {
    let own = environment.var("CLAUDE_CONFIG_DIR").filter(|value| !value.is_empty());
    let (servers, settings) = match own {
        Some(dir) => {
            let dir = environment.current_dir.join(dir);
            (dir.join(".claude.json"), dir.join("settings.json"))
        }
        None => (home(environment)?.join(".claude.json"), home(environment)?.join(".claude/settings.json")),
    };
    Ok(vec![
        server(Settings::open(servers, false)?, entry)?,
        approvals(Settings::open(settings, false)?, entry)?,
    ])
}

fn server(settings: Settings, entry: Option<&Entry>) -> Result<Change, Failure> {
    let value = entry.map(|entry| {
        json!({
            "type": "stdio",
            "command": entry.program(),
            "args": entry.words(),
            "env": entry.variables,
        })
    });
    let shown = settings.put("mcpServers", value, command_and_args)?;
    Ok(settings.finish(shown))
}

/// `permissions.allow` names each tool that is offered, and none of ours besides.
fn approvals(settings: Settings, entry: Option<&Entry>) -> Result<Change, Failure> {
    let begin = format!("mcp__{SERVER}__");
    let wanted: Vec<String> = entry
        .map(|entry| entry.tools.iter().map(|tool| format!("{begin}{tool}")).collect())
        .unwrap_or_default();
    let top = settings.top();
    let Some(allow) = allowed(&settings, &top, entry.is_some())? else {
        return Ok(settings.finish(String::new()));
    };
    let text = |node: &jsonc_parser::cst::CstNode| {
        node.to_serde_value().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let mut there = Vec::new();
    for node in allow.elements() {
        let rule = text(&node);
        if rule.starts_with(&begin) && !wanted.contains(&rule) {
            node.remove();
        } else {
            there.push(rule);
        }
    }
    for rule in wanted.iter().filter(|rule| !there.contains(rule)) {
        allow.append(rule.as_str().into());
    }
    let shown = if wanted.is_empty() {
        String::new()
    } else {
        pretty(&json!({ "permissions": { "allow": wanted } }))
    };
    Ok(settings.finish(shown))
}

/// The list of what is allowed; made if it is to be.
fn allowed(
    settings: &Settings,
    top: &jsonc_parser::cst::CstObject,
    create: bool,
) -> Result<Option<CstArray>, Failure> {
    let permissions = match (settings.object(top, "permissions")?, create) {
        (Some(permissions), _) => permissions,
        (None, true) => settings.object_or_new(top, "permissions")?,
        (None, false) => return Ok(None),
    };
    match permissions.get("allow") {
        Some(property) => match property.array_value() {
            Some(array) => Ok(Some(array)),
            None => Err(unreadable(settings.path(), &"'permissions.allow' is no list")),
        },
        None => Ok(create.then(|| permissions.array_value_or_set("allow"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::{entry, in_file};
    use super::*;

    #[test]
    fn approvals_follow_what_is_offered_and_leave_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = in_file(
            dir.path(),
            "settings.json",
            "{\n  \"permissions\": {\n    \"allow\": [\"Bash(ls:*)\", \"mcp__pan__stop\"]\n  }\n}\n",
        );
        let open = || Settings::open(path.clone(), false).unwrap();
        let change = approvals(open(), Some(&entry())).unwrap();
        let after: Value = serde_json::from_str(&change.after).unwrap();
        assert_eq!(after, json!({ "permissions": { "allow": ["Bash(ls:*)", "mcp__pan__wait"] } }));
        std::fs::write(&path, &change.after).unwrap();
        assert!(approvals(open(), Some(&entry())).unwrap().is_none(), "twice is once");
        let gone: Value = serde_json::from_str(&approvals(open(), None).unwrap().after).unwrap();
        assert_eq!(gone, json!({ "permissions": { "allow": ["Bash(ls:*)"] } }));
    }
}
