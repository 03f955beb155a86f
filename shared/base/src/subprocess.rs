//! Running a program to its end, within limits that its caller must see to.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{self, Pid};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::process::{Handle, watch_child};

/// Gives a command a session of its own: no terminal to ask questions on, and a name
/// for the whole group. The kernel kills it if the thread that starts it ends.
#[expect(
    unsafe_code,
    reason = "the calls between fork and exec are system calls only, which is what pre_exec allows"
)]
pub fn die_with_caller(command: &mut Command) {
    let caller = Pid::this();
    // SAFETY: the closure allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(move || Ok(die_with(caller)?));
    }
}

/// What a child does before it is another program, to get a session of its own that ends
/// with its caller. System calls only.
pub(crate) fn die_with(caller: Pid) -> nix::Result<()> {
    // A caller may read its signals from a descriptor; the command must not
    // inherit that they are blocked.
    SigSet::empty().thread_set_mask()?;
    unistd::setsid()?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // It may have died before the line above took effect.
    if unistd::getppid() == caller { Ok(()) } else { Err(Errno::ESRCH) }
}

/// How a bounded run ended.
#[derive(Debug)]
pub struct Ended {
    /// `None`: it had to be killed, because its time was over.
    pub status: Option<ExitStatus>,
    pub stdout: Captured,
    /// What it said to people; past `SAID` it is left out.
    pub stderr: Vec<u8>,
}

/// What a program printed for a program: all of it, or nothing to rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    Whole(Vec<u8>),
    /// It was more than so many bytes.
    TooMuch(usize),
}

impl Captured {
    /// Everything that was printed; an error: it was too much.
    pub fn whole(self) -> Result<Vec<u8>, TooMuch> {
        match self {
            Captured::Whole(bytes) => Ok(bytes),
            Captured::TooMuch(most) => Err(TooMuch { most }),
        }
    }
}

/// A program printed more than its caller takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it printed more than {} MB", .most >> 20)]
pub struct TooMuch {
    most: usize,
}

/// At most this much of what a program says to people is kept.
pub(crate) const SAID: usize = 1 << 20;
/// More than this is no short answer.
pub(crate) const SHORT: usize = 1 << 20;
/// More than this is no list, plan or report.
pub const LONG: usize = 256 << 20;

/// Runs a command that gives a short answer; see [`capture`].
pub fn output(command: Command, limit: Duration) -> io::Result<Ended> {
    capture(command, limit, SHORT)
}

/// Runs a command and collects both outputs, of standard output at most so many
/// bytes. Past `limit` it is killed, with its process group if it leads one. A descendant that keeps an output open is not
/// waited for; what was written before the command's end is read whole.
pub fn capture(command: Command, limit: Duration, most: usize) -> io::Result<Ended> {
    let mut stdout = Captured::Whole(Vec::new());
    let deadline = Instant::now() + limit;
    let streamed = run(command, |_| deadline, &mut |bytes| {
        if let Captured::Whole(all) = &mut stdout {
            if all.len() + bytes.len() > most {
                stdout = Captured::TooMuch(most);
            } else {
                all.extend_from_slice(bytes);
            }
        }
        Ok(())
    })?;
    Ok(Ended { status: streamed.status, stdout, stderr: streamed.stderr })
}

/// How a streamed run ended.
#[derive(Debug)]
pub struct Streamed {
    pub status: Option<ExitStatus>,
    pub stderr: Vec<u8>,
}

/// Runs a command and hands on what it prints as it comes, however much that is.
/// It is killed when it prints nothing for `limit`, or when `take` fails.
pub fn stream(
    command: Command,
    limit: Duration,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Streamed> {
    run(command, |heard| heard + limit, take)
}

fn run(
    mut command: Command,
    deadline: impl Fn(Instant) -> Instant,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Streamed> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let ended = follow(&mut child, deadline, take);
    if !matches!(ended, Ok(Streamed { status: Some(_), .. })) {
        kill(&mut child)?;
        child.wait()?;
    }
    ended
}

/// Kills a child, and its group where it was given one of its own.
fn kill(child: &mut Child) -> io::Result<()> {
    // It was not waited for: its pid is its own.
    let pid = Pid::from_raw(child.id() as i32);
    if unistd::getpgid(Some(pid)) == Ok(pid) {
        return Ok(nix::sys::signal::killpg(pid, Signal::SIGKILL)?);
    }
    child.kill()
}

fn follow(
    child: &mut Child,
    deadline: impl Fn(Instant) -> Instant,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Streamed> {
    let mut heard = Instant::now();
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    let handle = watch_child(child)?;
    let mut stderr = Vec::new();
    let mut said = |bytes: &[u8]| {
        let room = SAID.saturating_sub(stderr.len());
        stderr.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    };
    let mut out = Output { from: Some(out), take };
    let mut err = Output { from: Some(err), take: &mut said };
    let mut over = false;
    while !over {
        let Some(left) = deadline(heard).checked_duration_since(Instant::now()) else {
            return Ok(Streamed { status: None, stderr });
        };
        let ready = read_ready(&mut out, &mut err, &handle, left)?;
        over = ready.over;
        if ready.some {
            heard = Instant::now();
        }
    }
    // Its last words may still be in the pipes; whoever goes on writing is not it.
    for _ in 0..2 * LARGEST_PIPE / PIECE {
        if !read_ready(&mut out, &mut err, &handle, Duration::ZERO)?.some {
            break;
        }
    }
    Ok(Streamed { status: Some(child.wait()?), stderr })
}

/// What a pipe holds at most.
const LARGEST_PIPE: usize = 1 << 20;

/// Bytes read at once.
const PIECE: usize = 16384;

/// One output of the command; no reader when it has ended.
struct Output<'t, R> {
    from: Option<R>,
    take: &'t mut dyn FnMut(&[u8]) -> io::Result<()>,
}

impl<R: Read + AsFd> Output<'_, R> {
    fn take_some(&mut self) -> io::Result<()> {
        let Some(from) = &mut self.from else { return Ok(()) };
        let mut buffer = [0; PIECE];
        let n = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            read => read?,
        };
        if n == 0 {
            self.from = None;
            return Ok(());
        }
        (self.take)(&buffer[..n])
    }
}

