//! How likely two members are the same defect: places, titles, bodies,
//! identifiers, and what their authors say. Pure; the numbers are those of
//! `docs/convoy-merge.md`.

use std::collections::{HashMap, HashSet};

use crate::model::{Location, Member};
use crate::references::references;
use crate::vocabulary::CONCERNS;
use crate::words;

/// From here on two findings are one.
pub(crate) const MERGE: f64 = 0.50;
/// From here on they are named to each other as possibly the same.
pub(crate) const POSSIBLE: f64 = 0.35;
/// What a shared class of concern adds.
const SHARED_CONCERN: f64 = 0.03;
/// As alike as a place and names can make what has no word in common.
const OTHER_WORDS: f64 = 0.45;
/// Listed apart by one reviewer: never one.
pub(crate) const APART: f64 = -0.5;

/// The likeness of places that name a file, at least one without a line.
const FILE_ONLY: f64 = 0.45;

/// Did the places agree on the file and nothing else?
pub(crate) fn is_file_only(place: f64) -> bool {
    (place - FILE_ONLY).abs() < 1e-9
}

type Vector = Vec<(u32, f64)>;

/// What of a member is compared.
#[derive(Debug, Default)]
pub(crate) struct Features {
    pub(crate) title: Vector,
    pub(crate) body: Vector,
    pub(crate) idents: Vector,
    ident_weight: f64,
    /// Title and body without code, its names and its path: what is said of the code.
    plain: Vector,
    concerns: u32,
    pub(crate) places: Vec<Place>,
    document: usize,
    category: String,
    title_key: u64,
    /// A finding of an earlier merged report: it was told apart from the others already.
    decided: bool,
}

/// A location ready to compare: the path's parts from the file name up.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) parts: Vec<u32>,
    pub(crate) lines: Option<(u32, u32)>,
}

/// The parts of a pair's score, for reasons and `--explain`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Parts {
    pub(crate) place: f64,
    pub(crate) title: f64,
    pub(crate) body: f64,
    pub(crate) idents: f64,
    pub(crate) adjust: f64,
    pub(crate) score: f64,
    pub(crate) explicit: bool,
}

/// The whole run, ready to compare.
#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) features: Vec<Features>,
    /// Pairs that one author calls the same.
    explicit: std::collections::HashSet<(usize, usize)>,
}

/// What is said of the code: no code, no words of its names, no words of its path.
fn plain_terms(member: &Member, said: &str) -> Vec<String> {
    let paths = member.locations.iter().take(4).map(|l| l.file.as_str());
    let names: Vec<&str> = said.split('`').skip(1).step_by(2).chain(paths).collect();
    let known: HashSet<String> = words::terms(&names.join(" ")).into_iter().collect();
    words::terms(&words::without_code(said)).into_iter().filter(|term| !known.contains(term)).collect()
}

/// Counts in how many members a term stands, giving terms numbers.
#[derive(Default)]
struct Terms {
    ids: HashMap<String, u32>,
    df: Vec<u32>,
}

impl Terms {
    fn count(&mut self, list: Vec<String>) -> Vec<(u32, u32)> {
        let mut ids: Vec<u32> = list
            .into_iter()
            .map(|term| {
                let next = self.ids.len() as u32;
                let id = *self.ids.entry(term).or_insert(next);
                if id == next {
                    self.df.push(0);
                }
                id
            })
            .collect();
        ids.sort_unstable();
        let mut counted: Vec<(u32, u32)> = Vec::new();
        for id in ids {
            match counted.last_mut() {
                Some((before, n)) if *before == id => *n += 1,
                _ => counted.push((id, 1)),
            }
        }
        counted
    }

    fn seen(&mut self, counted: &[(u32, u32)]) {
        for (id, _) in counted {
            self.df[*id as usize] += 1;
        }
    }
}

fn idf(n: f64, df: u32) -> f64 {
    (1.0 + n / (1.0 + f64::from(df))).ln()
}

/// Unit vector of weights.
fn weigh(counted: &[(u32, u32)], n: f64, df: &[u32], damp: bool) -> Vector {
    let mut vector: Vector = counted
        .iter()
        .map(|(id, count)| {
            let tf = if damp { 1.0 + f64::from(*count).ln() } else { f64::from(*count) };
            (*id, tf * idf(n, df[*id as usize]))
        })
        .collect();
    let norm = vector.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
    if norm > 0.0 {
        for (_, weight) in &mut vector {
            *weight /= norm;
        }
    }
    vector
}

