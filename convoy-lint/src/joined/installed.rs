//! Linters of this machine: found, asked for their version, and run within bounds.
//! Never one of the project under review: a change could bring its own reviewer along.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base::environment::{self, Environment};
use base::subprocess;
use base::text;

/// What they print is no more than this.
const MOST: usize = 64 << 20;
/// A version is told at once.
const ASKED: Duration = Duration::from_secs(10);

/// A linter that is there.
#[derive(Debug)]
pub(super) struct Installed {
    program: PathBuf,
    /// The directories of PATH, without those of the project.
    path: OsString,
    pub(super) version: String,
    deadline: Instant,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    NotInstalled,
    /// There is something, and it is not used.
    Unusable(String),
}

impl Missing {
    pub(super) fn why(self) -> String {
        match self {
            Missing::NotInstalled => "it is not installed".to_owned(),
            Missing::Unusable(why) => why,
        }
    }
}

/// How the linters of a machine are looked for.
#[derive(Debug)]
pub(super) struct Machine<'e> {
    pub(super) environment: &'e Environment,
    /// Without links.
    pub(super) project: &'e Path,
    /// How long one may take, all in all.
    pub(super) limit: Duration,
}

impl Machine<'_> {
    /// Finds the linter of this name. `version` takes it from what it prints of itself.
    pub(super) fn find(
        &self,
        name: &str,
        version: impl Fn(&str) -> Option<String>,
    ) -> Result<Installed, Missing> {
        let (path, left_out) = self.path();
        let found = environment::find_on_path(&path, name, Path::new("/"));
        let found = found.map_err(|error| Missing::Unusable(error.to_string()))?;
        let program = match found.map(|program| self.outside(program)) {
            Some(Ok(program)) => program,
            Some(Err(why)) => return Err(Missing::Unusable(why)),
            None if left_out.iter().any(|dir| dir.join(name).is_file()) => {
                return Err(Missing::Unusable(
                    "the one on PATH is in the project, and is not run".to_owned(),
                ));
            }
            None => return Err(Missing::NotInstalled),
        };
        let mut it =
            Installed { program, path, version: String::new(), deadline: Instant::now() + self.limit };
        let said = it.run(Path::new("/"), &["--version".into()], ASKED).map_err(Missing::Unusable)?;
        let words = String::from_utf8_lossy(&said.stdout);
        let Some(version) = version(&words).filter(|_| said.code == 0) else {
            let first: String = words.lines().next().unwrap_or_default().chars().take(60).collect();
            return Err(Missing::Unusable(format!(
                "{} is not it: asked for its version it says '{}' (exit code {})",
                text::path(&it.program),
                text::visible(&first),
                said.code
            )));
        };
        it.version = version;
        Ok(it)
    }

    /// PATH without what is relative or leads into the project, and what that was.
    fn path(&self) -> (OsString, Vec<PathBuf>) {
        let path = self.environment.var("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
        let is_ours = |dir: &PathBuf| dir.is_absolute() && !self.is_inside(dir);
        let (kept, left_out): (Vec<PathBuf>, Vec<PathBuf>) = std::env::split_paths(path).partition(is_ours);
        let left_out = left_out.into_iter().map(|dir| self.environment.current_dir.join(dir)).collect();
        // None of them has a colon.
        (std::env::join_paths(kept).unwrap_or_default(), left_out)
    }

    fn is_inside(&self, path: &Path) -> bool {
        let real = path.canonicalize();
        path.starts_with(self.project) || real.is_ok_and(|real| real.starts_with(self.project))
    }

    fn outside(&self, program: PathBuf) -> Result<PathBuf, String> {
        if self.is_inside(&program) {
            return Err(format!("{} leads into the project, and is not run", text::path(&program)));
        }
        Ok(program)
    }
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) code: i32,
}

impl Said {
    /// Its complaint, in one line.
    pub(super) fn complaint(&self) -> String {
        let said = String::from_utf8_lossy(&self.stderr);
        let line: String = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing").to_owned();
        let line: String = line.trim().chars().take(120).collect();
        format!("exit code {}: {}", self.code, text::visible(&line))
    }
}

impl Installed {
    /// Runs it there, with an environment of its own; the error says why there is
    /// nothing to rely on.
    pub(super) fn run(&self, dir: &Path, words: &[OsString], most: Duration) -> Result<Said, String> {
        let left = self.deadline.saturating_duration_since(Instant::now()).min(most);
        if left.is_zero() {
            return Err("its time was over".to_owned());
        }
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .env_clear()
            .env("PATH", &self.path)
            // No settings of anybody's, and names of any language.
            .env("HOME", dir)
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .current_dir(dir);
        subprocess::die_with_caller(&mut command);
        let ended = subprocess::capture(command, left, MOST)
            .map_err(|error| format!("it cannot be run: {}", base::error::reason(&error)))?;
        let Some(status) = ended.status else {
            return Err(format!("it took longer than {} s", left.as_secs().max(1)));
        };
        let code = status.code().ok_or_else(|| format!("it was ended ({status})"))?;
        let stdout = ended.stdout.whole().map_err(|error| error.to_string())?;
        Ok(Said { stdout, stderr: ended.stderr, code })
    }
}
