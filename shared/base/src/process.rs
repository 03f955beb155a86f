//! Processes, told apart by pid and start time, and the trees of dead supervisors.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use crate::pieces;

/// One process for as long as it lives: a pid can be used again, a pid with a
/// start time cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessId {
    pub pid: i32,
    /// Clock ticks after boot: field 22 of `/proc/<pid>/stat`.
    pub start: u64,
}

impl ProcessId {
    /// `None`: there is no such process (any more). An error: it cannot be looked at.
    pub fn of(pid: i32) -> io::Result<Option<Self>> {
        Ok(Stat::read(pid)?.map(|stat| ProcessId { pid, start: stat.start }))
    }

    /// This process.
    pub fn current() -> io::Result<Self> {
        Self::of(std::process::id() as i32)?.ok_or_else(|| io::Error::other("this process is not in /proc"))
    }

    /// Does it run, and will it go on? A process that was sent SIGKILL does not,
    /// though it may hold its locks a moment longer.
    pub fn is_living(self) -> bool {
        // What cannot be looked at is not said to live: this only saves work (P6).
        let alive = |stat: Stat| stat.start == self.start && !stat.zombie && !stat.exiting;
        matches!(Stat::read(self.pid), Ok(Some(stat)) if alive(stat)) && !kill_is_pending(self.pid)
    }

    /// Was it stopped (SIGSTOP, Ctrl-Z)? It does nothing until it is continued.
    pub fn is_stopped(self) -> bool {
        matches!(Stat::read(self.pid), Ok(Some(stat)) if stat.start == self.start && stat.stopped)
    }

