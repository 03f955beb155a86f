//! As much of JSON Schema as the published schemas use.

use serde_json::Value;

/// Holds a value against a rule of a schema; `wrong` gets what does not fit.
pub(crate) fn fits(value: &Value, rule: &Value, root: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = rule["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).expect("$ref");
        return fits(value, target, root, at, wrong);
    }
    let mut say = |what: &str| wrong.push(format!("{at}: {what}: {value}"));
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types: Vec<&str> = match &rule["type"] {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !types.is_empty() && !types.iter().any(|want| *want == kind || *want == "number" && kind == "integer")
    {
        say(&types.join(" or "));
    }
    if rule["minLength"]
        .as_u64()
        .is_some_and(|least| value.as_str().is_some_and(|text| (text.chars().count() as u64) < least))
    {
        say("minLength");
    }
    if rule.get("const").is_some_and(|want| want != value) {
        say("const");
    }
    if rule["enum"].as_array().is_some_and(|list| !list.contains(value)) {
        say("enum");
    }
    if rule["minimum"].as_f64().is_some_and(|least| value.as_f64().is_some_and(|n| n < least)) {
        say("minimum");
    }
    if rule["maximum"].as_f64().is_some_and(|most| value.as_f64().is_some_and(|n| n > most)) {
        say("maximum");
    }
    if let Some(rules) = rule["anyOf"].as_array() {
        let holds = |rule: &Value| {
            let mut inner = Vec::new();
            fits(value, rule, root, at, &mut inner);
            inner.is_empty()
        };
        if !rules.iter().any(holds) {
            say("none of anyOf");
        }
    }
    if let Some(list) = value.as_array().filter(|_| rule["uniqueItems"] == true) {
        let mut known = std::collections::HashSet::new();
        if !list.iter().all(|item| known.insert(item.to_string())) {
            say("uniqueItems");
        }
    }
    if let Some(list) = value.as_array() {
        let count = list.len() as u64;
        if rule["minItems"].as_u64().is_some_and(|n| count < n)
            || rule["maxItems"].as_u64().is_some_and(|n| count > n)
        {
            say("items");
        }
        for (n, item) in list.iter().enumerate().filter(|_| rule["items"].is_object()) {
            fits(item, &rule["items"], root, &format!("{at}[{n}]"), wrong);
        }
    }
    if let Some(map) = value.as_object() {
        for name in rule["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(name) {
                wrong.push(format!("{at}: {name} is missing"));
            }
        }
        for (key, inner) in map {
            match rule["properties"].get(key) {
                Some(next) => fits(inner, next, root, &format!("{at}.{key}"), wrong),
                None if rule["additionalProperties"] == false => wrong.push(format!("{at}: unknown {key}")),
                None => {}
            }
        }
    }
}
