//! The files under review: `--files` patterns, `--exclude` and `--diff`, expanded in
//! the project, or in a commit of it.
//!
//! In the project untracked files count, git-ignored ones do not, nor does what convoy itself wrote.
//! Only regular files are taken, by their own way: a symbolic link, itself or one of
//! the directories before it, could lead out of the project. What
//! has changed and is no regular file (deleted, a link, a submodule) is told apart:
//! it is a change, and nobody can read it as a file. Paths are bytes, relative to
//! the project, sorted, each once.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::ids::ConvoyId;
use base::suggestion::nearest;
use base::text;
use findings::changed::Changed;
use findings::patch;
use protocol::layout::Home;
use serde::{Deserialize, Serialize};

use crate::contents::{self, Content};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::file_pattern::{BadPattern, FilePattern, as_text};
use crate::own_files::OwnFiles;
use crate::project::Project;
use crate::project_git::{CommitUnderReview, DiffBase, ProjectGit, Revision, Since, Tree};
use crate::pull_request;

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
    /// The same by the settings of the project: from its top, and of no matter where they
    /// take nothing away.
    pub usual_excludes: Vec<OsString>,
    /// `--diff`; with patterns only changed files that match count.
    pub diff: Option<Diff>,
    /// A commit, instead of the files as they lie in the project.
    pub commit: Option<CommitAsked>,
    /// A pull request, if nothing else is said: its files, by `gh`.
    pub pull_request: Option<String>,
    /// Is it to be told what the files hold?
    pub with_contents: bool,
    /// `--since last`: without what is as it was then.
    pub since: Option<LastLook>,
}

/// What somebody has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastLook {
    pub convoy: ConvoyId,
    pub seen: Vec<Content>,
}

/// Where somebody looks: a look at another place says nothing of this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The work tree, if its files are looked at as they lie there; `None`: a commit is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<EncodedPath>,
    /// The branch that is looked at, or checked out; `None`: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Is it a change that is looked at, or the files as such?
    pub change: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub base: Option<String>,
}

/// `--commit`, `--branch` or a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitAsked {
    pub revision: Revision,
    /// `None`: whatever of it the patterns name.
    pub since: Option<Since>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    pub files: Vec<PathBuf>,
    /// Changed as well, and no regular files: deleted, links, submodules.
    pub not_files: Vec<PathBuf>,
    /// How many of either the settings of the project left out.
    pub left_out: usize,
    /// What changes were counted from.
    pub base: Option<DiffBase>,
    /// The change itself, as a unified diff.
    pub diff: Option<String>,
    /// Where there is a base: the lines that differ from it, of every file.
    pub changed: Option<Vec<Changed>>,
    /// The commit that the files are of; `None`: they lie in the project.
    pub commit: Option<CommitUnderReview>,
    /// What files and `not_files` hold, if that was asked for.
    pub contents: Vec<Content>,
    /// What was left out because somebody has looked at it.
    pub seen: Vec<Content>,
    pub place: Place,
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

impl Candidates {
    fn count(&self) -> usize {
        self.files.len() + self.not_files.len()
    }

    /// Paths of a commit, or of its change: what it does not hold was deleted.
    fn of_commit(paths: Vec<PathBuf>, tree: Tree, root: &Path, own: &OwnFiles) -> Self {
        let files: BTreeSet<PathBuf> = tree.files.into_iter().collect();
        let mut out = Candidates::default();
        let paths: BTreeSet<PathBuf> = paths.into_iter().filter(|path| is_inside(path)).collect();
        for path in paths {
            if own.holds(&root.join(&path)) {
                out.own += 1;
            } else if files.contains(&path) {
                out.files.push(path);
            } else {
                out.not_files.push(path);
            }
        }
        out
    }
}

/// Where the files are taken from.
#[derive(Debug)]
struct Source {
    all: Candidates,
    /// Nothing but what differs from it is taken.
    base: Option<DiffBase>,
    /// Everything there is, where only what differs is taken: a pattern may be of that.
    unchanged: Vec<PathBuf>,
    /// `None`: as the files lie in the project.
    commit: Option<CommitUnderReview>,
}

