//! `openapi.json` and the program say the same: every address is in it, and
//! what is answered is what it says.

#![allow(clippy::expect_used, clippy::panic, reason = "a test tells by panicking")]

mod common;

use std::collections::BTreeSet;

use common::{Answer, Dashboard, running_convoy, sandbox};
use serde_json::{Value, json};

fn document() -> Value {
    serde_json::from_str(include_str!("../openapi.json")).expect("JSON")
}

/// The addresses of the router, from its source.
fn routes() -> BTreeSet<(String, String)> {
    let source = include_str!("../src/api/app.rs");
    let routes = source.split(".route(").skip(1).map(|rest| {
        let mut words = rest.splitn(5, '"');
        let path = words.nth(1).expect("a path").to_owned();
        let method = if rest.split(')').next().expect("a call").contains("post(") { "post" } else { "get" };
        (path, method.to_owned())
    });
    routes.filter(|(path, _)| path.starts_with("/api/") && !path.ends_with("/stream")).collect()
}

#[test]
fn every_address_is_described_and_no_other() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("an item").keys().map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    assert_eq!(described, routes());
}

/// Is this value of this schema? The parts of JSON Schema the document uses.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.strip_prefix('#').expect("a local reference");
        return check(document, document.pointer(pointer).expect("what it refers to"), value, place);
    }
    if let Some(wanted) = schema.get("const") {
        assert_eq!(value, wanted, "{place}");
    }
    if let Some(choices) = schema["enum"].as_array() {
        assert!(choices.contains(value), "{place}: {value}");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let fits = |kind: &&str| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is not understood here"),
    };
    assert!(kinds.is_empty() || kinds.iter().any(fits), "{place} is no {kinds:?}: {value}");
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(key.as_str().expect("a key")).is_some(), "{place} has no {key}: {value}");
    }
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(key) {
            check(document, schema, value, &format!("{place}.{key}"));
        }
    }
    for (n, one) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], one, &format!("{place}[{n}]"));
    }
}

fn check_answer(document: &Value, method: &str, path: &str, answer: &Answer) {
    let responses = &document["paths"][path][method]["responses"];
    let response = &responses[answer.status.to_string()];
    assert!(response.is_object(), "{method} {path} answers {}: {}", answer.status, answer.body);
    let response = match response["$ref"].as_str() {
        Some(name) => document.pointer(&name[1..]).expect("what it refers to"),
        None => response,
    };
    if answer.status == 304 {
        return;
    }
    let kind = answer.header("content-type").expect("a type").split(';').next().expect("a type");
    let content = &response["content"][kind];
    assert!(content.is_object(), "{method} {path}: {kind}");
    if kind == "application/json" || kind == "application/problem+json" {
        check(document, &content["schema"], &answer.json(), &format!("{method} {path}"));
    }
}

#[test]
fn what_is_answered_is_what_it_says() {
    let document = document();
    let sandbox = sandbox();
    let running = running_convoy(&sandbox);
    sandbox.agent("reviews", &["review:a"]);
    let reviewer = r#""role": "one", "subagent": "reviews", "report": "findings""#;
    sandbox.template("review", &[reviewer], "");
    let ended = sandbox.start("review", &[]);
    sandbox.until_ended(&ended);
    std::fs::write(sandbox.home().convoys().join("convoy-torn-222222.json"), "{").expect("write");
    let dashboard = Dashboard::start(&sandbox);
    let ids = [running.as_str(), ended.as_str(), "convoy-torn-222222", "convoy-none-222222", "NO"];
    let bearer = dashboard.bearer();
    for (path, method) in routes() {
        for id in ids {
            let real = path.replace("{id}", id).replace("{role}", "one").replace("{finding}", "F1");
            let verb = method.to_uppercase();
            for (authorized, body) in [(true, "{}"), (false, "{}"), (true, "["), (true, r#"{"x":1}"#)] {
                let mut headers = vec![("Content-Type", "application/json")];
                headers.extend(authorized.then_some(("Authorization", bearer.as_str())));
                let body = if method == "post" { body } else { "" };
                let answer = dashboard.ask(&verb, &real, &headers, body);
                assert!(authorized || answer.status != 200 || path == "/api/health", "{real}");
                check_answer(&document, &method, &path, &answer);
            }
            let wrong = if method == "get" { "DELETE" } else { "GET" };
            let answer = dashboard.ask(wrong, &real, &[("Authorization", &bearer)], "");
            // GET of `start` is the convoy of that name.
            assert!(matches!(answer.status, 404 | 405), "{wrong} {real}: {}", answer.status);
            assert_eq!(answer.json()["error"], answer.json()["detail"]);
        }
    }
    let start = json!({ "template": "stay", "context": { "projectPath": sandbox.project() } });
    for path in ["/api/convoys/start", "/api/convoys/preview"] {
        check_answer(&document, "post", path, &dashboard.post(path, &start));
    }
    let format = "/api/convoys/{id}/findings";
    for kind in ["md", "sarif", "rdjsonl", "gitlab", "csv", "html", "junit", "none"] {
        let answer = dashboard.get(&format!("/api/convoys/{ended}/findings?format={kind}"));
        check_answer(&document, "get", format, &answer);
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let document = document();
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    for wrong in
        [json!({}), json!([]), json!({ "type": 1, "title": "", "status": 1, "detail": "", "error": "" })]
    {
        let checked = std::panic::catch_unwind(|| check(&document, &problem, &wrong, "it"));
        assert!(checked.is_err(), "{wrong}");
    }
}
