//! What the kernel refuses: notifications, threads, descriptors, a look at a
//! process, a sync, a directory. Convoys are slower for it, or it is said; they
//! are never lost, and nobody spins.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use base::files;
use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, programs, wait};
use protocol::outcome::Reason;
use protocol::state::ConvoyStatus;

/// Limits of inotify, both of which are common to meet.
const LIMITS: [&str; 2] = ["max_inotify_instances", "max_inotify_watches"];
/// Another user than the one who runs the tests.
const OTHER: u32 = 54_397;

/// Does this machine let us do that with `unshare`?
fn may_unshare(what: &str, options: &[&str]) -> bool {
    let tried = Command::new("unshare").args(options).arg("true").output();
    let may = tried.is_ok_and(|out| out.status.success());
    if !may {
        programs::skipped(&format!("{what}: this machine allows no unshare {}", options.join(" ")));
    }
    may
}

/// A program to whom the kernel grants nothing of this limit, nor to those it starts.
fn without(sandbox: &Sandbox, limit: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    sandbox.surround(&mut command);
    let script = format!("echo 0 > /proc/sys/user/{limit} && exec \"$0\" \"$@\"");
    command.args(["--user", "--map-root-user", "sh", "-c", &script]);
    command.arg(programs::dir().join(program)).args(arguments);
    command
}

/// An agent that reports when the file `go` is there, and one after it.
fn two_in_a_row(sandbox: &Sandbox) {
    let go = sandbox.path("go");
    sandbox.agent("first", &["print:hello\n", &format!("until:{}", go.display()), "report"]);
    sandbox.agent("second", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"first\", \"subagent\": \"first\"",
            "\"role\": \"second\", \"subagent\": \"second\", \"dependsOn\": [\"first\"]",
        ],
        "",
    );
}

/// An agent that ends when `go` is there: before, the start itself may see its end.
fn one_when_started(sandbox: &Sandbox) {
    let go = sandbox.path("go");
    sandbox.agent("one", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
}

fn go(sandbox: &Sandbox) {
    fs::write(sandbox.path("go"), "").unwrap();
}

/// Processor time of a process so far, in ticks of 10 ms.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let after = &stat[stat.rfind(')').expect("a name") + 2..];
    let fields: Vec<&str> = after.split(' ').collect();
    fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks")
}

/// Insists that a process that only waits takes next to no processor time.
fn assert_does_not_spin(pid: u32) {
    let (before, begin) = (ticks(pid), Instant::now());
    wait::pause(Duration::from_secs(3));
    let (used, passed) = (ticks(pid) - before, begin.elapsed());
    assert!(u128::from(used) * 10 * 10 < passed.as_millis(), "{used} ticks in {passed:?}");
}

