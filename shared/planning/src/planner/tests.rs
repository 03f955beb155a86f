use crate::joined::Joined;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::*;
use protocol::plan::{FanOut, Issue, ReportKind, Require};

use crate::file_selection::Diff;
use crate::settings::Verify;

mod checked;

/// A state directory, a project and a PATH of their own.
struct Desk {
    dir: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for sub in ["bin", "p/src", "home", "state/convoy-templates", "state/agents", "state/runners"] {
            fs::create_dir_all(dir.path().join(sub)).unwrap();
        }
        let path = |sub: &str| dir.path().join(sub).to_str().unwrap().to_owned();
        let variables = BTreeMap::from([
            ("PATH".to_owned(), format!("{}:/usr/bin:/bin", path("bin"))),
            ("HOME".to_owned(), path("home")),
            ("PANOPTICON_HOME".to_owned(), path("state")),
        ]);
        let desk = Desk { dir, variables };
        desk.write("p/src/a.ts", "x");
        for sibling in ["convoy-lint", "convoy-merge"] {
            desk.program(sibling, "exit 0");
        }
        desk.agent("worker", "");
        desk
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        fs::write(self.dir.path().join(path), text).unwrap();
        self
    }

    /// Written by another process: a descriptor of ours that a concurrent test's
    /// child inherits would make it "text file busy".
    fn program(&self, name: &str, script: &str) -> &Self {
        let path = self.dir.path().join("bin").join(name);
        let mut child = Command::new("/bin/sh")
            .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("#!/bin/sh\n{script}\n");
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        self
    }

    fn claude(&self, version: &str) -> &Self {
        self.program("claude", &format!("echo '{version} (Claude Code)'"))
    }

    fn agent(&self, name: &str, keys: &str) -> &Self {
        let text = format!("---\nname: {name}\ndescription: d\n{keys}---\nWork.\n");
        self.write(&format!("state/agents/{name}.md"), &text)
    }

    fn template(&self, agents: &str, config: &str) -> &Self {
        let text = format!(r#"{{"name":"t","description":"d","agents":[{agents}],"config":{{{config}}}}}"#);
        self.write("state/convoy-templates/t.json", &text)
    }

    fn environment(&self) -> Environment {
        let variables = self.variables.iter().map(|(k, v)| (k.into(), v.into())).collect();
        Environment::from_parts(variables, self.dir.path().join("p")).unwrap()
    }

    fn prepare(&self, request: &Request) -> Result<Prepared, String> {
        let environment = self.environment();
        let start = Start { at: "2026-11-22T14:03:12Z".parse().unwrap(), short: "k7q2m9".to_owned() };
        let line = |p: &Diagnostic| format!("{p} ({})\n", p.hint.clone().unwrap_or_default());
        prepare(&environment, &Machine::new(&environment), request, &start)
            .map_err(|problems| problems.iter().map(line).collect())
    }

    fn problems(&self, request: &Request) -> String {
        self.prepare(request).map(|prepared| prepared.plan).unwrap_err()
    }
}

fn request(template: &str) -> Request {
    Request {
        joined: Joined::default(),
        project: ".".into(),
        selection: Selection { patterns: vec!["src".into()], ..Selection::default() },
        ..Request::of(TemplateName::Named(template.parse().unwrap()))
    }
}

fn runners_of(prepared: &Prepared) -> Vec<&str> {
    prepared.plan.agents.iter().map(|agent| agent.invocation.runner.as_str()).collect()
}

#[test]
fn without_an_ai_cli_the_review_runs_on_static_rules() {
    let desk = Desk::new();
    let prepared = desk.prepare(&request("code-review")).unwrap();
    assert_eq!(runners_of(&prepared), ["builtin"; 4]);
    assert_eq!(prepared.runners[0].why, Why::Fallback);
    let plan = &prepared.plan;
    assert!(plan.static_only());
    assert_eq!(plan.id.as_str(), "convoy-code-review-k7q2m9");
    assert_eq!(plan.stamp, "20261122-140312");
    assert_eq!(plan.budget_usd, Some(5.0));
    assert!(plan.output_dir.as_path().ends_with("p/.claude/reviews"));
    assert_eq!(plan.inputs.file_count, 1);
    assert_eq!(prepared.files_list(), b"src/a.ts\0");
    let synthesis = &plan.agents[3];
    assert_eq!((synthesis.report, synthesis.require), (ReportKind::Synthesis, Require::Any));
    assert!(plan.agents[..3].iter().all(|agent| agent.report == ReportKind::Findings));
    assert!(plan.agents.iter().all(|agent| agent.invocation.model.is_none()));
}

