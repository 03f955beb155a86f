//! A review with a second look from its pieces, without a convoy: the real merge program,
//! the real reading of answers, the real guard; between them what the scheduler does.

use std::fs;
use std::path::Path;
use std::process::Command;

use convoy_tests::programs;
use findings::merged::{self, Merged};
use findings::second_look::{self, Conclusion, Look, Looks, Said, SecondLook, Standing};
use findings::{Basis, Document, Scope, Severity};
use serde_json::{Value, json};

use super::model::{Answer, REVIEWERS, Rates};
use super::pack::Repo;

pub const GATE: Severity = Severity::Medium;
/// As many as the stage of `code-review` takes.
const MOST: usize = 20;

/// What is taken away of the guard, to see what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    Whole,
    /// A quotation is taken as if it stood there.
    AnyQuotation,
    /// A reason is taken whatever it speaks of.
    AnyReason,
    None,
}

/// Which refuted findings a second verifier looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Votes {
    One,
    /// As the product does.
    Grave,
    Two,
}

/// A finding that the gate looks at, and what the verifiers answered.
#[derive(Debug)]
pub struct Finding {
    pub title: String,
    pub place: String,
    /// What was merged into it.
    pub titles: Vec<String>,
    pub severity: Severity,
    subject: Value,
    said: [Option<Said>; 2],
    /// What the programs make of it.
    pub standing: Option<Standing>,
    pub counts: bool,
}

/// A review of one repository.
#[derive(Debug, Default)]
pub struct Review {
    pub findings: Vec<Finding>,
    /// Calls of reviewers and of verifiers, and what they cost together in dollars.
    pub reviewing: Spent,
    pub first: Spent,
    pub second: Spent,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spent {
    pub calls: usize,
    pub dollars: f64,
}

/// What is asked and answered costs a dollar: by the list of a middling model, four bytes
/// a token, with a prompt of a usual length around it.
pub fn price(asked: usize, answered: usize) -> f64 {
    let tokens = |bytes: usize| bytes as f64 / 4.0;
    ((3000.0 + tokens(asked)) * 3.0 + (500.0 + tokens(answered)) * 15.0) / 1e6
}

impl Spent {
    pub fn add(&mut self, other: Spent) {
        self.calls += other.calls;
        self.dollars += other.dollars;
    }

