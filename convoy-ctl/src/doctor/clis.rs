//! The agent CLIs of this machine, for `doctor`: which are there, which look
//! logged in, and, with `--live`, which really do one line of work.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base::environment::Environment;
use base::ids::Name;
use base::text;
use base::version::Version;
use planning::diagnostic::Diagnostic;
use planning::library::{Kind, Library};
use planning::planner::Machine;
use planning::runner::{self, Runner};
use protocol::agent::Agent;
use protocol::layout::Home;
use protocol::outcome::EvidenceSource;
use serde_json::json;

use super::check::{Check, Verdict, check};
use super::probe::{LIMIT_S, Probe, Probed};

/// An AI runner whose program is installed.
struct Installed {
    name: Name,
    runner: Runner,
    program: PathBuf,
}

/// The AI runners whose program is installed. What cannot be told is a check of
/// its own, and not taken for absence.
fn installed(environment: &Environment, checks: &mut Vec<Check>) -> Vec<Installed> {
    let names = Library::new(&Home::of(environment)).names(Kind::Runner).unwrap_or_else(|error| {
        checks.push(check("runners", Verdict::Wrong, base::error::chain(&error), None));
        Vec::new()
    });
    let mut found = Vec::new();
    for (name, _) in names {
        match look_for(environment, &name) {
            Ok(installed) => found.extend(installed),
            Err(wrong) => {
                let mend = format!("pan convoy runners check {name}");
                checks.push(check(name.as_str(), Verdict::Wrong, wrong, Some(&mend)));
            }
        }
    }
    found
}

fn look_for(environment: &Environment, name: &Name) -> Result<Option<Installed>, String> {
    let first = |problems: &[Diagnostic]| problems.first().map(ToString::to_string).unwrap_or_default();
    let library = Library::new(&Home::of(environment));
    let (source, _) = library.find(Kind::Runner, name).map_err(|problem| first(&[problem]))?;
    let runner = runner::read(&source).map_err(|problems| first(&problems))?;
    if !runner.ai {
        return Ok(None);
    }
    let program = Machine::new(environment).program(&runner).map_err(|error| base::error::chain(&error))?;
    Ok(program.map(|program| Installed { name: name.clone(), runner, program }))
}

/// Which are there, and do they look logged in?
pub(crate) fn look(environment: &Environment, checks: &mut Vec<Check>) {
    let machine = Machine::new(environment);
    let mut usable = false;
    for Installed { name, runner, program } in installed(environment, checks) {
        let version = machine.version(&runner, &program);
        let aged = version.as_ref().ok().copied().flatten().and_then(|version| aged(&runner, version));
        let said = match version {
            Ok(Some(version)) => version.to_string(),
            Ok(None) => "does not tell its version".to_owned(),
            Err(error) => base::error::chain(&error),
        };
        let mut found = format!("{said} ({})", text::path(&program));
        for what in not_confined(&runner) {
            let _ = write!(found, "; {}", text::visible(what));
        }
        let is_in = runner.login.as_ref().map_or(Ok(true), |login| machine.looks_logged_in(login));
        usable |= matches!(is_in, Ok(true));
        let hint = runner.login.as_ref().map(|login| login.hint.as_str());
        checks.push(match is_in {
            Ok(true) => check(name.as_str(), Verdict::Fine, found, None),
            Ok(false) => {
                check(name.as_str(), Verdict::Note, format!("{found}, does not look logged in"), hint)
            }
            Err(error) => {
                let found = format!("{found}, {}", base::error::chain(&error));
                check(name.as_str(), Verdict::Wrong, found, None)
            }
        });
        if let Some(found) = aged {
            let mend = format!(
                "name a model with --model, or change [models] of a copy: pan convoy runners new {name} --from {name}"
            );
            checks.push(check(&format!("{name} models"), Verdict::Note, found, Some(&mend)));
        }
    }
    if !usable {
        checks.push(check(
            "AI",
            Verdict::Note,
            "no AI CLI to use: reviews run on built-in static rules",
            Some("install one and log in: claude, codex, gemini, opencode, copilot or qwen"),
        ));
    }
}

