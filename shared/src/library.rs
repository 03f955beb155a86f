//! Templates, agent files and runners by name: the user's own in the state
//! directory, else the built-in ones, which are part of the program. Nothing is
//! ever taken from the project (design §9).

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::Source;
use crate::files;
use crate::ids::Name;
use crate::layout::Home;
use crate::plan::Origin;
use crate::problem::Problem;
use crate::suggestion::nearest;

macro_rules! built_in {
    ($dir:literal, $extension:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../", $dir, "/", $name, ".", $extension)))),*]
    };
}

type BuiltIn = &'static [(&'static str, &'static str)];

const TEMPLATES: BuiltIn = built_in!("templates", "json": "code-review" "planning" "triage" "health-monitor");
const AGENTS: BuiltIn = built_in!("agents", "md":
    "code-review-correctness" "code-review-security" "code-review-performance"
    "code-review-synthesis" "planning-agent" "triage-agent" "health-monitor");
const RUNNERS: BuiltIn =
    built_in!("runners", "toml": "claude" "codex" "gemini" "opencode" "command" "builtin");

/// One kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Template,
    Agent,
    Runner,
}

impl Kind {
    fn built_in(self) -> BuiltIn {
        match self {
            Kind::Template => TEMPLATES,
            Kind::Agent => AGENTS,
            Kind::Runner => RUNNERS,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Kind::Template => "template",
            Kind::Agent => "agent file",
            Kind::Runner => "runner",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Kind::Template => "json",
            Kind::Agent => "md",
            Kind::Runner => "toml",
        }
    }

    fn user_dir(self, home: &Home) -> PathBuf {
        match self {
            Kind::Template => home.user_templates(),
            Kind::Agent => home.user_agents(),
            Kind::Runner => home.user_runners(),
        }
    }

