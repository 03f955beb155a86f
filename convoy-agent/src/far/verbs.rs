//! `convoy-agent far …`: what programs of ours run of this one, never people.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use base::exit::Exit;
use base::ids::{ConvoyId, Role};
use base::program::{self, Failure};
use clap::{Args, Parser, Subcommand};
use protocol::far::{self, Asker};
use protocol::layout::{FarFiles, Home};

use super::shim;

const NAME: &str = "convoy-agent far";

#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the order of a run, where it was placed
    Run { dir: PathBuf, run: u32 },
    /// Say whether anything of it runs on this machine
    Ask { dir: PathBuf, run: u32 },
    /// Tell its shim to end, on this machine
    End { dir: PathBuf, run: u32 },
    /// Note where it is, for people
    Show(Attempt),
    /// Prove that nothing of it runs, and note that; what runs is told to end
    Prove(Attempt),
    /// Have its engine give back what it keeps for one that is over
    Release(Attempt),
}

#[derive(Debug, Args)]
struct Attempt {
    #[arg(long)]
    home: PathBuf,
    #[arg(long)]
    convoy: ConvoyId,
    #[arg(long)]
    role: Role,
    #[arg(long = "attempt")]
    number: u32,
}

/// The command line, if it is one of these.
pub(crate) fn words() -> Option<Vec<OsString>> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    (words.first()? == "far").then_some(words)
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let result = Arguments::try_parse_from(words)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))
        .and_then(|arguments| act(arguments.verb).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result.map(|()| Exit::Done))
}

fn act(verb: Verb) -> Result<()> {
    match verb {
        Verb::Run { dir, run } => shim::run(&FarFiles::at(dir), run),
        Verb::Ask { dir, run } => print(far::answer_here(&FarFiles::at(dir), run)?),
        Verb::End { dir, run } => print(far::end_here(&FarFiles::at(dir), run)?),
        Verb::Show(attempt) => attempt.ask(|asker| {
            let life = asker.look(false)?;
            asker.show(&life);
            Ok(())
        }),
        Verb::Prove(attempt) => attempt.ask(|asker| asker.prove().map(drop)),
        Verb::Release(attempt) => attempt.ask(|asker| asker.release().map(drop)),
    }
}

fn print(answer: far::Answer) -> Result<()> {
    program::print(&format!("{}\n", answer.word()))?;
    Ok(())
}

impl Attempt {
    fn ask(&self, act: impl FnOnce(&Asker<'_>) -> base::Result<()>) -> Result<()> {
        let shim = fs::read_link(Path::new("/proc/self/exe")).context("cannot find this program")?;
        far::ask(&Home::new(&self.home), (&self.convoy, &self.role, self.number), &shim, act)?;
        Ok(())
    }
}
