//! Readers of what others wrote, given anything: bytes at random, and real files
//! with pieces of them taken out, doubled and changed.

#[path = "any_bytes/readers.rs"]
mod readers;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use protocol::plan::Stream;

/// A change at a place: (where, how long, what).
type Change = (usize, usize, u8);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((any::<usize>(), 0..40_usize, any::<u8>()), 0..6)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (at, length, what) in changes {
        let at = at % (bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        match what % 4 {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            2 => bytes.insert(at, *what),
            _ => bytes.truncate(end),
        }
    }
    bytes
}

/// Files of this project below a directory, of these endings.
fn files(dir: &str, ending: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(dir);
    let mut found = Vec::new();
    let mut dirs = vec![root];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no *{ending} below {dir}");
    found.into_iter().map(|(_, bytes)| bytes).collect()
}

/// Runs a reader on changed samples, and on bytes that are nothing.
fn drive(samples: Vec<Vec<u8>>, read: impl Fn(&[u8])) {
    for sample in &samples {
        read(sample);
    }
    let any = prop::collection::vec(any::<u8>(), 0..200);
    let near = (prop::sample::select(samples), changes()).prop_map(|(sample, by)| changed(sample, &by));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(128)
    });
    let bytes = prop_oneof![3 => near, 1 => any];
    runner
        .run(&bytes, |bytes| {
            read(&bytes);
            Ok(())
        })
        .unwrap();
}

fn texts(samples: &[&str]) -> Vec<Vec<u8>> {
    samples.iter().map(|sample| sample.as_bytes().to_vec()).collect()
}

#[test]
fn a_review() {
    drive(files("convoy-merge/tests/same", ".md"), readers::extraction);
}

#[test]
fn the_stream_of_claude() {
    let lines = [
        r#"{"type":"system","subtype":"init","session_id":"s-1","model":"m","tools":["Read"]}"#,
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"a\nb"},{"type":"tool_use","id":"t","name":"Bash","input":{"command":"cat a | head"}}],"usage":{"input_tokens":3}}}"#,
        r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":"no"}]}}"#,
        r#"{"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.1,"usage":{"input_tokens":10,"output_tokens":5}}"#,
    ];
    let stream = |bytes: &[u8]| readers::stream(Stream::ClaudeStreamJson, bytes);
    drive(texts(&[&lines.join("\n"), lines[1], lines[3]]), stream);
}

#[test]
fn the_stream_of_codex() {
    let lines = [
        r#"{"type":"thread.started","thread_id":"t-1"}"#,
        r#"{"type":"item.completed","item":{"id":"i1","type":"command_execution","command":"bash -lc 'cat a'","aggregated_output":"x\n","exit_code":1,"status":"failed"}}"#,
        r#"{"type":"item.completed","item":{"id":"i2","type":"agent_message","text":"done"}}"#,
        r#"{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":5}}"#,
    ];
    let stream = |bytes: &[u8]| readers::stream(Stream::CodexJsonl, bytes);
    drive(texts(&[&lines.join("\n"), lines[1], lines[3]]), stream);
}

#[test]
fn the_stream_of_gemini() {
    let lines = [
        r#"{"type":"init","session_id":"g-1","model":"m"}"#,
        r#"{"type":"message","role":"assistant","content":"a","delta":true}"#,
        r#"{"type":"tool_result","tool_id":"t","status":"error","error":{"type":"policy_violation","message":"denied"}}"#,
        r#"{"type":"result","status":"success","stats":{"total_tokens":30,"input_tokens":20,"output_tokens":5}}"#,
    ];
    let stream = |bytes: &[u8]| readers::stream(Stream::GeminiStreamJson, bytes);
    drive(texts(&[&lines.join("\n"), lines[2], lines[3]]), stream);
}

#[test]
fn the_stream_of_opencode() {
    let lines = [
        r#"{"type":"step_start","sessionID":"o-1","part":{}}"#,
        r#"{"type":"tool_use","sessionID":"o-1","part":{"tool":"bash","callID":"c","state":{"status":"error","input":{"command":"ls"},"error":"no"}}}"#,
        r#"{"type":"text","part":{"text":"done"}}"#,
        r#"{"type":"step_finish","part":{"reason":"stop","cost":0.1,"tokens":{"input":1,"output":2,"cache":{"read":1,"write":0}}}}"#,
    ];
    let stream = |bytes: &[u8]| readers::stream(Stream::OpencodeJsonl, bytes);
    drive(texts(&[&lines.join("\n"), lines[1], lines[3]]), stream);
}

#[test]
fn a_state() {
    let agents = [
        r#"{"role":"a","subagent":"a","tmuxSession":"s","status":"pending","attempt":1,"runner":"r","reason":"exit-code","backoffUntil":{"boot":"b","ms":5}}"#,
        r#"{"role":"b","subagent":"b","tmuxSession":"s","status":"running","stage":"claimed","attempt":1,"runner":"r","claimed":{"boot":"b","ms":5},"pane":"%1"}"#,
        r#"{"role":"c","subagent":"c","tmuxSession":"s","status":"completed","attempt":1,"runner":"r","completedAt":"2026-01-01T00:00:00Z","outputFile":"/r.md","evidence":{"size":1,"sha256":"00","device":1,"inode":1,"source":"file"}}"#,
    ];
    let state = format!(
        r#"{{"schemaVersion":1,"id":"convoy-t-abcdef","template":"t","status":"running","startedAt":"2026-01-01T00:00:00Z","outputDir":"/o","context":{{"projectPath":"/p"}},"host":"h","revision":1,"clock":{{"at":{{"boot":"b","ms":1}},"elapsedMs":0}},"agents":[{}]}}"#,
        agents.join(",")
    );
    assert!(protocol::store::parse_state(state.as_bytes(), "x").is_ok(), "the sample is one");
    drive(texts(&[&state]), readers::state);
}

#[test]
fn a_claim() {
    let owner = r#"{"kind":"owner","process":{"pid":7,"start":9},"at":{"boot":"b","ms":1},"token":"t","pane":"%1","cols":80,"rows":24}"#;
    let command = r#"{"command":{"pid":8,"start":10}}"#;
    drive(texts(&[&format!("{owner}\n{command}\n"), owner, r#"{"kind":"void","by":7}"#]), readers::claim);
}

#[test]
fn a_template() {
    drive(files("templates", ".json"), readers::template);
}

#[test]
fn an_agent_file() {
    drive(files("agents", ".md"), readers::agent_file);
}

#[test]
fn a_rule() {
    drive(files("convoy-lint/rules", ".yml"), readers::rule);
}

#[test]
fn results_of_other_linters() {
    drive(
        [files("convoy-lint/tests/handed", ".json"), files("convoy-lint/tests/handed", ".sarif")].concat(),
        readers::results,
    );
}
