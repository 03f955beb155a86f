//! Every file name of the state directory (design §3). No other module spells one.

mod attempt;
mod convoy;
mod rounds;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use base::environment::Environment;
use base::ids::{AgentName, ConvoyId, Name, Role};

pub use attempt::{AttemptFiles, FarFiles};
pub use convoy::{ConvoyDir, Purpose};
pub use rounds::RoundsDir;

/// Unix socket addresses are short (`sun_path`); leave room for the ending NUL.
const MAX_SOCKET_PATH: usize = 100;

/// The state directory, `$PANOPTICON_HOME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// `root` must be absolute: every program that gets it may run elsewhere.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Home { root: root.into() }
    }

    /// The state directory of this environment.
    pub fn of(environment: &Environment) -> Self {
        Home::new(environment.home.as_path())
    }

    /// The state directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All convoys: their states, and a directory each.
    pub fn convoys(&self) -> PathBuf {
        self.root.join("convoys")
    }

    /// The files of this one.
    pub fn convoy(&self, id: &ConvoyId) -> ConvoyDir {
        ConvoyDir::new(self.convoys(), id.clone())
    }

    /// The user's own defaults.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The user's own price table.
    pub fn prices(&self) -> PathBuf {
        self.root.join("prices.toml")
    }

    /// The user's own templates, `<name>.json`.
    pub fn user_templates(&self) -> PathBuf {
        self.root.join("convoy-templates")
    }

    /// The user's template of this name.
    pub fn user_template(&self, name: &Name) -> PathBuf {
        self.user_templates().join(format!("{name}.json"))
    }

    /// The JSON Schema of templates, where editors find it from there.
    pub fn template_schema(&self) -> PathBuf {
        self.root.join("template.schema.json")
    }

    /// The user's own agent files, `<name>.md`.
    pub fn user_agents(&self) -> PathBuf {
        self.root.join("agents")
    }

    /// The user's agent file of this name.
    pub fn user_agent(&self, name: &AgentName) -> PathBuf {
        self.user_agents().join(format!("{name}.md"))
    }

    /// The user's own runners, `<name>.toml`.
    pub fn user_runners(&self) -> PathBuf {
        self.root.join("runners")
    }

    /// The user's runner of this name.
    pub fn user_runner(&self, name: &Name) -> PathBuf {
        self.user_runners().join(format!("{name}.toml"))
    }

    /// The JSON Schema of runner files, where editors find it from there.
    pub fn runner_schema(&self) -> PathBuf {
        self.root.join("runner.schema.json")
    }

    /// The user's own executors, `<name>.toml`.
    pub fn user_executors(&self) -> PathBuf {
        self.root.join("executors")
    }

    /// The user's executor of this name.
    pub fn user_executor(&self, name: &Name) -> PathBuf {
        self.user_executors().join(format!("{name}.toml"))
    }

    /// What an engine said last of all that waits or runs there, for all who would ask
    /// it; and who asks it now.
    pub(crate) fn engine_list(&self, executor: &Name) -> PathBuf {
        self.run().join(format!("list-{executor}"))
    }

    pub(crate) fn engine_list_lock(&self, executor: &Name) -> PathBuf {
        self.run().join(format!("list-{executor}.lock"))
    }

    /// The private tmux server's configuration and socket.
    pub fn tmux_config(&self) -> PathBuf {
        self.root.join("tmux.conf")
    }

    /// Where the server listens, unless that path is too long ([`socket_path`]).
    pub fn tmux_socket(&self) -> PathBuf {
        self.root.join("tmux.sock")
    }

    /// There as long as the tmux server is taken for one that does not answer.
    pub fn tmux_silent(&self) -> PathBuf {
        self.root.join("tmux.silent")
    }

    /// What the last round of `convoy-watch --all --once` found wrong.
    pub fn watch_told(&self) -> PathBuf {
        self.root.join("watch.told")
    }

    /// What convoy wrote into projects: one line per file or output directory.
    pub fn written(&self) -> PathBuf {
        self.root.join("written.jsonl")
    }

    /// Commits under review, checked out for as long as their convoys run.
    pub fn checkouts(&self) -> PathBuf {
        self.root.join("checkouts")
    }

    /// The files of the commit that a convoy reviews.
    pub fn checkout(&self, id: &ConvoyId) -> PathBuf {
        self.checkouts().join(id.as_str())
    }

    /// Whose worktree that is; there as long as anything of it is.
    pub fn checkout_record(&self, id: &ConvoyId) -> PathBuf {
        self.checkouts().join(format!("{id}.json"))
    }

    /// Locked by whoever makes or removes it.
    pub(crate) fn checkout_lock(&self, id: &ConvoyId) -> PathBuf {
        self.checkouts().join(format!("{id}.lock"))
    }

    /// Locked by a program that reads a checkout after its convoy's end.
    pub(crate) fn checkout_keeper(&self, name: &str) -> PathBuf {
        self.checkouts().join(format!(".keeper-{name}"))
    }

    /// The convoy a file in `checkouts/` is of.
    pub(crate) fn id_of_checkout(name: &str) -> Option<ConvoyId> {
        let id = name.strip_suffix(".json").or_else(|| name.strip_suffix(".lock"));
        id.unwrap_or(name).parse().ok()
    }

    /// Is this file in `checkouts/` one that a keeper locks?
    pub(crate) fn is_checkout_keeper(name: &str) -> bool {
        name.starts_with(".keeper-")
    }

    /// One line per review of `convoy-review`.
    pub fn reviews(&self) -> PathBuf {
        self.root.join("reviews.jsonl")
    }

    /// What is remembered of the findings of each project.
    pub fn projects(&self) -> PathBuf {
        self.root.join("projects")
    }

    /// What is remembered of the project of this id.
    pub fn project(&self, id: &str) -> PathBuf {
        self.projects().join(format!("{id}.json"))
    }

    /// The user's settings of a project.
    pub fn project_settings(&self, id: &str) -> PathBuf {
        self.projects().join(format!("{id}.toml"))
    }

    /// Held by whoever changes a file in `projects/`.
    pub fn projects_lock(&self) -> PathBuf {
        self.projects().join("lock")
    }

    /// What `list` remembers of convoys; made anew when missing or older. Not
    /// in `convoys/`, whose time of last change it is checked against.
    pub fn index(&self) -> PathBuf {
        self.root.join("index.jsonl")
    }

    /// What running dashboards leave for those who may use them; private.
    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// How to reach a dashboard, and its token. `place` is its port, or `unix`.
    pub fn dashboard(&self, place: &str) -> PathBuf {
        self.run().join(format!("dashboard-{place}.json"))
    }

    /// A one-use ticket for a dashboard, under the hash of its secret.
    pub fn ticket(&self, hash: &str) -> PathBuf {
        self.run().join(format!("ticket-{hash}"))
    }

    /// A page that sends a browser to a dashboard.
    pub fn doorway(&self, hash: &str) -> PathBuf {
        self.run().join(format!("open-{hash}.html"))
    }

    /// The convoy a file in `convoys/` is of, other than its state: what is left
    /// of one that was removed.
    pub fn id_of_left_over(name: &str) -> Option<ConvoyId> {
        name.strip_suffix(".lock").or_else(|| name.strip_suffix(".json.torn"))?.parse().ok()
    }

    /// The convoy a file in `convoys/` is the state of.
    pub fn id_of_state_file(name: &str) -> Option<ConvoyId> {
        name.strip_suffix(".json")?.parse().ok()
    }

    /// The convoy whose directory is being removed under this name in `convoys/`.
    pub fn id_of_removed(name: &str) -> Option<ConvoyId> {
        name.strip_suffix(".removed")?.parse().ok()
    }
}

