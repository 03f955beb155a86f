//! Attacks on the real program, one test for each line of the list in
//! `docs/convoy-dashboard.md`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test tells by panicking")]

mod common;

use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Answer, Dashboard, next, read_answer, running_convoy, sandbox, tell, until};
use convoy_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tungstenite::Message;

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"];

fn assert_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.head);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
}

#[test]
fn without_the_token_nothing_is_told() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let token = &dashboard.token;
    let answer = dashboard.ask("GET", "/api/convoys", &[], "");
    assert_problem(&answer, 401, "no token");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_problem(
        &dashboard.ask("GET", &format!("/api/convoys?token={token}"), &[], ""),
        401,
        "in the address",
    );
    let cookie = format!("convoy_session={token}; token={token}");
    assert_problem(&dashboard.ask("GET", "/api/convoys", &[("Cookie", &cookie)], ""), 401, "in a cookie");
    for wrong in [
        format!("Basic {token}"),
        format!("bearer {token}"),
        token.clone(),
        format!("Bearer {}", &token[1..]),
    ] {
        assert_problem(&dashboard.ask("GET", "/api/convoys", &[("Authorization", &wrong)], ""), 401, &wrong);
    }
    for method in METHODS {
        let status = dashboard.ask(method, "/api/convoys/start", &[], "").status;
        assert!(status == 401, "{method} {status}");
    }
    assert_eq!(dashboard.get("/api/convoys").status, 200);
    // Nothing that is public holds it, and nothing sets a cookie.
    for path in ["/", "/start", "/c/x", "/assets/app.js", "/api/health"] {
        let answer = dashboard.ask("GET", path, &[], "");
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains(token.as_str()) && answer.header("set-cookie").is_none(), "{path}");
    }
}

#[test]
fn guesses_are_bounded_and_the_right_token_is_still_good() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let guess = || dashboard.ask("GET", "/api/convoys", &[("Authorization", "Bearer x")], "").status;
    let answers: Vec<u16> = (0..40).map(|_| guess()).collect();
    assert!(answers.starts_with(&[401; 10]) && answers.contains(&429), "{answers:?}");
    assert_eq!(dashboard.get("/api/convoys").status, 200);
}

#[test]
fn a_ticket_lets_one_browser_in_once() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let trade = |ticket: &str| {
        let headers =
            [("Content-Type", "application/json"), ("Origin", &format!("http://{}", dashboard.host()))];
        dashboard.ask("POST", "/api/session", &headers, &json!({ "ticket": ticket }).to_string())
    };
    let answer = trade(&dashboard.ticket);
    assert_eq!((answer.status, answer.json()["token"].as_str()), (200, Some(dashboard.token.as_str())));
    assert_problem(&trade(&dashboard.ticket), 401, "a second time");
    assert_problem(&trade("../../dashboard"), 401, "a path");
    let url = sandbox.ok("convoy-dashboard", &["url", "--port", &dashboard.port.to_string()]);
    let ticket = url.trim().rsplit('=').next().expect("a ticket");
    assert_eq!(trade(ticket).status, 200);
    assert_problem(&trade(ticket), 401, "a second time");
}

