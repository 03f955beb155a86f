//! Facts an agent is given beside its prompt, because it has no tool to find
//! them out: the `health-monitor` reads what `convoy-inspect health` sees. They lie
//! in the attempt's own directory, the one place every runner lets it read.

use std::process::Command;
use std::time::Duration;

use base::environment::{self, Environment, scrub};
use base::files::{self, Sync};
use base::subprocess;
use protocol::layout::{AttemptFiles, Home};
use protocol::plan::{AgentPlan, Plan};

/// Looking at hundreds of convoys takes seconds.
const LIMIT: Duration = Duration::from_secs(60);
const MONITOR: &str = "health-monitor";

/// Writes the facts, if this agent is given any; what to add to its prompt.
pub(crate) fn write(
    environment: &Environment,
    home: &Home,
    files: &AttemptFiles,
    plan: &Plan,
    agent: &AgentPlan,
) -> Option<String> {
    // With static rules the command looks itself.
    if agent.subagent.as_str() != MONITOR || agent.invocation.static_only {
        return None;
    }
    let text = gather(environment, home, plan)
        .unwrap_or_else(|why| format!("The facts could not be gathered: {why}\n"));
    let path = files.facts();
    if let Err(error) = files::replace(&path, &files.out_dir(), text.as_bytes(), Sync::Later) {
        let why = base::error::chain(&error);
        return Some(format!("\n## The facts\n\nThey could not be written: {why}\n"));
    }
    Some(format!(
        "\n## The facts\n\nStates, sessions, ages and last log lines of all convoys but your own, as they were when you began:\n\n{}\n",
        base::text::path(&path)
    ))
}

fn gather(environment: &Environment, home: &Home, plan: &Plan) -> Result<String, String> {
    let program = environment::sibling(environment, "convoy-inspect").map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command
        .args(["health", "--except", plan.id.as_str()])
        .env("PANOPTICON_HOME", home.root())
        .current_dir("/");
    scrub(&mut command);
    let told = |error: &dyn std::fmt::Display| {
        format!("convoy-inspect health: {error}", error = base::error::reason(&error))
    };
    let ended = subprocess::capture(command, LIMIT, subprocess::LONG).map_err(|error| told(&error))?;
    let printed = ended.stdout.whole().map_err(|error| told(&error))?;
    // 1 means that there is something to look at.
    match ended.status.and_then(|status| status.code()) {
        Some(0 | 1) if !printed.is_empty() => Ok(String::from_utf8_lossy(&printed).into_owned()),
        _ => {
            let said = base::text::visible(String::from_utf8_lossy(&ended.stderr).trim());
            Err(told(&said))
        }
    }
}
