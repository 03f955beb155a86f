//! Reading a command line, and saying what is wrong with it in the words and on
//! the lines of every other error: `program: what`, then `hint:` lines.

use std::ffi::OsString;

use base::called::{as_typed, name_of, shortest};
use base::exit::Exit;
use base::program::Failure;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches};

/// The arguments of this process, or the exit code where there are none: its help
/// or version is printed, or a mistake is told.
pub fn parse<Arguments: CommandFactory + FromArgMatches>(program: &str) -> Result<Arguments, Failure> {
    parse_from(program, std::env::args_os(), |_| {})
}

/// The same, of these words; `improve` may add to what clap knows of a mistake.
pub fn parse_from<Arguments: CommandFactory + FromArgMatches>(
    program: &str,
    words: impl IntoIterator<Item = OsString>,
    improve: impl FnOnce(&mut clap::Error),
) -> Result<Arguments, Failure> {
    let mut command = with_typed_examples(Arguments::command()).bin_name(name_of(program));
    let words: Vec<OsString> = words.into_iter().collect();
    let read = command.try_get_matches_from_mut(&words).and_then(|found| Arguments::from_arg_matches(&found));
    read.map_err(|mut error| {
        improve(&mut error);
        answer(&called_as(program, &command, &words), &error)
    })
}

/// The program and the verbs of it that these words name, as they were typed.
fn called_as(program: &str, command: &Command, words: &[OsString]) -> String {
    let mut name = name_of(program);
    let mut at = command;
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(verb) = at.find_subcommand(word) else { continue };
        name = format!("{name} {}", verb.get_name());
        at = verb;
    }
    shortest(&name)
}

/// Examples in the form in which the program was called.
fn with_typed_examples(command: Command) -> Command {
    let examples = command.get_after_help().map(StyledStr::to_string);
    let command = match examples {
        Some(examples) => command.after_help(as_typed(&examples).into_owned()),
        None => command,
    };
    command.mut_subcommands(with_typed_examples)
}

/// Help is data and no failure; a wrong argument is one.
fn answer(called: &str, error: &clap::Error) -> Failure {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            match error.print() {
                Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => {
                    let why = base::error::reason(&why);
                    Failure::new(Exit::Unwritten, format!("cannot write to standard output: {why}"))
                }
                // An empty message is not printed.
                _ => Failure::new(exit, ""),
            }
        }
        _ => failure(called, error),
    }
}

/// What is wrong, and how it is written.
fn failure(called: &str, error: &clap::Error) -> Failure {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (what, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = what.lines();
    let mut message = lines.next().unwrap_or_default().trim_end_matches(" found").to_owned();
    let mut hints = Vec::new();
    let mut missing = Vec::new();
    for line in lines.map(str::trim) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(values) => hints.push(values.to_owned()),
            None => missing.push(line),
        }
    }
    if !missing.is_empty() {
        message = format!("{message} {}", missing.join(", "));
    }
    let near = near(error);
    if near.is_empty() {
        hints.extend(tips(rest));
    } else {
        hints.push(format!("did you mean {}?", near.join(" or ")));
    }
    if let Some(usage) = rest.split("\n\n").find_map(|part| part.trim().strip_prefix("Usage: ")) {
        let usage: Vec<&str> = usage.lines().map(str::trim).collect();
        hints.push(format!("usage: {}; --help has more", shortest(&usage.join(" | "))));
    } else if hints.is_empty() {
        hints.push(format!("{called} --help has more"));
    }
    Failure { exit: Exit::Usage, message, hints }
}

/// The names that are like the one that does not exist.
fn near(error: &clap::Error) -> Vec<String> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let found = kinds.into_iter().filter_map(|kind| error.get(kind));
    let names = found.flat_map(|value| match value {
        ContextValue::String(name) => vec![name.clone()],
        ContextValue::Strings(names) => names.clone(),
        _ => Vec::new(),
    });
    names.map(|name| format!("'{name}'")).collect()
}

/// What clap advises besides.
fn tips(rest: &str) -> Vec<String> {
    rest.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Parser, Subcommand};

    #[derive(Debug, Parser)]
    #[command(name = "tool", after_help = "Examples:\n  pan convoy stop k7q")]
    struct Tool {
        #[command(subcommand)]
        verb: Verb,
    }

    #[derive(Debug, Subcommand)]
    enum Verb {
        /// Show it
        Status {
            id: String,
            #[arg(long, value_parser = ["text", "json"])]
            format: Option<String>,
            #[arg(long, conflicts_with = "format")]
            raw: bool,
            #[arg(long, value_name = "N")]
            limit: Option<u8>,
        },
    }

    fn told(line: &str) -> (String, Vec<String>) {
        let words = line.split(' ').map(OsString::from);
        let failure = parse_from::<Tool>("tool", words, |_| {}).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage, "{line}");
        (failure.message, failure.hints)
    }

    #[test]
    fn a_wrong_command_line_is_told_like_any_error() {
        for (line, message, hint) in [
            ("tool statsu x", "unrecognized subcommand 'statsu'", "did you mean 'status'?"),
            ("tool status x --formt=text", "unexpected argument '--formt'", "did you mean '--format'?"),
            (
                "tool status",
                "the following required arguments were not provided: <ID>",
                "usage: tool status <ID>; --help has more",
            ),
            (
                "tool status x --format",
                "a value is required for '--format <FORMAT>' but none was supplied",
                "possible values: text, json",
            ),
            (
                "tool status x --format xml",
                "invalid value 'xml' for '--format <FORMAT>'",
                "possible values: text, json",
            ),
            (
                "tool status x --limit many",
                "invalid value 'many' for '--limit <N>': invalid digit found in string",
                "tool status --help has more",
            ),
            (
                "tool status x --format text --raw",
                "the argument '--format <FORMAT>' cannot be used with '--raw'",
                "usage: tool status",
            ),
        ] {
            let (what, hints) = told(line);
            assert_eq!(what, message, "{line}");
            assert!(hints.iter().any(|told| told.starts_with(hint)), "{line}: {hints:?}");
            assert!(hints.iter().all(|told| !told.contains('\n')), "{line}: {hints:?}");
        }
    }

    #[test]
    fn examples_are_in_the_form_that_was_typed() {
        let help = with_typed_examples(Tool::command()).render_help().to_string();
        assert!(help.contains("  convoy-ctl stop k7q"), "{help}");
    }
}
