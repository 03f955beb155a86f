//! `attach --chat`: the conversation of an agent that has ended, opened in its
//! CLI for a person, who may then do there what they may do anywhere.

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use base::environment::{Environment, scrub};
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::Failure;
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::placeholder::Placeholders;
use protocol::plan::Plan;
use protocol::record::ExitRecord;
use protocol::store::read_state;

pub(crate) fn open(environment: &Environment, id: &ConvoyId, role: &str) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let agent = crate::logs::agent(&state, role)?;
    let plan = Plan::read(&dir)?;
    let planned = plan.agent(&agent.role).context("the plan does not know this agent")?;
    let invocation = agent.invocation(planned);
    let no = |exit, message: String, hint: String| Err(Failure::new(exit, message).hint(hint).into());
    let log = format!("read its log: pan convoy logs {} {role}", id.short());
    if agent.is_running() {
        let hint = format!("watch it: pan convoy attach {} {role}", id.short());
        return no(Exit::Busy, format!("{role} runs: its conversation belongs to it"), hint);
    }
    if invocation.chat_argv.is_empty() {
        return no(Exit::Usage, format!("runner {} cannot open conversations", invocation.runner), log);
    }
    let Some(session) = session(&dir, agent)? else {
        return no(Exit::No, format!("{role} left no conversation"), log);
    };
    if !std::io::stdin().is_terminal() {
        return no(Exit::Usage, "attach --chat needs a terminal".to_owned(), log);
    }
    let placeholders = Placeholders {
        project: plan.tree().to_path_buf(),
        read_dir: plan.read_dir().to_path_buf(),
        reports_dir: plan.output_dir.as_path().to_path_buf(),
        config_dir: dir.cli_config(&agent.role),
        cwd: invocation.cwd.directory(plan.tree(), &dir, &agent.role),
        role: agent.role.to_string(),
        convoy: id.to_string(),
        attempt: agent.attempt,
        session,
        ..Placeholders::default()
    };
    let mut command = Command::new(invocation.program.as_path());
    scrub(&mut command);
    command.args(placeholders.fill_all(&invocation.chat_argv)).current_dir(&placeholders.cwd);
    // Where its conversations are; not what makes it quiet.
    for (name, value) in invocation.set_env.iter().filter(|(_, value)| value.contains("{config_dir}")) {
        let value = placeholders.fill(value);
        if !std::path::Path::new(&value).is_file() {
            command.env(name, value);
        }
    }
    let error = command.exec();
    Err(error).with_context(|| format!("cannot run {}", base::text::path(invocation.program.as_path())))
}

/// The last conversation an attempt had.
fn session(dir: &ConvoyDir, agent: &Agent) -> base::Result<Option<String>> {
    for n in (1..=agent.attempt).rev() {
        let record = ExitRecord::read(&dir.attempt(&agent.role, n))?;
        if let Some(session) = record.and_then(|record| record.session) {
            return Ok(Some(session));
        }
    }
    Ok(None)
}
