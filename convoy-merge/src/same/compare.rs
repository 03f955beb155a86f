//! Compares two findings: how much evidence of each kind there is.

use super::by_cause::of_causes;
use super::evidence::{Kind, Strengths, weight};
use super::features::Features;
use super::lexicon::{cosine, each_shared, meet};
use super::parallel;
use super::place::Nearness;

/// As alike as this in what families of faults they tell of is as alike as one can be.
const ONE_FAMILY: f64 = 0.7;

/// Words that are less alike than this in what kinds of defects they tell of tell of others.
const OTHER_KINDS: f64 = 0.05;

/// The evidence that is cheap to have: places, titles, causes.
pub(super) fn quick(x: &Features, y: &Features, near: Nearness) -> Strengths {
    let mut out = Strengths::base();
    of_places(near, &mut out);
    of_causes(x, y, &mut out);
    // What the titles call two causes is no family.
    if out.of(Kind::OtherCause) == 0.0 {
        out.set(Kind::Family, (cosine(&x.fault, &y.fault) / ONE_FAMILY).min(1.0));
        let wording = x.kinds.likeness(&y.kinds);
        out.set(Kind::Wording, wording);
        let other = !x.kinds.is_empty() && !y.kinds.is_empty() && wording < OTHER_KINDS;
        out.set(Kind::OtherWording, f64::from(u8::from(other)));
    }
    if near == Nearness::Unknown {
        // A cause without a place is a rule that may be broken anywhere.
        out.set(Kind::Cause, 0.4 * out.of(Kind::Cause));
        out.set(Kind::BroadCause, 0.4 * out.of(Kind::BroadCause));
    }
    if x.document == y.document {
        let again = matches!(near, Nearness::Overlap(_)) && cosine(&x.title, &y.title) > 0.9;
        out.set(if again { Kind::SaidAgain } else { Kind::SameReport }, 1.0);
    }
    out
}

/// Does one tool tell them by two rules? What two tools call their rules is no contradiction.
pub(super) fn by_two_rules(x: &Features, y: &Features) -> bool {
    x.document == y.document && two(&x.rules, &y.rules) && !meet(&x.rules, &y.rules)
}

fn of_places(near: Nearness, out: &mut Strengths) {
    match near {
        Nearness::Overlap(share) => out.set(Kind::SameLines, 0.75 + 0.25 * share),
        Nearness::Gap(lines) => {
            out.set(Kind::NearLines, (-f64::from(lines) / 5.0).exp());
        }
        Nearness::File => out.set(Kind::SameFile, 1.0),
        Nearness::OtherFile => out.set(Kind::OtherFile, 1.0),
        Nearness::Unknown => out.set(Kind::NoPlace, 1.0),
    }
}

/// Adds what needs the texts, the dear part.
pub(super) fn whole(x: &Features, y: &Features, near: Nearness, mut out: Strengths) -> Strengths {
    // Two causes of one place have the words of the place.
    let share = if out.of(Kind::OtherCause) > 0.0 { 0.5 } else { 1.0 };
    out.set(Kind::RareWords, share * rare_words(x, y));
    // Words of one cause at one place differ, as of any two who tell it.
    if out.of(Kind::Cause) >= 1.0 && matches!(near, Nearness::Overlap(_)) {
        return out;
    }
    let parallel = parallel::compare(x, y);
    out.set(Kind::Opposite, parallel.opposite);
    out.set(Kind::ParallelNames, parallel.names);
    let one_slot = matches!(near, Nearness::Gap(_)) && parallel::one_slot(x, y);
    out.set(Kind::ParallelWords, parallel.words.max(f64::from(one_slot)));
    out
}

/// As high as the sum could get with the texts.
pub(super) fn at_most(quick: &Strengths) -> f64 {
    quick.sum() + weight(Kind::RareWords).max(0.0)
}

/// So much of rare words in common is as much as one can have.
const RARE_WORDS: f64 = 3.0;

/// How much both texts say that few others would, names of the files apart.
fn rare_words(x: &Features, y: &Features) -> f64 {
    let known = |word: &u32| x.of_path.binary_search(word).is_ok() || y.of_path.binary_search(word).is_ok();
    let mut sum = 0.0;
    each_shared(&x.body, &y.body, |word, a, b| {
        if !known(&word) {
            sum += (a * x.body_norm).min(b * y.body_norm);
        }
    });
    (sum / RARE_WORDS).min(1.0)
}

/// Does each have one?
fn two<T>(a: &[T], b: &[T]) -> bool {
    !a.is_empty() && !b.is_empty()
}
