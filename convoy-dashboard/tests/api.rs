//! The API against the real program and real convoys.

#![allow(clippy::expect_used, clippy::panic, reason = "a test tells by panicking")]

mod common;

use std::fmt::Write as _;

use common::{Dashboard, running_convoy, sandbox};
use convoy_tests::wait;
use serde_json::{Value, json};

fn ids_of(list: &Value) -> Vec<String> {
    let convoys = list["convoys"].as_array().expect("convoys");
    convoys.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn convoys_are_listed_filtered_and_paged() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    sandbox.agent("writes", &["report"]);
    sandbox.template("write", &[r#""role": "writer", "subagent": "writes""#], "");
    let done: Vec<String> = (0..3)
        .map(|_| {
            let id = sandbox.start("write", &[]);
            sandbox.until_ended(&id);
            id.to_string()
        })
        .collect();
    sandbox.agent("fails", &["exit:3"]);
    sandbox.template("fail", &[r#""role": "failing", "subagent": "fails""#], "");
    let failed = sandbox.start("fail", &[]);
    sandbox.until_ended(&failed);
    std::fs::write(sandbox.home().convoys().join("convoy-torn-222222.json"), "{\"schemaVersion\": 1, \"id")
        .expect("write");
    let legacy = json!({ "id": "convoy-old-333333", "template": "code-review", "status": "completed", "startedAt": "2024-01-01T00:00:00Z", "outputDir": "x", "agents": [], "context": {} });
    std::fs::write(sandbox.home().convoys().join("convoy-old-333333.json"), legacy.to_string())
        .expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let ids = |path: &str| -> Vec<String> {
        let answer = dashboard.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        ids_of(&answer.json())
    };
    let all = ids("/api/convoys");
    let (first, rest) = all.split_at(2);
    assert!(
        first.contains(&"convoy-torn-222222".to_owned()) && first.contains(&failed.to_string()),
        "attention first: {all:?}"
    );
    let newest_first: Vec<String> =
        [&id].into_iter().chain(done.iter().rev()).cloned().chain(["convoy-old-333333".to_owned()]).collect();
    assert_eq!(rest, newest_first);
    assert_eq!(ids("/api/convoys?status=completed").len(), 4);
    assert_eq!(ids("/api/convoys?template=stay"), [id.as_str()]);
    assert_eq!(ids("/api/convoys?q=WRITER").len(), 3);
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = dashboard.get(&format!("/api/convoys?limit=2{after}")).json();
        paged.extend(ids_of(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(paged, all);
    for bad in ["limit=0", "limit=201", "limit=x", "after=x", "status=x", "unknown=1"] {
        assert_eq!(dashboard.get(&format!("/api/convoys?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn an_unchanged_list_is_not_sent_again() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let bearer = dashboard.bearer();
    let ask = |tag: &str| {
        dashboard.ask("GET", "/api/convoys", &[("Authorization", &bearer), ("If-None-Match", tag)], "")
    };
    let first = dashboard.get("/api/convoys");
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = ask(&tag);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    sandbox.ok("convoy-ctl", &["stop", &id]);
    wait::until("the list changed", String::new, || (ask(&tag).status == 200).then_some(()));
    let list = ask("").json();
    assert_eq!(list["convoys"][0]["status"], "failed");
}

#[test]
fn a_convoy_is_started_previewed_stopped_and_run_again() {
    let sandbox = sandbox();
    running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let body = json!({ "template": "stay", "context": { "projectPath": sandbox.project() } });
    let preview = dashboard.post("/api/convoys/preview", &body);
    assert_eq!(preview.status, 200, "{}", preview.body);
    let preview = preview.json();
    assert_eq!(preview["plan"]["agents"][0]["role"], "one");
    assert!(preview["text"].as_str().is_some_and(|text| text.contains("nothing was created")), "{preview}");
    assert_eq!(dashboard.get("/api/convoys").json()["total"], 1);

    let bearer = dashboard.bearer();
    let start = |key: &str, body: &Value| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", key),
        ];
        dashboard.ask("POST", "/api/convoys/start", &headers, &body.to_string())
    };
    let started = start("a", &body);
    assert_eq!(started.status, 200, "{}", started.body);
    let state = started.json();
    let id = state["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        (state["template"].as_str(), state["dashboard"]["plan"]["phases"].clone()),
        (Some("stay"), json!([["one"]]))
    );
    assert_eq!(start("a", &body).json()["id"], id.as_str(), "a second click is the same start");
    assert_eq!(
        start(
            "a",
            &json!({ "template": "stay", "context": { "projectPath": sandbox.project(), "issueId": "1" } })
        )
        .status,
        409
    );
    sandbox.until_started(2);
    assert_eq!(sandbox.commands().len(), 2, "one each");

    let missing = start("b", &json!({ "template": "none", "context": { "projectPath": sandbox.project() } }));
    assert_eq!(missing.status, 404);
    assert!(missing.json()["error"].as_str().is_some_and(|text| text.contains("none")), "{}", missing.body);

    assert_eq!(dashboard.post(&format!("/api/convoys/{id}/retry"), &json!({})).status, 409, "while it runs");
    let stopped = dashboard.post(&format!("/api/convoys/{id}/stop"), &json!({}));
    assert_eq!((stopped.status, stopped.json()["success"].clone()), (200, json!(true)), "{}", stopped.body);
    assert_eq!(sandbox.commands().len(), 1, "stopped is stopped");
    assert_eq!(
        dashboard.post(&format!("/api/convoys/{id}/stop"), &json!({ "force": true })).status,
        200,
        "again is a quiet yes"
    );
    let state = dashboard.get(&format!("/api/convoys/{id}")).json();
    assert_eq!((state["status"].as_str(), state["reason"].as_str()), (Some("failed"), Some("stopped")));
    assert_eq!(dashboard.post(&format!("/api/convoys/{id}/retry"), &json!({ "agent": "one" })).status, 200);
    sandbox.until_started(3);
    assert_eq!(dashboard.post(&format!("/api/convoys/{id}/resume"), &json!({})).status, 200);
    let no_body =
        dashboard.ask("POST", &format!("/api/convoys/{id}/stop"), &[("Authorization", &bearer)], "");
    assert_eq!(no_body.status, 200, "{}", no_body.body);
}

#[test]
fn starts_are_bounded() {
    let sandbox = sandbox();
    sandbox.agent("writes", &["report"]);
    sandbox.template("write", &[r#""role": "one", "subagent": "writes""#], "");
    let dashboard = Dashboard::start(&sandbox);
    let body = json!({ "template": "write", "context": { "projectPath": sandbox.project() } });
    let answers: Vec<u16> = (0..7).map(|_| dashboard.post("/api/convoys/start", &body).status).collect();
    assert_eq!(answers, [200, 200, 200, 200, 200, 200, 429]);
}

#[test]
fn reports_findings_events_and_logs_are_read() {
    let sandbox = sandbox();
    sandbox.agent("first", &["print:\u{1b}[31mred\u{1b}[0m words\n", "review:a"]);
    sandbox.agent("second", &["review:b"]);
    sandbox.agent("last", &["text:# All\n\n<script>alert(1)</script>\n\n[x](javascript:1)\n"]);
    sandbox.template(
        "review",
        &[
            r#""role": "security", "subagent": "first", "report": "findings""#,
            r#""role": "speed", "subagent": "second", "report": "findings""#,
            r#""role": "synthesis", "subagent": "last", "dependsOn": ["security", "speed"], "report": "synthesis""#,
        ],
        "",
    );
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    let dashboard = Dashboard::start(&sandbox);
    let get = |path: &str| dashboard.get(&format!("/api/convoys/{id}{path}"));
    let output = get("/output").json();
    assert_eq!(output["outputs"].as_object().map(serde_json::Map::len), Some(3), "{output}");
    let report = get("/report").json();
    assert!(report["markdown"].as_str().is_some_and(|text| text.starts_with("# All")), "{report}");
    assert_eq!(report["tree"][0], json!({ "e": "h1", "c": ["All"] }));
    assert!(!report["tree"].to_string().contains("href"), "{report}");
    assert!(get("/report.md").body.starts_with("# All"));
    assert!(
        get("/report?agent=security").json()["markdown"]
            .as_str()
            .is_some_and(|text| text.contains("a is wrong"))
    );
    let findings = get("/findings").json();
    assert_eq!((findings["total"].clone(), findings["hidden"].clone()), (json!(2), json!(0)), "{findings}");
    let some = get("/findings?agent=speed&severity=high").json();
    assert_eq!((some["findings"].as_array().map(Vec::len), some["hidden"].clone()), (Some(1), json!(1)));
    assert_eq!(get("/findings?format=sarif").json()["version"], "2.1.0");
    let first = findings["findings"][0]["id"].as_str().expect("a number");
    let one = get(&format!("/findings/{first}")).json();
    assert!(one["markdown"].as_str().is_some_and(|text| text.contains(first)), "{one}");
    assert_eq!(one["tree"][0]["e"], "h3", "{one}");
    for (number, status) in [("F999", 404), ("F", 400), ("1", 400), ("F1x", 400), ("--help", 400)] {
        assert_eq!(get(&format!("/findings/{number}")).status, status, "{number}");
    }
    assert_eq!(dashboard.get(&format!("/api/convoys/latest/findings/{first}")).status, 404);
    assert_eq!(get("/findings?format=exe").status, 400);
    // All that can be written can be had here, and nothing of it can run.
    let out = sandbox.run("convoy-merge", &["--format", "exe"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let formats = said.split("possible values: ").nth(1).expect("the formats").trim();
    assert!(formats.split(", ").count() > 10, "{formats}");
    for format in formats.split(", ") {
        let answer = get(&format!("/findings?format={format}"));
        assert_eq!(answer.status, 200, "{format}: {}", answer.body);
        assert_eq!(answer.body, sandbox.ok("convoy-ctl", &["findings", id.as_str(), "--format", format]));
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{format}: {policy}");
    }
    let events = get("/events").json();
    assert_eq!(events["events"][0]["event"], "convoy-started");
    let log = get("/logs/security");
    assert_eq!(log.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(log.body.contains("\u{1b}[31mred\u{1b}[0m words"), "{:?}", log.body);
    let part = get("/logs/security?from=1&limit=3");
    assert_eq!(
        (part.body.as_bytes(), part.header("x-log-size")),
        (&log.body.as_bytes()[1..4], Some(log.body.len().to_string().as_str()))
    );
    assert_eq!(get("/logs/security?attempt=9").status, 404);
    assert_eq!(get("/report?agent=none").status, 404);
}

/// A project with one fault of severity high, and a file that no rule can read.
fn faulty(sandbox: &convoy_tests::sandbox::Sandbox, code: &str) {
    std::fs::create_dir_all(sandbox.project().join("src")).expect("a directory");
    std::fs::write(sandbox.project().join("src/a b.ts"), code).expect("write");
    std::fs::write(sandbox.project().join("NOTES.md"), "# Notes\n").expect("write");
}

const FAULT: &str = "export function f(a: number) {\n  if (a == NaN) return 1;\n  return 0;\n}\n";

#[test]
fn a_review_is_told_with_its_verdict_what_was_read_and_what_became_of_findings() {
    let sandbox = sandbox();
    faulty(&sandbox, FAULT);
    let dashboard = Dashboard::start(&sandbox);
    let reviewed = || {
        let words = ["--runner", "builtin", "--files", "src", "--files", "NOTES.md"];
        let id = sandbox.start("code-review", &words);
        sandbox.until_ended(&id);
        let get = |path: &str| dashboard.get(&format!("/api/convoys/{id}{path}")).json();
        (get("")["dashboard"]["review"].clone(), get("/findings"))
    };
    let (review, findings) = reviewed();
    assert_eq!(review["verdict"], "CHANGES_REQUESTED", "{review}");
    assert_eq!(review["line"], "CHANGES_REQUESTED: 1 finding is open at or above the gate (high)");
    assert_eq!((review["given"].clone(), review["read"].clone()), (json!(2), json!(1)));
    let one = &review["reviewers"][0];
    assert_eq!(
        (one["given"].clone(), one["read"].clone(), one["basis"].clone()),
        (json!(2), json!(1), json!("opened"))
    );
    assert_eq!(one["notRead"], json!([{ "file": "NOTES.md", "why": "no known language" }]), "{one}");
    let first = &findings["findings"][0];
    assert_eq!((first["id"].clone(), first["history"].clone()), (json!("F1"), json!("new")), "{first}");
    assert_eq!(first["locations"][0]["file"], "src/a b.ts");

    // A comment beside it, and a person who decides.
    faulty(&sandbox, &FAULT.replace("return 1;", "return 1; // a note"));
    let (_, findings) = reviewed();
    assert_eq!(findings["findings"][0]["history"], "known", "{findings}");
    sandbox.ok("convoy-ctl", &["decisions", "dismiss", "F1", "--reason", "it is a test"]);
    let (review, findings) = reviewed();
    assert_eq!(review["line"], "APPROVED: no finding is open at or above the gate (high)", "{review}");
    let told = findings["findings"][0]["suppressed"].as_str().expect("why it does not count").to_owned();
    assert!(told.contains("it is a test"), "{told}");

    // It is mended.
    sandbox.ok("convoy-ctl", &["decisions", "reopen", "F1"]);
    faulty(&sandbox, &FAULT.replace("a == NaN", "Number.isNaN(a)"));
    let (_, findings) = reviewed();
    assert_eq!(findings["closed"][0]["history"], "fixed", "{findings}");
    assert_eq!(findings["findings"], json!([]));
}

/// Names are the bytes they are, of the project and of what is reviewed.
#[test]
fn every_name_is_told_as_it_is() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    let names: [&[u8]; 6] =
        [b"a \"b\", c", b"two\nlines", b"half\xff", b"[id] #1", b"-C:\\x", "e\u{301}\u{202e}".as_bytes()];
    for name in names {
        let name = OsStr::from_bytes(name);
        let sandbox = convoy_tests::sandbox::Sandbox::with_project(
            convoy_tests::sandbox::Launcher::Process,
            Path::new(name),
        );
        let file = Path::new("src").join(name).join("x.ts");
        let path = sandbox.project().join(&file);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, FAULT).expect("write");
        let id = sandbox.start("code-review", &["--runner", "builtin", "--files", "src"]);
        sandbox.until_ended(&id);
        let dashboard = Dashboard::start(&sandbox);
        let path = |value: &Value| {
            let stored = value.as_str().expect("a path").to_owned();
            base::encoded_path::EncodedPath::from(stored).as_path().to_path_buf()
        };
        let findings = dashboard.get(&format!("/api/convoys/{id}/findings")).json();
        assert_eq!(path(&findings["findings"][0]["locations"][0]["file"]), file);
        let convoy = dashboard.get(&format!("/api/convoys/{id}")).json();
        assert_eq!(path(&convoy["context"]["projectPath"]), sandbox.project());
        assert_eq!(dashboard.get("/api/convoys").status, 200, "{name:?}");
    }
}

#[test]
fn no_verdict_is_told_with_its_reason_and_what_goes_on_has_none() {
    let sandbox = sandbox();
    sandbox.agent("fails", &["exit:3"]);
    sandbox.agent("finds", &["review:a"]);
    sandbox.agent("stays", &["sleep:60000"]);
    let reviewer = |name: &str| format!(r#""role": "{name}", "subagent": "{name}", "report": "findings""#);
    sandbox.template("lacking", &[&reviewer("fails"), &reviewer("finds")], "");
    sandbox.template("open", &[&reviewer("stays")], "");
    let lacking = sandbox.start("lacking", &[]);
    sandbox.until_ended(&lacking);
    let running = sandbox.start("open", &[]);
    let dashboard = Dashboard::start(&sandbox);
    let review =
        |id: &str| dashboard.get(&format!("/api/convoys/{id}")).json()["dashboard"]["review"].clone();
    let lacking = review(lacking.as_str());
    assert_eq!(lacking["verdict"], "COMMENTED", "{lacking}");
    assert_eq!(lacking["line"], "no verdict: the fails review is missing: exit code 3");
    assert_eq!(lacking["blocking"], 1, "what was found is told all the same");
    assert_eq!(review(running.as_str()), Value::Null);
    sandbox.ok("convoy-ctl", &["stop", running.as_str()]);
}

/// A review of so many findings, far more than a pipe holds.
fn long_review(count: usize) -> String {
    let mut text = String::from("# Correctness Review\n\n");
    for n in 0..count {
        let (line, part) = (n % 90 + 1, n * 7919);
        let why = format!("Reason {n} is told at length. ").repeat(20);
        let _ = writeln!(
            text,
            "### {n}. [src/file{n}.ts:{line}] value {n} of part {part} is never checked\n**Severity:** high\n**Confidence:** 90\n**Problem:** {why}\n"
        );
    }
    let _ = writeln!(text, "**Reviewed:** 1 file\n**Total:** {count} findings");
    text
}

#[test]
fn nothing_is_cut_however_long_it_is() {
    let sandbox = sandbox();
    let review = long_review(1500);
    std::fs::write(sandbox.path("review.md"), &review).expect("write");
    let copy = format!("cp '{}' \"$CONVOY_OUTPUT_FILE\"", sandbox.path("review.md").display());
    let agent = format!(
        "---\nname: long\ndescription: d\nrunner: command\ncommand: {}\n---\nDo it.\n",
        json!(["/bin/sh", "-c", copy])
    );
    std::fs::write(sandbox.home().user_agents().join("long.md"), agent).expect("write");
    let reviewer = r#""role": "long", "subagent": "long", "report": "findings""#;
    sandbox.template("long", &[reviewer], "");
    for n in 0..3000 {
        let name = format!("a-file-with-a-name-that-takes-room-{n}-{}.txt", "x".repeat(150));
        std::fs::write(sandbox.project().join(name), "x").expect("write");
    }
    let id = sandbox.start("long", &["--files", "a-file-*-1-*.txt"]);
    sandbox.until_ended(&id);
    let dashboard = Dashboard::start(&sandbox);
    let get = |path: &str| {
        let answer = dashboard.get(&format!("/api/convoys/{id}{path}"));
        assert_eq!(answer.status, 200, "{path}");
        answer
    };
    let sarif = get("/findings?format=sarif");
    assert!(sarif.body.len() > 1 << 20, "{}", sarif.body.len());
    assert!(sarif.json()["runs"][0]["results"].as_array().is_some_and(|all| all.len() > 1000));
    assert!(get("/findings?format=md").body.len() > 1 << 20);
    assert_eq!(get("/output").json()["outputs"]["long"], review.as_str());
    assert_eq!(get("/report?agent=long").json()["markdown"], review.as_str());
    assert_eq!(get("/report.md?agent=long").body, review);
    let body =
        json!({ "template": "long", "context": { "projectPath": sandbox.project(), "files": ["*.txt"] } });
    let preview = dashboard.post("/api/convoys/preview", &body);
    assert_eq!(preview.status, 200, "{}", preview.body);
    let preview = preview.json();
    assert_eq!(preview["files"].as_array().map(Vec::len), Some(3000));
    assert!(preview["plan"].is_object() && preview["notes"].is_array());
    assert!(preview["text"].as_str().is_some_and(|text| text.contains("nothing was created")));
    let body =
        json!({ "template": "long", "context": { "projectPath": sandbox.project(), "files": ["*.none"] } });
    assert_eq!(dashboard.post("/api/convoys/preview", &body).status, 422, "before anything is sent");
}

#[test]
fn templates_that_cannot_be_started_are_shown_with_what_is_wrong() {
    let sandbox = sandbox();
    std::fs::write(
        sandbox.home().user_templates().join("broken.json"),
        r#"{ "name": "broken", "agents": 1 }"#,
    )
    .expect("write");
    let param = r#"{ "name": "asks", "description": "d", "params": { "depth": { "type": "number", "default": 2 } }, "agents": [{ "role": "one", "subagent": "planning-agent" }] }"#;
    std::fs::write(sandbox.home().user_templates().join("asks.json"), param).expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let answer = dashboard.get("/api/templates").json();
    let one = |name: &str| {
        answer["templates"]
            .as_array()
            .expect("templates")
            .iter()
            .find(|one| one["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    assert!(one("broken")["problems"].as_array().is_some_and(|problems| !problems.is_empty()), "{answer}");
    assert_eq!(one("asks")["params"][0]["default"], 2);
    assert_eq!(one("code-review")["agents"].as_array().map(Vec::len), Some(7));
}

#[test]
fn killing_it_harms_no_convoy_and_starting_it_anew_shows_all() {
    let sandbox = sandbox();
    let mut dashboard = Dashboard::start(&sandbox);
    running_convoy(&sandbox);
    let body = json!({ "template": "stay", "context": { "projectPath": sandbox.project() } });
    let id = dashboard.post("/api/convoys/start", &body).json()["id"].as_str().expect("an id").to_owned();
    sandbox.until_started(2);
    let before = dashboard.token.clone();
    dashboard.kill();
    assert_eq!(sandbox.commands().len(), 2, "agents live on");
    assert!(!sandbox.pids_of("convoy-watch").is_empty(), "and are watched");
    let mut anew = Dashboard::start_with(&sandbox, &["--port", &dashboard.port.to_string()]);
    assert_eq!(anew.token, before, "open pages go on");
    assert_eq!(anew.get("/api/convoys").json()["total"], 2);
    assert_eq!(anew.post(&format!("/api/convoys/{id}/stop"), &json!({})).status, 200);
    assert!(anew.end().success());
    let last = Dashboard::start_with(&sandbox, &["--port", &dashboard.port.to_string()]);
    assert_ne!(last.token, before, "ended as it should, it takes the token back");
}

#[test]
fn a_log_is_read_whole_or_in_a_range() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    sandbox.ok("convoy-ctl", &["stop", &id]);
    let dir = sandbox.dir_of(&id.parse().expect("an id"));
    // Larger than any buffer, and mostly a hole.
    let log = std::fs::File::create(dir.attempt(&"one".parse().expect("a role"), 1).log()).expect("create");
    let size: u64 = 6 << 20;
    log.set_len(size).expect("a size");
    std::os::unix::fs::FileExt::write_all_at(&log, b"middle", 3 << 20).expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let path = format!("/api/convoys/{id}/logs/one");
    let bearer = dashboard.bearer();
    let ask = |range: &str, more: &[(&str, &str)]| {
        let headers: Vec<(&str, &str)> = [("Authorization", bearer.as_str()), ("Range", range)]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        dashboard.ask("GET", &path, &headers, "")
    };
    let whole = dashboard.get(&path);
    assert_eq!((whole.status, whole.body.len() as u64), (200, size));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-length"), Some(size.to_string().as_str()));
    let middle = 3_u64 << 20;
    for (range, from, length) in [
        (format!("bytes={middle}-{}", middle + 5), middle, 6),
        (format!("bytes={middle}-"), middle, size - middle),
        ("bytes=-10".to_owned(), size - 10, 10),
        ("bytes=0-0".to_owned(), 0, 1),
        (format!("bytes={}-{}", size - 1, size * 2), size - 1, 1),
    ] {
        let part = ask(&range, &[]);
        assert_eq!((part.status, part.body.len() as u64), (206, length), "{range}");
        let told = format!("bytes {from}-{}/{size}", from + length - 1);
        assert_eq!(part.header("content-range"), Some(told.as_str()), "{range}");
    }
    assert!(ask(&format!("bytes={middle}-"), &[]).body.starts_with("middle\0"));
    let beyond = ask(&format!("bytes={size}-"), &[]);
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some(format!("bytes */{size}").as_str()))
    );
    assert!(beyond.json()["detail"].as_str().is_some_and(|why| why.contains(&size.to_string())));
    for (range, more) in
        [("bytes=0-1,3-4", &[][..]), ("rows=0-1", &[]), ("bytes=0-1", &[("If-Range", "\"x\"")])]
    {
        let all = ask(range, more);
        assert_eq!((all.status, all.body.len() as u64), (200, size), "{range}");
    }
}

#[test]
fn only_the_exact_id_of_a_convoy_is_acted_on() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let short = id.rsplit('-').next().expect("a short id");
    let dashboard = Dashboard::start(&sandbox);
    for other in ["latest", "last", short, &short[..3], &id[..id.len() - 1], "stay"] {
        for verb in ["stop", "retry", "resume", "synthesize"] {
            let answer = dashboard.post(&format!("/api/convoys/{other}/{verb}"), &json!({}));
            assert_eq!(answer.status, 404, "{other}/{verb}: {}", answer.body);
        }
        assert_eq!(dashboard.get(&format!("/api/convoys/{other}")).status, 404, "{other}");
    }
    assert_eq!(dashboard.get(&format!("/api/convoys/{id}")).json()["status"], "running");
    assert_eq!(dashboard.post(&format!("/api/convoys/{id}/stop"), &json!({})).status, 200);
}

#[test]
fn a_convoy_of_the_previous_system_can_be_looked_at_and_not_changed() {
    let sandbox = sandbox();
    let id = "convoy-old-abc234";
    let at = "2025-01-02T03:04:05Z";
    let agents = json!({ "security": { "status": "running", "startedAt": at }, "tests": null });
    let old =
        json!({ "id": id, "template": "review", "status": "running", "startedAt": at, "agents": agents });
    std::fs::create_dir_all(sandbox.home().convoys()).expect("create");
    std::fs::write(sandbox.home().convoys().join(format!("{id}.json")), old.to_string()).expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let list = dashboard.get("/api/convoys").json();
    for shown in [&list["convoys"][0], &dashboard.get(&format!("/api/convoys/{id}")).json()] {
        assert!(shown["status"].is_null(), "nobody knows whether it runs: {shown}");
        assert_eq!(shown["dashboard"]["said"], "running");
        assert_eq!(shown["agents"], json!([{ "role": "security", "startedAt": at }]));
        assert_eq!(shown["dashboard"]["unread"], "1 of its agents cannot be understood");
    }
    assert_eq!((list["counts"]["running"].clone(), list["counts"]["all"].clone()), (json!(0), json!(1)));
    for verb in ["stop", "retry", "resume", "synthesize"] {
        let answer = dashboard.post(&format!("/api/convoys/{id}/{verb}"), &json!({}));
        assert_eq!(answer.status, 409, "{verb}: {}", answer.body);
        assert!(answer.json()["detail"].as_str().is_some_and(|why| why.contains("previous system")));
    }
}

#[test]
fn a_convoy_that_nobody_watches_is_counted_apart_and_needs_attention() {
    let sandbox = sandbox();
    sandbox.agent("stays", &["hang"]);
    sandbox.template("stay", &[r#""role": "one", "subagent": "stays""#], "");
    let id = sandbox.start("stay", &["--watch", "none"]);
    let dashboard = Dashboard::start(&sandbox);
    let mut list = dashboard.page_socket("/api/stream");
    wait::until("it is said to be so", String::new, || {
        let list = dashboard.get("/api/convoys").json();
        let shown = &list["convoys"][0]["dashboard"];
        (shown["unwatched"] == true && shown["group"] == "attention" && list["counts"]["unwatched"] == 1)
            .then_some(())
    });
    let told = common::until(&mut list, "convoy");
    assert_eq!(told["convoy"]["dashboard"]["group"], "attention", "{told}");
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
}
