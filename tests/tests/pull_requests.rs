//! Findings on a pull request: the real `gh` against a stand-in of GitHub that keeps the
//! rules of its API (`convoy_tests::hub`). Nothing here leaves this machine, and no real
//! pull request is made.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use convoy_tests::hub::{Standin, URL};
use convoy_tests::lab;
use convoy_tests::programs::{self, skipped};
use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::{Value, json};

const DIFF: &str = "@@ -8,3 +8,6 @@ f()\n a\n+b\n+c\n+d\n e\n f\n";

/// A sandbox and a stand-in, or nothing where `gh` is not there.
fn place() -> Option<(Sandbox, Standin)> {
    if !is_there("gh") {
        skipped("pull requests: gh is not installed");
        return None;
    }
    let standin = Standin::start();
    standin.hub().push(&"1".repeat(40), &[("src/a.ts", DIFF)]);
    Some((Sandbox::new(Launcher::Process), standin))
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success())
}

/// One finding, at a line of `src/a.ts`.
fn finding(name: &str, line: u64) -> Value {
    json!({
        "id": format!("F{line}"), "fingerprint": name, "title": format!("{name} is wrong"),
        "severity": "high", "locations": [{ "file": "src/a.ts", "lineStart": line, "lineEnd": line }],
        "reviewers": ["security"], "rule": "r", "new": true,
        "members": [{ "body": "**Problem:** @everyone look\n/close\n::error::no" }],
    })
}

fn document(findings: &[Value], verdict: &str) -> String {
    let obstacles =
        if verdict == "COMMENTED" { json!(["the security review is missing"]) } else { json!([]) };
    json!({
        "schemaVersion": 1, "findings": findings,
        "verdict": { "verdict": verdict, "gate": "high", "gateOn": "new", "blocking": findings.len(), "obstacles": obstacles },
    })
    .to_string()
}

/// `convoy-comment` with these findings.
fn comment(sandbox: &Sandbox, standin: &Standin, document: &str, more: &[&str]) -> Output {
    run(sandbox, standin, document, &[&["--pr-url", URL], more].concat(), &[])
}

fn run(
    sandbox: &Sandbox,
    standin: &Standin,
    document: &str,
    words: &[&str],
    variables: &[(&str, &str)],
) -> Output {
    fs::write(sandbox.path("findings.json"), document).unwrap();
    let mut command = sandbox.command("convoy-comment");
    standin.log_in(&mut command);
    command.args(words).envs(variables.iter().copied());
    command.stdin(Stdio::from(fs::File::open(sandbox.path("findings.json")).unwrap()));
    command.output().unwrap()
}

fn assert_ok(out: &Output) -> String {
    assert_eq!(out.status.code(), Some(0), "{}", shown(out));
    String::from_utf8(out.stdout.clone()).unwrap()
}

#[test]
fn twenty_pushes_make_one_comment_and_each_line_has_its_finding_once() {
    let Some((sandbox, standin)) = place() else { return };
    for n in 0..120 {
        standin.hub().say("somebody", &format!("<!-- convoy:summary name=convoy -->\nnot ours {n}"));
    }
    for push in 0..20u64 {
        let commit = format!("{push:040}");
        // The file changes with each push, and most findings stay.
        let diff = DIFF.replace("+d", &format!("+d{push}"));
        standin.hub().push(&commit, &[("src/a.ts", &diff), ("src/b.ts", DIFF)]);
        let mut found = vec![finding("always", 9), finding("outside", 40)];
        if push % 4 < 2 {
            found.push(finding(&format!("now_{}", push / 4), 10));
        }
        let out = comment(&sandbox, &standin, &document(&found, "CHANGES_REQUESTED"), &["--commit", &commit]);
        assert_ok(&out);
        let hub = standin.hub();
        for finding in &found {
            assert!(hub.summary().contains(
                &format!("{} is wrong", finding["fingerprint"].as_str().unwrap()).replace('_', "\\_")
            ));
        }
        let open = hub.threads.iter().filter(|thread| !thread.resolved).count();
        assert_eq!(open, found.len() - 1, "push {push}: {:#?}", hub.threads);
        let check = hub.checks.last().unwrap();
        assert_eq!((check.commit.as_str(), check.conclusion.as_str()), (commit.as_str(), "failure"));
    }
    let hub = standin.hub();
    assert_eq!(hub.comments.len(), 121);
    let mut marks: Vec<&str> = hub.threads.iter().map(|thread| thread.body.lines().next().unwrap()).collect();
    marks.sort_unstable();
    let all = marks.len();
    marks.dedup();
    assert_eq!((marks.len(), all), (6, 6), "{marks:?}");
    assert_eq!(hub.threads.iter().filter(|thread| thread.resolved).count(), 5);
    assert!(
        hub.threads
            .iter()
            .all(|thread| !thread.body.contains("@everyone") && !thread.body.contains("\n/close"))
    );
}

