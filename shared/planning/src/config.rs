//! `config.toml` of the state directory: the user's own defaults.

mod hooks;

use std::collections::BTreeMap;

use base::environment::Environment;
use base::ids::Name;
use base::program::Failure;
use protocol::layout::Home;
use protocol::watch_lock::Watch;

use crate::diagnostic::{self, Diagnostic};
use crate::document::{Source, Value, parse_toml};
use crate::executor::Options;
use crate::fields::{Fields, Reader, boolean, count, filled_text, parsed, texts, time, variable_names, word};
use crate::runner::{Choice, choice};
use crate::settings::Verify;
use crate::source::read_file;

pub use hooks::Hooks;

const KEYS: [&str; 13] = [
    "runner",
    "verify",
    "watch",
    "keep",
    "grace",
    "launcher",
    "parked",
    "lint",
    "env",
    "hooks",
    "executor",
    "sandbox",
    "executors",
];

/// What the user set; `None` is the default. Times are in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    pub runner: Option<Choice>,
    /// Whether findings are verified.
    pub verify: Option<Verify>,
    pub watch: Option<Watch>,
    /// Ended convoys older than this are removed by `convoy-watch --all --once`.
    pub keep_ms: Option<u64>,
    /// TERM → this long → KILL.
    pub grace_ms: Option<u64>,
    pub(crate) launcher: Option<LauncherKind>,
    /// Supervisors of a convoy that wait for their agents' turn, at most; 0: none.
    pub(crate) parked: Option<u32>,
    /// Does the static reviewer run other linters that are installed?
    pub join: Option<bool>,
    /// Variables that are handed on to every agent, besides those its runner names.
    pub pass_env: Vec<String>,
    /// What is run when a convoy has ended.
    pub hooks: Hooks,
    /// Where agents run that nobody else says it of.
    pub executor: Option<Name>,
    /// In a sandbox, where that works, unless somebody says otherwise.
    pub sandbox: bool,
    /// What executors are given besides.
    pub executors: BTreeMap<Name, Options>,
}

/// How supervisors are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LauncherKind {
    Tmux,
    Process,
}

impl Config {
    /// Reads the state directory's `config.toml`; none is all defaults.
    pub fn read(home: &Home) -> Result<Config, Vec<Diagnostic>> {
        match read_file(&home.config()).map_err(|problem| vec![problem])? {
            Some(source) => parse(&source),
            None => Ok(Config::default()),
        }
    }

    /// What the user of this environment set.
    pub fn of(environment: &Environment) -> Result<Config, Failure> {
        Config::load(&Home::of(environment))
    }

    /// The same for a program that goes on with it or ends.
    pub fn load(home: &Home) -> Result<Config, Failure> {
        Config::read(home).map_err(|problems| diagnostic::failure(&problems, "nothing was done"))
    }
}

/// Reads the file's text; on failure all problems.
pub fn parse(source: &Source) -> Result<Config, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader =
        Reader::new(source).help("its keys: runner, verify, watch, keep, grace, launcher, parked, executor, sandbox; join in [lint]; options and host in [executors.NAME]; pass in [env]; on_end, notify, webhook and timeout in [hooks]");
    let config = reader
        .table(&node, "config.toml")
        .map(|fields| {
            reader.known(&fields, &KEYS);
            let watch = [("detach", Watch::Detach), ("systemd", Watch::Systemd), ("none", Watch::None)];
            let launcher = [("tmux", LauncherKind::Tmux), ("process", LauncherKind::Process)];
            Config {
                runner: reader.optional(&fields, "runner", choice).map(|found| found.value),
                verify: reader.optional(&fields, "verify", word(&Verify::ALL)).map(|found| found.value),
                watch: reader.optional(&fields, "watch", word(&watch)).map(|found| found.value),
                keep_ms: reader.optional(&fields, "keep", time).map(|found| found.value),
                grace_ms: reader.optional(&fields, "grace", time).map(|found| found.value),
                launcher: reader.optional(&fields, "launcher", word(&launcher)).map(|found| found.value),
                parked: reader.optional(&fields, "parked", count).map(|found| found.value),
                join: read_lint(&mut reader, &fields),
                pass_env: read_env(&mut reader, &fields),
                hooks: hooks::read(&mut reader, &fields),
                executor: reader.optional(&fields, "executor", parsed).map(|found| found.value),
                sandbox: reader
                    .optional(&fields, "sandbox", word(&[("auto", true), ("off", false)]))
                    .is_some_and(|found| found.value),
                executors: read_executors(&mut reader, &fields),
            }
        })
        .unwrap_or_default();
    if reader.has_problems() {
        return Err(reader.into_problems());
    }
    Ok(config)
}

