//! Running the other programs, as a person would.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base::environment::{self, Environment, scrub};
use base::exit::Exit;
use base::ids::ConvoyId;
use base::poll::wait_readable;
use base::process::{Handle, watch_child};
use base::program::Failure;
use decisions::look::Unchanged;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::checkout::Keeper;

use crate::cli::Review;

/// Where the end of a program cannot be watched, it is looked for so often.
const LOOK: Duration = Duration::from_secs(1);

/// The signals that end this program, readable: a review nobody waits for any
/// more is stopped, because it costs money. Handlers, not a mask, because a mask
/// would be inherited by everything the convoy runs.
#[derive(Debug)]
pub(crate) struct Signals {
    arrived: [(u8, UnixStream); 3],
}

impl Signals {
    /// Before anything is started.
    pub(crate) fn catch() -> Result<Self> {
        let one = |signal: Signal| -> io::Result<(u8, UnixStream)> {
            let (here, there) = UnixStream::pair()?;
            signal_hook::low_level::pipe::register(signal as i32, there)?;
            Ok((signal as u8, here))
        };
        let all = || Ok([one(Signal::SIGINT)?, one(Signal::SIGTERM)?, one(Signal::SIGHUP)?]);
        Ok(Signals { arrived: all().map_err(|error: io::Error| error).context("cannot catch signals")? })
    }

    /// Waits until a signal has arrived, `other` is readable, or the time is
    /// over. The number of the signal.
    fn wait(&self, other: Option<&Handle>, limit: Duration) -> Option<u8> {
        let mut fds: Vec<BorrowedFd<'_>> = self.arrived.iter().map(|(_, stream)| stream.as_fd()).collect();
        fds.extend(other.map(AsFd::as_fd));
        let ready = wait_readable(&fds, Some(limit));
        self.arrived.iter().zip(ready).find_map(|((signal, _), ready)| ready.then_some(*signal))
    }
}

pub(crate) fn program(environment: &Environment, name: &str) -> Result<Command> {
    let mut command = Command::new(environment::sibling(environment, name)?);
    command.env("PANOPTICON_HOME", environment.home.as_path()).stdin(Stdio::null());
    scrub(&mut command);
    Ok(command)
}

/// What `convoy-start` did.
pub(crate) enum Started {
    Convoy(ConvoyId),
    /// Nothing: all is as it was at the last look.
    Unchanged(Unchanged),
    /// Nothing, for a reason it has told.
    Not(Exit),
}

/// Starts the convoy. What `convoy-start` has to say about a request that cannot
/// be is on standard error already; its exit code becomes ours.
pub(crate) fn start(environment: &Environment, review: &Review, keeper: Option<&Keeper>) -> Result<Started> {
    let mut command = program(environment, "convoy-start")?;
    command.arg("code-review").args(start_words(review)).stdout(Stdio::piped());
    if review.issues_file.as_deref() == Some(Path::new("-")) {
        command.stdin(Stdio::inherit());
    }
    if let Some(keeper) = keeper {
        command.arg("--kept-by").arg(keeper.path());
    }
    let output = command.spawn().and_then(Child::wait_with_output).context("cannot run convoy-start")?;
    match output.status.code() {
        Some(0) => {}
        // With data beside it, it is not git that shows no change.
        Some(code) if code == i32::from(Exit::NothingToReview.code()) && !output.stdout.is_empty() => {
            let unchanged = serde_json::from_slice(&output.stdout);
            return Ok(Started::Unchanged(unchanged.context("convoy-start printed no last look")?));
        }
        Some(code) => return Ok(Started::Not(Exit::Passed(code as u8))),
        None => {
            let signal = output.status.signal().map_or(0, |signal| signal as u8);
            let failure = Failure::new(Exit::Signal(signal), "convoy-start was ended by a signal");
            return Err(failure.hint("pan convoy list shows whether a convoy was started").into());
        }
    }
    let id = String::from_utf8_lossy(&output.stdout).trim().parse::<ConvoyId>();
    Ok(Started::Convoy(id.context("convoy-start printed no convoy id")?))
}