fn output(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

#[test]
fn without_notifications_a_convoy_is_started_watched_and_waited_for() {
    if !may_unshare("no inotify", &["--user", "--map-root-user"]) {
        return;
    }
    for limit in LIMITS {
        let sandbox = Sandbox::new(Launcher::Process);
        two_in_a_row(&sandbox);
        let started = without(&sandbox, limit, "convoy-start", &["t"]).output().unwrap();
        assert!(started.status.success(), "{limit}: {}", shown(&started));
        let id: ConvoyId = String::from_utf8(started.stdout).unwrap().trim().parse().unwrap();
        sandbox.until_started(1);
        let verbs: [&[&str]; 4] = [
            &["wait", id.as_str()],
            &["status", id.as_str(), "--follow"],
            &["events", id.as_str(), "--follow"],
            &["logs", id.as_str(), "first", "-f"],
        ];
        let waiting = verbs.map(|words| {
            let mut command = without(&sandbox, limit, "convoy-ctl", words);
            (words, command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        });
        let watcher = sandbox.pids_of("convoy-watch");
        assert_does_not_spin(watcher[0] as u32);
        for pid in sandbox.pids_of("convoy-ctl") {
            assert_does_not_spin(pid as u32);
        }
        go(&sandbox);
        for (words, child) in waiting {
            let out = output(child);
            assert!(out.status.success(), "{limit}, {words:?}: {}", shown(&out));
            assert!(words[0] != "logs" || out.stdout.starts_with(b"hello\n"), "{}", shown(&out));
        }
        assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    }
}

#[test]
fn without_notifications_a_convoy_is_stopped_and_a_standby_takes_over() {
    if !may_unshare("no inotify", &["--user", "--map-root-user"]) {
        return;
    }
    for limit in LIMITS {
        let sandbox = Sandbox::new(Launcher::Process);
        two_in_a_row(&sandbox);
        let ids: Vec<ConvoyId> = (0..3).map(|_| sandbox.start("t", &["--watch", "none"])).collect();
        let mut first = without(&sandbox, limit, "convoy-watch", &["--all"]).spawn().unwrap();
        wait::until("all are watched", String::new, || {
            let watched = |id: &ConvoyId| base::lock::is_locked(&sandbox.dir_of(id).watch_lock()).unwrap();
            ids.iter().all(watched).then_some(())
        });
        let second = without(&sandbox, limit, "convoy-watch", &["--all"]).spawn().unwrap();
        let out = without(&sandbox, limit, "convoy-ctl", &["stop", ids[0].as_str()]).output().unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        assert_eq!(sandbox.state(&ids[0]).status, ConvoyStatus::Failed);
        assert_does_not_spin(second.id());
        first.kill().unwrap();
        first.wait().unwrap();
        go(&sandbox);
        let out = output(second);
        assert!(out.status.success(), "{}", shown(&out));
        for id in &ids[1..] {
            assert_eq!(sandbox.state(id).status, ConvoyStatus::Completed, "{limit}");
        }
        ledger::assert_no_attempt_twice(&sandbox.ledger());
    }
}

#[test]
fn a_supervisor_that_cannot_be_looked_at_is_waited_for_without_spinning() {
    let options = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    if !may_unshare("another pid namespace", &options) {
        return;
    }
    let sandbox = Sandbox::new(Launcher::Process);
    two_in_a_row(&sandbox);
    let mut elsewhere = Command::new("unshare");
    sandbox.surround(&mut elsewhere);
    // Its agents live as long as it does.
    elsewhere.args(options).args(["sh", "-c", "\"$0\" t --watch none; exec sleep 1000"]);
    let mut elsewhere = elsewhere
        .arg(programs::dir().join("convoy-start"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sandbox.until_started(1);
    let [id] = &protocol::convoys::all_ids(&sandbox.home()).unwrap()[..] else { panic!("one convoy") };
    let watcher = sandbox.command("convoy-watch").arg(id.as_str()).spawn().unwrap();
    sandbox.until(id, "its claim is seen", |state| state.agents[0].phase == protocol::agent::Phase::Claimed);
    assert_does_not_spin(watcher.id());
    go(&sandbox);
    assert!(output(watcher).status.success());
    assert_eq!(sandbox.state(id).status, ConvoyStatus::Completed);
    elsewhere.kill().unwrap();
    elsewhere.wait().unwrap();
}

#[test]
fn a_convoy_whose_report_cannot_be_brought_to_the_disk_has_not_ended() {
    let strace = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    if !strace.is_ok_and(|status| status.success()) {
        programs::skipped("a failing sync: strace is missing, or this machine forbids ptrace");
        return;
    }
    let sandbox = Sandbox::new(Launcher::Process);
    one_when_started(&sandbox);
    let id = sandbox.start("t", &["--watch", "none"]);
    go(&sandbox);
    let files = sandbox.dir_of(&id).attempt(&"one".parse().unwrap(), 1);
    wait::until("its end is recorded", String::new, || files.exit().exists().then_some(()));
    let record = protocol::record::ExitRecord::read(&files).unwrap().unwrap();
    let report = record.output_file.unwrap();
    let mut watcher = Command::new("strace");
    sandbox.surround(&mut watcher);
    watcher.args(["-qq", "-o"]).arg(sandbox.path("trace")).arg("-P").arg(report.as_path());
    watcher.args(["-e", "inject=fsync:error=EIO:when=1..2"]).arg(programs::dir().join("convoy-watch"));
    let log = fs::File::create(sandbox.path("said")).unwrap();
    let watcher = watcher.arg(id.as_str()).stderr(log).spawn().unwrap();
    let said = || fs::read_to_string(sandbox.path("said")).unwrap();
    wait::until("it says so", said, || said().contains("cannot sync").then_some(()));
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Running, "{}", said());
    assert!(output(watcher).status.success(), "{}", said());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    assert_eq!(said().matches("trying again").count(), 1, "once, as long as it is the same: {}", said());
}

#[test]
fn a_report_that_its_owner_took_away_keeps_no_convoy_from_its_end() {
    for how in ["removed", "a fifo", "with its directory"] {
        let sandbox = Sandbox::new(Launcher::Process);
        one_when_started(&sandbox);
        let id = sandbox.start("t", &["--watch", "none"]);
        go(&sandbox);
        let files = sandbox.dir_of(&id).attempt(&"one".parse().unwrap(), 1);
        wait::until("its end is recorded", String::new, || files.exit().exists().then_some(()));
        let report = protocol::record::ExitRecord::read(&files).unwrap().unwrap().output_file.unwrap();
        fs::remove_file(report.as_path()).unwrap();
        match how {
            "a fifo" => {
                nix::unistd::mkfifo(report.as_path(), nix::sys::stat::Mode::S_IRWXU).unwrap();
            }
            "with its directory" => fs::remove_dir_all(report.as_path().parent().unwrap()).unwrap(),
            _ => {}
        }
        sandbox.ok("convoy-watch", &[id.as_str()]);
        assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed, "{how}");
    }
}

/// Runs programs as a user who is nobody else, where the tests may; the sandbox
/// belongs to that user from then on.
struct Unprivileged<'a>(&'a Sandbox);

impl<'a> Unprivileged<'a> {
    fn new(sandbox: &'a Sandbox) -> Option<Self> {
        if !nix::unistd::getuid().is_root() {
            programs::skipped("another user: the tests are not run as root");
            return None;
        }
        let this = Unprivileged(sandbox);
        let tried = this.command(&["true".as_ref()]).output();
        if !tried.is_ok_and(|out| out.status.success()) {
            programs::skipped("another user: setpriv is missing");
            return None;
        }
        give(sandbox.path("").as_path());
        Some(this)
    }

    fn command(&self, words: &[&std::ffi::OsStr]) -> Command {
        let mut command = Command::new("setpriv");
        self.0.surround(&mut command);
        let user = OTHER.to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).args(words);
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(&[programs::dir().join(program).as_os_str()]);
        command.args(arguments).output().unwrap()
    }

    /// With at most so many processes and threads.
    fn limited(&self, limit: u32, program: &str, arguments: &[&str]) -> Command {
        let script = format!("ulimit -u {limit}; exec \"$0\" \"$@\"");
        let mut command = self.command(&["bash".as_ref(), "-c".as_ref(), script.as_ref()]);
        command.arg(programs::dir().join(program)).args(arguments);
        command
    }
}

