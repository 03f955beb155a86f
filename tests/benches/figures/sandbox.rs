//! What a sandbox adds to an attempt, against a bare one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Instant;

use base::ids::Role;
use protocol::layout::Home;
use protocol::record::ExitRecord;

use crate::bench::{Bench, median};

const ROUNDS: usize = 60;

/// An attempt by `local`, one by `bwrap`, and a bare `bwrap` of the same mounts that runs
/// `true`, in turn. Of an attempt: from the beginning of its supervisor to its record.
pub(crate) fn sandbox() {
    let bench = Bench::new();
    let tried = Command::new("bwrap").args(["--unshare-user", "--ro-bind", "/", "/", "/bin/true"]).status();
    if !tried.is_ok_and(|status| status.success()) {
        println!("sandbox: left out: there is no bwrap that works");
        return;
    }
    fs::write(bench.home().join("config.toml"), "launcher = \"process\"\n").expect("config");
    let agent = "---\nname: copy\ndescription: copies\nrunner: command\ncommand: [\"/bin/cp\", \"{prompt_file}\", \"{output_file}\"]\n---\nDo it.\n";
    fs::write(bench.home().join("agents/copy.md"), agent).expect("an agent");
    // The one before it keeps what is measured apart from the work of the start.
    let first = "---\nname: first\ndescription: waits\nrunner: command\ncommand: [\"/bin/sh\", \"-c\", \"sleep 0.4; cp \\\"$0\\\" \\\"$1\\\"\", \"{prompt_file}\", \"{output_file}\"]\n---\nDo it.\n";
    fs::write(bench.home().join("agents/first.md"), first).expect("an agent");
    let agents = r#"{"role": "first", "subagent": "first"}, {"role": "a", "subagent": "copy", "dependsOn": ["first"]}"#;
    bench.template("two", agents, "");
    // The words of the placing command, as it was given them.
    let (spy, told) = (bench.path("spy"), bench.path("words"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\nexec bwrap \"$@\"\n", told.display());
    fs::write(&spy, script).expect("a script");
    fs::set_permissions(&spy, fs::Permissions::from_mode(0o755)).expect("its mode");
    let executor = include_str!("../../../executors/bwrap.toml");
    let executor = executor.replace("program = \"bwrap\"", &format!("program = \"{}\"", spy.display()));
    fs::create_dir_all(bench.home().join("executors")).expect("a directory");
    fs::write(bench.home().join("executors/spy.toml"), executor).expect("an executor");
    attempt(&bench, "spy");
    let words = fs::read_to_string(&told).expect("its words");
    let words: Vec<&str> = words.lines().take_while(|word| *word != "--").collect();

    let (mut local, mut placed, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        local.push(attempt(&bench, "local"));
        placed.push(attempt(&bench, "bwrap"));
        let begun = Instant::now();
        let status =
            Command::new("bwrap").args(&words).args(["--", "/bin/true"]).stdin(Stdio::null()).status();
        assert!(status.expect("bwrap").success());
        bare.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let [local, placed, bare] = [local, placed, bare].map(|times| median(&times));
    let added = placed - local;
    println!(
        "{:<44} {added:>8.1}ms {bare:>8.1}ms {:>7.2}  <= 1.5 (local {local:.1} ms, bwrap {placed:.1} ms)",
        "what a sandbox adds to an attempt",
        added / bare
    );
}

/// Milliseconds of one attempt.
fn attempt(bench: &Bench, executor: &str) -> f64 {
    let executor = format!("a={executor}");
    let out = bench.command("convoy-start").args(["two", "--wait", "--executor", &executor]).output();
    let out = out.expect("convoy-start");
    assert!(out.status.success(), "{executor}: {}", String::from_utf8_lossy(&out.stderr));
    let id = String::from_utf8_lossy(&out.stdout).lines().next().expect("an id").parse().expect("an id");
    let role: Role = "a".parse().expect("a role");
    let files = Home::new(bench.home()).convoy(&id).attempt(&role, 1);
    let record = ExitRecord::read(&files).expect("a record").expect("one");
    record.ended_at.duration_since(record.started_at).as_secs_f64() * 1e3
}
