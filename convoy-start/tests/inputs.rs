//! What a convoy is to work on: issues from files, pull requests by `gh` (a
//! stand-in on PATH), parts of the files for each agent.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod desk;

use std::process::Command;

use desk::Desk;
use predicates::prelude::*;
use predicates::str::contains;

const URL: &str = "https://github.com/o/r/pull/7";
const FAN: &str = r#"{"name":"fan","description":"d","agents":[
  {"role":"one","subagent":"worker","command":["tool"],"forEach":"issues","prompt":"Look at {{item}}."},
  {"role":"last","subagent":"worker","command":["tool"],"dependsOn":["one"],"require":"any"}]}"#;
const CHUNKS: &str = r#"{"name":"chunks","description":"d","agents":[
  {"role":"part","subagent":"worker","command":["tool","{files_from}"],"forEach":{"files":1},"report":"findings"}]}"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.program("tool", "exit 0")
        .write_state("agents/worker.md", "---\nname: worker\ndescription: d\n---\nWork.\n")
        .write_state("convoy-templates/fan.json", FAN)
        .write_state("convoy-templates/chunks.json", CHUNKS);
    desk
}

fn git(desk: &Desk, words: &[&str]) -> String {
    let out = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main"])
        .args(words)
        .current_dir(desk.project())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// A project under git with a stand-in `gh` that knows one pull request.
fn with_pull_request(head: &str) -> Desk {
    let desk = desk();
    git(&desk, &["init", "-q"]);
    git(&desk, &["add", "."]);
    git(&desk, &["commit", "-qm", "a"]);
    let head = if head == "HEAD" { git(&desk, &["rev-parse", "HEAD"]) } else { head.to_owned() };
    desk.program(
        "gh",
        &format!(
            "[ \"$PWD\" = / ] || exit 9\ncase \"$*\" in\n\
             \"pr view {URL} --json headRefOid,title,body\") echo '{{\"headRefOid\":\"{head}\",\"title\":\"Retry\",\"body\":\"It must retry.\"}}' ;;\n\
             \"pr diff {URL} --name-only\") printf 'src/a.ts\\ngone.ts\\n../evil\\n' ;;\n\
             \"pr diff {URL} --color never\") printf -- '--- a/src/a.ts\\n+++ b/src/a.ts\\n+new line\\n' ;;\n\
             *) echo \"unexpected: $*\" >&2; exit 8 ;;\nesac"
        ),
    );
    desk
}

#[test]
fn a_pull_request_gives_its_files_and_its_diff() {
    let desk = with_pull_request("HEAD");
    desk.write_state(
        "convoy-templates/own.json",
        r#"{"name":"own","description":"d","agents":[{"role":"one","subagent":"worker","command":["tool"]}]}"#,
    );
    desk.start()
        .args(["own", "--pr-url", URL, "--dry-run"])
        .assert()
        .success()
        .stdout(contains("own (user): 1 file and 1 deleted or no regular file, in "))
        .stdout(contains("\nfiles    src/a.ts\nno files gone.ts\n").and(contains("evil").not()))
        .stdout(contains(format!("- Pull request: {URL}\n")))
        .stdout(contains("## What the pull request says").and(contains("It must retry.")))
        .stdout(contains("    ```diff\n    --- a/src/a.ts\n    +++ b/src/a.ts\n    +new line\n    ```\n"));
}

#[test]
fn a_pull_request_must_be_fetched() {
    let desk = with_pull_request("1234567890123456789012345678901234567890");
    desk.start()
        .args(["code-review", "--pr-url", URL])
        .assert()
        .code(2)
        .stderr(contains("its commit is not in this repository\nhint: git fetch origin pull/7/head"));
    assert!(!desk.state().join("convoys").exists());
}

#[test]
fn a_pull_request_that_is_fetched_is_reviewed_whatever_is_checked_out() {
    let desk = with_pull_request("HEAD");
    let head = git(&desk, &["rev-parse", "HEAD"]);
    git(&desk, &["switch", "-qc", "other"]);
    git(&desk, &["rm", "-q", "src/a.ts"]);
    git(&desk, &["commit", "-qm", "c"]);
    desk.start()
        .args(["code-review", "--pr-url", URL, "--dry-run", "--json"])
        .assert()
        .success()
        .stdout(contains(format!("\"commit\": \"{head}\"")).and(contains("\"src/a.ts\"")));
}

#[test]
fn a_merge_that_a_pipeline_made_of_it_counts_as_checked_out() {
    let desk = with_pull_request("HEAD");
    git(&desk, &["switch", "-qc", "other"]);
    desk.write_project("src/c.ts", "x");
    git(&desk, &["add", "."]);
    git(&desk, &["commit", "-qm", "c"]);
    git(&desk, &["switch", "-qc", "merge", "main"]);
    git(&desk, &["merge", "-q", "--no-ff", "-m", "m", "other"]);
    desk.start().args(["code-review", "--pr-url", URL, "--dry-run"]).assert().success();
    // The same where the history behind it was not fetched.
    let shallow = desk.state().parent().unwrap().join("shallow");
    let url = format!("file://{}", desk.project().display());
    git(&desk, &["clone", "-q", "--depth", "1", "--branch", "merge", &url, shallow.to_str().unwrap()]);
    let mut start = desk.start();
    start.args(["code-review", "--pr-url", URL, "--dry-run", "--project-path"]).arg(&shallow);
    start.assert().success();
}

#[test]
fn without_gh_it_says_what_to_do() {
    let desk = desk();
    // No gh of the machine's own may answer.
    let path = desk.state().parent().unwrap().join("bin");
    desk.start()
        .env("PATH", path)
        .args(["code-review", "--pr-url", URL])
        .assert()
        .code(2)
        .stderr(contains("gh is not installed\nhint: install gh and log in, or check the branch out"));
    let failing = with_pull_request("HEAD");
    failing.program("gh", "echo 'could not resolve to a PullRequest' >&2; exit 1");
    failing
        .start()
        .args(["code-review", "--pr-url", URL])
        .assert()
        .code(2)
        .stderr(contains("gh pr view failed: could not resolve to a PullRequest"));
}

#[test]
fn issues_come_from_json_markdown_and_standard_input() {
    let desk = desk();
    let json = r#"[{"number":12,"title":"It crashes","body":"On start.","labels":[{"name":"bug"}]},{"number":13,"title":"Docs"}]"#;
    desk.write_project("src/issues.json", json).write_project("src/issues.md", "- A-1: one\n- A-2: two\n");
    desk.start()
        .args(["fan", "--issues-file", "-", "--issue", "99", "--dry-run"])
        .write_stdin(json)
        .assert()
        .success()
        .stdout(contains("issues 12 13 99").and(contains("  1  one-1  +  one-2  +  one-3\n")))
        .stdout(contains("    Look at 12.\n").and(contains("    ### Issue 12: It crashes\n")))
        .stdout(contains("    On start.\n").and(contains("    Look at 99.\n")));
    desk.start()
        .args(["fan", "--issues-file", "src/issues.md", "--dry-run"])
        .assert()
        .success()
        .stdout(contains("### Issue A-2: two"));
    for (words, want) in [
        (&["fan"][..], "'forEach' of 'one': there are no issues\nhint: say which: --issue ID"),
        (&["fan", "--issues-file", "no.md"], "--issues-file no.md: no such file"),
        (&["fan", "--issues-file", "src/issues.md", "--runner", "onee=command"], "no role 'onee'"),
    ] {
        let exit = if want.contains("role") { 4 } else { 2 };
        desk.start().args(words).assert().code(exit).stderr(contains(want));
    }
    desk.start()
        .args(["fan", "--issues-file", "-"])
        .write_stdin("[{]")
        .assert()
        .code(2)
        .stderr(contains("standard input:1:3: not JSON"));
}

#[test]
fn a_choice_for_a_role_is_one_for_all_that_are_made_of_it() {
    let desk = desk();
    desk.start()
        .args(["fan", "--issue", "1", "--issue", "2", "--runner", "one=claude"])
        .assert()
        .code(2)
        .stderr(contains("runner 'claude': the program 'claude' is not installed"));
    assert!(desk.is_untouched());
}

#[test]
fn each_agent_gets_its_part_of_the_files() {
    let desk = desk();
    let out = desk.start().args(["chunks", "--files", "src", "--dry-run", "--json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&out.get_output().stdout).unwrap();
    let agents = json["plan"]["agents"].as_array().unwrap();
    let parts: Vec<String> =
        agents.iter().map(|a| format!("{} {} {}", a["role"], a["group"], a["files"])).collect();
    assert_eq!(
        parts,
        ["\"part-1\" \"part\" {\"from\":0,\"count\":1}", "\"part-2\" \"part\" {\"from\":1,\"count\":1}",]
    );
}
