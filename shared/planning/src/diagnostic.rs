//! What is wrong with a file a person wrote, and where: `x.json:4:12: …`.

use std::fmt::{self, Write as _};
use std::io;

use base::called::as_typed;
use base::exit::Exit;
use base::program::Failure;

/// One thing that is wrong. All of them are collected before anything is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as people know it, if the problem is in one.
    pub file: Option<String>,
    /// Line and column, from 1; columns count characters.
    pub place: Option<(usize, usize)>,
    pub message: String,
    pub hint: Option<String>,
    pub kind: DiagnosticKind,
}

/// Decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// What was asked cannot be.
    Usage,
    /// There is no such template or role.
    NotFound,
    /// Git proves that there is no change.
    NothingToReview,
    /// There is a change, and it is as it was when it was looked at last.
    NothingSince,
    /// There is a change, and nobody who was asked can read it: no verdict.
    Unread,
    /// The machine refused something; what was asked may be right.
    Machine,
}

impl DiagnosticKind {
    fn exit(self) -> Exit {
        match self {
            DiagnosticKind::Usage => Exit::Usage,
            DiagnosticKind::NotFound => Exit::NotFound,
            DiagnosticKind::NothingToReview | DiagnosticKind::NothingSince => Exit::NothingToReview,
            DiagnosticKind::Unread => Exit::Partial,
            DiagnosticKind::Machine => Exit::No,
        }
    }
}

impl Diagnostic {
    /// A problem of the request rather than of a file.
    pub fn new(message: impl Into<String>) -> Self {
        Diagnostic {
            file: None,
            place: None,
            message: message.into(),
            hint: None,
            kind: DiagnosticKind::Usage,
        }
    }

    /// What the system refused, and what it said.
    pub(crate) fn of_io(what: impl fmt::Display, error: &io::Error) -> Self {
        let hint = base::error::advice(error).map(str::to_owned);
        Diagnostic { hint, ..Diagnostic::new(format!("{what}: {}", base::error::reason(error))) }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds "did you mean" if there is a near name.
    #[must_use]
    pub(crate) fn suggest(mut self, near: Option<impl fmt::Display>) -> Self {
        if let Some(near) = near {
            self.hint = Some(format!("did you mean '{near}'?"));
        }
        self
    }

    /// The same, with the exit code of what is not there.
    #[must_use]
    pub fn not_found(self) -> Self {
        self.kind(DiagnosticKind::NotFound)
    }

    #[must_use]
    pub(crate) fn kind(mut self, kind: DiagnosticKind) -> Self {
        self.kind = kind;
        self
    }

    #[must_use]
    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    #[must_use]
    pub(crate) fn at(mut self, line: usize, column: usize) -> Self {
        self.place = Some((line, column));
        self
    }
}

impl From<base::Error> for Diagnostic {
    fn from(error: base::Error) -> Self {
        Diagnostic { hint: error.hint(), ..Diagnostic::new(base::error::chain(&error)) }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let Some((line, column)) = self.place {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

/// All problems as one failure: a single one is the message, several are lines
/// below `what` ("nothing was started"). A hint for more than one of them is at the end.
pub fn failure(problems: &[Diagnostic], what: &str) -> Failure {
    // Several of different kinds are a wrong call.
    let first = problems.first().map_or(DiagnosticKind::Usage, |problem| problem.kind);
    let same = problems.iter().all(|problem| problem.kind == first);
    let exit = if same { first.exit() } else { Exit::Usage };
    if let [problem] = problems {
        let failure = Failure::new(exit, problem.to_string());
        return match &problem.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        };
    }
    let hints: Vec<&String> = problems.iter().filter_map(|problem| problem.hint.as_ref()).collect();
    let is_shared = |hint: &&String| hints.iter().filter(|other| *other == hint).count() > 1;
    let mut message = format!("{} problems, {what}", problems.len());
    for problem in problems {
        let _ = write!(message, "\n  {problem}");
        if let Some(hint) = problem.hint.as_ref().filter(|hint| !is_shared(hint)) {
            let _ = write!(message, "\n    hint: {}", as_typed(hint));
        }
    }
    let mut failure = Failure::new(exit, message);
    for hint in hints.iter().filter(|hint| is_shared(hint)) {
        if !failure.hints.contains(hint) {
            failure = failure.hint(hint.as_str());
        }
    }
    failure
}

/// Line and column (from 1, in characters) of a byte offset.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.bytes().filter(|&b| b == b'\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "ab\né {\n";
        for (offset, want) in [(0, (1, 1)), (3, (2, 1)), (6, (2, 3)), (99, (3, 1))] {
            assert_eq!(line_and_column(text, offset), want, "{offset}");
        }
    }

    #[test]
    fn problems_read_as_compilers_write_them() {
        let problem = Diagnostic::new("no role").in_file("x.json").at(4, 12);
        assert_eq!(problem.to_string(), "x.json:4:12: no role");
        assert_eq!(Diagnostic::new("no role").to_string(), "no role");
    }

    #[test]
    fn what_helps_with_several_problems_is_said_once() {
        let problem = |what: &str, hint: &str| Diagnostic::new(what).hint(hint);
        let told =
            failure(&[problem("a", "see x"), problem("b", "try y"), problem("c", "see x")], "none done");
        assert_eq!(told.message, "3 problems, none done\n  a\n  b\n    hint: try y\n  c");
        assert_eq!(told.hints, ["see x"]);
    }
}
