//! What a process has of memory.

/// Gives back to the system what was freed: who waits for hours keeps no room for what it
/// has read at its beginning.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    trim();
}

#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "a call of the C library without a safe form")]
fn trim() {
    // SAFETY: it takes no pointer, and may be called at any time.
    unsafe {
        nix::libc::malloc_trim(0);
    }
}
