//! Places, ready to be compared.

use super::lexicon::Lexicon;
use crate::model::Location;

/// More places of one finding than this are not compared.
const MOST: usize = 24;

/// A location: the path's parts from the file name up, and lines counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) parts: Vec<u32>,
    pub(crate) lines: Option<(u32, u32)>,
}

/// How near two findings are to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Nearness {
    /// Lines overlap: how tightly, 0 to 1.
    Overlap(f64),
    /// Lines between them, in one file.
    Gap(u32),
    /// One file, and one names no line in it.
    File,
    OtherFile,
    /// One of them names no file.
    Unknown,
}

impl Nearness {
    /// The nearer, the higher.
    fn rank(self) -> f64 {
        match self {
            Nearness::Overlap(share) => 10.0 + share,
            Nearness::Gap(lines) if lines < 30 => 9.0 - f64::from(lines) / 30.0,
            Nearness::File => 7.0,
            Nearness::Gap(lines) => 6.0 - f64::from(lines.min(6000)) / 6000.0,
            Nearness::OtherFile => 1.0,
            Nearness::Unknown => 0.0,
        }
    }
}

pub(super) fn places(locations: &[Location], parts: &mut Lexicon) -> Vec<Place> {
    locations
        .iter()
        .take(MOST)
        .map(|location| {
            let lower = location.file.to_lowercase();
            let list = lower.split('/').rev().filter(|p| !p.is_empty() && *p != ".").take(MOST);
            Place {
                parts: list.map(|part| parts.id(part)).collect(),
                lines: location.line_start.map(|a| (a, location.line_end.unwrap_or(a).max(a))),
            }
        })
        .collect()
}

/// The shorter path must be the end of the longer one.
fn same_file(a: &Place, b: &Place) -> bool {
    let n = a.parts.len().min(b.parts.len());
    n > 0 && a.parts[..n] == b.parts[..n]
}

/// The nearest of all pairs of places.
pub(super) fn nearness(a: &[Place], b: &[Place]) -> Nearness {
    if a.is_empty() || b.is_empty() {
        return Nearness::Unknown;
    }
    let mut best = Nearness::OtherFile;
    for (x, y) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))) {
        if same_file(x, y) {
            let near = of_lines(x.lines, y.lines);
            if near.rank() > best.rank() {
                best = near;
            }
        }
    }
    best
}

fn of_lines(a: Option<(u32, u32)>, b: Option<(u32, u32)>) -> Nearness {
    match (a, b) {
        (Some((a1, a2)), Some((b1, b2))) if a1 <= b2 && b1 <= a2 => {
            let shared = f64::from(a2.min(b2) - a1.max(b1)) + 1.0;
            let (a, b) = (f64::from(a2 - a1) + 1.0, f64::from(b2 - b1) + 1.0);
            // One line inside of a few says nearly as much as the same line; inside of
            // eighty it says little.
            let looser = 20.0 / (20.0 + (a - b).abs());
            Nearness::Overlap(shared / a.min(b) * looser)
        }
        (Some((a1, a2)), Some((b1, b2))) => Nearness::Gap(a1.max(b1) - a2.min(b2)),
        _ => Nearness::File,
    }
}