impl Space {
    /// `members` must be in an order that does not depend on how inputs were given.
    pub(crate) fn new(members: &[Member]) -> Self {
        let mut terms = Terms::default();
        let mut names = Terms::default();
        let mut parts = Terms::default();
        let mut documents: HashMap<&str, usize> = HashMap::new();
        let mut raw = Vec::with_capacity(members.len());
        for member in members {
            let title = terms.count(words::terms(&member.title));
            let prose = words::prose(&member.body, 1200);
            let body = terms.count(words::terms(&format!("{} {prose}", member.title)));
            terms.seen(&body);
            let said = format!("{} {prose}", member.title);
            let plain = terms.count(plain_terms(member, &said));
            let idents = names.count(words::identifiers(&said));
            names.seen(&idents);
            raw.push((title, body, idents, plain));
        }
        let n = members.len() as f64;
        let mut features = Vec::with_capacity(members.len());
        for (member, (title, body, idents, plain)) in members.iter().zip(raw) {
            let next = documents.len();
            let idents: Vector = idents.iter().map(|(id, _)| (*id, idf(n, names.df[*id as usize]))).collect();
            features.push(Features {
                title: weigh(&title, n, &terms.df, false),
                body: weigh(&body, n, &terms.df, true),
                ident_weight: idents.iter().map(|(_, w)| w).sum(),
                idents,
                plain: weigh(&plain, n, &terms.df, true),
                concerns: concerns(member),
                places: member.locations.iter().take(24).map(|l| place(l, &mut parts)).collect(),
                document: *documents.entry(&member.source).or_insert(next),
                category: member.category.as_deref().unwrap_or_default().to_lowercase(),
                title_key: title_key(&member.title),
                decided: member.text.contains("\n**Finding:** F"),
            });
        }
        Space { features, explicit: references(members) }
    }

    pub(crate) fn explicit_pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs: Vec<(usize, usize)> = self.explicit.iter().copied().collect();
        pairs.sort_unstable();
        pairs
    }

    pub(crate) fn score(&self, a: usize, b: usize) -> f64 {
        self.parts(a, b).score
    }

    /// Could the pair's score be `least`? Spares the comparison of bodies, the dear
    /// part, for most pairs.
    pub(crate) fn could_reach(&self, a: usize, b: usize, least: f64) -> bool {
        let (a, b) = (a.min(b), a.max(b));
        if self.explicit.contains(&(a, b)) {
            return true;
        }
        let (x, y) = (&self.features[a], &self.features[b]);
        let place = place_likeness(&x.places, &y.places);
        if x.document == y.document && place == 0.0 && !x.places.is_empty() && !y.places.is_empty() {
            return false;
        }
        let most = Parts {
            place,
            title: cosine(&x.title, &y.title),
            body: 1.0,
            idents: overlap(x, y),
            ..Parts::default()
        };
        base(x, y, &most) + SHARED_CONCERN >= least
    }

    /// The parts of the score of a pair.
    pub(crate) fn parts(&self, a: usize, b: usize) -> Parts {
        let (a, b) = (a.min(b), a.max(b));
        if self.explicit.contains(&(a, b)) {
            return Parts { score: 1.0, explicit: true, ..Parts::default() };
        }
        let (x, y) = (&self.features[a], &self.features[b]);
        let mut parts = Parts {
            place: place_likeness(&x.places, &y.places),
            title: cosine(&x.title, &y.title),
            body: cosine(&x.body, &y.body),
            idents: overlap(x, y),
            ..Parts::default()
        };
        let both = !x.places.is_empty() && !y.places.is_empty();
        let base = base(x, y, &parts);
        if x.document == y.document && (x.decided && y.decided || listed_apart(x, y, &parts)) {
            parts.score = APART;
            return parts;
        }
        if x.document == y.document && both && parts.place == 0.0 {
            // One reviewer, two files: two findings, unless it says otherwise.
            parts.score = (base - 0.5).min(0.0);
            return parts;
        }
        parts.adjust = adjust(x, y);
        parts.score = base + parts.adjust;
        if both && parts.idents > 0.0 && says_other(x, y) {
            parts.score = parts.score.min(OTHER_WORDS);
        }
        parts
    }
}

/// What places and texts say together, before adjustments.
fn base(x: &Features, y: &Features, parts: &Parts) -> f64 {
    // Without identifiers on one side there is no evidence in them, for or against.
    let named = !x.idents.is_empty() && !y.idents.is_empty();
    let text = if named {
        (parts.title + parts.body + 0.6 * parts.idents) / 2.6
    } else {
        (parts.title + parts.body) / 2.1
    };
    let both = !x.places.is_empty() && !y.places.is_empty();
    if both && parts.place > 0.0 {
        let mixed = 0.35 * parts.place + 0.65 * text;
        if text < 0.15 { mixed.min(0.30) } else { mixed }
    } else if both {
        other_file(x, y, text)
    } else {
        0.92 * text
    }
}

