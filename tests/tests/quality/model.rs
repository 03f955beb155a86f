//! Reviewers and verifiers that err at known rates. What one says follows from the seed,
//! the repository and what it is asked about, and from nothing else: so the same ones can
//! be played in a convoy and without one.

use std::ops::Range;

use convoy_tests::random::Random;
use findings::Severity;
use findings::second_look;
use serde_json::{Value, json};

use super::pack::{Label, Proof, Repo};

pub const REVIEWERS: [&str; 3] = ["correctness", "security", "performance"];

/// How often they are right, as drawn for a seed.
#[derive(Debug, Clone)]
pub struct Rates {
    seed: u64,
    /// A reviewer finds a defect of its own kind, and one of another's.
    hit: f64,
    aside: f64,
    /// How much less often it falls for a trap.
    alarm: f64,
    /// It names a line nearby, or rates a level off.
    off: f64,
    /// A verifier refutes a trap; and a defect.
    refutes: f64,
    over: f64,
    /// Of refuted traps: with a proof that is none, or with one in backticks.
    sloppy: f64,
    wrapped: f64,
    /// Of refuted defects: with code that stands there and words that speak of it.
    plausible: f64,
    /// It is not sure.
    unsure: f64,
    /// It fails, says nothing, keeps no schema; the last of it only at first; it is limited.
    fails: f64,
    silent: f64,
    lies: f64,
    mends: f64,
    limited: f64,
    /// The second verifier errs as the first one did.
    alike: f64,
}

/// What kind of verifiers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// They see nearly everything.
    Expert,
    /// They err now and then.
    Careful,
    /// They refute what they do not understand.
    Hasty,
}

/// Between what the rates of a manner are drawn.
struct Ranges {
    refutes: Range<f64>,
    over: Range<f64>,
    sloppy: Range<f64>,
    unsure: Range<f64>,
    /// Up to so often for each way to fail.
    fails: f64,
}

impl Manner {
    fn ranges(self) -> Ranges {
        match self {
            Manner::Expert => Ranges {
                refutes: 0.96..1.0,
                over: 0.02..0.08,
                sloppy: 0.0..0.03,
                unsure: 0.0..0.03,
                fails: 0.01,
            },
            Manner::Careful => Ranges {
                refutes: 0.90..0.98,
                over: 0.05..0.20,
                sloppy: 0.02..0.08,
                unsure: 0.02..0.08,
                fails: 0.03,
            },
            Manner::Hasty => Ranges {
                refutes: 0.90..0.98,
                over: 0.30..0.50,
                sloppy: 0.05..0.15,
                unsure: 0.02..0.08,
                fails: 0.03,
            },
        }
    }
}

/// What a reviewer tells.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    pub title: &'a str,
    pub label: &'a Label,
    pub severity: Severity,
    pub line: u32,
    pub quote: Option<String>,
}

/// What a verifier does.
#[derive(Debug, Clone)]
pub enum Answer {
    Says(Value),
    /// At first something that keeps no schema.
    Mends(String, Value),
    Lies(String),
    Silent,
    Fails,
    /// A limit ends its first attempt.
    Limited(Value),
}

/// One in so many.
fn chance(random: &mut Random, rate: f64) -> bool {
    unit(random) < rate
}

fn unit(random: &mut Random) -> f64 {
    (random.number() >> 11) as f64 / (1u64 << 53) as f64
}

fn within(random: &mut Random, range: Range<f64>) -> f64 {
    range.start + unit(random) * (range.end - range.start)
}

/// The rate at which one of three reviewers finds it, of whose kind it is.
fn by_any(own: f64, aside: f64) -> f64 {
    1.0 - (1.0 - own) * (1.0 - aside).powi(2)
}

