//! The files under review: `--files` patterns and `--diff`, expanded in the project.
//!
//! Untracked files count, git-ignored ones do not. Only regular files are
//! taken: a symbolic link could lead out of the project. Paths are bytes,
//! relative to the project, sorted, each once.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::environment::Environment;
use crate::file_pattern::{FilePattern, as_text};
use crate::problem::Problem;
use crate::project_git::{DiffBase, ProjectGit};
use crate::pull_request;
use crate::suggestion::nearest;
use crate::text;

/// A tree without git larger than this is no project.
const MAX_WALK: usize = 500_000;
/// Never looked into without git.
const SKIPPED: [&[u8]; 3] = [b".git", b".hg", b".svn"];

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub patterns: Vec<OsString>,
    /// `--diff`; with patterns only changed files that match count.
    pub diff: Option<Diff>,
    /// A pull request, if nothing else is said: its files, by `gh`.
    pub pull_request: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub base: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    pub files: Vec<PathBuf>,
    /// For people: what changes were counted from.
    pub diff_base: Option<String>,
    /// The change itself, as a unified diff.
    pub diff: Option<String>,
}

/// Expands a selection. Every pattern must match something.
pub fn select(
    environment: &Environment,
    project: &Path,
    selection: &Selection,
) -> Result<Selected, Vec<Problem>> {
    let one = |problem| vec![problem];
    if selection.patterns.is_empty() && selection.diff.is_none() {
        let Some(url) = &selection.pull_request else { return Ok(Selected::default()) };
        return of_pull_request(environment, project, url).map_err(one);
    }
    let git = ProjectGit::open(environment, project).map_err(one)?;
    let (candidates, base) = candidates(git.as_ref(), project, selection.diff.as_ref()).map_err(one)?;
    let diff = match (&git, &base) {
        (Some(git), Some(base)) => Some(git.diff(base).map_err(one)?).filter(|diff| !diff.is_empty()),
        _ => None,
    };
    let candidates = regular_files(project, candidates).map_err(|problem| vec![problem])?;
    let diff_base = base.map(|base| base.shown);
    if candidates.is_empty()
        && let Some(base) = &diff_base
    {
        return Err(vec![Problem::new(format!("nothing has changed since {base}"))]);
    }
    let files = if selection.patterns.is_empty() {
        candidates
    } else {
        let ignoring = if diff_base.is_some() { Narrowed::ToChanges } else { Narrowed::ByGit };
        match_all(project, candidates, &selection.patterns, ignoring)?
    };
    Ok(Selected { files, diff_base, diff })
}

/// Every file of the project, as `--files .` has them, and its git if it has one.
pub fn all_files<'e>(
    environment: &'e Environment,
    project: &Path,
) -> Result<(Vec<PathBuf>, Option<ProjectGit<'e>>), Problem> {
    let git = ProjectGit::open(environment, project)?;
    let (files, _) = candidates(git.as_ref(), project, None)?;
    Ok((regular_files(project, files)?, git))
}

fn of_pull_request(environment: &Environment, project: &Path, url: &str) -> Result<Selected, Problem> {
    let git = ProjectGit::open(environment, project)?;
    let change = pull_request::fetch(environment, git.as_ref(), url)?;
    let files = regular_files(project, change.files)?;
    if files.is_empty() {
        let message = format!("--pr-url {}: none of its files is in this project", text::visible(url));
        return Err(Problem::new(message).hint("is --project-path the top directory of the repository?"));
    }
    Ok(Selected { files, diff_base: None, diff: Some(change.diff).filter(|diff| !diff.is_empty()) })
}

fn candidates(
    git: Option<&ProjectGit<'_>>,
    project: &Path,
    diff: Option<&Diff>,
) -> Result<(Vec<PathBuf>, Option<DiffBase>), Problem> {
    match (git, diff) {
        (Some(git), Some(diff)) => {
            let base = git.diff_base(diff.base.as_deref())?;
            Ok((git.changed(&base)?, Some(base)))
        }
        (Some(git), None) => Ok((git.files()?, None)),
        (None, Some(_)) => Err(Problem::new(format!("--diff: {} is not a git project", text::path(project)))
            .hint("say which files: --files 'src/**/*.ts'")),
        (None, None) => Ok((walk(project)?, None)),
    }
}

/// Sorted, each once, and still a regular file inside the project.
fn regular_files(project: &Path, candidates: Vec<PathBuf>) -> Result<Vec<PathBuf>, Problem> {
    let inside = |path: &PathBuf| path.components().all(|c| matches!(c, Component::Normal(_)));
    let unique: BTreeSet<PathBuf> = candidates.into_iter().collect();
    let mut regular = Vec::new();
    for path in unique.into_iter().filter(inside) {
        match fs::symlink_metadata(project.join(&path)) {
            Ok(found) if found.is_file() => regular.push(path),
            Ok(_) => {}
            Err(error) if is_no_file(&error) => {}
            Err(error) => return Err(unreadable(&path, &error)),
        }
    }
    Ok(regular)
}

/// Deleted, part of a path that is no directory, or not for this user to see:
/// that is not reviewed. Anything else says nothing of the file.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
    )
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(format!("cannot read {}: {error}", text::path(path)))
}

