//! What somebody decided about the findings of a convoy's project. The program that
//! reads and writes it is `convoy-ctl decisions`, as people call it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path as Segments, Request, State};
use axum::http::StatusCode;
use base::ids::ConvoyId;
use base::program;
use findings::merged::Merged;
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::Plan;
use protocol::state::{MergeStatus, State as ConvoyState};
use protocol::store::read_state;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::context::App;
use crate::api::programs::{self, Meaning};
use crate::api::read::{self, Answer, id, json_of};
use crate::api::steer::body;
use crate::http::problem::Problem;

/// Findings that are decided about at once.
const MOST: usize = 500;
/// Of a reason, in bytes.
const MAX_REASON: usize = 4096;

/// A refusal, and decisions that are of a newer build or torn, are in the way of this one.
const IN_THE_WAY: Meaning = Meaning { no: StatusCode::CONFLICT, state: StatusCode::CONFLICT };

/// What is decided now about findings of this project, by their keys.
pub(crate) async fn of(State(app): State<Arc<App>>, Segments(text): Segments<String>) -> Answer {
    let (dir, state) = convoy(&app, &id(&text)?)?;
    Ok(json_of(&Value::Object(known(&app, project(&dir, &state)?).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    decision: Word,
    findings: Vec<One>,
    reason: Option<String>,
    until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    Accept,
    Dismiss,
    Reopen,
}

/// A finding, and the time of the decision about it that the page showed, if it showed one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    id: String,
    #[serde(default)]
    seen: Option<String>,
}

/// Decides about findings: about all of them, or about none where one cannot be.
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    request: Request<Body>,
) -> Answer {
    let id = id(&text)?;
    let asked: Asked = body(request).await?;
    let options = asked.options()?;
    let (dir, state) = convoy(&app, &id)?;
    let merge = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
    let merge = merge.ok_or_else(|| Problem::not_found("nothing has been merged yet"))?;
    let merged: Merged = read::merged(&dir, merge.k)?;
    let keys = asked.findings.iter().map(|one| key(&merged, &id, &one.id));
    let keys = keys.collect::<Result<Vec<String>, Problem>>()?;
    let project = project(&dir, &state)?;
    let words = ["decisions", asked.decision.verb()].map(str::to_owned).into_iter();
    let words = words.chain(options).chain(["--".to_owned()]).chain(keys).collect();
    let mut command = programs::command(&app.environment, "convoy-ctl", words)?;
    command.current_dir(&project);
    let said = programs::output("convoy-ctl", command, IN_THE_WAY).await?;
    let count = base::style::count(asked.findings.len() as u64, "finding");
    program::tell(&format!("convoy-dashboard: {id}: {count}: {}, from the page", asked.decision.verb()));
    let message = String::from_utf8_lossy(&said.stdout).trim_end().to_owned();
    let mut answer = known(&app, project).await?;
    answer.extend([("success".to_owned(), json!(true)), ("message".to_owned(), json!(message))]);
    Ok(json_of(&Value::Object(answer)))
}

impl Word {
    fn verb(self) -> &'static str {
        match self {
            Word::Accept => "accept",
            Word::Dismiss => "dismiss",
            Word::Reopen => "reopen",
        }
    }
}

impl Asked {
    fn options(&self) -> Result<Vec<String>, Problem> {
        if self.findings.is_empty() || self.findings.len() > MOST {
            return Err(Problem::invalid(format!("findings: from 1 to {MOST}")));
        }
        let ids: BTreeSet<&str> = self.findings.iter().map(|one| one.id.as_str()).collect();
        if ids.len() < self.findings.len() {
            return Err(Problem::invalid("findings: each once"));
        }
        let mut options = Vec::new();
        for one in &self.findings {
            let seen = one.seen.as_deref().unwrap_or("none");
            check_word("seen", seen)?;
            options.push(format!("--seen={seen}"));
        }
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        match (self.decision, reason) {
            (Word::Reopen, None) => {}
            (Word::Accept | Word::Dismiss, None) => {
                return Err(Problem::invalid("reason: say why, for whoever looks later"));
            }
            (_, Some(reason)) => {
                check_word("reason", reason)?;
                options.push(format!("--reason={reason}"));
            }
        }
        match self.until.as_deref().filter(|until| !until.is_empty()) {
            Some(_) if self.decision == Word::Reopen => {
                return Err(Problem::invalid("until: it is open from now on"));
            }
            Some(until) => {
                check_word("until", until)?;
                options.push(format!("--until={until}"));
            }
            None => {}
        }
        Ok(options)
    }
}

fn check_word(what: &str, word: &str) -> Result<(), Problem> {
    if word.len() > MAX_REASON || word.chars().any(char::is_control) {
        return Err(Problem::invalid(format!("{what}: at most {MAX_REASON} bytes, on one line")));
    }
    Ok(())
}

