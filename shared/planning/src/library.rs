//! Templates, agent files, runners and executors by name: the user's own in the state
//! directory, else the built-in ones, which are part of the program. Nothing is
//! ever taken from the project (design §9).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base::files;
use base::ids::{AgentName, Name};
use base::suggestion::nearest;
use protocol::layout::Home;
use protocol::plan::Origin;

use crate::agent_file;
use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::source::{read_agent, read_file};

macro_rules! built_in {
    ($dir:literal, $extension:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../", $dir, "/", $name, ".", $extension)))),*]
    };
}

type BuiltIn = &'static [(&'static str, &'static str)];

const TEMPLATES: BuiltIn = built_in!("templates", "json": "code-review" "planning" "triage" "health-monitor");
const AGENTS: BuiltIn = built_in!("agents", "md":
    "code-review-correctness" "code-review-security" "code-review-performance" "code-review-requirements"
    "code-review-synthesis" "code-review-verifier" "code-review-fixer" "planning-agent" "triage-agent" "health-monitor");
const RUNNERS: BuiltIn = built_in!("runners", "toml": "claude" "codex" "gemini" "opencode" "qwen" "pi" "copilot" "command" "builtin");

const EXECUTORS: BuiltIn = built_in!("executors", "toml": "local" "bwrap" "slurm" "ssh");

/// One kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Template,
    Agent,
    Runner,
    Executor,
}

impl Kind {
    fn built_in(self) -> BuiltIn {
        match self {
            Kind::Template => TEMPLATES,
            Kind::Agent => AGENTS,
            Kind::Runner => RUNNERS,
            Kind::Executor => EXECUTORS,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Kind::Template => "template",
            Kind::Agent => "agent file",
            Kind::Runner => "runner",
            Kind::Executor => "executor",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Kind::Template => "json",
            Kind::Agent => "md",
            Kind::Runner | Kind::Executor => "toml",
        }
    }

    fn user_dir(self, home: &Home) -> PathBuf {
        match self {
            Kind::Template => home.user_templates(),
            Kind::Agent => home.user_agents(),
            Kind::Runner => home.user_runners(),
            Kind::Executor => home.user_executors(),
        }
    }

    fn user_file(self, home: &Home, name: &Name) -> PathBuf {
        match self {
            Kind::Template => home.user_template(name),
            Kind::Agent => home.user_agents().join(format!("{name}.md")),
            Kind::Runner => home.user_runner(name),
            Kind::Executor => home.user_executor(name),
        }
    }
}

/// The files of a kind that are part of the programs: names and texts.
pub fn built_in(kind: Kind) -> &'static [(&'static str, &'static str)] {
    kind.built_in()
}

/// Finds files by name.
#[derive(Debug, Clone)]
pub struct Library {
    home: Home,
}

impl Library {
    /// The user's own files in this state directory, and the built-in ones.
    pub fn new(home: &Home) -> Self {
        Library { home: home.clone() }
    }

    /// The template or runner of this name, the user's own before the built-in one.
    /// A file of the user's that cannot be read is a problem: it never falls back.
    pub fn find(&self, kind: Kind, name: &Name) -> Result<(Source, Origin), Diagnostic> {
        match read_file(&kind.user_file(&self.home, name))? {
            Some(source) => Ok((source, Origin::User)),
            None => self.find_built_in(kind, name.as_str()).ok_or_else(|| self.missing(kind, name.as_str())),
        }
    }

    /// The agent file of this name: of the user's own the one that is called so, else
    /// one that calls itself so; else the built-in one.
    pub fn find_agent(&self, name: &AgentName) -> Result<(Source, Origin), Diagnostic> {
        if let Some(source) = read_agent(&self.home.user_agent(name))? {
            return Ok((source, Origin::User));
        }
        if let Some(found) = self.find_built_in(Kind::Agent, name.as_str()) {
            return Ok(found);
        }
        let own = files::names(&self.home.user_agents())?;
        for file in own.iter().filter(|file| Path::new(file).extension() == Some(OsStr::new("md"))) {
            let Some(source) = read_agent(&self.home.user_agents().join(file))? else { continue };
            // Of one that is broken nobody knows what it is called.
            if agent_file::read(&source).is_ok_and(|agent| agent.name == *name) {
                return Ok((source, Origin::User));
            }
        }
        Err(self.missing(Kind::Agent, name.as_str()))
    }

    /// Only the built-in file of this name.
    pub fn find_built_in(&self, kind: Kind, name: impl AsRef<str>) -> Option<(Source, Origin)> {
        let found = kind.built_in().iter().find(|(known, _)| *known == name.as_ref());
        let (known, text) = found?;
        let name = format!("built-in {known}.{}", kind.extension());
        Some((Source { name, text: (*text).to_owned() }, Origin::BuiltIn))
    }

