//! Which of the files it was given a reviewer has read: proved by the tools it
//! used where its stream shows them, else what it claims.
//!
//! A file is read if a tool that worked showed something of it. That its change
//! stood in the prompt is not reading the file: what surrounds the change was not
//! seen. Silence is not reading, whatever the reviewer says of itself.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use base::encoded_path::EncodedPath;
use findings::{Basis, NotRead, Scope};

use crate::stream::StreamSummary;

/// A name with one of these may be a pattern.
const PATTERN_MARKS: [char; 3] = ['*', '?', '['];

/// The files a reviewer was given, relative to the project.
#[derive(Debug)]
pub(crate) struct Given {
    project: PathBuf,
    files: Vec<PathBuf>,
    by_name: HashMap<PathBuf, usize>,
    /// By where they really are; several may be links to one.
    by_place: OnceCell<HashMap<PathBuf, Vec<usize>>>,
}

/// What is known of what was read.
#[derive(Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) scope: Scope,
    /// Tools that reading needs and that were denied: `Read src/a.ts`.
    pub(crate) denied: Vec<String>,
}

impl Given {
    pub(crate) fn new(project: &Path, files: &[PathBuf]) -> Self {
        let by_name = files.iter().enumerate().map(|(n, file)| (plain(file), n)).collect();
        Given { project: project.to_path_buf(), files: files.to_vec(), by_name, by_place: OnceCell::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The project's name for a file that a reviewer names: that of one it was given,
    /// however it is written; of any other what is relative to the project.
    pub(crate) fn relative(&self, written: &str) -> PathBuf {
        let unquoted = unquoted(written);
        let found = self.literally(written).into_iter().chain(self.literally(&unquoted)).next();
        if let Some(n) = found {
            return self.files[n].clone();
        }
        let path = plain(EncodedPath::from(unquoted.clone()).as_path());
        path.strip_prefix(&self.project).map(Path::to_path_buf).unwrap_or(path)
    }

    /// The files a tool was used on, by the words it was given.
    fn find(&self, written: &str) -> Vec<usize> {
        let literally = self.literally(written);
        if literally.is_empty() && written.contains(PATTERN_MARKS) {
            self.matching(written)
        } else {
            literally
        }
    }

    fn literally(&self, written: &str) -> Vec<usize> {
        let text = EncodedPath::from(written.to_owned());
        let path = text.as_path();
        let inside = path.strip_prefix(&self.project).unwrap_or(path);
        if let Some(&n) = self.by_name.get(&plain(inside)) {
            return vec![n];
        }
        let Ok(place) = fs::canonicalize(self.project.join(path)) else { return self.mangled(inside) };
        self.by_place.get_or_init(|| self.places()).get(&place).cloned().unwrap_or_default()
    }

    fn places(&self) -> HashMap<PathBuf, Vec<usize>> {
        let mut out: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for (n, file) in self.files.iter().enumerate() {
            if let Ok(place) = fs::canonicalize(self.project.join(file)) {
                out.entry(place).or_default().push(n);
            }
        }
        out
    }

    /// A name that is no UTF-8 comes out of JSON with U+FFFD in it.
    fn mangled(&self, inside: &Path) -> Vec<usize> {
        let wanted = inside.to_string_lossy();
        if !wanted.contains('\u{fffd}') {
            return Vec::new();
        }
        let same = |n: &usize| self.files[*n].to_string_lossy() == wanted;
        let found: Vec<usize> = (0..self.files.len()).filter(same).collect();
        if found.len() == 1 { found } else { Vec::new() }
    }

    fn matching(&self, written: &str) -> Vec<usize> {
        let path = plain(Path::new(written));
        let inside = path.strip_prefix(&self.project).unwrap_or(&path);
        let Ok(pattern) = glob::Pattern::new(&inside.to_string_lossy()) else { return Vec::new() };
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        (0..self.files.len()).filter(|&n| pattern.matches_path_with(&self.files[n], options)).collect()
    }

    /// Is it in the project? What is relative is meant to be.
    fn is_inside(&self, written: &str) -> bool {
        let path = Path::new(written);
        let real = || {
            let place = fs::canonicalize(path).ok()?;
            Some(place.starts_with(fs::canonicalize(&self.project).ok()?))
        };
        path.is_relative() || plain(path).starts_with(plain(&self.project)) || real() == Some(true)
    }

    fn scope(&self, read: &BTreeSet<usize>, basis: Basis, why: impl Fn(usize) -> String) -> Scope {
        let text = |n: usize| EncodedPath::from(self.files[n].clone());
        let all = || 0..self.files.len();
        Scope {
            given: all().map(text).collect(),
            read: all().filter(|n| read.contains(n)).map(text).collect(),
            not_read: all()
                .filter(|n| !read.contains(n))
                .map(|n| NotRead { file: text(n), why: why(n) })
                .collect(),
            basis,
        }
    }
}

/// What the tools show that were used in a conversation. `claims` are the reasons
/// the reviewer gave for files it did not read.
pub(crate) fn proved(given: &Given, summaries: &[&StreamSummary], claims: &[(String, String)]) -> Known {
    let named = |names: &mut dyn Iterator<Item = &String>| -> BTreeSet<usize> {
        names.flat_map(|name| given.find(name)).collect()
    };
    let read = named(&mut summaries.iter().flat_map(|summary| summary.opened()));
    let unopened = named(&mut summaries.iter().flat_map(|summary| summary.unopened()));
    let mut denied = Vec::new();
    let mut refused: BTreeSet<usize> = BTreeSet::new();
    for refusal in summaries.iter().flat_map(|summary| summary.refused()) {
        let Some(targets) = &refusal.targets else { continue };
        let files: BTreeSet<usize> = targets.iter().flat_map(|target| given.find(target)).collect();
        refused.extend(&files);
        // Refused once and read after all, or nothing of this project: nothing is missing.
        let made_good = !files.is_empty() && files.is_subset(&read);
        if made_good || !(targets.is_empty() || targets.iter().any(|target| given.is_inside(target))) {
            continue;
        }
        let words = format!("{} {}", refusal.tool, refusal.about);
        let words = base::text::visible(words.trim());
        if !denied.contains(&words) {
            denied.push(words);
        }
    }
    let claims = reasons(given, claims);
    let why = |n: usize| match claims.get(&n) {
        _ if refused.contains(&n) => "denied".to_owned(),
        _ if unopened.contains(&n) => "could not be opened".to_owned(),
        Some(reason) if !reason.is_empty() => reason.clone(),
        _ => "never opened".to_owned(),
    };
    Known { scope: given.scope(&read, Basis::ToolCalls, why), denied }
}

/// What a reviewer says of itself that nothing can show; `None` where its words do
/// not say which files these are.
pub(crate) fn claimed(given: &Given, count: usize, claims: &[(String, String)]) -> Option<Scope> {
    let claims = reasons(given, claims);
    let all = given.files.len();
    let read: BTreeSet<usize> = match count {
        0 => BTreeSet::new(),
        _ if count + claims.len() >= all => (0..all).filter(|n| !claims.contains_key(n)).collect(),
        _ => return None,
    };
    let why = |n: usize| claims.get(&n).filter(|why| !why.is_empty()).cloned();
    Some(given.scope(&read, Basis::Claimed, |n| why(n).unwrap_or_else(|| "not said".to_owned())))
}

/// A scope that came with the findings, made one of the files that were given.
pub(crate) fn stated(given: &Given, scope: &Scope) -> Scope {
    let index = |path: &EncodedPath| given.by_name.get(&plain(path.as_path())).copied();
    let read: BTreeSet<usize> = scope.read.iter().filter_map(index).collect();
    let whys: BTreeMap<usize, &str> =
        scope.not_read.iter().filter_map(|not| Some((index(&not.file)?, not.why.as_str()))).collect();
    given.scope(&read, scope.basis, |n| {
        whys.get(&n).map_or_else(|| "not said".to_owned(), |why| (*why).to_owned())
    })
}

fn reasons(given: &Given, claims: &[(String, String)]) -> BTreeMap<usize, String> {
    claims
        .iter()
        .flat_map(|(name, why)| given.literally(name).into_iter().map(|n| (n, why.clone())))
        .collect()
}

/// Names in double quotes are escaped as in C, as prompts give them.
fn unquoted(written: &str) -> String {
    let Some(inner) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return written.to_owned();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let octal = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = &rest[3..];
        } else if let Some((&escaped, after)) = rest.split_first() {
            bytes.push(match escaped {
                b'n' => b'\n',
                b't' => b'\t',
                other => other,
            });
            rest = after;
        }
    }
    String::from(EncodedPath::from(PathBuf::from(OsString::from_vec(bytes))))
}

/// The same path without `.`, `..` and doubled slashes, by its text alone.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push::<&OsStr>(other.as_ref()),
        }
    }
    out
}

#[cfg(test)]
mod tests;
