//! A Slurm cluster of a test's own: two nodes on loopback, below a directory of its
//! own, their daemons children of the test. Gone when it is dropped.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::{programs, wait};

const PROGRAMS: [&str; 7] = ["munged", "slurmctld", "slurmd", "srun", "squeue", "scancel", "scontrol"];
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// So many nodes, `n1` and on, of so many processors.
pub const NODES: usize = 2;
pub const CPUS: u32 = 2;

#[derive(Debug)]
pub struct Cluster {
    dir: TempDir,
    munged: Option<Child>,
    controller: Option<Child>,
    nodes: Vec<Option<Child>>,
    kind: Kind,
}

/// What a cluster may be besides a plain one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// The nodes see this directory through a file system of their own, in which a lock
    /// is nothing to anybody else.
    Remote(PathBuf),
    /// What a task starts is tracked by a cgroup, and ended with it.
    Cgroup,
}

impl Cluster {
    /// `None`: this machine cannot have one, which is told.
    pub fn up() -> Option<Self> {
        Self::of(Kind::Plain)
    }

    pub fn of(kind: Kind) -> Option<Self> {
        if !programs::full() {
            programs::skipped("slurm: its faults take minutes (make test-slurm)");
            return None;
        }
        if !nix::unistd::getuid().is_root() {
            programs::skipped("slurm: its daemons must be started by root");
            return None;
        }
        let is_there = |name: &&str| std::env::split_paths(PATH).any(|dir| dir.join(name).is_file());
        if let Some(missing) = PROGRAMS.iter().find(|name| !is_there(name)) {
            programs::skipped(&format!("slurm: {missing} is not installed"));
            return None;
        }
        if let Some(why) = kind.is_impossible() {
            programs::skipped(&format!("slurm: {why}"));
            return None;
        }
        let dir = tempfile::Builder::new().prefix("cvslurm").tempdir().expect("a directory");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
        let mut cluster = Cluster { dir, munged: None, controller: None, nodes: Vec::new(), kind };
        cluster.configure();
        cluster.munged = Some(cluster.munge());
        let socket = cluster.path("munge.socket");
        wait::until("munge answers", || cluster.said(), || socket.exists().then_some(()));
        cluster.start_controller();
        for node in 1..=NODES {
            cluster.nodes.push(None);
            cluster.start_node(node);
        }
        cluster.until_up(NODES);
        Some(cluster)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn conf(&self) -> PathBuf {
        self.path("slurm.conf")
    }

    fn configure(&self) {
        let dir = self.dir.path().display();
        for name in ["state", "log", "spool-n1", "spool-n2"] {
            fs::create_dir(self.path(name)).expect("a directory");
        }
        let key: Vec<u8> = (0..128).map(|_| rand_byte()).collect();
        fs::write(self.path("munge.key"), key).expect("a key");
        fs::set_permissions(self.path("munge.key"), fs::Permissions::from_mode(0o600)).expect("its mode");
        let host = base::host::name();
        let host = host.split('.').next().expect("a host name");
        let ports = free_ports(NODES + 1);
        let tracked_by = if self.kind == Kind::Cgroup { "cgroup" } else { "linuxproc" };
        if self.kind == Kind::Cgroup {
            let conf = "CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\n";
            fs::write(self.path("cgroup.conf"), conf).expect("its configuration");
        }
        let mut conf = format!(
            "ClusterName=cv\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={}\n\
             CommunicationParameters=NoCtldInAddrAny,NoInAddrAny\nSlurmUser=root\nSlurmdUser=root\n\
             AuthType=auth/munge\nAuthInfo=socket={dir}/munge.socket\nCredType=cred/munge\n\
             StateSaveLocation={dir}/state\nSlurmctldPidFile={dir}/slurmctld.pid\n\
             SlurmctldLogFile={dir}/log/slurmctld\nSlurmdPidFile={dir}/slurmd-%n.pid\n\
             SlurmdSpoolDir={dir}/spool-%n\nSlurmdLogFile={dir}/log/slurmd-%n\n\
             ProctrackType=proctrack/{tracked_by}\nTaskPlugin=task/none\n\
             JobAcctGatherType=jobacct_gather/none\nMpiDefault=none\nSwitchType=switch/none\n\
             SlurmdParameters=config_overrides\nSelectType=select/cons_tres\n\
             SelectTypeParameters=CR_Core_Memory\nSchedulerType=sched/backfill\n\
             SchedulerParameters=sched_interval=2,sched_min_interval=0,bf_interval=2\n\
             SlurmdTimeout=5\nSlurmctldTimeout=5\nInactiveLimit=0\nKillWait=2\nMinJobAge=300\n\
             ReturnToService=2\nMessageTimeout=5\nAccountingStorageType=accounting_storage/none\n",
            ports[0]
        );
        for (node, port) in ports.iter().enumerate().skip(1) {
            let _ = writeln!(
                conf,
                "NodeName=n{node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={CPUS} RealMemory=1000"
            );
        }
        conf += "PartitionName=agents Nodes=n[1-2] Default=YES MaxTime=INFINITE DefMemPerCPU=100 State=UP\n";
        fs::write(self.conf(), conf).expect("its configuration");
    }

    fn daemon(&self, program: &str, words: &[&str]) -> Child {
        let log = fs::File::create(self.path(&format!("log/{program}{}.out", words.last().unwrap_or(&""))));
        let log = log.expect("a log");
        let mut command = self.command(program);
        command.args(words).stdout(log.try_clone().expect("the same log")).stderr(log);
        command.spawn().expect("a daemon")
    }

    fn munge(&self) -> Child {
        let file = |name: &str| self.path(name).display().to_string();
        let words = [
            "--foreground".to_owned(),
            "--force".to_owned(),
            format!("--key-file={}", file("munge.key")),
            format!("--socket={}", file("munge.socket")),
            format!("--pid-file={}", file("munged.pid")),
            format!("--log-file={}", file("log/munged")),
            format!("--seed-file={}", file("munge.seed")),
        ];
        let mut command = self.command("munged");
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("munged")
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", PATH)
            .env("SLURM_CONF", self.conf())
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, program: &str, words: &[&str]) -> Output {
        self.command(program).args(words).output().expect("run it")
    }

    pub fn start_controller(&mut self) {
        self.controller = Some(self.daemon("slurmctld", &["-D"]));
    }

    pub fn start_node(&mut self, node: usize) {
        let name = format!("n{node}");
        self.nodes[node - 1] = Some(match &self.kind {
            Kind::Plain | Kind::Cgroup => self.daemon("slurmd", &["-D", "-N", &name]),
            Kind::Remote(dir) => {
                let words = ["--mount", "sh", "-c", BEHIND, "sh", dir.to_str().expect("UTF-8"), &name];
                self.daemon("unshare", &words)
            }
        });
    }

    /// SIGKILL: what it runs is not ended by it.
    pub fn kill_controller(&mut self) {
        end(self.controller.take(), Signal::SIGKILL);
    }

    pub fn kill_node(&mut self, node: usize) {
        end(self.nodes[node - 1].take(), Signal::SIGKILL);
    }

    /// Waits until so many nodes can be used.
    pub fn until_up(&self, count: usize) {
        wait::until(
            "the nodes are up",
            || self.said(),
            || {
                let out = self.run("sinfo", &["-h", "-N", "-o", "%t"]);
                let states = String::from_utf8_lossy(&out.stdout).into_owned();
                let up = states.lines().filter(|state| matches!(state.trim(), "idle" | "mix" | "alloc"));
                (up.count() >= count).then_some(())
            },
        );
    }

    /// The jobs there are, a line each.
    pub fn jobs(&self) -> Vec<String> {
        let out = self.run("squeue", &["-h", "-o", "%j %T %r %N"]);
        if !out.status.success() {
            // A controller that does not answer has said nothing of its jobs.
            return vec![String::from_utf8_lossy(&out.stderr).into_owned()];
        }
        String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
    }

    /// Does a file of the controller hold this?
    pub fn is_kept(&self, text: &str) -> bool {
        fn walk(dir: &Path, text: &[u8]) -> bool {
            fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| {
                let path = entry.path();
                if path.is_dir() {
                    return walk(&path, text);
                }
                fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text))
            })
        }
        walk(&self.path("state"), text.as_bytes())
    }

    /// What the daemons said last, for a failure text.
    pub fn said(&self) -> String {
        let mut out = format!("jobs: {:?}\n", self.jobs());
        for entry in fs::read_dir(self.path("log")).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(6).collect();
            let _ = writeln!(out, "{}: {lines:?}", entry.path().display());
        }
        out
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.nodes.iter_mut().map(Option::take).chain([self.controller.take()]) {
            end(child, Signal::SIGTERM);
        }
        // Those that outlived their daemon know our configuration.
        let ours = format!("SLURM_CONF={}", self.conf().display());
        let own = std::process::id() as i32;
        for stat in base::process::all().unwrap_or_default() {
            let environment = fs::read(format!("/proc/{}/environ", stat.pid)).unwrap_or_default();
            let is_ours = environment.split(|byte| *byte == 0).any(|entry| entry == ours.as_bytes());
            if is_ours && stat.pid != own {
                let _ = kill(Pid::from_raw(stat.pid), Signal::SIGKILL);
            }
        }
        end(self.munged.take(), Signal::SIGTERM);
    }
}

