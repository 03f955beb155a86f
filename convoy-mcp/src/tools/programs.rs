//! Running the programs, as a user would: their command lines, their exit codes.
//!
//! No shell is near. A program runs in a process group of its own: it goes on to its
//! end should this one be ended in the middle of it.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::{self, scrub, sibling};
use base::exit::Exit;
use base::program::Failure;
use base::{subprocess, text};

use super::Desk;
use super::answer::line;

/// Longer than any of them takes when nothing is wrong.
const LIMIT: Duration = Duration::from_secs(120);

/// Lines to people of one answer.
const MOST_NOTES: usize = 20;

/// What a program printed for programs, and what it said to people.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<String>,
}

impl Said {
    /// What it said to people; it may name files of the project.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.stderr.iter().take(MOST_NOTES).map(|note| line(note)).collect()
    }
}

impl Desk {
    /// Runs a sibling program in the project to its end; anything but 0 is a failure.
    pub(crate) fn run(&self, name: &str, words: &[String]) -> Result<Said, Failure> {
        let mut command = Command::new(sibling(&self.environment, name)?);
        scrub(&mut command);
        for variable in self.environment.variables.keys().filter(|name| self.rights.withholds(name)) {
            command.env_remove(variable);
        }
        command
            .args(words)
            .env("PANOPTICON_HOME", &self.environment.home)
            // Hints are for somebody who has `pan`.
            .env(environment::CALLED_BY, "pan")
            .current_dir(&self.environment.current_dir)
            .stdin(Stdio::null())
            .process_group(0);
        let cannot = |error: &std::io::Error| Failure::of_io(Exit::No, format!("cannot run {name}"), error);
        let ended = subprocess::capture(command, LIMIT, subprocess::LONG).map_err(|error| cannot(&error))?;
        let stderr = String::from_utf8_lossy(&ended.stderr)
            .lines()
            .map(|line| text::visible(line.trim_end()))
            .collect();
        match ended.status {
            Some(status) if status.success() => {
                let whole = ended.stdout.whole();
                let stdout = whole.map_err(|error| Failure::new(Exit::No, format!("{name}: {error}")))?;
                Ok(Said { stdout, stderr })
            }
            Some(_) => Err(failure(name, stderr)),
            None => Err(Failure::new(Exit::No, format!("{name} did not end in {} s", LIMIT.as_secs()))
                .hint("try it once more; if it hangs again: pan doctor")),
        }
    }
}

/// A program's own words: `program: what: why`, then `hint:` lines.
fn failure(name: &str, stderr: Vec<String>) -> Failure {
    let (hints, what): (Vec<_>, Vec<_>) = stderr.into_iter().partition(|line| line.starts_with("hint: "));
    let own = format!("{name}: ");
    let what: Vec<&str> = what.iter().map(|line| line.strip_prefix(&own).unwrap_or(line)).collect();
    let what = if what.is_empty() { format!("{name} failed and said nothing") } else { what.join("; ") };
    let failure = Failure::new(Exit::No, what);
    hints.iter().fold(failure, |failure, hint| failure.hint(hint.trim_start_matches("hint: ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_words_are_kept_and_its_hints_told_apart() {
        let lines = ["convoy-ctl: no convoy 'x'", "hint: pan convoy list", "and this"].map(str::to_owned);
        let failure = failure("convoy-ctl", lines.to_vec());
        assert_eq!(failure.message, "no convoy 'x'; and this");
        assert_eq!(failure.hints, ["pan convoy list"]);
        assert!(super::failure("convoy-ctl", Vec::new()).message.contains("said nothing"));
    }
}
