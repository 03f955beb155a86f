//! The machine's name: processes can only be judged where they run.

/// The host name, as the kernel has it.
pub fn name() -> String {
    nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