/// `[lint] join = true`
fn read_lint(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<bool> {
    let lint = fields.node("lint").and_then(|node| reader.table(node, "'lint'"))?;
    reader.known(&lint, &["join"]);
    reader.optional(&lint, "join", boolean).map(|found| found.value)
}

/// `[executors.NAME] options = [words], host = "name"`
fn read_executors(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<Name, Options> {
    let mut out = BTreeMap::new();
    let Some(all) = fields.node("executors").and_then(|node| reader.table(node, "'executors'")) else {
        return out;
    };
    for entry in all.entries {
        let what = format!("executor '{}'", base::text::visible(&entry.key));
        let Some(one) = reader.table(&entry.node, what) else { continue };
        reader.known(&one, &["options", "host"]);
        let options = reader.optional(&one, "options", texts).map(|found| found.value).unwrap_or_default();
        let host = reader.optional(&one, "host", host).map(|found| found.value);
        match entry.key.parse() {
            Ok(name) => drop(out.insert(name, Options { options, host })),
            Err(error) => reader.problem(entry.key_at, format!("{error}")),
        }
    }
    out
}

/// A name that no program takes for an option of its own.
fn host(value: &Value) -> Result<String, String> {
    let host = filled_text(value)?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    if host.starts_with('-') || host.contains(is_odd) {
        return Err(format!("'{}' is no name of a machine", base::text::visible(&host)));
    }
    Ok(host)
}

/// `[env] pass = [names]`
fn read_env(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<String> {
    let Some(env) = fields.node("env").and_then(|node| reader.table(node, "'env'")) else {
        return Vec::new();
    };
    reader.known(&env, &["pass"]);
    reader.optional(&env, "pass", variable_names).map(|found| found.value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let source = Source { name: "config.toml".to_owned(), text: text.to_owned() };
        let line = |p: &Diagnostic| format!("{p} {}", p.hint.clone().unwrap_or_default());
        super::parse(&source).map_err(|problems| problems.iter().map(line).collect())
    }

    #[test]
    fn every_key_is_read() {
        assert_eq!(parse(""), Ok(Config::default()));
        let text = "runner = \"claude\"\nwatch = \"none\"\nkeep = \"30d\"\ngrace = 500\nlauncher = \"process\"\nparked = 0\n[lint]\njoin = false\n[env]\npass = [\"AWS_PROFILE\"]";
        let config = parse(text).unwrap();
        assert_eq!(config.runner.unwrap().to_string(), "claude");
        assert_eq!(config.watch, Some(Watch::None));
        assert_eq!(config.keep_ms, Some(2_592_000_000));
        assert_eq!(config.grace_ms, Some(500));
        assert_eq!(config.launcher, Some(LauncherKind::Process));
        assert_eq!(config.parked, Some(0));
        assert_eq!(config.join, Some(false));
        assert_eq!(config.pass_env, ["AWS_PROFILE"]);
    }

    #[test]
    fn hooks_are_read_and_an_address_is_never_shown() {
        let hooks = parse("[hooks]\non_end = [\"mail\", \"a b\"]\nnotify = true\nwebhook = \"https://h.example/T0/secret?x=1\"\ntimeout = \"5s\"").unwrap().hooks;
        assert!(hooks.any() && hooks.notify);
        assert_eq!(hooks.on_end.unwrap(), ["mail", "a b"]);
        assert_eq!(hooks.webhook.unwrap(), "https://h.example/T0/secret?x=1");
        assert_eq!(hooks.timeout.as_secs(), 5);
        assert!(!parse("").unwrap().hooks.any() && !parse("[hooks]").unwrap().hooks.any());
        for wrong in
            ["ftp://h/secret", "secret", "https:///secret", "https://", "http://h/se cret", "https://?secret"]
        {
            let problem = parse(&format!("[hooks]\nwebhook = \"{wrong}\"")).unwrap_err();
            assert!(problem.contains("no http:// or https:// address"), "{problem}");
            assert!(!problem.contains("cret"), "{problem}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, want) in [
            (
                "keep = \"30d\"\nruner = \"x\"",
                "config.toml:2:1: unknown key 'runer' in config.toml did you mean 'runner'?",
            ),
            (
                "watch = \"cron\"",
                "config.toml:1:9: 'watch' in config.toml: 'cron' is none of detach, systemd, none",
            ),
            ("grace = \"5\"", "has no unit"),
            ("parked = -1", "config.toml:1:10: 'parked' in config.toml: expected a number from 0"),
            (
                "[env]\npass = [\"A=B\"]",
                "config.toml:2:8: 'pass' in 'env': 'A=B' is not a name of a variable",
            ),
            ("[lint]\njoin = \"no\"", "config.toml:2:8: 'join' in 'lint': expected true or false"),
            ("[env]\npas = []", "unknown key 'pas' in 'env'"),
            ("[hooks]\nonend = []", "unknown key 'onend' in 'hooks' did you mean 'on_end'?"),
            ("[hooks]\non_end = \"x\"", "config.toml:2:10: 'on_end' in 'hooks': expected a list of words"),
            ("[hooks]\non_end = []", "it names no program"),
            ("[hooks]\non_end = [\"./mine\"]", "'./mine' is neither a name on PATH nor an absolute path"),
            ("[hooks]\nnotify = \"yes\"", "expected true or false"),
            ("[hooks]\ntimeout = 0", "a time of 0 makes no sense here"),
            ("[hooks]\ntimeout = \"2h\"", "expected at most 1h"),
            ("hooks = []", "'hooks': expected a table"),
            ("keep =", "config.toml:1:7: not TOML"),
        ] {
            let problems = parse(text).unwrap_err();
            assert!(problems.contains(want), "{want:?} not in {problems:?}");
        }
    }
}
