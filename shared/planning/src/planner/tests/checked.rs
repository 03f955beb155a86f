//! `templates check` and a start are of one mind: what the one refuses, the other does.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A desk on which nothing is missing: what is refused is the files' fault.
fn desk() -> Desk {
    let mut desk = Desk::new();
    for key in ["ANTHROPIC_API_KEY", "CODEX_API_KEY", "GEMINI_API_KEY"] {
        desk.variables.insert(key.to_owned(), "x".to_owned());
    }
    for cli in ["claude", "codex", "gemini", "opencode", "qwen", "pi", "copilot"] {
        desk.program(cli, "echo '9.9.9'");
    }
    for sibling in ["convoy-inspect", "convoy-start"] {
        desk.program(sibling, "exit 0");
    }
    desk.agent("echo", "runner: command\ncommand: [echo, hello]\n");
    desk.agent("asks", "model: opus\ntools: Read, Bash(git log:*)\n");
    desk.agent("nobody", "runner: nope\n");
    desk.agent("lost", "runner: command\n");
    desk.agent("rules", "runner: builtin\n");
    desk.write("state/agents/torn.md", "---\nname: torn\n");
    desk.write("state/agents/keys.md", "---\nname: keys\ndescription: d\ntimeout: soon\n---\nWork.\n");
    desk.write("state/runners/torn.toml", "program = \"x\"\nkey = 1\n");
    desk.write("state/runners/quiet.toml", "description = \"d\"\nprogram = \"echo\"\nai = true\nprompt = \"stdin\"\nstream = \"plain\"\nreport = \"stdout\"\nunconfined = true\n");
    desk.write("state/convoy-templates/broken.json", "{");
    desk.write("state/convoy-templates/loop.json", r#"{"name":"loop","description":"d","extends":"t"}"#);
    desk.write("state/convoy-templates/base.json", BASE);
    desk
}

const BASE: &str = r#"{"name":"base","description":"d","agents":[{"role":"a","subagent":"echo"},{"role":"b","subagent":"echo","dependsOn":["a"]}]}"#;

/// Everything that a start may be given.
fn full_request() -> Request {
    let mut request = request("t");
    request.issues = ["one", "two"].map(Issue::named).into();
    request
}

/// What each says of the template, where it refuses it.
fn said(desk: &Desk, text: &str, request: &Request) -> (Option<String>, Option<String>) {
    desk.write("state/convoy-templates/t.json", text);
    let checked = check_template(&desk.environment(), &request.template);
    let line = |p: &Diagnostic| format!("{p}\n");
    (checked.err().map(|all| all.iter().map(line).collect()), desk.prepare(request).err())
}

fn template(agents: &Value, config: &Value) -> String {
    json!({"name": "t", "description": "d", "agents": agents, "config": config}).to_string()
}

/// Templates with a mistake each, and what must be named.
#[expect(clippy::too_many_lines, reason = "a table")]
fn broken() -> Vec<(String, &'static str)> {
    let one = |more: Value| {
        let mut agent = json!({"role": "a", "subagent": "echo"});
        for (key, value) in more.as_object().unwrap() {
            agent[key] = value.clone();
        }
        json!([agent])
    };
    let agents = |more: Value| template(&one(more), &json!({}));
    let config = |config: Value| template(&one(json!({})), &config);
    let two = |second: Value| template(&json!([{"role": "a", "subagent": "echo"}, second]), &json!({}));
    let whole = |value: Value| value.to_string();
    let each = |more: Value, params: Value| {
        let agents = one(more);
        whole(json!({"name": "t", "description": "d", "params": params, "agents": agents}))
    };
    vec![
        // The file.
        (String::new(), "JSON"),
        ("[]".to_owned(), "expected a table"),
        ("{\"name\": \"t\", \"name\": \"t\"}".to_owned(), "'name'"),
        (whole(json!({"description": "d", "agents": one(json!({}))})), "'name'"),
        (whole(json!({"name": "t", "agents": one(json!({}))})), "'description'"),
        (whole(json!({"name": "t", "description": "d"})), "'agents'"),
        (whole(json!({"name": "t", "description": "d", "agents": []})), "agents"),
        (whole(json!({"name": "u", "description": "d", "agents": one(json!({}))})), "'u'"),
        (whole(json!({"name": "A B", "description": "d", "agents": one(json!({}))})), "'A B'"),
        (whole(json!({"name": "t", "description": "d", "agent": [], "agents": one(json!({}))})), "'agent'"),
        // What it extends.
        (whole(json!({"name": "t", "description": "d", "extends": "nope"})), "'nope'"),
        (whole(json!({"name": "t", "description": "d", "extends": "broken"})), "broken"),
        (whole(json!({"name": "t", "description": "d", "extends": "loop"})), "loop"),
        (
            whole(json!({"name": "t", "extends": "base", "agents": [{"role": "zzz", "remove": true}]})),
            "'zzz'",
        ),
        (
            whole(json!({"name": "t", "extends": "base", "agents": [{"role": "b", "dependsOn": ["zzz"]}]})),
            "'zzz'",
        ),
        (
            whole(
                json!({"name": "t", "extends": "base", "agents": [{"role": "a", "remove": true}, {"role": "b", "remove": true}]}),
            ),
            "agents",
        ),
        // Agents.
        (template(&json!([{"subagent": "echo"}]), &json!({})), "'role'"),
        (template(&json!([{"role": "a"}]), &json!({})), "'subagent'"),
        (agents(json!({"role": "merged"})), "'merged'"),
        (agents(json!({"role": "A/B"})), "'A/B'"),
        (agents(json!({"subagent": "zzz"})), "'zzz'"),
        (agents(json!({"subagent": "nobody"})), "'nope'"),
        (agents(json!({"subagent": "torn"})), "torn"),
        (agents(json!({"subagent": "keys"})), "keys"),
        (agents(json!({"subagent": "lost"})), "needs a 'command'"),
        (agents(json!({"subagent": "rules"})), "does not know the agent 'rules'"),
        (agents(json!({"runner": "zzz"})), "'zzz'"),
        (agents(json!({"runner": "torn"})), "torn"),
        (agents(json!({"runner": ["claude", "zzz"]})), "'zzz'"),
        (agents(json!({"runner": ["claude", "claude"]})), "claude"),
        (agents(json!({"runner": {"not": "zzz"}})), "'zzz'"),
        (agents(json!({"runner": {"not": []}})), "runner"),
        (agents(json!({"subagent": "asks", "runner": "command"})), "needs a 'command'"),
        (agents(json!({"subagent": "asks", "runner": ["claude", "command"]})), "needs a 'command'"),
        (agents(json!({"subagent": "asks", "runner": "builtin"})), "does not know the agent 'asks'"),
        (agents(json!({"command": []})), "command"),
        (agents(json!({"command": "echo x"})), "shell"),
        (
            agents(json!({"subagent": "asks", "runner": "quiet", "budgetUsd": 1})),
            "does not tell what it spends",
        ),
        (
            agents(json!({"subagent": "asks", "runner": "quiet", "budgetTokens": 1000})),
            "does not tell what it spends",
        ),
        (
            agents(json!({"subagent": "asks", "runner": ["claude", "quiet"], "budgetTokens": 1000})),
            "does not tell what it spends",
        ),
        (agents(json!({"report": "poem"})), "'poem'"),
        (agents(json!({"timeout": "soon"})), "'timeout'"),
        (agents(json!({"timeout": -1})), "'timeout'"),
        (agents(json!({"retries": -1})), "'retries'"),
        (agents(json!({"budgetUsd": 0})), "'budgetUsd'"),
        (agents(json!({"env": {"A=B": "x"}})), "A=B"),
        (agents(json!({"env": ["A"]})), "'env'"),
        (agents(json!({"prompt": "{{zzz}}"})), "zzz"),
        (agents(json!({"prompt": "{{params.zzz}}"})), "zzz"),
        (agents(json!({"prompt": "{{item}}"})), "item"),
        (agents(json!({"model": "{{item}}"})), "model"),
        (agents(json!({"parallel": "no"})), "'parallel'"),
        (agents(json!({"colour": "red"})), "'colour'"),
        // Their order.
        (agents(json!({"dependsOn": ["zzz"]})), "'zzz'"),
        (agents(json!({"dependsOn": ["a"]})), "a"),
        (two(json!({"role": "a", "subagent": "echo"})), "'a'"),
        (two(json!({"role": "b", "subagent": "echo", "dependsOn": ["a"], "require": 2})), "'require'"),
        (two(json!({"role": "b", "subagent": "echo", "dependsOn": ["a"], "require": 0})), "'require'"),
        (
            template(
                &json!([
                    {"role": "a", "subagent": "echo", "dependsOn": ["b"]},
                    {"role": "b", "subagent": "echo", "dependsOn": ["a"]}
                ]),
                &json!({}),
            ),
            "cycle",
        ),
        // An agent for each item.
        (agents(json!({"forEach": "things"})), "'forEach'"),
        (agents(json!({"forEach": []})), "'forEach'"),
        (agents(json!({"forEach": {"files": 0}})), "'forEach'"),
        (each(json!({"forEach": "{{params.zzz}}"}), json!({})), "zzz"),
        (each(json!({"forEach": "{{params.k}}"}), json!({"k": {"type": "string", "default": "x"}})), "list"),
        (agents(json!({"role": "x".repeat(48), "forEach": ["one"]})), "xxx"),
        (agents(json!({"role": "x".repeat(48), "forEach": "issues"})), "xxx"),
        (
            template(
                &json!([
                    {"role": "a", "subagent": "echo", "forEach": ["x"]},
                    {"role": "a-1", "subagent": "echo"}
                ]),
                &json!({}),
            ),
            "'a-1'",
        ),
        (
            template(
                &json!([
                    {"role": "a", "subagent": "echo", "forEach": ["x", "y"]},
                    {"role": "b", "subagent": "echo", "dependsOn": ["a"], "require": 3}
                ]),
                &json!({}),
            ),
            "'require'",
        ),
        (agents(json!({"forEach": vec!["x"; 1001]})), "1001"),
        // Params.
        (each(json!({}), json!({"k": {"type": "colour"}})), "'colour'"),
        (each(json!({}), json!({"k": {"type": "number", "default": "x"}})), "'default'"),
        (each(json!({}), json!({"A B": {"type": "number"}})), "A B"),
        (each(json!({}), json!({"k": {"type": "string", "choices": ["a"], "default": "b"}})), "'default'"),
        // The convoy.
        (config(json!({"maxParallel": 0})), "'maxParallel'"),
        (config(json!({"budgetUsd": "much"})), "'budgetUsd'"),
        (config(json!({"convoyTimeout": "1 fortnight"})), "'convoyTimeout'"),
        (config(json!({"runner": "zzz"})), "'zzz'"),
        (config(json!({"outputDir": " "})), "'outputDir'"),
        (config(json!({"outputDir": "{{params.x}}"})), "outputDir"),
        (config(json!({"zzz": 1})), "'zzz'"),
    ]
}

#[test]
fn every_mistake_of_a_template_is_found_by_the_check_as_by_a_start() {
    let desk = desk();
    let (checked, started) =
        said(&desk, &template(&json!([{"role": "a", "subagent": "echo"}]), &json!({})), &full_request());
    assert_eq!((checked, started), (None, None));
    let mut wrong = String::new();
    for (text, names) in broken() {
        let (checked, started) = said(&desk, &text, &full_request());
        let named = |said: &Option<String>| said.as_ref().is_some_and(|said| said.contains(names));
        if !(named(&checked) && named(&started)) {
            let _ = write!(
                wrong,
                "\n{text:.300}\n  {names:?} is not named by both\n  check: {checked:?}\n  start: {started:?}\n"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// With a bit of everything.
fn rich() -> Value {
    json!({
        "name": "t",
        "description": "d",
        "params": {"k": {"type": "list", "default": ["x", "y"]}, "s": {"type": "string", "default": "z"}},
        "agents": [
            {"role": "first", "subagent": "echo", "report": "findings", "timeout": "20m", "retries": 1},
            {"role": "each", "subagent": "echo", "forEach": "{{params.k}}", "prompt": "{{item}} {{params.s}}"},
            {"role": "of-files", "subagent": "echo", "forEach": {"files": 5}},
            {"role": "asks", "subagent": "asks", "runner": ["claude", "codex"], "model": "opus", "budgetUsd": 1.5, "tools": ["Read"], "env": {"A": "b"}},
            {"role": "other", "subagent": "asks", "runner": {"not": "codex"}, "parallel": false},
            {"role": "last", "subagent": "echo", "dependsOn": ["first", "each", "asks"], "require": 2, "report": "synthesis", "command": ["echo", "x"]}
        ],
        "config": {"maxParallel": 2, "timeout": "1h", "convoyTimeout": "2h", "budgetUsd": 3, "runner": "claude", "outputDir": "out"}
    })
}

/// The places in a document, as JSON pointers; the document itself is none.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(child, &place, out);
        out.push(place);
    }
}

/// What a value is replaced by; `None`: it is taken out.
fn odd_values() -> Vec<Option<Value>> {
    let words = [
        "",
        " ",
        "nope",
        "echo",
        "asks",
        "lost",
        "rules",
        "torn",
        "nobody",
        "claude",
        "command",
        "builtin",
        "quiet",
        "first",
        "each",
        "last",
        "merged",
        "issues",
        "files",
        "{{params.k}}",
        "{{params.s}}",
        "{{params.zzz}}",
        "{{item}}",
        "findings",
        "synthesis",
        "any",
        "all",
        "5m",
        "-1",
        "a\0b",
        "A B",
    ];
    let others = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1),
        json!(7),
        json!(0.5),
        json!(1e300),
        json!(true),
        json!([]),
        json!(["first"]),
        json!(["echo", "x"]),
        json!(["zzz"]),
        json!([1]),
        json!({}),
        json!({"files": 3}),
        json!({"not": "claude"}),
        json!({"x": 1}),
    ];
    words.into_iter().map(Value::from).chain(others).map(Some).chain([None]).collect()
}

fn changed(mut document: Value, changes: &[(prop::sample::Index, prop::sample::Index)]) -> Value {
    for (place, odd) in changes {
        let mut all = Vec::new();
        places(&document, "", &mut all);
        if all.is_empty() {
            return document;
        }
        let place = place.get(&all);
        let odds = odd_values();
        let (parent, name) = place.rsplit_once('/').unwrap();
        match (odd.get(&odds), document.pointer_mut(parent).unwrap()) {
            (Some(value), _) => *document.pointer_mut(place).unwrap() = value.clone(),
            (None, Value::Object(entries)) => drop(entries.shift_remove(name)),
            (None, Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
            (None, _) => {}
        }
    }
    document
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_template_becomes_check_and_start_agree(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4)
    ) {
        thread_local! { static DESK: Desk = desk(); }
        let document = changed(rich(), &changes);
        let (checked, started) = DESK.with(|desk| said(desk, &document.to_string(), &full_request()));
        // What this machine lacks, or a start did not give, is no mistake of the file.
        let is_of_the_start = |line: &str| line.contains("needs --param") || line.contains("is empty (--param");
        let is_mistake = |line: &str| !line.contains("is not installed") && !is_of_the_start(line);
        prop_assert_eq!(
            checked.is_some(), started.as_ref().is_some_and(|said| said.lines().any(is_mistake)),
            "{}\ncheck: {:?}\nstart: {:?}", document, checked, started
        );
    }
}