    fn user_file(self, home: &Home, name: &Name) -> PathBuf {
        match self {
            Kind::Template => home.user_template(name),
            Kind::Agent => home.user_agent(name),
            Kind::Runner => home.user_runner(name),
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
    pub fn new(home: &Home) -> Self {
        Library { home: home.clone() }
    }

    /// The file of this name, the user's own before the built-in one. A file of
    /// the user's that cannot be read is a problem: it never falls back.
    pub fn find(&self, kind: Kind, name: &Name) -> Result<(Source, Origin), Problem> {
        if let Some(source) = read_file(&kind.user_file(&self.home, name))? {
            return Ok((source, Origin::User));
        }
        match self.find_built_in(kind, name) {
            Some(source) => Ok((source, Origin::BuiltIn)),
            None => Err(self.missing(kind, name)),
        }
    }

    /// Only the built-in file of this name.
    pub fn find_built_in(&self, kind: Kind, name: &Name) -> Option<Source> {
        let found = kind.built_in().iter().find(|(known, _)| *known == name.as_str());
        let (known, text) = found?;
        let name = format!("built-in {known}.{}", kind.extension());
        Some(Source { name, text: (*text).to_owned() })
    }

    fn missing(&self, kind: Kind, name: &Name) -> Problem {
        // Only for the hint: where the user's own cannot be listed it names the others.
        let known = self.names(kind).unwrap_or_else(|_| built_in_names(kind));
        let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        let problem = Problem::new(format!("no {} '{name}'", kind.what()));
        let problem = match kind {
            Kind::Template => problem.not_found(),
            Kind::Agent | Kind::Runner => problem,
        };
        match nearest(name.as_str(), known.iter().copied()) {
            Some(near) => problem.suggest(Some(near)),
            None => problem.hint(format!(
                "there are {}; your own go to {}",
                known.join(", "),
                crate::text::path(&kind.user_dir(&self.home))
            )),
        }
    }

    /// All names, each once, in alphabetical order.
    pub fn names(&self, kind: Kind) -> crate::Result<Vec<(Name, Origin)>> {
        let own = user_names(&kind.user_dir(&self.home), kind.extension())?;
        let mut names: Vec<(Name, Origin)> = own.into_iter().map(|name| (name, Origin::User)).collect();
        for (name, origin) in built_in_names(kind) {
            if !names.iter().any(|(known, _)| *known == name) {
                names.push((name, origin));
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }
}

fn built_in_names(kind: Kind) -> Vec<(Name, Origin)> {
    // The tests see to it that each is a name.
    let names = kind.built_in().iter().filter_map(|(name, _)| name.parse::<Name>().ok());
    names.map(|name| (name, Origin::BuiltIn)).collect()
}

/// A directory that is not there holds nothing of ours; nor does a file whose
/// name is none.
fn user_names(dir: &Path, extension: &str) -> crate::Result<Vec<Name>> {
    let names = files::names(dir)?;
    let name = |file: &OsString| file.to_str()?.strip_suffix(extension)?.strip_suffix('.')?.parse().ok();
    Ok(names.iter().filter_map(name).collect())
}

/// Reads a file a person wrote; `None` if it is not there. A pipe is none.
pub fn read_file(path: &Path) -> Result<Option<Source>, Problem> {
    source(path, files::read(path))
}

/// Reads what a person named: it may as well be a pipe, which is waited for.
pub fn read_named(path: &Path) -> Result<Option<Source>, Problem> {
    source(path, fs::read(path))
}

fn source(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Option<Source>, Problem> {
    let name = crate::text::path(path);
    match bytes {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Source { name, text })),
            Err(_) => Err(Problem::new("it is not UTF-8 text").in_file(name)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::new(format!("cannot read {name}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{self, Surroundings};
    use crate::{agent_file, runner};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    struct All(Library);

    impl Surroundings for All {
        fn check_subagent(&self, name: &Name) -> Result<(), Problem> {
            self.0.find(Kind::Agent, name).map(|_| ())
        }
        fn check_runner(&self, name: &Name) -> Result<(), Problem> {
            self.0.find(Kind::Runner, name).map(|_| ())
        }
        fn find_template(&self, name: &Name, _: bool) -> Result<Source, Problem> {
            self.0.find(Kind::Template, name).map(|found| found.0)
        }
    }

    #[test]
    fn every_built_in_file_is_good() {
        let library = Library::new(&Home::new("/nowhere"));
        for (name, text) in AGENTS {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            let file = agent_file::read(&source).unwrap_or_else(|p| panic!("{name}: {p:?}"));
            assert_eq!(file.name.as_str(), *name);
            let mut tools = file.tools.iter().map(String::as_str);
            assert!(tools.all(|tool| ["Read", "Grep", "Glob"].contains(&tool)), "{name}: {:?}", file.tools);
        }
        for (name, text) in RUNNERS {
            let source = Source { name: (*name).to_owned(), text: (*text).to_owned() };
            runner::read(&source).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        }
        let all = All(library);
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
            let (source, _) = library.find(Kind::Agent, &name(&format!("code-review-{role}"))).unwrap();
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
        let agent = name("code-review-security");
        assert_eq!(library.find(Kind::Agent, &agent).unwrap().1, Origin::BuiltIn);
        fs::create_dir(home.user_agents()).unwrap();
        fs::write(home.user_agent(&agent), "mine").unwrap();
        fs::write(home.user_agents().join("own.md"), "own").unwrap();
        fs::write(home.user_agents().join("Not A Name.md"), "x").unwrap();
        let (source, origin) = library.find(Kind::Agent, &agent).unwrap();
        assert_eq!((source.text.as_str(), origin), ("mine", Origin::User));
        let names = library.names(Kind::Agent).unwrap();
        assert_eq!(names.len(), AGENTS.len() + 1, "{names:?}");
        fs::write(home.user_agent(&agent), b"\xff").unwrap();
        assert!(library.find(Kind::Agent, &agent).is_err(), "a broken file never falls back");
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
