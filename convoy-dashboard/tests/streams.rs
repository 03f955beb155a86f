//! Live output against the real program: every byte, in order, once, or a
//! notice of the gap.

#![allow(clippy::expect_used, clippy::panic, reason = "a test tells by panicking")]

mod common;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{Dashboard, next, remove, running_convoy, sandbox, tell, until};
use convoy_tests::sandbox::Sandbox;
use convoy_tests::{programs, wait};
use serde_json::{Value, json};
use tungstenite::Message;

fn log_of(sandbox: &Sandbox, id: &str) -> File {
    let dir = sandbox.dir_of(&id.parse().expect("an id"));
    let path = dir.attempt(&"one".parse().expect("a role"), 1).log();
    OpenOptions::new().append(true).create(true).open(path).expect("the log")
}

/// What a stream gave: bytes with their offsets, gaps.
#[derive(Default)]
struct Got {
    bytes: Vec<u8>,
    start: Option<u64>,
    end: u64,
    gaps: Vec<(u64, u64)>,
}

impl Got {
    fn take(&mut self, message: &Message) {
        match message {
            Message::Binary(frame) => {
                assert_eq!((frame[0], &frame[1..3], &frame[3..7]), (1, &[0, 0][..], &[0, 0, 0, 1][..]));
                let offset = u64::from_be_bytes(frame[7..15].try_into().expect("8 bytes"));
                assert_eq!(offset, *self.start.get_or_insert(offset).max(&mut self.end), "in order, once");
                self.end = offset + (frame.len() - 15) as u64;
                self.bytes.extend_from_slice(&frame[15..]);
            }
            Message::Text(text) => {
                let value: Value = serde_json::from_str(text).expect("JSON");
                if value["t"] == "gap" {
                    let gap = (value["from"].as_u64().expect("from"), value["to"].as_u64().expect("to"));
                    self.gaps.push(gap);
                    self.end = gap.1;
                    self.start.get_or_insert(gap.0);
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_byte_comes_in_order_and_a_resumed_stream_goes_on_where_it_was() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let mut dashboard = Dashboard::start(&sandbox);
    let path = format!("/api/convoys/{id}/stream");
    let mut log = log_of(&sandbox, &id);
    let mut written = std::fs::read(
        sandbox.dir_of(&id.parse().expect("an id")).attempt(&"one".parse().expect("a role"), 1).log(),
    )
    .expect("read");
    let mut write = |bytes: &[u8]| {
        log.write_all(bytes).expect("write");
        written.extend_from_slice(bytes);
    };
    let mut got = Got::default();
    for round in 0..4 {
        let mut socket = dashboard.page_socket(&path);
        let hello = until(&mut socket, "hello");
        assert_eq!(hello["agents"], json!([{ "i": 0, "role": "one", "attempt": 1 }]));
        tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "attempt": 1, "from": got.end }] }));
        let target = got.end + 200_000;
        for piece in 0..10 {
            write(format!("{round}.{piece} {}\n", "y".repeat(25_000)).as_bytes());
        }
        while got.end < target {
            got.take(&next(&mut socket).expect("a message"));
            tell(&mut socket, &json!({ "t": "ack", "i": 0, "upto": got.end }));
        }
        if round == 1 {
            // Killed in the middle; what is written meanwhile is not lost.
            dashboard.kill();
            write(b"while it was away\n");
            dashboard = Dashboard::start_with(&sandbox, &["--port", &dashboard.port.to_string()]);
        }
    }
    let mut socket = dashboard.page_socket(&path);
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "attempt": 1, "from": got.end }] }));
    while got.bytes.len() < written.len() {
        got.take(&next(&mut socket).expect("a message"));
        tell(&mut socket, &json!({ "t": "ack", "i": 0, "upto": got.end }));
    }
    assert!(got.bytes == written && got.gaps.is_empty());
}

