//! Black-box tests of `convoy-start`, as far as it goes alone: what it plans,
//! shows and refuses. What happens after a start is tested across programs.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod desk;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use desk::Desk;
use predicates::prelude::*;
use predicates::str::contains;

const OWN: &str = r#"{"name":"own","description":"d","agents":[
  {"role":"first","subagent":"worker","command":["tool","{output_file}"],"prompt":"Do {{issues}}."},
  {"role":"last","subagent":"worker","command":["tool"],"dependsOn":["first"],"report":"synthesis"}]}"#;
const WORKER: &str = "---\nname: worker\ndescription: d\n---\nYou work on {{project}}.\n";

fn with_own_template(desk: &Desk) -> &Desk {
    desk.program("tool", "exit 0");
    desk.write_state("agents/worker.md", WORKER).write_state("convoy-templates/own.json", OWN)
}

#[test]
fn dry_run_shows_phases_commands_and_prompts_and_creates_nothing() {
    let desk = Desk::new();
    with_own_template(&desk);
    desk.start()
        .args(["own", "--files", "src/*.ts", "--issue", "7", "--issue-id", "8", "--dry-run"])
        .assert()
        .success()
        .stderr("")
        .stdout(contains("own (user): 2 files in "))
        .stdout(contains("(src/*.ts), issues 7 8\nrunner command, at most 30 minutes per agent\n"))
        .stdout(contains("\n  1  first\n  2  last   after first\n"))
        .stdout(contains("bin/tool ").and(contains("/first.1.out/report.md\n")))
        .stdout(contains("\nfirst (worker, user): command, 30m, unconfined\n"))
        .stdout(contains("    Do 7, 8.\n"))
        .stdout(contains(format!("    You work on {}.\n", desk.project().display())))
        .stdout(contains("- `first` completed; its report: "))
        .stdout(contains("\nfiles    src/a.ts\n         src/b.ts\n"))
        .stdout(predicate::str::ends_with("\nnothing was created\n"));
    assert!(desk.is_untouched());
}

#[test]
fn the_built_in_review_runs_on_static_rules_where_there_is_no_ai() {
    let desk = Desk::new();
    desk.start()
        .args(["code-review", "--files", "src/**/*.ts", "--dry-run"])
        .assert()
        .success()
        .stdout(contains("code-review: 2 files in "))
        .stdout(contains("\nrunner builtin: static rules, no AI (convoy-ctl doctor tells how to add one)\n"))
        .stdout(contains("  1  correctness  +  security  +  performance\n  2  synthesis   after all three\n"))
        .stdout(contains("convoy-lint --domain security --project "));
}

#[test]
fn findings_of_other_linters_go_to_reviewers_that_hear_them() {
    let desk = Desk::new();
    desk.write_project("e.json", "[]");
    let dry = |words: &[&str]| {
        let mut start = desk.start();
        start.args(["code-review", "--files", "src", "--dry-run"]).args(words);
        start
    };
    dry(&[]).assert().success().stdout(contains(" --joined-from= "));
    let given = ["--with-json", "eslint", "e.json"];
    dry(&given).assert().success().stdout(contains("/joined.json "));
    dry(&["--join", "none"]).assert().success().stdout(contains("/joined.json "));
    desk.program("claude", "echo '2.1.330 (Claude Code)'");
    let by_ai = [&given[..], &["--runner", "claude"]].concat();
    dry(&by_ai).env("ANTHROPIC_API_KEY", "k").assert().code(2).stderr(contains(
        "--with-json eslint e.json: no agent here hears other linters\nhint: the static reviewers do: --runner security=builtin",
    ));
    dry(&["--with-sarif", "gone"]).assert().code(2).stderr(contains("--with-sarif gone: no such file"));
    desk.write_project("long", "");
    let long = std::fs::File::options().write(true).open(desk.project().join("long")).expect("a file");
    long.set_len((64 << 20) + 1).expect("a long file");
    dry(&["--with-sarif", "long"]).assert().code(2).stderr(contains("it is longer than 64 MB"));
}

#[test]
fn claude_is_shown_with_its_version_and_limits_and_no_secret() {
    let desk = Desk::new();
    desk.program("claude", "echo '2.1.330 (Claude Code)'");
    desk.start()
        .env("ANTHROPIC_API_KEY", "sk-very-secret")
        .args(["code-review", "--files", "src", "--dry-run"])
        .assert()
        .success()
        .stdout(contains("\nrunner claude 2.1.330, at most $5.00 and 10 minutes to 30 minutes per agent\n"))
        .stdout(contains("  1  correctness haiku  +  security sonnet  +  performance haiku\n"))
        .stdout(contains("--tools Read,Grep,Glob,Write"))
        .stdout(
            contains("'Edit(/").and(contains("security.1.out/report.md)' --max-turns 200 --model sonnet")),
        )
        .stdout(contains("sk-very-secret").not());
    assert!(desk.is_untouched());
}