struct Ready {
    /// The command has ended.
    over: bool,
    /// Something was read.
    some: bool,
}

/// Waits until there is something to read or the command has ended, and reads it.
fn read_ready(
    out: &mut Output<'_, ChildStdout>,
    err: &mut Output<'_, ChildStderr>,
    handle: &Handle,
    limit: Duration,
) -> io::Result<Ready> {
    let timeout = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) };
    let (over, out_ready, err_ready) = {
        let mut fds = vec![PollFd::from_borrowed_fd(handle.as_fd(), PollFlags::IN)];
        fds.extend(out.from.iter().map(|from| PollFd::from_borrowed_fd(from.as_fd(), PollFlags::IN)));
        let err_at = fds.len();
        fds.extend(err.from.iter().map(|from| PollFd::from_borrowed_fd(from.as_fd(), PollFlags::IN)));
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = |i: usize| fds.get(i).is_some_and(|fd| !fd.revents().is_empty());
        (ready(0), out.from.is_some() && ready(1), err.from.is_some() && ready(err_at))
    };
    if out_ready {
        out.take_some()?;
    }
    if err_ready {
        err.take_some()?;
    }
    Ok(Ready { over, some: out_ready || err_ready })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn sh(script: &str, limit: Duration) -> (Ended, Duration) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null());
        let begin = Instant::now();
        (output(command, limit).unwrap(), begin.elapsed())
    }

    fn length(ended: &Ended) -> usize {
        ended.stdout.clone().whole().unwrap().len()
    }

    #[test]
    fn what_was_written_before_the_end_is_read_whole() {
        for _ in 0..20 {
            let (ended, _) = sh("head -c 60000 /dev/zero; head -c 50000 /dev/zero >&2; exit 3", LONG);
            assert_eq!((length(&ended), ended.stderr.len()), (60_000, 50_000));
            assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        }
    }

    #[test]
    fn a_descendant_that_keeps_the_outputs_is_not_waited_for() {
        let (ended, took) = sh("echo hi; sleep 5 & exit 0", LONG);
        assert_eq!(ended.stdout, Captured::Whole(b"hi\n".to_vec()));
        assert!(ended.status.is_some() && took < Duration::from_secs(4), "{took:?}");
    }

    #[test]
    fn past_the_limit_it_is_killed() {
        let (ended, took) = sh("exec 1>&- 2>&-; exec sleep 10", Duration::from_millis(200));
        assert!(ended.status.is_none() && took < Duration::from_secs(8), "{took:?}");
    }

    #[test]
    fn past_the_limit_its_group_goes_with_it() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 1000 & echo $!; wait"]).stdin(Stdio::null());
        die_with_caller(&mut command);
        let ended = output(command, Duration::from_millis(500)).unwrap();
        assert!(ended.status.is_none());
        let pid: i32 = String::from_utf8(ended.stdout.whole().unwrap()).unwrap().trim().parse().unwrap();
        let end = Instant::now() + LONG;
        let lives =
            || crate::process::ProcessId::of(pid).unwrap().is_some_and(crate::process::ProcessId::is_living);
        while lives() {
            assert!(Instant::now() < end, "{pid} goes on");
            crate::poll::wait_readable(&[], Some(Duration::from_millis(5)));
        }
    }

    #[test]
    fn too_much_is_told_and_never_cut() {
        let (ended, _) = sh("head -c 3000000 /dev/zero", LONG);
        assert_eq!(ended.stdout, Captured::TooMuch(SHORT));
        assert_eq!(ended.stdout.whole().unwrap_err().to_string(), "it printed more than 1 MB");
        let (ended, _) = sh("head -c 1048576 /dev/zero; head -c 3000000 /dev/zero >&2", LONG);
        assert_eq!((length(&ended), ended.stderr.len()), (SHORT, SAID));
    }

    #[test]
    fn a_stream_is_handed_on_whole_or_ended() {
        let stream = |script: &str, limit, take: &mut dyn FnMut(&[u8]) -> io::Result<()>| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]).stdin(Stdio::null());
            stream(command, limit, take)
        };
        let mut got = 0;
        let all = stream("head -c 3000000 /dev/zero; exit 4", LONG, &mut |bytes| {
            got += bytes.len();
            Ok(())
        });
        assert_eq!((got, all.unwrap().status.and_then(|status| status.code())), (3_000_000, Some(4)));
        // It may take longer than the limit as long as it goes on.
        let script = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done";
        let slow = stream(script, Duration::from_millis(700), &mut |_| Ok(()));
        assert!(slow.unwrap().status.is_some());
        let begin = Instant::now();
        let left = stream("echo x; exec sleep 30", LONG, &mut |_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(left.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert!(begin.elapsed() < LONG, "it was killed");
    }
}
