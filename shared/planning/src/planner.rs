//! From a request to a plan: reads everything that is needed first (config,
//! template, agent files, runners, the machine, the project), collects every
//! problem, and creates nothing. `--dry-run` and a real start both go through here.

mod agents;
mod applied;
mod definition_cache;
mod given;
mod machine;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use base::clock::stamp;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::ids::{BadName, ConvoyId, Name, Role, SHORT_ALPHABET, SHORT_LEN};
use base::text;
use findings::Severity;
use findings::changed::{Changed, GateOn};
use jiff::Timestamp;
use protocol::layout::{self, Home};
use protocol::plan::{Checkout, Gate, Inputs, Issue, LastLook, Launcher, Origin, Plan, ReportKind};
use protocol::state::SCHEMA_VERSION;

use crate::config::{self, Config, LauncherKind};
use crate::contents::Content;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::document::Source;
use crate::file_selection::{self, Place, Selected, Selection};
use crate::library::{Kind, Library, read_file, read_named};
use crate::own_files::{self, OwnFiles};
use crate::prices::Prices;
use crate::project::Project;
use crate::runner::Choice;
use crate::settings::Own;
use crate::settings::trusted::{self, Trusted};
use crate::template::{self, Available, Template, TemplateAgent};

use definition_cache::DefinitionCache;
pub use given::{Given, given};
pub use machine::Machine;

const DEFAULT_CONVOY_TIMEOUT_MS: u64 = 2 * 3_600_000;
const DEFAULT_GRACE_MS: u64 = 5000;

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
    /// `--dangerously-skip-permissions`
    pub skip_permissions: bool,
    /// `--param K=V`
    pub params: BTreeMap<String, String>,
    /// `--gate`; left out: what the settings say, else high.
    pub gate: Option<Severity>,
    /// `--gate-on`; left out: what the settings say, else what is new where there is a base.
    pub gate_on: Option<GateOn>,
    /// The user's own settings of this project.
    pub settings: Option<Own>,
}

impl Request {
    /// A template as it is: nothing is chosen, and nothing given.
    fn of(template: TemplateName) -> Self {
        Request {
            template,
            project: PathBuf::new(),
            selection: Selection::default(),
            issues: Vec::new(),
            pr_url: None,
            runners: Choices::default(),
            models: Choices::default(),
            skip_permissions: false,
            params: BTreeMap::new(),
            gate: None,
            gate_on: None,
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
    /// For the agent itself, else for the role that `forEach` made it of, else for all.
    fn get(&self, agent: &TemplateAgent) -> Option<&T> {
        let group = || self.roles.get(agent.group.as_ref()?);
        self.roles.get(&agent.role).or_else(group).or(self.all.as_ref())
    }
}

/// A plan and what goes with it.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub plan: Plan,
    /// Relative to the project.
    pub files: Vec<PathBuf>,
    /// Where there is a base: the lines that differ from it.
    pub changed: Option<Vec<Changed>>,
    /// Of a review: what is under review holds, what of it was left out because somebody
    /// has looked at it, and where that is.
    pub contents: Vec<Content>,
    pub seen: Vec<Content>,
    pub place: Place,
    /// The runners at work, in the order of the agents.
    pub runners: Vec<RunnerUse>,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
    pub config: Config,
}

impl Prepared {
    /// Another id, where that of the plan is taken.
    pub fn rename(&mut self, home: &Home, id: ConvoyId) {
        if let Some(checkout) = &mut self.plan.checkout {
            checkout.tree = home.checkout(&id).into();
        }
        self.plan.id = id;
    }

    /// The list of files as it is stored: NUL-separated.
    pub fn files_list(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for file in &self.files {
            out.extend_from_slice(file.as_os_str().as_encoded_bytes());
            out.push(0);
        }
        out
    }
}

/// A runner that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerUse {
    pub name: Name,
    pub origin: Origin,
    pub version: Option<String>,
    pub why: Why,
}

/// Who chose a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    CommandLine,
    Template,
    AgentFile,
    /// The user's settings of the project.
    Settings,
    Config,
    /// Found on this machine.
    Found,
    /// Nothing else was found.
    Fallback,
}