/// Where the socket of this state directory is: inside it, or, where that path
/// is too long for a socket, in a private directory with a short one, which is
/// made when it is needed.
pub fn socket_path(home: &Home, environment: &Environment) -> PathBuf {
    let inside = home.tmux_socket();
    let fits = |path: &PathBuf| path.as_os_str().len() <= MAX_SOCKET_PATH;
    if fits(&inside) {
        return inside;
    }
    let name = format!("{:016x}.sock", fnv1a(home.root().as_os_str().as_bytes()));
    let runtime = environment.var("XDG_RUNTIME_DIR").map(Path::new).filter(|dir| dir.is_dir());
    let runtime = runtime.map(|dir| dir.join("panopticon").join(&name));
    let uid = nix::unistd::getuid();
    runtime.filter(fits).unwrap_or_else(|| PathBuf::from(format!("/tmp/panopticon-{uid}")).join(name))
}

/// A short stable name for a long path.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The attempt whose file changed: `security.2.exit` → (`security`, 2).
pub fn attempt_of_file(name: &str) -> Option<(Role, u32)> {
    let mut parts = name.splitn(3, '.');
    let role = parts.next()?.parse().ok()?;
    let attempt = parts.next()?.parse().ok()?;
    matches!(parts.next()?, "started" | "exit").then_some((role, attempt))
}

/// The attempt that a far side's directory is of: `security.2.far` → (`security`, 2).
pub(crate) fn attempt_of_far(name: &str) -> Option<(Role, u32)> {
    let (role, attempt) = name.strip_suffix(".far")?.split_once('.')?;
    Some((role.parse().ok()?, attempt.parse().ok()?))
}

/// Is this a file that a merge writes? (Not its lock, which is opened only to look.)
pub fn is_of_merge(name: &str) -> bool {
    name.strip_prefix("merge.").is_some_and(|rest| rest.rsplit('.').next() != Some("lock"))
}

/// The attempt a log is of: `security.2.log` → (`security`, 2).
pub fn attempt_of_log(name: &str) -> Option<(Role, u32)> {
    let (role, attempt) = name.strip_suffix(".log")?.split_once('.')?;
    Some((role.parse().ok()?, attempt.parse().ok()?))
}

/// `<outputDir>/<stamp>-<short id>-<what>`: a published report.
pub fn published(output_dir: &Path, stamp: &str, id: &ConvoyId, what: &str) -> PathBuf {
    output_dir.join(format!("{stamp}-{}-{what}", id.short()))
}
