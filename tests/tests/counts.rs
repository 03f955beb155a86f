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
#[derive(Debug, Clone)]
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
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished: HashMap<i32, usize> = HashMap::new();
    for line in text.lines() {
        let Some((pid, line)) = line.split_once(' ') else { continue };
        let (Ok(pid), line) = (pid.parse(), line.trim_start()) else { continue };
        if let Some(rest) = line.strip_prefix("execve(\"") {
            let path = rest.split('"').next().unwrap_or_default();
            programs.insert(pid, path.rsplit('/').next().unwrap_or_default().to_owned());
        }
        // What came of a call that one of another process stands in front of.
        if let Some((_, rest)) = line.strip_prefix("<...").and_then(|line| line.split_once(" resumed>")) {
            if let Some(index) = unfinished.remove(&pid) {
                calls[index].line.push_str(rest);
            }
            continue;
        }
        if !line.contains("F_GETFD") && line.contains('(') {
            if line.ends_with("<unfinished ...>") {
                unfinished.insert(pid, calls.len());
            }
            let program = programs.get(&pid).cloned().unwrap_or_default();
            calls.push(Call { pid, program, line: line.to_owned() });
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

/// The memory a process asks for is its allocator's affair: how often depends on how its heap lies.
const OF_THE_ALLOCATOR: [&str; 4] = ["brk", "mmap", "munmap", "madvise"];

#[track_caller]
fn assert_few(what: &str, calls: &[Call], most: usize) {
    let is_counted = |call: &&Call| !OF_THE_ALLOCATOR.iter().any(|name| call.is(name));
    let calls: Vec<&Call> = calls.iter().filter(is_counted).collect();
    let lines: Vec<&str> = calls.iter().map(|call| call.line.as_str()).collect();
    println!("{what}: {} calls", calls.len());
    assert!(calls.len() <= most, "{what}: {} calls, not {most}:\n{}", calls.len(), lines.join("\n"));
    let slow = ["fsync", "fdatasync", "syncfs", "clone", "clone3", "fork", "vfork", "execve", "getdents64"];
    let found: Vec<_> = calls.into_iter().filter(|call| slow.iter().any(|name| call.is(name))).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

/// What stands between the end of agent a and the start of agent b, by the calls of those
/// who see to it.
struct Transition {
    /// The watcher, from a's record to the wake-up of who waits for b's turn.
    watcher: Vec<Call>,
    /// That one, from the wake-up to b's command.
    begins: Vec<Call>,
    /// The same, from the command's end to the record.
    ends: Vec<Call>,
}

/// In a convoy of a, of b and of so many that wait for b and never run.
fn transition(more: usize) -> Transition {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("first", &[&format!("until:{}", go.display()), "report"]);
    let then: &[&str] = if more == 0 { &["report"] } else { &["exit:3"] };
    sandbox.agent("then", then);
    let mut agents = vec![
        "\"role\": \"a\", \"subagent\": \"first\"".to_owned(),
        "\"role\": \"b\", \"subagent\": \"then\", \"dependsOn\": [\"a\"]".to_owned(),
    ];
    let wait = |n| format!("\"role\": \"c{n}\", \"subagent\": \"then\", \"dependsOn\": [\"b\"]");
    agents.extend((0..more).map(wait));
    sandbox.template("t", &agents.iter().map(String::as_str).collect::<Vec<_>>(), "\"parked\": 1");
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
    let state = sandbox.until_ended(&id);
    assert!(state.agents.iter().take(2).all(|agent| agent.attempt == 1), "{state:?}");

    let all = calls(&sandbox);
    let has = |call: &Call, words: &[&str]| words.iter().all(|word| call.line.contains(word));
    let of = |program: &str| all.iter().filter(|call| call.program == program).collect::<Vec<_>>();
    let owned = |calls: &[&Call]| calls.iter().copied().cloned().collect::<Vec<_>>();
    // Before that it has looked for both in vain.
    let opens = |call: &Call, words: &[&str]| call.is("openat") && has(call, words) && !has(call, &["= -1"]);
    let wakes = |call: &Call| opens(call, &["/parked/b\"", "O_WRONLY"]);
    let reads_record = |call: &Call| opens(call, &["/a.1.exit\""]);
    let watcher = owned(&between(&of("convoy-watch"), reads_record, wakes));

    let claims = |call: &&Call| has(call, &["/b.1.started\""]) && call.line.starts_with("link");
    let pid = all.iter().find(claims).expect("b's claim").pid;
    let b: Vec<&Call> = all.iter().filter(|call| call.pid == pid && call.program == "convoy-agent").collect();
    let waits = |call: &Call| call.is("ppoll") || call.is("poll");
    let first_clone = b.iter().position(|call| call.is("clone") || call.is("clone3") || call.is("vfork"));
    let (begins, ends) = b.split_at(first_clone.expect("b's command"));
    let last_wait = begins.iter().rposition(|call| waits(call)).expect("b has waited");
    // A command that is over before anybody waits for it is met without a wait, after its
    // process was written down.
    let is_written_down = |call: &Call| call.is("openat") && has(call, &["/b.1.started\"", "O_APPEND"]);
    let from = |call: &Call| waits(call) || is_written_down(call);
    let records = |call: &Call| call.line.starts_with("rename") && has(call, &["/b.1.exit\""]);
    let ends = between(ends, from, records);
    let ends: Vec<&Call> = ends.into_iter().filter(|call| !call.is("getdents64")).collect();
    Transition { watcher, begins: owned(&begins[last_wait + 1..]), ends: owned(&ends) }
}

#[test]
fn a_transition_of_a_chain_makes_few_system_calls() {
    if !trace::may_trace() {
        return programs::skipped("counted system calls: strace is missing, or this machine forbids ptrace");
    }
    let Transition { watcher, begins, ends } = transition(0);
    assert_few("watcher, from a's record to the wake-up", &watcher, 21);
    assert_few("supervisor, from the wake-up to its command", &begins, 54);
    assert_few("supervisor, from its command's end to the record", &ends, 42);
}

/// The state is replaced as a whole, and read as a whole by who is woken, once. Nothing else
/// grows with a convoy.
#[test]
fn a_transition_reads_and_writes_little_more_in_a_large_convoy() {
    /// Of one agent that waits: its entry, written by the one and read by the other.
    const MOST_BYTES: u64 = 250;
    if !trace::may_trace() {
        return programs::skipped("counted growth: strace is missing, or this machine forbids ptrace");
    }
    let (few, many) = (transition(18), transition(118));
    for (what, few, many) in
        [("watcher", &few.watcher, &many.watcher), ("supervisor", &few.begins, &many.begins)]
    {
        // A file is read until nothing comes, in pieces that grow.
        assert!(many.len() <= few.len() + 8, "{what}: {} calls have become {}", few.len(), many.len());
    }
    let all = |one: &Transition| bytes(&one.watcher) + bytes(&one.begins);
    let more = all(&many).saturating_sub(all(&few)) / 100;
    println!("{} bytes, of 100 agents more {}: {more} for each", all(&few), all(&many));
    assert!(more <= MOST_BYTES, "{more} bytes for each agent more");
}

/// What these calls read and wrote; but for the record, whose room may be cut or not yet.
fn bytes(calls: &[Call]) -> u64 {
    let names = ["read", "write", "pread64", "pwrite64", "readv", "writev", "getdents64"];
    let is_record = |call: &Call| call.line.contains(r#""{\"schemaVersion\":1,\"token\""#);
    let moved = calls.iter().filter(|call| names.iter().any(|name| call.is(name)) && !is_record(call));
    moved.filter_map(|call| call.line.rsplit(" = ").next()?.parse::<u64>().ok()).sum()
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
