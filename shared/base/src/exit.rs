//! The exit codes of every program (design §8), in one place.

use std::process::ExitCode;

/// How a program ended, as a shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Yes, or done.
    Done,
    /// A "no": failed, changes requested, a gate that does not pass.
    No,
    /// Invalid request: usage, template, agent file, a pattern that matches nothing.
    Usage,
    /// `wait`: partial. `review`: no verdict.
    Partial,
    /// No such convoy, role or template.
    NotFound,
    /// State that cannot be read, or is of a newer schema.
    State,
    /// What was to be handed over (a file, standard output) could not be written.
    Unwritten,
    /// Git proves that there is no change to review.
    NothingToReview,
    /// Somebody else is at it; try again later (`EX_TEMPFAIL`).
    Busy,
    /// The time given ran out (as `timeout(1)`).
    TimedOut,
    /// Ended by this signal.
    Signal(u8),
    /// The exit code of a program run on the user's behalf.
    Passed(u8),
}

impl Exit {
    /// The number handed to the shell.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::NotFound => 4,
            Exit::State | Exit::Unwritten => 5,
            Exit::NothingToReview => 6,
            Exit::Busy => 75,
            Exit::TimedOut => 124,
            Exit::Signal(number) => 128 + number,
            Exit::Passed(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
