//! The same reviewers and verifiers in a whole convoy: `convoy-review` starts them as
//! agents of a CLI that is a script, and what comes out must be what the pieces say.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, failed, limited_until, print};
use findings::merged::Merged;
use findings::second_look::Standing;
use serde_json::{Value, json};

use super::model::{Answer, REVIEWERS, Rates, Told};
use super::pack::Repo;
use super::pieces::GATE;

/// By title and place of a finding: what has become of it, and does it count?
pub type Outcome = BTreeMap<(String, String), (Option<Standing>, bool)>;

/// Reviews the repository; what came out of the findings at the gate.
pub fn review(rates: &Rates, repo: &Repo, launcher: Launcher) -> Outcome {
    let sandbox = Sandbox::new(launcher);
    for (name, text) in &repo.files {
        let path = sandbox.project().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("create a directory");
        fs::write(path, text).expect("write a file");
    }
    let keys = "stream = \"claude-stream-json\"\nreport = \"final-message\"\n[answer]\nby = \"fence\"\n";
    sandbox.scripted_with("m", keys, &script(rates, repo));
    template(&sandbox);
    let level = GATE.name();
    let out = sandbox.run(
        "convoy-review",
        &["--files", ".", "--runner", "m", "--gate", level, "--timeout", "5m", "--json"],
    );
    let result: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    let id: ConvoyId = result["convoyId"].as_str().expect("an id").parse().expect("an id");
    let k = sandbox.state(&id).merge.expect("a merge").k;
    let bytes = fs::read(sandbox.dir_of(&id).merge_findings(k)).expect("the merged findings");
    let merged = Merged::read(&bytes).expect("merged findings");
    let outcome: Outcome = merged
        .findings
        .iter()
        .filter(|finding| finding.severity.reaches(GATE))
        .map(|finding| {
            let verdict = finding.second_look.as_ref().map(|look| look.verdict);
            ((finding.title.clone(), finding.place()), (verdict, finding.stands()))
        })
        .collect();
    let counts: u64 = merged.counts.iter().filter(|(level, _)| *level != "low").map(|(_, count)| count).sum();
    let open = outcome.values().filter(|(_, counts)| *counts).count() as u64;
    assert_eq!(counts, open, "{}: the counts are those of what stands", repo.name);
    assert_eq!(out.status.code(), Some(i32::from(open > 0)), "{}: {result:#}", repo.name);
    outcome
}

fn template(sandbox: &Sandbox) {
    let file = sandbox.home().user_agents().join("reviewer.md");
    fs::write(file, "---\nname: reviewer\ndescription: d\nmodel: sonnet\n---\nLook.\n")
        .expect("write the agent");
    let stage = |role: &str, each: &str| {
        format!(
            r#""role": "{role}", "subagent": "code-review-verifier", "when": "verify", "report": "verification", "require": "any", "forEach": {each}"#
        )
    };
    let mut agents: Vec<String> = REVIEWERS
        .iter()
        .map(|role| format!(r#""role": "{role}", "subagent": "reviewer", "report": "findings""#))
        .collect();
    agents.push(stage("verify", r#"{"from": "merge", "where": "gate"}"#));
    agents.push(stage(
        "verify-again",
        r#"{"from": "verify", "path": "looks", "where": {"verdict": "refuted", "severity": ">=critical"}}"#,
    ));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("code-review", &agents, "");
}

/// The CLI: who it is, its role says; what it is asked about, its prompt.
fn script(rates: &Rates, repo: &Repo) -> String {
    let mut out =
        String::from("ABOUT=$HERE/$PANOPTICON_CONVOY_ROLE.about\ncase $PANOPTICON_CONVOY_ROLE in\n");
    for (vote, role) in [(2, "verify-again-*"), (1, "verify-*")] {
        let _ = writeln!(out, "{role})");
        // Who is to mend an answer is not told once more what it is about.
        for (n, title) in repo.labels.iter().flat_map(|label| &label.titles).enumerate() {
            let words = title.replace('\'', "'\\''");
            let does = answer(&rates.look(repo, title, vote));
            let _ = writeln!(
                out,
                "if [ \"$(cat $ABOUT 2>/dev/null)\" = {n} ] || grep -qF 'Finding 1: {words}' \"$CONVOY_PROMPT_FILE\"; then\n\
                 echo {n} > $ABOUT\n{does}\nexit 0\nfi"
            );
        }
        out.push_str("exit 9;;\n");
    }
    let read: Vec<&str> = repo.files.iter().map(|(name, _)| name.as_str()).collect();
    for reviewer in REVIEWERS {
        let findings: Vec<Value> = rates.review(repo, reviewer).iter().map(finding).collect();
        let answer = json!({ "total": findings.len(), "findings": findings, "read": read, "notRead": [], "notes": [] });
        let _ = writeln!(out, "{reviewer})\n{}\n;;", opens_and_says(&read, &answer));
    }
    out.push_str("*) exit 8;;\nesac\n");
    out
}

fn finding(told: &Told<'_>) -> Value {
    json!({
        "title": told.title, "severity": told.severity, "confidence": 80, "category": told.label.category,
        "cwe": [], "problem": told.label.problem, "impact": null, "fix": null, "suggestion": null,
        "locations": [{ "file": told.label.file, "line": told.line, "endLine": null, "symbol": null,
            "quote": told.quote }],
    })
}

/// A stream that opens all files and hands this in.
fn opens_and_says(files: &[&str], answer: &Value) -> String {
    let mut lines = vec![begun("s")];
    for (n, file) in files.iter().enumerate() {
        let id = format!("t{n}");
        let call = json!({ "type": "assistant", "message": { "id": format!("m{n}"), "content": [
            { "type": "tool_use", "id": id, "name": "Read", "input": { "file_path": file } }] } });
        let result = json!({ "type": "user", "message": { "content": [
            { "type": "tool_result", "tool_use_id": id, "content": "1\tcode", "is_error": false }] } });
        lines.extend([call.to_string(), result.to_string()]);
    }
    lines.extend(message(&format!("```json\n{answer}\n```")));
    print(&lines)
}

/// The last message, and the end.
fn message(words: &str) -> [String; 2] {
    let content = json!([{ "type": "text", "text": words }]);
    let event = json!({ "type": "assistant", "message": { "id": "last", "content": content } });
    [event.to_string(), done(words)]
}

/// What a verifier does, as a shell would.
fn answer(answer: &Answer) -> String {
    let says = |text: &str| {
        let [message, end] = message(text);
        print(&[begun("s"), message, end])
    };
    let fenced = |value: &str| says(&format!("```json\n{value}\n```"));
    match answer {
        Answer::Says(value) => fenced(&value.to_string()),
        Answer::Mends(first, value) => {
            format!("if [ -n \"$1\" ]; then\n{}\nelse\n{}\nfi", fenced(&value.to_string()), fenced(first))
        }
        Answer::Lies(text) => fenced(text),
        Answer::Silent => says(""),
        Answer::Fails => print(&[begun("s"), failed(Some(400), "the request is not valid")]),
        Answer::Limited(value) => {
            let soon = "'\"$(($(date +%s) + 1))\"'";
            let limited = print(&[begun("s"), limited_until(4_102_444_800)]).replace("4102444800", soon);
            format!("if [ $ATTEMPT = 1 ]; then\n{limited}\nelse\n{}\nfi", fenced(&value.to_string()))
        }
    }
}
