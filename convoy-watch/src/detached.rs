//! Becoming a process that keeps nothing of its caller (P6).

use std::fs;

use anyhow::{Context, Result};

/// Starts a session of its own and closes every descriptor but the three
/// standard ones, which the caller has set.
pub(crate) fn leave_caller() -> Result<()> {
    // Fails only for a process that leads a group already: then it is detached.
    let _ = nix::unistd::setsid();
    std::env::set_current_dir("/").context("cannot leave the directory")?;
    let open: Vec<i32> = fs::read_dir("/proc/self/fd")
        .context("cannot list descriptors")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for fd in open {
        // One of them was the listing itself, closed already.
        let _ = nix::unistd::close(fd);
    }
    Ok(())
}
