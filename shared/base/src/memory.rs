//! Memory that was freed.

/// From here on what is freed at the end of the heap stays, for what comes next or until
/// [`give_back`]: else glibc's allocator cuts its heap after every large buffer, and has
/// the kernel make it longer for the next one.
pub fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a call of the C library")]
    // SAFETY: it takes the allocator's own locks and touches nothing that is in use.
    unsafe {
        nix::libc::mallopt(nix::libc::M_TRIM_THRESHOLD, -1);
    }
}

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
