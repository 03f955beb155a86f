//! `stop`, `accept`, `dismiss`: what changes something.

use base::exit::Exit;
use base::program::Failure;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, cut, line};
use super::{Desk, convoy};

/// Who decided, for whoever reads the reason later.
const MARK: &str = "(decided by an agent, through pan mcp)";
/// Findings of one decision.
const MOST: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stop {
    convoy: String,
}

pub(crate) fn stop(desk: &Desk, wanted: &Stop) -> Result<Answer, Failure> {
    let (dir, state) = desk.convoy(Some(named(&wanted.convoy)?))?;
    desk.run("convoy-ctl", &["stop", "--", state.id.as_str()].map(str::to_owned))?;
    let state = protocol::store::read_state(&dir)?;
    Ok(convoy::picture(&dir, &state))
}

/// What is changed is named: never "the newest" by leaving it out.
fn named(convoy: &str) -> Result<&str, Failure> {
    if matches!(convoy, "" | "-" | "latest") {
        return Err(Failure::new(Exit::Usage, "name the convoy by its id").hint("call list for the ids"));
    }
    Ok(convoy)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    convoy: String,
    findings: Vec<String>,
    reason: String,
    until: Option<String>,
}

pub(crate) fn decide(desk: &Desk, decision: &Decision, verb: &str) -> Result<Answer, Failure> {
    let reason = decision.reason.trim();
    if reason.is_empty() {
        return Err(Failure::new(Exit::Usage, "reason says nothing").hint("say why, for whoever looks later"));
    }
    if decision.findings.is_empty() || decision.findings.len() > MOST {
        return Err(Failure::new(Exit::Usage, format!("findings: name 1 to {MOST} of them, as F3"))
            .hint("call findings for their numbers"));
    }
    let (_, state) = desk.convoy(Some(named(&decision.convoy)?))?;
    let mut words = vec!["decisions".to_owned(), verb.to_owned(), format!("--run={}", state.id)];
    words.push(format!("--reason={} {MARK}", line(reason)));
    words.extend(decision.until.iter().map(|day| format!("--until={day}")));
    words.push("--".to_owned());
    words.extend(decision.findings.iter().cloned());
    let said = desk.run("convoy-ctl", &words)?;
    let told = String::from_utf8_lossy(&said.stdout);
    let word = if verb == "accept" { "accepted" } else { "dismissed" };
    let decided: Vec<String> = told.lines().map(|told| cut(&line(told), 100, "…")).collect();
    Ok(Answer::new(&format!("{} of the findings of {} are {word}", decided.len(), state.id))
        .with("convoy", json!(state.id))
        .data("decided", json!(decided)))
}
