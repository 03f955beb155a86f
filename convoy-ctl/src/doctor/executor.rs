//! One line of work placed for real by an executor, for `doctor --live`.

use anyhow::{Context as _, Result};
use base::environment::Environment;
use base::ids::Name;
use base::text;
use planning::executor::Executor;
use protocol::agent::Agent;
use protocol::layout::Home;
use serde_json::json;

use super::check::{Check, Verdict, check};
use super::probe::{LIMIT_S, Probe, Probed};
use crate::executors::{missing, read};

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
