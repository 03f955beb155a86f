//! The files under review: `--files` patterns, `--exclude` and `--diff`, expanded in
//! the project.
//!
//! Untracked files count, git-ignored ones do not, nor does what convoy itself wrote.
//! Only regular files are taken: a symbolic link could lead out of the project. What
//! has changed and is no regular file (deleted, a link, a submodule) is told apart:
//! it is a change, and nobody can read it as a file. Paths are bytes, relative to
//! the project, sorted, each once.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use crate::changed_lines::{self, Changed};
use crate::environment::Environment;
use crate::file_pattern::{BadPattern, FilePattern, as_text};
use crate::own_files::OwnFiles;
use crate::problem::{Problem, ProblemKind};
use crate::project::Project;
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
    /// One that begins with `!` takes files away, as `excludes` do.
    pub patterns: Vec<OsString>,
    pub excludes: Vec<OsString>,
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
    /// Changed as well, and no regular files: deleted, links, submodules.
    pub not_files: Vec<PathBuf>,
    /// For people: what changes were counted from.
    pub diff_base: Option<String>,
    /// The change itself, as a unified diff.
    pub diff: Option<String>,
    /// Where there is a base: the lines that differ from it, of every file.
    pub changed: Option<Vec<Changed>>,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// What may be chosen from.
#[derive(Debug, Default)]
struct Candidates {
    files: Vec<PathBuf>,
    not_files: Vec<PathBuf>,
    /// How many were left out because convoy wrote them.
    own: usize,
}

/// Expands a selection. Every pattern must match something of the project.
pub fn select(
    environment: &Environment,
    project: &Project,
    selection: &Selection,
    own: &OwnFiles,
) -> Result<Selected, Vec<Problem>> {
    let one = |problem| vec![problem];
    let (wanted, unwanted, mut problems) = read_patterns(project, selection);
    let named = !selection.patterns.iter().all(|pattern| pattern.as_bytes().starts_with(b"!"));
    if !named && !problems.is_empty() {
        return Err(problems);
    }
    if !named && selection.diff.is_none() && selection.pull_request.is_some() {
        return of_pull_request(environment, project, selection, &unwanted, own).map_err(one);
    }
    if !named && unwanted.is_empty() && selection.diff.is_none() {
        return Ok(Selected::default());
    }
    let git = ProjectGit::open(environment, &project.root).map_err(one)?;
    let (paths, base) = candidates(git.as_ref(), &project.root, selection.diff.as_ref()).map_err(one)?;
    let mut all = sort_out(&project.root, paths, own).map_err(one)?;
    if base.is_none() {
        // What is no file is of interest as a change only.
        all.not_files.clear();
    }
    let unchanged = match (&git, &base) {
        (Some(git), Some(_)) => git.files().map_err(one)?,
        _ => Vec::new(),
    };
    let had = all.files.len() + all.not_files.len();
    let chosen = choose(project, &all, &wanted, &unchanged, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let matched = chosen.files.len() + chosen.not_files.len();
    let mut selected = leave_out(chosen, &unwanted);
    let left = selected.files.len() + selected.not_files.len();
    selected.diff_base = base.as_ref().map(|base| base.shown.clone());
    if left == 0 && matched > 0 {
        return Err(one(all_left_out(matched, base.as_ref())));
    }
    if let (Some(git), Some(base)) = (&git, &base) {
        if left == 0 {
            return Err(one(nothing(base, &selection.patterns)));
        }
        let only = [selected.files.as_slice(), &selected.not_files].concat();
        let narrowed = left < had || all.own > 0;
        let diff = git.diff(base, narrowed.then_some(only.as_slice())).map_err(one)?;
        selected.diff = Some(diff).filter(|diff| !diff.is_empty());
        selected.changed = Some(git.changed_lines(base).map_err(one)?);
    }
    if all.own > 0 {
        let files = if all.own == 1 { "1 file" } else { &format!("{} files", all.own) };
        selected.notes.push(format!("{files} that convoy wrote itself left out"));
    }
    Ok(selected)
}

fn nothing(base: &DiffBase, patterns: &[OsString]) -> Problem {
    let patterns: Vec<String> = patterns.iter().map(|pattern| text::path(Path::new(pattern))).collect();
    let place = if patterns.is_empty() { String::new() } else { format!(" in {}", patterns.join(" ")) };
    Problem::new(format!("nothing has changed since {}{place}", base.shown))
        .kind(ProblemKind::NothingToReview)
}

/// What was left out was not read: that is no "nothing to review".
fn all_left_out(matched: usize, base: Option<&DiffBase>) -> Problem {
    let (what, kind) = match base {
        Some(_) => ("changed files", ProblemKind::Unread),
        None => ("files", ProblemKind::Usage),
    };
    Problem::new(format!("all of the {matched} {what} are excluded, so that nothing is left to review"))
        .kind(kind)
}

/// Every file of the project, as `--files .` has them, and its git if it has one.
pub fn all_files<'e>(
    environment: &'e Environment,
    root: &Path,
) -> Result<(Vec<PathBuf>, Option<ProjectGit<'e>>), Problem> {
    let git = ProjectGit::open(environment, root)?;
    let (paths, _) = candidates(git.as_ref(), root, None)?;
    let own = OwnFiles::read(&environment.home)?.and_directory(&root.join(crate::own_files::DIRECTORY));
    Ok((sort_out(root, paths, &own)?.files, git))
}

