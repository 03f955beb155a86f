//! Any number of schedulers on one convoy (P4, P6).

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::state::ConvoyStatus;
use protocol::watch_lock::Watcher;

fn fan(sandbox: &Sandbox, count: usize) {
    sandbox.agent("one", &["sleep:5", "report"]);
    let mut agents: Vec<String> =
        (0..count).map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\"")).collect();
    let all: Vec<String> = (0..count).map(|n| format!("\"a{n}\"")).collect();
    agents.push(format!("\"role\": \"last\", \"subagent\": \"one\", \"dependsOn\": [{}]", all.join(", ")));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 3");
}

#[test]
fn ten_watchers_are_as_good_as_one() {
    for launcher in [Launcher::Process, Launcher::Tmux] {
        let sandbox = Sandbox::new(launcher);
        fan(&sandbox, 12);
        let id = sandbox.start("t", &["--watch", "none"]);
        let mut watchers: Vec<_> =
            (0..10).map(|_| sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap()).collect();
        // Some of them in the same moment on the same state, without any lock of theirs.
        for _ in 0..5 {
            sandbox.ok("convoy-watch", &["--once", id.as_str()]);
        }
        for watcher in &mut watchers {
            assert!(watcher.wait().unwrap().success());
        }
        assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
        ledger::assert_no_attempt_twice(&sandbox.ledger());
        assert_eq!(ledger::read(&sandbox.ledger()).len(), 13);
    }
}

/// A convoy of one agent that runs until the file is there; nobody watches it.
fn until_told(sandbox: &Sandbox) -> (PathBuf, ConvoyId) {
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"slow\""], "");
    let id = sandbox.start("t", &["--watch", "none"]);
    (go, id)
}

#[test]
fn a_standby_takes_over() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.agent("next", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"slow\", \"subagent\": \"slow\"",
            "\"role\": \"next\", \"subagent\": \"next\", \"dependsOn\": [\"slow\"]",
        ],
        "",
    );
    let id = sandbox.start("t", &["--watch", "none"]);
    let lock = sandbox.dir_of(&id).watch_lock();
    let mut first = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    wait::until("the first watches", String::new, || base::lock::is_locked(&lock).unwrap().then_some(()));
    let mut second = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    std::fs::write(go, "").unwrap();
    assert!(second.wait().unwrap().success());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_standby_leaves_when_the_convoy_is_removed() {
    let sandbox = Sandbox::new(Launcher::Process);
    let (go, id) = until_told(&sandbox);
    sandbox.until_started(1);
    let dir = sandbox.dir_of(&id);
    let mut first = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    wait::until("the first watches", String::new, || {
        base::lock::is_locked(&dir.watch_lock()).unwrap().then_some(())
    });
    let mut second = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    let notified = || {
        let open = fs::read_dir(format!("/proc/{}/fd", second.id())).ok()?;
        let link = |entry: std::io::Result<fs::DirEntry>| fs::read_link(entry.ok()?.path()).ok();
        open.filter_map(link).find(|to| to.to_string_lossy().contains("inotify")).map(|_| ())
    };
    wait::until("the second stands by", String::new, notified);
    let elsewhere = sandbox.path("elsewhere");
    fs::rename(dir.dir(), &elsewhere).unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    let picture = || format!("{:?}", sandbox.described_processes());
    wait::until("the second has left", picture, || second.try_wait().unwrap());
    fs::rename(&elsewhere, dir.dir()).unwrap();
    fs::write(go, "").unwrap();
    sandbox.ok("convoy-watch", &[id.as_str()]);
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
}

