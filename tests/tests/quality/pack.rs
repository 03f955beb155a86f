//! The repositories of `tests/quality`, with what is true of them.

use std::fs;
use std::path::{Path, PathBuf};

use findings::Severity;

/// Which half: what is changed is decided by the one, and held against the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    Tuned,
    Held,
}

/// A small repository.
#[derive(Debug)]
pub struct Repo {
    pub name: String,
    pub half: Half,
    pub files: Vec<(String, String)>,
    pub labels: Vec<Label>,
}

/// What is to be said of a place.
#[derive(Debug)]
pub struct Label {
    /// `None`: it is a defect.
    pub trap: Option<Proof>,
    pub severity: Severity,
    pub category: String,
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// What reviewers call it.
    pub titles: Vec<String>,
    pub problem: String,
}

/// Why it only looks like a defect.
#[derive(Debug)]
pub struct Proof {
    pub file: String,
    pub line: u32,
    pub quote: String,
    pub reason: String,
}

impl Label {
    pub fn is_defect(&self) -> bool {
        self.trap.is_none()
    }
}

impl Repo {
    pub fn lines(&self, file: &str) -> Option<Vec<&str>> {
        self.files.iter().find(|(name, _)| name == file).map(|(_, text)| text.lines().collect())
    }

    /// The label that somebody means who calls it so.
    pub fn label(&self, title: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.titles.iter().any(|one| one == title))
    }

    pub fn bytes(&self) -> usize {
        self.files.iter().map(|(_, text)| text.len()).sum()
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("quality")
}

/// All of them, in one order.
pub fn all() -> Vec<Repo> {
    let mut repos = Vec::new();
    for (half, name) in [(Half::Tuned, "tuned"), (Half::Held, "held")] {
        for entry in fs::read_dir(directory().join(name)).expect("the pack") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            repos.push(read(&name, half, &fs::read_to_string(&path).expect("a repository")));
        }
    }
    repos.sort_by(|a, b| a.name.cmp(&b.name));
    repos
}

fn read(name: &str, half: Half, text: &str) -> Repo {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut said: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    let mut in_file = false;
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("=== ") {
            files.push((path.trim_end().to_owned(), String::new()));
            in_file = true;
        } else if let Some(kind) = line.strip_prefix("--- ") {
            said.push((kind.trim_end(), Vec::new()));
            in_file = false;
        } else if in_file {
            files.last_mut().expect("a file").1.push_str(line);
        } else if let Some((_, fields)) = said.last_mut()
            && let Some((key, value)) = line.trim_end().split_once(": ")
        {
            fields.push((key, value));
        }
    }
    let labels = said.iter().map(|(kind, fields)| label(name, &files, kind, fields)).collect();
    Repo { name: name.to_owned(), half, files, labels }
}

fn label(repo: &str, files: &[(String, String)], kind: &str, fields: &[(&str, &str)]) -> Label {
    let field =
        |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
    let need = |key: &str| field(key).unwrap_or_else(|| panic!("{repo}: '{kind}' has no {key}"));
    let words: Vec<&str> = kind.split(' ').collect();
    let [truth, severity, category] = words[..] else { panic!("{repo}: {kind}") };
    let at = need("at");
    let (file, found) = places(repo, files, &at);
    let [(line, _)] = found[..] else { panic!("{repo}: '{at}' stands {} times", found.len()) };
    let file = file.to_owned();
    let (trap, titles, problem) = match truth {
        "defect" => (None, vec![need("title"), need("also")], need("cause")),
        "trap" => {
            let proof = need("proof");
            let (proved_in, found) = places(repo, files, &proof);
            let nearest = found.iter().min_by_key(|(there, _)| there.abs_diff(line));
            let (there, quote) = *nearest.unwrap_or_else(|| panic!("{repo}: '{proof}' does not stand there"));
            let proof = Proof {
                file: proved_in.to_owned(),
                line: there,
                quote: quote.trim().to_owned(),
                reason: need("reason"),
            };
            (Some(proof), vec![need("title")], need("claim"))
        }
        other => panic!("{repo}: {other}"),
    };
    Label {
        trap,
        severity: Severity::from_name(severity).unwrap_or_else(|| panic!("{repo}: {severity}")),
        category: category.to_owned(),
        file,
        line,
        titles,
        problem,
    }
}

/// `PATH: part of a line`: the file, and the lines that have it.
fn places<'a>(repo: &str, files: &'a [(String, String)], place: &'a str) -> (&'a str, Vec<(u32, &'a str)>) {
    let (file, part) = place.split_once(": ").unwrap_or_else(|| panic!("{repo}: {place}"));
    let (_, text) =
        files.iter().find(|(name, _)| name == file).unwrap_or_else(|| panic!("{repo}: no {file}"));
    (file, (1..).zip(text.lines()).filter(|(_, line)| line.contains(part)).collect())
}
