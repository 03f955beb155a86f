//! Completions and man pages of every program, from its own command line:
//! `PROGRAM --generate man|bash|zsh|fish`, which `make install` calls. A shell
//! completes by asking the program itself (`COMPLETE=SHELL PROGRAM -- words`), so
//! that ids, roles and templates are completed as well.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_complete::CompleteEnv;
use clap_complete::env::{EnvCompleter, Shells};

/// The variable by which a shell asks for completions; its value names the shell.
pub const VARIABLE: &str = "COMPLETE";

/// If the command line or the shell asks for it, prints what is asked for.
/// True: that was all.
pub fn on_request<Arguments: CommandFactory>(words: impl IntoIterator<Item = OsString>) -> io::Result<bool> {
    on_request_of(Arguments::command, words)
}

/// The same, for a command line that is made by a function.
pub fn on_request_of(
    command: impl Fn() -> Command,
    words: impl IntoIterator<Item = OsString>,
) -> io::Result<bool> {
    let words: Vec<OsString> = words.into_iter().collect();
    if let [_, flag, what] = words.as_slice()
        && flag == "--generate"
    {
        return generate(&command(), &what.to_string_lossy());
    }
    let name = command().get_name().to_owned();
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .completer(name)
        .try_complete(words, here.as_deref())
        .map_err(io::Error::other)
}

fn generate(command: &Command, what: &str) -> io::Result<bool> {
    let mut text = Vec::new();
    match (what, Shells::builtins().completer(what)) {
        ("man", _) => man(command, &mut text)?,
        (_, Some(shell)) => register(command, shell, &mut text)?,
        (_, None) => return Ok(false),
    }
    io::stdout().lock().write_all(&text)?;
    Ok(true)
}

/// What tells a shell to ask the program.
fn register(command: &Command, shell: &dyn EnvCompleter, out: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_name();
    shell.write_registration(VARIABLE, name, name, name, out)
}

/// One page a program: its subcommands follow in the same page.
fn man(command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(out)?;
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        let page = clap_mangen::Man::new(verb.clone());
        writeln!(out, ".SH {}", verb.get_name().to_uppercase())?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
    }
    Ok(())
}
