//! `pan`: dispatch only. Each command is a program of its own; this becomes it
//! (`exec`), so signals and exit codes are the program's.

mod commands;
mod complete;
mod route;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use base::environment::{self, Environment};
use base::exit::Exit;
use base::program::{self, Failure};
use base::suggestion::nearest;

use complete::Elsewhere;
use route::{Route, Screen};

/// The whole program.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    program::end("pan", run(&words))
}

fn run(words: &[OsString]) -> Result<Exit, Failure> {
    let typed = words.get(1..).unwrap_or_default();
    let environment = Environment::read()?;
    if let Some(Elsewhere { program, words, index }) = complete::request(&environment, typed) {
        let arguments = words.into_iter().collect::<Vec<_>>();
        return Err(exec(&environment, &program, |command| {
            command.arg("--").args(&arguments).env(complete::INDEX, index.to_string());
        }));
    }
    let on_request = command_line::on_request_of(commands::command, words.iter().cloned());
    if on_request.map_err(|error| Failure::new(Exit::No, error.to_string()))? {
        return Ok(Exit::Done);
    }
    dispatch(&environment, typed)
}

fn dispatch(environment: &Environment, words: &[OsString]) -> Result<Exit, Failure> {
    match route::route(words) {
        Route::Screen(screen) => {
            print(&text(screen))?;
            Ok(Exit::Done)
        }
        Route::Version => {
            print(concat!("pan ", env!("CARGO_PKG_VERSION"), "\n"))?;
            Ok(Exit::Done)
        }
        Route::Program { name, arguments } => Err(exec(environment, &name, |command| {
            command.args(&arguments);
        })),
        Route::Nothing(screen) => {
            program::tell(text(screen).trim_end());
            Ok(Exit::Usage)
        }
        Route::Unknown { word } => Err(no_command(&word)),
    }
}

fn text(screen: Screen) -> String {
    match screen {
        Screen::Top => commands::top_screen(),
        Screen::Convoy => commands::convoy_screen(),
    }
}

fn no_command(word: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, format!("there is no command '{}'", base::text::visible(word)));
    match nearest(word, commands::COMMANDS.iter().map(|command| command.name)) {
        Some(near) => failure.hint(format!("did you mean '{near}'?")),
        None => failure.hint("pan help lists the commands"),
    }
}

/// A reader that went away has seen what it wanted.
fn print(text: &str) -> Result<(), Failure> {
    match program::print(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unwritten, error.to_string()))
        }
        _ => Ok(()),
    }
}

/// Becomes the program; returns only if that fails.
fn exec(environment: &Environment, name: &str, arguments: impl FnOnce(&mut Command)) -> Failure {
    let found = match environment::find_sibling(environment, name) {
        Ok(found) => found,
        Err(error) => return error.into(),
    };
    let Some(program) = found else {
        return match name.strip_prefix("pan-") {
            Some(word) => no_command(word),
            None => {
                Failure::new(Exit::Usage, format!("the program {name} is neither beside pan nor on PATH"))
                    .hint("install all programs: make install")
            }
        };
    };
    let mut command = Command::new(&program);
    command.arg0(OsStr::new(name)).env(environment::CALLED_BY, "pan");
    arguments(&mut command);
    Failure::of_io(Exit::No, format!("cannot run {}", base::text::path(&program)), &command.exec())
}
