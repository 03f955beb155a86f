//! `inventory`: what a project is made of, found out without any AI: languages,
//! sizes, entry points, tests, hot spots by history, and where an issue may be
//! about. The `planning` template's work where there is no AI.

mod history;
mod kinds;
mod locate;
pub(crate) mod render;
mod survey;
mod words;

use std::path::{Path, PathBuf};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use command_line::inspect::Inventory;
use planning::project::Project;
use planning::{diagnostic, file_selection};
use protocol::convoys;
use protocol::layout::Home;
use protocol::plan::{Issue, Plan};

use crate::hand_over;

pub(crate) use history::{History, author_of};
pub(crate) use locate::{Index, Place};
pub(crate) use survey::{Survey, survey};
pub(crate) use words::words;

pub(crate) fn run(environment: &Environment, asked: &Inventory) -> Result<Exit> {
    let (project, issues) = match &asked.convoy {
        Some(id) => {
            let plan =
                Plan::read(&Home::of(environment).convoy(&convoys::resolve(&Home::of(environment), id)?))?;
            (plan.tree().to_path_buf(), issues_of(&plan))
        }
        None => (project_at(environment, asked.project.as_deref())?, Vec::new()),
    };
    let survey = examine(environment, &project)?;
    let index = Index::new(&survey);
    let places = issues.into_iter().map(|issue| {
        let places = index.places(&issue);
        (issue, places)
    });
    let places: Vec<(Issue, Vec<Place>)> = places.collect();
    let out = if asked.json {
        format!("{}\n", serde_json::to_string_pretty(&survey)?)
    } else {
        render::report(&survey, &places)
    };
    hand_over(asked.output.as_deref(), &out)?;
    Ok(Exit::Done)
}

/// Reads the whole project.
pub(crate) fn examine(environment: &Environment, project: &Path) -> Result<Survey> {
    let told = |problem| diagnostic::failure(&[problem], "");
    let (files, git) = file_selection::all_files(environment, project).map_err(told)?;
    let history = match &git {
        Some(git) => History::of(&git.history(history::COMMITS).map_err(told)?),
        None => History::default(),
    };
    Ok(survey(project, &files, history))
}

/// The issues of a plan with what is known of them.
pub(crate) fn issues_of(plan: &Plan) -> Vec<Issue> {
    let known = |id: &String| plan.inputs.issue_texts.get(id).cloned().unwrap_or_else(|| Issue::named(id));
    plan.inputs.issues.iter().map(known).collect()
}

pub(crate) fn project_at(environment: &Environment, given: Option<&Path>) -> Result<PathBuf> {
    let project = Project::find(environment, given.unwrap_or(Path::new(".")));
    Ok(project.map_err(|problem| diagnostic::failure(&[problem], ""))?.root)
}
