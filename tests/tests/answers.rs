//! What a reviewer's CLI tells of its answer, in the shapes that are met: the answer
//! is read whole, what it read is proved by its tools, and an end that is none is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use protocol::agent::Agent;
use protocol::outcome::{AgentStatus, ReadFrom, Reason};
use serde_json::{Value, json};

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"11111111-2222-4333-8444-555555555555","model":"m","tools":[]}"#;
const REVIEW: &str = "# Review\n\n### 1. [src/a.ts:1] The sum starts at one\n**Severity:** high\n**Problem:** It starts at 1.\n\n";
const REST: &str = "### 2. [src/a.ts:2] The password is printed\n**Severity:** critical\n**Problem:** Everybody can read it.\n\n";
const END: &str = "**Reviewed:** 2 files\n**Total:** 2 findings\n";

/// A sandbox with a claude that plays a stream, another one when it goes on with a
/// conversation.
struct Stage(Sandbox);

impl Stage {
    /// `then`: what it does after its stream, as a shell would.
    fn new(stream: &[String], then: &str) -> Self {
        let sandbox = Sandbox::new(Launcher::Process);
        fs::create_dir_all(sandbox.project().join("src")).unwrap();
        for name in ["src/a.ts", "src/b.ts"] {
            fs::write(sandbox.project().join(name), "export const a = 1;\nexport const b = 2;\n").unwrap();
        }
        let stage = Stage(sandbox);
        stage.play("first", stream);
        fs::create_dir_all(stage.0.path("bin")).unwrap();
        let dir = stage.0.path("");
        let script = format!(
            "#!/bin/sh\ncd '{}' || exit 9\ncase \"$*\" in --version) echo '2.1.330 (Claude Code)'; exit 0;; esac\n\
             turn=first; case \" $* \" in *' --resume '*) turn=second;; esac\n\
             printf '%s\\n' \"$@\" > $turn.argv; cat > $turn.prompt; cat $turn.stream\n{then}\n",
            dir.display()
        );
        let path = stage.0.path("bin/claude");
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        stage
    }

    fn play(&self, turn: &str, stream: &[String]) {
        let project = self.0.project().to_string_lossy().into_owned();
        let lines = format!("{}\n", stream.join("\n"));
        fs::write(self.0.path(&format!("{turn}.stream")), lines.replace("PROJECT", &project)).unwrap();
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.0.path(name)).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.0.command(program);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.0.path("bin").display());
        command.env("PATH", path).env("ANTHROPIC_API_KEY", "a-dummy-key");
        command
    }

    /// Runs one agent of it; how it ended, and its report.
    fn run(&self, agent: &str) -> (Agent, String) {
        fs::write(
            self.0.home().user_agents().join("solo.md"),
            "---\nname: solo\ndescription: one\n---\nReview it.\n",
        )
        .unwrap();
        self.0.template("solo", &[&format!("\"role\": \"one\", \"subagent\": \"solo\", {agent}")], "");
        let out = self
            .command("convoy-start")
            .args(["solo", "--files", "src", "--runner", "claude"])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        let id = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
        self.0.until_ended(&id);
        let agent = self.0.agent_state(&id, "one");
        let report = agent.output_file().map(|path| fs::read_to_string(path.as_path()).unwrap());
        (agent, report.unwrap_or_default())
    }

    fn review(&self) -> (Agent, String) {
        self.run("\"report\": \"findings\"")
    }
}

fn text(words: &str) -> String {
    json!({ "type": "assistant", "message": { "id": "m1", "content": [{ "type": "text", "text": words }] } })
        .to_string()
}

fn result(words: &str) -> String {
    json!({ "type": "result", "subtype": "success", "is_error": false, "result": words, "session_id": "s" })
        .to_string()
}

fn call(id: &str, tool: &str, input: &Value) -> String {
    json!({ "type": "assistant", "message": { "id": id, "content": [
        { "type": "tool_use", "id": id, "name": tool, "input": input }] } })
    .to_string()
}

fn answered(id: &str, is_error: bool) -> String {
    json!({ "type": "user", "message": { "content": [
        { "type": "tool_result", "tool_use_id": id, "content": "1\texport", "is_error": is_error }] } })
    .to_string()
}

fn object() -> Value {
    json!({
        "findings": [
            { "title": "The sum starts at one", "severity": "high", "confidence": 90, "category": null, "cwe": [],
              "locations": [{ "file": "PROJECT/src/a.ts", "line": 1, "endLine": null, "symbol": null, "quote": null }],
              "problem": "It starts at 1.", "impact": null, "fix": null, "suggestion": null }
        ],
        "read": ["src/a.ts", "src/b.ts"], "notRead": [], "notes": [], "total": 1
    })
}