#[test]
fn what_it_leaves_is_private_and_goes_at_its_end() {
    let sandbox = sandbox();
    let mut dashboard = Dashboard::start(&sandbox);
    let file = sandbox.home().dashboard(&dashboard.port.to_string());
    assert_eq!(std::fs::metadata(&file).expect("the file").mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(sandbox.home().run()).expect("run").mode() & 0o777, 0o700);
    for entry in std::fs::read_dir(sandbox.home().run()).expect("run") {
        assert_eq!(entry.expect("an entry").metadata().expect("metadata").mode() & 0o077, 0);
    }
    let line = std::fs::read(format!("/proc/{}/cmdline", dashboard.child.id())).expect("its command line");
    assert!(!String::from_utf8_lossy(&line).contains(&dashboard.token));
    let limits =
        std::fs::read_to_string(format!("/proc/{}/limits", dashboard.child.id())).expect("its limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert!(core.split_whitespace().nth(4) == Some("0"), "{core}");
    assert!(dashboard.end().success());
    assert!(!file.exists(), "the token is taken back");
    let out = sandbox.run("convoy-dashboard", &["url", "--port", &dashboard.port.to_string()]);
    assert_eq!(out.status.code(), Some(4));
}

#[test]
fn only_the_names_it_was_given_are_served() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let (port, bearer) = (dashboard.port, dashboard.bearer());
    let foreign = [
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("localhost:{port}"),
        format!("localhost.:{port}"),
        format!("0.0.0.0:{port}"),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("127.0.0.1:{port}.evil.example"),
        format!("user@127.0.0.1:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("2130706433:{port}"),
    ];
    for path in [
        "/",
        "/assets/app.js",
        "/api/health",
        "/api/session",
        "/api/convoys",
        "/api/convoys/x/stream",
        "/api/stream",
        "/none",
    ] {
        for host in &foreign {
            let text = format!(
                "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer}\r\nConnection: close\r\n\r\n"
            );
            let status = dashboard.raw(text.as_bytes()).status;
            assert!(status == 421 || (host.contains('@') && status == 400), "{path} {host}: {status}");
        }
    }
    let host = dashboard.host();
    let close = "Connection: close\r\n\r\n";
    assert_eq!(dashboard.raw(format!("GET / HTTP/1.1\r\n{close}").as_bytes()).status, 400, "no Host");
    assert_eq!(
        dashboard.raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil\r\n{close}").as_bytes()).status,
        400,
        "two"
    );
    assert_eq!(
        dashboard
            .raw(format!("GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n{close}").as_bytes())
            .status,
        421
    );
    assert_eq!(
        dashboard.raw(format!("GET / HTTP/1.0\r\n{close}").as_bytes()).status,
        400,
        "HTTP/1.0 without Host"
    );
}

#[test]
fn other_pages_cannot_make_requests() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let (host, bearer, port) = (dashboard.host(), dashboard.bearer(), dashboard.port);
    let body =
        json!({ "template": "code-review", "context": { "projectPath": sandbox.project() } }).to_string();
    for origin in [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        "http://127.0.0.1:3000".to_owned(),
        format!("http://localhost:{port}"),
        format!("https://{host}"),
        format!("http://{host}.evil.example"),
        format!("http://{host}/"),
        String::new(),
    ] {
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("Origin", &origin)];
        assert_problem(&dashboard.ask("POST", "/api/convoys/start", &headers, &body), 403, &origin);
        assert_problem(
            &dashboard.ask(
                "GET",
                "/api/convoys",
                &headers[..1].iter().chain(&headers[2..]).copied().collect::<Vec<_>>(),
                "",
            ),
            403,
            &origin,
        );
        assert_problem(&dashboard.ask("POST", "/api/session", &headers[1..], "{}"), 403, &origin);
    }
    for site in ["cross-site", "same-site", "elsewhere"] {
        let headers = [("Authorization", bearer.as_str()), ("Sec-Fetch-Site", site)];
        assert_problem(&dashboard.ask("GET", "/api/convoys", &headers, ""), 403, site);
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        assert_problem(&dashboard.ask("POST", "/api/convoys/start", &headers, &body), 415, kind);
    }
    let headers = [("Origin", "http://evil.example"), ("Access-Control-Request-Method", "POST")];
    let answer = dashboard.ask("OPTIONS", "/api/convoys/start", &headers, "");
    assert!(
        answer.status == 403 && !answer.head.to_lowercase().contains("access-control"),
        "{}",
        answer.head
    );
    let own = format!("http://{host}");
    let answer =
        dashboard.ask("OPTIONS", "/api/convoys/start", &[("Authorization", &bearer), ("Origin", &own)], "");
    assert!(
        answer.status == 405 && !answer.head.to_lowercase().contains("access-control"),
        "{}",
        answer.head
    );
    let answer = dashboard.ask(
        "GET",
        "/api/convoys/x/stop",
        &[("Authorization", &bearer), ("X-HTTP-Method-Override", "POST")],
        "",
    );
    assert_problem(&answer, 405, "GET of an action");
    assert_eq!(answer.header("allow"), Some("POST"));
    assert!(
        !sandbox.project().join(".claude").exists() && sandbox.processes().len() == 1,
        "nothing was started"
    );
}

