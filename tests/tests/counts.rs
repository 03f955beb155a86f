//! What stands between the end of an agent and the start of the next one, counted:
//! system calls and programs, which are the same on every machine.
//!
//! A bound that is met by much less is to be lowered; one that is passed needs a reason.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::process::Stdio;

use convoy_tests::repository::Repository;
use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::{programs, trace, wait};

/// One call of a trace of several processes: its process, that one's program, the line.
#[derive(Debug)]
struct Call {
    pid: i32,
    program: String,
    line: String,
}

impl Call {
    fn is(&self, name: &str) -> bool {
        self.line.starts_with(&format!("{name}("))
    }
}

/// The calls of all programs, in order; without those by which an unoptimised program
/// checks itself.
fn calls(sandbox: &Sandbox) -> Vec<Call> {
    let text = String::from_utf8_lossy(&fs::read(sandbox.path("trace")).unwrap()).into_owned();
    let mut programs: HashMap<i32, String> = HashMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let Some((pid, line)) = line.split_once(' ') else { continue };
        let (Ok(pid), line) = (pid.parse(), line.trim_start()) else { continue };
        if let Some(rest) = line.strip_prefix("execve(\"") {
            let path = rest.split('"').next().unwrap_or_default();
            programs.insert(pid, path.rsplit('/').next().unwrap_or_default().to_owned());
        }
        let is_own = !line.contains("F_GETFD") && !line.starts_with("<...") && line.contains('(');
        if is_own {
            calls.push(Call {
                pid,
                program: programs.get(&pid).cloned().unwrap_or_default(),
                line: line.to_owned(),
            });
        }
    }
    calls
}

/// The calls of one process between two of them.
fn between<'c>(
    calls: &[&'c Call],
    from: impl Fn(&Call) -> bool,
    to: impl Fn(&Call) -> bool,
) -> Vec<&'c Call> {
    let end = calls.iter().position(|call| to(call)).expect("the end");
    let start = calls[..end].iter().rposition(|call| from(call)).expect("the beginning");
    calls[start + 1..end].to_vec()
}