    fn call(&mut self, asked: usize, answered: usize) {
        self.add(Spent { calls: 1, dollars: price(asked, answered) });
    }
}

/// What the reviewers of a repository found, merged.
pub struct Reviewed {
    merged: Merged,
    raw: Value,
    meta: Value,
    spent: Spent,
}

/// Plays the reviewers, in a directory of its own.
pub fn review(rates: &Rates, repo: &Repo, dir: &Path) -> Reviewed {
    let project = dir.join("project");
    for (name, text) in &repo.files {
        let path = project.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("create a directory");
        fs::write(path, text).expect("write a file");
    }
    let mut spent = Spent::default();
    let reviewers: Vec<Value> = REVIEWERS
        .iter()
        .map(|reviewer| {
            let text = serde_json::to_string(&document(rates, repo, reviewer)).expect("JSON");
            spent.call(repo.bytes(), text.len());
            let path = dir.join(format!("{reviewer}.json"));
            fs::write(&path, text).expect("write a review");
            json!({ "role": reviewer, "state": "completed", "runner": "m", "findings": path })
        })
        .collect();
    let meta = json!({ "project": project, "filesReviewed": repo.files.len(), "gate": GATE, "gateOn": "all",
        "reviewers": reviewers });
    let (merged, raw) = merge(dir, &meta);
    Reviewed { merged, raw, meta, spent }
}

/// Plays the verifiers of what was found.
pub fn look_again(rates: &Rates, repo: &Repo, reviewed: &Reviewed, dir: &Path) -> Review {
    let findings = asked(&reviewed.merged, &reviewed.raw);
    let mut out = Review { findings, reviewing: reviewed.spent, ..Review::default() };
    let looked = looked_at(rates, repo, &mut out);
    let looks = dir.join("looks.json");
    fs::write(&looks, serde_json::to_vec(&Looks::new(looked.looks)).expect("JSON")).expect("write the looks");
    let mut meta = reviewed.meta.clone();
    meta["verification"] =
        json!({ "looks": [looks], "missed": looked.missed, "others": "no verifier was given it" });
    let (merged, _) = merge(dir, &meta);
    for finding in &mut out.findings {
        let mark = finding.subject["mark"].as_str().expect("a mark");
        let after = merged.findings.iter().find(|one| one.mark() == mark).expect("it is not lost");
        finding.counts = after.stands();
        finding.standing = after.second_look.as_ref().map(|look| look.verdict);
    }
    out
}

/// What a reviewer hands in, as the supervisor writes it down.
fn document(rates: &Rates, repo: &Repo, reviewer: &str) -> Document {
    let files: Vec<_> = repo.files.iter().map(|(name, _)| name.clone().into()).collect();
    let scope = Scope { given: files.clone(), read: files, not_read: Vec::new(), basis: Basis::ToolCalls };
    let findings = rates.review(repo, reviewer).into_iter().map(|told| findings::Finding {
        title: told.title.to_owned(),
        severity: told.severity,
        confidence: Some(80),
        category: Some(told.label.category.clone()),
        problem: Some(told.label.problem.clone()),
        locations: vec![findings::Location {
            file: told.label.file.clone().into(),
            line: Some(told.line),
            end_line: None,
            column: None,
            symbol: None,
            quote: told.quote,
        }],
        ..findings::Finding::default()
    });
    Document::new(reviewer, scope, findings.collect())
}

fn merge(dir: &Path, meta: &Value) -> (Merged, Value) {
    let path = dir.join("meta.json");
    fs::write(&path, meta.to_string()).expect("write the meta file");
    let out = Command::new(programs::dir().join("convoy-merge"))
        .args(["--format", "json", "--meta"])
        .arg(path)
        .env_clear()
        .env("HOME", dir)
        .output()
        .expect("run convoy-merge");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let merged = Merged::read(&out.stdout).expect("merged findings");
    (merged, serde_json::from_slice(&out.stdout).expect("JSON"))
}

/// The findings at the gate, the gravest first, as verifiers are told of them.
fn asked(merged: &Merged, raw: &Value) -> Vec<Finding> {
    let told = raw["findings"].as_array().expect("findings");
    let mut open: Vec<(&merged::Finding, &Value)> = merged
        .findings
        .iter()
        .zip(told)
        .filter(|(one, _)| one.stands() && one.severity.reaches(GATE))
        .collect();
    open.sort_by_key(|(one, _)| std::cmp::Reverse(one.severity.effective()));
    let finding = |(one, raw): &(&merged::Finding, &Value)| Finding {
        title: one.title.clone(),
        place: one.place(),
        titles: raw["members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|member| member["title"].as_str().map(str::to_owned))
            .collect(),
        severity: one.severity,
        subject: one.subject(raw),
        said: [None, None],
        standing: None,
        counts: true,
    };
    open.iter().map(finding).collect()
}

#[derive(Default)]
struct Looked {
    looks: Vec<Look>,
    missed: Vec<Value>,
}

/// Both stages, as the template has them; what a second verifier would say of the others
/// that were refuted is asked as well, and handed to nobody.
fn looked_at(rates: &Rates, repo: &Repo, review: &mut Review) -> Looked {
    let mut out = Looked::default();
    for (n, finding) in review.findings.iter_mut().take(MOST).enumerate() {
        let mut spent = Spent::default();
        finding.said[0] = answer(rates, repo, finding, 1, &mut spent);
        review.first.add(spent);
        let Some(first) = &finding.said[0] else {
            out.missed.push(json!({ "mark": finding.subject["mark"], "why": "its answer cannot be used" }));
            continue;
        };
        let look = look(finding, first, &format!("verify-{}", n + 1), Guard::Whole, repo);
        let is_grave = finding.severity >= Severity::Critical && look.verdict == Conclusion::Refuted;
        let refuted = first.verdict == Conclusion::Refuted;
        out.looks.push(look);
        if !refuted {
            continue;
        }
        let mut spent = Spent::default();
        finding.said[1] = answer(rates, repo, finding, 2, &mut spent);
        if is_grave {
            review.second.add(spent);
            if let Some(second) = &finding.said[1] {
                let by = format!("verify-again-{}", n + 1);
                out.looks.push(self::look(finding, second, &by, Guard::Whole, repo));
            }
        }
    }
    out
}

/// What of an answer holds; `None`: nothing.
fn answer(rates: &Rates, repo: &Repo, finding: &Finding, vote: u32, spent: &mut Spent) -> Option<Said> {
    // About fifty lines around its place.
    let asked = finding.subject.to_string().len() + repo.bytes().min(2000);
    let mut tries = Vec::new();
    match rates.look(repo, &finding.title, vote) {
        Answer::Says(value) => tries.push(value.to_string()),
        Answer::Mends(first, value) => tries.extend([first, value.to_string()]),
        Answer::Lies(text) => tries.extend([text.clone(), text]),
        Answer::Silent => tries.extend([String::new(), String::new()]),
        Answer::Fails => spent.call(asked, 0),
        Answer::Limited(value) => {
            spent.call(asked, 0);
            tries.push(value.to_string());
        }
    }
    for text in tries {
        spent.call(asked, text.len());
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Ok(mut said) = second_look::read(&value, 1) {
            return said.pop();
        }
    }
    None
}

fn look(finding: &Finding, said: &Said, by: &str, guard: Guard, repo: &Repo) -> Look {
    let (verdict, doubt) = guarded(finding, said, guard, repo);
    Look {
        mark: finding.subject["mark"].as_str().expect("a mark").to_owned(),
        by: by.to_owned(),
        runner: "m".to_owned(),
        model: None,
        verdict,
        doubt,
        origin: said.origin,
        file: said.file.clone(),
        line: said.line,
        quote: said.quote.clone(),
        reason: said.reason.clone(),
        rates: said.severity,
        severity: finding.severity,
        finding: Value::Null,
    }
}

/// What counts of it with all of the guard, or with less.
fn guarded(finding: &Finding, said: &Said, guard: Guard, repo: &Repo) -> (Conclusion, Option<String>) {
    let lines_of = |file: &str| {
        let lines = repo.lines(file).ok_or_else(|| format!("{file} is not of the project"))?;
        Ok(lines.into_iter().map(str::to_owned).collect())
    };
    match guard {
        Guard::Whole => second_look::guard(said, &finding.subject, lines_of),
        Guard::AnyQuotation => {
            let said = Said { file: None, ..said.clone() };
            let everywhere = vec![said.quote.clone().unwrap_or_default(); 1000];
            second_look::guard(&said, &finding.subject, |_| Ok(everywhere.clone()))
        }
        Guard::AnyReason => {
            let reason = said.quote.clone().unwrap_or_default();
            second_look::guard(&Said { reason, ..said.clone() }, &finding.subject, lines_of)
        }
        Guard::None => (said.verdict, None),
    }
}

impl Finding {
    /// Would it count with this guard and so many votes?
    pub fn counts_with(&self, guard: Guard, votes: Votes, repo: &Repo) -> bool {
        let looks = self.looks(guard, votes, repo);
        let needed = match votes {
            Votes::One => 1,
            Votes::Grave => second_look::votes(self.severity),
            Votes::Two => 2,
        };
        !SecondLook::needing(needed, self.severity, looks).is_refuted()
    }

    fn looks(&self, guard: Guard, votes: Votes, repo: &Repo) -> Vec<Look> {
        let [Some(first), second] = &self.said else { return Vec::new() };
        let mut looks = vec![look(self, first, "verify-1", guard, repo)];
        let again = match votes {
            Votes::One => false,
            Votes::Grave => self.severity >= Severity::Critical,
            Votes::Two => true,
        };
        if again && looks[0].verdict == Conclusion::Refuted {
            looks.extend(second.iter().map(|said| look(self, said, "verify-again-1", guard, repo)));
        }
        looks
    }

    /// What the first verifier is refused for, if it refuted.
    pub fn doubt(&self, repo: &Repo) -> Option<String> {
        self.said[0].as_ref().and_then(|said| guarded(self, said, Guard::Whole, repo).1)
    }
}
