//! The command that fixes, and how an agent runs it: its words are no shell's, and it may
//! say what it did or not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::exit::Exit;
use base::files::{self, Sync};
use base::program::Failure;
use base::text;
use protocol::layout::RoundsDir;
use serde::{Deserialize, Serialize};

/// `rounds/<id>/command.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    /// The program, absolute, and its words.
    words: Vec<EncodedPath>,
    variables: BTreeMap<String, EncodedPath>,
}

/// The program that was named, where it is; it must be there before anything is spent.
pub(crate) fn find(environment: &Environment, words: &[OsString]) -> Result<PathBuf> {
    let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = text::visible(&name);
    if name.is_empty() {
        let failure = Failure::new(Exit::Usage, "--fix-with names no program");
        return Err(failure
            .hint("its words follow it, to the end of the line: --fix-with ./fix.sh --all")
            .into());
    }
    let found = environment.find_program(&name)?;
    let Some(found) = found else {
        let place = if name.contains('/') { "is not there, or not to be run" } else { "is not on PATH" };
        let failure = Failure::new(Exit::Usage, format!("--fix-with: the program '{shown}' {place}"));
        return Err(failure.hint("name a program that can be run: chmod +x makes one of a script").into());
    };
    Ok(environment.current_dir.join(found))
}

/// Writes down what is to be run.
pub(crate) fn write(
    dir: &RoundsDir,
    program: &Path,
    words: &[OsString],
    variables: BTreeMap<String, EncodedPath>,
) -> Result<()> {
    let rest = words.iter().skip(1).map(|word| EncodedPath::from(Path::new(word)));
    let step = Step { words: std::iter::once(program.into()).chain(rest).collect(), variables };
    let bytes = serde_json::to_vec_pretty(&step).context("cannot encode the command of --fix-with")?;
    files::replace(&dir.command(), &dir.dir(), &bytes, Sync::Later)?;
    Ok(())
}

/// Runs it, as the agent of its convoy: its output is the agent's log, its end the agent's.
pub(crate) fn run(environment: &Environment, file: &Path) -> Result<Exit> {
    let bytes = files::read(file).with_context(|| format!("cannot read {}", text::path(file)))?;
    let step: Step =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no command", text::path(file)))?;
    let (program, words) = step.words.split_first().context("there is no command")?;
    let mut command = Command::new(program.as_path());
    command.args(words.iter().map(EncodedPath::as_path)).stdin(Stdio::null());
    command.envs(step.variables.iter().map(|(name, value)| (name, value.as_path())));
    let status = command.status().with_context(|| format!("cannot run {}", text::path(program.as_path())))?;
    if !status.success() {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        let signal = status.signal().and_then(|signal| u8::try_from(signal).ok());
        return Ok(code.map_or_else(|| signal.map_or(Exit::No, Exit::Signal), Exit::Passed));
    }
    // An agent without a report has failed, and this one need not write any.
    if let Some(report) = environment.var("CONVOY_OUTPUT_FILE").map(PathBuf::from)
        && fs::metadata(&report).map_or(true, |found| found.len() == 0)
    {
        fs::write(&report, "# Fix\n\nThe command of --fix-with has ended well.\n")
            .with_context(|| format!("cannot write {}", text::path(&report)))?;
    }
    Ok(Exit::Done)
}