#[test]
fn a_hundred_starts_at_once() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let starts: Vec<_> = (0..100)
        .map(|_| {
            sandbox
                .command("convoy-start")
                .arg("t")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut ids = BTreeSet::new();
    for start in starts {
        let out = start.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        assert!(ids.insert(String::from_utf8(out.stdout).unwrap().trim().to_owned()), "no id twice");
    }
    for id in &ids {
        let id = id.parse().unwrap();
        assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 100);
}

/// Busy loops. They are gone when this is dropped, and by themselves after 20
/// seconds of processor time should the test be killed.
struct Load(Vec<Child>);

impl Load {
    fn of(loops: usize) -> Self {
        let busy = || {
            let mut command = Command::new("sh");
            command.args(["-c", "ulimit -t 20; while :; do :; done"]).stdin(Stdio::null());
            command.spawn().unwrap()
        };
        Load((0..loops).map(|_| busy()).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for one in &mut self.0 {
            let _ = one.kill();
            let _ = one.wait();
        }
    }
}

#[test]
fn fifty_convoys_under_one_watcher_and_load() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["sleep:20", "report"]);
    sandbox.agent("two", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"one\", \"subagent\": \"one\"",
            "\"role\": \"two\", \"subagent\": \"two\", \"dependsOn\": [\"one\"]",
        ],
        "",
    );
    let load = Load::of(20);
    let ids: Vec<_> = (0..50).map(|_| sandbox.start("t", &["--watch", "none"])).collect();
    let out = sandbox.run("convoy-watch", &["--all"]);
    assert!(out.status.success(), "{}", shown(&out));
    drop(load);
    for id in &ids {
        let state = sandbox.state(id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
        assert!(state.agents.iter().all(|agent| agent.attempt == 1), "no false death: {state:?}");
    }
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_thousand_agents_in_one_template() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    let names: Vec<String> = (0..999).map(|n| format!("\"a{n}\"")).collect();
    let mut agents: Vec<String> =
        names.iter().map(|name| format!("\"role\": {name}, \"subagent\": \"one\"")).collect();
    // Listed first, run last.
    let all = names.join(", ");
    agents.insert(0, format!("\"role\": \"last\", \"subagent\": \"one\", \"dependsOn\": [{all}]"));
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 16");
    let id = sandbox.start("t", &[]);
    // Each part in the time that a whole convoy has elsewhere.
    for part in 1..=10 {
        sandbox.until_started(100 * part);
    }
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    let started = ledger::read(&sandbox.ledger());
    assert_eq!(started.len(), 1000);
    assert!(started.last().is_some_and(|line| line.role == "last"), "{:?}", started.last());
}

#[test]
fn two_claims_have_one_winner() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["sleep:30", "report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let id = sandbox.start("t", &[]);
    // Late launches of the same attempt, many at once.
    let home = sandbox.home();
    let root = home.root().to_str().unwrap();
    let late = ["--home", root, "--convoy", id.as_str(), "--role", "one", "--attempt", "1"];
    let mut children: Vec<_> =
        (0..8).map(|_| sandbox.command("convoy-agent").args(late).spawn().unwrap()).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "who does not win ends quietly");
    }
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 1);
}

#[test]
fn a_round_for_cron_is_silent_and_short() {
    let sandbox = Sandbox::new(Launcher::Process);
    fan(&sandbox, 3);
    let id = sandbox.start("t", &["--watch", "none"]);
    wait::until("cron has brought it to its end", String::new, || {
        let out = sandbox.run("convoy-watch", &["--all", "--once"]);
        assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{}", shown(&out));
        wait::pause(Duration::from_millis(20));
        sandbox.state(&id).ended().then_some(())
    });
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
}