fn of_pull_request(
    environment: &Environment,
    project: &Project,
    selection: &Selection,
    unwanted: &[Wanted],
    own: &OwnFiles,
) -> Result<Selected, Problem> {
    let url = selection.pull_request.as_deref().unwrap_or_default();
    let git = ProjectGit::open(environment, &project.root)?;
    let change = pull_request::fetch(environment, git.as_ref(), url)?;
    let all = sort_out(&project.root, change.files, own)?;
    let matched = all.files.len() + all.not_files.len();
    let mut selected = leave_out(all, unwanted);
    if matched == 0 {
        let message = format!("--pr-url {}: none of its files is in this project", text::visible(url));
        return Err(Problem::new(message).hint("is this the repository of the pull request?"));
    }
    if selected.files.is_empty() && selected.not_files.is_empty() {
        let message = format!("--pr-url {}: every file of it is excluded", text::visible(url));
        return Err(Problem::new(message).kind(ProblemKind::Unread));
    }
    match changed_lines::of_patch(change.diff.as_bytes()) {
        Ok(changed) => selected.changed = Some(changed),
        Err(why) => selected.notes.push(format!("{why}: the gate looks at old findings as well")),
    }
    selected.diff = Some(change.diff).filter(|diff| !diff.is_empty());
    Ok(selected)
}

fn candidates(
    git: Option<&ProjectGit<'_>>,
    root: &Path,
    diff: Option<&Diff>,
) -> Result<(Vec<PathBuf>, Option<DiffBase>), Problem> {
    match (git, diff) {
        (Some(git), Some(diff)) => {
            let base = git.diff_base(diff.base.as_deref())?;
            Ok((git.changed(&base)?, Some(base)))
        }
        (Some(git), None) => Ok((git.files()?, None)),
        (None, Some(_)) => Err(Problem::new(format!("--diff: {} is not a git project", text::path(root)))
            .hint("say which files: --files 'src/**/*.ts'")),
        (None, None) => Ok((walk(root)?, None)),
    }
}

