//! A place of its own for each test: state directory, project, environment,
//! tmux server. What the test started is gone when it is dropped.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base::ids::ConvoyId;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::state::State;
use protocol::store::read_state;
use tempfile::TempDir;

use crate::{ledger, programs, wait};

/// How supervisors are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launcher {
    Tmux,
    Process,
}

#[derive(Debug)]
pub struct Sandbox {
    dir: TempDir,
    launcher: Launcher,
    project: PathBuf,
}

impl Sandbox {
    pub fn new(launcher: Launcher) -> Self {
        Self::with_project(launcher, Path::new("project"))
    }

    /// With a project directory of this name (bytes as they are).
    pub fn with_project(launcher: Launcher, name: &Path) -> Self {
        let dir = tempfile::Builder::new().prefix("cv").tempdir().expect("a temporary directory");
        let sandbox = Sandbox { project: dir.path().join(name), dir, launcher };
        fs::create_dir_all(&sandbox.project).expect("create a directory");
        sandbox.furnish();
        sandbox
    }

    /// Makes the state directory what a test begins with; again where something
    /// was mounted over it.
    pub fn furnish(&self) {
        for path in [self.home().user_agents(), self.home().user_templates()] {
            fs::create_dir_all(path).expect("create a directory");
        }
        fs::set_permissions(self.home().root(), Permissions::from_mode(0o700)).expect("a private directory");
        let kind = match self.launcher {
            Launcher::Tmux => "tmux",
            Launcher::Process => "process",
        };
        fs::write(self.home().config(), format!("launcher = \"{kind}\"\ngrace = \"500ms\"\n"))
            .expect("config");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn home(&self) -> Home {
        Home::new(self.dir.path().join("h"))
    }

    pub fn project(&self) -> &Path {
        &self.project
    }

    pub fn ledger(&self) -> PathBuf {
        self.path("ledger")
    }

    /// One of the programs, in the project, with a cleared environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(programs::dir().join(program));
        self.surround(&mut command);
        command
    }

    /// Gives a command the sandbox's surroundings.
    pub fn surround(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .env("PANOPTICON_HOME", self.home().root())
            .current_dir(&self.project)
            .stdin(Stdio::null());
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(program).args(arguments).output().expect("run the program")
    }

    /// Runs and insists on success; standard output.
    pub fn ok(&self, program: &str, arguments: &[&str]) -> String {
        let out = self.run(program, arguments);
        assert!(out.status.success(), "{program} {arguments:?}: {}", shown(&out));
        String::from_utf8(out.stdout).expect("UTF-8")
    }

    /// An agent whose command is `fake-agent` with these words.
    pub fn agent(&self, name: &str, orders: &[&str]) {
        let fake = programs::dir().join("fake-agent");
        let words = [fake.to_str().expect("UTF-8"), self.ledger().to_str().expect("UTF-8")]
            .into_iter()
            .chain(orders.iter().copied())
            .map(|word| serde_json::to_string(word).expect("JSON"))
            .collect::<Vec<_>>()
            .join(", ");
        let text = format!(
            "---\nname: {name}\ndescription: to order\nrunner: command\ncommand: [{words}]\n---\nDo it.\n"
        );
        fs::write(self.home().user_agents().join(format!("{name}.md")), text).expect("write the agent");
    }

    /// A template; each agent is the JSON between its braces.
    pub fn template(&self, name: &str, agents: &[&str], config: &str) {
        let mut list = String::new();
        for (n, agent) in agents.iter().enumerate() {
            let _ = write!(list, "{}{{{agent}}}", if n == 0 { "" } else { ",\n" });
        }
        let text = format!(
            "{{\"name\": \"{name}\", \"description\": \"a test\", \"agents\": [{list}], \"config\": {{{config}}}}}"
        );
        fs::write(self.home().user_templates().join(format!("{name}.json")), text)
            .expect("write the template");
    }

    pub fn start(&self, template: &str, more: &[&str]) -> ConvoyId {
        let arguments: Vec<&str> = [template].into_iter().chain(more.iter().copied()).collect();
        self.ok("convoy-start", &arguments).trim().parse().expect("an id on standard output")
    }

    pub fn dir_of(&self, id: &ConvoyId) -> ConvoyDir {
        self.home().convoy(id)
    }

    pub fn state(&self, id: &ConvoyId) -> State {
        read_state(&self.dir_of(id)).expect("a readable state")
    }

    pub fn agent_state(&self, id: &ConvoyId, role: &str) -> Agent {
        let state = self.state(id);
        Agent::from(state.agents.into_iter().find(|agent| agent.role.as_str() == role).expect("the role"))
    }