    fn missing(&self, kind: Kind, name: &str) -> Diagnostic {
        // Only for the hint: where the user's own cannot be listed it names the others.
        let known: Vec<String> = match kind {
            Kind::Agent => self.agent_names().map(names_only),
            Kind::Template | Kind::Runner | Kind::Executor => self.names(kind).map(names_only),
        }
        .unwrap_or_else(|_| kind.built_in().iter().map(|(name, _)| (*name).to_owned()).collect());
        let problem = Diagnostic::new(format!("no {} '{name}'", kind.what()));
        let problem = match kind {
            Kind::Template => problem.not_found(),
            Kind::Agent | Kind::Runner | Kind::Executor => problem,
        };
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => problem.suggest(Some(near)),
            None => problem.hint(format!(
                "there are {}; your own go to {}",
                known.join(", "),
                base::text::path(&kind.user_dir(&self.home))
            )),
        }
    }

    /// All names of templates or runners, each once, in alphabetical order.
    pub fn names(&self, kind: Kind) -> base::Result<Vec<(Name, Origin)>> {
        self.names_of(kind)
    }

    /// All names of agent files, as the files are called.
    pub fn agent_names(&self) -> base::Result<Vec<(AgentName, Origin)>> {
        self.names_of(Kind::Agent)
    }

    fn names_of<N: FromStr + Ord>(&self, kind: Kind) -> base::Result<Vec<(N, Origin)>> {
        let own = user_names::<N>(&kind.user_dir(&self.home), kind.extension())?;
        let mut names: Vec<(N, Origin)> = own.into_iter().map(|name| (name, Origin::User)).collect();
        // The tests see to it that each is a name.
        for name in kind.built_in().iter().filter_map(|(name, _)| name.parse::<N>().ok()) {
            if !names.iter().any(|(known, _)| *known == name) {
                names.push((name, Origin::BuiltIn));
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }
}

fn names_only<N: Into<String>>(names: Vec<(N, Origin)>) -> Vec<String> {
    names.into_iter().map(|(name, _)| name.into()).collect()
}

/// A directory that is not there holds nothing of ours; nor does a file whose
/// name is none.
fn user_names<N: FromStr>(dir: &Path, extension: &str) -> base::Result<Vec<N>> {
    let names = files::names(dir)?;
    let name = |file: &OsString| file.to_str()?.strip_suffix(extension)?.strip_suffix('.')?.parse().ok();
    Ok(names.iter().filter_map(name).collect())
}

#[cfg(test)]
mod documented_tests;
#[cfg(test)]
mod tests {
    use std::fs;

    use super::documented_tests::Known;
    use super::*;
    use crate::runner;
    use crate::template;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn every_built_in_file_is_good() {
        let library = Library::new(&Home::new("/nowhere"));
        for (name, text) in AGENTS {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            let file = agent_file::read(&source).unwrap_or_else(|p| panic!("{name}: {p:?}"));
            assert_eq!(file.name.as_str(), *name);
            let mut tools = file.tools.iter().flatten().map(String::as_str);
            assert!(tools.all(|tool| ["Read", "Grep", "Glob"].contains(&tool)), "{name}: {:?}", file.tools);
        }
        for (name, text) in RUNNERS {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            runner::read(&source).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        }
        for (name, text) in EXECUTORS {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            crate::executor::read(&source).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        }
        let all = Known(library);
        for (name, text) in TEMPLATES {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            let template = template::read(&source, &all).unwrap_or_else(|p| panic!("{name}: {p:?}"));
            assert_eq!(template.name.as_str(), *name);
        }
    }

    #[test]
    fn models_are_those_of_the_design() {
        let library = Library::new(&Home::new("/nowhere"));
        for (role, model) in [
            ("correctness", "haiku"),
            ("security", "sonnet"),
            ("performance", "haiku"),
            ("synthesis", "sonnet"),
        ] {
            let (source, _) = library.find_agent(&format!("code-review-{role}").parse().unwrap()).unwrap();
            assert_eq!(agent_file::read(&source).unwrap().model, model, "{role}");
        }
    }

    #[test]
    fn the_reviewers_are_asked_for_the_documented_format() {
        let format = "### 1. [src/auth.ts:42-44] SQL is built from the request\n**Severity:** critical\n**Confidence:** 90\n**Category:** injection (CWE-89)\n**Problem:**";
        for role in ["correctness", "security", "performance"] {
            let found = AGENTS.iter().find(|(name, _)| name.ends_with(role)).unwrap();
            for part in [format, "No findings.", "**Total:** 0 findings", "**Not reviewed:**", "**Also:**"] {
                assert!(found.1.contains(part), "{role}: {part}");
            }
        }
    }

    #[test]
    fn the_users_own_file_replaces_the_built_in_one() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let library = Library::new(&home);
        let agent: AgentName = "code-review-security".parse().unwrap();
        assert_eq!(library.find_agent(&agent).unwrap().1, Origin::BuiltIn);
        fs::create_dir(home.user_agents()).unwrap();
        fs::write(home.user_agent(&agent), "mine").unwrap();
        fs::write(home.user_agents().join("own.md"), "own").unwrap();
        fs::write(home.user_agents().join(".hidden.md"), "x").unwrap();
        let (source, origin) = library.find_agent(&agent).unwrap();
        assert_eq!((source.text.as_str(), origin), ("mine", Origin::User));
        let names = library.agent_names().unwrap();
        assert_eq!(names.len(), AGENTS.len() + 1, "{names:?}");
        fs::write(home.user_agent(&agent), b"\xff").unwrap();
        let (source, origin) = library.find_agent(&agent).unwrap();
        assert!(
            origin == Origin::User && agent_file::read(&source).is_err(),
            "a broken file never falls back"
        );
        let calls_itself = |text: &str| library.find_agent(&text.parse().unwrap());
        let text = "---\nname: Own One 2.0\ndescription: d\n---\nx";
        fs::write(home.user_agents().join("own.md"), text).unwrap();
        assert_eq!(calls_itself("Own One 2.0").unwrap().0.text, text);
        assert!(calls_itself("own one 2.0").is_err());
    }

    #[test]
    fn what_is_missing_has_a_suggestion() {
        let library = Library::new(&Home::new("/nowhere"));
        let problem = library.find(Kind::Template, &name("code-reveiw")).unwrap_err();
        assert_eq!(problem.hint.as_deref(), Some("did you mean 'code-review'?"));
        let problem = library.find(Kind::Runner, &name("zzz")).unwrap_err();
        assert!(problem.hint.unwrap().contains("builtin, claude, codex, command"));
    }
}