#[test]
fn a_convoy_is_run_again_under_whoever_still_watches_another() {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("once", &["exit-first:1", "report"]);
    sandbox.agent("long", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("quick", &["\"role\": \"a\", \"subagent\": \"once\""], "");
    sandbox.template("long", &["\"role\": \"a\", \"subagent\": \"long\""], "");
    let quick = sandbox.start("quick", &["--watch", "none"]);
    let long = sandbox.start("long", &["--watch", "none"]);
    let several = sandbox.command("convoy-watch").arg("--all").spawn().unwrap();
    assert_eq!(sandbox.until_ended(&quick).status, ConvoyStatus::Failed);
    wait::until("it is given back", String::new, || {
        let watcher = protocol::watch_lock::watcher(&sandbox.dir_of(&quick)).unwrap();
        (watcher == Watcher::Nobody).then_some(())
    });
    sandbox.ok("convoy-ctl", &["retry", quick.as_str()]);
    assert_eq!(sandbox.until_ended(&quick).status, ConvoyStatus::Completed);
    // Nobody is left for this one; `resume` sees that, and who watches the other.
    sandbox.ok("convoy-ctl", &["retry", quick.as_str(), "a", "--watch", "none"]);
    let out = sandbox.run("convoy-ctl", &["resume", long.as_str()]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains(&format!("is being watched, by process {}", several.id())), "{said}");
    sandbox.ok("convoy-ctl", &["resume", quick.as_str()]);
    assert_eq!(sandbox.until_ended(&quick).status, ConvoyStatus::Completed);
    fs::write(go, "").unwrap();
    assert!(several.wait_with_output().unwrap().status.success());
    assert_eq!(sandbox.state(&long).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_stopped_watcher_is_told_of_and_another_takes_over() {
    let sandbox = Sandbox::new(Launcher::Process);
    let (go, id) = until_told(&sandbox);
    let mut first = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    let watcher = || protocol::watch_lock::watcher(&sandbox.dir_of(&id)).unwrap();
    let pid = first.id() as i32;
    wait::until("it watches", String::new, || (watcher() == Watcher::UntilTheEnd(pid)).then_some(()));
    kill(Pid::from_raw(pid), Signal::SIGSTOP).unwrap();
    wait::until("it is stopped", String::new, || (watcher() == Watcher::Stopped(pid)).then_some(()));
    let said = sandbox.run("convoy-ctl", &["doctor"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains(&format!("is stopped (process {pid})")), "{said}");
    let out = sandbox.run("convoy-ctl", &["resume", id.as_str()]);
    assert!(out.status.success(), "{}", shown(&out));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains(&format!("process {pid}, is stopped")), "{said}");
    wait::until("another one watches", String::new, || {
        matches!(watcher(), Watcher::UntilTheEnd(other) if other != pid).then_some(())
    });
    // One more resume leaves nobody more.
    sandbox.ok("convoy-ctl", &["resume", id.as_str()]);
    assert_eq!(sandbox.pids_of("convoy-watch").len(), 2);
    fs::write(go, "").unwrap();
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    kill(Pid::from_raw(pid), Signal::SIGCONT).unwrap();
    assert!(first.wait().unwrap().success());
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

/// The programs in a directory of their own, with this shell script in front of
/// `convoy-merge` where it merges: `$REAL` goes on with it.
fn with_merge_behind(sandbox: &Sandbox, script: &str) -> PathBuf {
    let dir = sandbox.path("programs");
    fs::create_dir(&dir).unwrap();
    for program in ["convoy-start", "convoy-watch", "convoy-ctl", "convoy-agent", "convoy-merge"] {
        let to = dir.join(if program == "convoy-merge" { "merges" } else { program });
        let from = convoy_tests::programs::dir().join(program);
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ())).unwrap();
    }
    let script = format!(
        "#!/bin/sh\nREAL={}\ncase \"$*\" in *--also*) {script};; esac\nexec \"$REAL\" \"$@\"\n",
        dir.join("merges").display()
    );
    // Written by a process of its own: a program that a thread of this one has
    // open for writing while another forks cannot be started.
    let mut cat = Command::new("sh");
    let to = dir.join("convoy-merge");
    cat.args(["-c", "cat > \"$0\" && chmod +x \"$0\""]).arg(&to).stdin(Stdio::piped());
    let mut cat = cat.spawn().unwrap();
    cat.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(cat.wait().unwrap().success());
    dir
}

/// A convoy with a merge, which no scheduler works on once its review is there.
fn reviewed(sandbox: &Sandbox, programs: &Path) -> ConvoyId {
    let write = sandbox.path("write");
    sandbox.agent("a", &[&format!("until:{}", write.display()), "review:a"]);
    sandbox.agent("sum", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\"], \"report\": \"synthesis\"",
        ],
        "",
    );
    let mut start = Command::new(programs.join("convoy-start"));
    sandbox.surround(&mut start);
    let out = start.args(["t", "--watch", "none"]).output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    let id: ConvoyId = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    fs::write(write, "").unwrap();
    let files = sandbox.dir_of(&id).attempt(&"a".parse().unwrap(), 1);
    wait::until("the review is there", String::new, || files.exit().exists().then_some(()));
    id
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

/// Starts a convoy whose merge waits for the file `go` and notes each of its
/// beginnings in `merges`; a round has begun it.
fn with_a_merge_under_way(sandbox: &Sandbox) -> (PathBuf, ConvoyId, Child) {
    let (go, merges) = (sandbox.path("go"), sandbox.path("begun"));
    let script = format!("echo x >> {}; until [ -e {} ]; do sleep .05; done", merges.display(), go.display());
    let dir = with_merge_behind(sandbox, &script);
    let id = reviewed(sandbox, &dir);
    let round = round(sandbox, &dir);
    wait::until("the merge has begun", String::new, || (lines(&merges) == 1).then_some(()));
    (dir, id, round)
}

fn round(sandbox: &Sandbox, dir: &Path) -> Child {
    let mut round = Command::new(dir.join("convoy-watch"));
    sandbox.surround(&mut round);
    round.args(["--all", "--once"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_merge_outlives_the_round_that_began_it_and_is_taken_up() {
    let sandbox = Sandbox::new(Launcher::Process);
    let (dir, id, first) = with_a_merge_under_way(&sandbox);
    // One round comes to its end in silence, the next is killed in the midst.
    let out = first.wait_with_output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", shown(&out));
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Running);
    let mut second = round(&sandbox, &dir);
    wait::until("it is at work", String::new, || {
        (protocol::watch_lock::watcher(&sandbox.dir_of(&id)).unwrap() == Watcher::Briefly).then_some(())
    });
    second.kill().unwrap();
    second.wait().unwrap();
    let mut several: Vec<_> = (0..2)
        .map(|_| {
            let mut watch = Command::new(dir.join("convoy-watch"));
            sandbox.surround(&mut watch);
            watch.arg(id.as_str()).spawn().unwrap()
        })
        .collect();
    fs::write(sandbox.path("go"), "").unwrap();
    for watch in &mut several {
        assert!(watch.wait().unwrap().success());
    }
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    assert_eq!(sandbox.state(&id).merge.unwrap().failures, 0);
    assert_eq!(lines(&sandbox.path("begun")), 1, "there was one merge program");
    let left: Vec<_> = fs::read_dir(sandbox.dir_of(&id).dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("draft") || name.starts_with("merge.1.lock"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_merge_that_a_stopped_scheduler_began_is_published_by_another() {
    let sandbox = Sandbox::new(Launcher::Process);
    let (dir, id, mut first) = with_a_merge_under_way(&sandbox);
    let pid = first.id() as i32;
    kill(Pid::from_raw(pid), Signal::SIGSTOP).unwrap();
    // Else it is taken for one at work, until the next sweep.
    wait::until("it is stopped", String::new, || {
        let watcher = protocol::watch_lock::watcher(&sandbox.dir_of(&id)).unwrap();
        (watcher == Watcher::Stopped(pid)).then_some(())
    });
    fs::write(sandbox.path("go"), "").unwrap();
    let mut watch = Command::new(dir.join("convoy-watch"));
    sandbox.surround(&mut watch);
    assert!(watch.arg(id.as_str()).status().unwrap().success());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    kill(Pid::from_raw(first.id() as i32), Signal::SIGCONT).unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    assert_eq!(lines(&sandbox.path("begun")), 1);
}

#[test]
fn a_stop_ends_a_merge_that_nobody_waits_for() {
    let sandbox = Sandbox::new(Launcher::Process);
    let (_, id, mut first) = with_a_merge_under_way(&sandbox);
    first.kill().unwrap();
    first.wait().unwrap();
    let merging =
        || sandbox.pids_of("sh").len() + sandbox.pids_of("dash").len() + sandbox.pids_of("sleep").len();
    assert!(merging() > 0, "it outlived its scheduler");
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Failed);
    wait::until(
        "nothing of it runs",
        || format!("{:?}", sandbox.processes()),
        || (merging() == 0).then_some(()),
    );
    sandbox.ok("convoy-ctl", &["rm", id.as_str()]);
}

#[test]
fn merges_that_end_without_a_result_are_counted_whoever_began_them() {
    let sandbox = Sandbox::new(Launcher::Process);
    let begun = sandbox.path("begun");
    // Each ends, and takes its scheduler with it.
    let script = format!("echo x >> {}; kill -9 $PPID; exit 1", begun.display());
    let dir = with_merge_behind(&sandbox, &script);
    let id = reviewed(&sandbox, &dir);
    let told = || format!("{:?}", sandbox.state(&id).merge);
    wait::until("three have failed", told, || {
        round(&sandbox, &dir).wait().unwrap();
        sandbox.state(&id).ended().then_some(())
    });
    let merge = sandbox.state(&id).merge.unwrap();
    assert_eq!((merge.failures, merge.status), (3, protocol::state::MergeStatus::Failed));
    assert_eq!(lines(&begun), 3);
}

#[test]
fn cron_is_silent_about_what_it_can_never_change() {
    let sandbox = Sandbox::new(Launcher::Process);
    let mut config = fs::read_to_string(sandbox.home().config()).unwrap();
    config.push_str("keep = \"1ms\"\n");
    fs::write(sandbox.home().config(), config).unwrap();
    fs::create_dir_all(sandbox.home().convoys()).unwrap();
    for status in ["running", "completed"] {
        let old = format!(
            "{{\"id\": \"convoy-x-{status}\", \"template\": \"x\", \"status\": \"{status}\", \"agents\": []}}"
        );
        let id = if status == "running" { "convoy-x-aaaaaa" } else { "convoy-x-bbbbbb" };
        fs::write(sandbox.home().convoys().join(format!("{id}.json")), old).unwrap();
    }
    let out = sandbox.run("convoy-watch", &["--all", "--once"]);
    assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{}", shown(&out));
    let told = sandbox.run("convoy-ctl", &["prune", "--older-than", "1ms"]);
    assert_eq!(String::from_utf8_lossy(&told.stderr).matches("kept:").count(), 2, "{}", shown(&told));
    let listed = sandbox.ok("convoy-ctl", &["list"]);
    assert!(listed.contains("aaaaaa") && listed.contains("bbbbbb"), "{listed}");
    fs::write(sandbox.home().convoys().join("convoy-x-torn22.json"), "{\"schemaVersion\": 1").unwrap();
    let out = sandbox.run("convoy-watch", &["--all", "--once"]);
    assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(told.matches("cannot read state").count(), 1, "told once: {told}");
    assert!(told.contains("hint: ") && told.contains("rm convoy-x-torn22"), "{told}");
}

#[test]
fn cron_tells_once_what_stays_wrong_and_again_what_changes() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("hang", &["hang"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"hang\""], "");
    let round = |code: i32| {
        let out = sandbox.run("convoy-watch", &["--all", "--once"]);
        assert_eq!(out.status.code(), Some(code), "{}", shown(&out));
        String::from_utf8(out.stderr).unwrap()
    };
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    assert_eq!(round(0), "");

    // A state that is torn, then another way.
    fs::create_dir_all(sandbox.home().convoys()).unwrap();
    let torn = sandbox.home().convoys().join("convoy-x-torn22.json");
    fs::write(&torn, "{\"schemaVersion\": 1").unwrap();
    assert!(round(5).contains("torn22"));
    assert_eq!([round(5), round(5)], ["", ""]);
    fs::write(&torn, "").unwrap();
    assert!(round(5).contains("torn22"));
    assert_eq!(round(5), "");

    // A claim of which nobody can say whose it is: beside the other.
    let claim = sandbox.dir_of(&id).attempt(&"a".parse().unwrap(), 1).started();
    let whole = fs::read(&claim).unwrap();
    fs::write(&claim, "{").unwrap();
    let said = round(5);
    assert!(said.contains("understand claim") && !said.contains("torn22"), "{said}");
    assert_eq!(said.lines().count(), 1, "one line, however often it was tried: {said}");
    assert_eq!(round(5), "");
    fs::remove_file(&torn).unwrap();
    assert_eq!(round(1), "", "what is left was told, and still keeps the convoy from going on");

    // Mended, all is well; and when it comes back it is news.
    fs::write(&claim, &whole).unwrap();
    assert_eq!(round(0), "");
    fs::write(&torn, "").unwrap();
    assert!(round(5).contains("torn22"));
}
