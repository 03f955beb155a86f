//! Which program a command line is for. Pure.

use std::ffi::OsString;

use crate::screen::{CONVOY, TOP};

/// The commands of `pan` itself; anything else is `pan-X` from PATH.
pub(crate) const COMMANDS: [&str; 8] =
    ["review", "convoy", "merge", "lint", "dashboard", "skills", "doctor", "help"];

/// The verbs of `pan convoy`.
const VERBS: [&str; 21] = [
    "start",
    "watch",
    "status",
    "list",
    "attach",
    "logs",
    "events",
    "graph",
    "wait",
    "output",
    "findings",
    "stop",
    "retry",
    "resume",
    "synthesize",
    "rm",
    "prune",
    "doctor",
    "templates",
    "runners",
    "help",
];

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Screen(&'static str),
    Version,
    Program {
        name: String,
        arguments: Vec<OsString>,
    },
    /// Nothing was asked for.
    Nothing {
        screen: &'static str,
    },
    Unknown {
        word: String,
        known: &'static [&'static str],
    },
}

fn program(name: &str, arguments: impl IntoIterator<Item = OsString>) -> Route {
    Route::Program { name: name.to_owned(), arguments: arguments.into_iter().collect() }
}

pub(crate) fn route(words: &[OsString]) -> Route {
    let Some((first, rest)) = words.split_first() else { return Route::Nothing { screen: TOP } };
    match first.to_str() {
        Some("--help" | "-h") => Route::Screen(TOP),
        Some("--version" | "-V") => Route::Version,
        Some("help") => help(rest),
        Some("convoy") => convoy(rest),
        Some("review") => program("convoy-review", rest.iter().cloned()),
        Some("merge") => program("convoy-merge", rest.iter().cloned()),
        Some("lint") => program("convoy-lint", rest.iter().cloned()),
        Some("dashboard") => program("convoy-dashboard", rest.iter().cloned()),
        Some("doctor" | "skills") => program("convoy-ctl", words.iter().cloned()),
        Some(other) if !other.is_empty() && !other.starts_with('-') && !other.contains('/') => {
            program(&format!("pan-{other}"), rest.iter().cloned())
        }
        Some(_) | None => Route::Unknown { word: first.to_string_lossy().into_owned(), known: &COMMANDS },
    }
}

fn convoy(words: &[OsString]) -> Route {
    let Some((first, rest)) = words.split_first() else { return Route::Nothing { screen: CONVOY } };
    match first.to_str() {
        Some("--help" | "-h") => Route::Screen(CONVOY),
        Some("help") => match rest {
            [] => Route::Screen(CONVOY),
            [verb, ..] => convoy(&[verb.clone(), "--help".into()]),
        },
        Some("start") => program("convoy-start", rest.iter().cloned()),
        Some("watch") => program("convoy-watch", rest.iter().cloned()),
        Some(verb) if VERBS.contains(&verb) => program("convoy-ctl", words.iter().cloned()),
        Some(_) | None => Route::Unknown { word: first.to_string_lossy().into_owned(), known: &VERBS },
    }
}

/// `pan help X Y` is `pan X Y --help`.
fn help(words: &[OsString]) -> Route {
    match words {
        [] => Route::Screen(TOP),
        words => route(&words.iter().cloned().chain(["--help".into()]).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Route {
        route(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    fn runs(line: &str) -> String {
        match of(line) {
            Route::Program { name, arguments } => {
                let words: Vec<_> =
                    arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
                format!("{name} {}", words.join(" ")).trim().to_owned()
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn each_command_is_a_program() {
        for (line, want) in [
            ("convoy start code-review --files src", "convoy-start code-review --files src"),
            ("convoy watch --all", "convoy-watch --all"),
            ("convoy status -f", "convoy-ctl status -f"),
            ("convoy help stop", "convoy-ctl stop --help"),
            ("help convoy start", "convoy-start --help"),
            ("help merge", "convoy-merge --help"),
            ("doctor --json", "convoy-ctl doctor --json"),
            ("review --diff", "convoy-review --diff"),
            ("review history", "convoy-review history"),
            ("skills install", "convoy-ctl skills install"),
            ("merge a.md", "convoy-merge a.md"),
            ("lint src", "convoy-lint src"),
            ("dashboard url", "convoy-dashboard url"),
            ("mine 1", "pan-mine 1"),
        ] {
            assert_eq!(runs(line), want, "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_told() {
        assert!(matches!(of("convoy statsu"), Route::Unknown { .. }));
        assert!(matches!(of("../evil"), Route::Unknown { .. }), "no path is ever run");
        assert_eq!(of("help"), Route::Screen(TOP));
        assert_eq!(of("help convoy"), Route::Screen(CONVOY));
    }
}
