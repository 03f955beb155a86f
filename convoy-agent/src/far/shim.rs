//! The far side: runs the command of an order, ends its whole process tree, and writes
//! how it ended. Standard output and error are the command's own.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write as _};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use base::clock::Clock;
use base::environment;
use base::error::{IoContext as _, chain};
use base::files::Temporary;
use base::host::{self, PidNamespace};
use base::poll::wait_readable;
use base::process::ProcessId;
use base::spawn::{Outputs, Spawn, Stdin};
use jiff::Timestamp;
use nix::sys::wait::WaitStatus;
use protocol::far::{self, FarOwner, FarRecord, Order};
use protocol::layout::FarFiles;

use super::placed::{END, HERE};
use crate::cli_config::Variables;
use crate::signals::{Asked, Signals};
use crate::tree::{KILL_ROUND, Tree};

/// Room kept for the record before the command runs.
const RESERVED: usize = 1024;
const AGAIN: Duration = Duration::from_secs(1);

/// Runs the order, if no other shim has, or had it. The exit code says nothing.
pub(super) fn run(files: &FarFiles, run: u32) -> Result<()> {
    let signals = Signals::block()?;
    let Some(order) = far::order(files, run)? else {
        anyhow::bail!("its order is taken, or was given up");
    };
    let mut room = Temporary::private(files.dir(), "ended")?;
    room.write(&[b' '; RESERVED])?;
    let owner = owner(&order)?;
    let Some(_claim) = far::take(files, run, &owner)? else {
        anyhow::bail!("another one has it, or it was given up");
    };
    base::files::remove_if_there(&files.order(run))?;
    let own = Path::new("/proc/self");
    nix::sys::prctl::set_child_subreaper(true).map_err(io::Error::from).context("adopt orphans of", own)?;
    let mut record = FarRecord {
        token: order.token.clone(),
        exit_code: None,
        signal: None,
        told: false,
        error: None,
        started_at: Timestamp::now(),
        ended_at: Timestamp::now(),
    };
    let mut tree = Tree::far(&order.token);
    match lay_out(&order)
        .and_then(|()| command(&order))
        .and_then(|command| tree.spawn(command).context("run", order.program.as_path()))
    {
        Ok(_spawned) => Shim::new(&signals, &order).supervise(&mut tree, &mut record),
        Err(error) => record.error = Some(format!("{}: {}", owner.node, chain(&error))),
    }
    match tree.leader_end() {
        Some(WaitStatus::Exited(_, code)) => record.exit_code = Some(code),
        Some(WaitStatus::Signaled(_, signal, _)) => record.signal = Some(signal as i32),
        _ => {}
    }
    drop(tree.end());
    record.ended_at = Timestamp::now();
    while let Err(error) = publish(&mut room, files, run, &record) {
        base::program::tell(&format!("convoy-agent: {}", chain(&error)));
        // Somebody removed the convoy: nobody waits for it.
        if !files.dir().is_dir() {
            break;
        }
        wait_readable(&[], Some(AGAIN));
    }
    Ok(())
}

fn owner(order: &Order) -> Result<FarOwner> {
    let host = host::name();
    let named =
        order.node.as_ref().and_then(|name| environment::found(|found| found == OsStr::new(name)).pop());
    Ok(FarOwner {
        token: order.token.clone(),
        process: ProcessId::current().context("read", Path::new("/proc/self/stat"))?,
        pid_namespace: PidNamespace::current()?,
        boot: Clock::open()?.boot().clone(),
        node: named.map_or_else(|| host.clone(), |(_, name)| name.to_string_lossy().into_owned()),
        host,
        at: Timestamp::now(),
    })
}

/// Writes what the command is to have as a copy of its own. What is there is not touched:
/// a home that is not hidden has it.
fn lay_out(order: &Order) -> base::Result<()> {
    for copy in &order.copies {
        let path = copy.path.as_path();
        let parent = path.parent().unwrap_or(path);
        DirBuilder::new().recursive(true).mode(0o700).create(parent).context("create", parent)?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => file.write_all(&copy.bytes).context("write", path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context("create", path),
        }
    }
    Ok(())
}

