//! A sandbox on this machine: each promise of docs/executors.md with a canary, which
//! sings where there is no sandbox.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use protocol::outcome::AgentStatus;
use protocol::state::ConvoyStatus;

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
    if !programs::sandbox_works() {
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

/// Each runner of an AI, and where it is logged in; `~/` is home.
const LOGINS: [(&str, &str); 7] = [
    ("claude", ".claude/.credentials.json"),
    ("codex", ".codex/auth.json"),
    ("gemini", ".gemini/oauth_creds.json"),
    ("opencode", ".local/share/opencode/auth.json"),
    ("qwen", ".qwen/oauth_creds.json"),
    ("pi", ".pi/agent/auth.json"),
    ("copilot", ".copilot/config.json"),
];

/// A stand-in for the CLI of this name, which sings what it can.
fn stand_in(sandbox: &Sandbox, name: &str, canaries: &[(String, String)]) {
    let mut script = "#!/bin/bash\n[ \"$1\" = --version ] && { echo 99.0.0; exit; }\n\
                      exec > \"$CONVOY_OUTPUT_DIR/song\" 2> /dev/null < /dev/null\n"
        .to_owned();
    for (canary, words) in canaries {
        let _ = writeln!(
            script,
            "if ( {words} ) > /dev/null; then echo '{canary} sings'; else echo '{canary} is silent'; fi"
        );
    }
    let file = sandbox.path("bin").join(name);
    fs::create_dir_all(sandbox.path("bin")).expect("a directory");
    fs::write(&file, script).expect("a stand-in");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
}

#[test]
fn each_runner_has_a_copy_of_its_own_login_and_no_other() {
    if !programs::sandbox_works() {
        return;
    }
    let (tcp, neighbour) = (TcpListener::bind("127.0.0.1:0").expect("a server"), Neighbour::new());
    let (port, pid) = (tcp.local_addr().expect("its address").port(), neighbour.0.id());
    for (runner, login) in LOGINS {
        let sandbox = Sandbox::new(Launcher::Process);
        fs::write(sandbox.path("secret"), "of the home directory").expect("a secret");
        fs::write(sandbox.project().join("file"), "of the project").expect("a file");
        for (of, file) in LOGINS {
            let file = sandbox.path(file);
            fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
            fs::write(file, format!("{{\"login\": \"canary-of-{of}\"}}")).expect("a login");
        }
        let there = |file: &str| format!("'{}'", sandbox.path(file).display());
        let own = there(login);
        let mut canaries = vec![
            ("login".to_owned(), format!("grep -q canary-of-{runner} {own}")),
            (
                "renewed".to_owned(),
                format!("echo new > {own}.new && mv {own}.new {own} && grep -q new {own}"),
            ),
            ("network".to_owned(), format!("exec 9<>/dev/tcp/127.0.0.1/{port}")),
            ("home".to_owned(), format!("cat {}", there("secret"))),
            ("project".to_owned(), format!("echo x >> '{}'", sandbox.project().join("file").display())),
            ("process".to_owned(), format!("kill -0 {pid}")),
            ("state".to_owned(), format!("ls '{}'", sandbox.home().config().display())),
        ];
        canaries.extend(
            LOGINS
                .iter()
                .filter(|(of, _)| *of != runner)
                .map(|(of, file)| (format!("login-of-{of}"), format!("cat {}", there(file)))),
        );
        stand_in(&sandbox, runner, &canaries);
        fs::write(sandbox.home().user_agents().join("a.md"), "---\nname: a\ndescription: d\n---\nDo it.\n")
            .expect("the agent");
        sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
        let song = |executor: &str| {
            let mut command = sandbox.command("convoy-start");
            let path = format!("{}:/usr/local/bin:/usr/bin:/bin", sandbox.path("bin").display());
            command.args(["one", "--runner", runner, "--executor", executor]).env("PATH", path);
            let out = command.output().expect("convoy-start");
            assert!(out.status.success(), "{runner}: {}", shown(&out));
            let id = String::from_utf8_lossy(&out.stdout).trim().parse().expect("an id");
            sandbox.until_ended(&id);
            let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1);
            let log = fs::read_to_string(files.log()).unwrap_or_default();
            fs::read_to_string(files.out_dir().join("song"))
                .unwrap_or_else(|error| panic!("{runner} by {executor}: {error} {log}"))
        };
        let confined = song("bwrap");
        for (canary, _) in &canaries {
            let is_given = ["login", "renewed", "network"].contains(&canary.as_str());
            let want = if is_given { "sings" } else { "is silent" };
            assert!(confined.contains(&format!("{canary} {want}\n")), "{runner}: {canary}: {confined}");
        }
        let kept = fs::read_to_string(sandbox.path(login)).expect("the login");
        assert!(kept.contains(&format!("canary-of-{runner}")), "the user's own is as it was: {kept}");
        let left = holding(sandbox.home().root(), b"canary-of-");
        assert_eq!(left, Vec::<PathBuf>::new(), "{runner}: no copy stays");
        let free = song("local");
        for (canary, _) in &canaries {
            assert!(
                free.contains(&format!("{canary} sings\n")),
                "a canary that cannot sing: {runner}: {free}"
            );
        }
    }
}

/// Files of a directory that hold this; what links lead to is not looked at.
fn holding(dir: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let kind = entry.file_type().expect("its kind");
        if kind.is_dir() {
            found.extend(holding(&entry.path(), bytes));
        } else if kind.is_file()
            && fs::read(entry.path()).unwrap_or_default().windows(bytes.len()).any(|part| part == bytes)
        {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn nothing_survives_and_everybody_is_asked_first() {
    if !programs::sandbox_works() {
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
    if !programs::sandbox_works() {
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
