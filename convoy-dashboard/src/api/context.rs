//! What every request needs to know.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use base::environment::Environment;
use base::ids::ConvoyId;
use tokio::sync::watch;

use crate::api::request::Roots;
use crate::http::access::Guesses;
use crate::http::guard::Policy;
use crate::http::problem::Problem;
use crate::http::viewers::Viewers;
use crate::live::hub::Hub;

/// Made once; every request shares it.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) environment: Environment,
    pub(crate) hub: Arc<Hub>,
    pub(crate) policy: Policy,
    pub(crate) token: String,
    /// `--allow-root`, if any was given.
    pub(crate) allowed: Vec<PathBuf>,
    pub(crate) starts: tokio::sync::Mutex<Starts>,
    pub(crate) guesses: Mutex<Guesses>,
    /// A permit for each of them.
    pub(crate) viewers: Arc<Viewers>,
    pub(crate) closing: watch::Receiver<bool>,
}

impl App {
    /// Projects that convoys have worked on, the newest first.
    pub(crate) fn projects(&self) -> Vec<String> {
        let mut all = self.hub.list();
        all.sort_by_key(|summary| std::cmp::Reverse(summary.started));
        let mut projects: Vec<String> = Vec::new();
        for path in all.iter().filter_map(|summary| summary.project.as_ref()) {
            if !projects.contains(path) {
                projects.push(path.clone());
            }
        }
        projects
    }

    pub(crate) fn roots(&self) -> Roots {
        if !self.allowed.is_empty() {
            return Roots(self.allowed.clone());
        }
        let projects = self
            .projects()
            .into_iter()
            .map(|text| base::encoded_path::EncodedPath::from(text).as_path().to_path_buf());
        Roots(std::iter::once(self.environment.current_dir.clone()).chain(projects).collect())
    }

    /// Answers a wrong token or ticket; after too many of them only that.
    pub(crate) fn wrong_guess(&self, problem: Problem) -> Problem {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.wrong(Instant::now()) {
            return problem;
        }
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens; the right one is still good")
            .with(RETRY_AFTER, HeaderValue::from_static("1"))
    }
}

/// What starts have been made, so that a repeated one is the same one.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    pub(super) recent: Vec<Instant>,
    pub(super) answers: Vec<(String, [u8; 32], ConvoyId)>,
}
