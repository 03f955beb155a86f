//! `--files` and `--exclude`: which of the candidates they take, and which they take away.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use base::suggestion::nearest;
use base::text;

use super::candidates::Candidates;
use super::{Selected, Selection, Source};
use crate::diagnostic::Diagnostic;
use crate::file_pattern::{BadPattern, FilePattern, as_text};
use crate::project::Project;
use crate::project_git::CommitUnderReview;

const PATTERN: &str = "a file, a directory, or a pattern in quotes: 'src/**/*.ts'";

/// A pattern of the command line.
#[derive(Debug)]
pub(super) struct Wanted {
    /// For people.
    shown: String,
    /// Where it leads, if it is no pattern.
    path: PathBuf,
    pattern: FilePattern,
}

/// What to take, what to take away, and what is no pattern.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) wanted: Vec<Wanted>,
    pub(super) unwanted: Vec<Wanted>,
    /// Taken away by the settings of the project.
    pub(super) usual: Vec<Wanted>,
    pub(super) problems: Vec<Diagnostic>,
}

pub(super) fn read_patterns(project: &Project, selection: &Selection) -> Patterns {
    let Patterns { mut wanted, mut unwanted, mut usual, mut problems } = Patterns::default();
    let top = Project { standing: PathBuf::new(), ..project.clone() };
    let mut read = |place: &Project, option: &str, given: &Path, list: &mut Vec<Wanted>| match read_pattern(
        place, option, given,
    ) {
        Ok(one) => list.push(one),
        Err(problem) => problems.push(problem),
    };
    for given in &selection.usual_excludes {
        read(&top, "'exclude' in the settings:", Path::new(given), &mut usual);
    }
    let mut add = |option: &str, given: &Path, list: &mut Vec<Wanted>| read(project, option, given, list);
    for given in &selection.patterns {
        match given.as_bytes().strip_prefix(b"!") {
            Some(rest) => add("--files", Path::new(&OsString::from_vec(rest.to_vec())), &mut unwanted),
            None => add("--files", Path::new(given), &mut wanted),
        }
    }
    for given in &selection.excludes {
        add("--exclude", Path::new(given), &mut unwanted);
    }
    Patterns { wanted, unwanted, usual, problems }
}

fn read_pattern(project: &Project, option: &str, given: &Path) -> Result<Wanted, Diagnostic> {
    let shown = format!("{option} '{}'", text::path(given));
    let outside = || {
        Diagnostic::new(format!("{shown} is outside of the project {}", text::path(&project.root)))
            .hint("stand in the project that it is in: --project-path DIR")
    };
    if given.as_os_str().is_empty() {
        return Err(Diagnostic::new(format!("{option}: an empty pattern")).hint(PATTERN));
    }
    let (standing, relative) = if given.is_absolute() {
        (PathBuf::new(), inside(&project.root, given).ok_or_else(outside)?)
    } else {
        (project.standing.clone(), given.to_path_buf())
    };
    let path = project.root.join(&standing).join(&relative);
    // As text: a path would lose the slash that asks for a directory.
    let mut pattern = as_text(&relative);
    if given.as_os_str().as_bytes().ends_with(b"/") && !pattern.ends_with('/') {
        pattern.push('/');
    }
    match FilePattern::new(&as_text(&standing), &pattern) {
        Ok(pattern) => Ok(Wanted { shown, path, pattern }),
        Err(BadPattern::Outside) => Err(outside()),
        Err(error) => Err(Diagnostic::new(format!("{shown}: {error}")).hint(PATTERN)),
    }
}

/// An absolute path relative to the project, also where a symbolic link leads there.
pub(super) fn inside(root: &Path, given: &Path) -> Option<PathBuf> {
    if let Ok(inside) = given.strip_prefix(root) {
        return Some(inside.to_path_buf());
    }
    // The longest beginning that exists: what follows is a pattern, or new.
    given.ancestors().skip(1).find_map(|dir| {
        let real = dir.canonicalize().ok()?;
        let rest = given.strip_prefix(dir).ok()?;
        let inside = real.join(rest);
        Some(inside.strip_prefix(root).ok()?.to_path_buf())
    })
}

