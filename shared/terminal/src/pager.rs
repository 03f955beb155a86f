//! Pages, one at a time, by the user's own pager.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use base::environment::Environment;
use base::{program, style};

/// How `less` behaves where nobody says otherwise: what fits is printed, colours and
/// links are let through, the screen stays as it is.
const LESS: &str = "FRX";

/// Prints a text; on a terminal that it is too long for, through `$PAGER` (else `less`).
pub fn show(environment: &Environment, text: &str) -> io::Result<()> {
    let rows = style::rows().filter(|_| io::stdout().is_terminal() && io::stdin().is_terminal());
    let is_long = rows.is_some_and(|rows| text.lines().count() >= rows);
    match command(environment).filter(|_| is_long) {
        Some(pager) => page(environment, &pager, text),
        None => program::print(text),
    }
}

/// What is run; `None`: there is no pager, or none is wanted.
fn command(environment: &Environment) -> Option<String> {
    let var = |name: &str| environment.var(name).and_then(|value| value.to_str());
    if var("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
        return None;
    }
    match var("PAGER").map(str::trim) {
        Some("" | "cat") => None,
        Some(own) => Some(own.to_owned()),
        None => environment.find_program("less").ok().flatten().map(|_| "less".to_owned()),
    }
}

fn page(environment: &Environment, pager: &str, text: &str) -> io::Result<()> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", pager]).stdin(Stdio::piped());
    if environment.var("LESS").is_none() {
        command.env("LESS", LESS);
    }
    // Ctrl-C is the pager's: it ends a search, not what is read.
    let _kept = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))?;
    let Ok(mut child) = command.spawn() else { return program::print(text) };
    let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(text.as_bytes()));
    let ended = child.wait()?;
    match written {
        // The shell has told why: what was asked for is shown all the same.
        _ if matches!(ended.code(), Some(126 | 127)) => program::print(text),
        // Whoever leaves the pager has seen what they wanted.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_the_one_that_is_named() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs = [&[("HOME", "/h"), ("PATH", "/nowhere")], pairs].concat();
            let variables = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            command(&Environment::from_parts(variables, "/".into()).unwrap())
        };
        let term = ("TERM", "xterm");
        assert_eq!(of(&[term, ("PAGER", "more -s")]), Some("more -s".to_owned()));
        assert_eq!(of(&[term, ("PAGER", "cat")]), None);
        assert_eq!(of(&[term, ("PAGER", "")]), None);
        assert_eq!(of(&[term]), None, "there is none");
        assert_eq!(of(&[("TERM", "dumb"), ("PAGER", "more")]), None);
        assert_eq!(of(&[("PAGER", "more")]), None);
    }
}
