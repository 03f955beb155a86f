//! `install` and `uninstall`: the entry of this server in the user settings of the
//! agent CLIs. Everything else in the files stays as it is, comments and layout
//! included; a file that cannot be read is not touched.

mod claude;
mod codex;
mod gemini;
mod json;
mod opencode;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use base::environment::{self, Environment};
use base::exit::Exit;
use base::program::{self, Failure};
use base::{files, outputs, text};
use clap::ValueEnum;
use serde_json::Value;

use crate::cli::{AgentCli, Rights};
use crate::tools::Tool;

/// The name of the entry, and so of the tools: `mcp__pan__wait`.
const SERVER: &str = "pan";
/// Seconds a CLI may wait for a call: more than twice of what one takes.
const CALL_LIMIT_S: u32 = 120;

/// How a CLI is to start this server.
#[derive(Debug, Clone)]
struct Entry {
    /// The program, absolute, and its words.
    command: Vec<String>,
    /// Variables it must have: some CLIs hand on hardly any.
    variables: BTreeMap<String, String>,
    /// Names of the tools it offers.
    tools: Vec<&'static str>,
    /// It may do more than read.
    acts: bool,
}

impl Entry {
    fn new(environment: &Environment, rights: &Rights) -> Result<Self, Failure> {
        let (program, first) = match environment::find_sibling(environment, "pan")? {
            Some(pan) => (pan, Some("mcp".to_owned())),
            None => (environment::sibling(environment, crate::NAME)?, None),
        };
        let utf8 = |path: &Path| {
            path.to_str().map(str::to_owned).ok_or_else(|| {
                Failure::new(Exit::Usage, format!("{} is not UTF-8, as settings must be", text::path(path)))
                    .hint("install convoy in, and keep its state in, a directory with a plain name")
            })
        };
        let home = environment.var("PANOPTICON_HOME").filter(|home| !home.is_empty());
        let home = home.map(|_| utf8(&environment.home)).transpose()?;
        Ok(Entry {
            command: [utf8(&program)?].into_iter().chain(first).chain(rights.words()).collect(),
            variables: home.map(|home| ("PANOPTICON_HOME".to_owned(), home)).into_iter().collect(),
            tools: Tool::offered(rights).map(Tool::name).collect(),
            acts: !rights.allow.is_empty(),
        })
    }

    fn program(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    fn words(&self) -> &[String] {
        self.command.get(1..).unwrap_or_default()
    }
}

/// Does this command line start such a server? Another entry of the name is not ours.
fn is_ours(command: &[&str]) -> bool {
    let Some((program, words)) = command.split_first() else { return false };
    match Path::new(program).file_name().and_then(|name| name.to_str()) {
        Some("convoy-mcp") => true,
        Some("pan") => words.first() == Some(&"mcp"),
        _ => false,
    }
}

/// A settings file, as it is and as it is to be.
#[derive(Debug)]
struct Change {
    path: PathBuf,
    before: Option<String>,
    after: String,
    /// What of it is of this server, for people.
    shown: String,
}

impl Change {
    fn is_none(&self) -> bool {
        self.before.as_deref().unwrap_or_default() == self.after
    }
}

/// The settings file of this path; `None`: it is not there yet.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let why = |error: std::string::FromUtf8Error| unreadable(path, &error);
    String::from_utf8(bytes).map(Some).map_err(why)
}

/// A file that is left alone, as nobody can tell what else is in it.
fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, text::visible(&format!("{}: {why}; nothing was changed", text::path(path))))
        .hint("fix the file and try again, or write the entry yourself: pan mcp install --print shows it")
}

/// There is an entry of our name that starts something else.
fn foreign(path: &Path) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("{} has a server '{SERVER}' that is not this one; nothing was changed", text::path(path)),
    )
    .hint("rename or remove that entry, then try again")
}

/// The changes of a CLI's settings: with an entry that it is there, without that none is.
fn changes(environment: &Environment, cli: AgentCli, entry: Option<&Entry>) -> Result<Vec<Change>, Failure> {
    match cli {
        AgentCli::Claude => claude::changes(environment, entry),
        AgentCli::Codex => Ok(vec![codex::change(environment, entry)?]),
        AgentCli::Gemini => Ok(vec![gemini::change(environment, entry)?]),
        AgentCli::Opencode => Ok(vec![opencode::change(environment, entry)?]),
    }
}