/// The command as it was ordered, in a session of its own.
fn command(order: &Order) -> base::Result<Spawn> {
    let cwd = order.cwd.as_path();
    // An engine that cannot go there starts its tasks elsewhere, and says nothing.
    std::env::set_current_dir(cwd).context("go to", cwd)?;
    let stdin = match &order.stdin {
        Some(path) => Stdin::File(File::open(path.as_path()).context("open", path.as_path())?),
        None => Stdin::Null,
    };
    let keeps = |name: &OsStr| {
        order.keep_env.iter().any(|kept| match kept.strip_suffix('*') {
            Some(beginning) => name.as_bytes().starts_with(beginning.as_bytes()),
            None => name == OsStr::new(kept),
        })
    };
    let mut environment: Variables = environment::found(keeps).into_iter().collect();
    let ordered = order.env.iter().map(|(name, value)| (name.as_path().into(), value.as_path().into()));
    environment.extend(ordered);
    Ok(Spawn {
        program: order.program.as_path().to_path_buf(),
        arguments: order.argv.iter().map(|word| word.as_path().into()).collect(),
        environment,
        cwd: None,
        stdin,
        outputs: Outputs::Inherited,
    })
}

fn publish(room: &mut Temporary, files: &FarFiles, run: u32, record: &FarRecord) -> base::Result<()> {
    let path = files.record(run);
    let mut bytes = serde_json::to_vec(record).map_err(io::Error::from).context("encode", &path)?;
    bytes.resize(bytes.len().max(RESERVED), b' ');
    room.file().rewind().context("write", &path)?;
    room.write(&bytes)?;
    room.rename(&path)
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Running,
    /// The command ended, something it left still runs: one grace.
    Lingering(Instant),
    /// TERM was sent; KILL follows.
    Terminating(Instant),
    Killing,
}

struct Shim<'a> {
    signals: &'a Signals,
    grace: Duration,
    /// The supervisor's words; `None`: there are none, or no more.
    control: Option<File>,
    /// It was there once.
    here: bool,
}

impl<'a> Shim<'a> {
    fn new(signals: &'a Signals, order: &Order) -> Self {
        let grace = Duration::from_millis(order.grace_ms);
        // Not through a buffer, which poll would not know of.
        let control = io::stdin().as_fd().try_clone_to_owned().ok().map(File::from);
        Shim { signals, grace, control, here: false }
    }

    /// Stays until nothing of the command's tree is left.
    fn supervise(&mut self, tree: &mut Tree, record: &mut FarRecord) {
        let mut stage = Stage::Running;
        while !tree.reap() {
            let now = Instant::now();
            let until = match stage {
                Stage::Running if tree.leader_end().is_some() => {
                    stage = Stage::Lingering(now + self.grace);
                    continue;
                }
                Stage::Lingering(until) if now >= until => {
                    tree.terminate();
                    stage = Stage::Terminating(now + self.grace);
                    continue;
                }
                Stage::Terminating(until) if now >= until => {
                    stage = Stage::Killing;
                    continue;
                }
                Stage::Running => None,
                Stage::Lingering(until) | Stage::Terminating(until) => Some(until - now),
                Stage::Killing => {
                    tree.kill();
                    Some(KILL_ROUND)
                }
            };
            if self.asked(until) && matches!(stage, Stage::Running | Stage::Lingering(_)) {
                record.told = matches!(stage, Stage::Running);
                tree.terminate();
                stage = Stage::Terminating(Instant::now() + self.grace);
            }
        }
    }

    /// Waits for news, at most so long. Is it to end?
    fn asked(&mut self, limit: Option<Duration>) -> bool {
        let heard = match &self.control {
            Some(control) => wait_readable(&[self.signals.as_fd(), control.as_fd()], limit)[1],
            None => {
                wait_readable(&[self.signals.as_fd()], limit);
                false
            }
        };
        let by_signal = self.signals.take().iter().any(|asked| *asked != Asked::Child);
        by_signal || (heard && self.listen())
    }

    fn listen(&mut self) -> bool {
        let Some(control) = &mut self.control else { return false };
        let mut words = [0; 16];
        let words = match control.read(&mut words) {
            Ok(n) if n > 0 => &words[..n],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return false,
            // Its supervisor is lost, or what leads to it: so is what it would print.
            Ok(_) | Err(_) => {
                self.control = None;
                return self.here;
            }
        };
        self.here |= words.contains(&HERE);
        words.contains(&END)
    }
}