impl Source {
    fn project(
        git: Option<&ProjectGit<'_>>,
        root: &Path,
        diff: Option<&Diff>,
        own: &OwnFiles,
    ) -> Result<Self, Diagnostic> {
        let (paths, base, unchanged) = match (git, diff) {
            (Some(git), Some(diff)) => {
                let base = git.diff_base(diff.base.as_deref())?;
                (git.changed(&base)?, Some(base), git.files()?)
            }
            (Some(git), None) => (git.files()?, None, Vec::new()),
            (None, Some(_)) => return Err(no_git("--diff", root)),
            (None, None) => (walk(root)?, None, Vec::new()),
        };
        Ok(Source { all: sort_out(root, paths, own)?, base, unchanged, commit: None })
    }

    fn commit(
        git: Option<&ProjectGit<'_>>,
        project: &Project,
        asked: &CommitAsked,
        own: &OwnFiles,
    ) -> Result<Self, Diagnostic> {
        let option = match asked.revision {
            Revision::Commit(_) => "--commit",
            Revision::Branch(_) => "--branch",
        };
        let git = git.ok_or_else(|| no_git(option, &project.root))?;
        let commit = git.find_commit(&asked.revision)?;
        let base = asked.since.as_ref().map(|since| git.base_of(&commit, since)).transpose()?;
        let tree = git.tree(&commit)?;
        let everything = [tree.files.as_slice(), &tree.not_files].concat();
        let (paths, unchanged) = match &base {
            Some(base) => (git.changed_in(&commit, base)?, everything),
            None => (everything, Vec::new()),
        };
        let all = Candidates::of_commit(paths, tree, &project.root, own);
        Ok(Source { all, base, unchanged, commit: Some(commit) })
    }
}

fn no_git(option: &str, root: &Path) -> Diagnostic {
    Diagnostic::new(format!("{option}: {} is not a git project", text::path(root)))
        .hint("say which files: --files 'src/**/*.ts'")
}