fn with_answer(answer: &Value) -> String {
    json!({ "type": "result", "subtype": "success", "is_error": false, "result": answer.to_string(),
        "structured_output": answer, "session_id": "s" })
    .to_string()
}

#[test]
fn an_answer_is_read_whole_however_it_is_told() {
    let whole = format!("{REVIEW}{REST}{END}");
    let half = result(&whole).replace("It starts at 1.", "It starts at \\ud83d 1.");
    let before_line = format!("\u{1b}[2K\r{}", result(&whole));
    for (stream, then) in [
        (vec![text(REVIEW), text(&format!("{REST}{END}")), result(REVIEW)], ""),
        (vec![text(&whole), result("")], ""),
        (vec![half], ""),
        (vec![before_line], ""),
        (vec![result(&whole)], "exit 1"),
        (vec![result(&whole)], "exit 143"),
        (vec![result(&whole)], "kill -TERM $$"),
        (vec![result(&whole)], "exec sleep 300"),
    ] {
        let stream: Vec<String> = [INIT.to_owned()].into_iter().chain(stream).collect();
        let (agent, report) = Stage::new(&stream, then).review();
        assert_eq!(agent.status(), AgentStatus::Completed, "{stream:?} {then}: {:?}", agent.detail());
        for title in ["The sum starts at one", "The password is printed"] {
            assert!(report.contains(title), "{stream:?} {then}: {report}");
        }
    }
}

#[test]
fn a_whole_report_counts_where_its_command_did_not_end() {
    let written = |report: &str| {
        let stage = Stage::new(&[INIT.to_owned()], "cp report.md \"$CONVOY_OUTPUT_FILE\"; exec sleep 300");
        fs::write(stage.0.path("report.md"), report).unwrap();
        stage.run("\"report\": \"findings\", \"timeout\": \"2s\"").0
    };
    assert_eq!(written(&format!("{REVIEW}{REST}{END}")).status(), AgentStatus::Completed);
    let agent = written(&format!("{REVIEW}{REST}"));
    assert_eq!(agent.reason(), Some(Reason::Timeout), "what has no end may have gone on");
    assert!(agent.detail().is_some_and(|detail| detail.contains("report.md")), "{:?}", agent.detail());
}

#[test]
fn work_that_is_not_done_is_no_report() {
    let turns = r#"{"type":"result","subtype":"error_max_turns","is_error":false,"num_turns":200,"session_id":"s","errors":[]}"#;
    let next = "Now let me look at the next file.";
    for (end, reason) in [
        (turns.to_owned(), Reason::TurnLimit),
        (result(next), Reason::Unrecognised),
        (result("I have written the plan to report.md."), Reason::Unrecognised),
    ] {
        let stage = Stage::new(&[INIT.to_owned(), text(next), end.clone()], "");
        let (agent, _) = stage.run("\"report\": \"any\"");
        assert_eq!(agent.reason(), Some(reason), "{end}");
    }
}

#[test]
fn what_was_read_is_what_was_opened() {
    let end = || result(&format!("{REVIEW}{REST}{END}"));
    let read = |name: &str| json!({ "file_path": format!("PROJECT/{name}") });
    let denial = json!({ "type": "result", "subtype": "success", "is_error": false, "session_id": "s",
        "result": format!("{REVIEW}{REST}{END}"),
        "permission_denials": [{ "tool_name": "Read", "tool_use_id": "2", "tool_input": read("src/b.ts") }] });
    for (stream, count, denied) in [
        (vec![end()], 0, 0),
        (vec![call("1", "Read", &read("src/a.ts")), answered("1", false), end()], 1, 0),
        (vec![call("1", "Read", &read("src/a.ts")), answered("1", true), end()], 0, 0),
        (vec![call("1", "Glob", &json!({ "pattern": "**" })), answered("1", false), end()], 0, 0),
        (vec![call("1", "Read", &read("src/a.ts")), answered("1", false), denial.to_string()], 1, 1),
    ] {
        let stream: Vec<String> = [INIT.to_owned()].into_iter().chain(stream).collect();
        let (agent, _) = Stage::new(&stream, "").review();
        let evidence = agent.evidence().unwrap_or_else(|| panic!("{stream:?}: {:?}", agent.detail()));
        assert_eq!((evidence.read, evidence.given), (Some(count), Some(2)), "{stream:?}");
        assert_eq!(evidence.denied.len(), denied, "{stream:?}: {:?}", evidence.denied);
        assert_eq!(evidence.read_from, Some(ReadFrom::Prose));
    }
}