    /// A descriptor that becomes readable when the process ends. `None`: it has
    /// ended. An error: it cannot be watched (no descriptor left, refused), which
    /// says nothing of whether it lives.
    pub fn open(self) -> io::Result<Option<Handle>> {
        let Some(pid) = Pid::from_raw(self.pid) else { return Ok(None) };
        let fd = match pidfd_open(pid, PidfdFlags::NONBLOCK) {
            Ok(fd) => fd,
            Err(Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Looked at after the open: now the pid cannot change hands under us.
        Ok((Self::of(self.pid)? == Some(self)).then_some(Handle { fd, id: self }))
    }
}

impl ProcessId {
    /// Sends signals, one after the other; an ended process is no error. Where no
    /// descriptor is to be had the pid must do, looked at just before.
    pub fn signal(self, signals: &[Signal]) -> io::Result<()> {
        match self.open() {
            Ok(handle) => signals.iter().for_each(|signal| handle.iter().for_each(|h| h.signal(*signal))),
            Err(_) => {
                for signal in signals {
                    if let (Some(pid), true) = (Pid::from_raw(self.pid), Self::of(self.pid)? == Some(self)) {
                        rustix::process::kill_process(pid, *signal)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A hold on a child that was not waited for: it keeps its pid, so this cannot be
/// another process.
pub fn watch_child(child: &std::process::Child) -> io::Result<Handle> {
    let id = ProcessId::of(child.id() as i32)?;
    let handle = id.map(ProcessId::open).transpose()?.flatten();
    handle.ok_or_else(|| io::Error::other("the process cannot be watched"))
}

/// A hold on one process (pidfd).
#[derive(Debug)]
pub struct Handle {
    fd: OwnedFd,
    id: ProcessId,
}

impl Handle {
    /// Which process it is.
    pub fn id(&self) -> ProcessId {
        self.id
    }

    /// Sends a signal; an ended process is no error.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = pidfd_send_signal(&self.fd, signal);
    }

    /// Waits for the end of the process, at most this long. True: it has ended.
    pub fn wait(&self, limit: Duration) -> bool {
        let timeout = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) };
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready > 0)
    }
}

impl AsFd for Handle {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What `/proc/<pid>/stat` says of a process.
#[derive(Debug, Clone, Copy)]
pub struct Stat {
    pub pid: i32,
    pub parent: i32,
    pub session: i32,
    pub start: u64,
    pub zombie: bool,
    /// By a signal; not by a debugger, which does that at every step.
    pub stopped: bool,
    /// On its way out of the kernel (`PF_EXITING`).
    pub exiting: bool,
}

impl Stat {
    /// `None`: there is no such process (any more), or not for our eyes (another
    /// user's, where `/proc` is mounted with `hidepid`).
    pub(crate) fn read(pid: i32) -> io::Result<Option<Self>> {
        let text = match read_of(pid, "stat") {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
            Err(error) => return Err(error),
        };
        let unknown = || io::Error::other(format!("/proc/{pid}/stat is not understood"));
        Self::parse(pid, &text).map(Some).ok_or_else(unknown)
    }

    /// The command name, in parentheses, may hold anything, also `)`.
    fn parse(pid: i32, text: &[u8]) -> Option<Self> {
        let after = text.iter().rposition(|&c| c == b')')? + 2;
        let fields = std::str::from_utf8(text.get(after..)?).ok()?;
        let mut fields = fields.split_ascii_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let _group = fields.next()?;
        let session = fields.next()?.parse().ok()?;
        // state is field 3, the flags are field 9, start time is field 22.
        let flags: u64 = fields.nth(2)?.parse().ok()?;
        let start = fields.nth(12)?.parse().ok()?;
        let exiting = flags & PF_EXITING != 0;
        let (zombie, stopped) = (matches!(state, "Z" | "X"), state == "T");
        Some(Stat { pid, parent, session, start, zombie, stopped, exiting })
    }
}

/// `PF_EXITING` of the kernel's `include/linux/sched.h`.
const PF_EXITING: u64 = 4;

/// Was the process sent a SIGKILL that it has not yet come to die of? The
/// kernel lists what is pending in `/proc/<pid>/status`, as masks in hexadecimal.
fn kill_is_pending(pid: i32) -> bool {
    const KILL: u64 = 1 << (9 - 1);
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return false };
    let pending = |line: &str| {
        let mask = line.strip_prefix("ShdPnd:").or_else(|| line.strip_prefix("SigPnd:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    };
    status.lines().filter_map(pending).any(|mask| mask & KILL != 0)
}

/// Files of `/proc` do not say how long they are; most are shorter.
const USUAL: u64 = 1023;

/// Reads a file of `/proc/<pid>/`. `None`: the process has gone.
fn read_of(pid: i32, file: &str) -> io::Result<Option<Vec<u8>>> {
    let open = File::open(format!("/proc/{pid}/{file}"));
    match open.and_then(|file| pieces::read_sized(&file, USUAL)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                || Errno::from_io_error(&error) == Some(Errno::SRCH) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// All processes of this pid namespace. An error is no proof of anything: least
/// of all that nothing is left.
pub fn all() -> io::Result<Vec<Stat>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) {
            found.extend(Stat::read(pid)?);
        }
    }
    Ok(found)
}

/// The processes whose standard input this file is.
pub fn with_stdin(path: &Path) -> io::Result<Vec<ProcessId>> {
    let wanted = match fs::metadata(path) {
        Ok(wanted) => wanted,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // Of another user's process, or one that has gone, nothing can be seen.
    let has = |stat: &Stat| {
        fs::metadata(format!("/proc/{}/fd/0", stat.pid))
            .is_ok_and(|found| (found.dev(), found.ino()) == (wanted.dev(), wanted.ino()))
    };
    let id = |stat: &Stat| ProcessId { pid: stat.pid, start: stat.start };
    Ok(all()?.iter().filter(|stat| has(stat)).map(id).collect())
}

/// The environment variable that marks detached parts of convoy itself (tmux
/// server, watcher, supervisors and what they run): they are nobody's leftovers,
/// even if they were first started from inside an agent.
pub const DETACHED_MARK: &str = "PANOPTICON_DETACHED";

/// Does the process's environment hold this `KEY=VALUE` (or, with a trailing
/// `=`, this key)?
fn environment_has(pid: i32, entry: &[u8]) -> io::Result<bool> {
    let environment = match read_of(pid, "environ") {
        Ok(environment) => environment.unwrap_or_default(),
        // Another user's process shows nothing, and so is no detached part of convoy.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Vec::new(),
        Err(error) => return Err(error),
    };
    let key_only = entry.ends_with(b"=");
    let is_it = |found: &[u8]| if key_only { found.starts_with(entry) } else { found == entry };
    Ok(environment.split(|&c| c == 0).any(is_it))
}

fn token_entry(token: &str) -> Vec<u8> {
    format!("CONVOY_TOKEN={token}").into_bytes()
}

/// A child of this process that has not been waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// On its way out: SIGCHLD will tell.
    Exiting,
    /// It has ended, or its first thread has.
    Zombie,
}

/// Does a child of this process end just now? A look at the children alone, which costs a
/// fraction of one at all processes there are; of a process with one thread. `None` says
/// nothing: not every kernel lists children.
pub fn ending_child() -> Option<Ending> {
    let listed = fs::read_to_string(format!("/proc/self/task/{}/children", std::process::id())).ok()?;
    let children = listed.split_ascii_whitespace().filter_map(|pid| pid.parse().ok());
    let mut endings = children.filter_map(|pid| match Stat::read(pid) {
        Ok(Some(stat)) if stat.zombie => Some(Ending::Zombie),
        Ok(Some(stat)) if stat.exiting => Some(Ending::Exiting),
        _ => None,
    });
    endings.next()
}

/// The descendants of `root`, nearest first. Detached parts of convoy that
/// were started from inside it, and their descendants, are not counted.
pub fn descendants(root: i32, token: &str) -> io::Result<Vec<ProcessId>> {
    let mut children: HashMap<i32, Vec<Stat>> = HashMap::new();
    for stat in all()? {
        children.entry(stat.parent).or_default().push(stat);
    }
    let mark = format!("{DETACHED_MARK}=").into_bytes();
    let token = token_entry(token);
    let mut found = Vec::new();
    let mut queue = vec![root];
    while let Some(parent) = queue.pop() {
        for stat in children.remove(&parent).unwrap_or_default() {
            if environment_has(stat.pid, &mark)? && !environment_has(stat.pid, &token)? {
                continue;
            }
            queue.push(stat.pid);
            if !stat.zombie {
                found.push(ProcessId { pid: stat.pid, start: stat.start });
            }
        }
    }
    Ok(found)
}

/// How to find what a dead supervisor left behind.
#[derive(Debug, Clone, Copy)]
pub struct Remains<'a> {
    pub token: &'a str,
    /// The session of the command it ran: the leader's identity.
    pub session: Option<ProcessId>,
}

impl Remains<'_> {
    /// Processes with the attempt's token in their environment or in its
    /// command's session. Never this process or its ancestors.
    pub fn find(&self) -> io::Result<Vec<ProcessId>> {
        let all = all()?;
        let spared = ancestors(&all);
        let token = token_entry(self.token);
        // While a session has members its leader's pid is not given out again;
        // a leader with another start time is a later, foreign one.
        let session = self.session.filter(|leader| {
            all.iter().find(|stat| stat.pid == leader.pid).is_none_or(|stat| stat.start == leader.start)
        });
        let mut found = Vec::new();
        for stat in all.iter().filter(|stat| !stat.zombie && !spared.contains(&stat.pid)) {
            let in_session = session.is_some_and(|leader| stat.session == leader.pid);
            if in_session || environment_has(stat.pid, &token)? {
                found.push(ProcessId { pid: stat.pid, start: stat.start });
            }
        }
        Ok(found)
    }

    /// Kills what is left, again and again, until two looks in a row find
    /// nothing. Returns what would not die within `limit`. An error: what is left
    /// is not known.
    pub fn reap(&self, limit: Duration) -> io::Result<Vec<ProcessId>> {
        let deadline = Instant::now() + limit;
        let mut empty_looks = 0;
        loop {
            let found = self.find()?;
            if found.is_empty() {
                empty_looks += 1;
                if empty_looks == 2 {
                    return Ok(found);
                }
                continue;
            }
            empty_looks = 0;
            kill_all(&found)?;
            if Instant::now() > deadline {
                return Ok(found);
            }
        }
    }
}

/// This process and the chain of its parents.
fn ancestors(all: &[Stat]) -> HashSet<i32> {
    let parents: HashMap<i32, i32> = all.iter().map(|stat| (stat.pid, stat.parent)).collect();
    let mut chain = HashSet::new();
    let mut pid = std::process::id() as i32;
    while pid > 0 && chain.insert(pid) {
        pid = parents.get(&pid).copied().unwrap_or(0);
    }
    chain
}

/// A signal to each, one after the other: as many as there may be, one descriptor
/// is enough. Tells of the first that could not be reached.
pub fn signal_all(processes: &[ProcessId], signals: &[Signal]) -> io::Result<()> {
    let mut done = Ok(());
    for process in processes {
        done = done.and(process.signal(signals));
    }
    done
}

/// SIGKILL to each, then a moment for them to go.
pub fn kill_all(processes: &[ProcessId]) -> io::Result<()> {
    signal_all(processes, &[Signal::KILL])?;
    for process in processes {
        if let Some(handle) = process.open()? {
            handle.wait(Duration::from_millis(200));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_name_may_hold_parentheses() {
        let line = b"42 (a) b) (c) S 7 8 9 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 777 1 2";
        let stat = Stat::parse(42, line).unwrap();
        assert_eq!((stat.parent, stat.session, stat.start, stat.zombie), (7, 9, 777, false));
    }

    #[test]
    fn this_process_is_itself() {
        let me = ProcessId::current().unwrap();
        assert_eq!(ProcessId::of(me.pid).unwrap(), Some(me));
        let stale = ProcessId { start: me.start + 1, ..me };
        assert!(stale.open().unwrap().is_none(), "another start time is another process");
        assert!(!me.open().unwrap().unwrap().wait(Duration::ZERO));
    }
}
