//! What the one thread that tells of changes is asked to look at, by those who
//! must not wait for a disk.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use base::ids::ConvoyId;

#[derive(Debug)]
pub(super) struct Bell {
    asked: Mutex<BTreeSet<ConvoyId>>,
    ring: UnixStream,
    heard: UnixStream,
}

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        let (ring, heard) = UnixStream::pair()?;
        ring.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Bell { asked: Mutex::default(), ring, heard })
    }

    /// Asks for a look at this convoy; each once, however often it is asked for.
    pub(super) fn ask(&self, id: &ConvoyId) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        // Full: it was rung often enough.
        let _ = (&self.ring).write(&[0]);
    }

    /// Readable when somebody has asked.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.heard.as_fd()
    }

    /// All that is asked for. Emptied first: who asks from now on rings again.
    pub(super) fn take(&self) -> BTreeSet<ConvoyId> {
        let mut rings = [0; 64];
        while matches!((&self.heard).read(&mut rings), Ok(n) if n > 0) {}
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base::poll::wait_readable;

    use super::*;

    #[test]
    fn whatever_is_asked_for_is_heard_once() {
        let bell = Bell::new().unwrap();
        let rings = || wait_readable(&[bell.fd()], Some(Duration::ZERO))[0];
        let id = |text: &str| text.parse::<ConvoyId>().unwrap();
        assert!(!rings() && bell.take().is_empty());
        for _ in 0..100_000 {
            bell.ask(&id("convoy-a-abc234"));
        }
        bell.ask(&id("convoy-b-abc234"));
        assert!(rings());
        assert_eq!(bell.take().len(), 2);
        assert!(!rings() && bell.take().is_empty());
    }
}
