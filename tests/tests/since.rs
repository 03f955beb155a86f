//! `pan review --since last`: only what has changed since the last look is read again;
//! what is open stands, and what was not looked at is never taken for seen.

use std::process::Output;

use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::Value;

/// A branch with two changed files, one of them with a defect.
fn branch(sandbox: &Sandbox) -> Repository<'_> {
    let project = Repository::new(sandbox);
    project.git(&["checkout", "-q", "-b", "work"]);
    project.write("src/bad.py", FAULT);
    project.write("src/c.py", "c = 1\n");
    project
}

fn review(project: &Repository<'_>, words: &[&str]) -> Output {
    let fixed = ["--runner", "builtin", "--json", "--since", "last"];
    project.run("convoy-review", &[&fixed, words].concat())
}

/// The result, its exit code, and what was said beside it.
fn result(out: &Output) -> (Value, i32, String) {
    let json = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", shown(out)));
    (json, out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn only_what_has_changed_is_read_and_what_is_open_stands() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    let (json, code, told) = result(&review(&project, &[]));
    assert_eq!((json["filesGiven"].as_u64(), code), (Some(2), 1), "{json:#}");
    assert!(told.contains("there is no last look here: everything is reviewed"), "{told}");

    // Nothing has changed, and the finding is still there.
    let (json, code, _) = result(&review(&project, &[]));
    assert_eq!((&json["reviewResult"], code), (&"CHANGES_REQUESTED".into(), 1), "{json:#}");
    assert_eq!((&json["filesReviewed"], &json["counts"]["critical"]), (&0.into(), &1.into()));
    assert!(
        json["notes"].as_str().unwrap().contains("nothing has changed since the last look (convoy-"),
        "{json:#}"
    );

    // One file has: it alone is read, uncommitted as it is, and the finding is carried.
    project.write("src/c.py", "c = 2\n");
    let (json, code, told) = result(&review(&project, &[]));
    assert_eq!((json["filesGiven"].as_u64(), code), (Some(1), 1), "{json:#}");
    assert!(told.contains("1 of 2 files changed, or were not read then"), "{told}");
    assert_eq!(json["newFindings"], 1, "it is of this change, though its file was not read: {json:#}");

    // To commit what was looked at changes nothing.
    project.commit("work");
    let (json, code, _) = result(&review(&project, &[]));
    assert_eq!((&json["filesReviewed"], code), (&0.into(), 1), "{json:#}");

    // Mended: the file is read, and the finding is gone.
    project.write("src/bad.py", "def f():\n    return 1\n");
    let (json, code, _) = result(&review(&project, &[]));
    assert_eq!((json["filesGiven"].as_u64(), code), (Some(1), 0), "{json:#}");
    let out = review(&project, &[]);
    assert_eq!(result(&out).0["reviewResult"], "NOTHING_TO_REVIEW", "{}", shown(&out));
    assert_eq!(out.status.code(), Some(6));
    assert_eq!(review(&project, &["--allow-empty"]).status.code(), Some(0));
}

#[test]
fn what_somebody_decides_counts_where_nothing_has_changed() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    assert_eq!(review(&project, &[]).status.code(), Some(1));
    let out = project.run("pan", &["findings", "dismiss", "F1", "--reason", "a test"]);
    assert!(out.status.success(), "{}", shown(&out));
    assert_eq!(review(&project, &[]).status.code(), Some(6));
    let out = project.run("pan", &["findings", "baseline"]);
    assert!(out.status.success(), "{}", shown(&out));
    assert_eq!(review(&project, &[]).status.code(), Some(6));
}

#[test]
fn another_branch_work_tree_or_question_was_not_looked_at() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    project.commit("work");
    review(&project, &[]);
    let first = |project: &Repository<'_>, words: &[&str]| {
        let (json, _, told) = result(&review(project, words));
        assert!(told.contains("there is no last look here"), "{words:?}: {told}");
        json["filesGiven"].as_u64().unwrap()
    };
    let linked = sandbox.path("linked");
    project.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    assert_eq!(first(&project.beside(&linked), &[]), 2, "another work tree");
    assert_eq!(first(&project, &["--files", "src"]), 3, "whole files");
    assert_eq!(first(&project, &["--branch", "work"]), 2, "the commits of a branch");
    project.git(&["checkout", "-q", "-b", "third"]);
    assert_eq!(first(&project, &[]), 2, "another branch");
    // Each has its own look from then on.
    let (json, code, _) = result(&review(&project, &["--branch", "work"]));
    assert_eq!((&json["filesReviewed"], code), (&0.into(), 1), "{json:#}");
}

