//! Merged findings, filtered. Pure.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Which findings are wanted; what is left out counts as hidden.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// One or several, separated by commas.
    pub(crate) severity: Option<String>,
    /// Who found it.
    pub(crate) agent: Option<String>,
    /// The beginning of a path.
    pub(crate) file: Option<String>,
    pub(crate) q: Option<String>,
    /// One that `convoy-ctl findings` prints.
    pub(crate) format: Option<String>,
}

fn is_wanted(finding: &Value, query: &Query) -> bool {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let any = |key: &str, wanted: &dyn Fn(&Value) -> bool| {
        finding[key].as_array().is_some_and(|all| all.iter().any(wanted))
    };
    let severity = query.severity.as_deref();
    severity.is_none_or(|wanted| wanted.split(',').any(|wanted| wanted == text("severity")))
        && query.agent.as_deref().is_none_or(|agent| any("reviewers", &|one| one == agent))
        && query.file.as_deref().is_none_or(|file| {
            any("locations", &|place| place["file"].as_str().is_some_and(|path| path.starts_with(file)))
        })
        && query
            .q
            .as_deref()
            .is_none_or(|wanted| finding.to_string().to_lowercase().contains(&wanted.to_lowercase()))
}

/// The findings that are wanted, and how many are not shown.
pub(crate) fn select(merged: Value, query: &Query) -> Value {
    let Value::Object(mut merged) = merged else { return json!({ "findings": [] }) };
    let all = match merged.remove("findings") {
        Some(Value::Array(all)) => all,
        Some(_) | None => Vec::new(),
    };
    let total = all.len();
    let shown: Vec<Value> = all.into_iter().filter(|finding| is_wanted(finding, query)).collect();
    let mut answer = Map::new();
    answer.insert("hidden".to_owned(), json!(total - shown.len()));
    answer.insert("total".to_owned(), json!(total));
    answer.insert("findings".to_owned(), Value::Array(shown));
    for key in ["counts", "duplicatesRemoved", "inputs", "verdict", "settled", "carried", "closed"] {
        if let Some(mut value) = merged.remove(key) {
            // The text that belongs to no finding is in the report.
            for input in value.as_array_mut().into_iter().flatten() {
                input.as_object_mut().map(|input| input.remove("appendix"));
            }
            answer.insert(key.to_owned(), value);
        }
    }
    Value::Object(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_hide_and_say_how_many() {
        let finding = |severity: &str, reviewer: &str, file: &str| json!({ "severity": severity, "reviewers": [reviewer], "locations": [{ "file": file }], "title": format!("T {file}") });
        let merged = json!({
            "findings": [finding("high", "security", "src/a.ts"), finding("low", "correctness", "src/b.ts"), finding("critical", "security", "lib/c.ts")],
            "counts": { "high": 1 },
        });
        let count = |query: &Query| {
            let answer = select(merged.clone(), query);
            (answer["findings"].as_array().unwrap().len(), answer["hidden"].as_u64().unwrap())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(count(&Query::default()), (3, 0));
        assert_eq!(count(&Query { severity: some("high,critical"), ..Query::default() }), (2, 1));
        assert_eq!(count(&Query { agent: some("security"), file: some("src/"), ..Query::default() }), (1, 2));
        assert_eq!(count(&Query { q: some("t SRC/B"), ..Query::default() }), (1, 2));
    }
}
