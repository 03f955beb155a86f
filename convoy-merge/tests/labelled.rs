//! Labelled reviews (`corpus/`): how well they are read, as floors.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::many_single_char_names,
    dead_code,
    reason = "shares the measuring code of the `score` example"
)]

#[path = "../examples/score/data.rs"]
mod data;
#[path = "../examples/score/pairs.rs"]
mod pairs;

use std::path::{Path, PathBuf};

use convoy_merge::input::{Source, read};

fn text_of(path: &Path) -> String {
    match read(&path.to_string_lossy()) {
        Source::Text { text, .. } => text,
        Source::Skipped(_) => String::new(),
    }
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("read dir").filter_map(|e| Some(e.ok()?.path())).collect();
    list.sort();
    list
}

/// What a half of the corpus must at least reach.
struct Floors {
    half: &'static str,
    f1: f64,
    /// At most so many texts that are not clean are read as clean.
    falsely_clean: usize,
    /// At most so many pairs of different findings are joined.
    negatives: usize,
}

/// As measured. `held` is only ever scored: its texts are not looked at while the
/// reading is changed, so its floors say what texts that nobody has seen get.
const FLOORS: [Floors; 4] = [
    Floors { half: "tuned", f1: 0.95, falsely_clean: 0, negatives: 0 },
    Floors { half: "held", f1: 0.87, falsely_clean: 16, negatives: 4 },
    Floors { half: "habits/tuned", f1: 0.94, falsely_clean: 1, negatives: 0 },
    Floors { half: "habits/held", f1: 0.75, falsely_clean: 4, negatives: 0 },
];

#[test]
fn labelled_reviews_are_read_as_well_as_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for floors in FLOORS {
        let figures = data::figures(&corpus.join(floors.half), false);
        let (clean, joined) = (figures.falsely_clean.len(), figures.negatives.0);
        println!("{}: F1 {:.3}, {clean} falsely clean, {joined} joined", floors.half, figures.f1());
        assert!(figures.f1() >= floors.f1, "{}: F1 {:.3}", floors.half, figures.f1());
        assert!(clean <= floors.falsely_clean, "{}: {clean} read as clean though not", floors.half);
        assert!(joined <= floors.negatives, "{}: {joined} hard negatives joined", floors.half);
    }
}

/// Half of the sets, precision and recall as measured, with some room: `held` is only scored.
const PAIRS: [(&str, f64, f64); 2] = [("tuned", 0.98, 0.88), ("held", 0.98, 0.72)];

#[test]
fn findings_of_several_reviewers_are_joined_as_well_as_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pairs");
    for (half, precision, recall) in PAIRS {
        let pairs = pairs::figures(&corpus.join(half), false);
        let (p, r, joined) = (pairs.precision(), pairs.recall(), pairs.negatives.0);
        println!("{half}: P {p:.3} R {r:.3}, {joined} hard negatives joined");
        assert!(pairs.right > 0 && p >= precision && r >= recall, "{half}: P {p:.3} R {r:.3}");
        assert_eq!(joined, 0, "{half}: hard negatives joined");
    }
}