#[test]
fn the_same_push_again_changes_nothing_but_the_check() {
    let Some((sandbox, standin)) = place() else { return };
    let found = document(&[finding("one", 9)], "CHANGES_REQUESTED");
    assert_ok(&comment(&sandbox, &standin, &found, &[]));
    // The row says now that it is on its line already, as before.
    let before = standin.hub().asked.len();
    let told = assert_ok(&comment(&sandbox, &standin, &found, &["--no-check"]));
    assert!(told.contains("nothing to change"), "{told}");
    let hub = standin.hub();
    assert!(
        hub.asked[before..].iter().all(|asked| asked.starts_with("GET") || asked == "POST /graphql"),
        "{:?}",
        hub.asked
    );
    assert_eq!((hub.threads.len(), hub.comments.len(), hub.checks.len()), (1, 1, 1));
}

#[test]
fn files_come_in_pages_and_a_comment_reaches_the_last_of_them() {
    let Some((sandbox, standin)) = place() else { return };
    let names: Vec<String> = (0..230).map(|n| format!("src/{n:03}.ts")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), DIFF)).collect();
    standin.hub().push(&"2".repeat(40), &files);
    let mut last = finding("last", 9);
    last["locations"][0]["file"] = json!("src/229.ts");
    assert_ok(&comment(&sandbox, &standin, &document(&[last], "CHANGES_REQUESTED"), &[]));
    let hub = standin.hub();
    assert_eq!(hub.threads[0].path, "src/229.ts");
    assert_eq!(hub.asked.iter().filter(|asked| asked.ends_with("/files")).count(), 3);
}

#[test]
fn a_line_that_is_refused_goes_into_the_comment_and_the_others_stay_on_theirs() {
    let Some((sandbox, standin)) = place() else { return };
    standin.hub().refused.insert(10);
    let found = [finding("fine", 9), finding("refused", 10), finding("outside", 70)];
    let told = assert_ok(&comment(&sandbox, &standin, &document(&found, "CHANGES_REQUESTED"), &[]));
    assert!(told.contains("1 on lines, 1 not accepted on lines"), "{told}");
    let hub = standin.hub();
    assert_eq!(hub.threads.iter().map(|thread| thread.line).collect::<Vec<_>>(), [9]);
    let summary = hub.summary();
    assert!(
        summary.contains("not accepted on its line: below") && summary.contains("not in the diff: below"),
        "{summary}"
    );
    assert!(summary.contains("2 findings without a comment on a line"), "{summary}");
}