#[test]
fn claude_is_taken_when_it_is_installed_and_looks_logged_in() {
    let mut desk = Desk::new();
    desk.claude("2.1.330");
    assert_eq!(runners_of(&desk.prepare(&request("code-review")).unwrap()), ["builtin"; 4], "no login");
    fs::create_dir_all(desk.dir.path().join("home/.claude")).unwrap();
    desk.write("home/.claude/.credentials.json", "");
    assert_eq!(runners_of(&desk.prepare(&request("code-review")).unwrap()), ["claude"; 6], "a file");
    fs::remove_dir_all(desk.dir.path().join("home/.claude")).unwrap();
    desk.variables.insert("ANTHROPIC_API_KEY".into(), "secret-key".into());
    let prepared = desk.prepare(&request("code-review")).unwrap();
    assert_eq!(prepared.runners[0].why, Why::Found);
    assert_eq!(prepared.runners[0].version.as_deref(), Some("2.1.330"));
    let models: Vec<_> =
        prepared.plan.agents.iter().map(|a| a.invocation.model.as_deref().unwrap()).collect();
    assert_eq!(models, ["haiku", "sonnet", "haiku", "sonnet", "sonnet", "sonnet"]);
    let agent = &prepared.plan.agents[0];
    assert!(agent.invocation.argv.contains(&"--restricted".to_owned()));
    assert!(agent.invocation.argv.windows(2).any(|w| w == ["--max-budget-usd", "5.00"]));
    assert_eq!(agent.stall_timeout_ms, Some(600_000));
    assert_eq!(agent.timeout_ms, 1_800_000);
    let json = serde_json::to_string(&prepared.plan).unwrap();
    assert!(!json.contains("secret-key"), "no secret in the plan");
    desk.claude("2.1.197");
    let prepared = desk.prepare(&request("code-review")).unwrap();
    assert!(!prepared.plan.agents[0].invocation.argv.contains(&"--restricted".to_owned()));
}

#[test]
fn an_ai_runner_that_was_asked_for_never_falls_back() {
    let desk = Desk::new();
    let mut asked = request("code-review");
    asked.runners.all = Some("claude".parse().unwrap());
    let problems = desk.problems(&asked);
    assert!(problems.contains("'claude' is not installed (npm install"), "{problems}");
    assert_eq!(problems.lines().count(), 1, "told once, not per agent: {problems}");
    desk.claude("2.1.330");
    let prepared = desk.prepare(&asked).unwrap();
    assert_eq!(runners_of(&prepared), ["claude"; 6]);
    assert!(prepared.notes[0].contains("does not look logged in"), "{:?}", prepared.notes);
    desk.write("state/config.toml", "runner = \"cursor\"");
    let problems = desk.problems(&request("code-review"));
    assert!(problems.contains("no runner 'cursor'"), "{problems}");
}

