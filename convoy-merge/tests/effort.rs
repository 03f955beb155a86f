//! What reading and merging cost, in allocations and in bytes held at once: the same on every
//! machine, and a bound on it, so that a copy or a lower-cased line more for each line does not
//! come in unseen. Seconds are `make bench`'s.

#![expect(clippy::print_stdout, reason = "the figures, for who moves a bound")]
#![expect(unsafe_code, reason = "an allocator that counts hands on what it is asked for")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write as _;

use convoy_merge::extract::extract;
use convoy_merge::merge::{Options, merge};
use convoy_merge::meta::Meta;
use convoy_merge::render::{Format, render};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn hold(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    MOST.set(MOST.get().max(held));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        hold(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        hold(-(layout.size() as isize));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        hold(size as isize - layout.size() as isize);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What doing something costs: allocations, and bytes more than before at its dearest moment.
#[derive(Debug, Clone, Copy)]
struct Cost {
    allocations: usize,
    bytes: usize,
}

fn cost(of: impl FnOnce()) -> Cost {
    let (count, held) = (COUNT.get(), HELD.get());
    MOST.set(held);
    of();
    Cost { allocations: COUNT.get() - count, bytes: usize::try_from(MOST.get() - held).unwrap_or(0) }
}

const WORDS: [&str; 12] = [
    "handle", "buffer", "lock", "token", "cursor", "socket", "timer", "session", "counter", "header", "path",
    "query",
];

/// The same numbers on every machine (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }

    fn sentence(&mut self) -> String {
        let (a, b, c, n) = (self.word(), self.word(), self.word(), self.below(999));
        format!(
            "The {a} in `{b}_{n}` is read before the {c} was checked, so a caller that retries sees an old value."
        )
    }
}

/// A review of so many findings with headings.
fn review(findings: u64) -> String {
    let mut numbers = Numbers(5);
    let mut text = "# Review\n\nI read all files of the change.\n".to_string();
    for n in 1..=findings {
        let severity = ["Critical", "High", "Medium", "Low"][numbers.below(4) as usize];
        let (file, line) = (numbers.below(400), 1 + numbers.below(2000));
        let (a, b, c, d) = (numbers.word(), numbers.word(), numbers.word(), numbers.below(10_000));
        let (one, two) = (numbers.sentence(), numbers.sentence());
        let _ = write!(
            text,
            "\n### {n}. [{severity}] `src/{a}/{b}{file}.py:{line}` The {a} loses its {c} {d}\n\n{one} {two}\n\n**Fix:** Check the {b} first.\n"
        );
    }
    text
}

/// Prose without findings, of at least so many bytes.
fn prose(bytes: usize) -> String {
    let mut numbers = Numbers(11);
    let mut text = "# Notes\n".to_string();
    for part in 0.. {
        if text.len() >= bytes {
            break;
        }
        let _ = write!(text, "\n## Part {part}\n");
        for _ in 0..6 {
            let _ = write!(text, "\n{} {} {}\n", numbers.sentence(), numbers.sentence(), numbers.sentence());
        }
    }
    text
}

fn reading(text: &str) -> Cost {
    cost(|| drop(extract(text, "review.md")))
}

fn merging(text: &str) -> Cost {
    let members = extract(text, "review.md").members;
    cost(|| {
        let merged = merge(Vec::new(), members, &Options::default());
        drop(render(&merged, &Meta::default(), Format::Md));
    })
}

/// Per unit, so much: and no more of it for each where there are four times as many.
#[track_caller]
fn within(what: &str, small: (Cost, u64), large: (Cost, u64), most: [u64; 2]) {
    let per = |(cost, units): (Cost, u64)| [cost.allocations as u64 / units, cost.bytes as u64 / units];
    let (small, large) = (per(small), per(large));
    println!("{what}: {large:?} allocations and bytes each, at a quarter of it {small:?}");
    for at in 0..2 {
        assert!(large[at] <= most[at], "{what}: {large:?} each, at most {most:?}");
        assert!(large[at] <= small[at] + small[at] / 4 + 1, "{what}: {large:?} each, {small:?} before");
    }
}

/// The bounds are one and a half times what was counted when they were set.
#[test]
fn each_finding_and_each_kilobyte_of_prose_costs_no_more_than_it_did() {
    let (small, large) = (review(100), review(400));
    // The tables are read once.
    reading(&small);
    merging(&small);
    within("findings read", (reading(&small), 100), (reading(&large), 400), [780, 5_000]);
    within("findings merged", (merging(&small), 100), (merging(&large), 400), [650, 4_800]);
    let (small, large) = (prose(50_000), prose(200_000));
    within("kilobytes of prose", (reading(&small), 50), (reading(&large), 200), [620, 5_800]);
}