impl Rates {
    /// Such that of what the reviewers find `precision` is expected to be true.
    pub fn draw(seed: u64, manner: Manner, repos: &[Repo], precision: f64) -> Self {
        let mut random = Random::new(seed);
        let mut draw = |range| within(&mut random, range);
        let (hit, aside) = (draw(0.70..0.90), draw(0.15..0.35));
        let labels = || repos.iter().flat_map(|repo| &repo.labels);
        let defects = labels().filter(|label| label.is_defect()).count() as f64;
        let traps = labels().count() as f64 - defects;
        let wanted = defects * by_any(hit, aside) * (1.0 / precision - 1.0) / traps;
        let (mut low, mut high) = (0.0, 1.0 / hit);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if by_any(middle * hit, middle * aside) < wanted { low = middle } else { high = middle }
        }
        let of = manner.ranges();
        Rates {
            seed,
            hit,
            aside,
            alarm: low,
            off: 0.2,
            refutes: draw(of.refutes),
            over: draw(of.over),
            sloppy: draw(of.sloppy),
            unsure: draw(of.unsure),
            fails: draw(0.0..of.fails),
            silent: draw(0.0..of.fails),
            lies: draw(0.0..of.fails),
            wrapped: draw(0.02..0.08),
            plausible: draw(0.05..0.20),
            mends: draw(0.0..0.05),
            limited: draw(0.0..0.05),
            alike: draw(0.2..0.5),
        }
    }

    fn random(&self, repo: &Repo, what: &Value) -> Random {
        let text = second_look::hash(&json!([self.seed, repo.name, what]));
        Random::new(u64::from_str_radix(&text, 16).expect("hexadecimal digits"))
    }

    /// What this reviewer finds.
    pub fn review<'a>(&self, repo: &'a Repo, reviewer: &str) -> Vec<Told<'a>> {
        let told = |(n, label): (usize, &'a Label)| {
            let mut random = self.random(repo, &json!(["review", reviewer, n]));
            let rate = if own(&label.category) == reviewer { self.hit } else { self.aside };
            let rate = if label.is_defect() { rate } else { rate * self.alarm };
            chance(&mut random, rate).then(|| self.told(repo, label, &mut random))
        };
        repo.labels.iter().enumerate().filter_map(told).collect()
    }

    fn told<'a>(&self, repo: &'a Repo, label: &'a Label, random: &mut Random) -> Told<'a> {
        let lines = repo.lines(&label.file).expect("its file");
        let quote = chance(random, 0.5).then(|| lines[label.line as usize - 1].trim().to_owned());
        let line = if chance(random, self.off) {
            (label.line + random.below(3) as u32).clamp(2, lines.len() as u32 + 1) - 1
        } else {
            label.line
        };
        let severity = if chance(random, self.off) {
            let levels = [Severity::Medium, Severity::High, Severity::Critical, Severity::Blocker];
            let at = levels.iter().position(|level| *level == label.severity).expect("a level");
            levels[(at + random.below(2) * 2).clamp(1, levels.len()) - 1]
        } else {
            label.severity
        };
        let title: &String = random.of(&label.titles);
        Told { title, label, severity, line, quote }
    }

    /// What the first or the second verifier of a finding answers.
    pub fn look(&self, repo: &Repo, title: &str, vote: u32) -> Answer {
        let label = repo.label(title).expect("a finding of the pack");
        let n = repo.labels.iter().position(|one| std::ptr::eq(one, label));
        let mut random = self.random(repo, &json!(["look", vote, n]));
        let at = unit(&mut random);
        let bounds = [self.fails, self.silent, self.lies, self.mends, self.limited];
        let mut sum = 0.0;
        let mode = bounds.iter().position(|rate| {
            sum += rate;
            at < sum
        });
        // Who errs alike draws as the first one did.
        let mut first = self.random(repo, &json!(["view", 1, n]));
        let mut own = self.random(repo, &json!(["view", vote, n]));
        let view = if chance(&mut random, self.alike) { &mut first } else { &mut own };
        let says = self.says(repo, label, view);
        match mode {
            Some(0) => Answer::Fails,
            Some(1) => Answer::Silent,
            Some(2) => Answer::Lies(broken(&says, &mut random)),
            Some(3) => Answer::Mends(broken(&says, &mut random), says),
            Some(_) => Answer::Limited(says),
            None => Answer::Says(says),
        }
    }

    fn says(&self, repo: &Repo, label: &Label, random: &mut Random) -> Value {
        let lines = repo.lines(&label.file).expect("its file");
        let there = lines[label.line as usize - 1].trim();
        if chance(random, self.unsure) {
            return look("unsure", None, Some(there), "It depends on how this is called.");
        }
        let rate = if label.is_defect() { self.over } else { self.refutes };
        if !chance(random, rate) {
            return look("confirmed", Some(&label.file), Some(there), &label.problem);
        }
        match &label.trap {
            Some(proof) if !chance(random, self.sloppy) => self.proof(repo, label, proof, random),
            None if chance(random, self.plausible) => {
                let (quote, name) = nearby(repo, label, random);
                let reason = format!("`{name}` sees to that before it can happen.");
                look("refuted", Some(&label.file), Some(&quote), &reason)
            }
            _ => without_proof(repo, label, random),
        }
    }

    /// The code that decides, and why, as it is copied by who is careful.
    fn proof(&self, repo: &Repo, label: &Label, proof: &Proof, random: &mut Random) -> Value {
        let lines = repo.lines(&proof.file).expect("the file of the proof");
        let more = lines.get(proof.line as usize).filter(|line| !line.trim().is_empty());
        let mut quote = match more.filter(|_| chance(random, 0.2)) {
            Some(more) => format!("{}\n{more}", proof.quote),
            None => proof.quote.clone(),
        };
        if chance(random, self.wrapped) {
            quote = format!("`{quote}`");
        }
        let file = (proof.file != label.file || chance(random, 0.7)).then_some(proof.file.as_str());
        look("refuted", file, Some(&quote), &proof.reason)
    }
}

