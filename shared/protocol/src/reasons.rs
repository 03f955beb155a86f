//! States and reasons as people see them, the same everywhere.

use base::style::Mark;

use crate::outcome::{AgentStatus, Reason};

impl From<AgentStatus> for Mark {
    fn from(status: AgentStatus) -> Self {
        match status {
            AgentStatus::Pending => Mark::Pending,
            AgentStatus::Running => Mark::Running,
            AgentStatus::Completed => Mark::Completed,
            AgentStatus::Failed => Mark::Failed,
        }
    }
}

/// Why an agent failed, for people: the reason, then its detail.
pub fn reason(reason: Reason, detail: Option<&str>) -> String {
    let words = match reason {
        Reason::ExitCode
        | Reason::Signal
        | Reason::Timeout
        | Reason::Dependencies
        | Reason::Items
        | Reason::Launch
        | Reason::Lost => "",
        Reason::Spawn => "could not be started",
        Reason::NoReport => "ended well but wrote no report",
        Reason::EmptyReport => "wrote an empty report",
        Reason::BadReport => "its report cannot be used",
        Reason::Unrecognised => "its report is not a review",
        Reason::Publish => "its report could not be published",
        Reason::ProjectGone => "the project is gone",
        Reason::Stalled => "no sign of life",
        Reason::RateLimit => "rate limit",
        Reason::Auth => "not logged in, or a wrong key",
        Reason::ContextOverflow => "too much for the model's context",
        Reason::Refusal => "the model refused",
        Reason::TurnLimit => "turn limit reached",
        Reason::OutputLimit => "output limit reached",
        Reason::Budget => "budget used up",
        Reason::Credit => "the login's credit is used up",
        Reason::Denied => "was not allowed to write its report",
        Reason::Overload => "the service is overloaded",
        Reason::Cut => "its stream broke off",
        Reason::ApiError => "the service reported an error",
        Reason::SessionClosed => "its session was closed",
        Reason::Stopped => "stopped",
    };
    let fallback = match reason {
        Reason::ExitCode => "exit code other than 0",
        Reason::Signal => "ended by a signal",
        Reason::Timeout => "timed out",
        Reason::Dependencies => "what it depends on did not complete",
        Reason::Items => "there are no items to be had",
        Reason::Launch => "it could not be launched",
        Reason::Lost => "its supervisor was lost",
        _ => "",
    };
    match (words, detail) {
        ("", Some(detail)) => detail.to_owned(),
        ("", None) => fallback.to_owned(),
        (words, Some(detail)) => format!("{words}: {detail}"),
        (words, None) => words.to_owned(),
    }
}
