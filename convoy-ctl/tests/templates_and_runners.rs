//! `convoy-ctl templates` and `runners`, over a state directory of their own.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn ctl(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("convoy-ctl").unwrap();
    command.env_clear().env("PATH", "/nowhere").env("HOME", home).env("PANOPTICON_HOME", home.join("state"));
    command.env("LANG", "C.UTF-8").args(words);
    command
}

#[test]
fn built_in_templates_are_listed_and_good() {
    let home = tempfile::tempdir().unwrap();
    let listed = ctl(home.path(), &["templates"]).assert().success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    for name in ["code-review", "planning", "triage", "health-monitor"] {
        assert!(listed.contains(name), "{name} not in\n{listed}");
        ctl(home.path(), &["templates", "check", name]).assert().success().stdout(contains(": good, "));
    }
    assert!(listed.lines().all(|line| line.chars().count() <= 80 && !line.contains('…')), "{listed}");
    let json = ctl(home.path(), &["templates", "--json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json[0]["agents"].as_array().unwrap().len(), 7);
    assert!(!home.path().join("state").exists(), "looking creates nothing");
}

#[test]
fn a_new_template_is_the_users_own_and_can_be_started() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state/convoy-templates/mine.json");
    ctl(home.path(), &["templates", "new", "mine"])
        .assert()
        .success()
        .stdout(format!("{}\n", path.display()))
        .stderr(contains("convoy-ctl templates check mine"));
    let state = fs::metadata(home.path().join("state")).unwrap();
    assert_eq!(state.permissions().mode() & 0o777, 0o700);
    ctl(home.path(), &["templates", "check", "mine"]).assert().success().stdout(contains("good, 3 agents"));
    ctl(home.path(), &["templates"]).assert().stdout(contains("then one report (user)\n"));
    ctl(home.path(), &["templates", "new", "mine"]).assert().code(2).stderr(contains("is there already"));
    // A built-in one is not gone without a word.
    for name in ["code-review", "triage"] {
        ctl(home.path(), &["templates", "new", name])
            .assert()
            .code(2)
            .stderr(contains("is a built-in template"));
        assert!(!path.with_file_name(format!("{name}.json")).exists());
    }
    ctl(home.path(), &["templates", "new", "code-review", "--from", "code-review"])
        .assert()
        .success()
        .stderr(contains("stands for the built-in 'code-review'"));
    ctl(home.path(), &["templates", "check", "code-review"])
        .assert()
        .success()
        .stdout(contains("good, 7 agents"));
}

#[test]
fn mistakes_are_told_all_at_once() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("bad.json");
    fs::write(&path, r#"{"name":"bad","agents":[{"role":"a","subagent":"nobody","dependsOn":["a"]}]}"#)
        .unwrap();
    ctl(home.path(), &["templates", "check", path.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(contains("convoy-ctl: 3 problems, it cannot be started\n"))
        .stderr(contains("no 'description'").and(contains("no agent file 'nobody'")))
        .stderr(contains("dependency cycle: a → a"));
    ctl(home.path(), &["templates", "check", "nope"]).assert().code(4);
    ctl(home.path(), &["templates", "show", "nope"]).assert().code(4);
}

#[test]
fn runners_say_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    ctl(home.path(), &["runners"])
        .assert()
        .success()
        .stdout(contains("✓ builtin   static rules, no AI\n"))
        .stdout(contains("○ claude    not installed\n            npm install -g "));
    ctl(home.path(), &["runners", "check", "claude"]).assert().success().stdout("claude: good\n");
    ctl(home.path(), &["runners", "show", "builtin"]).assert().success().stdout(contains("[subagents."));
    let listed = ctl(home.path(), &["runners", "--json"]).output().unwrap().stdout;
    let listed: serde_json::Value = serde_json::from_slice(&listed).unwrap();
    for (name, want) in
        [("claude", "own"), ("opencode", "own"), ("command", "project"), ("builtin", "project")]
    {
        let one = listed.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        assert_eq!(one["cwd"], want, "{name}");
    }
    let runners = home.path().join("state/runners");
    fs::create_dir_all(&runners).unwrap();
    fs::write(runners.join("mine.toml"), "description = 'd'\nprogramm = 'x'\nprompt = 'stdin'\n").unwrap();
    ctl(home.path(), &["runners", "check", "mine"])
        .assert()
        .code(2)
        .stderr(contains("mine.toml:2:1: unknown key 'programm'").and(contains("did you mean 'program'?")));
    ctl(home.path(), &["runners"]).assert().stdout(contains("○ mine").and(contains("runners check mine")));
}

#[test]
fn a_new_runner_is_a_copy_with_a_schema_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("state/runners");
    ctl(home.path(), &["runners", "new", "mine", "--from", "codex"])
        .assert()
        .success()
        .stdout(contains("mine.toml"))
        .stderr(contains("runners check mine"));
    let text = fs::read_to_string(dir.join("mine.toml")).unwrap();
    let original = ctl(home.path(), &["runners", "show", "codex"]).assert().success();
    let original = String::from_utf8(original.get_output().stdout.clone()).unwrap();
    assert_eq!(text, format!("#:schema ../runner.schema.json\n{original}"));
    let printed = ctl(home.path(), &["runners", "schema"]).assert().success();
    assert_eq!(fs::read(home.path().join("state/runner.schema.json")).unwrap(), printed.get_output().stdout);
    ctl(home.path(), &["runners", "check", "mine"]).assert().success();
    // A copy of a copy has one such line, and nothing is ever written over.
    ctl(home.path(), &["runners", "new", "third", "--from", "mine"]).assert().success();
    assert_eq!(fs::read_to_string(dir.join("third.toml")).unwrap(), text);
    ctl(home.path(), &["runners", "new", "mine", "--from", "claude"])
        .assert()
        .code(2)
        .stderr(contains("is there already"));
    assert_eq!(fs::read_to_string(dir.join("mine.toml")).unwrap(), text);
    ctl(home.path(), &["runners", "new", "other", "--from", "nobody"]).assert().code(2);
    assert!(!dir.join("other.toml").exists());
    ctl(home.path(), &["runners", "new", "claude", "--from", "claude"])
        .assert()
        .success()
        .stderr(contains("stands for the built-in 'claude'"));
}

#[test]
fn a_template_is_shown_with_what_it_inherits_and_copied_whole() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("state/convoy-templates");
    fs::create_dir_all(&dir).unwrap();
    let base = r#"{"name":"base","extends":"code-review","agents":[{"role":"performance","remove":true},{"role":"security","model":"opus"}]}"#;
    let leaf = r#"{"name":"leaf","description":"mine","extends":"base","config":{"maxParallel":1}}"#;
    fs::write(dir.join("base.json"), base).unwrap();
    fs::write(dir.join("leaf.json"), leaf).unwrap();
    let shown = ctl(home.path(), &["templates", "show", "leaf"]).assert().success();
    let shown: serde_json::Value = serde_json::from_slice(&shown.get_output().stdout).unwrap();
    let roles: Vec<&str> =
        shown["agents"].as_array().unwrap().iter().map(|agent| agent["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["correctness", "security", "requirements", "synthesis", "verify", "verify-again"]);
    assert_eq!((&shown["agents"][1]["model"], &shown["config"]["maxParallel"]), (&"opus".into(), &1.into()));
    assert_eq!(
        shown["agents"][3]["dependsOn"],
        serde_json::json!(["correctness", "security", "requirements", "verify", "verify-again"])
    );
    ctl(home.path(), &["templates", "show", "leaf", "--source"]).assert().success().stdout(leaf);
    ctl(home.path(), &["templates", "new", "copy", "--from", "leaf"]).assert().success();
    ctl(home.path(), &["templates", "check", "copy"]).assert().success().stdout(contains("good, 6 agents"));
    let schema = home.path().join("state/template.schema.json");
    let printed = ctl(home.path(), &["templates", "schema"]).assert().success();
    assert_eq!(fs::read(schema).unwrap(), printed.get_output().stdout, "where \"$schema\" points to");
    ctl(home.path(), &["templates", "new", "other", "--from", "nope"]).assert().code(4);
    assert!(!dir.join("other.json").exists());
}

#[test]
fn agent_files_of_others_are_checked_before_they_are_used() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("agents/deep");
    fs::create_dir_all(&dir).unwrap();
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    write("README.md", "# Agents\n");
    write(
        "Code Reviewer.md",
        "---\nname: Code Reviewer\ndescription: Use: when\ntools: Read Bash\n---\nReview.\n",
    );
    write(
        "looker.md",
        "---\nname: looker\ndescription: d\ndisallowedTools: Grep\nhooks: {}\n---\nLook at {{it}}.\n",
    );
    let check = |more: &[&str]| {
        let words: Vec<&str> =
            ["agents", "check", "agents"].into_iter().chain(more.iter().copied()).collect();
        let mut command = ctl(home.path(), &words);
        command.current_dir(home.path());
        command
    };
    check(&[]).assert().success().stdout(
        contains("Code Reviewer  claude sonnet  gets Read, Bash, Write")
            .and(contains("read key by key"))
            .and(contains("looker  claude sonnet  gets Read, Glob, Write"))
            .and(contains("names no tools, and may only read"))
            .and(contains("not used here: hooks"))
            .and(contains("2 agent files; 1 other Markdown file")),
    );
    check(&["--runner", "gemini"])
        .assert()
        .success()
        .stdout(contains("gemini gemini-2.5-pro  gets read_file"));
    check(&["--runner", "nobody"]).assert().code(2).stdout(contains("no runner 'nobody'"));
    write("bad.md", "---\nname: bad\ndescription: d\nrunner: command\n---\n");
    let out = check(&["--json"]).assert().code(2);
    let all: serde_json::Value = serde_json::from_slice(&out.get_output().stdout).unwrap();
    let bad =
        all.as_array().unwrap().iter().find(|one| one["file"].as_str().unwrap().ends_with("bad.md")).unwrap();
    assert!(bad["problems"][0].as_str().unwrap().contains("needs a 'command'"), "{bad}");
    ctl(home.path(), &["agents"]).assert().success().stdout(contains("code-review-security"));
    ctl(home.path(), &["agents", "show", "triage-agent"])
        .assert()
        .success()
        .stdout(contains("name: triage-agent"));
    ctl(home.path(), &["agents", "check", "nobody"]).assert().code(4);
}

#[test]
fn what_a_check_calls_good_is_not_refused_for_its_files() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    for dir in ["agents", "convoy-templates"] {
        fs::create_dir_all(state.join(dir)).unwrap();
    }
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
    let template = |more: &str| {
        let text =
            format!(r#"{{"name":"t","description":"d","agents":[{{"role":"a","subagent":"x"{more}}}]}}"#);
        fs::write(state.join("convoy-templates/t.json"), text).unwrap();
    };
    for (frontmatter, more, want) in [
        ("runner: command\ncommand: [echo]", "", None),
        ("runner: nobody", "", Some("no runner 'nobody'")),
        ("runner: command", "", Some("runner 'command' needs a 'command'")),
        ("runner: builtin", "", Some("does not know the agent 'x'")),
        ("model: opus", "", None),
        ("model: opus", r#","runner":"command""#, Some("runner 'command' needs a 'command'")),
        ("model: opus", r#","dependsOn":["a"]"#, Some("dependency cycle")),
    ] {
        let file = format!("---\nname: x\ndescription: d\n{frontmatter}\n---\nDo.\n");
        fs::write(state.join("agents/x.md"), file).unwrap();
        template(more);
        let checked = ctl(home.path(), &["templates", "check", "t"]).assert();
        match want {
            None => checked.success(),
            Some(words) => checked.code(2).stderr(contains(words)),
        };
    }
}

#[test]
fn doctor_says_when_aliases_are_older_than_the_cli() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let installed = |name: &str, version: &str| {
        let path = bin.join(name);
        let script = format!("#!/bin/sh\necho {name} {version}\n");
        std::process::Command::new("/bin/sh")
            .args(["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", &script])
            .arg(&path)
            .status()
            .unwrap();
    };
    let models = |name: &str| {
        let out = ctl(home.path(), &["doctor", "--json"]).env("PATH", &bin).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let checks = json.as_array().or_else(|| json["checks"].as_array()).unwrap().clone();
        let of = format!("{name} models");
        checks.into_iter().find(|check| check["what"] == of.as_str())
    };
    installed("codex", "0.171.0");
    installed("claude", "99.0.0");
    installed("qwen", "99.0.0");
    assert_eq!(models("codex"), None, "they were compared with this one");
    installed("codex", "0.172.1");
    let check = models("codex").expect("a note");
    let found = check["found"].as_str().unwrap();
    assert!(found.contains("haiku, opus, sonnet mean gpt-5.5, chosen for 0.171.0"), "{check}");
    assert!(check.to_string().contains("--model"), "{check}");
    assert_eq!((models("claude"), models("qwen")), (None, None), "those mean what the CLI means by them");
}
