//! Seeds played, and what comes out of them: precision, recall and cost, before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::thread;

use super::model::{Manner, Rates};
use super::pack::{Half, Repo};
use super::pieces::{self, Finding, Guard, Review, Spent, Votes};

/// Reviewers of whose findings so many are true.
pub const PRECISION: f64 = 0.6;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nobody looks again.
    Reviewed,
    Looked(Guard, Votes),
    /// The programs themselves.
    Product,
    /// Every refutation that is right counts, and no other.
    Ideal,
}

pub const WAYS: [(Way, &str); 10] = [
    (Way::Reviewed, "nobody looks again"),
    (Way::Looked(Guard::None, Votes::One), "one look, every refutation counts"),
    (Way::Looked(Guard::AnyQuotation, Votes::One), "one look, the quotation not looked for"),
    (Way::Looked(Guard::AnyReason, Votes::One), "one look, the reason not held against it"),
    (Way::Looked(Guard::Whole, Votes::One), "one look, guarded"),
    (Way::Product, "as it is: guarded, two where it is critical"),
    (Way::Looked(Guard::Whole, Votes::Two), "guarded, two for each"),
    (Way::Looked(Guard::None, Votes::Two), "two for each, every refutation counts"),
    (Way::Looked(Guard::None, Votes::Grave), "as it is, every refutation counts"),
    (Way::Ideal, "if just the right refutations counted"),
];

/// A seed's figures for one half and one way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Findings that count and are true, and that are not.
    pub yes: usize,
    pub no: usize,
    /// Defects that are told, of so many there are.
    pub told: usize,
    pub defects: usize,
    pub spent: Spent,
}

impl Figures {
    pub fn precision(&self) -> f64 {
        self.yes as f64 / (self.yes + self.no).max(1) as f64
    }

    pub fn recall(&self) -> f64 {
        self.told as f64 / self.defects.max(1) as f64
    }

    pub fn dollars(&self) -> f64 {
        self.spent.dollars / self.told.max(1) as f64
    }

    fn calls(&self) -> f64 {
        self.spent.calls as f64 / self.told.max(1) as f64
    }
}

/// One seed's.
pub struct Played {
    pub figures: BTreeMap<(Half, usize), Figures>,
    /// Why refutations of traps and of defects did not count.
    doubts: BTreeMap<(Half, bool, String), usize>,
}

impl Played {
    fn take(&mut self, repo: &Repo, review: &Review) {
        for (n, (way, _)) in WAYS.iter().enumerate() {
            count(self.figures.entry((repo.half, n)).or_default(), repo, review, *way);
        }
        for finding in &review.findings {
            if let Some(doubt) = finding.doubt(repo) {
                *self.doubts.entry((repo.half, is_true(repo, finding), doubt)).or_default() += 1;
            }
        }
    }

    pub fn of(&self, half: Half, way: Way) -> Figures {
        let n = WAYS.iter().position(|(one, _)| *one == way).expect("a way");
        self.figures.get(&(half, n)).copied().unwrap_or_default()
    }
}

/// Plays these seeds, several at once; for each manner of verifiers, the same reviews.
pub fn play(repos: &[Repo], manners: &[Manner], seeds: &[u64], all: &[Repo]) -> Vec<Vec<Played>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    let mut played: Vec<Vec<Played>> = manners.iter().map(|_| Vec::new()).collect();
    thread::scope(|scope| {
        let one = |seed: &u64| one(repos, manners, *seed, all);
        let parts: Vec<_> = seeds
            .chunks(seeds.len().div_ceil(threads))
            .map(|seeds| scope.spawn(move || seeds.iter().map(one).collect::<Vec<_>>()))
            .collect();
        for seed in parts.into_iter().flat_map(|part| part.join().expect("a part")) {
            for (all, one) in played.iter_mut().zip(seed) {
                all.push(one);
            }
        }
    });
    played
}

fn one(repos: &[Repo], manners: &[Manner], seed: u64, all: &[Repo]) -> Vec<Played> {
    let rates: Vec<Rates> = manners.iter().map(|manner| Rates::draw(seed, *manner, all, PRECISION)).collect();
    let mut played: Vec<Played> =
        manners.iter().map(|_| Played { figures: BTreeMap::new(), doubts: BTreeMap::new() }).collect();
    for repo in repos {
        let dir = tempfile::tempdir().expect("a directory");
        // What reviewers say does not depend on the verifiers.
        let reviewed = pieces::review(&rates[0], repo, dir.path());
        for (rates, played) in rates.iter().zip(&mut played) {
            played.take(repo, &pieces::look_again(rates, repo, &reviewed, dir.path()));
        }
    }
    played
}

