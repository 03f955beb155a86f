//! What was asked for, as it is typed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use base::ids::{BadName, Name, Role};
use base::text;
use findings::Severity;
use findings::changed::GateOn;
use protocol::plan::Issue;

use crate::diagnostic::Diagnostic;
use crate::file_selection::Selection;
use crate::joined::Joined;
use crate::runner::Choice;
use crate::settings::{Own, Verify};
use crate::template::{Template, TemplateAgent};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub template: TemplateName,
    /// The project, as given: relative to the current directory.
    pub project: PathBuf,
    pub selection: Selection,
    /// Locked by who reads a commit's checkout after the convoy's end.
    pub keeper: Option<PathBuf>,
    pub issues: Vec<Issue>,
    pub pr_url: Option<String>,
    /// `--runner`: one, or a chain of them.
    pub runners: Choices<Choice>,
    pub models: Choices<String>,
    /// `--executor`: where the agents run.
    pub executors: Choices<Name>,
    /// `--dangerously-skip-permissions`
    pub skip_permissions: bool,
    /// `--agent-timeout`: the time of each agent, whatever the template says.
    pub agent_timeout_ms: Option<u64>,
    /// `--param K=V`
    pub params: BTreeMap<String, String>,
    /// `--gate`; left out: what the settings say, else high.
    pub gate: Option<Severity>,
    /// `--gate-on`; left out: what the settings say, else what is new where there is a base.
    pub gate_on: Option<GateOn>,
    /// Whether findings are verified; left out: what the settings say, else auto.
    pub verify: Option<Verify>,
    /// What may be spent at most, where the template allows more.
    pub budget_usd: Option<f64>,
    pub budget_tokens: Option<u64>,
    /// What static reviewers are told of other linters.
    pub joined: Joined,
    /// The user's own settings of this project.
    pub settings: Option<Own>,
}

impl Request {
    /// A template as it is: nothing is chosen, and nothing given.
    pub(super) fn of(template: TemplateName) -> Self {
        Request {
            template,
            project: PathBuf::new(),
            selection: Selection::default(),
            issues: Vec::new(),
            pr_url: None,
            runners: Choices::default(),
            models: Choices::default(),
            executors: Choices::default(),
            skip_permissions: false,
            agent_timeout_ms: None,
            params: BTreeMap::new(),
            gate: None,
            gate_on: None,
            verify: None,
            budget_usd: None,
            budget_tokens: None,
            joined: Joined::default(),
            settings: None,
            keeper: None,
        }
    }
}

/// A template by name, or by path where a path was given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateName {
    Named(Name),
    File(PathBuf),
}

impl TemplateName {
    /// What is meant on a command line: with a slash, or ending in `.json`, a path.
    pub fn read(given: &OsStr) -> Result<Self, BadName> {
        let bytes = given.as_encoded_bytes();
        if bytes.contains(&b'/') || bytes.ends_with(b".json") {
            return Ok(TemplateName::File(PathBuf::from(given)));
        }
        given.to_string_lossy().parse().map(TemplateName::Named)
    }
}

/// `--runner R` and `--runner ROLE=R`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices<T> {
    pub all: Option<T>,
    pub roles: BTreeMap<Role, T>,
}

impl<T> Default for Choices<T> {
    fn default() -> Self {
        Choices { all: None, roles: BTreeMap::new() }
    }
}

impl<T> Choices<T> {
    /// Was one named for this agent by its role?
    pub(super) fn is_for(&self, agent: &TemplateAgent) -> bool {
        let group = agent.group.as_ref();
        self.roles.contains_key(&agent.role) || group.is_some_and(|group| self.roles.contains_key(group))
    }

    /// For the agent itself, else for the role that `forEach` made it of, else for all.
    pub(super) fn get(&self, agent: &TemplateAgent) -> Option<&T> {
        let group = || self.roles.get(agent.group.as_ref()?);
        self.roles.get(&agent.role).or_else(group).or(self.all.as_ref())
    }
}

/// What the command line alone gets wrong.
pub(super) fn check_request(request: &Request, template: &Template) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let roles: Vec<&str> = template.agents.iter().map(|agent| agent.role.as_str()).collect();
    let asked = request.runners.roles.keys().map(|role| ("--runner", role));
    let executors = request.executors.roles.keys().map(|role| ("--executor", role));
    let asked = asked.chain(executors);
    for (option, role) in asked.chain(request.models.roles.keys().map(|role| ("--model", role))) {
        if !roles.contains(&role.as_str()) {
            let problem = Diagnostic::new(format!("{option}: '{}' has no role '{role}'", template.name));
            let near = base::suggestion::nearest(role.as_str(), roles.iter().copied());
            let problem = match near {
                Some(near) => problem.suggest(Some(near)),
                None => problem.hint(format!("its roles are {}", roles.join(", "))),
            };
            problems.push(problem.not_found());
        }
    }
    for (option, value) in request
        .issues
        .iter()
        .map(|issue| ("--issue", &issue.id))
        .chain(request.pr_url.iter().map(|url| ("--pr-url", url)))
    {
        if value.trim().is_empty() || value.contains(char::is_control) {
            let problem =
                Diagnostic::new(format!("{option}: '{}' is not one line of text", text::visible(value)));
            problems.push(problem.hint("its id or address, as the tracker has it"));
        }
    }
    problems
}
