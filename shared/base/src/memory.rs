//! Memory that was freed.

/// Gives what is free back to the system. glibc's allocator by itself only cuts its heaps
/// at their ends: what lies free between small things that are still used stays in memory.
/// Other allocators have no such call.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a call of the C library")]
    // SAFETY: it takes the allocator's own locks and touches nothing that is in use.
    unsafe {
        nix::libc::malloc_trim(0);
    }
}