/// When and under which name the convoy begins; injected.
#[derive(Debug, Clone)]
pub struct Start {
    pub at: Timestamp,
    /// 6 characters of the short alphabet: [`short_id`].
    pub short: String,
}

/// The last part of an id, from random bytes.
pub fn short_id(random: [u8; 8]) -> String {
    let mut number = u64::from_le_bytes(random);
    let base = SHORT_ALPHABET.len() as u64;
    (0..SHORT_LEN)
        .map(|_| {
            let c = SHORT_ALPHABET[(number % base) as usize];
            number /= base;
            char::from(c)
        })
        .collect()
}

/// Makes the plan, or tells all that stands against it: first everything is read, then
/// the agents are planned, then it is put together.
pub fn prepare(
    environment: &Environment,
    machine: &Machine<'_>,
    request: &Request,
    start: &Start,
) -> Result<Prepared, Vec<Diagnostic>> {
    let library = Library::new(&Home::of(environment));
    let definitions = DefinitionCache::new(&library);
    let mut gathered = gather(environment, request, &definitions)?;
    let id = ConvoyId::new(&gathered.template.name, &start.short);
    let id = id.map_err(|error| one(Diagnostic::new(error.to_string())))?;
    let project = gathered.place.root.clone();
    let checkout = gathered.selected.commit.as_ref().map(|commit| Checkout {
        commit: commit.id.clone(),
        shown: commit.shown.clone(),
        tree: Home::of(environment).checkout(&id).into(),
        keeper: request.keeper.as_deref().map(EncodedPath::from),
    });
    let tree = checkout.as_ref().map_or(project.as_path(), |checkout| checkout.tree.as_path()).to_path_buf();
    // A commit lies apart, and there is nothing else in there.
    let read_dir = match &checkout {
        Some(_) => tree.clone(),
        None => read_dir(&gathered.place, &gathered.selected.files),
    };
    let planned = agents::plan(&agents::Inputs {
        template: &gathered.template,
        request,
        config: &gathered.config,
        definitions: &definitions,
        machine,
        project: &tree,
        read_dir: &read_dir,
        output_dir: &gathered.output_dir,
        prices: &gathered.prices,
    });
    let mut problems = std::mem::take(&mut gathered.problems);
    problems.extend(planned.problems.iter().cloned());
    let launcher = keep(&mut problems, launcher(environment, &gathered.config).map(Some).map_err(one));
    let Some(launcher) = launcher.filter(|_| problems.is_empty()) else { return Err(problems) };
    let read_dir = (read_dir != tree).then(|| read_dir.into());
    let site = Settled { id, stamp: stamp(start.at), checkout, read_dir, launcher };
    let prepared = assemble(request, gathered, planned, site);
    check_has_input(&prepared).map_err(one)?;
    Ok(prepared)
}

/// What is read before anything is decided about agents.
struct Gathered {
    config: Config,
    prices: Prices,
    template: Template,
    origin: Origin,
    place: Project,
    output_dir: PathBuf,
    params: BTreeMap<String, serde_json::Value>,
    selected: Selected,
    /// Of a review: what the base says of it.
    trusted: Trusted,
    problems: Vec<Diagnostic>,
}

/// Reads files of the user, the project, and of a review its base. Problems that leave
/// something to go on with are in the result, so that others are found as well.
fn gather(
    environment: &Environment,
    request: &Request,
    definitions: &DefinitionCache<'_>,
) -> Result<Gathered, Vec<Diagnostic>> {
    let config = read_config(environment)?;
    let prices = Prices::load(&Home::of(environment))?;
    let library = Library::new(&Home::of(environment));
    let (source, origin) = find_template(environment, &library, &request.template).map_err(one)?;
    let mut template = read_template(&source, origin, &request.template, definitions)?;
    let place = Project::find(environment, &request.project).map_err(one)?;
    let output_dir = template.config.output_dir.as_deref().unwrap_or(own_files::DIRECTORY);
    let output_dir = normal(&place.root.join(output_dir));
    let mut problems = check_request(request, &template);
    let params = keep(&mut problems, template::values(&template.params, &request.params));
    let nothing_wrong = problems.is_empty();
    let selected =
        keep(&mut problems, select_files(environment, request, is_review(&template), &place, &output_dir));
    if nothing_wrong && problems.is_empty() {
        let issues: Vec<String> = request.issues.iter().map(|issue| issue.id.clone()).collect();
        let available = Available { params: &params, issues: &issues, files: &selected.files };
        keep(&mut problems, template::expand(&mut template, available));
    }
    let trusted = if problems.is_empty() && is_review(&template) {
        let (base, commit) = (selected.base.as_ref(), selected.commit.as_ref());
        let own = request.settings.as_ref();
        keep(&mut problems, trusted::read(environment, &place, own, base, commit))
    } else {
        Trusted::default()
    };
    Ok(Gathered { config, prices, template, origin, place, output_dir, params, selected, trusted, problems })
}