/// Whose business it is.
fn own(category: &str) -> &'static str {
    match category {
        "injection" | "auth" | "crypto" => "security",
        "performance" | "resource" | "concurrency" => "performance",
        _ => "correctness",
    }
}

fn look(verdict: &str, file: Option<&str>, quote: Option<&str>, reason: &str) -> Value {
    json!({ "looks": [{ "finding": 1, "verdict": verdict, "origin": "introduced", "file": file, "line": null,
        "quote": quote, "reason": reason, "severity": "high" }], "total": 1 })
}

/// Words of those who refute out of hand: they speak of no code.
const DISMISSALS: [&str; 14] = [
    "This is a false positive.",
    "The code handles this case correctly, so there is nothing to fix.",
    "This cannot happen in practice.",
    "The value is always valid at this point; the caller makes sure of it.",
    "The function will return early for this input, so the problem does not occur.",
    "The framework already takes care of that for us.",
    "This is the intended behaviour and is covered by the tests.",
    "The error is not relevant here, since it is handled elsewhere.",
    "The reviewer has misread this line: the check is there.",
    "There is only one caller, and it passes what is expected.",
    "No user can reach this code with such a value.",
    "It is a matter of style and no defect.",
    "The type system makes this impossible.",
    "This has been in production for years without any error.",
];

/// Code that nobody wrote.
const INVENTED: [&str; 6] = [
    "if (input === undefined) throw new TypeError(\"input\");",
    "if err := validate(request); err != nil {",
    "assert value is not None, \"value is required\"",
    "let checked = value.checked_sub(1).ok_or(Error::Range)?;",
    "await this.mutex.runExclusive(async () => {",
    "with self._guard, transaction.atomic():",
];

/// A refutation that shows nothing.
fn without_proof(repo: &Repo, label: &Label, random: &mut Random) -> Value {
    let words = *random.of(&DISMISSALS);
    let lines = repo.lines(&label.file).expect("its file");
    let (quote, _) = nearby(repo, label, random);
    match random.below(5) {
        0 => look("refuted", None, None, words),
        1 => {
            let invented = *random.of(&INVENTED);
            look("refuted", None, Some(invented), &format!("It is checked by `{invented}`."))
        }
        2 => look("refuted", Some(&label.file), Some(&quote), words),
        3 => {
            let short = lines.iter().find(|line| matches!(line.trim(), "}" | "};" | ")" | "return" | "});"));
            look("refuted", None, Some(short.map_or("}", |line| line.trim())), words)
        }
        _ => elsewhere(repo, label, random),
    }
}

/// Code of another file that is there or, where there is none, of one that is not.
fn elsewhere(repo: &Repo, label: &Label, random: &mut Random) -> Value {
    let other = repo.files.iter().find(|(file, _)| *file != label.file);
    let lines = other.map_or_else(Vec::new, |(_, text)| text.lines().filter_map(named).collect());
    let (file, (quote, name)) = match other.filter(|_| !lines.is_empty()) {
        Some((file, _)) => (file.as_str(), random.of(&lines).clone()),
        None => ("src/checks.txt", nearby(repo, label, random)),
    };
    look("refuted", Some(file), Some(&quote), &format!("`{name}` is checked there."))
}

/// A line and the longest name in it.
fn named(line: &str) -> Option<(String, String)> {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let name = words.filter(|word| word.len() >= 4).max_by_key(|word| word.len())?;
    Some((line.trim().to_owned(), name.to_owned()))
}

/// A line beside the place, and a name in it.
fn nearby(repo: &Repo, label: &Label, random: &mut Random) -> (String, String) {
    let lines = repo.lines(&label.file).expect("its file");
    let from = (label.line as usize).saturating_sub(9);
    let to = (label.line as usize + 8).min(lines.len());
    let named: Vec<(String, String)> = lines[from..to].iter().copied().filter_map(named).collect();
    random.of(&named).clone()
}

/// The same, in a form that nobody asked for.
fn broken(says: &Value, random: &mut Random) -> String {
    let mut value = says.clone();
    match random.below(6) {
        0 => value["looks"][0]["verdict"] = json!("false positive"),
        1 => value["total"] = json!(3),
        2 => value["looks"][0]["finding"] = json!(7),
        3 => value["looks"][0]["reason"] = json!(null),
        4 => value = json!({ "looks": says["looks"][0], "total": 1 }),
        _ => return "I have looked at it, and it is refuted.".to_owned(),
    }
    value.to_string()
}
