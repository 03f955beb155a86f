//! An agent on another machine by ssh: sshd on loopback stands for it, with keys of the
//! test's own. A connection that is lost, a shim that is gone, a host key that changed.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, programs, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::far::{self, Far, FarOwner, Shown};
use protocol::outcome::{AgentStatus, Reason};

struct Server {
    child: Option<Child>,
    port: u16,
    dir: PathBuf,
}

const SSHD: &str = "/usr/sbin/sshd";

/// `None`: this machine cannot have one, which is told.
fn server(sandbox: &Sandbox) -> Option<Server> {
    server_by(sandbox, |port| port)
}

/// The same, asked by another port than its own.
fn server_by(sandbox: &Sandbox, way: impl Fn(u16) -> u16) -> Option<Server> {
    if !Path::new(SSHD).exists() || !Path::new("/usr/bin/ssh").exists() {
        programs::skipped("ssh: sshd or ssh is not installed");
        return None;
    }
    if !nix::unistd::getuid().is_root() {
        programs::skipped("ssh: sshd must be started by root here");
        return None;
    }
    let dir = sandbox.path("ssh");
    fs::create_dir(&dir).expect("a directory");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).expect("its mode");
    // Its own directory for separation, where the package's is not made yet.
    let _ = fs::create_dir_all("/run/sshd");
    for name in ["host", "user"] {
        keygen(&dir.join(name));
    }
    fs::copy(dir.join("user.pub"), dir.join("authorized")).expect("the key");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port").port();
    let dir_shown = dir.display();
    let conf = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {dir_shown}/host\nAuthorizedKeysFile {dir_shown}/authorized\n\
         PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin yes\n"
    );
    fs::write(dir.join("sshd.conf"), conf).expect("its configuration");
    let host_key = fs::read_to_string(dir.join("host.pub")).expect("the host's key");
    let asked = way(port);
    fs::write(dir.join("known"), format!("[127.0.0.1]:{asked} {host_key}")).expect("known_hosts");
    let options = [
        format!("-p{asked}"),
        format!("-i{dir_shown}/user"),
        format!("-oUserKnownHostsFile={dir_shown}/known"),
        "-F/dev/null".to_owned(),
    ];
    let config = format!(
        "launcher = \"process\"\ngrace = \"500ms\"\n[executors.ssh]\nhost = \"127.0.0.1\"\noptions = {options:?}\n"
    );
    fs::write(sandbox.home().config(), config).expect("config");
    let mut server = Server { child: None, port, dir };
    server.start();
    Some(server)
}

fn keygen(path: &Path) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path);
    assert!(command.status().expect("ssh-keygen").success());
}

