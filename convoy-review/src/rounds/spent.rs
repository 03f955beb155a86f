//! What the command of `--fix-with` says that it has spent: nobody else can tell.

use std::path::Path;

use base::{files, text};
use protocol::outcome::Usage;

use super::next::Looked;
use super::record::Round;

/// A longer file is no such object.
const LONGEST: u64 = 64 * 1024;

/// What it wrote; `None`: it reports nothing. An error: what it wrote says nothing.
pub(super) fn read(path: &Path) -> Result<Option<Usage>, String> {
    let told = |why: &str| format!("{}: {why}", text::path(path));
    let found = match files::find(path) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(error) => return Err(told(&base::error::reason(&error))),
    };
    if !found.is_file() || found.len() > LONGEST {
        return Err(told("it is no regular file, or too long"));
    }
    let bytes = files::read(path).map_err(|error| told(&base::error::reason(&error)))?;
    of(&bytes).map(Some).map_err(|why| told(&why))
}

fn of(bytes: &[u8]) -> Result<Usage, String> {
    let usage: Usage = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    match usage.cost_usd {
        Some(cost) if !cost.is_finite() || cost < 0.0 => Err("'costUsd' is no amount".to_owned()),
        None if usage.tokens() == 0 => Err("it has neither 'costUsd' nor tokens".to_owned()),
        _ => Ok(usage),
    }
}

/// `reviews $0.02, the command $0.30`; `None`: the command did not run.
pub(super) fn shown(looked: &[Looked], rounds: &[Round]) -> Option<String> {
    let ran: Vec<Option<Usage>> = rounds.iter().filter_map(|round| Some(round.fix.as_ref()?.usage)).collect();
    if ran.is_empty() {
        return None;
    }
    let reviews = looked.iter().map(|one| one.spent).fold(Usage::default(), Usage::plus);
    let told: Vec<Usage> = ran.iter().flatten().copied().collect();
    let sum = told.iter().copied().fold(Usage::default(), Usage::plus);
    let command = match told.len() {
        0 => "the command not reported".to_owned(),
        n if n < ran.len() => format!(
            "the command {}, and {} of its {} runs not reported",
            words(&sum),
            ran.len() - n,
            ran.len()
        ),
        _ => format!("the command {}", words(&sum)),
    };
    Some(format!("reviews {}, {command}", words(&reviews)))
}

fn words(usage: &Usage) -> String {
    let about = if usage.cost_estimated { "~" } else { "" };
    match usage.cost_usd {
        Some(cost) => format!("{about}${cost:.2}"),
        None if usage.tokens() > 0 => format!("{} tokens", usage.tokens()),
        None => "none told".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::record::Fix;
    use findings::verdict::Verdict;

    #[test]
    fn what_it_reports_is_an_amount_or_nothing() {
        assert_eq!(of(br#"{"costUsd": 0.3}"#).unwrap().cost_usd, Some(0.3));
        assert_eq!(of(br#"{"costUsd": 0}"#).unwrap().cost_usd, Some(0.0));
        assert_eq!(of(br#"{"inputTokens": 3, "outputTokens": 4}"#).unwrap().tokens(), 7);
        for wrong in [r#"{"cost": 3}"#, r#"{"costUsd": -1}"#, r#"{"costUsd": "3"}"#, "3", "", "{"] {
            assert!(of(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_reported_is_not_nothing() {
        let usd = |cost| Usage { cost_usd: Some(cost), ..Usage::default() };
        let shown = |runs: &[Option<Usage>]| {
            let round = |usage: &Option<Usage>| Round {
                convoy_id: "convoy-code-review-k7q2m9".parse().unwrap(),
                commit: String::new(),
                review_result: Verdict::ChangesRequested,
                blocking: 1,
                fix: Some(Fix { usage: *usage, ..Fix::default() }),
            };
            let looked = Looked {
                verdict: Verdict::ChangesRequested,
                open: [].into(),
                spent: usd(0.02),
                fixed: Usage::default(),
            };
            super::shown(&[looked], &runs.iter().map(round).collect::<Vec<_>>())
        };
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[None]).unwrap(), "reviews $0.02, the command not reported");
        assert_eq!(shown(&[Some(usd(0.3)), Some(usd(0.1))]).unwrap(), "reviews $0.02, the command $0.40");
        assert_eq!(
            shown(&[Some(usd(0.3)), None]).unwrap(),
            "reviews $0.02, the command $0.30, and 1 of its 2 runs not reported"
        );
    }
}
