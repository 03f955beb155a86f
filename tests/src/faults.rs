//! Which errors a system call may meet, for the sweep that injects them: what a
//! full or failing disk, used up descriptors, processes or memory, and a mount
//! or a policy that forbids can answer in the place of success.
//!
//! Left out, and why:
//! - memory for the program itself (`brk`, `mmap` other than for a thread's
//!   stack, `mprotect`, `munmap`): a failed allocation aborts, which is a death
//!   like any other, and the sweep of kills walks through those;
//! - the loader, up to where the program's own runtime begins: the loader tells
//!   of it, no line of ours has run;
//! - `poll`: the kernel takes memory for it only above some thirty descriptors;
//! - `close`, `exit_group`, `wait4`, clocks, signals, identities: none of the
//!   errors looked at is among what they answer.

use crate::trace::Call;

/// One error at one moment: the `when`-th call of this name answers `error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub call: String,
    /// From 1.
    pub when: usize,
    pub error: &'static str,
    /// What the call was in the undisturbed run.
    pub line: String,
}

impl Fault {
    /// For people, and for `CONVOY_AT`.
    pub fn name(&self) -> String {
        format!("{}:{}:{}", self.call, self.when, self.error)
    }

    /// Is this what the call may answer?
    pub fn may_meet(&self, call: &Call) -> bool {
        errors(call).contains(&self.error)
    }

    /// For strace.
    pub fn injection(&self) -> String {
        format!("inject={}:error={}:when={}", self.call, self.error, self.when)
    }
}

/// Every fault of an undisturbed run, traced with `-y`.
pub fn all(calls: &[Call]) -> Vec<Fault> {
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    let mut is_ours = false;
    let mut faults = Vec::new();
    for call in calls {
        let when = seen.entry(&call.name).or_default();
        *when += 1;
        if is_ours {
            faults.extend(errors(call).into_iter().map(|error| Fault {
                call: call.name.clone(),
                when: *when,
                error,
                line: call.line.clone(),
            }));
        }
        // The first thing the runtime does: are the three standard descriptors open?
        is_ours |= call.name == "poll" && call.line.contains("fd=2");
    }
    faults
}

/// What this call may answer.
fn errors(call: &Call) -> Vec<&'static str> {
    let line = call.line.as_str();
    let of_file = line.contains("</") && !line.contains("<pipe:") && !line.contains("<anon_inode:");
    match call.name.as_str() {
        "open" | "openat" | "openat2" if line.contains("O_CREAT") => {
            vec!["EMFILE", "ENFILE", "ENOSPC", "EIO", "EACCES", "ENOMEM"]
        }
        "open" | "openat" | "openat2" => vec!["EMFILE", "ENFILE", "EIO", "EACCES", "ENOMEM"],
        "read" | "readv" | "pread64" if of_file => vec!["EIO", "ENOMEM"],
        // Readable a moment ago, and no more. (Pipes are left out: whether one
        // blocks is not to be seen, and one that does never answers this.)
        "read" | "readv" if line.contains("<anon_inode:") => vec!["EAGAIN"],
        "write" | "writev" | "pwrite64" if of_file => vec!["ENOSPC", "EIO"],
        "copy_file_range" | "sendfile" | "splice" => vec!["ENOSPC", "EIO", "ENOMEM"],
        "fsync" | "fdatasync" | "syncfs" | "sync_file_range" | "chmod" | "fchmod" | "fchmodat"
        | "utimensat" => {
            vec!["EIO", "ENOSPC"]
        }
        "ftruncate" | "fallocate" => vec!["ENOSPC", "EIO"],
        "rename" | "renameat" | "renameat2" | "link" | "linkat" | "symlink" | "symlinkat" | "mkdir"
        | "mkdirat" | "mknodat" => vec!["ENOSPC", "EIO", "EACCES"],
        "unlink" | "unlinkat" | "rmdir" => vec!["EIO", "EACCES"],
        "fstat" | "getdents64" => vec!["EIO", "ENOMEM"],
        "newfstatat" | "statx" if line.contains("AT_EMPTY_PATH") => vec!["EIO", "ENOMEM"],
        "stat" | "lstat" | "newfstatat" | "statx" | "statfs" | "access" | "faccessat" | "faccessat2"
        | "readlink" | "readlinkat" | "chdir" | "getcwd" => vec!["EIO", "EACCES", "ENOMEM"],
        // Another holder, for a moment.
        "flock" if line.contains("LOCK_NB") => vec!["EAGAIN", "ENOLCK"],
        "flock" if !line.contains("LOCK_UN") => vec!["ENOLCK"],
        "clone" | "clone3" | "fork" | "vfork" => vec!["EAGAIN", "ENOMEM"],
        // A thread's stack; the runtime's own is readable from the first.
        "mmap" if line.contains("PROT_NONE") && line.contains("MAP_STACK") => vec!["ENOMEM"],
        "pipe2" | "socketpair" | "epoll_create1" | "eventfd2" | "inotify_init1" | "signalfd4"
        | "timerfd_create" | "pidfd_open" | "socket" | "accept4" | "memfd_create" => {
            vec!["EMFILE", "ENFILE", "ENOMEM"]
        }
        "inotify_add_watch" => vec!["ENOSPC", "EACCES", "ENOMEM"],
        "dup" | "dup2" | "dup3" => vec!["EMFILE"],
        "fcntl" if line.contains("F_DUPFD") => vec!["EMFILE"],
        "connect" => vec!["EAGAIN", "EACCES"],
        _ => Vec::new(),
    }
}
