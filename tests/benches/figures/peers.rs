//! Queues that run one job after another: what an edge of a chain costs there. All jobs are
//! queued beforehand, so a queue has nothing to decide.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, wait_ledger};

/// A queue, and how a job is put into it.
pub(crate) struct Queue {
    pub(crate) name: &'static str,
    programs: &'static [&'static str],
    enqueue: fn(&Bench, &str, usize, &[String]),
    /// When all are queued.
    begin: fn(&Bench, &str, usize),
    end: fn(&Bench, &str),
}

pub(crate) const QUEUES: [Queue; 4] = [
    Queue {
        name: "task-spooler",
        programs: &["tsp", "ts"],
        enqueue: spool,
        begin: at_once,
        end: end_spooler,
    },
    Queue { name: "nq", programs: &["nq"], enqueue: nq, begin: at_once, end: |_, _| () },
    Queue { name: "make", programs: &["make"], enqueue: rule, begin: make, end: |_, _| () },
    Queue { name: "pueue", programs: &["pueue"], enqueue: pueue, begin: at_once, end: end_pueue },
];

impl Queue {
    /// The program, where it is installed. moreutils has another `ts`.
    fn program(&self) -> Option<&'static str> {
        self.programs.iter().copied().find(|program| {
            let asked = Command::new(program).arg("-h").stdin(Stdio::null()).output();
            asked.is_ok_and(|out| {
                let text = [out.stdout, out.stderr].concat();
                *program != "ts" || String::from_utf8_lossy(&text).contains("TS_SOCKET")
            })
        })
    }

    /// A chain of so many stamps, as a ledger; `None`: the queue is not installed.
    pub(crate) fn chain(&self, bench: &Bench, jobs: usize, round: usize) -> Option<Vec<(String, i64, i64)>> {
        let program = self.program()?;
        let place = bench.path(&format!("{}-{round}", self.name));
        fs::create_dir_all(&place).expect("a directory");
        let ledger = bench.path(&format!("{}-{round}.ledger", self.name));
        // The first job ends when all are queued.
        let pause = (jobs * 20).to_string();
        for n in 0..jobs {
            let mut words = vec![bench.stamp(), ledger.display().to_string()];
            if n == 0 {
                words.push(pause.clone());
            }
            (self.enqueue)(bench, program, round, &words);
        }
        (self.begin)(bench, program, round);
        let told = wait_ledger(&ledger, jobs);
        (self.end)(bench, program);
        Some(told)
    }
}

fn command(bench: &Bench, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", bench.path(""))
        .env("TS_SOCKET", bench.path("ts.sock"))
        .env("TMPDIR", bench.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn spool(bench: &Bench, program: &str, _: usize, words: &[String]) {
    let status = command(bench, program).arg("-n").args(words).status().expect("task-spooler");
    assert!(status.success());
}

fn end_spooler(bench: &Bench, program: &str) {
    let _ = command(bench, program).arg("-K").status();
}

fn nq(bench: &Bench, program: &str, round: usize, words: &[String]) {
    let place = bench.path(&format!("nq-{round}"));
    let status = command(bench, program).env("NQDIR", &place).arg("-q").args(words).status().expect("nq");
    assert!(status.success());
}

/// It began with the first job.
fn at_once(_: &Bench, _: &str, _: usize) {}

fn makefile(bench: &Bench, round: usize) -> PathBuf {
    bench.path(&format!("make-{round}")).join("Makefile")
}

/// A rule that needs the one before it.
fn rule(bench: &Bench, _: &str, round: usize, words: &[String]) {
    let path = makefile(bench, round);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let n = text.lines().filter(|line| line.starts_with("job")).count();
    let before = if n == 0 { String::new() } else { format!("job{}", n - 1) };
    // The last one is what is made.
    fs::write(&path, format!("job{n}: {before}\n\t@{}\n{text}", words.join(" "))).expect("a Makefile");
}

fn make(bench: &Bench, program: &str, round: usize) {
    let path = makefile(bench, round);
    let status = command(bench, program).arg("-f").arg(path).status().expect("make");
    assert!(status.success());
}

/// Its daemon, which the first job starts, has all that it keeps in the bench's place.
fn pueue_command(bench: &Bench, program: &str) -> Command {
    let mut command = command(bench, program);
    let config = bench.path("pueue.yml");
    if !config.exists() {
        let place = bench.path("pueue");
        fs::create_dir_all(&place).expect("a directory");
        let text = format!("shared:\n  pueue_directory: {0}\n  runtime_directory: {0}\n", place.display());
        fs::write(&config, text).expect("its configuration");
    }
    command.arg("-c").arg(config);
    command
}

fn pueue(bench: &Bench, program: &str, _: usize, words: &[String]) {
    let begun = Instant::now();
    let is_up = || {
        pueue_command(bench, program).arg("status").stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    if !is_up() {
        let daemon = pueue_command(bench, "pueued").arg("-d").stderr(Stdio::null()).status().expect("pueued");
        assert!(daemon.success());
        while !is_up() {
            assert!(begun.elapsed().as_secs() < 10, "pueued does not answer");
            base::poll::wait_readable(&[], Some(Duration::from_millis(10)));
        }
    }
    let status = pueue_command(bench, program).args(["add", "--"]).args(words).status().expect("pueue");
    assert!(status.success());
}

fn end_pueue(bench: &Bench, program: &str) {
    let _ = pueue_command(bench, program).arg("shutdown").status();
}