fn is_review(template: &Template) -> bool {
    template.agents.iter().any(|agent| agent.settings.report == ReportKind::Findings)
}

fn select_files(
    environment: &Environment,
    request: &Request,
    with_contents: bool,
    place: &Project,
    output_dir: &Path,
) -> Result<Selected, Vec<Diagnostic>> {
    // With issues there is something to work on; then only an address of GitHub is asked for files.
    let pull_request = request.pr_url.clone();
    let pull_request =
        pull_request.filter(|url| request.issues.is_empty() || crate::pull_request::is_address(url));
    let usual_excludes = request.settings.as_ref().map(Own::excludes).unwrap_or_default();
    let selection = Selection { usual_excludes, pull_request, with_contents, ..request.selection.clone() };
    let own = OwnFiles::read(&Home::of(environment)).map_err(one)?.and_directory(output_dir);
    let own = own.and_directory(&place.root.join(own_files::DIRECTORY));
    file_selection::select(environment, place, &selection, &own)
}

/// What is settled besides the agents.
struct Settled {
    id: ConvoyId,
    stamp: String,
    checkout: Option<Checkout>,
    read_dir: Option<EncodedPath>,
    /// And what to say about it.
    launcher: (Launcher, Option<String>),
}

/// Puts the plan together from what was read. Pure.
fn assemble(request: &Request, gathered: Gathered, planned: agents::Planned, settled: Settled) -> Prepared {
    let Gathered { config, template, origin, place, output_dir, params, selected, trusted, .. } = gathered;
    let mut inputs = inputs(request, &selected, params);
    let resolved = applied::resolve(request, &selected, &trusted);
    let of_review = Some(&resolved).filter(|_| is_review(&template));
    let line = applied::line(request, of_review, &selected, &trusted, &planned);
    let gate = Gate { level: resolved.gate.0.name().to_owned(), on: resolved.gate_on.0 };
    let more = of_review.map(|_| applied::notes(request, &selected, &trusted, &planned));
    let notes = line.into_iter().chain(resolved.notes).chain(more.into_iter().flatten());
    let notes: Vec<String> = selected.notes.iter().cloned().chain(notes).collect();
    inputs.guidelines = trusted.guidelines.filter(|_| applied::has_ai(&planned));
    let (launcher, launcher_note) = settled.launcher;
    let plan = Plan {
        schema_version: SCHEMA_VERSION,
        id: settled.id,
        template: template.name,
        template_origin: origin,
        stamp: settled.stamp,
        read_dir: settled.read_dir,
        project: place.root.into(),
        output_dir: output_dir.into(),
        checkout: settled.checkout,
        site: None,
        gate,
        inputs,
        launcher,
        grace_ms: config.grace_ms.unwrap_or(DEFAULT_GRACE_MS),
        max_parallel: template.config.max_parallel,
        convoy_timeout_ms: template.config.convoy_timeout_ms.unwrap_or(DEFAULT_CONVOY_TIMEOUT_MS),
        budget_usd: template.config.budget_usd,
        budget_tokens: template.config.budget_tokens,
        prompts: planned.prompts,
        agents: planned.agents,
    };
    let notes = notes.into_iter().chain(planned.notes).chain(launcher_note).collect();
    let Selected { files, changed, contents, seen, place, .. } = selected;
    Prepared { plan, files, changed, contents, seen, place, runners: planned.runners, notes, config }
}