#[test]
fn findings_are_verified_where_an_ai_reviews_or_as_somebody_says() {
    let mut desk = Desk::new();
    let mut asked = request("code-review");
    let stages = |prepared: &Prepared| -> Vec<String> {
        let stages = prepared.plan.agents.iter().filter(|agent| agent.fan_out.is_some());
        stages.map(|agent| agent.role.to_string()).collect()
    };
    let prepared = desk.prepare(&asked).unwrap();
    assert!(stages(&prepared).is_empty(), "rules alone review");
    assert_eq!(prepared.plan.agents[3].depends_on.len(), 3, "nobody waits for what is not there");
    asked.verify = Some(Verify::Always);
    assert!(
        desk.problems(&asked)
            .contains("'verify' is to verify findings, and no AI is installed and logged in")
    );
    desk.claude("2.1.330");
    desk.variables.insert("ANTHROPIC_API_KEY".into(), "k".into());
    asked.runners.all = Some("builtin".parse().unwrap());
    let prepared = desk.prepare(&asked).unwrap();
    assert_eq!(stages(&prepared), ["verify", "verify-again"]);
    assert_eq!(runners_of(&prepared), ["builtin", "builtin", "builtin", "builtin", "claude", "claude"]);
    asked.runners.roles.insert("verify".parse().unwrap(), "builtin".parse().unwrap());
    assert!(desk.problems(&asked).contains("rules cannot do that"));
    let mut asked = request("code-review");
    let prepared = desk.prepare(&asked).unwrap();
    let verify = &prepared.plan.agents[4];
    assert_eq!(verify.depends_on.len(), 3, "on every reviewer");
    assert_eq!(verify.fan_out.as_ref().map(FanOut::shown).as_deref(), Some("severity >=high"));
    assert_eq!(prepared.plan.still_to_come(), 40);
    desk.write("state/config.toml", "verify = \"never\"");
    assert!(stages(&desk.prepare(&asked).unwrap()).is_empty(), "the user's own default");
    asked.verify = Some(Verify::Auto);
    assert_eq!(stages(&desk.prepare(&asked).unwrap()).len(), 2, "the command line goes first");
}

#[test]
fn who_made_a_finding_is_not_the_one_who_verifies_it_where_there_is_another() {
    let mut desk = Desk::new();
    desk.claude("2.1.330");
    desk.variables.insert("ANTHROPIC_API_KEY".into(), "k".into());
    let others = |prepared: &Prepared| -> Vec<String> {
        let stage = prepared.plan.agents.iter().find_map(|agent| agent.fan_out.as_ref()).unwrap();
        stage.others.iter().map(|one| one.runner.to_string()).collect()
    };
    let mut asked = request("code-review");
    assert!(others(&desk.prepare(&asked).unwrap()).is_empty(), "there is no other");
    desk.program("codex", "echo 'codex-cli 0.169.0'");
    desk.variables.insert("CODEX_API_KEY".into(), "k".into());
    assert_eq!(others(&desk.prepare(&asked).unwrap()), ["codex"], "another one that works here");
    asked.runners.all = Some("claude".parse().unwrap());
    assert!(others(&desk.prepare(&asked).unwrap()).is_empty(), "nobody but who was asked for");
    asked.runners.roles.insert("security".parse().unwrap(), "codex".parse().unwrap());
    assert_eq!(others(&desk.prepare(&asked).unwrap()), ["codex"], "whom a reviewer has");
    asked.runners.roles.insert("verify".parse().unwrap(), "claude".parse().unwrap());
    assert!(others(&desk.prepare(&asked).unwrap()).is_empty(), "who is named for it");
}

