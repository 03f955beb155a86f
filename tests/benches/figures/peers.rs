//! Queues that run one job after another: what an edge of a chain costs there. All jobs are
//! queued beforehand, so a queue has nothing to decide.

use std::fs;
use std::process::{Command, Stdio};

use crate::bench::{Bench, wait_ledger};

/// A queue, and how a job is put into it.
pub(crate) struct Queue {
    pub(crate) name: &'static str,
    programs: &'static [&'static str],
    enqueue: fn(&Bench, &str, usize, &[String]),
    end: fn(&Bench, &str),
}

pub(crate) const QUEUES: [Queue; 2] = [
    Queue { name: "task-spooler", programs: &["tsp", "ts"], enqueue: spool, end: end_spooler },
    Queue { name: "nq", programs: &["nq"], enqueue: nq, end: |_, _| () },
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
