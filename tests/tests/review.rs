//! The review pipeline with real programs: verdicts, exit codes, time that runs
//! out, signals. The template `code-review` of the sandbox has reviewers that
//! behave to order; `command` counts as "not static rules", as an AI does.

use std::fs;
use std::process::{Command, Output, Stdio};

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::outcome::Reason;
use protocol::state::ConvoyStatus;
use serde_json::Value;

const FINDINGS: &str = "\"report\": \"findings\"";

/// A sandbox whose `code-review` has two reviewers and a synthesis.
fn pipeline(security: &[&str], speed: &[&str], synthesis: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    for (name, orders) in [("one", security), ("two", speed), ("last", synthesis)] {
        sandbox.agent(name, orders);
    }
    sandbox.template(
        "code-review",
        &[
            &format!("\"role\": \"security\", \"subagent\": \"one\", {FINDINGS}"),
            &format!("\"role\": \"performance\", \"subagent\": \"two\", {FINDINGS}"),
            "\"role\": \"synthesis\", \"subagent\": \"last\", \"report\": \"synthesis\", \"dependsOn\": [\"security\", \"performance\"]",
        ],
        "",
    );
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(sandbox.project().join("src/a.ts"), "export const a = 1;\n").unwrap();
    sandbox
}

fn review(sandbox: &Sandbox, more: &[&str]) -> Output {
    let words: Vec<&str> = ["--files", "src", "--json"].into_iter().chain(more.iter().copied()).collect();
    sandbox.run("convoy-review", &words)
}

/// The result, and its exit code.
fn result(out: &Output) -> (Value, i32) {
    let json = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", shown(out)));
    (json, out.status.code().unwrap_or(-1))
}

#[test]
fn a_clean_review_is_approved() {
    let sandbox = pipeline(&["clean"], &["clean"], &["text:# All\n\nREVIEW_RESULT: APPROVED\n"]);
    let (json, code) = result(&review(&sandbox, &[]));
    assert_eq!(code, 0, "{json:#}");
    assert_eq!(json["reviewResult"], "APPROVED");
    assert_eq!(json["success"], true);
    assert_eq!(json["staticOnly"], false);
    assert_eq!(json["filesReviewed"], 1);
    assert_eq!(json["reports"][0]["runner"], "command");
    assert!(json["output"].as_str().unwrap().starts_with("# All"));
    assert_eq!(json["missing"], serde_json::json!([]));
}