/// A directory of a mount namespace is seen through FUSE, and a node begins in it.
const BEHIND: &str = "bindfs --no-allow-other -f \"$1\" \"$1\" & \
    for n in $(seq 100); do [ \"$(stat -f -c %T \"$1\")\" = fuseblk ] && exec slurmd -D -N \"$2\"; sleep 0.1; done; exit 1";

impl Kind {
    fn is_impossible(&self) -> Option<&'static str> {
        let is_there = |name: &str| std::env::split_paths(PATH).any(|dir| dir.join(name).is_file());
        match self {
            Kind::Remote(_) if !is_there("bindfs") => {
                Some("a file system without locks: bindfs is not installed")
            }
            Kind::Remote(_) if !Path::new("/dev/fuse").exists() => {
                Some("a file system without locks: this kernel has no FUSE")
            }
            Kind::Cgroup if !Path::new("/sys/fs/cgroup/freezer/cgroup.procs").exists() => {
                Some("tracking by cgroups: there is no freezer (cgroup v1) here")
            }
            Kind::Plain | Kind::Remote(_) | Kind::Cgroup => None,
        }
    }
}

fn end(child: Option<Child>, signal: Signal) {
    let Some(mut child) = child else { return };
    let pid = Pid::from_raw(child.id() as i32);
    let _ = kill(pid, signal);
    for _ in 0..250 {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        wait::pause(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn rand_byte() -> u8 {
    use std::io::Read;
    let mut byte = [0];
    fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut byte)).expect("random bytes");
    byte[0]
}

/// Held together, so that they differ.
fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    held.iter().map(|port| port.local_addr().expect("its address").port()).collect()
}