#[test]
fn who_does_not_acknowledge_gets_a_window_and_then_a_gap_that_is_told() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "from": 0 }] }));
    let mut log = log_of(&sandbox, &id);
    let mut got = Got::default();
    let line = format!("{}\n", "z".repeat(99));
    log.write_all(line.repeat(20_000).as_bytes()).expect("write");
    socket.get_mut().set_read_timeout(Some(Duration::from_secs(2))).expect("a limit");
    while let Some(message) = next(&mut socket) {
        got.take(&message);
    }
    assert!((400_000..600_000).contains(&got.end), "a window of 512 KiB: {}", got.end);
    // Nobody waits for it: the log grows by more than is kept up with.
    log.write_all(line.repeat(120_000).as_bytes()).expect("write");
    let end = log.metadata().expect("metadata").len();
    let mut socket = {
        drop(socket);
        let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
        tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "attempt": 1, "from": got.end }] }));
        socket
    };
    let from = got.end;
    while got.end < end {
        got.take(&next(&mut socket).expect("a message"));
        tell(&mut socket, &json!({ "t": "ack", "i": 0, "upto": got.end }));
    }
    let skipped: u64 = got.gaps.iter().map(|(from, to)| to - from).sum();
    assert_eq!((got.gaps.len(), got.gaps[0].0), (1, from));
    assert_eq!(got.bytes.len() as u64 + skipped, end, "bytes and gaps are all there is");
    assert_eq!(got.gaps[0].1 % 100, 0, "it goes on at a line");
}

#[test]
fn a_subscription_is_told_apart_from_the_one_before_it() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let mut log = log_of(&sandbox, &id);
    log.write_all(b"one\ntwo\n").expect("write");
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    // A page that goes from one view of a log to another does this, with output on its way.
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "n": 1 }] }));
    tell(&mut socket, &json!({ "t": "unsub", "agents": [0] }));
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "from": 4, "n": 2 }] }));
    loop {
        let start = until(&mut socket, "start");
        assert_eq!((&start["i"], &start["attempt"]), (&json!(0), &json!(1)));
        if start["n"] == 2 {
            assert_eq!(start["from"], 4);
            break;
        }
    }
    let mut got = Got::default();
    while got.end < 8 {
        got.take(&next(&mut socket).expect("a message"));
    }
    assert_eq!((got.bytes.as_slice(), got.start), (&b"two\n"[..], Some(4)));
}

#[test]
fn a_log_that_got_shorter_begins_anew() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let mut log = log_of(&sandbox, &id);
    log.write_all(b"one two three\n").expect("write");
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "from": 0 }] }));
    let mut got = Got::default();
    while got.end < 14 {
        got.take(&next(&mut socket).expect("a message"));
    }
    log.set_len(0).expect("truncate");
    log.write_all(b"new\n").expect("write");
    until(&mut socket, "reset");
    let mut got = Got::default();
    while got.end < 4 {
        got.take(&next(&mut socket).expect("a message"));
    }
    assert_eq!(got.bytes, b"new\n");
}

#[test]
fn a_stream_goes_on_with_the_next_attempt_and_tells_the_state() {
    let sandbox = sandbox();
    sandbox.agent("twice", &["print:from an attempt\n", "exit-first:3", "report"]);
    sandbox.template("two", &[r#""role": "one", "subagent": "twice", "retries": 1"#], "");
    let id = sandbox.start("two", &[]);
    let dashboard = Dashboard::start(&sandbox);
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "attempt": 1, "from": 0 }] }));
    let (mut texts, mut seen) = (vec![Vec::new(), Vec::new()], Vec::new());
    let ended = |message: &Value| message["state"]["status"] == "completed";
    let mut done = false;
    while !done
        || texts.iter().any(|text: &Vec<u8>| !String::from_utf8_lossy(text).contains("from an attempt"))
    {
        match next(&mut socket).expect("a message") {
            Message::Binary(frame) => {
                let attempt = u32::from_be_bytes(frame[3..7].try_into().expect("4 bytes"));
                texts[attempt as usize - 1].extend_from_slice(&frame[15..]);
            }
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).expect("JSON");
                done |= ended(&value);
                seen.push(value["t"].as_str().expect("a kind").to_owned());
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(seen.contains(&"attempt".to_owned()), "{seen:?}");
}

