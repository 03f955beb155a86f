use std::path::PathBuf;

use super::*;
use protocol::plan::{Invocation, Origin};

use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::prices::Prices;

fn source(name: &str, text: &str) -> Source {
    Source { name: name.to_owned(), text: text.to_owned() }
}

fn built_in(name: &str) -> Runner {
    let text = match name {
        "claude" => include_str!("../../../../runners/claude.toml"),
        "command" => include_str!("../../../../runners/command.toml"),
        _ => include_str!("../../../../runners/builtin.toml"),
    };
    read(&source(name, text)).unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
}

fn facts(version: Option<&str>) -> Probe {
    let programs = ["claude", "tool", "convoy-lint", "convoy-merge"];
    Probe {
        programs: programs.map(|name| (name.to_owned(), PathBuf::from("/bin").join(name))).into(),
        version: version.map(|text| text.parse().unwrap()),
    }
}

fn resolved(
    runner: &str,
    request: &AgentRequest<'_>,
    facts: &Probe,
) -> Result<(Invocation, Vec<String>), Diagnostic> {
    let name = runner.parse().unwrap();
    resolve(&name, Origin::BuiltIn, &built_in(runner), request, facts, &Prices::default())
}

fn with_request<T>(tools: &[&str], act: impl FnOnce(AgentRequest<'_>) -> T) -> T {
    with_wish_of("code-review-security", tools, None, act)
}

fn with_wish_of<T>(
    subagent: &str,
    tools: &[&str],
    command: Option<&[String]>,
    act: impl FnOnce(AgentRequest<'_>) -> T,
) -> T {
    let subagent = subagent.parse().unwrap();
    let tools: Vec<String> = tools.iter().map(|&tool| tool.to_owned()).collect();
    act(AgentRequest {
        subagent: &subagent,
        model: Some("sonnet"),
        tools: &tools,
        withheld: &[],
        command,
        env: &BTreeMap::new(),
        budget_usd: None,
        reports_outside: false,
        data: false,
        skip_permissions: false,
    })
}

#[test]
fn claude_gets_the_least_it_needs() {
    let (invocation, notes) = with_request(&["Read", "Grep", "Glob"], |mut request| {
        request.budget_usd = Some(1.5);
        resolved("claude", &request, &facts(Some("2.1.330")))
    })
    .unwrap();
    let want = [
        "-p",
        "--output-format",
        "stream-json",
        "--verbose",
        "--restricted",
        "--permission-prompts",
        "none",
        "--strict-mcp-config",
        "--permission-mode",
        "dontAsk",
        "--tools",
        "{tools}",
        "--add-dir",
        "{read_dir}",
        "{output_dir}",
        "--allowedTools",
        "Edit(/{output_file})",
        "--max-turns",
        "200",
        "--model",
        "{model}",
        "--max-budget-usd",
        "1.50",
    ];
    assert_eq!(invocation.argv, want);
    assert_eq!(invocation.tools, ["Read", "Grep", "Glob", "Write"]);
    assert_eq!(invocation.prompt, PromptDelivery::Stdin);
    assert_eq!(invocation.cwd, Cwd::Own);
    assert_eq!(invocation.program.as_path(), PathBuf::from("/bin/claude"));
    assert!(!invocation.unconfined);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn older_and_unknown_versions_get_only_what_they_know() {
    for version in [Some("2.1.197"), None] {
        let (invocation, _) =
            with_request(&[], |request| resolved("claude", &request, &facts(version))).unwrap();
        let has = |word: &str| invocation.argv.iter().any(|w| w == word);
        assert!(has("--setting-sources"), "{version:?}");
        assert!(!has("--restricted") && !has("--permission-prompts"), "{version:?}");
        assert!(!has("--max-budget-usd"), "{version:?}");
        assert_eq!(invocation.tools, ["Write"]);
    }
}

#[test]
fn tools_are_exactly_those_of_the_agent_file() {
    let tools = ["Read", "Bash(git log:*)", "WebFetch", "mcp__x", "Edit(//etc/**)", "Read"];
    let (invocation, notes) =
        with_request(&tools, |request| resolved("claude", &request, &facts(Some("2.1.330")))).unwrap();
    assert_eq!(invocation.tools, ["Read", "Bash", "WebFetch", "Edit", "Write"]);
    let at = invocation.argv.iter().position(|w| w == "--allowedTools").unwrap();
    let allowed = &invocation.argv[at + 1..at + 4];
    assert_eq!(allowed, ["Edit(/{output_file})", "Bash(git log:*)", "WebFetch"]);
    assert_eq!(invocation.argv[at + 4], "--max-turns", "nothing else is allowed");
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn builtin_runs_siblings_and_knows_its_agents() {
    let (invocation, _) =
        with_request(&["Read"], |request| resolved("builtin", &request, &facts(None))).unwrap();
    assert_eq!(invocation.program.as_path(), PathBuf::from("/bin/convoy-lint"));
    assert_eq!(invocation.argv[..2], ["--domain", "security"]);
    assert!(invocation.static_only && invocation.model.is_none());
    let problem =
        with_wish_of("docs-reader", &[], None, |request| resolved("builtin", &request, &facts(None)))
            .unwrap_err();
    assert!(problem.message.contains("does not know the agent 'docs-reader'"));
}

#[test]
fn who_does_not_say_where_it_starts_starts_in_the_project() {
    let of = |more: &str| {
        let text = format!("description = \"d\"\nprogram = \"x\"\nprompt = \"stdin\"\n{more}");
        read(&source("r.toml", &text)).unwrap().cwd
    };
    for (more, want) in [("", Cwd::Project), ("cwd = \"project\"", Cwd::Project), ("cwd = \"own\"", Cwd::Own)]
    {
        assert_eq!(of(more), want, "{more}");
    }
    for name in ["builtin", "command"] {
        assert_eq!(built_in(name).cwd, Cwd::Project, "{name}");
    }
}

#[test]
fn command_runs_the_words_of_the_agent() {
    let command = ["tool", "{prompt_file}", "{x}"].map(str::to_owned);
    let (invocation, _) =
        with_wish_of("x", &["Read"], Some(&command), |request| resolved("command", &request, &facts(None)))
            .unwrap();
    assert_eq!(invocation.argv, ["{prompt_file}", "{x}"]);
    assert!(invocation.unconfined);
    let problem = with_request(&[], |request| resolved("command", &request, &facts(None))).unwrap_err();
    assert!(problem.message.contains("needs a 'command'"), "{problem}");
}

#[test]
fn what_is_not_installed_says_how_to_get_it() {
    let none = Probe::default();
    let problem = with_request(&[], |request| resolved("claude", &request, &none)).unwrap_err();
    assert!(problem.message.contains("'claude' is not installed"), "{problem}");
    assert!(problem.hint.unwrap().contains("npm install"));
}

/// A stream with this event and a good end.
fn event(ok: &str, keys: &str) -> String {
    format!("{ok}stream = \"jsonl\"\n[[events]]\n{keys}\n[[events]]\nis = \"done\"\n")
}

#[test]
fn parts_of_events_are_places_or_words() {
    let ok = "description = \"d\"\nprogram = \"x\"\nprompt = \"stdin\"\n";
    let keys =
        "is = \"tool-failed\"\nat = { tool = \"=shell\", said = \"/a | ^/b | =no\" }\ndenied = [\"No\"]";
    let runner = read(&source("r.toml", &event(ok, keys))).unwrap();
    let rule = &runner.events[0];
    assert_eq!(
        (rule.at["said"].as_str(), rule.denied.as_slice()),
        ("/a | ^/b | =no", &["No".to_owned()][..])
    );
    let keys =
        "is = \"spent\"\nat = { total = \"/a\", thought = \"/b\" }\ncumulative = [\"cost\", \"input\"]";
    let runner = read(&source("r.toml", &event(ok, keys))).unwrap();
    assert_eq!(runner.events[0].cumulative, ["cost", "input"]);
}

#[test]
fn mistakes_in_runner_files_have_a_place() {
    let ok = "description = \"d\"\nprogram = \"x\"\nprompt = \"stdin\"\n";
    for (text, want) in [
        ("description = \"d\"\nprompt = \"stdin\"", "one of 'program', 'program_from' and 'subagents'"),
        (&format!("{ok}programm = 1"), "r.toml:4:1: unknown key 'programm'"),
        (&format!("{ok}[[arguments]]\nwords = [\"{{outputfile}}\"]"), "no placeholder '{outputfile}'"),
        (&format!("{ok}[[arguments]]\nwords = []\nsince = \"new\""), "'new' is not a version"),
        (&format!("{ok}cwd = \"home\""), "'home' is none of own, project"),
        (&format!("{ok}cwd = true"), "r.toml:4:"),
        (&format!("{ok}stream = \"xml\""), "'xml' is none of plain, claude-stream-json"),
        (
            &format!("{ok}[[endings]]\nis = \"auth\"\nexit = [1]\nat_once = true"),
            "'at_once' is for an ending of 'says'",
        ),
        (&format!("{ok}models_of = \"new\""), "'new' is not a version"),
        (&event(ok, "is = \"tool\"\nat = { tool = \"shell\" }"), "'shell' is no JSON pointer"),
        (&event(ok, "is = \"tool\"\nat = { tool = \"/a | b\" }"), "'b' is no JSON pointer"),
        (&event(ok, "is = \"tool\"\nat = { said = \"/a\" }"), "such an event has call, tool, about, input"),
        (&event(ok, "is = \"tool\"\ndenied = [\"no\"]"), "'denied' is for events that are"),
        (&event(ok, "is = \"tool\"\ncumulative = [\"cost\"]"), "'cumulative' is for events that are"),
        (&event(ok, "is = \"spent\"\ncumulative = [\"step\"]"), "'step' in 'cumulative' is none of input"),
        (&format!("{ok}[set_env]\nCONVOY_X = \"1\""), "is set by convoy itself"),
    ] {
        let problems = read(&source("r.toml", text)).unwrap_err();
        let all: String = problems.iter().map(ToString::to_string).collect();
        assert!(all.contains(want), "{want:?} not in {all:?}");
    }
}