#[test]
fn dry_run_and_real_start_make_the_same_plan() {
    let desk = Desk::new();
    with_own_template(&desk);
    desk.write_state("config.toml", "launcher = \"process\"\nwatch = \"none\"\n");
    let words = ["own", "--files", "src", "--issue", "7"];
    let dry = desk.start().args(words).args(["--dry-run", "--json"]).assert().success();
    let mut dry: serde_json::Value = serde_json::from_slice(&dry.get_output().stdout).unwrap();
    let real = desk.start().args(words).assert().success();
    let id = String::from_utf8(real.get_output().stdout.clone()).unwrap();
    let id = id.strip_suffix('\n').unwrap();
    assert!(id.starts_with("convoy-own-") && id.len() == "convoy-own-".len() + 6, "{id}");
    let dir = desk.state().join("convoys").join(id);
    let mut plan: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.join("plan.json")).unwrap()).unwrap();
    // What the directories are is looked at when it is started.
    assert!(plan.as_object_mut().unwrap().remove("site").is_some());
    for plan in [&mut plan, &mut dry["plan"]] {
        let plan = plan.as_object_mut().unwrap();
        assert!(plan.remove("id").is_some() && plan.remove("stamp").is_some());
    }
    assert_eq!(plan, dry["plan"]);
    assert_eq!(fs::read(dir.join("files")).unwrap(), b"src/a.ts\0src/b.ts\0");
    let told = String::from_utf8(real.get_output().stderr.clone()).unwrap();
    for part in
        ["own (user): 2 files in ", "follow   convoy-ctl status --follow\n", "stop     convoy-ctl stop "]
    {
        assert!(told.contains(part), "{part:?} not in\n{told}");
    }
}

