//! An agent that does what it is told: `fake-agent LEDGER ORDER…`. It first
//! notes its start in the ledger, then carries out its orders one by one.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use convoy_tests::ledger;
use nix::sys::signal::{SigSet, Signal};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let ledger = words.next().expect("usage: fake-agent LEDGER ORDER…");
    let orders: Vec<String> = words.collect();
    if orders.first().is_none_or(|order| order != "child") {
        let line = format!(
            "{} {} {} {}\n",
            variable("PANOPTICON_CONVOY_ID"),
            variable("PANOPTICON_CONVOY_ROLE"),
            variable("CONVOY_ATTEMPT"),
            std::process::id()
        );
        let mut file = OpenOptions::new().append(true).create(true).open(&ledger).expect("the ledger");
        file.write_all(line.as_bytes()).expect("write the ledger");
        note_overlaps(&ledger);
    }
    for order in &orders {
        if let Some(code) = obey(&ledger, order) {
            return ExitCode::from(code);
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "a test program, given its orders in the environment")]
fn variable(name: &str) -> String {
    std::env::var_os(name).unwrap_or_default().to_string_lossy().into_owned()
}

/// Notes earlier attempts of this role whose command still runs.
fn note_overlaps(path: &str) {
    let (convoy, role) = (variable("PANOPTICON_CONVOY_ID"), variable("PANOPTICON_CONVOY_ROLE"));
    let own = std::process::id() as i32;
    let earlier = |start: &ledger::Start| start.convoy == convoy && start.role == role && start.pid != own;
    let runs = |start: &ledger::Start| {
        let environment = fs::read(format!("/proc/{}/environ", start.pid)).unwrap_or_default();
        let has = |entry: String| environment.split(|byte| *byte == 0).any(|found| found == entry.as_bytes());
        has(format!("PANOPTICON_CONVOY_ID={convoy}")) && has(format!("CONVOY_ATTEMPT={}", start.attempt))
    };
    for start in ledger::read(path.as_ref()).iter().filter(|start| earlier(start) && runs(start)) {
        let overlaps = ledger::overlaps(path.as_ref());
        let mut file = OpenOptions::new().append(true).create(true).open(overlaps).expect("the overlaps");
        writeln!(file, "{start:?} runs beside {own}").expect("write the overlaps");
    }
}

/// Takes all room there is beside the report, for so many milliseconds.
fn fill(milliseconds: &str) {
    let path = output().with_file_name("filling");
    let mut file = fs::File::create(&path).expect("a file to fill the disk with");
    let part = vec![0; 1 << 18];
    // Up to the first error, or to what is little on a large disk.
    let _ = (0..64).try_for_each(|_| file.write_all(&part));
    sleep(Duration::from_millis(milliseconds.parse().expect("milliseconds")));
    fs::remove_file(path).expect("make room again");
}

fn output() -> std::path::PathBuf {
    variable("CONVOY_OUTPUT_FILE").into()
}

