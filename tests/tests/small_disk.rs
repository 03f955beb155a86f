//! A full disk: what runs can be stopped, what has ended can be removed, and
//! what could not be written down is said.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::ids::ConvoyId;
use convoy_tests::disk::SmallDisk;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::wait;
use protocol::layout::Purpose;
use protocol::outcome::Reason;
use protocol::state::ConvoyStatus;

/// A sandbox whose state directory is on a disk of its own.
fn small() -> Option<(Sandbox, SmallDisk)> {
    let sandbox = Sandbox::new(Launcher::Process);
    let disk = SmallDisk::mount(sandbox.home().root(), "1m")?;
    sandbox.furnish();
    sandbox.agent("fill", &["fill-all"]);
    sandbox.agent("hang", &["hang"]);
    sandbox.agent("one", &["report"]);
    sandbox.template("fill", &["\"role\": \"a\", \"subagent\": \"fill\""], "");
    sandbox.template(
        "two",
        &["\"role\": \"a\", \"subagent\": \"hang\"", "\"role\": \"b\", \"subagent\": \"hang\""],
        "",
    );
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"one\""], "");
    Some((sandbox, disk))
}

fn is_stopped(sandbox: &Sandbox, id: &ConvoyId) {
    let state = sandbox.state(id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)), "{state:?}");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn an_agent_that_fills_the_disk_is_stopped() {
    let Some((sandbox, disk)) = small() else { return };
    let id = sandbox.start("fill", &[]);
    wait::until("the disk is full", String::new, || disk.is_full().then_some(()));
    sandbox.ok("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
    is_stopped(&sandbox, &id);
}

#[test]
fn several_agents_are_stopped_on_a_full_disk() {
    let Some((sandbox, disk)) = small() else { return };
    let id = sandbox.start("two", &[]);
    sandbox.until_started(2);
    disk.fill();
    sandbox.ok("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
    is_stopped(&sandbox, &id);
}

#[test]
fn without_room_what_runs_is_ended_and_what_was_not_written_is_said() {
    let Some((sandbox, disk)) = small() else { return };
    let id = sandbox.start("two", &["--watch", "none"]);
    sandbox.until_started(2);
    std::fs::remove_file(sandbox.dir_of(&id).room(Purpose::Stop)).unwrap();
    disk.fill();
    // What ends gives room back: somebody else takes it at once.
    let over = AtomicBool::new(false);
    let out = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                disk.fill();
                wait::pause(Duration::from_millis(1));
            }
        });
        let out = sandbox.run("convoy-ctl", &["stop", id.short(), "--grace", "300ms"]);
        over.store(true, Ordering::Relaxed);
        out
    });
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("every process") && said.contains("could not be written down"), "{said}");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Running, "nothing is claimed that was not stored");
    disk.make_room();
    sandbox.ok("convoy-ctl", &["stop", id.short()]);
    is_stopped(&sandbox, &id);
}

#[test]
fn a_stop_whose_end_found_no_room_is_finished_by_anybody() {
    let Some((sandbox, disk)) = small() else { return };
    let id = sandbox.start("two", &["--watch", "none"]);
    sandbox.until_started(2);
    std::fs::remove_file(sandbox.dir_of(&id).room(Purpose::End)).unwrap();
    disk.fill();
    let mut stop = sandbox.command("convoy-ctl");
    let mut stop = stop.args(["stop", id.short(), "--grace", "100ms"]).spawn().unwrap();
    wait::until(
        "nothing runs any more",
        || format!("{:?}", sandbox.commands()),
        || {
            // What the old state took is free again, and taken at once.
            disk.fill();
            sandbox.commands().is_empty().then_some(())
        },
    );
    stop.kill().unwrap();
    stop.wait().unwrap();
    let state = sandbox.state(&id);
    assert!(state.stopping.is_some() || state.ended(), "that it is to stop is known: {state:?}");
    disk.make_room();
    sandbox.ok("convoy-ctl", &["resume", id.short()]);
    sandbox.until_ended(&id);
    is_stopped(&sandbox, &id);
}

#[test]
fn what_has_ended_is_looked_at_and_removed_on_a_full_disk() {
    let Some((sandbox, disk)) = small() else { return };
    let ids: Vec<ConvoyId> = (0..3).map(|_| sandbox.start("t", &["--wait"])).collect();
    disk.fill();
    for verb in ["status", "wait", "output", "list"] {
        let id = if verb == "list" { "--all" } else { ids[0].short() };
        sandbox.ok("convoy-ctl", &[verb, id]);
    }
    let before = sandbox.state(&ids[0]);
    let out = sandbox.run("convoy-ctl", &["retry", ids[0].short(), "a"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    assert!(said.contains("no space left") && said.contains("hint: make room"), "{said}");
    assert_eq!(sandbox.state(&ids[0]), before, "it is as it was");
    assert!(!sandbox.dir_of(&ids[0]).env().exists(), "no secret stays with a convoy that has ended");
    sandbox.ok("convoy-ctl", &["rm", ids[1].short()]);
    sandbox.ok("convoy-ctl", &["prune", "--older-than", "1ms"]);
    for id in &ids {
        assert!(!sandbox.dir_of(id).state().exists() && !sandbox.dir_of(id).lock().exists());
    }
}

#[test]
fn the_room_is_given_back_at_the_end() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"one\""], "");
    let id = sandbox.start("t", &["--wait"]);
    for purpose in [Purpose::Stop, Purpose::End] {
        assert!(!sandbox.dir_of(&id).room(purpose).exists());
    }
}