fn convoy(app: &App, id: &ConvoyId) -> Result<(ConvoyDir, ConvoyState), Problem> {
    let dir = Home::of(&app.environment).convoy(id);
    let state = read_state(&dir)?;
    Ok((dir, state))
}

/// Where the convoy's project is: whose decisions they are, the program finds out there.
fn project(dir: &ConvoyDir, state: &ConvoyState) -> Result<PathBuf, Problem> {
    let planned = Plan::read(dir).map(|plan| plan.project.as_path().to_path_buf());
    let project = planned.unwrap_or_else(|_| state.context.project_path.as_path().to_path_buf());
    if project.is_dir() {
        return Ok(project);
    }
    let shown = base::text::path(&project);
    let message = format!("the project is not at {shown} any more: what was decided there is not known here");
    Err(Problem::new(StatusCode::CONFLICT, message))
}

/// By which the finding of this number is known in the project.
fn key(merged: &Merged, convoy: &ConvoyId, number: &str) -> Result<String, Problem> {
    let mut all = merged.findings.iter().chain(&merged.carried).chain(&merged.closed);
    let shown = base::text::visible(number);
    let found = all.find(|finding| finding.id == number);
    let found = found.ok_or_else(|| Problem::not_found(format!("{convoy} has no finding {shown}")))?;
    found.key.clone().ok_or_else(|| {
        let message = format!("{shown} has nothing by which it would be known again");
        Problem::new(StatusCode::CONFLICT, message)
    })
}

/// `decisions`: `{KEY: {kind, reason, until?, at, open}}` of what is decided; `reopened`:
/// `{KEY: {reason, at}}` of what is open again, where somebody said why.
async fn known(app: &App, project: PathBuf) -> Result<Map<String, Value>, Problem> {
    let words = ["decisions", "list", "--all", "--json"].map(str::to_owned).to_vec();
    let mut command = programs::command(&app.environment, "convoy-ctl", words)?;
    command.current_dir(project);
    let failed = |error: &dyn std::fmt::Display| {
        let message = format!("the decisions cannot be read: {error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    };
    let printed = tokio::task::spawn_blocking(move || {
        let mut printed = Vec::new();
        programs::print("convoy-ctl", command, IN_THE_WAY, &mut printed).map(|()| printed)
    });
    let printed = printed.await.map_err(|error| failed(&error))??;
    let rows: Vec<Value> = serde_json::from_slice(&printed).map_err(|error| failed(&error))?;
    let (mut decisions, mut reopened) = (Map::new(), Map::new());
    for mut row in rows {
        let Some(key) = row["key"].as_str().map(str::to_owned) else { continue };
        let (decision, why) = (row["decision"].take(), row["reopened"].take());
        if let Value::Object(mut decision) = decision {
            decision.insert("open".to_owned(), row["open"].take());
            decisions.insert(key, Value::Object(decision));
        } else if why.is_object() {
            reopened.insert(key, why);
        }
    }
    Ok(Map::from_iter([("decisions".to_owned(), decisions.into()), ("reopened".to_owned(), reopened.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(body: Value) -> Result<Vec<String>, u16> {
        let asked: Asked = serde_json::from_value(body).map_err(|_| 0_u16)?;
        asked.options().map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_decision_becomes_options_and_never_more() {
        let one = json!([{ "id": "F1" }, { "id": "F2", "seen": "2026-11-29T10:00:00Z" }]);
        let seen = ["--seen=none".to_owned(), "--seen=2026-11-29T10:00:00Z".to_owned()];
        let with = |more: &[&str]| {
            Ok(seen.iter().cloned().chain(more.iter().map(|&word| word.to_owned())).collect())
        };
        assert_eq!(
            options(
                json!({ "decision": "dismiss", "findings": one, "reason": " --run=x ", "until": "2027-01-31" })
            ),
            with(&["--reason=--run=x", "--until=2027-01-31"])
        );
        assert_eq!(options(json!({ "decision": "reopen", "findings": one })), with(&[]));
        let why = json!({ "decision": "reopen", "findings": one, "reason": "x" });
        assert_eq!(options(why), with(&["--reason=x"]));
        for bad in [
            json!({ "decision": "dismiss", "findings": one }),
            json!({ "decision": "accept", "findings": one, "reason": "  " }),
            json!({ "decision": "accept", "findings": one, "reason": "a\nb" }),
            json!({ "decision": "accept", "findings": [], "reason": "x" }),
            json!({ "decision": "accept", "findings": [{ "id": "F1" }, { "id": "F1" }], "reason": "x" }),
            json!({ "decision": "reopen", "findings": one, "until": "2027-01-31" }),
        ] {
            assert_eq!(options(bad.clone()), Err(422), "{bad}");
        }
        for unknown in
            [json!({ "decision": "baseline", "findings": one }), json!({ "findings": one }), json!({})]
        {
            assert_eq!(options(unknown.clone()), Err(0), "{unknown}");
        }
    }
}
