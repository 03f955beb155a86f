//! What is installed on this machine, as far as the runners at hand ask.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::{self, Environment, find_on_path, is_convoy_marker};
use base::error::{IoContext, Result};
use base::version::Version;
use base::{files, subprocess};
use protocol::agent_environment::is_basic;

use crate::runner::{Login, Program, Provider, Runner};

/// A CLI that does not tell its version in this time is not waited for. Those that
/// take three seconds on a quiet machine take more than ten on a busy one.
const PROBE_LIMIT: Duration = Duration::from_secs(40);

/// Asks the machine; nothing is remembered between calls.
#[derive(Debug, Clone)]
pub struct Machine<'e> {
    environment: &'e Environment,
}

impl<'e> Machine<'e> {
    /// The machine as this environment has it; nothing is asked yet.
    pub fn new(environment: &'e Environment) -> Self {
        Machine { environment }
    }

    /// A runner's program by its name, absolute. A command with a slash in it is
    /// meant relative to the project, where it runs.
    pub(super) fn find(&self, runner: &Runner, program: &str, project: &Path) -> Result<Option<PathBuf>> {
        match runner.program {
            Program::OnPath(_) => self.environment.find_program(program),
            Program::Siblings(_) => environment::find_sibling(self.environment, program),
            Program::Command => {
                let path = self.environment.var("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
                find_on_path(path, program, project)
            }
        }
    }

    /// A program on PATH, absolute.
    pub fn on_path(&self, program: &str) -> Result<Option<PathBuf>> {
        self.environment.find_program(program)
    }

    /// Where a runner's own program is, if it has one and it is installed.
    pub fn program(&self, runner: &Runner) -> Result<Option<PathBuf>> {
        match &runner.program {
            Program::OnPath(program) => self.environment.find_program(program),
            Program::Siblings(_) | Program::Command => Ok(None),
        }
    }

    /// Is the runner's program installed, and does it look logged in?
    pub(crate) fn is_usable(&self, runner: &Runner) -> Result<bool> {
        let installed = match &runner.program {
            Program::OnPath(_) => self.program(runner)?.is_some(),
            Program::Siblings(_) => true,
            Program::Command => false,
        };
        match &runner.login {
            Some(login) if installed => self.looks_logged_in(login),
            _ => Ok(installed),
        }
    }

    /// Looks for variables and files; reads none of them.
    pub fn looks_logged_in(&self, login: &Login) -> Result<bool> {
        let is_set = |name: &String| self.environment.var(name).is_some_and(|value| !value.is_empty());
        if login.env.iter().any(is_set) {
            return Ok(true);
        }
        for path in login.files.iter().filter_map(|file| self.login_file(file)) {
            if files::find(&path).context("look at", &path)?.is_some_and(|found| found.is_file()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The services of a runner that are switched on.
    pub(super) fn providers<'r>(&self, runner: &'r Runner) -> impl Iterator<Item = &'r Provider> {
        runner.providers.iter().filter(|provider| {
            self.value(&provider.switch).is_some_and(|value| !matches!(value, "0" | "false"))
        })
    }

    /// What such a service does not work without and is not set, in words.
    pub(super) fn lacks(&self, provider: &Provider) -> Vec<String> {
        let is_missing = |names: &&Vec<String>| names.iter().all(|name| self.value(name).is_none());
        provider.needs.iter().filter(is_missing).map(|names| names.join(" or ")).collect()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.environment.var(name)?.to_str().filter(|value| !value.is_empty())
    }

    /// `~/x` and `$NAME/x`; `None` where home or variable is not known.
    fn login_file(&self, file: &str) -> Option<PathBuf> {
        if let Some(rest) = file.strip_prefix("~/") {
            return Some(self.environment.user_home.as_ref()?.join(rest));
        }
        if let Some((name, rest)) = file.strip_prefix('$').and_then(|file| file.split_once('/')) {
            let dir = self.environment.var(name).filter(|dir| !dir.is_empty())?;
            return Some(Path::new(dir).join(rest));
        }
        Some(PathBuf::from(file))
    }

    /// Does this kernel let a sandbox begin? `None`: it does; else what it says.
    pub fn refuses_sandbox(&self, bwrap: &Path) -> Result<Option<String>> {
        let mut command = Command::new(bwrap);
        command.args([
            "--unshare-user",
            "--unshare-pid",
            "--unshare-net",
            "--ro-bind",
            "/",
            "/",
            "--proc",
            "/proc",
        ]);
        command.args(["--", "/bin/true"]).stdin(Stdio::null()).current_dir("/").env_clear();
        let ended = subprocess::output(command, PROBE_LIMIT).context("run", bwrap)?;
        if ended.status.is_some_and(|status| status.success()) {
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let last = said.lines().last().unwrap_or("it did not end").trim();
        Ok(Some(base::text::visible(last)))
    }

    /// What the CLI says its version is, run as an agent would run it but far
    /// from the project; `None` if it says none. One that could not be asked is an
    /// error: it would pass for an old one, which is given fewer limits.
    pub fn version(&self, runner: &Runner, program: &Path) -> Result<Option<Version>> {
        let Some(words) = &runner.version else { return Ok(None) };
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null()).current_dir("/").env_clear().envs(self.handed_on(runner));
        let ended = subprocess::output(command, PROBE_LIMIT).context("run", program)?;
        let Some(status) = ended.status else {
            let late = format!("no answer in {} s", PROBE_LIMIT.as_secs());
            let late = std::io::Error::new(std::io::ErrorKind::TimedOut, late);
            return Err(late).context("tell the version of", program);
        };
        // A version is a line; whatever prints more tells none. Some print it as an aside.
        let find = |said: Vec<u8>| Version::find(&String::from_utf8_lossy(&said));
        let said = ended.stdout.whole().ok().into_iter().chain([ended.stderr]);
        Ok(said.filter(|_| status.success()).find_map(find))
    }

    fn handed_on<'a>(&'a self, runner: &'a Runner) -> BTreeMap<&'a OsStr, &'a OsStr> {
        let wanted = |name: &OsStr| {
            let named = runner.pass_env.iter().any(|passed| OsStr::new(passed) == name);
            (named || is_basic(name.as_encoded_bytes())) && !is_convoy_marker(name)
        };
        let variables = self.environment.variables.iter();
        let mut out: BTreeMap<&OsStr, &OsStr> = variables
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
            .filter(|(name, _)| wanted(name))
            .collect();
        out.extend(runner.set_env.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value))));
        out
    }
}