#[test]
fn web_sockets_of_others_are_refused() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let (own, right) =
        (format!("http://{}", dashboard.host()), format!("convoy.v1, bearer.{}", dashboard.token));
    for path in [format!("/api/convoys/{id}/stream"), "/api/stream".to_owned()] {
        let connect = |headers: &[(&str, &str)]| dashboard.socket(&path, headers).err();
        for origin in ["http://evil.example", "http://127.0.0.1:3000", "null"] {
            assert_eq!(
                connect(&[("Origin", origin), ("Sec-WebSocket-Protocol", &right)]),
                Some(403),
                "{origin}"
            );
        }
        assert_eq!(connect(&[("Sec-WebSocket-Protocol", &right)]), Some(403), "no Origin");
        assert_eq!(
            connect(&[("Origin", &own), ("Sec-WebSocket-Protocol", "convoy.v1")]),
            Some(401),
            "no token"
        );
        assert_eq!(
            connect(&[("Origin", &own), ("Sec-WebSocket-Protocol", "convoy.v1, bearer.x")]),
            Some(401),
            "wrong token"
        );
        assert_eq!(
            connect(&[
                ("Origin", &own),
                ("Cookie", &format!("token={}", dashboard.token)),
                ("Sec-WebSocket-Protocol", "convoy.v1")
            ]),
            Some(401)
        );
        assert_eq!(
            connect(&[
                ("Host", "evil.example"),
                ("Origin", "http://evil.example"),
                ("Sec-WebSocket-Protocol", &right)
            ]),
            Some(421)
        );
        assert_eq!(
            connect(&[
                ("Origin", &own),
                ("Sec-Fetch-Site", "cross-site"),
                ("Sec-WebSocket-Protocol", &right)
            ]),
            Some(403)
        );
        assert_eq!(connect(&[("Origin", &own), ("Sec-WebSocket-Protocol", &right)]), None);
    }
}

