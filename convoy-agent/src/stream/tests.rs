use protocol::outcome::Reason;
use protocol::plan::Stream;
use serde_json::{Value, json};

use super::*;

/// What a stream of these lines leaves behind, and what was shown of it.
fn read(format: Stream, lines: &[&str]) -> (EventStream, String) {
    let mut stream = EventStream::by(format, &[], Secrets::default()).unwrap();
    let mut shown = String::new();
    // In odd pieces, as a pipe delivers them.
    for piece in lines.join("\n").as_bytes().chunks(7) {
        shown.push_str(&stream.feed(piece).shown);
    }
    shown.push_str(&stream.finish().shown);
    (stream, shown)
}

const CLAUDE: [&str; 7] = [
    r#"{"type":"system","subtype":"init","session_id":"s-1","model":"claude-sonnet-5-5","tools":["Read"]}"#,
    r#"{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"I look."}],"usage":{"input_tokens":3,"output_tokens":1}}}"#,
    r#"{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","name":"Read","input":{"file_path":"src/a.ts"}}],"usage":{"input_tokens":3,"output_tokens":1}}}"#,
    r#"{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"no such file\nx","is_error":true}]}}"#,
    r#"{"type":"system","subtype":"permission_denied","tool_name":"Write"}"#,
    r#"{"type":"something_new","x":1}"#,
    r#"{"duration_ms":1,"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.5,"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":2}}"#,
];

#[test]
fn claude_is_followed() {
    let (stream, shown) = read(Stream::ClaudeStreamJson, &CLAUDE);
    assert_eq!(
        shown,
        "[model claude-sonnet-5-5]\nI look.\n> Read src/a.ts\n! no such file\n[denied: Write]\n[done]\n"
    );
    let summary = stream.summary();
    assert_eq!((summary.session(), summary.final_message().as_deref()), (Some("s-1"), Some("done")));
    assert_eq!(summary.denied().as_deref(), Some("denied: Write"));
    let want = Tokens { input: 7, cached: 4, output: 2, cost: Some(0.5) };
    assert_eq!(summary.spent(), Some(want));
    assert_eq!(summary.fault(), None);
    let (stream, _) = read(Stream::ClaudeStreamJson, &CLAUDE[..6]);
    assert_eq!(
        stream.summary().spent().map(|t| (t.input, t.output)),
        Some((3, 1)),
        "one message counts once"
    );
    assert!(!stream.summary().is_done());
}

#[test]
fn a_final_message_is_all_that_was_told_of_it() {
    let said = |id: &str, words: &str| {
        json!({ "type": "assistant", "message": { "id": id, "content": [{ "type": "text", "text": words }] } })
            .to_string()
    };
    let end = |words: &str| json!({ "type": "result", "is_error": false, "result": words }).to_string();
    for (lines, want) in [
        (vec![said("m", "one"), said("m", "two"), end("one")], "one\ntwo"),
        (vec![said("m", "one\n"), said("m", "two"), end("one\ntwo")], "one\ntwo"),
        (vec![said("m", "one"), end("")], "one"),
        (vec![said("m", "one"), end("one and two")], "one and two"),
        (vec![said("m", "one"), said("n", "two"), end("two")], "two"),
        // Neither is a part of the other: nothing of both is lost.
        (vec![said("m", "one"), said("n", "two"), end("one")], "two\n\none"),
        (vec![end("one")], "one"),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (stream, _) = read(Stream::ClaudeStreamJson, &lines);
        assert_eq!(stream.summary().final_message().as_deref(), Some(want), "{lines:?}");
    }
    let part = |id: &str, words: &str| {
        json!({ "type": "text", "part": { "messageID": id, "text": words } }).to_string()
    };
    let stop = json!({ "type": "step_finish", "part": { "id": "p", "reason": "stop" } }).to_string();
    let (stream, _) = read(Stream::OpencodeJsonl, &[&part("m", "one"), &part("m", "two"), &stop]);
    assert_eq!(stream.summary().final_message().as_deref(), Some("one\ntwo"));
}