/// `--runner ROLE=R` > `--runner R` > the template's agent > agent file >
/// template's config > config.toml > what is found.
#[test]
fn who_is_nearest_to_the_agent_chooses_the_runner() {
    let desk = Desk::new();
    let runner = |name: &str| {
        let text = "description = \"d\"\nprogram = \"true\"\nprompt = \"stdin\"\n";
        desk.write(&format!("state/runners/{name}.toml"), text);
    };
    for name in ["r-role", "r-all", "r-template", "r-file", "r-config", "r-user"] {
        runner(name);
    }
    let mut asked = request("t");
    asked.runners.all = Some("r-all".parse().unwrap());
    asked.runners.roles.insert("a".parse().unwrap(), "r-role".parse().unwrap());
    let chosen = |request: &Request| {
        let prepared = desk.prepare(request).unwrap();
        (runners_of(&prepared)[0].to_owned(), prepared.runners[0].why)
    };
    let agent = r#"{"role":"a","subagent":"worker","runner":"r-template"}"#;
    desk.template(agent, r#""runner":"r-config""#).agent("worker", "runner: r-file\n");
    desk.write("state/config.toml", "runner = \"r-user\"");
    assert_eq!(chosen(&asked), ("r-role".into(), Why::CommandLine));
    asked.runners.roles.clear();
    assert_eq!(chosen(&asked), ("r-all".into(), Why::CommandLine));
    asked.runners.all = None;
    assert_eq!(chosen(&asked), ("r-template".into(), Why::Template));
    let agent = r#"{"role":"a","subagent":"worker"}"#;
    desk.template(agent, r#""runner":"r-config""#);
    assert_eq!(chosen(&asked), ("r-file".into(), Why::AgentFile));
    desk.agent("worker", "");
    assert_eq!(chosen(&asked), ("r-config".into(), Why::Template));
    desk.template(agent, "");
    assert_eq!(chosen(&asked), ("r-user".into(), Why::Config));
    desk.write("state/config.toml", "");
    let problems = desk.problems(&asked);
    assert!(problems.contains("'builtin' does not know the agent 'worker'"), "{problems}");
}

#[test]
fn a_command_asks_for_the_runner_command_where_it_stands() {
    let desk = Desk::new();
    desk.program("tool", "exit 0");
    desk.agent("file-command", "command: [tool, \"{role}\"]\nrunner: command\n");
    desk.template(
        r#"{"role":"a","subagent":"worker","command":["tool","{prompt_file}"],"env":{"K":"v"}},
           {"role":"b","subagent":"file-command"}"#,
        "",
    );
    let prepared = desk.prepare(&request("t")).unwrap();
    assert_eq!(runners_of(&prepared), ["command"; 2]);
    let invocation = &prepared.plan.agents[0].invocation;
    assert_eq!(invocation.argv, ["{prompt_file}"]);
    assert!(invocation.unconfined && invocation.program.as_path().ends_with("bin/tool"));
    assert_eq!(invocation.set_env["K"], "v");
    assert_eq!(prepared.plan.agents[1].invocation.argv, ["{role}"]);
    desk.template(r#"{"role":"a","subagent":"worker","command":["not-there"]}"#, "");
    assert!(desk.problems(&request("t")).contains("'not-there' is not installed"));
}

#[test]
fn models_can_be_chosen_for_all_or_for_one() {
    let desk = Desk::new();
    desk.claude("2.1.330").agent("worker", "model: haiku\n");
    desk.template(
        r#"{"role":"a","subagent":"worker","model":"opus"},
           {"role":"b","subagent":"worker","model":"inherit"},
           {"role":"c","subagent":"worker"}"#,
        r#""runner":"claude""#,
    );
    let models = |request: &Request| -> Vec<String> {
        let prepared = desk.prepare(request).unwrap();
        prepared.plan.agents.iter().map(|a| a.invocation.model.clone().unwrap()).collect()
    };
    let mut asked = request("t");
    assert_eq!(models(&asked), ["opus", "haiku", "haiku"]);
    asked.models.all = Some("sonnet".to_owned());
    asked.models.roles.insert("b".parse().unwrap(), "claude-x-1".to_owned());
    assert_eq!(models(&asked), ["sonnet", "claude-x-1", "sonnet"]);
}

#[test]
fn problems_of_all_files_are_told_at_once() {
    let desk = Desk::new();
    desk.template(
        r#"{"role":"a","subagent":"broken"},{"role":"b","subagent":"nobody"},
           {"role":"c","subagent":"broken","dependsOn":["d"],"runner":"odd"}"#,
        r#""maxParallel":"two""#,
    );
    desk.write("state/agents/broken.md", "---\nname: x\ntimeout: soon\n---\nText {{what}}");
    desk.write("state/runners/odd.toml", "description = 3");
    let problems = desk.problems(&request("t"));
    for want in [
        "'broken' has problems: see",
        "no agent file 'nobody'",
        "unknown dependency 'd'",
        "'maxParallel' in 'config': expected a whole number",
        "broken.md:1:1: the frontmatter has no 'description'",
        "broken.md:3:1: 'timeout': 'soon' is not a time",
        "odd.toml:1:15: 'description' in the runner: expected a text",
    ] {
        assert!(problems.contains(want), "{want:?} not in\n{problems}");
    }
    assert_eq!(problems.matches("broken.md:1:1").count(), 1, "a file's problems once\n{problems}");
}

#[test]
fn clouds_get_their_variables_where_they_are_switched_on() {
    let mut desk = Desk::new();
    desk.claude("2.1.330").agent("worker", "runner: claude\n");
    desk.template(r#"{"role":"a","subagent":"worker"}"#, "");
    desk.write("state/config.toml", "[env]\npass = [\"TEAM_TOKEN\"]\n");
    let passed = |desk: &Desk| {
        let prepared = desk.prepare(&request("t")).unwrap();
        (prepared.plan.agents[0].invocation.pass_env.clone(), prepared.notes.join("\n"))
    };
    let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let (names, notes) = passed(&desk);
    assert!(has(&names, "TEAM_TOKEN") && !has(&names, "AWS_PROFILE"), "{names:?}");
    assert!(!notes.contains("needs"), "{notes}");
    for (switch, value, on, lacks) in [
        ("CLAUDE_CODE_USE_BEDROCK", "1", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"),
        (
            "CLAUDE_CODE_USE_VERTEX",
            "true",
            "CLOUD_ML_REGION",
            "ANTHROPIC_VERTEX_PROJECT_ID or GOOGLE_CLOUD_PROJECT",
        ),
        ("CLAUDE_CODE_USE_FOUNDRY", "1", "AZURE_TENANT_ID", "ANTHROPIC_FOUNDRY_RESOURCE or "),
    ] {
        desk.variables.insert(switch.to_owned(), value.to_owned());
        let (names, notes) = passed(&desk);
        assert!(has(&names, on), "{switch}: {names:?}");
        assert!(
            notes.contains(&format!("{switch} is set, and it needs ")) && notes.contains(lacks),
            "{notes}"
        );
        desk.variables.insert(switch.to_owned(), "0".to_owned());
        assert!(!has(&passed(&desk).0, on), "{switch} is off");
    }
    desk.variables.insert("CLAUDE_CODE_USE_BEDROCK".to_owned(), "1".to_owned());
    desk.variables.insert("AWS_REGION".to_owned(), "eu-west-1".to_owned());
    assert!(!passed(&desk).1.contains("needs"));
}

#[test]
fn what_is_odd_about_agent_files_is_said_at_the_start() {
    let desk = Desk::new();
    desk.claude("2.1.330");
    let file = "---\nname: Tester 2.0\ndescription: Use: when\nhooks: 1\n---\n{{service}} {{params.levle}} {{params.level}} {{item}} {{files}}";
    desk.write("state/agents/tester.md", file);
    desk.write(
        "state/agents/all.md",
        "---\nname: all\ndescription: d\ntools: *\ndisallowedTools: Bash\n---\nx",
    );
    desk.write(
        "state/convoy-templates/t.json",
        r#"{"name":"t","description":"d","params":{"level":{"type":"string","default":"high"}},
            "agents":[{"role":"a","subagent":"Tester 2.0"},{"role":"b","subagent":"all"}],"config":{"runner":"claude"}}"#,
    );
    let prepared = desk.prepare(&request("t")).unwrap();
    let notes = prepared.notes.join("\n");
    for want in [
        "agent file 'Tester 2.0': the frontmatter is no YAML",
        "not used here: hooks",
        "'{{params.levle}}', which is text here (did you mean '{{params.level}}'?)",
        "'Tester 2.0' names no tools, and may only read (Read, Grep, Glob)",
        "'all' asks for all tools, and gets ",
    ] {
        assert!(notes.contains(want), "{want:?} not in\n{notes}");
    }
    assert!(!notes.contains("service"), "what is no variable of ours is not spoken of\n{notes}");
    let tools = |n: usize| &prepared.plan.agents[n].invocation.tools;
    assert_eq!(*tools(0), ["Read", "Grep", "Glob", "Write"]);
    assert!(
        tools(1).contains(&"WebFetch".to_owned()) && !tools(1).contains(&"Bash".to_owned()),
        "{:?}",
        tools(1)
    );
}

#[test]
fn problems_of_the_request_are_told_at_once() {
    let desk = Desk::new();
    let mut asked = request("code-review");
    asked.selection.patterns = vec!["scr/**".into()];
    asked.issues = vec![Issue::named("a\nb")];
    asked.models.roles.insert("securty".parse().unwrap(), "opus".to_owned());
    asked.runners.all = Some("claude".parse().unwrap());
    let problems = desk.problems(&asked);
    for want in [
        "'scr/**' matches nothing",
        "'a\\nb' is not one line",
        "no role 'securty' (did you mean 'security'?)",
        "'claude' is not installed",
    ] {
        assert!(problems.contains(want), "{want:?} not in\n{problems}");
    }
    let mut asked = request("code-review");
    asked.selection.patterns.clear();
    assert!(desk.problems(&asked).contains("no files"), "reviewers of files need files");
    asked.pr_url = Some("https://example.org/pull/1".to_owned());
    assert!(desk.problems(&asked).contains("only pull requests on GitHub can be fetched"));
    asked.selection.diff = Some(Diff { base: None });
    assert!(desk.problems(&asked).contains("is not a git project"));
    asked.selection = Selection { patterns: vec!["src".into()], ..Selection::default() };
    let plan = desk.prepare(&asked).unwrap().plan;
    assert_eq!(plan.inputs.pr_url.as_deref(), Some("https://example.org/pull/1"));
    asked.project = "nowhere".into();
    assert!(desk.problems(&asked).contains("cannot open project"));
}

#[test]
fn templates_are_found_by_name_and_by_path() {
    let desk = Desk::new();
    desk.program("tool", "");
    let text = r#"{"name":"other","description":"d","agents":[{"role":"a","subagent":"worker","command":["tool"]}]}"#;
    desk.write("p/own.json", text);
    let mut asked = request("t");
    asked.template = TemplateName::File("own.json".into());
    assert_eq!(desk.prepare(&asked).unwrap().plan.template_origin, Origin::File);
    asked.template = TemplateName::File("none.json".into());
    assert!(desk.problems(&asked).contains("no template file"));
    desk.write("state/convoy-templates/t.json", text);
    assert!(desk.problems(&request("t")).contains("is called 'other', its file 't.json'"));
    desk.write("state/convoy-templates/code-review.json", &text.replace("other", "code-review"));
    let plan = desk.prepare(&request("code-review")).unwrap().plan;
    assert_eq!((plan.template_origin, plan.agents.len()), (Origin::User, 1), "the user's own wins");
}

#[test]
fn the_configuration_sets_defaults() {
    let desk = Desk::new();
    desk.write("state/config.toml", "grace = \"1s\"\nlauncher = \"process\"\nwatch = \"none\"");
    let prepared = desk.prepare(&request("code-review")).unwrap();
    assert_eq!(prepared.plan.grace_ms, 1000);
    assert_eq!(prepared.plan.launcher, Launcher::Process);
    assert_eq!(prepared.config.watch, Some(protocol::watch_lock::Watch::None));
    desk.write("state/config.toml", "lancher = \"process\"");
    assert!(desk.problems(&request("code-review")).contains("did you mean 'launcher'?"));
}

#[test]
fn reports_outside_of_the_project_are_made_readable_for_those_who_need_them() {
    let desk = Desk::new();
    desk.claude("2.1.330");
    let agents = r#"{"role":"a","subagent":"worker"},{"role":"b","subagent":"worker","dependsOn":["a"]}"#;
    let reads = |config: &str| -> Vec<bool> {
        desk.template(agents, config);
        let plan = desk.prepare(&request("t")).unwrap().plan;
        let agents = plan.agents.iter();
        agents.map(|a| a.invocation.argv.contains(&"{reports_dir}".to_owned())).collect()
    };
    assert_eq!(reads(r#""runner":"claude","outputDir":"out""#), [false, false]);
    assert_eq!(reads(r#""runner":"claude","outputDir":"../out""#), [false, true]);
}

#[test]
fn what_is_given_for_reading_holds_where_one_stands_and_what_is_reviewed() {
    let file = |path: &str| PathBuf::from(path);
    for (standing, files, want) in [
        ("", &["a/x"][..], "/r"),
        ("a", &[], "/r/a"),
        ("a", &["a/x", "a/b/y"], "/r/a"),
        ("a/b", &["a/x"], "/r/a"),
        ("a/b", &["a/b/x", "ab/x"], "/r"),
        ("a/b", &["a/bc/x"], "/r/a"),
        ("a", &["top"], "/r"),
    ] {
        let place = Project { root: "/r".into(), standing: standing.into(), has_git: true };
        let files: Vec<PathBuf> = files.iter().copied().map(file).collect();
        let found = read_dir(&place, &files);
        assert_eq!(found.as_os_str(), want, "{standing} {files:?}");
    }
}

#[test]
fn short_ids_are_made_of_clear_characters() {
    for seed in [0_u64, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
        let short = short_id(seed.to_le_bytes());
        assert_eq!(short.len(), SHORT_LEN);
        assert!(short.bytes().all(|c| SHORT_ALPHABET.contains(&c)), "{short}");
    }
    assert_ne!(short_id([1; 8]), short_id([2; 8]));
}

#[test]
fn a_thousand_agents_are_planned_quickly() {
    let desk = Desk::new();
    desk.program("tool", "");
    let agents: Vec<String> =
        (0..1000).map(|i| format!(r#"{{"role":"r{i}","subagent":"worker","command":["tool"]}}"#)).collect();
    desk.template(&agents.join(","), "");
    let begin = std::time::Instant::now();
    let plan = desk.prepare(&request("t")).unwrap().plan;
    assert_eq!((plan.agents.len(), plan.prompts.len()), (1000, 1));
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
}

/// `runners` of an agent `worker`, as a template says it; with what is noted.
fn chain_of(desk: &Desk, runners: &str) -> Result<(Vec<String>, Vec<String>), String> {
    desk.template(&format!(r#"{{"role":"a","subagent":"worker","runner":{runners}}}"#), "");
    let prepared = desk.prepare(&request("t"))?;
    let names = prepared.plan.agents[0].chain().map(|one| one.runner.to_string()).collect();
    Ok((names, prepared.notes))
}

#[test]
fn a_chain_is_planned_whole_and_in_its_order() {
    let mut desk = Desk::new();
    desk.claude("2.1.330").program("codex", "echo 'codex-cli 0.169.0'");
    desk.variables.insert("ANTHROPIC_API_KEY".to_owned(), "k".to_owned());
    let (names, notes) = chain_of(&desk, r#"["codex", "claude"]"#).unwrap();
    assert_eq!(names, ["codex", "claude"]);
    assert!(notes.iter().any(|note| note.contains("'codex' does not look logged in")), "{notes:?}");
    let plan = desk.prepare(&request("t")).unwrap().plan;
    let fallback = plan.agents[0].fallback.as_ref().unwrap();
    assert_eq!((fallback.after_ms, fallback.to.len()), (1_800_000, 1));
    // Each as it would be alone.
    assert!(plan.agents[0].invocation.argv.contains(&"exec".to_owned()));
    assert!(fallback.to[0].argv.contains(&"--restricted".to_owned()));
    assert_eq!(plan.agents[0].run_by(1).invocation, fallback.to[0]);
    assert_eq!(plan.agents[0].run_by(1).fallback, None);
    // A name of one service says nothing to the others.
    desk.agent("worker", "model: gpt-9\n");
    let (_, notes) = chain_of(&desk, r#""codex, claude""#).unwrap();
    assert!(
        notes.contains(&"runner 'claude' has no model 'gpt-9', and takes its default one".to_owned()),
        "{notes:?}"
    );
    let plan = desk.prepare(&request("t")).unwrap().plan;
    let models: Vec<_> = plan.agents[0].chain().map(|one| one.model_argument.as_deref()).collect();
    assert_eq!(models, [Some("gpt-9"), None]);
    // Who is missing is missing at the start, not when it is needed.
    let problems = chain_of(&desk, r#"["claude", "gemini"]"#).unwrap_err();
    assert!(problems.contains("the program 'gemini' is not installed"), "{problems}");
    let problems = chain_of(&desk, r#"["claude", "builtin"]"#).unwrap_err();
    assert!(problems.contains("does not know the agent 'worker'"), "{problems}");
    desk.template(
        r#"{"role":"a","subagent":"worker"}"#,
        r#""runner":["claude","codex"],"fallbackAfter":"2h""#,
    );
    let plan = desk.prepare(&request("t")).unwrap().plan;
    assert_eq!(plan.agents[0].fallback.as_ref().map(|fallback| fallback.after_ms), Some(7_200_000));
}

#[test]
fn any_but_one_is_the_first_other_one_that_works() {
    let mut desk = Desk::new();
    desk.claude("2.1.330").program("gemini", "echo 0.61.0");
    desk.variables.insert("ANTHROPIC_API_KEY".to_owned(), "k".to_owned());
    let not_claude = r#"{"not": "claude"}"#;
    // Not logged in, it does not work; and nobody else is made of it.
    let problems = chain_of(&desk, not_claude).unwrap_err();
    assert!(problems.contains("another runner than claude") && problems.contains("pan doctor"), "{problems}");
    desk.variables.insert("GEMINI_API_KEY".to_owned(), "k".to_owned());
    assert_eq!(chain_of(&desk, not_claude).unwrap().0, ["gemini"]);
    assert_eq!(chain_of(&desk, r#"{"not": ["gemini", "codex"]}"#).unwrap().0, ["claude"]);
    chain_of(&desk, r#"{"not": ["gemini", "claude"]}"#).unwrap_err();
    let problems = chain_of(&desk, r#"{"not": "nobody"}"#).unwrap_err();
    assert!(problems.contains("no runner 'nobody'"), "{problems}");
    desk.agent("worker", "runner:\n  not: claude\n").template(r#"{"role":"a","subagent":"worker"}"#, "");
    assert_eq!(runners_of(&desk.prepare(&request("t")).unwrap()), ["gemini"]);
}

#[test]
fn every_built_in_ai_is_looked_for_in_one_order() {
    let mut desk = Desk::new();
    let clis = [
        ("claude", "ANTHROPIC_AUTH_TOKEN"),
        ("codex", "CODEX_API_KEY"),
        ("gemini", "GOOGLE_API_KEY"),
        ("opencode", "OPENCODE_API_KEY"),
        ("copilot", "COPILOT_GITHUB_TOKEN"),
        ("qwen", "DASHSCOPE_API_KEY"),
        ("pi", "XAI_API_KEY"),
    ];
    for (cli, key) in clis {
        desk.program(cli, "echo 9.9.9");
        desk.variables.insert(key.to_owned(), "k".to_owned());
    }
    let mut not: Vec<&str> = Vec::new();
    for (cli, _) in clis {
        let choice = match not.as_slice() {
            [] => r#"{"not": "command"}"#.to_owned(),
            not => format!(r#"{{"not": {}}}"#, serde_json::to_string(not).unwrap()),
        };
        assert_eq!(chain_of(&desk, &choice).unwrap().0, [cli], "{choice}");
        not.push(cli);
    }
    chain_of(&desk, &format!(r#"{{"not": {}}}"#, serde_json::to_string(&not).unwrap())).unwrap_err();
}

#[test]
fn who_cannot_be_confined_is_never_taken_unasked() {
    let mut desk = Desk::new();
    desk.program("pi", "echo 1.6.0").template(r#"{"role":"a","subagent":"worker"}"#, "");
    desk.variables.insert("XAI_API_KEY".to_owned(), "k".to_owned());
    let problems = desk.problems(&request("t"));
    assert!(problems.contains("does not know the agent 'worker'"), "no AI is taken: {problems}");
    assert_eq!(chain_of(&desk, r#"{"not": "claude"}"#).unwrap().0, ["pi"], "who asks for any has it");
    desk.template(r#"{"role":"a","subagent":"worker"}"#, "");
    desk.program("qwen", "echo 0.24.4");
    desk.variables.insert("DASHSCOPE_API_KEY".to_owned(), "k".to_owned());
    assert_eq!(runners_of(&desk.prepare(&request("t")).unwrap()), ["qwen"]);
    // One of the user's own in its place that may do anything.
    let own = "description = \"q\"\nprogram = \"qwen\"\nai = true\nprompt = \"stdin\"\nunconfined = true\n";
    std::fs::create_dir_all(desk.dir.path().join("state/runners")).unwrap();
    desk.write("state/runners/qwen.toml", own);
    let problems = desk.problems(&request("t"));
    assert!(problems.contains("does not know the agent 'worker'"), "{problems}");
}

#[test]
fn the_time_of_each_agent_can_be_asked_for() {
    let desk = Desk::new();
    let asked = Request { agent_timeout_ms: Some(90_000), ..request("code-review") };
    let plan = desk.prepare(&asked).unwrap().plan;
    assert!(plan.agents.iter().all(|agent| agent.timeout_ms == 90_000));
    let plan = desk.prepare(&request("code-review")).unwrap().plan;
    assert!(plan.agents.iter().all(|agent| agent.timeout_ms != 90_000));
}
