//! A sandbox on this machine: each promise of docs/executors.md with a canary, which
//! sings where there is no sandbox.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};

use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox};
use protocol::state::{AgentStatus, ConvoyStatus};

/// Does a sandbox work on this machine? What is left out is told.
fn works() -> bool {
    let mut command = Command::new("bwrap");
    command.args(["--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "/bin/true"]);
    let works = command.output().is_ok_and(|out| out.status.success());
    if !works {
        programs::skipped("bwrap: it is not installed, or this kernel allows no user namespaces");
    }
    works
}

/// A process of the same user that an agent has nothing to do with.
struct Neighbour(Child);

impl Neighbour {
    fn new() -> Self {
        let mut command = Command::new("sleep");
        command.arg("1000").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Neighbour(command.spawn().expect("a process"))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An agent whose command is this script of bash, which prints its report; by executor.
fn report_of(sandbox: &Sandbox, script: &str, executor: &str) -> String {
    let script = format!("exec > \"$CONVOY_OUTPUT_FILE\"\n{script}");
    let command = serde_json::to_string(&["/bin/bash", "-c", &script]).expect("JSON");
    let text = format!("---\nname: a\ndescription: d\nrunner: command\ncommand: {command}\n---\nDo it.\n");
    fs::write(sandbox.home().user_agents().join("a.md"), text).expect("the agent");
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", executor]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!(agent.status(), AgentStatus::Completed, "{executor}: {agent:?}");
    fs::read_to_string(agent.output_file().expect("a report").as_path()).expect("the report")
}

#[test]
fn each_promise_has_a_canary() {
    if !works() {
        return;
    }
    let sandbox = Sandbox::new(Launcher::Process);
    fs::write(sandbox.path("secret"), "of the home directory").expect("a secret");
    fs::write(sandbox.project().join("file"), "of the project").expect("a file");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a loopback server");
    let port = tcp.local_addr().expect("its address").port();
    let _socket = UnixListener::bind(sandbox.home().tmux_socket()).expect("a socket");
    let elsewhere = tempfile::tempdir().expect("a place outside of home");
    let _other = UnixListener::bind(elsewhere.path().join("socket")).expect("a socket");
    let other = fs::File::create(elsewhere.path().join("written")).expect("a file outside");
    drop(other);
    let neighbour = Neighbour::new();
    let pid = neighbour.0.id();
    let canaries = [
        ("home", format!("cat '{}'", sandbox.path("secret").display())),
        ("project", "echo x >> file".to_owned()),
        ("process", format!("kill -0 {pid}")),
        ("listed", format!("test -d /proc/{pid}")),
        ("network", format!("exec 9<>/dev/tcp/127.0.0.1/{port}")),
        ("socket", format!("test -S '{}'", sandbox.home().tmux_socket().display())),
        ("other-socket", format!("test -S '{}'", elsewhere.path().join("socket").display())),
        ("outside", format!("echo x >> '{}'", elsewhere.path().join("written").display())),
        ("state", format!("ls '{}'", sandbox.home().config().display())),
        ("order", "ls \"$PANOPTICON_HOME\"/convoys/*/env".to_owned()),
        ("variables", "cat /proc/1/environ | tr '\\0' '\\n' | grep ^KEEP_OUT=".to_owned()),
    ];
    let mut script = String::new();
    for (name, canary) in &canaries {
        let _ = writeln!(
            script,
            "if ( {canary} ) > /dev/null 2>&1; then echo '{name} sings'; else echo '{name} is silent'; fi"
        );
    }
    script += "mount -o remount,rw . 2>/dev/null; ( echo y >> file ) 2>/dev/null; pwd; cat file; echo\n";
    let free = report_of(&sandbox, &script, "local");
    for name in [
        "home",
        "project",
        "process",
        "listed",
        "network",
        "socket",
        "other-socket",
        "outside",
        "state",
        "order",
    ] {
        assert!(free.contains(&format!("{name} sings")), "a canary that cannot sing proves nothing: {free}");
    }
    fs::write(sandbox.project().join("file"), "of the project").expect("a file");
    let confined = report_of(&sandbox, &script, "bwrap");
    for (name, _) in &canaries {
        assert!(confined.contains(&format!("{name} is silent")), "{confined}");
    }
    assert!(confined.contains(&format!("{}\n", sandbox.project().display())), "it starts in the project");
    assert_eq!(fs::read_to_string(sandbox.project().join("file")).expect("the file"), "of the project");
}

#[test]
fn nothing_survives_and_everybody_is_asked_first() {
    if !works() {
        return;
    }
    let sandbox = Sandbox::new(Launcher::Process);
    // One that escaped everything there is, with an empty environment.
    let report = report_of(&sandbox, "env -i setsid sleep 98765 & disown; echo done", "bwrap");
    assert_eq!(report, "done\n");
    let survives = |word: &str| {
        let all = base::process::all().expect("the processes");
        let line = |pid: i32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        all.iter().any(|stat| String::from_utf8_lossy(&line(stat.pid)).contains(word))
    };
    assert!(!survives("98765"));

    let script = "trap 'echo asked > \"$CONVOY_OUTPUT_DIR/asked\"; exit 7' TERM; touch \"$CONVOY_OUTPUT_DIR/ready\"; while true; do sleep 0.05; done";
    let command = serde_json::to_string(&["/bin/bash", "-c", script]).expect("JSON");
    let text = format!("---\nname: b\ndescription: d\nrunner: command\ncommand: {command}\n---\nDo it.\n");
    fs::write(sandbox.home().user_agents().join("b.md"), text).expect("the agent");
    sandbox.template("two", &[r#""role": "b", "subagent": "b""#], "");
    let id = sandbox.start("two", &["--executor", "bwrap"]);
    let out = sandbox.dir_of(&id).attempt(&"b".parse().expect("a role"), 1).out_dir();
    convoy_tests::wait::until(
        "it is ready",
        || sandbox.described_processes().join("\n"),
        || out.join("ready").exists().then_some(()),
    );
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert!(out.join("asked").exists(), "TERM comes through");
    // Its watcher goes last, by itself.
    let seen = || sandbox.described_processes().join("\n");
    convoy_tests::wait::until("nothing is left", seen, || sandbox.processes().is_empty().then_some(()));

    // With nobody left to ask: what is inside goes with its supervisor.
    let id = sandbox.start("two", &["--executor", "bwrap"]);
    let out = sandbox.dir_of(&id).attempt(&"b".parse().expect("a role"), 1).out_dir();
    convoy_tests::wait::until(
        "it is ready",
        || sandbox.described_processes().join("\n"),
        || out.join("ready").exists().then_some(()),
    );
    sandbox.kill_all("convoy-watch");
    sandbox.kill_all("convoy-agent");
    let seen = || sandbox.described_processes().join("\n");
    convoy_tests::wait::until("nothing runs", seen, || sandbox.processes().is_empty().then_some(()));
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
}

#[test]
fn a_review_by_rules_comes_to_the_same() {
    if !works() {
        return;
    }
    let mut found = Vec::new();
    for executor in ["local", "bwrap"] {
        let sandbox = Sandbox::new(Launcher::Process);
        let code = "export function f(a: string) {\n  eval(a);\n  document.body.innerHTML = a;\n}\n";
        fs::write(sandbox.project().join("a.ts"), code).expect("code to review");
        let id =
            sandbox.start("code-review", &["--files", ".", "--runner", "builtin", "--executor", executor]);
        let state = sandbox.until_ended(&id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{executor}: {state:?}");
        found.push(state.merge.expect("a merge").counts);
    }
    assert!(found[0].as_ref().is_some_and(|counts| counts.values().sum::<u64>() > 0), "{found:?}");
    assert_eq!(found[0], found[1]);
}