#[test]
fn all_problems_of_a_template_are_told_with_their_places() {
    let desk = Desk::new();
    let text = "{\"name\":\"own\",\n \"descripton\":\"d\",\n \"agents\":[\n  {\"role\":\"a\",\"subagent\":\"nobody\",\"dependsOn\":[\"b\"]},\n  {\"role\":\"b\",\"subagent\":\"code-review-security\",\"dependsOn\":[\"a\"]}]}";
    desk.write_state("convoy-templates/own.json", text);
    desk.start()
        .args(["own", "--files", "src"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("convoy-start: 4 problems, nothing was started\n"))
        .stderr(contains(
            "own.json:2:2: unknown key 'descripton' in the template\n    hint: did you mean 'description'?\n",
        ))
        .stderr(contains("own.json:4:26: no agent file 'nobody'\n"))
        .stderr(contains("own.json:4:48: dependency cycle: a → b → a\n"));
    assert!(desk.is_untouched());
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_created() {
    let desk = Desk::new();
    with_own_template(&desk);
    let cases: [(&[&str], i32, &str); 14] = [
        (&["nope"], 4, "convoy-start: no template 'nope'\nhint: there are code-review, "),
        (&["code-reviw"], 4, "hint: did you mean 'code-review'?\n"),
        (&["./none.json"], 4, "convoy-start: no template file "),
        (&["Bad Name"], 2, "convoy-start: no template: 'Bad Name' is not a name"),
        (&["own", "--files", "lib/**"], 2, "convoy-start: --files 'lib/**' matches nothing in "),
        (&["own", "--files", "src/a.tx"], 2, "matches nothing"),
        (&["own", "--diff"], 2, "is not a git project\nhint: say which files"),
        (
            &["own", "--pr-url", "https://x"],
            2,
            "convoy-start: --pr-url https://x: only pull requests on GitHub can be fetched",
        ),
        (
            &["own", "--runner", "claude"],
            2,
            "convoy-start: runner 'claude': the program 'claude' is not installed\nhint: npm install",
        ),
        (&["own", "--runner", "frist=command"], 4, "'own' has no role 'frist'\nhint: did you mean 'first'?"),
        (&["own", "--project-path", "/nowhere"], 2, "convoy-start: cannot open project /nowhere: "),
        (&["own", "--runner", "builtin"], 2, "runner 'builtin' does not know the agent 'worker'\n"),
        (&["code-review"], 2, "convoy-start: no files: "),
        (&["own", "--watch", "sometimes"], 2, "possible values: detach, systemd, none"),
    ];
    for (words, code, told) in cases {
        desk.start().args(words).assert().code(code).stdout("").stderr(contains(told));
    }
    assert!(desk.is_untouched());
}

#[test]
fn a_dry_run_makes_no_room_for_a_socket_either() {
    let desk = Desk::new();
    with_own_template(&desk);
    let long = desk.state().join("a".repeat(120));
    fs::create_dir_all(&long).unwrap();
    for dir in ["agents", "convoy-templates"] {
        std::os::unix::fs::symlink(desk.state().join(dir), long.join(dir)).unwrap();
    }
    let runtime = desk.state().join("runtime");
    fs::create_dir(&runtime).unwrap();
    let mut start = desk.start();
    let start = start.env("PANOPTICON_HOME", &long).env("XDG_RUNTIME_DIR", &runtime);
    let plan = start.args(["own", "--dry-run", "--json"]).assert().success();
    let plan: serde_json::Value = serde_json::from_slice(&plan.get_output().stdout).unwrap();
    let launcher = &plan["plan"]["launcher"];
    if launcher["kind"] == "tmux" {
        assert!(launcher["socket"].as_str().unwrap().starts_with(runtime.to_str().unwrap()), "{launcher}");
    }
    assert_eq!(fs::read_dir(&runtime).unwrap().count(), 0);
}

#[test]
fn hostile_project_paths_are_taken_as_they_are() {
    for name in [&b"a b'\"$(touch x)`touch y`;"[..], b"new\nline", b"\xff\xfe", b"-rf", b"{role}"] {
        let desk = Desk::with_project(OsString::from_vec(name.to_vec()));
        with_own_template(&desk);
        desk.write_state("config.toml", "launcher = \"process\"\nwatch = \"none\"\n");
        let mut start = desk.start();
        let start = start.current_dir("/").args(["own", "--files", "src", "--project-path"]);
        let real = start.arg(desk.project()).assert().success();
        let id = String::from_utf8(real.get_output().stdout.clone()).unwrap();
        let dir = desk.state().join("convoys").join(id.trim());
        assert_eq!(fs::read(dir.join("files")).unwrap(), b"src/a.ts\0src/b.ts\0");
        let plan: protocol::plan::Plan =
            serde_json::from_slice(&fs::read(dir.join("plan.json")).unwrap()).unwrap();
        assert_eq!(plan.project.as_path(), desk.project());
        assert!(!Path::new("/x").exists() && !Path::new("/y").exists());
        let told = String::from_utf8(real.get_output().stderr.clone()).unwrap();
        assert!(!told.contains("new\nline"), "names do not break lines: {told}");
    }
}

#[test]
fn the_start_screen_is_the_documented_one() {
    let desk = Desk::new();
    desk.program("claude", "echo '2.1.330 (Claude Code)'");
    desk.write_state("config.toml", "launcher = \"process\"\nwatch = \"none\"\n");
    let mut start = desk.start();
    let start = start.env("HOME", desk.project().parent().unwrap()).env("ANTHROPIC_API_KEY", "x");
    let started = start
        .env("PANOPTICON_CALLED_BY", "pan")
        .args(["code-review", "--files", "src/**/*.ts"])
        .assert()
        .success();
    let id = String::from_utf8(started.get_output().stdout.clone()).unwrap();
    let short = id.trim().rsplit('-').next().unwrap();
    let told = String::from_utf8(started.get_output().stderr.clone()).unwrap();
    let want = "\
code-review: 2 files in ~/p (src/**/*.ts)
runner claude 2.1.330, at most $5.00 and 10 minutes to 30 minutes per agent

  1  correctness haiku  +  security sonnet  +  performance haiku
  2  verify (up to 20) sonnet   after all three
  3  verify-again (up to 20) sonnet   after verify
  4  synthesis sonnet   after verify-again

follow   pan convoy status --follow
watch    pan convoy attach SHORT security
stop     pan convoy stop SHORT
no watcher is running: run convoy-watch --all --once, for instance from cron

";
    assert_eq!(told.replace(short, "SHORT"), want);
}

#[test]
fn many_agents_stay_within_eighty_columns() {
    let desk = Desk::new();
    with_own_template(&desk);
    let agents: Vec<String> = (0..1000)
        .map(|i| format!(r#"{{"role":"agent-number-{i}","subagent":"worker","command":["tool"]}}"#))
        .collect();
    let text = format!(r#"{{"name":"many","description":"d","agents":[{}]}}"#, agents.join(","));
    desk.write_state("convoy-templates/many.json", &text);
    let shown = desk.start().args(["many", "--dry-run"]).assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    let head: Vec<&str> = shown.lines().take_while(|line| !line.starts_with("reports")).collect();
    assert!(head.iter().skip(1).all(|line| line.chars().count() <= 80), "{head:#?}");
    assert!(head.iter().any(|line| line.ends_with(" 988 more")), "{head:#?}");
}

#[test]
fn variables_of_git_in_the_callers_environment_change_nothing() {
    let desk = Desk::new();
    with_own_template(&desk);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nowhere").args(arguments);
        assert!(command.current_dir(desk.project()).status().unwrap().success(), "{arguments:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "src/a.ts"]);
    git(&["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "x"]);
    desk.start()
        .env("GIT_DIR", "/nowhere")
        .env("GIT_WORK_TREE", "/")
        .env("GIT_CONFIG_COUNT", "x")
        .args(["own", "--diff", "--dry-run"])
        .assert()
        .success()
        .stdout(contains("own (user): 1 file in ").and(contains("(changed since main (")))
        .stdout(contains("\nfiles    src/b.ts\n"));
}

#[test]
fn params_and_items_reach_the_prompts() {
    let desk = Desk::new();
    with_own_template(&desk);
    let text = r#"{"name":"parts","extends":"own","params":{"parts":{"type":"list"}},"agents":[
      {"role":"first","forEach":"{{params.parts}}","prompt":"Only {{item}} of {{params.parts}}."}]}"#;
    desk.write_state("convoy-templates/parts.json", text);
    desk.start()
        .args(["parts", "--param", "parts=api,web", "--dry-run"])
        .assert()
        .success()
        .stdout(contains("  1  first-1  +  first-2\n  2  last   after both\n"))
        .stdout(contains("    Only api of api, web.\n").and(contains("    Only web of api, web.\n")));
    let told =
        "convoy-start: the template needs --param parts=…\nhint: it is a list of texts: --param parts=…\n";
    desk.start().arg("parts").assert().code(2).stderr(told);
    assert!(desk.is_untouched());
}

#[test]
fn a_minimal_environment_is_enough() {
    let desk = Desk::new();
    with_own_template(&desk);
    let mut start = desk.start();
    start.env_remove("HOME").env_remove("PATH");
    // Without PATH the usual places are searched; the tool is not in one of them.
    start.args(["own", "--dry-run"]).assert().code(2).stderr(contains("'tool' is not installed"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    with_own_template(&desk);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("convoy-start"));
    let path = format!("{}:/usr/bin:/bin", desk.state().parent().unwrap().join("bin").display());
    let output = command
        .env_clear()
        .env("PATH", path)
        .env("PANOPTICON_HOME", desk.state())
        .current_dir(desk.project())
        .args(["own", "--dry-run"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{output:?}");
}

#[test]
fn help_tells_options_and_exit_codes() {
    let desk = Desk::new();
    let help = desk.start().arg("--help").assert().success();
    let help = String::from_utf8(help.get_output().stdout.clone()).unwrap();
    for part in [
        "Usage: convoy-start [OPTIONS] <TEMPLATE>",
        "--files <PATTERN>",
        "--diff[=<BASE>]",
        "--issue <ID>",
        "--issue-id",
        "--pr-url <URL>",
        "--project-path <DIR>",
        "--runner <[ROLE=]R[,R]>",
        "--model <[ROLE=]M>",
        "--watch <detach|systemd|none>",
        "--dry-run",
        "--wait",
        "Exit codes:",
    ] {
        assert!(help.contains(part), "{part:?} not in\n{help}");
    }
}

#[test]
fn reports_that_cannot_be_put_anywhere_are_noticed_before_an_agent_works() {
    let desk = Desk::new();
    with_own_template(&desk);
    let out = desk.project().join(".claude");
    let refused = |why: &str| {
        desk.start().args(["own", "--files", "src"]).assert().code(2).stdout("").stderr(
            contains("reports cannot be put into").and(contains(why)).and(contains("hint: make room")),
        );
        assert!(!desk.state().join("convoys").exists(), "{why}: there is no convoy");
    };
    fs::write(&out, "").unwrap();
    refused("not a directory");
    fs::remove_file(&out).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", &out).unwrap();
    refused("no such file or directory");
    fs::remove_file(&out).unwrap();
    // A file system that nobody may write to, whoever they are.
    std::os::unix::fs::symlink("/proc/self", &out).unwrap();
    refused("/.claude");
}
