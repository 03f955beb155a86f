//! The two services in one shape.

use crate::api::{Api, Problem};
use crate::check::Check;
use crate::github::Commented;
use crate::plan::{Inline, Present};
use crate::target::{Repository, Service, Target};
use crate::{github, gitlab};

/// A pull request that can be read and written.
#[derive(Debug)]
pub(crate) struct Pull<'a, 'e> {
    pub(crate) api: &'a Api<'e>,
    pub(crate) target: &'a Target,
}

/// The open pull request in `repository` of a branch of `from`.
pub(crate) fn find(
    api: &Api<'_>,
    repository: &Repository,
    from: &Repository,
    branch: &str,
) -> Result<Option<Target>, Problem> {
    match repository.service {
        Service::GitHub => github::find(api, repository, from, branch),
        Service::GitLab => gitlab::find(api, repository, branch),
    }
}

impl Pull<'_, '_> {
    fn service(&self) -> Service {
        self.target.repository.service
    }

    /// `name`: whose comments are looked for.
    pub(crate) fn look(&self, name: &str) -> Result<Present, Problem> {
        match self.service() {
            Service::GitHub => github::look(self.api, self.target, name),
            Service::GitLab => gitlab::look(self.api, self.target, name),
        }
    }

    pub(crate) fn comment(&self, present: &Present, inline: &[Inline]) -> Commented {
        match self.service() {
            Service::GitHub => github::comment(self.api, self.target, present, inline),
            Service::GitLab => gitlab::comment(self.api, self.target, present, inline),
        }
    }

    pub(crate) fn summarize(&self, id: Option<&str>, body: &str) -> Result<(), Problem> {
        match self.service() {
            Service::GitHub => github::summarize(self.api, self.target, id, body),
            Service::GitLab => gitlab::summarize(self.api, self.target, id, body),
        }
    }

    pub(crate) fn remove(&self, id: &str) -> Result<(), Problem> {
        match self.service() {
            Service::GitHub => github::remove(self.api, self.target, id),
            Service::GitLab => gitlab::remove(self.api, self.target, id),
        }
    }

    pub(crate) fn resolve(&self, thread: &str) -> Result<(), Problem> {
        match self.service() {
            Service::GitHub => github::resolve(self.api, thread),
            Service::GitLab => gitlab::resolve(self.api, self.target, thread),
        }
    }

    pub(crate) fn judge(&self, commit: &str, check: &Check) -> Result<(), Problem> {
        match self.service() {
            Service::GitHub => github::judge(self.api, self.target, commit, check),
            Service::GitLab => gitlab::judge(self.api, self.target, commit, check),
        }
    }
}