/// Carries out one order; an exit code ends the agent.
fn obey(ledger: &str, order: &str) -> Option<u8> {
    let (verb, rest) = order.split_once(':').unwrap_or((order, ""));
    match verb {
        "child" => {}
        "report" => fs::write(output(), "# Notes\n\nAll is well.\n").expect("write the report"),
        "clean" => write_review("No findings.\n\n**Reviewed:** 1 file\n**Total:** 0 findings\n"),
        "review" => write_review(&format!(
            "### 1. [src/{rest}.ts:4] {rest} is wrong\n**Severity:** high\n**Confidence:** 90\n**Problem:** The value of {rest} is never checked.\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n"
        )),
        "look" => look(),
        "text" => fs::write(output(), rest).expect("write the report"),
        "empty" => fs::write(output(), "").expect("write the report"),
        "elsewhere" => fs::write("elsewhere.md", "# Report\n").expect("write elsewhere"),
        "half" => {
            fs::write(output(), "# Half a re").expect("write half");
            nix::sys::signal::raise(Signal::SIGKILL).expect("die");
        }
        "link" => std::os::unix::fs::symlink("/etc/hostname", output()).expect("link"),
        "fifo" => nix::unistd::mkfifo(&output(), nix::sys::stat::Mode::S_IRWXU).expect("fifo"),
        "directory" => fs::create_dir(output()).expect("directory"),
        "print" => std::io::stdout().write_all(rest.as_bytes()).expect("print"),
        "megabytes" => std::io::stdout().write_all(&vec![b'x'; 8 << 20]).expect("print"),
        "binary" => {
            std::io::stdout().write_all(&(0..=255).cycle().take(65536).collect::<Vec<u8>>()).expect("print");
        }
        "exit" => return Some(rest.parse().expect("a code")),
        "exit-first" => {
            if variable("CONVOY_ATTEMPT") == "1" {
                return Some(rest.parse().expect("a code"));
            }
        }
        "sleep" => sleep(Duration::from_millis(rest.parse().expect("milliseconds"))),
        "fill" => fill(rest),
        "hang" => sleep(Duration::from_secs(100_000)),
        "hang-first" => {
            if variable("CONVOY_ATTEMPT") == "1" {
                sleep(Duration::from_secs(100_000));
            }
        }
        // Until somebody makes the file.
        "until" => {
            while !std::path::Path::new(rest).exists() {
                sleep(Duration::from_millis(5));
            }
        }
        // All the room there is on the disk of its report, and what becomes free.
        "fill-all" => loop {
            let big = output().with_file_name("big");
            for piece in [1 << 16, 1 << 8] {
                let mut file = OpenOptions::new().append(true).create(true).open(&big).expect("a big file");
                while file.write_all(&vec![b'x'; piece]).is_ok() {}
            }
            sleep(Duration::from_millis(20));
        },
        "ignore" => {
            let mut set = SigSet::empty();
            for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
                set.add(signal);
            }
            set.thread_block().expect("block signals");
        }
        "orphan" => spawn(ledger, rest, false),
        "daemon" => spawn(ledger, rest, true),
        other => panic!("no such order: {other}"),
    }
    None
}

fn write_review(body: &str) {
    fs::write(output(), format!("# Correctness Review\n\n{body}")).expect("write the review");
}

/// Looks again at a finding of `review`: that of `b` is refuted by the code, any other one confirmed.
fn look() {
    let prompt = fs::read_to_string(variable("CONVOY_PROMPT_FILE")).expect("the prompt");
    let (verdict, quote) = if prompt.contains("Finding 1: b is wrong") {
        ("refuted", "\"let b = checked(input);\"")
    } else {
        ("confirmed", "null")
    };
    let look = format!(
        "{{\"looks\": [{{\"finding\": 1, \"verdict\": \"{verdict}\", \"origin\": \"unknown\", \"file\": null, \"line\": 4, \"quote\": {quote}, \"reason\": \"It is checked(input).\", \"severity\": null}}], \"total\": 1}}"
    );
    fs::write(output(), format!("```json\n{look}\n```\n")).expect("write the looks");
}

fn sleep(time: Duration) {
    base::poll::wait_readable(&[], Some(time));
}

/// Leaves a process behind that does `orders` (joined by `+`); a daemon has a
/// session of its own, an empty environment and no parent here.
fn spawn(ledger: &str, orders: &str, daemon: bool) {
    let own = std::env::current_exe().expect("this program");
    let mut command = Command::new("/bin/sh");
    // A shell in between that ends at once: the child has lost its parent.
    let script = if daemon { "setsid \"$0\" \"$@\" & exit 0" } else { "\"$0\" \"$@\" & exit 0" };
    command.arg("-c").arg(script).arg(own).arg(ledger).arg("child").args(orders.split('+'));
    if daemon {
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command.process_group(0);
    }
    command.status().expect("start a process");
}
