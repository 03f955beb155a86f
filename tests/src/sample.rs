//! How much of a sweep is walked through.
//!
//! `CONVOY_FULL`: all of it. `CONVOY_SECONDS`: a sample from a seed, as much as
//! that time allows all sweeps of a test together. Else a small sample, or of
//! `CONVOY_POINTS` points. `CONVOY_SEED` chooses another one.

use std::time::{Duration, Instant};

use crate::programs;
use crate::random::Random;

/// A number from the environment, for the tests' own switches.
pub fn number(name: &str) -> Option<u64> {
    let text = programs::variable(name)?;
    Some(text.to_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name} is a number")))
}

/// The seed, told once it is used.
pub fn seed() -> u64 {
    let seed = number("CONVOY_SEED").unwrap_or(1);
    println!("CONVOY_SEED={seed}");
    seed
}

/// The points to look at, in the order to look at them, and when to leave off.
/// `share`: so many sweeps have the time together.
pub fn of<T>(mut all: Vec<T>, small: usize, share: u32) -> (Vec<T>, Option<Instant>) {
    let seconds = number("CONVOY_SECONDS");
    if programs::full() && seconds.is_none() {
        return (all, None);
    }
    Random::new(seed()).shuffle(&mut all);
    if let Some(seconds) = seconds {
        return (all, Some(Instant::now() + Duration::from_secs(seconds) / share));
    }
    all.truncate(number("CONVOY_POINTS").map_or(small, |points| points as usize));
    (all, None)
}
