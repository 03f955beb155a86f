//! `executors`: where agents can run, and which of these can be used from here; and one
//! line of work placed for real, for `doctor`.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::ids::Name;
use base::program::Failure;
use base::style::{Mark, Style, pad};
use base::text;
use planning::diagnostic;
use planning::executor::{self, Executor, SANDBOX};
use planning::library::Kind;
use planning::planner::Machine;
use protocol::agent::Agent;
use protocol::layout::Home;
use protocol::plan::{Origin, Proof};
use serde::Serialize;
use serde_json::json;

use crate::cli::ExecutorsVerb;
use crate::definitions;
use crate::doctor::probe::{LIMIT_S, Probe, Probed};
use crate::doctor::{Check, Verdict, check};

/// What `--json` prints of an executor.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: Name,
    origin: Origin,
    ready: bool,
    /// One line: what it is, or what is missing.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    /// How an end is proved; not known of a file that cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<String>,
}

pub(crate) fn run(environment: &Environment, what: Option<ExecutorsVerb>, json: bool) -> Result<Exit> {
    match what {
        None => definitions::list(
            environment,
            Kind::Executor,
            json,
            |name, origin| look_at(environment, name, origin),
            render,
        ),
        Some(ExecutorsVerb::Show { name }) => definitions::show(environment, Kind::Executor, &name),
        Some(ExecutorsVerb::Check { name }) => definitions::check(&name, read(environment, &name)),
    }
}

fn read(environment: &Environment, name: &Name) -> Result<Executor, Failure> {
    let source = definitions::source(environment, Kind::Executor, name)?;
    executor::read(&source).map_err(|problems| diagnostic::failure(&problems, "it cannot be used"))
}

fn look_at(environment: &Environment, name: Name, origin: Origin) -> Listed {
    let executor = match read(environment, &name) {
        Ok(executor) => executor,
        Err(failure) => {
            let state = failure.message.lines().next().unwrap_or_default().to_owned();
            let mend = Some(format!("pan convoy executors check {name}"));
            return Listed { name, origin, ready: false, state, mend, proof: None, needs: Vec::new() };
        }
    };
    let missing = missing(environment, &name, &executor);
    let state = missing.clone().unwrap_or_else(|| executor.description.clone());
    let mend = missing.as_ref().and(executor.install.clone());
    let (proof, needs) = (Some(executor.proof), executor.needs);
    Listed { name, origin, ready: missing.is_none(), state, mend, proof, needs }
}

/// What it cannot be used without, as far as this machine tells.
fn missing(environment: &Environment, name: &Name, executor: &Executor) -> Option<String> {
    let program = executor.program.as_ref()?;
    let machine = Machine::new(environment);
    let found = match machine.on_path(program) {
        Ok(found) => found,
        Err(error) => return Some(base::error::chain(&error)),
    };
    let Some(path) = found else { return Some(format!("{program} is not installed")) };
    if name.as_str() != SANDBOX {
        return None;
    }
    match machine.refuses_sandbox(&path) {
        Ok(refused) => refused.map(|why| format!("it does not work here: {why}")),
        Err(error) => Some(base::error::chain(&error)),
    }
}

fn render(listed: &[Listed], style: &Style) -> String {
    let names = listed.iter().map(|one| one.name.as_str().len()).max().unwrap_or(0).max(8);
    let mut out = String::new();
    for one in listed {
        let mark = style.mark(if one.ready { Mark::Completed } else { Mark::Pending });
        let user = if one.origin == Origin::User { " (user)" } else { "" };
        let line = format!("{}  {}{user}", pad(one.name.as_str(), names), text::visible(&one.state));
        let room = style.width.saturating_sub(style.glyph_width() + 1);
        let _ = writeln!(out, "{mark} {}", style.cut(&line, room));
        let under = " ".repeat(style.glyph_width() + 1 + names + 2);
        if let Some(mend) = &one.mend {
            let _ = writeln!(out, "{under}{}", style.command(&text::visible(mend)));
        }
        for need in &one.needs {
            let _ = writeln!(out, "{under}{}", style.dim(&format!("needs {}", text::visible(need))));
        }
    }
    out
}

/// Places one line of work, in a convoy of a state directory of its own below that of
/// the user, which the far side sees as it sees that.
pub(crate) fn try_out(environment: &Environment, name: &Name, checks: &mut Vec<Check>) -> Result<()> {
    let what = format!("{name} executor");
    let executor = read(environment, name)?;
    if let Some(missing) = missing(environment, name, &executor) {
        checks.push(check(&what, Verdict::Wrong, missing, executor.install.as_deref()));
        return Ok(());
    }
    let theirs = Home::of(environment);
    base::files::create_private_dir(&theirs.run())?;
    let place = tempfile::Builder::new().prefix("doctor-").tempdir_in(theirs.run());
    let place = place.context("no temporary place in the state directory")?;
    let probe = Probe::new(environment, place.path())?;
    probe.share(Home::user_executors)?;
    probe.share(Home::config)?;
    let task = json!({"name": "probe", "description": "One line of work",
        "agents": [{"role": "probe", "subagent": "probe", "command": ["cp", "{prompt_file}", "{output_file}"], "timeout": "60s"}],
        "config": {"outputDir": "reports", "convoyTimeout": format!("{LIMIT_S}s")}});
    let agent = "---\nname: probe\ndescription: One line of work\nmodel: none\n---\n";
    match probe.run(&task, ("probe", agent), &["--executor", name.as_str()])? {
        Probed::Ended(agents) => {
            checks.extend(agents.iter().map(|(agent, lost)| seen(&what, agent, lost.as_deref(), &executor)));
        }
        Probed::Refused(said) => {
            let (first, rest) = said.trim().split_once('\n').unwrap_or((said.trim(), ""));
            let hint = rest.lines().map(str::trim).find(|line| !line.is_empty());
            checks.push(check(&what, Verdict::Wrong, text::visible(first), hint));
        }
    }
    Ok(())
}

/// `lost`: why nobody could tell whether it still ran.
fn seen(what: &str, agent: &Agent, lost: Option<&str>, executor: &Executor) -> Check {
    let took = match (agent.started_at, agent.completed_at()) {
        (Some(from), Some(to)) => format!(" in {} ms", to.duration_since(from).as_millis()),
        _ => String::new(),
    };
    if agent.is_completed() {
        return check(what, Verdict::Fine, format!("did one line of work{took}"), None);
    }
    let why = match lost {
        Some(why) => format!("nobody can tell whether its work has ended: {why}"),
        None => agent.why().unwrap_or_else(|| "it did not end in time".to_owned()),
    };
    // The first need that the words are about, else all of them.
    let about = [
        ("No such file", "state directory, project and programs must be at the same paths there"),
        ("not found", "state directory, project and programs must be at the same paths there"),
        ("Permission denied", "log in there once by hand: with a key, and without words"),
        ("Host key verification", "put its key into known_hosts: ssh HOST, once, by hand"),
        (
            "artition",
            "name one there is: options = [\"--partition=…\"] below [executors.slurm] in config.toml",
        ),
        ("configuration source", "name the cluster: SLURM_CONF, or /etc/slurm/slurm.conf"),
    ];
    let hint = about.iter().find(|(words, _)| why.contains(words)).map(|(_, hint)| (*hint).to_owned());
    let needs = (!executor.needs.is_empty()).then(|| format!("it needs {}", executor.needs.join("; ")));
    check(what, Verdict::Wrong, text::visible(&why), hint.or(needs).as_deref())
}