#[test]
fn a_synthesis_that_approves_over_a_finding_at_the_gate_is_a_contradiction() {
    let sandbox = pipeline(&["review:auth"], &["clean"], &["text:# All\n\nREVIEW_RESULT: APPROVED\n"]);
    let sarif = sandbox.path("r.sarif");
    let (json, code) = result(&review(&sandbox, &["--sarif", sarif.to_str().unwrap()]));
    assert_eq!(code, 3, "{json:#}");
    assert_eq!((&json["reviewResult"], &json["success"]), (&"COMMENTED".into(), &false.into()));
    assert_eq!((&json["counts"]["high"], &json["securityIssues"]), (&1.into(), &1.into()));
    let notes = json["notes"].as_str().unwrap();
    let why = "no verdict: the synthesis says APPROVED, and 1 finding is open at or above the gate (high).";
    assert!(notes.contains(why), "{notes}");
    let told = sandbox.run("convoy-ctl", &["wait"]);
    assert_eq!(told.status.code(), Some(3), "{}", shown(&told));
    let sarif: Value = serde_json::from_slice(&fs::read(sarif).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
    // The same finding, below another gate.
    let (json, code) = result(&review(&sandbox, &["--gate", "critical"]));
    assert_eq!((&json["reviewResult"], code), (&"APPROVED".into(), 0));
}

/// Elsewhere a reader that goes away is a quiet 0; here that would be an approval.
#[test]
fn the_verdict_survives_a_reader_that_went_away() {
    let sandbox = pipeline(&["review:auth"], &["clean"], &["report"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let out = sandbox.command("convoy-review").args(["--files", "src"]).stdout(writer).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
}

#[test]
fn a_synthesis_can_make_it_stricter() {
    let sandbox = pipeline(&["clean"], &["clean"], &["text:# All\n\n**REVIEW_RESULT:** CHANGES_REQUESTED\n"]);
    let (json, code) = result(&review(&sandbox, &[]));
    assert_eq!((&json["reviewResult"], code), (&"CHANGES_REQUESTED".into(), 1), "{json:#}");
}

#[test]
fn a_review_that_is_lacking_is_never_approved() {
    let torn = "text:# Security Review\n\n### 1. [src/a.ts:1] x\n**Severity:** low\n**Confidence:** 90\n**Problem:** p\n\n**Reviewed:** 1 file\n**Total:** 3 findings\n";
    let ways: [(&str, &[&str]); 5] = [
        ("it failed", &["exit:3"]),
        ("it wrote nothing", &[]),
        ("its report is no review", &["text:hello\n"]),
        ("its report is torn", &[torn]),
        (
            "it read nothing",
            &["text:# Security Review\n\nNo findings.\n\n**Reviewed:** 0 files\n**Total:** 0 findings\n"],
        ),
    ];
    for (what, orders) in ways {
        let sandbox = pipeline(orders, &["clean"], &["text:# All\n\nREVIEW_RESULT: APPROVED\n"]);
        let stale = sandbox.path("old.sarif");
        fs::write(&stale, "of an earlier run").unwrap();
        let summary = sandbox.path("summary.md");
        fs::write(&summary, "# before\n").unwrap();
        let out =
            review(&sandbox, &["--sarif", stale.to_str().unwrap(), "--summary", summary.to_str().unwrap()]);
        let (json, code) = result(&out);
        assert_eq!(code, 3, "{what}: {json:#}");
        assert_eq!((&json["reviewResult"], &json["success"]), (&"COMMENTED".into(), &false.into()), "{what}");
        assert_eq!(json["missing"][0]["role"], "security", "{what}: {json:#}");
        assert_ne!(fs::read_to_string(&stale).unwrap_or_default(), "of an earlier run", "{what}");
        let summary = fs::read_to_string(&summary).unwrap();
        assert!(summary.starts_with("# before\n## Code review: no verdict"), "{summary}");
    }
}

#[test]
fn without_any_review_nothing_of_an_earlier_run_is_left() {
    let sandbox = pipeline(&["exit:3"], &["exit:3"], &["text:# All\n\nREVIEW_RESULT: APPROVED\n"]);
    let sarif = sandbox.path("old.sarif");
    fs::write(&sarif, "of an earlier run").unwrap();
    let out = review(&sandbox, &["--sarif", sarif.to_str().unwrap()]);
    let (json, code) = result(&out);
    assert_eq!((code, &json["reviewResult"], &json["success"]), (3, &"COMMENTED".into(), &false.into()));
    assert!(
        json["notes"].as_str().unwrap().contains("security and performance reviews are missing"),
        "{json:#}"
    );
    assert_ne!(fs::read_to_string(&sarif).unwrap_or_default(), "of an earlier run");
}

#[test]
fn time_that_runs_out_stops_the_convoy() {
    let sandbox = pipeline(&["hang"], &["clean"], &["report"]);
    let (json, code) = result(&review(&sandbox, &["--timeout", "2s"]));
    assert_eq!(code, 124, "{json:#}");
    assert_eq!((&json["timedOut"], &json["success"]), (&true.into(), &false.into()));
    let id = json["convoyId"].as_str().unwrap().parse().unwrap();
    let state = sandbox.state(&id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)));
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "no command of it runs on");
}

