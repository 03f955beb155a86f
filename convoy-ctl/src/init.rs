//! `init`: the user's settings of this project, changed or shown with all that counts
//! besides, and where each is from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use base::style::{Style, pad};
use base::text;
use decisions::Location;
use decisions::settings::{self, Change, Value};
use planning::config::Config;
use planning::diagnostic::{self, Diagnostic};
use planning::library::{Kind, Library};
use planning::project::Project;
use planning::settings::trusted::{self, Trusted};
use planning::settings::{Asked, KEYS, OfProject, Own, SetBy, Verify, check_pattern, resolve};
use protocol::layout::Home;
use serde::Serialize;

use crate::cli::InitArguments;

pub(crate) fn run(environment: &Environment, arguments: &InitArguments) -> Result<Exit> {
    let home = Home::of(environment);
    let place = Project::current(environment).map_err(|problem| failure(&[problem]))?;
    let location = Location::of(environment, &place.root).map_err(Failure::from)?;
    let changes = changes(environment, &place, arguments)?;
    let is_there = settings::read(&home, &location).map_err(|problems| failure(&problems))?.is_some();
    let begins = !arguments.show && (!is_there || !changes.is_empty());
    if begins {
        settings::change(&home, &location, &changes).map_err(|problems| failure(&problems))?;
    }
    let own = settings::read(&home, &location).map_err(|problems| failure(&problems))?;
    let file = settings::path(&home, &location);
    let shown = survey(environment, &place, own.as_ref(), &file)?;
    let text = if arguments.json {
        format!("{}\n", serde_json::to_string_pretty(&shown)?)
    } else {
        render(&shown, own.is_some(), &Style::of_stdout(environment))
    };
    program::print(&text)?;
    Ok(Exit::Done)
}

fn failure(problems: &[Diagnostic]) -> Failure {
    diagnostic::failure(problems, "nothing was changed")
}

fn usage(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

/// What is asked for, as it is written; checked, so that nothing is set that no review
/// could use.
fn changes(environment: &Environment, place: &Project, arguments: &InitArguments) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for key in KEYS.into_iter().filter(|key| arguments.unset.iter().any(|unset| unset == key)) {
        changes.push(Change { key, value: None });
    }
    let mut set = |key: &'static str, value: Value| changes.push(Change { key, value: Some(value) });
    if let Some(runner) = &arguments.runner {
        for name in runner.names() {
            let found = Library::new(&Home::of(environment)).find(Kind::Runner, name);
            found.map_err(|problem| {
                let failure = failure(&[problem]);
                Failure { exit: Exit::Usage, message: format!("--runner: {}", failure.message), ..failure }
            })?;
        }
        set("runner", Value::Text(runner.to_string()));
    }
    if let Some(gate) = &arguments.gate {
        set("gate", Value::Text(gate.clone()));
    }
    if let Some(gate_on) = &arguments.gate_on {
        set("gate-on", Value::Text(gate_on.clone()));
    }
    if let Some(verify) = &arguments.verify {
        set("verify", Value::Text(verify.clone()));
    }
    if !arguments.exclude.is_empty() {
        let patterns = arguments.exclude.iter().map(|given| from_top(place, Path::new(given)));
        set("exclude", Value::Texts(patterns.collect::<Result<_, Failure>>()?));
    }
    if let Some(path) = &arguments.guidelines {
        set(
            "guidelines",
            Value::Text(String::from(EncodedPath::from(guidelines(environment, place, path)?))),
        );
    }
    if let Some(flag) = arguments.project_file {
        set("project-file", Value::Flag(flag));
    }
    let both = changes
        .iter()
        .filter(|change| change.value.is_none())
        .find(|unset| changes.iter().any(|change| change.value.is_some() && change.key == unset.key));
    if let Some(both) = both {
        return Err(usage(format!("{} is to be set and to be taken back", both.key))
            .hint("use one of the two options")
            .into());
    }
    Ok(changes)
}

/// A pattern as it counts from the top of the project.
fn from_top(place: &Project, given: &Path) -> Result<String, Failure> {
    let shown = text::path(given);
    let wrong = |why: &str| usage(format!("--exclude '{shown}': {why}"));
    if given.as_os_str().is_empty() {
        return Err(wrong("an empty pattern").hint("--exclude 'dist/**'"));
    }
    let standing = String::from(EncodedPath::from(place.standing.as_path()));
    if standing.contains(['*', '?', '[', '{', '\\', '!']) {
        return Err(wrong("this directory has a character of patterns in its name")
            .hint("go to the top of the project, and name the files from there"));
    }
    let relative = match given.strip_prefix(&place.root) {
        Ok(inside) => inside,
        Err(_) if given.is_absolute() => {
            return Err(wrong("it is outside of the project").hint("name a file below its top"));
        }
        Err(_) => given,
    };
    // As text: a path would lose the slash that asks for a directory.
    let mut pattern = String::from(EncodedPath::from(relative));
    if shown.ends_with('/') && !pattern.ends_with('/') {
        pattern.push('/');
    }
    let from_here = !standing.is_empty() && !given.is_absolute();
    let pattern = plain(&if from_here { format!("{standing}/{pattern}") } else { pattern });
    check_pattern(&pattern).map_err(|why| wrong(&why).hint("--exclude 'dist/**'"))?;
    Ok(pattern)
}