#[test]
fn an_object_that_fits_is_the_report_with_the_scope_that_is_proved() {
    let stream = [
        INIT.to_owned(),
        call("1", "Read", &json!({ "file_path": "PROJECT/src/a.ts" })),
        answered("1", false),
        with_answer(&object()),
    ];
    let stage = Stage::new(&stream, "");
    let (agent, report) = stage.review();
    let evidence = agent.evidence().expect("a proof");
    assert_eq!((evidence.read_from, evidence.read, evidence.given), (Some(ReadFrom::Data), Some(1), Some(2)));
    assert!(report.contains("### 1. [src/a.ts:1] The sum starts at one\n**Severity:** high\n"), "{report}");
    assert!(report.contains("**Not reviewed:** src/b.ts (never opened)\n**Total:** 1 finding\n"), "{report}");
    let argv = stage.said("first.argv");
    let schema = argv.lines().skip_while(|word| *word != "--json-schema").nth(1).expect("a schema");
    assert!(serde_json::from_str::<Value>(schema).is_ok_and(|schema| schema["type"] == "object"), "{schema}");
    assert!(stage.said("second.argv").is_empty(), "nothing was to be mended");
}

#[test]
fn a_wrong_answer_is_told_once_in_the_same_conversation() {
    let mut wrong = object();
    wrong["total"] = json!(2);
    let stage = Stage::new(&[INIT.to_owned(), with_answer(&wrong)], "");
    stage.play("second", &[INIT.to_owned(), with_answer(&object())]);
    let (agent, _) = stage.review();
    assert_eq!(agent.evidence().and_then(|evidence| evidence.read_from), Some(ReadFrom::Data));
    assert_eq!(agent.attempt, 1, "it is the same attempt");
    let (argv, prompt) = (stage.said("second.argv"), stage.said("second.prompt"));
    assert!(argv.contains("--resume\n11111111-2222-4333-8444-555555555555\n"), "{argv}");
    assert!(argv.contains("--json-schema\n") && prompt.contains("/total: it says 2"), "{prompt}");

    // It is not mended: nothing that was found is lost.
    let stage = Stage::new(&[INIT.to_owned(), with_answer(&wrong)], "");
    stage.play("second", &[INIT.to_owned(), result("I gave it already.")]);
    let (agent, report) = stage.review();
    assert_eq!(
        agent.evidence().and_then(|evidence| evidence.read_from),
        Some(ReadFrom::Prose),
        "{:?}",
        agent.detail()
    );
    assert!(report.contains("The sum starts at one"), "{report}");
}

/// A list without findings beside words that tell of one, wherever they stand.
#[test]
fn an_empty_answer_that_tells_of_a_defect_elsewhere_is_not_clean() {
    type Spoil = fn(&mut Value);
    let told = "No further issues, but src/a.ts builds SQL from the request: an injection.";
    let ways: [(&str, Spoil); 7] = [
        ("in its notes", |answer| answer["notes"] = json!(["src/a.ts has a critical race condition"])),
        ("as a verdict", |answer| answer["verdict"] = json!("CHANGES_REQUESTED")),
        ("in a summary", |answer| {
            answer["summary"] = json!("All good, except that f can overflow the buffer");
        }),
        ("in another list", |answer| answer["issues"] = json!([{ "title": "Hardcoded password" }])),
        ("in its notes, without a word for a defect", |answer| {
            answer["notes"] = json!(["All files were read.", "The token is logged."]);
        }),
        ("in a note of how something is done", |answer| {
            answer["notes"] = json!(["I found no issues. The password is compared without constant time."]);
        }),
        ("in a summary, without one", |answer| answer["summary"] = json!("The loop never ends when n is 0.")),
    ];
    for (where_, spoil) in ways {
        let mut answer = empty();
        spoil(&mut answer);
        assert_not_clean(where_, &[INIT.to_owned(), with_answer(&answer)]);
    }
    for told in [
        told,
        "No issues found, the login is open to injection.",
        "The code is clean except for a hardcoded password",
        "Do not merge this.",
        "I've read both files. Here is my answer: src/a.ts keeps the file handle open.",
        "user input reaches exec()",
    ] {
        assert_not_clean(told, &[INIT.to_owned(), text(told), with_answer(&empty())]);
    }
}

