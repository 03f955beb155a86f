//! `pan`: dispatch only. Each command is a program of its own; this becomes it
//! (`exec`), so signals and exit codes are the program's.

mod route;
mod screen;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use shared::environment::{self, Environment};
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::suggestion::nearest;

use route::Route;

/// The whole program.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    frame::end("pan", run(&words))
}

fn run(words: &[OsString]) -> Result<Exit, Failure> {
    match route::route(words) {
        Route::Screen(text) => {
            print(text)?;
            Ok(Exit::Done)
        }
        Route::Version => {
            print(concat!("pan ", env!("CARGO_PKG_VERSION"), "\n"))?;
            Ok(Exit::Done)
        }
        Route::Program { name, arguments } => Err(exec(&name, &arguments)),
        Route::Nothing { screen } => {
            frame::tell(screen.trim_end());
            Ok(Exit::Usage)
        }
        Route::Unknown { word, known } => {
            let failure =
                Failure::new(Exit::Usage, format!("there is no command '{}'", shared::text::visible(&word)));
            Err(match nearest(&word, known.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean '{near}'?")),
                None => failure.hint("pan help lists the commands"),
            })
        }
    }
}

/// A reader that went away has seen what it wanted.
fn print(text: &str) -> Result<(), Failure> {
    match frame::print(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::No, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Becomes the program; returns only if that fails.
fn exec(name: &str, arguments: &[OsString]) -> Failure {
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => return Failure::new(error.exit(), error.to_string()),
    };
    let found = match environment::find_sibling(&environment, name) {
        Ok(found) => found,
        Err(error) => return Failure::new(error.exit(), shared::error::chain(&error)),
    };
    let Some(program) = found else {
        return match name.strip_prefix("pan-") {
            Some(word) => {
                let known = route::COMMANDS.iter().copied();
                let failure = Failure::new(
                    Exit::Usage,
                    format!("there is no command '{}'", shared::text::visible(word)),
                );
                match nearest(word, known) {
                    Some(near) => failure.hint(format!("did you mean '{near}'?")),
                    None => failure.hint("pan help lists the commands"),
                }
            }
            None => {
                Failure::new(Exit::Usage, format!("the program {name} is neither beside pan nor on PATH"))
                    .hint("install all programs: make install")
            }
        };
    };
    let error = Command::new(&program).arg0(OsStr::new(name)).args(arguments).exec();
    Failure::new(Exit::No, format!("cannot run {}: {error}", shared::text::path(&program)))
}