/// Expands a selection. Every pattern must match something of the project.
pub(crate) fn select(
    environment: &Environment,
    project: &Project,
    selection: &Selection,
    own: &OwnFiles,
) -> Result<Selected, Vec<Diagnostic>> {
    let one = |problem| vec![problem];
    let Patterns { wanted, unwanted, usual, mut problems } = read_patterns(project, selection);
    let named = !selection.patterns.iter().all(|pattern| pattern.as_bytes().starts_with(b"!"));
    if !named && !problems.is_empty() {
        return Err(problems);
    }
    let plain = !named && selection.diff.is_none() && selection.commit.is_none();
    if plain && selection.pull_request.is_some() {
        return of_pull_request(environment, project, selection, (&unwanted, &usual), own).map_err(one);
    }
    if plain && unwanted.is_empty() {
        return Ok(Selected::default());
    }
    let git = ProjectGit::open(environment, &project.root).map_err(one)?;
    let git = git.as_ref();
    let mut source = match &selection.commit {
        Some(asked) => Source::commit(git, project, asked, own),
        None => Source::project(git, &project.root, selection.diff.as_ref(), own),
    }
    .map_err(one)?;
    let mut unread = Vec::new();
    if source.base.is_none() {
        if git.is_none() {
            unread.clone_from(&source.all.not_files);
        }
        // What is no file is of interest as a change only.
        source.all.not_files.clear();
    }
    let had = source.all.count();
    let chosen = choose(project, &source, &wanted, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let matched = chosen.count();
    let mut selected = leave_out(&chosen, &unwanted, &usual);
    let left = selected.files.len() + selected.not_files.len();
    let base = source.base.as_ref();
    if left == 0 && matched > 0 {
        return Err(one(all_left_out(matched, base, selected.left_out)));
    }
    let mut left = left;
    if selection.with_contents && left > 0 {
        selected.place = place_of(git, project, selection, base.is_some()).map_err(one)?;
        look_at(git, project, &source, selection.since.as_ref(), &mut selected).map_err(one)?;
        left = selected.files.len() + selected.not_files.len();
        if let Some(since) = selection.since.as_ref().filter(|_| left == 0) {
            return Err(one(nothing_since(since)));
        }
    }
    if let (Some(git), Some(base)) = (git, base) {
        if left == 0 {
            return Err(one(nothing(base, source.commit.as_ref(), &selection.patterns)));
        }
        let only = [selected.files.as_slice(), &selected.not_files].concat();
        let narrowed = left < had || source.all.own > 0;
        let only = narrowed.then_some(only.as_slice());
        let (diff, changed) = match &source.commit {
            Some(commit) => {
                let all = || selected.files.iter().map(|path| Changed::whole(path)).collect();
                let lines = git.changed_lines_of(commit, base).map_err(one)?;
                (git.diff_of(commit, base, only).map_err(one)?, lines.unwrap_or_else(all))
            }
            None => (git.diff(base, only).map_err(one)?, git.changed_lines(base).map_err(one)?),
        };
        selected.diff = Some(diff).filter(|diff| !diff.is_empty());
        selected.changed = Some(changed);
    }
    selected.base = source.base;
    if let Some(first) = unread.first() {
        let more = if unread.len() > 1 { format!(" and {} more", unread.len() - 1) } else { String::new() };
        selected.notes.push(format!("cannot be read, and is not reviewed: {}{more}", text::path(first)));
    }
    if source.all.own > 0 {
        let own = source.all.own;
        let files = if own == 1 { "1 file" } else { &format!("{own} files") };
        selected.notes.push(format!("{files} that convoy wrote itself left out"));
    }
    selected.commit = source.commit;
    Ok(selected)
}

/// Tells what the files hold, and leaves out what is as it was at the last look.
fn look_at(
    git: Option<&ProjectGit<'_>>,
    project: &Project,
    source: &Source,
    since: Option<&LastLook>,
    selected: &mut Selected,
) -> Result<(), Diagnostic> {
    let paths: Vec<&PathBuf> = selected.files.iter().chain(&selected.not_files).collect();
    let all = contents::of(git, &project.root, &paths, source.base.as_ref(), source.commit.as_ref())?;
    let known: BTreeSet<&Content> = since.into_iter().flat_map(|since| &since.seen).collect();
    let (seen, new): (Vec<Content>, Vec<Content>) = all.into_iter().partition(|one| known.contains(one));
    let gone: BTreeSet<&Path> = seen.iter().map(|one| one.file.as_path()).collect();
    let is_left = |path: &PathBuf| !gone.contains(path.as_path());
    selected.files.retain(is_left);
    selected.not_files.retain(is_left);
    (selected.contents, selected.seen) = (new, seen);
    Ok(())
}

fn nothing_since(since: &LastLook) -> Diagnostic {
    Diagnostic::new(format!("nothing has changed since the last look ({})", since.convoy))
        .kind(DiagnosticKind::NothingSince)
}

fn place_of(
    git: Option<&ProjectGit<'_>>,
    project: &Project,
    selection: &Selection,
    change: bool,
) -> Result<Place, Diagnostic> {
    let named = match selection.commit.as_ref().map(|asked| &asked.revision) {
        Some(Revision::Branch(name)) => Some(name.clone()),
        Some(Revision::Commit(_)) | None => None,
    };
    let branch = match (named, git) {
        (Some(name), _) => Some(name),
        (None, Some(git)) => git.branch()?,
        (None, None) => None,
    };
    let tree = selection.commit.is_none().then(|| project.root.as_path().into());
    Ok(Place { tree, branch, change })
}

fn nothing(base: &DiffBase, commit: Option<&CommitUnderReview>, patterns: &[OsString]) -> Diagnostic {
    let patterns: Vec<String> = patterns.iter().map(|pattern| text::path(Path::new(pattern))).collect();
    let place = if patterns.is_empty() { String::new() } else { format!(" in {}", patterns.join(" ")) };
    let until = commit.map_or_else(String::new, |commit| format!(" up to {}", commit.shown));
    Diagnostic::new(format!("nothing has changed since {}{until}{place}", base.shown))
        .kind(DiagnosticKind::NothingToReview)
}

/// What was left out was not read: that is no "nothing to review".
fn all_left_out(matched: usize, base: Option<&DiffBase>, by_settings: usize) -> Diagnostic {
    let (what, kind) = match base {
        Some(_) => ("changed files", DiagnosticKind::Unread),
        None => ("files", DiagnosticKind::Usage),
    };
    let problem = Diagnostic::new(format!(
        "all of the {matched} {what} are excluded, so that nothing is left to review"
    ))
    .kind(kind);
    if by_settings == 0 {
        return problem;
    }
    problem.hint(format!(
        "{by_settings} of them by 'exclude' in your settings: pan init --show, pan init --unset exclude"
    ))
}

/// Every file of the project, as `--files .` has them, and its git if it has one.
pub fn all_files<'e>(
    environment: &'e Environment,
    root: &Path,
) -> Result<(Vec<PathBuf>, Option<ProjectGit<'e>>), Diagnostic> {
    let git = ProjectGit::open(environment, root)?;
    let own = OwnFiles::read(&Home::of(environment))?.and_directory(&root.join(crate::own_files::DIRECTORY));
    let files = Source::project(git.as_ref(), root, None, &own)?.all.files;
    Ok((files, git))
}

