//! What verifiers made of the findings. A finding is known again by what it says
//! (`findings::merged::Finding::mark`): what has changed since a verifier was told of it was
//! not looked at. Whatever cannot be read of a look leaves the finding where it was.

use std::collections::HashMap;

use base::encoded_path::EncodedPath;
use findings::second_look::{Look, Looks, SecondLook};
use serde_json::Value;

use crate::merged::{Merged, stands};
use crate::meta::Verification;
use crate::model::Finding;

/// Gives each finding its second look. `read`: a file, or why it cannot be read.
pub fn apply(
    merged: &mut Merged,
    verification: &Verification,
    read: impl Fn(&EncodedPath) -> Result<Vec<u8>, String>,
) {
    let mut by_mark: HashMap<String, Vec<Look>> = HashMap::new();
    let mut unread = None;
    for path in &verification.looks {
        match read(path).and_then(|bytes| Looks::read(&bytes)) {
            // The finding itself stands beside it.
            Ok(told) => told.looks.into_iter().for_each(|look| {
                let look = Look { finding: Value::Null, ..look };
                by_mark.entry(look.mark.clone()).or_default().push(look);
            }),
            Err(why) => unread = Some(format!("what a verifier said cannot be read: {why}")),
        }
    }
    let missed: HashMap<&str, &str> =
        verification.missed.iter().map(|one| (one.mark.as_str(), one.why.as_str())).collect();
    let gate = merged.gate;
    for finding in merged.findings.iter_mut().chain(&mut merged.carried) {
        let at_the_gate = finding.severity.reaches(gate.level) && gate.looks_at(finding) && stands(finding);
        let mark = mark(finding);
        let looks = mark.as_ref().and_then(|mark| by_mark.remove(mark)).unwrap_or_default();
        let why = mark.as_ref().and_then(|mark| missed.get(mark.as_str()).map(|why| (*why).to_owned()));
        let seen = (!looks.is_empty()).then(|| SecondLook::of(finding.severity, looks));
        finding.second_look = match why.or_else(|| unread.clone()) {
            // What cannot be read may be who did not agree.
            Some(why) if unread.is_some() && seen.as_ref().is_some_and(SecondLook::is_refuted) => {
                Some(SecondLook::unverified(why))
            }
            _ if seen.is_some() => seen,
            Some(why) if at_the_gate => Some(SecondLook::unverified(why)),
            None if at_the_gate => Some(SecondLook::unverified(verification.others.clone())),
            Some(_) | None => None,
        };
    }
}

fn mark(finding: &Finding) -> Option<String> {
    let json = serde_json::to_value(finding).ok()?;
    serde_json::from_value(json).ok().map(|finding: findings::merged::Finding| finding.mark())
}

#[cfg(test)]
mod tests {
    use crate::meta::Missed;

    use findings::Severity;
    use findings::second_look::Standing;
    use serde_json::json;

    use super::*;
    use crate::verdict::Gate;

    fn finding(title: &str, severity: Severity) -> Finding {
        Finding { title: title.to_owned(), severity, reviewers: vec!["a".to_owned()], ..Finding::default() }
    }

    fn looks(marks: &[(&str, &str)]) -> Vec<u8> {
        let look = |(mark, verdict): &(&str, &str)| {
            json!({"mark": mark, "by": "v-1", "runner": "r", "verdict": verdict, "origin": "unknown",
                "reason": "so", "severity": "high"})
        };
        let looks: Vec<_> = marks.iter().map(look).collect();
        json!({"format": "convoy-verification", "version": 1, "looks": looks}).to_string().into_bytes()
    }

    #[test]
    fn what_was_refuted_does_not_stand_and_nothing_else_falls() {
        let mut merged = Merged {
            findings: ["refuted", "confirmed", "changed", "failed"]
                .map(|title| finding(title, Severity::High))
                .into(),
            gate: Gate::default(),
            ..Merged::default()
        };
        merged.findings.push(finding("below", Severity::Low));
        let marks: Vec<String> = merged.findings.iter().filter_map(mark).collect();
        merged.findings[2].title = "changed since".to_owned();
        let verification = Verification {
            looks: vec!["/l".to_owned().into()],
            missed: vec![Missed { mark: marks[3].clone(), why: "it timed out".to_owned() }],
            others: "nobody looked".to_owned(),
        };
        let file = looks(&[(&marks[0], "refuted"), (&marks[1], "confirmed"), (&marks[2], "refuted")]);
        apply(&mut merged, &verification, |_| Ok(file.clone()));
        let found: Vec<_> =
            merged.findings.iter().map(|one| one.second_look.as_ref().map(|look| look.verdict)).collect();
        assert_eq!(
            found,
            [
                Some(Standing::Refuted),
                Some(Standing::Confirmed),
                Some(Standing::Unverified),
                Some(Standing::Unverified),
                None
            ]
        );
        assert_eq!(merged.standing().count(), 4);
        let why = |n: usize| merged.findings[n].second_look.clone().and_then(|look| look.why);
        assert_eq!((why(2).as_deref(), why(3).as_deref()), (Some("nobody looked"), Some("it timed out")));
    }

    #[test]
    fn a_look_that_cannot_be_read_refutes_nothing() {
        let verification = Verification { looks: vec!["/l".to_owned().into()], ..Verification::default() };
        for broken in [Ok(b"{".to_vec()), Ok(b"{}".to_vec()), Err("gone".to_owned())] {
            let mut merged = Merged { findings: vec![finding("t", Severity::High)], ..Merged::default() };
            apply(&mut merged, &verification, |_| broken.clone());
            assert_eq!(merged.standing().count(), 1);
            let look = merged.findings[0].second_look.clone().unwrap();
            assert!(look.verdict == Standing::Unverified && look.why.unwrap().contains("cannot be read"));
        }
    }

    #[test]
    fn who_cannot_be_read_may_be_who_did_not_agree() {
        let paths = ["/refutes", "/torn"].map(|path| path.to_owned().into());
        let verification = Verification { looks: paths.into(), ..Verification::default() };
        for (verdict, want) in [("refuted", Standing::Unverified), ("confirmed", Standing::Confirmed)] {
            let mut merged = Merged { findings: vec![finding("t", Severity::High)], ..Merged::default() };
            let mark = mark(&merged.findings[0]).unwrap();
            apply(&mut merged, &verification, |path| {
                let torn = path.as_path().ends_with("torn");
                if torn { Err("input/output error".to_owned()) } else { Ok(looks(&[(&mark, verdict)])) }
            });
            assert_eq!(merged.findings[0].second_look.as_ref().map(|look| look.verdict), Some(want));
            assert_eq!(merged.standing().count(), 1, "{verdict}");
        }
    }
}