/// Aliases that stand for models by name, where its CLI is newer than they are.
fn aged(runner: &Runner, version: Version) -> Option<String> {
    let of = runner.models_of.filter(|of| version > *of)?;
    let mut models: Vec<&str> = runner.models.values().map(String::as_str).collect();
    models.retain(|model| !model.is_empty());
    models.sort_unstable();
    models.dedup();
    let aliases = runner.models.iter().filter(|(_, model)| !model.is_empty());
    let aliases: Vec<&str> = aliases.map(|(alias, _)| alias.as_str()).collect();
    (!models.is_empty()).then(|| {
        let (aliases, models) = (text::visible(&aliases.join(", ")), text::visible(&models.join(", ")));
        format!("{aliases} mean {models}, chosen for {of}: this one may have better ones, or not these")
    })
}

/// What it could not be kept from.
fn not_confined(runner: &Runner) -> impl Iterator<Item = &str> {
    let unconfined = runner.unconfined.then_some("runs unconfined");
    unconfined.into_iter().chain(runner.not_confined.iter().map(String::as_str))
}

/// Each does one line of work, in a convoy of a state directory of its own, with
/// the user's runners, prices and login. It costs a few cents at most.
pub(crate) fn live(environment: &Environment, checks: &mut Vec<Check>) -> Result<()> {
    // What is wrong with the others is told by `look`.
    let found = installed(environment, &mut Vec::new());
    let runners: BTreeMap<Name, Runner> = found.into_iter().map(|it| (it.name, it.runner)).collect();
    if runners.is_empty() {
        return Ok(());
    }
    let place = tempfile::Builder::new().prefix("convoy-doctor").tempdir().context("no temporary place")?;
    let probe = Probe::new(environment, place.path())?;
    probe.share(Home::user_runners)?;
    probe.share(Home::prices)?;
    let agent = "---\nname: live-check\ndescription: One line of work\nmodel: haiku\n---\n\
                 Your report is this one line and nothing else: convoy works\n";
    match probe.run(&task(runners.keys()), ("live-check", agent), &[])? {
        Probed::Ended(agents) => {
            checks.extend(agents.iter().map(|(agent, _)| seen(agent, runners.get(&agent.runner))));
        }
        Probed::Refused(said) => {
            let first = said.lines().next().unwrap_or_default();
            checks.push(check("live", Verdict::Wrong, text::visible(first), None));
        }
    }
    Ok(())
}

/// An agent for each runner.
fn task<'n>(names: impl Iterator<Item = &'n Name>) -> serde_json::Value {
    let agents: Vec<_> = names
        .map(|name| json!({"role": name, "subagent": "live-check", "runner": name, "timeout": "90s"}))
        .collect();
    json!({"name": "live", "description": "One line of work", "agents": agents,
           "config": {"outputDir": "reports", "convoyTimeout": format!("{LIMIT_S}s")}})
}

/// What was seen of one. A report counts here where its file was written, by the
/// CLI's own tool where it has one for that: words at the end prove no writing.
fn seen(agent: &Agent, runner: Option<&Runner>) -> Check {
    let took = match (agent.started_at, agent.completed_at()) {
        (Some(from), Some(to)) => format!(" in {}s", to.duration_since(from).as_secs()),
        _ => String::new(),
    };
    let cost = agent.usage.and_then(|usage| usage.cost_usd).filter(|cost| *cost > 0.0);
    let cost = cost.map(|cost| format!(", ${cost:.4}")).unwrap_or_default();
    let what = format!("{} live", agent.role);
    let source = agent.evidence().map(|evidence| evidence.source);
    let writes = runner.is_some_and(|runner| runner.report_tool.is_some());
    if agent.is_completed() && writes && source != Some(EvidenceSource::File) {
        let found = format!("answered{took}{cost}, but wrote no file: that it can is not proved");
        return check(&what, Verdict::Wrong, found, Some("try again, or with another model"));
    }
    if agent.is_completed() {
        let text = agent.output_file().and_then(|file| first_line(file.as_path()));
        let said = text.map(|line| format!(": {line}")).unwrap_or_default();
        return check(&what, Verdict::Fine, format!("wrote its report{took}{cost}{said}"), None);
    }
    let why = agent.why().unwrap_or_default();
    check(&what, Verdict::Wrong, format!("{}{took}", text::visible(&why)), None)
}

fn first_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find(|line| !line.trim().is_empty()).map(|line| text::visible(line.trim()))
}