fn of_pull_request(
    environment: &Environment,
    project: &Project,
    selection: &Selection,
    (unwanted, usual): (&[Wanted], &[Wanted]),
    own: &OwnFiles,
) -> Result<Selected, Diagnostic> {
    let url = selection.pull_request.as_deref().unwrap_or_default();
    let git = ProjectGit::open(environment, &project.root)?;
    let change = pull_request::fetch(environment, git.as_ref(), url)?;
    let all = Candidates::of_commit(change.files, change.tree, &project.root, own);
    let matched = all.count();
    let mut selected = leave_out(&all, unwanted, usual);
    if matched == 0 {
        let message = format!("--pr-url {}: it changes no file", text::visible(url));
        return Err(Diagnostic::new(message).hint("is this the repository of the pull request?"));
    }
    if selected.files.is_empty() && selected.not_files.is_empty() {
        let message = format!("--pr-url {}: every file of it is excluded", text::visible(url));
        return Err(Diagnostic::new(message).kind(DiagnosticKind::Unread));
    }
    match patch::of_patch(change.diff.as_bytes()) {
        Ok(mut changed) => {
            // A file without lines in the diff (binary, too large to show) may be new in all of them.
            let told: BTreeSet<&Path> = changed.iter().map(|one| one.file.as_path()).collect();
            let untold: Vec<Changed> = selected
                .files
                .iter()
                .filter(|path| !told.contains(path.as_path()))
                .map(|path| Changed::whole(path))
                .collect();
            changed.extend(untold);
            selected.changed = Some(changed);
        }
        Err(why) => selected.notes.push(format!("{why}: the gate looks at old findings as well")),
    }
    selected.diff = Some(change.diff).filter(|diff| !diff.is_empty());
    selected.commit = Some(change.commit);
    Ok(selected)
}

/// Sorted, each once: what is a regular file of the project, and what is not.
fn sort_out(root: &Path, paths: Vec<PathBuf>, own: &OwnFiles) -> Result<Candidates, Diagnostic> {
    let mut out = Candidates::default();
    let unique: BTreeSet<PathBuf> = paths.into_iter().collect();
    let mut through_link = HashMap::new();
    for path in unique {
        if !is_inside(&path) {
            continue;
        }
        let full = root.join(&path);
        if let Some(dir) = full.parent()
            && *through_link.entry(dir.to_path_buf()).or_insert_with(|| leads_elsewhere(dir))
        {
            out.not_files.push(path);
            continue;
        }
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

/// Is there a symbolic link on the way to a directory? One that cannot be followed
/// is told of with what is in it.
fn leads_elsewhere(dir: &Path) -> bool {
    dir.canonicalize().is_ok_and(|real| real != dir)
}

/// A path that leads out of the project, as others may tell of it, is none of its files.
fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Deleted, part of a path that is no directory, or not for this user to see:
/// that is not reviewed. Anything else says nothing of the file.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
    )
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("cannot read {}: {error}", text::path(path), error = base::error::reason(&error)))
}

/// Every file below a directory, without following symbolic links, and the
/// directories that may not be read.
fn walk(project: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut out = Vec::new();
    let mut todo = vec![PathBuf::new()];
    while let Some(dir) = todo.pop() {
        let entries = match fs::read_dir(project.join(&dir)) {
            Ok(entries) => entries,
            // What may not be read is not reviewed; the project itself must be readable.
            Err(error) if !dir.as_os_str().is_empty() && is_no_file(&error) => {
                out.push(dir);
                continue;
            }
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
            return Err(Diagnostic::new(format!(
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
#[derive(Debug, Default)]
struct Patterns {
    wanted: Vec<Wanted>,
    unwanted: Vec<Wanted>,
    /// Taken away by the settings of the project.
    usual: Vec<Wanted>,
    problems: Vec<Diagnostic>,
}

fn read_patterns(project: &Project, selection: &Selection) -> Patterns {
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
    let outside =
        || Diagnostic::new(format!("{shown} is outside of the project {}", text::path(&project.root)));
    if given.as_os_str().is_empty() {
        return Err(Diagnostic::new(format!("{option}: an empty pattern")));
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
        Err(error) => Err(Diagnostic::new(format!("{shown}: {error}", error = base::error::reason(&error)))),
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
fn leave_out(chosen: &Candidates, unwanted: &[Wanted], usual: &[Wanted]) -> Selected {
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