/// The user's home directory, where settings are.
fn home(environment: &Environment) -> Result<&Path, Failure> {
    environment.user_home.as_deref().ok_or_else(|| {
        Failure::new(Exit::Usage, "HOME is not set: it is not known where settings are").hint("set HOME")
    })
}

/// A directory that a variable names, else one below the home directory.
fn directory(environment: &Environment, variable: &str, below_home: &str) -> Result<PathBuf, Failure> {
    match environment.var(variable).filter(|value| !value.is_empty()) {
        Some(value) => Ok(environment.current_dir.join(value)),
        None => Ok(home(environment)?.join(below_home)),
    }
}

pub(crate) fn install(
    environment: &Environment,
    clis: &[AgentCli],
    rights: &Rights,
    print: bool,
) -> Result<Exit> {
    let entry = Entry::new(environment, rights)?;
    let mut wanted = clis.to_vec();
    if wanted.is_empty() {
        for cli in AgentCli::value_variants() {
            if environment.find_program(cli.name())?.is_some() {
                wanted.push(*cli);
            }
        }
    }
    if wanted.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            "no agent CLI is on PATH (claude, codex, gemini, opencode)",
        )
        .hint("name the one that is meant: pan mcp install claude")
        .into());
    }
    write(environment, &wanted, Some(&entry), print)
}

pub(crate) fn uninstall(environment: &Environment, clis: &[AgentCli], print: bool) -> Result<Exit> {
    let wanted = if clis.is_empty() { AgentCli::value_variants() } else { clis };
    write(environment, wanted, None, print)
}

/// All changes are known before the first file is written.
fn write(environment: &Environment, clis: &[AgentCli], entry: Option<&Entry>, print: bool) -> Result<Exit> {
    let mut all = Vec::new();
    for cli in clis {
        all.extend(changes(environment, *cli, entry)?.into_iter().map(|change| (*cli, change)));
    }
    for (cli, change) in &all {
        let (name, path) = (cli.name(), text::path(&change.path));
        if print {
            program::print(&format!("# {path}\n{}\n", change.shown.trim_end()))?;
        } else if change.is_none() {
            program::print(&format!("{name}: nothing to do in {path}\n"))?;
        } else {
            save(change)?;
            program::print(&format!("{name}: wrote {path}\n"))?;
        }
    }
    if !print && entry.is_some() {
        program::tell("a CLI that runs already must be started again: it reads its settings at the start");
    }
    Ok(Exit::Done)
}

/// Writes a file, unless somebody else has in the meantime.
fn save(change: &Change) -> Result<(), Failure> {
    if read(&change.path)? != change.before {
        let message = format!("{} was changed by somebody else just now", text::path(&change.path));
        return Err(Failure::new(Exit::Busy, message).hint("try again"));
    }
    if let Some(directory) = change.path.parent() {
        fs::create_dir_all(directory).map_err(|error| {
            Failure::of_io(Exit::Unwritten, format!("cannot create {}", text::path(directory)), &error)
        })?;
    }
    Ok(outputs::write(&change.path, change.after.as_bytes())?)
}