fn start_words(review: &Review) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: &std::ffi::OsStr| {
        let mut word = OsString::from(format!("--{name}="));
        word.push(value);
        words.push(word);
    };
    review.files.iter().for_each(|pattern| option("files", pattern));
    review.exclude.iter().for_each(|pattern| option("exclude", pattern));
    review.issue.iter().for_each(|issue| option("issue", issue.as_ref()));
    review.issues_file.iter().for_each(|file| option("issues-file", file.as_os_str()));
    review.commit.iter().for_each(|commit| option("commit", commit.as_ref()));
    review.branch.iter().for_each(|branch| option("branch", branch.as_ref()));
    review.base.iter().for_each(|base| option("base", base.as_ref()));
    review.pr_url.iter().for_each(|url| option("pr-url", url.as_ref()));
    review.since_convoy.iter().for_each(|convoy| option("since", convoy.as_str().as_ref()));
    review.budget.usd.iter().for_each(|usd| option("budget-usd", usd.to_string().as_ref()));
    review.budget.tokens.iter().for_each(|tokens| option("budget-tokens", tokens.to_string().as_ref()));
    review.since.iter().for_each(|since| option("since", since.as_ref()));
    review.runner.iter().for_each(|runner| option("runner", runner.as_ref()));
    review.model.iter().for_each(|model| option("model", model.as_ref()));
    review.param.iter().for_each(|param| option("param", param.as_ref()));
    review.join.iter().for_each(|which| option("join", which.as_ref()));
    review.with_sarif.iter().for_each(|file| option("with-sarif", file.as_os_str()));
    review.gate.iter().for_each(|gate| option("gate", gate.name().as_ref()));
    review.gate_on.iter().for_each(|on| option("gate-on", on.name().as_ref()));
    review.verify.iter().for_each(|verify| option("verify", verify.name().as_ref()));
    review.project_path.iter().for_each(|dir| option("project-path", dir.as_os_str()));
    // What is only left out is left out of the change.
    let takes = |pattern: &OsString| !pattern.as_bytes().starts_with(b"!");
    let nothing_named = !review.files.iter().any(takes) && !review.is_of_a_commit();
    match review.diff.as_deref() {
        Some("") => words.push("--diff".into()),
        Some(base) => option("diff", base.as_ref()),
        None if nothing_named => words.push("--diff".into()),
        None => {}
    }
    for pair in review.with_json.chunks(2) {
        words.push("--with-json".into());
        words.extend_from_slice(pair);
    }
    words
}

/// How the wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The convoy has ended.
    Ended,
    TimedOut,
    /// This signal asked us to end.
    Signal(u8),
}

/// Waits for the convoy's end; on a terminal with its live picture.
pub(crate) fn wait(
    environment: &Environment,
    id: &ConvoyId,
    signals: &Signals,
    until: Instant,
) -> Result<Waited> {
    wait_seen(environment, id, signals, until, io::stderr().is_terminal())
}

/// The same without a word.
pub(crate) fn wait_silently(
    environment: &Environment,
    id: &ConvoyId,
    signals: &Signals,
    until: Instant,
) -> Result<Waited> {
    wait_seen(environment, id, signals, until, false)
}

fn wait_seen(
    environment: &Environment,
    id: &ConvoyId,
    signals: &Signals,
    until: Instant,
    seen: bool,
) -> Result<Waited> {
    let mut command = program(environment, "convoy-ctl")?;
    if seen {
        let screen = io::stderr().as_fd().try_clone_to_owned().context("cannot use the terminal")?;
        command.args(["status", id.as_str(), "--follow", "--caller-stops"]).stdout(screen);
    } else {
        command.args(["wait", id.as_str(), "--caller-stops"]).stdout(Stdio::null());
    }
    let mut child = command.spawn().context("cannot run convoy-ctl")?;
    let handle = watch_child(&child).ok();
    let waited = wait_for(&mut child, handle.as_ref(), signals, until)?;
    if waited != Waited::Ended {
        // It may be gone already: the terminal signals whole groups.
        let _ = kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM);
        child.wait().context("cannot wait for convoy-ctl")?;
    }
    Ok(waited)
}

fn wait_for(child: &mut Child, handle: Option<&Handle>, signals: &Signals, until: Instant) -> Result<Waited> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        // What cannot be watched is looked at now and then.
        let limit = if handle.is_some() { left } else { left.min(LOOK) };
        if let Some(signal) = signals.wait(handle, limit) {
            return Ok(Waited::Signal(signal));
        }
        if child.try_wait().context("cannot wait for convoy-ctl")?.is_some() {
            return Ok(Waited::Ended);
        }
        if left == Duration::ZERO {
            return Ok(Waited::TimedOut);
        }
    }
}

/// Ends every process of the convoy; false if something could not be ended.
pub(crate) fn stop(environment: &Environment, id: &ConvoyId) -> Result<bool> {
    let mut command = program(environment, "convoy-ctl")?;
    command.args(["stop", id.as_str()]).stdout(Stdio::null());
    Ok(command.status().context("cannot run convoy-ctl")?.success())
}

/// Writes the merged findings as SARIF; an error says why they are not written.
pub(crate) fn write_sarif(
    environment: &Environment,
    id: &ConvoyId,
    file: &Path,
) -> Result<Result<(), String>> {
    Ok(merge(environment, id, &["--format".as_ref(), "sarif".as_ref(), "-o".as_ref(), file.as_os_str()])?
        .map(|_| ()))
}

/// The merged findings in a format that another program reads.
pub(crate) fn findings(
    environment: &Environment,
    id: &ConvoyId,
    format: &str,
) -> Result<Result<String, String>> {
    let printed = merge(environment, id, &["--format".as_ref(), format.as_ref()])?;
    Ok(printed.map(|text| String::from_utf8_lossy(&text).into_owned()))
}

/// What `convoy-merge` prints of a convoy's merge, or why it does not.
fn merge(environment: &Environment, id: &ConvoyId, words: &[&OsStr]) -> Result<Result<Vec<u8>, String>> {
    let mut command = program(environment, "convoy-merge")?;
    command.args(["--convoy", id.as_str()]).args(words);
    let output = command.output().context("cannot run convoy-merge")?;
    // 3: an input of the merge was not read; the result says so.
    if matches!(output.status.code(), Some(0 | 3)) {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it said nothing");
    Ok(Err(base::text::visible(said.strip_prefix("convoy-merge: ").unwrap_or(said))))
}
