//! Running a short program to its end, within a limit.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

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
/// A descendant that keeps an output open is not waited for.
pub fn output(mut command: Command, limit: Duration) -> io::Result<Ended> {
    let deadline = Instant::now() + limit;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        let Some(left) = deadline.checked_duration_since(Instant::now()) else {
            return kill(child, stdout, stderr);
        };
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let interest = |open| if open { PollFlags::IN } else { PollFlags::empty() };
        let (out_ready, err_ready) = {
            let mut fds = [
                PollFd::from_borrowed_fd(out.as_fd(), interest(out_open)),
                PollFd::from_borrowed_fd(err.as_fd(), interest(err_open)),
            ];
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            (!fds[0].revents().is_empty(), !fds[1].revents().is_empty())
        };
        if out_open && out_ready {
            out_open = take_some(&mut out, &mut stdout)?;
        }
        if err_open && err_ready {
            err_open = take_some(&mut err, &mut stderr)?;
        }
        if (out_open || err_open)
            && let Some(status) = child.try_wait()?
        {
            return Ok(Ended { status: Some(status), stdout, stderr });
        }
    }
    wait(child, deadline, stdout, stderr)
}

/// False at the end of the stream.
fn take_some(from: &mut impl Read, into: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let n = from.read(&mut buffer)?;
    let room = KEPT.saturating_sub(into.len());
    into.extend_from_slice(&buffer[..n.min(room)]);
    Ok(n > 0)
}

fn kill(mut child: Child, stdout: Vec<u8>, stderr: Vec<u8>) -> io::Result<Ended> {
    child.kill()?;
    child.wait()?;
    Ok(Ended { status: None, stdout, stderr })
}

/// Both outputs are closed; the end is near, but a program may close them and go on.
fn wait(mut child: Child, deadline: Instant, stdout: Vec<u8>, stderr: Vec<u8>) -> io::Result<Ended> {
    let handle = crate::process::ProcessId::of(child.id() as i32).and_then(crate::process::ProcessId::open);
    let left = deadline.saturating_duration_since(Instant::now());
    if let Some(handle) = handle
        && !handle.wait(left)
    {
        return kill(child, stdout, stderr);
    }
    Ok(Ended { status: Some(child.wait()?), stdout, stderr })
}
