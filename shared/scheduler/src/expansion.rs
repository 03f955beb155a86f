//! Making the agents of a stage: from what an earlier agent left, or from the merged
//! findings, to a file that is linked once.
//!
//! Whoever does it does the same: what it is made from never changes once it is
//! recorded. Who is second finds the file and takes it as it is. It is on the disk
//! before any state refers to it.

use std::collections::BTreeSet;

use base::crash::{self, Point};
use base::error::{IoContext, Result};
use base::files::{self, Temporary};
use base::ids::Name;
use base::text;
use findings::merged::Merged;
use findings::second_look;
use protocol::expansion::{Expansion, Source};
use protocol::layout::{AttemptFiles, ConvoyDir};
use protocol::plan::{AgentPlan, FanOut, Item, Plan, ReportKind};
use protocol::state::{Expanded, State};
use serde_json::Value;

use crate::step::{ExpansionFact, is_source};

/// Makes the expansion at this place of the state, or finds it made. An error passes; what
/// can never be made is a fact.
pub(crate) fn make(dir: &ConvoyDir, plan: &Plan, state: &State, index: usize) -> Result<ExpansionFact> {
    let lost = |what: &str| Ok(ExpansionFact::Failed { detail: what.to_owned() });
    let Some(expanded) = state.expansions.get(index) else { return lost("it was not decided on") };
    let Some(planned) = plan.agent(&expanded.role) else { return lost("the plan has no such stage") };
    let Some(fan_out) = &planned.fan_out else { return lost("it is no stage") };
    // One whose items could not be had left no file, and no number either.
    let before = Expansion::of_stage(dir, &planned.role)?;
    if let Some(made) = before.iter().find(|one| one.sequence == index) {
        return Ok(ExpansionFact::Made { note: made.note.clone() });
    }
    let items = match items(dir, plan, expanded, fan_out)? {
        Ok(items) => items,
        Err(detail) => return Ok(ExpansionFact::Failed { detail }),
    };
    let (merge, paid) = (expanded.merge, expanded.paid.as_ref());
    let source = Source { sequence: index, of: &expanded.of, merge, paid, items };
    let chosen = Expansion::choose(planned, fan_out, &before, source, |items| {
        runner_for(plan, state, planned, fan_out, items)
    });
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(detail) => return Ok(ExpansionFact::Failed { detail }),
    };
    crash::at(Point::ExpansionChosen);
    let path = dir.expansion(&planned.role, before.len() + 1);
    let bytes = serde_json::to_vec_pretty(&chosen).map_err(std::io::Error::from).context("encode", &path)?;
    let mut temporary = Temporary::private(&dir.dir(), "expansion")?;
    temporary.write(&bytes)?;
    temporary.file().sync_all().context("sync", temporary.path())?;
    let is_new = files::link_new(temporary.path(), &path)?;
    files::sync_dir(&dir.dir())?;
    crash::at(Point::Expanded);
    if is_new {
        return Ok(ExpansionFact::Made { note: chosen.note });
    }
    let there = Expansion::read(dir, &planned.role, before.len() + 1)?;
    Ok(ExpansionFact::Made { note: there.and_then(|one| one.note) })
}

/// What the stage may be made of, the most important first; or why it can never be told.
fn items(
    dir: &ConvoyDir,
    plan: &Plan,
    expanded: &Expanded,
    fan_out: &FanOut,
) -> Result<std::result::Result<Vec<Item>, String>> {
    if let Some(k) = expanded.merge {
        let path = dir.merge_findings(k);
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(Err(format!("{} is gone", text::path(&path))));
        };
        return Ok(of_merge(&bytes).map_err(|why| format!("{}: {why}", text::path(&path))));
    }
    let mut all = Vec::new();
    for agent in plan.agents.iter().filter(|agent| is_source(agent, &fan_out.from)) {
        let Some(attempt) = expanded.of.get(&agent.role) else { continue };
        match of_report(agent, &dir.attempt(&agent.role, *attempt), &fan_out.path)? {
            Ok(items) => all.extend(items),
            Err(why) => return Ok(Err(format!("'{}': {why}", agent.role))),
        }
    }
    Ok(Ok(all))
}

/// The open findings of a merge, the gravest first. Of one that is not known to be old
/// it is said that it is new: so it is gated.
fn of_merge(bytes: &[u8]) -> std::result::Result<Vec<Item>, String> {
    let merged = Merged::read(bytes)?;
    let raw: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let told = ["findings", "carried"].into_iter().filter_map(|key| raw.get(key)?.as_array());
    let told: Vec<&Value> = told.flatten().collect();
    let mut open: Vec<_> = merged.findings.iter().chain(&merged.carried).zip(told).collect();
    open.retain(|(finding, _)| finding.stands());
    open.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity.effective()));
    Ok(open
        .into_iter()
        .map(|(finding, raw)| Item { hash: finding.mark(), value: finding.subject(raw) })
        .collect())
}