#[test]
fn frames_that_make_no_sense_end_a_stream_or_change_nothing() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let path = format!("/api/convoys/{id}/stream");
    // Below the library: what it would never send.
    let bad: [(&str, Vec<u8>); 7] = [
        (
            "a frame of 1 MiB",
            [vec![0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4], vec![0; 8192]].concat(),
        ),
        ("a frame of 2^62 bytes", vec![0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        ("an unmasked frame", vec![0x81, 0x02, b'{', b'}']),
        ("bytes that are no text", vec![0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
        ("reserved bits", vec![0xf1, 0x80, 0, 0, 0, 0]),
        ("an unknown kind", vec![0x83, 0x80, 0, 0, 0, 0]),
        (
            "endless fragments",
            [
                vec![0x01, 0x80, 0, 0, 0, 0],
                [0x00, 0xfe, 0x04, 0x00, 0, 0, 0, 0]
                    .iter()
                    .copied()
                    .chain([b'x'; 1024])
                    .cycle()
                    .take(1032 * 64)
                    .collect(),
            ]
            .concat(),
        ),
    ];
    for (what, bytes) in bad {
        let mut socket = dashboard.page_socket(&path);
        until(&mut socket, "state");
        let _ = socket.get_mut().write_all(&bytes);
        while let Some(message) = next(&mut socket) {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
        assert!(!what.is_empty());
    }
    let mut socket = dashboard.page_socket(&path);
    until(&mut socket, "state");
    for junk in 0..800 {
        let text = [
            "{",
            "null",
            "[]",
            r#"{"t":"sub"}"#,
            r#"{"t":"x"}"#,
            r#"{"t":"ack","i":0,"upto":18446744073709551615}"#,
            r#"{"t":"ack","i":65535,"upto":1}"#,
            r#"{"t":"sub","agents":[{"i":9999}]}"#,
        ][junk % 8];
        socket.send(Message::Text(text.into())).expect("send");
        // It answers those it does not understand, so they are read.
        if junk % 8 == 4 {
            until(&mut socket, "error");
        }
    }
    tell(
        &mut socket,
        &json!({ "t": "sub", "agents": [{ "i": 0, "attempt": 4_000_000_000_u32, "from": u64::MAX }] }),
    );
    assert_eq!(until(&mut socket, "reset")["attempt"], 1, "an attempt that never was");
    assert_eq!(dashboard.get("/api/health").status, 200);
}

#[test]
fn ids_and_names_lead_nowhere() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let long = "a".repeat(5000);
    for bad in [
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "a%00b",
        "%ff%fe",
        "a;id",
        "-rf",
        &long,
        "a%0d%0aX:1",
        "%24(id)",
        "A",
        "convoy-none-222222",
        "%5c..%5c",
        ".",
    ] {
        for path in [
            format!("/api/convoys/{bad}"),
            format!("/api/convoys/{bad}/output"),
            format!("/api/convoys/{bad}/report"),
            format!("/api/convoys/{bad}/report.md"),
            format!("/api/convoys/{bad}/findings"),
            format!("/api/convoys/{bad}/events"),
            format!("/api/convoys/{bad}/logs/one"),
            format!("/api/convoys/{id}/logs/{bad}"),
            format!("/api/convoys/{bad}/stream"),
            format!("/api/convoys/{id}/report?agent={bad}"),
        ] {
            let status = dashboard.get(&path).status;
            assert!(matches!(status, 400 | 404 | 414), "{path}: {status}");
        }
        for action in ["stop", "retry", "resume", "synthesize"] {
            let status = dashboard.post(&format!("/api/convoys/{bad}/{action}"), &json!({})).status;
            assert!(matches!(status, 400 | 404 | 414), "{bad}/{action}: {status}");
        }
        let status = dashboard.post(&format!("/api/convoys/{id}/retry"), &json!({ "agent": bad })).status;
        assert!(matches!(status, 404 | 409 | 422), "agent {bad}: {status}");
    }
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2fCargo.toml",
        "/assets/..%5cCargo.toml",
        "/assets//etc/passwd",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/vendor/../../Cargo.toml",
        "/assets/index.html",
    ] {
        assert_problem(&dashboard.get(path), 404, path);
    }
    let start = |body| dashboard.post("/api/convoys/start", &body).status;
    for template in ["../stay", "/etc/passwd", "stay.json", "-h", "none"] {
        let status = start(json!({ "template": template, "context": { "projectPath": sandbox.project() } }));
        assert!(matches!(status, 404 | 422), "{template}: {status}");
    }
    for context in [
        json!({ "projectPath": "/" }),
        json!({ "projectPath": sandbox.project().join("..") }),
        json!({ "projectPath": sandbox.project(), "files": ["../../etc/passwd"] }),
        json!({ "projectPath": sandbox.project(), "files": ["/etc/passwd"] }),
        json!({ "projectPath": sandbox.project(), "env": { "A": "b" } }),
        json!({ "projectPath": sandbox.project(), "command": ["id"] }),
    ] {
        assert_eq!(start(json!({ "template": "stay", "context": context })), 422, "{context}");
    }
    assert_eq!(
        start(json!({ "template": "stay", "context": { "projectPath": sandbox.project() }, "model": "x" })),
        422
    );
    assert_eq!(sandbox.pids_of("fake-agent").len(), 1, "nothing else was started");
}

#[test]
fn links_are_not_followed() {
    let sandbox = sandbox();
    sandbox.agent("writes", &["report"]);
    sandbox.template("write", &[r#""role": "one", "subagent": "writes""#], "");
    let id = sandbox.start("write", &[]);
    sandbox.until_ended(&id);
    let dashboard = Dashboard::start(&sandbox);
    let outputs =
        |dashboard: &Dashboard| dashboard.get(&format!("/api/convoys/{id}/output")).json()["outputs"].clone();
    assert!(outputs(&dashboard)["one"].as_str().is_some_and(|text| text.contains("All is well")));
    let files = sandbox.dir_of(&id).attempt(&"one".parse().expect("a role"), 1);
    for file in [files.report(), files.log()] {
        std::fs::remove_file(&file).expect("remove");
        std::os::unix::fs::symlink("/etc/hostname", &file).expect("link");
    }
    assert_eq!(outputs(&dashboard), json!({}));
    assert_problem(&dashboard.get(&format!("/api/convoys/{id}/report?agent=one")), 404, "a report");
    assert_problem(&dashboard.get(&format!("/api/convoys/{id}/logs/one")), 404, "a log");
}

#[test]
fn bodies_are_small_whole_and_what_was_asked_for() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let head = format!(
        "POST /api/convoys/start HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Type: application/json\r\nConnection: close\r\n",
        dashboard.host(),
        dashboard.bearer()
    );
    let send = |more: &str, body: &str| dashboard.raw(format!("{head}{more}\r\n{body}").as_bytes()).status;
    let begin = Instant::now();
    assert_eq!(send("Content-Length: 999999999\r\n", "{"), 413);
    assert!(begin.elapsed() < Duration::from_secs(4), "at once");
    let big = format!("\"{}\"", "a".repeat(200 << 10));
    assert_eq!(send(&format!("Content-Length: {}\r\n", big.len()), &big), 413);
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    assert_eq!(send("Transfer-Encoding: chunked\r\n", &format!("{}0\r\n\r\n", chunk.repeat(8))), 413);
    let nested = "[".repeat(20_000);
    assert_eq!(send(&format!("Content-Length: {}\r\n", nested.len()), &nested), 400);
    for (body, status) in [
        ("{}", 400),
        ("{\"a\":1}", 422),
        ("nonsense", 400),
        ("[]", 422),
        ("{\"template\":1}", 422),
        ("{\"template\":\"a\",\"template\":\"b\"}", 422),
    ] {
        assert_eq!(send(&format!("Content-Length: {}\r\n", body.len()), body), status, "{body}");
    }
    assert_eq!(send("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, "two lengths");
    assert_eq!(send("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400);
    assert_eq!(send("Content-Length: -1\r\n", ""), 400);
    assert_eq!(send(&format!("X: {}\r\n", "a".repeat(70 << 10)), ""), 431, "a long head");
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(send(&many, ""), 431, "many headers");
    assert_eq!(dashboard.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").status, 400, "not HTTP");
}

#[test]
fn slow_clients_are_let_go_and_hold_up_nobody() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let begin = Instant::now();
    let mut slow: Vec<_> = (0..300)
        .map(|_| {
            let mut stream = dashboard.connect();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("send");
            stream
        })
        .collect();
    let mut body = dashboard.connect();
    let head = format!(
        "POST /api/convoys/start HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{",
        dashboard.host(),
        dashboard.bearer()
    );
    body.write_all(head.as_bytes()).expect("send");
    for _ in 0..20 {
        assert_eq!(dashboard.get("/api/convoys").status, 200, "others are served");
    }
    assert_eq!(read_answer(&mut body).status, 408);
    for stream in &mut slow {
        let mut rest = Vec::new();
        // Closed, maybe with an answer; the limit of the socket would be an error.
        let ended = stream.read_to_end(&mut rest);
        assert!(
            ended.as_ref().err().is_none_or(|error| error.kind() == std::io::ErrorKind::ConnectionReset),
            "{ended:?}"
        );
    }
    // 5 s, and much for a busy machine; without the rule it is 30 s.
    assert!(begin.elapsed() < Duration::from_secs(25), "{:?}", begin.elapsed());
}

#[test]
fn the_page_lets_nothing_in() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let one = dashboard.ask("GET", "/", &[], "");
    let policy = one.header("content-security-policy").expect("a policy").to_owned();
    for part in [
        "default-src 'none'",
        "script-src 'self' 'sha256-",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
        "connect-src 'self'",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(
        !policy.contains("script-src 'unsafe") && !policy.contains("unsafe-eval") && !policy.contains('*')
    );
    let nonce =
        policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
    assert!(one.body.contains(&nonce) && !one.body.contains("NONCE"));
    let two = dashboard.ask("GET", "/", &[], "");
    assert!(!two.body.contains(&nonce), "a nonce of its own");
    for path in ["/", "/assets/app.js", "/api/health", "/api/convoys", "/none"] {
        let answer = dashboard.ask("GET", path, &[], "");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
    }
    let raw = dashboard.get("/api/openapi.json");
    assert!(raw.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
}

#[test]
fn a_place_is_never_taken_from_another_nor_changed_in_silence() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let out = sandbox.run("convoy-dashboard", &["--port", &dashboard.port.to_string()]);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("cannot listen on 127.0.0.1") && said.contains("hint: "), "{said}");
    for words in [["--listen", "0.0.0.0"], ["--listen", "192.0.2.1"], ["--listen", "::"]] {
        let out = sandbox.run("convoy-dashboard", &words);
        assert_eq!(out.status.code(), Some(2), "{words:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains("ssh -N -L"));
    }
}

#[test]
fn a_unix_socket_is_private_and_serves_what_is_forwarded() {
    let sandbox = sandbox();
    let path = sandbox.path("d.sock");
    // Left by one that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("bind"));
    let listen = format!("unix:{}", path.display());
    let mut dashboard = Dashboard::start_with(&sandbox, &["--listen", &listen, "--port", "7433"]);
    assert_eq!(std::fs::metadata(&path).expect("the socket").mode() & 0o777, 0o600);
    let ask = |host: &str| {
        let mut stream = std::os::unix::net::UnixStream::connect(&path).expect("connect");
        stream.set_read_timeout(Some(wait::LIMIT)).expect("a limit");
        let text = format!(
            "GET /api/convoys HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            dashboard.token
        );
        stream.write_all(text.as_bytes()).expect("send");
        read_answer(&mut stream).status
    };
    assert_eq!(
        [ask("127.0.0.1:7433"), ask("localhost:7433"), ask("evil.example:7433"), ask("127.0.0.1:1")],
        [200, 200, 421, 421]
    );
    assert!(
        sandbox
            .ok("convoy-dashboard", &["url", "--listen", &listen])
            .starts_with("http://127.0.0.1:7433/#ticket=")
    );
    assert!(dashboard.end().success());
    assert!(!path.exists());
}

#[test]
fn the_browser_it_opens_is_given_a_private_file_and_ssh_a_line() {
    let sandbox = sandbox();
    let bin = sandbox.path("bin");
    std::fs::create_dir(&bin).expect("a directory");
    let seen = sandbox.path("seen");
    let opener = bin.join("xdg-open");
    let script = format!(
        "#!/bin/sh\nstat -c %a \"$1\" >{0}.new\necho \"$@\" >>{0}.new\ncat \"$1\" >>{0}.new\nmv {0}.new {0}\n",
        seen.display()
    );
    std::fs::write(&opener, script).expect("write");
    std::fs::set_permissions(&opener, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("mode");
    let mut command = sandbox.command("convoy-dashboard");
    command.args(["--port", "0", "--open"]).env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    command.env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22").stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("start");
    let said_by_browser =
        wait::until("the page is opened", String::new, || std::fs::read_to_string(&seen).ok());
    let _ = kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM);
    let mut said = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut said).expect("text");
    child.wait().expect("wait");
    let mut lines = said_by_browser.lines();
    assert_eq!(lines.next(), Some("600"));
    assert!(
        lines.next().is_some_and(|words| words.contains("/open-") && !words.contains("ticket=")),
        "{said_by_browser}"
    );
    assert!(
        lines.next().is_some_and(|page| page.contains("url=http://127.0.0.1:") && page.contains("/#ticket=")),
        "{said_by_browser}"
    );
    assert!(said.contains("from your machine: ssh -N -L "), "{said}");
}
