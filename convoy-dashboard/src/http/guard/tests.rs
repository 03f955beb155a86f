use axum::http::Request;
use proptest::prelude::*;

use super::*;

const OURS: &str = "127.0.0.1:7433";

fn policy() -> Policy {
    Policy { hosts: vec![OURS.to_owned()], token: access::hash("secret") }
}

fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    policy().check(&request.body(()).unwrap().into_parts().0)
}

/// Every combination: only the ones that are named get in.
#[test]
fn the_whole_matrix() {
    let hosts = [
        OURS,
        "127.0.0.1",
        "localhost:7433",
        "localhost.:7433",
        "0.0.0.0:7433",
        "evil.example:7433",
        "127.0.0.1:7433.evil.example",
        "127.0.0.1:3000",
        "[::1]:7433",
        "",
    ];
    let origins = [
        None,
        Some("http://127.0.0.1:7433"),
        Some("null"),
        Some("http://127.0.0.1:3000"),
        Some("http://localhost:7433"),
        Some("https://127.0.0.1:7433"),
        Some("http://127.0.0.1:7433.evil.example"),
        Some("http://evil.example"),
        Some(""),
    ];
    let sites = [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];
    let tokens = [
        None,
        Some("Bearer secret"),
        Some("Bearer wrong"),
        Some("bearer secret"),
        Some("Basic secret"),
        Some("Bearer secret "),
    ];
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT2"];
    let paths = [
        "/",
        "/c/x/a/y",
        "/start",
        "/assets/app.js",
        "/api/health",
        "/api/session",
        "/api/convoys",
        "/api/convoys/start",
        "/nothing",
    ];
    let mut let_in = 0;
    for host in hosts {
        for origin in origins {
            for site in sites {
                for token in tokens {
                    for method in methods {
                        for path in paths {
                            let mut headers = vec![("host", host)];
                            headers.extend(origin.map(|origin| ("origin", origin)));
                            headers.extend(site.map(|site| ("sec-fetch-site", site)));
                            headers.extend(token.map(|token| ("authorization", token)));
                            let public = match method {
                                "GET" | "HEAD" => matches!(
                                    path,
                                    "/" | "/c/x/a/y" | "/start" | "/assets/app.js" | "/api/health"
                                ),
                                "POST" => path == "/api/session",
                                _ => false,
                            };
                            let expected = host == OURS
                                && matches!(origin, None | Some("http://127.0.0.1:7433"))
                                && matches!(site, None | Some("same-origin" | "none"))
                                && (public || token == Some("Bearer secret"));
                            let got = ask(method, path, &headers);
                            assert_eq!(got.is_ok(), expected, "{method} {path} {headers:?}: {got:?}");
                            let_in += usize::from(got.is_ok());
                        }
                    }
                }
            }
        }
    }
    assert!(let_in > 100);
}

#[test]
fn a_web_socket_needs_its_origin_and_carries_the_token_as_a_subprotocol() {
    let up = |more: &[(&str, &str)]| {
        let mut headers = vec![("host", OURS), ("upgrade", "websocket")];
        headers.extend_from_slice(more);
        ask("GET", "/api/convoys/x/stream", &headers)
    };
    let origin = ("origin", "http://127.0.0.1:7433");
    assert_eq!(up(&[origin, ("sec-websocket-protocol", "convoy.v1, bearer.secret")]), Ok(()));
    assert_eq!(up(&[origin, ("authorization", "Bearer secret")]), Ok(()));
    assert_eq!(
        up(&[origin, ("sec-websocket-protocol", "convoy.v1, bearer.wrong")]),
        Err(Refusal::WrongToken)
    );
    assert_eq!(up(&[origin, ("sec-websocket-protocol", "convoy.v1")]), Err(Refusal::NoToken));
    assert_eq!(up(&[("sec-websocket-protocol", "bearer.secret")]), Err(Refusal::ForeignOrigin));
    assert_eq!(up(&[("authorization", "Bearer secret")]), Err(Refusal::ForeignOrigin));
    // The subprotocol is no way in for anything else.
    assert_eq!(
        ask("GET", "/api/convoys", &[("host", OURS), ("sec-websocket-protocol", "bearer.secret")]),
        Err(Refusal::NoToken)
    );
}

#[test]
fn a_link_from_elsewhere_leads_to_the_page_and_to_nothing_else() {
    let visit = [
        ("host", OURS),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(ask("GET", "/c/x", &visit), Ok(()));
    assert_eq!(ask("GET", "/assets/app.js", &visit), Err(Refusal::ForeignSite));
    assert_eq!(ask("GET", "/api/convoys", &visit), Err(Refusal::ForeignSite));
    assert_eq!(ask("POST", "/api/session", &visit), Err(Refusal::ForeignSite));
    let frame = [visit[0], visit[1], visit[2], ("sec-fetch-dest", "iframe")];
    assert_eq!(ask("GET", "/", &frame), Err(Refusal::ForeignSite));
}

#[test]
fn what_comes_twice_or_in_two_ways_is_refused() {
    let host = ("host", OURS);
    assert_eq!(ask("GET", "/", &[]), Err(Refusal::NoHost));
    assert_eq!(ask("GET", "/", &[host, host]), Err(Refusal::NoHost));
    assert_eq!(ask("GET", "http://evil.example/", &[host]), Err(Refusal::ForeignHost));
    assert_eq!(ask("GET", "http://127.0.0.1:7433/", &[host]), Ok(()));
    assert_eq!(
        ask("POST", "/api/session", &[host, ("content-length", "3"), ("transfer-encoding", "chunked")]),
        Err(Refusal::Framing)
    );
    assert_eq!(
        ask("POST", "/api/session", &[host, ("content-length", "3"), ("content-length", "3")]),
        Err(Refusal::Framing)
    );
    assert_eq!(ask("POST", "/api/session", &[host, ("content-length", "999999999")]), Err(Refusal::TooBig));
    let token = ("authorization", "Bearer secret");
    assert_eq!(ask("GET", "/api/convoys", &[host, token, token]), Err(Refusal::WrongToken));
    assert_eq!(
        ask("GET", "/", &[host, ("origin", "http://127.0.0.1:7433"), ("origin", "http://127.0.0.1:7433")]),
        Err(Refusal::ForeignOrigin)
    );
    assert_eq!(ask("GET", &format!("/c/{}", "a".repeat(5000)), &[host]), Err(Refusal::TooLong));
}

proptest! {
    /// No header, however odd, panics or opens what needs the token.
    #[test]
    fn no_header_opens_the_door(host in "\\PC{0,30}", origin in "\\PC{0,40}", words in "\\PC{0,60}", raw in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut request = Request::builder().uri("/api/convoys").header("upgrade", "websocket");
        for (name, value) in [("host", host.as_bytes()), ("origin", origin.as_bytes()), ("sec-websocket-protocol", words.as_bytes()), ("authorization", &raw)] {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request = request.header(name, value);
            }
        }
        prop_assert!(policy().check(&request.body(()).unwrap().into_parts().0).is_err());
    }
}
