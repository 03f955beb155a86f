//! A place to measure in: a state directory of its own, the release programs,
//! and raw tmux on a socket of its own for the floor.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// One sandbox.
pub(crate) struct Bench {
    dir: TempDir,
    bin: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir())
    }

    /// With all files in memory, where that can be had: what is measured waits for no disk
    /// that others write to.
    pub(crate) fn in_memory() -> Self {
        Self::at(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()))
    }

    fn at(dir: std::io::Result<TempDir>) -> Self {
        let dir = dir.expect("a temporary directory");
        for name in ["home/agents", "home/convoy-templates", "project"] {
            fs::create_dir_all(dir.path().join(name)).expect("create directories");
        }
        let deps = std::env::current_exe().expect("this program").parent().expect("deps").to_path_buf();
        Bench { dir, bin: deps.parent().expect("the target directory").to_path_buf() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .env("PANOPTICON_HOME", self.home())
            .current_dir(self.path("project"))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        command
    }

    /// An agent that runs `stamp` on a ledger.
    pub(crate) fn stamp_agent(&self, name: &str, ledger: &Path, pause_ms: u64) {
        self.ordered_agent(name, ledger, pause_ms, "");
    }

    /// The same with an order.
    pub(crate) fn ordered_agent(&self, name: &str, ledger: &Path, pause_ms: u64, order: &str) {
        let stamp = self.bin.join("stamp");
        let text = format!(
            "---\nname: {name}\ndescription: stamps\nrunner: command\ncommand: [{:?}, {:?}, \"{pause_ms}\", {order:?}]\n---\nStamp.\n",
            stamp.display().to_string(),
            ledger.display().to_string()
        );
        fs::write(self.home().join(format!("agents/{name}.md")), text).expect("write an agent");
    }

    pub(crate) fn template(&self, name: &str, agents: &str, config: &str) {
        let text = format!(
            "{{\"name\": \"{name}\", \"description\": \"measured\", \"agents\": [{agents}], \"config\": {{{config}}}}}"
        );
        fs::write(self.home().join(format!("convoy-templates/{name}.json")), text).expect("write a template");
    }

    /// Starts a convoy; its id, and how long that took.
    pub(crate) fn start(&self, template: &str) -> (String, Duration) {
        let begun = Instant::now();
        let out =
            self.command("convoy-start").arg(template).stderr(Stdio::null()).output().expect("convoy-start");
        let took = begun.elapsed();
        assert!(out.status.success(), "convoy-start: {out:?}");
        (String::from_utf8(out.stdout).expect("an id").trim().to_owned(), took)
    }

    pub(crate) fn ctl(&self, arguments: &[&str]) -> Output {
        self.command("convoy-ctl").args(arguments).stderr(Stdio::null()).output().expect("convoy-ctl")
    }

    /// One raw `tmux new-session` of these words; how long the client took.
    pub(crate) fn raw(&self, name: &str, words: &[&str]) -> Duration {
        let begun = Instant::now();
        let status = Command::new("tmux")
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", "/")
            .arg("-S")
            .arg(self.path("raw.sock"))
            .args(["-f", "/dev/null", "new-session", "-d", "-s", name, "-x", "160", "-y", "48", "--"])
            .args(words)
            .status()
            .expect("tmux");
        assert!(status.success());
        begun.elapsed()
    }

    /// Keeps the raw server up: a cold start is not the floor.
    pub(crate) fn warm_raw(&self) {
        self.raw("warm", &["/bin/sleep", "600"]);
    }

    pub(crate) fn stamp(&self) -> String {
        self.bin.join("stamp").display().to_string()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        for socket in [self.path("raw.sock"), self.home().join("tmux.sock")] {
            let _ =
                Command::new("tmux").arg("-S").arg(socket).arg("kill-server").stderr(Stdio::null()).status();
        }
    }
}

/// (role, first instruction, end), in nanoseconds of the monotonic clock.
pub(crate) fn read_ledger(path: &Path) -> Vec<(String, i64, i64)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .collect()
}

/// Waits until the ledger has so many lines.
pub(crate) fn wait_ledger(path: &Path, lines: usize) -> Vec<(String, i64, i64)> {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let ledger = read_ledger(path);
        if ledger.len() >= lines {
            return ledger;
        }
        assert!(Instant::now() < limit, "{} of {lines} lines in {}", ledger.len(), path.display());
        base::poll::wait_readable(&[], Some(Duration::from_micros(200)));
    }
}

pub(crate) fn now_ns() -> i64 {
    let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).expect("the clock");
    time.tv_sec() * 1_000_000_000 + time.tv_nsec()
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One line of the table, times in milliseconds.
pub(crate) fn report(figure: &str, product: &[f64], floor: &[f64], goal: &str) {
    let (a, b) = (median(product), median(floor));
    println!("{figure:<44} {a:>8.2}ms {b:>8.2}ms {:>7.2}  {goal}", a / b);
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
