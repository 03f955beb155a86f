//! `triage`: sorts issues by rules, without any AI. For an agent of a convoy it
//! writes that agent's report: of one issue, or the summary of all (which reads
//! the others' reports, whoever wrote them).

mod card;
mod rules;
mod similar;
mod summary;

use std::path::PathBuf;

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Role;
use base::program::Failure;
use base::{files, text};
use command_line::inspect::Triage;
use planning::document::Source;
use planning::{diagnostic, issues};
use protocol::convoys;
use protocol::layout::Home;
use protocol::plan::{AgentPlan, Issue, Plan};
use protocol::state::State;
use protocol::store::read_state;

use crate::hand_over;
use crate::inventory::{Index, Survey, author_of, examine, issues_of, project_at};

use card::Card;
use summary::Line;

pub(crate) fn run(environment: &Environment, asked: &Triage) -> Result<Exit> {
    let out = match (&asked.convoy, &asked.role, &asked.issues_file) {
        (Some(id), Some(role), _) => of_agent(environment, id, role)?,
        (None, None, Some(file)) => of_file(environment, asked, file)?,
        _ => {
            let failure = Failure::new(Exit::Usage, "no issues to sort");
            return Err(failure.hint("pan convoy triage --issues-file issues.json").into());
        }
    };
    hand_over(asked.output.as_deref(), &out)?;
    Ok(Exit::Done)
}

/// All issues of a file at once, with the table first.
fn of_file(environment: &Environment, asked: &Triage, file: &std::path::Path) -> Result<String> {
    let text = if file == std::path::Path::new("-") {
        std::io::read_to_string(std::io::stdin().lock()).context("cannot read standard input")?
    } else {
        std::fs::read_to_string(file).map_err(|error| {
            Failure::of_io(Exit::Usage, format_args!("cannot read {}", text::path(file)), &error)
        })?
    };
    let source = Source { name: text::path(file), text };
    let issues = issues::read(&source).map_err(|problem| diagnostic::failure(&[problem], ""))?;
    let survey = examine(environment, &project_at(environment, asked.project.as_deref())?)?;
    let index = Index::new(&survey);
    let cards: Vec<Card> = issues.iter().map(|issue| card(issue, &issues, &survey, &index)).collect();
    let lines: Vec<Line> = cards.iter().map(Line::of).collect();
    let mut out = summary::report(&lines, true);
    for card in &cards {
        out.push('\n');
        out.push_str(&card.report());
    }
    Ok(out)
}

fn of_agent(environment: &Environment, id: &str, role: &str) -> Result<String> {
    let dir = Home::of(environment).convoy(&convoys::resolve(&Home::of(environment), id)?);
    let plan = Plan::read(&dir)?;
    let unknown = || {
        Failure::new(Exit::NotFound, format!("{} has no agent '{}'", dir.id(), text::visible(role)))
            .hint(format!("pan convoy status {} shows its agents", dir.id().short()))
    };
    let role: Role = role.parse().map_err(|_| unknown())?;
    let agent = plan.agent(&role).ok_or_else(unknown)?;
    let all = issues_of(&plan);
    let Some(item) = &agent.item else {
        let state = read_state(&dir)?;
        let lines: Vec<Line> =
            agent.depends_on.iter().filter_map(|role| line(&dir, &plan, &state, role)).collect();
        return Ok(summary::report(&lines, plan.static_only()));
    };
    let issue = all.iter().find(|issue| issue.id == *item).cloned().unwrap_or_else(|| Issue::named(item));
    let survey = examine(environment, plan.tree())?;
    Ok(card(&issue, &all, &survey, &Index::new(&survey)).report())
}

fn card(issue: &Issue, all: &[Issue], survey: &Survey, index: &Index<'_>) -> Card {
    let places: Vec<PathBuf> = index.places(issue).into_iter().map(|place| place.path).collect();
    let owner = issue.assignees.first().cloned().or_else(|| {
        // Who wrote most of what it may be about.
        author_of(&survey.history, places.iter().map(PathBuf::as_path))
    });
    rules::judge(issue, similar::duplicates(issue, all), places, owner)
}

/// What an agent before has found out about its issue.
fn line(dir: &protocol::layout::ConvoyDir, plan: &Plan, state: &State, role: &Role) -> Option<Line> {
    let planned: &AgentPlan = plan.agent(role)?;
    let issue = planned.item.clone().unwrap_or_else(|| role.to_string());
    let title = plan.inputs.issue_texts.get(&issue).map(|issue| issue.title.clone()).unwrap_or_default();
    let Some(agent) = state.agent(role) else {
        return Some(Line::missing(issue, title, "the convoy's state does not know it".to_owned()));
    };
    if !agent.is_completed() {
        let why = agent.why();
        return Some(Line::missing(issue, title, why.unwrap_or_else(|| "it has not ended".to_owned())));
    }
    let own = dir.attempt(role, agent.attempt).report();
    let report = match files::read_if_there(&own) {
        Ok(Some(report)) => report,
        Ok(None) => return Some(Line::missing(issue, title, "its report is gone".to_owned())),
        Err(error) => return Some(Line::missing(issue, title, base::error::chain(&error))),
    };
    Some(Line::read(issue, title, &String::from_utf8_lossy(&report)))
}