#[test]
fn an_answer_is_kept_whether_it_fits_or_not() {
    let call = r#"{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"Here."},{"type":"tool_use","id":"t","name":"StructuredOutput","input":{"findings":[]}}]}}"#;
    let fits = r#"{"type":"result","subtype":"success","is_error":false,"result":"{}","structured_output":{"findings":[]}}"#;
    let (stream, _) = read(Stream::ClaudeStreamJson, &[call, fits]);
    assert_eq!(stream.summary().answer(), Some(&json!({ "findings": [] })));
    assert_eq!(stream.summary().said().collect::<Vec<_>>(), ["Here."], "what was said beside it");
    let never = r#"{"type":"result","subtype":"error_max_structured_output_retries","is_error":true}"#;
    let (stream, _) = read(Stream::ClaudeStreamJson, &[call, never]);
    let summary = stream.summary();
    assert!(summary.is_done(), "its work is done");
    assert_eq!((summary.answer(), summary.tried()), (None, Some(&json!({ "findings": [] }))));
}

#[test]
fn turns_that_are_used_up_are_no_end_whatever_they_say_of_themselves() {
    let end = r#"{"type":"result","subtype":"error_max_turns","is_error":false,"errors":[]}"#;
    let (stream, _) = read(Stream::ClaudeStreamJson, &[end]);
    assert_eq!(stream.summary().fault().and_then(|fault| fault.reason), Some(Reason::TurnLimit));
    assert!(!stream.summary().is_done());
}

