//! What an executor adds to an attempt, against the bare command that places it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Instant;

use base::ids::Role;
use convoy_tests::slurm::Cluster;
use protocol::layout::Home;
use protocol::record::ExitRecord;

use crate::bench::{Bench, median};

const ROUNDS: usize = 60;

/// An attempt by `local`, one by `bwrap`, and a bare `bwrap` of the same mounts that runs
/// `true`, in turn.
pub(crate) fn sandbox() {
    let bench = Bench::in_memory();
    let tried = Command::new("bwrap").args(["--unshare-user", "--ro-bind", "/", "/", "/bin/true"]).status();
    if !tried.is_ok_and(|status| status.success()) {
        println!("sandbox: left out: there is no bwrap that works");
        return;
    }
    two_agents(&bench);
    // The words of the placing command, as it was given them.
    let (spy, told) = (bench.path("spy"), bench.path("words"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\nexec bwrap \"$@\"\n", told.display());
    fs::write(&spy, script).expect("a script");
    fs::set_permissions(&spy, fs::Permissions::from_mode(0o755)).expect("its mode");
    let executor = include_str!("../../../executors/bwrap.toml");
    let executor = executor.replace("program = \"bwrap\"", &format!("program = \"{}\"", spy.display()));
    fs::create_dir_all(bench.home().join("executors")).expect("a directory");
    fs::write(bench.home().join("executors/spy.toml"), executor).expect("an executor");
    attempt(&bench, "spy", &[]);
    let words = fs::read_to_string(&told).expect("its words");
    let words: Vec<&str> = words.lines().take_while(|word| *word != "--").collect();

    let bare = || Command::new("bwrap").args(&words).args(["--", "/bin/true"]).stdin(Stdio::null()).status();
    let [local, placed, bare] = in_turn(&bench, ROUNDS, "bwrap", &[], || bare().expect("bwrap").success());
    let added = placed - local;
    println!(
        "{:<44} {added:>8.1}ms {bare:>8.1}ms {:>7.2}  <= 1.5 (local {local:.1} ms, bwrap {placed:.1} ms)",
        "what a sandbox adds to an attempt",
        added / bare
    );
}

/// An attempt by `local`, one by `slurm` on a cluster of this run's own, and a bare `srun`
/// that runs `true`, in turn.
pub(crate) fn cluster() {
    let Some(cluster) = Cluster::up() else { return };
    let bench = Bench::in_memory();
    two_agents(&bench);
    let conf = cluster.conf().display().to_string();
    let bare = || {
        let mut srun = cluster.command("srun");
        srun.args(["--quiet", "--nodes=1", "--ntasks=1", "/bin/true"]).stdin(Stdio::null());
        srun.status().expect("srun").success()
    };
    let [local, placed, bare] = in_turn(&bench, ROUNDS / 2, "slurm", &[("SLURM_CONF", &conf)], bare);
    let added = placed - local;
    println!(
        "{:<44} {added:>8.1}ms {bare:>8.1}ms {:>7.2}  <= 150 ms (local {local:.1} ms, slurm {placed:.1} ms)",
        "what a cluster adds to an attempt",
        added / bare
    );
}

/// A template of the agent that is measured and of one before it, which keeps it apart
/// from the work of the start.
fn two_agents(bench: &Bench) {
    fs::write(bench.home().join("config.toml"), "launcher = \"process\"\n").expect("config");
    let agent = "---\nname: copy\ndescription: copies\nrunner: command\ncommand: [\"/bin/cp\", \"{prompt_file}\", \"{output_file}\"]\n---\nDo it.\n";
    fs::write(bench.home().join("agents/copy.md"), agent).expect("an agent");
    let first = "---\nname: first\ndescription: waits\nrunner: command\ncommand: [\"/bin/sh\", \"-c\", \"sleep 0.4; cp \\\"$0\\\" \\\"$1\\\"\", \"{prompt_file}\", \"{output_file}\"]\n---\nDo it.\n";
    fs::write(bench.home().join("agents/first.md"), first).expect("an agent");
    let agents = r#"{"role": "first", "subagent": "first"}, {"role": "a", "subagent": "copy", "dependsOn": ["first"]}"#;
    bench.template("two", agents, "");
}

/// Medians of an attempt by `local`, of one by this executor, and of the bare command that
/// places, in milliseconds. Of an attempt: from the beginning of its supervisor to its record.
fn in_turn(
    bench: &Bench,
    rounds: usize,
    executor: &str,
    more: &[(&str, &str)],
    bare: impl Fn() -> bool,
) -> [f64; 3] {
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        times[0].push(attempt(bench, "local", more));
        times[1].push(attempt(bench, executor, more));
        let begun = Instant::now();
        assert!(bare(), "the bare command failed");
        times[2].push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.map(|times| median(&times))
}

/// Milliseconds of one attempt.
fn attempt(bench: &Bench, executor: &str, more: &[(&str, &str)]) -> f64 {
    let executor = format!("a={executor}");
    let mut start = bench.command("convoy-start");
    start.args(["two", "--wait", "--executor", &executor]).envs(more.iter().copied());
    let out = start.output().expect("convoy-start");
    assert!(out.status.success(), "{executor}: {}", String::from_utf8_lossy(&out.stderr));
    let id = String::from_utf8_lossy(&out.stdout).lines().next().expect("an id").parse().expect("an id");
    let role: Role = "a".parse().expect("a role");
    let files = Home::new(bench.home()).convoy(&id).attempt(&role, 1);
    let record = ExitRecord::read(&files).expect("a record").expect("one");
    record.ended_at.duration_since(record.started_at).as_secs_f64() * 1e3
}
