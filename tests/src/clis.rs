//! The real agent CLIs, where `scripts/clis` has put them, in a sandbox whose
//! only model is the scripted one on loopback.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base::ids::ConvoyId;

use crate::model::{Model, Script};
use crate::programs;
use crate::sandbox::{Launcher, Sandbox, shown};

/// All of them.
pub const ALL: [&str; 7] = ["claude", "codex", "gemini", "opencode", "qwen", "pi", "copilot"];

/// What every CLI of the sandbox has for a key: it must be found nowhere else.
pub const KEY: &str = "sk-dummy-5e1f0c2a9b7d";

/// Where `scripts/clis` puts them.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.clis/bin")
}

/// Those that are installed. The others are counted as skipped, or, where
/// `CONVOY_REQUIRE_CLIS` names them, are a failure.
pub fn installed(of: &[&'static str]) -> Vec<&'static str> {
    let required = programs::variable("CONVOY_REQUIRE_CLIS").unwrap_or_default();
    let required = required.to_string_lossy();
    let is_there = |name: &&'static str| {
        let there = directory().join(name).exists();
        assert!(there || !required.split(' ').any(|wanted| wanted == *name), "{name} is not installed");
        if !there {
            programs::skipped(&format!("runs with {name}: it is not installed (scripts/clis {name})"));
        }
        there
    };
    of.iter().copied().filter(is_there).collect()
}

/// A project under git, the CLIs on PATH and logged in to the scripted model.
#[derive(Debug)]
pub struct Desk {
    pub sandbox: Sandbox,
    pub model: Model,
    /// claude is logged in with a subscription, not with a key.
    pub subscription: bool,
}

impl Desk {
    pub fn new(script: Script) -> Self {
        Self::with(Sandbox::new(Launcher::Tmux), script)
    }

    /// In a sandbox that is there already.
    pub fn with(sandbox: Sandbox, script: Script) -> Self {
        let desk = Self::without_repository(sandbox, script);
        for name in ["AGENTS.md", "CLAUDE.md", "GEMINI.md"] {
            std::fs::write(desk.sandbox.project().join(name), format!("CANARY-{name}\n")).expect("write");
        }
        desk.git(desk.sandbox.project(), &["init", "-q"]);
        desk.git(desk.sandbox.project(), &["add", "."]);
        desk
    }

    /// git, in a directory of the sandbox; it must succeed.
    pub fn git(&self, dir: &Path, words: &[&str]) {
        let mut git = Command::new("git");
        self.sandbox.surround(&mut git);
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let out = git.args(identity).args(words).current_dir(dir).output().expect("git");
        assert!(out.status.success(), "git {words:?}: {}", shown(&out));
    }

    /// With a project that is under no git.
    pub fn without_repository(sandbox: Sandbox, script: Script) -> Self {
        let desk = Desk { sandbox, model: Model::start(script), subscription: false };
        let project = desk.sandbox.project();
        let write = |path: PathBuf, text: &str| {
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("create");
            std::fs::write(path, text).expect("write");
        };
        std::fs::create_dir(desk.sandbox.path("tmp")).expect("create");
        write(project.join("src/app.ts"), &"export const login = (u: string) => u;\n".repeat(30));
        let url = desk.model.url();
        write(
            desk.sandbox.path(".codex/config.toml"),
            &format!(
                "model_provider = \"fake\"\n[model_providers.fake]\nname = \"fake\"\nbase_url = \"{url}/v1\"\n\
                 env_key = \"OPENAI_API_KEY\"\nwire_api = \"responses\"\n"
            ),
        );
        write(
            desk.sandbox.path(".config/opencode/opencode.json"),
            &format!(
                r#"{{"provider": {{"fake": {{"npm": "@ai-sdk/openai-compatible",
                "options": {{"baseURL": "{url}/v1", "apiKey": "{{env:OPENAI_API_KEY}}"}},
                "models": {{"fake-model": {{"limit": {{"context": 200000, "output": 8000}}}}}}}}}},
                "model": "fake/fake-model", "small_model": "fake/fake-model"}}"#
            ),
        );
        // A provider of its own, and the default of all that choose none.
        write(
            desk.sandbox.path(".pi/agent/models.json"),
            &format!(
                r#"{{"providers": {{"fake": {{"baseUrl": "{url}/pi/v1", "api": "openai-completions",
                "apiKey": "OPENAI_API_KEY", "models": [{{"id": "fake-model"}}]}}}}}}"#
            ),
        );
        write(
            desk.sandbox.path(".pi/agent/settings.json"),
            r#"{"defaultProvider": "fake", "defaultModel": "fake-model"}"#,
        );
        // It unpacks itself, which is 235 MB, where it finds none of it.
        let cache = directory().join("../copilot/cache");
        if directory().join("copilot").exists() {
            std::fs::create_dir_all(&cache).expect("create");
            std::fs::create_dir(desk.sandbox.path(".cache")).expect("create");
            symlink(cache.canonicalize().expect("the cache"), desk.sandbox.path(".cache/copilot"))
                .expect("a link");
        }
        desk
    }

    /// A program with the CLIs on PATH and their keys in the environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        self.equip(&mut command);
        command
    }

    /// One of the CLIs itself, as a person would start it in the project.
    pub fn cli(&self, name: &str) -> Command {
        let mut command = Command::new(directory().join(name));
        self.sandbox.surround(&mut command);
        self.equip(&mut command);
        command
    }

    fn equip(&self, command: &mut Command) {
        let mut path = vec![directory().canonicalize().unwrap_or_else(|_| directory())];
        path.extend(node());
        path.extend(["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from));
        command
            .env("PATH", std::env::join_paths(path).expect("a PATH"))
            .env(if self.subscription { "CLAUDE_CODE_OAUTH_TOKEN" } else { "ANTHROPIC_API_KEY" }, KEY)
            .env("ANTHROPIC_BASE_URL", self.model.url())
            .env("OPENAI_API_KEY", KEY)
            .env("OPENAI_BASE_URL", format!("{}/qwen/v1", self.model.url()))
            .env("OPENAI_MODEL", "fake-model")
            .env("COPILOT_PROVIDER_BASE_URL", format!("{}/copilot/v1", self.model.url()))
            .env("COPILOT_PROVIDER_API_KEY", KEY)
            .env("COPILOT_MODEL", "fake-model")
            .env("GEMINI_API_KEY", KEY)
            .env("GOOGLE_GEMINI_BASE_URL", self.model.url())
            // What a CLI would fetch by itself goes nowhere.
            .env("OPENCODE_DISABLE_MODELS_FETCH", "1")
            .env("COPILOT_OFFLINE", "true")
            .env("TMPDIR", self.sandbox.path("tmp"));
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(program).args(arguments).output().expect("run the program")
    }

    pub fn start(&self, arguments: &[&str]) -> ConvoyId {
        let out = self.run("convoy-start", arguments);
        assert!(out.status.success(), "convoy-start {arguments:?}: {}", shown(&out));
        String::from_utf8_lossy(&out.stdout).trim().parse().expect("an id")
    }

    /// All that was kept of an attempt, for failure texts.
    pub fn log(&self, id: &ConvoyId, role: &str, attempt: u32) -> String {
        let files = self.sandbox.dir_of(id).attempt(&role.parse().expect("a role"), attempt);
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        format!(
            "log: {}\nstream: {}\nrecord: {}",
            read(files.log()),
            read(files.stream()),
            read(files.exit())
        )
    }
}

/// Where node is, for CLIs that are scripts.
fn node() -> Option<PathBuf> {
    let path = programs::variable("PATH")?;
    std::env::split_paths(&path).find(|dir| dir.join("node").exists())
}