/// The candidates that are wanted; all, if nothing is said. A pattern may match
/// what has not changed, but it must match something.
pub(super) fn choose(
    project: &Project,
    source: &Source,
    wanted: &[Wanted],
    problems: &mut Vec<Diagnostic>,
) -> Candidates {
    let all = &source.all;
    let texts = |paths: &[PathBuf]| -> Vec<String> { paths.iter().map(|path| as_text(path)).collect() };
    let (files, not_files, unchanged) = (texts(&all.files), texts(&all.not_files), texts(&source.unchanged));
    let mut taken = (vec![wanted.is_empty(); files.len()], vec![wanted.is_empty(); not_files.len()]);
    for one in wanted {
        let found = one.pattern.select(&files);
        let gone = one.pattern.select(&not_files);
        if found.is_empty() && gone.is_empty() && one.pattern.select(&unchanged).is_empty() {
            let known: Vec<String> = files.iter().chain(&unchanged).cloned().collect();
            problems.push(no_match(project, one, &known, source.commit.as_ref()));
        }
        for i in found {
            taken.0[i] = true;
        }
        for i in gone {
            taken.1[i] = true;
        }
    }
    Candidates { files: kept(&all.files, &taken.0), not_files: kept(&all.not_files, &taken.1), own: 0 }
}

fn kept(paths: &[PathBuf], taken: &[bool]) -> Vec<PathBuf> {
    paths.iter().zip(taken).filter(|(_, taken)| **taken).map(|(path, _)| path.clone()).collect()
}

/// Without what is excluded: on the command line, where a pattern is to take something
/// away, and by the settings, whose patterns are for every review.
pub(super) fn leave_out(chosen: &Candidates, unwanted: &[Wanted], usual: &[Wanted]) -> Selected {
    let mut hit = vec![false; unwanted.len()];
    let (files, not_files) =
        (without(&chosen.files, unwanted, &mut hit), without(&chosen.not_files, unwanted, &mut hit));
    let nothing = unwanted.iter().zip(&hit).filter(|(_, hit)| !**hit);
    let notes = nothing.map(|(one, _)| format!("{} takes nothing away", one.shown)).collect();
    let had = files.len() + not_files.len();
    let mut any = vec![false; usual.len()];
    let (files, not_files) = (without(&files, usual, &mut any), without(&not_files, usual, &mut any));
    let left_out = had - files.len() - not_files.len();
    Selected { files, not_files, left_out, notes, ..Selected::default() }
}

/// The paths that no pattern takes away, and which patterns took some.
fn without(paths: &[PathBuf], unwanted: &[Wanted], hit: &mut [bool]) -> Vec<PathBuf> {
    let texts: Vec<String> = paths.iter().map(|path| as_text(path)).collect();
    let mut taken = vec![true; paths.len()];
    for (one, hit) in unwanted.iter().zip(hit) {
        for i in one.pattern.select(&texts) {
            taken[i] = false;
            *hit = true;
        }
    }
    kept(paths, &taken)
}

fn no_match(
    project: &Project,
    one: &Wanted,
    known: &[String],
    commit: Option<&CommitUnderReview>,
) -> Diagnostic {
    let place = commit.map_or_else(|| text::path(&project.root), |commit| format!("commit {}", commit.shown));
    let problem = Diagnostic::new(format!("{} matches nothing in {place}", one.shown));
    if commit.is_none() && one.path.symlink_metadata().is_ok() {
        return problem.hint("it is there, but git ignores it, convoy wrote it, or it is not a regular file");
    }
    match missing_directory(&one.pattern, known) {
        Some((missing, Some(near))) => {
            problem.hint(format!("there is no '{}', but '{}'", text::visible(&missing), text::visible(&near)))
        }
        Some((missing, None)) => problem.hint(format!("there is no '{}'", text::visible(&missing))),
        None => problem.hint(PATTERN),
    }
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