#[test]
fn a_signal_stops_the_convoy() {
    let sandbox = pipeline(&["hang"], &["hang"], &["report"]);
    let mut command: Command = sandbox.command("convoy-review");
    let child =
        command.args(["--files", "src"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sandbox.until_started(2);
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(143), "{}", shown(&out));
    let gone = || format!("{:?}", sandbox.commands());
    wait::until("its commands are gone", gone, || sandbox.commands().is_empty().then_some(()));
}

#[test]
fn static_rules_are_said_first_and_an_ai_that_was_asked_for_is_never_replaced() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::write(sandbox.project().join("a.py"), "import yaml\n\n\ndef f(s):\n    return yaml.load(s)\n")
        .unwrap();
    let out = sandbox.run("convoy-review", &["--files", "a.py"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        text.starts_with("static rules only: CHANGES REQUESTED    read 1 of 1 file    1 high"),
        "{}",
        shown(&out)
    );
    assert_eq!(out.status.code(), Some(1));
    let out = sandbox.run("convoy-review", &["--files", "a.py", "--json", "--gate", "critical"]);
    let (json, code) = result(&out);
    assert_eq!((code, &json["staticOnly"]), (0, &true.into()), "{json:#}");
    assert!(json["notes"].as_str().unwrap().starts_with("static rules only"));
    let report = json["output"].as_str().unwrap();
    assert!(report.lines().nth(2).unwrap().starts_with("Static rules only"), "{report}");
    for asked in [&["--runner", "claude"][..], &["--runner", "security=claude"], &["--model", "opus"]] {
        let words: Vec<&str> = ["--files", "a.py"].into_iter().chain(asked.iter().copied()).collect();
        let out = sandbox.run("convoy-review", &words);
        assert_eq!(out.status.code(), Some(2), "{asked:?}: {}", shown(&out));
        assert!(out.stdout.is_empty());
    }
    let history: Value = serde_json::from_str(&sandbox.ok("convoy-review", &["history", "--json"])).unwrap();
    let results: Vec<&str> =
        history.as_array().unwrap().iter().map(|entry| entry["reviewResult"].as_str().unwrap()).collect();
    assert_eq!(results, ["APPROVED", "CHANGES_REQUESTED"], "newest first, and only what ran");
}

fn git(sandbox: &Sandbox, words: &[&str]) {
    let mut git = Command::new("git");
    sandbox.surround(&mut git);
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    let out = git.args(identity).args(words).output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", shown(&out));
}

#[test]
fn nothing_to_review_is_neither_a_verdict_nor_a_wrong_call() {
    let sandbox = pipeline(&["clean"], &["clean"], &["report"]);
    git(&sandbox, &["init", "-q", "-b", "main"]);
    git(&sandbox, &["add", "-A"]);
    git(&sandbox, &["commit", "-qm", "x"]);
    let sarif = sandbox.path("old.sarif");
    fs::write(&sarif, "{}").unwrap();
    let words = ["--diff", "--json", "--sarif", sarif.to_str().unwrap()];
    let (json, code) = result(&sandbox.run("convoy-review", &words));
    assert_eq!((&json["reviewResult"], code), (&"NOTHING_TO_REVIEW".into(), 6), "{json:#}");
    assert!(!sarif.exists(), "a file of an earlier run is not of this one");
    let code = |words: &[&str]| sandbox.run("convoy-review", words).status.code();
    assert_eq!(code(&["--diff", "--allow-empty"]), Some(0));
    assert_eq!(
        code(&["--exclude", "**/*.md", "--allow-empty"]),
        Some(0),
        "what is excluded says nothing else"
    );
    // A wrong call is none, whatever is allowed.
    assert_eq!(code(&["--diff", "nope", "--allow-empty"]), Some(2));
    assert_eq!(code(&["--files", "scr", "--diff", "--allow-empty"]), Some(2));
    fs::write(sandbox.project().join("src/b.ts"), "1").unwrap();
    assert_eq!(
        code(&["--diff", "HEAD", "--exclude", "src", "--allow-empty"]),
        Some(3),
        "left out is not read"
    );
    assert_eq!(code(&["--diff", "HEAD"]), Some(0), "a base after a blank is the base");
}

#[test]
fn what_a_review_wrote_is_not_reviewed_by_the_next_one() {
    let sandbox = pipeline(&["clean"], &["clean"], &["report"]);
    let count = || {
        let words = ["--files", ".", "--json", "--sarif", "out.sarif", "--summary", "src/sum.md"];
        result(&sandbox.run("convoy-review", &words)).0["filesReviewed"].clone()
    };
    let first = count();
    assert!(sandbox.project().join("out.sarif").is_file() && sandbox.project().join("src/sum.md").is_file());
    assert_eq!(count(), first);
    let dry = sandbox.ok("convoy-start", &["code-review", "--files", ".", "--dry-run"]);
    assert!(!dry.contains("out.sarif") && !dry.contains("sum.md"), "{dry}");
    assert!(dry.contains("that convoy wrote itself left out"), "{dry}");
}

/// Called by its own name, a program names others so too; what a reviewer wrote it hands on.
#[test]
fn a_command_in_a_finding_stays_as_it_was_written() {
    let title = "pan review --diff skips the binary files";
    let told =
        format!("text:# Review\n\n### 1. [src/a.ts:1] {title}\n**Severity:** high\n\n**Total:** 1 finding\n");
    let sandbox = pipeline(&[&told], &["clean"], &["report"]);
    let out = sandbox.run("convoy-review", &["--files", "src"]);
    let screen = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(screen.contains(title), "{}", shown(&out));
    assert!(screen.contains("findings  convoy-ctl findings "), "{}", shown(&out));
    let listed = sandbox.ok("convoy-ctl", &["decisions", "list"]);
    assert!(listed.contains("pan review --diff"), "{listed}");
}
