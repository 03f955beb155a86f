//! From one runner of an agent's chain to another, and how people are told of it.

use base::ids::Name;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::outcome::Reason;

/// From one runner of an agent's chain to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handover {
    /// The first attempt of who has it now.
    pub attempt: u32,
    /// The place of that one in the chain, from 0.
    pub place: usize,
    pub to: Name,
    pub from: Name,
    /// Why the one before cannot have it: `rate-limit` or `credit`; `None`: a person
    /// had the agent run again, from its first runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When the limit of that one's login ends, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the service said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
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