/// The list in an agent's report.
fn of_report(
    agent: &AgentPlan,
    attempt: &AttemptFiles,
    path: &[String],
) -> Result<std::result::Result<Vec<Item>, String>> {
    let file = match agent.report {
        ReportKind::Findings => attempt.findings(),
        ReportKind::Verification => attempt.verification(),
        ReportKind::Any | ReportKind::Synthesis => attempt.report(),
    };
    let Some(bytes) = files::read_if_there(&file)? else {
        return Ok(Err(format!("{} is not there", text::path(&file))));
    };
    let read = list_in(&bytes, path).map(|items| items.into_iter().map(item).collect());
    Ok(read.map_err(|why| format!("{}: {why}", text::path(&file))))
}

/// Of a look at a finding the finding is what it is known by.
fn item(value: Value) -> Item {
    match value.get("mark").and_then(Value::as_str) {
        Some(mark) if value.get("finding").is_some() => Item { hash: mark.to_owned(), value },
        _ => Item::new(value),
    }
}

/// The list at this path of a report that is JSON, or has one block of it.
fn list_in(bytes: &[u8], path: &[String]) -> std::result::Result<Vec<Value>, String> {
    let words = String::from_utf8_lossy(bytes);
    let mut at = match serde_json::from_str::<Value>(words.trim()) {
        Ok(value) => value,
        Err(error) => fenced(&words).ok_or_else(|| format!("it is no JSON: {error}"))?,
    };
    let shown = path.join(".");
    for (n, key) in path.iter().enumerate() {
        at = match at {
            Value::Object(mut entries) => entries.remove(key).ok_or_else(|| {
                let there =
                    entries.keys().take(8).map(|key| text::visible(key)).collect::<Vec<_>>().join(", ");
                format!("nothing is at '{}' (there are: {there})", path[..=n].join("."))
            })?,
            _ => return Err(format!("what '{}' would be in is no object", path[..=n].join("."))),
        };
    }
    match at {
        Value::Array(items) => Ok(items),
        _ if shown.is_empty() => Err("it is no list; say with 'path' where in it the list is".to_owned()),
        _ => Err(format!("what is at '{shown}' is no list")),
    }
}

/// The last fenced block of a text that is JSON.
fn fenced(words: &str) -> Option<Value> {
    let blocks = words.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| serde_json::from_str(block.split_once('\n')?.1.trim()).ok()).last()
}

/// The first way to run one of its agents whose runner has none of the findings made, or
/// looked at one before; else the first.
fn runner_for(plan: &Plan, state: &State, planned: &AgentPlan, fan_out: &FanOut, items: &[Item]) -> usize {
    let authors: BTreeSet<&str> = items.iter().flat_map(|item| second_look::authors(&item.value)).collect();
    let of = |role: &str| {
        let index = plan.agents.iter().position(|agent| agent.role.as_str() == role)?;
        Some(&state.agents.get(index)?.runner)
    };
    let taken: BTreeSet<&Name> = authors.into_iter().filter_map(of).collect();
    let runners = std::iter::once(&planned.invocation).chain(&fan_out.others);
    runners.map(|one| &one.runner).position(|runner| !taken.contains(runner)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(report: &str, path: &str) -> std::result::Result<usize, String> {
        let path: Vec<String> = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        list_in(report.as_bytes(), &path).map(|items| items.len())
    }

    #[test]
    fn a_list_is_found_where_the_path_says() {
        assert_eq!(at("[1, 2]", ""), Ok(2));
        assert_eq!(at(r#"{"a": {"items": [1]}}"#, "a.items"), Ok(1));
        assert_eq!(at("# Plan\n\n```json\n{\"items\": [1, 2, 3]}\n```\nDone.\n", "items"), Ok(3));
        assert!(at("# Plan\n", "items").unwrap_err().contains("no JSON"));
        assert!(
            at(r#"{"list": []}"#, "items").unwrap_err().contains("nothing is at 'items' (there are: list)")
        );
        assert!(at(r#"{"items": 3}"#, "items").unwrap_err().contains("is no list"));
        assert!(at(r#"{"items": 3}"#, "").unwrap_err().contains("'path'"));
        assert!(at("[1]", "items").unwrap_err().contains("no object"));
    }

    #[test]
    fn only_what_stands_is_looked_at_again_and_the_gravest_first() {
        let finding = |id: &str, severity: &str| {
            json!({"id": id, "fingerprint": id, "title": id, "severity": severity, "locations": [],
                "reviewers": ["a"], "members": [{"reviewer": "a", "body": "**Problem:** it breaks"}]})
        };
        let mut withdrawn = finding("F3", "blocker");
        withdrawn["withdrawn"] = json!(true);
        let mut old = finding("F4", "high");
        old["new"] = json!(false);
        let merged = json!({"schemaVersion": 1, "inputs": [], "counts": {},
            "findings": [finding("F1", "low"), finding("F2", "critical"), withdrawn], "carried": [old]});
        let items = of_merge(merged.to_string().as_bytes()).unwrap();
        let told: Vec<_> =
            items.iter().map(|item| (item.value["id"].clone(), item.value["new"].clone())).collect();
        assert_eq!(
            told,
            [(json!("F2"), json!(true)), (json!("F4"), json!(false)), (json!("F1"), json!(true))]
        );
        assert!(items[0].value.to_string().contains("it breaks"));
    }
}
