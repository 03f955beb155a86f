//! A requirement that was missed has no place by which it could be known that it is met:
//! what counts is whether anything that its reviewers were given is another than when
//! they missed it, and that they looked again and do not miss it any more.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use decisions::Entry;
use findings::requirement::{Asked, Requirement};
use sha2::{Digest, Sha256};

use crate::model::{Input, Recognised};
use crate::tree::{Looked, Project, Tree};

/// Of more files it is not kept what they held.
const MOST: usize = 500;
/// Characters that stand for a file and what it holds.
const LENGTH: usize = 16;

/// What these reviewers were given, a word a file; `None`: it cannot be told.
pub(super) fn seen(inputs: &[Input], reviewers: &[String], project: Option<&Project>) -> Option<String> {
    let project = project?;
    let mut words = BTreeSet::new();
    for input in inputs.iter().filter(|input| reviewers.contains(&input.reviewer)) {
        for file in &input.scope.as_ref()?.given {
            let mut hasher = Sha256::new();
            hasher.update(String::from(file.clone()));
            match project.look(file.as_path()) {
                Looked::File(lines) => lines.iter().for_each(|line| {
                    hasher.update(b"\n");
                    hasher.update(line);
                }),
                Looked::No(_) => return None,
            }
            words.insert(HEXLOWER.encode(&hasher.finalize())[..LENGTH].to_owned());
        }
    }
    let is_told = !words.is_empty() && words.len() <= MOST;
    is_told.then(|| words.into_iter().collect::<Vec<_>>().join(" "))
}

/// Does this change have to meet it: does its sentence stand in what is asked for now?
pub(super) fn is_asked(requirement: &Requirement, asked: &[Asked]) -> bool {
    requirement.clone().held_against(asked).is_proved()
}

/// Have all who missed it looked again, at something that is another than then, without
/// missing it any more? What cannot be told is no yes.
pub(super) fn is_met(entry: &Entry, inputs: &[Input], project: Option<&Project>, asked: &[Asked]) -> bool {
    let Some(requirement) = &entry.requirement else { return false };
    let has_looked = |name: &String| {
        let whole = |input: &Input| {
            input.complete && matches!(input.recognised, Recognised::Findings | Recognised::Clean)
        };
        inputs.iter().any(|input| input.reviewer == *name && whole(input) && has_read(input))
    };
    let looked = !entry.reviewers.is_empty() && entry.reviewers.iter().all(has_looked);
    if !looked || !is_asked(requirement, asked) || entry.code.is_empty() {
        return false;
    }
    let then: BTreeSet<&str> = entry.code.split(' ').collect();
    let now = seen(inputs, &entry.reviewers, project).unwrap_or_default();
    now.split(' ').any(|word| !word.is_empty() && !then.contains(word))
}

fn has_read(input: &Input) -> bool {
    input.scope.as_ref().is_some_and(|scope| !scope.read.is_empty())
}
