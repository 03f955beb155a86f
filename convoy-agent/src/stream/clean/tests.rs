use std::ffi::OsStr;
use std::fmt::Write as _;

use proptest::prelude::*;
use protocol::plan::Stream;
use serde_json::json;

use super::*;
use crate::stream::EventStream;

const KEY: &str = "sk-live/0123456789\"abcdef";
const FORMATS: [Stream; 4] =
    [Stream::ClaudeStreamJson, Stream::CodexJsonl, Stream::GeminiStreamJson, Stream::OpencodeJsonl];

fn secrets() -> Secrets {
    Secrets::of([(OsStr::new("THE_KEY"), OsStr::new(KEY))])
}

/// Events of each format in which a CLI tells text of this kind.
fn events(format: Stream, kind: usize, text: &str) -> Value {
    match (format, kind % 5) {
        (Stream::ClaudeStreamJson, 0) => {
            json!({ "type": "assistant", "message": { "content": [{ "type": "text", "text": text }] } })
        }
        (Stream::ClaudeStreamJson, 1) => {
            json!({ "type": "stream_event", "event": { "type": "content_block_delta", "delta": { "type": "text_delta", "text": text } } })
        }
        (Stream::ClaudeStreamJson, 2) => {
            json!({ "type": "assistant", "message": { "content": [{ "type": "tool_use", "name": "Bash", "input": { "command": text } }] } })
        }
        (Stream::ClaudeStreamJson, 3) => {
            json!({ "type": "user", "message": { "content": [{ "type": "tool_result", "is_error": true, "content": text }] } })
        }
        (Stream::ClaudeStreamJson, _) => {
            json!({ "type": "system", "subtype": "api_retry", "error": text, "error_status": 500 })
        }
        (Stream::CodexJsonl, 0) => {
            json!({ "type": "item.completed", "item": { "type": "agent_message", "text": text } })
        }
        (Stream::CodexJsonl, 1) => {
            json!({ "type": "item.completed", "item": { "type": "command_execution", "exit_code": 1, "aggregated_output": text } })
        }
        (Stream::CodexJsonl, 2) => {
            json!({ "type": "item.started", "item": { "type": "command_execution", "command": text } })
        }
        (Stream::CodexJsonl, 3) => json!({ "type": "error", "message": text }),
        (Stream::CodexJsonl, _) => {
            json!({ "type": "item.completed", "item": { "type": "error", "message": text } })
        }
        (Stream::GeminiStreamJson, 0 | 1) => {
            json!({ "type": "message", "role": "assistant", "content": text, "delta": true })
        }
        (Stream::GeminiStreamJson, 2) => {
            json!({ "type": "tool_use", "tool_name": "x", "parameters": { "command": text } })
        }
        (Stream::GeminiStreamJson, 3) => {
            json!({ "type": "tool_result", "status": "error", "error": { "message": text } })
        }
        (Stream::GeminiStreamJson, _) => json!({ "type": "error", "severity": "error", "message": text }),
        (_, 0 | 1) => json!({ "type": "text", "part": { "text": text } }),
        (_, 2) => {
            json!({ "type": "tool_use", "part": { "tool": "bash", "state": { "input": { "command": text } } } })
        }
        (_, 3) => {
            json!({ "type": "tool_use", "part": { "tool": "bash", "state": { "status": "error", "error": text } } })
        }
        (_, _) => json!({ "type": "a kind of tomorrow", "texts": [[text]] }),
    }
}

fn end(format: Stream) -> Value {
    match format {
        Stream::ClaudeStreamJson => json!({ "type": "result", "is_error": false }),
        Stream::CodexJsonl => json!({ "type": "turn.completed" }),
        Stream::GeminiStreamJson => json!({ "type": "result", "status": "success" }),
        Stream::OpencodeJsonl | Stream::Jsonl | Stream::Plain => {
            json!({ "type": "step_finish", "part": { "reason": "stop" } })
        }
    }
}

