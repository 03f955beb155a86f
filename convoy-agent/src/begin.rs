//! How an attempt begins: detached or in its pane, with a claim or not at all.

use std::fs;
use std::io::{self, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use base::clock::Clock;
use base::crash::{self, Point};
use base::environment::Environment;
use base::exit::Exit;
use base::host::PidNamespace;
use base::process::{Handle, ProcessId};
use data_encoding::HEXLOWER;
use protocol::claim::{self, Owner};
use protocol::layout::Home;
use protocol::owner;

use crate::attempt::Attempt;
use crate::cli::Arguments;
use crate::parked::{self, Called};
use crate::signals::Signals;

/// Runs the program: detaches, or claims the attempt and runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    if arguments.detach {
        return detach(arguments);
    }
    if arguments.detached {
        nix::unistd::setsid().context("cannot start a session")?;
    }
    let signals = Signals::block()?;
    // Looked up before the claim: a server that dies later was still our parent.
    let server =
        arguments.session.as_ref().map(|_| parent()).transpose().context("cannot watch tmux")?.flatten();
    let environment = Environment::read()?;
    // Also what the claim says of this process, which may wait for its turn before it.
    let own = Own::look()?;
    let home = Home::new(&arguments.home);
    owner::check(&home)?;
    let dir = home.convoy(&arguments.convoy);
    let called = match (arguments.attempt, &arguments.wait_for) {
        (Some(number), _) => Some(Called::at_once(number)),
        (None, words) => {
            parked::wait(&dir, arguments, words.as_deref().unwrap_or_default(), &signals, own.clock.boot())?
        }
    };
    let Some(Called { attempt: number, state, plan }) = called else { return Ok(Exit::Done) };
    // While it was parked it kept nothing that it did not need.
    base::memory::keep();
    let files = dir.attempt(&arguments.role, number);
    let owner = own.claim(arguments, &environment)?;
    crash::at(Point::Unclaimed);
    let Some(claim) = claim::take(&files, &owner)? else {
        return Ok(Exit::Done);
    };
    crash::at(Point::Claimed);
    nix::sys::prctl::set_child_subreaper(true).context("cannot adopt orphans")?;
    let Owner { token, at, .. } = owner;
    let attempt = Attempt {
        home,
        dir,
        number,
        files,
        known: state,
        ahead: plan,
        token,
        boot: at.boot,
        arguments,
        environment,
        signals,
        server,
        claim,
        runs: 0,
    };
    attempt.supervise()
}

/// The process that started this one, if it still runs.
fn parent() -> io::Result<Option<Handle>> {
    let parent = ProcessId::of(nix::unistd::getppid().as_raw())?;
    Ok(parent.map(ProcessId::open).transpose()?.flatten())
}

/// Starts the same again in the background and leaves.
fn detach(arguments: &Arguments) -> Result<Exit> {
    let own = fs::read_link("/proc/self/exe").context("cannot find this program")?;
    let turn = match (arguments.attempt, &arguments.wait_for) {
        (Some(number), _) => ["--attempt".to_owned(), number.to_string()],
        (None, words) => ["--wait-for".to_owned(), words.clone().unwrap_or_default()],
    };
    Command::new(own)
        .arg("--home")
        .arg(&arguments.home)
        .args(["--convoy", arguments.convoy.as_str(), "--role", arguments.role.as_str()])
        .args(turn)
        .arg("--detached")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start in the background")?;
    Ok(Exit::Done)
}

/// 128 random bits: nobody else's processes carry them.
fn token() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

/// What a claim says of the process that makes it.
struct Own {
    process: ProcessId,
    pid_namespace: PidNamespace,
    token: String,
    clock: Clock,
}

impl Own {
    fn look() -> Result<Self> {
        Ok(Own {
            process: ProcessId::current().context("cannot read /proc/self/stat")?,
            pid_namespace: PidNamespace::current()?,
            token: token().context("cannot make a token")?,
            clock: Clock::open()?,
        })
    }

    fn claim(self, arguments: &Arguments, environment: &Environment) -> Result<Owner> {
        let in_session = arguments.session.is_some();
        let size = if in_session { rustix::termios::tcgetwinsize(io::stdout()).ok() } else { None };
        let pane = environment.var("TMUX_PANE").filter(|_| in_session);
        Ok(Owner {
            process: self.process,
            at: self.clock.now()?.moment,
            token: self.token,
            pid_namespace: Some(self.pid_namespace),
            session: arguments.session.clone(),
            pane: pane.map(|pane| pane.to_string_lossy().into_owned()),
            cols: size.map(|size| size.ws_col),
            rows: size.map(|size| size.ws_row),
            command: None,
            begun: None,
        })
    }
}
