//! Where a program runs, and so which processes it can judge.
//!
//! A process can be seen, signalled and proved gone in one pid namespace of one
//! boot. The name of the machine says nothing of that: a new container on the
//! same volume has another one, and a machine can be renamed.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::{BootId, Clock};
use crate::error::{Error, IoContext, Result};

/// The inode of a pid namespace (`pid_namespaces(7)`). While one lives no other
/// has its number; when it ends, the kernel kills all that ran in it. So the same
/// number is the same namespace, or one of which nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PidNamespace(u64);

impl PidNamespace {
    /// The one of this process.
    pub fn current() -> Result<Self> {
        let path = Path::new("/proc/self/ns/pid");
        let link = fs::read_link(path).context("read", path)?;
        let number =
            link.to_str().and_then(|text| text.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok());
        number.map(PidNamespace).ok_or_else(|| {
            let what = format!("{} is not understood: {}", path.display(), crate::text::path(&link));
            Error::invalid(what, "mount the /proc of a Linux kernel")
        })
    }
}

/// Where this program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    host: String,
    boot: BootId,
    pid_namespace: PidNamespace,
}

/// How processes look from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// They can be seen, signalled, and proved gone.
    Clear,
    /// They ended with an earlier boot of this machine.
    Over,
    /// Nothing can be said of them but whether their supervisor holds its claim.
    Hidden,
}

impl Here {
    /// Asks the system. An error: processes cannot be looked at from here.
    pub fn look() -> Result<Self> {
        let shown = fs::read_link("/proc/self").context("read", Path::new("/proc/self"))?;
        if shown.as_os_str() != std::process::id().to_string().as_str() {
            return Err(Error::invalid(
                "/proc is the one of another pid namespace: processes cannot be distinguished here",
                "mount its own: unshare --mount-proc, or start the container with one",
            ));
        }
        Ok(Here {
            host: name(),
            boot: Clock::open()?.boot().clone(),
            pid_namespace: PidNamespace::current()?,
        })
    }

    /// The name of this host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How processes look from here that were started in this boot and pid
    /// namespace (where that is known) of a machine that had this name.
    pub fn sight(&self, boot: &BootId, pid_namespace: Option<PidNamespace>, host: &str) -> Sight {
        let same_name = host == self.host;
        match pid_namespace {
            _ if *boot != self.boot && same_name => Sight::Over,
            // Another machine's, or a renamed one's before its last boot.
            _ if *boot != self.boot => Sight::Hidden,
            Some(namespace) if namespace == self.pid_namespace => Sight::Clear,
            None if same_name => Sight::Clear,
            Some(_) | None => Sight::Hidden,
        }
    }

    /// Is what was noted with this name and boot another machine's, as far as can
    /// be told?
    pub fn is_foreign(&self, host: &str, boot: &BootId) -> bool {
        host != self.host && *boot != self.boot
    }
}

/// The host name, as the kernel has it: a name for people.
pub fn name() -> String {
    nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_and_the_namespace_decide_and_not_the_name() {
        let here =
            Here { host: "h".to_owned(), boot: BootId("b".to_owned()), pid_namespace: PidNamespace(1) };
        for (boot, namespace, host, want) in [
            ("b", Some(1), "h", Sight::Clear),
            ("b", Some(1), "renamed", Sight::Clear),
            ("b", Some(2), "h", Sight::Hidden),
            ("b", Some(2), "renamed", Sight::Hidden),
            ("earlier", Some(1), "h", Sight::Over),
            ("earlier", Some(2), "h", Sight::Over),
            ("other", Some(1), "elsewhere", Sight::Hidden),
            // Claims of an earlier version.
            ("b", None, "h", Sight::Clear),
            ("b", None, "renamed", Sight::Hidden),
            ("earlier", None, "h", Sight::Over),
        ] {
            let seen = here.sight(&BootId(boot.to_owned()), namespace.map(PidNamespace), host);
            assert_eq!(seen, want, "{boot} {namespace:?} {host}");
        }
    }

    #[test]
    fn this_process_sees_itself() {
        let here = Here::look().unwrap();
        let mine = PidNamespace::current().unwrap();
        assert_eq!(here.sight(&here.boot, Some(mine), "any name"), Sight::Clear);
    }
}
