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

use convoy_merge::extract::Rules;
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

/// What a pack of the corpus must at least reach.
struct Floors {
    pack: &'static str,
    f1: f64,
    severity: f64,
    /// At most so many clean texts are not read as clean.
    clean_missed: usize,
    /// Recall of the pairs of its sets of reports, from end to end.
    pairs: f64,
    /// At most so many pairs of two findings are joined, and so many of them hard negatives.
    joined: (usize, usize),
}

/// As measured, with some room. No text that is not clean may be read as clean.
const FLOORS: [Floors; 4] = [
    Floors { pack: "tuned", f1: 0.965, severity: 0.975, clean_missed: 42, pairs: 0.85, joined: (1, 0) },
    Floors { pack: "habits", f1: 0.955, severity: 0.965, clean_missed: 3, pairs: 1.0, joined: (0, 0) },
    Floors { pack: "opened", f1: 0.96, severity: 0.98, clean_missed: 122, pairs: 0.70, joined: (0, 0) },
    Floors { pack: "fresh", f1: 0.88, severity: 0.89, clean_missed: 27, pairs: 0.52, joined: (0, 0) },
];

#[test]
fn labelled_reviews_are_read_as_well_as_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for floors in FLOORS {
        let figures = data::figures(&corpus.join(floors.pack), false, Rules::default());
        let (f1, (right, of)) = (figures.f1(), figures.severity);
        let severity = right as f64 / of as f64;
        let missed = figures.clean_missed.len();
        println!("{}: F1 {f1:.3}, severity {severity:.3}, {missed} clean texts missed", floors.pack);
        assert!(f1 >= floors.f1, "{}: F1 {f1:.3}", floors.pack);
        assert!(severity >= floors.severity, "{}: severity {severity:.3}", floors.pack);
        assert!(missed <= floors.clean_missed, "{}: {missed} clean texts missed", floors.pack);
        assert_eq!(figures.falsely_clean, Vec::<String>::new(), "{}: read as clean though not", floors.pack);
        let (right, wrong, unjoined) = figures.pairs;
        let recall = if right + unjoined == 0 { 1.0 } else { right as f64 / (right + unjoined) as f64 };
        println!("{}: pairs recall {recall:.3}, {wrong} joined wrongly", floors.pack);
        assert!(recall >= floors.pairs, "{}: pairs recall {recall:.3}", floors.pack);
        let joined = (wrong, figures.negatives.0);
        assert!(
            joined.0 <= floors.joined.0 && joined.1 <= floors.joined.1,
            "{}: {joined:?} joined that are two",
            floors.pack
        );
    }
}

/// Precision and recall as measured, with some room.
const PAIRS: (f64, f64) = (0.99, 0.88);

#[test]
fn findings_of_several_reviewers_are_joined_as_well_as_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pairs");
    let pairs = pairs::figures(&corpus, false);
    let (p, r, joined) = (pairs.precision(), pairs.recall(), pairs.negatives.0);
    println!("P {p:.3} R {r:.3}, {joined} hard negatives joined");
    assert!(pairs.right > 0 && p >= PAIRS.0 && r >= PAIRS.1, "P {p:.3} R {r:.3}");
    assert_eq!(joined, 0, "hard negatives joined");
}