impl Server {
    fn start(&mut self) {
        let mut command = Command::new(SSHD);
        command.args(["-D", "-e", "-f"]).arg(self.dir.join("sshd.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("sshd"));
        let port = self.port;
        wait::until("sshd answers", String::new, || TcpStream::connect(("127.0.0.1", port)).ok());
    }

    /// It takes no more connections; those there are go on.
    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("end it");
            child.wait().expect("its end");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A link that hands on so many bytes a second in each direction, a tenth of a second late.
fn slow_link(to: u16, bytes_a_second: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let carry = move |mut from: TcpStream, mut to: TcpStream| {
        let mut bytes = vec![0; bytes_a_second / 10];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            wait::pause(Duration::from_millis(100));
            if to.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    };
    thread::spawn(move || {
        for here in listener.incoming().flatten() {
            let Ok(there) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let (Ok(back), Ok(forth)) = (there.try_clone(), here.try_clone()) else { continue };
            thread::spawn(move || carry(here, there));
            thread::spawn(move || carry(back, forth));
        }
    });
    port
}

#[test]
fn a_slow_link_loses_nothing() {
    const LINES: usize = 6_000;
    let sandbox = Sandbox::new(Launcher::Process);
    // What is written at once takes the link longer than a placing command may linger.
    let Some(_server) = server_by(&sandbox, |port| slow_link(port, 40_000)) else { return };
    let script = format!(
        "for n in $(seq {LINES}); do echo \"line $n of what a slow link hands on ............\"; done; cp \"$0\" \"$1\"; exit 3"
    );
    let words = ["/bin/bash", "-c", &script, "{prompt_file}", "{output_file}"];
    let command = serde_json::to_string(&words).expect("JSON");
    let text = format!("---\nname: a\ndescription: d\nrunner: command\ncommand: {command}\n---\nDo it.\n");
    fs::write(sandbox.home().user_agents().join("a.md"), text).expect("the agent");
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", "ssh"]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!(
        (agent.reason(), agent.exit_code, agent.attempt),
        (Some(Reason::ExitCode), Some(3), 1),
        "{agent:?}"
    );
    let log = fs::read_to_string(sandbox.dir_of(&id).attempt(&agent.role, 1).log()).expect("its log");
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("line ")).collect();
    assert_eq!(lines.len(), LINES, "{:?}", lines.last());
    assert!(lines.last().is_some_and(|line| line.starts_with(&format!("line {LINES} "))));
}

fn begun(sandbox: &Sandbox, orders: &[&str]) -> (ConvoyId, FarOwner) {
    sandbox.agent("a", orders);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", "ssh"]);
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    let owner = wait::until(
        "it runs",
        || sandbox.described_processes().join("\n"),
        || match far::read(&files, 1) {
            Ok(Far::Begun(owner)) => Some(owner),
            _ => None,
        },
    );
    sandbox.until_started(1);
    (id, owner)
}

/// The ssh processes of this sandbox that place something.
fn connections(sandbox: &Sandbox) -> Vec<i32> {
    sandbox.pids_of("ssh")
}

#[test]
fn a_command_runs_there_and_ends_as_its_shim_saw_it() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(_server) = server(&sandbox) else { return };
    for (orders, reason) in [(&["report"][..], None), (&["exit:255"], Some(Reason::ExitCode))] {
        sandbox.agent("a", orders);
        sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
        let id = sandbox.start("one", &["--executor", "ssh"]);
        sandbox.until_ended(&id);
        let agent = sandbox.agent_state(&id, "a");
        assert_eq!((agent.reason(), agent.attempt), (reason, 1), "{agent:?}");
    }
    let out = sandbox.run("convoy-ctl", &["doctor", "--executor", "ssh"]);
    assert!(shown(&out).contains("did one line of work"), "{}", shown(&out));
}

#[test]
fn a_lost_connection_ends_what_runs_there_before_the_next_one_begins() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(_server) = server(&sandbox) else { return };
    let (id, _) = begun(&sandbox, &["hang-first", "report"]);
    for pid in connections(&sandbox) {
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("cut the connection");
    }
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt, agent.losses), (AgentStatus::Completed, 2, 1), "{agent:?}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert!(!ledger::overlaps(&sandbox.ledger()).exists(), "no two at a time");
}

#[test]
fn a_machine_that_cannot_be_reached_is_waited_for() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(mut server) = server(&sandbox) else { return };
    let (id, owner) = begun(&sandbox, &["hang-first", "report"]);
    server.stop();
    // The shim is gone, as after a reboot: which this stands for.
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the shim");
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    wait::until(
        "it is lost",
        || format!("{:?}", far::shown(&files)),
        || matches!(far::shown(&files), Ok(Some(Shown::Lost { .. }))).then_some(()),
    );
    assert_eq!(sandbox.agent_state(&id, "a").attempt, 1);
    server.start();
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt), (AgentStatus::Completed, 2), "{agent:?}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_stop_ends_it_there() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(_server) = server(&sandbox) else { return };
    let (id, _) = begun(&sandbox, &["ignore", "daemon:hang", "hang"]);
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    assert_eq!(sandbox.agent_state(&id, "a").reason(), Some(Reason::Stopped));
}

#[test]
fn another_host_key_is_not_believed() {
    let sandbox = Sandbox::new(Launcher::Process);
    let Some(server) = server(&sandbox) else { return };
    keygen(&server.dir.join("other"));
    let other = fs::read_to_string(server.dir.join("other.pub")).expect("a key");
    fs::write(server.dir.join("known"), format!("[127.0.0.1]:{} {other}", server.port)).expect("known_hosts");
    sandbox.agent("a", &["report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", "ssh"]);
    sandbox.until_ended(&id);
    let why = sandbox.agent_state(&id, "a").why().expect("a reason");
    assert!(why.contains("Host key verification failed"), "{why}");
    assert!(!sandbox.ledger().exists(), "nothing ran");
}
