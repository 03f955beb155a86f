//! `status`, `list`, `report`: what there is.

use base::exit::Exit;
use base::program::Failure;
use protocol::state::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, page};
use super::{Desk, convoy};

pub(crate) const MOST_LISTED: u32 = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    convoy: Option<String>,
}

pub(crate) fn status(desk: &Desk, which: &Which) -> Result<Answer, Failure> {
    let (dir, state) = desk.convoy(which.convoy.as_deref())?;
    Ok(convoy::picture(&dir, &state))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    limit: Option<u32>,
}

pub(crate) fn list(desk: &Desk, wanted: &Wanted) -> Result<Answer, Failure> {
    let limit = wanted.limit.unwrap_or(20);
    if !(1..=MOST_LISTED).contains(&limit) {
        return Err(Failure::new(Exit::Usage, format!("limit: {limit} is not between 1 and {MOST_LISTED}"))
            .hint("leave it out for the newest 20"));
    }
    let words = ["list", "--json", "--limit", &limit.to_string()].map(str::to_owned);
    let said = desk.run("convoy-ctl", &words)?;
    let states: Vec<State> = serde_json::from_slice(&said.stdout)
        .map_err(|error| Failure::new(Exit::State, format!("convoy-ctl printed no list: {error}")))?;
    let rows: Vec<Value> = states.iter().map(row).collect();
    let sentence = match rows.len() {
        0 => "there are no convoys of this project".to_owned(),
        1 => "1 convoy of this project".to_owned(),
        n => format!("{n} convoys of this project, the newest first"),
    };
    let answer = Answer::new(&sentence).with("convoys", json!(rows));
    Ok(if said.stderr.is_empty() { answer } else { answer.data("unreadable", json!(said.notes())) })
}

fn row(state: &State) -> Value {
    json!({
        "convoy": state.id,
        "template": state.template,
        "status": state.status,
        "startedAt": state.started_at,
        "endedAt": state.completed_at,
        "agents": state.agents.len(),
        "agentsEnded": state.agents.iter().filter(|agent| agent.ended()).count(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    convoy: Option<String>,
    role: Option<String>,
    #[serde(default)]
    from: usize,
}

pub(crate) fn report(desk: &Desk, wanted: &Report) -> Result<Answer, Failure> {
    let (dir, state) = desk.convoy(wanted.convoy.as_deref())?;
    let judged = convoy::judged(&dir, &state);
    let mut words = vec!["output".to_owned(), "--".to_owned(), state.id.to_string()];
    words.extend(wanted.role.clone());
    let said = desk.run("convoy-ctl", &words)?;
    let answer = Answer::new(&convoy::sentence(&state, &judged))
        .with("convoy", json!(state.id))
        .with("ended", json!(state.ended()));
    let answer = if said.stderr.is_empty() { answer } else { answer.data("notes", json!(said.notes())) };
    Ok(paged(answer, &String::from_utf8_lossy(&said.stdout), wanted.from, "report"))
}

/// A page of a text of others, and how to come by the next one.
pub(crate) fn paged(answer: Answer, text: &str, from: usize, key: &str) -> Answer {
    let (piece, more) = page(text, from);
    let answer = answer.with("from", json!(from)).with("characters", json!(text.chars().count()));
    let answer = answer.data(key, json!(piece));
    match more {
        Some(more) => {
            answer.with("more", json!(true)).next(format!("it goes on: call again with from {more}"))
        }
        None => answer.with("more", json!(false)),
    }
}
