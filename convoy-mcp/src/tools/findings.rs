//! `findings`, `show`: what a review found.

use std::collections::BTreeSet;

use base::exit::Exit;
use base::program::Failure;
use base::style::count;
use findings::merged::Merged;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, PAGE, cut, line};
use super::look::paged;
use super::{Desk, convoy};

/// Characters of the words of a finding in the list; `show` has all of them.
const WORDS: usize = 1500;
/// Places of a finding in the list.
const PLACES: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    convoy: Option<String>,
    #[serde(default)]
    from: usize,
    #[serde(default)]
    all: bool,
}

pub(crate) fn findings(desk: &Desk, wanted: &Wanted) -> Result<Answer, Failure> {
    let (dir, state) = desk.convoy(wanted.convoy.as_deref())?;
    let words = ["findings", "--format", "json", "--", state.id.as_str()].map(str::to_owned);
    let said = desk.run("convoy-ctl", &words)?;
    let unreadable =
        |why: &str| Failure::new(Exit::State, format!("the findings of {} cannot be read: {why}", state.id));
    let merged = Merged::read(&said.stdout).map_err(|why| unreadable(&why))?;
    let all: Value = serde_json::from_slice(&said.stdout).map_err(|error| unreadable(&error.to_string()))?;
    let open: BTreeSet<&str> = merged.open().map(|finding| finding.id.as_str()).collect();
    let lists = ["findings", "carried", "settled", "closed"].iter().filter_map(|key| all[*key].as_array());
    let rows: Vec<Value> = lists
        .flatten()
        .filter_map(|finding| {
            let is_open = finding["id"].as_str().is_some_and(|id| open.contains(id));
            (is_open || wanted.all).then(|| row(finding, is_open))
        })
        .collect();
    let judged = convoy::judged(&dir, &state);
    let (shown, more) = fitting(&rows, wanted.from);
    let open_ones = count(open.len() as u64, "finding");
    let answer = Answer::new(&format!("{}. {open_ones} open", convoy::sentence(&state, &judged)))
        .with("convoy", json!(state.id))
        .with("ended", json!(state.ended()))
        .with("open", json!(open.len()))
        .with("total", json!(rows.len()))
        .with("from", json!(wanted.from))
        .with("more", json!(more.is_some()))
        .data("findings", json!(shown));
    Ok(match more {
        Some(more) => answer.next(format!("it goes on: call findings again with from {more}")),
        None if state.ended() => answer.next("show has one of them with its code"),
        None => answer.next("these are not the last word: call wait until it has ended"),
    })
}

/// So many of the rows as fit, from the `from`-th on, and where the next page begins.
fn fitting(rows: &[Value], from: usize) -> (&[Value], Option<usize>) {
    let rest = rows.get(from..).unwrap_or_default();
    let mut size = 0;
    let fits = |row: &&Value| {
        size += row.to_string().chars().count() + 1;
        size <= PAGE
    };
    // One at least: a page without any would lead to itself.
    let shown = rest.iter().take_while(fits).count().max(rest.len().min(1));
    (&rest[..shown], (shown < rest.len()).then_some(from + shown))
}

/// A finding in the list: its words are cut, and said to be.
fn row(finding: &Value, open: bool) -> Value {
    let of = |key: &str| finding.get(key).filter(|value| !value.is_null()).cloned();
    let text = |value: Option<Value>| {
        value.and_then(|value| value.as_str().map(|text| cut(text, WORDS, " … (cut: show has all of it)")))
    };
    let places = finding["locations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut row = json!({
        "id": finding["id"],
        "severity": finding["severity"],
        "open": open,
        "title": finding["title"].as_str().map(line),
        "places": places.iter().take(PLACES).map(place).collect::<Vec<_>>(),
        "reviewers": finding["reviewers"],
    });
    let more = [
        ("morePlaces", (places.len() > PLACES).then(|| json!(places.len() - PLACES))),
        ("new", of("new")),
        ("history", of("history")),
        ("suppressed", text(of("suppressed")).map(Value::String)),
        ("rule", text(of("rule")).map(Value::String)),
        ("cwe", of("cwe")),
        ("problem", text(finding.pointer("/members/0/body").cloned()).map(Value::String)),
        ("fix", text(of("fix")).map(Value::String)),
    ];
    for (key, value) in more {
        if let Some(value) = value {
            row[key] = value;
        }
    }
    row
}

fn place(location: &Value) -> String {
    let file = line(location["file"].as_str().unwrap_or("project"));
    match (location["lineStart"].as_u64(), location["lineEnd"].as_u64()) {
        (Some(from), Some(to)) if to > from => format!("{file}:{from}-{to}"),
        (Some(from), _) => format!("{file}:{from}"),
        (None, _) => file,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    finding: String,
    convoy: Option<String>,
    #[serde(default)]
    from: usize,
}

pub(crate) fn show(desk: &Desk, one: &One) -> Result<Answer, Failure> {
    let (_, state) = desk.convoy(one.convoy.as_deref())?;
    let words = ["show", "--run", state.id.as_str(), "--", &one.finding].map(str::to_owned);
    let said = desk.run("convoy-ctl", &words)?;
    let answer =
        Answer::new(&format!("finding {} of {}", one.finding, state.id)).with("convoy", json!(state.id));
    Ok(paged(answer, &String::from_utf8_lossy(&said.stdout), one.from, "finding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_findings_leave_none_out_and_none_twice() {
        let finding = |n: usize| {
            json!({ "id": format!("F{n}"), "severity": "high", "title": "t", "reviewers": ["a"],
                "locations": vec![json!({ "file": "src/a.rs", "lineStart": n, "lineEnd": n + 2 }); 9],
                "members": [{ "body": "x\"".repeat(3000) }] })
        };
        let rows: Vec<Value> = (1..=100).map(|n| row(&finding(n), true)).collect();
        assert_eq!(rows[0]["places"][0], "src/a.rs:1-3");
        assert_eq!(rows[0]["morePlaces"], 4);
        assert!(rows[0]["problem"].as_str().unwrap().ends_with("(cut: show has all of it)"));
        let (mut seen, mut from, mut pages) = (Vec::new(), Some(0), 0);
        while let Some(at) = from {
            let (shown, next) = fitting(&rows, at);
            assert!(!shown.is_empty() && json!(shown).to_string().chars().count() <= PAGE + 2);
            seen.extend(shown.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            (from, pages) = (next, pages + 1);
        }
        assert_eq!(seen, (1..=100).map(|n| format!("F{n}")).collect::<Vec<_>>());
        assert!(pages > 5, "{pages}");
        assert_eq!(fitting(&rows, 500), (&[][..], None));
        let wide = [json!({ "cwe": vec![79; PAGE] }), json!({})];
        assert_eq!(fitting(&wide, 0), (&wide[..1], Some(1)), "a page alone, not the same page for ever");
    }
}
