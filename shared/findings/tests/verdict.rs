//! The verdict: approved only where nothing at all stands in the way.

use std::path::Path;

use base::encoded_path::EncodedPath;
use findings::verdict::{Case, Open, Reviewer, Verdict, decide};
use findings::{Scope, Severity};
use proptest::prelude::*;

fn scope(read: usize) -> Scope {
    let files: Vec<EncodedPath> =
        (0..read).map(|n| EncodedPath::from(Path::new(&format!("{n}.ts")))).collect();
    Scope { given: files.clone(), read: files, ..Scope::default() }
}

fn open(severity: Severity) -> Open {
    Open { severity, gates: true }
}

fn case(scope: &Scope, open: Vec<Open>) -> Case<'_> {
    let reviewer = |name| Reviewer { name, scope: Some(scope), ..Reviewer::default() };
    Case {
        gate: Severity::High,
        reviewers: vec![reviewer("security"), reviewer("performance")],
        open,
        obstacles: Vec::new(),
    }
}

#[test]
fn approved_needs_every_reviewer_and_nothing_at_the_gate() {
    let read = scope(2);
    let approved = decide(&case(&read, vec![open(Severity::Medium), open(Severity::Unrated)]));
    assert_eq!((approved.verdict, approved.blocking, approved.obstacles.len()), (Verdict::Approved, 0, 0));
    let asked =
        decide(&case(&read, vec![open(Severity::High), open(Severity::Low), open(Severity::Blocker)]));
    assert_eq!((asked.verdict, asked.blocking), (Verdict::ChangesRequested, 2));
    let mut medium = case(&read, vec![open(Severity::Unrated)]);
    medium.gate = Severity::Medium;
    assert_eq!(decide(&medium).verdict, Verdict::ChangesRequested, "what nobody rated counts as medium");
}

#[test]
fn what_the_gate_does_not_look_at_does_not_block() {
    let read = scope(1);
    let old = Open { severity: Severity::Blocker, gates: false };
    assert_eq!(decide(&case(&read, vec![old])).verdict, Verdict::Approved);
    assert_eq!(decide(&case(&read, vec![old, open(Severity::High)])).blocking, 1);
}

/// Every way in which something may be lacking, on an otherwise clean review.
#[test]
fn whatever_is_lacking_is_no_verdict_and_is_told() {
    type Spoil = for<'a> fn(&mut Case<'a>, &'a Scope);
    let ways: [(&str, Spoil, &str); 6] = [
        ("there is no reviewer", |case, _| case.reviewers.clear(), "there is no reviewer"),
        (
            "one is missing",
            |case, _| case.reviewers[0].missing = Some("timed out".to_owned()),
            "the security review is missing: timed out",
        ),
        (
            "all are missing, for one reason",
            |case, _| case.reviewers.iter_mut().for_each(|one| one.missing = Some("no key".to_owned())),
            "the security and performance reviews are missing: no key",
        ),
        (
            "a tool was denied",
            |case, _| case.reviewers[1].denied = vec!["Read a.ts".to_owned(), "Grep".to_owned()],
            "the performance reviewer was denied Read a.ts and 1 more",
        ),
        (
            "nothing was read",
            |case, nothing| case.reviewers[1].scope = Some(nothing),
            "the performance reviewer read none of the files",
        ),
        ("something else", |case, _| case.obstacles.push("it timed out".to_owned()), "it timed out"),
    ];
    let (read, nothing) = (scope(1), Scope::default());
    for (what, spoil, told) in ways {
        let mut spoilt = case(&read, vec![open(Severity::Critical)]);
        spoil(&mut spoilt, &nothing);
        let decision = decide(&spoilt);
        assert_eq!(decision.verdict, Verdict::Commented, "{what}");
        assert_eq!(decision.obstacles, [told], "{what}");
        assert_eq!(decision.blocking, 1, "{what}: what was found is said all the same");
    }
}

#[test]
fn a_verdict_is_read_by_its_own_word() {
    for verdict in [Verdict::Approved, Verdict::Commented, Verdict::ChangesRequested] {
        assert_eq!(Verdict::from_word(verdict.word()), Some(verdict));
        let json = serde_json::to_value(verdict).unwrap_or_default();
        assert_eq!(json.as_str(), Some(verdict.word()));
    }
    assert_eq!(Verdict::from_word("LGTM"), None);
}

proptest! {
    /// Approved exactly if nothing is lacking and nothing that gates reaches the gate.
    #[test]
    fn approved_is_earned(
        gate in 0..5usize,
        reviewers in proptest::collection::vec((any::<bool>(), any::<bool>(), 0..2usize), 0..4),
        found in proptest::collection::vec((0..6usize, any::<bool>()), 0..5),
        obstacle in any::<bool>(),
    ) {
        let (none, some) = (Scope::default(), scope(1));
        let gate = Severity::ALL[gate];
        let open: Vec<Open> =
            found.iter().map(|(n, gates)| Open { severity: Severity::ALL[*n], gates: *gates }).collect();
        let case = Case {
            gate,
            reviewers: reviewers.iter().map(|(missing, denied, read)| Reviewer {
                name: "r",
                missing: missing.then(|| "it failed".to_owned()),
                scope: Some(if *read == 0 { &none } else { &some }),
                denied: if *denied { vec!["Read".to_owned()] } else { Vec::new() },
            }).collect(),
            open: open.clone(),
            obstacles: if obstacle { vec!["late".to_owned()] } else { Vec::new() },
        };
        let whole = !obstacle && !reviewers.is_empty()
            && reviewers.iter().all(|(missing, denied, read)| !missing && !denied && *read > 0);
        let blocks = open.iter().any(|one| one.gates && one.severity.effective() >= gate);
        let decision = decide(&case);
        let want = match (whole, blocks) {
            (false, _) => Verdict::Commented,
            (true, true) => Verdict::ChangesRequested,
            (true, false) => Verdict::Approved,
        };
        prop_assert_eq!(decision.verdict, want);
        prop_assert_eq!(decision.obstacles.is_empty(), whole);
    }
}
