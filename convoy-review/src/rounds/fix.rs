//! Running the command that fixes: as the one agent of a convoy, so that it has a time
//! limit, a log and a true end, and nothing of it stays, whoever is killed meanwhile.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base::encoded_path::EncodedPath;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::files::{self, Sync};
use base::ids::{ConvoyId, Role};
use base::{program, text};
use protocol::layout::{Home, RoundsDir};
use protocol::state::State;
use protocol::store::read_state;
use serde_json::json;

use super::Rounds;
use super::step;
use crate::pipeline::{self, Signals, Waited};

/// The template of the convoy that runs it, by which its id is known.
pub(crate) const TEMPLATE: &str = "fix";
/// The role of its one agent.
pub(crate) const ROLE: &str = "fix";
/// Beside its own time: to be started, ended and recorded.
const MARGIN_MS: u64 = 120_000;

/// How a run of it ended.
pub(crate) enum Ran {
    Well,
    /// Why not: a clause.
    Badly(String),
    Signal(u8),
}

/// Runs it in the work tree on what a review has found. The convoy is told to `begun` when
/// there is one.
pub(crate) fn run(
    environment: &Environment,
    rounds: &Rounds<'_>,
    dir: &RoundsDir,
    convoy: &ConvoyId,
    signals: &Signals,
    begun: &mut dyn FnMut(&ConvoyId) -> Result<()>,
) -> Result<Ran> {
    let merged = merged_of(&Home::of(environment), convoy)?;
    let number = rounds.record.rounds.len();
    let variables: BTreeMap<String, EncodedPath> = [
        ("CONVOY_FIX_FINDINGS", EncodedPath::from(merged.0.as_path())),
        ("CONVOY_FIX_REPORT", EncodedPath::from(merged.1.as_path())),
        ("CONVOY_FIX_ROUND", Path::new(&number.to_string()).into()),
        ("CONVOY_FIX_ROUNDS", Path::new(&rounds.rule.most.to_string()).into()),
        ("CONVOY_FIX_BRANCH", Path::new(&rounds.record.branch).into()),
        ("CONVOY_FIX_USAGE", EncodedPath::from(dir.usage().as_path())),
        ("CONVOY_FIX_COMMIT", Path::new(&rounds.record.reviewed).into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    step::write(dir, &rounds.program, rounds.words, variables)?;
    write_template(environment, rounds, dir, &merged, number)?;
    let id = match start(environment, dir)? {
        Ok(id) => id,
        Err(why) => return Ok(Ran::Badly(format!("it could not be started: {why}"))),
    };
    begun(&id)?;
    let limit = Duration::from_millis(rounds.timeout + 2 * MARGIN_MS);
    match pipeline::wait_silently(environment, &id, signals, Instant::now() + limit)? {
        Waited::Ended => {}
        waited @ (Waited::TimedOut | Waited::Signal(_)) => {
            if !pipeline::stop(environment, &id)? {
                program::tell(&format!("convoy-review: not every process of {id} could be ended"));
            }
            if let Waited::Signal(signal) = waited {
                return Ok(Ran::Signal(signal));
            }
        }
    }
    let state = read_state(&Home::of(environment).convoy(&id))?;
    Ok(how(&state))
}

fn how(state: &State) -> Ran {
    let role: Option<Role> = ROLE.parse().ok();
    match role.and_then(|role| state.agent(&role)) {
        Some(agent) if agent.is_completed() => Ran::Well,
        Some(agent) => Ran::Badly(agent.why().unwrap_or_else(|| "it did not end".to_owned())),
        None => Ran::Badly("its convoy has no agent".to_owned()),
    }
}

/// The merged findings of a convoy, as data and for people.
fn merged_of(home: &Home, convoy: &ConvoyId) -> Result<(std::path::PathBuf, std::path::PathBuf)> {
    let dir = home.convoy(convoy);
    let merge = read_state(&dir)?.merge.context("the review has no merged findings")?;
    Ok((dir.merge_findings(merge.k), dir.merge_report(merge.k)))
}

fn write_template(
    environment: &Environment,
    rounds: &Rounds<'_>,
    dir: &RoundsDir,
    merged: &(std::path::PathBuf, std::path::PathBuf),
    number: usize,
) -> Result<()> {
    let own = environment::sibling(environment, "convoy-review")?;
    let shown = |path: &Path| text::path(path);
    let command = [shown(&own), "run-fix".to_owned(), shown(&dir.command())];
    let prompt = format!(
        "Review {number} of at most {}. The findings as JSON: {} The report for people: {}",
        rounds.rule.most,
        shown(&merged.0),
        shown(&merged.1)
    );
    let template = json!({
        "name": TEMPLATE,
        "description": "The command of pan review --fix-with",
        "agents": [{
            "role": ROLE, "subagent": "code-review-fixer", "runner": "command", "command": command,
            "prompt": prompt, "timeout": rounds.timeout,
        }],
        "config": {
            "outputDir": shown(&dir.reports()), "convoyTimeout": rounds.timeout + MARGIN_MS, "parked": 0,
            "executor": "local",
        },
    });
    let bytes = serde_json::to_vec_pretty(&template).context("cannot encode the convoy of --fix-with")?;
    files::create_private_dir(&dir.reports())?;
    files::replace(&dir.template(), &dir.dir(), &bytes, Sync::Later)?;
    Ok(())
}

/// Starts the convoy; an error of the inner kind is what `convoy-start` said.
fn start(environment: &Environment, dir: &RoundsDir) -> Result<std::result::Result<ConvoyId, String>> {
    let mut command = pipeline::program(environment, "convoy-start")?;
    command.arg(dir.template()).arg("--project-path").arg(dir.tree()).args(["--executor", "local"]);
    // What it starts may keep its standard error: a pipe would be read to the end of that.
    let log = dir.start_log();
    let said = File::create(&log).with_context(|| format!("cannot write {}", text::path(&log)))?;
    command.args(["--watch", "detach"]).stdout(Stdio::piped()).stderr(said);
    let output = command.spawn().and_then(Child::wait_with_output).context("cannot run convoy-start")?;
    let printed = String::from_utf8_lossy(&output.stdout).trim().parse::<ConvoyId>();
    // With an id there is a convoy, whatever was said besides.
    match printed {
        Ok(id) => Ok(Ok(id)),
        Err(_) if output.status.code() == Some(i32::from(Exit::Done.code())) => {
            Err(anyhow::anyhow!("convoy-start printed no convoy id"))
        }
        Err(_) => {
            let said = files::read_if_there(&log)?.unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            let said = said.lines().next().unwrap_or("it said nothing");
            Ok(Err(text::visible(said.strip_prefix("convoy-start: ").unwrap_or(said))))
        }
    }
}
