//! From a request to a plan: reads everything that is needed first (config,
//! template, agent files, runners, the machine, the project), collects every
//! problem, and creates nothing. `--dry-run` and a real start both go through here.

mod agents;
mod applied;
mod candidates;
mod definition_cache;
mod definitions;
mod given;
mod inputs;
mod machine;
mod request;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::clock::stamp;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::ids::{ConvoyId, Name, SHORT_ALPHABET, SHORT_LEN};
use findings::changed::Changed;
use jiff::Timestamp;
use protocol::layout::{self, Home};
use protocol::plan::{Checkout, Gate, Launcher, Origin, Plan, ReportKind};
use protocol::state::SCHEMA_VERSION;

use crate::config::{Config, LauncherKind};
use crate::contents::Content;
use crate::diagnostic::Diagnostic;
use crate::file_selection::{self, Place, Selected, Selection};
use crate::joined::Joined;
use crate::library::Library;
use crate::own_files::{self, OwnFiles};
use crate::prices::Prices;
use crate::project::Project;
use crate::settings::Own;
use crate::settings::trusted::{self, Trusted};
use crate::template::{self, Available, Template};

use definition_cache::DefinitionCache;
pub use definitions::{check_template, lacking_here, resolve_template};
use definitions::{find_template, normal, read_template};
pub use given::{Given, given};
use inputs::{asked, check_has_input, check_is_joined, inputs};
pub use machine::Machine;
use request::check_request;
pub use request::{Choices, Request, TemplateName};

const DEFAULT_CONVOY_TIMEOUT_MS: u64 = 2 * 3_600_000;
const DEFAULT_GRACE_MS: u64 = 5000;
const DEFAULT_PARKED: u32 = 8;

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
    /// What static reviewers are told of other linters.
    pub joined: Joined,
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
    let id =
        id.map_err(|error| one(Diagnostic::new(error.to_string()).hint("give the template a shorter name")))?;
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
    let (level, on) = {
        let resolved = applied::resolve(request, &gathered.selected, &gathered.trusted);
        (resolved.gate.0, resolved.gate_on.0)
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
        gate: Gate { level: level.name().to_owned(), on },
        params: &gathered.params,
        asked: asked(request, &gathered.selected),
    });
    let mut problems = std::mem::take(&mut gathered.problems);
    problems.extend(planned.problems.iter().cloned());
    let launcher = keep(&mut problems, launcher(environment, &gathered.config).map(Some).map_err(one));
    let Some(launcher) = launcher.filter(|_| problems.is_empty()) else { return Err(problems) };
    let read_dir = (read_dir != tree).then(|| read_dir.into());
    let site = Settled { id, stamp: stamp(start.at), checkout, read_dir, launcher };
    let prepared = assemble(request, gathered, planned, site);
    check_has_input(&prepared).map_err(one)?;
    check_is_joined(&prepared).map_err(one)?;
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
    let config = Config::read(&Home::of(environment))?;
    let prices = Prices::load(&Home::of(environment))?;
    let library = Library::new(&Home::of(environment));
    let (source, origin) = find_template(environment, &library, &request.template).map_err(one)?;
    let mut template = read_template(&source, origin, &request.template, definitions)?;
    template.config.allow_at_most(request.budget_usd, request.budget_tokens);
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
    inputs.no_requirements.clone_from(&planned.no_requirements);
    inputs.switches = template.switches();
    inputs.guidelines = trusted.guidelines.filter(|_| applied::has_ai(&planned));
    let (launcher, launcher_note) = settled.launcher;
    let joined = Joined { roots: vec![place.root.clone().into()], ..request.joined.clone() };
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
        parked: template.config.parked.or(config.parked).unwrap_or(DEFAULT_PARKED),
        convoy_timeout_ms: template.config.convoy_timeout_ms.unwrap_or(DEFAULT_CONVOY_TIMEOUT_MS),
        budget_usd: template.config.budget_usd,
        budget_tokens: template.config.budget_tokens,
        prompts: planned.prompts,
        agents: planned.agents,
    };
    let notes = notes.into_iter().chain(planned.notes).chain(launcher_note).collect();
    let Selected { files, changed, contents, seen, place, .. } = selected;
    let runners = planned.runners;
    Prepared { plan, files, changed, contents, seen, place, joined, runners, notes, config }
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