    /// Waits for a state.
    pub fn until(&self, id: &ConvoyId, what: &str, wanted: impl Fn(&State) -> bool) -> State {
        let picture = || {
            let state = read_state(&self.dir_of(id)).map(|s| serde_json::to_string_pretty(&s).expect("JSON"));
            let log = fs::read_to_string(self.dir_of(id).watch_log()).unwrap_or_default();
            format!(
                "the state is {state:?}, the watcher said {log:?}, there are {:?}, and these run: {:?}",
                self.files_of(id),
                self.described_processes()
            )
        };
        wait::until(what, picture, || read_state(&self.dir_of(id)).ok().filter(|state| wanted(state)))
    }

    pub fn until_ended(&self, id: &ConvoyId) -> State {
        self.until(id, "the convoy has ended", State::ended)
    }

    /// Waits until so many commands have started.
    pub fn until_started(&self, count: usize) {
        let seen = || format!("{:?}", ledger::read(&self.ledger()));
        wait::until("the agents have started", seen, || {
            (ledger::read(&self.ledger()).len() >= count).then_some(())
        });
    }

    /// The processes of this sandbox: all that know its directory, by their
    /// environment or their command line.
    pub fn processes(&self) -> Vec<i32> {
        let mark = self.dir.path().as_os_str().as_bytes();
        let own = std::process::id() as i32;
        let knows = |pid: i32, file: &str| {
            fs::read(format!("/proc/{pid}/{file}"))
                .is_ok_and(|text| text.windows(mark.len()).any(|part| part == mark))
        };
        let all = base::process::all()
            .expect("the processes")
            .into_iter()
            .filter(|stat| !stat.zombie && stat.pid != own);
        all.map(|stat| stat.pid).filter(|pid| knows(*pid, "environ") || knows(*pid, "cmdline")).collect()
    }

    /// The names in a convoy's directory.
    fn files_of(&self, id: &ConvoyId) -> Vec<String> {
        let entries = fs::read_dir(self.dir_of(id).dir()).into_iter().flatten().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// What each process of this sandbox is and what it waits for, for a failure text.
    pub fn described_processes(&self) -> Vec<String> {
        let read = |pid: i32, file: &str| {
            let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).replace('\0', " ")
        };
        let threads = |pid: i32| {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            tasks
                .map(|task| read(pid, &format!("task/{}/wchan", task.file_name().to_string_lossy())))
                .collect::<Vec<_>>()
        };
        self.processes()
            .into_iter()
            .map(|pid| format!("{pid} {} in {:?}", read(pid, "cmdline"), threads(pid)))
            .collect()
    }

    /// The logs of this sandbox's state directory in which a program panicked, with the line.
    pub fn panics(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut dirs = vec![self.home().root().to_path_buf()];
        while let Some(dir) = dirs.pop() {
            for path in
                fs::read_dir(&dir).expect("the state directory").map(|entry| entry.expect("it").path())
            {
                let kind = fs::symlink_metadata(&path).expect("a file of the state directory").file_type();
                if kind.is_dir() {
                    dirs.push(path);
                } else if kind.is_file() {
                    let bytes = fs::read(&path).expect("a file of the state directory");
                    let text = String::from_utf8_lossy(&bytes);
                    let lines = text.lines().filter(|line| line.contains("panicked at"));
                    found.extend(lines.map(|line| format!("{}: {line}", path.display())));
                }
            }
        }
        found
    }

    /// Processes of this sandbox's agents' commands.
    pub fn commands(&self) -> Vec<i32> {
        self.processes()
            .into_iter()
            .filter(|pid| {
                fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
                    line.split(|byte| *byte == 0)
                        .next()
                        .is_some_and(|program| program.ends_with(b"fake-agent"))
                })
            })
            .collect()
    }

    /// The processes of one program of this sandbox.
    pub fn pids_of(&self, program: &str) -> Vec<i32> {
        let is = |pid: &i32| {
            fs::read_link(format!("/proc/{pid}/exe"))
                .is_ok_and(|exe| exe.file_name().is_some_and(|name| name == program))
        };
        self.processes().into_iter().filter(is).collect()
    }

    /// SIGKILL to every process of a program of this sandbox.
    pub fn kill_all(&self, program: &str) -> usize {
        let pids = self.pids_of(program);
        for pid in &pids {
            let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
        }
        pids.len()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // New ones may be started by old ones while these are killed.
        for _ in 0..200 {
            let pids = self.processes();
            if pids.is_empty() {
                return;
            }
            for pid in pids {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
            wait::pause(std::time::Duration::from_millis(10));
        }
    }
}

/// A program's end for a failure text.
pub fn shown(out: &Output) -> String {
    format!(
        "{}\nstdout: {}\nstderr: {}",
        out.status,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    )
}

impl Sandbox {
    pub fn launcher(&self) -> Launcher {
        self.launcher
    }
}
