//! Small programs as sets of annotated code have them: a line with a weakness ends in a
//! comment with its CWEs, and nothing else is one. They were written before the rules were
//! mended and halved by lot: rules were tuned on `tuned`, `held` was only counted. The
//! figures of both are in docs/convoy-lint.md.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it needs")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use convoy_lint::domain::Domain;
use convoy_lint::language::Language;
use convoy_lint::pack::PackFiles;
use convoy_lint::scan;

/// What was found, of what there is to find, and what else was said.
#[derive(Debug, Default)]
struct Score {
    marked: usize,
    found: usize,
    wrong: Vec<String>,
}

impl Score {
    fn recall(&self) -> usize {
        100 * self.found / self.marked
    }

    fn precision(&self) -> usize {
        100 * self.found / (self.found + self.wrong.len())
    }
}

/// The CWEs in the comment of a line.
fn marks(line: &str) -> BTreeSet<u32> {
    let list = line.split("CWE-").nth(1).unwrap_or_default();
    let end = list.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(list.len());
    list[..end].split(',').filter_map(|number| number.parse().ok()).collect()
}

fn score(half: &str) -> Score {
    let pack = PackFiles::built_in()
        .compile(&[Domain::Security], &Language::ALL.iter().copied().collect())
        .expect("the built-in rules compile");
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/annotated").join(half);
    let mut score = Score::default();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let name = entry.file_name();
        // A place where no rule leaves anything alone.
        let path = Path::new("src").join(&name);
        let language = Language::of_path(&path).expect("a known language");
        let text = fs::read_to_string(entry.path()).unwrap();
        let scanned = scan::scan(pack.table(language).expect("rules"), None, language, &path, &text).unwrap();
        for (line, code) in (1..).zip(text.lines()) {
            let here: Vec<_> = scanned.findings.iter().filter(|finding| finding.line == line).collect();
            let marks = marks(code);
            let is_it = |cwe: &[u32]| cwe.iter().any(|cwe| marks.contains(cwe));
            score.marked += usize::from(!marks.is_empty());
            score.found += usize::from(here.iter().any(|finding| is_it(&finding.cwe)));
            let wrong = here.iter().filter(|finding| !is_it(&finding.cwe));
            score.wrong.extend(wrong.map(|finding| format!("{}:{line}: {}", path.display(), finding.rule)));
        }
    }
    score
}

#[test]
fn what_the_rules_were_mended_by_is_found() {
    let score = score("tuned");
    assert!(score.marked > 250, "{score:?}");
    println!("tuned: {} marked, {} found, {} wrong", score.marked, score.found, score.wrong.len());
    assert!(score.recall() >= 90 && score.precision() >= 97, "{} {score:?}", score.recall());
}

#[test]
fn what_they_were_not_mended_by_is_found_as_often_as_the_docs_say() {
    let score = score("held");
    assert!(score.marked > 250, "{score:?}");
    println!("held: {} marked, {} found, {} wrong", score.marked, score.found, score.wrong.len());
    assert!(score.recall() >= HELD && score.precision() >= 90, "{} {score:?}", score.recall());
}

/// Recall of the held half, in percent.
const HELD: usize = 90;