/// The smallest directory that holds where the user stands and all that is under
/// review: of a repository of many projects reviewers need not see the others.
fn read_dir(place: &Project, files: &[PathBuf]) -> PathBuf {
    let nothing = Path::new("");
    let holds_all = |dir: &&Path| files.iter().all(|file| file.starts_with(dir));
    let inside = place.standing.ancestors().find(holds_all).filter(|dir| *dir != nothing);
    inside.map_or_else(|| place.root.clone(), |dir| place.root.join(dir))
}

/// Goes on with nothing where there are problems, to find the others as well.
fn keep<T: Default>(problems: &mut Vec<Diagnostic>, result: Result<T, Vec<Diagnostic>>) -> T {
    result.unwrap_or_else(|more| {
        problems.extend(more);
        T::default()
    })
}

fn one(problem: Diagnostic) -> Vec<Diagnostic> {
    vec![problem]
}

/// The user's `config.toml`; the defaults where there is none.
pub(crate) fn read_config(environment: &Environment) -> Result<Config, Vec<Diagnostic>> {
    match read_file(&Home::of(environment).config()).map_err(one)? {
        Some(source) => config::read(&source),
        None => Ok(Config::default()),
    }
}

/// Reads and checks one template as a start would, with the files it names and the
/// runners they ask for. What only this machine lacks (a program, a login) is no
/// mistake of theirs.
pub fn check_template(
    environment: &Environment,
    template: &TemplateName,
) -> Result<(Source, Origin, Template), Vec<Diagnostic>> {
    let library = Library::new(&Home::of(environment));
    let definitions = DefinitionCache::new(&library);
    let (source, origin) = find_template(environment, &library, template).map_err(one)?;
    let read = read_template(&source, origin, template, &definitions)?;
    let project = &environment.current_dir;
    let problems = agents::check(&agents::Inputs {
        template: &read,
        request: &Request::of(template.clone()),
        config: &read_config(environment)?,
        definitions: &definitions,
        machine: &Machine::new(environment),
        project,
        read_dir: project,
        output_dir: project,
        prices: &Prices::default(),
    });
    if problems.is_empty() { Ok((source, origin, read)) } else { Err(problems) }
}

/// A template with all that it inherits, as one that extends nothing.
pub fn resolve_template(
    environment: &Environment,
    template: &TemplateName,
) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let (source, _, _) = check_template(environment, template)?;
    let library = Library::new(&Home::of(environment));
    template::resolved(&source, &DefinitionCache::new(&library))
}

fn find_template(
    environment: &Environment,
    library: &Library,
    template: &TemplateName,
) -> Result<(Source, Origin), Diagnostic> {
    match template {
        TemplateName::Named(name) => library.find(Kind::Template, name),
        TemplateName::File(path) => {
            let path = normal(&environment.current_dir.join(path));
            match read_named(&path)? {
                Some(source) => Ok((source, Origin::File)),
                None => Err(Diagnostic::new(format!("no template file {}", text::path(&path))).not_found()),
            }
        }
    }
}

fn read_template(
    source: &Source,
    origin: Origin,
    asked: &TemplateName,
    definitions: &DefinitionCache<'_>,
) -> Result<Template, Vec<Diagnostic>> {
    let template = template::read(source, definitions);
    // Problems inside agent files and runners come with those of the template.
    let mut problems = definitions.take_problems();
    match template {
        Ok(template) => {
            if let TemplateName::Named(name) = asked
                && origin == Origin::User
                && template.name != *name
            {
                let message = format!("the template is called '{}', its file '{name}.json'", template.name);
                problems.push(source.problem(0, message));
            }
            if problems.is_empty() { Ok(template) } else { Err(problems) }
        }
        Err(more) => {
            problems.splice(0..0, more);
            Err(problems)
        }
    }
}

/// A path without `.` and `..`, by its text alone: it need not exist yet.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// What the command line alone gets wrong.
fn check_request(request: &Request, template: &Template) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let roles: Vec<&str> = template.agents.iter().map(|agent| agent.role.as_str()).collect();
    let asked = request.runners.roles.keys().map(|role| ("--runner", role));
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
            problems.push(Diagnostic::new(format!(
                "{option}: '{}' is not one line of text",
                text::visible(value)
            )));
        }
    }
    problems
}

