//! Running a linter that is installed over the files that it is for.

use std::fs;
use std::path::Path;

use super::installed::{Installed, Machine, Missing};
use super::snapshot::{Snapshot, Text};
use super::voice::{Origin, Remark, Voice};
use crate::domain::Domain;

/// What became of one file.
#[derive(Debug)]
pub(super) enum Answer {
    /// What is said of it; its path is still empty.
    Read(Vec<Remark>),
    /// It was not looked at, for this reason.
    Not(String),
}

/// What a linter said of a snapshot: an answer for each file, in their order.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) answers: Vec<Answer>,
    pub(super) notes: Vec<String>,
}

/// A linter that can be run.
pub(super) trait Linter: std::fmt::Debug {
    /// How it is called on PATH, and by us.
    fn name(&self) -> &'static str;

    /// Is this file one for it? The first line is had only where it is asked for.
    fn reads(&self, path: &Path, first_line: &dyn Fn() -> Option<String>) -> bool;

    /// The version, from what `--version` prints; `None`: this is another program.
    fn version(&self, said: &str) -> Option<String>;

    /// Looks at all files; an error says why at none.
    fn look(&self, it: &Installed, snapshot: &Snapshot, domains: &[Domain]) -> Result<Looked, String>;
}

/// Runs a linter over files, and hands each one's text on with what was said of it.
pub(super) fn run(
    machine: &Machine<'_>,
    linter: &dyn Linter,
    files: &[&Path],
    text: &Text<'_>,
    domains: &[Domain],
    take: &mut dyn FnMut(&str, Vec<Remark>),
) -> Voice {
    let mut voice = Voice::new(linter.name(), Origin::Ran);
    let none = |voice: &mut Voice, why: &str| {
        voice.not_read.extend(files.iter().map(|path| (path.to_path_buf(), why.to_owned())));
    };
    let it = match machine.find(linter.name(), |said| linter.version(said)) {
        Ok(it) => it,
        Err(missing) => {
            voice.is_there = missing != Missing::NotInstalled;
            none(&mut voice, &missing.why());
            return voice;
        }
    };
    voice.version = Some(it.version.clone());
    let snapshot = match Snapshot::of(files, text) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            none(&mut voice, &format!("its files cannot be copied: {}", base::error::reason(&error)));
            return voice;
        }
    };
    voice.not_read.extend(snapshot.unfit().iter().cloned());
    if snapshot.names().is_empty() {
        return voice;
    }
    let looked = match linter.look(&it, &snapshot, domains) {
        Ok(looked) => looked,
        Err(why) => {
            none(&mut voice, &why);
            return voice;
        }
    };
    voice.notes.extend(looked.notes);
    for ((answer, name), path) in looked.answers.into_iter().zip(snapshot.names()).zip(snapshot.paths()) {
        let remarks = match answer {
            Answer::Read(remarks) => remarks,
            Answer::Not(why) => {
                voice.not_read.insert(path.clone(), why);
                continue;
            }
        };
        voice.read.insert(path.clone());
        if remarks.is_empty() {
            continue;
        }
        match fs::read_to_string(snapshot.root().join(name)) {
            Ok(text) => {
                let remark = |remark| Remark { path: path.clone(), ..remark };
                take(&text, remarks.into_iter().map(remark).collect());
            }
            Err(error) => {
                voice.read.remove(path);
                let why = format!("its copy cannot be read: {}", base::error::reason(&error));
                voice.not_read.insert(path.clone(), why);
            }
        }
    }
    voice
}