/// Sorted, each once: what is a regular file of the project, and what is not.
fn sort_out(root: &Path, paths: Vec<PathBuf>, own: &OwnFiles) -> Result<Candidates, Problem> {
    let mut out = Candidates::default();
    let unique: BTreeSet<PathBuf> = paths.into_iter().collect();
    for path in unique {
        if !path.components().all(|c| matches!(c, Component::Normal(_))) {
            continue;
        }
        let full = root.join(&path);
        match fs::symlink_metadata(&full) {
            Ok(_) if own.holds(&full) => out.own += 1,
            Ok(found) if found.is_file() => out.files.push(path),
            Ok(_) => out.not_files.push(path),
            Err(error) if is_no_file(&error) => {
                if !own.holds(&full) {
                    out.not_files.push(path);
                }
            }
            Err(error) => return Err(unreadable(&full, &error)),
        }
    }
    Ok(out)
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

/// A pattern of the command line.
#[derive(Debug)]
struct Wanted {
    /// For people.
    shown: String,
    /// Where it leads, if it is no pattern.
    path: PathBuf,
    pattern: FilePattern,
}

/// What to take, what to take away, and what is no pattern.
fn read_patterns(project: &Project, selection: &Selection) -> (Vec<Wanted>, Vec<Wanted>, Vec<Problem>) {
    let (mut wanted, mut unwanted, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut add =
        |option: &str, given: &Path, list: &mut Vec<Wanted>| match read_pattern(project, option, given) {
            Ok(one) => list.push(one),
            Err(problem) => problems.push(problem),
        };
    for given in &selection.patterns {
        match given.as_bytes().strip_prefix(b"!") {
            Some(rest) => add("--files", Path::new(&OsString::from_vec(rest.to_vec())), &mut unwanted),
            None => add("--files", Path::new(given), &mut wanted),
        }
    }
    for given in &selection.excludes {
        add("--exclude", Path::new(given), &mut unwanted);
    }
    (wanted, unwanted, problems)
}

fn read_pattern(project: &Project, option: &str, given: &Path) -> Result<Wanted, Problem> {
    let shown = format!("{option} '{}'", text::path(given));
    let outside = || Problem::new(format!("{shown} is outside of the project {}", text::path(&project.root)));
    if given.as_os_str().is_empty() {
        return Err(Problem::new(format!("{option}: an empty pattern")));
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
        Err(error) => Err(Problem::new(format!("{shown}: {error}"))),
    }
}

/// An absolute path relative to the project, also where a symbolic link leads there.
fn inside(root: &Path, given: &Path) -> Option<PathBuf> {
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
fn choose(
    project: &Project,
    all: &Candidates,
    wanted: &[Wanted],
    unchanged: &[PathBuf],
    problems: &mut Vec<Problem>,
) -> Candidates {
    let texts = |paths: &[PathBuf]| -> Vec<String> { paths.iter().map(|path| as_text(path)).collect() };
    let (files, not_files, unchanged) = (texts(&all.files), texts(&all.not_files), texts(unchanged));
    let mut taken = (vec![wanted.is_empty(); files.len()], vec![wanted.is_empty(); not_files.len()]);
    for one in wanted {
        let found = one.pattern.select(&files);
        let gone = one.pattern.select(&not_files);
        if found.is_empty() && gone.is_empty() && one.pattern.select(&unchanged).is_empty() {
            let known: Vec<String> = files.iter().chain(&unchanged).cloned().collect();
            problems.push(no_match(project, one, &known));
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

fn leave_out(chosen: Candidates, unwanted: &[Wanted]) -> Selected {
    let mut notes = Vec::new();
    let mut hit = vec![false; unwanted.len()];
    let mut without = |paths: Vec<PathBuf>| -> Vec<PathBuf> {
        let texts: Vec<String> = paths.iter().map(|path| as_text(path)).collect();
        let mut taken = vec![true; paths.len()];
        for (one, hit) in unwanted.iter().zip(&mut hit) {
            for i in one.pattern.select(&texts) {
                taken[i] = false;
                *hit = true;
            }
        }
        kept(&paths, &taken)
    };
    let (files, not_files) = (without(chosen.files), without(chosen.not_files));
    for (one, _) in unwanted.iter().zip(&hit).filter(|(_, hit)| !**hit) {
        notes.push(format!("{} takes nothing away", one.shown));
    }
    Selected { files, not_files, notes, ..Selected::default() }
}

fn no_match(project: &Project, one: &Wanted, known: &[String]) -> Problem {
    let problem = Problem::new(format!("{} matches nothing in {}", one.shown, text::path(&project.root)));
    if one.path.symlink_metadata().is_ok() {
        return problem.hint("it is there, but git ignores it, convoy wrote it, or it is not a regular file");
    }
    match missing_directory(&one.pattern, known) {
        Some((missing, Some(near))) => {
            problem.hint(format!("there is no '{}', but '{}'", text::visible(&missing), text::visible(&near)))
        }
        Some((missing, None)) => problem.hint(format!("there is no '{}'", text::visible(&missing))),
        None => problem,
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

#[cfg(test)]
mod tests;