#[test]
fn programs_without_the_subprotocol_get_lines_of_json_until_the_end() {
    let sandbox = sandbox();
    let gate = sandbox.path("gate");
    let order = format!("until:{}", gate.display());
    sandbox.agent("prints", &["print:gr\u{fc}n \u{1F600}\n", &order, "print:bye\n", "report"]);
    sandbox.template("print", &[r#""role": "one", "subagent": "prints""#], "");
    let id = sandbox.start("print", &[]);
    let dashboard = Dashboard::start(&sandbox);
    let (origin, bearer) = (format!("http://{}", dashboard.host()), dashboard.bearer());
    let path = format!("/api/convoys/{id}/stream?agent=one&from=0");
    let mut socket =
        dashboard.socket(&path, &[("Origin", &origin), ("Authorization", &bearer)]).expect("a WebSocket");
    assert_eq!(until(&mut socket, "hello")["convoy"], id.as_str());
    let first = until(&mut socket, "output");
    assert!(
        first["agent"] == "one"
            && first["data"].as_str().is_some_and(|text| text.contains("gr\u{fc}n \u{1F600}")),
        "{first}"
    );
    std::fs::write(&gate, "").expect("open the gate");
    let mut all = String::new();
    let close = loop {
        match next(&mut socket) {
            Some(Message::Text(text)) => all.push_str(&text),
            other => break other,
        }
    };
    assert!(all.contains("bye") && all.contains("\"completed\""), "{all}");
    assert!(matches!(close, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 1000));
}

#[test]
fn agents_that_come_into_being_later_are_told_of_as_well() {
    let sandbox = sandbox();
    let gate = sandbox.path("gate");
    sandbox.agent("lists", &[&format!("until:{}", gate.display()), "text:{\"items\": [\"a\", \"b\"]}"]);
    sandbox.agent("prints", &["print:here\n", "report"]);
    let stage = r#""role": "each", "subagent": "prints", "forEach": {"from": "list", "path": "items"}"#;
    sandbox.template("stage", &[r#""role": "list", "subagent": "lists""#, stage], "");
    let id = sandbox.start("stage", &[]);
    let dashboard = Dashboard::start(&sandbox);
    let (origin, bearer) = (format!("http://{}", dashboard.host()), dashboard.bearer());
    let headers = [("Origin", origin.as_str()), ("Authorization", bearer.as_str())];
    let open = |query: &str| {
        let mut socket =
            dashboard.socket(&format!("/api/convoys/{id}/stream{query}"), &headers).expect("a WebSocket");
        let hello = until(&mut socket, "hello");
        assert_eq!(hello["agents"].as_array().expect("agents").len(), 2, "{hello}");
        socket
    };
    let (mut all, mut one) = (open(""), open("?agent=each-2"));
    std::fs::write(&gate, "").expect("open the gate");
    let mut told = std::collections::BTreeSet::new();
    while told.len() < 2 {
        let output = until(&mut all, "output");
        if output["data"] == "here\n" {
            told.insert(output["agent"].as_str().expect("a role").to_owned());
        }
    }
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["each-1", "each-2"]);
    assert_eq!(until(&mut one, "output")["agent"], "each-2");
}

#[test]
fn the_list_is_told_of_every_change() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let mut socket = dashboard.page_socket("/api/stream");
    until(&mut socket, "hello");
    let id = running_convoy(&sandbox);
    let change = |socket: &mut _, wanted: &str| loop {
        let told = until(socket, "convoy");
        if told["convoy"]["id"] == id.as_str() && told["convoy"]["status"] == wanted {
            return;
        }
    };
    change(&mut socket, "running");
    log_of(&sandbox, &id).write_all(b"still here\n").expect("write");
    sandbox.ok("convoy-ctl", &["stop", &id]);
    change(&mut socket, "failed");
    remove(&sandbox, &id);
    assert_eq!(until(&mut socket, "gone")["id"], id.as_str());
}

/// Long enough ago to be called quiet.
fn make_old(log: &std::path::Path) {
    let then = std::time::SystemTime::now() - Duration::from_secs(600);
    File::options().append(true).open(log).expect("the log").set_modified(then).expect("a time");
}

#[test]
fn whoever_prints_is_told_of_and_not_one_for_all() {
    let sandbox = sandbox();
    sandbox.agent("stays", &["hang"]);
    let roles = ["one", "two", "three"].map(|role| format!(r#""role": "{role}", "subagent": "stays""#));
    sandbox.template("talk", &roles.each_ref().map(String::as_str), "");
    let id = sandbox.start("talk", &[]).to_string();
    let dir = sandbox.dir_of(&id.parse().expect("an id"));
    let log = |role: &str| dir.attempt(&role.parse().expect("a role"), 1).log();
    wait::until("all have logs", String::new, || {
        ["one", "two", "three"].iter().all(|role| log(role).exists()).then_some(())
    });
    for role in ["one", "two", "three"] {
        make_old(&log(role));
    }
    let dashboard = Dashboard::start(&sandbox);
    let mut list = dashboard.page_socket("/api/stream");
    let mut stream = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    until(&mut stream, "state");
    let printed = |role: &str| {
        File::options().append(true).open(log(role)).expect("the log").write_all(b"word\n").expect("write");
    };
    let is_fresh = |at: &Value| {
        let at: jiff::Timestamp = at.as_str().expect("a time").parse().expect("a time");
        jiff::Timestamp::now().duration_since(at).as_secs() < 300
    };
    printed("one");
    printed("two");
    for socket in [&mut list, &mut stream] {
        let agents = loop {
            let told = until(socket, "activity")["agents"].clone();
            if is_fresh(&told["one"]) && is_fresh(&told["two"]) {
                break told;
            }
        };
        assert!(!is_fresh(&agents["three"]), "{agents}");
    }
    // Who asks now, and who comes now, is told the same.
    let shown = dashboard.get("/api/convoys").json()["convoys"][0]["dashboard"]["agents"].clone();
    assert!(is_fresh(&shown["one"]["lastOutputAt"]) && !is_fresh(&shown["three"]["lastOutputAt"]), "{shown}");
    let mut late = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    assert!(is_fresh(&until(&mut late, "activity")["agents"]["two"]));
    sandbox.ok("convoy-ctl", &["stop", &id]);
}

#[test]
fn no_state_file_whatever_is_in_it_stops_the_news_of_the_others() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let mut list = dashboard.page_socket("/api/stream");
    until(&mut list, "hello");
    let another = json!({ "schemaVersion": 99, "agents": [null] }).to_string();
    for (n, odd) in
        ["{}", "[]", "[null]", "null", "7", "\"x\"", "", "\0\0", "{\"agents\":[null],\"id\":3}", &another]
            .into_iter()
            .enumerate()
    {
        let id = format!("convoy-odd-{n}");
        std::fs::write(sandbox.home().convoys().join(format!("{id}.json")), odd).expect("write");
        // It may be told of while it is still empty, as another kind of odd.
        let convoy = loop {
            let told = until(&mut list, "convoy")["convoy"].clone();
            if told["id"] == id.as_str() {
                break told;
            }
        };
        assert!(convoy["agents"].is_array() && convoy["dashboard"]["short"].is_string(), "{odd}: {convoy}");
    }
    let id = running_convoy(&sandbox);
    while until(&mut list, "convoy")["convoy"]["id"] != id.as_str() {}
    let all = dashboard.get("/api/convoys").json();
    assert_eq!(all["convoys"].as_array().map(Vec::len), Some(11), "{all}");
    sandbox.ok("convoy-ctl", &["stop", &id]);
}

#[test]
fn viewers_are_told_when_it_ends_and_it_does_not_wait_for_them() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let mut dashboard = Dashboard::start(&sandbox);
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    until(&mut socket, "state");
    // One that never reads.
    let _silent = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    let begin = Instant::now();
    assert!(dashboard.end().success());
    assert!(begin.elapsed() < Duration::from_secs(20));
    let close = std::iter::from_fn(|| next(&mut socket)).find(|message| matches!(message, Message::Close(_)));
    assert!(matches!(close, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 1001));
}

#[test]
fn a_deleted_convoy_is_said_to_be_gone() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
    until(&mut socket, "state");
    sandbox.ok("convoy-ctl", &["stop", &id]);
    remove(&sandbox, &id);
    until(&mut socket, "gone");
    wait::until("it is no more", String::new, || {
        (dashboard.get(&format!("/api/convoys/{id}")).status == 404).then_some(())
    });
}

#[test]
fn what_cannot_be_read_is_not_said_to_be_gone_or_empty() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dir = sandbox.dir_of(&id.parse().expect("an id"));
    let stream = format!("/api/convoys/{id}/stream");
    let dashboard = Dashboard::start(&sandbox);
    let mut list = dashboard.page_socket("/api/stream");
    until(&mut list, "hello");
    let mut early = dashboard.page_socket(&stream);
    until(&mut early, "state");

    // Written beside it and renamed, as every state is.
    let write = |text: &[u8]| {
        let aside = sandbox.path("aside");
        std::fs::write(&aside, text).expect("write");
        std::fs::rename(aside, dir.state()).expect("rename");
    };
    let whole = std::fs::read(dir.state()).expect("the state");
    write(&whole[..whole.len() / 2]);
    assert!(until(&mut early, "error")["detail"].as_str().expect("why").contains("cannot read state"));
    while until(&mut list, "convoy")["convoy"]["dashboard"]["unusable"].is_null() {}
    let mut late = dashboard.page_socket(&stream);
    assert!(until(&mut late, "error")["detail"].as_str().expect("why").contains("cannot read state"));
    let close = std::iter::from_fn(|| next(&mut late)).find(|message| matches!(message, Message::Close(_)));
    assert!(matches!(close, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 1011));
    write(&whole);
    until(&mut early, "state");
    while until(&mut list, "convoy")["convoy"]["status"] != "running" {}

    let plan = std::fs::read(dir.plan()).expect("the plan");
    std::fs::write(dir.plan(), "{").expect("write");
    let shown = dashboard.get(&format!("/api/convoys/{id}")).json();
    assert!(shown["dashboard"]["unread"].as_str().is_some_and(|why| why.contains("plan")), "{shown}");
    std::fs::write(dir.plan(), plan).expect("write");

    // A log that is there and is none.
    let log = dir.attempt(&"one".parse().expect("a role"), 1).log();
    wait::until("the log is there", String::new, || log.exists().then_some(()));
    std::fs::remove_file(&log).expect("remove");
    std::fs::create_dir(&log).expect("a directory");
    let second = Dashboard::start(&sandbox);
    let mut other = second.page_socket(&stream);
    tell(&mut other, &json!({ "t": "sub", "agents": [{ "i": 0 }] }));
    assert!(until(&mut other, "error")["detail"].as_str().expect("why").contains(".log"));
}