fn give(path: &Path) {
    chown(path, Some(OTHER), Some(OTHER)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}

#[test]
fn where_no_process_can_be_had_a_start_says_so_and_its_convoy_is_known() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template(
        "t",
        &["\"role\": \"a\", \"subagent\": \"one\"", "\"role\": \"b\", \"subagent\": \"one\""],
        "",
    );
    let Some(user) = Unprivileged::new(&sandbox) else { return };
    let mut refused = 0;
    for limit in [1, 3, 6] {
        let out = user.limited(limit, "convoy-start", &["t"]).output().unwrap();
        refused += u32::from(!out.status.success());
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!said.contains("panicked"), "{limit}: {}", shown(&out));
        assert!([Some(0), Some(1)].contains(&out.status.code()), "{limit}: {}", shown(&out));
        let printed = String::from_utf8(out.stdout).unwrap();
        for id in protocol::convoys::all_ids(&sandbox.home()).unwrap() {
            assert!(
                printed.trim() == id.as_str(),
                "{limit}: {id} exists, and {printed:?} was printed: {said}"
            );
            if !out.status.success() {
                assert!(said.contains("hint: go on with it: convoy-ctl resume"), "{said}");
                let resumed = user.run("convoy-ctl", &["resume", id.as_str()]);
                assert!(resumed.status.success(), "{}", shown(&resumed));
            }
            // Its supervisors live under the same limit: who never got a process says so.
            let state = sandbox.until_ended(&id);
            for agent in &state.agents {
                let refused = matches!(agent.reason(), Some(Reason::Spawn | Reason::Launch));
                assert!(agent.is_completed() || refused, "{limit}: {agent:?}");
            }
            let removed = user.run("convoy-ctl", &["rm", id.as_str()]);
            assert!(removed.status.success(), "{}", shown(&removed));
        }
        wait::until("it is quiet", String::new, || sandbox.processes().is_empty().then_some(()));
    }
    assert!(refused > 0, "the limits refused nothing");
}

