//! Which program a command line is for. Pure.

use std::ffi::OsString;

use base::called::FORMS;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Screen(Screen),
    Version,
    Program {
        name: String,
        arguments: Vec<OsString>,
    },
    /// Nothing was asked for.
    Nothing(Screen),
    Unknown {
        word: String,
    },
}

/// A page of help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    Top,
    Convoy,
}

pub(crate) fn route(words: &[OsString]) -> Route {
    let Some((first, rest)) = words.split_first() else { return Route::Nothing(Screen::Top) };
    match first.to_str() {
        Some("--help" | "-h") => Route::Screen(Screen::Top),
        Some("--version" | "-V") => Route::Version,
        Some("help") => help(rest),
        Some("convoy") => convoy(words, rest),
        _ => command(words),
    }
}

fn convoy(words: &[OsString], verb: &[OsString]) -> Route {
    let Some((first, rest)) = verb.split_first() else { return Route::Nothing(Screen::Convoy) };
    match (first.to_str(), rest) {
        (Some("--help" | "-h"), _) | (Some("help"), []) => Route::Screen(Screen::Convoy),
        (Some("help"), [verb, ..]) => command(&["convoy".into(), verb.clone(), "--help".into()]),
        // Which verbs there are, their program knows.
        _ => command(words),
    }
}

/// The program of a command, or an own one of the user's.
fn command(words: &[OsString]) -> Route {
    if let Some(form) = FORMS.iter().find(|form| begins(words, form.typed)) {
        let own = form.own.iter().map(OsString::from);
        let arguments = own.chain(words[form.typed.len()..].iter().cloned()).collect();
        return Route::Program { name: form.program.to_owned(), arguments };
    }
    let Some((first, rest)) = words.split_first() else { return Route::Nothing(Screen::Top) };
    match first.to_str() {
        Some(other) if !other.is_empty() && !other.starts_with('-') && !other.contains('/') => {
            Route::Program { name: format!("pan-{other}"), arguments: rest.to_vec() }
        }
        Some(_) | None => Route::Unknown { word: first.to_string_lossy().into_owned() },
    }
}

fn begins(words: &[OsString], typed: &[&str]) -> bool {
    words.len() >= typed.len() && words.iter().zip(typed).all(|(word, typed)| word == typed)
}

/// `pan help X Y` is `pan X Y --help`.
fn help(words: &[OsString]) -> Route {
    match words {
        [] => Route::Screen(Screen::Top),
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
            ("convoy health --json", "convoy-ctl health --json"),
            ("convoy statsu", "convoy-ctl statsu"),
            ("convoy help stop", "convoy-ctl stop --help"),
            ("help convoy start", "convoy-start --help"),
            ("help merge", "convoy-merge --help"),
            ("doctor --json", "convoy-ctl doctor --json"),
            ("convoy help start", "convoy-start --help"),
            ("review --diff", "convoy-review --diff"),
            ("review history", "convoy-review history"),
            ("skills install", "convoy-ctl skills install"),
            ("init --gate low", "convoy-ctl init --gate low"),
            ("findings", "convoy-ctl decisions"),
            ("findings accept F3", "convoy-ctl decisions accept F3"),
            ("show F3", "convoy-ctl show F3"),
            ("costs --since 7d", "convoy-ctl costs --since 7d"),
            ("convoy findings k7q", "convoy-ctl findings k7q"),
            ("merge a.md", "convoy-merge a.md"),
            ("lint src", "convoy-lint src"),
            ("dashboard url", "convoy-dashboard url"),
            ("mcp --allow start", "convoy-mcp --allow start"),
            ("mcp install claude", "convoy-mcp install claude"),
            ("mine 1", "pan-mine 1"),
        ] {
            assert_eq!(runs(line), want, "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_told() {
        assert!(matches!(of("../evil"), Route::Unknown { .. }), "no path is ever run");
        assert_eq!(of("help"), Route::Screen(Screen::Top));
        assert_eq!(of("help convoy"), Route::Screen(Screen::Convoy));
    }
}