#[track_caller]
fn assert_few(what: &str, calls: &[&Call], most: usize) {
    let lines: Vec<&str> = calls.iter().map(|call| call.line.as_str()).collect();
    println!("{what}: {} calls", calls.len());
    assert!(calls.len() <= most, "{what}: {} calls, not {most}:\n{}", calls.len(), lines.join("\n"));
    let slow = ["fsync", "fdatasync", "syncfs", "clone", "clone3", "fork", "vfork", "execve", "getdents64"];
    let found: Vec<_> = calls.iter().filter(|call| slow.iter().any(|name| call.is(name))).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

#[test]
fn a_transition_of_a_chain_makes_few_system_calls() {
    if !trace::may_trace() {
        return programs::skipped("counted system calls: strace is missing, or this machine forbids ptrace");
    }
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("first", &[&format!("until:{}", go.display()), "report"]);
    sandbox.agent("then", &["report"]);
    let chain = [
        "\"role\": \"a\", \"subagent\": \"first\"",
        "\"role\": \"b\", \"subagent\": \"then\", \"dependsOn\": [\"a\"]",
    ];
    sandbox.template("t", &chain, "");
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    let mut watch = trace::traced(&sandbox, &["-f"], "convoy-watch", &[id.as_str()]);
    let mut watch = watch.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let picture = || format!("{:?}", sandbox.described_processes());
    wait::until("b is parked", picture, || {
        // It has looked whose turn it is.
        let trace = fs::read(sandbox.path("trace")).unwrap_or_default();
        String::from_utf8_lossy(&trace).contains("b waits for a").then_some(())
    });
    fs::write(go, "").unwrap();
    assert!(watch.wait().unwrap().success());
    assert!(sandbox.until_ended(&id).agents.iter().all(|agent| agent.attempt == 1));

    let all = calls(&sandbox);
    let has = |call: &Call, words: &[&str]| words.iter().all(|word| call.line.contains(word));
    let of = |program: &str| all.iter().filter(|call| call.program == program).collect::<Vec<_>>();
    let wakes = |call: &Call| call.is("openat") && has(call, &["/parked/b\"", "O_WRONLY"]);
    let reads_record = |call: &Call| call.is("openat") && has(call, &["/a.1.exit\""]);
    assert_few(
        "watcher, from a's record to the wake-up",
        &between(&of("convoy-watch"), reads_record, wakes),
        15,
    );

    let claims = |call: &&Call| has(call, &["/b.1.started\""]) && call.line.starts_with("link");
    let pid = all.iter().find(claims).expect("b's claim").pid;
    let b: Vec<&Call> = all.iter().filter(|call| call.pid == pid && call.program == "convoy-agent").collect();
    let waits = |call: &Call| call.is("ppoll") || call.is("poll");
    let first_clone = b.iter().position(|call| call.is("clone") || call.is("clone3") || call.is("vfork"));
    let (begins, ends) = b.split_at(first_clone.expect("b's command"));
    let last_wait = begins.iter().rposition(|call| waits(call)).expect("b has waited");
    assert_few("supervisor, from the wake-up to its command", &begins[last_wait + 1..], 71);
    // A command that is over before anybody waits for it is met without a wait, after its
    // process was written down.
    let is_written_down = |call: &Call| call.is("openat") && has(call, &["/b.1.started\"", "O_APPEND"]);
    let from = |call: &Call| waits(call) || is_written_down(call);
    let records = |call: &Call| call.line.starts_with("rename") && has(call, &["/b.1.exit\""]);
    let ends = between(ends, from, records);
    let ends: Vec<&Call> = ends.into_iter().filter(|call| !call.is("getdents64")).collect();
    assert_few("supervisor, from its command's end to the record", &ends, 55);
}

/// What all of convoy's programs do in a chain of so many agents, for each of them: system
/// calls, and bytes read and written.
fn of_one_in(sandbox: &Sandbox, agents: usize) -> (usize, u64) {
    let chain: Vec<String> = (0..agents)
        .map(|n| match n {
            0 => "\"role\": \"a0\", \"subagent\": \"one\"".to_owned(),
            _ => format!("\"role\": \"a{n}\", \"subagent\": \"one\", \"dependsOn\": [\"a{}\"]", n - 1),
        })
        .collect();
    sandbox.template("t", &chain.iter().map(String::as_str).collect::<Vec<_>>(), "");
    let id = sandbox.start("t", &["--watch", "none"]);
    let watch = trace::traced(sandbox, &["-f", "-s", "0"], "convoy-watch", &[id.as_str()]).output().unwrap();
    assert!(watch.status.success(), "{watch:?}");
    assert!(sandbox.until_ended(&id).agents.iter().all(|agent| agent.attempt == 1 && agent.is_completed()));
    let trace = String::from_utf8_lossy(&fs::read(sandbox.path("trace")).unwrap()).into_owned();
    let mut commands = HashSet::new();
    let (mut calls, mut bytes) = (0, 0);
    for (pid, line) in trace.lines().filter_map(|line| line.split_once(' ')) {
        let line = line.trim_start();
        if line.starts_with("execve(") && line.contains("/fake-agent\"") {
            commands.insert(pid);
        }
        if commands.contains(pid) {
            continue;
        }
        // What was interrupted by a call of another process says later what came of it.
        let resumed = line.strip_prefix("<... ").and_then(|rest| rest.split_once(' '));
        let name = resumed.map_or_else(|| line.split('(').next().unwrap_or_default(), |(name, _)| name);
        calls += usize::from(resumed.is_none() && line.contains('('));
        if ["read", "write", "pread64", "pwrite64", "readv", "writev", "getdents64"].contains(&name) {
            let result = line.rsplit(" = ").next().and_then(|result| result.parse::<u64>().ok());
            bytes += result.unwrap_or(0);
        }
    }
    (calls / agents, bytes / agents as u64)
}

/// The state is replaced as a whole, and read as a whole by who is woken; nothing else may
/// grow with a convoy, and that no faster.
#[test]
fn what_a_transition_takes_grows_little_with_the_convoy() {
    if !trace::may_trace() {
        return programs::skipped("counted growth: strace is missing, or this machine forbids ptrace");
    }
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    let (few, many) = (20, 120);
    let (calls_of_few, bytes_of_few) = of_one_in(&sandbox, few);
    let (calls_of_many, bytes_of_many) = of_one_in(&sandbox, many);
    let more = bytes_of_many.saturating_sub(bytes_of_few) / (many - few) as u64;
    println!(
        "of {few}: {calls_of_few} calls, {bytes_of_few} bytes; of {many}: {calls_of_many} and {bytes_of_many}: {more} bytes for each more"
    );
    assert!(
        calls_of_many <= calls_of_few + calls_of_few / 8,
        "{calls_of_few} calls have become {calls_of_many}"
    );
    assert!(more <= 2100, "{more} bytes a transition for each agent more");
}

#[test]
fn what_is_ready_at_once_takes_one_call_of_tmux() {
    if !trace::may_trace() {
        return programs::skipped("counted programs: strace is missing, or this machine forbids ptrace");
    }
    let sandbox = Sandbox::new(Launcher::Tmux);
    sandbox.agent("one", &["report"]);
    let agents: Vec<String> = (0..20).map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\"")).collect();
    sandbox.template("t", &agents.iter().map(String::as_str).collect::<Vec<_>>(), "");
    // A server that is there already is not followed.
    sandbox.agent("hang", &["hang"]);
    sandbox.template("h", &["\"role\": \"hang\", \"subagent\": \"hang\""], "");
    sandbox.start("h", &["--watch", "none"]);
    sandbox.until_started(1);
    let start = trace::traced(&sandbox, &["-f"], "convoy-start", &["t", "--watch", "none"]).output().unwrap();
    let id: base::ids::ConvoyId = String::from_utf8(start.stdout).unwrap().trim().parse().unwrap();
    let all = calls(&sandbox);
    let opens = |call: &&Call| call.is("execve") && call.line.contains("\"new-session\"");
    assert_eq!(all.iter().filter(opens).count(), 1);
    sandbox.ok("convoy-watch", &[id.as_str()]);
    let state = sandbox.state(&id);
    assert!(state.agents.iter().all(|agent| agent.attempt == 1 && agent.is_completed()), "{state:?}");
    let sessions: HashSet<_> = state.agents.iter().map(|agent| agent.tmux_session.clone()).collect();
    assert_eq!(sessions.len(), 20);
}

#[test]
fn a_start_asks_git_no_more_often_than_it_must() {
    if !trace::may_trace() {
        return programs::skipped("counted programs: strace is missing, or this machine forbids ptrace");
    }
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let asked = || {
        let words = ["t", "--watch", "none"];
        let start = trace::traced(&sandbox, &["-f"], "convoy-start", &words).output().unwrap();
        assert!(start.status.success(), "{start:?}");
        let calls = calls(&sandbox);
        let begins = |call: &&Call| call.is("execve") && call.line.contains("/git\"");
        calls.iter().filter(begins).map(|call| call.line.clone()).collect::<Vec<_>>()
    };
    assert_eq!(asked(), Vec::<String>::new(), "there is no repository");
    // Where the project begins, and its filters, for the plan and for what is decided about it.
    let _repository = Repository::new(&sandbox);
    let asked = asked();
    assert!(asked.len() <= 5, "{asked:#?}");
}