#[test]
fn claude_tells_its_errors() {
    let fault = |fields: &str| {
        let line = format!(r#"{{"type":"result","is_error":true,{fields}}}"#);
        let (stream, _) = read(Stream::ClaudeStreamJson, &[&line]);
        assert_eq!(stream.summary().final_message(), None);
        stream.summary().fault().unwrap()
    };
    // `subtype: success` is no success.
    assert_eq!(fault(r#""subtype":"success","api_error_status":401"#).status, Some(401));
    assert_eq!(
        fault(r#""subtype":"success","terminal_reason":"prompt_too_long""#).reason,
        Some(Reason::ContextOverflow)
    );
    assert_eq!(fault(r#""subtype":"error_max_turns","errors":["too many"]"#).reason, Some(Reason::TurnLimit));
    assert_eq!(fault(r#""subtype":"error_max_turns","errors":["too many"]"#).said, "too many");
    assert_eq!(fault(r#""subtype":"error_max_budget_usd""#).reason, Some(Reason::Budget));
    let limited =
        r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1764252000}}"#;
    let end = r#"{"type":"result","is_error":true,"api_error_status":429,"result":"limit"}"#;
    let (stream, _) = read(Stream::ClaudeStreamJson, &[limited, end]);
    assert_eq!(stream.summary().fault().unwrap().resets_at, Some(1_764_252_000));
    // Cut while it tried again: the last try is the reason.
    let retry = r#"{"type":"system","subtype":"api_retry","error_status":529,"error":"overloaded"}"#;
    let (stream, shown) = read(Stream::ClaudeStreamJson, &[retry]);
    assert_eq!(stream.summary().fault().unwrap().status, Some(529));
    assert_eq!(shown, "[the service said: overloaded; trying again]\n");
}

#[test]
fn codex_is_followed() {
    let (stream, shown) = read(
        Stream::CodexJsonl,
        &[
            r#"{"type":"thread.started","thread_id":"t-1"}"#,
            r#"{"type":"item.completed","item":{"id":"item_0","type":"error","message":"Model metadata not found"}}"#,
            r#"{"type":"turn.started"}"#,
            r#"{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"I look."}}"#,
            r#"{"type":"item.started","item":{"id":"i1","type":"command_execution","command":"cat a"}}"#,
            r#"{"type":"item.completed","item":{"id":"i1","type":"command_execution","command":"cat a","aggregated_output":"x\nno such file","exit_code":1,"status":"failed"}}"#,
            r##"{"type":"item.completed","item":{"id":"i2","type":"agent_message","text":"# Review\nNone."}}"##,
            r#"{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":40,"output_tokens":7}}"#,
        ],
    );
    assert_eq!(
        shown,
        "[Model metadata not found]\nI look.\n> shell cat a\n! no such file\n# Review\nNone.\n[done]\n"
    );
    let summary = stream.summary();
    assert_eq!(
        (summary.session(), summary.final_message().as_deref()),
        (Some("t-1"), Some("# Review\nNone."))
    );
    assert_eq!(summary.spent(), Some(Tokens { input: 100, cached: 40, output: 7, cost: None }));
}

#[test]
fn codex_tells_its_errors() {
    let (stream, _) = read(
        Stream::CodexJsonl,
        &[
            r#"{"type":"error","message":"Reconnecting... 1/5 (unexpected status 401 Unauthorized: invalid x-api-key, url: http://x)"}"#,
            r#"{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests"}}"#,
        ],
    );
    let fault = stream.summary().fault().unwrap();
    assert_eq!(fault.status, Some(429));
    let (stream, _) =
        read(Stream::CodexJsonl, &[r#"{"type":"error","message":"unexpected status 401 Unauthorized"}"#]);
    assert_eq!(stream.summary().fault().unwrap().status, Some(401), "killed while it tried again");
}

#[test]
fn gemini_is_followed() {
    let (stream, shown) = read(
        Stream::GeminiStreamJson,
        &[
            r#"{"type":"init","session_id":"g-1","model":"gemini-2.5-pro"}"#,
            r#"{"type":"message","role":"user","content":"the prompt"}"#,
            r#"{"type":"message","role":"assistant","content":"I lo","delta":true}"#,
            r#"{"type":"message","role":"assistant","content":"ok.","delta":true}"#,
            r#"{"type":"tool_use","tool_name":"read_file","parameters":{"file_path":"a"}}"#,
            r#"{"type":"tool_result","status":"error","error":{"type":"FILE_NOT_FOUND","message":"no such file"}}"#,
            r##"{"type":"message","role":"assistant","content":"# Review\n","delta":true}"##,
            r#"{"type":"message","role":"assistant","content":"None.","delta":true}"#,
            r#"{"type":"result","status":"success","stats":{"total_tokens":1030,"input_tokens":1000,"output_tokens":25,"cached":10}}"#,
        ],
    );
    assert_eq!(
        shown,
        "[model gemini-2.5-pro]\nI look.\n> read_file a\n! no such file\n# Review\nNone.\n[done]\n"
    );
    let summary = stream.summary();
    assert_eq!(
        (summary.session(), summary.final_message().as_deref()),
        (Some("g-1"), Some("# Review\nNone."))
    );
    assert_eq!(summary.spent(), Some(Tokens { input: 1000, cached: 10, output: 30, cost: None }));
}

#[test]
fn gemini_tells_its_errors() {
    let (stream, shown) = read(
        Stream::GeminiStreamJson,
        &[
            r#"{"type":"result","status":"error","error":{"type":"unknown","message":"[API Error: {\"error\":{\"code\":401,\"message\":\"invalid key\",\"status\":\"UNAUTHENTICATED\"}}]"}}"#,
        ],
    );
    let fault = stream.summary().fault().unwrap();
    assert_eq!(
        (fault.status, fault.code.as_str(), fault.said.as_str()),
        (Some(401), "UNAUTHENTICATED", "invalid key")
    );
    assert_eq!(shown, "[failed: invalid key]\n");
    let (stream, _) = read(
        Stream::GeminiStreamJson,
        &[
            r#"{"type":"result","status":"error","error":{"type":"FatalTurnLimitedError","message":"[API Error: too many requests for now]"}}"#,
        ],
    );
    assert_eq!(stream.summary().fault().unwrap().code, "FatalTurnLimitedError");
}

#[test]
fn opencode_is_followed() {
    let (stream, shown) = read(
        Stream::OpencodeJsonl,
        &[
            r#"{"type":"step_start","sessionID":"o-1","part":{"id":"p0","type":"step-start"}}"#,
            r#"{"type":"tool_use","sessionID":"o-1","part":{"tool":"write","state":{"status":"completed","input":{"filePath":"r.md"}}}}"#,
            r#"{"type":"tool_use","sessionID":"o-1","part":{"tool":"bash","state":{"status":"error","input":{"command":"ls"},"error":"The user rejected permission to use this tool"}}}"#,
            r#"{"type":"step_finish","sessionID":"o-1","part":{"id":"p1","reason":"tool-calls","tokens":{"input":10,"output":2,"reasoning":1,"cache":{"read":5,"write":1}},"cost":0.25}}"#,
            r#"{"type":"step_start","sessionID":"o-1","part":{"id":"p2"}}"#,
            r#"{"type":"text","sessionID":"o-1","part":{"text":"Done."}}"#,
            r#"{"type":"step_finish","sessionID":"o-1","part":{"id":"p3","reason":"stop","tokens":{"input":10,"output":2,"cache":{}},"cost":0}}"#,
        ],
    );
    assert_eq!(shown, "> write r.md\n> bash ls\n[denied: bash ls]\nDone.\n[done]\n");
    let summary = stream.summary();
    assert_eq!((summary.session(), summary.final_message().as_deref()), (Some("o-1"), Some("Done.")));
    assert_eq!(summary.spent(), Some(Tokens { input: 26, cached: 5, output: 5, cost: Some(0.25) }));
}

#[test]
fn opencode_tells_its_errors() {
    let (stream, _) = read(
        Stream::OpencodeJsonl,
        &[
            r#"{"type":"error","sessionID":"o-1","error":{"name":"APIError","data":{"message":"invalid x-api-key","statusCode":401}}}"#,
        ],
    );
    assert_eq!(stream.summary().fault().unwrap().status, Some(401));
    let (stream, shown) =
        read(Stream::OpencodeJsonl, &[r#"{"type":"step_finish","part":{"id":"p","reason":"length"}}"#]);
    assert_eq!(stream.summary().fault().unwrap().reason, Some(Reason::OutputLimit));
    assert_eq!(shown, "[failed: output limit reached]\n");
}

#[test]
fn what_is_no_event_passes_through_and_no_control_sequence_does() {
    let (stream, shown) = read(
        Stream::CodexJsonl,
        &[
            "WARNING: proceeding anyway",
            "[1, 2]",
            "{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"a\\u001b]0;x\\u0007b\"}}",
        ],
    );
    assert!(shown.starts_with("WARNING: proceeding anyway\n[1, 2]\n"), "{shown:?}");
    assert!(!shown.contains('\u{1b}') && shown.contains('a'), "{shown:?}");
    assert!(!stream.summary().is_done());
}

/// The same of a stream that rules describe.
fn by_rules(lines: &[Value]) -> (EventStream, String) {
    let rules: Vec<EventRule> = serde_json::from_value(json!([
        { "is": "piece", "event": "delta", "at": { "text": "/text", "message": "/id" } },
        { "is": "tool", "event": "call", "at": { "tool": "/name", "call": "/id", "input": "/input" } },
        { "is": "denied", "event": "no", "at": { "call": "/id" } },
        { "is": "retry", "event": "again" },
        { "is": "failed", "event": "abort", "reason": "cut" },
        { "is": "done", "event": "result" },
    ]))
    .unwrap();
    let mut stream = EventStream::by(Stream::Jsonl, &rules, Secrets::default()).unwrap();
    let shown = lines.iter().map(|line| stream.feed(format!("{line}\n").as_bytes()).shown).collect();
    (stream, shown)
}

#[test]
fn pieces_of_a_request_that_is_tried_again_are_void() {
    let delta = |id: &str, text: &str| json!({ "type": "delta", "id": id, "text": text });
    let event = |kind: &str| json!({ "type": kind });
    let of = |lines: &[Value]| by_rules(lines).0.summary().final_message();
    let gone_on = [delta("m", "one, "), delta("m", "tw"), delta("n", "o"), event("result")];
    assert_eq!(of(&gone_on).as_deref(), Some("one, two"));
    let again = [
        delta("m", "one, "),
        delta("n", "tw"),
        delta("n", "i"),
        event("again"),
        delta("o", "two"),
        event("result"),
    ];
    assert_eq!(of(&again).as_deref(), Some("one, two"));
    let nothing = [delta("m", "one"), event("again"), event("again"), event("result")];
    assert_eq!(of(&nothing), None);
    // What was said before a tool is no part of it, whatever came of the tool.
    let call = json!({ "type": "call", "name": "view", "id": "c", "input": { "path": "src/a.ts" } });
    let after = [delta("m", "I look."), call, event("again"), delta("n", "Done."), event("result")];
    assert_eq!(of(&after).as_deref(), Some("Done."));
}

#[test]
fn a_good_end_behind_an_abort_is_none() {
    let lines = [
        json!({ "type": "delta", "id": "m", "text": "one" }),
        json!({ "type": "abort" }),
        json!({ "type": "result" }),
    ];
    let (stream, _) = by_rules(&lines);
    assert!(!stream.summary().is_done());
    assert_eq!(stream.summary().fault().and_then(|fault| fault.reason), Some(Reason::Cut));
}

#[test]
fn a_denial_that_only_names_its_call_is_of_that_tool() {
    let lines = [
        json!({ "type": "call", "name": "view", "id": "c", "input": { "path": "src/a.ts" } }),
        json!({ "type": "no", "id": "c" }),
    ];
    let (stream, shown) = by_rules(&lines);
    assert_eq!(shown, "> view src/a.ts\n[denied: view src/a.ts]\n");
    assert_eq!(stream.summary().denied().as_deref(), Some("denied: view"));
    let targets = stream.summary().refused()[0].targets.clone();
    assert_eq!(targets, Some(vec!["src/a.ts".to_owned()]));
}