/// One that only denies them is as good as none.
#[test]
fn words_that_deny_a_defect_cost_an_empty_answer_nothing() {
    let mut noted = empty();
    noted["notes"] = json!(["I reviewed all files and found no issues."]);
    noted["summary"] = json!("Review complete. No issues found.");
    for (told, answer) in [
        ("No critical issues.", &empty()),
        ("Nothing was found; no vulnerabilities.", &empty()),
        ("I hand in my answer now.", &empty()),
        ("I have everything I need. Here are my findings:", &empty()),
        ("I reviewed both files and found no defects.", &noted),
    ] {
        let stage = Stage::new(&[INIT.to_owned(), text(told), with_answer(answer)], "");
        let (agent, report) = stage.review();
        let evidence = agent.evidence().expect("it is completed");
        assert_eq!(evidence.read_from, Some(ReadFrom::Data), "{told}: {report}");
        assert_eq!(evidence.findings.as_ref().map(std::collections::BTreeMap::len), Some(0), "{told}");
    }
}

/// What it said while it worked is no part of its answer.
#[test]
fn thinking_aloud_before_the_last_tool_costs_nothing() {
    let stream = [
        INIT.to_owned(),
        text("Let me see whether the loop in src/a.ts ends when n is 0."),
        call("1", "Read", &json!({ "file_path": "PROJECT/src/a.ts" })),
        answered("1", false),
        with_answer(&empty()),
    ];
    let (agent, _) = Stage::new(&stream, "").review();
    assert_eq!(agent.evidence().and_then(|evidence| evidence.read_from), Some(ReadFrom::Data));
}

/// Why it is not clean is said, with the words, to the reviewer and to people.
#[test]
fn words_beside_an_empty_answer_are_quoted() {
    let mut answer = empty();
    answer["notes"] = json!(["The token is logged."]);
    let stage = Stage::new(&[INIT.to_owned(), with_answer(&answer)], "");
    stage.play("second", &[INIT.to_owned(), with_answer(&answer)]);
    let (agent, _) = stage.review();
    let told = "the notes beside it may tell of a defect (\"The token is logged.\")";
    let detail = agent.detail().unwrap_or_default();
    assert!(
        detail.starts_with("its answer cannot be used: /findings: ") && detail.contains(told),
        "{detail}"
    );
    assert!(stage.said("second.prompt").contains(told), "{}", stage.said("second.prompt"));
    // It takes the words back: they were about nothing.
    let stage = Stage::new(&[INIT.to_owned(), with_answer(&answer)], "");
    stage.play("second", &[INIT.to_owned(), with_answer(&empty())]);
    let (agent, _) = stage.review();
    assert_eq!(agent.evidence().and_then(|evidence| evidence.read_from), Some(ReadFrom::Data));
}

/// A reviewer cannot say of its own findings that they were there before.
#[test]
fn what_is_new_is_not_a_reviewers_to_say() {
    let mut answer = object();
    answer["findings"][0]["new"] = json!(false);
    let document = json!({ "format": "convoy-findings", "version": 1, "reviewer": "one", "total": 1,
        "scope": { "given": [], "read": [], "notRead": [], "basis": "claimed" },
        "findings": answer["findings"] });
    let by_file =
        format!("cat > \"$(dirname \"$CONVOY_OUTPUT_FILE\")/findings.json\" <<'END'\n{document}\nEND");
    for (stream, then) in [
        (vec![INIT.to_owned(), with_answer(&answer)], ""),
        (vec![INIT.to_owned(), result("Done.")], by_file.as_str()),
    ] {
        let stage = Stage::new(&stream, then);
        let (agent, _) = stage.review();
        assert_eq!(agent.status(), AgentStatus::Completed, "{:?}", agent.detail());
        let home = stage.0.home();
        let id = protocol::convoys::all_ids(&home).unwrap().remove(0);
        let written = home.convoy(&id).attempt(&agent.role, 1).findings();
        let written: Value = serde_json::from_slice(&fs::read(written).unwrap()).unwrap();
        assert!(written["findings"][0].get("new").is_none(), "{written}");
    }
}

fn empty() -> Value {
    let mut answer = object();
    (answer["findings"], answer["total"]) = (json!([]), json!(0));
    answer
}

fn assert_not_clean(where_: &str, stream: &[String]) {
    let stage = Stage::new(stream, "");
    stage.play("second", stream);
    let (agent, report) = stage.review();
    // Its words are read then: they may be no review, or tell the finding.
    let found = agent.evidence().and_then(|evidence| evidence.findings.as_ref());
    let found = serde_json::to_value(found).unwrap_or_default();
    let some = found.as_object().is_some_and(|counts| counts.values().any(|count| count.as_u64() > Some(0)));
    assert!(agent.status() == AgentStatus::Failed || some, "{where_}: {found} {report}");
}
