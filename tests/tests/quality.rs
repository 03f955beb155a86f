//! What a second look is worth, where it is known what is true: small repositories with
//! defects and traps (`tests/quality`), reviewers and verifiers that err at known rates,
//! and the real programs between them. It measures the machinery, and no model.

#[path = "quality/convoy.rs"]
mod convoy;
#[path = "quality/measure.rs"]
mod measure;
#[path = "quality/model.rs"]
mod model;
#[path = "quality/pack.rs"]
mod pack;
#[path = "quality/pieces.rs"]
mod pieces;

use std::collections::{BTreeMap, BTreeSet};

use convoy_tests::programs;
use convoy_tests::sandbox::Launcher;

use measure::{PRECISION, Way, kept, over, play};
use model::{Manner, Rates};
use pack::{Half, Repo};
use pieces::{Guard, Votes};

#[test]
fn the_pack_is_what_it_says() {
    let repos = pack::all();
    assert!(repos.len() >= 60, "{}", repos.len());
    let mut lines: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for language in ["py-", "ts-", "go-", "rs-"] {
        for half in [Half::Tuned, Half::Held] {
            let of = repos.iter().filter(|repo| repo.name.starts_with(language) && repo.half == half);
            assert_eq!(of.count(), 8, "{language} {half:?}");
        }
    }
    for repo in &repos {
        let titles: Vec<&String> = repo.labels.iter().flat_map(|label| &label.titles).collect();
        let different: BTreeSet<&String> = titles.iter().copied().collect();
        assert_eq!(titles.len(), different.len(), "{}: a title stands twice", repo.name);
        for is_defect in [true, false] {
            assert!(repo.labels.iter().any(|label| label.is_defect() == is_defect), "{}", repo.name);
        }
        let code = repo.files.iter().flat_map(|(_, text)| text.lines().map(str::trim));
        lines.insert(&repo.name, code.filter(|line| line.len() > 12).collect());
    }
    // None is another one with other names.
    for (a, own) in &lines {
        for (b, other) in lines.iter().filter(|(b, _)| *b > a) {
            let shared = own.intersection(other).count();
            assert!(shared * 4 < own.len().min(other.len()), "{a} and {b} share {shared} lines");
        }
    }
}

/// Two of each language, of both halves.
fn sample() -> Vec<Repo> {
    let mut repos = pack::all();
    let mut taken: BTreeMap<(String, Half), usize> = BTreeMap::new();
    repos.retain(|repo| {
        let n = taken.entry((repo.name[..2].to_owned(), repo.half)).or_default();
        *n += 1;
        *n <= 2
    });
    repos
}

#[test]
fn the_guard_keeps_what_is_refuted_out_of_hand() {
    let (repos, all) = (sample(), pack::all());
    let played = play(&repos, &[Manner::Hasty], &[1, 2], &all);
    for half in [Half::Tuned, Half::Held] {
        let of = |way| over(&played[0], |one| kept(one, half, way)).0;
        let (product, bare) = (of(Way::Product), of(Way::Looked(Guard::None, Votes::Grave)));
        assert!(product >= 0.9, "{half:?}: {product:.2} of what is true is left");
        assert!(product > bare + 0.1, "{half:?}: {product:.2} with the guard, {bare:.2} without");
        let precision = |way| over(&played[0], |one| one.of(half, way).precision()).0;
        let (before, after) = (precision(Way::Reviewed), precision(Way::Product));
        assert!(after > before + 0.1, "{half:?}: precision is {after:.2}, and was {before:.2}");
    }
}

fn by_pieces(rates: &Rates, repo: &Repo) -> Vec<pieces::Finding> {
    let dir = tempfile::tempdir().expect("a directory");
    let reviewed = pieces::review(rates, repo, dir.path());
    pieces::look_again(rates, repo, &reviewed, dir.path()).findings
}

/// By its pieces and in a convoy the same comes out, for each finding: of how many.
fn agrees(repos: &[Repo], seed: u64, launcher: Launcher) -> usize {
    let rates = Rates::draw(seed, Manner::Hasty, &pack::all(), PRECISION);
    let mut compared = 0;
    for repo in repos {
        let by_pieces: convoy::Outcome = by_pieces(&rates, repo)
            .iter()
            .map(|finding| {
                ((finding.title.clone(), finding.place.clone()), (finding.standing, finding.counts))
            })
            .collect();
        assert_eq!(convoy::review(&rates, repo, launcher), by_pieces, "{} with seed {seed}", repo.name);
        compared += by_pieces.len();
    }
    compared
}

#[test]
fn a_convoy_comes_to_what_its_pieces_say() {
    let mut repos = sample();
    repos.retain(|repo| repo.half == Half::Held);
    repos.dedup_by_key(|repo| repo.name[..2].to_owned());
    // One in which refutations do not count.
    let doubts = |seed: &u64| {
        let rates = Rates::draw(*seed, Manner::Hasty, &pack::all(), PRECISION);
        let doubts = |repo: &Repo| {
            by_pieces(&rates, repo).iter().filter(|finding| finding.doubt(repo).is_some()).count()
        };
        repos.iter().map(doubts).sum::<usize>()
    };
    let seed = (1..20).find(|seed| doubts(seed) >= 2).expect("a seed");
    let compared = agrees(&repos, seed, Launcher::Process);
    assert!(compared >= 8, "{compared} findings");
}

#[test]
fn over_all_seeds() {
    if !programs::full() {
        programs::skipped("the second look over all seeds: CONVOY_FULL=1 (make quality)");
        return;
    }
    let repos = pack::all();
    let seeds: Vec<u64> = (1..=20).collect();
    let manners = [Manner::Expert, Manner::Careful, Manner::Hasty];
    let played = play(&repos, &manners, &seeds, &repos);
    for half in [Half::Tuned, Half::Held] {
        for (manner, played) in manners.iter().zip(&played) {
            println!("{}", measure::page(*manner, half, played));
        }
    }
    for half in [Half::Tuned, Half::Held] {
        for (manner, played) in manners.iter().zip(&played) {
            let kept = over(played, |one| kept(one, half, Way::Product)).0;
            assert!(kept >= 0.95, "{manner:?}, {half:?}: {kept:.3} of the recall is kept");
        }
        let precision = over(&played[0], |one| one.of(half, Way::Product).precision()).0;
        assert!(precision >= 0.9, "{half:?}: precision is {precision:.3} with experts");
    }
}

#[test]
fn over_all_repositories_in_convoys() {
    if !programs::full() {
        programs::skipped("the second look in a convoy for each repository: CONVOY_FULL=1 (make quality)");
        return;
    }
    let repos = pack::all();
    let compared = agrees(&repos, 3, Launcher::Process);
    println!("{} convoys came to what their pieces say of {compared} findings", repos.len());
}