/// Different files are different places; the same words about them are more often
/// the same rule broken twice than one defect seen from two ends.
fn other_file(x: &Features, y: &Features, text: f64) -> f64 {
    let lines = |f: &Features| f.places.iter().any(|p| p.lines.is_some());
    if x.title_key == y.title_key || lines(x) && lines(y) { (0.6 * text).min(0.44) } else { 0.6 * text }
}

/// Two findings at one function share its name whatever they say of it. Without any
/// other word in common they speak of different things.
fn says_other(x: &Features, y: &Features) -> bool {
    !x.plain.is_empty() && !y.plain.is_empty() && cosine(&x.plain, &y.plain) < 0.04
}

/// One reviewer lists the same words at two places: two findings.
fn listed_apart(x: &Features, y: &Features, parts: &Parts) -> bool {
    let same_words = x.title_key == y.title_key || parts.title > 0.95;
    same_words
        && !x.places.is_empty()
        && !y.places.is_empty()
        && parts.place < 0.75
        && !is_file_only(parts.place)
}

fn adjust(x: &Features, y: &Features) -> f64 {
    let mut sum = 0.0;
    if x.document == y.document {
        sum -= if x.category == y.category { 0.10 } else { 0.04 };
    }
    // Bit 0 is the class of tests: "no test for X" is not "X is wrong".
    if (x.concerns ^ y.concerns) & 1 == 1 {
        sum -= 0.20;
    } else if x.concerns != 0 && y.concerns != 0 {
        sum += if x.concerns & y.concerns == 0 { -0.08 } else { SHARED_CONCERN };
    }
    sum
}

fn concerns(member: &Member) -> u32 {
    // `test/support/x.ex` in a title says nothing about tests.
    let title: Vec<&str> =
        member.title.split_whitespace().filter(|w| !w.contains('/') || !w.contains('.')).collect();
    words::terms(&title.join(" "))
        .iter()
        .filter_map(|term| CONCERNS.get(term.as_str()))
        .fold(0, |all, bit| all | bit)
}

fn title_key(title: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    words::terms(title).hash(&mut hasher);
    hasher.finish()
}

fn place(location: &Location, parts: &mut Terms) -> Place {
    let lower = location.file.to_lowercase();
    let list = lower.split('/').rev().filter(|p| !p.is_empty() && *p != ".").take(24);
    Place {
        parts: list.map(|p| parts.count(vec![p.to_string()])[0].0).collect(),
        lines: location.line_start.map(|a| (a, location.line_end.unwrap_or(a).max(a))),
    }
}

/// The shorter path must be the end of the longer one.
fn same_file(a: &Place, b: &Place) -> bool {
    let n = a.parts.len().min(b.parts.len());
    n > 0 && a.parts[..n] == b.parts[..n]
}

fn place_likeness(a: &[Place], b: &[Place]) -> f64 {
    let mut best = 0.0f64;
    for x in a {
        for y in b {
            if !same_file(x, y) {
                continue;
            }
            let s = match (x.lines, y.lines) {
                (Some((a1, a2)), Some((b1, b2))) => {
                    if a1 <= b2 && b1 <= a2 {
                        let shared = f64::from(a2.min(b2) - a1.max(b1) + 1);
                        let all = f64::from(a2.max(b2) - a1.min(b1) + 1);
                        0.75 + 0.25 * shared / all
                    } else {
                        let gap = f64::from(a1.max(b1) - a2.min(b2));
                        if gap < 60.0 { 0.7 * (-gap / 12.0).exp() } else { 0.1 }
                    }
                }
                _ => FILE_ONLY,
            };
            best = best.max(s);
        }
    }
    best
}

fn cosine(a: &[(u32, f64)], b: &[(u32, f64)]) -> f64 {
    shared(a, b, |x, y| x * y)
}

fn shared(a: &[(u32, f64)], b: &[(u32, f64)], join: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += join(a[i].1, b[j].1);
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

fn overlap(x: &Features, y: &Features) -> f64 {
    let smaller = x.ident_weight.min(y.ident_weight);
    if smaller <= 0.0 { 0.0 } else { shared(&x.idents, &y.idents, |w, _| w) / smaller }
}
