//! Other names, other pid namespaces, other machines, other users, other file
//! systems; and convoys of which a file is lost.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use base::clock::BootId;
use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, programs, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::outcome::Reason;
use protocol::state::{ConvoyStatus, State};
use protocol::store::Store;
use protocol::watch_lock::{Watcher, watcher};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("one", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"one\""], "");
    sandbox
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// Changes the stored state, as no program does.
fn rewrite(sandbox: &Sandbox, id: &ConvoyId, change: impl FnOnce(&mut State)) {
    let mut store = Store::new(sandbox.dir_of(id));
    let mut held = store.hold().unwrap();
    let mut state = held.state().unwrap().clone();
    change(&mut state);
    held.replace(state, jiff::Timestamp::now()).unwrap();
}

fn is_stopped(sandbox: &Sandbox, id: &ConvoyId) {
    let state = sandbox.state(id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Stopped)), "{state:?}");
}

/// A shell in a pid namespace of its own, which lives as long as this.
struct Namespace(Child);

impl Namespace {
    /// `None`: this machine allows none, which is told.
    fn run(sandbox: &Sandbox, script: &str) -> Option<Self> {
        let mut command = Command::new("unshare");
        sandbox.surround(&mut command);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs::dir().display());
        command.args(["--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c"]);
        let script = format!("touch '{}'; {script}", sandbox.path("inside").display());
        let child = command.arg(script).env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.ok()?;
        loop {
            if sandbox.path("inside").exists() {
                return Some(Namespace(child));
            }
            if child.try_wait().expect("unshare").is_some() {
                programs::skipped("another pid namespace: this machine allows none");
                return None;
            }
            wait::pause(std::time::Duration::from_millis(5));
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A convoy begun in another pid namespace; it is running there.
fn begun_elsewhere(sandbox: &Sandbox) -> Option<(Namespace, ConvoyId)> {
    // Who starts it looks after it until it returns.
    let returned = sandbox.path("returned");
    let script = format!("convoy-start t --watch none; touch '{}'; sleep 1000", returned.display());
    let namespace = Namespace::run(sandbox, &script)?;
    wait::until("it is started", String::new, || returned.exists().then_some(()));
    sandbox.until_started(1);
    let id = protocol::convoys::all_ids(&sandbox.home()).unwrap().remove(0);
    Some((namespace, id))
}

#[test]
fn a_machine_that_got_another_name_is_the_same_machine() {
    let sandbox = sandbox();
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    rewrite(&sandbox, &id, |state| state.host = "before".to_owned());
    sandbox.ok("convoy-ctl", &["resume", id.short()]);
    fs::write(sandbox.path("go"), "").unwrap();
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_supervisor_in_another_pid_namespace_is_waited_for() {
    let sandbox = sandbox();
    let Some((_namespace, id)) = begun_elsewhere(&sandbox) else { return };
    let mut watch = sandbox.command("convoy-watch");
    let mut watch = watch.arg(id.as_str()).spawn().unwrap();
    let ticks = |pid: u32| -> u64 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    wait::until("it watches", String::new, || {
        matches!(watcher(&sandbox.dir_of(&id)), Ok(Watcher::UntilTheEnd(_))).then_some(())
    });
    let before = ticks(watch.id());
    wait::pause(std::time::Duration::from_secs(2));
    assert!(ticks(watch.id()) - before < 20, "it does not burn a processor");
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Running, "who holds its claim lives");
    fs::write(sandbox.path("go"), "").unwrap();
    assert!(watch.wait().unwrap().success());
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn what_cannot_be_seen_is_never_proved_to_be_gone() {
    let sandbox = sandbox();
    let Some((_namespace, id)) = begun_elsewhere(&sandbox) else { return };
    let supervisor = sandbox.pids_of("convoy-agent")[0];
    kill(Pid::from_raw(supervisor), Signal::SIGKILL).unwrap();
    wait::until("it is gone", String::new, || sandbox.pids_of("convoy-agent").is_empty().then_some(()));
    let stored = fs::read(sandbox.dir_of(&id).state()).unwrap();

    // A moment longer it holds its claim.
    let screen = || sandbox.ok("convoy-ctl", &["status", id.short()]);
    wait::until("status says so", screen, || {
        let screen = screen();
        (screen.contains("cannot be seen from here") && screen.contains("--force")).then_some(())
    });
    let resumed = sandbox.run("convoy-ctl", &["resume", id.short()]);
    assert_eq!(resumed.status.code(), Some(2), "{}", shown(&resumed));
    assert!(
        said(&resumed).contains("hint:") && said(&resumed).contains("stop --force"),
        "{}",
        shown(&resumed)
    );
    let watched = sandbox.run("convoy-watch", &[id.as_str()]);
    assert_eq!(watched.status.code(), Some(2), "{}", shown(&watched));
    for is_told in [true, false, false] {
        let round = sandbox.run("convoy-watch", &["--all", "--once"]);
        assert_eq!(round.status.code(), Some(2), "{}", shown(&round));
        assert_eq!(said(&round).contains("stop --force"), is_told, "{}", shown(&round));
        assert_eq!(said(&round).is_empty(), !is_told, "{}", shown(&round));
    }
    assert_eq!(fs::read(sandbox.dir_of(&id).state()).unwrap(), stored, "nothing was started or concluded");

    let stopped = sandbox.run("convoy-ctl", &["stop", id.short()]);
    assert_eq!(stopped.status.code(), Some(1), "{}", shown(&stopped));
    assert!(said(&stopped).contains("stop --force"), "{}", shown(&stopped));
    assert!(sandbox.run("convoy-ctl", &["rm", id.short()]).status.code() == Some(75));

    let forced = sandbox.run("convoy-ctl", &["stop", "--force", id.short()]);
    assert!(forced.status.success(), "{}", shown(&forced));
    assert!(said(&forced).contains("not proved"), "it says what it cannot know: {}", shown(&forced));
    is_stopped(&sandbox, &id);
    // Said to be over it is over for everybody, and can be run again.
    fs::write(sandbox.path("go"), "").unwrap();
    sandbox.ok("convoy-ctl", &["retry", id.short()]);
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
}

#[test]
fn one_that_lives_out_of_sight_is_not_removed_by_force() {
    let sandbox = sandbox();
    let Some((namespace, id)) = begun_elsewhere(&sandbox) else { return };
    // The time a stop waits is long: what it says of a living one is looked at in between.
    let mut removal = sandbox.command("convoy-ctl");
    let mut removal = removal.args(["rm", "--force", id.short()]).spawn().unwrap();
    sandbox.until(&id, "the convoy is being stopped", |state| state.stopping.is_some());
    wait::pause(std::time::Duration::from_millis(500));
    assert!(removal.try_wait().unwrap().is_none() && sandbox.dir_of(&id).state().exists());
    drop(namespace);
    assert!(removal.wait().unwrap().success(), "its claim is free now");
    assert!(!sandbox.dir_of(&id).state().exists() && !sandbox.dir_of(&id).lock().exists());
}

#[test]
fn a_convoy_of_another_machine_is_ended_only_by_force() {
    let sandbox = sandbox();
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    sandbox.kill_all("convoy-agent");
    rewrite(&sandbox, &id, |state| {
        state.host = "elsewhere".to_owned();
        state.clock.at.boot = BootId("of another machine".to_owned());
    });
    for verb in ["stop", "resume"] {
        let out = sandbox.run("convoy-ctl", &[verb, id.short()]);
        assert_eq!(out.status.code(), Some(2), "{verb}: {}", shown(&out));
        assert!(said(&out).contains("elsewhere") && said(&out).contains("--force"), "{}", shown(&out));
    }
    assert_eq!(sandbox.run("convoy-watch", &[id.as_str()]).status.code(), Some(2));
    sandbox.ok("convoy-ctl", &["rm", "--force", id.short()]);
    assert!(!sandbox.dir_of(&id).state().exists());
}

#[test]
fn a_convoy_whose_plan_is_lost_can_be_ended_and_removed() {
    type Lose = fn(&Path);
    let ways: [(&str, Lose); 3] = [
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("torn", |path| fs::write(path, "{\"schemaVersion\": 1, \"id\"").unwrap()),
        ("empty", |path| fs::write(path, "").unwrap()),
    ];
    for (how, lose) in ways {
        let sandbox = sandbox();
        let id = sandbox.start("t", &["--watch", "none"]);
        sandbox.until_started(1);
        lose(&sandbox.dir_of(&id).plan());
        let screen = sandbox.ok("convoy-ctl", &["status", id.short()]);
        assert!(screen.contains("is lost") && screen.contains("convoy-ctl stop"), "{how}: {screen}");
        for (program, arguments) in
            [("convoy-ctl", vec!["resume", id.short()]), ("convoy-watch", vec![id.as_str()])]
        {
            let out = sandbox.run(program, &arguments);
            assert_eq!(out.status.code(), Some(5), "{how}: {}", shown(&out));
            assert!(said(&out).contains("is lost"), "{how}: {}", shown(&out));
        }
        sandbox.ok("convoy-ctl", &["stop", id.short(), "--grace", "200ms"]);
        is_stopped(&sandbox, &id);
        assert_eq!(sandbox.commands(), Vec::<i32>::new());
        let again = sandbox.run("convoy-ctl", &["retry", id.short(), "a"]);
        assert_eq!(again.status.code(), Some(5), "{how}: {}", shown(&again));
        assert!(
            said(&again).contains("hint: ") && said(&again).contains("start it again"),
            "{}",
            shown(&again)
        );
        sandbox.ok("convoy-ctl", &["rm", id.short()]);
    }
}

#[test]
fn a_stop_that_was_begun_is_finished_without_a_plan() {
    let sandbox = sandbox();
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    rewrite(&sandbox, &id, |state| {
        state.stopping = Some(protocol::state::Stopping { since: state.clock.at.clone(), grace_ms: 200 });
    });
    fs::remove_file(sandbox.dir_of(&id).plan()).unwrap();
    sandbox.ok("convoy-ctl", &["resume", id.short()]);
    sandbox.until_ended(&id);
    is_stopped(&sandbox, &id);
}

#[test]
fn removing_leaves_nothing_behind() {
    let sandbox = sandbox();
    fs::write(sandbox.path("go"), "").unwrap();
    let ids: Vec<ConvoyId> = (0..2).map(|_| sandbox.start("t", &["--wait"])).collect();
    let names = || {
        let entries = fs::read_dir(sandbox.home().convoys()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    fs::write(sandbox.dir_of(&ids[0]).torn(), "{").unwrap();
    sandbox.ok("convoy-ctl", &["rm", ids[0].short()]);
    // Who comes late finds nothing, and leaves nothing.
    let mut late = Store::new(sandbox.dir_of(&ids[0]));
    assert!(matches!(late.hold(), Err(base::Error::NoConvoy(_))));
    assert!(names().iter().all(|name| name.to_str().unwrap().contains(ids[1].short())), "{:?}", names());
    // What removals left that were killed half way.
    fs::write(sandbox.dir_of(&ids[0]).lock(), "").unwrap();
    fs::write(sandbox.dir_of(&ids[0]).torn(), "").unwrap();
    fs::rename(sandbox.dir_of(&ids[1]).state(), sandbox.dir_of(&ids[1]).removed_state()).unwrap();
    sandbox.ok("convoy-ctl", &["prune"]);
    assert_eq!(names(), Vec::<std::ffi::OsString>::new());
}

/// A user nobody is.
const USER: u32 = 54_321;

/// A sandbox of that user, and a way to run programs as them.
fn users() -> Option<Sandbox> {
    if !nix::unistd::geteuid().is_root() {
        programs::skipped("root among a user's convoys: this is not root");
        return None;
    }
    // A checkout below a directory of root's own: nobody else can run what is in it.
    let enters = |path: &Path| fs::metadata(path).is_ok_and(|found| found.mode() & 0o001 != 0);
    if !programs::dir().ancestors().all(enters) {
        programs::skipped("root among a user's convoys: the programs lie where other users may not look");
        return None;
    }
    let sandbox = sandbox();
    fs::write(sandbox.path("go"), "").unwrap();
    let owned = Command::new("chown").arg("-R").arg(format!("{USER}:{USER}")).arg(sandbox.path("")).status();
    assert!(owned.unwrap().success());
    Some(sandbox)
}

fn as_user(sandbox: &Sandbox, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("setpriv");
    sandbox.surround(&mut command);
    let user = USER.to_string();
    command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]);
    command.arg(programs::dir().join(program)).args(arguments).output().unwrap()
}

/// Files below a directory that are not the user's.
fn strangers(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(path) = open.pop() {
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        if metadata.uid() != USER {
            found.push(path);
        }
    }
    found
}

#[test]
fn root_leaves_a_users_state_directory_alone() {
    let Some(sandbox) = users() else { return };
    let started = as_user(&sandbox, "convoy-start", &["t", "--wait"]);
    assert!(started.status.success(), "{}", shown(&started));
    let id = String::from_utf8(started.stdout).unwrap().trim().to_owned();
    let refused: [(&str, &[&str]); 12] = [
        ("convoy-start", &["t"]),
        ("convoy-watch", &["--all", "--once"]),
        ("convoy-watch", &[&id]),
        ("convoy-ctl", &["retry", &id, "a"]),
        ("convoy-ctl", &["synthesize", &id]),
        ("convoy-ctl", &["resume", &id]),
        ("convoy-ctl", &["stop", &id]),
        ("convoy-ctl", &["rm", "--force", &id]),
        ("convoy-ctl", &["prune", "--older-than", "1ms"]),
        ("convoy-ctl", &["templates", "new", "mine"]),
        ("convoy-review", &[]),
        ("convoy-dashboard", &[]),
    ];
    for (program, arguments) in refused {
        let out = sandbox.run(program, arguments);
        assert_eq!(out.status.code(), Some(2), "{program} {arguments:?}: {}", shown(&out));
        assert!(said(&out).contains("hint: run it as"), "{program} {arguments:?}: {}", shown(&out));
    }
    let home = sandbox.home();
    let claims = ["--home", home.root().to_str().unwrap(), "--convoy", &id, "--role", "a", "--attempt", "9"];
    assert_eq!(sandbox.run("convoy-agent", &claims).status.code(), Some(2));
    for arguments in
        [&["status", &id] as &[&str], &["list"], &["wait", &id], &["output", &id], &["events", &id]]
    {
        let out = sandbox.run("convoy-ctl", arguments);
        assert!(out.status.success(), "{arguments:?}: {}", shown(&out));
    }
    assert_eq!(strangers(&sandbox.path("")), Vec::<std::path::PathBuf>::new());
    let removed = as_user(&sandbox, "convoy-ctl", &["rm", &id]);
    assert!(removed.status.success(), "the user goes on: {}", shown(&removed));
}

#[test]
fn root_makes_no_state_directory_in_a_users_home() {
    let Some(sandbox) = users() else { return };
    for (name, value) in [("PANOPTICON_HOME", sandbox.path("new/state")), ("HOME", sandbox.path("project"))] {
        let mut start = sandbox.command("convoy-start");
        let out = start.arg("code-review").env_remove("PANOPTICON_HOME").env(name, &value).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{name}: {}", shown(&out));
        assert!(said(&out).contains("hint: run it as"), "{name}: {}", shown(&out));
        assert!(!sandbox.path("new").exists() && !sandbox.path("project/.panopticon").exists());
    }
}

/// A bindfs on which a second name of a file is another file.
struct NoLinks(std::path::PathBuf);

impl NoLinks {
    fn mount(sandbox: &Sandbox) -> Option<Self> {
        let (back, front) = (sandbox.path("back"), sandbox.path("front"));
        fs::create_dir_all(&back).unwrap();
        fs::create_dir_all(&front).unwrap();
        let mounted = Command::new("bindfs").arg("--hide-hard-links").args([&back, &front]).output();
        if mounted.is_ok_and(|out| out.status.success()) {
            return Some(NoLinks(front));
        }
        programs::skipped("a file system without second names: bindfs is missing, or cannot be used here");
        None
    }
}

impl Drop for NoLinks {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_file_system_where_links_are_no_second_names_is_refused() {
    let sandbox = sandbox();
    let Some(mounted) = NoLinks::mount(&sandbox) else { return };
    let home = mounted.0.join("h");
    let copied = Command::new("cp").arg("-a").arg(sandbox.home().root()).arg(&home).status().unwrap();
    assert!(copied.success());
    let out = sandbox.command("convoy-start").arg("t").env("PANOPTICON_HOME", &home).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    let words = said(&out);
    assert!(words.contains("second name") && words.contains("front/h"), "{words}");
    assert!(words.contains("hint: set PANOPTICON_HOME"), "{words}");
    assert_eq!(fs::read_dir(home.join("convoys")).unwrap().count(), 0, "nothing is left");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());

    // A convoy that was moved there is not begun again either.
    fs::write(sandbox.path("go"), "").unwrap();
    let id = sandbox.start("t", &["--wait"]);
    let copied = Command::new("cp").arg("-a").arg(sandbox.home().convoys()).arg(&home).status().unwrap();
    assert!(copied.success());
    for verb in [&["retry", id.short(), "a"] as &[&str], &["output", id.short()]] {
        let out = sandbox.command("convoy-ctl").args(verb).env("PANOPTICON_HOME", &home).output().unwrap();
        assert_eq!(out.status.code(), Some(if verb[0] == "retry" { 2 } else { 0 }), "{}", shown(&out));
    }
}

/// A claimed attempt of a convoy without a watcher whose command hangs.
fn hanging() -> (Sandbox, ConvoyId) {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("hang", &["hang"]);
    sandbox.template("t", &["\"role\": \"a\", \"subagent\": \"hang\""], "");
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    (sandbox, id)
}

#[test]
fn what_runs_for_a_convoy_that_somebody_removed_ends() {
    for all in [false, true] {
        let (sandbox, id) = hanging();
        let removed = if all { sandbox.home().root().to_path_buf() } else { sandbox.dir_of(&id).dir() };
        fs::remove_dir_all(removed).unwrap();
        let left = || sandbox.described_processes();
        wait::until("nothing is left", || format!("{:?}", left()), || left().is_empty().then_some(()));
    }
}

#[test]
fn a_pipe_in_the_state_directory_is_waited_for_by_nobody() {
    let (sandbox, id) = hanging();
    let pipe = |path: &Path| {
        let _ = fs::remove_file(path);
        nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    };
    let home = sandbox.home();
    for path in [home.written(), home.index(), home.watch_told(), home.convoys().join("convoy-x-abcdef.json")]
    {
        pipe(&path);
    }
    let attempt = sandbox.dir_of(&id).attempt(&"a".parse().unwrap(), 1);
    pipe(&attempt.log());
    let run = |program: &str, words: &[&str]| {
        let mut command = sandbox.command(program);
        command.args(words);
        let ended = base::subprocess::output(command, std::time::Duration::from_secs(30)).unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        (ended.status.unwrap_or_else(|| panic!("{program} {words:?} hangs")).code(), said)
    };
    for (words, code) in [
        (&["list"][..], Some(0)),
        (&["health"], Some(1)),
        (&["doctor"], Some(1)),
        (&["status", id.short()], Some(0)),
        (&["status", "abcdef"], Some(5)),
        (&["logs", id.short(), "a"], Some(1)),
        (&["stop", id.short()], Some(0)),
    ] {
        let (found, said) = run("convoy-ctl", words);
        assert_eq!(found, code, "{words:?}: {said}");
    }
    let (code, said) = run("convoy-watch", &["--all", "--once"]);
    assert!(code == Some(5) && said.contains("it is a pipe"), "{code:?} {said}");
    // Started once more: with its own list of what it wrote, and with a pipe for a configuration.
    let files = ["t", "--files", ".", "--dry-run"];
    fs::write(sandbox.project().join("a.c"), "int a;\n").unwrap();
    for path in [home.written(), home.config()] {
        pipe(&path);
        let (code, said) = run("convoy-start", &files);
        assert!(code == Some(2) && said.contains("it is a pipe"), "{code:?} {said}");
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(run("convoy-start", &files).0, Some(0));
}
