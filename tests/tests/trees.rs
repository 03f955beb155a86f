//! Whatever fails around a command: nothing of its process tree runs when its
//! end is recorded, and what the machine refused for a moment is not charged.

use std::fs;
use std::process::{Command, Stdio};

use base::ids::ConvoyId;
use convoy_tests::sandbox::Sandbox;
use convoy_tests::victim::{self, Victim};
use convoy_tests::{programs, trace, wait};
use protocol::claim::{self, AttemptFact, Tree};
use protocol::outcome::{AgentStatus, Reason};
use protocol::record::{ExitRecord, Outcome};

/// One supervisor of an attempt, with strace injecting an error. Its record, if
/// the error was injected; and what of its command was there then.
struct Injected {
    sandbox: Sandbox,
    id: ConvoyId,
    record: ExitRecord,
}

/// `None`: this machine has no strace, or forbids ptrace; which is told.
fn inject(what: &str, only_the_claim: bool) -> Option<Injected> {
    let sandbox = victim::sandbox();
    // Whoever ends the tree meets a descendant in a session of its own.
    sandbox.agent("a", &["daemon:hang", "orphan:ignore+hang", "sleep:300", "review:a"]);
    let trace = sandbox.path("trace");
    let part = victim::part(&sandbox, Victim::Agent);
    let id = part.id.expect("a convoy");
    let mut command = Command::new("strace");
    sandbox.surround(&mut command);
    command.args(["-qq", "-o"]).arg(&trace).args(["-e", &format!("inject={what}")]);
    if only_the_claim {
        let attempt = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 2);
        command.arg("-P").arg(attempt.started());
    }
    command.arg(programs::dir().join(part.program)).args(part.arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace");
    let injected = fs::read_to_string(&trace).is_ok_and(|text| text.contains("INJECTED"));
    if !injected {
        programs::skipped(&format!("an error in {what}: strace is missing, or this machine forbids ptrace"));
        return None;
    }
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 2);
    let AttemptFact::Ended(record, _) = claim::read_attempt(&files, Tree::Unknown).expect("a claim") else {
        panic!("there is no record: {:?}", claim::read_attempt(&files, Tree::Unknown));
    };
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "{what}: what was recorded is over");
    Some(Injected { sandbox, id, record: *record })
}

/// Taken up, the convoy completes, and nothing was charged to the agent.
fn completes_uncharged(found: &Injected) {
    let Injected { sandbox, id, record } = found;
    assert_eq!(record.outcome, Outcome::NeverRan, "{record:?}");
    sandbox.ok("convoy-watch", &[id.as_str()]);
    let agent = sandbox.agent_state(id, "a");
    assert_eq!((agent.status(), agent.failures, agent.voids), (AgentStatus::Completed, 0, 1), "{agent:?}");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn a_claim_that_cannot_be_written_to_leaves_no_process() {
    // Late, so that the command has left its descendants by then.
    for error in ["EMFILE", "ENOSPC"] {
        let what = format!("openat:error={error}:delay_enter=700000:when=1");
        let Some(found) = inject(&what, true) else { return };
        completes_uncharged(&found);
    }
    let Some(found) = inject("openat:error=EACCES:delay_enter=700000:when=1", true) else { return };
    assert_eq!(found.record.outcome, Outcome::Failed { reason: Reason::Spawn }, "no passing refusal");
}

#[test]
fn pipes_that_cannot_be_prepared_leave_no_process() {
    let first = fcntls_before_the_command() + 1;
    let what = format!("fcntl:error=ENOMEM:delay_enter=300000:when={first}+");
    let Some(found) = inject(&what, false) else { return };
    completes_uncharged(&found);
}

/// What comes next makes the standard output of the command non-blocking.
fn fcntls_before_the_command() -> usize {
    if !trace::may_trace() {
        return 0;
    }
    let sandbox = victim::sandbox();
    let part = victim::part(&sandbox, Victim::Agent);
    let mut traced = trace::traced(&sandbox, &[], part.program, &part.arguments);
    assert!(traced.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace").success());
    let starts = ["clone", "clone3", "fork", "vfork"];
    let calls = trace::calls(&sandbox);
    calls
        .iter()
        .take_while(|call| !starts.contains(&call.name.as_str()))
        .filter(|call| call.name == "fcntl")
        .count()
}

#[test]
fn a_machine_that_refuses_a_process_for_a_moment_is_not_the_agents_fault() {
    for error in ["EAGAIN", "ENOMEM"] {
        let Some(found) = inject(&format!("clone,clone3,fork,vfork:error={error}:when=1"), false) else {
            return;
        };
        assert!(found.record.detail.as_deref().is_some_and(|detail| detail.contains("cannot run")));
        completes_uncharged(&found);
    }
}

#[test]
fn one_that_never_gets_a_process_fails_after_three_attempts() {
    let sandbox = Sandbox::new(convoy_tests::sandbox::Launcher::Process);
    sandbox.agent("a", &["report"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"a\", \"retries\": 5"], "");
    // Beside the others, a supervisor whose descriptors do not suffice for a command.
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).unwrap();
    for program in ["convoy-start", "convoy-watch", "convoy-ctl", "convoy-merge"] {
        fs::copy(programs::dir().join(program), bin.join(program)).unwrap();
    }
    let script =
        format!("#!/bin/sh\nulimit -n 9\nexec '{}' \"$@\"\n", programs::dir().join("convoy-agent").display());
    fs::write(bin.join("convoy-agent"), script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bin.join("convoy-agent"), mode).unwrap();
    let mut start = Command::new(bin.join("convoy-start"));
    sandbox.surround(&mut start);
    let out = start.args(["t", "--watch", "none"]).output().unwrap();
    let id: ConvoyId = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    let mut watch = Command::new(bin.join("convoy-watch"));
    sandbox.surround(&mut watch);
    watch.arg(id.as_str()).status().unwrap();
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.reason()), (AgentStatus::Failed, Some(Reason::Spawn)), "{agent:?}");
    assert_eq!((agent.attempt, agent.failures), (3, 0), "{agent:?}");
    assert!(agent.detail().is_some_and(|detail| detail.contains("too many open files")), "{agent:?}");
    wait::until(
        "nothing runs",
        || format!("{:?}", sandbox.commands()),
        || sandbox.commands().is_empty().then_some(()),
    );
}