#[test]
fn without_notifications_everything_comes_a_little_later() {
    let unshare = ["--user", "--map-root-user"];
    let tried = Command::new("unshare").args(unshare).arg("true").output();
    if !tried.is_ok_and(|out| out.status.success()) {
        programs::skipped("a dashboard without inotify: this machine allows no user namespaces");
        return;
    }
    for limit in ["max_inotify_instances", "max_inotify_watches"] {
        let sandbox = sandbox();
        let mut command = Command::new("unshare");
        sandbox.surround(&mut command);
        let script = format!("echo 0 > /proc/sys/user/{limit} && exec \"$0\" \"$@\"");
        command.args(unshare).args(["sh", "-c", &script]).arg(programs::dir().join("convoy-dashboard"));
        let dashboard = Dashboard::start_by(&sandbox, command, &["--port", "0"]);
        let mut list = dashboard.page_socket("/api/stream");
        until(&mut list, "hello");
        let id = running_convoy(&sandbox);
        assert_eq!(until(&mut list, "convoy")["convoy"]["id"], json!(id));
        let mut socket = dashboard.page_socket(&format!("/api/convoys/{id}/stream"));
        tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "from": 0 }] }));
        let mut got = Got::default();
        for line in ["one\n", "two\n", "three\n"] {
            let mut log = log_of(&sandbox, &id);
            log.write_all(line.as_bytes()).expect("write");
            while !got.bytes.ends_with(line.as_bytes()) {
                got.take(&next(&mut socket).expect("a message"));
            }
        }
        sandbox.ok("convoy-ctl", &["stop", &id]);
        while until(&mut list, "convoy")["convoy"]["status"] != "failed" {}
        remove(&sandbox, &id);
        assert_eq!(until(&mut list, "gone")["id"], json!(id));
    }
}
