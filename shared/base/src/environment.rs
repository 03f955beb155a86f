//! The environment, read once at the top of each program into a typed value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, IoContext, Result};
use crate::files;

/// What the programs want to know of their surroundings.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The state directory, absolute: `PANOPTICON_HOME`, else `~/.panopticon`.
    pub home: PathBuf,
    /// The user's home directory, if known.
    pub user_home: Option<PathBuf>,
    pub current_dir: PathBuf,
    /// All variables, for handing on chosen ones.
    pub variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Result<Self> {
        let variables: BTreeMap<_, _> = std::env::vars_os().collect();
        // Another one in its place would be reviewed, or written to.
        let current_dir = std::env::current_dir().context("read", Path::new("the current directory"))?;
        Self::from_parts(variables, current_dir)
    }

    /// `PANOPTICON_HOME`, else `~/.panopticon`; `HOME` falls back to the password database.
    pub fn from_parts(variables: BTreeMap<OsString, OsString>, current_dir: PathBuf) -> Result<Self> {
        let var = |name: &str| variables.get(OsStr::new(name)).filter(|v| !v.is_empty());
        let user_home = var("HOME").map(PathBuf::from).or_else(|| {
            // Who the database does not tell of is told below that HOME is missing.
            nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().map(|user| user.dir)
        });
        let root = match (var("PANOPTICON_HOME"), &user_home) {
            (Some(root), _) => current_dir.join(root),
            (None, Some(home)) => current_dir.join(home).join(".panopticon"),
            (None, None) => {
                return Err(Error::invalid(
                    "no state directory: neither PANOPTICON_HOME nor HOME is set",
                    "set HOME, or PANOPTICON_HOME to a directory of your own",
                ));
            }
        };
        Ok(Environment { home: root, user_home, current_dir, variables })
    }

    /// A variable, byte for byte; `None`: it is not set.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The first executable of this name on PATH, absolute; see [`find_on_path`].
    pub fn find_program(&self, name: &str) -> Result<Option<PathBuf>> {
        find_on_path(
            self.var("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin")),
            name,
            &self.current_dir,
        )
    }
}

/// Looks a program up in a PATH value; a name with a slash is taken relative to
/// `base`. `None`: it is not there, or not for this user to run. An error: what
/// there is could not be looked at, and that is not to be taken for absence.
pub fn find_on_path(path: &OsStr, name: &str, base: &Path) -> Result<Option<PathBuf>> {
    if name.contains('/') {
        let candidate = base.join(name);
        return Ok(is_executable(&candidate)?.then_some(candidate));
    }
    for dir in std::env::split_paths(path) {
        let candidate = base.join(dir).join(name);
        if is_executable(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn is_executable(candidate: &Path) -> Result<bool> {
    // What this user may not look at it may not run either: a shell goes on, too.
    let is_file = match files::find(candidate) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => false,
        found => found.context("look at", candidate)?.is_some_and(|found| found.is_file()),
    };
    Ok(is_file && nix::unistd::access(candidate, nix::unistd::AccessFlags::X_OK).is_ok())
}

/// Variables that mark an agent's own command; the programs remove them from
/// whatever else they start (P12).
pub fn is_convoy_marker(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    bytes.starts_with(b"PANOPTICON_CONVOY_") || bytes.starts_with(b"CONVOY_")
}

/// Set by `pan` for the program it becomes, which hands it on to those it runs.
pub const CALLED_BY: &str = "PANOPTICON_CALLED_BY";

/// Was this program, or whoever runs it, called through `pan`?
#[expect(
    clippy::disallowed_methods,
    reason = "asked where there may be no environment yet: a wrong argument"
)]
pub(crate) fn is_called_by_pan() -> bool {
    std::env::var_os(CALLED_BY).is_some_and(|caller| caller == "pan")
}

/// Removes what marks an agent's own command (P12).
#[expect(
    clippy::disallowed_methods,
    reason = "only names are read, to remove them from a child's environment"
)]
pub fn scrub(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if is_convoy_marker(&name) {
            command.env_remove(name);
        }
    }
}

/// The variables of these names, where a program has no state directory of its own: on
/// the far side of an attempt.
#[expect(clippy::disallowed_methods, reason = "what an engine sets there is nowhere else")]
pub fn found(wanted: impl Fn(&OsStr) -> bool) -> Vec<(OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| wanted(name)).collect()
}

/// A sibling program: beside the running one, else on PATH.
pub fn sibling(environment: &Environment, name: &str) -> Result<PathBuf> {
    find_sibling(environment, name)?.ok_or_else(|| {
        let what = format!("the program {name} is neither beside this one nor on PATH");
        Error::invalid(what, "install all programs: make install")
    })
}

/// A sibling program, if it is there.
pub fn find_sibling(environment: &Environment, name: &str) -> Result<Option<PathBuf>> {
    let own = Path::new("/proc/self/exe");
    let beside = std::fs::read_link(own).context("read", own)?.with_file_name(name);
    let found = files::find(&beside).context("look at", &beside)?;
    if found.is_some_and(|found| found.is_file()) { Ok(Some(beside)) } else { environment.find_program(name) }
}