/// Every file below a directory, without following symbolic links.
fn walk(project: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut out = Vec::new();
    let mut todo = vec![PathBuf::new()];
    while let Some(dir) = todo.pop() {
        let entries = match fs::read_dir(project.join(&dir)) {
            Ok(entries) => entries,
            // What may not be read is not reviewed; the project itself must be readable.
            Err(error) if !dir.as_os_str().is_empty() && is_no_file(&error) => continue,
            Err(error) => return Err(unreadable(&project.join(&dir), &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&project.join(&dir), &error))?;
            let path = dir.join(entry.file_name());
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) if is_no_file(&error) => continue,
                Err(error) => return Err(unreadable(&project.join(&path), &error)),
            };
            if kind.is_dir() && !SKIPPED.contains(&entry.file_name().as_bytes()) {
                todo.push(path);
            } else if kind.is_file() {
                out.push(path);
            }
        }
        if out.len() + todo.len() > MAX_WALK {
            return Err(Problem::new(format!(
                "{} holds more than {MAX_WALK} files and is not a git project",
                text::path(project)
            ))
            .hint("name the project: --project-path DIR"));
        }
    }
    Ok(out)
}

/// Why a file that is there may not be among the candidates.
#[derive(Debug, Clone, Copy)]
enum Narrowed {
    ByGit,
    ToChanges,
}

fn match_all(
    project: &Path,
    candidates: Vec<PathBuf>,
    patterns: &[OsString],
    narrowed: Narrowed,
) -> Result<Vec<PathBuf>, Vec<Problem>> {
    let texts: Vec<String> = candidates.iter().map(|path| as_text(path)).collect();
    let mut chosen = vec![false; candidates.len()];
    let mut problems = Vec::new();
    for given in patterns {
        match match_one(project, &texts, given, narrowed) {
            Ok(found) => found.into_iter().for_each(|i| chosen[i] = true),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let chosen = candidates.into_iter().zip(chosen);
    Ok(chosen.filter_map(|(path, chosen)| chosen.then_some(path)).collect())
}

fn match_one(
    project: &Path,
    texts: &[String],
    given: &OsString,
    narrowed: Narrowed,
) -> Result<Vec<usize>, Problem> {
    let shown = text::path(Path::new(given));
    let relative = relative(project, Path::new(given))?;
    let pattern =
        FilePattern::new(&relative).map_err(|error| Problem::new(format!("--files '{shown}': {error}")))?;
    let found = pattern.select(texts);
    if !found.is_empty() {
        return Ok(found);
    }
    let problem = Problem::new(format!("--files '{shown}' matches nothing in {}", text::path(project)));
    // Only for the hint.
    let there = project.join(given).exists();
    Err(match (there, narrowed) {
        (true, Narrowed::ToChanges) => problem.hint("it is there, but it has not changed"),
        (true, Narrowed::ByGit) => {
            problem.hint("it is there, but git ignores it, or it is not a regular file")
        }
        (false, _) => match missing_directory(&pattern, texts) {
            Some((missing, Some(near))) => problem.hint(format!(
                "there is no '{}', but '{}'",
                text::visible(&missing),
                text::visible(&near)
            )),
            Some((missing, None)) => problem.hint(format!("there is no '{}'", text::visible(&missing))),
            None => problem,
        },
    })
}

/// A pattern relative to the project, as text that keeps its bytes apart.
fn relative(project: &Path, given: &Path) -> Result<String, Problem> {
    let outside = || Problem::new(format!("--files '{}' is outside of the project", text::path(given)));
    let inside = match given.strip_prefix(project) {
        Ok(inside) => inside,
        Err(_) if given.is_absolute() => return Err(outside()),
        Err(_) => given,
    };
    if inside.components().any(|c| c == Component::ParentDir) {
        return Err(outside());
    }
    let text = as_text(inside);
    let mut pattern = text.as_str();
    while let Some(rest) = pattern.strip_prefix("./") {
        pattern = rest.trim_start_matches('/');
    }
    if given.as_os_str().is_empty() {
        return Err(Problem::new("--files: an empty pattern"));
    }
    // `strip_prefix` of paths drops the slash that asks for a directory.
    let slash = given.as_os_str().as_bytes().ends_with(b"/") && !pattern.ends_with('/');
    Ok(match pattern {
        "" => ".".to_owned(),
        pattern if slash => format!("{pattern}/"),
        pattern => pattern.to_owned(),
    })
}

/// The first directory of the pattern that no file is in, and one with a
/// similar name beside it.
fn missing_directory(pattern: &FilePattern, texts: &[String]) -> Option<(String, Option<String>)> {
    for dir in pattern.literal_directories() {
        let mut at = 0;
        loop {
            let end = dir[at..].find('/').map_or(dir.len(), |i| at + i);
            let prefix = format!("{}/", &dir[..end]);
            if !texts.iter().any(|path| path.starts_with(&prefix)) {
                let siblings: BTreeSet<&str> = texts
                    .iter()
                    .filter_map(|path| path.strip_prefix(&dir[..at])?.split_once('/').map(|(name, _)| name))
                    .collect();
                let near = nearest(&dir[at..end], siblings).map(|near| format!("{}{near}", &dir[..at]));
                return Some((dir[..end].to_owned(), near));
            }
            if end == dir.len() {
                break;
            }
            at = end + 1;
        }
    }
    None
}

#[cfg(test)]
mod tests;
