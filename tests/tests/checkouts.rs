//! A commit under review is checked out in the state directory as long as its
//! convoy runs: what agents see there, that nothing of it stays, whoever is killed,
//! and that neither the user's files nor what a commit brings along matter.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Output, Stdio};

use base::ids::ConvoyId;
use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A sandbox whose `code-review` has one reviewer, who behaves to order.
fn reviewer(orders: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", orders);
    sandbox.template(
        "code-review",
        &["\"role\": \"one\", \"subagent\": \"one\", \"report\": \"findings\""],
        "",
    );
    sandbox
}

/// The same with the built-in rules for security.
fn rules() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    let one = "\"role\": \"one\", \"subagent\": \"code-review-security\", \"report\": \"findings\"";
    sandbox.template("code-review", &[one], "");
    sandbox
}

fn review(repository: &Repository<'_>, words: &[&str]) -> Output {
    repository.run("convoy-review", words)
}

/// Nothing of any checkout is left, here or in what git knows.
fn nothing_is_left(sandbox: &Sandbox, repository: &Repository<'_>) {
    let left: Vec<_> = fs::read_dir(sandbox.home().checkouts())
        .map(|entries| entries.map(|entry| entry.unwrap().file_name()).collect())
        .unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(repository.worktrees(), Vec::<String>::new());
    assert!(!repository.path().join(".git/worktrees").exists());
    assert_eq!(repository.read(&["branch", "--list", "--all"]).lines().count(), 1, "no branch was made");
}

