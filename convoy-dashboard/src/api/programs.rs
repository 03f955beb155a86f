//! Running the programs, as a user would: their command lines, their exit codes.
//!
//! What comes from the wire becomes words of an argv, each checked first; no
//! shell is near. A program runs on in a process group of its own should the
//! dashboard be ended in the middle of it.

use std::io::{ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use axum::http::StatusCode;
use base::environment::{self, Environment, scrub};
use base::{subprocess, text};

use crate::http::problem::Problem;

/// Longer than any of them takes, or is silent, when nothing is wrong.
const LIMIT: Duration = Duration::from_secs(120);

/// What a program printed; a problem if it did not end with 0.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// What it means when a program ends with 1, and with 5.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning {
    pub(crate) no: StatusCode,
    /// What it is about cannot be read, or is of a newer build.
    pub(crate) state: StatusCode,
}

impl Meaning {
    pub(crate) const FAILED: Meaning = Meaning::no(StatusCode::INTERNAL_SERVER_ERROR);

    pub(crate) const fn no(no: StatusCode) -> Self {
        Meaning { no, state: StatusCode::INTERNAL_SERVER_ERROR }
    }
}

/// Runs a sibling program to its end.
pub(crate) async fn run(
    environment: &Environment,
    name: &'static str,
    words: Vec<String>,
) -> Result<Said, Problem> {
    output(name, command(environment, name, words)?, Meaning::FAILED).await
}

/// Runs a command of a sibling program to its end.
pub(crate) async fn output(name: &'static str, command: Command, meaning: Meaning) -> Result<Said, Problem> {
    let ended = tokio::task::spawn_blocking(move || subprocess::output(command, LIMIT)).await;
    let cannot = |error: &dyn std::fmt::Display| {
        failed(format!("cannot run {name}: {error}", error = base::error::reason(&error)))
    };
    let ended = ended.map_err(|error| cannot(&error))?.map_err(|error| cannot(&error))?;
    let stderr = judge(name, ended.status, &ended.stderr, meaning)?;
    Ok(Said { stdout: ended.stdout.whole().map_err(|error| failed(format!("{name}: {error}")))?, stderr })
}

/// Runs a sibling program and writes what it prints, however much that is.
pub(crate) fn print(
    name: &str,
    command: Command,
    meaning: Meaning,
    to: &mut dyn Write,
) -> Result<(), Problem> {
    let ended = subprocess::stream(command, LIMIT, &mut |bytes| to.write_all(bytes));
    let ended = ended.map_err(|error| match error.kind() {
        // Its answer is refused, not its run.
        ErrorKind::FileTooLarge => Problem::from(error),
        _ => failed(format!("cannot run {name}: {error}", error = base::error::reason(&error))),
    })?;
    judge(name, ended.status, &ended.stderr, meaning).map(drop)
}

/// A sibling program with these words.
pub(crate) fn command(
    environment: &Environment,
    name: &'static str,
    words: Vec<String>,
) -> Result<Command, Problem> {
    let program = environment::sibling(environment, name)?;
    let mut command = Command::new(program);
    command
        .args(words)
        .env("PANOPTICON_HOME", environment.home.as_path())
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0);
    scrub(&mut command);
    Ok(command)
}

fn failed(detail: String) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
}

/// What a program that ended well said to people.
fn judge(name: &str, status: Option<ExitStatus>, stderr: &[u8], meaning: Meaning) -> Result<String, Problem> {
    let stderr: Vec<String> =
        String::from_utf8_lossy(stderr).lines().map(|line| text::visible(line.trim_end())).collect();
    let stderr = stderr.join("\n");
    let code = status.map(|status| status.code());
    let status = match code {
        Some(Some(0)) => return Ok(stderr),
        Some(Some(1)) => meaning.no,
        Some(Some(2)) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Some(4)) => StatusCode::NOT_FOUND,
        Some(Some(5)) => meaning.state,
        Some(Some(75)) => StatusCode::CONFLICT,
        Some(_) => StatusCode::INTERNAL_SERVER_ERROR,
        None => StatusCode::GATEWAY_TIMEOUT,
    };
    let detail = match (code, stderr.as_str()) {
        (None, _) => format!("{name} did not end in {} s", LIMIT.as_secs()),
        (Some(_), "") => format!("{name} failed and said nothing"),
        (Some(_), said) => said.to_owned(),
    };
    Err(Problem::new(status, detail))
}
