//! The files under review: `--files` patterns, `--exclude` and `--diff`, expanded in
//! the project, or in a commit of it.
//!
//! In the project untracked files count, git-ignored ones do not, nor does what convoy itself wrote.
//! Only regular files are taken, by their own way: a symbolic link, itself or one of
//! the directories before it, could lead out of the project. What
//! has changed and is no regular file (deleted, a link, a submodule) is told apart:
//! it is a change, and nobody can read it as a file. Paths are bytes, relative to
//! the project, sorted, each once.

mod candidates;
mod patterns;
mod source;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::ids::ConvoyId;
use base::text;
use findings::changed::Changed;
use protocol::layout::Home;
use protocol::plan::PrText;
use serde::{Deserialize, Serialize};

use crate::contents::{self, Content};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::own_files::OwnFiles;
use crate::patch;
use crate::project::Project;
use crate::project_git::{CommitUnderReview, DiffBase, ProjectGit, Revision, Since};
use crate::pull_request;

use candidates::Candidates;
use patterns::{Patterns, Wanted, choose, leave_out, read_patterns};
use source::Source;

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

/// What a change consists of.
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
    /// What the pull request says of itself, where it was asked for.
    pub pr_text: Option<PrText>,
    /// What files and `not_files` hold, if that was asked for.
    pub contents: Vec<Content>,
    /// What was left out because somebody has looked at it.
    pub seen: Vec<Content>,
    pub place: Place,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
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
        let narrowed = left < had || source.all.own > 0;
        take_change(git, base, source.commit.as_ref(), narrowed, &mut selected).map_err(one)?;
    }
    selected.base = source.base;
    selected.notes.extend(left_out(&unread, source.all.own));
    selected.commit = source.commit;
    Ok(selected)
}

/// The change itself, of what was selected only where that is not all of it.
fn take_change(
    git: &ProjectGit<'_>,
    base: &DiffBase,
    commit: Option<&CommitUnderReview>,
    narrowed: bool,
    selected: &mut Selected,
) -> Result<(), Diagnostic> {
    let only = [selected.files.as_slice(), &selected.not_files].concat();
    let only = narrowed.then_some(only.as_slice());
    let (diff, changed) = match commit {
        Some(commit) => {
            let all = || selected.files.iter().map(|path| Changed::whole(path)).collect();
            let lines = git.changed_lines_of(commit, base)?;
            (git.diff_of(commit, base, only)?, lines.unwrap_or_else(all))
        }
        None => (git.diff(base, only)?, git.changed_lines(base)?),
    };
    selected.diff = Some(diff).filter(|diff| !diff.is_empty());
    selected.changed = Some(changed);
    Ok(())
}

/// What was not asked to be left out and is: files that may not be read, and `own` ones.
fn left_out(unread: &[PathBuf], own: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if let [first, rest @ ..] = unread {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        notes.push(format!("cannot be read, and is not reviewed: {}{more}", text::path(first)));
    }
    if own > 0 {
        let files = if own == 1 { "1 file" } else { &format!("{own} files") };
        notes.push(format!("{files} that convoy wrote itself left out"));
    }
    notes
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
        .hint("without --since all of it is looked at")
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
        .hint("another base: --diff=BASE; all of some files: --files PATTERN")
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
        return problem.hint("leave fewer out: --exclude, and --files '!…'");
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
        let problem = Diagnostic::new(message).kind(DiagnosticKind::Unread);
        return Err(
            problem.hint("leave fewer out: --exclude, and 'exclude' in your settings (pan init --show)")
        );
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
    selected.pr_text = Some(change.text);
    Ok(selected)
}

#[cfg(test)]
mod tests;