#[test]
fn what_changed_at_the_base_is_looked_at_again() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    project.write("src/a.py", "a = 2\n");
    project.commit("work");
    assert_eq!(result(&review(&project, &[])).0["filesGiven"], 3);
    project.git(&["checkout", "-q", "main"]);
    project.write("src/a.py", "a = 1\nx = 1\n");
    project.commit("base");
    project.git(&["checkout", "-q", "work"]);
    project.git(&["merge", "-q", "-X", "ours", "-m", "merge", "main"]);
    project.write("src/a.py", "a = 2\n");
    let (json, _, told) = result(&review(&project, &[]));
    assert_eq!(json["filesGiven"], 1, "the same file is another change now: {told}");
}

/// A reviewer that failed, read nothing, or was another one has not looked.
#[test]
fn a_review_without_a_verdict_or_of_others_is_no_look() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    let template = ["\"role\": \"r\", \"subagent\": \"one\", \"report\": \"findings\""];
    sandbox.template("code-review", &template, "");
    let run = |orders: &[&str]| {
        sandbox.agent("one", orders);
        let out = project.run("convoy-review", &["--json", "--since", "last"]);
        result(&out)
    };
    let (_, code, told) = run(&["exit:3"]);
    assert!(code == 3 && told.contains("there is no last look here"), "{code} {told}");
    let (json, code, told) = run(&["clean"]);
    assert!(code == 0 && told.contains("there is no last look here"), "{code} {told}");
    assert_eq!(json["filesGiven"], 2);
    // It only claims how many files it has read: which, nobody knows.
    let (json, code, _) = run(&["clean"]);
    assert_eq!((json["filesGiven"].as_u64(), code), (Some(2), 0), "{json:#}");
    let (_, _, told) = run(&["review:auth"]);
    assert!(told.contains("was with other reviewers"), "{told}");
}

#[test]
fn nothing_new_twice_in_a_row_is_told() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = Repository::new(&sandbox);
    project.git(&["checkout", "-q", "-b", "work"]);
    let notes = |text: &str| {
        project.write("src/c.py", text);
        let (json, code, _) = result(&review(&project, &[]));
        assert_eq!(code, 0, "{json:#}");
        json["notes"].as_str().unwrap().to_owned()
    };
    assert!(!notes("c = 1\n").contains("nothing new was found"));
    assert!(notes("c = 2\n").contains("nothing new was found, 2 times in a row"));
    project.write("src/d.py", FAULT);
    assert_eq!(review(&project, &[]).status.code(), Some(1));
    project.write("src/d.py", "d = 1\n");
    assert!(!notes("c = 3\n").contains("nothing new was found"), "the count begins again");
}

#[test]
fn a_deletion_is_looked_at_once_and_its_return_is_a_change() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    std::fs::remove_file(project.path().join("src/a.py")).unwrap();
    std::fs::remove_file(project.path().join("src/bad.py")).unwrap();
    assert_eq!(result(&review(&project, &[])).1, 0);
    assert_eq!(review(&project, &[]).status.code(), Some(6));
    project.write("src/a.py", "a = 5\n");
    let (json, code, _) = result(&review(&project, &[]));
    assert_eq!((json["filesGiven"].as_u64(), code), (Some(1), 0), "{json:#}");
}

/// A pull request by its address alone: refused before any service is asked.
#[test]
fn a_pull_request_by_its_address_has_no_last_look() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox);
    let url = "https://github.com/o/r/pull/7";
    for program in ["convoy-review", "pan"] {
        let words: &[&str] = if program == "pan" { &["review"] } else { &[] };
        let out = project
            .run(program, &[words, &["--runner", "builtin", "--since", "last", "--pr-url", url]].concat());
        let told = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
        assert!(
            out.stdout.is_empty() && told.contains("--since last: what has changed is unknown"),
            "{told}"
        );
        assert!(
            told.contains("hint: it goes with --diff") && told.contains("fetch it, and use --commit"),
            "{told}"
        );
    }
    // With files that are named it is only told to reviewers.
    let out = review(&project, &["--diff", "--pr-url", url]);
    assert_eq!(result(&out).1, 1, "{}", shown(&out));
}

/// Looks that find nothing new are counted, in the result and on the screen.
#[test]
fn nothing_new_twice_is_said() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = Repository::new(&sandbox);
    project.git(&["checkout", "-q", "-b", "work"]);
    for n in 1..=3 {
        project.write("src/c.py", &format!("c = {n}\n"));
        let (json, code, _) = result(&review(&project, &[]));
        let notes = json["notes"].as_str().unwrap_or_default();
        assert_eq!(code, 0, "{json:#}");
        assert_eq!(notes.contains("nothing new was found, "), n > 1, "{notes}");
        assert!(n == 1 || notes.contains(&format!("{n} times in a row")), "{notes}");
    }
    project.write("src/c.py", "c = 9\n");
    let out = project.run("convoy-review", &["--runner", "builtin", "--since", "last"]);
    let screen = String::from_utf8_lossy(&out.stdout);
    assert!(screen.contains("nothing new was found, 4 times in a row"), "{}", shown(&out));
}