/// Without `.` and what `..` takes back; one that leads out stays one.
fn plain(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A file of the project from its top, any other with its whole path.
fn guidelines(environment: &Environment, place: &Project, given: &Path) -> Result<PathBuf, Failure> {
    let path = environment.current_dir.join(given);
    let option = format!("--guidelines {}", text::path(given));
    let path = path.canonicalize().map_err(|error| Failure::of_io(Exit::Usage, &option, &error))?;
    if !path.is_file() {
        return Err(
            usage(format!("{option}: it is no regular file")).hint("name a file that reviewers can read")
        );
    }
    Ok(path.strip_prefix(&place.root).map(Path::to_path_buf).unwrap_or(path))
}

/// What counts here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    project: EncodedPath,
    /// The user's settings, there or not.
    file: EncodedPath,
    settings: Vec<Row>,
    /// What of `.convoy.toml` does not count, and the like.
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    /// For people; empty where nothing is set.
    value: String,
    from: String,
}

/// As a review of what is checked out has it, against the default branch.
fn survey(environment: &Environment, place: &Project, own: Option<&Own>, file: &Path) -> Result<Shown> {
    let trusted =
        trusted::read(environment, place, own, None, None).map_err(|problems| failure(&problems))?;
    let config = Config::load(&Home::of(environment))?;
    let asked = Asked { has_base: place.has_git, ..Asked::default() };
    let resolved = resolve(asked, own, trusted.project.as_ref());
    let mine = own.map(|own| &own.settings);
    let by = |by: SetBy| match by {
        SetBy::Own => "yours".to_owned(),
        SetBy::Project => trusted.project.as_ref().map(OfProject::shown).unwrap_or_default(),
        SetBy::CommandLine | SetBy::Default => "default".to_owned(),
    };
    let (runner, runner_by) = match (mine.and_then(|mine| mine.runner.as_ref()), &config.runner) {
        (Some(name), _) => (name.to_string(), "yours"),
        (None, Some(name)) => (name.to_string(), "config.toml"),
        (None, None) => ("the first AI found here, else builtin".to_owned(), "default"),
    };
    let (verify, verify_by) = match (mine.and_then(|mine| mine.verify), config.verify) {
        (Some(verify), _) => (verify, "yours"),
        (None, Some(verify)) => (verify, "config.toml"),
        (None, None) => (Verify::default(), "default"),
    };
    let exclude: Vec<String> = mine
        .map(|mine| mine.exclude.iter().map(|one| text::path(one.as_path())).collect())
        .unwrap_or_default();
    let project_file = mine.and_then(|mine| mine.project_file);
    let yours = |set: bool| if set { "yours" } else { "default" }.to_owned();
    let row = |key, value, from| Row { key, value, from };
    let gate_on = resolved.gate_on;
    let on = match gate_on {
        (on, SetBy::Default) if place.has_git => format!("{} where there is a base, else all", on.name()),
        (on, _) => on.name().to_owned(),
    };
    let settings = vec![
        row("runner", runner, runner_by.to_owned()),
        row("gate", resolved.gate.0.name().to_owned(), by(resolved.gate.1)),
        row("gate-on", on, by(gate_on.1)),
        row("verify", verify.name().to_owned(), verify_by.to_owned()),
        row("exclude", exclude.join(" "), yours(!exclude.is_empty())),
        guidelines_row(&trusted),
        row("project-file", project_file.unwrap_or(true).to_string(), yours(project_file.is_some())),
    ];
    let notes = resolved.notes.into_iter().chain(trusted.notes).collect();
    Ok(Shown { project: place.root.as_path().into(), file: file.into(), settings, notes })
}

fn guidelines_row(trusted: &Trusted) -> Row {
    let value = trusted.guidelines.as_ref().map(|guidelines| guidelines.source.clone()).unwrap_or_default();
    let from = match (&trusted.project, value.is_empty(), trusted.own_guidelines) {
        (_, true, _) => "default".to_owned(),
        (Some(project), false, false) => project.shown(),
        (_, false, _) => "yours".to_owned(),
    };
    Row { key: "guidelines", value, from }
}

/// `gate          medium     .convoy.toml as of main (1a2b3c4)`
fn render(shown: &Shown, is_there: bool, look: &Style) -> String {
    let none = if is_there { "" } else { " (not there)" };
    let mut out = format!(
        "project       {}\nyours         {}{none}\n\n",
        look.path(shown.project.as_path()),
        look.path(shown.file.as_path())
    );
    let values: Vec<&str> =
        shown.settings.iter().map(|row| if row.value.is_empty() { "–" } else { &row.value }).collect();
    let width = values.iter().map(|value| base::style::width(value)).max().unwrap_or(0).min(40);
    for (row, value) in shown.settings.iter().zip(values) {
        let _ = writeln!(
            out,
            "{}{}  {}",
            pad(row.key, 14),
            pad(&text::visible(value), width),
            look.dim(&row.from)
        );
    }
    for note in &shown.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_counts_from_the_top() {
        let at = |standing: &str| Project { root: "/p".into(), standing: standing.into(), has_git: true };
        let of =
            |standing: &str, given: &str| from_top(&at(standing), Path::new(given)).map_err(|f| f.message);
        for (standing, given, want) in [
            ("", "dist/**", "dist/**"),
            ("", "./dist/", "dist/"),
            ("src", "*.min.js", "src/*.min.js"),
            ("src", "../dist/", "dist/"),
            ("src", "/p/dist/", "dist/"),
        ] {
            assert_eq!(of(standing, given).as_deref(), Ok(want), "{given}");
        }
        for (standing, given) in [("", "../x"), ("src", "../../x"), ("", "/q/x"), ("", ""), ("a[1]", "x")] {
            assert!(of(standing, given).is_err(), "{given}");
        }
    }
}
