//! What `convoy-inspect` is asked for. `convoy-ctl` has the same verbs, finds the convoy
//! that is meant, and becomes it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// What a project is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Inventory {
    /// The project (default: the current directory)
    #[arg(long, value_name = "DIR", conflicts_with = "convoy")]
    pub project: Option<PathBuf>,
    /// The project and the issues of a convoy
    #[arg(long, value_name = "ID")]
    pub convoy: Option<String>,
    /// Write here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print every file with what is known of it
    #[arg(long)]
    pub json: bool,
}

/// Issues, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Triage {
    /// JSON (as gh issue list --json prints) or Markdown; - is standard input
    #[arg(long, value_name = "FILE")]
    pub issues_file: Option<PathBuf>,
    /// The project (default: the current directory)
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// For an agent of a convoy: its issue, or the summary of all
    #[arg(long, value_name = "ID", requires = "role", conflicts_with_all = ["issues_file", "project"])]
    pub convoy: Option<String>,
    #[arg(long, requires = "convoy")]
    pub role: Option<String>,
    /// Write here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How the convoys are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Health {
    /// Leave this convoy out: the one that asks
    #[arg(long, value_name = "ID")]
    pub except: Option<String>,
    /// Write here instead of to standard output; then exit 0 whatever is found
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print facts and troubles
    #[arg(long)]
    pub json: bool,
}

impl Inventory {
    /// The command line that asks for this.
    pub fn words(&self) -> Vec<OsString> {
        let options = [
            ("--project", path(self.project.as_ref())),
            ("--convoy", text(self.convoy.as_ref())),
            output(self.output.as_ref()),
        ];
        words("inventory", options, self.json)
    }
}

impl Triage {
    /// The command line that asks for this.
    pub fn words(&self) -> Vec<OsString> {
        let options = [
            ("--issues-file", path(self.issues_file.as_ref())),
            ("--project", path(self.project.as_ref())),
            ("--convoy", text(self.convoy.as_ref())),
            ("--role", text(self.role.as_ref())),
            output(self.output.as_ref()),
        ];
        words("triage", options, false)
    }
}

impl Health {
    /// The command line that asks for this.
    pub fn words(&self) -> Vec<OsString> {
        words("health", [("--except", text(self.except.as_ref())), output(self.output.as_ref())], self.json)
    }
}

fn words<const N: usize>(
    verb: &str,
    options: [(&'static str, Option<OsString>); N],
    json: bool,
) -> Vec<OsString> {
    let mut words = vec![OsString::from(verb)];
    for (name, value) in options {
        if let Some(value) = value {
            // One word: a value may begin with a dash.
            let mut word = OsString::from(name);
            word.push("=");
            word.push(value);
            words.push(word);
        }
    }
    words.extend(json.then(|| "--json".into()));
    words
}

fn path(value: Option<&PathBuf>) -> Option<OsString> {
    value.map(|path| path.clone().into_os_string())
}

fn text(value: Option<&String>) -> Option<OsString> {
    value.map(OsString::from)
}

fn output(value: Option<&PathBuf>) -> (&'static str, Option<OsString>) {
    ("--output", path(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    enum Verb {
        Inventory(Inventory),
        Triage(Triage),
        Health(Health),
    }

    fn read(words: Vec<OsString>) -> Verb {
        Verb::try_parse_from([OsString::from("x")].into_iter().chain(words)).unwrap()
    }

    #[test]
    fn what_is_asked_for_is_written_as_it_is_read() {
        let file = || Some(PathBuf::from("-a b"));
        let id = || Some("k7q".to_owned());
        for asked in [
            Inventory::default(),
            Inventory { project: file(), json: true, ..Inventory::default() },
            Inventory { convoy: id(), output: file(), ..Inventory::default() },
        ] {
            assert!(matches!(read(asked.words()), Verb::Inventory(read) if read == asked), "{asked:?}");
        }
        for asked in [
            Triage::default(),
            Triage { issues_file: file(), project: file(), output: file(), ..Triage::default() },
            Triage { convoy: id(), role: Some("a".to_owned()), ..Triage::default() },
        ] {
            assert!(matches!(read(asked.words()), Verb::Triage(read) if read == asked), "{asked:?}");
        }
        for asked in [Health::default(), Health { except: id(), output: file(), json: true }] {
            assert!(matches!(read(asked.words()), Verb::Health(read) if read == asked), "{asked:?}");
        }
    }
}
