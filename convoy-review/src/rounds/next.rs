//! What comes after a review in rounds. Pure.

use std::collections::BTreeSet;

use findings::verdict::Verdict;
use protocol::budget::Ceiling;
use protocol::outcome::Usage;

use crate::cli::Until;

/// What one review of several has come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Looked {
    pub(crate) verdict: Verdict,
    /// What is open at the gate, by what it is known again.
    pub(crate) open: BTreeSet<String>,
    pub(crate) spent: Usage,
}

/// How long it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    pub(crate) most: u32,
    pub(crate) until: Until,
    /// What all rounds together may spend.
    pub(crate) budget: Ceiling,
}

/// Why there is no further round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The gate passes.
    Clean,
    /// The last review has no verdict.
    NoVerdict,
    /// It found nothing at the gate that was not known, which is what was asked for.
    NoNew,
    /// All that was open before is open still.
    NoProgress,
    /// As many reviews as were asked for.
    Rounds,
    /// What was spent: a clause.
    Budget(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// The command is to change it.
    Fix,
    Stop(Stop),
}

/// Decides after the last of these, which are in their order.
pub(crate) fn next(rule: &Rule, rounds: &[Looked]) -> Next {
    let Some((last, earlier)) = rounds.split_last() else { return Next::Stop(Stop::NoVerdict) };
    match last.verdict {
        Verdict::Approved => return Next::Stop(Stop::Clean),
        Verdict::Commented => return Next::Stop(Stop::NoVerdict),
        Verdict::ChangesRequested => {}
    }
    if let Some(before) = earlier.last() {
        let is_known = |key: &String| earlier.iter().any(|one| one.open.contains(key));
        if rule.until == Until::NoNew && last.open.iter().all(is_known) {
            return Next::Stop(Stop::NoNew);
        }
        if before.open.is_subset(&last.open) {
            return Next::Stop(Stop::NoProgress);
        }
    }
    if rounds.len() as u64 >= u64::from(rule.most) {
        return Next::Stop(Stop::Rounds);
    }
    match rule.budget.exceeded_by(&spent(rounds)) {
        Some(words) => Next::Stop(Stop::Budget(words)),
        None => Next::Fix,
    }
}

fn spent(rounds: &[Looked]) -> Usage {
    rounds.iter().map(|one| one.spent).fold(Usage::default(), Usage::plus)
}

/// What is left for the next review.
pub(crate) fn left(rule: &Rule, rounds: &[Looked]) -> Ceiling {
    let spent = spent(rounds);
    Ceiling {
        usd: rule.budget.usd.map(|usd| (usd - spent.cost_usd.unwrap_or(0.0)).max(0.0)),
        tokens: rule.budget.tokens.map(|tokens| tokens.saturating_sub(spent.tokens())),
    }
}

impl Stop {
    /// For people: a clause.
    pub(crate) fn shown(&self) -> String {
        match self {
            Stop::Clean => "the gate passes".to_owned(),
            Stop::NoVerdict => "the last review has no verdict".to_owned(),
            Stop::NoNew => "nothing new was found".to_owned(),
            Stop::NoProgress => "no progress: what was open at the gate is open still".to_owned(),
            Stop::Rounds => "as many reviews as were asked for".to_owned(),
            Stop::Budget(words) => format!("the budget is used up: {words}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(verdict: Verdict, open: &[&str]) -> Looked {
        let open = open.iter().map(|key| (*key).to_owned()).collect();
        Looked { verdict, open, spent: Usage { cost_usd: Some(1.0), ..Usage::default() } }
    }

    fn wants(open: &[&str]) -> Looked {
        looked(Verdict::ChangesRequested, open)
    }

    fn rule(most: u32, until: Until) -> Rule {
        Rule { most, until, budget: Ceiling::default() }
    }

    fn stop(rule: &Rule, rounds: &[Looked]) -> Option<Stop> {
        match next(rule, rounds) {
            Next::Fix => None,
            Next::Stop(why) => Some(why),
        }
    }

    #[test]
    fn it_goes_on_as_long_as_something_is_fixed() {
        let rule = rule(9, Until::Clean);
        for (rounds, want) in [
            (vec![], Some(Stop::NoVerdict)),
            (vec![wants(&["a", "b"])], None),
            (vec![looked(Verdict::Approved, &[])], Some(Stop::Clean)),
            (vec![looked(Verdict::Commented, &["a"])], Some(Stop::NoVerdict)),
            // One is fixed, also where another one came up.
            (vec![wants(&["a", "b"]), wants(&["b"])], None),
            (vec![wants(&["a", "b"]), wants(&["b", "c"])], None),
            (vec![wants(&["a", "b"]), wants(&["a", "b"])], Some(Stop::NoProgress)),
            (vec![wants(&["a", "b"]), wants(&["a", "b", "c"])], Some(Stop::NoProgress)),
            // Compared is with the review before.
            (vec![wants(&["a", "b"]), wants(&["b"]), wants(&["b", "c"])], Some(Stop::NoProgress)),
            // A reviewer that fails in a later round is no pass.
            (vec![wants(&["a"]), looked(Verdict::Commented, &[])], Some(Stop::NoVerdict)),
        ] {
            assert_eq!(stop(&rule, &rounds), want, "{rounds:?}");
        }
    }

    #[test]
    fn until_no_new_stops_where_all_is_known() {
        let known = [wants(&["a", "b"]), wants(&["b"])];
        assert_eq!(stop(&rule(9, Until::NoNew), &known), Some(Stop::NoNew));
        assert_eq!(stop(&rule(9, Until::Clean), &known), None);
        let again = [wants(&["a", "b"]), wants(&["b", "c"]), wants(&["a"])];
        assert_eq!(stop(&rule(9, Until::NoNew), &again), Some(Stop::NoNew), "known from any round before");
        assert_eq!(stop(&rule(9, Until::NoNew), &again[..2]), None);
        assert_eq!(stop(&rule(9, Until::NoNew), &again[..1]), None);
    }

    #[test]
    fn the_number_of_reviews_and_the_budget_hold_for_all_together() {
        let rounds = [wants(&["a", "b"]), wants(&["b"])];
        assert_eq!(stop(&rule(2, Until::Clean), &rounds), Some(Stop::Rounds));
        assert_eq!(stop(&rule(1, Until::Clean), &rounds[..1]), Some(Stop::Rounds));
        let with =
            |usd: f64| Rule { budget: Ceiling { usd: Some(usd), tokens: None }, ..rule(9, Until::Clean) };
        assert!(matches!(stop(&with(2.0), &rounds), Some(Stop::Budget(words)) if words.contains("$2.00")));
        assert_eq!(stop(&with(2.5), &rounds), None);
        assert_eq!(left(&with(2.5), &rounds).usd, Some(0.5));
        assert_eq!(left(&with(1.0), &rounds).usd, Some(0.0));
        assert_eq!(left(&rule(9, Until::Clean), &rounds), Ceiling::default());
    }
}