#[test]
fn a_server_without_threads_says_so() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(user) = Unprivileged::new(&sandbox) else { return };
    let dashboard = (1..=4).map(|limit| (limit, "convoy-dashboard", &["--port", "0"][..]));
    for (limit, program, words) in dashboard.chain((1..=3).map(|limit| (limit, "convoy-mcp", &[][..]))) {
        let out = user.limited(limit, program, words).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!said.contains("panicked") && out.status.code() == Some(1), "{limit}: {}", shown(&out));
        assert!(said.contains("no threads can be had") && said.contains("hint: "), "{said}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_read_is_not_an_empty_one() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let Some(user) = Unprivileged::new(&sandbox) else { return };
    let convoys = sandbox.home().convoys();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (path, shut) in
        [(convoys.clone(), 0o000), (convoys.clone(), 0o311), (sandbox.home().root().into(), 0)]
    {
        // What the last round of cron told is told once only.
        files::remove_if_there(&sandbox.home().watch_told()).unwrap();
        mode(&path, shut);
        for (program, words) in [
            ("convoy-ctl", &["list"][..]),
            ("convoy-ctl", &["list", "--json"]),
            ("convoy-ctl", &["list", "--all", "--status", "completed"]),
            ("convoy-ctl", &["status"]),
            ("convoy-ctl", &["status", "latest"]),
            ("convoy-ctl", &["output", id.short()]),
            ("convoy-ctl", &["prune"]),
            ("convoy-ctl", &["resume", "--all"]),
            ("convoy-watch", &["--all", "--once"]),
            ("convoy-watch", &[]),
        ] {
            let out = user.run(program, words);
            assert_eq!(out.status.code(), Some(5), "{words:?}, {shut:o}: {}", shown(&out));
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(said.contains("permission denied") && !said.contains("no convoy"), "{words:?}: {said}");
        }
        let doctor = user.run("convoy-ctl", &["doctor"]);
        assert_eq!(doctor.status.code(), Some(1), "{}", shown(&doctor));
        let dashboard = user.run("convoy-dashboard", &["--port", "0"]);
        assert!(!dashboard.status.success(), "{}", shown(&dashboard));
        mode(&path, 0o700);
    }
}

#[test]
fn a_convoy_that_cannot_be_read_among_others_is_shown_as_that() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    let ids: Vec<ConvoyId> = (0..2).map(|_| sandbox.start("t", &[])).collect();
    for id in &ids {
        sandbox.until_ended(id);
    }
    let Some(user) = Unprivileged::new(&sandbox) else { return };
    // With what `list` remembers, and without.
    for _ in 0..2 {
        user.run("convoy-ctl", &["list"]);
        wait::pause(Duration::from_millis(150));
    }
    let hidden = sandbox.dir_of(&ids[1]).state();
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o000)).unwrap();
    for _ in 0..2 {
        let listed = String::from_utf8(user.run("convoy-ctl", &["list"]).stdout).unwrap();
        let line = listed.lines().find(|line| line.contains(ids[1].short())).expect("it is listed");
        assert!(line.contains("unusable") && line.contains("permission denied"), "{listed}");
        assert!(listed.contains(ids[0].short()) && listed.contains("completed"), "{listed}");
        fs::remove_file(sandbox.home().index()).unwrap();
    }
    fs::remove_file(sandbox.dir_of(&ids[0]).state()).unwrap();
    let out = user.run("convoy-ctl", &["status", "latest"]);
    assert_eq!(out.status.code(), Some(5), "the only one there is: {}", shown(&out));
}

#[test]
fn a_directory_that_may_not_be_read_is_said_to_be_left_out() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
    for file in ["a.c", "private/b.c"] {
        fs::create_dir_all(sandbox.project().join(file).parent().unwrap()).unwrap();
        fs::write(sandbox.project().join(file), "int x;\n").unwrap();
    }
    let Some(user) = Unprivileged::new(&sandbox) else { return };
    let started = |mode| {
        fs::set_permissions(sandbox.project().join("private"), fs::Permissions::from_mode(mode)).unwrap();
        let out = user.run("convoy-start", &["t", "--files", ".", "--dry-run"]);
        assert!(out.status.success(), "{}", shown(&out));
        shown(&out)
    };
    assert!(!started(0o700).contains("cannot be read"));
    let said = started(0o000);
    assert!(said.contains("cannot be read, and is not reviewed: private"), "{said}");
}
