//! Waiting for descriptors, and for time to pass: the one place that sleeps.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Where the kernel refuses to wait (no memory, more descriptors than are
/// allowed by now), the pause in its place: a loop around this never spins.
const REFUSED: Duration = Duration::from_millis(500);

/// Waits until one of the descriptors is readable; true for each that is.
/// Without descriptors it is a pause.
pub fn wait_readable(fds: &[BorrowedFd<'_>], timeout: Option<Duration>) -> Vec<bool> {
    let mut poll_fds: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    match poll(&mut poll_fds, timeout.map(timespec).as_ref()) {
        // An interrupted wait is a short one.
        Ok(_) | Err(Errno::INTR) => {}
        Err(_) => pause(timeout.map_or(REFUSED, |timeout| timeout.min(REFUSED))),
    }
    poll_fds.iter().map(|fd| !fd.revents().is_empty()).collect()
}

/// Lets time pass; a signal may cut it short.
pub fn pause(time: Duration) {
    // Without descriptors there is nothing that could be refused.
    let _ = poll(&mut [], Some(&timespec(time)));
}

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) }
}
