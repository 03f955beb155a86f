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

#[test]
fn labelled_reviews_are_read_as_well_as_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for dir in ["tuned", "held"].map(|half| corpus.join(half)) {
        if !dir.is_dir() {
            continue;
        }
        let figures = data::figures(&dir, false);
        assert!(
            figures.falsely_clean.is_empty(),
            "read as clean though it is not: {:?}",
            figures.falsely_clean
        );
        assert!(figures.f1() >= 0.85, "{}: F1 {:.3}", dir.display(), figures.f1());
        assert_eq!(figures.negatives.0, 0, "hard negatives merged");
    }
}
