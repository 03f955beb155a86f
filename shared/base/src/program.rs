//! The common frame of every program: one way to print, one way to fail.
//!
//! stdout is data, stderr is for people. An error is one line
//! `program: what: why`, then maybe `hint:` lines. A reader that went away
//! (`BrokenPipe`) is a quiet success.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Mutex;

use crate::called::{as_typed, name_of};
use crate::error::{advice, plain, reason};
use crate::exit::Exit;

/// An error a person will read, with its exit code and what to do next.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
    pub hints: Vec<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), hints: Vec::new() }
    }

    /// What could not be done, and what the system said of it.
    pub fn of_io(exit: Exit, what: impl fmt::Display, error: &io::Error) -> Self {
        let failure = Failure::new(exit, format!("{what}: {}", reason(error)));
        match advice(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// The same with one more line that says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Reads an error chain (`anyhow::Error::chain`): messages are joined by `: `,
    /// exit code and hints come from the `Failure` in it, if there is one.
    pub fn from_chain<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> Self {
        let mut failure = Failure::new(Exit::No, "");
        for cause in chain {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                if io.kind() == io::ErrorKind::BrokenPipe {
                    return Failure::new(Exit::Done, "");
                }
                if matches!(io.get_ref(), Some(inner) if inner.is::<Unprinted>()) {
                    failure.exit = Exit::Unwritten;
                }
                if failure.hints.is_empty() {
                    failure.hints.extend(advice(io).map(str::to_owned));
                }
            }
            if let Some(inner) = cause.downcast_ref::<Failure>() {
                failure.exit = inner.exit;
                failure.hints.clone_from(&inner.hints);
            } else if let Some(inner) = cause.downcast_ref::<crate::Error>() {
                failure.exit = inner.exit();
                failure.hints = inner.hint().into_iter().collect();
            }
            let text = plain(&cause.to_string());
            // Some errors repeat their source in their own message.
            if !failure.message.ends_with(&text) {
                if !failure.message.is_empty() {
                    failure.message.push_str(": ");
                }
                failure.message.push_str(&text);
            }
        }
        failure
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        let mut causes: Vec<&(dyn Error + 'static)> = vec![&error];
        while let Some(next) = causes[causes.len() - 1].source() {
            causes.push(next);
        }
        Failure::from_chain(causes.into_iter())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

/// Can a program have so many threads beside its own? A runtime that begins without
/// those it needs ends in the middle of its work.
pub fn check_threads(count: usize) -> Result<(), Failure> {
    let (stay, gone) = std::sync::mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let had = std::thread::scope(|scope| {
        // All at once: the last one leaves when they are told to.
        let wait = || _ = gone.lock().map(|gone| gone.recv());
        let all: io::Result<Vec<_>> =
            (0..count).map(|_| std::thread::Builder::new().spawn_scoped(scope, wait)).collect();
        drop(stay);
        all.map(drop)
    });
    had.map_err(|error| {
        Failure::new(Exit::No, format!("cannot begin: no threads can be had: {}", reason(&error)))
            .hint("end other programs of this user, or raise its limit (ulimit -u)")
    })
}

/// Turns a program's result into its exit code, printing a failure on stderr.
pub fn end(program: &str, result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let failure = with_help(program, failure);
            report(program, &failure);
            failure.exit.into()
        }
    }
}

/// A call that is wrong in a way nothing more is known of: its help says what is right.
fn with_help(program: &str, failure: Failure) -> Failure {
    if failure.exit == Exit::Usage && failure.hints.is_empty() && !failure.message.is_empty() {
        return failure.hint(format!("{} --help has more", name_of(program)));
    }
    failure
}

/// Standard output could not be written.
#[derive(Debug)]
struct Unprinted(io::Error);

impl fmt::Display for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output: {}", reason(&self.0))
    }
}

impl Error for Unprinted {}

/// Tells of a failure on stderr.
pub fn report(program: &str, failure: &Failure) {
    let mut err = io::stderr().lock();
    // A closed stderr leaves nobody to tell.
    if !failure.message.is_empty() {
        let _ = writeln!(err, "{program}: {}", failure.message);
    }
    for hint in &failure.hints {
        // What `pan` says of itself was called by `pan`.
        let hint = if program == "pan" { Cow::Borrowed(hint.as_str()) } else { as_typed(hint) };
        let _ = writeln!(err, "hint: {hint}");
    }
}

/// Says on stderr what to do next, beside a result that is no failure.
pub fn hint(text: &str) {
    tell(&format!("hint: {}", as_typed(text)));
}

/// Writes data to stdout. A reader that went away is reported as `BrokenPipe`,
/// which [`Failure::from_chain`] turns into a quiet success; what cannot be written
/// otherwise ends a program with 5.
pub fn print(text: &str) -> io::Result<()> {
    print_with(|out| out.write_all(text.as_bytes()))
}

/// The same for what is made while it is printed.
pub fn print_with(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = fill(&mut out).and_then(|()| out.flush());
    written.map_err(|error| io::Error::new(error.kind(), Unprinted(error)))
}

/// Tells a person something on stderr.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
