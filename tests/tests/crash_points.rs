//! The named crash points: each program is killed at each of them, and the
//! convoy comes to the end it would have had (P10). Unlike the sweep over system
//! calls this needs no ptrace, and always meets the moments that matter.

use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use base::crash::{ENABLED, Point};
use convoy_tests::programs;
use convoy_tests::victim::{self, Victim};

/// Who gets to a point, and how often at least in its part of a convoy's life,
/// however much of the news it reads at once.
const PASSED: [(Victim, Point, u32); 48] = [
    (Victim::Start, Point::DirectoryMade, 1),
    (Victim::Start, Point::Uncommitted, 1),
    (Victim::Start, Point::Committed, 1),
    (Victim::Start, Point::WatcherLeft, 1),
    (Victim::Start, Point::StateReplaced, 1),
    (Victim::Start, Point::StepStored, 1),
    (Victim::Start, Point::Launched, 1),
    (Victim::Start, Point::StateSynced, 1),
    (Victim::Watch, Point::StateReplaced, 1),
    (Victim::Watch, Point::StateReplaced, 2),
    (Victim::Watch, Point::StateReplaced, 3),
    (Victim::Watch, Point::StepStored, 1),
    (Victim::Watch, Point::StepStored, 2),
    (Victim::Watch, Point::StepStored, 3),
    (Victim::Watch, Point::Launched, 1),
    (Victim::Watch, Point::MergeBegun, 1),
    (Victim::Watch, Point::MergePublished, 1),
    (Victim::Watch, Point::MergeHalfLinked, 1),
    (Victim::Watch, Point::EndStored, 1),
    (Victim::Staged, Point::ExpansionChosen, 1),
    (Victim::Staged, Point::Expanded, 1),
    (Victim::Staged, Point::StateReplaced, 4),
    (Victim::Staged, Point::StepStored, 5),
    (Victim::LookedAt, Point::MergePublished, 1),
    (Victim::LookedAt, Point::Expanded, 1),
    (Victim::LookedAt, Point::MergeBegun, 2),
    (Victim::LookedAt, Point::MergeHalfLinked, 2),
    (Victim::LookedAt, Point::EndStored, 1),
    (Victim::Verifier, Point::TreeEmpty, 1),
    (Victim::Verifier, Point::Published, 1),
    (Victim::Verifier, Point::Recorded, 1),
    (Victim::Waking, Point::StepStored, 1),
    (Victim::Waking, Point::Awakened, 1),
    (Victim::Waking, Point::Parking, 1),
    (Victim::Parked, Point::Parked, 1),
    (Victim::Parked, Point::Unparked, 1),
    (Victim::Parked, Point::Claimed, 1),
    (Victim::StopParked, Point::EndStored, 1),
    (Victim::Agent, Point::Unclaimed, 1),
    (Victim::Agent, Point::Claimed, 1),
    (Victim::Agent, Point::Spawned, 1),
    (Victim::Agent, Point::CommandNoted, 1),
    (Victim::Agent, Point::TreeEmpty, 1),
    (Victim::Agent, Point::Published, 1),
    (Victim::Agent, Point::Recorded, 1),
    (Victim::Stop, Point::StateReplaced, 1),
    (Victim::Stop, Point::StopMarked, 1),
    (Victim::Stop, Point::EndStored, 1),
];

#[test]
fn killed_at_every_named_point() {
    if !ENABLED {
        programs::skipped("the named crash points: they are in debug builds only");
        return;
    }
    for (victim, point, times) in PASSED {
        let sandbox = victim::sandbox();
        let what = format!("killed at {} {times}", point.name());
        let part = victim::part(&sandbox, victim);
        let mut command = sandbox.command(part.program);
        command.args(&part.arguments).env("CONVOY_CRASH", format!("{}:{times}", point.name()));
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.signal(), Some(9), "{victim:?} was not {what}");
        victim::assert_made_good(&sandbox, victim, part.id.as_ref(), &what);
    }
}

#[test]
fn every_point_is_somebodys() {
    let passed: HashSet<Point> = PASSED.iter().map(|(_, point, _)| *point).collect();
    let forgotten: Vec<_> = Point::ALL.iter().filter(|point| !passed.contains(point)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