/// Reviewers that are given a list of files need one. A change that leaves none, for
/// instance of deletions alone, is one that they cannot read.
fn check_has_input(prepared: &Prepared) -> Result<(), Diagnostic> {
    let takes_files = |word: &String| word.contains("{files_from}");
    let reviewer = prepared.plan.agents.iter().find(|agent| agent.invocation.argv.iter().any(takes_files));
    let Some(agent) = reviewer.filter(|_| prepared.files.is_empty()) else { return Ok(()) };
    let (role, runner) = (&agent.role, &agent.invocation.runner);
    let not_files = &prepared.plan.inputs.not_files;
    if let Some(first) = not_files.first() {
        let more =
            if not_files.len() > 1 { format!(" and {} more", not_files.len() - 1) } else { String::new() };
        let message = format!(
            "no verdict: what has changed is deleted or no regular file ({}{more}), and '{role}' with runner '{runner}' reads files only",
            text::path(first.as_path())
        );
        let hint = "an AI reviewer is given the change itself: --runner claude";
        return Err(Diagnostic::new(message).hint(hint).kind(DiagnosticKind::Unread));
    }
    Err(Diagnostic::new(format!("no files: '{role}' with runner '{runner}' reviews files"))
        .hint("say which: --files 'src/**/*.ts', or --diff"))
}

fn inputs(request: &Request, selected: &Selected, params: BTreeMap<String, serde_json::Value>) -> Inputs {
    Inputs {
        file_patterns: shown_patterns(&request.selection),
        diff_base: selected.base.as_ref().map(|base| base.shown.clone()),
        file_count: selected.files.len() as u64,
        not_files: selected.not_files.iter().map(|path| EncodedPath::from(path.as_path())).collect(),
        issues: request.issues.iter().map(|issue| issue.id.clone()).collect(),
        issue_texts: request
            .issues
            .iter()
            .filter(|issue| **issue != Issue::named(&issue.id))
            .map(|issue| (issue.id.clone(), issue.clone()))
            .collect(),
        pr_url: request.pr_url.clone(),
        diff: selected.diff.as_deref().map(bounded_diff),
        last_look: request
            .selection
            .since
            .as_ref()
            .map(|since| LastLook { convoy: since.convoy.clone(), unchanged: selected.seen.len() as u64 }),
        guidelines: None,
        params,
    }
}

/// Patterns as they are typed; what is excluded with a `!` in front.
fn shown_patterns(selection: &Selection) -> Vec<String> {
    let shown = |pattern: &OsString| text::path(Path::new(pattern));
    let excluded = selection.excludes.iter().map(|pattern| format!("!{}", shown(pattern)));
    selection.patterns.iter().map(shown).chain(excluded).collect()
}

/// A diff is part of every prompt: what is longer is cut, aloud.
fn bounded_diff(diff: &str) -> String {
    const LONGEST: usize = 48 * 1024;
    if diff.len() <= LONGEST {
        return diff.to_owned();
    }
    let mut end = LONGEST;
    while !diff.is_char_boundary(end) {
        end -= 1;
    }
    let end = diff[..end].rfind('\n').map_or(end, |line| line + 1);
    let left = diff[end..].lines().count();
    format!("{}… {left} more lines are left out; the files themselves have everything\n", &diff[..end])
}

/// The launcher, and what to say about it.
fn launcher(environment: &Environment, config: &Config) -> Result<(Launcher, Option<String>), Diagnostic> {
    let program = environment.find_program("tmux")?;
    match (config.launcher, program) {
        (Some(LauncherKind::Process), _) => Ok((Launcher::Process, None)),
        (Some(LauncherKind::Tmux) | None, Some(program)) => {
            let socket = layout::socket_path(&Home::of(environment), environment);
            Ok((Launcher::Tmux { program: program.into(), socket: socket.into() }, None))
        }
        (Some(LauncherKind::Tmux), None) => {
            Err(Diagnostic::new("config.toml asks for tmux, which is not installed")
                .hint("install tmux, or set launcher = \"process\""))
        }
        (None, None) => {
            let note = "tmux is not installed: agents run without a terminal (launcher process)";
            Ok((Launcher::Process, Some(note.to_owned())))
        }
    }
}

#[cfg(test)]
mod tests;
