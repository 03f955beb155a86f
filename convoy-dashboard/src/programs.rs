//! Running the programs, as a user would: their command lines, their exit codes.
//!
//! What comes from the wire becomes words of an argv, each checked first; no
//! shell is near. A program runs on in a process group of its own should the
//! dashboard be ended in the middle of it.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::http::StatusCode;
use shared::child::{self, Ended};
use shared::environment::{self, Environment};
use shared::launch::scrub;
use shared::text;

use crate::problem::Problem;

/// Longer than any of them takes when nothing is wrong.
const LIMIT: Duration = Duration::from_secs(120);

/// What a program printed; a problem if it did not end with 0.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs a sibling program to its end.
pub(crate) async fn run(
    environment: &Environment,
    name: &'static str,
    words: Vec<String>,
) -> Result<Said, Problem> {
    let program = environment::sibling(environment, name)?;
    let mut command = Command::new(program);
    command
        .args(words)
        .env("PANOPTICON_HOME", environment.home.root())
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0);
    scrub(&mut command);
    let ended = tokio::task::spawn_blocking(move || child::output(command, LIMIT)).await;
    let failed = |detail: String| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail);
    match ended {
        Ok(Ok(ended)) => judge(name, ended),
        Ok(Err(error)) => Err(failed(format!("cannot run {name}: {error}"))),
        Err(error) => Err(failed(format!("cannot run {name}: {error}"))),
    }
}

fn judge(name: &str, ended: Ended) -> Result<Said, Problem> {
    let stderr: Vec<String> =
        String::from_utf8_lossy(&ended.stderr).lines().map(|line| text::visible(line.trim_end())).collect();
    let stderr = stderr.join("\n");
    let code = ended.status.map(|status| status.code());
    let status = match code {
        Some(Some(0)) => return Ok(Said { stdout: ended.stdout, stderr }),
        Some(Some(2)) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Some(4)) => StatusCode::NOT_FOUND,
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