fn plan(sandbox: &Sandbox, id: &ConvoyId) -> Value {
    serde_json::from_slice(&fs::read(sandbox.dir_of(id).plan()).unwrap()).unwrap()
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn the_commit_is_judged_and_its_paths_are_those_of_the_project() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    repository.write("src/deep/b.py", FAULT);
    repository.commit("fault");
    repository.write("src/deep/b.py", "b = 2\n");
    repository.write("src/untracked.py", FAULT);
    fs::remove_file(repository.path().join("src/a.py")).unwrap();
    let status = repository.read(&["status", "--porcelain"]);
    let index = fs::read(repository.path().join(".git/index")).unwrap();
    let sarif = sandbox.path("r.sarif");
    let out = review(&repository, &["--commit", "HEAD", "--json", "--sarif", sarif.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["counts"]["critical"], 1, "{json:#}");
    let sarif = fs::read_to_string(sarif).unwrap();
    assert!(sarif.contains("src/deep/b.py"), "{sarif}");
    let report = json["output"].as_str().unwrap();
    for text in [&sarif, &String::from_utf8_lossy(&out.stdout).into_owned()] {
        assert!(!text.contains("/checkouts/"), "a path of the temporary directory: {text}");
    }
    assert!(report.contains("src/deep/b.py:6"), "{report}");
    // It is the project's review, for whoever asks later.
    let listed: Value = serde_json::from_str(&sandbox.ok("convoy-ctl", &["list", "--json"])).unwrap();
    assert_eq!(listed[0]["id"], json["convoyId"]);
    sandbox.ok("convoy-ctl", &["output", "latest", "one"]);
    assert_eq!(repository.read(&["status", "--porcelain"]), status);
    assert_eq!(fs::read(repository.path().join(".git/index")).unwrap(), index);
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn the_agents_are_given_the_commit_and_it_is_there_until_the_convoy_ends() {
    let sandbox = reviewer(&["hang"]);
    let repository = Repository::new(&sandbox);
    repository.write("src/b.py", "b = 1\n");
    let first = repository.commit("b");
    repository.write("src/b.py", "b = 2\n");
    repository.commit("c");
    let id = sandbox.start("code-review", &["--commit", &first]);
    sandbox.until_started(1);
    let tree = sandbox.home().checkout(&id);
    assert_eq!(fs::read_to_string(tree.join("src/b.py")).unwrap(), "b = 1\n");
    assert_eq!(plan(&sandbox, &id)["checkout"]["commit"], first.as_str());
    let prompt =
        fs::read_to_string(sandbox.dir_of(&id).attempt(&"one".parse().unwrap(), 1).prompt()).unwrap();
    assert!(prompt.contains(tree.to_str().unwrap()), "{prompt}");
    assert!(prompt.contains("up to the commit"), "{prompt}");
    // Neither a round nor a sweep takes it from those who work on it.
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    sandbox.ok("convoy-ctl", &["prune"]);
    sandbox.run("convoy-ctl", &["doctor", "--fix"]);
    assert!(tree.join("src/b.py").is_file());
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    sandbox.until_ended(&id);
    sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn a_retry_has_the_commit_again_or_says_why_not() {
    let sandbox = reviewer(&["exit:3"]);
    let repository = Repository::new(&sandbox);
    repository.write("src/b.py", "b = 1\n");
    let commit = repository.commit("b");
    let id = sandbox.start("code-review", &["--commit", &commit]);
    sandbox.until_ended(&id);
    sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    nothing_is_left(&sandbox, &repository);
    // A role that is not there leaves nothing of what was made for it.
    assert_eq!(sandbox.run("convoy-ctl", &["retry", id.as_str(), "nobody"]).status.code(), Some(4));
    nothing_is_left(&sandbox, &repository);
    sandbox.ok("convoy-ctl", &["retry", id.as_str()]);
    let state = sandbox.until_ended(&id);
    assert!(state.agents[0].attempt > 1);
    assert_ne!(state.agents[0].reason(), Some(protocol::outcome::Reason::ProjectGone));
    sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    nothing_is_left(&sandbox, &repository);
    repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    repository.git(&["gc", "-q", "--prune=now"]);
    let out = sandbox.run("convoy-ctl", &["retry", id.as_str()]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(said(&out).contains("cannot check out"), "{}", said(&out));
    assert!(sandbox.state(&id).ended(), "it stays as it was");
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn what_killed_programs_leave_is_removed_by_the_next_round() {
    for how in [
        &["convoy-watch", "--all", "--once"][..],
        &["convoy-ctl", "doctor", "--fix"],
        &["convoy-ctl", "prune"],
    ] {
        let sandbox = reviewer(&["hang"]);
        let repository = Repository::new(&sandbox);
        repository.write("src/b.py", "b = 1\n");
        repository.commit("b");
        let mut child = sandbox
            .command("convoy-review")
            .args(["--commit", "HEAD"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sandbox.until_started(1);
        kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).unwrap();
        child.wait().unwrap();
        sandbox.kill_all("convoy-watch");
        let id: ConvoyId = {
            let listed: Value = serde_json::from_str(&sandbox.ok("convoy-ctl", &["list", "--json"])).unwrap();
            listed[0]["id"].as_str().unwrap().parse().unwrap()
        };
        assert!(sandbox.home().checkout(&id).is_dir());
        // The convoy ends, and whoever ended it is killed before it has tidied up.
        let record = sandbox.home().checkout_record(&id);
        let saved = fs::read(&record).unwrap();
        sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
        sandbox.until_ended(&id);
        repository.git(&[
            "worktree",
            "add",
            "-q",
            "--detach",
            sandbox.home().checkout(&id).to_str().unwrap(),
        ]);
        fs::write(&record, saved).unwrap();
        let out = sandbox.run("convoy-ctl", &["doctor"]);
        assert!(
            String::from_utf8_lossy(&out.stdout).contains("1 checkout of ended convoys left over"),
            "{}",
            shown(&out)
        );
        sandbox.run(how[0], &how[1..]);
        nothing_is_left(&sandbox, &repository);
    }
}

/// `git worktree add` killed in the middle leaves an entry that is locked, and that
/// `prune` and `remove --force` leave alone.
#[test]
fn a_start_that_is_killed_while_git_checks_out_leaves_nothing_for_long() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    // A filter of the user's own, which does not come to an end.
    let slow = sandbox.path("slow.sh");
    let begun = sandbox.path("begun");
    fs::write(&slow, format!("#!/bin/sh\necho $PPID > {}\nexec sleep 600\n", begun.display())).unwrap();
    fs::set_permissions(&slow, fs::Permissions::from_mode(0o755)).unwrap();
    repository.write("src/b.py", "b = 1\n");
    repository.write(".gitattributes", "src/b.py filter=slow\n");
    repository.commit("b");
    repository.git(&["config", "--global", "filter.slow.smudge", slow.to_str().unwrap()]);
    let mut child = sandbox
        .command("convoy-start")
        .args(["code-review", "--commit", "HEAD"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let git = wait::until("git runs the filter", String::new, || {
        fs::read_to_string(&begun).ok()?.trim().parse::<i32>().ok()
    });
    kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    // As long as git is at it, nobody takes its directory away.
    sandbox.ok("convoy-ctl", &["prune"]);
    assert_eq!(repository.worktrees().len(), 1);
    let tree = repository.worktrees().remove(0);
    kill(Pid::from_raw(git), Signal::SIGKILL).unwrap();
    sandbox.kill_all("sleep");
    let out = repository.try_git(&["worktree", "remove", "--force", &tree]);
    assert!(!out.status.success(), "it is not locked: {}", shown(&out));
    wait::until("the filter and git are gone", String::new, || {
        sandbox.ok("convoy-ctl", &["prune"]);
        fs::read_dir(sandbox.home().checkouts()).unwrap().next().is_none().then_some(())
    });
    nothing_is_left(&sandbox, &repository);
    repository.git(&["config", "--global", "--remove-section", "filter.slow"]);
    assert_eq!(review(&repository, &["--commit", "HEAD"]).status.code(), Some(0));
}

/// A program that leaves a trace if it is run.
fn trap(sandbox: &Sandbox) -> (String, std::path::PathBuf) {
    let trace = sandbox.path("trapped");
    (format!("#!/bin/sh\ntouch {}\ncat\n", trace.display()), trace)
}

#[test]
fn no_program_of_a_commit_or_of_the_repository_runs() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    let (script, trace) = trap(&sandbox);
    for name in ["evil.sh", "git-lfs", "tools/evil.sh"] {
        repository.write(name, &script);
        fs::set_permissions(repository.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    repository.write(".gitattributes", "*.py filter=evil diff=evil\n");
    repository.write("src/b.py", "b = 1\n");
    repository.commit("b");
    let evil = repository.path().join("evil.sh");
    let evil = evil.to_str().unwrap();
    for hook in ["post-checkout", "post-index-change", "reference-transaction"] {
        let path = repository.path().join(".git/hooks").join(hook);
        fs::copy(repository.path().join("evil.sh"), &path).unwrap();
    }
    let words = ["--commit", "HEAD"];
    for (scope, key, value) in [
        ("--local", "filter.evil.smudge", evil),
        ("--local", "filter.evil.process", evil),
        ("--local", "core.fsmonitor", evil),
        ("--local", "diff.evil.textconv", evil),
        ("--local", "diff.external", evil),
        ("--global", "core.fsmonitor", "./evil.sh"),
        ("--global", "diff.evil.command", "./evil.sh"),
        ("--global", "filter.evil.smudge", "./evil.sh"),
        ("--global", "filter.evil.smudge", "tools/evil.sh"),
        ("--global", "filter.evil.smudge", "sh evil.sh"),
        ("--global", "filter.evil.process", "sh -c 'sh tools/evil.sh'"),
        ("--global", "core.hooksPath", "."),
    ] {
        repository.git(&[&["-c", "core.hooksPath=/dev/null", "config", scope, key, value][..]].concat());
        let _ = fs::remove_file(&trace);
        let out = review(&repository, &words);
        assert_eq!(out.status.code(), Some(0), "{key} = {value}: {}", shown(&out));
        assert!(!trace.exists(), "{scope} {key} = {value} ran a program");
        repository.git(&["-c", "core.hooksPath=/dev/null", "config", scope, "--unset", key]);
        nothing_is_left(&sandbox, &repository);
    }
    // A directory of PATH that is relative is in the commit as well.
    repository.git(&["config", "--global", "filter.evil.smudge", "git-lfs smudge"]);
    let out = sandbox.command("convoy-review").args(words).env("PATH", ".::/usr/bin:/bin").output().unwrap();
    assert!(!trace.exists(), "{}", shown(&out));
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn a_filter_that_is_needed_and_not_to_be_had_is_said() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    repository.write(".gitattributes", "*.py filter=need\n");
    repository.write("src/b.py", "b = 1\n");
    repository.commit("b");
    for (scope, smudge, why) in [
        ("--global", "no-such-program smudge -- %f", "install it"),
        ("--global", "false", "install it"),
        ("--global", "./filter.sh", "put it into your own configuration"),
        ("--local", "cat", "put it into your own configuration"),
    ] {
        repository.git(&["config", scope, "filter.need.smudge", smudge]);
        repository.git(&["config", scope, "filter.need.required", "true"]);
        let out = review(&repository, &["--commit", "HEAD"]);
        assert_eq!(out.status.code(), Some(2), "{smudge}: {}", shown(&out));
        assert!(said(&out).contains("need") && said(&out).contains(why), "{smudge}: {}", said(&out));
        nothing_is_left(&sandbox, &repository);
        repository.git(&["config", scope, "--remove-section", "filter.need"]);
    }
    // One that works is run: the reviewers see what its author sees.
    repository.git(&["config", "--global", "filter.need.smudge", "cat"]);
    repository.git(&["config", "--global", "filter.need.required", "true"]);
    assert_eq!(review(&repository, &["--commit", "HEAD"]).status.code(), Some(0));
}

#[test]
fn what_a_hook_has_set_reaches_no_git() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    repository.write("src/b.py", FAULT);
    repository.commit("b");
    repository.write("staged.py", "x = 1\n");
    repository.git(&["add", "-A"]);
    let index = fs::read(repository.path().join(".git/index")).unwrap();
    // Whatever git itself says that it would heed, and more.
    let names = repository.read(&["rev-parse", "--local-env-vars"]);
    let mut command = sandbox.command("convoy-review");
    command.args(["--commit", "HEAD"]);
    for name in names.lines().chain(["GIT_ATTR_SOURCE", "GIT_EXTERNAL_DIFF", "GIT_NAMESPACE"]) {
        let value = match name {
            "GIT_INDEX_FILE" => ".git/index",
            "GIT_CONFIG_COUNT" => "many",
            _ => "/nowhere",
        };
        command.env(name, value);
    }
    let out = command.output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    assert_eq!(fs::read(repository.path().join(".git/index")).unwrap(), index);
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn the_whole_commit_is_there_whatever_the_users_checkout_is() {
    let sandbox = reviewer(&["hang"]);
    let repository = Repository::new(&sandbox);
    repository.write("lib/c.py", "c = 1\n");
    repository.write("src/b.py", "b = 1\n");
    symlink("/etc/hostname", repository.path().join("src/link.py")).unwrap();
    repository.commit("b");
    repository.git(&["sparse-checkout", "set", "lib"]);
    assert!(!repository.path().join("src").exists());
    let config = fs::read(repository.path().join(".git/config")).unwrap();
    repository.git(&["config", "--global", "worktree.useRelativePaths", "true"]);
    let id = sandbox.start("code-review", &["--commit", "HEAD"]);
    sandbox.until_started(1);
    assert!(sandbox.home().checkout(&id).join("src/b.py").is_file());
    assert_eq!(fs::read(repository.path().join(".git/config")).unwrap(), config);
    let plan = plan(&sandbox, &id);
    assert_eq!(
        (&plan["inputs"]["fileCount"], &plan["inputs"]["notFiles"]),
        (&2.into(), &serde_json::json!(["src/link.py"]))
    );
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    nothing_is_left(&sandbox, &repository);
    let dry = sandbox.ok("convoy-start", &["code-review", "--commit", "HEAD", "--dry-run"]);
    assert!(dry.contains("src/b.py"), "{dry}");
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn an_agent_whose_checkout_somebody_removed_fails_and_says_so() {
    let sandbox = reviewer(&["clean"]);
    let two = "\"role\": \"two\", \"subagent\": \"one\", \"dependsOn\": [\"one\"]";
    let one = "\"role\": \"one\", \"subagent\": \"one\", \"report\": \"findings\"";
    sandbox.template("code-review", &[one, two], "");
    let repository = Repository::new(&sandbox);
    repository.write("src/b.py", "b = 1\n");
    repository.commit("b");
    let id = sandbox.start("code-review", &["--commit", "HEAD", "--watch", "none"]);
    let ended = sandbox.dir_of(&id).attempt(&"one".parse().unwrap(), 1).exit();
    wait::until("the first agent has ended", String::new, || ended.exists().then_some(()));
    fs::remove_dir_all(sandbox.home().checkout(&id)).unwrap();
    wait::until("the second one has been tried", String::new, || {
        sandbox.ok("convoy-watch", &["--all", "--once"]);
        sandbox.state(&id).ended().then_some(())
    });
    assert_eq!(sandbox.agent_state(&id, "two").reason(), Some(protocol::outcome::Reason::ProjectGone));
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    nothing_is_left(&sandbox, &repository);
}

#[test]
fn in_a_linked_work_tree_only_our_own_goes() {
    let sandbox = rules();
    let repository = Repository::new(&sandbox);
    let linked = sandbox.path("linked");
    repository.git(&["worktree", "add", "-q", "-b", "work", linked.to_str().unwrap()]);
    let work = repository.beside(&linked);
    work.write("src/b.py", FAULT);
    work.commit("b");
    let out = review(&work, &["--commit", "HEAD"]);
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    assert_eq!(repository.worktrees().len(), 1, "only the user's own: {:?}", repository.worktrees());
    assert!(fs::read_dir(sandbox.home().checkouts()).unwrap().next().is_none());
    assert!(linked.join("src/b.py").is_file());
}
