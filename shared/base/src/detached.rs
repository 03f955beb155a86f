//! Becoming a process that keeps nothing of its caller (P6).

use std::path::Path;

use crate::error::{IoContext, Result};
use crate::files;

/// Starts a session of its own and closes every descriptor but the three
/// standard ones, which the caller has set.
pub fn leave_caller() -> Result<()> {
    // Fails only for a process that leads a group already: then it is detached.
    let _ = nix::unistd::setsid();
    std::env::set_current_dir("/").context("go to", Path::new("/"))?;
    let names = files::names(Path::new("/proc/self/fd"))?;
    let open: Vec<i32> = names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect();
    for fd in open.into_iter().filter(|fd| *fd > 2) {
        // One of them was the listing itself, closed already.
        let _ = nix::unistd::close(fd);
    }
    Ok(())
}
