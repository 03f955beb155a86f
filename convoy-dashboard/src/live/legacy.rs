//! States of the previous system in the shape of ours, as far as they can be
//! understood: what cannot is left out, and counted. Pure.
//!
//! Nothing of ours runs such a convoy, so whether anything of it still runs is not
//! known: a status of something under way is not handed on as one.

use base::ids::ConvoyId;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const ENDED: [&str; 3] = ["completed", "failed", "partial"];

/// A convoy with `dashboard.legacy`, and the status in its file as `dashboard.said`
/// where that is not one of an end; `None`: nothing of a convoy is in it.
pub(crate) fn normalised(id: &ConvoyId, found: &Value) -> Option<Value> {
    let found = found.as_object()?;
    let mut convoy = Map::new();
    take(found, &mut convoy, &["template", "outputDir"], text);
    take(found, &mut convoy, &["startedAt", "completedAt"], time);
    take(found, &mut convoy, &["status"], ended);
    let said = found.get("status").and_then(Value::as_str);
    let (agents, left_out) = agents(found.get("agents"));
    if convoy.is_empty() && agents.is_empty() && said.is_none() {
        return None;
    }
    let mut dashboard = json!({ "short": id.short(), "legacy": true });
    if let Some(said) = said.filter(|said| !ENDED.contains(said)) {
        dashboard["said"] = json!(base::text::visible(said));
    }
    if left_out > 0 {
        dashboard["unread"] = json!(format!("{left_out} of its agents cannot be understood"));
    }
    convoy.insert("id".to_owned(), json!(id));
    convoy.insert("context".to_owned(), context(found.get("context")));
    convoy.insert("agents".to_owned(), Value::Array(agents));
    convoy.insert("dashboard".to_owned(), dashboard);
    Some(Value::Object(convoy))
}

/// Takes over those of these fields that are what they should be.
fn take(
    from: &Map<String, Value>,
    to: &mut Map<String, Value>,
    keys: &[&str],
    understand: fn(&Value) -> Option<Value>,
) {
    for key in keys {
        if let Some(value) = from.get(*key).and_then(understand) {
            to.insert((*key).to_owned(), value);
        }
    }
}

fn text(value: &Value) -> Option<Value> {
    value.is_string().then(|| value.clone())
}

fn time(value: &Value) -> Option<Value> {
    Some(json!(value.as_str()?.parse::<Timestamp>().ok()?))
}

fn ended(value: &Value) -> Option<Value> {
    ENDED.contains(&value.as_str()?).then(|| value.clone())
}

fn number(value: &Value) -> Option<Value> {
    value.is_i64().then(|| value.clone())
}

fn context(found: Option<&Value>) -> Value {
    let mut context = Map::new();
    if let Some(found) = found.and_then(Value::as_object) {
        take(found, &mut context, &["projectPath", "issueId", "prUrl"], text);
        let files = found.get("files").and_then(Value::as_array);
        if let Some(files) = files {
            let named: Vec<&Value> = files.iter().filter(|file| file.is_string()).collect();
            context.insert("files".to_owned(), json!(named));
        }
    }
    Value::Object(context)
}

/// The agents that have a role, in a list or by their roles; and how many have none.
fn agents(found: Option<&Value>) -> (Vec<Value>, usize) {
    let all: Vec<Option<Value>> = match found {
        Some(Value::Array(all)) => all.iter().map(|one| agent(None, one)).collect(),
        Some(Value::Object(all)) => all.iter().map(|(role, one)| agent(Some(role), one)).collect(),
        Some(_) => vec![None],
        None => Vec::new(),
    };
    let left_out = all.iter().filter(|one| one.is_none()).count();
    (all.into_iter().flatten().collect(), left_out)
}

fn agent(role: Option<&str>, found: &Value) -> Option<Value> {
    let found = found.as_object()?;
    let role = found.get("role").and_then(Value::as_str).or(role)?;
    let mut agent = Map::new();
    take(found, &mut agent, &["subagent", "tmuxSession", "outputFile"], text);
    take(found, &mut agent, &["startedAt", "completedAt"], time);
    take(found, &mut agent, &["status"], ended);
    take(found, &mut agent, &["exitCode"], number);
    agent.insert("role".to_owned(), json!(role));
    Some(Value::Object(agent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(found: &Value) -> Option<Value> {
        normalised(&"convoy-old-abc234".parse().unwrap(), found)
    }

    #[test]
    fn what_is_understood_is_handed_on_and_the_rest_is_counted() {
        let at = "2025-01-02T03:04:05.678Z";
        let convoy = of(&json!({
            "template": "review", "status": "running", "startedAt": at, "completedAt": "soon",
            "context": { "projectPath": "/p", "files": ["a", 1], "issueId": 3 },
            "agents": [null, { "role": "one", "status": "completed", "startedAt": at, "exitCode": 0 },
                { "role": "two", "status": "running", "startedAt": 5 }, { "status": "failed" }, "x"],
        }))
        .unwrap();
        assert_eq!(convoy["template"], "review");
        assert!(convoy["status"].is_null() && convoy["completedAt"].is_null(), "{convoy}");
        assert_eq!(convoy["dashboard"]["said"], "running");
        assert_eq!(convoy["dashboard"]["unread"], "3 of its agents cannot be understood");
        assert_eq!(convoy["context"], json!({ "projectPath": "/p", "files": ["a"] }));
        let one = json!({ "role": "one", "status": "completed", "startedAt": at, "exitCode": 0 });
        assert_eq!(convoy["agents"], json!([one, { "role": "two" }]));
        let by_role = of(&json!({ "agents": { "one": { "status": "failed" }, "two": 4 } })).unwrap();
        assert_eq!(by_role["agents"], json!([{ "role": "one", "status": "failed" }]));
        let ended = of(&json!({ "status": "partial" })).unwrap();
        assert_eq!((&ended["status"], &ended["dashboard"]["said"]), (&json!("partial"), &Value::Null));
    }

    #[test]
    fn nothing_of_a_convoy_is_none() {
        for odd in ["{}", "[null]", "null", "7", "\"running\"", r#"{"agents":[]}"#, r#"{"template":5}"#] {
            assert_eq!(of(&serde_json::from_str(odd).unwrap()), None, "{odd}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let key = prop::sample::select(vec![
            "status",
            "agents",
            "role",
            "context",
            "files",
            "startedAt",
            "template",
            "dashboard",
            "id",
            "x",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<f64>().prop_map(|number| json!(number)),
            prop::sample::select(vec!["running", "failed", "", "2025-01-02T03:04:05Z"])
                .prop_map(|text| json!(text)),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec((key.clone(), inner), 0..5)
                    .prop_map(|pairs| json!(pairs.into_iter().collect::<std::collections::BTreeMap<_, _>>())),
            ]
        })
    }

    proptest! {
        /// Whatever is in the file, a page can rely on the shape.
        #[test]
        fn the_shape_is_always_ours(found in any_json()) {
            if let Some(convoy) = of(&found) {
                prop_assert_eq!(&convoy["id"], "convoy-old-abc234");
                prop_assert!(convoy["context"].is_object());
                for agent in convoy["agents"].as_array().unwrap() {
                    prop_assert!(agent["role"].is_string());
                    prop_assert!(agent["status"].is_null() || ENDED.contains(&agent["status"].as_str().unwrap()));
                }
                prop_assert!(convoy["status"].is_null() || ENDED.contains(&convoy["status"].as_str().unwrap()));
            }
        }
    }
}
