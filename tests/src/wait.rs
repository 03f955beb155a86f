//! The one place that waits.

use std::time::{Duration, Instant};

use base::poll::wait_readable;

/// Generous: tests also run under load. A test that needs this long has failed.
pub const LIMIT: Duration = Duration::from_secs(180);

/// Waits until `probe` gives something; fails with `state` after [`LIMIT`].
pub fn until<T>(what: &str, state: impl Fn() -> String, probe: impl FnMut() -> Option<T>) -> T {
    within(LIMIT, what, state, probe)
}

/// The same, of what may take longer or shorter.
pub fn within<T>(
    limit: Duration,
    what: &str,
    state: impl Fn() -> String,
    mut probe: impl FnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain until {what}; {}", state());
        pause(Duration::from_millis(5));
    }
}

/// A pause between two looks.
pub fn pause(time: Duration) {
    wait_readable(&[], Some(time));
}
