//! Running a short program to its end, within a limit.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::process::{Handle, watch_child};

/// How a bounded run ended; no status: it had to be killed.
#[derive(Debug)]
pub struct Ended {
    pub status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// At most this much of each output is kept.
const KEPT: usize = 1 << 20;

/// Runs a command with both outputs collected. Past `limit` it is killed.
/// A descendant that keeps an output open is not waited for; what was written
/// before the command's end is read whole.
pub fn output(mut command: Command, limit: Duration) -> io::Result<Ended> {
    let deadline = Instant::now() + limit;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    let handle = match watch_child(&child) {
        Ok(handle) => handle,
        Err(error) => {
            child.kill()?;
            child.wait()?;
            return Err(error);
        }
    };
    let mut out = Collected::new(out);
    let mut err = Collected::new(err);
    let mut over = false;
    while !over {
        let Some(left) = deadline.checked_duration_since(Instant::now()) else {
            child.kill()?;
            child.wait()?;
            return Ok(Ended { status: None, stdout: out.bytes, stderr: err.bytes });
        };
        over = read_ready(&mut out, &mut err, &handle, left)?.over;
    }
    // Its last words may still be in the pipes; whoever goes on writing is not it.
    for _ in 0..2 * KEPT / PIECE {
        if !read_ready(&mut out, &mut err, &handle, Duration::ZERO)?.some {
            break;
        }
    }
    Ok(Ended { status: Some(child.wait()?), stdout: out.bytes, stderr: err.bytes })
}

/// Bytes read at once.
const PIECE: usize = 8192;

/// One output of the command; no reader when it has ended.
struct Collected<R> {
    from: Option<R>,
    bytes: Vec<u8>,
}

impl<R: Read + AsFd> Collected<R> {
    fn new(from: R) -> Self {
        Collected { from: Some(from), bytes: Vec::new() }
    }

    fn take_some(&mut self) -> io::Result<()> {
        let Some(from) = &mut self.from else { return Ok(()) };
        let mut buffer = [0; PIECE];
        let n = from.read(&mut buffer)?;
        let room = KEPT.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&buffer[..n.min(room)]);
        if n == 0 {
            self.from = None;
        }
        Ok(())
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
    out: &mut Collected<ChildStdout>,
    err: &mut Collected<ChildStderr>,
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

    fn sh(script: &str, limit: Duration) -> (Ended, Duration) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null());
        let begin = Instant::now();
        (output(command, limit).unwrap(), begin.elapsed())
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_was_written_before_the_end_is_read_whole() {
        for _ in 0..20 {
            let (ended, _) = sh("head -c 60000 /dev/zero; head -c 50000 /dev/zero >&2; exit 3", LONG);
            assert_eq!((ended.stdout.len(), ended.stderr.len()), (60_000, 50_000));
            assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        }
    }

    #[test]
    fn a_descendant_that_keeps_the_outputs_is_not_waited_for() {
        let (ended, took) = sh("echo hi; sleep 5 & exit 0", LONG);
        assert_eq!(ended.stdout, b"hi\n");
        assert!(ended.status.is_some() && took < Duration::from_secs(4), "{took:?}");
    }

    #[test]
    fn past_the_limit_it_is_killed() {
        let (ended, took) = sh("exec 1>&- 2>&-; exec sleep 10", Duration::from_millis(200));
        assert!(ended.status.is_none() && took < Duration::from_secs(8), "{took:?}");
    }

    #[test]
    fn much_output_is_bounded() {
        let (ended, _) = sh("head -c 3000000 /dev/zero", LONG);
        assert_eq!(ended.stdout.len(), KEPT);
    }
}