/// A value for people.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry that may read.
    pub(crate) fn entry() -> Entry {
        Entry {
            command: vec!["/opt/pan".to_owned(), "mcp".to_owned()],
            variables: BTreeMap::from([("PANOPTICON_HOME".to_owned(), "/h".to_owned())]),
            tools: vec!["wait"],
            acts: false,
        }
    }

    /// A user whose home this directory is.
    pub(crate) fn environment(home: &Path) -> Environment {
        let variables = BTreeMap::from([("HOME".into(), home.into())]);
        Environment::from_parts(variables, home.to_path_buf()).unwrap()
    }

    pub(crate) fn in_file(home: &Path, name: &str, text: &str) -> PathBuf {
        let path = home.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn what_was_installed_in_json_is_taken_out_and_nothing_else() {
        let own = "{\n  // mine\n  \"theme\": \"dark\", /* why */\n  \"n\": 1.50,\n  \"u\": \"\\u00e9\"\n}\n";
        let strict = "{\n  \"theme\": \"dark\",\n  \"n\": 1.50\n}\n";
        for (cli, name, own) in [
            (AgentCli::Claude, ".claude.json", strict),
            (AgentCli::Gemini, ".gemini/settings.json", own),
            (AgentCli::Opencode, ".config/opencode/opencode.jsonc", own),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let environment = environment(dir.path());
            let path = in_file(dir.path(), name, own);
            let first = |entry: Option<&Entry>| changes(&environment, cli, entry).unwrap().remove(0);
            let installed = first(Some(&entry()));
            assert_eq!(installed.path, path);
            for line in own.lines().filter(|line| line.len() > 1) {
                assert!(
                    installed.after.contains(line.trim_end_matches(',')),
                    "{cli:?}: {line}: {}",
                    installed.after
                );
            }
            assert!(
                installed.after.contains("/opt/pan") && installed.after.contains("/h"),
                "{}",
                installed.after
            );
            fs::write(&path, &installed.after).unwrap();
            assert!(
                first(Some(&entry())).is_none(),
                "{cli:?}: twice is once: {}",
                first(Some(&entry())).after
            );
            let gone = first(None);
            assert!(!gone.after.contains("/opt/pan"), "{}", gone.after);
            for line in own.lines() {
                assert!(gone.after.contains(line.trim_end_matches(',')), "{cli:?}: {line}: {}", gone.after);
            }
        }
    }

    #[test]
    fn a_file_that_is_not_understood_is_left_alone() {
        for (cli, name) in [
            (AgentCli::Claude, ".claude.json"),
            (AgentCli::Claude, ".claude/settings.json"),
            (AgentCli::Gemini, ".gemini/settings.json"),
            (AgentCli::Opencode, ".config/opencode/opencode.json"),
        ] {
            for text in ["{", "[]", "{\"mcpServers\": 3, \"mcp\": 3, \"permissions\": 3}", "{'a': 1}"] {
                let dir = tempfile::tempdir().unwrap();
                in_file(dir.path(), name, text);
                let failure = changes(&environment(dir.path()), cli, Some(&entry())).unwrap_err();
                assert!(failure.message.contains("nothing was changed"), "{failure:?}");
                assert!(failure.hints[0].contains("--print"), "{failure:?}");
            }
        }
    }

    #[test]
    fn an_entry_of_somebody_else_is_neither_replaced_nor_removed() {
        for (cli, name, text) in [
            (AgentCli::Claude, ".claude.json", "{\"mcpServers\": {\"pan\": {\"command\": \"bread\"}}}"),
            (
                AgentCli::Gemini,
                ".gemini/settings.json",
                "{\"mcpServers\": {\"pan\": {\"httpUrl\": \"http://x\"}}}",
            ),
            (
                AgentCli::Opencode,
                ".config/opencode/opencode.json",
                "{\"mcp\": {\"pan\": {\"command\": [\"bread\"]}}}",
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let environment = environment(dir.path());
            in_file(dir.path(), name, text);
            let failure = changes(&environment, cli, Some(&entry())).unwrap_err();
            assert!(failure.message.contains("that is not this one"), "{failure:?}");
            assert!(changes(&environment, cli, None).unwrap().iter().all(Change::is_none));
        }
    }

    #[test]
    fn where_nothing_was_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let environment = environment(dir.path());
        for cli in AgentCli::value_variants() {
            assert!(changes(&environment, *cli, None).unwrap().iter().all(Change::is_none), "{cli:?}");
            for change in changes(&environment, *cli, Some(&entry())).unwrap() {
                assert!(change.before.is_none() && change.after.contains("pan"), "{change:?}");
            }
        }
    }

    #[test]
    fn only_entries_that_start_this_server_are_ours() {
        for (command, want) in [
            (&["/usr/bin/pan", "mcp"][..], true),
            (&["pan", "mcp", "--allow=start"], true),
            (&["/opt/convoy-mcp"], true),
            (&["pan", "convoy"], false),
            (&["pan"], false),
            (&["npx", "pan", "mcp"], false),
            (&[], false),
        ] {
            assert_eq!(is_ours(command), want, "{command:?}");
        }
    }
}