#[test]
fn limits_are_waited_for_and_longer_ones_are_told() {
    let Some((sandbox, standin)) = place() else { return };
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let secondary = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}"#;
    let reset = now() + 1;
    let mut used_up = header("x-ratelimit-remaining", "0");
    used_up.extend(header("x-ratelimit-reset", &reset.to_string()));
    standin.hub().next.extend([
        (429, header("Retry-After", "1"), "{}".to_owned()),
        (403, header("Retry-After", "1"), secondary.to_owned()),
        (403, used_up, r#"{"message":"API rate limit exceeded"}"#.to_owned()),
    ]);
    let found = document(&[finding("one", 9)], "CHANGES_REQUESTED");
    let out = comment(&sandbox, &standin, &found, &[]);
    assert_ok(&out);
    assert_eq!(String::from_utf8_lossy(&out.stderr).matches("waiting").count(), 3, "{}", shown(&out));
    assert_eq!(standin.hub().counts(), (1, 1, 1));

    // A minute is longer than may be waited: said, and what can be done without is done.
    standin.hub().next.push_back((403, Vec::new(), secondary.to_owned()));
    let found = document(&[finding("one", 9), finding("two", 10)], "CHANGES_REQUESTED");
    let out = comment(&sandbox, &standin, &found, &["--wait", "5s"]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("wants a wait of 60 s"), "{}", shown(&out));
    let hub = standin.hub();
    assert_eq!(hub.threads.len(), 1);
    assert!(hub.summary().contains("two is wrong") && hub.summary().contains("1 finding without a comment"));
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_fork_without_the_right_to_write_has_annotations() {
    let Some((sandbox, standin)) = place() else { return };
    standin.hub().read_only = true;
    let mut hostile = finding("one", 9);
    hostile["title"] = json!("x\n::stop-commands::y, a:b");
    for found in
        [document(&[hostile.clone(), finding("two", 70)], "CHANGES_REQUESTED"), document(&[], "COMMENTED")]
    {
        let out = run(&sandbox, &standin, &found, &["--pr-url", URL], &[("GITHUB_ACTIONS", "true")]);
        let told = assert_ok(&out);
        assert!(
            String::from_utf8_lossy(&out.stderr).contains("annotations of this run instead"),
            "{}",
            shown(&out)
        );
        assert!(
            told.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
            "{told}"
        );
        assert!(!told.contains("\n::stop"), "{told}");
    }
    // Anywhere else nobody would see them.
    let out = comment(&sandbox, &standin, &document(&[finding("one", 9)], "CHANGES_REQUESTED"), &[]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    assert_eq!(standin.hub().counts(), (0, 0, 0));
}

#[test]
fn a_check_has_the_verdict_and_never_a_success_without_one() {
    let Some((sandbox, standin)) = place() else { return };
    for (verdict, want) in
        [("APPROVED", "success"), ("CHANGES_REQUESTED", "failure"), ("COMMENTED", "neutral")]
    {
        assert_ok(&comment(&sandbox, &standin, &document(&[], verdict), &[]));
        assert_eq!(standin.hub().checks.last().unwrap().conclusion, want);
    }
    assert_ok(&comment(&sandbox, &standin, r#"{"schemaVersion":1,"findings":[]}"#, &[]));
    assert_eq!(standin.hub().checks.last().unwrap().conclusion, "neutral");
    assert!(standin.hub().summary().contains("no verdict"));
    let many: Vec<Value> = (0..130).map(|n| finding(&format!("many{n}"), 9)).collect();
    assert_ok(&comment(&sandbox, &standin, &document(&many, "CHANGES_REQUESTED"), &["--lines", "3"]));
    assert_eq!(standin.hub().checks.last().unwrap().annotations.len(), 130);
    assert_eq!(standin.hub().threads.len(), 3);
    // GitHub has checks only of apps: a person is told, and the rest is done.
    standin.hub().of_a_person = true;
    let out = comment(&sandbox, &standin, &document(&[], "APPROVED"), &[]);
    assert_ok(&out);
    assert!(String::from_utf8_lossy(&out.stderr).contains("no check: "), "{}", shown(&out));
}

#[test]
fn two_summaries_become_one_and_one_of_others_stays() {
    let Some((sandbox, standin)) = place() else { return };
    standin.hub().say("somebody", "<!-- convoy:summary name=convoy -->\ntheirs");
    standin.hub().say("me", "<!-- convoy:summary name=convoy -->\nfirst");
    standin.hub().say("me", "> <!-- convoy:summary name=convoy -->\nquoted");
    standin.hub().say("me", "<!-- convoy:summary name=convoy -->\nsecond, of a run at the same time");
    assert_ok(&comment(&sandbox, &standin, &document(&[], "APPROVED"), &[]));
    let hub = standin.hub();
    assert_eq!(hub.comments.len(), 3);
    assert!(hub.comments[0].body.ends_with("theirs") && hub.comments[2].body.ends_with("quoted"));
    assert!(hub.comments[1].body.contains("approved"));
}

#[test]
fn what_was_reviewed_before_the_last_push_is_written_on_no_line() {
    let Some((sandbox, standin)) = place() else { return };
    let found = document(&[finding("one", 9)], "CHANGES_REQUESTED");
    let merge = standin.hub().merge.clone();
    assert_ok(&comment(&sandbox, &standin, &found, &["--commit", &"a".repeat(40), "--no-check"]));
    assert_eq!(standin.hub().counts(), (1, 0, 0));
    assert!(standin.hub().summary().contains("has moved on"));
    // The merge of it into its base is what a pipeline checks out.
    assert_ok(&comment(&sandbox, &standin, &found, &["--commit", &merge]));
    assert_eq!(standin.hub().threads.len(), 1);
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_it_would_do() {
    let Some((sandbox, standin)) = place() else { return };
    let found = document(&[finding("one", 9)], "CHANGES_REQUESTED");
    let told = assert_ok(&comment(&sandbox, &standin, &found, &["--dry-run"]));
    assert!(
        told.contains("comment on src/a.ts:9: one is wrong") && told.contains("make this comment"),
        "{told}"
    );
    let hub = standin.hub();
    assert!(hub.comments.is_empty() && hub.threads.is_empty() && hub.checks.is_empty());
}

#[test]
fn which_pull_request_is_meant_is_found_or_asked_for() {
    let Some((sandbox, standin)) = place() else { return };
    let found = document(&[], "APPROVED");
    let actions = [
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_SERVER_URL", "https://github.localhost"),
        ("GITHUB_REF", "refs/pull/7/merge"),
    ];
    assert!(assert_ok(&run(&sandbox, &standin, &found, &[], &actions)).starts_with(URL));
    let out = run(&sandbox, &standin, &found, &[], &[]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("hint: name it: --pr-url"), "{}", shown(&out));
    let project = Repository::new(&sandbox);
    project.git(&["remote", "add", "origin", "https://github.localhost/o/r.git"]);
    project.git(&["switch", "-q", "-c", "work"]);
    let out = run(&sandbox, &standin, &found, &[], &[]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(
        String::from_utf8_lossy(&out.stderr).contains("work has no open pull request"),
        "{}",
        shown(&out)
    );
    standin.hub().branch = "work".to_owned();
    assert!(assert_ok(&run(&sandbox, &standin, &found, &[], &[])).starts_with(URL));
    for (words, document, want) in [
        (
            &["--pr-url", "https://github.localhost/o/r/issues/7"][..],
            found.as_str(),
            "no address of a pull request",
        ),
        (&["--pr-url", URL], "{\"format\":\"convoy-findings\"}", "does not hold merged findings"),
        (&["--pr-url", URL, "nope.json"], "", "nope.json"),
    ] {
        let out = run(&sandbox, &standin, document, words, &[]);
        assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
        assert!(String::from_utf8_lossy(&out.stderr).contains(want), "{}", shown(&out));
    }
    let out = run(&sandbox, &standin, &found, &["--pr-url", "https://github.localhost/o/r/pull/8"], &[]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
}

/// The diff of a file that was not there before.
fn added(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("+{line}")).collect();
    format!("@@ -0,0 +1,{} @@\n{}\n", lines.len(), lines.join("\n"))
}

/// The whole way: a change with a fault in a repository, reviewed by the built-in rules.
#[test]
fn a_review_ends_up_on_its_pull_request_and_a_mended_one_too() {
    let Some((sandbox, standin)) = place() else { return };
    let project = Repository::new(&sandbox);
    project.git(&["switch", "-q", "-c", "work"]);
    let push = |text: &str| {
        project.write("src/b.py", text);
        let commit = project.commit("change");
        let diff = added(text);
        standin.hub().push(&commit, &[("src/b.py", &diff)]);
    };
    let review = || {
        let mut command = sandbox.command("convoy-review");
        standin.log_in(&mut command);
        command.args(["--diff=main", "--runner", "builtin", "--comment", "--pr-url", URL, "--json"]);
        command.output().unwrap()
    };
    push(FAULT);
    let out = review();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["reviewResult"], "CHANGES_REQUESTED");
    {
        let hub = standin.hub();
        assert_eq!((hub.threads.len(), hub.threads[0].line, hub.threads[0].resolved), (1, 6, false));
        assert!(hub.summary().contains("changes requested"), "{}", hub.summary());
        assert!(hub.summary().contains("static rules only: no AI has reviewed this"), "{}", hub.summary());
        assert!(
            hub.summary().contains("Read: ") && hub.summary().contains(" 1 of 1 file"),
            "{}",
            hub.summary()
        );
        assert_eq!(hub.checks.last().unwrap().conclusion, "failure");
    }
    push("def f():\n    return 1\n");
    let out = review();
    assert_eq!(out.status.code(), Some(0), "{}", shown(&out));
    {
        let hub = standin.hub();
        assert_eq!((hub.threads.len(), hub.threads[0].resolved), (1, true));
        assert!(hub.summary().contains("approved"), "{}", hub.summary());
        assert_eq!(hub.checks.last().unwrap().conclusion, "success");
    }
    // What cannot be published is told, and is neither a pass nor a finding.
    standin.hub().read_only = true;
    let out = review();
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["reviewResult"], "APPROVED", "the verdict stays true");
}

#[test]
fn a_pull_request_that_cannot_be_read_is_told_before_a_review_costs_anything() {
    let Some((sandbox, standin)) = place() else { return };
    let project = Repository::new(&sandbox);
    project.write("src/a.py", FAULT);
    let mut command = sandbox.command("convoy-review");
    standin.log_in(&mut command);
    command.args([
        "--diff",
        "--runner",
        "builtin",
        "--comment",
        "--pr-url",
        "https://github.localhost/o/r/pull/8",
    ]);
    let out = command.output().unwrap();
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    assert!(
        String::from_utf8_lossy(&out.stderr).contains("cannot be read: Not Found (HTTP 404)"),
        "{}",
        shown(&out)
    );
    assert!(sandbox.ok("convoy-ctl", &["list", "--json"]).trim() == "[]");
}

/// A step of `action.yml`, as a shell script.
fn step(name: &str) -> String {
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("action.yml");
    let text = fs::read_to_string(action).unwrap();
    let step = text.split(&format!("- name: {name}\n")).nth(1).unwrap();
    let script = step.split("      run: |\n").nth(1).unwrap();
    let lines = script.lines().take_while(|line| line.is_empty() || line.starts_with("        "));
    lines.map(|line| line.strip_prefix("        ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_action_reviews_and_publishes_and_ends_with_the_verdict() {
    let Some((sandbox, standin)) = place() else { return };
    let project = Repository::new(&sandbox);
    project.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    project.git(&["switch", "-q", "-c", "work"]);
    project.write("src/b.py", FAULT);
    let commit = project.commit("change");
    let diff = added(FAULT);
    standin.hub().push(&commit, &[("src/b.py", &diff)]);
    let run = || {
        let mut command = Command::new("bash");
        sandbox.surround(&mut command);
        standin.log_in(&mut command);
        // As a runner calls it.
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step("Review")]);
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs::dir().display()));
        command.envs([("BASE", ""), ("RUNNER_NAMES", "builtin"), ("GATE", "high"), ("TIMEOUT", "5m")]);
        command.envs([("COMMENT", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]);
        command.envs([("GITHUB_REPOSITORY", "o/r"), ("GITHUB_SERVER_URL", "https://github.localhost")]);
        command.env("GITHUB_REF", "refs/pull/7/merge");
        command
            .env("GITHUB_STEP_SUMMARY", sandbox.path("summary"))
            .env("GITHUB_OUTPUT", sandbox.path("output"));
        command.output().unwrap()
    };
    // A fork's: the findings are annotations, the verdict is the same.
    standin.hub().read_only = true;
    let out = run();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(told.contains("\n::error file=src/b.py,line=6,"), "{}", shown(&out));
    assert_eq!(standin.hub().counts(), (0, 0, 0));

    standin.hub().read_only = false;
    let out = run();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    assert_eq!(fs::read_to_string(sandbox.path("output")).unwrap(), "exit-code=1\nexit-code=1\n");
    assert!(fs::read_to_string(sandbox.path("summary")).unwrap().contains("changes requested"));
    assert_eq!(standin.hub().counts(), (1, 1, 1));
}

/// The same shape on GitLab; `glab` itself is a stand-in here.
#[test]
fn a_merge_request_has_one_note_and_each_discussion_once() {
    if !is_there("curl") {
        skipped("merge requests: curl, by which the stand-in of glab asks, is not installed");
        return;
    }
    let sandbox = Sandbox::new(Launcher::Process);
    let bin = sandbox.path("bin");
    let standin = lab::Standin::start(&bin);
    for n in 0..5 {
        let body = format!("<!-- convoy:summary name=convoy -->\nof somebody else {n}");
        standin.lab().discussions.push(lab::Discussion { author: 9, body, line: None, resolved: false });
    }
    let publish = |findings: &[Value], verdict: &str| {
        fs::write(sandbox.path("findings.json"), document(findings, verdict)).unwrap();
        let mut command = sandbox.command("convoy-comment");
        standin.log_in(&mut command, &bin);
        command.args(["--pr-url", lab::URL]).arg(sandbox.path("findings.json"));
        assert_ok(&command.output().unwrap())
    };
    let mut suggested = finding("new_line", 10);
    suggested["locations"][0]["lineStart"] = json!(9);
    suggested["suggestion"] = json!("x();\n");
    let found = [suggested, finding("old_line", 11), finding("outside", 40)];
    for _ in 0..3 {
        publish(&found, "CHANGES_REQUESTED");
        let lab = standin.lab();
        let lines: Vec<Option<u64>> = lab.threads().iter().map(|thread| thread.line).collect();
        assert_eq!(lines, [Some(10), Some(11)]);
        assert!(lab.threads()[0].body.contains("```suggestion:-1+0\nx();\n```"), "{}", lab.threads()[0].body);
        assert!(
            lab.summary().contains("outside is wrong") && lab.summary().contains("/-/blob/h/src/a.ts#L40")
        );
        assert_eq!(lab.statuses.last().unwrap().0, "failed");
    }
    publish(&found[1..], "COMMENTED");
    assert!(standin.lab().threads().iter().all(|thread| !thread.resolved), "never without a verdict");
    assert!(standin.lab().statuses.last().unwrap().1.starts_with("no verdict"));
    let told = publish(&found[1..2], "APPROVED");
    assert!(told.contains("1 resolved"), "{told}");
    let lab = standin.lab();
    assert_eq!(lab.threads().iter().map(|thread| thread.resolved).collect::<Vec<_>>(), [true, false]);
    assert_eq!(lab.statuses.last().unwrap().0, "success");
    assert_eq!(lab.discussions.len(), 8);
}

/// The plan of a start with `--pr-url`, or what it says.
fn plan_of_pull_request(sandbox: &Sandbox, standin: &Standin) -> Result<Value, String> {
    let mut command = sandbox.command("convoy-start");
    standin.log_in(&mut command);
    command.args(["code-review", "--runner", "builtin", "--pr-url", URL, "--dry-run", "--json"]);
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    if !out.status.success() {
        return Err(said);
    }
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    Ok(json["plan"].clone())
}

#[test]
fn a_change_of_more_files_than_a_diff_shows_is_taken_from_the_list() {
    let Some((sandbox, standin)) = place() else { return };
    let project = Repository::new(&sandbox);
    project.git(&["switch", "-q", "-c", "work"]);
    let names: Vec<String> = (0..301).map(|n| format!("src/f {n}.py")).collect();
    for name in &names {
        project.write(name, "a = 1\nb = 2\n");
    }
    let commit = project.commit("many");
    let push = |count: usize| {
        // The last one is too large to be shown.
        let diff = |n: usize| if n + 1 == count { "" } else { "@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n" };
        let files: Vec<_> =
            names[..count].iter().enumerate().map(|(n, name)| (name.as_str(), diff(n))).collect();
        standin.hub().push(&commit, &files);
    };
    for count in [300, 301] {
        push(count);
        standin.hub().asked.clear();
        let plan = plan_of_pull_request(&sandbox, &standin).unwrap();
        assert_eq!(plan["inputs"]["fileCount"], count, "{plan}");
        let diff = plan["inputs"]["diff"].as_str().unwrap();
        assert!(diff.contains("diff --git a/src/f 7.py b/src/f 7.py\n--- a/src/f 7.py\n"), "{diff:.2000}");
        assert!(diff.contains("+++ b/src/f 7.py\n@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n"), "{diff:.2000}");
        let pages = standin.hub().asked.iter().filter(|asked| asked.ends_with("/files")).count();
        assert_eq!(pages, if count > 300 { 4 } else { 0 }, "{:?}", standin.hub().asked);
    }
    // The last line that the service lists is not the end of the change.
    let all: Vec<String> = (0..3001).map(|n| format!("src/g{n}.py")).collect();
    let files: Vec<_> = all.iter().map(|name| (name.as_str(), "@@ -1 +1 @@\n-a\n+b\n")).collect();
    standin.hub().push(&commit, &files);
    let said = plan_of_pull_request(&sandbox, &standin).unwrap_err();
    assert!(said.contains("it changes 3001 files, and GitHub lists only 3000 of them"), "{said}");
    assert!(said.contains("hint: check the branch out and use --diff"), "{said}");
}
