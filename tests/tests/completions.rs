//! Completions as a real bash asks for them: `pan` completes its own commands,
//! and what the programs behind it know, ids and roles included.

use std::process::Command;

use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

/// What bash would offer for the last of these words.
fn offered(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let mut bash = Command::new("bash");
    sandbox.surround(&mut bash);
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs::dir().display());
    let script = r#"
        source <(pan --generate bash) || exit 1
        complete -p pan >&2 || exit 1
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_pan pan "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}" || exit 1
        printf '%s\n' "${COMPREPLY[@]}""#;
    bash.args(["--norc", "-c", script, "bash"]).args(words).env("PATH", path);
    let out = bash.output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", shown(&out));
    String::from_utf8(out.stdout).unwrap().lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn commands_verbs_and_options() {
    let sandbox = Sandbox::new(Launcher::Process);
    assert_eq!(offered(&sandbox, &["pan", "con"]), ["convoy"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "sta"]), ["start", "status"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "inv"]), ["inventory"]);
    assert_eq!(offered(&sandbox, &["pan", "review", "--summ"]), ["--summary"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "start", "plan"]), ["planning"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "start", "x", "--runner", "a=gem"]), ["a=gemini"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "runners", "show", "codex"]), ["codex"]);
}

#[test]
fn ids_and_roles_of_convoys() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("quick", &["report"]);
    let agent = |role: &str| format!(r#""role": "{role}", "subagent": "quick""#);
    sandbox.template("pair", &[&agent("first"), &agent("second")], "");
    let id = sandbox.start("pair", &[]);
    sandbox.until_ended(&id);
    let id = id.to_string();
    let short = id.rsplit('-').next().unwrap();
    assert_eq!(offered(&sandbox, &["pan", "convoy", "status", ""])[..2], [short, "latest"]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "stop", "convoy-pa"]), [id.as_str()]);
    assert_eq!(offered(&sandbox, &["pan", "convoy", "logs", short, "se"]), ["second"]);
}

#[test]
fn the_list_of_verbs_is_the_one_of_the_programs() {
    let sandbox = Sandbox::new(Launcher::Process);
    let mut listed = offered(&sandbox, &["pan", "convoy", ""]);
    listed.retain(|word| !word.starts_with('-'));
    let out = sandbox.run("convoy-ctl", &["--help"]);
    let help = String::from_utf8(out.stdout).unwrap();
    let verbs = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let verbs = verbs.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut known: Vec<&str> = verbs.filter_map(|line| line.split_whitespace().next()).collect();
    known.extend(["start", "watch"]);
    // `pan skills` and `pan help` are commands of their own.
    known.retain(|verb| !["help", "skills"].contains(verb));
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, known);
}