/// JSON as any writer may spell it: characters of its texts as escapes.
fn spelled(event: &Value, escaped: usize) -> String {
    let mut out = String::new();
    let mut in_text = false;
    let mut before = ' ';
    for (n, c) in event.to_string().chars().enumerate() {
        in_text ^= c == '"' && before != '\\';
        match c {
            '0'..='9' | '-' | '/' if in_text && escaped > 0 && n % escaped == 0 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            '/' if escaped > 0 => out.push_str("\\/"),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Everything that is left of a stream: its lines, what was shown, what it is
/// judged by.
fn kept(format: Stream, lines: &str, size: usize) -> (String, String, String) {
    let mut stream = EventStream::by(format, &[], secrets()).unwrap();
    let (mut raw, mut shown) = (Vec::new(), String::new());
    for piece in lines.as_bytes().chunks(size) {
        let told = stream.feed(piece);
        raw.extend(told.raw);
        shown.push_str(&told.shown);
    }
    let told = stream.finish();
    raw.extend(told.raw);
    shown.push_str(&told.shown);
    (String::from_utf8(raw).unwrap(), shown, format!("{:?}", stream.summary()))
}

/// The texts of all events, one after the other, as a reader of the lines has them.
fn texts(raw: &str) -> String {
    let mut out = String::new();
    for line in raw.lines().filter(|line| !line.is_empty()) {
        let event: Value = serde_json::from_str(line).unwrap();
        texts_of(&event, &mut String::new(), &mut |place, text| {
            if !place.ends_with("type") && !place.ends_with("role") {
                out.push_str(text);
            }
        });
    }
    out
}

#[test]
fn a_key_in_two_events_is_found_wherever_it_is_cut() {
    for format in FORMATS {
        for kind in 0..5 {
            for cut in 0..=KEY.len() {
                for escaped in [0, 1, 3] {
                    let (a, b) = (format!("before {}", &KEY[..cut]), format!("{} after", &KEY[cut..]));
                    let lines = [events(format, kind, &a), events(format, kind, &b), end(format)];
                    let lines = lines.map(|event| spelled(&event, escaped)).join("\n");
                    let (raw, shown, summary) = kept(format, &lines, 61);
                    let context = format!("{format:?} {kind}, cut at {cut}: {raw}{shown}{summary}");
                    let long = |part: &str| part.len() > SHORT && context.contains(part);
                    assert!(!texts(&raw).contains(KEY) && texts(&raw).contains("[THE_KEY]"), "{context}");
                    assert!(!long(&KEY[..cut]) && !long(&KEY[cut..]), "neither part is left: {context}");
                    assert!(raw.contains("before ") && raw.contains(" after"), "the rest is: {context}");
                }
            }
        }
    }
}

#[test]
fn others_may_speak_in_between() {
    for format in FORMATS {
        let (a, b) = KEY.split_at(11);
        let events =
            [events(format, 0, a), events(format, 2, "something else"), events(format, 0, b), end(format)];
        let lines = events.map(|event| event.to_string()).join("\n");
        let (raw, shown, summary) = kept(format, &lines, 7);
        for text in [raw, shown, summary] {
            assert!(!text.contains(a) && !text.contains(&b[..10]), "{text}");
        }
    }
}

#[test]
fn only_what_may_be_part_of_a_secret_waits() {
    let mut clean = Clean::new(secrets());
    let mut take = |text: &str| {
        let line = json!({ "type": "t", "text": text }).to_string() + "\n";
        clean.take(line.into_bytes()).len()
    };
    assert_eq!([take("whole"), take("ends in s"), take("ends in sk-")], [1, 1, 1]);
    assert_eq!([take("ends in sk-li"), take("n"), take("ends in sk-live/012"), take("x")], [0, 2, 0, 2]);
    assert_eq!(take(&KEY[..12]), 0);
    // What waits is bounded, whatever comes in between.
    let other = json!({ "type": "other", "text": "y".repeat(100_000) }).to_string() + "\n";
    let most = (0..30).map(|_| clean.take(other.clone().into_bytes()).len()).take_while(|n| *n == 0).count();
    assert!(most <= MOST_WAITING / 100_000, "{most}");
    assert!(clean.bytes <= MOST_WAITING);
}

#[test]
fn a_line_of_many_texts_waits_for_none_that_ends_so_by_chance() {
    let mut clean = Clean::new(secrets());
    let line =
        json!({ "type": "system", "id": "a1s", "cwd": "/tmp/sk", "version": "2.1-s", "tools": ["sk-"] });
    assert_eq!(clean.take(format!("{line}\n").into_bytes()).len(), 1);
}

#[test]
fn what_nothing_goes_on_with_does_not_hold_up_the_stream() {
    for cut in SHORT + 1..KEY.len() {
        let mut clean = Clean::new(secrets());
        let mut raw = Vec::new();
        let mut take = |kind: &str, text: &str| {
            let line = json!({ "type": kind, "text": text }).to_string() + "\n";
            let released = clean.take(line.into_bytes());
            raw.extend(released.iter().flat_map(|line| line.raw.clone()));
            released.len()
        };
        take("once", &format!("before {}", &KEY[..cut]));
        let all: usize = (0..=MOST_LINES).map(|_| take("other", "spent")).sum();
        assert!(all > 1, "cut at {cut}: counted while it goes on");
        take("once", &format!("{} after", &KEY[cut..]));
        let rest = clean.finish();
        raw.extend(rest.iter().flat_map(|line| line.raw.clone()));
        let text = texts(&String::from_utf8(raw).unwrap());
        let long = |part: &str| part.len() > SHORT && text.contains(part);
        assert!(!long(&KEY[..cut]) && !long(&KEY[cut..]), "cut at {cut}: {text}");
        assert!(text.contains("before […]") && text.contains("[THE_KEY] after"), "cut at {cut}: {text}");
    }
}

#[test]
fn names_numbers_and_lines_that_are_no_events_hold_none_either() {
    let secrets = Secrets::of(
        [("A_KEY", "sk-12345678"), ("B_PASSWORD", "1234567890")].map(|(a, b)| (a.as_ref(), b.as_ref())),
    );
    let mut clean = Clean::new(secrets);
    let mut take = |line: &str| {
        let out = clean.take(format!("{line}\n").into_bytes());
        out.into_iter().map(|line| String::from_utf8(line.raw).unwrap()).collect::<String>()
    };
    assert_eq!(take(r#"{"sk-12345678":1}"#), "{\"[A_KEY]\":1}\n");
    assert_eq!(take(r#"{"n":1234567890,"m":1.50}"#), "{\"n\":\"[B_PASSWORD]\",\"m\":1.5}\n");
    assert_eq!(take("warning: sk-12345678"), "warning: [A_KEY]\n");
    assert_eq!(take(r#"["\u0073k-12345678"]"#), "[\"[A_KEY]\"]\n");
    assert_eq!(take(r#"{ "n" : 1.50, "t":"\u0041" }"#), "{ \"n\" : 1.50, \"t\":\"\\u0041\" }\n", "as it was");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// In any number of pieces.
    #[test]
    fn a_key_in_many_pieces_is_found(
        format in prop::sample::select(&FORMATS[..]),
        kind in 0_usize..5,
        cuts in prop::collection::btree_set(1_usize..KEY.len(), 1..8),
        escaped in 0_usize..4,
        size in 1_usize..200,
    ) {
        let mut lines = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([KEY.len()]) {
            lines.push(spelled(&events(format, kind, &KEY[from..cut]), escaped));
            from = cut;
        }
        lines.push(end(format).to_string());
        let (raw, shown, summary) = kept(format, &lines.join("\n"), size);
        let text = texts(&raw);
        prop_assert!(!text.contains(KEY) && text.contains("[THE_KEY]"), "{}", raw);
        prop_assert!(!shown.replace('\n', "").contains(KEY) && !summary.contains(KEY), "{} {}", shown, summary);
    }

    /// Nothing else is changed, and nothing gets out of order.
    #[test]
    fn other_events_stay(
        format in prop::sample::select(&FORMATS[..]),
        parts in prop::collection::vec(("[a-z sk/-]{0,12}", 0_usize..5), 1..12),
        size in 1_usize..200,
    ) {
        let lines: Vec<String> =
            parts.iter().map(|(text, kind)| events(format, *kind, text).to_string()).collect();
        let lines = lines.join("\n") + "\n";
        prop_assert_eq!(kept(format, &lines, size).0, lines);
    }
}