/// Is a defect in it?
pub fn is_true(repo: &Repo, finding: &Finding) -> bool {
    finding.titles.iter().any(|title| repo.label(title).is_some_and(super::pack::Label::is_defect))
}

fn count(figures: &mut Figures, repo: &Repo, review: &Review, way: Way) {
    figures.defects += repo.labels.iter().filter(|label| label.is_defect()).count();
    let mut told = BTreeSet::new();
    for finding in &review.findings {
        let counts = match way {
            Way::Reviewed => true,
            Way::Looked(guard, votes) => finding.counts_with(guard, votes, repo),
            Way::Product => finding.counts,
            Way::Ideal => is_true(repo, finding) || finding.counts_with(Guard::None, Votes::One, repo),
        };
        if !counts {
            continue;
        }
        let is_true = is_true(repo, finding);
        figures.yes += usize::from(is_true);
        figures.no += usize::from(!is_true);
        let labels = finding.titles.iter().filter_map(|title| repo.label(title));
        told.extend(
            labels.filter(|label| label.is_defect()).map(|label| (&label.file, label.line, &label.problem)),
        );
    }
    figures.told += told.len();
    figures.spent.add(review.reviewing);
    if way != Way::Reviewed {
        figures.spent.add(review.first);
    }
    if way == Way::Product {
        figures.spent.add(review.second);
    }
}

/// Mean and spread over the seeds.
pub fn over(played: &[Played], figure: impl Fn(&Played) -> f64) -> (f64, f64) {
    let values: Vec<f64> = played.iter().map(figure).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (squares / (values.len().max(2) - 1) as f64).sqrt())
}

/// All that is told of one half, 80 columns wide.
pub fn page(manner: Manner, half: Half, played: &[Played]) -> String {
    let half_is = if half == Half::Tuned { "tuned" } else { "held" };
    let verifiers = format!("{manner:?}").to_lowercase();
    let seeds = played.len();
    format!(
        "{half_is} half, {verifiers} verifiers, {seeds} seeds (mean±spread)\n\n{}\n{}",
        table(played, half),
        doubts(played, half)
    )
}

/// The table for one half.
fn table(played: &[Played], half: Half) -> String {
    let mut out = format!(
        "{:<43} {:>9} {:>6} {:>9} {:>6} {:>5}\n",
        "", "precision", "recall", "kept", "$/true", "calls"
    );
    let spread = |(mean, spread): (f64, f64)| format!("{mean:.3}±{spread:.2}");
    for (way, name) in WAYS {
        let of = |figure: fn(&Figures) -> f64| over(played, |one| figure(&one.of(half, way)));
        let kept = over(played, |one| kept(one, half, way));
        let asked_twice = matches!(way, Way::Looked(_, Votes::Two)) || way == Way::Ideal;
        let (dollars, calls) = if asked_twice {
            ("-".to_owned(), "-".to_owned())
        } else {
            (format!("{:.3}", of(Figures::dollars).0), format!("{:.1}", of(Figures::calls).0))
        };
        let _ = writeln!(
            out,
            "{name:<43} {:>9} {:>6.3} {:>9} {dollars:>6} {calls:>5}",
            spread(of(Figures::precision)),
            of(Figures::recall).0,
            spread(kept),
        );
    }
    out
}

/// How much of what the reviewers found is left.
pub fn kept(played: &Played, half: Half, way: Way) -> f64 {
    played.of(half, way).recall() / played.of(half, Way::Reviewed).recall()
}

/// Why refutations did not count, of what looks wrong and of what is.
fn doubts(played: &[Played], half: Half) -> String {
    let mut sums: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for ((of, is_true, why), n) in played.iter().flat_map(|one| &one.doubts) {
        if *of == half {
            // Without what is of one case.
            let why = why.split(": ").next().unwrap_or_default();
            sums.entry(why).or_default()[usize::from(*is_true)] += n;
        }
    }
    let mut out = format!("{:<58} {:>8} {:>8}\n", "refutations that did not count", "traps", "defects");
    for (why, [traps, defects]) in sums {
        let _ = writeln!(out, "{why:<58} {traps:>8} {defects:>8}");
    }
    out
}
