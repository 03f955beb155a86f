//! Completions and man pages of every program, from its own command line:
//! `PROGRAM --generate man|bash|zsh|fish`, which `make install` calls. Apart
//! from `shared`, so that only the programs' entry points know of clap.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_complete::Shell;

/// If the command line asks for it, prints what is asked for. True: that was all.
pub fn on_request<Arguments: CommandFactory>(words: impl IntoIterator<Item = OsString>) -> io::Result<bool> {
    let words: Vec<OsString> = words.into_iter().skip(1).collect();
    let [flag, what] = words.as_slice() else { return Ok(false) };
    if flag != "--generate" {
        return Ok(false);
    }
    let mut text = Vec::new();
    let mut command = Arguments::command();
    match what.to_str() {
        Some("man") => man(&command, &mut text)?,
        Some("bash") => complete(Shell::Bash, &mut command, &mut text),
        Some("zsh") => complete(Shell::Zsh, &mut command, &mut text),
        Some("fish") => complete(Shell::Fish, &mut command, &mut text),
        _ => return Ok(false),
    }
    io::stdout().lock().write_all(&text)?;
    Ok(true)
}

fn complete(shell: Shell, command: &mut Command, out: &mut Vec<u8>) {
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, command, name, out);
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
