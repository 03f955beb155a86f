//! Who else stands where: two reports that each have one finding at a place speak of one
//! thing more often than two that have several there.

use super::features::Features;
use super::place::{Nearness, Place, nearness};

/// So many lines away still stands there.
const NEAR: u32 = 8;
/// Nobody is alone among more than these.
const MOST: usize = 48;

/// How many findings of each document stand near a member, itself left out.
#[derive(Debug, Default, Clone)]
pub(super) struct Crowd {
    by_document: Vec<(usize, usize)>,
    /// There are too many to count.
    dense: bool,
}

impl Crowd {
    fn of(&self, document: usize) -> usize {
        self.by_document.iter().find(|(known, _)| *known == document).map_or(0, |(_, count)| *count)
    }
}

/// By member: who stands near it. Members are looked up by file and line, so each meets
/// its neighbours only.
pub(super) fn crowds(all: &[Features]) -> Vec<Crowd> {
    // Name of the file, first line, last line, member.
    let mut by_line: Vec<(u32, u32, u32, usize)> = Vec::new();
    for (member, features) in all.iter().enumerate() {
        for Place { parts, lines } in &features.places {
            if let (Some(name), Some((from, to))) = (parts.first(), lines) {
                by_line.push((*name, *from, *to, member));
            }
        }
    }
    by_line.sort_unstable();
    let mut near: Vec<(usize, usize)> = Vec::new();
    let mut dense = vec![false; all.len()];
    for (at, (name, _, to, member)) in by_line.iter().enumerate() {
        let next = by_line[at + 1..]
            .iter()
            .take_while(|(other, from, ..)| other == name && *from <= to.saturating_add(NEAR));
        for (met, (_, _, _, other)) in next.enumerate() {
            if met >= MOST {
                dense[*member] = true;
                break;
            }
            if member != other && stand_together(&all[*member], &all[*other]) {
                near.push((*member, *other));
                near.push((*other, *member));
            }
        }
    }
    near.sort_unstable();
    near.dedup();
    let mut crowds: Vec<Crowd> =
        dense.into_iter().map(|dense| Crowd { by_document: Vec::new(), dense }).collect();
    for (member, other) in near {
        let document = all[other].document;
        let list = &mut crowds[member].by_document;
        match list.iter_mut().find(|(known, _)| *known == document) {
            Some((_, count)) => *count += 1,
            None => list.push((document, 1)),
        }
    }
    crowds
}

fn stand_together(x: &Features, y: &Features) -> bool {
    match nearness(&x.places, &y.places) {
        Nearness::Overlap(_) => true,
        Nearness::Gap(lines) => lines <= NEAR,
        _ => false,
    }
}

/// Do two reports have these two findings at their place, and no others?
pub(super) fn alone(all: &[Features], crowds: &[Crowd], a: usize, b: usize) -> bool {
    let (x, y) = (&all[a], &all[b]);
    x.document != y.document
        && !crowds[a].dense
        && !crowds[b].dense
        && crowds[a].of(y.document) == 1
        && crowds[b].of(x.document) == 1
        && stand_together(x, y)
}
