//! Completion of `pan …`: a shell asks `pan` (`COMPLETE=SHELL pan -- words`), and
//! `pan` completes its own commands or becomes the program whose words they are.
//! Pure, but for `request`, which reads what the shell says.

use std::ffi::OsString;

use base::environment::Environment;

use crate::route::{self, Route};

/// The number of the word that is completed, as bash and zsh tell it; the last
/// one where a shell (fish) does not.
pub(crate) const INDEX: &str = "_CLAP_COMPLETE_INDEX";

/// What another program is asked to complete.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) program: String,
    /// Its command line, its own name first.
    pub(crate) words: Vec<OsString>,
    pub(crate) index: usize,
}

/// The completion that is asked for, if it is another program's.
pub(crate) fn request(environment: &Environment, arguments: &[OsString]) -> Option<Elsewhere> {
    let asked =
        environment.var(command_line::VARIABLE).is_some_and(|shell| !shell.is_empty() && shell != "0");
    let [separator, words @ ..] = arguments else { return None };
    if !asked || separator != "--" {
        return None;
    }
    let index = environment.var(INDEX).and_then(|index| index.to_str()?.parse().ok());
    elsewhere(words, index.unwrap_or(words.len().saturating_sub(1)))
}

/// Whose words these are; `words[0]` is `pan`. None: its own.
fn elsewhere(words: &[OsString], index: usize) -> Option<Elsewhere> {
    let typed = words.get(1..)?;
    // The commands before the word that is completed decide.
    let own = if typed.first().is_some_and(|first| first == "convoy") { 2 } else { 1 };
    if index <= own {
        return None;
    }
    let Route::Program { name, arguments } = route::route(typed) else { return None };
    let index = index.checked_sub(typed.len() - arguments.len())?;
    let words = std::iter::once(OsString::from(&name)).chain(arguments).collect();
    Some(Elsewhere { program: name, words, index })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, index: usize) -> Option<(String, usize)> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let Elsewhere { words, index, program } = elsewhere(&words, index)?;
        assert_eq!(words[0], *program);
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Some((words.join(" "), index))
    }

    #[test]
    fn words_of_a_program_are_completed_by_it() {
        for (line, index, want, at) in [
            ("pan convoy start code", 3, "convoy-start code", 1),
            ("pan convoy stop ", 3, "convoy-ctl stop ", 2),
            ("pan convoy logs k7q sec", 4, "convoy-ctl logs k7q sec", 3),
            ("pan review --ga", 2, "convoy-review --ga", 1),
            ("pan skills ins", 2, "convoy-ctl skills ins", 2),
            ("pan mine --x", 2, "pan-mine --x", 1),
        ] {
            assert_eq!(of(line, index), Some((want.to_owned(), at)), "{line}");
        }
    }

    #[test]
    fn its_own_commands_it_completes_itself() {
        for (line, index) in [("pan ", 1), ("pan con", 1), ("pan convoy sta", 2), ("pan convoy start x", 2)] {
            assert_eq!(of(line, index), None, "{line}");
        }
    }
}
