//! States and reasons as people see them, the same everywhere.

use base::style::Mark;
use jiff::Timestamp;

use crate::agent::Handover;
use crate::state::{AgentStatus, ConvoyStatus, Reason};

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

impl From<ConvoyStatus> for Mark {
    fn from(status: ConvoyStatus) -> Self {
        match status {
            ConvoyStatus::Running => Mark::Running,
            ConvoyStatus::Completed => Mark::Completed,
            ConvoyStatus::Failed => Mark::Failed,
            ConvoyStatus::Partial => Mark::Partial,
        }
    }
}

/// Whom the runner of an agent stands in for, for people: `in place of claude, limited
/// until 18:31, and of codex, whose credit is used up`; `None`: it is the first of its
/// chain. `clock` writes a time.
pub fn in_place_of(handovers: &[Handover], clock: impl Fn(Timestamp) -> String) -> Option<String> {
    let since = handovers.iter().rposition(|handover| handover.place == 0).map_or(0, |last| last + 1);
    let left = handovers[since..].iter().filter_map(|handover| {
        let from = &handover.from;
        Some(match (handover.reason?, handover.until) {
            (Reason::Credit, _) => format!("of {from}, whose credit is used up"),
            (_, Some(until)) => format!("of {from}, limited until {}", clock(until)),
            (_, None) => format!("of {from}, which is limited"),
        })
    });
    let left: Vec<String> = left.collect();
    (!left.is_empty()).then(|| format!("in place {}", left.join(", and ")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_in_names_all_who_had_it_before() {
        let handover = |place, from: &str, to: &str, reason, until: Option<i64>| Handover {
            attempt: 2,
            place,
            to: to.parse().unwrap(),
            from: from.parse().unwrap(),
            reason,
            until: until.map(|at| Timestamp::from_second(at).unwrap()),
            detail: None,
        };
        let clock = |at: Timestamp| at.as_second().to_string();
        let (limit, credit) = (Some(Reason::RateLimit), Some(Reason::Credit));
        let mut all = vec![handover(1, "a", "b", limit, Some(90))];
        assert_eq!(in_place_of(&all, clock).as_deref(), Some("in place of a, limited until 90"));
        all.push(handover(2, "b", "c", credit, None));
        let both = "in place of a, limited until 90, and of b, whose credit is used up";
        assert_eq!(in_place_of(&all, clock).as_deref(), Some(both));
        // The first has it again, by a person or because its limit ends first.
        for reason in [None, limit] {
            all.push(handover(0, "c", "a", reason, None));
            assert_eq!(in_place_of(&all, clock), None);
        }
        all.push(handover(1, "a", "b", limit, None));
        assert_eq!(in_place_of(&all, clock).as_deref(), Some("in place of a, which is limited"));
        assert_eq!(in_place_of(&[], clock), None);
    }
}
